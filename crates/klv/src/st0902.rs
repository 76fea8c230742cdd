//! Motion imagery sensor minimum metadata set (MISB ST 0902): what every stream has to say, and how
//! often.

/// Longest time without an item, microseconds (ST 0902: every item at least each 30 seconds).
pub const LONGEST_GAP_US: u64 = 30_000_000;

/// One item, or one of several that say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// What is asked for.
    pub name: &'static str,
    /// Tags of ST 0601 any of which will do.
    pub tags: &'static [u32],
    /// Tag within the security set (item 48), or 0.
    pub security: u32,
}

const fn item(name: &'static str, tags: &'static [u32]) -> Requirement {
    Requirement {
        name,
        tags,
        security: 0,
    }
}

const fn security(name: &'static str, security: u32) -> Requirement {
    Requirement {
        name,
        tags: &[48],
        security,
    }
}

/// The set of ST 0902.8. Corners of the picture belonged to older revisions and are not asked for;
/// markings of ST 0102 that only some material needs (items 4, 5, 6) are not either.
pub static MINIMUM: [Requirement; 29] = [
    item("Checksum", &[1]),
    item("Precision Time Stamp", &[2]),
    item("Mission ID", &[3]),
    item("Platform Heading Angle", &[5]),
    item("Platform Pitch Angle", &[6, 90]),
    item("Platform Roll Angle", &[7, 91]),
    item("Platform Designation", &[10]),
    item("Image Source Sensor", &[11]),
    item("Image Coordinate System", &[12]),
    item("Sensor Latitude", &[13]),
    item("Sensor Longitude", &[14]),
    item("Sensor Altitude", &[15, 75, 104]),
    item("Sensor Horizontal Field of View", &[16]),
    item("Sensor Vertical Field of View", &[17]),
    item("Sensor Relative Azimuth Angle", &[18]),
    item("Sensor Relative Elevation Angle", &[19]),
    item("Sensor Relative Roll Angle", &[20]),
    item("Slant Range", &[21]),
    item("Target Width", &[22, 96]),
    item("Frame Center Latitude", &[23]),
    item("Frame Center Longitude", &[24]),
    item("Frame Center Elevation", &[25, 78]),
    item("UAS Datalink LS Version Number", &[65]),
    security("Security Classification", 1),
    security("Classifying Country Coding Method", 2),
    security("Classifying Country", 3),
    security("Object Country Coding Method", 12),
    security("Object Country Codes", 13),
    security("Security Metadata Version", 22),
];
