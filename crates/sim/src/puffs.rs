//! Gas in air that no estimate assumes: puffs, let go one after another, that drift, meander and grow.
//!
//! Each puff has turbulent motion of its own (a Langevin equation), all share a wind that turns and gusts and a
//! meander that the mast does not see; round obstacles part the flow (potential flow around a cylinder)
//! and stir it in their lee; the source flickers; sensors have offsets, drift and noise; the vane is mounted
//! askew. The concentration is what the puffs of the moment add up to, so that most readings downwind hold
//! little and some hold much. Everything follows from the seed.

mod days;
mod flown;
mod harsh;
mod posts;
mod tables;

use crate::rng::{Stream, Wander};
use days::Days;
use flown::{along, circuit};
use posts::{Post, beams, posts};

/// Half the side of the area, m, and its height.
pub const HALF_M: f64 = 60.0;
/// Height of the area, m.
pub const HIGH_M: f64 = 5.0;
/// Step of the air, s.
const STEP_S: f64 = 2.0;
/// Air of a minute is looked at in so many moments.
const LOOKS: usize = 10;
/// Memory of a puff's own motion, s.
const MEMORY_S: f64 = 15.0;
/// ppm of methane that one kg/m³ is, at 15 °C and one atmosphere.
const PPM: f64 = 1e6 * 23.645e-3 / 16.043e-3;
/// More puffs than this are not followed for one source.
const PUFFS: usize = 400;

/// A source of methane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PuffSource {
    /// East, north, up, m.
    pub at: [f64; 3],
    /// Mean rate, kg/h.
    pub rate_kg_h: f64,
}

/// The wind that the mast reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PuffWind {
    /// Seconds.
    pub t_s: f64,
    /// m/s.
    pub speed: f64,
    /// Where it comes from, degrees.
    pub from_deg: f64,
    /// Standard deviation of its direction, degrees, if the mast reports it.
    pub sig_h_deg: Option<f64>,
}

/// A reading.
#[derive(Clone, Debug, PartialEq)]
pub struct PuffReading {
    /// Seconds.
    pub t_s: f64,
    /// Which sensor.
    pub sensor: String,
    /// East, north, up, m.
    pub at: [f64; 3],
    /// The other end, if it is the mean along a path.
    pub to: Option<[f64; 3]>,
    /// Parts per million.
    pub ppm: f64,
}

/// A world of puffs and what was measured in it.
#[derive(Clone, Debug)]
pub struct PuffWorld {
    /// What emits.
    pub sources: Vec<PuffSource>,
    /// East, north, radius of what stands in the way, m.
    pub obstacles: Vec<[f64; 3]>,
    /// In the order of time.
    pub winds: Vec<PuffWind>,
    /// In the order of time.
    pub readings: Vec<PuffReading>,
    /// Whether one sensor flies, instead of several that stand.
    pub flies: bool,
    /// Of days: east and north of each group of equipment, m.
    pub groups: Vec<[f64; 2]>,
    /// Of days: first and last moment of each source, s.
    pub spans: Vec<(f64, f64)>,
}

struct Puff {
    at: [f64; 3],
    own: [f64; 3],
    across: f64,
    up: f64,
    kg: f64,
}

/// What does not change in a world's air.
struct Air {
    speed: f64,
    base_deg: f64,
    turning: Wander,
    swing_deg: f64,
    gusts: Wander,
    meander: Wander,
    meander_deg: f64,
    turbulence: f64,
    growth: f64,
    obstacles: Vec<[f64; 3]>,
    days: Option<Days>,
}

impl Air {
    fn new(rng: &mut Stream) -> Self {
        Self {
            speed: rng.range(1.5, 5.5),
            base_deg: rng.range(0.0, 360.0),
            turning: Wander::new(rng, 10, 1.0 / 7200.0, 1.0 / 120.0, 0.8),
            swing_deg: rng.range(10.0, 40.0),
            gusts: Wander::new(rng, 8, 1.0 / 1200.0, 1.0 / 20.0, 0.6),
            meander: Wander::new(rng, 8, 1.0 / 400.0, 1.0 / 30.0, 0.5),
            meander_deg: rng.range(3.0, 9.0),
            turbulence: rng.range(0.08, 0.2),
            growth: rng.range(0.03, 0.08),
            obstacles: Vec::new(),
            days: None,
        }
    }

