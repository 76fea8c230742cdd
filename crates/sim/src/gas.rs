//! A source of gas in one of the sheds, the wind, and a small drone that sniffs around them.
//!
//! The air is not the one that estimation assumes: the plume of a moment is narrow, meanders with the
//! wind, comes in puffs, and the sensor lags and drifts. Truth is written beside the samples.

use crate::rng::{Stream, Wander};
use crate::world::World;
use atalaya_model::Micros;
use serde_json::json;
use std::fmt::Write;

/// The zone that the source is in.
pub const SHED: &str = "north-shed";
/// Outline of that shed: west, south, east, north, metres.
pub(crate) const SHED_LIMITS: [f64; 4] = [-26.0, 17.0, 1.0, 26.5];
/// Outline of the other shed, where no source is.
pub(crate) const OTHER_LIMITS: [f64; 4] = [21.5, -1.0, 30.5, 23.0];
/// File of the samples.
pub const GAS_FILE: &str = "nose.csv";
/// Samples a second.
const HZ: f64 = 1.0;
/// Speed of the drone, m/s, and how high it flies, metres.
const SPEED: f64 = 5.0;
const HEIGHT_M: f64 = 6.0;
/// Half sides of its two circuits around the yard, east and north, metres, and their middle.
const CIRCUITS: [[f64; 2]; 2] = [[36.0, 30.0], [46.0, 40.0]];
const MIDDLE: [f64; 2] = [-4.0, 4.0];
/// The sensor answers with this time constant, seconds.
const LAG_S: f64 = 1.0;
/// One-sigma noise of a reading, ppm.
const NOISE_PPM: f64 = 0.04;
/// Grams of methane in a cubic metre of it, at 15 °C.
const GRAMS: f64 = 678.0;

/// A source of methane.
#[derive(Clone, Debug, PartialEq)]
pub struct GasSource {
    /// East, north, up, metres.
    pub at: [f64; 3],
    /// Rate, kg/h.
    pub rate_kg_h: f64,
    /// Emits from here on, seconds.
    pub from_s: f64,
}

/// A sample with its wind.
#[derive(Clone, Debug, PartialEq)]
pub struct Sniffed {
    /// Seconds since the world's beginning.
    pub t: f64,
    /// East, north, up of the drone, metres.
    pub at: [f64; 3],
    /// Reading, ppm.
    pub ppm: f64,
    /// Wind at the mast: m/s and where it comes from, degrees.
    pub wind: [f64; 2],
}

/// The source of a world.
pub fn gas_source(world: &World) -> GasSource {
    let mut rng = Stream::new(world.seed, "gas source");
    let [w, s, e, n] = SHED_LIMITS;
    GasSource {
        at: [
            rng.range(w + 4.0, e - 4.0),
            rng.range(s + 2.0, n - 2.0),
            rng.range(1.0, 3.5),
        ],
        rate_kg_h: rng.range(2.0, 5.0),
        from_s: (0.08 * world.options.duration_s).min(20.0),
    }
}

/// All samples of a world.
pub fn sniff(world: &World) -> Vec<Sniffed> {
    let source = gas_source(world);
    let mut rng = Stream::new(world.seed, "gas");
    let base = rng.range(0.0, 360.0);
    let speed = rng.range(2.2, 4.5);
    // What the mast sees, and what only the plume of a moment follows.
    let turning = Wander::new(&mut rng, 8, 0.003, 0.05, 0.7);
    let gusts = Wander::new(&mut rng, 8, 0.005, 0.1, 0.6);
    let meander = Wander::new(&mut rng, 8, 0.03, 0.3, 0.5);
    let drift = Wander::new(&mut rng, 6, 0.0005, 0.005, 1.0);
    let background = rng.range(1.95, 2.1);
    let mut read = background;
    let n = (world.options.duration_s * HZ).floor() as u64;
    (0..=n)
        .map(|k| {
            let t = k as f64 / HZ;
            let at = path(t);
            let wind = (speed * (1.0 + 0.18 * gusts.at(t))).max(0.8);
            let from = base + 9.0 * turning.at(t);
            let plume = from + 8.0 * meander.at(t);
            let puff = (0.35 * rng.normal() - 0.06).exp();
            let excess = if t >= source.from_s {
                puff * concentration(&source, at, wind, plume)
            } else {
                0.0
            };
            let air = background + 0.03 * drift.at(t) + excess;
            read += (air - read) * (1.0 - (-1.0 / (HZ * LAG_S)).exp());
            let seen = [
                (wind + 0.15 * rng.normal()).max(0.0),
                (from + 3.0 * rng.normal()).rem_euclid(360.0),
            ];
            Sniffed {
                t,
                at,
                ppm: read + NOISE_PPM * rng.normal(),
                wind: seen,
            }
        })
        .collect()
}

