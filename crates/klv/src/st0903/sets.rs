//! The sets that VMTI is made of, as tables.

use crate::form::Checked::Peers;
use crate::form::Form::{Bytes, CoreId, LocalSet, Oid, Pack, Series, Text, Uint, Uuid, Words};
use crate::form::Layout::{Ber, Fixed, Lv, Rest};
use crate::form::{Def, Field, ItemDef, Layout, PackDef, SetDef, def, field, item, m};

const SOURCE: &str = "MISB ST 0903.6";

const fn set(name: &'static str, clause: &'static str, items: &'static [ItemDef]) -> SetDef {
    SetDef {
        source: SOURCE,
        clause,
        name,
        items,
        labels: &[],
    }
}

/// Moving target indication of one frame; alone, or inside ST 0601 (item 74).
pub static VMTI: SetDef = set(
    "VMTI Local Set",
    "table of the VMTI local set, tag {}",
    &VMTI_ITEMS,
);

#[rustfmt::skip]
static VMTI_ITEMS: [ItemDef; 16] = [
    item(1, "Checksum", "", Uint(2)),
    item(2, "Precision Time Stamp", "us", Uint(8)),
    item(3, "VMTI System Name", "", Text).longest(32),
    item(4, "VMTI LS Version Number", "", Uint(0)),
    item(5, "Total Number of Targets Detected", "", Uint(0)),
    item(6, "Number of Reported Targets", "", Uint(0)),
    item(7, "Frame Number", "", Uint(0)),
    item(8, "Frame Width", "px", Uint(0)),
    item(9, "Frame Height", "px", Uint(0)),
    item(10, "VMTI Source Sensor", "", Text).longest(128),
    item(11, "VMTI Sensor Horizontal Field of View", "deg", m(0.0, 180.0, 2)),
    item(12, "VMTI Sensor Vertical Field of View", "deg", m(0.0, 180.0, 2)),
    item(13, "MIIS Identifier", "", CoreId).checked(Peers),
    item(101, "VTarget Series", "", Series(&TARGET)),
    item(102, "Algorithm Series", "", Series(&ALGORITHM)),
    item(103, "Ontology Series", "", Series(&ONTOLOGY)),
];

static TARGET: Def = def("VTarget", "", Pack(&TARGET_PACK));

/// A target: its number, and its set, under the names that records give them.
pub(crate) static TARGET_PACK: PackDef = PackDef {
    name: "VTarget Pack",
    required: 1,
    fields: &[
        field("id", "", Oid, Layout::Oid),
        field("items", "", LocalSet(&VTARGET), Rest),
    ],
};

/// One target.
pub static VTARGET: SetDef = set(
    "VTarget Pack",
    "table of the VTarget pack, tag {}",
    &VTARGET_ITEMS,
);

#[rustfmt::skip]
static VTARGET_ITEMS: [ItemDef; 29] = [
    item(1, "Target Centroid Pixel Number", "", Uint(0)),
    item(2, "Bounding Box Top Left Pixel Number", "", Uint(0)),
    item(3, "Bounding Box Bottom Right Pixel Number", "", Uint(0)),
    item(4, "Target Priority", "", Uint(1)),
    item(5, "Target Confidence Level", "%", Uint(1)),
    item(6, "Target History", "", Uint(0)),
    item(7, "Percentage of Target Pixels", "%", Uint(1)),
    item(8, "Target Color", "", Uint(3)),
    item(9, "Target Intensity", "", Uint(0)),
    item(10, "Target Location Latitude Offset", "deg", m(-19.2, 19.2, 3)),
    item(11, "Target Location Longitude Offset", "deg", m(-19.2, 19.2, 3)),
    item(12, "Target Height above Ellipsoid", "m", m(-900.0, 19000.0, 2)),
    item(13, "Bounding Box Top Left Latitude Offset", "deg", m(-19.2, 19.2, 3)),
    item(14, "Bounding Box Top Left Longitude Offset", "deg", m(-19.2, 19.2, 3)),
    item(15, "Bounding Box Bottom Right Latitude Offset", "deg", m(-19.2, 19.2, 3)),
    item(16, "Bounding Box Bottom Right Longitude Offset", "deg", m(-19.2, 19.2, 3)),
    item(17, "Target Location", "", Pack(&LOCATION)).checked(Peers),
    item(18, "Target Boundary Series", "", Series(&VERTEX)).checked(Peers),
    item(19, "Target Centroid Row", "", Uint(0)),
    item(20, "Target Centroid Column", "", Uint(0)),
    item(21, "FPA Index", "", Pack(&FPA_INDEX)),
    item(22, "Algorithm ID", "", Uint(0)),
    item(101, "VMask", "", LocalSet(&VMASK)),
    item(102, "VObject", "", LocalSet(&VOBJECT)).checked(Peers),
    item(103, "VFeature", "", LocalSet(&VFEATURE)),
    item(104, "VTracker", "", LocalSet(&VTRACKER)),
    item(105, "VChip", "", LocalSet(&VCHIP)),
    item(106, "VChip Series", "", Series(&CHIP)),
    item(107, "VObject Series", "", Series(&OBJECT)),
];

