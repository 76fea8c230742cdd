//! The ground: one large picture with its mip levels, shadows of what stands baked in.

use crate::rng::{fbm, floor, hash2, unit2, value_noise};
use crate::world::World;
use crate::world::layout::{COMPOUND, GATE_X, ROAD_Y};
use rayon::prelude::*;

/// Edge of the square, texels.
pub(crate) const SIZE: usize = 3072;
/// Size of a texel of the finest level, metres.
pub(crate) const TEXEL_M: f32 = 0.12;
/// Distance from the middle to the border, metres.
pub(crate) const HALF_M: f32 = SIZE as f32 * TEXEL_M * 0.5;

/// Red, green, blue and warmth of the ground, finest level first.
pub(crate) struct Ground {
    levels: Vec<(usize, Vec<[u8; 4]>)>,
    /// Share of sunlight every four texels, for what moves through the shadows.
    sunlit: Vec<u8>,
}

impl Ground {
    /// Bakes the ground of a world.
    pub(crate) fn bake(world: &World) -> Self {
        let shade = super::shadow::bake(world);
        let seed = hash2(world.seed as i32, (world.seed >> 32) as i32, 77);
        let mut base = vec![[0u8; 4]; SIZE * SIZE];
        let sun = world.sun;
        base.par_chunks_mut(SIZE).enumerate().for_each(|(j, row)| {
            let y = (j as f32 + 0.5) * TEXEL_M - HALF_M;
            for (i, px) in row.iter_mut().enumerate() {
                let x = (i as f32 + 0.5) * TEXEL_M - HALF_M;
                let c = albedo(x, y, seed, sun);
                let s = f32::from(shade[j * SIZE + i]) * (1.0 / 255.0);
                // Shadows are lit by the blue sky alone.
                let k = [1.0 - 0.56 * s, 1.0 - 0.54 * s, 1.0 - 0.48 * s];
                let lum = 0.3 * c[0] + 0.6 * c[1] + 0.1 * c[2];
                let green = (c[1] - 0.5 * (c[0] + c[2])).max(0.0);
                let warm = 0.55 - 0.26 * lum - 0.9 * green - 0.09 * s;
                let q = |v: f32| (v * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
                *px = [q(c[0] * k[0]), q(c[1] * k[1]), q(c[2] * k[2]), q(warm)];
            }
        });
        let mut levels = vec![(SIZE, base)];
        for _ in 0..5 {
            let (w, top) = &levels[levels.len() - 1];
            levels.push((w / 2, halve(*w, top)));
        }
        let step = 4;
        let n = SIZE / step;
        let sunlit = (0..n * n)
            .map(|k| 255 - shade[(k / n * step) * SIZE + (k % n) * step])
            .collect();
        Self { levels, sunlit }
    }

    /// Share of sunlight at a place, 0 to 1.
    pub(crate) fn sunlight(&self, x: f32, y: f32) -> f32 {
        let n = SIZE / 4;
        let q = |v: f32| ((v + HALF_M) / (4.0 * TEXEL_M)) as usize;
        let (i, j) = (q(x).min(n - 1), q(y).min(n - 1));
        f32::from(self.sunlit[j * n + i]) / 255.0
    }

    /// Level and blend for a spacing of samples on the ground, metres.
    pub(crate) fn level(&self, spacing_m: f32) -> (usize, f32) {
        let l = (spacing_m / TEXEL_M).max(1.0).log2() - 0.6;
        let l = l.clamp(0.0, self.levels.len() as f32 - 1.001);
        (l as usize, l.fract())
    }

    /// Red, green, blue and warmth at a place on one level, as four lanes of 16 bits from
    /// the lowest, each 0 to 255 times 256: four channels in every multiplication.
    #[inline(always)]
    pub(crate) fn sample(&self, level: usize, x: f32, y: f32) -> u64 {
        let (w, data) = &self.levels[level];
        let k = 1.0 / (TEXEL_M * (1 << level) as f32);
        let max = *w as f32 - 1.001;
        let u = mirror((x + HALF_M) * k - 0.5, max);
        let v = mirror((y + HALF_M) * k - 0.5, max);
        let (iu, iv) = (u as usize, v as usize);
        let weight = |f: f32| (f * 256.0) as u64;
        let (fu, fv) = (weight(u - iu as f32), weight(v - iv as f32));
        let at = iv * w + iu;
        let (Some(a), Some(b)) = (data.get(at..at + 2), data.get(at + w..at + w + 2)) else {
            return 0;
        };
        let across = |p: [u8; 4], q: [u8; 4]| {
            ((spread(p) * (256 - fu) + spread(q) * fu + HALVES) >> 8) & LANES
        };
        across(a[0], a[1]) * (256 - fv) + across(b[0], b[1]) * fv
    }
}

/// The low bytes of four lanes of 16 bits.
const LANES: u64 = 0x00ff_00ff_00ff_00ff;
/// One half in each lane of eight bits' fraction.
const HALVES: u64 = 0x0080_0080_0080_0080;

/// Four bytes into four lanes of 16 bits.
#[inline(always)]
fn spread(p: [u8; 4]) -> u64 {
    let v = u64::from(u32::from_le_bytes(p));
    let v = (v | v << 16) & 0x0000_ffff_0000_ffff;
    (v | v << 8) & LANES
}

/// One lane of a sample, 0 to 1.
#[inline(always)]
pub(crate) fn lane(sample: u64, channel: usize) -> f32 {
    (sample >> (16 * channel) & 0xffff) as f32 * (1.0 / 65_280.0)
}

/// Folds a coordinate back at the borders so that the plain has no end.
#[inline(always)]
fn mirror(v: f32, max: f32) -> f32 {
    if v >= 0.0 && v <= max {
        return v;
    }
    let m = v.rem_euclid(2.0 * max);
    if m > max { (2.0 * max - m).max(0.0) } else { m }
}

fn halve(w: usize, top: &[[u8; 4]]) -> Vec<[u8; 4]> {
    let h = w / 2;
    let mut out = vec![[0u8; 4]; h * h];
    out.par_chunks_mut(h).enumerate().for_each(|(j, row)| {
        for (i, px) in row.iter_mut().enumerate() {
            for c in 0..4 {
                let at = 2 * j * w + 2 * i;
                let sum: u32 = [top[at], top[at + 1], top[at + w], top[at + w + 1]]
                    .iter()
                    .map(|t| u32::from(t[c]))
                    .sum();
                px[c] = ((sum + 2) / 4) as u8;
            }
        }
    });
    out
}

fn mix(a: [f32; 3], b: [f32; 3], t: f32) -> [f32; 3] {
    let t = t.clamp(0.0, 1.0);
    [
        a[0] + (b[0] - a[0]) * t,
        a[1] + (b[1] - a[1]) * t,
        a[2] + (b[2] - a[2]) * t,
    ]
}

fn scale(c: [f32; 3], k: f32) -> [f32; 3] {
    [c[0] * k, c[1] * k, c[2] * k]
}

/// 1 well inside the rectangle, 0 outside, with a ragged edge of about `soft` metres.
fn within(x: f32, y: f32, l: [f32; 4], soft: f32) -> f32 {
    let d = (x - l[0]).min(l[2] - x).min(y - l[1]).min(l[3] - y);
    (d / soft + 0.5).clamp(0.0, 1.0)
}

/// Colour of the ground in full light, display values 0 to 1.
fn albedo(x: f32, y: f32, seed: u32, sun: [f32; 3]) -> [f32; 3] {
    let macro_ = fbm(x * 0.021, y * 0.021, 4, 0.55, seed);
    let meso = fbm(x * 0.35, y * 0.35, 3, 0.6, seed ^ 11);
    let micro = fbm(x * 2.6, y * 2.6, 2, 0.7, seed ^ 22);
    let mut c = field(x, y, seed, macro_);
    c = scale(c, 0.80 + 0.30 * meso + 0.42 * (micro - 0.5));
    c = paths(c, x, y, seed, meso);
    let wild = wildness(x, y);
    c = shrubs(c, x, y, seed, sun, wild);
    c = built(c, x, y, seed, meso, micro);
    stones(c, x, y, seed)
}

/// Fields of different use, with their borders.
fn field(x: f32, y: f32, seed: u32, macro_: f32) -> [f32; 3] {
    let (s, k) = (0.31f32.sin(), 0.31f32.cos());
    let (u, v) = (x * k + y * s, y * k - x * s);
    let bend = 3.0 * (value_noise(u * 0.02, v * 0.02, seed ^ 5) - 0.5);
    let (pu, pv) = ((u + bend) / 78.0 + 0.37, (v + bend) / 61.0 + 0.21);
    let (iu, iv) = (pu.floor(), pv.floor());
    let id = hash2(iu as i32, iv as i32, seed ^ 9);
    let kinds: [([f32; 3], f32, f32); 5] = [
        ([0.60, 0.55, 0.42], 0.0, 0.0),
        ([0.56, 0.48, 0.38], 1.3, 0.13),
        ([0.63, 0.58, 0.43], 0.8, 0.08),
        ([0.41, 0.46, 0.29], 1.0, 0.10),
        ([0.52, 0.50, 0.37], 0.0, 0.0),
    ];
    let (tone, period, depth) = kinds[(id % 5) as usize];
    let mut c = scale(tone, 0.78 + 0.44 * macro_);
    if period > 0.0 {
        let angle = if id & 64 == 0 { u } else { v };
        let wave = ((angle + 0.5 * bend) * std::f32::consts::TAU / period).sin();
        c = scale(c, 1.0 + depth * wave);
    }
    let edge = ((pu - iu).min(1.0 - (pu - iu)) * 78.0).min((pv - iv).min(1.0 - (pv - iv)) * 61.0);
    if edge < 1.7 {
        let ragged = value_noise(u * 0.9, v * 0.9, seed ^ 31);
        let border = mix([0.33, 0.35, 0.23], [0.62, 0.56, 0.46], ragged * 1.3 - 0.2);
        c = mix(c, border, (1.7 - edge) * 0.8);
    }
    c
}

/// Footpaths and ruts: contour lines of a slow noise.
fn paths(c: [f32; 3], x: f32, y: f32, seed: u32, meso: f32) -> [f32; 3] {
    let n = fbm(x * 0.012, y * 0.012, 2, 0.5, seed ^ 41);
    let t = 1.0 - ((n - 0.5).abs() * 130.0 - 0.5).clamp(0.0, 1.0);
    mix(c, [0.66, 0.60, 0.49], 0.75 * t * (0.6 + 0.6 * meso))
}

/// How freely plants grow here.
pub(crate) fn wildness(x: f32, y: f32) -> f32 {
    let road = within(x, y, [-400.0, ROAD_Y[0] - 1.5, 400.0, ROAD_Y[1] + 1.2], 1.0);
    let site = within(
        x,
        y,
        [COMPOUND[0], COMPOUND[1], COMPOUND[2], COMPOUND[3]],
        1.0,
    );
    let drive = within(x, y, [GATE_X[0] - 1.5, -37.0, GATE_X[1] + 1.5, -18.0], 1.5);
    (1.0 - road) * (1.0 - drive) * (1.0 - 0.93 * site)
}

/// Tufts and low bushes with their own small shadows.
fn shrubs(mut c: [f32; 3], x: f32, y: f32, seed: u32, sun: [f32; 3], wild: f32) -> [f32; 3] {
    if wild < 0.02 {
        return c;
    }
    for (cell, size, share) in [(2.3f32, 0.55f32, 0.34f32), (6.1, 1.25, 0.22)] {
        let (gx, gy) = (floor(x / cell), floor(y / cell));
        let s = seed ^ (cell * 10.0) as u32;
        for j in -1..=1 {
            for i in -1..=1 {
                let (kx, ky) = (gx + i, gy + j);
                let thick = value_noise(kx as f32 * 0.13, ky as f32 * 0.13, s ^ 3);
                if unit2(kx, ky, s) > share * wild * (0.3 + 1.4 * thick) {
                    continue;
                }
                let r = size * (0.35 + 0.65 * unit2(kx, ky, s ^ 1));
                let px = (kx as f32 + 0.2 + 0.6 * unit2(kx, ky, s ^ 2)) * cell;
                let py = (ky as f32 + 0.2 + 0.6 * unit2(kx, ky, s ^ 4)) * cell;
                let ragged = 0.7 + 0.6 * value_noise(x * 3.3, y * 3.3, s ^ 6);
                let d = (x - px).hypot(y - py) / (r * ragged);
                let (ox, oy) = (px - sun[0] * 0.8 * r, py - sun[1] * 0.8 * r);
                let ds = (x - ox).hypot(y - oy) / (r * ragged);
                if d < 1.0 {
                    let lit = 0.75 + 0.3 * ((x - px) * sun[0] + (y - py) * sun[1]) / r;
                    let tone = mix([0.32, 0.36, 0.21], [0.44, 0.42, 0.28], unit2(kx, ky, s ^ 7));
                    c = mix(c, scale(tone, lit), 2.5 * (1.0 - d));
                } else if ds < 1.0 {
                    c = scale(c, 1.0 - 0.42 * (2.0 * (1.0 - ds)).min(1.0));
                }
            }
        }
    }
    c
}

/// Road, drive, yard and what people left on them.
fn built(mut c: [f32; 3], x: f32, y: f32, seed: u32, meso: f32, micro: f32) -> [f32; 3] {
    let rough = 0.5 * (meso - 0.5);
    let shoulder = within(
        x,
        y + 2.0 * rough,
        [-400.0, ROAD_Y[0] - 1.6, 400.0, ROAD_Y[1] + 2.4],
        1.2,
    );
    c = mix(c, scale([0.64, 0.59, 0.50], 0.86 + 0.3 * meso), shoulder);
    let road = within(x, y + rough, [-400.0, ROAD_Y[0], 400.0, ROAD_Y[1]], 0.25);
    if road > 0.0 {
        let mut tone = scale([0.50, 0.49, 0.48], 0.84 + 0.2 * meso + 0.18 * (micro - 0.5));
        for lane in [-39.6f32, -36.4] {
            for side in [-0.75f32, 0.75] {
                let d = (y - lane - side).abs();
                tone = scale(tone, 1.0 + 0.08 * (1.0 - d / 0.4).max(0.0));
            }
        }
        let patch = hash2(floor(x / 5.0), floor(y / 1.9), seed ^ 51);
        if patch.is_multiple_of(9) {
            tone = scale(tone, 0.8);
        }
        let crack = (value_noise(x * 0.5, y * 0.5, seed ^ 52) - 0.5).abs();
        if crack < 0.018 {
            tone = scale(tone, 0.78);
        }
        c = mix(c, tone, road);
    }
    let drive = within(
        x + rough,
        y,
        [GATE_X[0] - 0.8, -35.5, GATE_X[1] + 0.8, -19.0],
        0.8,
    );
    let site = within(
        x,
        y,
        [COMPOUND[0], COMPOUND[1], COMPOUND[2], COMPOUND[3]],
        0.3,
    );
    let earth = scale([0.67, 0.61, 0.52], 0.82 + 0.28 * meso + 0.2 * (micro - 0.5));
    c = mix(c, earth, drive.max(site * (0.35 + 1.5 * meso)));
    if site > 0.0 || drive > 0.0 {
        let gravel = within(
            x + 3.0 * rough,
            y + 3.0 * rough,
            [-15.0, -11.0, 17.0, 8.0],
            1.5,
        );
        let pebble = unit2((x * 5.0) as i32, (y * 5.0) as i32, seed ^ 61);
        let tone = scale(
            [0.63, 0.61, 0.57],
            0.86 + 0.24 * meso + 0.16 * (pebble - 0.5),
        );
        c = mix(c, tone, gravel);
        let slab = within(x, y, [-23.0, 8.4, 3.0, 17.2], 0.12);
        if slab > 0.0 {
            let id = hash2(floor(x / 4.0), floor(y / 4.0), seed ^ 71);
            let mut tone = scale(
                [0.69, 0.68, 0.65],
                0.9 + 0.1 * (id % 7) as f32 / 7.0 + 0.12 * (micro - 0.5),
            );
            let joint = (x.rem_euclid(4.0)).min(y.rem_euclid(4.0));
            if joint < 0.13 {
                tone = scale(tone, 0.7);
            }
            c = mix(c, tone, slab);
        }
        // Tyre tracks, and stains where engines stood.
        for k in 0..4u32 {
            let cx = -6.0 + 14.0 * unit2(k as i32, 1, seed ^ 81);
            let cy = -6.0 + 10.0 * unit2(k as i32, 2, seed ^ 81);
            let r = 5.0 + 11.0 * unit2(k as i32, 3, seed ^ 81);
            let d = (x - cx).hypot(y - cy) - r;
            let rut = (d.abs() - 0.8).abs();
            if rut < 0.25 {
                c = scale(c, 1.0 - 0.09 * (1.0 - rut / 0.25) * (0.2 + meso));
            }
            let stain = (x - cx - 2.0).hypot(y - cy - 1.0);
            if stain < 0.9 {
                c = scale(c, 1.0 - 0.35 * (0.9 - stain) * (0.5 + meso));
            }
        }
        for lane in [6.4f32, 9.6] {
            for side in [-0.8f32, 0.8] {
                let d = (x - lane - side + 0.6 * rough).abs();
                if d < 0.35 && y < -8.0 {
                    c = scale(c, 1.0 - 0.12 * (1.0 - d / 0.35));
                }
            }
        }
    }
    c
}

/// Stones, litter, plastic: bright and dark dots.
fn stones(c: [f32; 3], x: f32, y: f32, seed: u32) -> [f32; 3] {
    let cell = 1.7;
    let (gx, gy) = (floor(x / cell), floor(y / cell));
    let h = unit2(gx, gy, seed ^ 91);
    if h > 0.16 {
        return c;
    }
    let px = (gx as f32 + 0.2 + 0.6 * unit2(gx, gy, seed ^ 92)) * cell;
    let py = (gy as f32 + 0.2 + 0.6 * unit2(gx, gy, seed ^ 93)) * cell;
    let r = 0.1 + 0.28 * unit2(gx, gy, seed ^ 94);
    let d = (x - px).hypot(y - py);
    if d < r {
        let tone = if h < 0.09 { 1.42 } else { 0.58 };
        return scale(c, 1.0 + (tone - 1.0) * (2.0 * (1.0 - d / r)).min(1.0));
    }
    c
}
