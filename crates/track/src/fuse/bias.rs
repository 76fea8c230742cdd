//! What the feeds' metadata get wrong against each other, learnt from what two of them see.
//!
//! Two tracks of one thing, seen from two aircraft, lie apart by what both metadata get wrong. Each feed
//! knows its own constant errors with a covariance ([`FeedErrors`]), which its own pictures and landmarks
//! make smaller all the time; what pairs of tracks say is independent of that and is kept apart, as
//! information on the errors of all feeds together. The two are joined whenever they are asked for, so that
//! neither is counted twice (sensor registration from common tracks: Bar-Shalom, Willett & Tian 2011,
//! ch. 9; in information form: Mutambara 1998). Nothing here tells of an error that all feeds share: half of
//! a position's variance stays with two feeds, a third with three.

use crate::calibrate::{FeedErrors, RELIEF_M, SHARED};
use atalaya_geo::{DMatrix, DVector, Matrix2, Vector2};
use atalaya_model::{FeedIx, Micros};
use std::collections::{BTreeMap, BTreeSet};

/// After this long a "constant" error may be another one, seconds.
const CONSTANT_S: f64 = 1800.0;
/// Cameras closer together than this, metres, may be those of one aircraft, whose errors are the same …
const ONE_CRAFT_M: f64 = 25.0;
/// … if they are said to be so at the same time, seconds.
const SAME_TIME_S: f64 = 1.0;
/// Most feeds whose errors are learnt together.
const MOST: usize = 16;

/// Where a track lies, and how its feed's errors move it.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The feed.
    pub feed: FeedIx,
    /// Place as the feed gives it.
    pub at: Vector2<f64>,
    /// Covariance that is this track's own.
    pub own: Matrix2<f64>,
    /// How the feed's errors move it; `None` where they are not known.
    pub slopes: Option<DMatrix<f64>>,
    /// Covariance that the feed gives for what its fixes share.
    pub common: Matrix2<f64>,
}

#[derive(Clone, Debug)]
struct Member {
    t: Micros,
    errors: FeedErrors,
    /// Its place among the errors that are learnt together.
    place: Option<usize>,
}

/// The errors of all feeds; one instance per operation.
#[derive(Clone, Debug, Default)]
pub struct Bias {
    members: BTreeMap<FeedIx, Member>,
    /// Pairs of feeds that were seen to be on different aircraft.
    apart: BTreeSet<(FeedIx, FeedIx)>,
    /// What pairs of tracks told.
    information: DMatrix<f64>,
    told: DVector<f64>,
    faded: Option<Micros>,
    /// What follows, until somebody says more: mean less what the feed takes out, and covariance.
    joined: Option<(DVector<f64>, DMatrix<f64>)>,
}

impl Bias {
    /// What a feed knows of itself with a frame.
    pub fn hear(&mut self, feed: FeedIx, t: Micros, errors: &FeedErrors) {
        for (other, m) in &self.members {
            let far = (m.errors.camera - errors.camera).norm() > ONE_CRAFT_M;
            if *other != feed && far && t.since(m.t).abs() < SAME_TIME_S {
                self.apart.insert(pair(feed, *other));
            }
        }
        let place = self.members.get(&feed).and_then(|m| m.place);
        if place.is_some() {
            self.joined = None;
        }
        let errors = errors.clone();
        self.members.insert(feed, Member { t, errors, place });
    }

    /// How a feed's errors move a pixel's ground.
    pub fn slopes(&self, feed: FeedIx, px: Vector2<f64>) -> Option<DMatrix<f64>> {
        self.members.get(&feed).map(|m| m.errors.slopes(px))
    }

    /// True of feeds of different aircraft, whose errors have nothing to do with each other.
    pub fn independent(&self, a: FeedIx, b: FeedIx) -> bool {
        self.apart.contains(&pair(a, b))
    }

    /// True when other feeds told something of this one's errors.
    pub fn knows(&self, feed: FeedIx) -> bool {
        self.members.get(&feed).is_some_and(|m| m.place.is_some())
    }

