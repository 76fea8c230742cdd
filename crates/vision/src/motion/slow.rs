//! Differences that change slowly over the picture: exposure, a cloud's shadow; and the noise.

use crate::image::Gray;

/// Side of the cells over which slow differences are taken out.
pub const CELL: usize = 32;
/// Every such row is looked at,
pub const STEP: usize = 8;
/// and of that every such pixel.
const ACROSS: usize = 4;

/// Mean difference per cell, without outliers, and the noise sigma over all (from the median
/// absolute difference). Reads every [`STEP`]th row of `warped`.
#[inline(always)]
pub fn slow_difference(now: &Gray, warped: &Gray, cells: &mut Vec<f32>) -> f32 {
    let (cw, ch) = (now.w.div_ceil(CELL), now.h.div_ceil(CELL));
    cells.clear();
    cells.resize(cw * ch, 0.0);
    let mut histogram = [0u32; 256];
    let mut total = 0u32;
    for cy in 0..ch {
        for cx in 0..cw {
            // One place more than there are samples: an unknown one is written and not counted.
            let mut taken = [0i16; (CELL / STEP) * (CELL / ACROSS) + 1];
            let mut n = 0;
            for y in (cy * CELL..((cy + 1) * CELL).min(now.h)).step_by(STEP) {
                let x0 = cx * CELL;
                let x1 = (x0 + CELL).min(now.w);
                let (a, b) = (&now.row(y)[x0..x1], &warped.row(y)[x0..x1]);
                for (a, b) in a.iter().step_by(ACROSS).zip(b.iter().step_by(ACROSS)) {
                    taken[n] = i16::from(*a).wrapping_sub(i16::from(*b));
                    n += usize::from(*b != 0);
                }
            }
            let taken = &taken[..n];
            let mean_within = |centre: i16, reach: i16| {
                let (mut sum, mut n) = (0i16, 0i16);
                for d in taken {
                    let inside = i16::from(d.wrapping_sub(centre).wrapping_abs() < reach);
                    sum = sum.wrapping_add(d.wrapping_mul(inside));
                    n = n.wrapping_add(inside);
                }
                (sum, n)
            };
            // Two rounds: the second leaves out what the first shows to be far off.
            let (sum, n) = mean_within(0, 60);
            let centre = if n > 0 { sum / n } else { 0 };
            let (sum, n) = mean_within(centre, 12);
            let mean = if n >= 8 {
                f32::from(sum) / f32::from(n)
            } else {
                0.0
            };
            cells[cy * cw + cx] = mean;
            // Quarter grey levels.
            let mean = (mean * 4.0) as i16;
            for d in taken {
                let off = (d << 2).wrapping_sub(mean).wrapping_abs();
                histogram[off.clamp(0, 255) as usize] += 1;
            }
            total += taken.len() as u32;
        }
    }
    let mut seen = 0;
    let median = histogram
        .iter()
        .position(|n| {
            seen += n;
            seen * 2 > total
        })
        .unwrap_or(0);
    1.4826 * (median as f32 + 0.5) / 4.0
}

/// The slow difference along a row, interpolated between cell centres.
#[inline(always)]
pub fn slow_row(cells: &[f32], cw: usize, y: usize, h: usize, out: &mut [i16]) {
    let ch = h.div_ceil(CELL);
    let pos = (y as f32 - 0.5 * CELL as f32) / CELL as f32;
    let r0 = pos.floor().clamp(0.0, (ch - 1) as f32) as usize;
    let r1 = (r0 + 1).min(ch - 1);
    let fy = (pos - r0 as f32).clamp(0.0, 1.0);
    // 16ths of 256ths of a grey level, so that a step of a pixel is a whole number.
    let mixed =
        |c: usize| ((cells[r0 * cw + c] * (1.0 - fy) + cells[r1 * cw + c] * fy) * 4096.0) as i32;
    // Half a cell before the first centre and after the last is level.
    let mut from = mixed(0);
    let mut out = out.chunks_mut(CELL / 2);
    if let Some(first) = out.next() {
        first.fill(((from + 2048) >> 12) as i16);
    }
    for c in 1..=cw {
        let to = if c < cw { mixed(c) } else { from };
        let step = (to - from) / CELL as i32;
        for half in 0..2 {
            let Some(part) = out.next() else { return };
            let start = from + half * (CELL as i32 / 2) * step + 2048;
            for (k, o) in part.iter_mut().enumerate() {
                *o = (start.wrapping_add(step.wrapping_mul(k as i32)) >> 12) as i16;
            }
        }
        from = to;
    }
}
