//! Addresses of video over networks, read once and checked, for sources and for destinations.

use super::source::redact;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The longest address.
const LONGEST: usize = 1024;
/// Latencies of SRT that are accepted, milliseconds.
const LATENCY_MS: std::ops::RangeInclusive<u32> = 20..=30_000;
/// SRT's own default.
const DEFAULT_LATENCY_MS: u32 = 120;

/// Where video comes from, or goes to, over a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamAddress {
    /// MPEG-TS in datagrams, with or without RTP: `udp://host:port`.
    Udp(UdpAddress),
    /// MPEG-TS over SRT: `srt://host:port`.
    Srt(SrtAddress),
    /// A stream of an RTSP server: `rtsp://host[:port]/path`.
    Rtsp {
        /// What is asked for.
        url: SecretText,
        /// Pictures come within the connection, else as datagrams.
        tcp: bool,
    },
    /// MPEG-TS, or a file, over HTTP: `http://…` or `https://…`.
    Http {
        /// What is asked for.
        url: SecretText,
    },
}

/// `udp://address:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UdpAddress {
    /// Where it is received, or sent to; a multicast group is joined.
    pub address: SocketAddr,
    /// The interface of a multicast group, by its IPv4 address; the system's choice when absent.
    pub interface: Option<Ipv4Addr>,
    /// Networks that a multicast datagram crosses at most.
    pub ttl: Option<u8>,
}

/// `srt://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrtAddress {
    /// Name or address of the other side, or the address that is listened on.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Waits for the other side to call.
    pub listener: bool,
    /// Time for sending lost packets again, milliseconds.
    pub latency_ms: u32,
    /// Encrypts.
    pub passphrase: Option<SecretText>,
    /// What a caller asks for.
    pub stream_id: Option<String>,
}

/// A text that is shown without what is secret in it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// All of it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains("://") {
            f.write_str(&redact(&self.0))
        } else {
            f.write_str("**********")
        }
    }
}

/// What can be written, for messages.
pub(super) const SCHEMES: &str = "udp://, srt://, rtsp://, http:// or https://";

impl StreamAddress {
    /// Reads an address; the error says what is wrong with it, and no secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!(
                "the address is longer than {LONGEST} bytes; shorten it"
            ));
        }
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(format!(
                "'{}' has a space or a control character in it; write %20 for a space",
                redact(text).escape_debug()
            ));
        }
        let fail = |what: &str| Err(format!("'{}' {what}", redact(text)));
        let Some((scheme, rest)) = text.split_once("://") else {
            return fail(&format!("is not an address of a stream; write {SCHEMES}"));
        };
        let parsed = match scheme {
            "udp" => udp(rest),
            "srt" => srt(rest),
            "rtsp" => rtsp(rest),
            "http" | "https" => http(scheme, rest),
            _ => return fail(&format!("has a scheme that is not known; write {SCHEMES}")),
        };
        parsed.or_else(|what| fail(&what))
    }

    /// Whether it can be sent to.
    pub fn is_destination(&self) -> bool {
        matches!(self, Self::Udp(_) | Self::Srt(_))
    }
}

/// The address without its secrets.
impl fmt::Display for StreamAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(udp) => write!(f, "udp://{}", udp.address),
            Self::Srt(srt) if srt.host.contains(':') => {
                write!(f, "srt://[{}]:{}", srt.host, srt.port)
            }
            Self::Srt(srt) => write!(f, "srt://{}:{}", srt.host, srt.port),
            Self::Rtsp { url, .. } | Self::Http { url } => write!(f, "{}", redact(url.expose())),
        }
    }
}

fn udp(rest: &str) -> Result<StreamAddress, String> {
    let (place, options) = Options::split(rest)?;
    let address: SocketAddr = place
        .trim_start_matches('@')
        .parse()
        .map_err(|_| "is not an address and a port; write udp://127.0.0.1:5000".to_owned())?;
    let mut options = options;
    let interface = match options.take("interface") {
        None => None,
        Some(_) if !matches!(address.ip(), IpAddr::V4(ip) if ip.is_multicast()) => {
            return Err("names an interface, which only an IPv4 multicast group has".into());
        }
        Some(text) => Some(text.parse().map_err(|_| {
            format!("has interface={text}; give the IPv4 address of the interface")
        })?),
    };
    let ttl = options
        .number("ttl", 1..=255)?
        .and_then(|n| u8::try_from(n).ok());
    options.end("interface, ttl")?;
    Ok(StreamAddress::Udp(UdpAddress {
        address,
        interface,
        ttl,
    }))
}

