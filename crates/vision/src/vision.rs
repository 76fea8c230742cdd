//! Frames in, reports out.

use crate::blobs;
use crate::colour;
use crate::flow::corners;
use crate::hold::{self, Template};
use crate::image::{Gray, Pyramid};
use crate::linked::Links;
use crate::motion::{self, Motion, REFERENCES};
use crate::outline::outline;
use crate::reference::Reference;
use crate::register::{Now, refine, register};
use crate::settings::VisionSettings;
use crate::tie::Ties;
use crate::trial;
use crate::warm::{self, Polarity, WarmSettings};
use atalaya_geo::{Homography, Matrix3};
use atalaya_model::{
    Attention, Class, ColourAsk, Detection, Frame, FrameReport, Hold, Micros, Outline, OutlineAsk,
    PixelBox, Registration, TrackId, Trial, Verdict, Watch,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Pyramid levels used between neighbouring frames; the base is at most 960 wide.
const LEVELS: usize = 4;
/// Share of points that agree with a step found near the one before, at which it is not looked further.
const STEADY: f32 = 0.8;
const BASE_WIDTH: usize = 960;

/// An analysed frame that may be compared with.
struct Past {
    t: Micros,
    smooth: Gray,
    pyramid: Pyramid,
    /// Size of the pyramid's base over that of the display.
    base_scale: f64,
    /// Display pixels of the newest frame to display pixels of this one.
    from_newest: Homography,
}

/// Registers, detects and watches; one instance per feed.
pub struct Vision {
    settings: VisionSettings,
    past: VecDeque<Past>,
    /// The room of a picture that is past comparing.
    spare: Option<Gray>,
    motion: Motion,
    templates: BTreeMap<TrackId, Template>,
    ties: Ties,
    reference: Option<Arc<Reference>>,
    warm: Option<Polarity>,
    links: Option<Links>,
    last_step: Homography,
    overlays: Vec<PixelBox>,
}

impl Vision {
    /// A fresh instance. Nothing is detected within `overlays`: parts of the picture that
    /// symbology is burnt into, display pixels.
    pub fn new(settings: VisionSettings, overlays: Vec<PixelBox>) -> Self {
        Self {
            settings,
            overlays,
            past: VecDeque::new(),
            spare: None,
            motion: Motion::default(),
            templates: BTreeMap::new(),
            ties: Ties::default(),
            reference: None,
            warm: None,
            links: None,
            last_step: Homography::identity(),
        }
    }

    /// With a picture of the ground on which frames are looked for when that is asked.
    pub fn with_reference(self, reference: Option<Arc<Reference>>) -> Self {
        Self { reference, ..self }
    }

    /// Of a thermal camera: what is warm is found too, moving or not.
    pub fn with_warm(self, warm: Option<Polarity>) -> Self {
        Self { warm, ..self }
    }

    /// For use without tracking: detections are linked over frames, scores say how sure it is that
    /// something moves over the ground, and what is sure is shown where it must be when it fails to be
    /// detected for a moment.
    pub fn with_links(self) -> Self {
        Self {
            links: Some(Links::default()),
            ..self
        }
    }

    /// The next frame, and what tracking asks (in pixels of the previous frame). Frames come in order
    /// of time; one that is too small, or damaged beyond its planes, gives an empty report.
    pub fn push(&mut self, frame: &Frame, attention: &Attention) -> FrameReport {
        let mut report = FrameReport {
            frame: frame.id,
            ..FrameReport::default()
        };
        let newest = self.past.back();
        let newest = newest.and_then(|p| Some((p.pyramid.0.first()?, p.base_scale)));
        self.ties.keep(&attention.keys, newest);
        let (width, height) = (frame.width as usize, frame.height as usize);
        let display = frame
            .luma()
            .and_then(|(b, stride)| Gray::from_plane(b, stride, width, height));
        let Some(display) = display.filter(|g| g.w >= 64 && g.h >= 48) else {
            self.forget();
            return report;
        };
        let (work, scale) = shrink(&display, self.settings.max_width);
        let (base, base_scale) = shrink(&display, BASE_WIDTH.min(width / 2).max(320));
        let mut smooth = self.spare.take().unwrap_or_default();
        work.smooth_into(&mut smooth);
        let pyramid = Pyramid::new(base.into_owned(), LEVELS);

        if self.past.back().is_some_and(|p| {
            p.smooth.w != smooth.w
                || p.smooth.h != smooth.h
                || frame.t.since(p.t) > self.settings.max_step_s
                || frame.t <= p.t
        }) {
            self.forget();
        }
        report.verdicts = self.judge(&attention.trials, scale as f32);
        report.outlines = self.outlines(&attention.outlines, scale);
        let [many, fewer] = [1, 2].map(|n| corners(&pyramid.0[0], self.settings.points / n));
        let now = Now {
            pyramid: &pyramid,
            corners: &many,
            fewer: &fewer,
            scale: base_scale,
        };
        let registration = self.past.back().and_then(|before| {
            let s = &self.settings;
            let by = |levels| register(&now, &before.pyramid, &self.last_step, levels, s);
            // A camera that goes on as it went needs no coarse levels.
            by(2).filter(|r| r.inliers >= STEADY).or_else(|| by(LEVELS))
        });
        match &registration {
            Some(r) => self.advance(r),
            None => self.forget(),
        }
        report.registration = registration;
        if let Some(r) = &registration {
            for ask in &attention.ties {
                let s = &self.settings;
                let tie = self.ties.tie(ask, &now, &r.to_previous, s);
                report.ties.extend(tie);
            }
            if let (Some(ask), Some(reference)) = (&attention.reference, &self.reference) {
                let (step, overlays) = (&r.to_previous, &self.overlays);
                report.reference = Some(reference.find(ask, step, &pyramid, base_scale, overlays));
            }
        }

        if let Some(refs) = self.references(frame.t) {
            let maps = refs.map(|i| {
                let (past, s) = (&self.past[i], &self.settings);
                // Measured directly where the chain of steps is a good guess.
                let direct = refine(&now, &past.pyramid, &past.from_newest, s);
                scaled(&direct.map_or(past.from_newest, |r| r.to_previous), scale)
            });
            if let [Some(a), Some(b), Some(c)] = maps {
                let mut maps = [a, b, c].into_iter();
                let refs = refs.map(|i| motion::Reference {
                    img: &self.past[i].smooth,
                    map: maps.next().unwrap_or(a),
                });
                self.motion.compare(&smooth, &refs, &self.settings);
                report.detections = self.detections(&smooth, scale as f32);
            }
        }
        if let (Some(links), Some(r), Some(before)) =
            (&mut self.links, &registration, self.past.back())
            && let Some(to_now) = r.to_previous.inverse()
        {
            links.link(&to_now, frame.t.since(before.t), &mut report.detections);
            // What is shown where it must be may have left the picture, or be about to.
            let (w, h) = (frame.width as f32, frame.height as f32);
            report.detections.retain_mut(|d| clip(&mut d.bbox, w, h));
        }
        if let Some(polarity) = self.warm {
            self.find_warm(&display, polarity, &mut report);
        }
        self.watch(&smooth, scale as f32, &attention.watches, &mut report);

        self.past.push_back(Past {
            t: frame.t,
            smooth,
            pyramid,
            base_scale,
            from_newest: Homography::identity(),
        });
        let keep = 1.2 * self.settings.lags_s[REFERENCES - 1];
        while self.past.len() > 3 && self.past.front().is_some_and(|p| frame.t.since(p.t) > keep) {
            self.spare = self.past.pop_front().map(|p| p.smooth);
        }
        report
    }

    /// The colour of what moves in a part of `frame`, which was pushed last: L*, a*, b*. `None` when it is not
    /// known, as in pictures without colour.
    pub fn colour(&self, frame: &Frame, ask: &ColourAsk) -> Option<[f32; 3]> {
        let now = &self.past.back()?.smooth;
        let (w, h) = (now.w, now.h);
        let excess = &self.motion.excess;
        if excess.len() != w * h || frame.is_grey() {
            return None;
        }
        let (width, height) = (frame.width as usize, frame.height as usize);
        colour::colour(frame, ask, |x, y| {
            excess[(y * h / height) * w + x * w / width] > 0
        })
    }

    /// After a cut nothing earlier can be compared with.
    fn forget(&mut self) {
        self.past.clear();
        self.templates.clear();
        if let Some(links) = &mut self.links {
            links.forget();
        }
        self.last_step = Homography::identity();
    }

    /// Tries moves that are said to end in the newest past frame.
    fn judge(&self, trials: &[Trial], scale: f32) -> Vec<Verdict> {
        let Some(newest) = self.past.back() else {
            return Vec::new();
        };
        trials
            .iter()
            .filter_map(|t| {
                let i = self.past.binary_search_by_key(&t.then, |p| p.t).ok()?;
                let then = &self.past[i];
                trial::judge(t, &then.smooth, &newest.smooth, &then.from_newest, scale)
            })
            .collect()
    }

    /// How far things reach that move in the newest past frame.
    fn outlines(&self, asks: &[OutlineAsk], scale: f64) -> Vec<Outline> {
        let Some(newest) = self.past.back() else {
            return Vec::new();
        };
        asks.iter()
            .filter_map(|a| {
                let i = self.past.binary_search_by_key(&a.then, |p| p.t).ok()?;
                let then = &self.past[i];
                let to_then = scaled(&then.from_newest, scale)?;
                outline(a, &then.smooth, &newest.smooth, &to_then, scale as f32)
            })
            .collect()
    }

    fn advance(&mut self, step: &Registration) {
        self.last_step = step.to_previous;
        self.past
            .retain_mut(|p| match p.from_newest.after(&step.to_previous) {
                Some(h) => {
                    p.from_newest = h;
                    true
                }
                None => false,
            });
    }

    /// Different earlier frames about as old as the lags; newest first. After a cut, as soon as there
    /// are some, ones that are less old: what moves fast is seen at once, what creeps when it has moved.
    fn references(&self, now: Micros) -> Option<[usize; REFERENCES]> {
        let lags = &self.settings.lags_s;
        let reach = now.since(self.past.front()?.t);
        if reach < lags[0] {
            return None;
        }
        let shorter = (reach / lags[REFERENCES - 1]).min(1.0);
        let mut below = self.past.len();
        let mut found = [0; REFERENCES];
        for (lag, found) in lags.iter().zip(&mut found) {
            *found = (0..below)
                .rev()
                .find(|i| now.since(self.past[*i].t) >= 0.9 * lag * shorter)?;
            below = *found;
        }
        Some(found)
    }

    fn detections(&self, img: &Gray, scale: f32) -> Vec<Detection> {
        let s = &self.settings;
        let most = (s.max_share * (img.w * img.h) as f64) as u64;
        let mut found: Vec<Detection> = blobs::find(&self.motion.excess, img.w, img.h)
            .into_iter()
            .filter(|b| {
                b.pixels >= s.min_pixels
                    && u64::from(b.x1 - b.x0) * u64::from(b.y1 - b.y0) <= most
                    && !self.covered(b, scale)
                    && self.motion.resemblance(img, b)
                        < s.resemblance + 1.2 / (b.pixels as f32).sqrt()
            })
            .map(|b| {
                let weight = b.weight as f32 + 2.0 * b.pixels as f32;
                Detection {
                    bbox: PixelBox {
                        x: b.x0 as f32 / scale,
                        y: b.y0 as f32 / scale,
                        w: (b.x1 - b.x0) as f32 / scale,
                        h: (b.y1 - b.y0) as f32 / scale,
                    },
                    score: weight / (weight + 150.0),
                    class: Class::Unknown,
                }
            })
            .collect();
        if found.len() > s.max_detections {
            found.sort_by(|a, b| b.score.total_cmp(&a.score));
            found.truncate(s.max_detections);
        }
        found
    }

    /// In place of what moves, where it is no larger than a person. Motion counts half beside it: people
    /// in thermal pictures are known by their warmth, and a jump of the picture moves, too.
    fn find_warm(&self, display: &Gray, polarity: Polarity, report: &mut FrameReport) {
        let s = WarmSettings::default();
        let larger = |d: &Detection| d.bbox.w.max(d.bbox.h) > s.square as f32 + 4.0;
        report.detections.retain(larger);
        report.detections.iter_mut().for_each(|d| d.score *= 0.5);
        let warm = warm::find(display, polarity, &s);
        let clear = warm.into_iter().filter(|d| {
            let (cx, cy) = d.bbox.centre();
            !self.lies_covered(cx, cy)
        });
        report.detections.extend(clear);
    }

    /// True within the symbology that is burnt into the picture.
    fn covered(&self, b: &blobs::Blob, scale: f32) -> bool {
        let (cx, cy) = (
            0.5 * (b.x0 + b.x1) as f32 / scale,
            0.5 * (b.y0 + b.y1) as f32 / scale,
        );
        self.lies_covered(cx, cy)
    }

    fn lies_covered(&self, x: f32, y: f32) -> bool {
        let covers = |o: &PixelBox| x >= o.x && y >= o.y && x <= o.x + o.w && y <= o.y + o.h;
        self.overlays.iter().any(covers)
    }

    fn watch(&mut self, img: &Gray, scale: f32, watches: &[Watch], report: &mut FrameReport) {
        let wanted: BTreeMap<TrackId, &Watch> = watches.iter().map(|w| (w.track, w)).collect();
        self.templates.retain(|id, _| wanted.contains_key(id));
        let to_now = report.registration.and_then(|r| r.to_previous.inverse());
        for (id, w) in wanted {
            let Some(expected) = to_now.as_ref().and_then(|h| hold::carry(&w.bbox, h)) else {
                continue;
            };
            let moving = report
                .detections
                .iter()
                .any(|d| d.bbox.overlap(&expected) > 0.15 * expected.area());
            // While it is still seen to move its picture is taken anew with every frame, so that the
            // one it is recognised by is of the moment before it stopped.
            if w.detected {
                let before = self.past.back();
                let fresh =
                    before.and_then(|p| Template::take(&p.smooth, &scaled_box(&w.bbox, scale)));
                if let Some(t) = fresh {
                    self.templates.insert(id, t);
                }
            }
            if let Some(t) = self.templates.get_mut(&id) {
                if let Some((bbox, likeness)) =
                    hold::look(t, img, &expected, scale, (moving, w.parked), &self.settings)
                {
                    report.holds.push(Hold {
                        track: id,
                        bbox,
                        likeness,
                    });
                }
            } else {
                if let Some(t) = Template::take(img, &scaled_box(&expected, scale)) {
                    self.templates.insert(id, t);
                    report.holds.push(Hold {
                        track: id,
                        bbox: expected,
                        likeness: 1.0,
                    });
                }
            }
        }
    }
}

/// Keeps what of a box lies in the picture; false when that is less than half.
fn clip(b: &mut PixelBox, w: f32, h: f32) -> bool {
    let whole = b.area();
    let (x, y) = (b.x.max(0.0), b.y.max(0.0));
    (b.w, b.h) = ((b.x + b.w).min(w) - x, (b.y + b.h).min(h) - y);
    (b.x, b.y) = (x, y);
    b.w >= 1.0 && b.h >= 1.0 && b.area() >= 0.5 * whole
}

/// A box of display pixels in working pixels.
fn scaled_box(b: &PixelBox, scale: f32) -> PixelBox {
    PixelBox {
        x: b.x * scale,
        y: b.y * scale,
        w: b.w * scale,
        h: b.h * scale,
    }
}

/// Halved until at most `max_width` wide; and the factor.
fn shrink(img: &Gray, max_width: usize) -> (Cow<'_, Gray>, f64) {
    let mut scale = 1.0;
    let mut out = Cow::Borrowed(img);
    while out.w > max_width && out.h >= 96 {
        out = Cow::Owned(out.half());
        scale *= 0.5;
    }
    (out, scale)
}

/// A map of display pixels as a map of working pixels.
fn scaled(h: &Homography, scale: f64) -> Option<Homography> {
    scaled_map(h, scale, scale)
}

/// A map of display pixels as a map of pixels at `from` of display size to pixels at `to` of it.
pub fn scaled_map(h: &Homography, from: f64, to: f64) -> Option<Homography> {
    let size = |k: f64| Matrix3::new(k, 0.0, 0.0, 0.0, k, 0.0, 0.0, 0.0, 1.0);
    Homography::from_matrix(size(to) * h.matrix() * size(from).try_inverse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_cut_at_the_pictures_edge_or_gone() {
        let at = |x, y| PixelBox {
            x,
            y,
            w: 10.0,
            h: 8.0,
        };
        let mut b = at(-2.0, 94.0);
        assert!(clip(&mut b, 100.0, 100.0));
        assert_eq!((b.x, b.y, b.w, b.h), (0.0, 94.0, 8.0, 6.0));
        assert!(!clip(&mut at(96.0, 50.0), 100.0, 100.0));
        assert!(!clip(&mut at(-20.0, 50.0), 100.0, 100.0));
    }
}