/// Place, how sure it is, and how its parts depend on each other.
static LOCATION: PackDef = PackDef {
    name: "Location",
    required: 3,
    fields: &[
        field("Latitude", "deg", m(-90.0, 90.0, 4), Fixed(4)),
        field("Longitude", "deg", m(-180.0, 180.0, 4), Fixed(4)),
        field(
            "Height above Ellipsoid",
            "m",
            m(-900.0, 19000.0, 2),
            Fixed(2),
        ),
        field("Sigma East", "m", m(0.0, 650.0, 2), Fixed(2)),
        field("Sigma North", "m", m(0.0, 650.0, 2), Fixed(2)),
        field("Sigma Up", "m", m(0.0, 650.0, 2), Fixed(2)),
        field("Rho East North", "", m(-1.0, 1.0, 2), Fixed(2)),
        field("Rho East Up", "", m(-1.0, 1.0, 2), Fixed(2)),
        field("Rho North Up", "", m(-1.0, 1.0, 2), Fixed(2)),
    ],
};
static VERTEX: Def = def("Location", "", Pack(&LOCATION));

/// Velocity and acceleration are written alike.
const fn vector_fields(unit: &'static str) -> [Field; 9] {
    [
        field("East", unit, m(-900.0, 900.0, 2), Fixed(2)),
        field("North", unit, m(-900.0, 900.0, 2), Fixed(2)),
        field("Up", unit, m(-900.0, 900.0, 2), Fixed(2)),
        field("Sigma East", unit, m(0.0, 650.0, 2), Fixed(2)),
        field("Sigma North", unit, m(0.0, 650.0, 2), Fixed(2)),
        field("Sigma Up", unit, m(0.0, 650.0, 2), Fixed(2)),
        field("Rho East North", "", m(-1.0, 1.0, 2), Fixed(2)),
        field("Rho East Up", "", m(-1.0, 1.0, 2), Fixed(2)),
        field("Rho North Up", "", m(-1.0, 1.0, 2), Fixed(2)),
    ]
}
static VELOCITY: PackDef = PackDef {
    name: "Velocity",
    required: 3,
    fields: &const { vector_fields("m/s") },
};
static ACCELERATION: PackDef = PackDef {
    name: "Acceleration",
    required: 3,
    fields: &const { vector_fields("m/s2") },
};

static FPA_INDEX: PackDef = PackDef {
    name: "FPA Index Pack",
    required: 2,
    fields: &[
        field("Row", "", Uint(1), Fixed(1)),
        field("Column", "", Uint(1), Fixed(1)),
    ],
};

/// Outline of a target in the picture.
pub static VMASK: SetDef = set(
    "VMask Local Set",
    "table of the VMask local set, tag {}",
    &[
        item(1, "Polygon", "", Series(&PIXEL)),
        item(2, "Bit Mask", "", Series(&PIXEL_RUN)),
    ],
);
static PIXEL: Def = def("Pixel Number", "", Uint(0));
static PIXEL_RUN: Def = def("Pixel Run", "", Pack(&PIXEL_RUN_PACK));
static PIXEL_RUN_PACK: PackDef = PackDef {
    name: "Pixel Run",
    required: 2,
    fields: &[
        field("First Pixel Number", "", Uint(0), Lv),
        field("Length", "px", Uint(0), Ber),
    ],
};

