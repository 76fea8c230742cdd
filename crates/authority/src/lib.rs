//! Who may watch what, where, until when.
//!
//! [`Gate`] is the one place that everything passes before it is stored, shown or sent: inside the
//! operation's authority (window, sensor, kind of object, area, no-look areas) or counted and
//! dropped. The default is refusal: what has no position passes only where the operation says so.
//! Of a picture that passes, [`Mask`] says which parts show a no-look area and must be hidden; who
//! paints over them is not decided here. [`access`] says which role may do what. [`audit`] is the log of acts as a tree that an inspector can
//! verify.

pub mod access;
pub mod audit;
mod gate;
mod mask;
mod retention;

pub use gate::{Gate, GateError, Refusal, Tally};
pub use mask::{Mask, PictureView};
pub use retention::Keeping;
