//! Which tracks are the same thing: seen by several feeds, or found again after a break.
//!
//! [`Fuse`] gives each point the name of its subject: the track it was first known by. A track that
//! appears near another feed's track and goes with it is that one's subject (track-to-track
//! association with a common error, Bar-Shalom, Li & Kirubarajan 2001, ch. 8); one that is born
//! where and when another of its feed ended takes that one's up. The end of a track is held back
//! until it can't be taken up any more, so that nobody is said to be lost who is found again.
//!
//! Event time only, in total order, over ordered maps: the same points give the same subjects.

use atalaya_geo::{Matrix2, Vector2};
use atalaya_model::{Class, FeedIx, GroundFix, Micros, Stamped, TrackId, TrackPoint, TrackState};
use std::collections::BTreeMap;

/// A track without any word for this long is over, seconds: its end was kept from us.
const STALE_S: f64 = 60.0;

/// The numbers of fusing.
#[derive(Clone, Debug, PartialEq)]
pub struct FuseSettings {
    /// Longest break that is bridged for a vehicle, seconds.
    pub relink_vehicle_s: f64,
    /// Longest break that is bridged for a person or what is not known, seconds: far below the five
    /// minutes beyond which nobody on foot may be linked.
    pub relink_person_s: f64,
    /// Farthest from the predicted place that a track is taken up, metres.
    pub relink_m: f64,
    /// Acceleration that widens the prediction, m/s² (one sigma).
    pub accel: f64,
    /// Squared Mahalanobis distance up to which two places are one (chi-square with two degrees of
    /// freedom).
    pub gate: f64,
    /// Farthest two feeds may see the same thing apart, metres.
    pub same_m: f64,
    /// Largest difference of velocity of the same thing, m/s.
    pub same_speed: f64,
    /// Time for which two feeds must agree before their tracks are one, seconds.
    pub agree_s: f64,
}

impl Default for FuseSettings {
    fn default() -> Self {
        Self {
            relink_vehicle_s: 6.0,
            relink_person_s: 4.0,
            relink_m: 8.0,
            accel: 1.0,
            gate: 9.21,
            same_m: 5.0,
            same_speed: 1.5,
            agree_s: 0.6,
        }
    }
}

/// A point and the subject it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    /// The subject: the name of the first track it was known by.
    pub subject: TrackId,
    /// The point, under its own track's name. [`TrackState::Ended`] only once the subject is over.
    pub point: TrackPoint,
    /// The name the track went by until now, when this point shows that it is another's subject:
    /// what was said of that name is about a double and to be forgotten.
    pub renamed: Option<TrackId>,
}

impl Fused {
    /// The point under the name of its subject.
    pub fn named(&self) -> TrackPoint {
        TrackPoint {
            track: self.subject,
            ..self.point.clone()
        }
    }
}

#[derive(Clone, Debug)]
struct Known {
    subject: TrackId,
    feed: FeedIx,
    t: Micros,
    point: TrackPoint,
    /// When its end was said, if it was.
    ended: Option<Stamped<TrackPoint>>,
    /// The track of another feed it goes with, and since when.
    beside: Option<(TrackId, Micros)>,
}

/// Names subjects; one instance for all feeds of an operation.
#[derive(Clone, Debug, Default)]
pub struct Fuse {
    settings: FuseSettings,
    tracks: BTreeMap<TrackId, Known>,
}

impl Fuse {
    /// With these settings.
    pub fn new(settings: FuseSettings) -> Self {
        Self {
            settings,
            tracks: BTreeMap::new(),
        }
    }

