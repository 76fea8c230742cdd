//! What was carried into vehicles and out of them.

use crate::world::{Actor, Kind, SAMPLE_S, World};
use atalaya_model::Micros;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Who takes up or puts down a box within so many metres of a truck's middle does it at the truck.
const AT_M: f64 = 6.0;

#[derive(Default)]
struct Work {
    pieces: usize,
    persons: BTreeSet<u32>,
    first: Option<f64>,
    last: f64,
}

/// `vehicle,kind,from,to,pieces,persons`: a row for each vehicle that was loaded (`load`) or unloaded (`unload`), with
/// the first and the last box of it that moved within the world's time.
pub fn goods_csv(world: &World) -> String {
    let mut all: BTreeMap<(u32, &'static str), Work> = BTreeMap::new();
    for person in world.actors.iter().filter(|a| a.kind == Kind::Person) {
        let steps = person.samples.windows(2).enumerate();
        for (k, _) in steps.filter(|(_, w)| w[0].carries != w[1].carries) {
            let t = person.t0 + k as f64 * SAMPLE_S;
            let at = person.samples[k].at;
            let Some(truck) = truck_at(world, t, at).filter(|_| t <= world.options.duration_s)
            else {
                continue;
            };
            let kind = if person.samples[k].carries {
                "load"
            } else {
                "unload"
            };
            let work = all.entry((truck.id, kind)).or_default();
            work.pieces += 1;
            work.persons.insert(person.id);
            work.first = Some(work.first.map_or(t, |f| f.min(t)));
            work.last = work.last.max(t);
        }
    }
    let mut out = String::from("vehicle,kind,from,to,pieces,persons\n");
    for ((vehicle, kind), w) in all {
        let time = |t: f64| Micros(world.time_us(t)).to_rfc3339();
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{vehicle},{kind},{},{},{},{}",
            time(w.first.unwrap_or_default()),
            time(w.last),
            w.pieces,
            w.persons.len()
        );
    }
    out
}

/// The truck that stands nearest, within reach.
fn truck_at(world: &World, t: f64, at: [f64; 2]) -> Option<&Actor> {
    let trucks = world.actors.iter().filter(|a| a.kind == Kind::Truck);
    trucks
        .filter_map(|a| {
            let p = a.pose(t)?;
            let d = (p.at[0] - at[0]).hypot(p.at[1] - at[1]);
            (p.speed < 0.1 && d <= AT_M).then_some((d, a))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, a)| a)
}
