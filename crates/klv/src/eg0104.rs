//! Predator basic universal metadata set (MISB EG 0104): items with 16-byte labels and IEEE
//! numbers, mapped to the ST 0601 tags that took their place.

use crate::form::Form::{Float, LocalSet, Text, Uint, UniversalSet};
use crate::form::{Form, LabelDef, SetDef, def};
use crate::key::Key;
use crate::st0102;

/// Label of the angle from true north to the line of sight's azimuth, degrees.
pub const ANGLE_TO_NORTH: Key = Key::of(0x060E_2B34_0101_0101_0701_1001_0200_0000);
/// Label of the angle of the line of sight below the horizontal, degrees (negative downwards).
pub const OBLIQUITY_ANGLE: Key = Key::of(0x060E_2B34_0101_0101_0701_1001_0300_0000);

/// The set.
pub static UNIVERSAL: SetDef = SetDef {
    source: "MISB EG 0104.5",
    clause: "table of the set, {}",
    name: "Predator UAV Basic Universal Metadata Set",
    items: &[],
    labels: &LABELS,
};

const fn label(
    label: u128,
    tag: u32,
    name: &'static str,
    unit: &'static str,
    form: Form,
) -> LabelDef {
    LabelDef {
        label,
        tag,
        def: def(name, unit, form),
    }
}

/// Named as the items of ST 0601 under whose tags they stand.
#[rustfmt::skip]
static LABELS: [LabelDef; 33] = [
    label(0x060E_2B34_0101_0103_0702_0101_0105_0000, 2, "Precision Time Stamp", "us", Uint(8)),
    label(0x060E_2B34_0101_0101_0105_0500_0000_0000, 3, "Mission ID", "", Text),
    label(0x060E_2B34_0101_0107_0701_1001_0600_0000, 5, "Platform Heading Angle", "deg", Float),
    label(0x060E_2B34_0101_0107_0701_1001_0500_0000, 90, "Platform Pitch Angle (Full)", "deg", Float),
    label(0x060E_2B34_0101_0107_0701_1001_0400_0000, 91, "Platform Roll Angle (Full)", "deg", Float),
    label(0x060E_2B34_0101_0101_0101_2001_0000_0000, 10, "Platform Designation", "", Text),
    label(0x060E_2B34_0101_0101_0420_0102_0101_0000, 11, "Image Source Sensor", "", Text),
    label(0x060E_2B34_0101_0101_0701_0101_0000_0000, 12, "Image Coordinate System", "", Text),
    label(0x060E_2B34_0101_0103_0701_0201_0204_0200, 13, "Sensor Latitude", "deg", Float),
    label(0x060E_2B34_0101_0103_0701_0201_0206_0200, 14, "Sensor Longitude", "deg", Float),
    label(0x060E_2B34_0101_0101_0701_0201_0202_0000, 15, "Sensor True Altitude", "m", Float),
    label(0x060E_2B34_0101_0102_0420_0201_0108_0000, 16, "Sensor Horizontal Field of View", "deg", Float),
    label(0x060E_2B34_0101_0107_0420_0201_010A_0100, 17, "Sensor Vertical Field of View", "deg", Float),
    label(0x060E_2B34_0101_0101_0701_1001_0100_0000, 20, "Sensor Relative Roll Angle", "deg", Float),
    label(0x060E_2B34_0101_0101_0701_0801_0100_0000, 21, "Slant Range", "m", Float),
    label(0x060E_2B34_0101_0101_0701_0902_0100_0000, 22, "Target Width", "m", Float),
    label(0x060E_2B34_0101_0101_0701_0201_0302_0000, 23, "Frame Center Latitude", "deg", Float),
    label(0x060E_2B34_0101_0101_0701_0201_0304_0000, 24, "Frame Center Longitude", "deg", Float),
    label(0x060E_2B34_0101_010A_0701_0201_0316_0000, 25, "Frame Center Elevation", "m", Float),
    label(0x060E_2B34_0101_0103_0701_0201_0307_0100, 82, "Corner Latitude Point 1", "deg", Float),
    label(0x060E_2B34_0101_0103_0701_0201_030B_0100, 83, "Corner Longitude Point 1", "deg", Float),
    label(0x060E_2B34_0101_0103_0701_0201_0308_0100, 84, "Corner Latitude Point 2", "deg", Float),
    label(0x060E_2B34_0101_0103_0701_0201_030C_0100, 85, "Corner Longitude Point 2", "deg", Float),
    label(0x060E_2B34_0101_0103_0701_0201_0309_0100, 86, "Corner Latitude Point 3", "deg", Float),
    label(0x060E_2B34_0101_0103_0701_0201_030D_0100, 87, "Corner Longitude Point 3", "deg", Float),
    label(0x060E_2B34_0101_0103_0701_0201_030A_0100, 88, "Corner Latitude Point 4", "deg", Float),
    label(0x060E_2B34_0101_0103_0701_0201_030E_0100, 89, "Corner Longitude Point 4", "deg", Float),
    label(0x060E_2B34_0201_0101_0208_0200_0000_0000, 48, "Security Universal Metadata Set", "", UniversalSet(&st0102::UNIVERSAL)),
    label(0x060E_2B34_0203_0101_0E01_0303_0200_0000, 48, "Security Local Metadata Set", "", LocalSet(&st0102::LOCAL)),
    label(0x060E_2B34_0101_0101_0701_1001_0200_0000, 0, "Angle to North", "deg", Float),
    label(0x060E_2B34_0101_0101_0701_1001_0300_0000, 0, "Obliquity Angle", "deg", Float),
    label(0x060E_2B34_0101_0101_0702_0102_0101_0000, 0, "Start Date and Time", "", Text),
    label(0x060E_2B34_0101_0101_0702_0102_0701_0000, 0, "Event Start Date and Time", "", Text),
];
