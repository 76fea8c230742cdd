//! Lengths and tags of SMPTE ST 336: BER and BER-OID numbers.

/// Reads a BER length (short or long form of up to eight bytes): the length
/// and the bytes it took. `None` if the bytes end first, or for the
/// indefinite form, which KLV does not allow.
pub fn read_length(bytes: &[u8]) -> Option<(u64, usize)> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((u64::from(first), 1));
    }
    let count = usize::from(first & 0x7F);
    if count == 0 || count > 8 {
        return None;
    }
    let value = rest
        .get(..count)?
        .iter()
        .fold(0u64, |value, &byte| value << 8 | u64::from(byte));
    Some((value, count + 1))
}

/// Whether `bytes`, too short for [`read_length`], could become a length when
/// more arrive.
pub(crate) fn may_become_length(bytes: &[u8]) -> bool {
    match bytes.first() {
        None => true,
        Some(&first) => (0x81..=0x88).contains(&first) && bytes.len() <= usize::from(first & 0x7F),
    }
}

/// Reads a BER-OID tag (seven bits a byte, highest first): the tag and the
/// bytes it took. Tags above 28 bits are refused.
pub fn read_oid(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value = 0u32;
    for (n, &byte) in bytes.iter().take(4).enumerate() {
        value = value << 7 | u32::from(byte & 0x7F);
        if byte < 0x80 {
            return Some((value, n + 1));
        }
    }
    None
}

/// Appends a BER length in its shortest form.
pub fn write_length(length: usize, out: &mut Vec<u8>) {
    if length < 0x80 {
        out.push(length as u8);
        return;
    }
    let bytes = (length as u64).to_be_bytes();
    let first = bytes.iter().position(|&b| b != 0).unwrap_or(7);
    out.push(0x80 | (8 - first) as u8);
    out.extend_from_slice(&bytes[first..]);
}

/// Appends a BER-OID tag; only its lowest 28 bits are written.
pub fn write_oid(tag: u32, out: &mut Vec<u8>) {
    for shift in [21, 14, 7] {
        if tag >> shift != 0 {
            out.push(0x80 | (tag >> shift & 0x7F) as u8);
        }
    }
    out.push((tag & 0x7F) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_tags_come_back() {
        for n in [0usize, 1, 127, 128, 255, 256, 65_535, 65_536, 1 << 24] {
            let mut out = Vec::new();
            write_length(n, &mut out);
            assert_eq!(read_length(&out), Some((n as u64, out.len())));
        }
        for n in [0u32, 1, 127, 128, 143, 16_383, 16_384, (1 << 28) - 1] {
            let mut out = Vec::new();
            write_oid(n, &mut out);
            assert_eq!(read_oid(&out), Some((n, out.len())));
        }
        assert_eq!(read_length(&[0x80, 1]), None);
        assert_eq!(read_length(&[0x82, 1]), None);
        assert!(may_become_length(&[0x82, 1]) && !may_become_length(&[0x80]));
        assert_eq!(read_oid(&[0xFF; 5]), None);
    }
}
