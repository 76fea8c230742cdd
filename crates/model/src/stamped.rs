//! Values in the total order of a run.

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
