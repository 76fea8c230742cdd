//! What a vehicle looks like from above: size and colour, which name nobody. Persons have no look.

use crate::id::TrackId;
use serde::{Deserialize, Serialize};

/// Size and colour of a vehicle as one camera saw them over a track, with what is not known of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct VehicleLook {
    /// Along the way it drives, metres.
    pub length_m: f32,
    /// Across it, metres.
    pub width_m: f32,
    /// One sigma of length and width, metres.
    pub size_sd_m: [f32; 2],
    /// Its colour; `None` before it was asked, and in pictures without colour.
    pub colour: Option<Colour>,
}

/// A colour as a camera shows it, in the light of the hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Colour {
    /// CIE 1976 L*, a*, b* under D65.
    pub lab: [f32; 3],
    /// One sigma between looks at it: sides, turns, light.
    pub sd: [f32; 3],
    /// How many looks.
    pub n: u32,
}

/// A part of a frame whose colour tracking wants to know: a parallelogram well within a vehicle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColourAsk {
    /// Whose.
    pub track: TrackId,
    /// Its middle, display pixels.
    pub centre: [f32; 2],
    /// From the middle to the middle of its front edge, pixels …
    pub along: [f32; 2],
    /// … and of its left edge.
    pub across: [f32; 2],
}
