//! `[[feed]]`: what is received, and how well its metadata are known.

use super::authority::SensorKind;
use super::sensors::{GasFeed, GroundFeed};
use super::source::FeedSource;
use super::stream::{SCHEMES, StreamAddress};
use crate::landmark::Landmark;
use crate::platform::North;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// One-sigma errors of a feed's metadata. The constant parts stay the same over a flight; the
/// random parts change from frame to frame. Defaults are those of a small multicopter with
/// single-frequency GNSS and a compass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SensorErrors {
    /// Constant horizontal position error per axis, metres.
    pub position_m: f64,
    /// Constant height error, metres.
    pub height_m: f64,
    /// Constant heading error, degrees.
    pub heading_deg: f64,
    /// Constant line-of-sight error per axis, degrees.
    pub gimbal_deg: f64,
    /// Random horizontal position error per axis, metres.
    pub position_noise_m: f64,
    /// Random line-of-sight error per axis, degrees.
    pub pointing_noise_deg: f64,
    /// Error of metadata time against the picture, milliseconds.
    pub time_ms: f64,
}

impl Default for SensorErrors {
    fn default() -> Self {
        Self {
            position_m: 2.5,
            height_m: 5.0,
            heading_deg: 1.0,
            gimbal_deg: 0.3,
            position_noise_m: 0.5,
            pointing_noise_deg: 0.1,
            time_ms: 50.0,
        }
    }
}

/// Something that is received. What kind of feed it is follows from its sensor: cameras give
/// full-motion video, gas sensors samples of air, ground sensors SAPIENT messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Short name, used in records.
    pub id: String,
    /// A file (relative to this document); or live: video `udp://address:port`, `srt://host:port`,
    /// `rtsp://host/path` or `http(s)://host/path`, gas `mqtt://host:port/topic[?session=NAME]` or
    /// `udp://host:port`, ground sensors `tcp://host:port`, where the sensors connect to us.
    pub source: FeedSource,
    /// For live video with several programmes: the number of the one that is watched; without it
    /// the first that has pictures and metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<u16>,
    /// For live video: where it is passed on as it came, metadata and all: `udp://` or `srt://`
    /// addresses. Nothing is passed on that the authority does not let in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relay: Vec<FeedSource>,
    /// The sensor.
    pub sensor: SensorKind,
    /// Event time of the first frame, RFC 3339, for video that carries no time of its own; for gas
    /// the moment from which `t_s` counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Allow video that carries no position: it is then followed in the image only.
    #[serde(default)]
    pub unplaced: bool,
    /// Analysed frames per second at most; the feed's own rate when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyse_fps: Option<f64>,
    /// Parts of the picture that symbology is burnt into, where nothing is detected: `[x, y, width,
    /// height]` in display pixels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<[f64; 4]>,
    /// How well the metadata are known.
    #[serde(default)]
    pub errors: SensorErrors,
    /// From where its metadata count headings and azimuths; `atalaya footprint` tells when it is not true
    /// north.
    #[serde(default, skip_serializing_if = "North::is_true")]
    pub north: North,
    /// `[[feed.landmark]]`: known places shown in its pictures.
    #[serde(default, rename = "landmark", skip_serializing_if = "Vec::is_empty")]
    pub landmarks: Vec<Landmark>,
    /// For `sensor = "gas"`: what the samples say, and how they are weighed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gas: Option<GasFeed>,
    /// For `sensor = "ground"`: which sensors, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<GroundFeed>,
}

/// What kind of feed it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedKind {
    /// Full-motion video with its metadata.
    Video,
    /// Samples of air with the wind.
    Gas,
    /// Ground sensors that speak SAPIENT (BSI Flex 335 v2).
    Ground,
}

impl SensorKind {
    /// The kind of feed that such a sensor gives.
    pub fn feed(self) -> FeedKind {
        match self {
            Self::Eo | Self::Ir => FeedKind::Video,
            Self::Gas => FeedKind::Gas,
            Self::Ground => FeedKind::Ground,
        }
    }
}

/// Where a feed comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceAddress {
    /// A recording.
    File(PathBuf),
    /// Live video.
    Stream(StreamAddress),
    /// Received on this address: a sample of gas in each datagram.
    Udp(SocketAddr),
    /// Fetched from an MQTT broker.
    Mqtt(Broker),
    /// SAPIENT nodes connect to this address.
    Tcp(SocketAddr),
}

