//! Interpretability and quality of motion imagery (MISB ST 1108): how good the pictures are, measured
//! where, and how they were compressed.
//!
//! Revision 3 gave the tags new meanings. Sets of earlier ones begin with a time of eight bytes where
//! it has a code of one; they are kept as an unknown local set.

use crate::element::{ElementId, Elements};
use crate::form::Checked::Peers;
use crate::form::Form::{Float, LocalSet, Oid, Pack, Text, Uint, Words};
use crate::form::Layout::{self, Fixed};
use crate::form::{PackDef, SetDef, field, item};

const SOURCE: &str = "MISB ST 1108.3";

const POINTS: &[(u64, &str)] = &[
    (1, "Sensor"),
    (2, "Sensor Encoder"),
    (3, "GCS Received"),
    (4, "GCS Transmit"),
    (5, "Library/Archive"),
];
const TYPES: &[(u64, &str)] = &[
    (0, "Uncompressed"),
    (1, "H.262"),
    (2, "H.264"),
    (3, "H.265"),
    (4, "JPEG 2000"),
];
const PROFILES: &[(u64, &str)] = &[
    (0, "Uncompressed"),
    (1, "Main (H.264)"),
    (2, "Main 10 (H.265)"),
    (3, "Constrained Baseline (H.264)"),
    (4, "High (H.264)"),
    (5, "Main 4:2:2 12 (H.265)"),
    (6, "Main 4:4:4 12 (H.265)"),
    (7, "High 4:2:2 (H.264)"),
    (8, "High 4:4:4 Predictive (H.264)"),
];

/// The set.
#[rustfmt::skip]
pub static INTERPRETABILITY: SetDef = SetDef {
    source: SOURCE,
    clause: "table of the interpretability and quality local set, tag {}",
    name: "Interpretability and Quality Local Set",
    items: &[
        item(1, "Assessment Point", "", Words(1, POINTS)).checked(Peers),
        item(2, "Metric Period Pack", "", Pack(&PERIOD)).checked(Peers),
        item(3, "Window Corners Pack", "", Pack(&WINDOW)).checked(Peers),
        item(4, "Metric Local Set", "", LocalSet(&METRIC)).many().checked(Peers),
        item(5, "Compression Type", "", Words(1, TYPES)).checked(Peers),
        item(6, "Compression Profile", "", Words(1, PROFILES)).checked(Peers),
        item(7, "Compression Level", "", Text).checked(Peers),
        item(8, "Compression Ratio", "", Float).checked(Peers),
        item(9, "Stream Bitrate", "kbit/s", Uint(2)).checked(Peers),
        item(10, "Document Version", "", Uint(1)).checked(Peers),
        item(11, "CRC-16-CCITT", "", Uint(2)).checked(Peers),
    ],
    labels: &[],
};

/// One measure. Who made it: organization and part of it, with the record separator (1E) between.
#[rustfmt::skip]
pub static METRIC: SetDef = SetDef {
    source: SOURCE,
    clause: "table of the metric local set, tag {}",
    name: "Metric Local Set",
    items: &[
        item(1, "Metric Name", "", Text).checked(Peers),
        item(2, "Metric Version", "", Text).checked(Peers),
        item(3, "Metric Implementer", "", Text).checked(Peers),
        item(4, "Metric Parameters", "", Text).checked(Peers),
        item(5, "Metric Time", "us", Uint(8)).checked(Peers),
        item(6, "Metric Value", "", Float).checked(Peers),
    ],
    labels: &[],
};

static PERIOD: PackDef = PackDef {
    name: "Metric Period Pack",
    required: 2,
    fields: &[
        field("Start Time", "us", Uint(8), Fixed(8)),
        field("Time Offset", "us", Uint(4), Fixed(4)),
    ],
};

static WINDOW: PackDef = PackDef {
    name: "Window Corners Pack",
    required: 4,
    fields: &[
        field("Start Row", "px", Oid, Layout::Oid),
        field("Start Column", "px", Oid, Layout::Oid),
        field("End Row", "px", Oid, Layout::Oid),
        field("End Column", "px", Oid, Layout::Oid),
    ],
};

/// Whether the items of a set are those of revision 3.
pub(crate) fn is_third(items: &[u8]) -> bool {
    Elements::local(&INTERPRETABILITY, items, 0)
        .find(|e| e.id == ElementId::Tag(1))
        .is_none_or(|e| e.raw.len() <= 1)
}
