//! Detections linked from frame to frame: what goes on over the ground is a mover, what flickers in
//! place is not.
//!
//! For video without tracking on the ground. Every detection begins a link; a link goes on by its
//! velocity over the registered ground (an alpha-beta filter) and takes the nearest detection in
//! reach. How sure a detection is then follows from the link's history, and a link that has been
//! seen to move is shown where it must be for a moment when its detection fails or is a fragment.

use atalaya_geo::{Homography, Vector2};
use atalaya_model::{Class, Detection, PixelBox};

/// Most links at once: the least sure are dropped.
const MOST: usize = 400;
/// Longest time without a detection, seconds.
const COAST_S: f64 = 1.2;
/// Gains of place and velocity, and the share by which the size follows.
const GAINS: (f64, f64) = (0.5, 0.25);
const SIZE_GAIN: f64 = 0.2;
/// A detection below this share of a link's area is a fragment of it.
const FRAGMENT: f64 = 0.5;
/// How fast a new link may be, pixels a second.
const UNKNOWN_PX_S: f64 = 30.0;
/// From how sure on a link is shown without a detection.
const SHOWN: f64 = 0.6;

/// Something that is followed in the picture.
#[derive(Clone, Debug)]
struct Link {
    centre: Vector2<f64>,
    /// Pixels a second over the ground.
    velocity: Vector2<f64>,
    size: Vector2<f64>,
    /// Where it was first seen, as that ground lies now.
    origin: Vector2<f64>,
    missed_s: f64,
    hits: u32,
    chances: u32,
    /// Mean score of its detections, running.
    score: f64,
}

impl Link {
    fn new(d: &Detection) -> Self {
        let centre = centre(&d.bbox);
        Self {
            centre,
            velocity: Vector2::zeros(),
            size: Vector2::new(f64::from(d.bbox.w), f64::from(d.bbox.h)),
            origin: centre,
            missed_s: 0.0,
            hits: 1,
            chances: 1,
            score: f64::from(d.score),
        }
    }

    /// How sure it is that this moves, 0 to 1: see [`WEIGHTS`].
    fn certainty(&self) -> f64 {
        let own = 2.0 + 0.5 * self.size.max();
        let known = [
            1.0,
            self.score,
            ((self.centre - self.origin).norm() / own).min(3.0),
            (self.velocity.norm() / own).min(3.0),
            f64::from(self.hits) / f64::from(self.chances),
        ];
        let z: f64 = WEIGHTS.iter().zip(known).map(|(w, k)| w * k).sum();
        1.0 / (1.0 + (-z).exp())
    }

    /// How far from where it should be its detection may lie.
    fn reach(&self, dt: f64) -> f64 {
        let unknown = if self.hits < 3 {
            UNKNOWN_PX_S * dt
        } else {
            0.0
        };
        3.0 + 0.5 * self.size.max() + 20.0 * self.missed_s.min(0.5) + unknown
    }

    fn bbox(&self) -> PixelBox {
        boxed(self.centre, self.size)
    }
}

/// A logistic model of: one, the mean score of its detections, own sizes gone since it was first seen,
/// own sizes gone a second, share of the frames in which it was detected. Fitted on thirty seconds of
/// three simulated flights (seeds 102, 111, 124); the first is chosen, as how many things move
/// differs from place to place, so that this ranks and is no probability.
const WEIGHTS: [f64; 5] = [-13.5, 10.35, 0.87, 0.73, 3.91];

/// All links of a feed.
#[derive(Default)]
pub struct Links {
    links: Vec<Link>,
}

impl Links {
    /// After a cut nothing goes on.
    pub fn forget(&mut self) {
        self.links.clear();
    }

    /// Replaces the scores of `detections` (of a frame `dt` seconds after the one before) by how
    /// sure their links are, fragments by the whole, and adds links whose detection failed.
    /// `to_now`: pixels of the frame before to those of this one.
    pub fn link(&mut self, to_now: &Homography, dt: f64, detections: &mut Vec<Detection>) {
        self.links.retain_mut(|l| carry(l, to_now, dt));
        // The surest choose first.
        self.links
            .sort_by(|a, b| b.certainty().total_cmp(&a.certainty()));
        let mut taken = vec![false; detections.len()];
        let mut shown = Vec::new();
        for link in &mut self.links {
            let reach = link.reach(dt);
            let nearest = (detections.iter().enumerate())
                .filter(|(i, d)| !taken[*i] && alike(link, &d.bbox))
                .map(|(i, d)| ((centre(&d.bbox) - link.centre).norm(), i))
                .filter(|(off, _)| *off <= reach)
                .min_by(|a, b| a.0.total_cmp(&b.0));
            link.chances += 1;
            match nearest {
                Some((_, i)) => {
                    taken[i] = true;
                    take(link, &mut detections[i], dt);
                }
                None => {
                    link.missed_s += dt;
                    let sure = link.certainty();
                    if sure >= SHOWN {
                        shown.push(Detection {
                            bbox: link.bbox(),
                            score: sure as f32,
                            class: Class::Unknown,
                        });
                    }
                }
            }
        }
        self.links.retain(|l| l.missed_s <= COAST_S);
        for (d, taken) in detections.iter_mut().zip(taken) {
            if !taken {
                let link = Link::new(d);
                d.score = link.certainty() as f32;
                self.links.push(link);
            }
        }
        self.links.truncate(MOST);
        shown.retain(|s| {
            detections
                .iter()
                .all(|d| d.bbox.overlap(&s.bbox) < 0.3 * s.bbox.area())
        });
        detections.extend(shown);
    }
}

