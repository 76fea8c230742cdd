//! Where to send: `udp://host:port` or `tcp://host:port`.

use std::fmt;

/// What carries the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One datagram per event.
    Udp,
    /// A stream of events.
    Tcp,
}

/// An address to send to. The host may be a name; it is looked up when the link is made, so that a
/// name server that is away for a while does not stop an operation from starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CotAddress {
    /// UDP or TCP.
    pub transport: Transport,
    /// Name, IPv4 address, or IPv6 address without brackets.
    pub host: String,
    /// Port, from 1.
    pub port: u16,
}

/// Why nothing can be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CotOutError {
    /// Not an address.
    #[error(
        "'{url}' is not an address for Cursor on Target: {why}; write udp://host:port or tcp://host:port"
    )]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The system gives no thread.
    #[error(
        "no thread could be started to send Cursor on Target: {0}; close other programs and try again"
    )]
    Thread(String),
}

/// Longest name of a host (RFC 1035, clause 2.3.4).
const MAX_HOST: usize = 253;

impl CotAddress {
    /// Reads an address; the error says what is wrong with it.
    pub fn parse(url: &str) -> Result<Self, CotOutError> {
        let fail = |why: &str| CotOutError::Address {
            url: url.chars().take(200).filter(|c| !c.is_control()).collect(),
            why: why.to_owned(),
        };
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| fail("udp:// or tcp:// is missing"))?;
        let transport = match scheme {
            "udp" => Transport::Udp,
            "tcp" => Transport::Tcp,
            "ssl" | "tls" => return Err(fail("encrypted links are not supported")),
            other => return Err(fail(&format!("'{other}' is neither udp nor tcp"))),
        };
        let (host, port) = rest
            .rsplit_once(':')
            .ok_or_else(|| fail("the port is missing"))?;
        let port = port
            .parse()
            .ok()
            .filter(|p| *p > 0)
            .ok_or_else(|| fail(&format!("'{port}' is not a port from 1 to 65535")))?;
        let host = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
            Some(six) => {
                let bare = six.split('%').next().unwrap_or(six);
                bare.parse::<std::net::Ipv6Addr>()
                    .map_err(|_| fail(&format!("'{six}' is not an IPv6 address")))?;
                six
            }
            None if host.contains(':') => {
                return Err(fail("an IPv6 address stands in brackets: [::1]"));
            }
            None => host,
        };
        if host.is_empty() {
            return Err(fail("the host is missing"));
        }
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
        if host.len() > MAX_HOST || !host.chars().all(plain) {
            return Err(fail("the host is not a name or an address"));
        }
        Ok(Self {
            transport,
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for CotAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for url in [
            "udp://239.2.3.1:6969",
            "tcp://tak.example:8087",
            "tcp://[::1]:8087",
        ] {
            assert_eq!(CotAddress::parse(url).unwrap().to_string(), url);
        }
    }

    #[test]
    fn errors_say_what_is_wrong_and_what_to_write() {
        let say = |url: &str| CotAddress::parse(url).unwrap_err().to_string();
        assert_eq!(
            say("239.2.3.1:6969"),
            "'239.2.3.1:6969' is not an address for Cursor on Target: udp:// or tcp:// is missing; \
             write udp://host:port or tcp://host:port"
        );
        for (url, words) in [
            ("http://tak:80", "'http' is neither udp nor tcp"),
            ("ssl://tak:8089", "encrypted links are not supported"),
            ("udp://tak", "the port is missing"),
            ("udp://tak:0", "'0' is not a port"),
            ("udp://tak:70000", "'70000' is not a port"),
            ("udp://:6969", "the host is missing"),
            ("udp://::1:6969", "brackets"),
            ("udp://[::g]:6969", "not an IPv6 address"),
            ("tcp://a b:6969", "not a name"),
        ] {
            assert!(say(url).contains(words), "{}", say(url));
        }
    }
}
