//! SMPTE universal labels.

use std::fmt;

use crate::form::SetDef;
use crate::{eg0104, st0102, st0601, st0806, st0903, st1002, st1108, st1206, st1601, st1602};

/// A 16-byte universal label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub [u8; 16]);

/// The first bytes of every label.
pub(crate) const PREFIX: [u8; 4] = [0x06, 0x0E, 0x2B, 0x34];

/// The first bytes of every label of a set or pack, which is what stands at the beginning of a
/// packet.
pub(crate) const SET_PREFIX: [u8; 5] = [0x06, 0x0E, 0x2B, 0x34, 0x02];

/// The first bytes of every label of a single item (SMPTE ST 336), which may stand outside of sets too.
pub(crate) const ITEM_PREFIX: [u8; 5] = [0x06, 0x0E, 0x2B, 0x34, 0x01];

/// What a packet's label says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standard {
    /// UAS datalink local set.
    St0601,
    /// Predator basic universal metadata set.
    Eg0104,
    /// Security metadata local set.
    St0102Local,
    /// Security metadata universal set.
    St0102Universal,
    /// VMTI local set.
    St0903,
    /// VTrack local set of the same standard.
    St0903Track,
    /// Remote video terminal local set.
    St0806,
    /// Range image local set.
    St1002,
    /// Metric geopositioning local set: known by its label alone, items are kept as bytes.
    St1107,
    /// Interpretability and quality local set.
    St1108,
    /// Generalized transformation local set.
    St1202,
    /// Synthetic aperture radar local set.
    St1206,
    /// Geo-registration local set.
    St1601,
    /// Composite imaging local set.
    St1602,
    /// No set: a single item with a 16-byte label of its own.
    Item,
    /// Another universal set: items have 16-byte labels.
    UnknownUniversal,
    /// Another local set with BER-OID tags.
    UnknownLocal,
    /// Any other label: nothing is known of what follows it.
    Unknown,
}

/// Local sets that are not known: their items are walked, and kept as bytes.
static UNKNOWN_LOCAL: SetDef = SetDef {
    source: "SMPTE ST 336",
    clause: "",
    name: "Local Set",
    items: &[],
    labels: &[],
};

/// ST 1107: open implementations do not agree on its items.
static METRIC_GEOPOSITIONING: SetDef = SetDef {
    source: "MISB ST 1107",
    clause: "not decoded; item {} is kept as bytes",
    name: "Metric Geopositioning Local Set",
    items: &[],
    labels: &[],
};

impl Standard {
    /// All that are known, with their labels.
    pub const KNOWN: [(Key, Self); 14] = [
        (Key::ST0601, Self::St0601),
        (Key::EG0104, Self::Eg0104),
        (Key::ST0903, Self::St0903),
        (Key::ST0102_LOCAL, Self::St0102Local),
        (Key::ST0102_UNIVERSAL, Self::St0102Universal),
        (
            Key::of(0x060E_2B34_020B_0101_0E01_0303_1E00_0000),
            Self::St0903Track,
        ),
        (
            Key::of(0x060E_2B34_020B_0101_0E01_0301_0200_0000),
            Self::St0806,
        ),
        (
            Key::of(0x060E_2B34_020B_0101_0E01_0303_0C00_0000),
            Self::St1002,
        ),
        (
            Key::of(0x060E_2B34_020B_0101_0E01_0305_0500_0000),
            Self::St1202,
        ),
        (
            Key::of(0x060E_2B34_020B_0101_0E01_0303_0D00_0000),
            Self::St1206,
        ),
        (
            Key::of(0x060E_2B34_020B_0101_0E01_0303_0100_0000),
            Self::St1601,
        ),
        (
            Key::of(0x060E_2B34_020B_0101_0E01_0303_0200_0000),
            Self::St1602,
        ),
        (
            Key::of(0x060E_2B34_020B_0101_0E01_0303_2200_0000),
            Self::St1107,
        ),
        (
            Key::of(0x060E_2B34_0203_0101_0E01_0303_1C00_0000),
            Self::St1108,
        ),
    ];

