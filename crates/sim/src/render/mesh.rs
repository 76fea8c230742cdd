//! Shapes: flat faces of buildings, walls, vehicles and persons, in world metres.

use crate::world::{Actor, Kind, Layout, Pose};

/// How a face's colour varies over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pattern {
    /// One colour.
    Plain,
    /// Corrugated sheet: period in metres along the first axis, and rust.
    Ribs(f32),
    /// Plaster, concrete, dirt.
    Grain,
}

/// What a face is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surface {
    /// Colour in full light, display values.
    pub rgb: [f32; 3],
    /// Brightness in the thermal picture, 0 to 1.
    pub heat: f32,
    pub pattern: Pattern,
}

impl Surface {
    pub(crate) fn plain(rgb: [f32; 3], heat: f32) -> Self {
        Self {
            rgb,
            heat,
            pattern: Pattern::Plain,
        }
    }
}

/// A flat face with four corners, counter-clockwise from outside; a triangle repeats
/// its last corner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Face {
    pub v: [[f32; 3]; 4],
    pub normal: [f32; 3],
    /// Pattern coordinates of the corners, metres.
    pub uv: [[f32; 2]; 4],
    pub surface: Surface,
    /// Number of the convex part that the face belongs to.
    pub part: u32,
}

fn sub(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn length(a: [f32; 3]) -> f32 {
    (a[0] * a[0] + a[1] * a[1] + a[2] * a[2]).sqrt()
}

/// A face through four corners.
fn face(v: [[f32; 3]; 4], surface: Surface, part: u32) -> Face {
    let n = cross(sub(v[2], v[0]), sub(v[3], v[1]));
    let k = 1.0 / length(n).max(1e-9);
    let (a, b) = (length(sub(v[1], v[0])), length(sub(v[3], v[0])));
    Face {
        v,
        normal: [n[0] * k, n[1] * k, n[2] * k],
        uv: [[0.0, 0.0], [a, 0.0], [a, b], [0.0, b]],
        surface,
        part,
    }
}

/// Gathers the faces of parts placed at a pose.
pub(crate) struct Builder<'a> {
    at: [f32; 2],
    cs: [f32; 2],
    part: u32,
    out: &'a mut Vec<Face>,
}

/// Surfaces of a block: sides, top, and optionally front.
#[derive(Clone, Copy)]
struct Skin {
    side: Surface,
    top: Surface,
    front: Surface,
}

impl Skin {
    fn all(s: Surface) -> Self {
        Self {
            side: s,
            top: s,
            front: s,
        }
    }
}

impl<'a> Builder<'a> {
    pub(crate) fn new(at: [f64; 2], heading: f64, out: &'a mut Vec<Face>) -> Self {
        Self {
            at: [at[0] as f32, at[1] as f32],
            cs: [heading.cos() as f32, heading.sin() as f32],
            part: out.last().map_or(0, |f: &Face| f.part + 1),
            out,
        }
    }

    fn world(&self, p: [f32; 3]) -> [f32; 3] {
        [
            self.at[0] + p[0] * self.cs[0] - p[1] * self.cs[1],
            self.at[1] + p[0] * self.cs[1] + p[1] * self.cs[0],
            p[2],
        ]
    }

    /// A block whose bottom and top are rectangles: `[x0, y0, x1, y1]` each, x forward.
    fn block(&mut self, bottom: [f32; 4], top: [f32; 4], z: [f32; 2], skin: &Skin) {
        let ring = |l: [f32; 4], z: f32| {
            [
                [l[0], l[1], z],
                [l[2], l[1], z],
                [l[2], l[3], z],
                [l[0], l[3], z],
            ]
        };
        let (b, t) = (ring(bottom, z[0]), ring(top, z[1]));
        let b = b.map(|p| self.world(p));
        let t = t.map(|p| self.world(p));
        self.out.push(face(t, skin.top, self.part));
        for k in 0..4 {
            let n = (k + 1) % 4;
            let s = if k == 1 { skin.front } else { skin.side };
            self.out.push(face([b[k], b[n], t[n], t[k]], s, self.part));
        }
        self.part += 1;
    }

