//! The world as files.

use super::places::{Place, SITES};
use super::plan::Goods;
use super::play::{Mover, Who, movers, strolls};
use super::seen::Seeing;
use super::{DAY_S, START_US, Weeks};
use crate::rng::Stream;
use atalaya_geo::{LocalPlane, Vector2};
use atalaya_model::Micros;
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// The middle of the world's plane, degrees: the open sea, where no such place is.
const LAT_DEG: f64 = 36.2;
const LON_DEG: f64 = -8.4;
/// Metres beyond the yard from which somebody has left it.
const MARGIN_M: f64 = 10.0;
/// A ground sensor sees so much of what passes, and says so much that is nothing a day.
const SENSOR_SEES: f64 = 0.94;
const SENSOR_FALSE_PER_DAY: f64 = 1.0;

fn time(t: f64) -> String {
    Micros(START_US + (t * 1e6).round() as i64).to_rfc3339()
}

fn lat_lon(plane: &LocalPlane, at: [f64; 2]) -> (f64, f64) {
    let (lat, lon) = plane.to_lat_lon(&Vector2::new(at[0], at[1]));
    (lat.to_degrees(), lon.to_degrees())
}

fn save(dir: &Path, name: &str, text: &str) -> std::io::Result<()> {
    std::fs::write(dir.join(name), text)
}

/// Writes `tracks.csv`, `coverage.csv`, `cues.csv`, `emissions.csv`, `zones.geojson`, and in `truth/` what
/// happened (`visits.csv`), whose tracks are whose (`tracks.csv`) and what was planted (`planted.csv`). `done`
/// hears of each day.
pub fn write_weeks(world: &Weeks, dir: &Path, mut done: impl FnMut(u32)) -> std::io::Result<()> {
    let plane = LocalPlane::new(LAT_DEG.to_radians(), LON_DEG.to_radians());
    std::fs::create_dir_all(dir.join("truth"))?;
    save(dir, "zones.geojson", &zones(&plane))?;
    save(dir, "coverage.csv", &coverage(world, &plane))?;
    save(dir, "emissions.csv", &emissions(world))?;
    let mut planted = String::from("time,what,site,vehicle\n");
    for p in &world.planted {
        let v = p.vehicle.map_or_else(String::new, |v| format!("v{v}"));
        let _ = writeln!(planted, "{},{},{},{v}", time(p.t), p.what, SITES[p.site].id);
    }
    save(dir, "truth/planted.csv", &planted)?;
    let mut out = std::io::BufWriter::new(std::fs::File::create(dir.join("tracks.csv"))?);
    out.write_all(b"time,id,lat,lon,class,sigma_m,feed,length_m,width_m,l,a,b\n")?;
    let mut truth = String::from(
        "arrived,stood,off,departed,site,vehicle,class,kind,pieces,carriers,first_walk,last_walk\n",
    );
    let mut names = String::from("id,vehicle\n");
    let mut cues = Vec::new();
    let r = Stream::new(world.options.seed, "weeks seen");
    let mut seeing = Seeing::new(&world.fleet, r);
    for day in 0..world.options.days {
        let (from, to) = (f64::from(day) * DAY_S, f64::from(day + 1) * DAY_S);
        // Those who are there at any time of the day.
        let mut there: Vec<(usize, Mover)> = Vec::new();
        for v in &world.visits {
            if v.t0 - 120.0 > to || v.t1 + 300.0 < from {
                continue;
            }
            let place = &SITES[v.site];
            let all = movers(v, &world.fleet.all[v.vehicle], place, world.options.seed);
            if (from..to).contains(&v.t0) {
                record(world, v, place, &all, &mut truth);
                cues.extend(crossings(v.site, &all[0]));
            }
            there.extend(all.into_iter().map(|m| (v.site, m)));
        }
        for (i, place) in SITES.iter().enumerate() {
            let walks = strolls(i, place, day, world.options.seed);
            there.extend(walks.into_iter().map(|m| (i, m)));
        }
        for look in world.looks.iter().filter(|l| (from..to).contains(&l.from)) {
            let at_site: Vec<&Mover> = there
                .iter()
                .filter(|(s, m)| *s == look.site && m.from() < look.to && m.to() > look.from)
                .map(|(_, m)| m)
                .collect();
            seeing.look(look, &SITES[look.site], &at_site);
        }
        let mut rows = std::mem::take(&mut seeing.rows);
        rows.sort_by(|a, b| a.t.total_cmp(&b.t).then(a.id.cmp(&b.id)));
        for w in &rows {
            let (lat, lon) = lat_lon(&plane, w.at);
            write!(
                out,
                "{},{},{lat:.7},{lon:.7},{},{},drone{},",
                time(w.t),
                w.id,
                w.class,
                w.sigma_m,
                w.drone + 1
            )?;
            match w.look {
                Some([length, width, l, a, b]) => {
                    writeln!(out, "{length:.2},{width:.2},{l:.1},{a:.1},{b:.1}")?;
                }
                None => writeln!(out, ",,,,")?,
            }
        }
        for n in seeing.names.drain(..) {
            let v = n.vehicle.map_or_else(String::new, |v| format!("v{v}"));
            let _ = writeln!(names, "{},{v}", n.id);
        }
        done(day + 1);
    }
    out.flush()?;
    save(dir, "truth/visits.csv", &truth)?;
    save(dir, "truth/tracks.csv", &names)?;
    save(dir, "cues.csv", &sensed(world, cues))
}