/// Takes a link to the next frame; false where it leaves what can be said.
fn carry(link: &mut Link, to_now: &Homography, dt: f64) -> bool {
    let moved = (
        to_now.apply(link.centre),
        to_now.apply(link.origin),
        to_now.jacobian(link.centre),
    );
    let (Some(c), Some(o), Some(j)) = moved else {
        return false;
    };
    let grown = j.determinant().abs().sqrt();
    if !(0.5..2.0).contains(&grown) {
        return false;
    }
    link.velocity = j * link.velocity;
    link.centre = c + link.velocity * dt;
    link.origin = o;
    link.size *= grown;
    true
}

/// The link takes the detection, which takes the link's certainty and, when a fragment, its size.
fn take(link: &mut Link, d: &mut Detection, dt: f64) {
    let score = f64::from(d.score);
    let found = centre(&d.bbox);
    let off = found - link.centre;
    // The first steps tell most.
    let n = f64::from(link.hits);
    let (a, b) = (GAINS.0.max(1.0 / (n + 1.0)), GAINS.1.max(1.0 / (n + 1.0)));
    link.centre += off * a;
    link.velocity += off * (b / dt.max(1e-3));
    let area = f64::from(d.bbox.area());
    let whole = link.size.x * link.size.y;
    if area < FRAGMENT * whole && link.hits >= 5 {
        d.bbox = boxed(found, link.size);
        link.size += (Vector2::new(f64::from(d.bbox.w), f64::from(d.bbox.h)) - link.size)
            * (0.25 * SIZE_GAIN);
    } else {
        link.size +=
            (Vector2::new(f64::from(d.bbox.w), f64::from(d.bbox.h)) - link.size) * SIZE_GAIN;
    }
    link.missed_s = 0.0;
    link.hits += 1;
    link.score += (score - link.score) * 0.2;
    d.score = link.certainty() as f32;
}

/// Sizes that may be the same thing, in whole or in part.
fn alike(link: &Link, b: &PixelBox) -> bool {
    let ratio = f64::from(b.area()) / (link.size.x * link.size.y).max(1.0);
    (0.1..6.0).contains(&ratio)
}

fn centre(b: &PixelBox) -> Vector2<f64> {
    let (x, y) = b.centre();
    Vector2::new(f64::from(x), f64::from(y))
}

fn boxed(centre: Vector2<f64>, size: Vector2<f64>) -> PixelBox {
    PixelBox {
        x: (centre.x - 0.5 * size.x) as f32,
        y: (centre.y - 0.5 * size.y) as f32,
        w: size.x as f32,
        h: size.y as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(x: f32, y: f32, score: f32) -> Detection {
        Detection {
            bbox: PixelBox {
                x,
                y,
                w: 12.0,
                h: 8.0,
            },
            score,
            class: Class::Unknown,
        }
    }

    /// The camera turns: the ground goes three pixels to the left with each frame.
    fn turn() -> Homography {
        Homography::from_rows(&[1.0, 0.0, -3.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]).unwrap()
    }

    /// Twenty frames of something that goes over the ground and something that flickers in place.
    fn played(links: &mut Links) -> Vec<Vec<Detection>> {
        (0..20)
            .map(|i| {
                let (ground, t) = (600.0 - 3.0 * i as f32, i as f32);
                let mut now = vec![found(ground - 200.0 + 4.0 * t, 100.0 + t, 0.8)];
                if i % 3 == 0 {
                    now.push(found(ground, 300.0, 0.8));
                }
                links.link(&turn(), 0.1, &mut now);
                now
            })
            .collect()
    }

    #[test]
    fn what_goes_over_the_ground_is_surer_than_what_flickers_in_place() {
        let frames = played(&mut Links::default());
        let last = &frames[18];
        assert_eq!(last.len(), 2);
        assert!(last[0].score > 0.5, "{}", last[0].score);
        assert!(last[1].score < 0.3, "{}", last[1].score);
        assert!(frames[0][0].score < 0.3, "{}", frames[0][0].score);
    }

    #[test]
    fn what_fails_for_a_moment_is_shown_where_it_must_be_and_a_fragment_as_a_whole() {
        let mut links = Links::default();
        played(&mut links);
        let mut none = Vec::new();
        links.link(&turn(), 0.1, &mut none);
        assert_eq!(none.len(), 1);
        let expected = found(400.0 - 60.0 + 80.0, 120.0, 0.0).bbox;
        assert!(none[0].bbox.iou(&expected) > 0.7, "{:?}", none[0].bbox);
        let mut part = vec![found(421.0 + 3.0, 121.0 + 2.0, 0.6)];
        (part[0].bbox.w, part[0].bbox.h) = (5.0, 4.0);
        links.link(&turn(), 0.1, &mut part);
        assert_eq!(part.len(), 1);
        assert!(part[0].bbox.w > 10.0, "{:?}", part[0].bbox);
        // Not for ever.
        for _ in 0..15 {
            none.clear();
            links.link(&turn(), 0.1, &mut none);
        }
        assert!(none.is_empty());
    }

    #[test]
    fn nothing_goes_on_after_a_cut() {
        let mut links = Links::default();
        played(&mut links);
        links.forget();
        let mut now = vec![found(420.0, 120.0, 0.8)];
        links.link(&turn(), 0.1, &mut now);
        assert!(now[0].score < 0.3, "{}", now[0].score);
    }
}
