//! `[[feed]]`: what is received, and how well its metadata are known.

use super::authority::SensorKind;
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

/// A source of full-motion video.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Short name, used in records.
    pub id: String,
    /// A file (relative to this document) or `udp://host:port`.
    pub source: String,
    /// The sensor.
    pub sensor: SensorKind,
    /// Event time of the first frame, RFC 3339, for video that carries no time of its own.
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
}

/// Where a feed comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceAddress {
    /// A recording.
    File(PathBuf),
    /// MPEG-TS over UDP, received on this address.
    Udp(SocketAddr),
}

impl FeedConfig {
    /// The source, parsed; the error says what is wrong and what is expected.
    pub fn address(&self) -> Result<SourceAddress, String> {
        match self.source.split_once("://") {
            Some(("udp", rest)) => rest
                .trim_start_matches('@')
                .parse()
                .map(SourceAddress::Udp)
                .map_err(|_| {
                    format!(
                        "'{}' is not an address to receive on; write udp://127.0.0.1:5000",
                        self.source
                    )
                }),
            Some((scheme, _)) => Err(format!(
                "source scheme '{scheme}' is not supported; use a file path or udp://host:port"
            )),
            None if self.source.is_empty() => {
                Err("source is empty; name a file or udp://host:port".into())
            }
            None => Ok(SourceAddress::File(PathBuf::from(&self.source))),
        }
    }
}
