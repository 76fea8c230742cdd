//! Datagrams from a socket to a reader, bounded in bytes.

use std::io::{self, ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use crate::arrivals::Arrivals;
use crate::error::Error;
use crate::record::{ClosedSegment, Recorder};
use crate::transport::{PACKET, header, in_sync, payload};

/// How often a blocked read looks whether it should stop.
const POLL: Duration = Duration::from_millis(50);
/// Room for the largest datagram.
const DATAGRAM: usize = 1 << 16;

/// What the socket's thread and the reader share.
#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    queued: AtomicUsize,
    datagrams: AtomicU64,
    shed: AtomicU64,
}

/// Stops a live feed from another thread.
#[derive(Clone)]
pub struct StopHandle(Arc<Shared>);

impl StopHandle {
    /// The feed gives out what it has, and ends.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

/// What came, and when.
type Datagram = (Vec<u8>, Instant);

/// A listening socket and what comes out of it.
pub(crate) struct Live {
    shared: Arc<Shared>,
    datagrams: Receiver<Datagram>,
    /// Taken while waiting; the next reader begins with it.
    first: Option<Datagram>,
    arrivals: Arc<Mutex<Arrivals>>,
    tee: Tee,
    idle: Duration,
    local: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

/// What was read and has not been judged yet, and where that which may be kept goes.
#[derive(Clone)]
struct Tee(Arc<Mutex<TeeInner>>);

struct TeeInner {
    recorder: Option<Recorder>,
    faults: Vec<String>,
    /// Read, and neither recorded nor dropped.
    pending: Vec<u8>,
    /// Position in the input of the first byte of `pending`.
    base: u64,
}

impl Tee {
    fn new(recorder: Option<Recorder>) -> Self {
        Self(Arc::new(Mutex::new(TeeInner {
            recorder,
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
    /// Binds `address` (`host:port`; a multicast group is joined) and begins to
    /// receive. At most `queue_bytes` wait to be read; what comes beyond is
    /// shed and counted.
    pub(crate) fn listen(
        address: &str,
        queue_bytes: usize,
        idle: Duration,
        recorder: Option<Recorder>,
    ) -> Result<Self, Error> {
        let refused = |error: io::Error| Error::Listen {
            address: address.to_owned(),
            cause: error.to_string(),
        };
        let socket = bind(address).map_err(refused)?;
        socket.set_read_timeout(Some(POLL)).map_err(refused)?;
        let local = socket.local_addr().map_err(refused)?;
        let shared = Arc::new(Shared::default());
        let (sender, datagrams) = unbounded();
        let thread = std::thread::Builder::new()
            .name(format!("udp {local}"))
            .spawn({
                let shared = Arc::clone(&shared);
                move || receive(&socket, &sender, &shared, queue_bytes)
            })
            .map_err(refused)?;
        Ok(Self {
            shared,
            datagrams,
            first: None,
            arrivals: Arc::default(),
            tee: Tee::new(recorder),
            idle,
            local,
            thread: Some(thread),
        })
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    pub(crate) fn stop_handle(&self) -> StopHandle {
        StopHandle(Arc::clone(&self.shared))
    }

    pub(crate) fn stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    /// Datagrams received and shed.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (
            self.shared.datagrams.load(Ordering::Relaxed),
            self.shared.shed.load(Ordering::Relaxed),
        )
    }

    /// Waits until data come; false if the feed was stopped.
    pub(crate) fn wait(&mut self) -> bool {
        while !self.stopped() {
            match self.datagrams.recv_timeout(POLL) {
                Ok(datagram) => {
                    self.first = Some(datagram);
                    return true;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        // What came before the stop is still given out.
        self.first = self.datagrams.try_recv().ok();
        self.first.is_some()
    }

    /// A reader of what comes, which ends when nothing came for a while.
    pub(crate) fn reader(&mut self) -> Box<dyn Read + Send> {
        // Positions of the input begin anew.
        self.arrivals = Arc::default();
        Box::new(LiveReader {
            arrivals: Arc::clone(&self.arrivals),
            position: 0,
            shared: Arc::clone(&self.shared),
            datagrams: self.datagrams.clone(),
            first: self.first.take(),
            tee: self.tee.clone(),
            idle: self.idle,
            current: Vec::new(),
            at: 0,
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
            (closed.unwrap_or_default(), std::mem::take(&mut tee.faults))
        })
    }

    /// What was read before `position` may be kept: it is recorded.
    pub(crate) fn keep_until(&self, position: u64) {
        self.tee.with(|tee| {
            let bytes = tee.before(position);
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
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It ends within a poll; a panic in it has been counted as silence.
            let _ = thread.join();
        }
    }
}

fn bind(address: &str) -> io::Result<UdpSocket> {
    let address = address
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| io::Error::new(ErrorKind::NotFound, "the name has no address"))?;
    match address.ip() {
        IpAddr::V4(group) if group.is_multicast() => {
            let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, address.port()))?;
            socket.join_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED)?;
            Ok(socket)
        }
        IpAddr::V6(group) if group.is_multicast() => {
            let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, address.port()))?;
            socket.join_multicast_v6(&group, 0)?;
            Ok(socket)
        }
        _ => UdpSocket::bind(address),
    }
}

fn receive(socket: &UdpSocket, sender: &Sender<Datagram>, shared: &Shared, queue_bytes: usize) {
    let mut buffer = vec![0; DATAGRAM];
    while !shared.stop.load(Ordering::Relaxed) {
        // Timeouts let us look at `stop`; other errors (a neighbour's ICMP
        // message) say nothing about the next datagram.
        let Ok(n) = socket.recv(&mut buffer) else {
            continue;
        };
        let bytes = payload(&buffer[..n]);
        if bytes.is_empty() {
            continue;
        }
        shared.datagrams.fetch_add(1, Ordering::Relaxed);
        if shared.queued.load(Ordering::Relaxed) + bytes.len() > queue_bytes {
            shared.shed.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        shared.queued.fetch_add(bytes.len(), Ordering::Relaxed);
        if sender.send((bytes.to_vec(), Instant::now())).is_err() {
            return;
        }
    }
}

struct LiveReader {
    shared: Arc<Shared>,
    datagrams: Receiver<Datagram>,
    first: Option<Datagram>,
    arrivals: Arc<Mutex<Arrivals>>,
    /// Of the next byte in the input.
    position: u64,
    tee: Tee,
    idle: Duration,
    current: Vec<u8>,
    at: usize,
}

impl LiveReader {
    /// The next datagram; `None` when none came for a while, or at a stop.
    fn next(&mut self) -> Option<Datagram> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let since = Instant::now();
        while since.elapsed() < self.idle {
            if self.shared.stop.load(Ordering::Relaxed) {
                // What came before the stop is still given out.
                return self.datagrams.try_recv().ok();
            }
            match self.datagrams.recv_timeout(POLL.min(self.idle)) {
                Ok(datagram) => return Some(datagram),
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
            let Some((datagram, at)) = self.next() else {
                return Ok(0);
            };
            self.arrivals
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .datagram(self.position, at);
            self.position += datagram.len() as u64;
            self.shared
                .queued
                .fetch_sub(datagram.len(), Ordering::Relaxed);
            self.tee
                .with(|tee| tee.pending.extend_from_slice(&datagram));
            self.current = datagram;
            self.at = 0;
        }
        let n = buffer.len().min(self.current.len() - self.at);
        buffer[..n].copy_from_slice(&self.current[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
