//! Goods at a vehicle: loading, unloading, and what a visit amounts to.
//!
//! From the air one rarely sees what is carried. What can be seen is who walks: to and fro between a standing
//! vehicle and a building (or another vehicle), how often, and how fast. Who carries walks slower than who goes
//! back for the next piece; by how much is not known, so the difference counts by how surely it can be told from
//! chance. Everything that speaks for or against is kept as a reason with its weight (the logarithm of a likelihood
//! ratio), and the probability is no more than their sum.

mod session;
mod walks;

pub use session::{Handling, Stay};
pub use walks::{End, Standing, Walk, Walkers};
