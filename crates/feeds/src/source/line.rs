//! Bytes on their way from a source to its reader, bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use atalaya_video::Interrupt;
use crossbeam_channel::Sender;

use crate::faults::Faults;

/// How often a wait looks whether it should stop.
pub(crate) const POLL: Duration = Duration::from_millis(50);

/// What came, and when. Without bytes: the connection was lost here.
pub(crate) type Piece = (Vec<u8>, Instant);

/// What a source's thread and its reader share.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) stop: Interrupt,
    pub(crate) queued: AtomicUsize,
    pub(crate) pieces: AtomicU64,
    pub(crate) shed: AtomicU64,
    /// The source has come to its end.
    pub(crate) over: AtomicBool,
    pub(crate) faults: Faults,
}

impl Shared {
    /// Ends when `stop` says so.
    pub(crate) fn stopped_by(stop: &Interrupt) -> Arc<Self> {
        Arc::new(Self {
            stop: stop.clone(),
            ..Self::default()
        })
    }
}

/// A source's end of the queue.
pub(crate) struct Line {
    pub(crate) shared: Arc<Shared>,
    pub(crate) sender: Sender<Piece>,
    pub(crate) room: usize,
}

impl Line {
    pub(crate) fn stopped(&self) -> bool {
        self.shared.stop.is_stopped()
    }

    /// Bytes that came as they are; shed and counted where there is no room. False when nobody
    /// reads any more.
    pub(crate) fn push(&self, bytes: &[u8]) -> bool {
        if bytes.is_empty() {
            return true;
        }
        self.shared.pieces.fetch_add(1, Ordering::Relaxed);
        if self.shared.queued.load(Ordering::Relaxed) + bytes.len() > self.room {
            self.shared.shed.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        self.shared.queued.fetch_add(bytes.len(), Ordering::Relaxed);
        self.sender.send((bytes.to_vec(), Instant::now())).is_ok()
    }

    /// The same of a source that can be made to wait: nothing is shed.
    pub(crate) fn push_waiting(&self, bytes: &[u8]) -> bool {
        while self.shared.queued.load(Ordering::Relaxed) + bytes.len() > self.room {
            if self.stopped() {
                return false;
            }
            std::thread::sleep(POLL);
        }
        !self.stopped() && self.push(bytes)
    }

    /// The connection is lost: what comes next is another stream.
    pub(crate) fn broken(&self) {
        let _ = self.sender.send((Vec::new(), Instant::now()));
    }

    /// The source has come to its end.
    pub(crate) fn over(&self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.broken();
    }

    /// Something to be told.
    pub(crate) fn fault(&self, text: String) {
        self.shared.faults.tell(text);
    }

    /// Waits, unless it is to stop.
    pub(crate) fn pause(&self, how_long: Duration) {
        let until = Instant::now() + how_long;
        while !self.stopped() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(POLL));
        }
    }
}
