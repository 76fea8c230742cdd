//! One steady map from pixels to a plane, frame by frame.
//!
//! Metadata say where the camera looks, with noise; registration says how each frame lies over the
//! last, almost without noise but with drift. The map is carried by registration and pulled
//! towards the metadata with a time constant (a complementary filter; Mahony et al. 2008), so that
//! tracks do not shake with the gimbal's sensors. What is constantly wrong with the metadata is learnt
//! ([`calibrate`](crate::calibrate)) and taken out of the map that is given.

use crate::calibrate::{Calibration, Effects, FeedErrors, Placed, Remaining, inner_points};
use crate::landmark::{Given, Landmarks};
use crate::reference::Registrar;
use atalaya_geo::{Camera, Cov2, Homography, LocalFrame, Vector2, Vector3};
use atalaya_model::operation::SensorErrors;
use atalaya_model::{
    LandmarkFit, Micros, ReferenceAsk, ReferenceFit, ReferenceMatch, Registration, Tie, TieAsk,
};

/// Metres by which carried and measured maps may differ before the carried one is dropped.
const MAX_DISAGREEMENT_M: f64 = 60.0;
/// Way of the ground through the picture within the age of the metadata above which maps are not averaged, metres.
const SWEEP_M: f64 = 1.5;
/// Seconds without metadata for which registration alone may carry the ground.
const MAX_CARRY_S: f64 = 10.0;

/// How one frame sees the plane.
#[derive(Clone, Debug)]
pub struct View {
    /// Display pixels to the plane: east, north in metres when placed, else anchored pixels.
    pub map: Homography,
    /// The plane to display pixels.
    pub back: Homography,
    /// True when the plane is the ground in metres.
    pub placed: bool,
    /// Camera position and velocity in the local frame, when known.
    pub camera: Option<(Vector3<f64>, Vector3<f64>)>,
    /// What is not known of the metadata's common errors.
    common: Option<Remaining>,
    /// The same for comparison with another feed's.
    pub errors: Option<FeedErrors>,
    /// Where the shadow of a thing of one metre ends, metres east and north of it, when the sun is up.
    pub shade: Option<Vector2<f64>>,
    /// What was learnt with this frame moved the plane: places before it to places now.
    pub moved: Option<Homography>,
    /// What became of landmarks that were due.
    pub landmarks: Vec<LandmarkFit>,
    /// What became of a look at the reference.
    pub reference: Option<ReferenceFit>,
    /// One-sigma noise that remains in the map, metres.
    pub noise_m: f64,
    /// Picture size, pixels.
    pub size: (f64, f64),
    /// Height of the ground in the local frame, metres.
    pub up: f64,
}

impl View {
    /// Covariance that all fixes of the flight share at a pixel, m².
    pub fn common(&self, px: Vector2<f64>) -> Cov2 {
        self.common.as_ref().map_or_else(Cov2::zeros, |c| c.at(px))
    }

    /// The part of it that goes round with the camera, m².
    pub fn turning(&self, px: Vector2<f64>) -> Cov2 {
        let known = self.common.as_ref();
        known.map_or_else(Cov2::zeros, |c| c.turning(px))
    }

    /// Look-down angle at a point of the plane, radians; 45 degrees when not known.
    pub fn look_down(&self, p: Vector2<f64>) -> f64 {
        match &self.camera {
            Some((c, _)) => (c.z - self.up).atan2((c.xy() - p).norm()),
            None => std::f64::consts::FRAC_PI_4,
        }
    }

    /// True when a pixel lies in the picture by at least `margin` pixels.
    pub fn holds(&self, px: Vector2<f64>, margin: f64) -> bool {
        px.x >= margin
            && px.y >= margin
            && px.x <= self.size.0 - margin
            && px.y <= self.size.1 - margin
    }

    /// Corners of the picture on the plane.
    pub fn corners(&self) -> Option<[Vector2<f64>; 4]> {
        let (w, h) = self.size;
        let v = Vector2::new;
        let c = [v(0.0, 0.0), v(w, 0.0), v(w, h), v(0.0, h)];
        Some([
            self.map.apply(c[0])?,
            self.map.apply(c[1])?,
            self.map.apply(c[2])?,
            self.map.apply(c[3])?,
        ])
    }
}

