//! Items of a record, with all that is nested in them, streamed.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::element::{Element, ElementId, Elements};
use crate::form::{Form, PackDef};
use crate::seen::Last;
use crate::st0903::{TARGET_PACK, TRACK_ITEM_PACK};
use crate::st1303::Processing;
use crate::value::{State, Value, utf16};

/// The items of a set as an object by tag. Of a repeated item the last one stands there, the
/// earlier ones under its `more`.
pub(super) struct Items<'a> {
    elements: Elements<'a>,
    raw: bool,
}

impl<'a> Items<'a> {
    pub(super) fn new(elements: Elements<'a>, raw: bool) -> Self {
        Self { elements, raw }
    }
}

/// Where an item begins in its set, and which item of its name stood before it.
#[derive(Clone, Copy)]
struct Link {
    start: u32,
    before: Option<std::num::NonZeroU32>,
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut last = Last::default();
        let (mut count, mut repeated) = (0, false);
        for element in self.elements.clone() {
            repeated |= last.note(element.id, count).is_some();
            count += 1;
        }
        if !repeated {
            for element in self.elements.clone() {
                let entry = Entry {
                    element: &element,
                    raw: self.raw,
                    before: None,
                };
                map.serialize_entry(&Name(element.id), &entry)?;
            }
            return map.end();
        }
        let links = self.links(count as usize);
        for (n, element) in self.elements.clone().enumerate() {
            if last.of(element.id) == Some(n as u32) {
                let before = Before {
                    items: self,
                    links: &links,
                    last: n,
                };
                let entry = Entry {
                    element: &element,
                    raw: self.raw,
                    before: Some(before),
                };
                map.serialize_entry(&Name(element.id), &entry)?;
            }
        }
        map.end()
    }
}

impl Items<'_> {
    fn links(&self, count: usize) -> Vec<Link> {
        let mut links = Vec::with_capacity(count);
        let mut last = Last::default();
        let mut elements = self.elements.clone();
        loop {
            let start = elements.position() as u32;
            let Some(element) = elements.next() else {
                return links;
            };
            let before = last.note(element.id, links.len() as u32);
            let before = before.and_then(|n| std::num::NonZeroU32::new(n + 1));
            links.push(Link { start, before });
        }
    }
}

/// The earlier items of a name, latest first.
#[derive(Clone, Copy)]
struct Before<'a> {
    items: &'a Items<'a>,
    links: &'a [Link],
    last: usize,
}

impl Before<'_> {
    fn any(&self) -> bool {
        self.links
            .get(self.last)
            .is_some_and(|l| l.before.is_some())
    }
}

impl Serialize for Before<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        let mut at = self.last;
        while let Some(before) = self.links.get(at).and_then(|l| l.before) {
            at = before.get() as usize - 1;
            let start = self.links.get(at).map_or(0, |l| l.start as usize);
            if let Some(element) = self.items.elements.from(start).next() {
                let raw = self.items.raw;
                sequence.serialize_element(&Entry {
                    element: &element,
                    raw,
                    before: None,
                })?;
            }
        }
        sequence.end()
    }
}

/// An item: name, value, unit, state.
struct Entry<'a> {
    element: &'a Element<'a>,
    raw: bool,
    before: Option<Before<'a>>,
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let element = self.element;
        let state = element.settled_state();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", element.def.name)?;
        map.serialize_entry(
            "value",
            &Shape {
                element,
                raw: self.raw,
            },
        )?;
        if let Value::Unsigned(n) = element.value {
            if let Some(word) = element.def.form.word(n) {
                map.serialize_entry("text", word)?;
            }
            if let Form::Flags(_, words) = element.def.form {
                map.serialize_entry("flags", &Flags(n, words))?;
            }
        }
        map.serialize_entry("unit", element.def.unit)?;
        map.serialize_entry("state", state.name())?;
        if let Some(detail) = state.detail() {
            map.serialize_entry("detail", detail)?;
        }
        if self.raw || state != State::Ok {
            map.serialize_entry("raw", &Hex(element.raw))?;
        }
        if let Some(before) = self.before.filter(Before::any) {
            map.serialize_entry("more", &before)?;
        }
        map.end()
    }
}

/// The value of an item.
struct Shape<'a> {
    element: &'a Element<'a>,
    raw: bool,
}

impl Serialize for Shape<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.element.value {
            Value::Number(x) => serializer.serialize_f64(x),
            Value::Unsigned(n) => serializer.serialize_u64(n),
            Value::Signed(n) => serializer.serialize_i64(n),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Wide(raw) => serializer.collect_str(&Wide(raw)),
            Value::Uuid(id) => serializer.collect_str(&Uuid(id)),
            Value::Bytes(raw) => serializer.collect_str(&Hex(raw)),
            Value::None => serializer.serialize_unit(),
            Value::Parts => match self.element.parts() {
                Some(parts) => self.parts(parts, serializer),
                None => serializer.serialize_unit(),
            },
        }
    }
}

impl Shape<'_> {
    fn parts<S: Serializer>(&self, parts: Elements<'_>, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = self.raw;
        match self.element.def.form {
            Form::LocalSet(_) | Form::UniversalSet(_) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("items", &Items::new(parts, raw))?;
                map.end()
            }
            Form::Pack(pack) if numbered(pack) => target(parts, raw, serializer),
            Form::Pack(_) | Form::CoreId => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("fields", &Fields { parts, raw })?;
                map.end()
            }
            Form::Array(_) => array(parts, serializer),
            Form::Correlation => correlation(parts, serializer),
            _ => serializer.collect_seq(parts.map(|element| Member { element, raw })),
        }
    }
}

