//! What a camera's pictures would show, without pictures: reports of a detector that errs as a real one does.
//!
//! A few minutes of several cameras take seconds, so that tracking can be scored on many worlds. Boxes are cut
//! short or too large by errors that last, hold a part of the shadow, are missed and broken, more so where things
//! are small or hidden; leaves and glints are taken for movers. What stands still is not detected but recognised
//! while it is watched, as by its picture. Positions come from metadata alone, as ever: a [`Sight`] knows the true
//! camera only where pictures would (how they lie over each other).

use crate::flight::Sensor;
use crate::output::feeds;
use crate::rng::Stream;
use crate::truth::{TruthBox, boxes_in};
use crate::world::World;
use atalaya_geo::{Camera, Homography, Matrix3, Vector2, Vector3};
use atalaya_model::{
    Attention, Class, Detection, FrameReport, Hold, Micros, PixelBox, Registration, Tie, TrackId,
    Verdict,
};
use std::collections::{BTreeMap, VecDeque};

/// Seconds between the pictures that are compared for motion.
const LAG_S: f64 = 0.6;
/// Least way in that time, pixels, that shows.
const LEAST_WAY_PX: f64 = 1.6;
/// Share of a shadow's length that boxes hold (docs/measurements.md).
const SHADOW: f64 = 0.7;
/// Lasting error of a box's place and of each of its edges, and fleeting one of its edges, as shares of its side (one
/// sigma), and pixels beside.
const PLACE: f64 = 0.16;
const LASTING: f64 = 0.08;
const SIGMAS: [f64; 6] = [LASTING, LASTING, LASTING, LASTING, PLACE, PLACE];
const FLEETING: f64 = 0.06;
const EDGE_PX: f64 = 0.4;
/// Time for which an edge's error lasts, seconds.
const LASTS_S: f64 = 8.0;
/// Probability of missing a mover that is large and in the open.
const MISS: f64 = 0.06;
/// Probability that a vehicle shows as a part of itself only.
const PART: f64 = 0.08;
/// Glints and noise per picture, anywhere.
const GLINTS: f64 = 0.25;
/// Share of trees whose crown moves visibly for a gust, how long that is, seconds, and how often it is found then.
const LEAVES: f64 = 0.02;
const GUST_S: f64 = 6.0;
const FOUND: f64 = 0.4;
/// Pictures that are remembered for comparisons.
const MEMORY: usize = 32;
/// Error of a tie, pixels.
const TIE_PX: f64 = 0.6;
/// Height of what registers, metres: kerbs, scrub and walls more than bare ground.
const RELIEF_M: f64 = 0.35;

/// A picture as it truly was.
#[derive(Clone)]
struct Shot {
    t: f64,
    camera: Camera,
    boxes: Vec<TruthBox>,
}

/// The eyes of one camera; frames are looked at in order.
pub struct Sight<'w> {
    world: &'w World,
    sensor: Sensor,
    shots: VecDeque<Shot>,
    keys: BTreeMap<u32, Camera>,
    /// Remembered looks of what is watched: who it is, if anybody, and how its box lay about the true one.
    looks: BTreeMap<TrackId, (Option<u32>, [f64; 2])>,
    /// Errors of each thing's edges (left, top, right, bottom) and place (across, down), as shares of its sides.
    edges: BTreeMap<u32, [f64; 6]>,
}

impl<'w> Sight<'w> {
    /// Of a sensor of a world ([`World::by_aircraft`] for one of several).
    pub fn new(world: &'w World, sensor: Sensor) -> Self {
        Self {
            world,
            sensor,
            shots: VecDeque::new(),
            keys: BTreeMap::new(),
            looks: BTreeMap::new(),
            edges: BTreeMap::new(),
        }
    }

