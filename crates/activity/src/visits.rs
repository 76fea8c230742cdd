//! Who is inside which zone.

use crate::zone::{Place, Zone};
use atalaya_geo::Vector2;
use atalaya_model::Micros;
use std::collections::BTreeMap;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Came in from outside.
    Arrival,
    /// Left and kept away.
    Departure,
    /// First observed inside.
    Appeared,
    /// Last observed inside.
    Lost,
}

/// A change of a subject's standing with a zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What.
    pub kind: ChangeKind,
    /// Index of the zone.
    pub zone: usize,
    /// The subject.
    pub subject: String,
    /// First observation that qualifies.
    pub time: Micros,
    /// When it was known.
    pub decided_at: Micros,
    /// Place at `time`.
    pub at: Vector2<f64>,
}

#[derive(Clone, Copy, Debug)]
enum Standing {
    Outside,
    /// Inside, but not long enough yet.
    Entering(Micros, Vector2<f64>),
    Inside {
        since: Micros,
        /// First observation beyond the margin of those that keep beyond it.
        beyond: Option<(Micros, Vector2<f64>)>,
    },
}

#[derive(Clone, Debug)]
struct Subject {
    last: Micros,
    at: Vector2<f64>,
    standing: Vec<Standing>,
}

/// The state of all subjects with all zones.
#[derive(Clone, Debug, Default)]
pub struct Visits {
    zones: Vec<Zone>,
    subjects: BTreeMap<String, Subject>,
}

impl Visits {
    /// For these zones.
    pub fn new(zones: Vec<Zone>) -> Self {
        Self {
            zones,
            subjects: BTreeMap::new(),
        }
    }

    /// The zones.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// Adds a zone; subjects count as not yet observed in it.
    pub fn add_zone(&mut self, zone: Zone) {
        self.zones.push(zone);
        for s in self.subjects.values_mut() {
            s.standing.push(Standing::Outside);
        }
    }

    /// Takes a zone out (its outline has lost its meaning); open visits end as lost.
    pub fn remove_zone(&mut self, index: usize, now: Micros, out: &mut Vec<Change>) {
        if index >= self.zones.len() {
            return;
        }
        for (name, s) in &mut self.subjects {
            if let Some(Standing::Inside { .. }) = s.standing.get(index) {
                out.push(lost(index, name, s, now));
            }
            s.standing.remove(index);
        }
        self.zones.remove(index);
    }

    /// Since when a subject has been inside a zone (not counting one that is on its way out).
    pub fn inside_since(&self, subject: &str, zone: usize) -> Option<Micros> {
        match self.subjects.get(subject)?.standing.get(zone)? {
            Standing::Inside {
                since,
                beyond: None,
            } => Some(*since),
            _ => None,
        }
    }

    /// An observed position. Positions of one subject come in order of time; earlier ones are
    /// ignored.
    pub fn observe(&mut self, subject: &str, t: Micros, at: Vector2<f64>, out: &mut Vec<Change>) {
        let first = out.len();
        if let Some(s) = self.subjects.get_mut(subject) {
            if t < s.last {
                return;
            }
            let gap = t.since(s.last);
            let mut new = Vec::new();
            for (i, (zone, standing)) in self.zones.iter().zip(&mut s.standing).enumerate() {
                let place = zone.place(at);
                if gap > zone.gap_s {
                    if let Standing::Inside { .. } = standing {
                        new.push((ChangeKind::Lost, i, s.last, s.at));
                    }
                    *standing = fresh(place, t);
                    if place == Place::Inside {
                        new.push((ChangeKind::Appeared, i, t, at));
                    }
                } else if let Some((kind, time, at)) = step(zone, standing, place, t, at) {
                    new.push((kind, i, time, at));
                }
            }
            s.last = t;
            s.at = at;
            out.extend(new.into_iter().map(|(kind, zone, time, at)| Change {
                kind,
                zone,
                subject: subject.to_owned(),
                time,
                decided_at: t,
                at,
            }));
        } else {
            let standing = self
                .zones
                .iter()
                .enumerate()
                .map(|(i, zone)| {
                    let place = zone.place(at);
                    if place == Place::Inside {
                        out.push(Change {
                            kind: ChangeKind::Appeared,
                            zone: i,
                            subject: subject.to_owned(),
                            time: t,
                            decided_at: t,
                            at,
                        });
                    }
                    fresh(place, t)
                })
                .collect();
            self.subjects.insert(
                subject.to_owned(),
                Subject {
                    last: t,
                    at,
                    standing,
                },
            );
        }
        out[first..].sort_by_key(|c| (c.time, c.zone, c.kind));
    }