/// What the metadata of a frame say, resolved to the operation's local frame.
#[derive(Clone, Debug)]
pub struct Pointing {
    /// The camera, when position and line of sight are known.
    pub camera: Option<Camera>,
    /// Corners on the ground (upper left, upper right, lower right, lower left); the aircraft's own
    /// solution, preferred to ours where it is given.
    pub corners: Option<[Vector2<f64>; 4]>,
    /// Height of the ground in the local frame, metres.
    pub up: f64,
}

/// The filter; one per feed.
#[derive(Clone, Debug)]
pub struct GroundView {
    errors: SensorErrors,
    smooth_s: f64,
    last: Option<Last>,
    calibration: Calibration,
    landmarks: Landmarks,
    registrar: Option<Registrar>,
}

#[derive(Clone, Debug)]
struct Last {
    t: Micros,
    map: Homography,
    placed: bool,
    measured_at: Micros,
    camera: Option<(Camera, Vector3<f64>)>,
    camera_at: Micros,
    /// Number of metadata the map rests on, up to the time constant.
    weight: f64,
    up: f64,
    /// How the metadata's constant errors show in the map.
    effects: Option<Effects>,
    /// How fast the ground sweeps through the inner points of the picture, m/s, smoothed.
    sweep: Option<[Vector2<f64>; 4]>,
}

/// The newest frame of a [`GroundView`].
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Event time.
    pub t: Micros,
    /// Picture size, pixels.
    pub size: (u32, u32),
    /// Where the metadata say it lies.
    pub pointing: Option<&'a Pointing>,
    /// How it lies over the frame given before this one.
    pub registration: Option<&'a Registration>,
    /// How it lies over kept pictures.
    pub ties: &'a [Tie],
    /// What of it was found on the reference.
    pub reference: Option<&'a ReferenceMatch>,
}

impl GroundView {
    /// For a feed with these metadata errors; metadata are averaged over `smooth_s` seconds.
    pub fn new(errors: SensorErrors, smooth_s: f64) -> Self {
        Self {
            calibration: Calibration::new(&errors),
            errors,
            smooth_s,
            last: None,
            landmarks: Landmarks::default(),
            registrar: None,
        }
    }

    /// With a picture of the ground on which frames are looked for.
    pub(crate) fn refer(&mut self, registrar: Registrar) {
        self.registrar = Some(registrar);
    }

    /// The next analysed frame. `None` when there is neither metadata nor anything to carry, or the
    /// view meets the horizon.
    pub fn push(&mut self, seen: &Seen<'_>) -> Option<View> {
        let Seen {
            t,
            size,
            pointing,
            registration,
            ..
        } = *seen;
        let (w, h) = (f64::from(size.0), f64::from(size.1));
        let carried = match (&self.last, registration) {
            (Some(last), Some(r)) => last.map.after(&r.to_previous).map(|m| (m, last.clone())),
            _ => None,
        };
        let measured = pointing.and_then(|p| match (&p.corners, &p.camera) {
            (Some(c), _) => Homography::from_quad(&frame_corners(w, h), c),
            (None, Some(c)) => c.footprint(p.up).and_then(|_| c.ground_map(p.up)),
            (None, None) => None,
        });
        let next = match (carried, measured) {
            (Some((map, last)), Some(m)) if last.placed => {
                let dt = t.since(last.t).max(1e-3);
                // While the camera is turned elsewhere the age of the metadata counts for more than their noise,
                // and is not to be remembered.
                let late = self.errors.time_ms / 1e3;
                let sweeps = last
                    .sweep
                    .is_some_and(|s| s.iter().any(|v| v.norm() * late > SWEEP_M));
                let weight = if sweeps {
                    1.0
                } else {
                    (last.weight + 1.0).min((self.smooth_s / dt).max(1.0))
                };
                let blended = blend(&map, &m, 1.0 / weight, w, h);
                match blended {
                    Some(map) => self.keep(t, map, true, t, pointing, weight),
                    // Too far apart: a jump in the metadata or a lost registration.
                    None => self.keep(t, m, true, t, pointing, 1.0),
                }
            }
            (_, Some(m)) => self.keep(t, m, true, t, pointing, 1.0),
            (Some((map, last)), None)
                if !last.placed || t.since(last.measured_at) <= MAX_CARRY_S =>
            {
                self.keep(t, map, last.placed, last.measured_at, None, last.weight)
            }
            // Without metadata the first frame's pixels are the plane.
            _ => self.keep(t, Homography::identity(), false, t, None, 1.0),
        };
        let next = self.effects(next, registration.is_some(), (w, h), pointing);
        let view = self.view(&next, (w, h), seen);
        self.last = Some(next);
        view
    }

