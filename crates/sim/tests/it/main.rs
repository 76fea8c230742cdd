//! The simulator against itself: pictures, truth, metadata and files must tell one story.

// Helpers of tests may fail a test as plainly as the tests themselves.
#![allow(clippy::unwrap_used)]

mod files;
mod pair;
mod pictures;
mod puffs;
mod weeks;
mod worlds;

use atalaya_sim::{Density, World, WorldOptions};

/// A busy world of `duration_s` seconds.
fn world(seed: u64, duration_s: f64) -> World {
    let options = WorldOptions {
        duration_s,
        density: Density::Busy,
        ..WorldOptions::default()
    };
    World::compound(seed, &options)
}
