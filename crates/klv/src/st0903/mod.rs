//! Video moving target indicators (MISB ST 0903), alone or inside ST 0601 (item 74).

mod details;
mod sets;
mod vmti;

pub use details::{Chip, Feature, Mask};
pub use sets::{
    ALGORITHM_SET, ONTOLOGY_SET, VCHIP, VFEATURE, VMASK, VMTI, VOBJECT, VTARGET, VTRACK,
    VTRACK_ITEM, VTRACKER,
};
pub(crate) use sets::{TARGET_PACK, TRACK_ITEM_PACK};
pub use vmti::{Frame, Target, frame, of, targets, write, write_packet};