    /// A known place in a picture, of the last minute or still to come.
    pub fn landmark(&mut self, given: Given) {
        self.landmarks.give(given);
    }

    /// Goes on after a gap with what landmarks told before it, and those that still wait.
    pub fn inherit(&mut self, before: &Self) {
        self.landmarks.clone_from(&before.landmarks);
        if let Some(heir) = before.calibration.heir() {
            self.calibration = heir;
        }
    }

    /// Which pictures vision is to keep, and which to compare the next one with.
    pub fn ask(&mut self) -> (Vec<u32>, Vec<TieAsk>) {
        match self
            .last
            .as_ref()
            .and_then(|l| Some((l.t, self.placed(l)?)))
        {
            Some((t, frame)) => self.calibration.ask(t, &frame),
            None => (Vec::new(), Vec::new()),
        }
    }

    /// Where vision is to look for the next frame on the reference, when it is time.
    pub(crate) fn ask_reference(&mut self, local: &LocalFrame) -> Option<ReferenceAsk> {
        let last = self.last.as_ref()?;
        let frame = self.placed(last)?;
        let (t, up) = (last.t, last.up);
        let registrar = self.registrar.as_mut()?;
        registrar.ask(t, local, &frame, up, &self.calibration)
    }

    /// How the metadata's errors show in the map, averaged as the map is.
    fn effects(
        &self,
        mut next: Last,
        registered: bool,
        size: (f64, f64),
        pointing: Option<&Pointing>,
    ) -> Last {
        let before = self.last.as_ref().filter(|l| l.placed && next.placed);
        if let Some(l) = before.filter(|_| registered) {
            let dt = next.t.since(l.t).max(1e-3);
            let points = inner_points(size);
            let mut now = [Vector2::zeros(); 4];
            for (p, v) in points.iter().zip(&mut now) {
                if let (Some(a), Some(b)) = (next.map.apply(*p), l.map.apply(*p)) {
                    *v = (a - b) / dt;
                }
            }
            // A second's worth of smoothing: shaking is no sweep.
            next.sweep = Some(match l.sweep {
                Some(mut s) => {
                    let share = dt.min(1.0);
                    s.iter_mut()
                        .zip(now)
                        .for_each(|(s, v)| *s += (v - *s) * share);
                    s
                }
                None => now,
            });
        }
        let camera = pointing.and_then(|p| p.camera.as_ref().map(|c| (c, p.up)));
        let new = camera.filter(|_| next.placed).and_then(|(c, up)| {
            let points = inner_points(size);
            let at = |i: usize| c.ground_effects(points[i], up);
            Some(Effects::new(
                [at(0)?, at(1)?, at(2)?, at(3)?],
                next.sweep,
                size,
            ))
        });
        let carried = before.and_then(|l| l.effects).filter(|_| registered);
        next.effects = match (carried, new) {
            (Some(mut e), Some(new)) if next.weight > 1.0 => {
                e.blend(&new, 1.0 / next.weight);
                Some(e)
            }
            (_, Some(new)) => Some(new),
            (carried, None) => carried,
        };
        next
    }

    /// A frame that its metadata place, for the calibration.
    fn placed(&self, l: &Last) -> Option<Placed> {
        let (camera, _) = l.camera.as_ref().filter(|_| l.placed)?;
        Some(Placed {
            map: l.map,
            effects: l.effects?,
            camera: camera.position,
            noise: self.noise_m(l).powi(2),
        })
    }