    /// A point, in total order; gives it back with its subject. An end is kept until
    /// [`Fuse::advance`] gives it.
    pub fn push(&mut self, input: &Stamped<TrackPoint>) -> Option<Fused> {
        let p = &input.body;
        if p.state == TrackState::Ended {
            if let Some(k) = self.tracks.get_mut(&p.track) {
                k.ended = Some(input.clone());
            }
            return None;
        }
        let mut known = match self.tracks.remove(&p.track) {
            Some(k) => k,
            None => Known {
                subject: self.taken_up(input).unwrap_or(p.track),
                feed: input.feed,
                t: input.t,
                point: p.clone(),
                ended: None,
                beside: None,
            },
        };
        known.t = input.t;
        known.point = p.clone();
        let before = known.subject;
        if before == p.track && p.state.is_observed() {
            self.beside(&mut known);
        }
        let subject = known.subject;
        self.tracks.insert(p.track, known);
        Some(Fused {
            subject,
            point: p.clone(),
            renamed: (subject != before).then_some(before),
        })
    }

    /// Gives the ends that are due at `now`, stamped so: of tracks that nothing took up in time, when
    /// no other track of the same subject goes on.
    pub fn advance(&mut self, now: Micros) -> Vec<Stamped<Fused>> {
        self.close(now, |k, patience| match &k.ended {
            Some(e) => now.since(e.t) > patience,
            None => now.since(k.t) > STALE_S,
        })
    }

    /// The end of the input at `now`: all ends that are still kept.
    pub fn finish(&mut self, now: Micros) -> Vec<Stamped<Fused>> {
        self.close(now, |k, _| k.ended.is_some())
    }

    fn close(&mut self, now: Micros, due: impl Fn(&Known, f64) -> bool) -> Vec<Stamped<Fused>> {
        let over: Vec<TrackId> = self
            .tracks
            .iter()
            .filter(|(_, k)| due(k, self.patience(&k.point)))
            .map(|(id, _)| *id)
            .collect();
        let mut out = Vec::new();
        for id in over {
            let Some(k) = self.tracks.remove(&id) else {
                continue;
            };
            if self.tracks.values().any(|o| o.subject == k.subject) {
                continue;
            }
            let (seq, point) = match k.ended {
                Some(e) => (e.seq, e.body),
                None => (
                    0,
                    TrackPoint {
                        state: TrackState::Ended,
                        ..k.point
                    },
                ),
            };
            out.push(Stamped {
                t: now,
                feed: k.feed,
                seq,
                body: Fused {
                    subject: k.subject,
                    point,
                    renamed: None,
                },
            });
        }
        out
    }

    /// How long an ended track may be taken up.
    fn patience(&self, p: &TrackPoint) -> f64 {
        if p.class.is_vehicle() {
            self.settings.relink_vehicle_s
        } else {
            self.settings.relink_person_s
        }
    }

    /// The subject of the ended track that a new one takes up: the nearest that fits.
    fn taken_up(&mut self, input: &Stamped<TrackPoint>) -> Option<TrackId> {
        let s = &self.settings;
        let new = input.body.ground?;
        let mut best: Option<(f64, TrackId, TrackId)> = None;
        for (id, k) in &self.tracks {
            let Some(old) = k.point.ground.filter(|_| k.feed == input.feed) else {
                continue;
            };
            let gap = input.t.since(k.t);
            let silent = k.ended.is_some() || k.point.state == TrackState::Coasting;
            if !silent || gap > self.patience(&k.point) || !alike(k.point.class, input.body.class) {
                continue;
            }
            let predicted = place(&old) + velocity(&old) * gap;
            // It may as well have stopped at once.
            let stayed = place(&old);
            let y = [predicted, stayed]
                .map(|p| place(&new) - p)
                .into_iter()
                .min_by(|a, b| a.norm().total_cmp(&b.norm()))?;
            let spread = 0.5 * s.accel * gap * gap + 0.5;
            let cov = random(&old) + random(&new) + Matrix2::identity() * spread * spread;
            let Some(d2) = mahalanobis2(y, cov) else {
                continue;
            };
            if y.norm() <= s.relink_m && d2 <= s.gate && best.is_none_or(|(least, ..)| d2 < least) {
                best = Some((d2, *id, k.subject));
            }
        }
        let (_, id, subject) = best?;
        // Taken up: its end is not an end.
        if let Some(k) = self.tracks.get(&id)
            && k.ended.is_some()
        {
            self.tracks.remove(&id);
        }
        Some(subject)
    }

