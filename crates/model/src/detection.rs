//! What vision says about a frame.

use crate::id::TrackId;
use crate::reference::{ReferenceAsk, ReferenceMatch};
use crate::time::Micros;
use atalaya_geo::Homography;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An upright box in display pixels; x, y is the top-left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PixelBox {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl PixelBox {
    /// Centre.
    pub fn centre(&self) -> (f32, f32) {
        (self.x + 0.5 * self.w, self.y + 0.5 * self.h)
    }

    /// Area, px².
    pub fn area(&self) -> f32 {
        self.w.max(0.0) * self.h.max(0.0)
    }

    /// Area shared with `other`, px².
    pub fn overlap(&self, other: &Self) -> f32 {
        let w = (self.x + self.w).min(other.x + other.w) - self.x.max(other.x);
        let h = (self.y + self.h).min(other.y + other.h) - self.y.max(other.y);
        w.max(0.0) * h.max(0.0)
    }

    /// Intersection over union.
    pub fn iou(&self, other: &Self) -> f32 {
        let shared = self.overlap(other);
        let all = self.area() + other.area() - shared;
        if all > 0.0 { shared / all } else { 0.0 }
    }
}

/// What kind of thing it is. Numbers as in the MOT rows of `atalaya detect`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Not known.
    #[default]
    Unknown,
    /// A person.
    Person,
    /// A car.
    Car,
    /// A pickup.
    Pickup,
    /// A truck.
    Truck,
    /// Something else that moves.
    Other,
}

impl Class {
    /// All, by their numbers.
    const ALL: [Self; 6] = [
        Self::Unknown,
        Self::Person,
        Self::Car,
        Self::Pickup,
        Self::Truck,
        Self::Other,
    ];

    /// The number in MOT rows.
    pub fn number(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Person => 1,
            Self::Car => 2,
            Self::Pickup => 3,
            Self::Truck => 4,
            Self::Other => 5,
        }
    }

    /// The class of a number on the command line.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Person => "person",
            Self::Car => "car",
            Self::Pickup => "pickup",
            Self::Truck => "truck",
            Self::Other => "other",
        }
    }

    /// A car, pickup or truck.
    pub fn is_vehicle(self) -> bool {
        matches!(self, Self::Car | Self::Pickup | Self::Truck)
    }
}

/// A box in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Where.
    pub bbox: PixelBox,
    /// 0 to 1.
    pub score: f32,
    /// What, as far as a single frame tells.
    pub class: Class,
}

/// How a frame lies over the one analysed before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Registration {
    /// Pixels of this frame to pixels of the previous one.
    pub to_previous: Homography,
    /// Share of the tried points that agree with it, 0 to 1.
    pub inliers: f32,
    /// Root mean square residual of those, pixels.
    pub rms_px: f32,
}

/// A place to keep an eye on: a track that has stopped, which differences no longer show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watch {
    /// The track.
    pub track: TrackId,
    /// Where it was in the frame analysed before.
    pub bbox: PixelBox,
    /// It was detected there: what is remembered of it is to be renewed from that frame.
    pub detected: bool,
    /// It has stood for a while: its place is better known than its look.
    pub parked: bool,
}

/// What became of a [`Watch`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hold {
    /// The track.
    pub track: TrackId,
    /// Where its picture was found.
    pub bbox: PixelBox,
    /// Likeness to its remembered picture, -1 to 1.
    pub likeness: f32,
}

/// A move to be proven or refuted by the pictures themselves: a mover takes its look along and leaves
/// the ground behind, leaves and shadows don't.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Whose move: echoed in the verdict.
    pub key: u32,
    /// Event time of the earlier frame.
    pub then: Micros,
    /// Where it was in that frame.
    pub was: PixelBox,
    /// Where it is in the frame analysed before.
    pub is: PixelBox,
}

/// What the pictures say of a [`Trial`]. Likenesses are normalised correlations, -1 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Whose move.
    pub key: u32,
    /// Likeness of its earlier look to the picture where it is said to be now.
    pub moved: f32,
    /// Likeness of its earlier look to the same ground now.
    pub stayed: f32,
}

/// A question how far something reaches in the picture that moves over the ground: of one colour, it differs from
/// what was there before at its ends only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutlineAsk {
    /// Whose outline: echoed in the answer.
    pub key: u32,
    /// Event time of the earlier frame to compare with.
    pub then: Micros,
    /// Where something of it is in the frame analysed before.
    pub seed: PixelBox,
    /// How far it may reach beyond the seed, pixels.
    pub reach: f32,
    /// How far it has gone over the ground since, right and down, pixels of the frame analysed before.
    pub gone: [f32; 2],
}

/// What an [`OutlineAsk`] found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outline {
    /// Whose outline.
    pub key: u32,
    /// All that has gone the same way, in the frame analysed before.
    pub bbox: PixelBox,
}

/// A question how the picture lies over one that was kept from another point of view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TieAsk {
    /// The kept picture.
    pub key: u32,
    /// About where: pixels of the frame analysed before to pixels of the kept one.
    pub guess: Homography,
}

/// How a frame lies over a kept picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tie {
    /// The kept picture.
    pub key: u32,
    /// Pixels of this frame to pixels of the kept one.
    pub to_key: Homography,
    /// Share of the tried points that agree with it, 0 to 1.
    pub inliers: f32,
}

/// What tracking asks of vision with the next frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attention {
    /// What has stopped.
    pub watches: Vec<Watch>,
    /// What seems to move.
    pub trials: Vec<Trial>,
    /// What moves and how far it reaches.
    pub outlines: Vec<OutlineAsk>,
    /// Pictures to keep, by number; a new number means the frame analysed before.
    pub keys: Vec<u32>,
    /// Which of them to compare the next frame with.
    pub ties: Vec<TieAsk>,
    /// Where to look for the next frame on the reference.
    pub reference: Option<ReferenceAsk>,
}

/// All that vision says about one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameReport {
    /// The frame's number in its feed.
    pub frame: u64,
    /// How it lies over the previous one; `None` for the first frame, after a cut, or when too
    /// few points agree.
    pub registration: Option<Registration>,
    /// What moves.
    pub detections: Vec<Detection>,
    /// What stands still and was watched.
    pub holds: Vec<Hold>,
    /// What became of the trials.
    pub verdicts: Vec<Verdict>,
    /// How far what moves reaches.
    pub outlines: Vec<Outline>,
    /// How it lies over kept pictures.
    pub ties: Vec<Tie>,
    /// What of it was found on the reference, when that was asked.
    pub reference: Option<ReferenceMatch>,
}
