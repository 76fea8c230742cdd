//! The fields of an event that an expression can name.

use super::clock::Local;
use atalaya_model::{About, Event, EventKind};
use std::sync::LazyLock;

/// The type of a field or of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Double,
    /// Text.
    Text,
    /// A list.
    List(Box<Type>),
    /// Not known before it is evaluated.
    Any,
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::Double => "a number",
            Self::Text => "text",
            Self::List(_) => "a list",
            Self::Any => "anything",
        })
    }
}

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact<'a> {
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(&'a str),
    List(&'a [String]),
}

/// An event and what is known beside it.
pub(crate) struct Facts<'a> {
    pub event: &'a Event,
    pub local: Local,
    /// Seconds of the stay that were seen, and that were not.
    pub stayed_s: f64,
    pub unseen_s: f64,
    /// Now in the event's zone.
    pub persons: usize,
    pub vehicles: usize,
}

/// A field.
pub struct Field {
    /// Its name in expressions.
    pub name: &'static str,
    /// Its type.
    pub kind: FieldType,
    /// What it says, with its unit, and what it is where an event has none.
    pub text: &'static str,
    get: for<'a> fn(&'a Facts<'_>) -> Fact<'a>,
}

/// The types that fields have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Double,
    /// Text.
    Text,
    /// A list of texts.
    Texts,
}

impl FieldType {
    /// The type of an expression that is this field alone.
    pub fn of(self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Int => Type::Int,
            Self::Double => Type::Double,
            Self::Text => Type::Text,
            Self::Texts => Type::List(Box::new(Type::Text)),
        }
    }

    /// As documents say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::Text => "string",
            Self::Texts => "list(string)",
        }
    }
}

/// Subjects that an expression sees; bounds the work of `exists` and its like.
pub(crate) const MOST_SUBJECTS: usize = 32;

macro_rules! field {
    ($name:literal, $kind:ident, $text:literal, |$f:ident| $get:expr) => {
        Field {
            name: $name,
            kind: FieldType::$kind,
            text: $text,
            get: |$f| $get,
        }
    };
}

