//! What was found wrong, without stopping.

/// Kinds of fault; their names stand in `klv/1` records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultCode {
    /// The checksum does not agree with the bytes.
    ChecksumBad,
    /// The packet ends within an item, or no item stands where one should.
    ItemTruncated,
    /// An item's bytes cannot be its value (wrong length, not text).
    ItemMalformed,
    /// An item stands in the set twice; the last one counts.
    ItemRepeated,
}

impl FaultCode {
    /// Its name in `klv/1` records.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChecksumBad => "checksum_bad",
            Self::ItemTruncated => "item_truncated",
            Self::ItemMalformed => "item_malformed",
            Self::ItemRepeated => "item_repeated",
        }
    }
}

/// One fault within a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset in the stream.
    pub offset: u64,
    /// What kind.
    pub code: FaultCode,
    /// One line for a person.
    pub text: String,
}
