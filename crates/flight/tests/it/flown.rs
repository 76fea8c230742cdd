//! A hundred random places with fences and hills: what is certified is flown, and keeps what was
//! promised; what is refused is flown too, and seen to break it.

use crate::pilot::{Airframe, Day, Met, fly};
use crate::world::{self, Hills};
use atalaya_flight::qgc::PlanFile;
use atalaya_flight::{
    Certificate, Flight, PlanError, Task, candidates, certify, direct_flight, plan,
};
use atalaya_geo::LocalPlane;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const FRAME: Airframe = Airframe {
    airspeed: 20.0,
    bank_deg: 35.0,
    climb: 3.0,
    sink: 3.0,
};

struct World {
    ground: Hills,
    task: Task,
    origin: (f64, f64),
}

fn random_world(seed: u64) -> World {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let lat: f64 = rng.random_range(-50.0..50.0);
    let lon: f64 = rng.random_range(-170.0..170.0);
    let plane = LocalPlane::new(lat.to_radians(), lon.to_radians());
    let ground = Hills {
        plane,
        plain_m: rng.random_range(0.0..1200.0),
        hills: (0..rng.random_range(0..4))
            .map(|_| {
                let mut at = || rng.random_range(-4000.0..4000.0);
                let (e, n) = (at(), at());
                [
                    e,
                    n,
                    rng.random_range(50.0..400.0),
                    rng.random_range(300.0..1200.0),
                ]
            })
            .collect(),
    };
    let half = rng.random_range(2500.0..5000.0);
    let area: Vec<(f64, f64)> = (0..8)
        .map(|i| {
            let a = std::f64::consts::TAU * f64::from(i) / 8.0;
            let r = half * rng.random_range(0.8..1.2);
            (r * a.cos(), r * a.sin())
        })
        .collect();
    let home = (
        rng.random_range(-0.6..0.6) * half,
        rng.random_range(-0.6..0.6) * half,
    );
    let wind = rng.random_range(0.0..8.0);
    let mut more = format!(
        "standoff_m = {:.0}.0\ntakeoff_above_m = 120.0\nwind = {{ speed_m_s = {wind:.1}, warmer_k = 10.0 }}\n",
        rng.random_range(200.0..900.0)
    );
    for i in 0..rng.random_range(1..6) {
        let (e, n): (f64, f64) = (
            rng.random_range(-0.7..0.7) * half,
            rng.random_range(-0.7..0.7) * half,
        );
        if (e - home.0).hypot(n - home.1) < 700.0 {
            continue;
        }
        let r: f64 = rng.random_range(80.0..500.0);
        let corners: Vec<(f64, f64)> = (0..5)
            .map(|k| {
                let a = std::f64::consts::TAU * f64::from(k) / 5.0;
                (e + r * a.cos(), n + r * a.sin())
            })
            .collect();
        more += &format!(
            "[[plan.no_fly]]\nname = \"village {i}\"\npolygon = {}\n",
            world::ring(&plane, &corners)
        );
    }
    let operation = world::operation(&plane, &area, &[world::square(0.0, 0.0, 30.0)]);
    let task = world::task(&operation, &world::aircraft(&plane, home, &more), &ground);
    World {
        ground,
        task,
        origin: (lat, lon),
    }
}

/// Of the errors that the certificate allows for (`tracking_m` 20, `height_error_m` 15) this much is
/// error of position and height, which no pilot sees; it always points to the nearest fence and down.
const POSITION_M: f64 = 10.0;
const HEIGHT_M: f64 = 13.0;

impl Met {
    fn or(self, other: Self) -> Self {
        let fence = if self.fence < other.fence {
            self
        } else {
            other
        };
        let ground = if self.ground < other.ground {
            self
        } else {
            other
        };
        Self {
            fence: fence.fence,
            item: fence.item,
            ground: ground.ground,
            ground_item: ground.ground_item,
            ended: self.ended && other.ended,
            loiter: [
                self.loiter[0].max(other.loiter[0]),
                self.loiter[1].min(other.loiter[1]),
            ],
        }
    }
}

