//! Datagrams to a machine or a multicast group.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use atalaya_model::operation::UdpAddress;

use super::{Next, Queue, refused};
use crate::error::Error;

pub(super) struct Sink {
    socket: UdpSocket,
    to: SocketAddr,
}

impl Sink {
    pub(super) fn open(udp: &UdpAddress) -> Result<Self, Error> {
        let to = udp.address;
        let any: IpAddr = match to.ip() {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let open = || -> std::io::Result<UdpSocket> {
            let socket = UdpSocket::bind((any, 0))?;
            let options = socket2::SockRef::from(&socket);
            if let Some(interface) = &udp.interface {
                options.set_multicast_if_v4(interface)?;
            }
            if let Some(ttl) = udp.ttl {
                if to.ip().is_multicast() && to.is_ipv4() {
                    options.set_multicast_ttl_v4(u32::from(ttl))?;
                } else if to.is_ipv4() {
                    options.set_ttl_v4(u32::from(ttl))?;
                }
            }
            Ok(socket)
        };
        match open() {
            Ok(socket) => Ok(Self { socket, to }),
            Err(e) => Err(refused(&format!("udp://{to}"), &e.to_string())),
        }
    }

    pub(super) fn run(self, mut queue: Queue) {
        loop {
            match queue.next() {
                Next::Chunk(chunk) => match self.socket.send_to(&chunk, self.to) {
                    Ok(_) => queue.sent(chunk.len()),
                    Err(e) => {
                        queue.shed(chunk.len());
                        queue.shared.faults.tell(format!("udp://{}: {e}", self.to));
                    }
                },
                Next::Nothing => {}
                Next::End => return,
            }
        }
    }
}
