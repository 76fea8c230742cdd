//! A gas feed's samples through estimation, over a window of event time.
//!
//! An estimator forgets nothing, and a source may begin and end. So two take turns: one is asked, and
//! the other begins every window and takes over when it has a window of samples. What is asked has
//! thus seen one to two windows. The grid is coarser than the one of `atalaya emission`: a sample costs
//! some milliseconds, whatever came before.

use crate::context::Context;
use atalaya_emission::{Area, Candidate, Estimator, Gas, Reading, Region, Settings, Status, Wind};
use atalaya_geo::{Geodetic, LocalFrame, Polygon, Vector2, Vector3};
use atalaya_model::operation::GasFeed;
use atalaya_model::{EmissionMap, EvidenceRef, FeedIx, GasSample, Micros, SampleRange};
use std::collections::{BTreeMap, VecDeque};

/// Squares and layers of the grid.
const SQUARES: usize = 900;
const LAYERS: usize = 2;
/// Background and noise are learned from so many samples.
const LEARNING: usize = 40;
/// Samples kept to say which of them stand out.
const RECENT: usize = 20_000;
/// A sample stands out by so many standard deviations of the quiet ones.
const STANDS_OUT: f64 = 5.0;
/// Samples that stand out belong together when no further apart, seconds.
const TOGETHER_S: f64 = 10.0;
/// Evidence names at most so many stretches of samples: the strongest.
const STRETCHES: usize = 6;
/// Points in likely zones are so far apart, metres, and so many at most.
const POINTS_M: f64 = 6.0;
const POINTS: usize = 200;
/// A segment holds the samples of one minute, and evidence is cut likewise.
const SEGMENT_US: i64 = 60_000_000;

/// A sample as evidence needs it.
#[derive(Clone, Debug)]
struct Recent {
    t: Micros,
    number: u64,
    sensor: usize,
    ppm: f64,
}

/// The estimates of one gas feed.
pub struct GasStage {
    feed: String,
    config: GasFeed,
    frame: LocalFrame,
    settings: Settings,
    area: Area,
    likely: Vec<Candidate>,
    begun: Option<Micros>,
    asked: Option<(Estimator, Micros)>,
    young: Option<(Estimator, Micros)>,
    wind: Option<Wind>,
    /// The next moment at which an estimate is due.
    due: Micros,
    last: Micros,
    samples: u64,
    sensors: Vec<String>,
    recent: VecDeque<Recent>,
}

impl GasStage {
    /// For feed `ix`; `None` when it is no gas feed, the gas is not known, or there is no area to look
    /// in, which [`problem`] says beforehand.
    pub fn new(context: &Context, ix: FeedIx) -> Option<Self> {
        let feed = context.operation.feeds.get(usize::from(ix.0))?;
        let config = feed.gas.clone().unwrap_or_default();
        let settings = Settings {
            gas: Gas::by_name(&config.gas)?,
            squares: SQUARES,
            layers: LAYERS,
            learning: LEARNING,
            wander_per_hour: config.wander_per_hour,
            candidate_sd_m: POINTS_M / 2.0,
            ..Settings::default()
        };
        Some(Self {
            feed: feed.id.clone(),
            frame: context.frame.clone(),
            area: area(context, &config)?,
            likely: likely(context, &config),
            config,
            settings,
            begun: None,
            asked: None,
            young: None,
            wind: None,
            due: Micros::MIN,
            last: Micros::MIN,
            samples: 0,
            sensors: Vec::new(),
            recent: VecDeque::new(),
        })
    }

    /// Where a sample was taken, in the local frame.
    pub fn places(&self, s: &GasSample) -> Vec<Vector2<f64>> {
        let place = |p: &[f64; 3]| self.local(p).xy();
        s.at.iter().chain(&s.to).map(place).collect()
    }

    fn local(&self, [lon, lat, up]: &[f64; 3]) -> Vector3<f64> {
        let origin = self.frame.origin().hae_m;
        let p = self
            .frame
            .to_enu(&Geodetic::from_degrees(*lat, *lon, origin));
        Vector3::new(p.x, p.y, *up)
    }

    fn fresh(&self) -> Option<Estimator> {
        let mut e = Estimator::new(self.settings.clone(), &self.area, self.likely.clone()).ok()?;
        if let Some(wind) = self.wind {
            let _ = e.wind(wind);
        }
        Some(e)
    }

