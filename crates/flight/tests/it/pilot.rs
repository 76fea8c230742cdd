//! A pilot of another making: reads a plan as an autopilot would and flies it, step by step, as a
//! point mass with bank, roll and wind. It shares no code with the crate: not its geometry, not its
//! air, not its idea of a circle. What it meets on the way is measured against the plan's own fences.

use serde_json::Value;

/// The air and the autopilot on a day.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    /// Wind towards, m/s, east and north.
    pub wind: [f64; 2],
    /// Does the autopilot widen circles with height?
    pub widens: bool,
    /// How much of the commanded acceptance radius it uses to turn early.
    pub accepts: f64,
    /// Period of its guidance, seconds.
    pub period: f64,
    /// How long after each item begins its bank stays what it was, seconds.
    pub late_s: f64,
    /// How long after each item begins its height stays what it was, seconds.
    pub climbs_late_s: f64,
    /// Follows circles by a field of courses of this gain, instead of by its distance and speed.
    pub field: Option<f64>,
    /// Kelvin above the standard atmosphere.
    pub warmer_k: f64,
    /// Heading at take-off, radians from north.
    pub heading: f64,
}

/// Airframe limits.
#[derive(Clone, Copy, Debug)]
pub struct Airframe {
    pub airspeed: f64,
    pub bank_deg: f64,
    pub climb: f64,
    pub sink: f64,
}

/// What a flight met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Met {
    /// Least distance to a fence, negative beyond it.
    pub fence: f64,
    /// At which mission item, from 0, that was.
    pub item: usize,
    /// Least height above the ground.
    pub ground: f64,
    /// At which mission item, from 0, that was.
    pub ground_item: usize,
    /// Did it come to its end?
    pub ended: bool,
    /// Greatest and least distance from the centre of the timed loiter, after its first lap.
    pub loiter: [f64; 2],
}

struct Rings {
    inside: Vec<Vec<[f64; 2]>>,
    outside: Vec<Vec<[f64; 2]>>,
}

struct Frame {
    lat: f64,
    lon: f64,
}

impl Frame {
    /// Metres by the local degree lengths (series in the latitude, National Geospatial-Intelligence
    /// Agency's length of a degree calculator).
    fn metres(&self, lat: f64, lon: f64) -> [f64; 2] {
        let p = self.lat.to_radians();
        let north = 111_132.92 - 559.82 * (2.0 * p).cos() + 1.175 * (4.0 * p).cos();
        let east = 111_412.84 * p.cos() - 93.5 * (3.0 * p).cos() + 0.118 * (5.0 * p).cos();
        [(lon - self.lon) * east, (lat - self.lat) * north]
    }
}

fn to_segment(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let t = (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy).max(1e-12))
        .clamp(0.0, 1.0);
    (p[0] - a[0] - t * dx).hypot(p[1] - a[1] - t * dy)
}

/// Distance to the ring, positive inside (winding number).
fn inside_by(p: [f64; 2], ring: &[[f64; 2]]) -> f64 {
    let mut winding = 0;
    let mut near = f64::INFINITY;
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        near = near.min(to_segment(p, a, b));
        let side = (b[0] - a[0]) * (p[1] - a[1]) - (p[0] - a[0]) * (b[1] - a[1]);
        if a[1] <= p[1] && b[1] > p[1] && side > 0.0 {
            winding += 1;
        }
        if a[1] > p[1] && b[1] <= p[1] && side < 0.0 {
            winding -= 1;
        }
    }
    if winding != 0 { near } else { -near }
}

impl Rings {
    fn clearance(&self, p: [f64; 2]) -> f64 {
        let inside = self
            .inside
            .iter()
            .map(|r| inside_by(p, r))
            .fold(f64::NEG_INFINITY, f64::max);
        let outside = self
            .outside
            .iter()
            .map(|r| -inside_by(p, r))
            .fold(f64::INFINITY, f64::min);
        inside.min(outside)
    }
}

const STEP_S: f64 = 0.2;
const G: f64 = 9.80665;
/// Damping of the guidance, as autopilots come.
const DAMPING: f64 = 0.75;

struct Craft {
    at: [f64; 2],
    height: f64,
    heading: f64,
    bank: f64,
}