    fn cuboid(&mut self, l: [f32; 4], z: [f32; 2], s: Surface) {
        self.block(l, l, z, &Skin::all(s));
    }
}

/// Everything that stands, and its light-weight parts that cast no outline of their own.
pub(crate) fn standing(layout: &Layout) -> (Vec<Face>, Vec<Face>) {
    let mut out = Vec::new();
    for b in &layout.buildings {
        building(b, &mut out);
    }
    let mut build = Builder::new([0.0, 0.0], 0.0, &mut out);
    for (l, h) in &layout.walls {
        let s = Surface {
            rgb: [0.62, 0.57, 0.50],
            heat: 0.46,
            pattern: Pattern::Grain,
        };
        build.cuboid(*l, [0.0, *h], s);
    }
    let t = &layout.tank;
    let [x, y] = t.at;
    let steel = Surface {
        rgb: [0.66, 0.68, 0.70],
        heat: 0.38,
        pattern: Pattern::Grain,
    };
    let ring = |k: usize, r: f32, z: f32| {
        let a = std::f32::consts::TAU * k as f32 / 14.0;
        [x + r * a.cos(), y + r * a.sin(), z]
    };
    for k in 0..14 {
        let (r, z) = (t.radius_m, t.span_m);
        let side = [
            ring(k, r, z[0]),
            ring(k + 1, r, z[0]),
            ring(k + 1, r, z[1]),
            ring(k, r, z[1]),
        ];
        build.out.push(face(side, steel, build.part));
        let top = [x, y, z[1] + 0.9];
        let lid = [ring(k, r, z[1]), ring(k + 1, r, z[1]), top, top];
        build.out.push(face(lid, steel, build.part));
    }
    build.part += 1;
    for (dx, dy) in [(-1.6, -1.6), (1.6, -1.6), (1.6, 1.6), (-1.6, 1.6)] {
        let l = [x + dx - 0.15, y + dy - 0.15, x + dx + 0.15, y + dy + 0.15];
        build.cuboid(l, [0.0, t.span_m[0]], Surface::plain([0.4, 0.4, 0.4], 0.42));
    }
    let mut light = Vec::new();
    doors(&mut light);
    (out, light)
}

/// Doors and windows: dark rectangles a little before their walls.
fn doors(out: &mut Vec<Face>) {
    let dark = Surface::plain([0.20, 0.19, 0.18], 0.40);
    let mut south = |x0: f32, x1: f32, y: f32, z: [f32; 2]| {
        let v = [[x0, y, z[0]], [x1, y, z[0]], [x1, y, z[1]], [x0, y, z[1]]];
        out.push(face(v, dark, 0));
    };
    south(-18.5, -13.5, 16.95, [0.0, 3.8]);
    south(-8.0, -4.0, 16.95, [0.0, 3.8]);
    south(-30.0, -28.5, -18.05, [1.0, 2.2]);
    let mut west = |y0: f32, y1: f32, x: f32, z: [f32; 2]| {
        let v = [[x, y1, z[0]], [x, y0, z[0]], [x, y0, z[1]], [x, y1, z[1]]];
        out.push(face(v, dark, 0));
    };
    west(12.5, 15.5, 21.45, [0.0, 3.2]);
    west(3.0, 6.0, 21.45, [0.0, 3.2]);
    let mut east = |y0: f32, y1: f32, x: f32, z: [f32; 2]| {
        let v = [[x, y0, z[0]], [x, y1, z[0]], [x, y1, z[1]], [x, y0, z[1]]];
        out.push(face(v, dark, 0));
    };
    east(-12.6, -11.4, -23.45, [0.0, 2.1]);
    east(19.6, 21.4, 1.05, [0.0, 2.3]);
}