/// All fields, in the order of the documentation.
pub static FIELDS: [Field; 33] = [
    field!("kind", Text, "kind of event", |f| Fact::Text(
        f.event.kind.name()
    )),
    field!("zone", Text, "its zone; empty outside all", |f| Fact::Text(
        &f.event.zone
    )),
    field!(
        "class",
        Text,
        "what the subject is taken for: `person`, `car`, `pickup`, `truck`, `other`, `unknown`; for a cue as its sensor says",
        |f| Fact::Text(f.class())
    ),
    field!("vehicle", Bool, "the class is that of a vehicle", |f| {
        Fact::Bool(f.event.class.is_some_and(|c| c.is_vehicle()))
    }),
    field!(
        "subject",
        Text,
        "the first subject; empty where there is none",
        |f| Fact::Text(f.event.subjects.first().map_or("", String::as_str))
    ),
    field!("subjects", Texts, "all subjects, at most 32", |f| {
        let s = &f.event.subjects;
        Fact::List(&s[..s.len().min(MOST_SUBJECTS)])
    }),
    field!("p", Double, "probability", |f| Fact::Double(f.event.p)),
    field!("hour", Int, "local hour of its time, 0 to 23", |f| {
        Fact::Int(f.local.hour)
    }),
    field!("minute", Int, "local minute, 0 to 59", |f| Fact::Int(
        f.local.minute
    )),
    field!(
        "clock",
        Text,
        "local time of day, `\"05:12\"`; compares as text",
        |f| Fact::Text(&f.local.clock)
    ),
    field!(
        "weekday",
        Int,
        "local day of the week, 1 Monday to 7 Sunday",
        |f| Fact::Int(f.local.weekday)
    ),
    field!(
        "weekend",
        Bool,
        "Saturday or Sunday, local",
        |f| Fact::Bool(f.local.weekday > 5)
    ),
    field!(
        "stayed_s",
        Double,
        "seconds of the subject's stay in the zone so far that were seen; 0 without one",
        |f| Fact::Double(f.stayed_s)
    ),
    field!(
        "unseen_s",
        Double,
        "seconds of that stay that were not seen",
        |f| Fact::Double(f.unseen_s)
    ),
    field!(
        "lasted_s",
        Double,
        "seconds that it lasted; 0 for what has no end",
        |f| Fact::Double(f.lasted_s())
    ),
    field!(
        "persons",
        Int,
        "persons who took part in handling; else those in the zone now",
        |f| Fact::Int(f.persons())
    ),
    field!("vehicles", Int, "vehicles in the zone now", |f| Fact::Int(
        whole(f.vehicles)
    )),
    field!(
        "walks_in",
        Int,
        "handling: walks to the vehicle; else 0",
        |f| Fact::Int(f.handled().map_or(0, |h| i64::from(h.0)))
    ),
    field!(
        "walks_out",
        Int,
        "handling: walks from the vehicle; else 0",
        |f| Fact::Int(f.handled().map_or(0, |h| i64::from(h.1)))
    ),
    field!(
        "apart_m",
        Double,
        "meeting, convoy: least distance, metres; else 0",
        |f| Fact::Double(match &f.event.about {
            Some(About::Together(t)) => t.apart_m,
            _ => 0.0,
        })
    ),
    field!(
        "turned_deg",
        Double,
        "turn: degrees, positive to the left; else 0",
        |f| Fact::Double(match &f.event.about {
            Some(About::Turn(deg)) => *deg,
            _ => 0.0,
        })
    ),
    field!(
        "gas",
        Text,
        "emission: the gas, by its formula; else empty",
        |f| Fact::Text(match &f.event.about {
            Some(About::Emission(e)) => &e.gas,
            _ => "",
        })
    ),
    field!("rate_kg_h", Double, "emission: rate, kg/h; else 0", |f| {
        Fact::Double(match &f.event.about {
            Some(About::Emission(e)) => e.rate_kg_h,
            _ => 0.0,
        })
    }),
    field!("node", Text, "cue: the sensor; else empty", |f| Fact::Text(
        match &f.event.about {
            Some(About::Cue(c)) => &c.node,
            _ => "",
        }
    )),
    field!(
        "sigma_m",
        Double,
        "cue: one-sigma error of its place, metres; else 0",
        |f| Fact::Double(match &f.event.about {
            Some(About::Cue(c)) => c.sigma_m,
            _ => 0.0,
        })
    ),
    field!(
        "earlier",
        Text,
        "return: the subject of the earlier visit; else empty",
        |f| Fact::Text(match &f.event.about {
            Some(About::Return(r)) => &r.earlier,
            _ => "",
        })
    ),
    field!(
        "away_s",
        Double,
        "return: seconds since the earlier visit ended; else 0",
        |f| Fact::Double(match &f.event.about {
            Some(About::Return(r)) => f.event.time.since(r.left_at),
            _ => 0.0,
        })
    ),
    field!(
        "counted",
        Text,
        "novelty, change: the kind of event that is unusual; else empty",
        |f| Fact::Text(match &f.event.about {
            Some(About::Routine(u)) => u.kind.name(),
            _ => "",
        })
    ),
    field!(
        "seen",
        Double,
        "novelty, change: how many were seen; else 0",
        |f| Fact::Double(match &f.event.about {
            Some(About::Routine(u)) => u.seen,
            _ => 0.0,
        })
    ),
    field!(
        "expected",
        Double,
        "novelty, change: how many the routine would have; else 0",
        |f| Fact::Double(match &f.event.about {
            Some(About::Routine(u)) => u.expected,
            _ => 0.0,
        })
    ),
    field!(
        "unobserved",
        Bool,
        "arrival, departure: nobody saw it happen; its time is the earliest that it can have been; lost and appeared: always",
        |f| Fact::Bool(match &f.event.about {
            Some(About::Departure(d)) => d.unseen,
            Some(About::Arrival(a)) => a.unseen,
            _ => matches!(f.event.kind, EventKind::Lost | EventKind::Appeared),
        })
    ),
    field!("lat", Double, "latitude, degrees; 0 when not placed", |f| {
        Fact::Double(f.event.lat.unwrap_or(0.0))
    }),
    field!(
        "lon",
        Double,
        "longitude, degrees; 0 when not placed",
        |f| Fact::Double(f.event.lon.unwrap_or(0.0))
    ),
];

impl Field {
    /// The field of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|f| f.name == name)
    }

    /// The texts that it can be, when they are known beforehand.
    pub(crate) fn values(&self) -> &'static [&'static str] {
        match self.name {
            "kind" | "counted" => &KINDS,
            "class" => &[
                "unknown", "person", "car", "pickup", "truck", "other", "vehicle",
            ],
            _ => &[],
        }
    }

    pub(crate) fn get<'a>(&self, facts: &'a Facts<'_>) -> Fact<'a> {
        (self.get)(facts)
    }
}

static KINDS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| EventKind::ALL.iter().map(|k| k.name()).collect());

/// The names of all kinds of event.
pub(crate) fn kinds() -> &'static [&'static str] {
    &KINDS
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Facts<'_> {
    fn class(&self) -> &str {
        match (&self.event.class, &self.event.about) {
            (Some(c), _) => c.name(),
            (None, Some(About::Cue(c))) => &c.what,
            (None, Some(About::Routine(u))) if !u.class.is_empty() => &u.class,
            _ => "unknown",
        }
    }

    fn handled(&self) -> Option<(u32, u32)> {
        match &self.event.about {
            Some(About::Handling(h)) => Some((h.walks_in, h.walks_out)),
            _ => None,
        }
    }

    fn persons(&self) -> i64 {
        match &self.event.about {
            Some(About::Handling(h)) => i64::from(h.persons),
            _ => whole(self.persons),
        }
    }

    fn lasted_s(&self) -> f64 {
        match &self.event.about {
            Some(About::Handling(h)) => h.lasted_s,
            Some(About::Together(t)) => t.lasted_s,
            _ => self
                .event
                .time_end
                .map_or(0.0, |end| end.since(self.event.time)),
        }
    }
}
