//! Filling flat shapes into a band of samples, nearest first by depth.

use super::mesh::{Face, Pattern};
use crate::rng::{floor, hash2, unit2, value_noise};
use atalaya_geo::Camera;

/// Samples per pixel along each axis.
pub(crate) const SUB: usize = 2;

/// A camera in single precision with a scale of samples instead of pixels.
#[derive(Clone)]
pub(crate) struct View {
    pub eye: [f32; 3],
    right: [f32; 3],
    down: [f32; 3],
    ahead: [f32; 3],
    /// Focal length in pixels.
    pub focal: f32,
    pub centre: [f32; 2],
    /// Shift of every eighth row by the rolling shutter, pixels.
    shift: Vec<[f32; 2]>,
}

/// Rows from one entry of [`View::shift`] to the next.
const SHIFT_STEP: f32 = 8.0;

impl View {
    /// The view of a camera; `shift` gives the rolling shutter's shift of a row.
    pub(crate) fn new(c: &Camera, shift: impl Fn(f64) -> [f64; 2]) -> Self {
        let rows = (c.height / f64::from(SHIFT_STEP)) as usize + 2;
        let shift = (0..rows)
            .map(|k| shift(k as f64 * f64::from(SHIFT_STEP)).map(|v| v as f32))
            .collect();
        let col = |k: usize| {
            [
                c.to_local[(0, k)] as f32,
                c.to_local[(1, k)] as f32,
                c.to_local[(2, k)] as f32,
            ]
        };
        Self {
            eye: [
                c.position.x as f32,
                c.position.y as f32,
                c.position.z as f32,
            ],
            right: col(0),
            down: col(1),
            ahead: col(2),
            focal: c.fx as f32,
            centre: [0.5 * c.width as f32, 0.5 * c.height as f32],
            shift,
        }
    }

    /// Shift of a row, between the rows that are known.
    #[inline]
    pub(crate) fn shift(&self, y: f32) -> [f32; 2] {
        let last = self.shift.len() - 1;
        let u = (y / SHIFT_STEP).clamp(0.0, last as f32 - 0.001);
        let k = u as usize;
        let (a, b, f) = (self.shift[k], self.shift[(k + 1).min(last)], u.fract());
        [a[0] + (b[0] - a[0]) * f, a[1] + (b[1] - a[1]) * f]
    }

    /// Pixel coordinates and inverse depth.
    #[inline]
    pub(crate) fn project(&self, p: [f32; 3]) -> [f32; 3] {
        let d = [p[0] - self.eye[0], p[1] - self.eye[1], p[2] - self.eye[2]];
        let dot = |a: [f32; 3]| a[0] * d[0] + a[1] * d[1] + a[2] * d[2];
        let iz = 1.0 / dot(self.ahead).max(1.0);
        let x = self.centre[0] + self.focal * dot(self.right) * iz;
        let y = self.centre[1] + self.focal * dot(self.down) * iz;
        let s = self.shift(y);
        [x + s[0], y + s[1], iz]
    }

    /// Direction through a pixel: its value at the left end of a row and its change
    /// from one pixel to the next.
    pub(crate) fn row_rays(&self, y: f32) -> ([f32; 3], [f32; 3]) {
        let s = self.shift(y);
        let (u, v) = (
            (0.5 - s[0] - self.centre[0]) / self.focal,
            (y - s[1] - self.centre[1]) / self.focal,
        );
        let k = 1.0 / self.focal;
        let at = |i: usize| self.ahead[i] + u * self.right[i] + v * self.down[i];
        (
            [at(0), at(1), at(2)],
            [k * self.right[0], k * self.right[1], k * self.right[2]],
        )
    }
}

/// A value that is linear over the picture: at the origin, per x, per y.
type Plane = [f32; 3];

/// A face as it stands in the picture, in samples.
pub(crate) struct Patch {
    p: [[f32; 2]; 4],
    top: f32,
    bottom: f32,
    inverse_depth: Plane,
    u: Plane,
    v: Plane,
    rgb: [f32; 3],
    pattern: Pattern,
    salt: u32,
}

