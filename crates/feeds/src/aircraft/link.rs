//! A link: messages in from any number of aircraft, frames out to the one that is meant.

use super::{AircraftError, LinkAddress};
use atalaya_mav::{Faults, Key, Message, Reader, stamp_of_unix_us};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Most senders that are told apart on one port; from others nothing is taken.
const MOST_PEERS: usize = 256;
/// Datagrams that are taken at once.
const AT_ONCE: usize = 64;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

enum Socket {
    Udp(UdpSocket, Option<SocketAddr>),
    Tcp(TcpStream),
}

/// An open link.
pub struct AircraftLink {
    name: String,
    socket: Socket,
    key: Option<Key>,
    /// A reader for each sender: one's broken frame is not another's.
    peers: BTreeMap<SocketAddr, Reader>,
    /// Where each aircraft was heard last.
    routes: BTreeMap<u8, SocketAddr>,
}

/// UTC in microseconds. The one look at the clock here: signatures need it.
fn unix_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX))
}

impl AircraftLink {
    /// Opens a link; with a key only what is signed with it is heard.
    pub fn open(name: &str, key: Option<Key>) -> Result<Self, AircraftError> {
        let address = LinkAddress::parse(name)?;
        let fail = |what: String| AircraftError {
            link: name.into(),
            what,
        };
        let unbound = |a: &SocketAddr| -> SocketAddr {
            let any = if a.is_ipv4() {
                IpAddr::V4(Ipv4Addr::UNSPECIFIED)
            } else {
                IpAddr::V6(Ipv6Addr::UNSPECIFIED)
            };
            SocketAddr::new(any, 0)
        };
        let socket = match address {
            LinkAddress::UdpIn(a) => {
                let socket = UdpSocket::bind(a).map_err(|e| {
                    fail(format!(
                        "can't listen ({e}); stop what uses the port, or take another"
                    ))
                })?;
                Socket::Udp(socket, None)
            }
            LinkAddress::UdpOut(a) => {
                let socket = UdpSocket::bind(unbound(&a))
                    .map_err(|e| fail(format!("can't send ({e}); check the network")))?;
                Socket::Udp(socket, Some(a))
            }
            LinkAddress::Tcp(a) => {
                let stream = TcpStream::connect_timeout(&a, CONNECT).map_err(|e| {
                    fail(format!(
                        "can't connect ({e}); check address and port, and that it is switched on"
                    ))
                })?;
                // Small messages that each wait for an answer.
                stream.set_nodelay(true).ok();
                stream.set_write_timeout(Some(CONNECT)).ok();
                Socket::Tcp(stream)
            }
        };
        Ok(Self {
            name: name.into(),
            socket,
            key,
            peers: BTreeMap::new(),
            routes: BTreeMap::new(),
        })
    }

    /// Where it listens, of use when the port was left to the system.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match &self.socket {
            Socket::Udp(s, _) => s.local_addr().ok(),
            Socket::Tcp(s) => s.local_addr().ok(),
        }
    }

    /// Now, in the unit of signatures, for a [`atalaya_mav::Writer`].
    pub fn stamp(&self) -> u64 {
        stamp_of_unix_us(unix_us())
    }

    /// What was received and not passed on, of all senders.
    pub fn faults(&self) -> Faults {
        let mut sum = Faults::default();
        for f in self.peers.values().map(Reader::faults) {
            sum.skipped_bytes += f.skipped_bytes;
            sum.checksum += f.checksum;
            sum.unknown += f.unknown;
            sum.version_1 += f.version_1;
            sum.unsigned += f.unsigned;
            sum.wrong_key += f.wrong_key;
            sum.replayed += f.replayed;
        }
        sum
    }

    fn fail(&self, what: String) -> AircraftError {
        AircraftError {
            link: self.name.clone(),
            what,
        }
    }

    /// Waits so long at most for messages and takes what has come.
    pub fn receive(&mut self, wait: Duration, out: &mut Vec<Message>) -> Result<(), AircraftError> {
        // Nothing would be to wait for ever.
        let mut wait = wait.max(Duration::from_millis(1));
        let mut buffer = [0u8; 2048];
        for _ in 0..AT_ONCE {
            let got = match &mut self.socket {
                Socket::Udp(s, _) => {
                    s.set_read_timeout(Some(wait)).ok();
                    s.recv_from(&mut buffer)
                }
                Socket::Tcp(s) => {
                    s.set_read_timeout(Some(wait)).ok();
                    let peer = s.peer_addr();
                    s.read(&mut buffer).and_then(|n| Ok((n, peer?)))
                }
            };
            match got {
                Ok((0, _)) if matches!(self.socket, Socket::Tcp(_)) => {
                    return Err(self.fail("the other side has closed the connection".into()));
                }
                Ok((n, peer)) => self.take(&buffer[..n], peer, out),
                Err(e) => match e.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return Ok(()),
                    // UDP: nobody listens there yet; keep calling.
                    ErrorKind::ConnectionRefused | ErrorKind::Interrupted => return Ok(()),
                    _ => return Err(self.fail(format!("can't receive ({e})"))),
                },
            }
            wait = Duration::from_millis(1);
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8], peer: SocketAddr, out: &mut Vec<Message>) {
        if self.peers.len() >= MOST_PEERS && !self.peers.contains_key(&peer) {
            return;
        }
        let stamp = stamp_of_unix_us(unix_us());
        let key = &self.key;
        let reader = self
            .peers
            .entry(peer)
            .or_insert_with(|| Reader::new(key.clone()));
        let first = out.len();
        reader.push(bytes, stamp, out);
        for m in &out[first..] {
            self.routes.insert(m.system, peer);
        }
    }

    /// Sends a frame to an aircraft where it was heard last, or to all.
    pub fn send(&mut self, frame: &[u8], to: Option<u8>) -> Result<(), AircraftError> {
        let failed = match &mut self.socket {
            Socket::Tcp(s) => s.write_all(frame).err(),
            Socket::Udp(s, Some(a)) => s.send_to(frame, *a).err(),
            Socket::Udp(s, None) => {
                let known = to.and_then(|n| self.routes.get(&n));
                match known {
                    Some(a) => s.send_to(frame, a).err(),
                    None => self
                        .peers
                        .keys()
                        .filter_map(|a| s.send_to(frame, a).err())
                        .next(),
                }
            }
        };
        match failed {
            None => Ok(()),
            // Datagrams may be lost anyway, so also before they leave; a stream is broken.
            Some(_) if matches!(self.socket, Socket::Udp(..)) => Ok(()),
            Some(e) => Err(self.fail(format!("can't send ({e})"))),
        }
    }
}
