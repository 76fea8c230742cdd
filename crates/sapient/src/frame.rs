//! Messages in a stream: a length of four bytes, little-endian, before each.

/// The longest message that is taken.
pub const LONGEST: usize = 1 << 20;

/// A length that no message has: the stream can't be followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a message of {0} bytes was announced, and {LONGEST} are the most; is the stream SAPIENT, and from its beginning?"
)]
pub struct TooLong(pub u32);

/// A message with its length before it.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let mut out = (message.len() as u32).to_le_bytes().to_vec();
    out.extend_from_slice(message);
    out
}

/// Cuts a stream into messages.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    waiting: Vec<u8>,
    at: usize,
}

impl Splitter {
    /// Takes bytes as they come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.waiting.drain(..self.at);
        self.at = 0;
        self.waiting.extend_from_slice(bytes);
    }

    /// The next message that is complete.
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        let rest = &self.waiting[self.at..];
        let Some(head) = rest.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*head);
        if length as usize > LONGEST {
            return Err(TooLong(length));
        }
        let end = 4 + length as usize;
        let Some(message) = rest.get(4..end) else {
            return Ok(None);
        };
        let message = message.to_vec();
        self.at += end;
        Ok(Some(message))
    }

    /// Bytes of a message that is not complete.
    pub fn rest(&self) -> usize {
        self.waiting.len() - self.at
    }
}
