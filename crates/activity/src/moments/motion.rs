//! Moving or standing, and how fast: two motion models weighed against one another.
//!
//! An interacting multiple model estimator (Blom and Bar-Shalom, IEEE Trans. Automatic Control 33(8),
//! 1988) with two models: *standing*, whose place hardly drifts, and *moving*, of nearly constant
//! velocity (white noise acceleration: Bar-Shalom, Li and Kirubarajan, *Estimation with Applications to
//! Tracking and Navigation*, 2001, 6.2.2). East and north share one covariance. The probability of
//! each model is what is asked for, and no threshold on a speed is needed: a raw speed of 2 m/s is
//! nothing at 3 m error and a lot at 0.2 m.

use atalaya_geo::Vector2;
use atalaya_model::Micros;

/// Acceleration noise of what moves, m²/s³.
const ACCELERATION: f64 = 1.0;
/// Drift of what stands: its box breathes, m²/s.
const DRIFT: f64 = 0.02;
/// Mean time of moving and of standing, seconds.
const MOVES_S: f64 = 25.0;
const STANDS_S: f64 = 60.0;
/// One-sigma speed of what has just begun to move, m/s per axis.
const SETS_OFF: f64 = 1.0;
/// One-sigma speed of what is first seen, m/s per axis.
const FIRST_SPEED: f64 = 6.0;
/// Errors of places are alike over this time: fixes at a higher rate add no more, seconds.
const ALIKE_S: f64 = 0.2;
/// Squared normalised innovation beyond which a fix is taken for false …
const GATE: f64 = 30.0;
/// … unless so many come in a row.
const FALSE_IN_A_ROW: u32 = 4;
/// Share of fixes that are false.
const FALSE: f64 = 0.01;
/// One-sigma error of false fixes, metres.
const FALSE_M: f64 = 10.0;

/// Place and velocity of one model; covariance of one axis (place, both, velocity).
#[derive(Clone, Copy, Debug)]
struct Model {
    at: Vector2<f64>,
    v: Vector2<f64>,
    pp: f64,
    pv: f64,
    vv: f64,
}

impl Model {
    fn predict(&mut self, dt: f64, accelerates: f64, drifts: f64) {
        self.at += self.v * dt;
        let (pp, pv, vv) = (self.pp, self.pv, self.vv);
        self.pp = pp + dt * (2.0 * pv + dt * vv) + accelerates * dt.powi(3) / 3.0 + drifts * dt;
        self.pv = pv + dt * vv + accelerates * dt * dt / 2.0;
        self.vv = vv + accelerates * dt;
    }

    /// Squared innovation over its variance, and that variance.
    fn innovation(&self, at: Vector2<f64>, r: f64) -> (f64, f64) {
        let s = self.pp + r;
        ((at - self.at).norm_squared() / s, s)
    }

    fn update(&mut self, at: Vector2<f64>, r: f64) {
        let s = self.pp + r;
        let (kp, kv) = (self.pp / s, self.pv / s);
        let nu = at - self.at;
        self.at += nu * kp;
        self.v += nu * kv;
        self.vv = (self.vv - kv * self.pv).max(0.0);
        self.pv *= 1.0 - kp;
        self.pp *= 1.0 - kp;
    }

    /// The Gaussian with the moments of a mixture; the spread is that of the mean axis.
    fn mix(a: &Self, wa: f64, b: &Self, wb: f64) -> Self {
        let at = a.at * wa + b.at * wb;
        let v = a.v * wa + b.v * wb;
        let (mut pp, mut pv, mut vv) = (0.0, 0.0, 0.0);
        for (m, w) in [(a, wa), (b, wb)] {
            let (dp, dv) = (m.at - at, m.v - v);
            pp += w * (m.pp + 0.5 * dp.norm_squared());
            pv += w * (m.pv + 0.5 * dp.dot(&dv));
            vv += w * (m.vv + 0.5 * dv.norm_squared());
        }
        Self { at, v, pp, pv, vv }
    }
}