/// Solves for the plane through three points with values.
fn plane(p: [[f32; 2]; 3], q: [f32; 3]) -> Plane {
    let (ax, ay) = (p[1][0] - p[0][0], p[1][1] - p[0][1]);
    let (bx, by) = (p[2][0] - p[0][0], p[2][1] - p[0][1]);
    let det = ax * by - ay * bx;
    if det.abs() < 1e-6 {
        return [q[0], 0.0, 0.0];
    }
    let (dq1, dq2) = (q[1] - q[0], q[2] - q[0]);
    let gx = (dq1 * by - dq2 * ay) / det;
    let gy = (dq2 * ax - dq1 * bx) / det;
    [q[0] - gx * p[0][0] - gy * p[0][1], gx, gy]
}

/// Projects a face that looks at the camera; `rgb` is its lit colour.
pub(crate) fn patch(view: &View, f: &Face, rgb: [f32; 3]) -> Option<Patch> {
    let to_eye = [
        view.eye[0] - f.v[0][0],
        view.eye[1] - f.v[0][1],
        view.eye[2] - f.v[0][2],
    ];
    let n = f.normal;
    if n[0] * to_eye[0] + n[1] * to_eye[1] + n[2] * to_eye[2] <= 0.0 {
        return None;
    }
    let s = SUB as f32;
    let q = f.v.map(|v| view.project(v));
    let p = q.map(|v| [v[0] * s, v[1] * s]);
    let top = p.iter().fold(f32::MAX, |m, v| m.min(v[1]));
    let bottom = p.iter().fold(f32::MIN, |m, v| m.max(v[1]));
    let three = [p[0], p[1], p[2]];
    let iz = [q[0][2], q[1][2], q[2][2]];
    let uv = f.uv;
    Some(Patch {
        p,
        top,
        bottom,
        inverse_depth: plane(three, iz),
        u: plane(
            three,
            [uv[0][0] * iz[0], uv[1][0] * iz[1], uv[2][0] * iz[2]],
        ),
        v: plane(
            three,
            [uv[0][1] * iz[0], uv[1][1] * iz[1], uv[2][1] * iz[2]],
        ),
        rgb,
        pattern: f.surface.pattern,
        salt: hash2((f.v[0][0] * 8.0) as i32, (f.v[0][1] * 8.0) as i32, 3),
    })
}

/// A cluster of leaves in the picture, in samples.
#[derive(Clone, Copy)]
pub(crate) struct Disc {
    pub at: [f32; 2],
    pub radius: f32,
    pub inverse_depth: f32,
    pub rgb: [f32; 3],
    /// Offset of the leaf pattern, cells: flutter.
    pub flutter: [f32; 2],
    /// Samples per cell of the leaf pattern.
    pub leaf: f32,
    pub salt: u32,
}

/// A band of rows of samples.
pub(crate) struct Band {
    pub width: usize,
    /// First row of samples, may be negative in the upper halo.
    pub first: i32,
    pub rows: usize,
    pub depth: Vec<f32>,
    pub rgb: Vec<[f32; 3]>,
    pub shade: Vec<u8>,
}

impl Band {
    pub(crate) fn new() -> Self {
        Self {
            width: 0,
            first: 0,
            rows: 0,
            depth: Vec::new(),
            rgb: Vec::new(),
            shade: Vec::new(),
        }
    }

    /// Clears the band for rows of samples from `first` on.
    pub(crate) fn reset(&mut self, width: usize, first: i32, rows: usize) {
        (self.width, self.first, self.rows) = (width, first, rows);
        self.depth.clear();
        self.depth.resize(width * rows, 0.0);
        self.shade.clear();
        self.shade.resize(width * rows, 0);
        self.rgb.resize(width * rows, [0.0; 3]);
    }

    /// Rows of the band that `top..bottom` covers, as row numbers of the band.
    fn rows_of(&self, top: f32, bottom: f32) -> std::ops::Range<usize> {
        let lo = (floor(top - 0.5) + 1 - self.first).clamp(0, self.rows as i32);
        let hi = (floor(bottom - 0.5) + 1 - self.first).clamp(lo, self.rows as i32);
        lo as usize..hi as usize
    }

    /// Columns between two edges of a row.
    fn columns(&self, a: f32, b: f32) -> std::ops::Range<usize> {
        let lo = (floor(a - 0.5) + 1).clamp(0, self.width as i32);
        let hi = (floor(b - 0.5) + 1).clamp(lo, self.width as i32);
        lo as usize..hi as usize
    }

