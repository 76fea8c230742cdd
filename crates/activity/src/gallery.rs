//! Which frames show a subject: what events point at as their evidence.

use atalaya_model::{EvidenceRef, FrameRef, Micros, PixelBox, TrackId};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Seconds between two frames that are remembered of a subject, and how many of the last are.
const STEP_S: f64 = 1.0;
const RECENT: usize = 90;
/// Frames that are remembered from before those; when there are more, every second is let go.
const EARLIER: usize = 64;
/// Subjects that are remembered; the one unseen for longest goes.
const SUBJECTS: usize = 8_192;

/// A frame that shows a subject.
#[derive(Clone, Debug)]
struct Shot {
    feed: Arc<str>,
    frame: FrameRef,
}

/// All that is remembered of one subject.
#[derive(Clone, Debug)]
struct Shots {
    /// Thinned as they become many: from all of its stay.
    earlier: Vec<Shot>,
    /// Every so many of those that leave `recent` are kept in `earlier`.
    every: usize,
    left: usize,
    recent: VecDeque<Shot>,
    last: Shot,
}

impl Shots {
    fn push(&mut self, shot: Shot) {
        let due = |b: &Shot| shot.frame.t.since(b.frame.t) >= STEP_S || b.feed != shot.feed;
        self.last = shot.clone();
        if !self.recent.back().is_none_or(due) {
            return;
        }
        self.recent.push_back(shot);
        if self.recent.len() <= RECENT {
            return;
        }
        let Some(old) = self.recent.pop_front() else {
            return;
        };
        if self.left.is_multiple_of(self.every) {
            self.earlier.push(old);
        }
        self.left += 1;
        if self.earlier.len() > EARLIER {
            let mut i = 0;
            self.earlier.retain(|_| {
                i += 1;
                i % 2 == 1
            });
            self.every *= 2;
        }
    }

    fn nearest(&self, t: Micros) -> &Shot {
        let all = self.earlier.iter().chain(&self.recent);
        all.chain([&self.last])
            .min_by_key(|s| (s.frame.t.0 - t.0).unsigned_abs())
            .unwrap_or(&self.last)
    }
}

/// Frames of all subjects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gallery {
    of: BTreeMap<TrackId, Shots>,
    feeds: Vec<Arc<str>>,
}

impl Gallery {
    /// A frame of a feed shows a subject.
    pub fn push(&mut self, subject: TrackId, feed: &str, t: Micros, frame: u64, bbox: PixelBox) {
        let feed = match self.feeds.iter().find(|f| &***f == feed) {
            Some(known) => known.clone(),
            None => {
                let new: Arc<str> = feed.into();
                self.feeds.push(new.clone());
                new
            }
        };
        let bbox = Some(bbox);
        let shot = Shot {
            feed,
            frame: FrameRef { frame, t, bbox },
        };
        if let Some(s) = self.of.get_mut(&subject) {
            return s.push(shot);
        }
        if self.of.len() >= SUBJECTS {
            let oldest = self.of.iter().min_by_key(|(_, s)| s.last.frame.t);
            if let Some(oldest) = oldest.map(|(k, _)| *k) {
                self.of.remove(&oldest);
            }
        }
        let shots = Shots {
            earlier: Vec::new(),
            every: 1,
            left: 0,
            recent: VecDeque::from([shot.clone()]),
            last: shot,
        };
        self.of.insert(subject, shots);
    }

    /// The feed that showed a subject last, and when.
    pub fn last(&self, subject: TrackId) -> Option<(&str, Micros)> {
        let s = self.of.get(&subject)?;
        Some((&s.last.feed, s.last.frame.t))
    }

    /// Frames that show a subject at these moments, or next to them: one reference a feed.
    pub fn evidence(&self, subject: TrackId, moments: &[Micros]) -> Vec<EvidenceRef> {
        let Some(shots) = self.of.get(&subject) else {
            return Vec::new();
        };
        let mut by_feed: BTreeMap<&str, Vec<FrameRef>> = BTreeMap::new();
        for t in moments {
            let s = shots.nearest(*t);
            by_feed.entry(&s.feed).or_default().push(s.frame.clone());
        }
        let mut out: Vec<EvidenceRef> = by_feed
            .into_iter()
            .filter_map(|(feed, mut frames)| {
                frames.sort_by_key(|f| f.frame);
                frames.dedup_by_key(|f| f.frame);
                Some(EvidenceRef {
                    samples: None,
                    feed: feed.to_owned(),
                    segment: None,
                    t0: frames.first()?.t,
                    t1: frames.last()?.t,
                    frames,
                })
            })
            .collect();
        out.sort_by_key(|e| e.t0);
        out
    }

    /// What only a double has shown.
    pub fn forget(&mut self, subject: TrackId) {
        self.of.remove(&subject);
    }

    /// Lets go of subjects that were last seen before `t`, but for those that `keep` names.
    pub fn prune(&mut self, t: Micros, keep: impl Fn(TrackId) -> bool) {
        self.of.retain(|k, s| s.last.frame.t >= t || keep(*k));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::FeedIx;

    fn at(s: f64) -> Micros {
        Micros::from_secs(s)
    }

    #[test]
    fn frames_of_a_long_stay_are_kept_from_all_of_it() {
        let mut g = Gallery::default();
        let id = TrackId {
            feed: FeedIx(0),
            n: 1,
        };
        for k in 0..7_200u64 {
            let bbox = PixelBox::default();
            g.push(id, "eo", at(k as f64 * 0.5), k, bbox);
        }
        let kept = g.of.get(&id).map_or(0, |s| s.earlier.len());
        assert!((EARLIER / 2..=EARLIER).contains(&kept), "{kept}");
        for want in [0.0, 1_200.0, 3_000.0] {
            let e = g.evidence(id, &[at(want)]);
            let off = e[0].t0.since(at(want)).abs();
            assert!(off <= 60.0, "{want}: {off} s off");
        }
        // The last minute and a half is kept to the second.
        let e = g.evidence(id, &[at(3_550.0)]);
        assert!(e[0].t0.since(at(3_550.0)).abs() <= 1.0);
    }

    #[test]
    fn frames_of_two_feeds_are_two_references() {
        let mut g = Gallery::default();
        let id = TrackId {
            feed: FeedIx(0),
            n: 1,
        };
        for k in 0..20u64 {
            let feed = if k < 10 { "one" } else { "two" };
            g.push(id, feed, at(k as f64), k, PixelBox::default());
        }
        let e = g.evidence(id, &[at(2.0), at(15.0), at(18.0)]);
        let feeds: Vec<&str> = e.iter().map(|e| e.feed.as_str()).collect();
        assert_eq!(feeds, ["one", "two"]);
        assert_eq!(e[1].frames.len(), 2);
    }
}
