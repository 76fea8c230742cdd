//! SAPIENT messages to cues.

use super::Decoded;
use atalaya_model::operation::{FeedConfig, GroundFeed};
use atalaya_model::{Class, Cue, Micros, Sensed};
use atalaya_sapient::{Heard, Host, Place, wire};
use std::collections::BTreeMap;

/// Our own id towards sensors (a UUID of no meaning).
pub(super) const OUR_ID: &str = "6f1d6f0e-5f0b-4c53-9a0e-8d2b7a54c1aa";
/// Nodes whose place is kept in mind.
const NODES: usize = 256;
/// Metres in a degree of latitude.
const DEGREE_M: f64 = 111_320.0;

/// Turns messages of ground sensors into cues. Like a host it takes nothing of a node that has not
/// registered, nor of an effector.
#[derive(Clone, Debug)]
pub struct GroundDecoder {
    config: GroundFeed,
    host: Host,
    places: BTreeMap<String, [f64; 3]>,
}

impl GroundDecoder {
    /// For a feed.
    pub fn new(feed: &FeedConfig) -> Self {
        let config = feed.ground.clone().unwrap_or_default();
        Self {
            host: Host::new(OUR_ID, &config.nodes),
            config,
            places: BTreeMap::new(),
        }
    }

    pub(super) fn message(&mut self, message: &[u8]) -> Result<Decoded, String> {
        let (heard, _) = self.host.hear(message, 0);
        if let Heard::Refused { why } = heard {
            return Err(why);
        }
        let sent = wire::decode(message)
            .ok()
            .and_then(|m| m.time("timestamp"))
            .ok_or_else(|| "has no time".to_owned())?;
        let cue = match heard {
            Heard::Detection(d) => {
                let (lon_lat, cov) = self.place(&d.node, d.place)?;
                Some(Cue {
                    t: Micros(sent),
                    number: 0,
                    class: class(d.classes.first().map_or("", |c| c.0.as_str())),
                    p: d.confidence.unwrap_or(0.5),
                    node: d.node,
                    object: d.object,
                    lon_lat,
                    cov,
                })
            }
            // An alert about the node itself (a flat battery) has no place, and asks for no look.
            Heard::Alert {
                node,
                id,
                place: place @ Some(_),
                confidence,
                ..
            } => {
                let (lon_lat, cov) = self.place(&node, place)?;
                Some(Cue {
                    t: Micros(sent),
                    number: 0,
                    class: Class::Unknown,
                    p: confidence.unwrap_or(0.5),
                    node,
                    object: id,
                    lon_lat,
                    cov,
                })
            }
            Heard::Status { node, place, .. } => {
                if let Some(Place::Geo {
                    lon, lat, height_m, ..
                }) = place
                    && (self.places.len() < NODES || self.places.contains_key(&node))
                {
                    self.places
                        .insert(node, [lon, lat, height_m.unwrap_or(0.0)]);
                }
                None
            }
            _ => None,
        };
        Ok(Decoded {
            t: Micros(sent),
            sensed: cue.map(Sensed::Cue),
            late: false,
        })
    }

    /// Where something is, and its covariance.
    fn place(&self, node: &str, place: Option<Place>) -> Result<([f64; 2], [f64; 4]), String> {
        let round = |sigma: f64| [sigma * sigma, 0.0, 0.0, sigma * sigma];
        match place {
            Some(Place::Geo {
                lon, lat, sigma_m, ..
            }) => Ok(([lon, lat], round(sigma_m.unwrap_or(self.config.sigma_m)))),
            Some(Place::Bearing {
                azimuth,
                azimuth_error,
                range_m,
                range_error_m,
            }) => {
                let from = self.places.get(node).copied().or(self.config.at);
                let [lon, lat, _] = from.ok_or(
                    "is a bearing, and where the node stands is not known; give 'at' in the operation",
                )?;
                let range = range_m
                    .filter(|r| (0.0..=50_000.0).contains(r))
                    .ok_or("is a bearing without a range; it has no place")?;
                let (sin, cos) = azimuth.sin_cos();
                let east = DEGREE_M * lat.to_radians().cos().max(1e-6);
                let at = [lon + range * sin / east, lat + range * cos / DEGREE_M];
                let along = range_error_m.unwrap_or(self.config.sigma_m).powi(2);
                let across = azimuth_error
                    .map_or(self.config.sigma_m, |e| e.abs().min(1.0) * range)
                    .max(0.1)
                    .powi(2);
                let cov = [
                    along * sin * sin + across * cos * cos,
                    (along - across) * sin * cos,
                    (along - across) * sin * cos,
                    along * cos * cos + across * sin * sin,
                ];
                Ok((at, cov))
            }
            Some(Place::Other) => Err(
                "gives its place in a system that is not read; use LAT_LNG_DEG_M or true north"
                    .into(),
            ),
            None => Err("has no place that can be read".into()),
        }
    }
}

/// What a sensor's class is here.
fn class(name: &str) -> Class {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "human" | "person" | "pedestrian" | "people" => Class::Person,
        "truck" | "lorry" | "hgv" => Class::Truck,
        "land vehicle" | "vehicle" | "car" | "ground vehicle" => Class::Car,
        _ => Class::Unknown,
    }
}
