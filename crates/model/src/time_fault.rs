//! What a feed's clocks say against each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names and offsets of the scales of time that are mixed up: seconds ahead of UTC since 2017 (IERS
/// Bulletin C; MISP: ST 0603, which counts no leap seconds).
const SCALES: [(f64, TimeScale, &str); 4] = [
    (18.0, TimeScale::Gps, "GPS time"),
    (37.0, TimeScale::Tai, "TAI"),
    (
        29.0,
        TimeScale::Misp,
        "MISP time, in which leap seconds are not taken out",
    ),
    (19.0, TimeScale::GpsToTai, "the step from GPS time to TAI"),
];
/// A scale is recognised within so many seconds: transport takes time.
const SCALE_WITHIN_S: f64 = 1.5;

/// A fault of time of one feed. Nothing is corrected; each is told once, with its size.
/// Differences in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TimeFault {
    /// Metadata time jumped against presentation time; later jumps are only counted.
    Jump {
        /// By how much.
        by_us: i64,
    },
    /// Metadata time runs at another rate than presentation time.
    Drift {
        /// Parts per million, positive when it is faster.
        ppm: i64,
        /// What it has come to.
        by_us: i64,
        /// Over how long.
        over_us: i64,
    },
    /// Metadata time differs from the time inside the pictures (ST 0604).
    Pictures {
        /// Positive when metadata are ahead.
        ahead_us: i64,
        /// The scale that differs by as much.
        #[serde(skip_serializing_if = "Option::is_none")]
        scale: Option<TimeScale>,
    },
    /// Metadata time of a live feed differs from this machine's clock.
    Received {
        /// Positive when metadata are ahead.
        ahead_us: i64,
        /// The scale that differs by as much.
        #[serde(skip_serializing_if = "Option::is_none")]
        scale: Option<TimeScale>,
    },
    /// Metadata come too late in the stream to be paired live with their pictures.
    Lag {
        /// How long after them.
        behind_us: i64,
    },
}

/// A scale of time other than UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeScale {
    /// GPS time.
    Gps,
    /// International atomic time.
    Tai,
    /// MISP time with leap seconds left in.
    Misp,
    /// The step from GPS time to TAI.
    GpsToTai,
}

impl TimeScale {
    /// The scale that differs from UTC by about so much.
    pub fn of(difference_us: i64) -> Option<Self> {
        let s = difference_us.unsigned_abs() as f64 / 1e6;
        SCALES
            .iter()
            .filter(|(off, ..)| (off - s).abs() <= SCALE_WITHIN_S)
            .min_by(|a, b| (a.0 - s).abs().total_cmp(&(b.0 - s).abs()))
            .map(|(_, scale, _)| *scale)
    }
}

impl fmt::Display for TimeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Jump { by_us } => write!(
                f,
                "metadata time jumped by {} s against presentation time; later jumps are only counted",
                seconds(by_us)
            ),
            Self::Drift {
                ppm,
                by_us,
                over_us,
            } => write!(
                f,
                "metadata time runs {} ppm {} than presentation time ({} s in {} s)",
                ppm.abs(),
                if ppm > 0 { "faster" } else { "slower" },
                seconds(by_us),
                over_us / 1_000_000
            ),
            Self::Pictures { ahead_us, scale } => write!(
                f,
                "metadata time is {} the time in the pictures (ST 0604){}",
                ahead(ahead_us),
                as_scale(scale)
            ),
            Self::Received { ahead_us, scale } => write!(
                f,
                "metadata time is {} this machine's clock{}; compare the clocks",
                ahead(ahead_us),
                as_scale(scale)
            ),
            Self::Lag { behind_us } => write!(
                f,
                "metadata come {} s after the pictures that they belong to; live pictures are paired with older ones",
                seconds(behind_us)
            ),
        }
    }
}

fn ahead(us: i64) -> String {
    let side = if us > 0 { "ahead of" } else { "behind" };
    format!("{} s {side}", seconds(us.saturating_abs()))
}

fn as_scale(scale: Option<TimeScale>) -> String {
    let known = SCALES.iter().find(|(_, s, _)| Some(*s) == scale);
    known.map_or_else(String::new, |(off, _, name)| {
        format!(", as {name} would be ({off} s off UTC)")
    })
}

fn seconds(us: i64) -> String {
    format!("{:.3}", us as f64 / 1e6)
}
