//! Short names of feeds and tracks.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;
use std::str::FromStr;

/// A feed's place in the operation document, from 0.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct FeedIx(pub u16);

/// A track: the feed that saw it and a number in that feed's run, from 1.
///
/// Written as the feed's letter and the number, `A17`: short enough to be said over the radio.
/// Feeds beyond the 26th have two letters (`AA17`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId {
    /// The feed.
    pub feed: FeedIx,
    /// The number, from 1.
    pub n: u32,
}

impl fmt::Display for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = Vec::new();
        let mut rest = u32::from(self.feed.0) + 1;
        while rest > 0 {
            rest -= 1;
            letters.push(b'A' + (rest % 26) as u8);
            rest /= 26;
        }
        letters.reverse();
        write!(f, "{}{}", String::from_utf8_lossy(&letters), self.n)
    }
}

impl FromStr for TrackId {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let split = s.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(s.len());
        let (letters, digits) = s.split_at(split);
        let bad = || format!("'{s}' is not a track id such as A17");
        if letters.is_empty() || letters.len() > 3 {
            return Err(bad());
        }
        let feed = letters
            .bytes()
            .fold(0u32, |a, b| a * 26 + u32::from(b - b'A') + 1)
            - 1;
        Ok(Self {
            feed: FeedIx(u16::try_from(feed).map_err(|_| bad())?),
            n: digits.parse().map_err(|_| bad())?,
        })
    }
}

impl Serialize for TrackId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TrackId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for (feed, n, name) in [
            (0, 17, "A17"),
            (25, 1, "Z1"),
            (26, 3, "AA3"),
            (701, 9, "ZZ9"),
        ] {
            let id = TrackId {
                feed: FeedIx(feed),
                n,
            };
            assert_eq!(id.to_string(), name);
            assert_eq!(name.parse::<TrackId>().unwrap(), id);
        }
        assert!("17".parse::<TrackId>().is_err());
        assert!("A".parse::<TrackId>().is_err());
        assert!("AAAA1".parse::<TrackId>().is_err());
    }
}