    /// Draws a face.
    pub(crate) fn face(&mut self, s: &Patch) {
        for r in self.rows_of(s.top, s.bottom) {
            let y = (self.first + r as i32) as f32 + 0.5;
            let Some((a, b)) = span(&s.p, y) else {
                continue;
            };
            let cols = self.columns(a, b);
            let at = |p: &Plane, x: f32| p[0] + p[1] * x + p[2] * y;
            let base = r * self.width;
            for i in cols {
                let x = i as f32 + 0.5;
                let iz = at(&s.inverse_depth, x);
                if iz <= self.depth[base + i] {
                    continue;
                }
                self.depth[base + i] = iz;
                let k = match s.pattern {
                    Pattern::Plain => 1.0,
                    p => {
                        let z = 1.0 / iz;
                        texture(p, at(&s.u, x) * z, at(&s.v, x) * z, s.salt)
                    }
                };
                self.rgb[base + i] = [s.rgb[0] * k, s.rgb[1] * k, s.rgb[2] * k];
            }
        }
    }

    /// Draws a cluster of leaves with a ragged border.
    pub(crate) fn disc(&mut self, d: &Disc) {
        let r2 = d.radius * d.radius;
        let k = 1.0 / d.leaf;
        for r in self.rows_of(d.at[1] - d.radius, d.at[1] + d.radius) {
            let dy = (self.first + r as i32) as f32 + 0.5 - d.at[1];
            let half = (r2 - dy * dy).max(0.0).sqrt();
            let base = r * self.width;
            for i in self.columns(d.at[0] - half, d.at[0] + half) {
                if d.inverse_depth <= self.depth[base + i] {
                    continue;
                }
                let dx = i as f32 + 0.5 - d.at[0];
                let (u, v) = (dx * k + d.flutter[0], dy * k + d.flutter[1]);
                let n = unit2(floor(u), floor(v), d.salt);
                let rim = (dx * dx + dy * dy) / r2;
                if n < rim * rim * 0.9 {
                    continue;
                }
                self.depth[base + i] = d.inverse_depth;
                let t = 0.68 + 0.56 * n - 0.12 * dy / d.radius;
                self.rgb[base + i] = [d.rgb[0] * t, d.rgb[1] * t, d.rgb[2] * t];
            }
        }
    }

    /// Marks a convex outline on the ground as shaded.
    pub(crate) fn shadow(&mut self, p: &[[f32; 2]]) {
        let top = p.iter().fold(f32::MAX, |m, v| m.min(v[1]));
        let bottom = p.iter().fold(f32::MIN, |m, v| m.max(v[1]));
        for r in self.rows_of(top, bottom) {
            let y = (self.first + r as i32) as f32 + 0.5;
            if let Some((a, b)) = span(p, y) {
                let cols = self.columns(a, b);
                let base = r * self.width;
                self.shade[base + cols.start..base + cols.end].fill(1);
            }
        }
    }
}

/// Left and right ends of a convex outline on a row.
fn span(p: &[[f32; 2]], y: f32) -> Option<(f32, f32)> {
    let (mut a, mut b) = (f32::MAX, f32::MIN);
    for k in 0..p.len() {
        let (u, v) = (p[k], p[(k + 1) % p.len()]);
        if (u[1] <= y) != (v[1] <= y) {
            let x = u[0] + (y - u[1]) * (v[0] - u[0]) / (v[1] - u[1]);
            a = a.min(x);
            b = b.max(x);
        }
    }
    (a < b).then_some((a, b))
}

/// Brightness of a pattern at a place on its face.
#[inline]
fn texture(p: Pattern, u: f32, v: f32, salt: u32) -> f32 {
    match p {
        Pattern::Plain => 1.0,
        Pattern::Ribs(period) => {
            let t = u / period;
            let wave = 1.0 - 4.0 * ((t - t.floor()) - 0.5).abs();
            let sheet = unit2(floor(u / 3.1), floor(v / 4.3), salt);
            1.0 + 0.05 * wave
                + 0.14 * (sheet - 0.5)
                + 0.22 * (value_noise(u * 0.7, v * 0.45, salt) - 0.5)
        }
        Pattern::Grain => {
            1.0 + 0.20 * (value_noise(u * 0.9, v * 0.9, salt) - 0.5)
                + 0.14 * (value_noise(u * 4.0, v * 4.0, salt ^ 5) - 0.5)
        }
    }
}