    /// Picture `n` (from 0), and what was asked of it.
    pub fn look(&mut self, n: u64, asked: &Attention) -> FrameReport {
        let t = n as f64 / f64::from(self.sensor.fps());
        let rng = &mut Stream::new(
            self.world.seed ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            &format!("sight {:.3}", self.world.errors.heading),
        );
        let shot = Shot {
            t,
            camera: self.world.flight.camera(self.sensor, t),
            boxes: boxes_in(self.world, self.sensor, t),
        };
        let before = self.shots.back().cloned();
        let to_before = before
            .as_ref()
            .and_then(|b| over(&shot.camera, &b.camera, 0.0));
        // A picture that shares too little with the one before is not registered, nor one after a gap.
        let apart = before.as_ref().map_or(f64::INFINITY, |b| t - b.t);
        let way = to_before.as_ref().and_then(|h| h.apply(shot.camera.centre));
        let near = way.is_some_and(|p| (p - shot.camera.centre).norm() < 0.3 * shot.camera.width);
        let to_before = to_before.filter(|_| near && apart < 1.0);
        let dt = if apart.is_finite() { apart } else { 0.0 };
        let ties = self.ties(asked, before.as_ref(), &shot, rng);
        let mut report = FrameReport {
            frame: n + 1,
            registration: to_before.map(|to_previous| Registration {
                to_previous,
                inliers: 0.9,
                rms_px: 0.3,
            }),
            ties,
            ..FrameReport::default()
        };
        if to_before.is_some() {
            report.detections = self.detect(&shot, dt, rng);
        }
        if let Some(back) = to_before.and_then(|h| h.inverse()) {
            report.holds = self.hold(asked, &shot, &back, &report.detections, rng);
        }
        report.verdicts = self.verdicts(asked, &shot, rng);
        self.shots.push_back(shot);
        if self.shots.len() > MEMORY {
            self.shots.pop_front();
        }
        report
    }

    /// How the picture lies over kept ones; keeps and forgets as asked.
    fn ties(
        &mut self,
        asked: &Attention,
        before: Option<&Shot>,
        shot: &Shot,
        rng: &mut Stream,
    ) -> Vec<Tie> {
        self.keys.retain(|k, _| asked.keys.contains(k));
        for k in &asked.keys {
            if let Some(b) = before {
                self.keys.entry(*k).or_insert_with(|| b.camera.clone());
            }
        }
        let tie = |key: u32| -> Option<Tie> {
            let exact = over(&shot.camera, self.keys.get(&key)?, RELIEF_M)?;
            let off = [TIE_PX * rng.normal(), TIE_PX * rng.normal()];
            Some(Tie {
                key,
                to_key: shift(off)?.after(&exact)?,
                inliers: 0.8,
            })
        };
        asked.ties.iter().map(|a| a.key).filter_map(tie).collect()
    }

    /// Pixels a thing has gone over the ground in the time between compared pictures.
    fn way_px(&self, b: &TruthBox) -> f64 {
        let [_, _, w, h] = b.rect;
        let length = f64::from(
            self.world
                .actors
                .iter()
                .find(|a| a.id == b.id)
                .map_or(1.0, |a| a.kind.size_m()[0]),
        );
        b.speed * LAG_S * w.max(h) / length.max(0.5)
    }

    /// Boxes of what seems to move.
    fn detect(&mut self, shot: &Shot, dt: f64, rng: &mut Stream) -> Vec<Detection> {
        let mut out = Vec::new();
        let keep = (-dt / LASTS_S).exp();
        for b in &shot.boxes {
            let moves = self.way_px(b) > LEAST_WAY_PX;
            let lasting = self
                .edges
                .entry(b.id)
                .or_insert_with(|| SIGMAS.map(|s| s * rng.normal()));
            for (e, s) in lasting.iter_mut().zip(SIGMAS) {
                *e = keep * *e + (1.0 - keep * keep).sqrt() * s * rng.normal();
            }
            let lasting = *lasting;
            let small = (-(b.rect[2] * b.rect[3]) / 18.0).exp();
            let hidden = (1.2 * (1.0 - b.visible)).min(1.0);
            let seen = (1.0 - MISS) * (1.0 - small) * (1.0 - hidden);
            if !moves || rng.unit() > seen {
                continue;
            }
            let [x, y, w, h] = self.with_shadow(shot, b);
            let mut edge = |k: usize, side: f64| {
                side * (lasting[k] + lasting[4 + k % 2] + FLEETING * rng.normal())
                    + EDGE_PX * rng.normal()
            };
            let (x0, y0) = (x + edge(0, w), y + edge(1, h));
            let (mut x1, y1) = (x + w + edge(2, w), y + h + edge(3, h));
            if b.class > 1 && rng.unit() < PART {
                x1 = x0 + (x1 - x0) * rng.range(0.45, 0.7);
            }
            out.extend(boxed(x0, y0, x1, y1));
        }
        let (width, height) = (shot.camera.width, shot.camera.height);
        let mut at = |x: f64, y: f64, rng: &mut Stream| {
            let (w, h) = (rng.range(3.0, 11.0), rng.range(3.0, 9.0));
            out.extend(boxed(x, y, x + w, y + h));
        };
        if rng.unit() < GLINTS {
            let (u, v) = (rng.unit(), rng.unit());
            at(u * width, v * height, rng);
        }
        let gust = (shot.t / GUST_S) as u64;
        for (k, tree) in self.world.layout.trees.iter().enumerate() {
            let mut wind = Stream::new(self.world.seed ^ (gust << 24) ^ (k as u64), "leaves");
            if wind.unit() > LEAVES || rng.unit() > FOUND {
                continue;
            }
            let top = Vector3::new(
                f64::from(tree.at[0]),
                f64::from(tree.at[1]),
                0.6 * f64::from(tree.height_m),
            );
            let Some(p) = shot.camera.project(&top) else {
                continue;
            };
            if p.x > 0.0 && p.y > 0.0 && p.x < width && p.y < height {
                let (x, y) = (p.x + 3.0 * rng.normal(), p.y + 3.0 * rng.normal());
                at(x, y, rng);
            }
        }
        out
    }

