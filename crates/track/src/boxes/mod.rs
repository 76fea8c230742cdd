//! Boxes of a detector to tracks, in the picture alone: no ground, no registration, no pixels.
//!
//! For detections that somebody else vouches for (`atalaya track --mot`). The shape is that of SORT
//! (Bewley et al. 2016): a filter of constant velocity, overlap, assignment. Taken from others: weak
//! detections go on with what strong ones began (ByteTrack, Zhang et al. 2022), lost tracks are looked
//! for with larger boxes (C-BIoU, Yang et al. 2023). Our own: height counts beside overlap, the
//! picture's own motion is the median of what the matched boxes did, a track has to be backed by strong
//! detections as a whole, and what it did before it was believed is told afterwards.

mod overlap;
mod track;

use crate::assign::assign;
use atalaya_geo::Vector2;
use atalaya_model::{Detection, PixelBox};
use overlap::{mismatch, overlap};
use track::BoxTrack;

/// Most boxes of one frame that are looked at, the surest.
pub const MOST_A_FRAME: usize = 500;
/// Most tracks that are followed at once.
const MOST_TRACKS: usize = 1000;
/// Matches that are needed to tell how the picture moved.
const LEAST_PAIRS: usize = 3;

/// The numbers of [`BoxTracker`]. Shares of a box's height stand for lengths, so that they hold for any
/// size of picture; times are seconds, so that they hold for any frame rate.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxSettings {
    /// Score from which a detection is a strong one.
    pub strong: f32,
    /// Least score of a weak one.
    pub weak: f32,
    /// Score from which a detection that nobody takes begins a track.
    pub birth: f32,
    /// Mean score that a whole track needs.
    pub mean_score: f32,
    /// Detections in a row before a track is believed.
    pub hits: usize,
    /// Least overlap (intersection over union) of a strong detection …
    pub overlap: f64,
    /// … of a weak one …
    pub overlap_weak: f64,
    /// … and of one that begins.
    pub overlap_young: f64,
    /// What a unit of log ratio of heights counts, in units of overlap.
    pub height_weight: f64,
    /// How much larger boxes are made, each way, to find lost tracks.
    pub search: f64,
    /// Longest gap that a weak detection ends, seconds.
    pub weak_gap_s: f64,
    /// A track unseen for longer ends, seconds.
    pub lost_s: f64,
    /// Gaps up to this long are filled in between, seconds.
    pub fill_s: f64,
    /// Error of a box's place (one sigma), shares of its height.
    pub place: f64,
    /// Speed to begin with, heights per second.
    pub speed: f64,
    /// Acceleration noise, heights per second squared.
    pub accel: f64,
}

impl Default for BoxSettings {
    fn default() -> Self {
        Self {
            strong: 0.7,
            weak: 0.1,
            birth: 0.9,
            mean_score: 0.85,
            hits: 3,
            overlap: 0.2,
            overlap_weak: 0.4,
            overlap_young: 0.3,
            height_weight: 0.8,
            search: 0.4,
            weak_gap_s: 0.5,
            lost_s: 2.0,
            fill_s: 0.3,
            place: 0.05,
            speed: 0.5,
            accel: 0.6,
        }
    }
}

/// A box of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxRow {
    /// The frame.
    pub frame: u64,
    /// The track's number, from 1 in the order in which they were believed.
    pub track: u32,
    /// Where.
    pub bbox: PixelBox,
    /// Score of the detection; of a filled gap the lower one of its ends.
    pub score: f32,
}

/// Follows boxes from frame to frame.
#[derive(Clone, Debug)]
pub struct BoxTracker {
    settings: BoxSettings,
    tracks: Vec<BoxTrack>,
    rows: Vec<BoxRow>,
    last_s: Option<f64>,
    believed: u32,
}

impl BoxTracker {
    /// With nothing followed yet.
    pub fn new(settings: BoxSettings) -> Self {
        Self {
            settings,
            tracks: Vec::new(),
            rows: Vec::new(),
            last_s: None,
            believed: 0,
        }
    }

    /// The next frame, at `t` seconds.
    pub fn push(&mut self, frame: u64, t: f64, detections: &[Detection]) {
        let dt = (t - self.last_s.unwrap_or(t)).max(0.0);
        self.last_s = Some(t);
        for track in &mut self.tracks {
            track.predict(dt, &self.settings);
        }
        let found = surest(detections);
        self.follow_picture(&found, t, dt);
        let taken = self.associate(frame, t, &found);
        self.bury(t);
        self.begin(frame, t, &found, &taken);
    }

    /// Boxes of all tracks, by frame and number.
    pub fn finish(mut self) -> Vec<BoxRow> {
        for track in std::mem::take(&mut self.tracks) {
            track.tell(&self.settings, &mut self.rows);
        }
        self.rows.sort_by_key(|r| (r.frame, r.track));
        self.rows
    }

