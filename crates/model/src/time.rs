//! Event time: microseconds UTC since 1970.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment (or a span) in microseconds UTC.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// Earliest representable moment.
    pub const MIN: Self = Self(i64::MIN);
    /// Latest representable moment.
    pub const MAX: Self = Self(i64::MAX);

    /// From seconds, rounded to the microsecond; saturates.
    pub fn from_secs(s: f64) -> Self {
        Self((s * 1e6).round() as i64)
    }

    /// Seconds.
    pub fn secs(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// `self - earlier`, in seconds.
    pub fn since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 1e6
    }

    /// RFC 3339 UTC with milliseconds (microseconds when there are any), ending in `Z`.
    pub fn to_rfc3339(self) -> String {
        let nanos = i128::from(self.0) * 1000;
        let Ok(t) = OffsetDateTime::from_unix_timestamp_nanos(nanos) else {
            return format!("{}us", self.0);
        };
        let (year, month, day) = (t.year(), u8::from(t.month()), t.day());
        let us = t.microsecond();
        let frac = if us % 1000 == 0 {
            format!("{:03}", us / 1000)
        } else {
            format!("{us:06}")
        };
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{frac}Z",
            t.hour(),
            t.minute(),
            t.second()
        )
    }

    /// From RFC 3339 with any offset.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let t = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
        i64::try_from(t.unix_timestamp_nanos() / 1000)
            .ok()
            .map(Self)
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// (De)serialises [`Micros`] as RFC 3339 text, as records carry time.
pub mod rfc3339 {
    use super::Micros;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes RFC 3339.
    pub fn serialize<S: Serializer>(t: &Micros, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&t.to_rfc3339())
    }

    /// Reads RFC 3339.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Micros, D::Error> {
        let text = String::deserialize(d)?;
        Micros::parse_rfc3339(&text)
            .ok_or_else(|| D::Error::custom(format!("'{text}' is not an RFC 3339 time")))
    }

    /// The same for an optional time.
    pub mod option {
        use super::Micros;
        use serde::{Deserialize, Deserializer, Serializer, de::Error};

        /// Writes RFC 3339 or null.
        pub fn serialize<S: Serializer>(t: &Option<Micros>, s: S) -> Result<S::Ok, S::Error> {
            match t {
                Some(t) => s.serialize_str(&t.to_rfc3339()),
                None => s.serialize_none(),
            }
        }

        /// Reads RFC 3339 or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Micros>, D::Error> {
            let text = Option::<String>::deserialize(d)?;
            text.map(|text| {
                Micros::parse_rfc3339(&text)
                    .ok_or_else(|| D::Error::custom(format!("'{text}' is not an RFC 3339 time")))
            })
            .transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for text in [
            "2026-11-22T05:12:00.000Z",
            "1970-01-01T00:00:00.000001Z",
            "2026-02-28T23:59:59.999Z",
        ] {
            assert_eq!(Micros::parse_rfc3339(text).unwrap().to_rfc3339(), text);
        }
        assert_eq!(
            Micros::parse_rfc3339("2026-11-22T06:12:00+01:00").unwrap(),
            Micros::parse_rfc3339("2026-11-22T05:12:00Z").unwrap()
        );
    }
}
