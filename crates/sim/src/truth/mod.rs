//! What is the case: boxes in the pictures, positions on the ground, events at zones.

mod boxes;
mod events;
mod goods;
mod looks;
mod tracks;

pub use boxes::{TruthBox, boxes_csv_rows, boxes_in};
pub(crate) use events::ring;
pub use events::{events, zones_geojson};
pub use goods::goods_csv;
pub use looks::looks_csv;
pub use tracks::{TRACK_HZ, tracks_csv};
