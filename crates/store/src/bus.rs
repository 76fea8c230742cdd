//! The bus inside the process: what the engine says as it happens, for whoever is listening.
//!
//! Nobody blocks the engine: a subscriber that is too slow loses the oldest messages and is told
//! how many.

use crate::record::{Note, TrackEdit};
use atalaya_model::{
    Alert, Coverage, EmissionMap, Event, FeedStatus, Micros, TimeFault, TrackPoint,
};
use std::sync::Arc;
use tokio::sync::broadcast;

/// What one analysed frame showed.
#[derive(Clone, Debug)]
pub struct LiveFrame {
    /// The feed's id in the operation.
    pub feed: String,
    /// The run.
    pub run: String,
    /// The frame's number in its feed, from 1.
    pub frame: u64,
    /// Event time.
    pub t: Micros,
    /// Presentation time in 90 kHz ticks, unwrapped: the same number as the [`AccessUnit`]'s.
    pub pts_90k: i64,
    /// Width of the picture, pixels.
    pub width: u32,
    /// Height of the picture, pixels.
    pub height: u32,
    /// What it covered on the ground.
    pub coverage: Coverage,
    /// Share of its picture that the authority hides, 0 to 1, where the operation has no-look areas;
    /// 1 is a picture that is not shown at all.
    pub masked: Option<f32>,
    /// Zones outlined on an earlier frame, where they lie in this one: id and display pixels.
    pub drawn: Vec<(String, Vec<[f32; 2]>)>,
    /// The tracks in it.
    pub tracks: Vec<TrackPoint>,
}

/// One coded picture, as it came.
#[derive(Clone, Debug)]
pub struct AccessUnit {
    /// The feed's id in the operation.
    pub feed: String,
    /// The run.
    pub run: String,
    /// Presentation time in 90 kHz ticks, unwrapped.
    pub pts_90k: i64,
    /// A decoder can start here.
    pub key: bool,
    /// The codec string of RFC 6381 (`avc1.640028`) on key frames.
    pub codec: Option<String>,
    /// The bytes, Annex B of ITU-T H.264 (or H.265).
    pub bytes: Vec<u8>,
}

/// What became of a live feed's frames since its run began. A frame is thinned, shed or analysed;
/// an analysed one is passed on unless it is late or early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FeedCounts {
    /// Decoded frames.
    pub frames: u64,
    /// Left out because the operation asks for fewer a second.
    pub thinned: u64,
    /// Shed because analysis was behind.
    pub shed: u64,
    /// Analysed.
    pub analysed: u64,
    /// Analysed, and dropped because the other feeds were past that time already.
    pub late: u64,
    /// Analysed, and dropped because the other feeds were so far behind that time.
    pub early: u64,
    /// Datagrams shed because reading was behind.
    pub datagrams_shed: u64,
    /// Packets and pictures that were damaged.
    pub damaged: u64,
}

impl FeedCounts {
    /// Whether anything is gone that was to be analysed and passed on.
    pub fn has_losses(&self) -> bool {
        self.shed + self.late + self.early + self.datagrams_shed > 0
    }
}

/// What was deleted because its time had come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Purged {
    /// Rows of all tables.
    pub rows: u64,
    /// Segment files.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
}

/// A message of the bus. Cloning is cheap.
#[derive(Clone, Debug)]
pub enum Live {
    /// A feed changed its state, or says again what it is.
    Status {
        /// The feed's id in the operation.
        feed: String,
        /// The run.
        run: String,
        /// Event time.
        t: Micros,
        /// The state.
        status: FeedStatus,
    },
    /// What became of a feed's frames so far; said when it changes, once a second at most.
    Counts {
        /// The feed's id in the operation.
        feed: String,
        /// The run.
        run: String,
        /// Event time.
        t: Micros,
        /// The counts.
        counts: FeedCounts,
    },
    /// A feed's clocks disagree: all that was found so far.
    Clocks {
        /// The feed's id in the operation.
        feed: String,
        /// The run.
        run: String,
        /// Event time.
        t: Micros,
        /// One of each kind at most.
        faults: Vec<TimeFault>,
    },
    /// A frame was analysed.
    Frame(Arc<LiveFrame>),
    /// Something happened.
    Event {
        /// The run.
        run: String,
        /// What.
        event: Arc<Event>,
    },
    /// What is known of a source of gas is estimated anew.
    Emission {
        /// The run.
        run: String,
        /// The estimate, with the probability of every place.
        map: Arc<EmissionMap>,
    },
    /// An aircraft says where it is.
    Aircraft(crate::aircraft::LiveAircraft),
    /// An alert is new, or its state or evidence changed.
    Alert {
        /// The run.
        run: String,
        /// The alert as it is now.
        alert: Arc<Alert>,
    },
    /// A line of the watch log.
    Note(Arc<Note>),
    /// A track was split, merged, or an edit was undone.
    TrackEdit(Arc<TrackEdit>),
    /// Records were deleted because their time had come.
    Purged {
        /// Wall time.
        t: Micros,
        /// How much.
        what: Purged,
    },
    /// A coded picture.
    Video(Arc<AccessUnit>),
}

/// What a subscriber gets.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A message.
    Message(Live),
    /// The subscriber was too slow: so many messages are gone.
    Lost(u64),
}

/// The bus. Clones speak and listen on the same one.
#[derive(Clone, Debug)]
pub struct Bus {
    tx: broadcast::Sender<Live>,
}

impl Default for Bus {
    /// Holds 2048 messages: some seconds of 24 feeds.
    fn default() -> Self {
        Self::new(2048)
    }
}

impl Bus {
    /// A bus that holds up to `capacity` messages for those who are behind.
    pub fn new(capacity: usize) -> Self {
        Self {
            tx: broadcast::Sender::new(capacity.max(1)),
        }
    }

    /// Says `message` to everybody who listens now; never waits. Returns how many listen.
    pub fn publish(&self, message: Live) -> usize {
        self.tx.send(message).unwrap_or(0)
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> Subscription {
        Subscription {
            rx: self.tx.subscribe(),
        }
    }
}

/// A place to hear the bus.
#[derive(Debug)]
pub struct Subscription {
    rx: broadcast::Receiver<Live>,
}

impl Subscription {
    /// The next message, or how many were lost; `None` when nobody can speak any more.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.rx.recv().await {
            Ok(message) => Some(Heard::Message(message)),
            Err(broadcast::error::RecvError::Lagged(n)) => Some(Heard::Lost(n)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// What is there without waiting; `None` when there is nothing.
    pub fn try_next(&mut self) -> Option<Heard> {
        match self.rx.try_recv() {
            Ok(message) => Some(Heard::Message(message)),
            Err(broadcast::error::TryRecvError::Lagged(n)) => Some(Heard::Lost(n)),
            Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purged(rows: u64) -> Live {
        Live::Purged {
            t: Micros(0),
            what: Purged {
                rows,
                ..Purged::default()
            },
        }
    }

    #[test]
    fn a_slow_listener_is_told_what_it_lost_and_nobody_waits() {
        let bus = Bus::new(4);
        let mut slow = bus.subscribe();
        for n in 0..10 {
            assert_eq!(bus.publish(purged(n)), 1);
        }
        assert!(matches!(slow.try_next(), Some(Heard::Lost(6))));
        for n in 6..10 {
            match slow.try_next() {
                Some(Heard::Message(Live::Purged { what, .. })) => assert_eq!(what.rows, n),
                other => panic!("{other:?}"),
            }
        }
        assert!(slow.try_next().is_none());
        drop(slow);
        assert_eq!(bus.publish(purged(0)), 0);
    }
}
