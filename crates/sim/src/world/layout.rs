//! What stands still: buildings, walls, trees, masts and the zones of the site.
//!
//! Local metres: x east, y north, z up from the ground, origin at the middle of
//! the compound.

use crate::rng::Stream;

/// An upright box with an optional gable roof.
#[derive(Clone, Copy, Debug)]
pub struct Building {
    /// West, south, east and north limits, metres.
    pub limits: [f32; 4],
    /// Height of the eaves, metres.
    pub eaves_m: f32,
    /// Height of the ridge above the eaves, metres; 0 for a flat roof.
    pub ridge_m: f32,
    /// Colour of the roof, display values 0 to 1.
    pub roof: [f32; 3],
    /// Colour of the walls.
    pub wall: [f32; 3],
    /// Relative warmth of the roof in the thermal picture, 0 to 1.
    pub roof_warmth: f32,
}

/// A tree or a bush.
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    /// Position of the stem, metres.
    pub at: [f32; 2],
    /// Height of the top, metres.
    pub height_m: f32,
    /// Radius of the crown, metres.
    pub radius_m: f32,
    /// Number that decides its leaves.
    pub seed: u32,
}

/// A thin upright thing: a pole, a mast, a lamp.
#[derive(Clone, Copy, Debug)]
pub struct Pole {
    /// Position, metres.
    pub at: [f32; 2],
    /// Height, metres.
    pub height_m: f32,
    /// Width, metres.
    pub width_m: f32,
}

/// A round tank on legs.
#[derive(Clone, Copy, Debug)]
pub struct Tank {
    /// Middle, metres.
    pub at: [f32; 2],
    /// Radius, metres.
    pub radius_m: f32,
    /// Heights of its bottom and top, metres.
    pub span_m: [f32; 2],
}

/// A zone of the site: an upright rectangle on the ground.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Identifier used in events and in `zones.geojson`.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// What it is to those who use it, as an operation says it.
    pub role: &'static str,
    /// West, south, east and north limits, metres.
    pub limits: [f64; 4],
}

/// Distance beyond a zone's border at which a departure may begin, metres.
pub const EXIT_MARGIN_M: f64 = 3.0;
/// Time that a subject must stay beyond the margin, seconds.
pub const EXIT_AFTER_S: f64 = 5.0;
/// An arrival counts when inside for this long, seconds: a touch of the edge is none.
pub const ENTER_AFTER_S: f64 = 1.0;

/// Everything of a world that does not move.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Sheds, office and wreckage.
    pub buildings: Vec<Building>,
    /// Wall segments as low boxes: limits and height.
    pub walls: Vec<([f32; 4], f32)>,
    /// Trees and bushes.
    pub trees: Vec<Tree>,
    /// Poles and masts.
    pub poles: Vec<Pole>,
    /// The water tank.
    pub tank: Tank,
    /// The zones.
    pub zones: Vec<Zone>,
}

/// Limits of the compound's wall: west, south, east, north, metres.
pub(crate) const COMPOUND: [f32; 4] = [-32.0, -20.0, 32.0, 28.0];
/// West and east limits of the gate in the south wall, metres.
pub(crate) const GATE_X: [f32; 2] = [4.3, 11.7];
/// South and north limits of the road, metres.
pub(crate) const ROAD_Y: [f32; 2] = [-41.2, -34.8];

/// Wall thickness, metres.
const WALL_M: f32 = 0.35;

