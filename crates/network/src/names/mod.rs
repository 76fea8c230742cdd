//! Names compared: are these two spellings of one name?
//!
//! Made for Spanish names: two surnames of which the second is often left out, surnames first with
//! a comma, compound given names, particles, initials, diminutives, written abbreviations, accents
//! and ñ, letters that sound alike; and for organisations with their legal forms. Other scripts are
//! transliterated first.
//!
//! [`Name::parse`] takes a name apart, [`score`] gives the probability that two are the same name,
//! [`candidates`] finds the pairs of a long list that are worth comparing. A score is not a
//! judgement: those are made by people, see [`crate::Judgements`].

mod blocking;
mod features;
mod fold;
mod parse;
mod score;
pub mod table;
mod tables;
mod token;
mod trades;

pub use blocking::{Candidates, candidates};
pub use features::{FEATURES, Features, features};
pub use fold::{fold, sound};
pub use parse::{Name, has_legal_form, reads_like_person};
pub use score::{Judged, SAME_FROM, UNDECIDED_FROM, score, suggestion};
pub use token::Role;
