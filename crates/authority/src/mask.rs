//! Which parts of a picture show a no-look area.

use atalaya_geo::{
    Camera, Cov2, Homography, PointingSigma, Polygon, Vector2, chi_square_radius_2d,
};

/// Side of the blocks in which a picture is hidden, pixels.
const BLOCK: u32 = 8;
/// Blocks along the side of a cell that shares one covariance: it changes slowly over a picture.
const CELL: usize = 8;
/// Share of the position's error that the margin holds.
const HELD: f64 = 0.9;
/// What stands in a no-look area is seen above the ground behind it: it is hidden up to this
/// height, metres (three storeys), looked at in these steps.
const HEIGHTS_M: [f64; 4] = [0.0, 3.5, 7.0, 10.5];

/// How a picture lies on the ground, and how well that is known.
#[derive(Clone, Debug)]
pub struct PictureView {
    /// Display pixels to east and north of the local frame, metres.
    pub map: Homography,
    /// The camera as the metadata of this picture give it.
    pub camera: Camera,
    /// Height of the ground in the local frame, metres.
    pub up: f64,
    /// One-sigma errors of the camera.
    pub sigma: PointingSigma,
    /// Further error of any direction, one sigma, metres.
    pub further_m: f64,
}

impl PictureView {
    /// Where the middle of the picture looks.
    pub(crate) fn centre(&self) -> Option<Vector2<f64>> {
        self.map.apply(Vector2::new(
            0.5 * self.camera.width,
            0.5 * self.camera.height,
        ))
    }

    fn size(&self) -> (u32, u32) {
        (self.camera.width as u32, self.camera.height as u32)
    }
}

/// The hidden blocks of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    columns: usize,
    rows: usize,
    hidden: Vec<bool>,
}

impl Mask {
    /// Side of a block, pixels; blocks begin at the upper left corner of the picture.
    pub const BLOCK: u32 = BLOCK;

    /// A block is hidden when a ray through it may meet one of the areas, or what stands in it: when
    /// the 90 % ellipse of its place reaches the area.
    pub(crate) fn over(view: &PictureView, areas: &[Polygon]) -> Self {
        let (width, height) = view.size();
        if areas.is_empty() {
            return Self::default();
        }
        let columns = width.div_ceil(BLOCK) as usize;
        let rows = height.div_ceil(BLOCK) as usize;
        let mut cells = Cells::new(view, areas, columns, rows);
        // Corners of the blocks: a block is hidden when one of its four is.
        let mut corners = Vec::with_capacity((columns + 1) * (rows + 1));
        for y in 0..=rows {
            for x in 0..=columns {
                corners.push(cells.hides(x, y));
            }
        }
        let corner = |x: usize, y: usize| corners[y * (columns + 1) + x];
        let hidden = (0..rows * columns)
            .map(|i| {
                let (x, y) = (i % columns, i / columns);
                corner(x, y) || corner(x + 1, y) || corner(x, y + 1) || corner(x + 1, y + 1)
            })
            .collect();
        Self {
            columns,
            rows,
            hidden,
        }
    }

    /// Nothing is hidden.
    pub fn is_empty(&self) -> bool {
        !self.hidden.contains(&true)
    }

    /// Share of the blocks that are hidden, 0 to 1.
    pub fn share(&self) -> f32 {
        let n = self.hidden.iter().filter(|h| **h).count();
        n as f32 / self.hidden.len().max(1) as f32
    }

    /// Columns and rows of blocks; both 0 where nothing is hidden at all.
    pub fn size(&self) -> (usize, usize) {
        (self.columns, self.rows)
    }

    /// Whether a block is hidden; false beyond the picture.
    pub fn hides(&self, column: usize, row: usize) -> bool {
        column < self.columns
            && self
                .hidden
                .get(row * self.columns + column)
                .copied()
                .unwrap_or(false)
    }
}

/// Error of the place, cell by cell of the picture, made when first asked for.
struct Cells<'a> {
    view: &'a PictureView,
    areas: &'a [Polygon],
    across: usize,
    cells: Vec<Option<Cell>>,
    radius: f64,
}

/// A cell's areas in units of sigma, or nothing where the place is not known: all is hidden there.
#[derive(Clone)]
enum Cell {
    Blind,
    Known {
        whiten: [f64; 3],
        areas: Vec<Polygon>,
        reach: f64,
    },
}

impl<'a> Cells<'a> {
    fn new(view: &'a PictureView, areas: &'a [Polygon], columns: usize, rows: usize) -> Self {
        let across = columns / CELL + 1;
        Self {
            view,
            areas,
            across,
            cells: vec![None; across * (rows / CELL + 1)],
            radius: chi_square_radius_2d(HELD),
        }
    }

    fn hides(&mut self, x: usize, y: usize) -> bool {
        let at = (y / CELL) * self.across + x / CELL;
        let pixel = |x: usize, y: usize| Vector2::new(x as f64, y as f64) * f64::from(BLOCK);
        let (view, areas, radius) = (self.view, self.areas, self.radius);
        let Some(place) = self.cells.get_mut(at) else {
            return true;
        };
        let cell = place.get_or_insert_with(|| {
            let half = CELL / 2;
            let px = pixel(x / CELL * CELL + half, y / CELL * CELL + half);
            cell(view, areas, radius, px).unwrap_or(Cell::Blind)
        });
        let Cell::Known {
            whiten: [a, b, c],
            areas: whitened,
            reach,
        } = cell
        else {
            return true;
        };
        let Some(ground) = view.map.apply(pixel(x, y)) else {
            return true;
        };
        let above = (view.camera.position.z - view.up).max(1.0);
        let towards = (view.camera.position.xy() - ground) / above;
        HEIGHTS_M.iter().any(|h| {
            let p = ground + towards * *h;
            areas.iter().zip(&*whitened).any(|(area, near)| {
                let (lo, hi) = area.bounds();
                let far = p.x < lo.x - *reach
                    || p.y < lo.y - *reach
                    || p.x > hi.x + *reach
                    || p.y > hi.y + *reach;
                let w = Vector2::new(*a * p.x, *b * p.x + *c * p.y);
                !far && near.signed_distance(w) <= radius
            })
        })
    }
}