/// What a target is.
pub static VOBJECT: SetDef = set(
    "VObject Local Set",
    "table of the VObject local set, tag {}",
    &[
        item(1, "Ontology", "", Text),
        item(2, "Ontology Class", "", Text),
        item(3, "Ontology ID", "", Uint(0)),
        item(4, "Confidence", "%", m(0.0, 100.0, 2)),
    ],
);
static OBJECT: Def = def("VObject", "", LocalSet(&VOBJECT));

/// What is said of a target in a schema of its own.
pub static VFEATURE: SetDef = set(
    "VFeature Local Set",
    "table of the VFeature local set, tag {}",
    &[
        item(1, "Schema", "", Text),
        item(2, "Schema Feature", "", Text),
    ],
);

const DETECTION: &[(u64, &str)] = &[
    (0, "Inactive"),
    (1, "Active"),
    (2, "Dropped"),
    (3, "Stopped"),
];

/// How a target was followed.
#[rustfmt::skip]
pub static VTRACKER: SetDef = set(
    "VTracker Local Set",
    "table of the VTracker local set, tag {}",
    &[
        item(1, "Track ID", "", Uuid),
        item(2, "Detection Status", "", Words(1, DETECTION)),
        item(3, "Start Time", "us", Uint(8)),
        item(4, "End Time", "us", Uint(8)),
        item(5, "Bounding Box", "", Series(&VERTEX)).checked(Peers),
        item(6, "Algorithm", "", Text),
        item(7, "Confidence", "%", Uint(1)),
        item(8, "Number of Track Points", "", Uint(0)),
        item(9, "Track History Series", "", Series(&VERTEX)),
        item(10, "Velocity", "", Pack(&VELOCITY)),
        item(11, "Acceleration", "", Pack(&ACCELERATION)),
        item(12, "Algorithm ID", "", Uint(0)),
    ],
);

/// A picture of a target, or where one is.
pub static VCHIP: SetDef = set(
    "VChip Local Set",
    "table of the VChip local set, tag {}",
    &[
        item(1, "Image Type", "", Text),
        item(2, "Image URI", "", Text),
        item(3, "Embedded Image", "", Bytes(1, u16::MAX)),
    ],
);
static CHIP: Def = def("VChip", "", LocalSet(&VCHIP));

/// What found or followed targets.
pub static ALGORITHM_SET: SetDef = set(
    "Algorithm Local Set",
    "table of the algorithm local set, tag {}",
    &[
        item(1, "Algorithm ID", "", Uint(0)),
        item(2, "Algorithm Name", "", Text),
        item(3, "Algorithm Version", "", Text),
        item(4, "Algorithm Class", "", Text),
        item(5, "Number of Frames", "", Uint(0)),
    ],
);
static ALGORITHM: Def = def("Algorithm", "", LocalSet(&ALGORITHM_SET));

/// What classes of objects mean.
pub static ONTOLOGY_SET: SetDef = set(
    "Ontology Local Set",
    "table of the ontology local set, tag {}",
    &[
        item(1, "Ontology ID", "", Uint(0)),
        item(2, "Parent ID", "", Uint(0)),
        item(3, "Ontology", "", Text),
        item(4, "Ontology Class", "", Text),
    ],
);
static ONTOLOGY: Def = def("Ontology", "", LocalSet(&ONTOLOGY_SET));