fn wrap(a: f64) -> f64 {
    (a + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI
}

/// Flies a plan. `ground` gives the height of the ground at metres about `origin` (degrees).
pub fn fly(
    plan: &str,
    origin: (f64, f64),
    frame: Airframe,
    day: Day,
    ground: &dyn Fn(f64, f64) -> f64,
) -> Met {
    let plan: Value = serde_json::from_str(plan).unwrap();
    let here = Frame {
        lat: origin.0,
        lon: origin.1,
    };
    let ring = |v: &Value| -> Vec<[f64; 2]> {
        v["polygon"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| here.metres(p[0].as_f64().unwrap(), p[1].as_f64().unwrap()))
            .collect()
    };
    let mut rings = Rings {
        inside: vec![],
        outside: vec![],
    };
    for p in plan["geoFence"]["polygons"].as_array().unwrap() {
        if p["inclusion"].as_bool().unwrap() {
            rings.inside.push(ring(p));
        } else {
            rings.outside.push(ring(p));
        }
    }
    let items: Vec<(u64, Vec<f64>)> = plan["mission"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| {
            let params = i["params"].as_array().unwrap();
            (
                i["command"].as_u64().unwrap(),
                params.iter().map(|p| p.as_f64().unwrap_or(0.0)).collect(),
            )
        })
        .filter(|(c, _)| *c != 178)
        .collect();
    let place = |p: &[f64]| here.metres(p[4], p[5]);
    let mut craft = Craft {
        at: place(&items[0].1),
        height: items[0].1[6],
        heading: day.heading,
        bank: 0.0,
    };
    let mut met = Met {
        fence: f64::INFINITY,
        item: 0,
        ground: f64::INFINITY,
        ground_item: 0,
        ended: false,
        loiter: [0.0, f64::INFINITY],
    };
    assert_eq!(items[0].0, 22, "begins with a take-off");
    let mut time = 0.0f64;
    let mut spare = 0.0;
    let mut from = craft.at;
    for (n, (command, p)) in items.iter().enumerate().skip(1) {
        let target = place(p);
        let next = items.get(n + 1).map(|i| place(&i.1));
        let begun = time;
        let mut captured: Option<f64> = None;
        loop {
            let speed = frame.airspeed * air(craft.height, day.warmer_k).sqrt();
            let gust = 0.9 + 0.1 * (time / 7.0).sin();
            let wind = [day.wind[0] * gust, day.wind[1] * gust];
            let v = [
                speed * craft.heading.sin() + wind[0],
                speed * craft.heading.cos() + wind[1],
            ];
            let over = v[0].hypot(v[1]).max(1.0);
            let demand = if *command == 16 {
                leg(&craft, from, target, v, over, day.period)
            } else {
                let radius = if *command == 31 { p[1] } else { p[2] };
                let wide = if day.widens {
                    air(craft.height, day.warmer_k)
                } else {
                    1.0
                };
                let (round, side) = (radius.abs() * wide, radius.signum());
                match day.field {
                    Some(gain) => field(&craft, target, round, side, v, gain),
                    None => circle(&craft, target, round, side, v, over, day.period),
                }
            };
            let limit = frame.bank_deg.to_radians();
            let wanted = (demand / G).atan().clamp(-limit, limit);
            let roll = if time - begun < day.late_s {
                0.0
            } else {
                ((wanted - craft.bank) / 0.5).clamp(-0.8, 0.8)
            };
            craft.bank += roll * STEP_S;
            craft.heading = wrap(craft.heading + G * craft.bank.tan() / speed * STEP_S);
            craft.at = [craft.at[0] + v[0] * STEP_S, craft.at[1] + v[1] * STEP_S];
            if time - begun >= day.climbs_late_s {
                craft.height +=
                    (p[6] - craft.height).clamp(-frame.sink * STEP_S, frame.climb * STEP_S);
            }
            time += STEP_S;
            // Looked at again only when it could have become the least.
            spare -= over * STEP_S;
            if spare <= 0.0 {
                let fence = rings.clearance(craft.at);
                if fence < met.fence {
                    (met.fence, met.item) = (fence, n);
                }
                spare = fence - met.fence;
            }
            let above = craft.height - ground(craft.at[0], craft.at[1]);
            if above < met.ground {
                (met.ground, met.ground_item) = (above, n);
            }
            let away = (craft.at[0] - target[0]).hypot(craft.at[1] - target[1]);
            let ahead = next.is_none_or(|q| {
                let bearing = (q[0] - craft.at[0]).atan2(q[1] - craft.at[1]);
                wrap(bearing - v[0].atan2(v[1])).abs() < 0.09
            });
            let radius = if *command == 31 {
                p[1].abs()
            } else {
                p[2].abs()
            };
            if captured.is_none() && away < 1.4 * radius {
                captured = Some(time);
            }
            let lap = std::f64::consts::TAU * radius / 12.0;
            let done = match command {
                16 => {
                    let (dx, dy) = (target[0] - from[0], target[1] - from[1]);
                    let past =
                        (craft.at[0] - target[0]) * dx + (craft.at[1] - target[1]) * dy >= 0.0;
                    away < day.accepts * p[1] || past
                }
                31 => {
                    (craft.height - p[6]).abs() < 2.0 && captured.is_some() && (p[0] < 0.5 || ahead)
                }
                // What comes after the third lap is like the third.
                19 => {
                    let on = captured.map_or(0.0, |c| time - c);
                    if on > lap && on < 3.0 * lap {
                        met.loiter = [met.loiter[0].max(away), met.loiter[1].min(away)];
                    }
                    on >= p[0].min(3.0 * lap) && (p[1] < 0.5 || ahead)
                }
                17 => captured.is_some_and(|c| time - c > 2.0 * lap),
                other => panic!("the pilot doesn't know command {other}"),
            };
            if done {
                break;
            }
            if time - begun > 6000.0 {
                return met;
            }
        }
        from = if *command == 16 { target } else { craft.at };
    }
    met.ended = true;
    met
}

/// One over the density ratio: pressure and temperature of the standard atmosphere (US 1976).
fn air(height: f64, warmer_k: f64) -> f64 {
    let t = 288.15 - 6.5e-3 * height;
    let pressure = 101_325.0 * (t / 288.15).powf(G * 0.028_964_4 / (8.314_46 * 6.5e-3));
    let density = pressure * 0.028_964_4 / (8.314_46 * (t + warmer_k));
    1.225 / density
}

/// Lateral acceleration, to the right, towards a point ahead on a leg (Park, Deyst and How 2004).
fn leg(craft: &Craft, a: [f64; 2], b: [f64; 2], v: [f64; 2], over: f64, period: f64) -> f64 {
    let reach = period * DAMPING * over / std::f64::consts::PI;
    let along = (b[0] - a[0]).atan2(b[1] - a[1]);
    let (s, c) = along.sin_cos();
    let right = (craft.at[0] - a[0]) * c - (craft.at[1] - a[1]) * s;
    let back = (right / reach).clamp(-1.0, 1.0).asin().clamp(-0.78, 0.78);
    let eta = wrap(along - v[0].atan2(v[1]) - back).clamp(-1.57, 1.57);
    4.0 * DAMPING * DAMPING * over * over / reach * eta.sin()
}

/// Lateral acceleration, to the right, on a circle: towards its centre until the circle wants more.
fn circle(
    craft: &Craft,
    centre: [f64; 2],
    radius: f64,
    side: f64,
    v: [f64; 2],
    over: f64,
    period: f64,
) -> f64 {
    let reach = period * DAMPING * over / std::f64::consts::PI;
    let out = [craft.at[0] - centre[0], craft.at[1] - centre[1]];
    let away = out[0].hypot(out[1]).max(1.0);
    let unit = [out[0] / away, out[1] / away];
    let outwards = v[0] * unit[0] + v[1] * unit[1];
    let bearing_in = (-unit[0]).atan2(-unit[1]);
    let eta = wrap(bearing_in - v[0].atan2(v[1])).clamp(-1.57, 1.57);
    let capture = 4.0 * DAMPING * DAMPING * over * over / reach * eta.sin();
    let omega = std::f64::consts::TAU / period;
    let error = away - radius;
    let mut correct = error * omega * omega + outwards * 2.0 * DAMPING * omega;
    // Speed round the circle, the right way round positive: clockwise is to the right of outwards.
    let round = side * (v[0] * unit[1] - v[1] * unit[0]);
    if round < 0.0 && outwards > 0.0 {
        correct = correct.max(0.0);
    }
    let centripetal = round * round / (0.5 * radius).max(radius + error);
    let hold = side * (correct + centripetal);
    if error > 0.0 && side * capture < side * hold {
        capture
    } else {
        hold
    }
}

/// Lateral acceleration, to the right, towards the course that a field of courses gives round a
/// circle: the tangent, turned in by the distance from it (Beard and McLain 2012, section 10.2).
fn field(craft: &Craft, centre: [f64; 2], radius: f64, side: f64, v: [f64; 2], gain: f64) -> f64 {
    let out = [craft.at[0] - centre[0], craft.at[1] - centre[1]];
    let away = out[0].hypot(out[1]).max(1.0);
    let bearing = out[0].atan2(out[1]);
    let turned = std::f64::consts::FRAC_PI_2 + (gain * (away - radius) / radius).atan();
    let over = v[0].hypot(v[1]).max(1.0);
    let hold = side * over * over / away.max(0.5 * radius);
    hold + over * wrap(bearing + side * turned - v[0].atan2(v[1]))
}
