//! Who is on station when, so that a site is never unwatched, as far as aircraft allow.

use serde::Serialize;

/// What a schedule is made for. All aircraft are alike; times in seconds from its beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliefRequest {
    /// How many aircraft.
    pub aircraft: usize,
    /// From take-off to empty.
    pub endurance_s: f64,
    /// Of that, what is never used.
    pub reserve_s: f64,
    /// From take-off to the orbit.
    pub out_s: f64,
    /// From the orbit to the ground.
    pub back_s: f64,
    /// On the ground between two flights.
    pub turnaround_s: f64,
    /// How long the next is on station before the one before leaves.
    pub overlap_s: f64,
    /// How long the schedule is.
    pub window_s: f64,
}

/// One flight of one aircraft, seconds from the schedule's beginning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sortie {
    /// Which aircraft, from 0.
    pub aircraft: usize,
    /// Take-off.
    pub takeoff_s: f64,
    /// On station from …
    pub from_s: f64,
    /// … until.
    pub until_s: f64,
    /// On the ground.
    pub landing_s: f64,
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schedule {
    /// Flights, by time on station.
    pub sorties: Vec<Sortie>,
    /// When nobody is on station: from, until.
    pub gaps: Vec<(f64, f64)>,
    /// Seconds with somebody on station.
    pub covered_s: f64,
    /// No schedule whatever can cover more seconds than this.
    pub bound_s: f64,
    /// Reliefs that had their whole overlap, and all.
    pub overlapped: (usize, usize),
}

/// Why there is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct ReliefError {
    /// Cause and remedy.
    pub what: String,
}

/// Most sorties of a schedule.
const MOST_SORTIES: f64 = 100_000.0;

impl ReliefRequest {
    /// Longest stay on station that leaves the reserve whole.
    pub fn station_s(&self) -> f64 {
        self.endurance_s - self.reserve_s - self.out_s - self.back_s
    }

    /// Seconds that no schedule can exceed.
    ///
    /// One aircraft that flies k times within the window has spent k-1 whole ways there, back and
    /// on the ground, and one way there, off station; it is on station for the rest at most, and never
    /// for more than k full stays. Nobody is there before the first can have come.
    pub fn bound_s(&self) -> f64 {
        let (stay, overhead) = (
            self.station_s(),
            self.out_s + self.back_s + self.turnaround_s,
        );
        let mut best: f64 = 0.0;
        let mut k = 1.0;
        loop {
            let rest = self.window_s - self.out_s - (k - 1.0) * overhead;
            if rest <= 0.0 {
                break;
            }
            best = best.max(rest.min(k * stay));
            if rest <= k * stay {
                break;
            }
            k += 1.0;
        }
        (best * self.aircraft as f64).min((self.window_s - self.out_s).max(0.0))
    }

    fn check(&self) -> Result<(), ReliefError> {
        let fail = |what: String| Err(ReliefError { what });
        let times = [
            ("endurance", self.endurance_s, 1.0),
            ("reserve", self.reserve_s, 0.0),
            ("way out", self.out_s, 0.0),
            ("way back", self.back_s, 0.0),
            ("turnaround", self.turnaround_s, 0.0),
            ("overlap", self.overlap_s, 0.0),
            ("window", self.window_s, 1.0),
        ];
        for (name, value, least) in times {
            if !(least..=1e8).contains(&value) {
                return fail(format!(
                    "{name} of {value} s is out of range; give {least} or more seconds"
                ));
            }
        }
        if !(1..=1000).contains(&self.aircraft) {
            return fail(format!("{} aircraft; give 1 to 1000", self.aircraft));
        }
        let stay = self.station_s();
        if stay < 60.0 {
            return fail(format!(
                "endurance leaves {stay:.0} s on station after transit and reserve; take an aircraft with more, or a home that is nearer"
            ));
        }
        if self.overlap_s >= stay {
            return fail(format!(
                "an overlap of {} s is as long as a stay of {stay:.0} s; give a shorter one",
                self.overlap_s
            ));
        }
        if self.window_s / stay > MOST_SORTIES {
            return fail("the window has more than 100,000 flights; give a shorter one".into());
        }
        Ok(())
    }
}