    /// Speed and where the wind comes from, degrees, as a mast sees them.
    fn wind(&self, t: f64) -> (f64, f64) {
        let (calm, veered) = self.days.as_ref().map_or((1.0, 0.0), |d| d.wind(t));
        let gusts = self.days.as_ref().and_then(Days::gusts);
        let speed = calm * self.speed * (gusts.unwrap_or(0.2) * self.gusts.at(t)).exp();
        let from = self.base_deg + veered + self.swing_deg * self.turning.at(t);
        (speed, from)
    }

    /// The flow at a place, m/s, and how much more it is stirred there.
    fn flow(&self, t: f64, at: &[f64; 3]) -> ([f64; 2], f64) {
        let (speed, from) = self.wind(t);
        let to = (from + 180.0 + self.meander_deg * self.meander.at(t)).to_radians();
        let u = [to.sin(), to.cos()];
        let (mut v, mut stir, mut slow) = (u, 1.0, 1.0);
        for [e, n, radius] in &self.obstacles {
            let d = [at[0] - e, at[1] - n];
            let r = d[0].hypot(d[1]).max(1.05 * radius);
            let unit = [d[0] / r, d[1] / r];
            let along = u[0] * unit[0] + u[1] * unit[1];
            let share = (radius / r).powi(2);
            for i in 0..2 {
                v[i] -= share * (2.0 * along * unit[i] - u[i]);
            }
            let (down, aside) = (d[0] * u[0] + d[1] * u[1], (d[0] * u[1] - d[1] * u[0]).abs());
            if down > 0.0 && down < 6.0 * radius && aside < 1.2 * radius {
                stir = 2.0;
                slow = 0.6;
            }
        }
        (v.map(|v| v * speed * slow), stir)
    }

    fn drift(&self, rng: &mut Stream, t: f64, p: &mut Puff) {
        let ([e, n], stir) = self.flow(t, &p.at);
        let speed = e.hypot(n);
        let keep = (-STEP_S / MEMORY_S).exp();
        let kick = (1.0 - keep * keep).sqrt() * self.turbulence * self.speed * stir;
        for (i, own) in p.own.iter_mut().enumerate() {
            let share = if i == 2 { 0.5 } else { 1.0 };
            *own = keep * *own + share * kick * rng.normal();
        }
        p.at[0] += STEP_S * (e + p.own[0]);
        p.at[1] += STEP_S * (n + p.own[1]);
        p.at[2] = (p.at[2] + STEP_S * p.own[2]).abs();
        let grown = self.growth * stir * STEP_S * speed.max(0.5);
        p.across += grown;
        p.up += 0.7 * grown;
    }
}

/// What puffs add at a place, ppm.
fn smell(puffs: &[Puff], at: &[f64; 3]) -> f64 {
    let one = |p: &Puff| {
        let d2 = (p.at[0] - at[0]).powi(2) + (p.at[1] - at[1]).powi(2);
        let across2 = p.across * p.across;
        if d2 > 25.0 * across2 {
            return 0.0;
        }
        let up = |d: f64| (-0.5 * (d / p.up).powi(2)).exp();
        let vertical = up(at[2] - p.at[2]) + up(at[2] + p.at[2]);
        p.kg * (-0.5 * d2 / across2).exp() * vertical
            / (std::f64::consts::TAU.powf(1.5) * across2 * p.up)
    };
    PPM * puffs.iter().map(one).sum::<f64>()
}

impl PuffWorld {
    /// The world of a seed with so many sources.
    pub fn new(seed: u64, sources: usize) -> Self {
        Self::with(seed, sources, None, None, false)
    }

    /// The same air, looked at along open paths.
    pub fn beams(seed: u64, sources: usize) -> Self {
        Self::with(seed, sources, None, None, true)
    }

