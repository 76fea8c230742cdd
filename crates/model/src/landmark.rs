//! A landmark: something whose place is known, shown to us in a picture.

use crate::time::{Micros, rfc3339};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A known place in a picture. It takes away what is constantly wrong with the places of a flight, the
/// part of its position error that no picture can tell among it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Landmark {
    /// Event time of the picture, RFC 3339: to a tenth of a second.
    #[serde(with = "rfc3339")]
    #[schemars(with = "String")]
    pub time: Micros,
    /// Where it stands in it: display pixels from the upper left corner.
    pub pixel: [f64; 2],
    /// Its latitude, degrees.
    pub lat: f64,
    /// Its longitude, degrees.
    pub lon: f64,
    /// Its height over the ground about it, metres: 0 for a kerb, 6 for the ridge of a roof.
    #[serde(default)]
    pub above_m: f64,
    /// How well its place is known, metres per axis (one sigma).
    #[serde(default = "metre")]
    pub sigma_m: f64,
}

fn metre() -> f64 {
    1.0
}

impl Landmark {
    /// The first thing wrong with it: a field, and what to give.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let out =
            |key, v: f64, give| Some((key, format!("{key} = {v} is out of range; give {give}")));
        if !self.pixel.iter().all(|v| (-1e5..=1e5).contains(v)) {
            return Some(("pixel", "pixel is out of range; give display pixels".into()));
        }
        if !(-90.0..=90.0).contains(&self.lat) {
            return out("lat", self.lat, "degrees");
        }
        if !(-180.0..=180.0).contains(&self.lon) {
            return out("lon", self.lon, "degrees");
        }
        if !(-100.0..=1000.0).contains(&self.above_m) {
            return out("above_m", self.above_m, "metres over the ground");
        }
        if !(0.01..=100.0).contains(&self.sigma_m) {
            return out("sigma_m", self.sigma_m, "0.01 to 100 metres");
        }
        None
    }
}

/// What became of a landmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LandmarkFit {
    /// Event time of its picture.
    #[serde(with = "rfc3339")]
    #[schemars(with = "String")]
    pub time: Micros,
    /// How far beside its place the picture had it, metres; `None` when no picture of that time lies on
    /// the ground, or it is beyond the horizon.
    pub off_m: Option<f64>,
    /// It was believed: it lies no further off than the errors stated for the flight can put it.
    pub taken: bool,
    /// Error of the place of the picture's ground there that the flight shares, before and after, metres
    /// per axis (one sigma).
    pub sigma_m: Option<[f64; 2]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_landmark_has_a_place_in_the_picture_and_on_the_ground() {
        let text =
            r#"{"time":"2026-01-01T10:00:00.200Z","pixel":[640,350.5],"lat":40.0,"lon":-3.5}"#;
        let good: Landmark = serde_json::from_str(text).unwrap();
        assert_eq!((good.above_m, good.sigma_m, good.fault()), (0.0, 1.0, None));
        for (change, key) in [
            ((|l| l.lat = 91.0) as fn(&mut Landmark), "lat"),
            (|l| l.lon = f64::NAN, "lon"),
            (|l| l.pixel[1] = f64::INFINITY, "pixel"),
            (|l| l.sigma_m = 0.0, "sigma_m"),
            (|l| l.above_m = 5000.0, "above_m"),
        ] {
            let mut bad = good.clone();
            change(&mut bad);
            assert_eq!(bad.fault().unwrap().0, key);
        }
    }
}