/// Around the yard, on one circuit and then the other.
fn path(t: f64) -> [f64; 3] {
    let length = |c: &[f64; 2]| 4.0 * (c[0] + c[1]);
    let mut left = (SPEED * t).rem_euclid(CIRCUITS.iter().map(length).sum());
    for c in &CIRCUITS {
        if left > length(c) {
            left -= length(c);
            continue;
        }
        let [a, b] = *c;
        // From the south-west corner: east, north, west, south.
        let [x, y] = match left {
            s if s < 2.0 * a => [s - a, -b],
            s if s < 2.0 * (a + b) => [a, s - 2.0 * a - b],
            s if s < 4.0 * a + 2.0 * b => [a - (s - 2.0 * (a + b)), b],
            s => [-a, b - (s - 4.0 * a - 2.0 * b)],
        };
        return [MIDDLE[0] + x, MIDDLE[1] + y, HEIGHT_M];
    }
    [MIDDLE[0], MIDDLE[1], HEIGHT_M]
}

/// What the plume of a moment adds at a place, ppm: Gaussian and narrow, reflected at the ground, wider
/// at its beginning because it leaves through a shed's doors and ridge.
fn concentration(source: &GasSource, at: [f64; 3], wind: f64, from_deg: f64) -> f64 {
    let to = (from_deg + 180.0).to_radians();
    let (east, north) = (at[0] - source.at[0], at[1] - source.at[1]);
    let along = east * to.sin() + north * to.cos();
    let across = east * to.cos() - north * to.sin();
    if along <= 0.5 {
        return 0.0;
    }
    let sy = 2.0 + 0.09 * along;
    let sz = 1.5 + 0.06 * along;
    let side = (-0.5 * (across / sy).powi(2)).exp();
    let up = |dz: f64| (-0.5 * (dz / sz).powi(2)).exp();
    let vertical = up(at[2] - source.at[2]) + up(at[2] + source.at[2]);
    let grams_s = source.rate_kg_h * 1000.0 / 3600.0;
    let density = grams_s / (std::f64::consts::TAU * wind * sy * sz) * side * vertical;
    density / GRAMS * 1e6
}

/// The samples as a table: `time,sensor,lat,lon,height_m,ppm,wind_speed,wind_dir_from`.
pub fn gas_csv(world: &World) -> String {
    let mut out = String::from("time,sensor,lat,lon,height_m,ppm,wind_speed,wind_dir_from\n");
    for s in sniff(world) {
        let time = Micros(world.time_us(s.t)).to_rfc3339();
        let (lat, lon) = world.lat_lon([s.at[0], s.at[1]]);
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{time},nose,{lat:.7},{lon:.7},{:.1},{:.3},{:.2},{:.0}",
            s.at[2], s.ppm, s.wind[0], s.wind[1]
        );
    }
    out
}

/// Truth as `emission/1`.
pub(crate) fn emission_json(world: &World) -> String {
    let s = gas_source(world);
    let (lat, lon) = world.lat_lon([s.at[0], s.at[1]]);
    let round = |v: f64| (v * 1e3).round() / 1e3;
    let doc = json!({
        "schema": "emission/1",
        "status": "ok",
        "reason": null,
        "p_any": 1.0,
        "n_probs": [0.0, 1.0],
        "sources": [{
            "p": 1.0, "e": round(s.at[0]), "n": round(s.at[1]), "u": round(s.at[2]),
            "lat": (lat * 1e7).round() / 1e7, "lon": (lon * 1e7).round() / 1e7,
            "rate_kg_h": round(s.rate_kg_h), "zone": SHED,
            "t0_s": s.from_s, "t1_s": world.options.duration_s,
        }],
    });
    format!("{doc:#}\n")
}
