//! What two do together, or what one does with a place: getting into and out of vehicles and buildings,
//! drop-off and pick-up, meeting, convoy, turning away.
//!
//! A person is a track: what is said of it holds within that track, and no track of a person is linked
//! with another.

mod away;
mod convoy;
mod doors;
mod ends;
mod meeting;
mod near;
mod rides;
mod scene;

pub use doors::Doors;
pub use scene::{Actor, Scene};

pub(crate) use away::Away;
pub(crate) use convoy::Convoys;
pub(crate) use ends::{End, Ends, Vehicles};
pub(crate) use meeting::Meetings;
pub(crate) use rides::Rides;