/// A plan flown on a day.
fn flown(w: &World, text: &str, day: Day) -> Met {
    let mut met = fly(text, w.origin, FRAME, day, &|e, n| w.ground.at(e, n));
    met.fence -= POSITION_M;
    met.ground -= HEIGHT_M;
    met
}

/// Two kinds of autopilot, winds all round and none, guidance quick and slow, prompt and late.
fn days(w: &World) -> impl Iterator<Item = Day> + '_ {
    (0..18).map(|i| {
        let a = std::f64::consts::TAU * f64::from(i % 9) / 8.0;
        let speed = if i % 9 == 8 {
            0.0
        } else {
            w.task.wind.speed_m_s
        };
        let widens = i < 9;
        Day {
            wind: [speed * a.sin(), speed * a.cos()],
            widens,
            accepts: [0.25, 1.0, 0.6][i as usize % 3],
            period: [17.0, 22.0, 13.0, 25.0][i as usize % 4],
            late_s: [0.0, 0.8][i as usize % 2],
            climbs_late_s: [0.0, 6.0][i as usize % 2],
            field: [None, None, Some(4.0)][i as usize % 3],
            warmer_k: if widens { 10.0 } else { 0.0 },
            heading: 2.0 * a,
        }
    })
}

/// Looks for the worst day that the envelope allows: by chance, then around the worst.
fn adversary(w: &World, text: &str, seed: u64, tries: usize, done: impl Fn(&Met) -> bool) -> Met {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let need = &w.task.aircraft.plan;
    let badness = |m: &Met| (m.fence - need.fence_margin_m).min(m.ground - need.terrain_margin_m);
    let by_chance = |rng: &mut ChaCha8Rng| {
        let a = rng.random_range(0.0..std::f64::consts::TAU);
        let speed = w.task.wind.speed_m_s * rng.random_range(0.0f64..1.0).sqrt();
        Day {
            wind: [speed * a.sin(), speed * a.cos()],
            widens: rng.random_bool(0.5),
            accepts: rng.random_range(0.0..1.0),
            period: rng.random_range(10.0..25.0),
            late_s: rng.random_range(0.0..1.0),
            climbs_late_s: rng.random_range(0.0..20.0),
            field: rng.random_bool(0.5).then(|| rng.random_range(1.0..10.0)),
            warmer_k: rng.random_range(0.0..10.0),
            heading: rng.random_range(0.0..std::f64::consts::TAU),
        }
    };
    let mut all: Option<Met> = None;
    let mut best: Option<(f64, Day)> = None;
    for i in 0..tries {
        let mut day = by_chance(&mut rng);
        if let (Some((_, b)), true) = (best, i > tries / 2) {
            let near = |x: f64, y: f64| 0.8 * x + 0.2 * y;
            day = Day {
                wind: [near(b.wind[0], day.wind[0]), near(b.wind[1], day.wind[1])],
                widens: b.widens,
                accepts: near(b.accepts, day.accepts),
                period: near(b.period, day.period),
                late_s: near(b.late_s, day.late_s),
                climbs_late_s: near(b.climbs_late_s, day.climbs_late_s),
                field: b.field.map(|g| near(g, day.field.unwrap_or(g))),
                warmer_k: near(b.warmer_k, day.warmer_k),
                heading: near(b.heading, day.heading),
            };
        }
        let met = flown(w, text, day);
        if best.is_none_or(|(bad, _)| badness(&met) < bad) {
            best = Some((badness(&met), day));
        }
        let worst = all.map_or(met, |a| a.or(met));
        all = Some(worst);
        if done(&worst) {
            break;
        }
    }
    all.unwrap()
}

/// Refused for room, by how much at the most: what a pilot can be seen to break.
fn lacking(c: &Certificate) -> Option<f64> {
    c.refusals
        .iter()
        .filter(|r| r.what.contains("too near the"))
        .filter_map(|r| r.by_m)
        .reduce(f64::max)
}

/// One flight that was certified or refused, and what its pilots met.
struct Case {
    words: String,
    /// Certified; else refused for room by so many metres, where it was for room.
    certified: bool,
    lacking: Option<f64>,
    /// Certified and kept on every day; refused and seen to be broken.
    as_said: bool,
}

