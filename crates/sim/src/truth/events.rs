//! True events at the zones, by the rule of FORMATS (`atalaya activity`) applied to true
//! positions in the plainest way: every sample against every zone, state by state. It
//! shares nothing with the activity stage that it is there to check.

use crate::world::{Actor, ENTER_AFTER_S, EXIT_AFTER_S, EXIT_MARGIN_M, SAMPLE_S, World, Zone};
use atalaya_model::{Event, EventKind, Micros};

/// Distance of a place from a zone, metres; 0 inside.
fn distance(z: &Zone, at: [f64; 2]) -> f64 {
    let [w, s, e, n] = z.limits;
    let dx = (w - at[0]).max(at[0] - e).max(0.0);
    let dy = (s - at[1]).max(at[1] - n).max(0.0);
    dx.hypot(dy)
}

/// All events of a world, sorted as FORMATS asks.
pub fn events(world: &World) -> Vec<Event> {
    let mut all = Vec::new();
    for actor in &world.actors {
        for zone in &world.layout.zones {
            visits(world, actor, zone, &mut all);
        }
    }
    all.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    all
}

fn visits(world: &World, actor: &Actor, zone: &Zone, out: &mut Vec<Event>) {
    let fixes: Vec<(f64, [f64; 2])> = actor
        .samples
        .iter()
        .enumerate()
        .map(|(k, s)| (actor.t0 + k as f64 * SAMPLE_S, s.at))
        .filter(|(t, _)| *t <= world.options.duration_s + 1e-9)
        .collect();
    let mut say = |kind: EventKind, t: f64, decided: f64, at: [f64; 2]| {
        let (lat, lon) = world.lat_lon(at);
        let time = Micros(world.time_us(t));
        let subject = actor.id.to_string();
        out.push(Event {
            about: None,
            schema: Event::SCHEMA.into(),
            class: None,
            id: Event::id_of(kind, zone.id, &subject, time),
            kind,
            time,
            time_end: None,
            decided_at: Micros(world.time_us(decided)),
            zone: zone.id.into(),
            subjects: vec![subject],
            p: 1.0,
            lat: Some(lat),
            lon: Some(lon),
            reason: format!("truth: {} {} {}", actor.kind.word(), kind.name(), zone.id),
            evidence: Vec::new(),
        });
    };
    let mut inside = false;
    // Since when, and where, the actor has been inside without having arrived yet.
    let mut entering: Option<(f64, [f64; 2])> = None;
    // Since when, and where, the actor has kept beyond the margin.
    let mut beyond: Option<(f64, [f64; 2])> = None;
    for (k, (t, at)) in fixes.iter().enumerate() {
        let d = distance(zone, *at);
        if !inside {
            if d > 0.0 {
                entering = None;
                continue;
            }
            let (since, place) = *entering.get_or_insert((*t, *at));
            if k == 0 {
                inside = true;
                say(EventKind::Appeared, *t, *t, *at);
            } else if t - since >= ENTER_AFTER_S - 1e-9 {
                inside = true;
                say(EventKind::Arrival, since, *t, place);
            }
            if inside {
                entering = None;
            }
            continue;
        }
        if d <= EXIT_MARGIN_M {
            beyond = None;
            continue;
        }
        let (since, place) = *beyond.get_or_insert((*t, *at));
        if t - since >= EXIT_AFTER_S - 1e-9 {
            say(EventKind::Departure, since, *t, place);
            inside = false;
            beyond = None;
        }
    }
    if let (true, Some((t, at))) = (inside, fixes.last()) {
        say(EventKind::Lost, *t, *t, *at);
    }
}

/// The zones as a GeoJSON FeatureCollection with the properties of FORMATS.
pub fn zones_geojson(world: &World) -> String {
    let features: Vec<serde_json::Value> = world
        .layout
        .zones
        .iter()
        .map(|z| {
            serde_json::json!({
                "type": "Feature",
                "properties": {
                    "id": z.id,
                    "name": z.name,
                    "exit_margin_m": EXIT_MARGIN_M,
                    "exit_after_s": EXIT_AFTER_S,
                    "enter_after_s": ENTER_AFTER_S,
                },
                "id": z.id,
                "geometry": {"type": "Polygon", "coordinates": [ring(world, z.limits)]},
            })
        })
        .collect();
    let doc = serde_json::json!({"type": "FeatureCollection", "features": features});
    format!("{doc:#}\n")
}

/// A closed counter-clockwise ring of `[lon, lat]` about a rectangle of local metres.
pub(crate) fn ring(world: &World, limits: [f64; 4]) -> Vec<[f64; 2]> {
    let [w, s, e, n] = limits;
    [[w, s], [e, s], [e, n], [w, n], [w, s]]
        .iter()
        .map(|p| {
            let (lat, lon) = world.lat_lon(*p);
            let round = |v: f64| (v * 1e9).round() / 1e9;
            [round(lon), round(lat)]
        })
        .collect()
}
