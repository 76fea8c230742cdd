//! MPEG-TS in datagrams, with or without RTP.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use atalaya_model::operation::UdpAddress;
use socket2::{Domain, Protocol, Socket, Type};

use super::line::{Line, POLL};
use super::reorder::Reorder;
use crate::error::Error;
use crate::transport::payload;

/// Room for the largest datagram.
const DATAGRAM: usize = 1 << 16;
/// Datagrams that are taken after a stop, at most: all that the system has kept.
const LAST: usize = 4096;
/// What the system may keep for us while we are busy: a key frame and more. It gives what it allows
/// (`net.core.rmem_max`).
const KEPT: usize = 4 << 20;

pub(super) fn open(udp: &UdpAddress) -> Result<UdpSocket, Error> {
    bind(udp).map_err(|error| Error::Listen {
        address: udp.address.to_string(),
        cause: error.to_string(),
    })
}

fn bind(udp: &UdpAddress) -> io::Result<UdpSocket> {
    let address = udp.address;
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    let group = address.ip().is_multicast();
    if group {
        // Several programs may listen to one group.
        socket.set_reuse_address(true)?;
    }
    // Smaller is no reason to refuse.
    let _ = socket.set_recv_buffer_size(KEPT);
    // A group's own address, so that other groups on the port are not heard (Linux).
    socket.bind(&SocketAddr::into(address))?;
    match address.ip() {
        IpAddr::V4(ip) if group => {
            let interface = udp.interface.unwrap_or(Ipv4Addr::UNSPECIFIED);
            socket.join_multicast_v4(&ip, &interface)?;
        }
        IpAddr::V6(ip) if group => socket.join_multicast_v6(&ip, 0)?,
        _ => {}
    }
    socket.set_read_timeout(Some(POLL))?;
    Ok(socket.into())
}

pub(super) fn run(socket: &UdpSocket, line: &Line) {
    let mut buffer = vec![0; DATAGRAM];
    let mut reorder = Reorder::new();
    while !line.stopped() {
        // Timeouts let us look whether to stop; other errors (a neighbour's ICMP message) say
        // nothing about the next datagram.
        let open = match socket.recv(&mut buffer) {
            Ok(n) => reorder.push(payload(&buffer[..n]), |d| line.push(d)),
            Err(_) => reorder.flush(|d| line.push(d)),
        };
        if !open {
            return;
        }
    }
    // What came before the stop is still the feed's.
    let drained = socket.set_nonblocking(true).is_ok();
    for _ in 0..LAST {
        match socket.recv(&mut buffer) {
            Ok(n) if drained => reorder.push(payload(&buffer[..n]), |d| line.push(d)),
            _ => break,
        };
    }
    reorder.flush(|d| line.push(d));
}
