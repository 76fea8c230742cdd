//! The `klv/1` record: one JSON object a packet.

use std::collections::BTreeSet;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::element::{Element, ElementId, Elements};
use crate::fault::{Fault, FaultCode};
use crate::key::Standard;
use crate::packet::{Checksum, Packet};
use crate::st0102;
use crate::value::{State, Value};

/// Where a packet stands, as far as the packet itself does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context {
    /// Number of the packet in the file, from 0.
    pub n: u64,
    /// Packet identifier of its MPEG-TS stream.
    pub pid: Option<u16>,
    /// Presentation time, 90 kHz ticks.
    pub pts: Option<i64>,
    /// Give the raw bytes of every item, not only of those not understood.
    pub raw: bool,
}

/// The record of a packet as one line of JSON, without a line feed.
pub fn record(packet: &Packet<'_>, context: Context) -> String {
    let record = Record {
        packet,
        context,
        faults: faults(packet),
    };
    // Strings and numbers only, keys are strings: this cannot fail.
    serde_json::to_string(&record).unwrap_or_default()
}

/// What is wrong within a packet.
pub fn faults(packet: &Packet<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut elements = packet.elements();
    let mut seen = BTreeSet::new();
    for element in elements.by_ref() {
        let name = element_name(element.id);
        let mut fault = |code, text| {
            faults.push(Fault {
                offset: element.offset,
                code,
                text,
            });
        };
        if element.state == State::Malformed {
            let text = format!(
                "item {name} ({}) cannot be {} bytes of this content",
                element.name,
                element.raw.len()
            );
            fault(FaultCode::ItemMalformed, text);
        }
        if !seen.insert(element.id) {
            fault(
                FaultCode::ItemRepeated,
                format!("item {name} stands in the set again"),
            );
        }
    }
    if let Some(offset) = elements.truncated_at() {
        faults.push(Fault {
            offset,
            code: FaultCode::ItemTruncated,
            text: "no whole item stands here; the rest of the packet is not read".into(),
        });
    }
    if packet.checksum() == Checksum::Bad {
        faults.push(Fault {
            offset: packet.offset,
            code: FaultCode::ChecksumBad,
            text: "the checksum does not agree with the bytes".into(),
        });
    }
    faults
}

/// RFC 3339 with microseconds, of UTC microseconds since 1970.
pub fn time_text(time_us: u64) -> String {
    let (seconds, micros) = (time_us / 1_000_000, time_us % 1_000_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{micros:06}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Gregorian date of a number of days since 1970-01-01, by eras of 400 years
/// that begin in March.
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_TO_1970_FROM_MARCH_0: u64 = 719_468;
    const ERA: u64 = 146_097;
    let days = days + DAYS_TO_1970_FROM_MARCH_0;
    let (era, day_of_era) = (days / ERA, days % ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

fn element_name(id: ElementId) -> String {
    match id {
        ElementId::Tag(tag) => tag.to_string(),
        ElementId::Key(key) => key.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Record<'a> {
    packet: &'a Packet<'a>,
    context: Context,
    faults: Vec<Fault>,
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let packet = self.packet;
        let standard = packet.standard();
        let find = |tag| {
            packet
                .elements()
                .filter(|e| e.id == ElementId::Tag(tag))
                .find_map(|e| e.value.unsigned())
        };
        let camera = matches!(standard, Standard::St0601 | Standard::Eg0104);
        let time = if camera { find(2) } else { None };
        let version = match standard {
            Standard::St0601 => find(65),
            Standard::St0102Local => find(22),
            _ => None,
        };
        let items = Items {
            elements: packet.elements(),
            standard,
            raw: self.context.raw,
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", "klv/1")?;
        map.serialize_entry("n", &self.context.n)?;
        map.serialize_entry("offset", &packet.offset)?;
        map.serialize_entry("pid", &self.context.pid)?;
        map.serialize_entry("standard", standard.name())?;
        map.serialize_entry("version", &version)?;
        map.serialize_entry("pts", &self.context.pts)?;
        map.serialize_entry("time", &time.map(time_text))?;
        map.serialize_entry("time_us", &time)?;
        map.serialize_entry("checksum", packet.checksum().name())?;
        map.serialize_entry("length", &packet.bytes.len())?;
        map.serialize_entry("items", &items)?;
        if standard == Standard::Unknown {
            map.serialize_entry("raw", &hex(packet.bytes))?;
        }
        map.serialize_entry("faults", &FaultList(&self.faults))?;
        map.end()
    }
}

struct Items<'a> {
    elements: Elements<'a>,
    standard: Standard,
    raw: bool,
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The last of a repeated item counts; JSON readers agree on that only
        // when a name stands once.
        let last: Vec<Element<'_>> = {
            let mut elements: Vec<Element<'_>> = Vec::new();
            for element in self.elements.clone() {
                match elements.iter_mut().find(|e| e.id == element.id) {
                    Some(earlier) => *earlier = element,
                    None => elements.push(element),
                }
            }
            elements
        };
        let mut map = serializer.serialize_map(Some(last.len()))?;
        for element in &last {
            let item = Item {
                element,
                nested: nested(self.standard, element),
                raw: self.raw,
            };
            map.serialize_entry(&element_name(element.id), &item)?;
        }
        map.end()
    }
}

/// The set inside an item, if it is one that is decoded.
fn nested<'a>(standard: Standard, element: &Element<'a>) -> Option<(Standard, Elements<'a>)> {
    if element.id != ElementId::Tag(48) {
        return None;
    }
    match standard {
        Standard::St0601 => Some((
            Standard::St0102Local,
            st0102::local_elements(element.raw, element.offset),
        )),
        Standard::Eg0104 => Some((
            Standard::St0102Universal,
            st0102::universal_elements(element.raw, element.offset),
        )),
        _ => None,
    }
}

struct Item<'a> {
    element: &'a Element<'a>,
    nested: Option<(Standard, Elements<'a>)>,
    raw: bool,
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let element = self.element;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", element.name)?;
        match &self.nested {
            Some((standard, elements)) => {
                let items = Items {
                    elements: elements.clone(),
                    standard: *standard,
                    raw: self.raw,
                };
                map.serialize_entry("value", &Nested { items })?;
            }
            None => match element.value {
                Value::Number(x) => map.serialize_entry("value", &x)?,
                Value::Unsigned(n) => map.serialize_entry("value", &n)?,
                Value::Signed(n) => map.serialize_entry("value", &n)?,
                Value::Text(text) => map.serialize_entry("value", text)?,
                Value::None => map.serialize_entry("value", &())?,
            },
        }
        map.serialize_entry("unit", element.unit)?;
        let state = if self.nested.is_some() {
            State::Ok
        } else {
            element.state
        };
        map.serialize_entry("state", state.name())?;
        if self.raw || state != State::Ok {
            map.serialize_entry("raw", &hex(element.raw))?;
        }
        map.end()
    }
}

struct Nested<'a> {
    items: Items<'a>,
}

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("items", &self.items)?;
        map.end()
    }
}

struct FaultList<'a>(&'a [Fault]);

impl Serialize for FaultList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(FaultRecord))
    }
}

struct FaultRecord<'a>(&'a Fault);

impl Serialize for FaultRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("offset", &self.0.offset)?;
        map.serialize_entry("code", self.0.code.name())?;
        map.serialize_entry("text", &self.0.text)?;
        map.end()
    }
}
