//! SMPTE universal labels.

use std::fmt;

/// A 16-byte universal label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub [u8; 16]);

/// The first bytes of every label of a set or pack, which is what stands at
/// the beginning of a packet (labels of single items have 0x01 in the fifth).
pub(crate) const SET_PREFIX: [u8; 5] = [0x06, 0x0E, 0x2B, 0x34, 0x02];

/// What a packet's label says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Any other set.
    Unknown,
}

impl Standard {
    /// Its name in `klv/1` records.
    pub fn name(self) -> &'static str {
        match self {
            Self::St0601 => "ST0601",
            Self::Eg0104 => "EG0104",
            Self::St0102Local | Self::St0102Universal => "ST0102",
            Self::St0903 => "ST0903",
            Self::Unknown => "unknown",
        }
    }

    /// Whether items have 16-byte labels (else BER-OID tags).
    pub(crate) fn is_universal(self) -> bool {
        matches!(self, Self::Eg0104 | Self::St0102Universal)
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
    pub fn same(self, other: Self) -> bool {
        const WITHOUT_VERSION: u128 = !(0xFF << 64);
        self.number() & WITHOUT_VERSION == other.number() & WITHOUT_VERSION
    }

    /// What the label stands for.
    pub fn standard(self) -> Standard {
        for (key, standard) in [
            (Self::ST0601, Standard::St0601),
            (Self::EG0104, Standard::Eg0104),
            (Self::ST0903, Standard::St0903),
            (Self::ST0102_LOCAL, Standard::St0102Local),
            (Self::ST0102_UNIVERSAL, Standard::St0102Universal),
        ] {
            if self.same(key) {
                return standard;
            }
        }
        Standard::Unknown
    }
}

impl fmt::Display for Key {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
