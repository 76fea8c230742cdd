//! Things that happened, as `event/1` records.

use crate::evidence::EvidenceRef;
use crate::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Came into a zone from outside it.
    Arrival,
    /// Left a zone and kept away.
    Departure,
    /// First seen inside a zone: where it came from is not known.
    Appeared,
    /// Last seen inside a zone: whether it left is not known.
    Lost,
    /// Has stayed longer than a rule asks.
    Dwell,
    /// A zone was not observed for a while.
    CoverageGap,
    /// Gas comes from somewhere.
    Emission,
    /// A ground sensor asks for a look.
    Cue,
}

impl EventKind {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrival => "arrival",
            Self::Departure => "departure",
            Self::Appeared => "appeared",
            Self::Lost => "lost",
            Self::Dwell => "dwell",
            Self::CoverageGap => "coverage_gap",
            Self::Emission => "emission",
            Self::Cue => "cue",
        }
    }
}

/// What an emission amounts to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Emitted {
    /// The gas, by its formula.
    pub gas: String,
    /// Rate, the middle of its distribution, kg/h.
    pub rate_kg_h: f64,
    /// 5 % of it, kg/h.
    pub rate_lo90: f64,
    /// 95 % of it, kg/h.
    pub rate_hi90: f64,
    /// Half axes of the ellipse that holds 90 % of the place (its covariance taken as normal), and the
    /// direction of the longer one: metres, metres, degrees clockwise from north.
    pub ellipse90: [f64; 3],
}

/// What a ground sensor said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cued {
    /// The sensor's id.
    pub node: String,
    /// What it takes it for: `person`, `vehicle`, `unknown`.
    pub what: String,
    /// One-sigma error of the place, the larger axis, metres.
    pub sigma_m: f64,
}

/// What belongs to one kind of event only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Of an emission.
    Emission(Emitted),
    /// Of a cue.
    Cue(Cued),
    /// Of a departure that was not seen to its end.
    Departure(Departed),
}

/// How a departure ended that was not seen to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Departed {
    /// It was seen beyond the exit margin, then left the picture.
    pub out_of_picture: bool,
}

/// An `event/1` record (FORMATS).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Always `event/1`.
    pub schema: String,
    /// Unique within a run, and the same when the run is repeated.
    pub id: String,
    /// What.
    pub kind: EventKind,
    /// First observation that qualifies.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub time: Micros,
    /// End, for what lasts.
    #[serde(with = "crate::time::rfc3339::option")]
    #[schemars(with = "Option<String>")]
    pub time_end: Option<Micros>,
    /// When it was known.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub decided_at: Micros,
    /// The zone; empty for an emission or a cue outside all zones.
    pub zone: String,
    /// Who: track names or the subjects of a table.
    pub subjects: Vec<String>,
    /// Probability.
    pub p: f64,
    /// Latitude, degrees, when placed.
    pub lat: Option<f64>,
    /// Longitude, degrees, when placed.
    pub lon: Option<f64>,
    /// Why, in words.
    pub reason: String,
    /// What belongs to its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// What it rests on.
    pub evidence: Vec<EvidenceRef>,
}

impl Event {
    /// `event/1`.
    pub const SCHEMA: &'static str = "event/1";

    /// The id that belongs to a kind, zone, subject and time.
    pub fn id_of(kind: EventKind, zone: &str, subject: &str, time: Micros) -> String {
        format!("{}-{zone}-{subject}-{}", kind.name(), time.0)
    }

    /// The order of records in a file: time, zone, subject, kind.
    pub fn sort_key(&self) -> (Micros, &str, Option<&String>, EventKind) {
        (self.time, &self.zone, self.subjects.first(), self.kind)
    }
}