/// An MQTT broker and what is fetched from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The topic, `+` and `#` as MQTT has them.
    pub topic: String,
    /// The name of a session: under it the broker keeps what is published while nobody fetches it, and
    /// each message until it is recorded. Only one may fetch under a name at a time.
    pub session: Option<String>,
}

/// The port of MQTT where none is given (IANA).
const MQTT_PORT: u16 = 1883;

impl FeedConfig {
    /// What kind of feed it is.
    pub fn kind(&self) -> FeedKind {
        self.sensor.feed()
    }

    /// The source, parsed; the error says what is wrong and what is expected.
    pub fn address(&self) -> Result<SourceAddress, String> {
        let source = self.source.secret_text();
        let video = format!("a file or {SCHEMES}");
        let expected = match self.kind() {
            FeedKind::Video => video.as_str(),
            FeedKind::Gas => "a file, udp://host:port or mqtt://host:port/topic",
            FeedKind::Ground => "a file or tcp://host:port",
        };
        let socket = |rest: &str, scheme: &str| -> Result<SocketAddr, String> {
            rest.trim_start_matches('@').parse().map_err(|_| {
                format!(
                    "'{}' is not an address to receive on; write {scheme}://127.0.0.1:5000",
                    self.source
                )
            })
        };
        match (source.split_once("://"), self.kind()) {
            (Some(("udp" | "srt" | "rtsp" | "http" | "https", _)), FeedKind::Video) => {
                StreamAddress::parse(source).map(SourceAddress::Stream)
            }
            (Some(("udp", rest)), FeedKind::Gas) => socket(rest, "udp").map(SourceAddress::Udp),
            (Some(("tcp", rest)), FeedKind::Ground) => socket(rest, "tcp").map(SourceAddress::Tcp),
            (Some(("mqtt", rest)), FeedKind::Gas) => mqtt(rest).ok_or_else(|| {
                format!(
                    "'{}' is not a broker and a topic; write mqtt://127.0.0.1:1883/site/gas",
                    self.source
                )
            }),
            (Some((scheme, _)), _) => Err(format!(
                "source scheme '{scheme}' is not supported for this sensor; use {expected}"
            )),
            (None, _) if source.is_empty() => Err(format!("source is empty; name {expected}")),
            (None, _) => Ok(SourceAddress::File(PathBuf::from(source))),
        }
    }
}

impl FeedConfig {
    /// Where live video is passed on to, parsed.
    pub fn relay_addresses(&self) -> Result<Vec<StreamAddress>, String> {
        const MOST: usize = 16;
        if self.relay.is_empty() {
            return Ok(Vec::new());
        }
        if !matches!(self.address(), Ok(SourceAddress::Stream(_))) {
            return Err("only live video is passed on; remove relay, or use atalaya relay".into());
        }
        if self.relay.len() > MOST {
            return Err(format!("at most {MOST} destinations of a feed"));
        }
        let parse = |to: &FeedSource| {
            let address = StreamAddress::parse(to.secret_text())?;
            if address.is_destination() {
                Ok(address)
            } else {
                Err(format!("'{to}' can't be sent to; write udp:// or srt://"))
            }
        };
        self.relay.iter().map(parse).collect()
    }
}

/// `host[:port]/topic[?session=NAME]`; brackets around an IPv6 address.
fn mqtt(rest: &str) -> Option<SourceAddress> {
    let (authority, topic) = rest.split_once('/')?;
    let (topic, session) = match topic.split_once('?') {
        Some((topic, option)) => (topic, Some(option.strip_prefix("session=")?)),
        None => (topic, None),
    };
    let name = |s: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        (1..=64).contains(&s.len()) && s.chars().all(plain)
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, port.parse().ok().filter(|p| *p > 0)?)
        }
        _ => (authority, MQTT_PORT),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    let fine = !host.is_empty()
        && host.chars().all(plain)
        && !topic.is_empty()
        && topic.len() <= 256
        && session.is_none_or(name)
        && !topic.chars().any(char::is_control)
        && topic.split('/').rev().skip(1).all(|level| level != "#");
    fine.then(|| {
        SourceAddress::Mqtt(Broker {
            host: host.to_owned(),
            port,
            topic: topic.to_owned(),
            session: session.map(str::to_owned),
        })
    })
}
