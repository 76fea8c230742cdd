//! The tracker: association, life and death of tracks.

mod hold;
mod looks;

use crate::assign::assign;
use crate::belief::{belongs_to_another, has_moved};
use crate::calibrate::FeedErrors;
use crate::doubles::drop_doubles;
use crate::ground::{GroundView, Pointing, Seen, View};
use crate::kalman::Kalman;
use crate::landmark::Given;
use crate::look::Look;
use crate::outline;
use crate::proof::{Proof, trial};
use crate::recapture::recapture;
use crate::reference::Registrar;
use crate::restless::Restless;
use crate::settings::TrackSettings;
use crate::shape::{KINDS, foot_variance};
use crate::track::{
    Track, around, class_of, class_weights, gather, ground, grown, observe, place, unit,
};
use atalaya_geo::{
    Cov2, Geodetic, Georeference, Homography, LocalFrame, Matrix2, Vector2, Vector3, sun_direction,
};
use atalaya_model::operation::SensorErrors;
use atalaya_model::{
    Attention, ColourAsk, Coverage, Detection, FeedIx, FrameReport, GroundFix, Landmark,
    LandmarkFit, Micros, PixelBox, ReferenceFit, TrackId, TrackPoint, TrackState,
};
use looks::look_of;
use std::collections::VecDeque;

/// Sine of the sun's elevation below which shadows are too long and faint to be counted on: 10 degrees.
const LEAST_SUN: f64 = 0.17;
/// Share of its sides by which an outline is grown to hold the detections of its track: what differs behind it, too.
const OF_OUTLINE: f32 = 0.15;
/// Seconds for which a track is seen by its outline alone.
const SHOWS_S: f64 = 0.5;

/// A frame for the tracker.
#[derive(Clone, Debug)]
pub struct TrackInput {
    /// Event time.
    pub t: Micros,
    /// Picture size, pixels.
    pub size: (u32, u32),
    /// Where the metadata say the picture lies, when they do.
    pub pointing: Option<Pointing>,
    /// What vision said.
    pub report: FrameReport,
}

/// What the tracker says about a frame.
#[derive(Clone, Debug, Default)]
pub struct TrackFrame {
    /// Believed tracks, in order of their number.
    pub points: Vec<TrackPoint>,
    /// What vision is asked with the next frame.
    pub attention: Attention,
    /// What it is asked of this frame: [`Tracker::coloured`] takes the answers.
    pub colours: Vec<ColourAsk>,
    /// What the frame covered.
    pub coverage: Option<Coverage>,
    /// Counts up when positions of tracks without ground position start anew: earlier anchored
    /// pixels then mean nothing any more.
    pub anchor: u32,
    /// Display pixels to the plane (metres, or anchored pixels).
    pub map: Option<Homography>,
    /// What became of landmarks that were due.
    pub landmarks: Vec<LandmarkFit>,
    /// What became of a look at the reference.
    pub reference: Option<ReferenceFit>,
    /// What is known of the metadata's constant errors.
    pub errors: Option<FeedErrors>,
}

/// Follows what moves, keeps what has stopped; one instance per feed.
pub struct Tracker {
    settings: TrackSettings,
    feed: FeedIx,
    frame: LocalFrame,
    view: GroundView,
    tracks: Vec<Track>,
    next: u32,
    keys: u32,
    last_t: Option<Micros>,
    anchor: u32,
    was_placed: Option<bool>,
    restless: Restless,
}

impl Tracker {
    /// For one feed: its metadata errors and the local frame of the operation.
    pub fn new(
        settings: TrackSettings,
        feed: FeedIx,
        errors: SensorErrors,
        frame: LocalFrame,
    ) -> Self {
        let view = GroundView::new(errors, settings.ground_smooth_s);
        Self {
            settings,
            feed,
            frame,
            view,
            tracks: Vec::new(),
            next: 1,
            keys: 0,
            last_t: None,
            anchor: 0,
            was_placed: None,
            restless: Restless::default(),
        }
    }

    /// A known place in a picture of this feed, of the last minute or still to come.
    pub fn landmark(&mut self, l: &Landmark) {
        let g = Geodetic::from_degrees(l.lat, l.lon, self.frame.origin().hae_m);
        self.view.landmark(Given {
            t: l.time,
            px: Vector2::new(l.pixel[0], l.pixel[1]),
            at: self.frame.to_enu(&g).xy(),
            above: l.above_m,
            sigma: l.sigma_m,
        });
    }

    /// With a picture of the ground on which frames are looked for: where it lies, and how well that is
    /// known, metres per axis.
    pub fn refer(&mut self, place: Georeference, sigma_m: f64) {
        self.view.refer(Registrar::new(place, sigma_m));
    }