    /// The next sample, in order; an estimate when one is due before it.
    pub fn push(&mut self, s: &GasSample) -> Option<EmissionMap> {
        let begun = *self.begun.get_or_insert(s.t);
        self.last = self.last.max(s.t);
        let step = Micros::from_secs(self.config.step_s);
        let estimate = if self.due == Micros::MIN {
            None
        } else if s.t >= self.due {
            self.estimate(self.due)
        } else {
            None
        };
        if s.t >= self.due {
            // Estimates stand at whole steps of event time, whatever the samples' own times.
            self.due = Micros((s.t.0.div_euclid(step.0) + 1) * step.0);
        }
        let window = Micros::from_secs(self.config.window_s);
        if self.asked.is_none() {
            self.asked = self.fresh().map(|e| (e, s.t));
        }
        if self.young.as_ref().is_some_and(|y| s.t >= y.1 + window) {
            self.asked = self.young.take();
        }
        if self.young.is_none() && self.asked.as_ref().is_some_and(|a| s.t >= a.1 + window) {
            self.young = self.fresh().map(|e| (e, s.t));
        }
        let t_s = s.t.since(begun);
        if let Some(w) = s.wind {
            let mut wind = Wind::new(t_s, w.speed, w.from);
            (wind.sig_h, wind.sig_v) = (w.sig_h, w.sig_v);
            self.wind = Some(wind);
            for (e, _) in self.asked.iter_mut().chain(&mut self.young) {
                // What an estimator does not take, it counts.
                let _ = e.wind(wind);
            }
        }
        if let (Some(at), Some(ppm)) = (&s.at, s.ppm) {
            let reading = Reading {
                t_s,
                sensor: s.sensor.clone(),
                at: self.local(at),
                to: s.to.as_ref().map(|p| self.local(p)),
                ppm,
            };
            self.samples += 1;
            for (e, _) in self.asked.iter_mut().chain(&mut self.young) {
                let _ = e.push(reading.clone());
            }
            self.remember(s, ppm);
        }
        estimate
    }

    /// The estimate with all samples, at the end of a run.
    pub fn finish(&mut self) -> Option<EmissionMap> {
        if let Some((e, _)) = &mut self.asked {
            e.finish();
        }
        self.begun.and_then(|_| self.estimate(self.last))
    }

    fn remember(&mut self, s: &GasSample, ppm: f64) {
        let known = self.sensors.iter().position(|n| *n == s.sensor);
        let sensor = known.unwrap_or_else(|| {
            self.sensors.push(s.sensor.clone());
            self.sensors.len() - 1
        });
        self.recent.push_back(Recent {
            t: s.t,
            number: s.number,
            sensor,
            ppm,
        });
        let since = self.asked.as_ref().map_or(Micros::MIN, |a| a.1);
        while self.recent.len() > RECENT || self.recent.front().is_some_and(|r| r.t < since) {
            self.recent.pop_front();
        }
    }

    fn estimate(&self, t: Micros) -> Option<EmissionMap> {
        let (estimator, since) = self.asked.as_ref()?;
        let said = estimator.estimate();
        let grid = estimator.grid();
        let lon_lat = |e: f64, n: f64| {
            let g = self.frame.to_geodetic(&Vector3::new(e, n, 0.0));
            let round = |v: f64| (v * 1e7).round() / 1e7;
            [round(g.lon_deg()), round(g.lat_deg())]
        };
        let (west, south) = grid.origin;
        let east = west + grid.columns as f64 * grid.side;
        let north = south + grid.rows as f64 * grid.side;
        let mut map = EmissionMap {
            feed: self.feed.clone(),
            t,
            since: *since,
            gas: self.settings.gas.name.to_owned(),
            samples: self.samples,
            declined: said
                .reason
                .clone()
                .filter(|_| said.status == Status::Declined),
            p: said.p_any.unwrap_or(0.0),
            lon_lat: None,
            cov: [0.0; 4],
            rate_kg_h: [0.0; 3],
            corners: [
                lon_lat(west, north),
                lon_lat(east, north),
                lon_lat(east, south),
                lon_lat(west, south),
            ],
            origin: [west, south],
            side_m: grid.side,
            columns: grid.columns,
            rows: grid.rows,
            squares: Vec::new(),
            region50: Vec::new(),
            region90: Vec::new(),
            evidence: Vec::new(),
        };
        if map.declined.is_some() {
            return Some(map);
        }
        let squares = estimator.squares();
        map.squares = squares
            .iter()
            .map(|p| ((p * 1e6).round() / 1e6) as f32)
            .collect();
        if let Some(s) = said.sources.first() {
            map.lon_lat = Some(lon_lat(s.e, s.n));
            map.cov = [s.cov[0], s.cov[1], s.cov[3], s.cov[4]];
            map.rate_kg_h = [s.rate_lo90, s.rate_kg_h, s.rate_hi90];
            let region = |r: &Region| {
                let ring =
                    |ring: &Vec<[f64; 2]>| ring.iter().map(|[e, n]| lon_lat(*e, *n)).collect();
                r.coordinates
                    .iter()
                    .map(|polygon| polygon.iter().map(ring).collect())
                    .collect()
            };
            map.region50 = region(&s.region50);
            map.region90 = region(&s.region90);
            map.evidence = self.evidence();
        }
        Some(map)
    }