    /// One-sigma noise of the pointing that remains in a map, metres. Errors of neighbouring metadata
    /// are alike: the gain is less than by their number.
    fn noise_m(&self, l: &Last) -> f64 {
        let range = l.camera.as_ref().map_or(0.0, |(c, _)| c.position.norm());
        range * self.errors.pointing_noise_deg.to_radians() / l.weight.powf(0.25)
    }

    fn keep(
        &self,
        t: Micros,
        map: Homography,
        placed: bool,
        measured_at: Micros,
        pointing: Option<&Pointing>,
        weight: f64,
    ) -> Last {
        let before = self.last.as_ref();
        let (camera, camera_at) = match pointing {
            Some(Pointing {
                camera: Some(c), ..
            }) => {
                let old = before.and_then(|l| l.camera.as_ref().map(|c| (c, l.camera_at)));
                let v = match old {
                    Some(((oc, ov), ot)) if t > ot && t.since(ot) < 5.0 => {
                        let dt = t.since(ot);
                        let now = (c.position - oc.position) / dt;
                        // A second's worth of smoothing: single fixes are noisy.
                        let k = dt.min(1.0);
                        if ov.norm() > 0.0 {
                            ov + (now - ov) * k
                        } else {
                            now
                        }
                    }
                    _ => Vector3::zeros(),
                };
                (Some((c.clone(), v)), t)
            }
            _ => (
                before.and_then(|l| l.camera.clone()).filter(|_| placed),
                before.map_or(t, |l| l.camera_at),
            ),
        };
        Last {
            t,
            map,
            placed,
            measured_at,
            camera,
            camera_at,
            weight,
            up: pointing.map_or_else(|| before.map_or(0.0, |l| l.up), |p| p.up),
            effects: None,
            sweep: None,
        }
    }

    fn view(&mut self, l: &Last, size: (f64, f64), seen: &Seen<'_>) -> Option<View> {
        self.calibration.predict(l.t);
        let (mut map, mut moved, mut common, mut errors) = (l.map, None, None, None);
        let (mut landmarks, mut reference) = (Vec::new(), None);
        if let Some(frame) = self.placed(l) {
            let before = self.calibration.corrected(&l.map, &frame.effects);
            self.calibration.learn(l.t, &frame, seen.ties);
            self.landmarks.seen(l.t, &frame, l.up);
            landmarks = self.landmarks.learn(l.t, &mut self.calibration);
            if let (Some(r), Some(found)) = (&mut self.registrar, seen.reference) {
                reference = Some(r.learn(l.t, &frame, found, &mut self.calibration));
            }
            if let Some(m) = self.calibration.corrected(&l.map, &frame.effects) {
                map = m;
                let learnt = !seen.ties.is_empty() || !landmarks.is_empty() || reference.is_some();
                moved = before
                    .filter(|_| learnt)
                    .and_then(|b| m.after(&b.inverse()?));
            }
            common = Some(self.calibration.remaining(&frame.effects));
            errors = Some(self.calibration.shared(&frame));
        }
        Some(View {
            back: map.inverse()?,
            map,
            placed: l.placed,
            camera: l
                .camera
                .as_ref()
                .filter(|_| l.placed)
                .map(|(c, v)| (c.position, *v)),
            common,
            errors,
            moved,
            landmarks,
            reference,
            shade: None,
            noise_m: if l.placed { self.noise_m(l) } else { 0.0 },
            size,
            up: l.up,
        })
    }
}

fn frame_corners(w: f64, h: f64) -> [Vector2<f64>; 4] {
    let v = Vector2::new;
    [v(0.0, 0.0), v(w, 0.0), v(w, h), v(0.0, h)]
}

/// `carried` moved towards `measured` by the share `k`, at four inner points of the picture.
fn blend(
    carried: &Homography,
    measured: &Homography,
    k: f64,
    w: f64,
    h: f64,
) -> Option<Homography> {
    let from = inner_points((w, h));
    let mut to = [Vector2::zeros(); 4];
    for (p, q) in from.iter().zip(&mut to) {
        let (a, b) = (carried.apply(*p)?, measured.apply(*p)?);
        if (a - b).norm() > MAX_DISAGREEMENT_M {
            return None;
        }
        *q = a + (b - a) * k;
    }
    Homography::from_quad(&from, &to)
}