fn srt(rest: &str) -> Result<StreamAddress, String> {
    let (place, mut options) = Options::split(rest)?;
    let (host, port) = host_and_port(place.trim_end_matches('/'))
        .ok_or("is not a host and a port; write srt://host:9000?mode=caller")?;
    let listener = match options.take("mode").as_deref() {
        // As FFmpeg and others have it: nobody to call is somebody to wait for.
        None => host.is_empty(),
        Some("caller") => false,
        Some("listener") => true,
        Some(mode) => return Err(format!("has mode={mode}; give caller or listener")),
    };
    if host.is_empty() && !listener {
        return Err("calls nobody; give a host, or mode=listener".into());
    }
    let host = if host.is_empty() {
        "0.0.0.0".into()
    } else {
        host
    };
    let latency_ms = options.number("latency", LATENCY_MS)?;
    let passphrase = options.take("passphrase");
    if passphrase
        .as_ref()
        .is_some_and(|p| !(10..=79).contains(&p.len()))
    {
        return Err("has a passphrase that SRT can't take; give 10 to 79 characters".into());
    }
    let stream_id = options.take("streamid");
    if stream_id
        .as_ref()
        .is_some_and(|s| s.is_empty() || s.len() > 512)
    {
        return Err("has a streamid that SRT can't take; give at most 512 characters".into());
    }
    options.end("mode, latency, passphrase, streamid")?;
    Ok(StreamAddress::Srt(SrtAddress {
        host,
        port,
        listener,
        latency_ms: latency_ms.unwrap_or(DEFAULT_LATENCY_MS),
        passphrase: passphrase.map(SecretText),
        stream_id,
    }))
}

fn rtsp(rest: &str) -> Result<StreamAddress, String> {
    check_host(rest)?;
    // `transport` is ours; all other options are the server's.
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut tcp = true;
    let mut kept = Vec::new();
    for option in query.split('&').filter(|o| !o.is_empty()) {
        match option.split_once('=') {
            Some(("transport", "tcp")) => tcp = true,
            Some(("transport", "udp")) => tcp = false,
            Some(("transport", other)) => {
                return Err(format!("has transport={other}; give tcp or udp"));
            }
            _ => kept.push(option),
        }
    }
    let query = match kept.is_empty() {
        true => String::new(),
        false => format!("?{}", kept.join("&")),
    };
    Ok(StreamAddress::Rtsp {
        url: SecretText(format!("rtsp://{place}{query}")),
        tcp,
    })
}

fn http(scheme: &str, rest: &str) -> Result<StreamAddress, String> {
    check_host(rest)?;
    Ok(StreamAddress::Http {
        url: SecretText(format!("{scheme}://{rest}")),
    })
}

/// A host must be there, and a port that is given must be one.
fn check_host(rest: &str) -> Result<(), String> {
    let place = rest.split(['/', '?']).next().unwrap_or_default();
    let host = place.rsplit('@').next().unwrap_or_default();
    let named = host_and_port(host).is_some_and(|(host, _)| !host.is_empty());
    let bare = !host.is_empty() && !host.contains(':');
    let v6 = host.starts_with('[') && host.ends_with(']');
    if named || bare || v6 {
        Ok(())
    } else {
        Err("is not a host with a path; write rtsp://host:554/path".into())
    }
}

/// `host:port`; brackets around an IPv6 address.
fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let bracketed = host.starts_with('[') && host.ends_with(']');
    if host.contains(':') && !bracketed {
        return None;
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if !host.chars().all(plain) || host.len() > 253 {
        return None;
    }
    Some((host.to_owned(), port.parse().ok()?))
}

/// `key=value` pairs behind `?`.
struct Options(BTreeMap<String, String>);

impl Options {
    fn split(rest: &str) -> Result<(&str, Self), String> {
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut options = BTreeMap::new();
        for option in query.split('&').filter(|o| !o.is_empty()) {
            let (key, value) = option
                .split_once('=')
                .ok_or_else(|| format!("has the option '{option}' without a value"))?;
            if options.insert(key.to_owned(), decoded(value)).is_some() {
                return Err(format!("has the option '{key}' twice"));
            }
        }
        Ok((place, Self(options)))
    }