fn zones(plane: &LocalPlane) -> String {
    let mut features = Vec::new();
    for place in &SITES {
        for (name, role, ring) in place.zones() {
            let mut corners: Vec<[f64; 2]> = ring
                .iter()
                .map(|p| {
                    let (lat, lon) = lat_lon(plane, *p);
                    [(lon * 1e8).round() / 1e8, (lat * 1e8).round() / 1e8]
                })
                .collect();
            corners.push(corners[0]);
            features.push(json!({
                "type": "Feature",
                "properties": {
                    "id": format!("{}.{name}", place.id), "site": place.id, "role": role,
                    "exit_margin_m": MARGIN_M,
                },
                "geometry": { "type": "Polygon", "coordinates": [corners] },
            }));
        }
    }
    json!({ "type": "FeatureCollection", "features": features }).to_string() + "\n"
}

fn coverage(world: &Weeks, plane: &LocalPlane) -> String {
    let mut text = String::from("from,to,feed,p_person,p_vehicle,outline\n");
    for l in &world.looks {
        let outline: Vec<String> = SITES[l.site]
            .outline()
            .iter()
            .map(|p| {
                let (lat, lon) = lat_lon(plane, *p);
                format!("{lon:.7} {lat:.7}")
            })
            .collect();
        let _ = writeln!(
            text,
            "{},{},drone{},{},{},{}",
            time(l.from),
            time(l.to),
            l.drone + 1,
            l.p_person,
            l.p_vehicle,
            outline.join(" ")
        );
    }
    text
}

fn emissions(world: &Weeks) -> String {
    let mut text = String::from("from,to,zone,p\n");
    for (site, from, to) in &world.emissions {
        let _ = writeln!(
            text,
            "{},{},{}.hall,0.95",
            time(*from),
            time(*to),
            SITES[*site].id
        );
    }
    text
}

/// When the vehicle came into the yard and stood, and when it drove off and was gone; what was carried.
fn record(world: &Weeks, v: &super::plan::Visit, place: &Place, all: &[Mover], out: &mut String) {
    let car = &all[0];
    let body = world.fleet.all[v.vehicle].body.word();
    let mut arrived = None;
    let mut departed = None;
    let mut t = car.from();
    while t < car.to() {
        let beyond = car.at(t).map_or(f64::MAX, |p| place.beyond_yard(p));
        if beyond <= 0.0 {
            arrived.get_or_insert(t);
            departed = None;
        } else if beyond > MARGIN_M && arrived.is_some() && departed.is_none() {
            departed = Some(t);
        }
        // Nothing changes while it stands.
        let next = car.keys.iter().find(|k| k.0 > t).map_or(t, |k| k.0);
        let stands = car.at(t) == car.at(next);
        t = if stands { next.max(t + 0.1) } else { t + 0.1 };
    }
    let kind = match v.goods {
        _ if v.turns_away => "turned_away",
        Goods::None => "visit",
        Goods::In => "delivery",
        Goods::Out => "shipment",
    };
    let stop = |k: usize| car.keys.get(k).map_or(0.0, |k| k.0);
    let (stood, off) = if v.turns_away {
        (stop(2), stop(3))
    } else {
        (stop(4), stop(5))
    };
    let carried = v.goods != Goods::None;
    let walks: Vec<&Mover> = all
        .iter()
        .filter(|m| carried && m.who == Who::Person && m.keys.len() == 4)
        .collect();
    let opt = |t: Option<f64>| t.map_or_else(String::new, time);
    let first = walks.iter().map(|m| m.from()).reduce(f64::min);
    let last = walks.iter().map(|m| m.to()).reduce(f64::max);
    let _ = writeln!(
        out,
        "{},{},{},{},{},v{},{body},{kind},{},{},{},{}",
        opt(arrived),
        time(stood),
        time(off),
        opt(departed),
        place.id,
        v.vehicle,
        v.pieces,
        v.carriers,
        opt(first),
        opt(last)
    );
}

/// When a vehicle passes the gate's line.
fn crossings(site: usize, car: &Mover) -> Vec<(usize, f64)> {
    let mut out = Vec::new();
    for w in car.keys.windows(2) {
        let ((t0, a), (t1, b)) = (w[0], w[1]);
        let line = -40.0;
        if (a[1] < line) != (b[1] < line) {
            let f = (line - a[1]) / (b[1] - a[1]);
            out.push((site, t0 + f * (t1 - t0)));
        }
    }
    out
}

/// The ground sensors at the gates of the first two sites.
fn sensed(world: &Weeks, crossings: Vec<(usize, f64)>) -> String {
    let mut r = Stream::new(world.options.seed, "weeks sensors");
    let mut all: Vec<(f64, usize, f64)> = Vec::new();
    for (site, t) in crossings {
        if site < 2 && r.unit() < SENSOR_SEES {
            all.push((t + 0.3 * r.unit(), site, r.range(0.7, 0.98)));
        }
    }
    for site in 0..2 {
        for day in 0..world.options.days {
            if r.unit() < SENSOR_FALSE_PER_DAY {
                let t = (f64::from(day) + r.unit()) * DAY_S;
                all.push((t, site, r.range(0.4, 0.9)));
            }
        }
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut text = String::from("time,node,zone,what,p\n");
    for (t, site, p) in all {
        let id = SITES[site].id;
        let _ = writeln!(text, "{},tripwire-{id},{id}.gate,vehicle,{p:.2}", time(t));
    }
    text
}
