//! A new track: of which resident?

use super::offset::Offset;
use super::resident::{Look, Resident};
use super::{MOVING_GAP_S, Vector2};
use crate::fix::Fix;

/// Most of its errors off, a track is another's.
const GATE: f64 = 3.5;
/// A vehicle that moved within a zone when the camera looked away stands no further off than this, metres.
const ADRIFT_M: f64 = 70.0;
/// Of what a vehicle looks like: one-sigma between two tracks of one vehicle, the light of another hour in it
/// (ln m, ln m, L*, a*, b*).
const LOOK_SIGMA: [f64; 5] = [0.12, 0.14, 13.0, 5.0, 6.5];
/// A look this unlike (sum of squares of five) is another vehicle: chi-square's 99.9 %.
const UNLIKE: f64 = 20.5;

/// Which resident a fix of an unknown track continues.
pub(super) fn best(
    residents: &[Resident],
    fix: &Fix,
    camera: u16,
    offset: &Offset,
    look: Option<&Look>,
) -> Option<usize> {
    let cost = |r: &Resident| -> Option<f64> {
        let gap = fix.t.since(r.last);
        if r.followed_by(camera, fix.t) {
            // This camera sees it now, under another name.
            return None;
        }
        let unlike = match (look, r.look()) {
            (Some(a), Some((b, _))) => unlike(a, &b),
            _ => 0.0,
        };
        if unlike > UNLIKE {
            return None;
        }
        if r.adrift {
            let near = (fix.at - r.at).norm() < ADRIFT_M;
            return near.then_some(GATE * GATE + unlike);
        }
        let (from, sigma) = if r.stands() {
            (r.home + offset.at, offset.sigma_m.hypot(fix.sigma_m))
        } else if gap <= MOVING_GAP_S {
            let v = r.velocity();
            let reach = 1.5 + 0.5 * v.norm().max(1.0) * gap.min(8.0);
            (r.at + v * gap.min(8.0), reach)
        } else {
            return None;
        };
        let off: Vector2<f64> = fix.at - from;
        let d = off.norm() / sigma;
        if d > GATE {
            return None;
        }
        Some(d * d + unlike)
    };
    let all = residents
        .iter()
        .enumerate()
        .filter_map(|(i, r)| Some((i, cost(r)?)));
    all.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
}

/// Sum of squared differences in their errors.
fn unlike(a: &Look, b: &Look) -> f64 {
    let each = a.v.iter().zip(&b.v).zip(&LOOK_SIGMA);
    each.map(|((a, b), s)| ((a - b) / s).powi(2)).sum()
}
