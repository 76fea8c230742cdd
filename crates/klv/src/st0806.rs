//! Remote video terminal metadata (MISB ST 0806), alone or inside ST 0601 (item 73).

use crate::form::Checked::{Memory, Peers};
use crate::form::Form::{Bytes, LocalSet, Text, Uint, Words};
use crate::form::{ItemDef, SetDef, item, s, u};
use crate::value::State::Reserved;

/// The set.
pub static RVT: SetDef = SetDef {
    source: "MISB ST 0806.4",
    clause: "table of the RVT local set, tag {}",
    name: "Remote Video Terminal Local Set",
    items: &ITEMS,
    labels: &[],
};

#[rustfmt::skip]
static ITEMS: [ItemDef; 21] = [
    item(1, "CRC-32", "", Uint(4)).checked(Peers),
    item(2, "Precision Time Stamp", "us", Uint(8)),
    item(3, "Platform True Airspeed", "m/s", Uint(2)),
    item(4, "Platform Indicated Airspeed", "m/s", Uint(2)),
    item(5, "Telemetry Accuracy Indicator", "", Uint(1)).checked(Memory),
    item(6, "Frag Circle Radius", "m", Uint(2)),
    item(7, "Frame Code", "", Uint(4)),
    item(8, "RVT LS Version Number", "", Uint(1)),
    item(9, "Video Data Rate", "bit/s", Uint(4)),
    item(10, "Digital Video File Format", "", Text).longest(127),
    item(11, "User Defined Local Set", "", LocalSet(&USER_DEFINED)).many(),
    item(12, "Point of Interest Local Set", "", LocalSet(&POINT)).many(),
    item(13, "Area of Interest Local Set", "", LocalSet(&AREA)).many(),
    item(14, "MGRS Zone", "", Uint(1)),
    item(15, "MGRS Latitude Band and Grid Square", "", Text),
    item(16, "MGRS Easting", "m", Uint(3)),
    item(17, "MGRS Northing", "m", Uint(3)),
    item(18, "Frame Center MGRS Zone", "", Uint(1)),
    item(19, "Frame Center MGRS Latitude Band and Grid Square", "", Text),
    item(20, "Frame Center MGRS Easting", "m", Uint(3)),
    item(21, "Frame Center MGRS Northing", "m", Uint(3)),
];

/// Item 11. The two high bits of its first item say what the second is: 0 text, 1 signed,
/// 2 unsigned, 3 experimental; the others number it.
static USER_DEFINED: SetDef = SetDef {
    source: "MISB ST 0806.4",
    clause: "table of the user defined local set, tag {}",
    name: "User Defined Local Set",
    items: &[
        item(1, "Numeric ID and Data Type", "", Uint(1)),
        item(2, "User Data", "", Bytes(1, u16::MAX)),
    ],
    labels: &[],
};

const KINDS: &[(u64, &str)] = &[
    (1, "Friendly"),
    (2, "Hostile"),
    (3, "Target"),
    (4, "Unknown"),
];

/// Item 12.
#[rustfmt::skip]
static POINT: SetDef = SetDef {
    source: "MISB ST 0806.4",
    clause: "table of the point of interest local set, tag {}",
    name: "Point of Interest Local Set",
    items: &[
        item(1, "POI Number", "", Uint(2)),
        item(2, "POI Latitude", "deg", s(4, 90.0, Reserved)),
        item(3, "POI Longitude", "deg", s(4, 180.0, Reserved)),
        item(4, "POI Altitude", "m", u(2, -900.0, 19000.0)),
        item(5, "POI Type", "", Words(1, KINDS)),
        item(6, "POI Text", "", Text).longest(2048),
        item(7, "POI Source Icon", "", Text).longest(127),
        item(8, "POI Source ID", "", Text).longest(255),
        item(9, "POI Label", "", Text),
        item(10, "Operation ID", "", Text).longest(127),
    ],
    labels: &[],
};

/// Item 13.
#[rustfmt::skip]
static AREA: SetDef = SetDef {
    source: "MISB ST 0806.4",
    clause: "table of the area of interest local set, tag {}",
    name: "Area of Interest Local Set",
    items: &[
        item(1, "AOI Number", "", Uint(2)),
        item(2, "Corner Latitude Point 1", "deg", s(4, 90.0, Reserved)),
        item(3, "Corner Longitude Point 1", "deg", s(4, 180.0, Reserved)),
        item(4, "Corner Latitude Point 3", "deg", s(4, 90.0, Reserved)),
        item(5, "Corner Longitude Point 3", "deg", s(4, 180.0, Reserved)),
        item(6, "AOI Type", "", Words(1, KINDS)),
        item(7, "AOI Text", "", Text).longest(2048),
        item(8, "AOI Source ID", "", Text).longest(255),
        item(9, "AOI Label", "", Text),
        item(10, "Operation ID", "", Text).longest(127),
    ],
    labels: &[],
};
