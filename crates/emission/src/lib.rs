//! Gas readings and wind to a source: is there one, where, how strong, and what was not seen.
//!
//! Two ways, given the same wind ([`Wind`]) and readings ([`Reading`], at a point or along an open path) in
//! the order of time, asked at any moment for the same [`Estimate`]:
//!
//! - An [`Inversion`] looks for any number of sources, each with its beginning and end. It keeps the last readings and
//!   draws from what is likely: number, places, rates and times of sources, the wind's lasting error, the plume's
//!   spread and width, its error, the sensors' noise and their backgrounds' wander; the backgrounds
//!   themselves are marginalised by Kalman filters. What readings say is taken with caution: by how much they
//!   err together, and by how wrong the plume turns out to be.
//!   Asked where a drone should fly next it names the leg that is expected to tell most for its length.
//! - An [`Estimator`] looks for one source, for live feeds that must cost little. It holds one hypothesis for each
//!   place of a [`Grid`] and each of [`RATES`] release rates, with a Kalman filter of each sensor's background under
//!   it. Noise is Student-t with a variance that grows with the square of the predicted signal. The weights of
//!   the hypotheses against the one of no source give probability, place and rate. A reading costs the same
//!   however many came before, and no reading is kept.
//!
//! [`sensor`] undoes what sensors do to readings; [`nose`] names the kind of gas by an array of them.
//!
//! Both predict by a Gaussian plume with reflection at the ground ([`Plume`]). They are no model of buildings or
//! of slopes, and do not name the activity behind a gas. Everything is in local metres (east, north, up above
//! level ground), seconds, parts per million and kilograms an hour. No file is opened and no clock read:
//! [`table`] reads tables from any reader, [`heat`] makes the bytes of a picture, [`geotiff`] those of a map.

mod bank;
mod declined;
mod estimate;
mod estimator;
mod fast;
mod gas;
mod geotiff;
mod grid;
pub mod heat;
mod intake;
mod inversion;
mod linear;
mod noise;
pub mod nose;
mod plume;
mod region;
pub mod sensor;
mod stability;
pub mod table;
mod wind;

pub use bank::RATES;
pub use declined::Declined;
pub use estimate::{CandidateShare, Estimate, Source, Status};
pub use estimator::{Estimator, Reading, Refused, Settings, Taken};
pub use gas::Gas;
pub use geotiff::geotiff;
pub use grid::{Area, AreaFault, Candidate, Grid};
pub use inversion::{Flight, Inversion, Leg};
pub use plume::Plume;
pub use region::Region;
pub use stability::Stability;
pub use wind::Wind;
