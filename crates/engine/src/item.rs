//! What goes through the junction.

use crate::pipeline::Analysed;
use atalaya_model::{Micros, Sensed};

/// An analysed frame, or a word of a sensor that is not a camera.
#[derive(Clone, Debug)]
pub enum Item {
    /// A frame.
    Frame(Box<Analysed>),
    /// A sample or a cue.
    Sensed(Box<Sensed>),
}

impl Item {
    /// Event time.
    pub fn t(&self) -> Micros {
        match self {
            Self::Frame(a) => a.t,
            Self::Sensed(s) => s.t(),
        }
    }

    /// Number in the feed, from 1.
    pub fn number(&self) -> u64 {
        match self {
            Self::Frame(a) => a.frame,
            Self::Sensed(s) => s.number(),
        }
    }
}
