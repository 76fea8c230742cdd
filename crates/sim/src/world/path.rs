//! Ways over the ground: rounded polylines and how vehicles and persons go along them.

use super::actors::{SAMPLE_S, wrap};

/// Length of a step along a way, metres.
const STEP_M: f64 = 0.2;

/// Limits of a mover's motion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Greatest speed, m/s.
    pub speed: f64,
    /// Greatest speed once inside the compound's surroundings, m/s.
    pub speed_inside: f64,
    /// Greatest acceleration and braking, m/s².
    pub accel: f64,
    /// Greatest sideways acceleration, m/s².
    pub lateral: f64,
}

/// Who carries a box walks so much slower, as a share of the speed.
const LADEN: f64 = 0.87;

impl Limits {
    /// The same of one who carries something, or not.
    pub fn with(&self, carries: bool) -> Self {
        let share = if carries { LADEN } else { 1.0 };
        Self {
            speed: self.speed * share,
            speed_inside: self.speed_inside * share,
            ..*self
        }
    }
}

/// One moment on a way: place, direction, way made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub at: [f64; 2],
    pub heading: f64,
    pub way: f64,
}

/// Rounds the corners of a polyline by Chaikin's corner cutting (1974), keeping its ends.
fn rounded(points: &[[f64; 2]], rounds: usize) -> Vec<[f64; 2]> {
    let mut p = points.to_vec();
    for _ in 0..rounds {
        let Some((first, last)) = p.first().copied().zip(p.last().copied()) else {
            return p;
        };
        let mut q = vec![first];
        for w in p.windows(2) {
            for k in [0.25, 0.75] {
                q.push([
                    w[0][0] + k * (w[1][0] - w[0][0]),
                    w[0][1] + k * (w[1][1] - w[0][1]),
                ]);
            }
        }
        q.push(last);
        p = q;
    }
    p
}

/// Points at equal distances along a polyline.
fn even(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut out = Vec::new();
    let mut carry = 0.0;
    for w in points.windows(2) {
        let d = [w[1][0] - w[0][0], w[1][1] - w[0][1]];
        let len = d[0].hypot(d[1]);
        let mut s = carry;
        while s < len {
            out.push([w[0][0] + d[0] * s / len, w[0][1] + d[1] * s / len]);
            s += STEP_M;
        }
        carry = s - len;
    }
    out.extend(points.last().copied());
    out
}

/// Whether a place lies where vehicles go slowly.
fn slow(at: [f64; 2]) -> bool {
    at[1] > -33.5 && at[1] < 30.0 && at[0].abs() < 34.0
}

/// Follows `points` from `v_start` to `v_end` m/s and returns the moments every
/// [`SAMPLE_S`] seconds, the last one at the end of the way.
pub(crate) fn follow(
    points: &[[f64; 2]],
    rounds: usize,
    limits: &Limits,
    v_start: f64,
    v_end: f64,
) -> Vec<Moment> {
    let p = even(&rounded(points, rounds));
    let n = p.len();
    if n < 2 {
        return Vec::new();
    }
    // Directions, from points a metre apart so that joints do not jerk.
    let reach = 4;
    let heading: Vec<f64> = (0..n)
        .map(|i| {
            let a = p[i.saturating_sub(reach)];
            let b = p[(i + reach).min(n - 1)];
            (b[1] - a[1]).atan2(b[0] - a[0])
        })
        .collect();
    let mut v: Vec<f64> = (0..n)
        .map(|i| {
            let turn = wrap(heading[(i + 2).min(n - 1)] - heading[i.saturating_sub(2)]);
            let span = ((i + 2).min(n - 1) - i.saturating_sub(2)) as f64 * STEP_M;
            let bend = (turn / span.max(STEP_M)).abs().max(1e-4);
            let top = if slow(p[i]) {
                limits.speed_inside
            } else {
                limits.speed
            };
            top.min((limits.lateral / bend).sqrt()).max(0.4)
        })
        .collect();
    v[0] = v[0].min(v_start);
    v[n - 1] = v[n - 1].min(v_end);
    for i in 1..n {
        v[i] = v[i].min((v[i - 1] * v[i - 1] + 2.0 * limits.accel * STEP_M).sqrt());
    }
    for i in (0..n - 1).rev() {
        v[i] = v[i].min((v[i + 1] * v[i + 1] + 2.0 * limits.accel * STEP_M).sqrt());
    }
    // Time at every step, then the place at every sample.
    let mut time = vec![0.0; n];
    for i in 1..n {
        time[i] = time[i - 1] + STEP_M / (0.5 * (v[i] + v[i - 1])).max(0.2);
    }
    let total = time[n - 1];
    let count = (total / SAMPLE_S).ceil() as usize;
    let mut i = 0;
    (0..=count)
        .map(|k| {
            let t = (k as f64 * SAMPLE_S).min(total);
            while i + 2 < n && time[i + 1] < t {
                i += 1;
            }
            let f = ((t - time[i]) / (time[i + 1] - time[i]).max(1e-9)).clamp(0.0, 1.0);
            Moment {
                at: [
                    p[i][0] + (p[i + 1][0] - p[i][0]) * f,
                    p[i][1] + (p[i + 1][1] - p[i][1]) * f,
                ],
                heading: heading[i] + wrap(heading[i + 1] - heading[i]) * f,
                way: (i as f64 + f) * STEP_M,
            }
        })
        .collect()
}
