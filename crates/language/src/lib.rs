//! Spanish ↔ English for analysts and partners: what a machine may say in place of a person.
//!
//! - [`entities`] finds what may never be lost or changed: names, places, plates, phones,
//!   coordinates, times, quantities, each with its span.
//! - [`Translator`] masks them, lets an [`Engine`] translate what is left, puts them back and checks
//!   that each is there once; where the engine did not keep to it, it translates around them, piece by
//!   piece. What could not be checked is flagged ([`Translation::flags`]).
//! - [`Glossary`] has the trade's own terms, [`Memory`] what people have corrected (TMX out and in).
//! - [`recognise()`] says which language a text is in, or that it can't be told.
//! - [`document`] takes the lines out of text and Word files.
//!
//! Not here: processes, files, clocks. An engine's process stands behind [`Engine`]; [`apertium`] has
//! only the text format that one of them speaks. Readers and writers are given. The same input gives
//! the same output.

pub mod apertium;
mod check;
pub mod document;
mod engine;
pub mod entities;
mod glossary;
mod language;
mod lines;
mod mask;
mod memory;
mod recognise;
mod record;
mod sentences;
mod similar;
mod tmx;
mod tmx_read;
mod translate;

pub use engine::{Engine, EngineError, NoEngine, Rendered};
pub use entities::{Entity, EntityKind};
pub use glossary::{Glossary, Term};
pub use language::Language;
pub use lines::{Lines, ReadError};
pub use memory::{Entry, Hit, Match, Memory, MemoryError};
pub use recognise::{Recognised, recognise};
pub use record::{Correction, KeptEntity, Suggestion, Translation, UsedTerm};
pub use tmx::write_tmx;
pub use tmx_read::{TmxError, TmxRead, TmxUnit, read_tmx};
pub use translate::Translator;
