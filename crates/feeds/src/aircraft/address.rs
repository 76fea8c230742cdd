//! `udpin:`, `udpout:` and `tcp:` addresses, as MAVLink's tools write them.

use super::AircraftError;
use std::net::{SocketAddr, ToSocketAddrs};

/// Where aircraft are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkAddress {
    /// They send to this address; each is answered where it sends from.
    UdpIn(SocketAddr),
    /// They listen on this address.
    UdpOut(SocketAddr),
    /// A stream to this address.
    Tcp(SocketAddr),
}

impl LinkAddress {
    /// Reads `udpin:0.0.0.0:14550`, `udpout:host:14550` or `tcp:host:5760`; `udpin://…` is the same.
    pub fn parse(text: &str) -> Result<Self, AircraftError> {
        let fail = |what: &str| AircraftError {
            link: text.chars().filter(|c| !c.is_control()).take(80).collect(),
            what: what.into(),
        };
        let forms = "write udpin:0.0.0.0:14550, udpout:HOST:14550 or tcp:HOST:5760";
        let (kind, rest) = text
            .split_once(':')
            .ok_or_else(|| fail(&format!("not a link; {forms}")))?;
        let rest = rest.trim_start_matches("//");
        let address = || {
            rest.to_socket_addrs()
                .ok()
                .and_then(|mut all| all.next())
                .filter(|a| a.port() != 0)
                .ok_or_else(|| fail(&format!("'{rest}' is no host and port; {forms}")))
        };
        match kind {
            "udpin" => Ok(Self::UdpIn(address()?)),
            "udpout" => Ok(Self::UdpOut(address()?)),
            "tcp" => Ok(Self::Tcp(address()?)),
            _ => Err(fail(&format!(
                "links of kind '{kind}' are not known; {forms}"
            ))),
        }
    }
}