    /// Where a subject must be that has left the picture. Who was seen to go beyond the margin and
    /// goes on so has departed; nothing else follows from what nobody saw.
    pub fn assume(&mut self, subject: &str, t: Micros, at: Vector2<f64>, out: &mut Vec<Change>) {
        let Some(s) = self.subjects.get_mut(subject) else {
            return;
        };
        for (i, (zone, standing)) in self.zones.iter().zip(&mut s.standing).enumerate() {
            let Standing::Inside {
                beyond: Some(first),
                ..
            } = *standing
            else {
                continue;
            };
            if zone.place(at) == Place::Beyond && t.since(first.0) >= zone.exit_after_s {
                *standing = Standing::Outside;
                out.push(Change {
                    kind: ChangeKind::Departure,
                    zone: i,
                    subject: subject.to_owned(),
                    time: first.0,
                    decided_at: t,
                    at: first.1,
                });
            }
        }
    }

    /// A subject will not be observed any more; open visits end as lost.
    pub fn end(&mut self, subject: &str, now: Micros, out: &mut Vec<Change>) {
        if let Some(s) = self.subjects.remove(subject) {
            for (i, standing) in s.standing.iter().enumerate() {
                if let Standing::Inside { .. } = standing {
                    out.push(lost(i, subject, &s, now));
                }
            }
        }
    }

    /// A subject was a double of another: it is dropped without a word.
    pub fn forget(&mut self, subject: &str) {
        self.subjects.remove(subject);
    }

    /// The end of the input: all open visits end as lost.
    pub fn end_all(&mut self, now: Micros, out: &mut Vec<Change>) {
        let names: Vec<String> = self.subjects.keys().cloned().collect();
        for name in names {
            self.end(&name, now, out);
        }
    }
}

fn lost(zone: usize, name: &str, s: &Subject, now: Micros) -> Change {
    Change {
        kind: ChangeKind::Lost,
        zone,
        subject: name.to_owned(),
        time: s.last,
        decided_at: now,
        at: s.at,
    }
}

fn fresh(place: Place, t: Micros) -> Standing {
    if place == Place::Inside {
        Standing::Inside {
            since: t,
            beyond: None,
        }
    } else {
        Standing::Outside
    }
}

/// One observation of a subject that is known.
fn step(
    zone: &Zone,
    standing: &mut Standing,
    place: Place,
    t: Micros,
    at: Vector2<f64>,
) -> Option<(ChangeKind, Micros, Vector2<f64>)> {
    let (next, change) = match (*standing, place) {
        (Standing::Outside, Place::Inside) => enter(zone, t, at, t),
        (Standing::Entering(since, first), Place::Inside) => enter(zone, since, first, t),
        (Standing::Outside | Standing::Entering(..), _) => (Standing::Outside, None),
        (Standing::Inside { since, beyond }, Place::Beyond) => {
            let first = beyond.unwrap_or((t, at));
            if t.since(first.0) >= zone.exit_after_s {
                (
                    Standing::Outside,
                    Some((ChangeKind::Departure, first.0, first.1)),
                )
            } else {
                (
                    Standing::Inside {
                        since,
                        beyond: Some(first),
                    },
                    None,
                )
            }
        }
        (Standing::Inside { since, .. }, _) => (
            Standing::Inside {
                since,
                beyond: None,
            },
            None,
        ),
    };
    *standing = next;
    change
}

