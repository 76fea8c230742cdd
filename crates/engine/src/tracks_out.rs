//! Tracks as GeoJSON: one feature each, times and covariances as arrays.

use atalaya_model::{Micros, TrackId, TrackPoint, TrackState, VehicleLook};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Seconds between kept points: five a second show a path well, and bound the file.
const STEP_S: f64 = 0.2;

/// Gathers points by track.
#[derive(Default)]
pub struct Tracks {
    tracks: BTreeMap<TrackId, Path>,
}

/// One track.
#[derive(Clone, Debug)]
pub struct Path {
    /// The feed's id.
    pub feed: String,
    /// Kept points in order.
    pub points: Vec<(Micros, TrackPoint)>,
}

impl Tracks {
    /// Takes the points of a frame.
    pub fn push(&mut self, feed: &str, t: Micros, points: &[TrackPoint]) {
        for p in points {
            let path = self.tracks.entry(p.track).or_insert_with(|| Path {
                feed: feed.to_owned(),
                points: Vec::new(),
            });
            let due = path
                .points
                .last()
                .is_none_or(|(last, _)| t.since(*last) >= STEP_S - 1e-6);
            if due || p.state == TrackState::Ended {
                path.points.push((t, p.clone()));
            }
        }
    }

    /// All tracks, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&TrackId, &Path)> {
        self.tracks.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.tracks.len()
    }

    /// None.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// A FeatureCollection.
    pub fn geojson(&self) -> Value {
        let features: Vec<Value> = self.tracks.iter().map(feature).collect();
        json!({ "type": "FeatureCollection", "schema": "tracks/1", "features": features })
    }
}

fn feature((id, path): (&TrackId, &Path)) -> Value {
    let places: Vec<[f64; 2]> = path
        .points
        .iter()
        .filter_map(|(_, p)| p.ground.map(|g| [round(g.lon, 7), round(g.lat, 7)]))
        .collect();
    let geometry = match places.len() {
        0 => Value::Null,
        1 => json!({ "type": "Point", "coordinates": places[0] }),
        _ => json!({ "type": "LineString", "coordinates": places }),
    };
    let list = |f: &dyn Fn(&(Micros, TrackPoint)) -> Value| -> Vec<Value> {
        path.points.iter().map(f).collect()
    };
    let last = path.points.last().map(|(_, p)| p);
    json!({
        "type": "Feature",
        "id": id.to_string(),
        "geometry": geometry,
        "properties": {
            "feed": path.feed,
            "class": last.map(|p| p.class.name()),
            "class_p": last.map(|p| round(f64::from(p.class_p), 3)),
            "look": path.points.iter().rev().find_map(|(_, p)| p.look).map(look),
            "times": list(&|(t, _)| json!(t.to_rfc3339())),
            "frames": list(&|(_, p)| json!(p.frame)),
            "states": list(&|(_, p)| json!(p.state)),
            "boxes": list(&|(_, p)| {
                let b = p.bbox;
                json!([b.x, b.y, b.w, b.h].map(|v| round(f64::from(v), 1)))
            }),
            "cov_random": list(&|(_, p)| json!(p.ground.map(|g| g.cov_random.map(|v| round(v, 3))))),
            "cov_common": list(&|(_, p)| json!(p.ground.map(|g| g.cov_common.map(|v| round(v, 3))))),
            "anchored_px": list(&|(_, p)| json!(p.anchored.map(|a| a.map(|v| round(v, 1))))),
        }
    })
}

fn look(l: VehicleLook) -> Value {
    let to = |digits| move |v: f32| round(f64::from(v), digits);
    json!({
        "length_m": to(2)(l.length_m),
        "width_m": to(2)(l.width_m),
        "size_sd_m": l.size_sd_m.map(to(2)),
        "lab": l.colour.map(|c| c.lab.map(to(1))),
        "lab_sd": l.colour.map(|c| c.sd.map(to(1))),
        "looks": l.colour.map_or(0, |c| c.n),
    })
}

/// Rounded to `digits` decimals: records say no more than is known.
pub fn round(v: f64, digits: i32) -> f64 {
    let k = 10f64.powi(digits);
    (v * k).round() / k
}