    /// The same air, measured by a drone that flies over waypoints (east, north, up, m) at 5 m/s until it is at the
    /// last, an hour at most.
    pub fn flown(seed: u64, sources: usize, path: &[[f64; 3]]) -> Self {
        Self::with(seed, sources, Some(path), None, false)
    }

    fn with(
        seed: u64,
        sources: usize,
        path: Option<&[[f64; 3]]>,
        days: Option<(Days, Vec<PuffSource>)>,
        along_paths: bool,
    ) -> Self {
        let mut rng = Stream::new(seed, "puffs");
        let mut air = Air::new(&mut rng);
        let flies = ((rng.unit() < 0.3) | path.is_some()) & days.is_none() & !along_paths;
        let mut sources: Vec<PuffSource> = (0..sources.min(4))
            .map(|_| PuffSource {
                at: [
                    rng.range(-35.0, 35.0),
                    rng.range(-35.0, 35.0),
                    rng.range(0.3, 4.0),
                ],
                rate_kg_h: 10f64.powf(rng.range(-0.7, 1.0)),
            })
            .collect();
        if let Some((days, what)) = days {
            (air.days, sources) = (Some(days), what);
        }
        let mut posts = posts(&mut rng);
        if along_paths {
            beams(&mut Stream::new(seed, "beams"), &mut posts);
        }
        let clear = |o: &[f64; 3], at: &[f64; 3]| (o[0] - at[0]).hypot(o[1] - at[1]) > o[2] + 2.0;
        for _ in 0..rng.below(4) {
            let o = [
                rng.range(-40.0, 40.0),
                rng.range(-40.0, 40.0),
                rng.range(2.0, 6.0),
            ];
            if sources.iter().all(|s| clear(&o, &s.at)) && posts.iter().all(|p| clear(&o, &p.at)) {
                air.obstacles.push(o);
            }
        }
        let mut it = Self {
            sources,
            obstacles: air.obstacles.clone(),
            winds: Vec::new(),
            readings: Vec::new(),
            flies,
            groups: Vec::new(),
            spans: Vec::new(),
        };
        if let Some(days) = &air.days {
            it.spans = days.spans().to_vec();
        }
        it.measure(&mut rng, &air, &posts, path);
        if air.days.is_some() {
            it.sources.truncate(it.spans.len());
        }
        it
    }