    /// Goes on after a gap in the same flight with what landmarks told before it.
    pub fn inherit(&mut self, before: &Self) {
        self.view.inherit(&before.view);
    }

    /// The next frame, in order of time.
    pub fn push(&mut self, input: &TrackInput) -> TrackFrame {
        let report = &input.report;
        let registered = report.registration.as_ref();
        let mut view = self.view.push(&Seen {
            t: input.t,
            size: input.size,
            pointing: input.pointing.as_ref(),
            registration: registered,
            ties: &report.ties,
            reference: report.reference.as_ref(),
        });
        if let Some(v) = &mut view {
            v.shade = self.shade(input.t).filter(|_| v.placed);
        }
        let mut out = TrackFrame::default();
        let placed = view.as_ref().is_some_and(|v| v.placed);
        // Anchored pixels and metres are different planes, and a cut starts new pixels.
        if self.was_placed.is_some_and(|p| p != placed) || (!placed && registered.is_none()) {
            self.end_all(report.frame, &mut out);
            self.restless.clear();
            self.anchor += 1;
        }
        self.was_placed = Some(placed);
        let dt = self
            .last_t
            .map_or(0.0, |t| input.t.since(t))
            .clamp(0.0, 60.0);
        self.last_t = Some(input.t);
        match &view {
            Some(v) => self.step(input, v, dt, &mut out),
            None => self.unseen(input, dt, &mut out),
        }
        (out.attention.keys, out.attention.ties) = self.view.ask();
        out.attention.reference = self.view.ask_reference(&self.frame);
        out.anchor = self.anchor;
        out.map = view.as_ref().map(|v| v.map);
        if let Some(v) = &mut view {
            out.landmarks = std::mem::take(&mut v.landmarks);
            out.reference = v.reference.take();
            out.errors = v.errors.take();
        }
        out.coverage = Some(self.coverage(report.frame, view.as_ref(), registered.is_some()));
        out
    }

    /// Where the shadow of a thing of one metre ends, metres east and north of it, by the time and the
    /// place. `None` when the sun is low or down, or the time is none of this century.
    fn shade(&self, t: Micros) -> Option<Vector2<f64>> {
        const CENTURY_US: i64 = 946_684_800_000_000;
        let o = self.frame.origin();
        let sun = sun_direction(t.0, o.lat, o.lon);
        (t.0 > CENTURY_US && sun.z > LEAST_SUN).then(|| -sun.xy() / sun.z)
    }

    /// No view of the plane: nothing is observed, all wait.
    fn unseen(&mut self, input: &TrackInput, dt: f64, out: &mut TrackFrame) {
        for t in &mut self.tracks {
            let unit = if self.was_placed == Some(true) {
                1.0
            } else {
                (t.size.0 * t.size.1).sqrt() / 2.5
            };
            t.predict(dt, self.settings.accel, unit.max(1.0), false);
            t.away_s += dt;
            t.state = TrackState::Unobserved;
        }
        self.bury(input.t, input.report.frame, None, out);
    }

