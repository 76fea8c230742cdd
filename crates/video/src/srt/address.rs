//! Socket addresses as the system lays them out (Linux).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Room for either kind.
pub(super) const ROOM: usize = 28;
const INET: u16 = 2;
const INET6: u16 = 10;

/// The bytes of `address`, and how many.
pub(super) fn encode(address: SocketAddr) -> ([u8; ROOM], usize) {
    let mut bytes = [0; ROOM];
    bytes[2..4].copy_from_slice(&address.port().to_be_bytes());
    match address.ip() {
        IpAddr::V4(ip) => {
            bytes[..2].copy_from_slice(&INET.to_ne_bytes());
            bytes[4..8].copy_from_slice(&ip.octets());
            (bytes, 16)
        }
        IpAddr::V6(ip) => {
            bytes[..2].copy_from_slice(&INET6.to_ne_bytes());
            bytes[8..24].copy_from_slice(&ip.octets());
            (bytes, ROOM)
        }
    }
}

/// The address in `bytes`.
pub(super) fn decode(bytes: &[u8; ROOM]) -> Option<SocketAddr> {
    let port = u16::from_be_bytes([bytes[2], bytes[3]]);
    let ip: IpAddr = match u16::from_ne_bytes([bytes[0], bytes[1]]) {
        INET => Ipv4Addr::new(bytes[4], bytes[5], bytes[6], bytes[7]).into(),
        INET6 => {
            let mut octets = [0; 16];
            octets.copy_from_slice(&bytes[8..24]);
            Ipv6Addr::from(octets).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_come_back_as_they_were() {
        for text in ["127.0.0.1:9000", "[::1]:65535", "0.0.0.0:0"] {
            let address: SocketAddr = text.parse().unwrap();
            assert_eq!(decode(&encode(address).0), Some(address));
        }
        assert_eq!(decode(&[0; ROOM]), None);
    }
}
