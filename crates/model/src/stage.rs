//! What a stage is.

use crate::id::FeedIx;
use crate::time::Micros;
use serde::{Deserialize, Serialize};

/// A value at a moment of event time. The total order of a run is (t, feed, seq).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped<T> {
    /// Event time.
    pub t: Micros,
    /// The feed it came from.
    pub feed: FeedIx,
    /// Number within the feed, from 0.
    pub seq: u64,
    /// The value.
    pub body: T,
}

impl<T> Stamped<T> {
    /// The place in the total order.
    pub fn key(&self) -> (Micros, FeedIx, u64) {
        (self.t, self.feed, self.seq)
    }

    /// Another value at the same place.
    pub fn with<U>(&self, body: U) -> Stamped<U> {
        Stamped {
            t: self.t,
            feed: self.feed,
            seq: self.seq,
            body,
        }
    }
}

/// A snapshot that can't be taken or taken back.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The bytes are not a snapshot of this stage in this version.
    #[error(
        "snapshot of stage {stage} can't be read: {why}; replay from the stored stream instead"
    )]
    Snapshot {
        /// The stage.
        stage: &'static str,
        /// What the decoder said.
        why: String,
    },
}

/// A function of event time: inputs in total order, outputs stamped.
///
/// No wall clock, no I/O, no randomness without a named seed, no iteration over unordered maps:
/// the same inputs give the same outputs, to the byte. One thread runs an instance.
pub trait Stage {
    /// What it takes.
    type In;
    /// What it gives.
    type Out;

    /// Takes one input. Inputs come in the order of [`Stamped::key`].
    fn push(&mut self, input: Stamped<Self::In>, out: &mut Vec<Stamped<Self::Out>>);

    /// No input earlier than `watermark` will come any more.
    fn advance(&mut self, watermark: Micros, out: &mut Vec<Stamped<Self::Out>>);

    /// The state, so that [`Stage::restore`] goes on as if nothing had happened.
    fn snapshot(&self) -> Result<Vec<u8>, StageError>;

    /// Takes a state back.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), StageError>;
}
