//! Worlds with known truth: simulated operations that produce every feed.
//!
//! A [`World`] follows from one seed. It knows who comes and goes, where the aircraft is
//! and what its metadata gets wrong; [`render::Renderer`] draws what the cameras see.
//! Everything is a pure function of seed, options and time, whatever the number of threads.
//!
//! It is a product feature for training, rehearsal and acceptance. It is not a physics
//! engine, and it never stands for a real place: "SIMULATED" is burnt into every picture.

mod aircraft;
mod error;
mod errors;
mod flight;
mod gas;
mod live;
mod metadata;
mod operation;
mod output;
mod puffs;
mod reference;
pub mod render;
mod rng;
mod sensors_live;
mod sight;
mod timeline;
mod tripwire;
pub mod truth;
mod weeks;
pub mod world;

pub use aircraft::{Autopilot, fly_on_udp};
pub use error::Error;
pub use errors::{COARSE, ErrorSigmas, MetadataErrors, SIGMAS};
pub use flight::{Flight, Pointing, Sensor};
pub use gas::{GAS_FILE, GasSource, SHED, Sniffed, gas_csv, gas_source, sniff};
pub use live::{Datagram, PlayOptions, Playout, send_feeds, send_udp};
pub use metadata::{Report, packet, report};
pub use operation::{errors_json, operation_toml};
pub use output::{Progress, feeds, frame_count, write_documents, write_to_dir};
pub use puffs::{HALF_M, HIGH_M, PuffReading, PuffSource, PuffWind, PuffWorld};
pub use reference::{REFERENCE_FILE, REFERENCE_SIGMA_M, reference_error_m, write_reference};
pub use sensors_live::{GasTarget, send_gas, send_tripwire};
pub use sight::{Sight, seen_csv};
pub use tripwire::{Crossing, TRIPWIRE_FILE, crossings, tripwire_bytes, tripwire_messages};
pub use weeks::{Weeks, WeeksOptions, write_weeks};
pub use world::{Density, World, WorldOptions};