    /// Learns from two sightings of one thing.
    pub fn learn(&mut self, a: &Sighting, b: &Sighting, t: Micros) {
        let (Some(ea), Some(eb)) = (&a.slopes, &b.slopes) else {
            return;
        };
        let (Some(i), Some(j)) = (self.place(a.feed), self.place(b.feed)) else {
            return;
        };
        let (ma, mb) = (&self.members[&a.feed], &self.members[&b.feed]);
        let uncorrected = |s: &Sighting, e: &DMatrix<f64>, m: &Member| {
            let known = e * DVector::from_row_slice(&m.errors.known);
            s.at + Vector2::new(known[0], known[1])
        };
        let seen = uncorrected(a, ea, ma) - uncorrected(b, eb, mb);
        let noise = a.own + b.own + Matrix2::identity() * (ma.errors.drift + mb.errors.drift);
        let Some(weight) = noise.try_inverse() else {
            return;
        };
        let n = self.told.len();
        let mut rows = DMatrix::zeros(2, n);
        rows.view_mut((0, i), (2, SHARED)).copy_from(ea);
        rows.view_mut((0, j), (2, SHARED)).copy_from(&(-eb));
        let weighted = rows.transpose() * DMatrix::from_fn(2, 2, |r, c| weight[(r, c)]);
        // Errors change within half an hour, and what was told of them fades.
        let dt = self.faded.map_or(0.0, |f| t.since(f)).clamp(0.0, 1e5);
        self.faded = Some(t);
        let keep = (-dt / CONSTANT_S).exp();
        self.information *= keep;
        self.told *= keep;
        self.information += &weighted * rows;
        self.told += weighted * DVector::from_row_slice(&[seen.x, seen.y]);
        self.joined = None;
    }

    /// Where sightings lie without what is known of their feeds' errors, stacked, and the covariance of what
    /// remains of those errors in all of them together.
    pub fn corrected(&mut self, all: &[&Sighting]) -> (Vec<Vector2<f64>>, DMatrix<f64>) {
        self.join();
        let n = 2 * all.len();
        let mut cov = DMatrix::zeros(n, n);
        let mut places = Vec::with_capacity(all.len());
        for (k, s) in all.iter().enumerate() {
            let mut at = s.at;
            let here = self.seat(s);
            match (&here, &self.joined) {
                (Some((seat, e)), Some((off, _))) => {
                    let d = *e * off.rows(*seat, SHARED);
                    at -= Vector2::new(d[0], d[1]);
                }
                _ => cov
                    .view_mut((2 * k, 2 * k), (2, 2))
                    .copy_from(&DMatrix::from_fn(2, 2, |r, c| s.common[(r, c)])),
            }
            places.push(at);
            for (l, o) in all.iter().enumerate().take(k + 1) {
                let (Some((i, a)), Some((j, b))) = (&here, &self.seat(o)) else {
                    continue;
                };
                let Some((_, p)) = &self.joined else { continue };
                let block = *a * p.view((*i, *j), (SHARED, SHARED)) * b.transpose();
                cov.view_mut((2 * k, 2 * l), (2, 2)).copy_from(&block);
                cov.view_mut((2 * l, 2 * k), (2, 2))
                    .copy_from(&block.transpose());
            }
            if let Some((_, e)) = here {
                // What drifts is the feed's own, and what registers leans as it does.
                let drift = self.members.get(&s.feed).map_or(0.0, |m| m.errors.drift);
                let lean = e.column(0) * RELIEF_M;
                let own = &lean * lean.transpose() + DMatrix::identity(2, 2) * drift;
                let mut block = cov.view_mut((2 * k, 2 * k), (2, 2));
                block += own;
            }
        }
        (places, cov)
    }

    /// Where a sighting's feed is among those that are learnt together.
    fn seat<'a>(&self, s: &'a Sighting) -> Option<(usize, &'a DMatrix<f64>)> {
        let at = self.members.get(&s.feed)?.place?;
        Some((at, s.slopes.as_ref()?))
    }

    /// The place of a feed's errors among all; makes one when there is room.
    fn place(&mut self, feed: FeedIx) -> Option<usize> {
        let m = self.members.get_mut(&feed)?;
        if m.place.is_none() {
            let n = self.told.len();
            if n >= MOST * SHARED {
                return None;
            }
            m.place = Some(n);
            self.told = self.told.clone().resize_vertically(n + SHARED, 0.0);
            let all = self.information.clone();
            self.information = all.resize(n + SHARED, n + SHARED, 0.0);
            self.joined = None;
        }
        m.place
    }

    /// Joins what feeds know of themselves with what pairs told: (P^-1 + L)^-1 = (1 + P L)^-1 P, which needs
    /// no inverse of P.
    fn join(&mut self) {
        if self.joined.is_some() || self.told.is_empty() {
            return;
        }
        let n = self.told.len();
        let mut known = DVector::zeros(n);
        let mut p = DMatrix::zeros(n, n);
        for m in self.members.values() {
            let Some(at) = m.place else { continue };
            p.view_mut((at, at), (SHARED, SHARED))
                .copy_from(&m.errors.left);
            known.rows_mut(at, SHARED).copy_from_slice(&m.errors.known);
        }
        let Some(inverse) = (DMatrix::identity(n, n) + &p * &self.information).try_inverse() else {
            return;
        };
        let cov = inverse * &p;
        let cov = (&cov + cov.transpose()) * 0.5;
        let off = &cov * (&self.told - &self.information * known);
        self.joined = Some((off, cov));
    }
}

fn pair(a: FeedIx, b: FeedIx) -> (FeedIx, FeedIx) {
    (a.min(b), a.max(b))
}
