//! Grey pictures: copies, halves, smoothing, sampling.

use pulp::{Arch, Simd, WithSimd};

/// An 8-bit grey picture without padding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gray {
    /// Width, pixels.
    pub w: usize,
    /// Height, pixels.
    pub h: usize,
    /// Rows, `w` bytes each.
    pub px: Vec<u8>,
}

impl Gray {
    /// A black picture.
    #[cfg(test)]
    pub fn new(w: usize, h: usize) -> Self {
        Self {
            w,
            h,
            px: vec![0; w * h],
        }
    }

    /// Gives it another size; what its pixels hold is not said.
    pub fn resize(&mut self, w: usize, h: usize) {
        (self.w, self.h) = (w, h);
        self.px.resize(w * h, 0);
    }

    /// Copied out of a plane with a stride; `None` when the plane is too short.
    pub fn from_plane(bytes: &[u8], stride: usize, w: usize, h: usize) -> Option<Self> {
        if w == 0 || h == 0 || stride < w || bytes.len() < stride * (h - 1) + w {
            return None;
        }
        let mut px = Vec::with_capacity(w * h);
        for y in 0..h {
            px.extend_from_slice(&bytes[y * stride..y * stride + w]);
        }
        Some(Self { w, h, px })
    }

    /// A row.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.px[y * self.w..(y + 1) * self.w]
    }

    /// Half the size: the mean of each 2x2.
    pub fn half(&self) -> Self {
        Arch::new().dispatch(Half(self))
    }

    #[inline(always)]
    fn half_wide(&self) -> Self {
        let (w, h) = (self.w / 2, self.h / 2);
        let mut px = vec![0u8; w * h];
        for (y, out) in px.chunks_exact_mut(w.max(1)).enumerate() {
            let (a, b) = (&self.row(2 * y)[..2 * w], &self.row(2 * y + 1)[..2 * w]);
            for ((o, a), b) in out.iter_mut().zip(a.chunks_exact(2)).zip(b.chunks_exact(2)) {
                let sum = |p: &[u8]| u16::from(p[0]) + u16::from(p[1]);
                *o = ((sum(a) + sum(b) + 2) >> 2) as u8;
            }
        }
        Self { w, h, px }
    }

    /// Smoothed by the 3x3 binomial (1 2 1 in each direction); edges repeat.
    pub fn smooth(&self) -> Self {
        let mut out = Self::default();
        self.smooth_into(&mut out);
        out
    }

    /// Smoothed by the 3x3 binomial (1 2 1 in each direction); edges repeat.
    pub fn smooth_into(&self, out: &mut Self) {
        Arch::new().dispatch(Smooth(self, out));
    }

    #[inline(always)]
    fn smooth_wide(&self, out: &mut Self) {
        let (w, h) = (self.w, self.h);
        out.resize(w, h);
        let mut sums = vec![0u16; w];
        let sums = &mut sums[..w];
        for (y, out) in out.px.chunks_exact_mut(w).enumerate() {
            let up = &self.row(y.saturating_sub(1))[..w];
            let mid = &self.row(y)[..w];
            let down = &self.row((y + 1).min(h - 1))[..w];
            for x in 0..w {
                sums[x] = u16::from(up[x]) + 2 * u16::from(mid[x]) + u16::from(down[x]);
            }
            if w < 3 {
                out.copy_from_slice(mid);
                continue;
            }
            out[0] = ((3 * sums[0] + sums[1] + 8) >> 4) as u8;
            out[w - 1] = ((3 * sums[w - 1] + sums[w - 2] + 8) >> 4) as u8;
            let n = w - 2;
            let (l, c, r) = (&sums[..n], &sums[1..=n], &sums[2..n + 2]);
            let out = &mut out[1..=n];
            for x in 0..n {
                out[x] = ((l[x] + 2 * c[x] + r[x] + 8) >> 4) as u8;
            }
        }
    }

    /// Bilinear sample; `None` outside.
    pub fn sample(&self, x: f32, y: f32) -> Option<f32> {
        if !(x >= 0.0 && y >= 0.0) {
            return None;
        }
        let (x0, y0) = (x as usize, y as usize);
        if x0 + 1 >= self.w || y0 + 1 >= self.h {
            return None;
        }
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let i = y0 * self.w + x0;
        let p = |k: usize| f32::from(self.px[k]);
        let top = p(i) + fx * (p(i + 1) - p(i));
        let bottom = p(i + self.w) + fx * (p(i + self.w + 1) - p(i + self.w));
        Some(top + fy * (bottom - top))
    }
}

struct Half<'a>(&'a Gray);

impl WithSimd for Half<'_> {
    type Output = Gray;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Gray {
        self.0.half_wide()
    }
}

struct Smooth<'a>(&'a Gray, &'a mut Gray);

impl WithSimd for Smooth<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.0.smooth_wide(self.1);
    }
}

/// A picture and its halves, finest first.
#[derive(Clone, Debug, Default)]
pub struct Pyramid(pub Vec<Gray>);

impl Pyramid {
    /// Halves until `levels` are there or the picture gets too small to track in.
    pub fn new(base: Gray, levels: usize) -> Self {
        let mut all = vec![base];
        while all.len() < levels {
            let last = &all[all.len() - 1];
            if last.w < 48 || last.h < 48 {
                break;
            }
            let next = last.half();
            all.push(next);
        }
        Self(all)
    }
}

/// A picture of `base` with noise of three grey levels, for tests.
#[cfg(test)]
pub fn noise(w: usize, h: usize, seed: u32, base: impl Fn(usize, usize) -> f32) -> Gray {
    let mut s = seed;
    let mut g = Gray::new(w, h);
    for y in 0..h {
        for x in 0..w {
            s = s.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let n = (s >> 24) as f32 / 255.0 * 6.0 - 3.0;
            g.px[y * w + x] = (base(x, y) + n).clamp(1.0, 255.0) as u8;
        }
    }
    g
}