fn case(w: &World, kind: &str, seed: u64, c: &Certificate, f: &Flight, tries: usize) -> Case {
    let text = PlanFile::new(&w.task, f).unwrap().write();
    let need = &w.task.aircraft.plan;
    let usual = days(w).map(|d| flown(w, &text, d)).reduce(Met::or).unwrap();
    let breaks =
        |m: &Met| m.fence < need.fence_margin_m || m.ground < need.terrain_margin_m || !m.ended;
    let (met, as_said) = if c.ok {
        let met = usual.or(adversary(w, &text, seed, tries / 2, |_| false));
        let kept = met.fence >= c.margin_m.fence - 0.1
            && met.ground >= c.margin_m.terrain.unwrap() - 0.1
            && met.ended;
        (met, kept && !breaks(&met))
    } else if breaks(&usual) {
        (usual, true)
    } else {
        let met = usual.or(adversary(w, &text, seed, tries, breaks));
        (met, breaks(&met))
    };
    Case {
        words: format!("{kind} {seed}: {met:?}, {:?} {:?}", c.margin_m, c.refusals),
        certified: c.ok,
        lacking: lacking(c),
        as_said,
    }
}

/// For each place the planner's flight, and one drawn by hand on an orbit by chance.
fn cases(seeds: std::ops::Range<u64>, tries: usize) -> Vec<Case> {
    use rayon::prelude::*;
    seeds
        .into_par_iter()
        .flat_map_iter(|seed| {
            let w = random_world(seed);
            let orbits = candidates(&w.task);
            let drawn = direct_flight(&w.task, orbits[(seed as usize * 7919) % orbits.len()]);
            let mut flights = vec![("drawn", certify(&w.task, &drawn), drawn)];
            match plan(&w.task) {
                Ok(p) => flights.push(("planned", p.certificate, p.flight)),
                Err(PlanError::Refused {
                    certificate,
                    flight,
                }) => {
                    flights.push(("best", *certificate, *flight));
                }
                Err(PlanError::NoOrbit { .. }) => {}
            }
            flights
                .iter()
                .map(|(kind, c, f)| case(&w, kind, seed, c, f, tries))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Flies them, prints the sums, and holds the certificates to their word.
fn hold_to_their_word(cases: &[Case]) {
    let certified: Vec<_> = cases.iter().filter(|c| c.certified).collect();
    let broken: Vec<_> = certified.iter().filter(|c| !c.as_said).collect();
    let refused: Vec<_> = cases
        .iter()
        .filter(|c| !c.certified && c.lacking.is_some())
        .collect();
    let seen = refused.iter().filter(|c| c.as_said).count();
    println!(
        "{} flights: {} certified, {} of them broken; {} refused for room, {seen} of them seen to break it; {} refused for something else",
        cases.len(),
        certified.len(),
        broken.len(),
        refused.len(),
        cases.len() - certified.len() - refused.len(),
    );
    for (from, to) in [
        (0.0, 25.0),
        (25.0, 50.0),
        (50.0, 100.0),
        (100.0, 150.0),
        (150.0, 1e9),
    ] {
        let within: Vec<_> = refused
            .iter()
            .filter(|c| c.lacking.is_some_and(|l| l >= from && l < to))
            .collect();
        let seen = within.iter().filter(|c| c.as_said).count();
        println!(
            "  refused by {from} to {to} m: {}, seen {seen}",
            within.len()
        );
    }
    for c in &refused {
        if !c.as_said {
            println!("unseen {}", c.words);
        }
    }
    let broken: Vec<_> = broken.iter().map(|c| &c.words).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(certified.len() * 2 >= cases.len() && !refused.is_empty());
}

#[test]
fn no_certified_plan_breaks_its_promise_and_refused_ones_do() {
    hold_to_their_word(&cases(0..100, 6));
}

#[test]
#[ignore = "takes minutes with many places; name those never looked at before (ATALAYA_PLACES=FROM..TO)"]
fn fresh_places() {
    let range = std::env::var("ATALAYA_PLACES").unwrap_or_else(|_| "100..106".into());
    let (from, to) = range.split_once("..").unwrap();
    hold_to_their_word(&cases(from.parse().unwrap()..to.parse().unwrap(), 200));
}
