//! Things that happened, as `event/1` records.

use crate::detection::Class;
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
    /// A vehicle comes to a stand.
    Stop,
    /// A vehicle drives off.
    Start,
    /// A vehicle turns to its left.
    TurnLeft,
    /// A vehicle turns to its right.
    TurnRight,
    /// A vehicle turns round.
    UTurn,
    /// A vehicle goes backwards.
    Reverse,
    /// A person gets into a vehicle.
    EnterVehicle,
    /// A person gets out of a vehicle.
    ExitVehicle,
    /// A person goes into a building.
    EnterStructure,
    /// A person comes out of a building.
    ExitStructure,
    /// A vehicle leaves a person behind.
    DropOff,
    /// A vehicle takes a person along.
    PickUp,
    /// Persons carry things into a vehicle.
    Load,
    /// Persons carry things out of a vehicle.
    Unload,
    /// Goods came in: a visit of a vehicle that was unloaded.
    Delivery,
    /// Goods went out: a visit of a vehicle that was loaded.
    Shipment,
    /// Two come together and stay together.
    Meeting,
    /// Vehicles follow one another.
    Convoy,
    /// Persons carry things from one vehicle to another.
    Handover,
    /// A vehicle came up to a zone, turned and left without entering.
    TurnedAway,
    /// A vehicle that was here before.
    Return,
    /// Something that the place's routine does not hold.
    Novelty,
    /// The place's routine has changed.
    Change,
}

impl EventKind {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 31] = [
        Self::Arrival,
        Self::Departure,
        Self::Appeared,
        Self::Lost,
        Self::Dwell,
        Self::CoverageGap,
        Self::Emission,
        Self::Cue,
        Self::Stop,
        Self::Start,
        Self::TurnLeft,
        Self::TurnRight,
        Self::UTurn,
        Self::Reverse,
        Self::EnterVehicle,
        Self::ExitVehicle,
        Self::EnterStructure,
        Self::ExitStructure,
        Self::DropOff,
        Self::PickUp,
        Self::Load,
        Self::Unload,
        Self::Delivery,
        Self::Shipment,
        Self::Meeting,
        Self::Convoy,
        Self::Handover,
        Self::TurnedAway,
        Self::Return,
        Self::Novelty,
        Self::Change,
    ];

    /// The kind of a name in records.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

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
            Self::Stop => "stop",
            Self::Start => "start",
            Self::TurnLeft => "turn_left",
            Self::TurnRight => "turn_right",
            Self::UTurn => "u_turn",
            Self::Reverse => "reverse",
            Self::EnterVehicle => "enter_vehicle",
            Self::ExitVehicle => "exit_vehicle",
            Self::EnterStructure => "enter_structure",
            Self::ExitStructure => "exit_structure",
            Self::DropOff => "drop_off",
            Self::PickUp => "pick_up",
            Self::Load => "load",
            Self::Unload => "unload",
            Self::Delivery => "delivery",
            Self::Shipment => "shipment",
            Self::Meeting => "meeting",
            Self::Convoy => "convoy",
            Self::Handover => "handover",
            Self::TurnedAway => "turned_away",
            Self::Return => "return",
            Self::Novelty => "novelty",
            Self::Change => "change",
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
    /// Of an arrival that nobody saw.
    Arrival(Arrived),
    /// Of a turn: degrees that the vehicle turned, positive to its left.
    Turn(f64),
    /// Of what two or more do together.
    Together(Together),
    /// Of loading, unloading, delivery, shipment and handover.
    Handling(Handled),
    /// Of a return.
    Return(Returned),
    /// Of a novelty or a change.
    Routine(Unusual),
}

/// How somebody arrived whom nobody saw coming.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Arrived {
    /// Its place was empty at the event's `time`, and taken at its `time_end`.
    pub unseen: bool,
    /// Its place was in view all that time, and it was found late.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_view: bool,
}

/// How two or more were together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Together {
    /// Least distance, metres.
    pub apart_m: f64,
    /// For how long, seconds.
    pub lasted_s: f64,
}

/// What was seen of goods being handled at a vehicle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Handled {
    /// Persons who took part.
    pub persons: u32,
    /// Walks from a building or another vehicle to the vehicle.
    pub walks_in: u32,
    /// Walks from the vehicle to a building or another vehicle.
    pub walks_out: u32,
    /// From the first to the last of them, seconds.
    pub lasted_s: f64,
    /// What speaks for it and against it, and by how much.
    pub reasons: Vec<Reason>,
    /// The walks, in the order of their ends; of very many, the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub walks: Vec<Walked>,
}

/// A walk to a vehicle or from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Walked {
    /// When it began.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub from: Micros,
    /// When it ended.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub to: Micros,
    /// To the vehicle, or away from it.
    pub to_vehicle: bool,
    /// Speed on the way, m/s.
    pub speed_m_s: f64,
}

/// One reason for a probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// A short name that screens translate.
    pub what: String,
    /// What was measured.
    pub value: f64,
    /// Natural logarithm of its likelihood ratio: positive speaks for the event.
    pub weight: f64,
}

/// An earlier visit of what seems to be the same vehicle. An analyst confirms or rejects it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Returned {
    /// The subject of the earlier visit.
    pub earlier: String,
    /// When that visit ended.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub left_at: Micros,
    /// What speaks for it and against it.
    pub reasons: Vec<Reason>,
}

/// What is unusual about an event or a rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unusual {
    /// The kind of event that is counted.
    pub kind: EventKind,
    /// Of which class, by its name; empty for all.
    pub class: String,
    /// How many were seen in the time it is about.
    pub seen: f64,
    /// How many the routine would have, given what was watched.
    pub expected: f64,
    /// Hours that were watched in the time it is about.
    pub watched_h: f64,
    /// The last one like it, if there was any.
    #[serde(with = "crate::time::rfc3339::option")]
    #[schemars(with = "Option<String>")]
    pub last: Option<Micros>,
}

/// How a departure ended that was not seen to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Departed {
    /// It was seen beyond the exit margin, then left the picture.
    pub out_of_picture: bool,
    /// Nobody saw it go: it was there at the event's `time`, and gone at its `time_end`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unseen: bool,
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
    /// What the first subject is taken for, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
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
