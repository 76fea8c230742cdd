//! Flow across sites: which vehicles connect which places, and when. The table is what `atalaya network` reads.

use atalaya_model::Micros;
use std::fmt::Write;
use std::sync::Arc;

/// A vehicle left one site and came to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// From which site.
    pub from: String,
    /// To which.
    pub to: String,
    /// The subject of the stay there.
    pub left: Arc<str>,
    /// The subject of the stay here.
    pub came: Arc<str>,
    /// When it left there.
    pub left_at: Micros,
    /// When it came here.
    pub came_at: Micros,
    /// Probability that it was the same vehicle.
    pub p: f64,
}

/// Legs that are kept.
const MOST: usize = 100_000;

/// All legs.
#[derive(Default)]
pub struct Flow {
    legs: Vec<Leg>,
}

impl Flow {
    /// One more.
    pub fn push(&mut self, leg: Leg) {
        if self.legs.len() < MOST {
            self.legs.push(leg);
        }
    }

    /// All of them, in order of time.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// `source,target,weight,kind,time,left,came`: an edge for each leg, its weight the probability.
    pub fn csv(&self) -> String {
        let mut text = String::from("source,target,weight,kind,time,left,came\n");
        for l in &self.legs {
            let _ = writeln!(
                text,
                "{},{},{:.3},vehicle,{},{},{}",
                l.from,
                l.to,
                l.p,
                l.came_at.to_rfc3339(),
                l.left,
                l.came
            );
        }
        text
    }
}
