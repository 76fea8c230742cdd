//! Packs and lists inside ST 0601 items.

use crate::form::Form::{Flags, Imap, Int, Oid, Pack, Series, Text, Uint, Uuid, Words};
use crate::form::Layout::{Fixed, Half, Lv, Rest};
use crate::form::{Def, Form, Layout, PackDef, def, field, s};
use crate::imap;
use crate::st0102::COUNTRY_METHODS;
use crate::value::State::Reserved;

const fn map(min: f64, max: f64, length: u8) -> Form {
    Imap(imap::Imap::new(min, max), length)
}

/// Item 81: two pixels in percent of the picture, and where they are.
pub(super) static HORIZON: PackDef = PackDef {
    name: "Image Horizon Pixel Pack",
    required: 4,
    fields: &[
        field("Start x", "%", Uint(1), Fixed(1)),
        field("Start y", "%", Uint(1), Fixed(1)),
        field("End x", "%", Uint(1), Fixed(1)),
        field("End y", "%", Uint(1), Fixed(1)),
        field("Start Latitude", "deg", s(4, 90.0, Reserved), Fixed(4)),
        field("Start Longitude", "deg", s(4, 180.0, Reserved), Fixed(4)),
        field("End Latitude", "deg", s(4, 90.0, Reserved), Fixed(4)),
        field("End Longitude", "deg", s(4, 180.0, Reserved), Fixed(4)),
    ],
};

/// Item 115.
pub(super) static COMMAND: PackDef = PackDef {
    name: "Control Command",
    required: 2,
    fields: &[
        field("Id", "", Oid, Layout::Oid),
        field("Command", "", Text, Lv),
        field("Time", "us", Uint(8), Rest),
    ],
};

/// Item 116.
pub(super) static COMMAND_ID: Def = def("Command Id", "", Oid);

/// Item 121.
pub(super) static WAVELENGTH_ID: Def = def("Wavelength Id", "", Oid);

/// Item 122.
pub(super) static COUNTRIES: PackDef = PackDef {
    name: "Country Codes",
    required: 2,
    fields: &[
        field("Coding Method", "", Words(1, COUNTRY_METHODS), Lv),
        field("Overflight Country", "", Text, Lv),
        field("Operator Country", "", Text, Lv),
        field("Country of Manufacture", "", Text, Lv),
    ],
};

/// Item 127: a ratio; without a denominator it is a whole number.
pub(super) static FRAME_RATE: PackDef = PackDef {
    name: "Sensor Frame Rate Pack",
    required: 1,
    fields: &[
        field("Numerator", "1/s", Oid, Layout::Oid),
        field("Denominator", "", Oid, Layout::Oid),
    ],
};

/// Item 128.
pub(super) static WAVELENGTH: Def = def("Wavelength", "", Pack(&WAVELENGTH_RECORD));
static WAVELENGTH_RECORD: PackDef = PackDef {
    name: "Wavelength Record",
    required: 4,
    fields: &[
        field("Id", "", Oid, Layout::Oid),
        field("Minimum", "nm", map(0.0, 1e9, 4), Fixed(4)),
        field("Maximum", "nm", map(0.0, 1e9, 4), Fixed(4)),
        field("Name", "", Text, Rest),
    ],
};

/// Items 130 and 141.
static LOCATION: PackDef = PackDef {
    name: "Location",
    required: 2,
    fields: &[
        field("Latitude", "deg", map(-90.0, 90.0, 4), Fixed(4)),
        field("Longitude", "deg", map(-180.0, 180.0, 4), Fixed(4)),
        field(
            "Height above Ellipsoid",
            "m",
            map(-900.0, 9000.0, 3),
            Fixed(3),
        ),
    ],
};

/// Item 130; without a recovery location it is that of the take-off.
pub(super) static AIRBASES: PackDef = PackDef {
    name: "Airbase Locations",
    required: 1,
    fields: &[
        field("Take-off Location", "", Pack(&LOCATION), Lv),
        field("Recovery Location", "", Pack(&LOCATION), Lv),
    ],
};

const PAYLOAD_TYPES: &[(u64, &str)] = &[
    (0, "Electro Optical MI Sensor"),
    (1, "LIDAR"),
    (2, "RADAR"),
    (3, "SIGINT"),
];

/// Item 138: how many, and the list.
pub(super) static PAYLOADS: PackDef = PackDef {
    name: "Payload List",
    required: 1,
    fields: &[
        field("Count", "", Oid, Layout::Oid),
        field("Payloads", "", Series(&PAYLOAD), Rest),
    ],
};
static PAYLOAD: Def = def("Payload", "", Pack(&PAYLOAD_RECORD));
static PAYLOAD_RECORD: PackDef = PackDef {
    name: "Payload Record",
    required: 3,
    fields: &[
        field("Id", "", Oid, Layout::Oid),
        field("Type", "", Words(1, PAYLOAD_TYPES), Layout::Oid),
        field("Name", "", Text, Lv),
    ],
};

/// Item 140. The low eight bits of the status are the general status, the next four flags.
pub(super) static STORE: Def = def("Store", "", Pack(&STORE_RECORD));
static STORE_RECORD: PackDef = PackDef {
    name: "Weapons Store Record",
    required: 6,
    fields: &[
        field("Station Id", "", Oid, Layout::Oid),
        field("Hardpoint Id", "", Oid, Layout::Oid),
        field("Carriage Id", "", Oid, Layout::Oid),
        field("Store Id", "", Oid, Layout::Oid),
        field("Status", "", Oid, Layout::Oid),
        field("Type", "", Text, Lv),
    ],
};

/// Item 141.
pub(super) static WAYPOINT: Def = def("Waypoint", "", Pack(&WAYPOINT_RECORD));
static WAYPOINT_RECORD: PackDef = PackDef {
    name: "Waypoint Record",
    required: 2,
    fields: &[
        field("Id", "", Oid, Layout::Oid),
        field("Prosecution Order", "", Int(2), Fixed(2)),
        field(
            "Info",
            "",
            Flags(1, &["Manual Mode", "Ad Hoc Source"]),
            Fixed(1),
        ),
        field("Location", "", Pack(&LOCATION), Rest),
    ],
};

static AZIMUTH: PackDef = PackDef {
    name: "View Domain Interval",
    required: 2,
    fields: &[
        field("Start", "deg", map(0.0, 360.0, 2), Half),
        field("Range", "deg", map(0.0, 360.0, 2), Rest),
    ],
};
static ELEVATION: PackDef = PackDef {
    name: "View Domain Interval",
    required: 2,
    fields: &[
        field("Start", "deg", map(-180.0, 180.0, 2), Half),
        field("Range", "deg", map(0.0, 360.0, 2), Rest),
    ],
};

/// Item 142.
pub(super) static VIEW_DOMAIN: PackDef = PackDef {
    name: "View Domain",
    required: 1,
    fields: &[
        field("Azimuth", "", Pack(&AZIMUTH), Lv),
        field("Elevation", "", Pack(&ELEVATION), Lv),
        field("Roll", "", Pack(&AZIMUTH), Lv),
    ],
};

/// Item 143: a number, or 0 and a universal identifier.
pub(super) static SUBSTREAM: PackDef = PackDef {
    name: "Metadata Substream ID Pack",
    required: 1,
    fields: &[
        field("Local Id", "", Oid, Layout::Oid),
        field("Universal Id", "", Uuid, Rest),
    ],
};
