//! Estimates of a source to `emission` events, and the rules about them.

use crate::activity::{ActivityOut, alert};
use crate::table::round7;
use crate::zone::Zone;
use atalaya_geo::{Matrix2, Vector2};
use atalaya_model::operation::{ANYWHERE, Rule, RuleKind};
use atalaya_model::{About, EmissionMap, Emitted, Event, EventKind, Micros, Stamped};
use std::collections::BTreeMap;

/// An event begins at this probability, unless a rule asks for less.
const BEGINS: f64 = 0.9;
/// It ends below this one.
const ENDS: f64 = 0.5;
/// A zone must hold this share of the place's probability to be named.
const HOLDS: f64 = 0.5;
/// An event begins when this many estimates in a row say so: a fresh estimate may jump.
const IN_A_ROW: u32 = 2;
/// Past emissions that are kept in mind for visits.
const REMEMBERED: usize = 64;

/// An emission as rules see it.
#[derive(Clone, Debug)]
pub(crate) struct Emission {
    /// The event as it stands.
    pub event: Event,
    /// The last moment at which it was going on.
    pub until: Micros,
    /// The rules whose zone and probability it has met.
    pub met: Vec<String>,
}

/// What is going on at one feed.
#[derive(Clone, Debug, Default)]
struct Going {
    /// Estimates in a row that say so.
    row: u32,
    /// The event, once it has begun.
    current: Option<Emission>,
}

/// The emissions of an operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Emissions {
    feeds: BTreeMap<String, Going>,
    past: Vec<Emission>,
}

impl Emissions {
    /// The next estimate of a feed.
    pub fn push(
        &mut self,
        input: &Stamped<EmissionMap>,
        zones: &[Zone],
        rules: &[Rule],
        out: &mut Vec<Stamped<ActivityOut>>,
    ) {
        let map = &input.body;
        if map.declined.is_some() {
            return;
        }
        let gas = |r: &&Rule| matches!(r.kind, RuleKind::Emission | RuleKind::EmissionVisit);
        let begins = rules
            .iter()
            .filter(gas)
            .map(Rule::p_at_least)
            .fold(BEGINS, f64::min);
        let going = self.feeds.entry(map.feed.clone()).or_default();
        let ends = if going.current.is_some() {
            ENDS
        } else {
            begins
        };
        if map.p < ends || map.lon_lat.is_none() {
            going.row = 0;
            if let Some(mut over) = going.current.take() {
                over.event.time_end = Some(over.until);
                out.push(input.with(ActivityOut::Event(over.event.clone())));
                if self.past.len() == REMEMBERED {
                    self.past.remove(0);
                }
                self.past.push(over);
            }
            return;
        }
        going.row += 1;
        if going.row < IN_A_ROW && going.current.is_none() {
            return;
        }
        let begun = going
            .current
            .as_ref()
            .map(|c| (c.event.id.clone(), c.event.time));
        let event = event(map, zones, input.t, begun);
        let before = going.current.take();
        let said = before.as_ref().is_some_and(|b| {
            b.event.zone == event.zone && b.event.evidence.len() >= event.evidence.len()
        });
        let mut met = before.map_or_else(Vec::new, |b| b.met);
        if !said {
            out.push(input.with(ActivityOut::Event(event.clone())));
        }
        for r in rules.iter().filter(gas) {
            if met.contains(&r.id) || event.p < r.p_at_least() {
                continue;
            }
            let from = r.source_zone();
            let here = from == ANYWHERE
                || zones
                    .iter()
                    .find(|z| z.id == from)
                    .is_some_and(|z| share(map, z, r.near_m()) >= HOLDS);
            if here {
                met.push(r.id.clone());
                if r.kind == RuleKind::Emission {
                    let mut a = alert(r, &event, event.reason.clone(), input.t);
                    if from != ANYWHERE {
                        // The source may lie beside the zone that the rule is about.
                        a.zone = from.to_owned();
                    }
                    out.push(input.with(ActivityOut::Alert(a)));
                }
            }
        }
        going.current = Some(Emission {
            event,
            until: map.t,
            met,
        });
    }

    /// Those that are over and those that go on.
    pub fn all(&self) -> impl Iterator<Item = &Emission> {
        self.past
            .iter()
            .chain(self.feeds.values().filter_map(|g| g.current.as_ref()))
    }
}

/// Probability that the source is in a zone or no further than `near` outside it, given that there is
/// one.
fn share(map: &EmissionMap, zone: &Zone, near: f64) -> f64 {
    let at = |i: usize| {
        let (c, r) = (i % map.columns.max(1), i / map.columns.max(1));
        Vector2::new(
            map.origin[0] + (c as f64 + 0.5) * map.side_m,
            map.origin[1] + (r as f64 + 0.5) * map.side_m,
        )
    };
    let squares = map.squares.iter().enumerate();
    squares
        .filter(|(_, p)| **p > 0.0)
        .filter(|(i, _)| zone.shape.signed_distance(at(*i)) <= near)
        .map(|(_, p)| f64::from(*p))
        .sum()
}

fn event(map: &EmissionMap, zones: &[Zone], now: Micros, begun: Option<(String, Micros)>) -> Event {
    let mut zone = String::new();
    let mut most = HOLDS;
    for z in zones {
        let s = share(map, z, 0.0);
        if s >= most {
            (most, zone) = (s, z.id.clone());
        }
    }
    let (id, time) = begun.unwrap_or_else(|| {
        let first = map.evidence.iter().map(|e| e.t0).min();
        let time = first.unwrap_or(map.since);
        (
            format!("{}-{}-{}", EventKind::Emission.name(), map.feed, time.0),
            time,
        )
    });
    let [lo, mid, hi] = map.rate_kg_h;
    Event {
        schema: Event::SCHEMA.into(),
        class: None,
        id,
        kind: EventKind::Emission,
        time,
        time_end: None,
        decided_at: now,
        reason: format!(
            "{}: source of {mid:.2} kg/h ({lo:.2} to {hi:.2}, 90 %), probability {:.2}",
            map.gas, map.p
        ),
        zone,
        subjects: Vec::new(),
        p: (map.p * 1e3).round() / 1e3,
        lat: map.lon_lat.map(|p| round7(p[1])),
        lon: map.lon_lat.map(|p| round7(p[0])),
        about: Some(About::Emission(Emitted {
            gas: map.gas.clone(),
            rate_kg_h: mid,
            rate_lo90: lo,
            rate_hi90: hi,
            ellipse90: ellipse90(&map.cov),
        })),
        evidence: map.evidence.clone(),
    }
}

/// Half axes and direction of the ellipse that holds 90 % of a normal distribution on a plane.
fn ellipse90(cov: &[f64; 4]) -> [f64; 3] {
    // The square root of chi-square's 90 % with two degrees of freedom.
    const SCALE: f64 = 2.145_966;
    let eigen = Matrix2::new(cov[0], cov[1], cov[2], cov[3]).symmetric_eigen();
    let (a, b) = if eigen.eigenvalues[0] >= eigen.eigenvalues[1] {
        (0, 1)
    } else {
        (1, 0)
    };
    let axis = |i: usize| (SCALE * eigen.eigenvalues[i].max(0.0).sqrt() * 10.0).round() / 10.0;
    let long = eigen.eigenvectors.column(a);
    let direction = long.x.atan2(long.y).to_degrees().rem_euclid(180.0);
    [axis(a), axis(b), direction.round()]
}
