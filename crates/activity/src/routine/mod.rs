//! Pattern of life: how often what happens at which hour of the week, for each hour that was *watched*; what does
//! not fit; when the routine itself has changed; what follows what.
//!
//! Rates are counts over watched hours, with the gamma distribution as conjugate of the Poisson (Gelman et al.,
//! Bayesian Data Analysis, 2.6). Nothing is ever compared with hours in which nobody looked.

mod change;
mod links;
mod novelty;
mod rates;

pub use links::{Followed, Links};
pub use rates::{Rate, Rates};

use crate::fix::Finding;
use atalaya_model::{Class, EventKind, Micros};
use std::fmt::Write;

/// What is counted: a kind of event of a class of subject at a site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The site.
    pub site: String,
    /// The kind.
    pub kind: EventKind,
    /// Trucks apart from other vehicles: they come for other reasons.
    pub truck: bool,
}

impl Key {
    /// Of an event.
    pub fn new(site: &str, kind: EventKind, class: Class) -> Self {
        Self {
            site: site.to_owned(),
            kind,
            truck: class == Class::Truck,
        }
    }
}

/// An event as the routine sees it.
#[derive(Clone, Debug)]
pub struct Happening {
    /// What is counted.
    pub key: Key,
    /// When; for what nobody saw begin, the earliest moment …
    pub from: Micros,
    /// … and the latest.
    pub to: Micros,
    /// The finding it is about.
    pub finding: Finding,
}

/// The routine of all sites.
#[derive(Default)]
pub struct Routine {
    rates: Rates,
    novelty: novelty::Novelties,
    changes: change::Changes,
    /// What follows what.
    pub links: Links,
}

/// Kinds that have a routine.
const COUNTED: [EventKind; 4] = [
    EventKind::Arrival,
    EventKind::Delivery,
    EventKind::Shipment,
    EventKind::Emission,
];

impl Routine {
    /// What comes out is given with its site. `site` was watched from `t` for `seconds`, with probability `p` of seeing what happens.
    pub fn watched(
        &mut self,
        site: &str,
        t: Micros,
        seconds: f64,
        p: f64,
        out: &mut Vec<(String, Finding)>,
    ) {
        self.changes.day(t, &self.rates, out);
        self.rates.watched(site, t, seconds * p);
    }

    /// Something happened.
    pub fn happened(&mut self, h: &Happening, out: &mut Vec<(String, Finding)>) {
        if !COUNTED.contains(&h.key.kind) {
            return;
        }
        self.links.happened(h);
        if h.key.kind != EventKind::Emission {
            // Sensors of gas watch at other hours than cameras do.
            self.novelty.judge(h, &self.rates, out);
        }
        self.rates.happened(&h.key, h.from, h.to);
    }

    /// `site,kind,truck,weekday,hour,seen,watched_h,per_h,lo90,hi90`: a row for each hour of the week that was
    /// watched at all (Monday is 1, hours in UTC).
    pub fn csv(&self) -> String {
        let mut text =
            String::from("site,kind,truck,weekday,hour,seen,watched_h,per_h,lo90,hi90\n");
        for key in self.rates.keys() {
            for (bin, r) in self.rates.week(key).iter().enumerate() {
                if r.watched_h > 0.0 {
                    let _ = writeln!(
                        text,
                        "{},{},{},{},{},{:.2},{:.2},{:.4},{:.4},{:.4}",
                        key.site,
                        key.kind.name(),
                        key.truck,
                        bin / 24 + 1,
                        bin % 24,
                        r.seen,
                        r.watched_h,
                        r.mean,
                        r.lo90,
                        r.hi90
                    );
                }
            }
        }
        text
    }

    /// Rates by hour of the week.
    pub fn rates(&self) -> &Rates {
        &self.rates
    }
}
