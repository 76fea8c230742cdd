//! A live source's bytes: read, judged, recorded and passed on.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, unbounded};

use crate::arrivals::Arrivals;
use crate::error::Error;
use crate::record::{ClosedSegment, Recorder};
use crate::relay::Relay;
use crate::source::{Line, Opened, Piece, Shared};
use crate::transport::{PACKET, header, in_sync};

/// How often a blocked read looks whether it should stop.
const POLL: Duration = Duration::from_millis(50);
/// Stops a live feed from another thread.
#[derive(Clone)]
pub struct StopHandle(Arc<Shared>);

impl StopHandle {
    /// The feed gives out what it has, and ends; what waits for the network stops waiting.
    pub fn stop(&self) {
        self.0.stop.stop();
    }
}

/// A running source and what comes out of it.
pub(crate) struct Live {
    shared: Arc<Shared>,
    pieces: Receiver<Piece>,
    /// Taken while waiting; the next reader begins with it.
    first: Option<Piece>,
    arrivals: Arc<Mutex<Arrivals>>,
    tee: Tee,
    idle: Duration,
    local: Option<SocketAddr>,
    thread: Option<JoinHandle<()>>,
}

/// What was read and has not been judged yet, and where that which may be kept goes.
#[derive(Clone)]
struct Tee(Arc<Mutex<TeeInner>>);

struct TeeInner {
    recorder: Option<Recorder>,
    /// Where that which may be kept is passed on to.
    relays: Vec<Relay>,
    faults: Vec<String>,
    /// Read, and neither recorded nor dropped.
    pending: Vec<u8>,
    /// Position in the input of the first byte of `pending`.
    base: u64,
}

impl Tee {
    fn new(recorder: Option<Recorder>, relays: Vec<Relay>) -> Self {
        Self(Arc::new(Mutex::new(TeeInner {
            recorder,
            relays,
            faults: Vec::new(),
            pending: Vec::new(),
            base: 0,
        })))
    }

    fn with<T>(&self, act: impl FnOnce(&mut TeeInner) -> T) -> T {
        // A panic elsewhere leaves the recorder as it was: whole packets.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl TeeInner {
    /// Takes the bytes before `position` out of `pending`.
    fn before(&mut self, position: u64) -> Vec<u8> {
        let n = usize::try_from(position.saturating_sub(self.base)).unwrap_or(usize::MAX);
        let n = n.min(self.pending.len());
        self.base += n as u64;
        self.pending.drain(..n).collect()
    }

    fn note(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.faults.push(error.to_string());
        }
    }
}

/// Bytes that may wait to be judged: some ten seconds of video.
const UNJUDGED: usize = 16 << 20;
/// Tables stand within so many packets before the key frame that follows them.
const TABLES: usize = 8;

impl Live {
    /// Starts `source`. At most `queue_bytes` wait to be read; what comes beyond is shed and
    /// counted, unless the source can be made to wait.
    pub(crate) fn start(
        source: Opened,
        queue_bytes: usize,
        idle: Duration,
        recorder: Option<Recorder>,
        relays: Vec<Relay>,
    ) -> Result<Self, Error> {
        let local = source.local();
        let shared = Arc::new(Shared::default());
        let (sender, pieces) = unbounded();
        let line = Line {
            shared: Arc::clone(&shared),
            sender,
            room: queue_bytes,
        };
        let thread = std::thread::Builder::new()
            .name("source".into())
            .spawn(move || source.run(&line))
            .map_err(|error| Error::Listen {
                address: local.map_or_else(String::new, |a| a.to_string()),
                cause: error.to_string(),
            })?;
        Ok(Self {
            shared,
            pieces,
            first: None,
            arrivals: Arc::default(),
            tee: Tee::new(recorder, relays),
            idle,
            local,
            thread: Some(thread),
        })
    }

    /// The address that is listened on, where one is.
    pub(crate) fn local(&self) -> Option<SocketAddr> {
        self.local
    }

    pub(crate) fn stop_handle(&self) -> StopHandle {
        StopHandle(Arc::clone(&self.shared))
    }

    /// It was told to stop, or its source has come to its end.
    pub(crate) fn stopped(&self) -> bool {
        self.shared.stop.is_stopped() || self.is_over()
    }

    /// Nothing more will come.
    fn is_over(&self) -> bool {
        self.shared.over.load(Ordering::SeqCst) && self.pieces.is_empty()
    }