    /// The stretches of samples that stand out most, in order of time.
    fn evidence(&self) -> Vec<EvidenceRef> {
        let mut by_sensor: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for r in &self.recent {
            by_sensor.entry(r.sensor).or_default().push(r.ppm);
        }
        // Median and spread of each sensor; the plume is the smaller part of what it read.
        let quiet: BTreeMap<usize, (f64, f64)> = by_sensor
            .into_iter()
            .map(|(sensor, mut all)| {
                let median = middle(&mut all);
                let mut apart: Vec<f64> = all.iter().map(|v| (v - median).abs()).collect();
                (sensor, (median, (1.4826 * middle(&mut apart)).max(1e-9)))
            })
            .collect();
        let excess = |r: &Recent| quiet.get(&r.sensor).map_or(0.0, |(m, s)| (r.ppm - m) / s);
        let mut stretches: Vec<(f64, Recent, Recent)> = Vec::new();
        for r in &self.recent {
            let x = excess(r);
            if x < STANDS_OUT {
                continue;
            }
            let minute = |t: Micros| t.0.div_euclid(SEGMENT_US);
            match stretches.last_mut() {
                Some((most, _, last))
                    if r.t.since(last.t) <= TOGETHER_S && minute(last.t) == minute(r.t) =>
                {
                    *most = most.max(x);
                    *last = r.clone();
                }
                _ => stretches.push((x, r.clone(), r.clone())),
            }
        }
        stretches.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.number.cmp(&b.1.number)));
        stretches.truncate(STRETCHES);
        stretches.sort_by_key(|s| s.1.number);
        stretches
            .into_iter()
            .map(|(_, first, last)| EvidenceRef {
                feed: self.feed.clone(),
                segment: None,
                t0: first.t,
                t1: last.t,
                frames: Vec::new(),
                samples: Some(SampleRange {
                    first: first.number,
                    last: last.number,
                }),
            })
            .collect()
    }
}

/// Why a gas feed can't be estimated, if so: cause and remedy.
pub fn problem(context: &Context, ix: FeedIx) -> Option<String> {
    let feed = context.operation.feeds.get(usize::from(ix.0))?;
    let config = feed.gas.clone().unwrap_or_default();
    if Gas::by_name(&config.gas).is_none() {
        let known: Vec<_> = Gas::names().collect();
        return Some(format!(
            "gas '{}' is not known; one of {}",
            config.gas,
            known.join(", ")
        ));
    }
    area(context, &config).is_none().then(|| {
        "the zones and 'margin_m' make no area of 1 m to 20 km; check site.zone and margin_m"
            .to_owned()
    })
}

/// The box of the zones (of the authority's area where there are none) with the margin, within the box
/// of the authority's area.
fn area(context: &Context, config: &GasFeed) -> Option<Area> {
    let op = &context.operation;
    let bounds = |outlines: &mut dyn Iterator<Item = &Vec<[f64; 2]>>| {
        let height = context.frame.origin().hae_m;
        let points = outlines
            .flatten()
            .map(|[lon, lat]| {
                context
                    .frame
                    .to_enu(&Geodetic::from_degrees(*lat, *lon, height))
                    .xy()
            })
            .collect();
        Polygon::new(points).map(|p| p.bounds())
    };
    let (lo, hi) = bounds(&mut [&op.authority.area].into_iter())?;
    let zones = bounds(&mut op.site.zones.iter().filter_map(|z| z.polygon.as_ref()));
    let (lo, hi) = match zones {
        Some((a, b)) => (
            a.add_scalar(-config.margin_m).sup(&lo),
            b.add_scalar(config.margin_m).inf(&hi),
        ),
        None => (lo, hi),
    };
    Area::new(
        Vector3::new(lo.x, lo.y, 0.0),
        Vector3::new(hi.x, hi.y, config.height_m),
    )
    .ok()
}

/// Points in the zones in which a source is likelier, evenly spread.
fn likely(context: &Context, config: &GasFeed) -> Vec<Candidate> {
    let height = context.frame.origin().hae_m;
    let mut points = Vec::new();
    for z in &context.operation.site.zones {
        let Some(outline) = z.polygon.as_ref().filter(|_| config.likely.contains(&z.id)) else {
            continue;
        };
        let local = outline.iter().map(|[lon, lat]| {
            let g = Geodetic::from_degrees(*lat, *lon, height);
            context.frame.to_enu(&g).xy()
        });
        let Some(polygon) = Polygon::new(local.collect()) else {
            continue;
        };
        let (lo, hi) = polygon.bounds();
        let span = hi - lo;
        let count = |d: f64| ((d / POINTS_M).ceil() as usize).clamp(1, 30);
        let (nx, ny) = (count(span.x), count(span.y));
        for i in 0..nx * ny {
            let share = |k: usize, n: usize| (k as f64 + 0.5) / n as f64;
            let at = lo + Vector2::new(span.x * share(i % nx, nx), span.y * share(i / nx, ny));
            if polygon.contains(at) {
                points.push(Candidate {
                    name: z.id.clone(),
                    at: Vector3::new(at.x, at.y, 0.0),
                });
            }
        }
    }
    points.truncate(POINTS);
    points
}

fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