    fn measure(&mut self, rng: &mut Stream, air: &Air, posts: &[Post], path: Option<&[[f64; 3]]>) {
        let (duration, period) = if let Some(days) = &air.days {
            (days.duration_s(), 60.0)
        } else if path.is_some() {
            (3600.0, 2.0)
        } else if self.flies {
            (1200.0, 2.0)
        } else {
            (7200.0, 60.0)
        };
        let askew = 4.0 * rng.normal();
        let reports = rng.unit() < 0.5;
        let noise = 10f64.powf(rng.range(-2.0, -1.3));
        let common = Wander::new(rng, 6, 1.0 / 20000.0, 1.0 / 900.0, 1.0);
        let common_ppm = rng.range(0.01, 0.08);
        let flicker: Vec<Wander> = (0..self.sources.len())
            .map(|_| Wander::new(rng, 8, 1.0 / 600.0, 1.0 / 10.0, 0.3))
            .collect();
        let flicker_sd = rng.range(0.0, 0.6);
        let mut puffs: Vec<Vec<Puff>> = self.sources.iter().map(|_| Vec::new()).collect();
        let each = (period / STEP_S).round().max(1.0) as usize;
        let every = each.div_ceil(LOOKS);
        let (edge, worse) = match &air.days {
            Some(days) => (4.0 * HALF_M, days.worse),
            None => (2.0 * HALF_M, (1.0, 1.0)),
        };
        let mut sums = vec![0.0; posts.len()];
        let mut seen: Vec<(f64, f64)> = Vec::new();
        // The air is there before the first reading.
        let begin = (-120.0 / STEP_S) as i64;
        for k in begin..(duration / STEP_S) as i64 {
            let t = k as f64 * STEP_S;
            let all = self.sources.iter().zip(&mut puffs).zip(&flicker);
            for (source, ((s, puffs), flicker)) in all.enumerate() {
                puffs.iter_mut().for_each(|p| air.drift(rng, t, p));
                let gone = |p: &Puff| p.at[0].abs().max(p.at[1].abs()) > edge;
                puffs.retain(|p| !gone(p));
                let strength = (flicker_sd * flicker.at(t) - 0.5 * flicker_sd * flicker_sd).exp();
                let scale = air.turbulence * air.speed;
                let emits = air.days.as_ref().is_none_or(|d| d.emits(source, t));
                if puffs.len() < PUFFS && emits {
                    puffs.push(Puff {
                        at: s.at,
                        own: [
                            scale * rng.normal(),
                            scale * rng.normal(),
                            0.5 * scale * rng.normal(),
                        ],
                        across: 0.5,
                        up: 0.4,
                        kg: strength * s.rate_kg_h / 3600.0 * STEP_S,
                    });
                }
            }
            if k < 0 {
                continue;
            }
            let (speed, from) = air.wind(t);
            let turbulent = air.turbulence.atan().to_degrees();
            seen.push((
                speed * (1.0 + 0.1 * rng.normal()),
                from + turbulent * rng.normal(),
            ));
            let all = |at: &[f64; 3]| puffs.iter().map(|p| smell(p, at)).sum::<f64>();
            let more = air.days.as_ref().map_or(0.0, |d| d.background(t));
            let background = 2.0 + common_ppm * common.at(t) + more;
            if self.flies {
                let Some(at) = path.map_or_else(|| Some(circuit(t)), |path| along(path, t)) else {
                    break;
                };
                let drift = posts.first().map_or(0.0, |p| 0.02 * p.drift.at(t));
                let ppm = background + drift + all(&at) + noise * rng.normal();
                self.wind(t, &seen[seen.len().saturating_sub(15)..], askew, reports);
                self.readings.push(reading(t, "drone", at, ppm));
                continue;
            }
            if (k as usize).is_multiple_of(every) {
                for (sum, p) in sums.iter_mut().zip(posts) {
                    *sum += p.looks().map(|at| all(&at)).sum::<f64>() / p.looks().len() as f64;
                }
            }
            if (k as usize + 1).is_multiple_of(each) {
                let t0 = t + STEP_S - period;
                self.wind(t0, &seen, askew, reports);
                seen.clear();
                let looks = each.div_ceil(every) as f64;
                for (i, (sum, p)) in sums.iter_mut().zip(posts).enumerate() {
                    let alone = air.days.as_ref().map_or(0.0, |d| d.error(i, t));
                    let own = worse.0 * p.offset + 0.02 * worse.1 * p.drift.at(t) + alone;
                    let ppm = background + own + *sum / looks + noise * rng.normal();
                    self.readings.push(PuffReading {
                        to: p.to,
                        ..reading(t0, &format!("s{i}"), p.at, ppm)
                    });
                    *sum = 0.0;
                }
            }
        }
    }

    /// What the mast reports of what it saw.
    fn wind(&mut self, t_s: f64, seen: &[(f64, f64)], askew: f64, reports: bool) {
        let n = seen.len().max(1) as f64;
        let mean = |f: &dyn Fn(&(f64, f64)) -> f64| seen.iter().map(f).sum::<f64>() / n;
        let from = mean(&|s| s.1);
        let var = mean(&|s| (s.1 - from).powi(2));
        self.winds.push(PuffWind {
            t_s,
            speed: mean(&|s| s.0).max(0.0),
            from_deg: (from + askew).rem_euclid(360.0),
            sig_h_deg: reports.then(|| var.sqrt()),
        });
    }
}

fn reading(t_s: f64, sensor: &str, at: [f64; 3], ppm: f64) -> PuffReading {
    PuffReading {
        t_s,
        sensor: sensor.to_owned(),
        at,
        to: None,
        ppm,
    }
}