fn building(b: &crate::world::Building, out: &mut Vec<Face>) {
    let [x0, y0, x1, y1] = b.limits;
    let mut build = Builder::new([0.0, 0.0], 0.0, out);
    let wall = Surface {
        rgb: b.wall,
        heat: 0.45,
        pattern: Pattern::Grain,
    };
    let roof = Surface {
        rgb: b.roof,
        heat: b.roof_warmth,
        pattern: if b.ridge_m > 0.0 {
            Pattern::Ribs(0.9)
        } else {
            Pattern::Grain
        },
    };
    let skin = Skin {
        side: wall,
        top: roof,
        front: wall,
    };
    build.block(b.limits, b.limits, [0.0, b.eaves_m], &skin);
    if b.ridge_m <= 0.0 {
        return;
    }
    let (e, r) = (b.eaves_m, b.eaves_m + b.ridge_m);
    let along_x = x1 - x0 > y1 - y0;
    let o = 0.35;
    let part = build.part;
    let mut add = |v: [[f32; 3]; 4], s: Surface| build.out.push(face(v, s, part));
    if along_x {
        let m = 0.5 * (y0 + y1);
        add(
            [
                [x0 - o, y0 - o, e],
                [x1 + o, y0 - o, e],
                [x1 + o, m, r],
                [x0 - o, m, r],
            ],
            roof,
        );
        add(
            [
                [x1 + o, y1 + o, e],
                [x0 - o, y1 + o, e],
                [x0 - o, m, r],
                [x1 + o, m, r],
            ],
            roof,
        );
        add([[x0, y1, e], [x0, y0, e], [x0, m, r], [x0, m, r]], wall);
        add([[x1, y0, e], [x1, y1, e], [x1, m, r], [x1, m, r]], wall);
    } else {
        let m = 0.5 * (x0 + x1);
        add(
            [
                [x1 + o, y0 - o, e],
                [x1 + o, y1 + o, e],
                [m, y1 + o, r],
                [m, y0 - o, r],
            ],
            roof,
        );
        add(
            [
                [x0 - o, y1 + o, e],
                [x0 - o, y0 - o, e],
                [m, y0 - o, r],
                [m, y1 + o, r],
            ],
            roof,
        );
        add([[x0, y0, e], [x1, y0, e], [m, y0, r], [m, y0, r]], wall);
        add([[x1, y1, e], [x0, y1, e], [m, y1, r], [m, y1, r]], wall);
    }
}

/// The faces of a vehicle or a person at a pose.
pub(crate) fn mover(actor: &Actor, pose: &Pose, out: &mut Vec<Face>) {
    let mut b = Builder::new(pose.at, pose.heading, out);
    match actor.kind {
        Kind::Person => person(&mut b, actor, pose),
        Kind::Car => car(&mut b, actor, pose),
        Kind::Pickup => pickup(&mut b, actor, pose),
        Kind::Truck => truck(&mut b, actor, pose),
    }
}

const GLASS: [f32; 3] = [0.17, 0.20, 0.23];
const RUBBER: [f32; 3] = [0.11, 0.11, 0.11];

fn wheels(b: &mut Builder<'_>, xs: &[f32], half: f32, r: f32, warmth: f32) {
    let s = Surface::plain(RUBBER, 0.45 + 0.25 * warmth);
    for x in xs {
        for y in [-half, half] {
            b.cuboid([x - r, y - 0.12, x + r, y + 0.12], [0.0, 2.0 * r], s);
        }
    }
}

fn car(b: &mut Builder<'_>, a: &Actor, p: &Pose) {
    let w = p.warmth as f32;
    let paint = Surface::plain(a.color, 0.40 + 0.06 * w);
    let bonnet = Surface::plain(a.color, 0.45 + 0.38 * w);
    let glass = Surface::plain(GLASS, 0.36);
    wheels(b, &[-1.35, 1.35], 0.82, 0.31, w);
    b.cuboid([-2.2, -0.88, 0.9, 0.88], [0.28, 0.88], paint);
    let nose = Skin {
        side: paint,
        top: bonnet,
        front: bonnet,
    };
    b.block(
        [0.9, -0.88, 2.2, 0.88],
        [0.9, -0.86, 2.12, 0.86],
        [0.28, 0.85],
        &nose,
    );
    let cabin = Skin {
        side: glass,
        top: paint,
        front: glass,
    };
    b.block(
        [-1.8, -0.82, 0.95, 0.82],
        [-1.35, -0.64, 0.25, 0.64],
        [0.86, 1.45],
        &cabin,
    );
}

