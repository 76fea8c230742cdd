//! Signatures: the first 48 bits of SHA-256 over key, frame, link and time.

use sha2::{Digest, Sha256};

/// A shared secret of 32 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(secret)")
    }
}

/// Why bytes are no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither 32 bytes nor 64 hexadecimal digits; write the aircraft's signing key as either")]
pub struct KeyError;

impl Key {
    /// From the content of a key file: 32 bytes, or 64 hexadecimal digits.
    pub fn parse(content: &[u8]) -> Result<Self, KeyError> {
        if let Ok(bytes) = <[u8; 32]>::try_from(content) {
            return Ok(Self(bytes));
        }
        let text = std::str::from_utf8(content).map_err(|_| KeyError)?.trim();
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(KeyError);
        }
        let mut key = [0; 32];
        for (to, i) in key.iter_mut().zip((0..64).step_by(2)) {
            *to = u8::from_str_radix(&text[i..i + 2], 16).map_err(|_| KeyError)?;
        }
        Ok(Self(key))
    }

    /// The signature over a frame from its first byte to its checksum, followed by link and time.
    pub(crate) fn sign(&self, signed: &[u8]) -> [u8; 6] {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(signed);
        let hash = hash.finalize();
        [hash[0], hash[1], hash[2], hash[3], hash[4], hash[5]]
    }
}

/// Signatures count time in 10 µs from 2015-01-01T00:00:00Z.
pub fn stamp_of_unix_us(unix_us: i64) -> u64 {
    const EPOCH_US: i64 = 1_420_070_400_000_000;
    unix_us.saturating_sub(EPOCH_US).max(0) as u64 / 10
}

/// A minute, in the unit of signatures: how much older than the newest known a first one may be.
pub(crate) const MINUTE: u64 = 6_000_000;
