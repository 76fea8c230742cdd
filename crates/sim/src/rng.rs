//! Named random streams and integer-hash noise.
//!
//! Every random quantity of a world comes from a stream named after its purpose,
//! so that adding one quantity never changes another, and from integer hashes,
//! so that a picture can be computed in any order and on any number of threads.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A random stream for one purpose of one world.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// Opens the stream called `name` of the world with number `seed`.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        // FNV-1a, twice with different offsets, spreads the name over the key.
        let fnv = |offset: u64| {
            name.bytes().fold(offset, |h, b| {
                (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
            })
        };
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&fnv(0xcbf2_9ce4_8422_2325).to_le_bytes());
        key[16..24].copy_from_slice(&fnv(0x9ae1_6a3b_2f90_404f).to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Uniform in `[0, 1)` with 53 bits.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in `[lo, hi)`.
    pub(crate) fn range(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * self.unit()
    }

    /// Uniform integer in `[0, n)`; `n` at least 1.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// Standard normal by Box and Muller's method.
    pub(crate) fn normal(&mut self) -> f64 {
        let u = 1.0 - self.unit();
        let v = self.unit();
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// 32 random bits.
    pub(crate) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }
}

/// A well-mixed hash of a lattice point.
#[inline(always)]
pub(crate) fn hash2(x: i32, y: i32, seed: u32) -> u32 {
    let mut h = (x as u32)
        .wrapping_mul(0x9e37_79b1)
        .wrapping_add((y as u32).wrapping_mul(0x85eb_ca77))
        ^ seed.wrapping_mul(0xc2b2_ae3d);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2c1b_3c6d);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297a_2d39);
    h ^ (h >> 15)
}

/// A hash of a lattice point as a number in `[0, 1)`.
#[inline(always)]
pub(crate) fn unit2(x: i32, y: i32, seed: u32) -> f32 {
    (hash2(x, y, seed) >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// The greatest integer not above `v`, which must fit an `i32`: without a call into the
/// mathematical library, which x86-64's base instructions need for `floor`.
#[inline(always)]
pub(crate) fn floor(v: f32) -> i32 {
    let i = v as i32;
    i - i32::from(v < i as f32)
}

/// Smooth value noise in `[0, 1)` with lattice spacing 1.
#[inline]
pub(crate) fn value_noise(x: f32, y: f32, seed: u32) -> f32 {
    let (ix, iy) = (floor(x), floor(y));
    let (tx, ty) = (x - ix as f32, y - iy as f32);
    let (sx, sy) = (tx * tx * (3.0 - 2.0 * tx), ty * ty * (3.0 - 2.0 * ty));
    let a = unit2(ix, iy, seed);
    let b = unit2(ix + 1, iy, seed);
    let c = unit2(ix, iy + 1, seed);
    let d = unit2(ix + 1, iy + 1, seed);
    let top = a + (b - a) * sx;
    top + (c + (d - c) * sx - top) * sy
}

/// Sum of `octaves` value noises, each of twice the frequency and `gain` of the
/// amplitude of the one before, scaled to `[0, 1)`.
pub(crate) fn fbm(x: f32, y: f32, octaves: u32, gain: f32, seed: u32) -> f32 {
    let (mut sum, mut amp, mut total, mut f) = (0.0, 1.0, 0.0, 1.0);
    for o in 0..octaves {
        sum += amp * value_noise(x * f, y * f, seed.wrapping_add(o * 101));
        total += amp;
        amp *= gain;
        f *= 2.03;
    }
    sum / total
}

/// A smooth random function of time: a sum of sinusoids with frequencies spread
/// between two limits, unit variance.
#[derive(Clone, Debug)]
pub(crate) struct Wander {
    terms: Vec<(f64, f64, f64)>,
}

impl Wander {
    /// `n` terms between `f_lo` and `f_hi` Hz; the amplitude falls as `f^-slope`.
    pub(crate) fn new(rng: &mut Stream, n: usize, f_lo: f64, f_hi: f64, slope: f64) -> Self {
        let mut terms: Vec<(f64, f64, f64)> = (0..n)
            .map(|k| {
                let u = (k as f64 + rng.unit()) / n as f64;
                let f = f_lo * (f_hi / f_lo).powf(u);
                (
                    std::f64::consts::TAU * f,
                    rng.range(0.0, std::f64::consts::TAU),
                    (f / f_lo).powf(-slope) * rng.range(0.6, 1.4),
                )
            })
            .collect();
        let power: f64 = terms.iter().map(|t| t.2 * t.2 / 2.0).sum();
        let scale = 1.0 / power.sqrt().max(1e-12);
        for t in &mut terms {
            t.2 *= scale;
        }
        Self { terms }
    }

    /// The value at `t` seconds.
    pub(crate) fn at(&self, t: f64) -> f64 {
        self.terms
            .iter()
            .map(|(w, p, a)| a * (w * t + p).sin())
            .sum()
    }
}
