//! The items of ST 0601 as a table: name, unit and how the bytes map to a value.
//!
//! Ranges, lengths and set-aside values follow MISB ST 0601.19, clause 8; the
//! row number is the tag.

use crate::value::State;

/// How an item's bytes become a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Unsigned integer; the length in bytes, 0 for any up to eight.
    Uint(u8),
    /// Two's complement integer; the length in bytes, 0 for any up to eight.
    Int(u8),
    /// Unsigned integer of so many bytes that counts steps of this size.
    Scaled(u8, f64),
    /// Unsigned integer of so many bytes mapped linearly onto min..=max.
    U(u8, f64, f64),
    /// Signed integer of so many bytes mapped linearly onto -max..=max; its
    /// most negative value is set aside and means this state.
    S(u8, f64, State),
    /// ST 1201 mapping (IMAPB) of min..=max, any length up to eight bytes.
    M(f64, f64),
    /// UTF-8 text.
    Text,
    /// A set, pack or list of its own, given as raw bytes.
    Nested,
}

/// What the standard says of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ItemDef {
    /// Name.
    pub name: &'static str,
    /// Unit of the value; empty if it has none.
    pub unit: &'static str,
    /// Mapping.
    pub kind: Kind,
}

/// The definition of `tag`, if the standard has one.
pub fn lookup(tag: u32) -> Option<&'static ItemDef> {
    let row = usize::try_from(tag).ok()?.checked_sub(1)?;
    ITEMS.get(row)
}

const fn item(name: &'static str, unit: &'static str, kind: Kind) -> ItemDef {
    ItemDef { name, unit, kind }
}

use Kind::{Int, M, Nested, S, Scaled, Text, U, Uint};
const OUT: State = State::OutOfRange;
const RSV: State = State::Reserved;

