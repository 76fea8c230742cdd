//! From areas to certified orbits: where an unarmed aircraft loiters so that the zones of a site stay
//! in view, and proof beforehand that the path as it will be flown keeps clear of fences and ground.
//!
//! - [`Aircraft`] and [`Request`] are what the planner is told (TOML); [`Task`] joins them with the
//!   operation and the [`Terrain`](atalaya_geo::terrain::Terrain).
//! - [`plan`] enumerates orbits, scores them by the worst zone's share of time in line of sight, finds
//!   ways there and back, and gives the best one that [`certify`] lets pass.
//! - [`Certificate`] says what was proven, or why the flight is refused, where and by how much.
//! - [`qgc`] reads and writes QGroundControl plans; [`relief`] says who is on station when.
//!
//! Not here: files, sockets, autopilots' protocols. Heights are metres above mean sea level, the datum
//! of terrain models and autopilots; places are metres on the tangent plane at the site, which is
//! why a home more than 30 km away is refused. Results don't depend on the number of threads.

mod aircraft;
mod atmosphere;
mod certify;
mod document;
mod envelope;
mod fence;
mod flight;
mod ground;
pub mod link;
mod loiter;
mod orbit;
mod planner;
pub mod qgc;
pub mod relief;
mod request;
mod room;
mod route;
mod sight;
mod task;

pub use aircraft::{Aircraft, Sensor};
pub use atmosphere::{GRAVITY_M_S2, Wind, density_ratio, true_airspeed};
pub use certify::{Certificate, Margins, Refusal, certify};
pub use document::DocumentError;
pub use fence::{Fence, FenceError};
pub use flight::{Budget, Flight};
pub use ground::Ground;
pub use loiter::{Flown, TRACKING, flown, least_radius};
pub use orbit::{Direction, Orbit, candidates};
pub use planner::{PlanError, Planned, direct_flight, plan};
pub use request::{Outline, Request, WindRequest};
pub use sight::{LineOfSight, line_of_sight};
pub use task::{Task, TaskError, WatchedZone};
