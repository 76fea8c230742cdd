//! A constant-velocity Kalman filter on a plane (Bar-Shalom, Li & Kirubarajan 2001, ch. 6).

use atalaya_geo::{Matrix2, Vector2};

/// Position and velocity with covariance, kept as 2x2 blocks: position, cross, velocity.
#[derive(Clone, Copy, Debug)]
pub struct Kalman {
    /// Position.
    pub p: Vector2<f64>,
    /// Velocity, per second.
    pub v: Vector2<f64>,
    /// Covariance of position.
    pub pp: Matrix2<f64>,
    /// Covariance of position with velocity.
    pub pv: Matrix2<f64>,
    /// Covariance of velocity.
    pub vv: Matrix2<f64>,
}

impl Kalman {
    /// At a measured place, with a speed known to about `speed`.
    pub fn new(p: Vector2<f64>, r: &Matrix2<f64>, speed: f64) -> Self {
        Self {
            p,
            v: Vector2::zeros(),
            pp: *r,
            pv: Matrix2::zeros(),
            vv: Matrix2::identity() * speed * speed,
        }
    }

    /// `dt` seconds on, with white acceleration of `accel` (one sigma).
    pub fn predict(&mut self, dt: f64, accel: f64) {
        self.p += self.v * dt;
        let q = accel * accel;
        let eye = Matrix2::identity();
        self.pp += (self.pv + self.pv.transpose()) * dt
            + self.vv * (dt * dt)
            + eye * (q * dt.powi(4) / 4.0);
        self.pv += self.vv * dt + eye * (q * dt.powi(3) / 2.0);
        self.vv += eye * (q * dt * dt);
    }

    /// Squared Mahalanobis distance of a measurement.
    pub fn distance2(&self, z: Vector2<f64>, r: &Matrix2<f64>) -> f64 {
        let y = z - self.p;
        match (self.pp + r).try_inverse() {
            Some(inv) => (y.transpose() * inv * y)[(0, 0)],
            None => f64::INFINITY,
        }
    }

    /// Takes a measurement of the position.
    pub fn update(&mut self, z: Vector2<f64>, r: &Matrix2<f64>) {
        let Some(inv) = (self.pp + r).try_inverse() else {
            return;
        };
        let y = z - self.p;
        let kp = self.pp * inv;
        let kv = self.pv.transpose() * inv;
        self.p += kp * y;
        self.v += kv * y;
        self.vv -= kv * self.pv;
        self.pv -= kp * self.pv;
        self.pp -= kp * self.pp;
        // Rounding must not make it lopsided.
        self.pp = (self.pp + self.pp.transpose()) * 0.5;
        self.vv = (self.vv + self.vv.transpose()) * 0.5;
    }

    /// Takes the knowledge that it stands still, to about `speed` per second.
    pub fn stand(&mut self, speed: f64) {
        let r = Matrix2::identity() * speed * speed;
        let Some(inv) = (self.vv + r).try_inverse() else {
            return;
        };
        let y = -self.v;
        let kp = self.pv * inv;
        let kv = self.vv * inv;
        self.p += kp * y;
        self.v += kv * y;
        self.pp -= kp * self.pv.transpose();
        self.pv -= kp * self.vv;
        self.vv -= kv * self.vv;
        self.pp = (self.pp + self.pp.transpose()) * 0.5;
        self.vv = (self.vv + self.vv.transpose()) * 0.5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_learns_a_velocity_and_coasts() {
        let r = Matrix2::identity() * 0.25;
        let mut k = Kalman::new(Vector2::zeros(), &r, 10.0);
        for i in 1..=50 {
            k.predict(0.1, 1.0);
            k.update(Vector2::new(0.5 * i as f64, -0.2 * i as f64), &r);
        }
        assert!((k.v - Vector2::new(5.0, -2.0)).norm() < 0.1, "{}", k.v);
        let spread = k.pp.trace();
        k.predict(1.0, 1.0);
        assert!((k.p - Vector2::new(30.0, -12.0)).norm() < 0.2);
        assert!(k.pp.trace() > spread);
    }

    #[test]
    fn standing_takes_the_speed_out() {
        let r = Matrix2::identity() * 0.25;
        let mut k = Kalman::new(Vector2::zeros(), &r, 5.0);
        k.predict(0.1, 1.0);
        k.update(Vector2::new(0.4, 0.0), &r);
        k.stand(0.05);
        assert!(k.v.norm() < 0.01);
        assert!(k.vv.trace() < 0.01 && k.pp.determinant() > 0.0);
    }
}