impl Layout {
    /// Builds the compound of a world.
    pub(crate) fn compound(seed: u64) -> Self {
        let mut rng = Stream::new(seed, "layout");
        let mut tint = |c: [f32; 3]| {
            let k = rng.range(0.9, 1.1) as f32;
            [c[0] * k, c[1] * k, c[2] * k]
        };
        let buildings = vec![
            Building {
                limits: [-26.0, 17.0, 1.0, 26.5],
                eaves_m: 4.8,
                ridge_m: 1.4,
                roof: tint([0.62, 0.60, 0.58]),
                wall: tint([0.55, 0.50, 0.44]),
                roof_warmth: 0.52,
            },
            Building {
                limits: [21.5, -1.0, 30.5, 23.0],
                eaves_m: 4.2,
                ridge_m: 1.0,
                roof: tint([0.52, 0.34, 0.27]),
                wall: tint([0.60, 0.57, 0.52]),
                roof_warmth: 0.6,
            },
            Building {
                limits: [-31.0, -18.0, -23.5, -9.5],
                eaves_m: 3.3,
                ridge_m: 0.0,
                roof: tint([0.72, 0.70, 0.66]),
                wall: tint([0.66, 0.60, 0.52]),
                roof_warmth: 0.56,
            },
            // A container and a stack of pallets: clutter with straight edges.
            Building {
                limits: [14.0, 21.0, 20.0, 23.4],
                eaves_m: 2.6,
                ridge_m: 0.0,
                roof: tint([0.30, 0.40, 0.48]),
                wall: tint([0.27, 0.36, 0.44]),
                roof_warmth: 0.55,
            },
            Building {
                limits: [-22.0, 15.6, -19.2, 16.8],
                eaves_m: 1.1,
                ridge_m: 0.0,
                roof: tint([0.60, 0.48, 0.33]),
                wall: tint([0.50, 0.40, 0.28]),
                roof_warmth: 0.5,
            },
        ];
        Self {
            buildings,
            walls: walls(),
            trees: trees(seed),
            poles: poles(),
            tank: Tank {
                at: [26.0, -12.0],
                radius_m: 2.8,
                span_m: [4.5, 9.0],
            },
            zones: zones(),
        }
    }

    /// Whether the straight line from `eye` to `point` passes through something
    /// that stands still. Crowns count as solid to nine tenths of their radius.
    pub(crate) fn hides(&self, eye: [f64; 3], point: [f64; 3]) -> bool {
        let d = [point[0] - eye[0], point[1] - eye[1], point[2] - eye[2]];
        let in_box = |l: &[f32; 4], z1: f32| {
            let lo = [f64::from(l[0]), f64::from(l[1]), 0.0];
            let hi = [f64::from(l[2]), f64::from(l[3]), f64::from(z1)];
            let (mut t0, mut t1) = (0.0f64, 0.998f64);
            for k in 0..3 {
                if d[k].abs() < 1e-12 {
                    if eye[k] < lo[k] || eye[k] > hi[k] {
                        return false;
                    }
                    continue;
                }
                let (a, b) = ((lo[k] - eye[k]) / d[k], (hi[k] - eye[k]) / d[k]);
                t0 = t0.max(a.min(b));
                t1 = t1.min(a.max(b));
            }
            t0 < t1
        };
        if self
            .buildings
            .iter()
            .any(|b| in_box(&b.limits, b.eaves_m + 0.5 * b.ridge_m))
            || self.walls.iter().any(|(l, h)| in_box(l, *h))
        {
            return true;
        }
        let tank = &self.tank;
        let crowns = self.trees.iter().filter(|t| t.radius_m > 0.9).map(|t| {
            (
                [t.at[0], t.at[1], t.height_m - t.radius_m],
                t.radius_m * 0.9,
            )
        });
        let tank_ball = (
            [
                tank.at[0],
                tank.at[1],
                0.5 * (tank.span_m[0] + tank.span_m[1]),
            ],
            tank.radius_m,
        );
        crowns.chain(std::iter::once(tank_ball)).any(|(c, r)| {
            let m = [
                f64::from(c[0]) - eye[0],
                f64::from(c[1]) - eye[1],
                f64::from(c[2]) - eye[2],
            ];
            let dd = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
            let s = ((m[0] * d[0] + m[1] * d[1] + m[2] * d[2]) / dd).clamp(0.0, 1.0);
            let q = [m[0] - s * d[0], m[1] - s * d[1], m[2] - s * d[2]];
            q[0] * q[0] + q[1] * q[1] + q[2] * q[2] < f64::from(r * r)
        })
    }
}

fn walls() -> Vec<([f32; 4], f32)> {
    let [w, s, e, n] = COMPOUND;
    let h = 2.4;
    let k = WALL_M;
    vec![
        ([w, n - k, e, n], h),
        ([w, s, w + k, n], h),
        ([e - k, s, e, n], h),
        ([w, s, GATE_X[0], s + k], h),
        ([GATE_X[1], s, e, s + k], h),
        // The gate's pillars.
        ([GATE_X[0] - 0.6, s - 0.2, GATE_X[0], s + 0.6], 3.1),
        ([GATE_X[1], s - 0.2, GATE_X[1] + 0.6, s + 0.6], 3.1),
    ]
}

