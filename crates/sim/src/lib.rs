//! Worlds with known truth: simulated operations that produce every feed.
//!
//! A [`World`] follows from one seed. It knows who comes and goes, where the aircraft is
//! and what its metadata gets wrong; [`render::Renderer`] draws what the cameras see.
//! Everything is a pure function of seed, options and time, whatever the number of threads.
//!
//! It is a product feature for training, rehearsal and acceptance. It is not a physics
//! engine, and it never stands for a real place: "SIMULATED" is burnt into every picture.

mod errors;
mod flight;
pub mod render;
mod rng;
pub mod world;

pub use errors::{ErrorSigmas, MetadataErrors, SIGMAS};
pub use flight::{Flight, Pointing, Sensor};
pub use world::{Density, World, WorldOptions};
