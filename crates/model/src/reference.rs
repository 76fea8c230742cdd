//! Registration to a reference: a picture of the ground whose place is known.

use crate::time::{Micros, rfc3339};
use atalaya_geo::{Homography, Vector2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A question where the next frame lies over the reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReferenceAsk {
    /// About where: display pixels of the frame analysed before to metres east and north on the ground.
    pub guess: Homography,
    /// Metres east and north on the ground to columns and rows of the reference.
    pub to_reference: Homography,
    /// How far beside that it may lie, metres.
    pub reach_m: f64,
}

/// What of a frame was found on the reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReferenceMatch {
    /// Display pixels of the frame and what is shown there: metres east and north on the ground. These
    /// agree with each other; empty when nothing can be said.
    pub points: Vec<(Vector2<f64>, Vector2<f64>)>,
    /// Parts of the frame that were looked for: those with anything to be recognised by, once the frame as a
    /// whole was found anywhere.
    pub tried: u32,
    /// How far the points lie from where the others say, metres per axis (root mean square).
    pub rms_m: f64,
}

/// What became of a look at the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceFit {
    /// Event time of the frame.
    #[serde(with = "rfc3339")]
    #[schemars(with = "String")]
    pub time: Micros,
    /// Parts of the frame that were found, in agreement with each other; 0: it was not recognised.
    pub found: u32,
    /// Parts that were looked for: those with anything to be recognised by; 0 where the frame as a whole was
    /// found nowhere.
    pub tried: u32,
    /// How far beside the reference the middle of the frame was, metres, with what was known by then;
    /// `None` when it was not recognised.
    pub off_m: Option<f64>,
    /// It was believed: it lies no further off than the errors stated for flight and reference can put it.
    pub taken: bool,
    /// Error of the place of the frame's middle that the flight shares, before and after, metres per axis
    /// (one sigma).
    pub sigma_m: Option<[f64; 2]>,
}