    fn step(&mut self, input: &TrackInput, view: &View, dt: f64, out: &mut TrackFrame) {
        let report = &input.report;
        let gap = dt > self.settings.gap_s;
        if let Some(moved) = &view.moved {
            // Not the things have moved but what is known of the place of all.
            self.tracks.iter_mut().for_each(|t| t.shift(moved));
        }
        for t in &mut self.tracks {
            let unit = unit(view, t);
            let looked = !gap && t.state != TrackState::Unobserved;
            t.predict(dt, self.settings.accel, unit, looked);
            t.frames += 1;
            hold::turn(t, view);
            let (x, y) = (t.bbox.x, t.bbox.y);
            if let Some(foot) = view.back.apply(t.kalman.p) {
                t.bbox = around(foot, t, view);
            }
            t.outline = None;
            if let Some(o) = report.outlines.iter().find(|o| o.key == t.key && !gap) {
                // It is of the frame before.
                let (x, y) = (o.bbox.x + t.bbox.x - x, o.bbox.y + t.bbox.y - y);
                outline::take(t, PixelBox { x, y, ..o.bbox }, view, &self.settings);
            }
        }
        let mut parts = outline::parts(&self.tracks, input.t).into_iter();
        self.tracks.retain(|_| !parts.next().unwrap_or(false));
        for v in &report.verdicts {
            if let Some(t) = self.tracks.iter_mut().find(|t| t.key == v.key) {
                t.proof.add(f64::from(v.moved - v.stayed));
            }
        }
        let mut taken = vec![false; report.detections.len()];
        let mut matched = vec![false; self.tracks.len()];
        self.associate(true, input.t, view, report, &mut taken, &mut matched);
        self.restless.sweep(input.t);
        for (d, _) in report.detections.iter().zip(&taken).filter(|d| !d.1) {
            if let Some(p) = ground(&d.bbox, view) {
                self.restless.add(p, view.placed, dt, input.t);
            }
        }
        self.associate(false, input.t, view, report, &mut taken, &mut matched);
        self.hold(input.t, dt, view, report, &mut matched);
        recapture(
            &mut self.tracks,
            &mut matched,
            input.t,
            view,
            &self.settings,
        );
        for (t, hit) in self.tracks.iter_mut().zip(&matched) {
            if *hit {
                (t.missed_s, t.away_s) = (0.0, 0.0);
            } else {
                let (cx, cy) = t.bbox.centre();
                let centre = Vector2::new(f64::from(cx), f64::from(cy));
                t.state = if view.holds(centre, 2.0) {
                    TrackState::Coasting
                } else {
                    TrackState::Unobserved
                };
                if gap || t.state == TrackState::Unobserved {
                    t.away_s += dt;
                } else {
                    t.missed_s += dt;
                }
            }
        }
        self.believe(input.t, view);
        drop_doubles(&mut self.tracks, input.t, dt);
        self.bury(input.t, report.frame, Some(view), out);
        self.born(input.t, view, &report.detections, &taken);
        for i in 0..self.tracks.len() {
            let t = &self.tracks[i];
            if !t.confirmed {
                continue;
            }
            out.points
                .push(self.point(t, report.frame, Some(view), t.state));
            let watch = self.watch(t, input.t, view);
            self.tracks[i].watched = watch.is_some();
            out.attention.watches.extend(watch);
        }
        out.points.sort_by_key(|p| p.track);
        out.colours = self.colours(input.t, view);
        out.attention.outlines = self
            .tracks
            .iter()
            .filter_map(|t| outline::ask(t, input.t, view))
            .collect();
        out.attention.trials = self
            .tracks
            .iter()
            .filter_map(|t| trial(t, input.t, view))
            .collect();
    }

    fn id(&self, t: &Track) -> TrackId {
        TrackId {
            feed: self.feed,
            n: t.n,
        }
    }

    /// Gives detections to the confirmed tracks, or to the candidates.
    fn associate(
        &mut self,
        confirmed: bool,
        now: Micros,
        view: &View,
        report: &FrameReport,
        taken: &mut [bool],
        matched: &mut [bool],
    ) {
        // What goes with an outline is of its track, and it needs no more to be seen.
        for (t, matched) in self.tracks.iter_mut().zip(matched.iter_mut()) {
            let Some(b) = t.outline.filter(|_| t.confirmed == confirmed) else {
                continue;
            };
            let all = grown(&b, OF_OUTLINE);
            let mut shows = t.confirmed && now.since(t.shown) < SHOWS_S;
            for (d, taken) in report.detections.iter().zip(taken.iter_mut()) {
                let (x, y) = d.bbox.centre();
                let inside = x > all.x && y > all.y && x < all.x + all.w && y < all.y + all.h;
                if inside && d.bbox.area() < 1.5 * all.area() {
                    (*taken, shows) = (true, true);
                    t.shown = now;
                }
            }
            if !shows {
                t.outline = None;
                continue;
            }
            observe(t, &b, now, view, &self.settings);
            *matched = true;
        }
        let rows: Vec<usize> = (0..self.tracks.len())
            .filter(|i| {
                let t = &self.tracks[*i];
                t.confirmed == confirmed
                    && t.outline.is_none()
                    && !self.is_gone(t, view)
                    && !self.is_parked(t, view)
            })
            .collect();
        let columns: Vec<usize> = (0..taken.len()).filter(|i| !taken[*i]).collect();
        let costs: Vec<Vec<f64>> = rows
            .iter()
            .map(|r| {
                columns
                    .iter()
                    .map(|c| self.cost(&self.tracks[*r], &report.detections[*c], report, view))
                    .collect()
            })
            .collect();
        let pairs = assign(rows.len(), columns.len(), self.settings.gate, |i, j| {
            costs[i][j]
        });
        for (i, j) in pairs.iter().enumerate() {
            if let Some(j) = j {
                taken[columns[*j]] = true;
            }
            matched[rows[i]] = j.is_some();
        }
        for (i, j) in pairs.iter().enumerate() {
            let Some(j) = j else { continue };
            let track = &self.tracks[rows[i]];
            let mut bbox = report.detections[columns[*j]].bbox;
            if confirmed {
                bbox = gather(track, bbox, &report.detections, taken);
            }
            observe(&mut self.tracks[rows[i]], &bbox, now, view, &self.settings);
        }
    }