/// Whether a pack is a number and a set: targets and points of tracks.
fn numbered(pack: &PackDef) -> bool {
    std::ptr::eq(pack, &TARGET_PACK) || std::ptr::eq(pack, &TRACK_ITEM_PACK)
}

fn target<S: Serializer>(
    mut parts: Elements<'_>,
    raw: bool,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("id", &parts.next().and_then(|id| id.value.unsigned()))?;
    if let Some(items) = parts.next().and_then(|set| set.parts()) {
        map.serialize_entry("items", &Items::new(items, raw))?;
    }
    map.end()
}

fn array<S: Serializer>(parts: Elements<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    if let Some(array) = parts.array() {
        let algorithm = match array.processing {
            Processing::Natural => "natural",
            Processing::Mapped(_) => "mapped",
            Processing::Boolean => "boolean",
            Processing::Unsigned { .. } => "unsigned",
            Processing::RunLength => "run_length",
        };
        map.serialize_entry("shape", &Sequence(|| array.shape()))?;
        map.serialize_entry("element_bytes", &array.element_bytes)?;
        map.serialize_entry("algorithm", algorithm)?;
        if array.is_run_length() {
            let places = || array.patches().map(Numbers);
            map.serialize_entry("patches", &Sequence(places))?;
        }
    }
    map.serialize_entry("values", &Sequence(|| parts.clone().map(number)))?;
    map.end()
}

fn correlation<S: Serializer>(parts: Elements<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    let (size, deviations) = parts
        .correlation()
        .map_or((0, 0), |c| (c.size, c.deviations() as usize));
    map.serialize_entry("size", &size)?;
    map.serialize_entry(
        "deviations",
        &Sequence(|| parts.clone().take(deviations).map(number)),
    )?;
    map.serialize_entry(
        "coefficients",
        &Sequence(|| parts.clone().skip(deviations).map(number)),
    )?;
    map.end()
}

/// A number of an array; nothing where it is none.
fn number(element: Element<'_>) -> Plain {
    match element.value {
        Value::Number(x) => Plain::Number(x),
        Value::Unsigned(n) => Plain::Unsigned(n),
        _ => Plain::None,
    }
}

enum Plain {
    Number(f64),
    Unsigned(u64),
    None,
}

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(x) => serializer.serialize_f64(*x),
            Self::Unsigned(n) => serializer.serialize_u64(*n),
            Self::None => serializer.serialize_unit(),
        }
    }
}

/// A member of a series or list: its value, or what is wrong with it.
struct Member<'a> {
    element: Element<'a>,
    raw: bool,
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let element = &self.element;
        if element.settled_state() == State::Ok {
            return Shape {
                element,
                raw: self.raw,
            }
            .serialize(serializer);
        }
        Entry {
            element,
            raw: self.raw,
            before: None,
        }
        .serialize(serializer)
    }
}

/// The fields of a pack as an object by name.
struct Fields<'a> {
    parts: Elements<'a>,
    raw: bool,
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.parts.clone();
        let mut map = serializer.serialize_map(None)?;
        for element in entries {
            let entry = Entry {
                element: &element,
                raw: self.raw,
                before: None,
            };
            map.serialize_entry(element.def.name, &entry)?;
        }
        map.end()
    }
}

/// Where a patch begins, then its size.
struct Numbers<'a>(crate::st1303::Patch<'a>);

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.place())
    }
}

/// What an iterator gives, each time anew.
struct Sequence<F>(F);

impl<F, I> Serialize for Sequence<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Words of the bits that are set; a bit without a word is its number.
struct Flags(u64, &'static [&'static str]);

impl Serialize for Flags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let set = (0..64usize).filter(|bit| self.0 >> bit & 1 == 1);
        serializer.collect_seq(set.map(|bit| match self.1.get(bit) {
            Some(word) => Word::Known(word),
            None => Word::Bit(bit),
        }))
    }
}

enum Word {
    Known(&'static str),
    Bit(usize),
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(word) => serializer.serialize_str(word),
            Self::Bit(bit) => serializer.collect_str(&format_args!("bit {bit}")),
        }
    }
}

/// An item's name in its object.
struct Name(ElementId);

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ElementId::Tag(n) | ElementId::Index(n) => write!(f, "{n}"),
            ElementId::Key(key) => write!(f, "{key}"),
            ElementId::Field(n) => write!(f, "{n}"),
        }
    }
}

/// What shows itself, as a string.
pub(super) struct Shown<'a, T>(pub(super) &'a T);

impl<T: fmt::Display> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

/// Bytes as hexadecimal digits.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The two hexadecimal digits of a byte.
pub(crate) fn hex_digits(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [
        DIGITS[usize::from(byte >> 4)],
        DIGITS[usize::from(byte & 15)],
    ]
}

/// Gives the 36 characters of an identifier to `write`, in pieces.
pub(crate) fn uuid(id: &[u8; 16], mut write: impl FnMut(&[u8])) {
    for (n, byte) in id.iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            write(b"-");
        }
        write(&hex_digits(*byte));
    }
}

struct Uuid<'a>(&'a [u8; 16]);

impl fmt::Display for Uuid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut result = Ok(());
        uuid(self.0, |piece| {
            let piece = std::str::from_utf8(piece).unwrap_or_default();
            result = result.and_then(|()| f.write_str(piece));
        });
        result
    }
}

struct Wide<'a>(&'a [u8]);

impl fmt::Display for Wide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        utf16(self.0).try_for_each(|c| fmt::Write::write_char(f, c))
    }
}