    /// A true box with the part of its shadow that shows.
    fn with_shadow(&self, shot: &Shot, b: &TruthBox) -> [f64; 4] {
        let [x, y, w, h] = b.rect;
        let sun = self.world.sun.map(f64::from);
        let actor = self.world.actors.iter().find(|a| a.id == b.id);
        let pose = actor.and_then(|a| Some((a, a.pose(shot.t)?)));
        let Some((actor, pose)) = pose.filter(|_| sun[2] > 0.17) else {
            return b.rect;
        };
        let size = actor.kind.size_m().map(f64::from);
        let (mut lo, mut hi) = ([x, y], [x + w, y + h]);
        let (s, c) = pose.heading.sin_cos();
        for (u, v) in [(0.5, 0.5), (0.5, -0.5), (-0.5, 0.5), (-0.5, -0.5)] {
            let (l, q) = (u * size[0], v * size[1]);
            let reach = SHADOW * size[2] / sun[2];
            let tip = Vector3::new(
                pose.at[0] + l * c - q * s - sun[0] * reach,
                pose.at[1] + l * s + q * c - sun[1] * reach,
                0.0,
            );
            if let Some(p) = shot.camera.project(&tip) {
                lo = [lo[0].min(p.x), lo[1].min(p.y)];
                hi = [hi[0].max(p.x), hi[1].max(p.y)];
            }
        }
        [lo[0], lo[1], hi[0] - lo[0], hi[1] - lo[1]]
    }

    /// What is recognised of what is watched. Who has been there all the time is; who has gone is not.
    fn hold(
        &mut self,
        asked: &Attention,
        shot: &Shot,
        to_now: &Homography,
        detections: &[Detection],
        rng: &mut Stream,
    ) -> Vec<Hold> {
        self.looks
            .retain(|id, _| asked.watches.iter().any(|w| w.track == *id));
        let mut out = Vec::new();
        for w in &asked.watches {
            let Some(expected) = carried(&w.bbox, to_now) else {
                continue;
            };
            let centre = |b: &TruthBox| [b.rect[0] + 0.5 * b.rect[2], b.rect[1] + 0.5 * b.rect[3]];
            let (ex, ey) = expected.centre();
            let (ex, ey) = (f64::from(ex), f64::from(ey));
            // A remembered look is compared as a whole, with a little about it.
            let (rx, ry) = (0.63 * f64::from(expected.w), 0.63 * f64::from(expected.h));
            let (width, height) = (shot.camera.width, shot.camera.height);
            if ex < rx || ey < ry || ex > width - rx || ey > height - ry {
                continue;
            }
            if w.detected || !self.looks.contains_key(&w.track) {
                // Of the picture before, or of this one: the two are close.
                let who = shot
                    .boxes
                    .iter()
                    .filter(|b| b.visible > 0.3)
                    .map(|b| (b, rect_box(b).iou(&expected)))
                    .filter(|(_, share)| *share > 0.15)
                    .max_by(|a, b| a.1.total_cmp(&b.1))
                    .map(|(b, _)| b);
                let off = who.map_or([0.0; 2], |b| [ex - centre(b)[0], ey - centre(b)[1]]);
                self.looks.insert(w.track, (who.map(|b| b.id), off));
            }
            let Some((who, off)) = self.looks.get(&w.track) else {
                continue;
            };
            let there = who.and_then(|id| shot.boxes.iter().find(|b| b.id == id));
            let place = match (who, there) {
                (Some(_), Some(b)) => [centre(b)[0] + off[0], centre(b)[1] + off[1]],
                // Hidden or out of the picture.
                (Some(_), None) => continue,
                // The ground itself is recognised.
                (None, _) => [ex, ey],
            };
            let near = (place[0] - ex).hypot(place[1] - ey) < 4.0;
            let disturbed = detections
                .iter()
                .any(|d| d.bbox.overlap(&expected) > 0.15 * expected.area());
            let likeness = match (near, disturbed) {
                (false, _) => 0.2,
                (true, true) => 0.65,
                (true, false) => 0.9,
            } + 0.04 * rng.normal();
            let shift = if near {
                [place[0] - ex, place[1] - ey]
            } else {
                [0.0; 2]
            };
            out.push(Hold {
                track: w.track,
                bbox: PixelBox {
                    x: expected.x + (shift[0] + 0.3 * rng.normal()) as f32,
                    y: expected.y + (shift[1] + 0.3 * rng.normal()) as f32,
                    ..expected
                },
                likeness: likeness.clamp(-1.0, 1.0) as f32,
            });
        }
        out
    }