    /// Its name in `klv/1` records.
    pub fn name(self) -> &'static str {
        match self {
            Self::St0601 => "ST0601",
            Self::Eg0104 => "EG0104",
            Self::St0102Local | Self::St0102Universal => "ST0102",
            Self::St0903 | Self::St0903Track => "ST0903",
            Self::St0806 => "ST0806",
            Self::St1002 => "ST1002",
            Self::St1107 => "ST1107",
            Self::St1108 => "ST1108",
            Self::St1202 => "ST1202",
            Self::St1206 => "ST1206",
            Self::St1601 => "ST1601",
            Self::St1602 => "ST1602",
            Self::Item => "item",
            Self::UnknownUniversal | Self::UnknownLocal | Self::Unknown => "unknown",
        }
    }

    /// The table of its items; `None` if nothing is known of what follows the label.
    pub fn set(self) -> Option<&'static SetDef> {
        Some(match self {
            Self::St0601 => &st0601::table::UAS,
            Self::Eg0104 | Self::Item | Self::UnknownUniversal => &eg0104::UNIVERSAL,
            Self::St0102Local => &st0102::LOCAL,
            Self::St0102Universal => &st0102::UNIVERSAL,
            Self::St0903 => &st0903::VMTI,
            Self::St0903Track => &st0903::VTRACK,
            Self::St0806 => &st0806::RVT,
            Self::St1002 => &st1002::RANGE_IMAGE,
            Self::St1107 => &METRIC_GEOPOSITIONING,
            Self::St1108 => &st1108::INTERPRETABILITY,
            Self::St1202 => &st1002::TRANSFORMATION,
            Self::St1206 => &st1206::SARMI,
            Self::St1601 => &st1601::GEO_REGISTRATION,
            Self::St1602 => &st1602::COMPOSITE,
            Self::UnknownLocal => &UNKNOWN_LOCAL,
            Self::Unknown => return None,
        })
    }

    /// Whether it is none of those that are known.
    pub fn is_unknown(self) -> bool {
        matches!(
            self,
            Self::UnknownUniversal | Self::UnknownLocal | Self::Unknown
        )
    }

    /// Whether items have 16-byte labels (else BER-OID tags).
    pub(crate) fn is_universal(self) -> bool {
        matches!(
            self,
            Self::Eg0104 | Self::St0102Universal | Self::Item | Self::UnknownUniversal
        )
    }
}

impl Key {
    /// UAS datalink local set (ST 0601).
    pub const ST0601: Self = Self::of(0x060E_2B34_020B_0101_0E01_0301_0100_0000);
    /// Predator basic universal metadata set (EG 0104).
    pub const EG0104: Self = Self::of(0x060E_2B34_0201_0101_0E01_0102_0101_0000);
    /// Security local set (ST 0102).
    pub const ST0102_LOCAL: Self = Self::of(0x060E_2B34_0203_0101_0E01_0303_0200_0000);
    /// Security universal set (ST 0102).
    pub const ST0102_UNIVERSAL: Self = Self::of(0x060E_2B34_0201_0101_0208_0200_0000_0000);
    /// VMTI local set (ST 0903).
    pub const ST0903: Self = Self::of(0x060E_2B34_020B_0101_0E01_0303_0600_0000);

    /// A label from its 32 hexadecimal digits as a number.
    pub const fn of(digits: u128) -> Self {
        Self(digits.to_be_bytes())
    }

    /// The label as a number, for comparison with one byte ignored.
    fn number(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    /// Equal but for the registry version (byte 8), as SMPTE ST 336 asks.
    #[inline]
    pub fn same(self, other: Self) -> bool {
        const WITHOUT_VERSION: u128 = !(0xFF << 64);
        self.number() & WITHOUT_VERSION == other.number() & WITHOUT_VERSION
    }

    /// What the label stands for.
    #[inline]
    pub fn standard(self) -> Standard {
        if self.same(Self::ST0601) {
            return Standard::St0601;
        }
        self.rarer_standard()
    }

    fn rarer_standard(self) -> Standard {
        /// How sets are coded (SMPTE ST 336): universal labels, or tags in BER-OID.
        const UNIVERSAL: u8 = 0x01;
        const LOCAL: u8 = 0x0B;
        let known = Standard::KNOWN.iter().find(|(key, _)| self.same(*key));
        match known {
            Some((_, standard)) => *standard,
            None if self.0.starts_with(&ITEM_PREFIX) => Standard::Item,
            None if self.0[5] == UNIVERSAL => Standard::UnknownUniversal,
            None if self.0[5] == LOCAL => Standard::UnknownLocal,
            None => Standard::Unknown,
        }
    }
}

impl fmt::Display for Key {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