/// Makes the schedule: the aircraft that is ready first flies next, so as to arrive an overlap before
/// the one on station must leave, or as soon as it can. Whoever is on station leaves when its
/// reserve demands it, relieved or not, and an overlap after its relief has come.
pub fn schedule(r: &ReliefRequest) -> Result<Schedule, ReliefError> {
    r.check()?;
    let stay = r.station_s();
    let mut ready = vec![0.0f64; r.aircraft];
    let mut sorties: Vec<Sortie> = Vec::new();
    let mut overlapped = (0, 0);
    // Latest moment at which the last one sent must leave.
    let mut leaves = None;
    while let Some((next, free)) = ready
        .iter()
        .copied()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
    {
        let wanted = leaves.map_or(0.0, |until: f64| until - r.overlap_s - r.out_s);
        let takeoff_s = free.max(wanted);
        let from_s = takeoff_s + r.out_s;
        if from_s >= r.window_s {
            break;
        }
        if let Some(until) = leaves {
            overlapped.1 += 1;
            overlapped.0 += usize::from(until - from_s >= r.overlap_s - 1e-6);
        }
        let until_s = from_s + stay;
        sorties.push(Sortie {
            aircraft: next,
            takeoff_s,
            from_s,
            until_s,
            landing_s: until_s + r.back_s,
        });
        ready[next] = until_s + r.back_s + r.turnaround_s;
        leaves = Some(until_s);
    }
    let mut gaps = Vec::new();
    let mut covered_until = 0.0f64;
    for s in &sorties {
        if s.from_s > covered_until {
            gaps.push((covered_until, s.from_s));
        }
        covered_until = covered_until.max(s.until_s);
    }
    if covered_until < r.window_s {
        gaps.push((covered_until, r.window_s));
    }
    let open: f64 = gaps.iter().map(|g| g.1 - g.0).sum();
    Ok(Schedule {
        sorties,
        gaps,
        covered_s: r.window_s - open,
        bound_s: r.bound_s(),
        overlapped,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(aircraft: usize) -> ReliefRequest {
        ReliefRequest {
            aircraft,
            endurance_s: 7200.0,
            reserve_s: 1200.0,
            out_s: 900.0,
            back_s: 900.0,
            turnaround_s: 1800.0,
            overlap_s: 120.0,
            window_s: 86_400.0,
        }
    }

    #[test]
    fn enough_aircraft_leave_no_gap_and_overlap() {
        let s = schedule(&request(2)).unwrap();
        assert_eq!(s.gaps, [(0.0, 900.0)], "only until the first has come");
        assert_eq!(s.overlapped.0, s.overlapped.1);
        assert!((s.covered_s - s.bound_s).abs() < 1e-6);
    }

    #[test]
    fn one_aircraft_covers_exactly_what_is_possible() {
        let r = request(1);
        let s = schedule(&r).unwrap();
        assert!(s.gaps.len() > 5);
        assert!((s.covered_s - s.bound_s).abs() < 1e-6, "{s:?}");
        assert!(s.covered_s < 0.6 * r.window_s);
    }

    #[test]
    fn reserve_is_never_broken_nobody_is_in_two_places_and_the_bound_holds() {
        for n in 1..6 {
            for (out_s, turnaround_s, overlap_s) in [
                (300.0, 600.0, 0.0),
                (1500.0, 7200.0, 300.0),
                (2000.0, 900.0, 60.0),
            ] {
                let r = ReliefRequest {
                    out_s,
                    back_s: out_s,
                    turnaround_s,
                    overlap_s,
                    ..request(n)
                };
                let s = schedule(&r).unwrap();
                let mut free = vec![0.0; n];
                let mut on_station = vec![false; 86_400];
                for x in &s.sorties {
                    assert!(x.landing_s - x.takeoff_s <= r.endurance_s - r.reserve_s + 1e-6);
                    assert!(x.takeoff_s >= free[x.aircraft] - 1e-6);
                    free[x.aircraft] = x.landing_s + r.turnaround_s;
                    for (t, on) in on_station.iter_mut().enumerate() {
                        *on |= (x.from_s..x.until_s).contains(&(t as f64));
                    }
                }
                let counted = on_station.iter().filter(|b| **b).count() as f64;
                assert!((counted - s.covered_s).abs() < 2.0 * s.gaps.len() as f64 + 2.0);
                assert!(s.covered_s <= s.bound_s + 1e-6, "{n} {out_s}");
            }
        }
    }

    #[test]
    fn what_makes_no_schedule_is_said() {
        let words = |r: ReliefRequest| schedule(&r).unwrap_err().what;
        assert!(
            words(ReliefRequest {
                reserve_s: 7000.0,
                ..request(2)
            })
            .contains("home that is nearer")
        );
        assert!(
            words(ReliefRequest {
                overlap_s: 9000.0,
                ..request(2)
            })
            .contains("give a shorter one")
        );
        assert!(words(request(0)).contains("give 1 to 1000"));
        assert!(
            words(ReliefRequest {
                window_s: f64::NAN,
                ..request(2)
            })
            .contains("window")
        );
    }
}