fn enter(
    zone: &Zone,
    since: Micros,
    first: Vector2<f64>,
    now: Micros,
) -> (Standing, Option<(ChangeKind, Micros, Vector2<f64>)>) {
    if now.since(since) >= zone.enter_after_s {
        (
            Standing::Inside {
                since,
                beyond: None,
            },
            Some((ChangeKind::Arrival, since, first)),
        )
    } else {
        (Standing::Entering(since, first), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Shape;
    use atalaya_model::operation::ZoneConfig;

    fn zone(enter_after_s: f64) -> Zone {
        let config = ZoneConfig {
            role: atalaya_model::operation::ZoneRole::Yard,
            id: "z".into(),
            name: String::new(),
            polygon: None,
            drawn: None,
            exit_margin_m: 10.0,
            exit_after_s: 20.0,
            enter_after_s,
            gap_s: 120.0,
        };
        Zone::new(&config, Shape::Circle(Vector2::zeros(), 25.0))
    }

    /// Distances from the centre, one every 10 s.
    fn run(enter_after_s: f64, path: &[f64]) -> Vec<(ChangeKind, i64, i64)> {
        let mut v = Visits::new(vec![zone(enter_after_s)]);
        let mut out = Vec::new();
        for (i, d) in path.iter().enumerate() {
            let t = Micros(i as i64 * 10_000_000);
            v.observe("a", t, Vector2::new(*d, 0.0), &mut out);
        }
        v.end_all(Micros(path.len() as i64 * 10_000_000), &mut out);
        out.iter()
            .map(|c| (c.kind, c.time.0 / 1_000_000, c.decided_at.0 / 1_000_000))
            .collect()
    }

    #[test]
    fn comes_stays_and_leaves() {
        assert_eq!(
            run(0.0, &[60.0, 20.0, 5.0, 30.0, 36.0, 40.0, 50.0]),
            [
                (ChangeKind::Arrival, 10, 10),
                (ChangeKind::Departure, 40, 60)
            ]
        );
    }

    #[test]
    fn jitter_at_the_edge_is_one_visit() {
        assert_eq!(
            run(0.0, &[60.0, 24.0, 26.0, 24.0, 36.0, 24.0, 30.0]),
            [(ChangeKind::Arrival, 10, 10), (ChangeKind::Lost, 60, 70)]
        );
    }

    #[test]
    fn first_seen_inside_has_not_arrived() {
        assert_eq!(
            run(0.0, &[5.0, 60.0, 60.0, 60.0]),
            [
                (ChangeKind::Appeared, 0, 0),
                (ChangeKind::Departure, 10, 30)
            ]
        );
    }

    #[test]
    fn a_touch_is_no_arrival_when_staying_is_asked() {
        assert_eq!(run(15.0, &[60.0, 20.0, 60.0, 60.0]), []);
        assert_eq!(
            run(15.0, &[60.0, 20.0, 20.0, 20.0]),
            [(ChangeKind::Arrival, 10, 30), (ChangeKind::Lost, 30, 40)]
        );
    }

    #[test]
    fn who_was_seen_to_go_and_left_the_picture_has_departed_and_nobody_else() {
        let visit = |seen: &[f64]| {
            let mut v = Visits::new(vec![zone(0.0)]);
            let mut out = Vec::new();
            for (i, d) in seen.iter().enumerate() {
                let t = Micros(i as i64 * 10_000_000);
                v.observe("a", t, Vector2::new(*d, 0.0), &mut out);
            }
            for i in seen.len()..seen.len() + 4 {
                let t = Micros(i as i64 * 10_000_000);
                v.assume("a", t, Vector2::new(90.0, 0.0), &mut out);
            }
            out.iter()
                .filter(|c| c.kind == ChangeKind::Departure)
                .map(|c| (c.time.0 / 1_000_000, c.decided_at.0 / 1_000_000))
                .collect::<Vec<_>>()
        };
        assert_eq!(visit(&[60.0, 5.0, 40.0]), [(20, 40)]);
        assert_eq!(visit(&[60.0, 5.0, 30.0]), []);
    }

    #[test]
    fn a_gap_is_not_a_departure() {
        let mut v = Visits::new(vec![zone(0.0)]);
        let mut out = Vec::new();
        for (s, d) in [(0, 60.0), (10, 5.0), (200, 5.0), (400, 60.0)] {
            v.observe("a", Micros(s * 1_000_000), Vector2::new(d, 0.0), &mut out);
        }
        let kinds: Vec<(ChangeKind, i64)> =
            out.iter().map(|c| (c.kind, c.time.0 / 1_000_000)).collect();
        assert_eq!(
            kinds,
            [
                (ChangeKind::Arrival, 10),
                (ChangeKind::Lost, 10),
                (ChangeKind::Appeared, 200),
                (ChangeKind::Lost, 200)
            ]
        );
    }
}