fn poles() -> Vec<Pole> {
    let mut poles: Vec<Pole> = (-4..=4)
        .map(|k| Pole {
            at: [k as f32 * 36.0 - 8.0, -45.0],
            height_m: 8.5,
            width_m: 0.3,
        })
        .collect();
    poles.extend([
        Pole {
            at: [-29.0, 14.0],
            height_m: 19.0,
            width_m: 0.45,
        },
        Pole {
            at: [17.5, 13.0],
            height_m: 9.0,
            width_m: 0.28,
        },
        Pole {
            at: [2.6, -21.2],
            height_m: 7.0,
            width_m: 0.28,
        },
        Pole {
            at: [-17.0, -13.0],
            height_m: 8.0,
            width_m: 0.28,
        },
    ]);
    poles
}

fn zones() -> Vec<Zone> {
    vec![
        Zone {
            id: "gate",
            name: "Gate",
            role: "gate",
            limits: [0.0, -27.0, 16.0, -14.0],
        },
        Zone {
            id: "yard",
            name: "Yard",
            role: "yard",
            limits: [-14.0, -9.5, 16.0, 6.0],
        },
        Zone {
            id: "road",
            name: "Road past the gate",
            role: "gate",
            limits: [-10.0, -44.5, 26.0, -31.0],
        },
        Zone {
            id: "apron",
            name: "Shed apron",
            role: "yard",
            limits: [-20.0, 9.0, -2.0, 15.0],
        },
    ]
}

fn trees(seed: u64) -> Vec<Tree> {
    let mut rng = Stream::new(seed, "trees");
    let mut trees: Vec<Tree> = Vec::new();
    let mut place = |rng: &mut Stream, at: [f64; 2], h: (f64, f64)| {
        let height = rng.range(h.0, h.1);
        let radius = height * rng.range(0.26, 0.4);
        let tree = Tree {
            at: [at[0] as f32, at[1] as f32],
            height_m: height as f32,
            radius_m: radius as f32,
            seed: rng.bits(),
        };
        let clear = |t: &Tree| {
            let dx = t.at[0] - tree.at[0];
            let dy = t.at[1] - tree.at[1];
            (dx * dx + dy * dy).sqrt() > 0.8 * (t.radius_m + tree.radius_m)
        };
        if trees.iter().all(clear) {
            trees.push(tree);
        }
    };
    // Inside the wall, in corners where nobody walks.
    for at in [[-29.0, -4.0], [27.5, -17.0], [18.0, -17.0], [-28.0, 8.0]] {
        place(&mut rng, at, (4.5, 6.5));
    }
    // Along the outer sides of the wall.
    for k in 0..9 {
        let x = -36.0 + 9.0 * f64::from(k) + rng.range(-2.0, 2.0);
        let y = 33.0 + rng.range(-1.0, 3.0);
        place(&mut rng, [x, y], (5.0, 9.0));
    }
    for k in 0..5 {
        let y = -12.0 + 9.0 * f64::from(k) + rng.range(-2.0, 2.0);
        let x = 38.0 + rng.range(0.0, 3.0);
        place(&mut rng, [x, y], (4.5, 8.0));
    }
    // A row south of the road, leaving the lanes open to view.
    for k in 0..10 {
        let x = -100.0 + 21.0 * f64::from(k) + rng.range(-5.0, 5.0);
        let y = -53.0 + rng.range(-3.0, 2.0);
        place(&mut rng, [x, y], (4.5, 7.5));
    }
    // Scattered over the fields.
    for _ in 0..90 {
        let at = [rng.range(-120.0, 120.0), rng.range(-125.0, 115.0)];
        let near_road = at[1] > -58.0 && at[1] < -18.0;
        let near_site = at[0].abs() < 48.0 && at[1] > -22.0 && at[1] < 44.0;
        if !near_road && !near_site {
            place(&mut rng, at, (2.2, 7.0));
        }
    }
    // Bushes and tall weeds, also at the foot of the wall and along the road's ditch.
    for k in 0..900 {
        let at = match k % 6 {
            0 => [rng.range(-110.0, 110.0), rng.range(-50.0, -46.0)],
            1 => [rng.range(-44.0, 44.0), rng.range(29.5, 34.0)],
            _ => [rng.range(-115.0, 115.0), rng.range(-115.0, 115.0)],
        };
        let near_road = at[1] > -45.5 && at[1] < -31.0;
        let near_site = at[0].abs() < 33.5 && at[1] > -22.0 && at[1] < 29.0;
        let drive = at[0].abs() < 16.0 && at[1] > -37.0 && at[1] < -18.0;
        if !near_road && !near_site && !drive {
            place(&mut rng, at, (0.7, 1.7));
        }
    }
    trees
}