fn pickup(b: &mut Builder<'_>, a: &Actor, p: &Pose) {
    let w = p.warmth as f32;
    let paint = Surface::plain(a.color, 0.40 + 0.06 * w);
    let bonnet = Surface::plain(a.color, 0.45 + 0.38 * w);
    let glass = Surface::plain(GLASS, 0.36);
    let bed = Surface::plain([0.22, 0.22, 0.22], 0.42);
    wheels(b, &[-1.6, 1.65], 0.88, 0.38, w);
    b.cuboid([-0.3, -0.95, 1.2, 0.95], [0.4, 1.05], paint);
    let nose = Skin {
        side: paint,
        top: bonnet,
        front: bonnet,
    };
    b.block(
        [1.2, -0.95, 2.65, 0.95],
        [1.2, -0.92, 2.6, 0.92],
        [0.4, 1.08],
        &nose,
    );
    let rear = Skin {
        side: paint,
        top: bed,
        front: paint,
    };
    b.block(
        [-2.65, -0.95, -0.3, 0.95],
        [-2.65, -0.95, -0.3, 0.95],
        [0.4, 1.0],
        &rear,
    );
    let cabin = Skin {
        side: glass,
        top: paint,
        front: glass,
    };
    b.block(
        [-0.5, -0.88, 1.35, 0.88],
        [-0.35, -0.72, 0.75, 0.72],
        [1.04, 1.8],
        &cabin,
    );
}

fn truck(b: &mut Builder<'_>, a: &Actor, p: &Pose) {
    let w = p.warmth as f32;
    let paint = Surface::plain(a.color, 0.42 + 0.22 * w);
    let glass = Surface::plain(GLASS, 0.38);
    wheels(b, &[-2.2, 2.45], 1.0, 0.45, w);
    b.cuboid(
        [-3.4, -0.95, 3.2, 0.95],
        [0.45, 0.9],
        Surface::plain([0.16, 0.16, 0.17], 0.42 + 0.3 * w),
    );
    let cab = Skin {
        side: paint,
        top: paint,
        front: glass,
    };
    b.block(
        [1.75, -1.05, 3.45, 1.05],
        [1.8, -1.0, 3.2, 1.0],
        [0.6, 2.35],
        &cab,
    );
    let side = Surface {
        rgb: a.color2,
        heat: 0.40,
        pattern: Pattern::Ribs(1.15),
    };
    let skin = Skin {
        side,
        top: side,
        front: side,
    };
    b.block(
        [-3.45, -1.15, 1.6, 1.15],
        [-3.45, -1.15, 1.6, 1.15],
        [0.9, 3.0],
        &skin,
    );
}

fn person(b: &mut Builder<'_>, a: &Actor, p: &Pose) {
    let going = (p.speed.min(1.0)) as f32;
    let swing = going * ((p.way / 0.75) * std::f64::consts::PI).sin() as f32;
    let cloth = Surface::plain(a.color, 0.68);
    let legs = Surface::plain(a.color2, 0.64);
    let skin = Surface::plain([0.55, 0.40, 0.31], 0.86);
    for (side, s) in [(-0.11f32, swing), (0.11, -swing)] {
        let foot = 0.34 * s;
        b.block(
            [foot - 0.11, side - 0.09, foot + 0.13, side + 0.09],
            [-0.09, side - 0.10, 0.09, side + 0.10],
            [0.0, 0.86],
            &Skin::all(legs),
        );
        if !p.carries {
            let hand = -0.26 * s;
            let y = 2.5 * side;
            b.block(
                [hand - 0.05, y - 0.05, hand + 0.06, y + 0.05],
                [-0.06, y * 0.9 - 0.06, 0.06, y * 0.9 + 0.06],
                [0.78, 1.42],
                &Skin::all(cloth),
            );
        }
    }
    b.block(
        [-0.13, -0.19, 0.13, 0.19],
        [-0.13, -0.23, 0.13, 0.23],
        [0.84, 1.48],
        &Skin::all(cloth),
    );
    b.cuboid([-0.10, -0.09, 0.12, 0.09], [1.50, 1.75], skin);
    if p.carries {
        b.cuboid(
            [0.14, -0.27, 0.58, 0.27],
            [0.92, 1.32],
            Surface::plain([0.62, 0.47, 0.30], 0.45),
        );
    }
}