    /// Datagrams (or pieces of a stream) received and shed.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (
            self.shared.pieces.load(Ordering::Relaxed),
            self.shared.shed.load(Ordering::Relaxed),
        )
    }

    /// Waits until data come, or there is a fault to be told; false if the feed was stopped.
    pub(crate) fn wait(&mut self) -> Waited {
        while !self.stopped() {
            match self.pieces.recv_timeout(POLL) {
                // The end of a connection that was taken up before.
                Ok((bytes, _)) if bytes.is_empty() => {}
                Ok(piece) => {
                    self.first = Some(piece);
                    return Waited::Data;
                }
                Err(RecvTimeoutError::Timeout) => {
                    let faults = self.shared.faults.take();
                    if !faults.is_empty() {
                        return Waited::Faults(faults);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Waited::Over,
            }
        }
        // What came before the stop is still given out.
        self.first = self.pieces.try_iter().find(|(bytes, _)| !bytes.is_empty());
        match self.first {
            Some(_) => Waited::Data,
            None => Waited::Over,
        }
    }

    /// A reader of what comes, which ends when nothing came for a while.
    pub(crate) fn reader(&mut self) -> Box<dyn Read + Send> {
        // Positions of the input begin anew.
        self.arrivals = Arc::default();
        Box::new(LiveReader {
            arrivals: Arc::clone(&self.arrivals),
            position: 0,
            shared: Arc::clone(&self.shared),
            pieces: self.pieces.clone(),
            first: self.first.take(),
            tee: self.tee.clone(),
            idle: self.idle,
            current: Vec::new(),
            at: 0,
            ended: false,
        })
    }

    /// When the current reader's input came.
    pub(crate) fn with_arrivals<T>(&self, act: impl FnOnce(&mut Arrivals) -> T) -> T {
        act(&mut self.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Segments that were closed, and faults of recording, since the last call.
    pub(crate) fn take_recorded(&mut self) -> (Vec<ClosedSegment>, Vec<String>) {
        self.tee.with(|tee| {
            let closed = tee.recorder.as_mut().map(Recorder::take_closed);
            let mut faults = std::mem::take(&mut tee.faults);
            faults.extend(tee.relays.iter().flat_map(Relay::take_faults));
            faults.extend(self.shared.faults.take());
            (closed.unwrap_or_default(), faults)
        })
    }

    /// What was read before `position` may be kept: it is recorded.
    pub(crate) fn keep_until(&self, position: u64) {
        self.tee.with(|tee| {
            let bytes = tee.before(position);
            for relay in &tee.relays {
                relay.push(&bytes);
            }
            let result = tee.recorder.as_mut().map_or(Ok(()), |r| r.push(&bytes));
            tee.note(result);
        });
    }

    /// What was read before `position` may not be kept; tables right before it are kept in mind,
    /// for what follows may begin with them.
    pub(crate) fn drop_until(&self, position: u64) {
        self.tee.with(|tee| {
            let n = usize::try_from(position.saturating_sub(tee.base)).unwrap_or(usize::MAX);
            let end = n.min(tee.pending.len());
            let mut tables = (1..=TABLES).filter_map(|back| {
                let at = end.checked_sub(back * PACKET)?;
                let packet = tee.pending.get(at..at + PACKET)?;
                (in_sync(packet) && header(packet).pat).then_some(at)
            });
            let start = tables.next().unwrap_or(end);
            tee.before(tee.base + start as u64);
        });
    }

    /// True when more waits to be judged than may.
    pub(crate) fn is_overfull(&self) -> bool {
        self.tee.with(|tee| tee.pending.len() > UNJUDGED)
    }

    /// Closes the open segment. What has not been judged is left waiting.
    pub(crate) fn close_segment(&self) {
        self.tee.with(|tee| {
            let result = tee.recorder.as_mut().map_or(Ok(()), Recorder::finish);
            tee.note(result);
        });
    }

    /// The stream stopped: what waits is recorded or dropped, and positions begin anew.
    pub(crate) fn end_input(&mut self, keep: bool) {
        if keep {
            self.keep_until(u64::MAX);
        }
        self.close_segment();
        self.tee.with(|tee| {
            tee.pending.clear();
            tee.base = 0;
        });
    }

    /// What waits is read again by the next reader, as if it came now. Gives the number of the
    /// segment that it will be recorded in.
    pub(crate) fn read_again(&mut self) -> u64 {
        let (bytes, next) = self.tee.with(|tee| {
            tee.base = 0;
            let next = tee.recorder.as_ref().map_or(0, Recorder::next_number);
            (std::mem::take(&mut tee.pending), next)
        });
        self.shared.queued.fetch_add(bytes.len(), Ordering::Relaxed);
        self.first = Some((bytes, Instant::now()));
        next
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.shared.stop.stop();
        if let Some(thread) = self.thread.take() {
            // It ends within a poll; a panic in it has been counted as silence.
            let _ = thread.join();
        }
    }
}

/// What waiting came to.
pub(crate) enum Waited {
    /// Data are there.
    Data,
    /// Something has to be told.
    Faults(Vec<String>),
    /// Nothing more will come.
    Over,
}

struct LiveReader {
    shared: Arc<Shared>,
    pieces: Receiver<Piece>,
    first: Option<Piece>,
    arrivals: Arc<Mutex<Arrivals>>,
    /// Of the next byte in the input.
    position: u64,
    tee: Tee,
    idle: Duration,
    current: Vec<u8>,
    at: usize,
    ended: bool,
}

impl LiveReader {
    /// The next piece; `None` when none came for a while, where a connection was lost, or at a stop.
    fn next(&mut self) -> Option<Piece> {
        let piece = self.next_or_loss()?;
        (!piece.0.is_empty()).then_some(piece)
    }

    fn next_or_loss(&mut self) -> Option<Piece> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let since = Instant::now();
        while since.elapsed() < self.idle {
            if self.shared.stop.is_stopped() {
                // What came before the stop is still given out: the source's thread empties its
                // socket, and ends.
                return self.pieces.recv_timeout(POLL * 2).ok();
            }
            match self.pieces.recv_timeout(POLL.min(self.idle)) {
                Ok(piece) => return Some(piece),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }
}

impl Read for LiveReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.current.len() {
            // FFmpeg asks again after an end that it met while it looked for streams.
            let next = if self.ended { None } else { self.next() };
            let Some((piece, at)) = next else {
                self.ended = true;
                return Ok(0);
            };
            self.arrivals
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .datagram(self.position, at);
            self.position += piece.len() as u64;
            self.shared.queued.fetch_sub(piece.len(), Ordering::Relaxed);
            self.tee.with(|tee| tee.pending.extend_from_slice(&piece));
            self.current = piece;
            self.at = 0;
        }
        let n = buffer.len().min(self.current.len() - self.at);
        buffer[..n].copy_from_slice(&self.current[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
