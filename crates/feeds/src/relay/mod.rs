//! Feeds passed on as they came: transport packets untouched, metadata and all.
//!
//! Each destination has a queue and a thread of its own. One that is slow or away keeps what fits
//! into its queue and sheds the rest, counted; the others do not notice.

mod pass;
mod srt;
mod udp;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use atalaya_model::operation::StreamAddress;
use atalaya_video::Interrupt;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use crate::error::Error;
use crate::faults::Faults;
use crate::transport::PACKET;
pub use pass::{RelayReport, RelaySource, relay};

/// Bytes that go together: seven transport packets, as UDP and SRT take them.
const CHUNK: usize = 7 * PACKET;
/// Bytes that wait for a destination at most: a minute of video at 4 Mb/s.
const ROOM: usize = 32 << 20;
/// How often a wait looks whether it should stop.
const POLL: Duration = Duration::from_millis(50);

/// What became of what was to be passed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RelayStats {
    /// Bytes sent.
    pub bytes: u64,
    /// Bytes shed, because the destination was slow or away.
    pub shed_bytes: u64,
    /// Bytes sent once more, because a connection was lost before they were confirmed.
    pub repeated_bytes: u64,
    /// Connections made (SRT).
    pub connections: u64,
}

#[derive(Default)]
struct Shared {
    stop: Interrupt,
    /// No more comes; what waits is still sent.
    closing: AtomicBool,
    queued: AtomicUsize,
    bytes: AtomicU64,
    shed: AtomicU64,
    repeated: AtomicU64,
    connections: AtomicU64,
    faults: Faults,
}

/// One destination.
pub struct Relay {
    shared: Arc<Shared>,
    name: String,
    /// Less than a chunk.
    rest: Mutex<Vec<u8>>,
    chunks: Option<Sender<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Begins to send to `address`; of SRT it connects, again and again, or waits to be called.
    pub fn to(address: &StreamAddress) -> Result<Self, Error> {
        let shared: Arc<Shared> = Arc::default();
        let name = address.to_string();
        let (chunks, waiting) = unbounded();
        let queue = Queue {
            shared: Arc::clone(&shared),
            waiting,
            again: VecDeque::new(),
        };
        let run: Box<dyn FnOnce() + Send> = match address {
            StreamAddress::Udp(udp) => {
                let sink = udp::Sink::open(udp)?;
                Box::new(move || sink.run(queue))
            }
            StreamAddress::Srt(srt) => {
                let sink = srt::Sink::open(srt, name.clone())?;
                Box::new(move || sink.run(queue))
            }
            StreamAddress::Rtsp { .. } | StreamAddress::Http { .. } => {
                return Err(refused(&name, "can't be sent to; write udp:// or srt://"));
            }
        };
        let thread = std::thread::Builder::new()
            .name("relay".into())
            .spawn(run)
            .map_err(|e| refused(&name, &e.to_string()))?;
        Ok(Self {
            shared,
            name,
            rest: Mutex::default(),
            chunks: Some(chunks),
            thread: Some(thread),
        })
    }

    /// The address, without secrets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Passes bytes on, and never waits.
    pub fn push(&self, bytes: &[u8]) {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        rest.extend_from_slice(bytes);
        let whole = rest.len() - rest.len() % CHUNK;
        for chunk in rest[..whole].chunks(CHUNK) {
            self.offer(chunk);
        }
        rest.drain(..whole);
    }

    fn offer(&self, chunk: &[u8]) {
        let count = chunk.len();
        if self.shared.queued.load(Ordering::Relaxed) + count > ROOM {
            self.shared.shed.fetch_add(count as u64, Ordering::Relaxed);
            return;
        }
        self.shared.queued.fetch_add(count, Ordering::Relaxed);
        if let Some(chunks) = &self.chunks {
            let _ = chunks.send(chunk.to_vec());
        }
    }

    /// Counts so far.
    pub fn stats(&self) -> RelayStats {
        let of = |n: &AtomicU64| n.load(Ordering::Relaxed);
        RelayStats {
            bytes: of(&self.shared.bytes),
            shed_bytes: of(&self.shared.shed),
            repeated_bytes: of(&self.shared.repeated),
            connections: of(&self.shared.connections),
        }
    }

    /// What went wrong since the last call, one line each.
    pub fn take_faults(&self) -> Vec<String> {
        self.shared.faults.take()
    }

    /// Ends what waits for the network, from another thread.
    pub fn interrupt(&self) -> Interrupt {
        self.shared.stop.clone()
    }

    /// Sends what waits, as far as the destination takes it within seconds, and ends.
    pub fn finish(mut self) -> RelayStats {
        self.end();
        let mut stats = self.stats();
        stats.shed_bytes += self.shared.queued.load(Ordering::Relaxed) as u64;
        stats
    }

    fn end(&mut self) {
        let rest = std::mem::take(&mut *self.rest.lock().unwrap_or_else(PoisonError::into_inner));
        if !rest.is_empty() {
            self.offer(&rest);
        }
        self.chunks = None;
        self.shared.closing.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.end();
    }
}

/// What waits for a destination.
struct Queue {
    shared: Arc<Shared>,
    waiting: Receiver<Vec<u8>>,
    /// To be sent before what waits.
    again: VecDeque<Vec<u8>>,
}

/// What is to be done next.
enum Next {
    Chunk(Vec<u8>),
    Nothing,
    End,
}

impl Queue {
    fn next(&mut self) -> Next {
        if self.shared.stop.is_stopped() {
            return Next::End;
        }
        if let Some(chunk) = self.again.pop_front() {
            return Next::Chunk(chunk);
        }
        match self.waiting.recv_timeout(POLL) {
            Ok(chunk) => Next::Chunk(chunk),
            Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }

    /// It is out.
    fn sent(&self, count: usize) {
        self.shared.queued.fetch_sub(count, Ordering::Relaxed);
        self.shared.bytes.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// It can't be sent.
    fn shed(&self, count: usize) {
        self.shared.queued.fetch_sub(count, Ordering::Relaxed);
        self.shared.shed.fetch_add(count as u64, Ordering::Relaxed);
    }

    fn closing(&self) -> bool {
        self.shared.closing.load(Ordering::SeqCst)
    }
}

fn refused(name: &str, cause: &str) -> Error {
    atalaya_video::Error::Link {
        what: name.to_owned(),
        cause: cause.to_owned(),
        remedy: "give another destination",
    }
    .into()
}
