//! Composite imaging (MISB ST 1602): which part of a picture comes from which; alone or inside
//! ST 0601 (item 99).

use crate::form::Form::{Int, Oid, Uint};
use crate::form::{ItemDef, SetDef, item};

/// The set.
pub static COMPOSITE: SetDef = SetDef {
    source: "MISB ST 1602.1",
    clause: "table of the composite imaging local set, tag {}",
    name: "Composite Imaging Local Set",
    items: &ITEMS,
    labels: &[],
};

#[rustfmt::skip]
static ITEMS: [ItemDef; 18] = [
    item(1, "Precision Time Stamp", "us", Uint(8)),
    item(2, "Document Version", "", Oid),
    item(3, "Source Image Rows", "px", Uint(0)),
    item(4, "Source Image Columns", "px", Uint(0)),
    item(5, "Source Image AOI Rows", "px", Uint(0)),
    item(6, "Source Image AOI Columns", "px", Uint(0)),
    item(7, "Source Image AOI Position X", "px", Int(0)),
    item(8, "Source Image AOI Position Y", "px", Int(0)),
    item(9, "Sub-Image Rows", "px", Uint(0)),
    item(10, "Sub-Image Columns", "px", Uint(0)),
    item(11, "Sub-Image Position X", "px", Int(0)),
    item(12, "Sub-Image Position Y", "px", Int(0)),
    item(13, "Active Sub-Image Rows", "px", Uint(0)),
    item(14, "Active Sub-Image Columns", "px", Uint(0)),
    item(15, "Active Sub-Image Offset X", "px", Int(0)),
    item(16, "Active Sub-Image Offset Y", "px", Int(0)),
    item(17, "Transparency", "", Uint(1)),
    item(18, "Z-Order", "", Uint(1)),
];
