//! From light to numbers: lens, exposure, noise, and the luma and chroma of video.

use crate::rng::{Stream, hash2};

/// Length of the tables of noise, a power of two.
const TABLE: usize = 1 << 16;
/// Longest row served from the tables, a power of two.
const ROW: usize = 4096;

/// Ready-made normal numbers and tone curves.
pub(crate) struct Optics {
    noise: Vec<f32>,
    /// Fixed-pattern error of the thermal camera's columns, video levels.
    columns: Vec<f32>,
}

impl Optics {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Stream::new(seed, "sensor noise");
        Self {
            noise: (0..TABLE + ROW).map(|_| rng.normal() as f32).collect(),
            columns: (0..ROW).map(|_| 0.8 * rng.normal() as f32).collect(),
        }
    }

    /// Row of normal numbers for one row of one picture.
    fn row(&self, frame: u32, y: i32, plane: u32) -> &[f32] {
        let at = hash2(frame as i32, y, plane) as usize & (TABLE - 1);
        &self.noise[at..at + ROW]
    }

    /// Luma of a row of colour from the three rows of unfiltered luma about it.
    pub(crate) fn luma(&self, rows: [&[f32]; 3], frame: u32, y: i32, out: &mut [u8]) {
        let w = out.len();
        let rows = rows.map(|r| &r[..w]);
        let soft = 0.03;
        let centre = 1.0 - 4.0 * soft;
        let noise = self.row(frame, y, 0);
        for ((i, px), n) in out.iter_mut().enumerate().zip(noise) {
            let (l, r) = (i.saturating_sub(1), (i + 1).min(w - 1));
            let v =
                centre * rows[1][i] + soft * (rows[0][i] + rows[2][i] + rows[1][l] + rows[1][r]);
            // A shoulder instead of clipping.
            let v = if v > 0.85 {
                0.85 + 0.15 * (1.0 - (-(v - 0.85) / 0.15).exp())
            } else {
                v
            };
            // Shot noise grows with light; after the camera's gamma it falls, with a floor.
            let sigma = 1.6 + 1.1 * (1.0 - v).max(0.0);
            *px = (16.0 + 219.0 * v + sigma * n + 0.5).clamp(16.0, 240.0) as u8;
        }
    }

    /// The two chroma samples of a row of pairs of colours.
    pub(crate) fn chroma(
        &self,
        above: &[[f32; 3]],
        below: &[[f32; 3]],
        frame: u32,
        y: i32,
        out: (&mut [u8], &mut [u8]),
    ) {
        let noise = self.row(frame, y, 1);
        let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
        for (((cb, cr), (a, b)), n) in out.0.iter_mut().zip(out.1.iter_mut()).zip(pairs).zip(noise)
        {
            let c = |k: usize| 0.25 * (a[0][k] + a[1][k] + b[0][k] + b[1][k]);
            let (r, g, bl) = (c(0), c(1), c(2));
            let l = luma_of([r, g, bl]);
            *cb = (128.0 + 224.0 * (bl - l) / 1.8556 + 0.9 * n + 0.5).clamp(16.0, 240.0) as u8;
            *cr = (128.0 + 224.0 * (r - l) / 1.5748 - 0.9 * n + 0.5).clamp(16.0, 240.0) as u8;
        }
    }

    /// A row of the thermal picture from the three rows of warmth about it.
    pub(crate) fn thermal(&self, rows: [&[f32]; 3], gain: f32, frame: u32, y: i32, out: &mut [u8]) {
        let w = out.len();
        let noise = self.row(frame, y, 2);
        for ((i, px), n) in out.iter_mut().enumerate().zip(noise) {
            let (l, r) = (i.saturating_sub(1), (i + 1).min(w - 1));
            let h = |row: &[f32]| 0.25 * (row[l] + row[r]) + 0.5 * row[i];
            let v = 0.22 * (h(rows[0]) + h(rows[2])) + 0.56 * h(rows[1]);
            let v = 0.40 + (v - 0.42) * 1.25 * gain;
            let fixed = self.columns[i & (ROW - 1)];
            *px = (16.0 + 219.0 * v + 1.7 * n + fixed + 0.5).clamp(16.0, 235.0) as u8;
        }
    }
}

/// Luma of a colour (ITU-R BT.709).
#[inline(always)]
pub(crate) fn luma_of(c: [f32; 3]) -> f32 {
    0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]
}
