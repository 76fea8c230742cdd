//! What composed events are made from, and what they are before they have a zone and evidence.

use atalaya_geo::Vector2;
use atalaya_model::{About, Class, EventKind, Micros};
use std::sync::Arc;

/// An observed position of a subject on the plane of the zones.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// Event time.
    pub t: Micros,
    /// Who: a track's name, or the subject of a table.
    pub subject: Arc<str>,
    /// What it is taken for.
    pub class: Class,
    /// East and north, metres.
    pub at: Vector2<f64>,
    /// One-sigma error of the place that differs from fix to fix, metres.
    pub sigma_m: f64,
}

/// Something that one or more subjects did.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What.
    pub kind: EventKind,
    /// First observation that qualifies.
    pub time: Micros,
    /// End, for what lasts.
    pub time_end: Option<Micros>,
    /// When it was known.
    pub decided_at: Micros,
    /// Who; a vehicle before persons.
    pub subjects: Vec<Arc<str>>,
    /// Where, metres.
    pub at: Vector2<f64>,
    /// Probability.
    pub p: f64,
    /// Why, in words.
    pub reason: String,
    /// What belongs to its kind.
    pub about: Option<About>,
}