    /// Whether looks went along with moves: they do where a true mover went.
    fn verdicts(&self, asked: &Attention, shot: &Shot, rng: &mut Stream) -> Vec<Verdict> {
        let when = |t: Micros| (t.0 - self.world.start_us) as f64 / 1e6;
        let mut out = Vec::new();
        for trial in &asked.trials {
            let then = self
                .shots
                .iter()
                .min_by(|a, b| {
                    let off = |s: &Shot| (s.t - when(trial.then)).abs();
                    off(a).total_cmp(&off(b))
                })
                .unwrap_or(shot);
            let who = then
                .boxes
                .iter()
                .filter(|b| rect_box(b).overlap(&trial.was) > 0.2 * trial.was.area().max(1.0));
            let went = who.into_iter().any(|b| {
                let now = shot.boxes.iter().find(|n| n.id == b.id);
                b.visible > 0.3
                    && now.is_some_and(|n| {
                        rect_box(n).overlap(&trial.is) > 0.15 * trial.is.area().max(1.0)
                    })
            });
            let (moved, stayed) = if went { (0.75, 0.3) } else { (0.35, 0.6) };
            out.push(Verdict {
                key: trial.key,
                moved: (moved + 0.1 * rng.normal()) as f32,
                stayed: (stayed + 0.1 * rng.normal()) as f32,
            });
        }
        out
    }
}

/// Pixels of a picture of a plane at height `up` to those of another.
fn over(now: &Camera, then: &Camera, up: f64) -> Option<Homography> {
    then.ground_map(up)?.inverse()?.after(&now.ground_map(up)?)
}

fn shift([x, y]: [f64; 2]) -> Option<Homography> {
    Homography::from_matrix(Matrix3::new(1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0))
}

fn rect_box(b: &TruthBox) -> PixelBox {
    let [x, y, w, h] = b.rect.map(|v| v as f32);
    PixelBox { x, y, w, h }
}

fn carried(b: &PixelBox, to_now: &Homography) -> Option<PixelBox> {
    let (cx, cy) = b.centre();
    let p = to_now.apply(Vector2::new(f64::from(cx), f64::from(cy)))?;
    Some(PixelBox {
        x: p.x as f32 - 0.5 * b.w,
        y: p.y as f32 - 0.5 * b.h,
        ..*b
    })
}

fn boxed(x0: f64, y0: f64, x1: f64, y1: f64) -> Option<Detection> {
    let (w, h) = (x1 - x0, y1 - y0);
    (w > 1.5 && h > 1.5).then_some(Detection {
        bbox: PixelBox {
            x: x0 as f32,
            y: y0 as f32,
            w: w as f32,
            h: h as f32,
        },
        score: 0.8,
        class: Class::Unknown,
    })
}

/// `time,id,share`: of everybody in a pair's world, twice a second, the greatest share that a picture shows.
pub fn seen_csv(world: &World) -> String {
    use std::fmt::Write;
    let eyes: Vec<(World, Sensor)> = feeds(world)
        .into_iter()
        .filter_map(|(craft, sensor, _)| Some((world.by_aircraft(craft?), sensor)))
        .collect();
    let mut out = String::from("time,id,share\n");
    for k in 0..(world.options.duration_s * 2.0) as u64 {
        let t = 0.5 * k as f64;
        let mut share: BTreeMap<u32, f64> = BTreeMap::new();
        for (own, sensor) in eyes.iter().filter(|(own, _)| own.arrives(t)) {
            for b in boxes_in(own, *sensor, t) {
                let most = share.entry(b.id).or_default();
                *most = most.max(b.visible);
            }
        }
        let time = Micros(world.time_us(t)).to_rfc3339();
        for (id, share) in share {
            // Writing to a string does not fail.
            let _ = writeln!(out, "{time},{id},{share:.2}");
        }
    }
    out
}