    fn take(&mut self, key: &str) -> Option<String> {
        self.0.remove(key)
    }

    fn number(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<Option<u32>, String> {
        let Some(text) = self.take(key) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(n) if range.contains(&n) => Ok(Some(n)),
            _ => Err(format!(
                "has {key}={text}; give {} to {}{}",
                range.start(),
                range.end(),
                if key == "latency" {
                    " milliseconds (FFmpeg counts microseconds)"
                } else {
                    ""
                }
            )),
        }
    }

    fn end(self, known: &str) -> Result<(), String> {
        match self.0.keys().next() {
            Some(key) => Err(format!(
                "has the option '{key}', which is not known; there are {known}"
            )),
            None => Ok(()),
        }
    }
}

/// `%41` becomes `A`; what is no such code stays.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let code = (byte == b'%')
            .then(|| tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                rest = &tail[2..];
            }
            None => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srt_of(text: &str) -> SrtAddress {
        match StreamAddress::parse(text).unwrap() {
            StreamAddress::Srt(srt) => srt,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn addresses_are_read_with_their_options() {
        let StreamAddress::Udp(udp) =
            StreamAddress::parse("udp://@239.1.2.3:5000?interface=10.0.0.7&ttl=4").unwrap()
        else {
            panic!()
        };
        assert_eq!(udp.address, "239.1.2.3:5000".parse().unwrap());
        assert_eq!(
            (udp.interface, udp.ttl),
            (Some([10, 0, 0, 7].into()), Some(4))
        );
        let srt = srt_of(
            "srt://relay.example:9000?latency=800&passphrase=ten%20words%26more&streamid=uav1",
        );
        assert_eq!(
            (srt.host.as_str(), srt.port, srt.listener),
            ("relay.example", 9000, false)
        );
        assert_eq!(srt.latency_ms, 800);
        assert_eq!(srt.passphrase.unwrap().expose(), "ten words&more");
        assert_eq!(srt.stream_id.as_deref(), Some("uav1"));
        let srt = srt_of("srt://:9000");
        assert_eq!((srt.host.as_str(), srt.listener), ("0.0.0.0", true));
        assert!(srt_of("srt://[::1]:9000?mode=listener").listener);
        let rtsp = StreamAddress::parse("rtsp://eve:pw@cam/one?a=b&transport=udp").unwrap();
        assert!(matches!(&rtsp, StreamAddress::Rtsp { url, tcp: false }
            if url.expose() == "rtsp://eve:pw@cam/one?a=b"));
        assert_eq!(rtsp.to_string(), "rtsp://eve:**********@cam/one?a=b");
        assert!(!rtsp.is_destination());
        StreamAddress::parse("https://host/live.ts?token=1").unwrap();
    }

    #[test]
    fn what_is_wrong_is_named_and_no_secret_with_it() {
        for (text, expected) in [
            ("udp://nowhere", "address and a port"),
            ("udp://127.0.0.1:5000?interface=10.0.0.1", "multicast"),
            ("udp://127.0.0.1:5000?buffer=9", "option 'buffer'"),
            (
                "srt://h:9000?latency=120000&passphrase=horse-battery",
                "milliseconds",
            ),
            (
                "srt://h:9000?mode=rendezvous&passphrase=horse-battery",
                "caller or listener",
            ),
            (
                "srt://h:9000?passphrase=horse-battery&passphrase=horse-battery",
                "twice",
            ),
            (
                "srt://h:9000?pbkeylen=16&passphrase=horse-battery",
                "option 'pbkeylen'",
            ),
            ("srt://h:9000?passphrase=horse", "10 to 79"),
            ("srt://h?mode=caller", "host and a port"),
            ("srt://:9000?mode=caller", "calls nobody"),
            ("rtsp://:1/x", "host with a path"),
            ("rtmp://h/x", "scheme"),
            ("http://h/a b", "space"),
        ] {
            let error = StreamAddress::parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("horse"), "{error}");
        }
        assert!(StreamAddress::parse(&format!("udp://{}", "1".repeat(2000))).is_err());
    }
}
