//! Range images (MISB ST 1002) and the generalized transformation in them (MISB ST 1202), alone or
//! inside ST 0601 (item 97).

use crate::form::Checked::Peers;
use crate::form::Form::{Array, Correlation, Float, LocalSet, Oid, Pack, Uint, Words};
use crate::form::Layout::Lv;
use crate::form::{Def, ItemDef, PackDef, SetDef, def, field, item};

/// The set.
pub static RANGE_IMAGE: SetDef = SetDef {
    source: "MISB ST 1002.3",
    clause: "table of the range image local set, tag {}",
    name: "Range Image Local Set",
    items: &ITEMS,
    labels: &[],
};

/// Tags 2 to 10 are not assigned. The enumerations of item 12 are bit fields: compression in the
/// low three bits, kind of data in the next three, source in the seventh.
#[rustfmt::skip]
static ITEMS: [ItemDef; 12] = [
    item(1, "Precision Time Stamp", "us", Uint(8)),
    item(11, "Document Version", "", Oid),
    item(12, "Range Image Enumerations", "", Oid),
    item(13, "Single Point Range Measurement", "m", Float),
    item(14, "Single Point Range Measurement Uncertainty", "m", Float),
    item(15, "Single Point Range Measurement Row", "px", Float),
    item(16, "Single Point Range Measurement Column", "px", Float),
    item(17, "Number of Sections in X", "", Oid),
    item(18, "Number of Sections in Y", "", Oid),
    item(19, "Generalized Transformation Local Set", "", LocalSet(&TRANSFORMATION)),
    item(20, "Section Data Pack", "", Pack(&SECTION)).many(),
    item(21, "CRC-16-CCITT", "", Uint(2)).checked(Peers),
];

static RANGE: Def = def("Range", "m", Float);
static SECTION: PackDef = PackDef {
    name: "Section Data Pack",
    required: 3,
    fields: &[
        field("Section Number X", "", Oid, Lv),
        field("Section Number Y", "", Oid, Lv),
        field("Measurements", "m", Array(&RANGE), Lv),
        field("Uncertainty", "m", Array(&RANGE), Lv),
        field("Plane X Scale Factor", "", Float, Lv),
        field("Plane Y Scale Factor", "", Float, Lv),
        field("Plane Constant", "", Float, Lv),
    ],
};

const KINDS: &[(u64, &str)] = &[
    (0, "Not Defined"),
    (1, "Chipping"),
    (2, "Child-Parent"),
    (3, "Pixel to Image Space"),
    (4, "Optical"),
];

/// How pixels of one picture become those of another (MISB ST 1202).
#[rustfmt::skip]
pub static TRANSFORMATION: SetDef = SetDef {
    source: "MISB ST 1202.2",
    clause: "table of the generalized transformation local set, tag {}",
    name: "Generalized Transformation Local Set",
    items: &[
        item(1, "X Numerator X Factor", "", Float).checked(Peers),
        item(2, "X Numerator Y Factor", "", Float).checked(Peers),
        item(3, "X Numerator Constant", "", Float).checked(Peers),
        item(4, "Y Numerator X Factor", "", Float).checked(Peers),
        item(5, "Y Numerator Y Factor", "", Float).checked(Peers),
        item(6, "Y Numerator Constant", "", Float).checked(Peers),
        item(7, "Denominator X Factor", "", Float).checked(Peers),
        item(8, "Denominator Y Factor", "", Float).checked(Peers),
        item(9, "SDCC-FLP", "", Correlation).many().checked(Peers),
        item(10, "Document Version", "", Uint(1)),
        item(11, "Transformation Type", "", Words(1, KINDS)).checked(Peers),
    ],
    labels: &[],
};