/// One track in time order; alone.
#[rustfmt::skip]
pub static VTRACK: SetDef = set(
    "VTrack Local Set",
    "table of the VTrack local set, tag {}",
    &[
        item(1, "Checksum", "", Uint(2)).checked(Peers),
        item(2, "Precision Time Stamp", "us", Uint(8)).checked(Peers),
        item(3, "Track ID", "", Uuid).checked(Peers),
        item(4, "Detection Status", "", Words(1, DETECTION)).checked(Peers),
        item(5, "Start Time", "us", Uint(8)).checked(Peers),
        item(6, "End Time", "us", Uint(8)).checked(Peers),
        item(7, "Bounding Box", "", Series(&VERTEX)).checked(Peers),
        item(8, "Algorithm", "", Text).checked(Peers),
        item(9, "Confidence", "%", Uint(1)).checked(Peers),
        item(10, "VMTI System Name", "", Text).checked(Peers),
        item(11, "VMTI LS Version Number", "", Uint(0)).checked(Peers),
        item(12, "VMTI Source Sensor", "", Text).checked(Peers),
        item(13, "Number of Track Points", "", Uint(0)).checked(Peers),
        item(101, "VTrackItem Series", "", Series(&TRACK_ITEM)).checked(Peers),
        item(103, "Ontology Series", "", Series(&ONTOLOGY)).checked(Peers),
    ],
);
static TRACK_ITEM: Def = def("VTrackItem", "", Pack(&TRACK_ITEM_PACK));
pub(crate) static TRACK_ITEM_PACK: PackDef = PackDef {
    name: "VTrackItem Pack",
    required: 1,
    fields: &[
        field("id", "", Oid, Layout::Oid),
        field("items", "", LocalSet(&VTRACK_ITEM), Rest),
    ],
};

/// One point of a track.
#[rustfmt::skip]
pub static VTRACK_ITEM: SetDef = set(
    "VTrackItem Pack",
    "table of the VTrackItem pack, tag {}",
    &[
        item(1, "Target Time Stamp", "us", Uint(8)).checked(Peers),
        item(2, "Target Centroid Pixel Number", "", Uint(0)).checked(Peers),
        item(3, "Target Centroid Row", "", Uint(0)).checked(Peers),
        item(4, "Target Centroid Column", "", Uint(0)).checked(Peers),
        item(5, "Bounding Box Top Left Pixel Number", "", Uint(0)).checked(Peers),
        item(6, "Bounding Box Bottom Right Pixel Number", "", Uint(0)).checked(Peers),
        item(7, "Target Priority", "", Uint(1)).checked(Peers),
        item(8, "Target Confidence Level", "%", Uint(1)).checked(Peers),
        item(9, "Target History", "", Uint(0)).checked(Peers),
        item(10, "Percentage of Target Pixels", "%", Uint(1)).checked(Peers),
        item(11, "Target Color", "", Uint(3)).checked(Peers),
        item(12, "Target Intensity", "", Uint(0)).checked(Peers),
        item(13, "Target Location", "", Pack(&LOCATION)).checked(Peers),
        item(14, "Target Boundary Series", "", Series(&VERTEX)).checked(Peers),
        item(15, "Velocity", "", Pack(&VELOCITY)).checked(Peers),
        item(16, "Acceleration", "", Pack(&ACCELERATION)).checked(Peers),
        item(17, "FPA Index", "", Pack(&FPA_INDEX)).checked(Peers),
        item(18, "Frame Number", "", Uint(0)).checked(Peers),
        item(19, "MIIS Identifier", "", CoreId).checked(Peers),
        item(20, "Frame Width", "px", Uint(0)).checked(Peers),
        item(21, "Frame Height", "px", Uint(0)).checked(Peers),
        item(22, "Sensor Horizontal Field of View", "deg", m(0.0, 180.0, 2)).checked(Peers),
        item(23, "Sensor Vertical Field of View", "deg", m(0.0, 180.0, 2)).checked(Peers),
        item(24, "Motion Imagery URL", "", Text).checked(Peers),
        item(101, "VMask", "", LocalSet(&VMASK)).checked(Peers),
        item(102, "VObject", "", LocalSet(&VOBJECT)).checked(Peers),
        item(103, "VFeature", "", LocalSet(&VFEATURE)).checked(Peers),
        item(105, "VChip", "", LocalSet(&VCHIP)).checked(Peers),
        item(106, "VChip Series", "", Series(&CHIP)).checked(Peers),
        item(107, "VObject Series", "", Series(&OBJECT)).checked(Peers),
    ],
);