/// The cell about a pixel. The inverse of the covariance's Cholesky factor turns the ellipse of the
/// place into a circle, so that the distance to the area, turned likewise, is counted in sigmas.
fn cell(view: &PictureView, areas: &[Polygon], radius: f64, px: Vector2<f64>) -> Option<Cell> {
    let here = view.map.apply(px)?;
    let block = Vector2::new(f64::from(BLOCK), f64::from(BLOCK));
    // A corner stands for half the block about it.
    let half = 0.5 * (view.map.apply(px + block)? - here).norm();
    let round = view.further_m.powi(2) + (half / radius).powi(2);
    let cov = view.camera.ground_covariance(px, view.up, &view.sigma)?
        + Cov2::identity() * round.max(1e-6);
    let l11 = cov[(0, 0)].sqrt();
    let l21 = cov[(1, 0)] / l11;
    let l22 = (cov[(1, 1)] - l21 * l21).max(1e-9).sqrt();
    let whiten = [1.0 / l11, -l21 / (l11 * l22), 1.0 / l22];
    if whiten.iter().any(|w| !w.is_finite()) {
        return None;
    }
    let [a, b, c] = whiten;
    let areas: Option<Vec<Polygon>> = areas
        .iter()
        .map(|area| {
            let turned = area.vertices().iter();
            Polygon::new(
                turned
                    .map(|v| Vector2::new(a * v.x, b * v.x + c * v.y))
                    .collect(),
            )
        })
        .collect();
    Some(Cell::Known {
        whiten,
        areas: areas?,
        // An ellipse lies within the circle of its trace.
        reach: radius * cov.trace().sqrt(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_geo::{Attitude, Vector3};

    /// From 300 m up, 45 degrees down to the north: the middle looks at (0, 0).
    fn view(sigma: PointingSigma) -> PictureView {
        let attitude = Attitude {
            rel_elevation: -std::f64::consts::FRAC_PI_4,
            ..Attitude::default()
        };
        let position = Vector3::new(0.0, -300.0, 300.0);
        let camera =
            Camera::new(position, attitude.camera_to_enu(), 0.3, 0.0, (1280, 720)).unwrap();
        PictureView {
            map: camera.ground_map(0.0).unwrap(),
            camera,
            up: 0.0,
            sigma,
            further_m: 0.0,
        }
    }

    fn square(e: f64, n: f64, half: f64) -> Polygon {
        let v = |x: f64, y: f64| Vector2::new(e + x * half, n + y * half);
        Polygon::new(vec![v(-1.0, -1.0), v(1.0, -1.0), v(1.0, 1.0), v(-1.0, 1.0)]).unwrap()
    }

    fn block_of(v: &PictureView, p: Vector3<f64>) -> (usize, usize) {
        let px = v.camera.project(&p).unwrap();
        ((px.x / 8.0) as usize, (px.y / 8.0) as usize)
    }

    #[test]
    fn the_area_and_what_stands_in_it_are_hidden_and_little_else() {
        let v = view(PointingSigma::default());
        let m = Mask::over(&v, &[square(20.0, 0.0, 5.0)]);
        let hides = |e: f64, n: f64, u: f64| {
            let (x, y) = block_of(&v, Vector3::new(e, n, u));
            m.hides(x, y)
        };
        assert!(hides(20.0, 0.0, 0.0) && hides(16.0, -4.0, 0.0));
        assert!(hides(20.0, 0.0, 10.0), "a roof in the area");
        assert!(!hides(0.0, 0.0, 0.0) && !hides(20.0, -9.0, 0.0) && !hides(20.0, 22.0, 0.0));
        assert!(m.share() > 0.0 && m.share() < 0.1, "{}", m.share());
    }

    #[test]
    fn the_worse_the_place_is_known_the_more_is_hidden() {
        let area = [square(20.0, 0.0, 5.0)];
        let sure = Mask::over(&view(PointingSigma::default()), &area);
        let v = view(PointingSigma {
            horizontal_m: 3.0,
            heading: 0.01,
            ..PointingSigma::default()
        });
        let unsure = Mask::over(&v, &area);
        assert!(unsure.share() > 1.5 * sure.share());
        // 3 m and 300 m x 0.01 rad across: 2.146 sigmas of 4.2 m are 9.1 m beyond the edge.
        let (x, y) = block_of(&v, Vector3::new(6.8, 0.0, 0.0));
        assert!(unsure.hides(x, y) && !sure.hides(x, y));
        let (x, y) = block_of(&v, Vector3::new(4.0, 0.0, 0.0));
        assert!(!unsure.hides(x, y));
    }

    #[test]
    fn an_area_smaller_than_a_block_is_not_missed() {
        let v = view(PointingSigma::default());
        for i in 0..20 {
            let e = f64::from(i) * 0.17;
            let m = Mask::over(&v, &[square(e, 1.0, 0.05)]);
            let (x, y) = block_of(&v, Vector3::new(e, 1.0, 0.0));
            assert!(m.hides(x, y), "at {e} m");
        }
    }
}
