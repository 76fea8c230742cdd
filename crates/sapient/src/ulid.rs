//! Identifiers.

/// Digits of Crockford's base 32.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A ULID of a moment (milliseconds since 1970) and 80 bits that the caller makes unique.
pub fn ulid(ms: u64, unique: u128) -> String {
    let value = (u128::from(ms & 0xffff_ffff_ffff) << 80) | (unique & ((1 << 80) - 1));
    (0..26)
        .rev()
        .map(|i| char::from(DIGITS[((value >> (5 * i)) & 31) as usize]))
        .collect()
}

/// Is it a ULID?
pub fn is_ulid(text: &str) -> bool {
    let digit = |b: u8| DIGITS.contains(&b.to_ascii_uppercase());
    text.len() == 26 && text.bytes().all(digit) && text.as_bytes()[0] <= b'7'
}

/// Is it a UUID in its usual form (RFC 9562)?
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}
