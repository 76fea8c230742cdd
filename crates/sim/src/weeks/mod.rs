//! Weeks at three linked sites, at the level of tracks: who comes and goes, what is delivered, what two
//! drones and two ground sensors see of it, and what changes in the routine.
//!
//! No pictures are drawn. Tracks carry the errors that tracks from video have: an error of place that all
//! of a look share, one that differs from fix to fix, broken and false tracks, mistaken classes, and
//! nothing at all while nobody looks. How people and vehicles behave is drawn from distributions that
//! the activity stage does not know.

mod fleet;
mod output;
mod places;
mod plan;
mod play;
mod seen;
mod watch;

pub use output::write_weeks;

use crate::rng::Stream;
use fleet::Fleet;
use plan::Visit;

/// Midnight UTC of a Monday, microseconds.
const START_US: i64 = 1_772_409_600_000_000;
/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// Size of the world.
#[derive(Clone, Copy, Debug)]
pub struct WeeksOptions {
    /// Everything follows from this number.
    pub seed: u64,
    /// Days, from a Monday.
    pub days: u32,
}

/// What was planted for an analyst to find.
#[derive(Clone, Debug, PartialEq)]
struct Planted {
    what: &'static str,
    site: usize,
    /// Seconds since the start.
    t: f64,
    /// The vehicle, where it is about one.
    vehicle: Option<usize>,
}

/// Weeks of three sites.
pub struct Weeks {
    options: WeeksOptions,
    fleet: Fleet,
    /// All visits, by time of arrival.
    visits: Vec<Visit>,
    /// Emissions: site, beginning and end, seconds since the start.
    emissions: Vec<(usize, f64, f64)>,
    planted: Vec<Planted>,
    /// Looks of the drones, by time.
    looks: Vec<watch::Look>,
}

impl Weeks {
    /// The world of these options.
    pub fn new(options: WeeksOptions) -> Self {
        let mut r = Stream::new(options.seed, "weeks fleet");
        let fleet = Fleet::new(&mut r);
        let (visits, emissions, planted) = plan::plan(&options, &fleet);
        let looks = watch::looks(&options);
        Self {
            options,
            fleet,
            visits,
            emissions,
            planted,
            looks,
        }
    }
}