    /// Distance of a detection from a track; infinite when it can't be it.
    fn cost(&self, t: &Track, d: &Detection, report: &FrameReport, view: &View) -> f64 {
        let ratio = (f64::from(d.bbox.area()).max(1.0) / (t.size.0 * t.size.1).max(1.0)).ln();
        let standing = t.state == TrackState::Stopped;
        if standing {
            // Somebody who walks past a parked truck is not the truck, and as long as the truck is
            // recognised in its place, nothing else is it either.
            let id = self.id(t);
            let there = report
                .holds
                .iter()
                .any(|h| h.track == id && h.likeness > 0.75);
            if ratio < -1.2 || there {
                return f64::INFINITY;
            }
        }
        let Some((z, r)) = place(t, &d.bbox, view, &self.settings) else {
            return f64::INFINITY;
        };
        if (z - t.kalman.p).norm() > self.settings.reach * unit(view, t) {
            return f64::INFINITY;
        }
        t.kalman.distance2(z, &r) + 1.2 * ratio * ratio
    }

    /// Turns candidates that have moved for real into tracks.
    fn believe(&mut self, now: Micros, view: &View) {
        for i in 0..self.tracks.len() {
            let t = &self.tracks[i];
            if !t.confirmed
                && has_moved(t, now, view, &self.settings)
                && !belongs_to_another(t, &self.tracks)
                && !self.is_restless(t.kalman.p, view, now)
            {
                self.tracks[i].confirmed = true;
                self.tracks[i].n = self.next;
                self.next = self.next.saturating_add(1);
            }
        }
    }

    /// True where something always moves.
    fn is_restless(&self, p: Vector2<f64>, view: &View, now: Micros) -> bool {
        self.restless.at(p, view.placed, now) > self.settings.restless_s
    }

    /// Removes what has not been seen for too long.
    fn bury(&mut self, now: Micros, frame: u64, view: Option<&View>, out: &mut TrackFrame) {
        let s = &self.settings;
        let mut kept = Vec::with_capacity(self.tracks.len());
        for t in std::mem::take(&mut self.tracks) {
            let scale = view.map_or(1.0, |v| unit(v, &t));
            let standing = t.kalman.v.norm() < 0.5;
            let vague = (0.5 * t.kalman.pp.trace()).sqrt() > s.unobserved_m * scale;
            let refuted = t.proof.n >= Proof::MEMORY && t.proof.slow < s.refuted_gain;
            let keep = if !t.confirmed {
                now.since(t.seen) <= s.candidate_gap_s
            } else if t.tall || (refuted && s.proof_verdicts > 0) {
                false
            } else if t.unverified(s, scale) {
                now.since(t.seen) <= s.parked_s
            } else if t.state == TrackState::Unobserved && t.stands(scale) {
                t.away_s <= s.parked_s
            } else if t.state == TrackState::Unobserved {
                t.away_s <= s.unobserved_s && !vague
            } else if standing {
                t.missed_s <= s.stopped_gap_s
            } else {
                // Who has been seen for a moment only is not waited for long.
                t.missed_s <= s.coast_s.min(0.4 + 0.05 * f64::from(t.hits)) && !vague
            };
            if keep {
                kept.push(t);
            } else if t.confirmed {
                out.points
                    .push(self.point(&t, frame, view, TrackState::Ended));
            }
        }
        self.tracks = kept;
    }

    fn end_all(&mut self, frame: u64, out: &mut TrackFrame) {
        for t in std::mem::take(&mut self.tracks) {
            if t.confirmed {
                out.points
                    .push(self.point(&t, frame, None, TrackState::Ended));
            }
        }
    }

