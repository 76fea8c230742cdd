//! Geo-registration (MISB ST 1601): alone or inside ST 0601 (item 98).

use crate::form::Form::{Array, Float, Rows, Text, Uint, Uuid};
use crate::form::{Def, SetDef, def, item};
use crate::imap::Imap;

/// Points of the picture and where they are on the ground.
#[rustfmt::skip]
pub static GEO_REGISTRATION: SetDef = SetDef {
    source: "MISB ST 1601.1",
    clause: "table of the geo-registration local set, tag {}",
    name: "Geo-Registration Local Set",
    items: &[
        item(1, "Document Version", "", Uint(0)),
        item(2, "Algorithm Name", "", Text),
        item(3, "Algorithm Version", "", Text),
        item(4, "Correspondence Points, Row and Column", "px", Array(&PIXEL)),
        item(5, "Correspondence Points, Latitude and Longitude", "deg", Array(&PLACE)),
        item(6, "Second Image Name", "", Text),
        item(7, "Algorithm Configuration Identifier", "", Uuid),
        item(8, "Correspondence Points, Elevation", "m", Array(&PLACE)),
        item(9, "Correspondence Points, Row and Column SDCC", "", Array(&PIXEL_ERROR)),
        item(10, "Correspondence Points, Latitude, Longitude and Elevation SDCC", "", Array(&PLACE_ERROR)),
    ],
    labels: &[],
};

static PIXEL: Def = def("Element", "px", Uint(0));
static PLACE: Def = def("Element", "", Float);
/// Rows of item 9: for either picture the deviations of row and column, and their coefficient.
static PIXEL_ERROR: Def = def(
    "Element",
    "",
    Rows(&[
        Imap::new(0.0, 100.0),
        Imap::new(0.0, 100.0),
        Imap::new(-1.0, 1.0),
        Imap::new(0.0, 100.0),
        Imap::new(0.0, 100.0),
        Imap::new(-1.0, 1.0),
    ]),
);
/// Rows of item 10: deviations of latitude and longitude and their coefficient, then of elevation
/// and its coefficients with both.
static PLACE_ERROR: Def = def(
    "Element",
    "",
    Rows(&[
        Imap::new(0.0, 650.0),
        Imap::new(0.0, 650.0),
        Imap::new(-1.0, 1.0),
        Imap::new(0.0, 1000.0),
        Imap::new(-1.0, 1.0),
        Imap::new(-1.0, 1.0),
    ]),
);