    /// Whether a track goes with one of another feed; after a while it is that one's subject.
    fn beside(&self, known: &mut Known) {
        let s = &self.settings;
        let Some(a) = known.point.ground else { return };
        let mut best: Option<(f64, TrackId, TrackId)> = None;
        for (id, o) in &self.tracks {
            let older = o.subject < known.subject || o.feed < known.feed;
            if o.feed == known.feed
                || !older
                || o.ended.is_some()
                || !o.point.state.is_observed()
                || !alike(o.point.class, known.point.class)
            {
                continue;
            }
            let Some(b) = o.point.ground else { continue };
            let apart = known.t.since(o.t);
            if apart.abs() > 0.5 {
                continue;
            }
            let y = place(&a) - (place(&b) + velocity(&b) * apart);
            // Feeds of one aircraft share most of the common error; its full size bounds it.
            let cov = random(&a) + random(&b) + common(&a);
            if y.norm() > s.same_m || (velocity(&a) - velocity(&b)).norm() > s.same_speed {
                continue;
            }
            // One subject has one track of a feed at a time.
            let doubled = self
                .tracks
                .values()
                .any(|t| t.subject == o.subject && t.feed == known.feed && t.ended.is_none());
            if let Some(d2) = mahalanobis2(y, cov)
                && d2 <= s.gate
                && !doubled
                && best.is_none_or(|(least, ..)| d2 < least)
            {
                best = Some((d2, *id, o.subject));
            }
        }
        known.beside = match (best, known.beside) {
            (Some((_, id, subject)), Some((was, since))) if id == was => {
                if known.t.since(since) >= s.agree_s {
                    known.subject = subject;
                }
                Some((was, since))
            }
            (Some((_, id, _)), _) => Some((id, known.t)),
            (None, _) => None,
        };
    }
}

/// Kinds that may be the same thing.
fn alike(a: Class, b: Class) -> bool {
    let open = |c: Class| matches!(c, Class::Unknown | Class::Other);
    open(a) || open(b) || a.is_vehicle() == b.is_vehicle()
}

fn place(g: &GroundFix) -> Vector2<f64> {
    Vector2::new(g.e, g.n)
}

fn velocity(g: &GroundFix) -> Vector2<f64> {
    Vector2::new(g.ve, g.vn)
}

fn random(g: &GroundFix) -> Matrix2<f64> {
    let [a, b, c, d] = g.cov_random;
    Matrix2::new(a, b, c, d)
}

fn common(g: &GroundFix) -> Matrix2<f64> {
    let [a, b, c, d] = g.cov_common;
    Matrix2::new(a, b, c, d)
}

