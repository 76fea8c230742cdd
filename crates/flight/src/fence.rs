//! Where one may fly: inside the union of some areas, outside of others.

use atalaya_geo::{Polygon, Vector2};

/// Why a fence can't be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct FenceError {
    /// Cause and remedy.
    pub what: String,
}

/// Where one may fly, on the plane of a task.
#[derive(Clone, Debug)]
pub struct Fence {
    keep_in: Vec<Polygon>,
    keep_out: Vec<(String, Polygon)>,
    /// What of the areas' outlines bounds their union.
    border: Vec<[Vector2<f64>; 2]>,
}

impl Fence {
    /// The union of areas (which must overlap, not only touch, where one is to cross from one to the
    /// other), without the named no-fly areas.
    pub fn new(
        keep_in: Vec<Polygon>,
        keep_out: Vec<(String, Polygon)>,
    ) -> Result<Self, FenceError> {
        if keep_in.is_empty() {
            return Err(FenceError {
                what: "there is no area to fly in; give the authority an area".into(),
            });
        }
        let border = union_border(&keep_in);
        Ok(Self {
            keep_in,
            keep_out,
            border,
        })
    }

    /// Areas that may be flown in.
    pub fn keep_in(&self) -> &[Polygon] {
        &self.keep_in
    }

    /// Areas that may not be flown in, with their names.
    pub fn keep_out(&self) -> &[(String, Polygon)] {
        &self.keep_out
    }

    /// Distance to the nearest border, metres: positive where one may fly. It changes by no more
    /// than a metre a metre.
    pub fn clearance(&self, p: Vector2<f64>) -> f64 {
        self.keep_out
            .iter()
            .map(|(_, k)| k.signed_distance(p))
            .fold(self.depth(p), f64::min)
    }

    /// Which border is nearest, for people.
    pub fn nearest(&self, p: Vector2<f64>) -> String {
        self.keep_out
            .iter()
            .map(|(name, k)| (k.signed_distance(p), format!("no-fly area '{name}'")))
            .chain([(
                self.depth(p),
                "border of the authority's area and approach".to_owned(),
            )])
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map_or_else(String::new, |(_, what)| what)
    }

    fn depth(&self, p: Vector2<f64>) -> f64 {
        let to_border = self
            .border
            .iter()
            .map(|[a, b]| {
                let ab = b - a;
                let t = ((p - a).dot(&ab) / ab.norm_squared().max(1e-12)).clamp(0.0, 1.0);
                (p - (a + ab * t)).norm()
            })
            .fold(f64::INFINITY, f64::min);
        if self.keep_in.iter().any(|k| k.contains(p)) {
            to_border
        } else {
            -to_border
        }
    }

    /// The outline of where one may fly as one polygon, for autopilots; refused where it would take
    /// several.
    pub fn outline(&self) -> Result<Vec<Vector2<f64>>, FenceError> {
        let apart = || {
            FenceError {
            what: "the authority's area and the approved approach don't make one area without holes; let them overlap by more than the margin".into(),
        }
        };
        let mut left = self.border.clone();
        let Some([start, mut at]) = left.pop() else {
            return Err(apart());
        };
        let mut outline = vec![start];
        while (at - start).norm() > 1e-6 {
            outline.push(at);
            let next = left
                .iter()
                .position(|[a, _]| (a - at).norm() < 1e-6)
                .ok_or_else(apart)?;
            at = left.swap_remove(next)[1];
        }
        if !left.is_empty() || outline.len() < 3 {
            return Err(apart());
        }
        Ok(outline)
    }
}

/// The parts of the outlines that lie in no other area, all counter-clockwise.
fn union_border(areas: &[Polygon]) -> Vec<[Vector2<f64>; 2]> {
    let turned: Vec<Vec<Vector2<f64>>> = areas
        .iter()
        .map(|a| {
            let mut v = a.vertices().to_vec();
            if a.area() < 0.0 {
                v.reverse();
            }
            v
        })
        .collect();
    let edges = |v: &[Vector2<f64>]| -> Vec<[Vector2<f64>; 2]> {
        (0..v.len()).map(|i| [v[i], v[(i + 1) % v.len()]]).collect()
    };
    let mut border = Vec::new();
    for (i, outline) in turned.iter().enumerate() {
        for [a, b] in edges(outline) {
            let mut cuts = vec![0.0, 1.0];
            for (j, other) in turned.iter().enumerate() {
                if i != j {
                    cuts.extend(edges(other).iter().filter_map(|e| crossing([a, b], *e)));
                }
            }
            cuts.sort_by(f64::total_cmp);
            for w in cuts.windows(2) {
                let (p, q) = (a + (b - a) * w[0], a + (b - a) * w[1]);
                let middle = (p + q) * 0.5;
                let covered = areas
                    .iter()
                    .enumerate()
                    .any(|(j, other)| i != j && other.contains(middle));
                if (q - p).norm() > 1e-9 && !covered {
                    border.push([p, q]);
                }
            }
        }
    }
    border
}

/// Where along the first segment the second crosses it.
fn crossing([a, b]: [Vector2<f64>; 2], [c, d]: [Vector2<f64>; 2]) -> Option<f64> {
    let (r, s) = (b - a, d - c);
    let det = r.perp(&s);
    if det.abs() < 1e-12 {
        return None;
    }
    let t = (c - a).perp(&s) / det;
    let u = (c - a).perp(&r) / det;
    ((0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u)).then_some(t)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> Polygon {
        let v = Vector2::new;
        Polygon::new(vec![v(x0, y0), v(x1, y0), v(x1, y1), v(x0, y1)]).unwrap()
    }

    #[test]
    fn crossing_from_one_area_into_another_meets_no_border() {
        let f = Fence::new(
            vec![
                rectangle(0.0, 0.0, 100.0, 100.0),
                rectangle(80.0, 40.0, 300.0, 60.0),
            ],
            vec![("school".into(), rectangle(10.0, 10.0, 20.0, 20.0))],
        )
        .unwrap();
        assert!((f.clearance(Vector2::new(100.0, 50.0)) - 10.0).abs() < 1e-9);
        assert!((f.clearance(Vector2::new(15.0, 15.0)) + 5.0).abs() < 1e-9);
        assert!((f.clearance(Vector2::new(400.0, 50.0)) + 100.0).abs() < 1e-9);
        assert_eq!(f.nearest(Vector2::new(25.0, 15.0)), "no-fly area 'school'");
        let outline = Polygon::new(f.outline().unwrap()).unwrap();
        assert!((outline.area() - 10_000.0 - 200.0 * 20.0).abs() < 1e-6);
    }

    #[test]
    fn areas_apart_make_no_outline() {
        let f = Fence::new(
            vec![rectangle(0.0, 0.0, 1.0, 1.0), rectangle(5.0, 5.0, 6.0, 6.0)],
            vec![],
        )
        .unwrap();
        assert!(f.outline().unwrap_err().what.contains("let them overlap"));
        assert!(Fence::new(vec![], vec![]).is_err());
    }
}
