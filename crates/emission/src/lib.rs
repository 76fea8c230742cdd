//! Gas readings and wind to a source: is there one, where, how strong, and what was not seen.
//!
//! An [`Estimator`] is given the wind ([`Wind`]) and readings ([`Reading`], at a point or along an open
//! path) in the order of time, and can be asked at any moment for an [`Estimate`]. It holds one hypothesis
//! for each place of a [`Grid`] and each of [`RATES`] release rates. A hypothesis predicts readings by a
//! Gaussian plume with reflection at the ground ([`Plume`]) and carries, for each sensor, a Kalman filter
//! of that sensor's background, which is thereby marginalised. Noise is Student-t with a variance that
//! grows with the square of the predicted signal, because a Gaussian plume is wrong in any one minute.
//! The weights of the hypotheses against the one of no source give probability, place and rate. A reading
//! costs the same however many came before, and no reading is kept.
//!
//! It is not a model of several sources, of buildings or of slopes, and it does not name the activity
//! behind a gas. Everything is in local metres (east, north, up above level ground), seconds, parts per
//! million and kilograms an hour. No file is opened and no clock read: [`table`] reads tables from any
//! reader, [`heat`] makes the bytes of a picture, [`geotiff`] those of a map.

mod bank;
mod declined;
mod estimate;
mod estimator;
mod fast;
mod gas;
mod geotiff;
mod grid;
pub mod heat;
mod noise;
mod plume;
mod region;
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
pub use plume::Plume;
pub use region::Region;
pub use stability::Stability;
pub use wind::Wind;
