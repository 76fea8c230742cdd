//! Where sensors stand, and along which paths they look.

use crate::rng::{Stream, Wander};

/// Sensors that stand.
pub(super) const SENSORS: usize = 8;
/// Open paths of an instrument, and in how many points air is looked at along each.
const BEAMS: usize = 7;
const PATH_LOOKS: usize = 24;

/// A sensor that stands: where, its offset and its drift.
pub(super) struct Post {
    pub at: [f64; 3],
    pub to: Option<[f64; 3]>,
    pub offset: f64,
    pub drift: Wander,
}

impl Post {
    /// Where its air is looked at.
    pub(super) fn looks(&self) -> impl ExactSizeIterator<Item = [f64; 3]> + use<> {
        let (a, b) = (self.at, self.to.unwrap_or(self.at));
        let n = if self.to.is_some() { PATH_LOOKS } else { 1 };
        (0..n).map(move |i| {
            let share = (i as f64 + 0.5) / n as f64;
            std::array::from_fn(|k| a[k] + share * (b[k] - a[k]))
        })
    }
}

/// Open paths from one instrument beside the middle to reflectors around it.
pub(super) fn beams(rng: &mut Stream, posts: &mut Vec<Post>) {
    posts.truncate(BEAMS);
    let toward = rng.range(0.0, std::f64::consts::TAU);
    let place = |angle: f64, far: f64, up: f64| [far * angle.sin(), far * angle.cos(), up];
    let at = place(toward, rng.range(40.0, 55.0), rng.range(1.5, 3.5));
    for (i, post) in posts.iter_mut().enumerate() {
        let aside = (i as f64 - 0.5 * (BEAMS - 1) as f64) * 0.28 + rng.range(-0.08, 0.08);
        let angle = toward + std::f64::consts::PI + aside * 1.6;
        post.at = at;
        post.to = Some(place(angle, rng.range(25.0, 58.0), rng.range(1.0, 4.0)));
    }
}

/// Posts on a ring that is no circle.
pub(super) fn posts(rng: &mut Stream) -> Vec<Post> {
    (0..SENSORS)
        .map(|i| {
            let angle = (i as f64 + rng.range(-0.3, 0.3)) / SENSORS as f64 * std::f64::consts::TAU;
            let far = rng.range(30.0, 52.0);
            Post {
                at: [far * angle.sin(), far * angle.cos(), rng.range(1.5, 3.0)],
                to: None,
                offset: 0.05 * rng.normal(),
                drift: Wander::new(rng, 6, 1.0 / 20000.0, 1.0 / 1800.0, 1.0),
            }
        })
        .collect()
}
