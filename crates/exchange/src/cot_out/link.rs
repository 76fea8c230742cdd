//! The thread that owns the socket, and the bounded queue before it.

use super::address::{CotAddress, Transport};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Events that may wait; beyond it the oldest goes.
pub(super) const CAPACITY: usize = 1024;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);
/// Pauses between attempts to connect: doubled from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LAST_PAUSE: Duration = Duration::from_secs(15);
/// How often an idle stream is looked at: the other side may have gone.
const IDLE: Duration = Duration::from_secs(1);
/// How long what is queued may take when the sender is dropped.
pub(super) const FLUSH: Duration = Duration::from_secs(2);

/// What became of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CotStats {
    /// Put into the queue.
    pub accepted: u64,
    /// Given to the network. UDP, and a TCP peer that goes away at that moment, may still lose it.
    pub sent: u64,
    /// Lost: the queue was full, the datagram was refused, or the end came first.
    pub dropped: u64,
    /// Not sent because it has no place on the ground.
    pub unplaced: u64,
    /// There is a link at the moment.
    pub connected: bool,
    /// Links made so far.
    pub connections: u64,
    /// The last thing that went wrong.
    pub last_error: Option<String>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<String>,
    stop: bool,
    done: bool,
    stats: CotStats,
}

/// What the sender and its thread share.
#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Counters and whole strings: nothing can be left half-changed by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a document.
    pub(super) fn push(&self, xml: String) {
        let mut s = self.lock();
        if s.queue.len() >= CAPACITY {
            s.queue.pop_front();
            s.stats.dropped += 1;
        }
        s.queue.push_back(xml);
        s.stats.accepted += 1;
        self.changed.notify_all();
    }

    pub(super) fn count_unplaced(&self) {
        self.lock().stats.unplaced += 1;
    }

    pub(super) fn stats(&self) -> CotStats {
        self.lock().stats.clone()
    }

    /// Asks the thread to send what waits and to end; true when it did so within [`FLUSH`] and a
    /// little.
    pub(super) fn finish(&self) -> bool {
        let mut s = self.lock();
        s.stop = true;
        self.changed.notify_all();
        let patience = FLUSH + Duration::from_secs(1);
        let (s, _) = self
            .changed
            .wait_timeout_while(s, patience, |s| !s.done)
            .unwrap_or_else(PoisonError::into_inner);
        s.done
    }

    /// The next document, or nothing when `patience` is over or the end has come.
    fn next(&self, patience: Duration) -> Option<String> {
        let (mut s, _) = self
            .changed
            .wait_timeout_while(self.lock(), patience, |s| s.queue.is_empty() && !s.stop)
            .unwrap_or_else(PoisonError::into_inner);
        s.queue.pop_front()
    }

    /// Waits for `pause`, or until the end has come.
    fn pause(&self, pause: Duration) {
        let _ = self
            .changed
            .wait_timeout_while(self.lock(), pause, |s| !s.stop);
    }

    fn stopping(&self) -> bool {
        self.lock().stop
    }

    fn failed(&self, why: String) {
        let mut s = self.lock();
        s.stats.connected = false;
        s.stats.last_error = Some(why);
    }

    fn linked(&self) {
        let mut s = self.lock();
        s.stats.connected = true;
        s.stats.connections += 1;
    }

    fn sent(&self) {
        self.lock().stats.sent += 1;
    }
}

/// A socket that is ready.
enum Link {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

/// The thread: links, sends, links again, until it is told to end.
pub(super) fn run(shared: &Shared, address: &CotAddress) {
    let mut link: Option<Link> = None;
    let mut held: Option<String> = None;
    let mut pause = FIRST_PAUSE;
    let mut deadline: Option<Instant> = None;
    loop {
        if shared.stopping() {
            let until = *deadline.get_or_insert_with(|| Instant::now() + FLUSH);
            if Instant::now() >= until {
                break;
            }
        }
        let Some(open) = &mut link else {
            match connect(address) {
                Ok(l) => {
                    shared.linked();
                    link = Some(l);
                    pause = FIRST_PAUSE;
                }
                Err(why) => {
                    shared.failed(why);
                    if shared.stopping() {
                        // Nobody was there before and nobody is there now.
                        break;
                    }
                    shared.pause(pause);
                    pause = (pause * 2).min(LAST_PAUSE);
                }
            }
            continue;
        };
        if held.is_none() {
            held = shared.next(IDLE);
        }
        if let Err(why) = open.look() {
            shared.failed(format!("{address}: {why}"));
            link = None;
            continue;
        }
        let Some(xml) = held.take() else {
            if shared.stopping() {
                break;
            }
            continue;
        };
        match open.send(&xml) {
            Ok(()) => shared.sent(),
            Err(why) => {
                shared.failed(format!("{address}: {why}"));
                link = None;
                match address.transport {
                    // Sent whole over the next link; the other side drops the half it has.
                    Transport::Tcp => held = Some(xml),
                    Transport::Udp => shared.lock().stats.dropped += 1,
                }
            }
        }
    }
    let mut s = shared.lock();
    s.stats.dropped += (s.queue.len() + usize::from(held.is_some())) as u64;
    s.queue.clear();
    s.stats.connected = false;
    s.done = true;
    shared.changed.notify_all();
}

fn connect(address: &CotAddress) -> Result<Link, String> {
    let fail = |e: std::io::Error| format!("{address}: {e}");
    let found: Vec<SocketAddr> = (address.host.as_str(), address.port)
        .to_socket_addrs()
        .map_err(fail)?
        .take(4)
        .collect();
    let mut last = format!("{address}: the name has no address");
    for at in found {
        let made = match address.transport {
            Transport::Udp => udp(at).map(Link::Udp),
            Transport::Tcp => tcp(at).map(Link::Tcp),
        };
        match made {
            Ok(link) => return Ok(link),
            Err(e) => last = fail(e),
        }
    }
    Err(last)
}

fn udp(at: SocketAddr) -> std::io::Result<UdpSocket> {
    let any: SocketAddr = if at.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0u16; 8], 0).into()
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(at)?;
    Ok(socket)
}

fn tcp(at: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&at, CONNECT_TIMEOUT)?;
    // With nobody there, a local port of the ephemeral range can be connected to itself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
    Ok(stream)
}

impl Link {
    /// Finds out whether the other side is still there. A TAK server talks back: what it says is
    /// read and dropped, or its side would fill up and stand still.
    fn look(&mut self) -> std::io::Result<()> {
        let Self::Tcp(stream) = self else {
            return Ok(());
        };
        stream.set_nonblocking(true)?;
        let mut heard = [0u8; 4096];
        // Bounded: a peer that talks without end must not keep events from going out.
        for _ in 0..64 {
            match stream.read(&mut heard) {
                Ok(0) => {
                    return Err(std::io::Error::new(
                        ErrorKind::ConnectionAborted,
                        "the other side closed the connection",
                    ));
                }
                Ok(_) => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        stream.set_nonblocking(false)
    }

    fn send(&mut self, xml: &str) -> std::io::Result<()> {
        match self {
            // A port nobody listens on answers to the datagram before; the next one is tried anyhow.
            Self::Udp(socket) => match socket.send(xml.as_bytes()) {
                Err(e) if e.kind() == ErrorKind::ConnectionRefused => {
                    socket.send(xml.as_bytes()).map(|_| ())
                }
                other => other.map(|_| ()),
            },
            // One write per event; the line break is for people who look at the stream.
            Self::Tcp(stream) => stream.write_all(format!("{xml}\n").as_bytes()),
        }
    }
}