/// What is known of a subject's motion after its last fix.
#[derive(Clone, Debug)]
pub struct Motion {
    t: Micros,
    stand: Model,
    go: Model,
    moving: f64,
    strange: u32,
}

impl Motion {
    /// From a first fix.
    pub fn new(t: Micros, at: Vector2<f64>, sigma_m: f64) -> Self {
        let still = Model {
            at,
            v: Vector2::zeros(),
            pp: variance(sigma_m),
            pv: 0.0,
            vv: 0.0,
        };
        Self {
            t,
            stand: still,
            go: Model {
                vv: FIRST_SPEED * FIRST_SPEED,
                ..still
            },
            moving: 0.5,
            strange: 0,
        }
    }

    /// The next fix; false when it is taken for a false one, which changes nothing.
    pub fn push(&mut self, t: Micros, at: Vector2<f64>, sigma_m: f64) -> bool {
        let dt = t.since(self.t).clamp(0.0, 600.0);
        let r = variance(sigma_m) * (ALIKE_S / dt.max(0.01)).max(1.0);
        let stops = 1.0 - (-dt / MOVES_S).exp();
        let starts = 1.0 - (-dt / STANDS_S).exp();
        let (g, s) = (self.moving, 1.0 - self.moving);
        let to_stand = (s * (1.0 - starts) + g * stops).max(1e-12);
        let to_go = (g * (1.0 - stops) + s * starts).max(1e-12);
        let halted = Model {
            v: Vector2::zeros(),
            pv: 0.0,
            vv: 0.0,
            ..self.go
        };
        let set_off = Model {
            vv: SETS_OFF * SETS_OFF,
            ..self.stand
        };
        let w = s * (1.0 - starts) / to_stand;
        let mut stand = Model::mix(&self.stand, w, &halted, 1.0 - w);
        let w = g * (1.0 - stops) / to_go;
        let mut go = Model::mix(&self.go, w, &set_off, 1.0 - w);
        stand.predict(dt, 0.0, DRIFT);
        go.predict(dt, ACCELERATION, 0.0);
        let ((d_s, s_s), (d_g, s_g)) = (stand.innovation(at, r), go.innovation(at, r));
        if d_s.min(d_g) > GATE {
            self.strange += 1;
            if self.strange < FALSE_IN_A_ROW {
                return false;
            }
            *self = Self::new(t, at, sigma_m);
            return true;
        }
        self.strange = 0;
        let floor = FALSE / (std::f64::consts::TAU * FALSE_M * FALSE_M);
        let density = |d: f64, s: f64| (-0.5 * d).exp() / (std::f64::consts::TAU * s) + floor;
        let (l_s, l_g) = (density(d_s, s_s) * to_stand, density(d_g, s_g) * to_go);
        stand.update(at, r);
        stand.v = Vector2::zeros();
        stand.pv = 0.0;
        stand.vv = 0.0;
        go.update(at, r);
        self.moving = (l_g / (l_g + l_s)).clamp(1e-6, 1.0 - 1e-6);
        self.stand = stand;
        self.go = go;
        self.t = t;
        true
    }

    /// Probability that it moves.
    pub fn moving(&self) -> f64 {
        self.moving
    }

    /// Place by the likelier model.
    pub fn at(&self) -> Vector2<f64> {
        if self.moving > 0.5 {
            self.go.at
        } else {
            self.stand.at
        }
    }

    /// One-sigma error of the place, metres per axis.
    pub fn sigma_m(&self) -> f64 {
        let m = if self.moving > 0.5 {
            &self.go
        } else {
            &self.stand
        };
        m.pp.sqrt()
    }

    /// Velocity if it moves, m/s, and its one-sigma error per axis.
    pub fn velocity(&self) -> (Vector2<f64>, f64) {
        (self.go.v, self.go.vv.sqrt())
    }
}

fn variance(sigma_m: f64) -> f64 {
    let s = if sigma_m.is_finite() { sigma_m } else { 1.0 };
    s.clamp(0.05, 100.0).powi(2)
}
