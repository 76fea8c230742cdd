//! The wire format of protobuf (protobuf.dev, "Encoding").

use crate::message::{Message, Value};
use crate::schema::{Kind, Schema};

/// Messages within messages at most.
const DEEPEST: u32 = 32;
/// Fields of a message with all that is in it at most.
const MOST_FIELDS: usize = 100_000;

/// Bytes that are not a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It ends in the middle of a field.
    #[error("{0}: the message ends in the middle of a field; was it cut short?")]
    Short(String),
    /// A field is of another type than the standard says.
    #[error("{0}: has another wire type than the standard says; is it BSI Flex 335 v2?")]
    Type(String),
    /// A text that is not UTF-8.
    #[error("{0}: is not UTF-8")]
    Utf8(String),
    /// A moment out of bounds.
    #[error("{0}: is not a moment")]
    Time(String),
    /// Too deep, or too many fields.
    #[error("{0}: more fields or deeper than any message of the standard; refused")]
    Size(String),
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            if shift < 64 {
                value |= u64::from(byte & 0x7f) << shift;
            }
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, n: u64) -> Option<&'a [u8]> {
        let n = usize::try_from(n).ok().filter(|n| *n <= self.bytes.len())?;
        let (head, rest) = self.bytes.split_at(n);
        self.bytes = rest;
        Some(head)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N as u64)?.try_into().ok()
    }
}

/// Reads a `SapientMessage`.
pub fn decode(bytes: &[u8]) -> Result<Message, WireError> {
    let kind = Schema::get().message("SapientMessage").unwrap_or_default();
    decode_kind(kind, bytes, "", 0, &mut 0)
}

fn decode_kind(
    kind: usize,
    bytes: &[u8],
    path: &str,
    depth: u32,
    count: &mut usize,
) -> Result<Message, WireError> {
    let def = &Schema::get().messages[kind];
    let here = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    if depth > DEEPEST {
        return Err(WireError::Size(here("…")));
    }
    let mut message = Message::empty(kind);
    let mut r = Reader { bytes };
    while !r.bytes.is_empty() {
        *count += 1;
        if *count > MOST_FIELDS {
            return Err(WireError::Size(here("…")));
        }
        let tag = r.varint().ok_or_else(|| WireError::Short(here("…")))?;
        let (number, wire) = ((tag >> 3) as u32, tag & 7);
        let Some(field) = def.number(number) else {
            let skipped = match wire {
                0 => r.varint().map(|_| ()),
                1 => r.take(8).map(|_| ()),
                2 => r.varint().and_then(|n| r.take(n)).map(|_| ()),
                5 => r.take(4).map(|_| ()),
                _ => None,
            };
            skipped.ok_or_else(|| WireError::Short(here(&format!("field {number}"))))?;
            message.unknown += 1;
            continue;
        };
        let short = || WireError::Short(here(field.name));
        // A list of numbers may be packed.
        if wire == 2 && field.repeated && matches!(field.kind, Kind::Enum(_) | Kind::Int) {
            let n = r.varint().ok_or_else(short)?;
            let mut packed = Reader {
                bytes: r.take(n).ok_or_else(short)?,
            };
            while !packed.bytes.is_empty() {
                *count += 1;
                let v = packed.varint().ok_or_else(short)? as i32;
                let v = if field.kind == Kind::Int {
                    Value::Int(v)
                } else {
                    Value::Enum(v)
                };
                message.fields.push((number, v));
            }
            continue;
        }
        let value = match (field.kind, wire) {
            (Kind::Double, 1) => Value::Double(f64::from_le_bytes(r.fixed().ok_or_else(short)?)),
            (Kind::Float, 5) => Value::Float(f32::from_le_bytes(r.fixed().ok_or_else(short)?)),
            (Kind::Int, 0) => Value::Int(r.varint().ok_or_else(short)? as i32),
            (Kind::Bool, 0) => Value::Bool(r.varint().ok_or_else(short)? != 0),
            (Kind::Enum(_), 0) => Value::Enum(r.varint().ok_or_else(short)? as i32),
            (Kind::Text | Kind::Bytes | Kind::Time | Kind::Message(_), 2) => {
                let n = r.varint().ok_or_else(short)?;
                let bytes = r.take(n).ok_or_else(short)?;
                match field.kind {
                    Kind::Text => Value::Text(
                        std::str::from_utf8(bytes)
                            .map_err(|_| WireError::Utf8(here(field.name)))?
                            .to_owned(),
                    ),
                    Kind::Time => {
                        Value::Time(time(bytes).ok_or_else(|| WireError::Time(here(field.name)))?)
                    }
                    Kind::Message(inner) => Value::Message(decode_kind(
                        inner,
                        bytes,
                        &here(field.name),
                        depth + 1,
                        count,
                    )?),
                    _ => Value::Bytes(bytes.to_vec()),
                }
            }
            _ => return Err(WireError::Type(here(field.name))),
        };
        // Of what is no list the last one counts, and of a group too.
        if !field.repeated {
            message.fields.retain(|(n, _)| {
                *n != number
                    && (field.group.is_none()
                        || def.number(*n).is_none_or(|f| f.group != field.group))
            });
        }
        message.fields.push((number, value));
    }
    Ok(message)
}

/// `google.protobuf.Timestamp`: seconds (1) and nanoseconds (2).
fn time(bytes: &[u8]) -> Option<i64> {
    let mut r = Reader { bytes };
    let (mut seconds, mut nanos) = (0i64, 0i64);
    while !r.bytes.is_empty() {
        match r.varint()? {
            0x08 => seconds = r.varint()? as i64,
            0x10 => nanos = r.varint()? as i64,
            _ => return None,
        }
    }
    // Years 1 to 9999.
    let fine = (-62_135_596_800..=253_402_300_799).contains(&seconds);
    (fine && (0..1_000_000_000).contains(&nanos)).then(|| seconds * 1_000_000 + nanos / 1000)
}

/// Writes a message.
pub fn encode(message: &Message) -> Vec<u8> {
    let mut out = Vec::new();
    let def = message.def();
    for (number, value) in &message.fields {
        if def.number(*number).is_none() {
            continue;
        }
        let mut tag = |wire: u64| varint(&mut out, (u64::from(*number) << 3) | wire);
        match value {
            Value::Double(v) => {
                tag(1);
                out.extend_from_slice(&v.to_le_bytes());
            }
            Value::Float(v) => {
                tag(5);
                out.extend_from_slice(&v.to_le_bytes());
            }
            Value::Int(v) | Value::Enum(v) => {
                tag(0);
                // Negative numbers are written as if they had 64 bits.
                varint(&mut out, i64::from(*v) as u64);
            }
            Value::Bool(v) => {
                tag(0);
                varint(&mut out, u64::from(*v));
            }
            Value::Text(_) | Value::Bytes(_) | Value::Time(_) | Value::Message(_) => {
                tag(2);
                let bytes = match value {
                    Value::Text(t) => t.as_bytes().to_vec(),
                    Value::Bytes(b) => b.clone(),
                    Value::Message(m) => encode(m),
                    Value::Time(t) => {
                        let mut inner = Vec::new();
                        varint(&mut inner, 0x08);
                        varint(&mut inner, t.div_euclid(1_000_000) as u64);
                        varint(&mut inner, 0x10);
                        varint(&mut inner, (t.rem_euclid(1_000_000) * 1000) as u64);
                        inner
                    }
                    _ => Vec::new(),
                };
                varint(&mut out, bytes.len() as u64);
                out.extend_from_slice(&bytes);
            }
        }
    }
    out
}

fn varint(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push((v as u8) | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}
