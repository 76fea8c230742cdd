//! Where live bytes come from: one file per protocol, all with the same two steps.
//!
//! [`Opened::open`] takes what must be there at once (a port to listen on), so that it can be
//! refused before anything runs; [`Opened::run`] fills a [`Line`] until it is told to stop,
//! connecting again for as long as it takes. What comes out of a line is a transport stream,
//! whatever went in.

mod again;
mod backoff;
mod file;
mod http;
mod line;
mod remux;
mod reorder;
mod rtsp;
mod srt;
mod udp;

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;

use atalaya_model::operation::{StreamAddress, UdpAddress};

use crate::error::Error;
pub(crate) use backoff::Backoff;
pub(crate) use line::{Line, Piece, Shared};
pub(crate) use srt::{options as srt_options, resolve};

/// A source that is ready to run.
pub(crate) enum Opened {
    File(file::Source),
    Udp(UdpSocket),
    Srt(srt::Source),
    Rtsp {
        url: String,
        shown: String,
        tcp: bool,
    },
    Http {
        url: String,
        shown: String,
    },
}

impl Opened {
    pub(crate) fn open(address: &StreamAddress) -> Result<Self, Error> {
        let shown = address.to_string();
        Ok(match address {
            StreamAddress::Udp(udp) => Self::Udp(udp::open(udp)?),
            StreamAddress::Srt(srt) => Self::Srt(srt::Source::open(srt, shown)?),
            StreamAddress::Rtsp { url, tcp } => Self::Rtsp {
                url: url.expose().to_owned(),
                shown,
                tcp: *tcp,
            },
            StreamAddress::Http { url } => Self::Http {
                url: url.expose().to_owned(),
                shown,
            },
        })
    }

    /// A recording as if it came live.
    pub(crate) fn file(path: &Path, paced: bool) -> Result<Self, Error> {
        file::Source::open(path, paced).map(Self::File)
    }

    /// A plain UDP source, as tests and the simulator have it.
    pub(crate) fn udp(address: &str) -> Result<Self, Error> {
        use std::net::ToSocketAddrs;
        let refused = |cause: String| Error::Listen {
            address: address.to_owned(),
            cause,
        };
        let address = address
            .to_socket_addrs()
            .map_err(|e| refused(e.to_string()))?
            .next()
            .ok_or_else(|| refused("the name has no address".into()))?;
        let udp = UdpAddress {
            address,
            interface: None,
            ttl: None,
        };
        udp::open(&udp).map(Self::Udp)
    }

    /// The address that is listened on, where one is.
    pub(crate) fn local(&self) -> Option<SocketAddr> {
        match self {
            Self::Udp(socket) => socket.local_addr().ok(),
            Self::Srt(source) => source.local(),
            Self::File(_) | Self::Rtsp { .. } | Self::Http { .. } => None,
        }
    }

    /// Fills `line` until it is told to stop.
    pub(crate) fn run(self, line: &Line) {
        match self {
            Self::File(source) => source.run(line),
            Self::Udp(socket) => udp::run(&socket, line),
            Self::Srt(source) => source.run(line),
            Self::Rtsp { url, shown, tcp } => rtsp::run(&url, &shown, tcp, line),
            Self::Http { url, shown } => http::run(&url, &shown, line),
        }
    }
}
