//! Velocity a moment ago, by a straight line through the fixes around it.
//!
//! A filter knows only what was before: it lags behind every turn. A second later the fixes on both sides
//! are there, and weighted least squares over a window gives a velocity without lag, and its error. The window is as
//! short as the error allows: half a second for a good fix at a good pace, seconds for a far vehicle that
//! creeps.

use atalaya_geo::Vector2;
use atalaya_model::Micros;
use std::collections::VecDeque;

/// Seconds between velocities.
const STEP_S: f64 = 0.2;
/// Half the width of the windows tried, seconds.
const HALVES_S: [f64; 4] = [0.35, 0.55, 0.8, 1.2];
/// A window is wide enough at this error, m/s, or at this share of the speed.
const ENOUGH: f64 = 0.2;
const ENOUGH_SHARE: f64 = 0.1;
/// Fixes nearer in time than this have their errors in common, seconds.
const ALIKE_S: f64 = 0.2;
/// No velocity across a gap of more than this, seconds.
const GAP_S: f64 = 2.5;
/// Fixes kept.
const MOST: usize = 512;

/// A velocity at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Velocity {
    /// When.
    pub t: Micros,
    /// Where, metres, and its one-sigma error per axis.
    pub at: Vector2<f64>,
    /// Error of the place.
    pub sigma_m: f64,
    /// Metres a second.
    pub v: Vector2<f64>,
    /// One-sigma error per axis, m/s.
    pub v_sigma: f64,
}

/// The fixes around a moment.
#[derive(Clone, Debug, Default)]
pub struct Window {
    fixes: VecDeque<(Micros, Vector2<f64>, f64)>,
    next: Option<Micros>,
}

impl Window {
    /// The next fix; velocities that are now known go to `out`.
    pub fn push(&mut self, t: Micros, at: Vector2<f64>, sigma_m: f64, out: &mut Vec<Velocity>) {
        if self.fixes.back().is_some_and(|f| t.since(f.0) > GAP_S) {
            self.finish(out);
        }
        self.next.get_or_insert(t);
        self.fixes.push_back((t, at, sigma_m.clamp(0.05, 100.0)));
        let widest = HALVES_S[3];
        self.tell(t - Micros::from_secs(widest), out);
        while self.fixes.len() > MOST
            || self
                .fixes
                .front()
                .zip(self.next)
                .is_some_and(|(f, n)| n.since(f.0) > widest + STEP_S)
        {
            self.fixes.pop_front();
        }
    }

    /// No more fixes for now: velocities up to the last one.
    pub fn finish(&mut self, out: &mut Vec<Velocity>) {
        if let Some(last) = self.fixes.back().map(|f| f.0) {
            self.tell(last, out);
        }
        *self = Self::default();
    }

    fn tell(&mut self, until: Micros, out: &mut Vec<Velocity>) {
        while let Some(t) = self.next.filter(|n| *n <= until) {
            let mut best = None;
            for half in HALVES_S {
                best = self.fit(t, half).or(best);
                if best.is_some_and(|b| b.v_sigma <= (ENOUGH_SHARE * b.v.norm()).max(ENOUGH)) {
                    break;
                }
            }
            out.extend(best);
            self.next = Some(t + Micros::from_secs(STEP_S));
        }
    }

    /// A straight line through the fixes within `half` seconds of a moment.
    fn fit(&self, t: Micros, half: f64) -> Option<Velocity> {
        let near = || {
            self.fixes
                .iter()
                .map(move |f| (f.0.since(t), f.1, f.2))
                .filter(move |f| f.0.abs() <= half + 1e-6)
        };
        let (first, last) = (near().next()?, near().next_back()?);
        let n = near().count();
        if n < 3 || last.0 - first.0 < half * 0.8 {
            return None;
        }
        let alike = (ALIKE_S * (n - 1) as f64 / (last.0 - first.0)).max(1.0);
        let (mut w, mut wt, mut wtt) = (0.0, 0.0, 0.0);
        let (mut wp, mut wtp) = (Vector2::zeros(), Vector2::zeros());
        for (dt, p, s) in near() {
            let weight = 1.0 / (s * s * alike);
            w += weight;
            wt += weight * dt;
            wtt += weight * dt * dt;
            wp += p * weight;
            wtp += p * (weight * dt);
        }
        let spread = wtt - wt * wt / w;
        if spread <= 0.0 {
            return None;
        }
        let v = (wtp - wp * (wt / w)) / spread;
        let at = (wp - v * wt) / w;
        Some(Velocity {
            t,
            at,
            sigma_m: (1.0 / w + (wt / w).powi(2) / spread).sqrt(),
            v,
            v_sigma: (1.0 / spread).sqrt(),
        })
    }
}
