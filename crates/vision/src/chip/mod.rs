//! What a box shows: a person, a car, a pickup, a truck, something else that moves, or nothing.
//!
//! [`Chip::cut`] turns a box of a picture, 4 to some hundred pixels wide, into the same 290 numbers
//! whatever its size: where edges of which direction lie (histograms of oriented gradients; Dalal &
//! Triggs 2005), coarse brightness, a few ratios, and, where it is known, how large the thing is in
//! metres. [`Classifier`] is a network with one hidden layer over them, trained here ([`train`]) with
//! a named seed, and calibrated by one temperature on chips that it was not trained on (Guo et al.
//! 2017). [`Card`] is what a model says about itself: what it was trained on, how well it does, until
//! when it may be used.
//!
//! There is no class of a person's face or body, and none can be added: [`Label`] is closed, and a
//! label that names one is refused.

mod card;
mod classifier;
mod cut;
mod features;
mod file;
mod label;
mod net;
mod random;
mod score;
mod square;
mod train;

pub use card::{Card, Checked, Retained, Source, SourceKind};
pub use classifier::{Classifier, Said};
pub use cut::{Chip, Look, Luma};
pub use file::ModelError;
pub use label::{Label, LabelError, forbidden};
pub use random::Random;
pub use score::{ClassScore, ReliabilityBin, Score};
pub use train::{Example, TrainError, TrainOptions, train};