/// Tags 1 to 143, in order.
#[rustfmt::skip]
static ITEMS: [ItemDef; 143] = [
    item("Checksum", "", Uint(2)),
    item("Precision Time Stamp", "us", Uint(8)),
    item("Mission ID", "", Text),
    item("Platform Tail Number", "", Text),
    item("Platform Heading Angle", "deg", U(2, 0.0, 360.0)),
    item("Platform Pitch Angle", "deg", S(2, 20.0, OUT)),
    item("Platform Roll Angle", "deg", S(2, 50.0, OUT)),
    item("Platform True Airspeed", "m/s", Uint(1)),
    item("Platform Indicated Airspeed", "m/s", Uint(1)),
    item("Platform Designation", "", Text),
    item("Image Source Sensor", "", Text),
    item("Image Coordinate System", "", Text),
    item("Sensor Latitude", "deg", S(4, 90.0, RSV)),
    item("Sensor Longitude", "deg", S(4, 180.0, RSV)),
    item("Sensor True Altitude", "m", U(2, -900.0, 19000.0)),
    item("Sensor Horizontal Field of View", "deg", U(2, 0.0, 180.0)),
    item("Sensor Vertical Field of View", "deg", U(2, 0.0, 180.0)),
    item("Sensor Relative Azimuth Angle", "deg", U(4, 0.0, 360.0)),
    item("Sensor Relative Elevation Angle", "deg", S(4, 180.0, OUT)),
    item("Sensor Relative Roll Angle", "deg", U(4, 0.0, 360.0)),
    item("Slant Range", "m", U(4, 0.0, 5000000.0)),
    item("Target Width", "m", U(2, 0.0, 10000.0)),
    item("Frame Center Latitude", "deg", S(4, 90.0, RSV)),
    item("Frame Center Longitude", "deg", S(4, 180.0, RSV)),
    item("Frame Center Elevation", "m", U(2, -900.0, 19000.0)),
    item("Offset Corner Latitude Point 1", "deg", S(2, 0.075, RSV)),
    item("Offset Corner Longitude Point 1", "deg", S(2, 0.075, RSV)),
    item("Offset Corner Latitude Point 2", "deg", S(2, 0.075, RSV)),
    item("Offset Corner Longitude Point 2", "deg", S(2, 0.075, RSV)),
    item("Offset Corner Latitude Point 3", "deg", S(2, 0.075, RSV)),
    item("Offset Corner Longitude Point 3", "deg", S(2, 0.075, RSV)),
    item("Offset Corner Latitude Point 4", "deg", S(2, 0.075, RSV)),
    item("Offset Corner Longitude Point 4", "deg", S(2, 0.075, RSV)),
    item("Icing Detected", "", Uint(1)),
    item("Wind Direction", "deg", U(2, 0.0, 360.0)),
    item("Wind Speed", "m/s", U(1, 0.0, 100.0)),
    item("Static Pressure", "mbar", U(2, 0.0, 5000.0)),
    item("Density Altitude", "m", U(2, -900.0, 19000.0)),
    item("Outside Air Temperature", "degC", Int(1)),
    item("Target Location Latitude", "deg", S(4, 90.0, RSV)),
    item("Target Location Longitude", "deg", S(4, 180.0, RSV)),
    item("Target Location Elevation", "m", U(2, -900.0, 19000.0)),
    item("Target Track Gate Width", "px", Scaled(1, 2.0)),
    item("Target Track Gate Height", "px", Scaled(1, 2.0)),
    item("Target Error Estimate CE90", "m", U(2, 0.0, 4095.0)),
    item("Target Error Estimate LE90", "m", U(2, 0.0, 4095.0)),
    item("Generic Flag Data", "", Uint(1)),
    item("Security Local Metadata Set", "", Nested),
    item("Differential Pressure", "mbar", U(2, 0.0, 5000.0)),
    item("Platform Angle of Attack", "deg", S(2, 20.0, OUT)),
    item("Platform Vertical Speed", "m/s", S(2, 180.0, OUT)),
    item("Platform Sideslip Angle", "deg", S(2, 20.0, OUT)),
    item("Airfield Barometric Pressure", "mbar", U(2, 0.0, 5000.0)),
    item("Airfield Elevation", "m", U(2, -900.0, 19000.0)),
    item("Relative Humidity", "%", U(1, 0.0, 100.0)),
    item("Platform Ground Speed", "m/s", Uint(1)),
    item("Ground Range", "m", U(4, 0.0, 5000000.0)),
    item("Platform Fuel Remaining", "kg", U(2, 0.0, 10000.0)),
    item("Platform Call Sign", "", Text),
    item("Weapon Load", "", Uint(2)),
    item("Weapon Fired", "", Uint(1)),
    item("Laser PRF Code", "", Uint(2)),
    item("Sensor Field of View Name", "", Uint(1)),
    item("Platform Magnetic Heading", "deg", U(2, 0.0, 360.0)),
    item("UAS Datalink LS Version Number", "", Uint(1)),
    item("Deprecated", "", Nested),
    item("Alternate Platform Latitude", "deg", S(4, 90.0, RSV)),
    item("Alternate Platform Longitude", "deg", S(4, 180.0, RSV)),
    item("Alternate Platform Altitude", "m", U(2, -900.0, 19000.0)),
    item("Alternate Platform Name", "", Text),
    item("Alternate Platform Heading", "deg", U(2, 0.0, 360.0)),
    item("Event Start Time", "us", Uint(8)),
    item("RVT Local Set", "", Nested),
    item("VMTI Local Set", "", Nested),
    item("Sensor Ellipsoid Height", "m", U(2, -900.0, 19000.0)),
    item("Alternate Platform Ellipsoid Height", "m", U(2, -900.0, 19000.0)),
    item("Operational Mode", "", Uint(1)),
    item("Frame Center Height Above Ellipsoid", "m", U(2, -900.0, 19000.0)),
    item("Sensor North Velocity", "m/s", S(2, 327.0, OUT)),
    item("Sensor East Velocity", "m/s", S(2, 327.0, OUT)),
    item("Image Horizon Pixel Pack", "", Nested),
    item("Corner Latitude Point 1", "deg", S(4, 90.0, RSV)),
    item("Corner Longitude Point 1", "deg", S(4, 180.0, RSV)),
    item("Corner Latitude Point 2", "deg", S(4, 90.0, RSV)),
    item("Corner Longitude Point 2", "deg", S(4, 180.0, RSV)),
    item("Corner Latitude Point 3", "deg", S(4, 90.0, RSV)),
    item("Corner Longitude Point 3", "deg", S(4, 180.0, RSV)),
    item("Corner Latitude Point 4", "deg", S(4, 90.0, RSV)),
    item("Corner Longitude Point 4", "deg", S(4, 180.0, RSV)),
    item("Platform Pitch Angle (Full)", "deg", S(4, 90.0, OUT)),
    item("Platform Roll Angle (Full)", "deg", S(4, 90.0, OUT)),
    item("Platform Angle of Attack (Full)", "deg", S(4, 90.0, OUT)),
    item("Platform Sideslip Angle (Full)", "deg", S(4, 180.0, OUT)),
    item("MIIS Core Identifier", "", Nested),
    item("SAR Motion Imagery Local Set", "", Nested),
    item("Target Width Extended", "m", M(0.0, 1500000.0)),
    item("Range Image Local Set", "", Nested),
    item("Geo-Registration Local Set", "", Nested),
    item("Composite Imaging Local Set", "", Nested),
    item("Segment Local Set", "", Nested),
    item("Amend Local Set", "", Nested),
    item("SDCC-FLP", "", Nested),
    item("Density Altitude Extended", "m", M(-900.0, 40000.0)),
    item("Sensor Ellipsoid Height Extended", "m", M(-900.0, 40000.0)),
    item("Alternate Platform Ellipsoid Height Extended", "m", M(-900.0, 40000.0)),
    item("Stream Designator", "", Text),
    item("Operational Base", "", Text),
    item("Broadcast Source", "", Text),
    item("Range To Recovery Location", "km", M(0.0, 21000.0)),
    item("Time Airborne", "s", Uint(0)),
    item("Propulsion Unit Speed", "rpm", Uint(0)),
    item("Platform Course Angle", "deg", M(0.0, 360.0)),
    item("Altitude AGL", "m", M(-900.0, 40000.0)),
    item("Radar Altimeter", "m", M(-900.0, 40000.0)),
    item("Control Command", "", Nested),
    item("Control Command Verification List", "", Nested),
    item("Sensor Azimuth Rate", "deg/s", M(-1000.0, 1000.0)),
    item("Sensor Elevation Rate", "deg/s", M(-1000.0, 1000.0)),
    item("Sensor Roll Rate", "deg/s", M(-1000.0, 1000.0)),
    item("On-board MI Storage Percent Full", "%", M(0.0, 100.0)),
    item("Active Wavelength List", "", Nested),
    item("Country Codes", "", Nested),
    item("Number of NAVSATs in View", "", Uint(1)),
    item("Positioning Method Source", "", Uint(1)),
    item("Platform Status", "", Uint(1)),
    item("Sensor Control Mode", "", Uint(1)),
    item("Sensor Frame Rate Pack", "", Nested),
    item("Wavelengths List", "", Nested),
    item("Target ID", "", Text),
    item("Airbase Locations", "", Nested),
    item("Take-off Time", "us", Uint(0)),
    item("Transmission Frequency", "MHz", M(1.0, 99999.0)),
    item("On-board MI Storage Capacity", "GB", Uint(0)),
    item("Zoom Percentage", "%", M(0.0, 100.0)),
    item("Communications Method", "", Text),
    item("Leap Seconds", "s", Int(0)),
    item("Correction Offset", "us", Int(0)),
    item("Payload List", "", Nested),
    item("Active Payloads", "", Nested),
    item("Weapons Stores", "", Nested),
    item("Waypoint List", "", Nested),
    item("View Domain", "", Nested),
    item("Metadata Substream ID Pack", "", Nested),
];