    /// Tracks (by their place in the list) and detections that belong together.
    fn pairs(
        &self,
        tracks: &[usize],
        found: &[&Detection],
        free: &[usize],
        least: f64,
        search: f64,
    ) -> Vec<(usize, usize)> {
        let boxes: Vec<PixelBox> = tracks.iter().map(|i| self.tracks[*i].bbox()).collect();
        let weight = self.settings.height_weight;
        let cost = |i: usize, j: usize| {
            let b = &found[free[j]].bbox;
            1.0 - overlap(&boxes[i], b, search) + weight * mismatch(&boxes[i], b)
        };
        assign(tracks.len(), free.len(), 1.0 - least, cost)
            .into_iter()
            .enumerate()
            .filter_map(|(i, j)| Some((tracks[i], free[j?])))
            .collect()
    }

    /// Shifts all tracks by what the picture did beyond their own motion.
    fn follow_picture(&mut self, found: &[&Detection], t: f64, dt: f64) {
        let s = &self.settings;
        let recent = self.which(|k| k.believed() && t - k.seen() < 2.5 * dt);
        let strong = which(found, |d| d.score >= s.strong);
        let pairs = self.pairs(&recent, found, &strong, 0.1, 0.0);
        if pairs.len() < LEAST_PAIRS {
            return;
        }
        let off = pairs
            .iter()
            .map(|(i, j)| self.tracks[*i].off(&found[*j].bbox));
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = off.map(|o| (o.x, o.y)).unzip();
        let shift = Vector2::new(median(&mut x), median(&mut y));
        self.tracks.iter_mut().for_each(|k| k.shift(shift));
    }

    /// Gives detections to tracks; tells which are taken.
    fn associate(&mut self, frame: u64, t: f64, found: &[&Detection]) -> Vec<bool> {
        let s = self.settings.clone();
        let mut taken = vec![false; found.len()];
        let strong = |d: &Detection| d.score >= s.strong;
        let weak = |d: &Detection| !strong(d) && d.score >= s.weak;
        for step in 0..4 {
            let open = |k: &BoxTrack| k.seen() < t;
            let tracks = self.which(|k| match step {
                1 => k.believed() && open(k) && t - k.seen() < s.weak_gap_s,
                3 => !k.believed(),
                _ => k.believed() && open(k),
            });
            let free: Vec<usize> = (0..found.len())
                .filter(|j| {
                    !taken[*j]
                        && if step == 1 {
                            weak(found[*j])
                        } else {
                            strong(found[*j])
                        }
                })
                .collect();
            let (least, search) = match step {
                1 => (s.overlap_weak, 0.0),
                2 => (s.overlap, s.search),
                3 => (s.overlap_young, 0.0),
                _ => (s.overlap, 0.0),
            };
            for (i, j) in self.pairs(&tracks, found, &free, least, search) {
                taken[j] = true;
                self.tracks[i].take(frame, t, found[j], &s);
            }
        }
        taken
    }

    /// Ends what is lost, and what was no track after all.
    fn bury(&mut self, t: f64) {
        let s = &self.settings;
        let mut kept = Vec::with_capacity(self.tracks.len());
        for mut track in std::mem::take(&mut self.tracks) {
            if !track.believed() && track.hits() >= s.hits {
                self.believed = self.believed.saturating_add(1);
                track.believe(self.believed);
            }
            let allowed = if track.believed() { s.lost_s } else { 0.0 };
            if t - track.seen() <= allowed {
                kept.push(track);
            } else {
                track.tell(s, &mut self.rows);
            }
        }
        self.tracks = kept;
    }

    fn begin(&mut self, frame: u64, t: f64, found: &[&Detection], taken: &[bool]) {
        for (d, _) in found
            .iter()
            .zip(taken)
            .filter(|(d, taken)| !**taken && d.score >= self.settings.birth)
        {
            if self.tracks.len() < MOST_TRACKS {
                self.tracks.push(BoxTrack::new(frame, t, d, &self.settings));
            }
        }
    }

    fn which(&self, is: impl Fn(&BoxTrack) -> bool) -> Vec<usize> {
        (0..self.tracks.len())
            .filter(|i| is(&self.tracks[*i]))
            .collect()
    }
}

fn which(found: &[&Detection], is: impl Fn(&Detection) -> bool) -> Vec<usize> {
    (0..found.len()).filter(|j| is(found[*j])).collect()
}

/// The surest that are boxes at all, in their order.
fn surest(detections: &[Detection]) -> Vec<&Detection> {
    let sound = |d: &&Detection| {
        let b = &d.bbox;
        b.w > 0.0 && b.h > 0.0 && [b.x, b.y, b.w, b.h, d.score].iter().all(|v| v.is_finite())
    };
    let mut all: Vec<&Detection> = detections.iter().filter(sound).collect();
    if all.len() > MOST_A_FRAME {
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        all.truncate(MOST_A_FRAME);
    }
    all
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    (values[(n - 1) / 2] + values[n / 2]) / 2.0
}

#[cfg(test)]
mod tests;