    /// New candidates from what nobody took.
    fn born(&mut self, now: Micros, view: &View, detections: &[Detection], taken: &[bool]) {
        for (d, taken) in detections.iter().zip(taken) {
            let (cx, cy) = d.bbox.centre();
            if *taken || ground(&d.bbox, view).is_none_or(|p| self.is_restless(p, view, now)) {
                continue;
            }
            let inside = self.tracks.iter().any(|t| {
                let b = &t.bbox;
                // Whoever walks over a parked vehicle is somebody else; what drives off is known by how it leaves.
                t.confirmed
                    && !self.is_parked(t, view)
                    && cx > b.x
                    && cx < b.x + b.w
                    && cy > b.y
                    && cy < b.y + b.h
                    && d.bbox.area() < 1.2 * b.area()
            });
            if inside {
                continue;
            }
            let mut t = Track {
                n: 0,
                key: self.keys,
                look: Look::default(),
                proof: Proof::default(),
                trail: VecDeque::new(),
                kalman: Kalman::new(Vector2::zeros(), &Matrix2::identity(), 0.0),
                size: (f64::from(d.bbox.w), f64::from(d.bbox.h)),
                bbox: d.bbox,
                born: now,
                birthplace: Vector2::zeros(),
                hits: 1,
                frames: 1,
                seen: now,
                confirmed: false,
                state: TrackState::Seen,
                log_class: [0.0; 4],
                log_shade: 0.0,
                heading: 0.0,
                doubled_s: 0.0,
                mark: (now, Vector2::zeros()),
                way: 0.0,
                ranged: 0.0,
                detected: now,
                last: (Vector2::zeros(), Vector2::zeros()),
                held: false,
                held_s: 0.0,
                height: None,
                tall: false,
                shown: now,
                sides: None,
                outline: None,
                outlines: 0,
                watched: false,
                missed_s: 0.0,
                away_s: 0.0,
            };
            self.keys = self.keys.wrapping_add(1);
            if let Some((z, r)) = place(&t, &d.bbox, view, &self.settings) {
                t.trail.push_back((now, d.bbox, z));
                t.kalman = Kalman::new(z, &r, 6.0 * unit(view, &t));
                t.birthplace = z;
                t.last.0 = z;
                t.mark.1 = z;
                self.tracks.push(t);
            }
        }
    }

    fn point(&self, t: &Track, frame: u64, view: Option<&View>, state: TrackState) -> TrackPoint {
        let placed = match view {
            Some(v) => v.placed,
            None => self.was_placed == Some(true),
        };
        let k = &t.kalman;
        let ground = placed.then(|| {
            let up = view.map_or(0.0, |v| v.up);
            let g: Geodetic = self.frame.to_geodetic(&Vector3::new(k.p.x, k.p.y, up));
            let (cx, cy) = t.bbox.centre();
            let px = Vector2::new(f64::from(cx), f64::from(cy));
            let common = view.map_or_else(Cov2::zeros, |v| v.common(px));
            let noise = view.map_or(0.0, |v| v.noise_m);
            // Of all that it may be: the place rests on what it is taken for.
            let kinds = KINDS.iter().zip(class_weights(t));
            let foot: f64 = kinds.map(|(k, w)| w * foot_variance(*k)).sum();
            let random = k.pp + Matrix2::identity() * (noise * noise + foot);
            GroundFix {
                e: k.p.x,
                n: k.p.y,
                lat: g.lat_deg(),
                lon: g.lon_deg(),
                cov_random: flat(&random),
                cov_common: flat(&common),
                ve: k.v.x,
                vn: k.v.y,
            }
        });
        let (class, class_p) = class_of(t, placed);
        TrackPoint {
            track: self.id(t),
            frame,
            state,
            bbox: t.bbox,
            ground,
            anchored: (!placed).then_some([k.p.x, k.p.y]),
            class,
            class_p,
            p: 1.0 - 0.5f32.powf(t.hits.min(60) as f32 / 6.0),
            look: look_of(t, placed),
        }
    }

    fn coverage(&self, frame: u64, view: Option<&View>, tracking: bool) -> Coverage {
        let corners = view.filter(|v| v.placed).and_then(View::corners);
        let lon_lat = |p: &Vector2<f64>, up: f64| {
            let g = self.frame.to_geodetic(&Vector3::new(p.x, p.y, up));
            [g.lon_deg(), g.lat_deg()]
        };
        let up = view.map_or(0.0, |v| v.up);
        Coverage {
            frame,
            footprint: corners.map(|c| c.map(|p| [p.x, p.y])),
            footprint_lon_lat: corners.map(|c| c.map(|p| lon_lat(&p, up))),
            sensor: view.and_then(|v| v.camera).map(|(c, _)| {
                let g = self.frame.to_geodetic(&c);
                [g.lon_deg(), g.lat_deg(), g.hae_m]
            }),
            ground_m: corners.map(|_| self.frame.to_geodetic(&Vector3::new(0.0, 0.0, up)).hae_m),
            size: view.map(|v| (v.size.0 as u32, v.size.1 as u32)),
            tracking,
        }
    }
}

fn flat(m: &Cov2) -> [f64; 4] {
    [m[(0, 0)], m[(0, 1)], m[(1, 0)], m[(1, 1)]]
}
