//! A network with one hidden layer, and how it learns (Adam; Kingma & Ba 2015).

use crate::chip::features::FEATURES;
use crate::chip::label::Label;
use crate::chip::random::Random;

const OUT: usize = Label::COUNT;
/// Most hidden units.
pub const MOST_HIDDEN: usize = 512;

/// The numbers of a network. Each input is first moved by `mean` and multiplied by `scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct Net {
    /// Hidden units.
    pub hidden: usize,
    /// Mean of each input.
    pub mean: Vec<f32>,
    /// One over the deviation of each input.
    pub scale: Vec<f32>,
    /// Weights: of each input to all hidden units, their biases, of each hidden unit to all outputs,
    /// their biases.
    pub weights: Vec<f32>,
}

/// Where the parts of `weights` end.
fn parts(hidden: usize) -> [usize; 3] {
    let a = FEATURES * hidden;
    [a, a + hidden, a + hidden + hidden * OUT]
}

/// How many weights a network of so many hidden units has.
pub fn size(hidden: usize) -> usize {
    parts(hidden)[2] + OUT
}

impl Net {
    /// Before learning (He et al. 2015), for inputs of this mean and deviation.
    pub fn new(hidden: usize, mean: Vec<f32>, deviation: &[f32], random: &mut Random) -> Self {
        let mut weights = vec![0f32; size(hidden)];
        let [a, b, c] = parts(hidden);
        let scale_in = (2.0 / FEATURES as f32).sqrt();
        let scale_out = (2.0 / hidden as f32).sqrt();
        for w in &mut weights[..a] {
            *w = scale_in * random.bell();
        }
        for w in &mut weights[b..c] {
            *w = scale_out * random.bell();
        }
        Self {
            hidden,
            mean,
            scale: deviation.iter().map(|d| 1.0 / d.max(1e-3)).collect(),
            weights,
        }
    }

    /// An input as the network reads it.
    pub fn normal(&self, input: &[f32]) -> Vec<f32> {
        input
            .iter()
            .zip(&self.mean)
            .zip(&self.scale)
            .map(|((v, m), s)| ((v - m) * s).clamp(-6.0, 6.0))
            .collect()
    }

    /// The outputs of an input that is normal already; `active` gets what the hidden units say.
    pub fn forward(&self, input: &[f32], active: &mut [f32]) -> [f32; OUT] {
        let [a, b, c] = parts(self.hidden);
        let w = &self.weights;
        active.copy_from_slice(&w[a..b]);
        for (v, row) in input.iter().zip(w[..a].chunks_exact(self.hidden)) {
            for (h, w) in active.iter_mut().zip(row) {
                *h += v * w;
            }
        }
        let mut out: [f32; OUT] = std::array::from_fn(|k| w[c + k]);
        for (h, row) in active.iter_mut().zip(w[b..c].chunks_exact(OUT)) {
            *h = h.max(0.0);
            for (o, w) in out.iter_mut().zip(row) {
                *o += *h * w;
            }
        }
        out
    }

    /// Adds the gradient of an input to `gradient`, given that of its outputs.
    pub fn backward(
        &self,
        input: &[f32],
        active: &[f32],
        outputs: &[f32; OUT],
        gradient: &mut [f32],
    ) {
        let [a, b, c] = parts(self.hidden);
        let mut back = vec![0f32; self.hidden];
        for (j, (row, g)) in self.weights[b..c]
            .chunks_exact(OUT)
            .zip(gradient[b..c].chunks_exact_mut(OUT))
            .enumerate()
        {
            if active[j] <= 0.0 {
                continue;
            }
            for ((w, g), o) in row.iter().zip(g).zip(outputs) {
                *g += active[j] * o;
                back[j] += w * o;
            }
        }
        for (g, o) in gradient[c..].iter_mut().zip(outputs) {
            *g += o;
        }
        for (g, d) in gradient[a..b].iter_mut().zip(&back) {
            *g += d;
        }
        for (v, row) in input
            .iter()
            .zip(gradient[..a].chunks_exact_mut(self.hidden))
        {
            for (g, d) in row.iter_mut().zip(&back) {
                *g += v * d;
            }
        }
    }
}

/// The memory of Adam.
pub struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

impl Adam {
    /// For so many weights.
    pub fn new(n: usize) -> Self {
        Self {
            first: vec![0.0; n],
            second: vec![0.0; n],
            steps: 0,
        }
    }

    /// A step against `gradient`; weights fall by `decay` of themselves at a rate of 1.
    pub fn step(&mut self, weights: &mut [f32], gradient: &[f32], rate: f32, decay: f32) {
        const B1: f32 = 0.9;
        const B2: f32 = 0.999;
        self.steps += 1;
        let (c1, c2) = (1.0 - B1.powi(self.steps), 1.0 - B2.powi(self.steps));
        let both = self.first.iter_mut().zip(self.second.iter_mut());
        for ((w, g), (m, v)) in weights.iter_mut().zip(gradient).zip(both) {
            *m = B1 * *m + (1.0 - B1) * g;
            *v = B2 * *v + (1.0 - B2) * g * g;
            *w -= rate * ((*m / c1) / ((*v / c2).sqrt() + 1e-8) + decay * *w);
        }
    }
}

/// Shares that add up to one, of outputs divided by `temperature`; none where `known` is false.
pub fn shares(out: &[f32; OUT], temperature: f32, known: &[bool; OUT]) -> [f32; OUT] {
    let mut top = f32::MIN;
    for (o, k) in out.iter().zip(known) {
        if *k {
            top = top.max(*o);
        }
    }
    let mut p = [0f32; OUT];
    let mut sum = 0.0;
    for ((p, o), k) in p.iter_mut().zip(out).zip(known) {
        if *k {
            *p = ((o - top) / temperature).exp();
            sum += *p;
        }
    }
    p.map(|v| v / f32::max(sum, 1e-30))
}
