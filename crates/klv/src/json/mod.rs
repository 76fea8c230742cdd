//! The `klv/1` record: one JSON object a packet.

mod items;

use std::cell::RefCell;
use std::io;

use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::element::ElementId;
use crate::fault::{self, Fault};
use crate::key::Standard;
use crate::packet::Packet;
use items::Items;

pub(crate) use items::{hex_digits, uuid};

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

/// The record of a packet as one line of JSON, without a line feed. A hostile packet's record is
/// many times as long as the packet: [`write_record`] needs no memory for it.
pub fn record(packet: &Packet<'_>, context: Context) -> String {
    let record = Record { packet, context };
    // Strings and numbers only, keys are strings: this cannot fail.
    serde_json::to_string(&record).unwrap_or_default()
}

/// Writes the record of a packet as one line of JSON, without a line feed, piece by piece.
pub fn write_record(
    packet: &Packet<'_>,
    context: Context,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    Ok(serde_json::to_writer(out, &Record { packet, context })?)
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

/// Gregorian date of a number of days since 1970-01-01, by eras of 400 years that begin in March.
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

/// Time stamp and version of a packet, where its standard has them.
pub fn time_and_version(packet: &Packet<'_>) -> (Option<u64>, Option<u64>) {
    let (time, version) = match packet.standard() {
        Standard::St0601 | Standard::Eg0104 | Standard::Item => (2, 65),
        Standard::St0903 => (2, 4),
        Standard::St0903Track => (2, 11),
        Standard::St0102Local | Standard::St0102Universal => (0, 22),
        Standard::St0806 => (2, 8),
        Standard::St1002 => (1, 11),
        Standard::St1108 | Standard::St1202 => (0, 10),
        Standard::St1206 => (0, 28),
        Standard::St1601 => (0, 1),
        Standard::St1602 => (1, 2),
        Standard::St1107
        | Standard::UnknownUniversal
        | Standard::UnknownLocal
        | Standard::Unknown => (0, 0),
    };
    let mut found = (None, None);
    for element in packet.elements() {
        match element.id {
            ElementId::Tag(0) => {}
            ElementId::Tag(tag) if tag == time => found.0 = found.0.or(element.value.unsigned()),
            ElementId::Tag(tag) if tag == version => {
                found.1 = found.1.or(element.value.unsigned());
            }
            _ => {}
        }
    }
    found
}

struct Record<'a> {
    packet: &'a Packet<'a>,
    context: Context,
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let packet = self.packet;
        let standard = packet.standard();
        let (time, version) = time_and_version(packet);
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
        map.serialize_entry("items", &Items::new(packet.elements(), self.context.raw))?;
        if standard.is_unknown() {
            map.serialize_entry("raw", &items::Hex(packet.bytes))?;
        }
        map.serialize_entry("faults", &FaultList(packet))?;
        map.end()
    }
}

struct FaultList<'a>(&'a Packet<'a>);

impl Serialize for FaultList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sequence = RefCell::new(serializer.serialize_seq(None)?);
        let mut result = Ok(());
        fault::for_each(self.0, &mut |fault| {
            if result.is_ok() {
                result = sequence.borrow_mut().serialize_element(&FaultRecord(fault));
            }
        });
        result.map_err(S::Error::custom)?;
        sequence.into_inner().end()
    }
}

struct FaultRecord(Fault);

impl Serialize for FaultRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("offset", &self.0.offset)?;
        map.serialize_entry("code", self.0.code.name())?;
        map.serialize_entry("text", &items::Shown(&self.0))?;
        map.end()
    }
}