fn mahalanobis2(y: Vector2<f64>, cov: Matrix2<f64>) -> Option<f64> {
    cov.try_inverse()
        .map(|inv| (y.transpose() * inv * y)[(0, 0)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::PixelBox;

    fn point(feed: u16, n: u32, e: f64, v: f64, class: Class, state: TrackState) -> TrackPoint {
        TrackPoint {
            track: TrackId {
                feed: FeedIx(feed),
                n,
            },
            frame: 1,
            state,
            bbox: PixelBox::default(),
            ground: Some(GroundFix {
                e,
                n: 0.0,
                lat: 0.0,
                lon: 0.0,
                cov_random: [0.5, 0.0, 0.0, 0.5],
                cov_common: [1.0, 0.0, 0.0, 1.0],
                ve: v,
                vn: 0.0,
            }),
            anchored: None,
            class,
            class_p: 0.9,
            p: 0.9,
        }
    }

    fn at(ms: i64, p: TrackPoint) -> Stamped<TrackPoint> {
        Stamped {
            t: Micros(ms * 1000),
            feed: p.track.feed,
            seq: ms as u64,
            body: p,
        }
    }

    fn id(feed: u16, n: u32) -> TrackId {
        TrackId {
            feed: FeedIx(feed),
            n,
        }
    }

    /// A car at 8 m/s from `from` to `to` (ms), by track `n`; gives the subjects.
    fn drive(f: &mut Fuse, n: u32, from: i64, to: i64) -> Vec<TrackId> {
        let mut subjects = Vec::new();
        for ms in (from..to).step_by(100) {
            let p = point(0, n, 0.008 * ms as f64, 8.0, Class::Car, TrackState::Seen);
            subjects.push(f.push(&at(ms, p)).unwrap().subject);
        }
        subjects
    }

    fn end(f: &mut Fuse, n: u32, ms: i64, class: Class) {
        let p = point(0, n, 0.008 * ms as f64, 8.0, class, TrackState::Ended);
        assert_eq!(f.push(&at(ms, p)), None);
    }

    #[test]
    fn a_track_found_again_keeps_its_subject_and_is_not_said_to_be_over() {
        let mut f = Fuse::default();
        drive(&mut f, 1, 0, 3000);
        end(&mut f, 1, 3000, Class::Car);
        assert!(f.advance(Micros(5_000_000)).is_empty());
        let again = drive(&mut f, 2, 5000, 6000);
        assert!(again.iter().all(|s| *s == id(0, 1)));
        assert!(f.advance(Micros(20_000_000)).is_empty());
        end(&mut f, 2, 20_000, Class::Car);
        let over = f.advance(Micros(30_000_000));
        assert_eq!(over.len(), 1);
        assert_eq!((over[0].body.subject, over[0].t.0), (id(0, 1), 30_000_000));
    }

    #[test]
    fn too_late_too_far_or_of_another_kind_is_somebody_else() {
        for (n, from, class) in [(2, 12_000, Class::Car), (3, 5000, Class::Person)] {
            let mut f = Fuse::default();
            drive(&mut f, 1, 0, 3000);
            end(&mut f, 1, 3000, Class::Car);
            let e = 0.008 * from as f64;
            let p = point(0, n, e, 8.0, class, TrackState::Seen);
            assert_eq!(f.push(&at(from, p)).unwrap().subject, id(0, n));
        }
        let mut f = Fuse::default();
        drive(&mut f, 1, 0, 3000);
        end(&mut f, 1, 3000, Class::Car);
        let p = point(0, 2, 90.0, 8.0, Class::Car, TrackState::Seen);
        assert_eq!(f.push(&at(4000, p)).unwrap().subject, id(0, 2));
    }

    #[test]
    fn two_feeds_that_agree_are_one_subject_and_the_double_is_named() {
        let mut f = Fuse::default();
        let mut renamed = Vec::new();
        let mut last = None;
        for ms in (0..2000).step_by(100) {
            let e = 0.005 * ms as f64;
            let eo = point(0, 4, e, 5.0, Class::Pickup, TrackState::Seen);
            assert_eq!(f.push(&at(ms, eo)).unwrap().subject, id(0, 4));
            let ir = point(1, 9, e + 1.5, 5.2, Class::Unknown, TrackState::Seen);
            let fused = f.push(&at(ms, ir)).unwrap();
            renamed.extend(fused.renamed);
            assert_eq!(fused.named().track, fused.subject);
            last = Some(fused.subject);
        }
        assert_eq!(renamed, [id(1, 9)]);
        assert_eq!(last, Some(id(0, 4)));
        // One feed loses it: the subject goes on with the other.
        let gone = point(0, 4, 10.0, 5.0, Class::Pickup, TrackState::Ended);
        f.push(&at(2000, gone));
        assert!(f.advance(Micros(15_000_000)).is_empty());
    }

    #[test]
    fn two_feeds_that_part_stay_two() {
        let mut f = Fuse::default();
        for ms in (0..3000).step_by(100) {
            let a = point(0, 1, 0.0, 0.0, Class::Unknown, TrackState::Seen);
            f.push(&at(ms, a));
            let b = point(
                1,
                1,
                0.004 * ms as f64,
                4.0,
                Class::Unknown,
                TrackState::Seen,
            );
            assert_eq!(f.push(&at(ms, b)).unwrap().subject, id(1, 1));
        }
    }
}
