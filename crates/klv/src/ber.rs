//! Lengths and tags of SMPTE ST 336: BER and BER-OID numbers of every length.

/// Most bytes of one BER or BER-OID number that are looked at; what is longer is padding of zeros
/// to no purpose, and is refused.
const LONGEST: usize = 16;

/// Reads a BER length (short form, or long form with up to 16 bytes): the length and the bytes it
/// took. Leading zeros are allowed, as ST 336 allows them. `None` if the bytes end first, if the
/// number exceeds 64 bits, and for the indefinite form, which KLV does not allow.
#[inline]
pub fn read_length(bytes: &[u8]) -> Option<(u64, usize)> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((u64::from(first), 1));
    }
    let count = usize::from(first & 0x7F);
    if count == 0 || count > LONGEST {
        return None;
    }
    let digits = rest.get(..count)?;
    let (zeros, low) = digits.split_at(count.saturating_sub(8));
    if zeros.iter().any(|&z| z != 0) {
        return None;
    }
    let value = low.iter().fold(0u64, |n, &byte| n << 8 | u64::from(byte));
    Some((value, count + 1))
}

/// Whether `bytes`, too short for [`read_length`], could become a length when more arrive.
pub(crate) fn may_become_length(bytes: &[u8]) -> bool {
    match bytes.first() {
        None => true,
        Some(&first) => {
            let count = usize::from(first & 0x7F);
            first > 0x80 && count <= LONGEST && bytes.len() <= count
        }
    }
}

/// Reads a BER-OID number (seven bits a byte, highest first): the number and the bytes it took.
/// Leading zero bits (0x80) are allowed; numbers above 64 bits are refused.
#[inline]
pub fn read_oid(bytes: &[u8]) -> Option<(u64, usize)> {
    let &first = bytes.first()?;
    if first < 0x80 {
        return Some((u64::from(first), 1));
    }
    let mut value = 0u64;
    for (n, &byte) in bytes.iter().take(LONGEST).enumerate() {
        if value >> 57 != 0 {
            return None;
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if byte < 0x80 {
            return Some((value, n + 1));
        }
    }
    None
}

/// Appends a BER length in its shortest form.
#[inline]
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

/// Appends a BER length in as many bytes as `as_read` took, where it fits; else in the shortest
/// form that holds it. What was read with a long form is written with one again.
pub fn write_length_like(length: usize, as_read: usize, out: &mut Vec<u8>) {
    let digits = as_read.saturating_sub(1);
    let fits = match digits {
        0 => length < 0x80,
        n if n < 8 => length >> (8 * n) == 0,
        _ => true,
    };
    if digits == 0 || !fits || digits > LONGEST {
        return write_length(length, out);
    }
    out.push(0x80 | digits as u8);
    let bytes = (length as u64).to_be_bytes();
    out.extend(std::iter::repeat_n(0u8, digits.saturating_sub(8)));
    out.extend_from_slice(&bytes[8 - digits.min(8)..]);
}

/// Appends a BER-OID number in its shortest form.
#[inline]
pub fn write_oid(number: u64, out: &mut Vec<u8>) {
    if number < 0x80 {
        out.push(number as u8);
        return;
    }
    let bits = 64 - number.leading_zeros();
    for group in (1..bits.div_ceil(7)).rev() {
        out.push(0x80 | (number >> (7 * group) & 0x7F) as u8);
    }
    out.push((number & 0x7F) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_numbers_come_back() {
        for n in [0usize, 1, 127, 128, 255, 256, 65_535, 65_536, 1 << 24] {
            let mut out = Vec::new();
            write_length(n, &mut out);
            assert_eq!(read_length(&out), Some((n as u64, out.len())));
            for digits in 2..12 {
                let mut padded = Vec::new();
                write_length_like(n, digits, &mut padded);
                assert_eq!(read_length(&padded), Some((n as u64, padded.len())));
            }
        }
        for n in [
            0u64,
            1,
            127,
            128,
            143,
            16_383,
            16_384,
            (1 << 28) - 1,
            1 << 62,
            u64::MAX,
        ] {
            let mut out = Vec::new();
            write_oid(n, &mut out);
            assert_eq!(read_oid(&out), Some((n, out.len())));
            out.insert(0, 0x80);
            assert_eq!(read_oid(&out), Some((n, out.len())), "with a leading zero");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert_eq!(read_length(&[0x80, 1]), None);
        assert_eq!(read_length(&[0x82, 1]), None);
        assert_eq!(read_length(&[0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(
            read_length(&[0x89, 0, 0, 0, 0, 0, 0, 0, 0, 5]),
            Some((5, 10))
        );
        assert!(may_become_length(&[0x82, 1]) && !may_become_length(&[0x80]));
        assert!(!may_become_length(&[0xFF]));
        assert_eq!(read_oid(&[0xFF; 17]), None);
        assert_eq!(read_oid(&[0x81]), None);
    }
}
