//! UAS datalink local set (MISB ST 0601).

mod encode;
mod packs;
pub mod table;

pub use crate::write::EncodeError;
pub use encode::SetBuilder;
