//! One coordinate of a box: a filter of constant velocity (Bar-Shalom, Li & Kirubarajan 2001, ch. 6).

/// Place and speed with their covariance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub at: f64,
    speed: f64,
    pp: f64,
    pv: f64,
    vv: f64,
}

impl Axis {
    /// Measured at a place with a variance, at rest but for a variance of its speed.
    pub fn new(at: f64, variance: f64, speed_variance: f64) -> Self {
        Self {
            at,
            speed: 0.0,
            pp: variance,
            pv: 0.0,
            vv: speed_variance,
        }
    }

    /// `dt` seconds on, with white acceleration of variance `q`.
    pub fn predict(&mut self, dt: f64, q: f64) {
        self.at += self.speed * dt;
        self.pp += 2.0 * self.pv * dt + self.vv * dt * dt + q * dt.powi(4) / 4.0;
        self.pv += self.vv * dt + q * dt.powi(3) / 2.0;
        self.vv += q * dt * dt;
    }

    /// Measured again.
    pub fn update(&mut self, z: f64, variance: f64) {
        let s = self.pp + variance;
        let (kp, kv) = (self.pp / s, self.pv / s);
        let y = z - self.at;
        self.at += kp * y;
        self.speed += kv * y;
        self.vv -= kv * self.pv;
        self.pv -= kp * self.pv;
        self.pp -= kp * self.pp;
    }
}
