//! What sensors other than cameras say.

use crate::detection::Class;
use crate::evidence::EvidenceRef;
use crate::time::Micros;
use serde::{Deserialize, Serialize};

/// A wind, as it came with a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleWind {
    /// Metres a second.
    pub speed: f64,
    /// Where it comes from, radians clockwise from north.
    pub from: f64,
    /// Standard deviation of its direction, radians, where it is measured.
    pub sig_h: Option<f64>,
    /// Standard deviation of its elevation, radians, where it is measured.
    pub sig_v: Option<f64>,
}

/// A sample of air, a wind, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GasSample {
    /// Event time.
    pub t: Micros,
    /// Number in the feed, from 1.
    pub number: u64,
    /// Which sensor of the feed.
    pub sensor: String,
    /// Where: longitude, latitude in degrees, height above ground in metres. `None` for a wind alone.
    pub at: Option<[f64; 3]>,
    /// The other end, if it is the mean along a path.
    pub to: Option<[f64; 3]>,
    /// Parts per million by volume; `None` for a wind alone.
    pub ppm: Option<f64>,
    /// The wind.
    pub wind: Option<SampleWind>,
}

/// A ground sensor asks for a look at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cue {
    /// Event time.
    pub t: Micros,
    /// Number of the message in the feed, from 1.
    pub number: u64,
    /// The sensor's id.
    pub node: String,
    /// The object's id, as the sensor has it.
    pub object: String,
    /// What the sensor takes it for.
    pub class: Class,
    /// Probability that there is something.
    pub p: f64,
    /// Longitude, latitude in degrees.
    pub lon_lat: [f64; 2],
    /// Covariance of the place, east and north, row-major, square metres.
    pub cov: [f64; 4],
}

/// A word of a sensor that is not a camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensed {
    /// A sample of air or a wind.
    Gas(GasSample),
    /// A cue.
    Cue(Cue),
}

impl Sensed {
    /// Event time.
    pub fn t(&self) -> Micros {
        match self {
            Self::Gas(g) => g.t,
            Self::Cue(c) => c.t,
        }
    }

    /// The same with another number.
    #[must_use]
    pub fn numbered(mut self, n: u64) -> Self {
        match &mut self {
            Self::Gas(g) => g.number = n,
            Self::Cue(c) => c.number = n,
        }
        self
    }

    /// Number in the feed, from 1.
    pub fn number(&self) -> u64 {
        match self {
            Self::Gas(g) => g.number,
            Self::Cue(c) => c.number,
        }
    }
}

/// What is known of a source of gas at a moment, with the probability of every place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmissionMap {
    /// The feed's id in the operation.
    pub feed: String,
    /// Event time up to which samples are weighed.
    #[serde(with = "crate::time::rfc3339")]
    pub t: Micros,
    /// The first sample that is weighed.
    #[serde(with = "crate::time::rfc3339")]
    pub since: Micros,
    /// The gas, by its formula.
    pub gas: String,
    /// Samples weighed.
    pub samples: u64,
    /// Why nothing can be said, if so.
    pub declined: Option<String>,
    /// Probability that there is a source.
    pub p: f64,
    /// Where it is, if there is one: longitude, latitude in degrees.
    pub lon_lat: Option<[f64; 2]>,
    /// Covariance of that place, east and north, row-major, square metres.
    pub cov: [f64; 4],
    /// Rate, kg/h: 5 %, 50 % and 95 % of its distribution.
    pub rate_kg_h: [f64; 3],
    /// Corners of the map (north-west, north-east, south-east, south-west), longitude, latitude.
    pub corners: [[f64; 2]; 4],
    /// South-west corner of the first square in the operation's local frame, east and north, metres.
    pub origin: [f64; 2],
    /// Side of a square, metres.
    pub side_m: f64,
    /// Squares from west to east.
    pub columns: usize,
    /// Squares from south to north.
    pub rows: usize,
    /// Probability of each square given that there is a source, row by row, south-west first.
    pub squares: Vec<f32>,
    /// Regions that hold 50 % and 90 %: polygons with holes, longitude, latitude.
    pub region50: Vec<Vec<Vec<[f64; 2]>>>,
    /// See `region50`.
    pub region90: Vec<Vec<Vec<[f64; 2]>>>,
    /// The samples that stand out of the background.
    pub evidence: Vec<EvidenceRef>,
}
