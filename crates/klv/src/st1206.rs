//! Synthetic aperture radar motion imagery (MISB ST 1206), alone or inside ST 0601 (item 95).

use crate::form::Form::{Array, Uint, Words};
use crate::form::{Def, Form, ItemDef, SetDef, def, item, m};

/// The set.
pub static SARMI: SetDef = SetDef {
    source: "MISB ST 1206.1",
    clause: "table of the SARMI local set, tag {}",
    name: "SAR Motion Imagery Local Set",
    items: &ITEMS,
    labels: &[],
};

const SIDES: &[(u64, &str)] = &[(0, "Left"), (1, "Right")];
const PLANES: &[(u64, &str)] = &[(0, "Slant"), (1, "Ground"), (2, "Other")];
static COEFFICIENT: Def = def("Coefficient", "", Form::Float);

#[rustfmt::skip]
static ITEMS: [ItemDef; 28] = [
    item(1, "Grazing Angle", "deg", m(0.0, 90.0, 2)),
    item(2, "Ground Plane Squint Angle", "deg", m(-90.0, 90.0, 2)),
    item(3, "Look Direction", "", Words(1, SIDES)),
    item(4, "Image Plane", "", Words(1, PLANES)),
    item(5, "Range Resolution", "m", m(0.0, 1e6, 4)),
    item(6, "Cross-Range Resolution", "m", m(0.0, 1e6, 4)),
    item(7, "Range Image Plane Pixel Size", "m", m(0.0, 1e6, 4)),
    item(8, "Cross-Range Image Plane Pixel Size", "m", m(0.0, 1e6, 4)),
    item(9, "Image Rows", "px", Uint(2)),
    item(10, "Image Columns", "px", Uint(2)),
    item(11, "Range Direction Angle", "deg", m(0.0, 360.0, 2)),
    item(12, "True North", "deg", m(0.0, 360.0, 2)),
    item(13, "Range Layover Angle", "deg", m(0.0, 360.0, 2)),
    item(14, "Ground Aperture Angular Extent", "deg", m(0.0, 90.0, 2)),
    item(15, "Aperture Duration", "us", Uint(4)),
    item(16, "Ground Track Angle", "deg", m(0.0, 360.0, 2)),
    item(17, "Minimum Detectable Velocity", "m/s", m(0.0, 100.0, 2)),
    item(18, "True Pulse Repetition Frequency", "Hz", m(0.0, 1e6, 4)),
    item(19, "Pulse Repetition Frequency Scale Factor", "", m(0.0, 1.0, 2)),
    item(20, "Transmit RF Center Frequency", "Hz", m(0.0, 1e12, 4)),
    item(21, "Transmit RF Bandwidth", "Hz", m(0.0, 1e11, 4)),
    item(22, "Radar Cross Section Scale Factor Polynomial", "", Array(&COEFFICIENT)),
    item(23, "Reference Frame Precision Time Stamp", "us", Uint(8)),
    item(24, "Reference Frame Grazing Angle", "deg", m(0.0, 90.0, 2)),
    item(25, "Reference Frame Ground Plane Squint Angle", "deg", m(-90.0, 90.0, 2)),
    item(26, "Reference Frame Range Direction Angle", "deg", m(0.0, 360.0, 2)),
    item(27, "Reference Frame Range Layover Angle", "deg", m(0.0, 360.0, 2)),
    item(28, "Document Version", "", Uint(1)),
];
