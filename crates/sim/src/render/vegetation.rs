//! Trees: crowns of leaf clusters that sway and flutter in the wind.

use super::raster::{Disc, SUB, View};
use crate::rng::unit2;
use crate::world::{Pole, Tree};

/// Puts the clusters of a tree into the picture at time `t`.
pub(crate) fn crown(
    view: &View,
    tree: &Tree,
    sun: [f32; 3],
    t: f32,
    heat: bool,
    out: &mut Vec<Disc>,
) {
    let count = if tree.radius_m < 0.9 {
        5
    } else {
        (26.0 + 15.0 * tree.radius_m) as i32
    };
    let r = tree.radius_m;
    let mid = tree.height_m - r;
    let lean = sway(tree, t);
    for k in 0..count {
        let u = |n: i32| unit2(k, n, tree.seed);
        // A direction on the upper part of a ball, and a place near its skin.
        let z = 1.0 - 1.55 * u(0);
        let a = std::f32::consts::TAU * u(1);
        let q = (1.0 - z * z).max(0.0).sqrt();
        let n = [q * a.cos(), q * a.sin(), z];
        let d = r * (0.35 + 0.5 * u(2));
        let own = 0.10 * (2.9 * t + 40.0 * u(3)).sin() + 0.07 * (6.3 * t + 70.0 * u(4)).sin();
        let rise = (mid + n[2] * d) / tree.height_m;
        let at = [
            tree.at[0] + n[0] * d + lean[0] * rise + own,
            tree.at[1] + n[1] * d + lean[1] * rise - own,
            mid + n[2] * d * 0.9,
        ];
        let p = view.project(at);
        let lit = n[0] * sun[0] + n[1] * sun[1] + n[2] * sun[2];
        let dry = unit2(7, 7, tree.seed);
        let tone = [0.27 + 0.13 * dry, 0.345 + 0.06 * dry, 0.19 + 0.05 * dry];
        let light = (0.72 + 0.42 * lit) * (0.85 + 0.3 * u(5));
        let rgb = if heat {
            let h = 0.31 + 0.03 * lit + 0.03 * (u(5) - 0.5);
            [h, h, h]
        } else {
            [tone[0] * light, tone[1] * light, tone[2] * light]
        };
        let px = view.focal * p[2] * SUB as f32;
        let flutter = 0.7 * (3.9 * t + 50.0 * u(6)).sin() + 0.5 * (8.7 * t + 90.0 * u(7)).sin();
        out.push(Disc {
            at: [p[0] * SUB as f32, p[1] * SUB as f32],
            radius: r * (0.26 + 0.2 * u(8)) * px,
            inverse_depth: p[2],
            rgb,
            flutter: [flutter, 0.7 * flutter + 3.0 * u(9)],
            leaf: (0.24 * px).max(1.0),
            salt: tree.seed.wrapping_add(k as u32 * 7919),
        });
    }
}

/// How far the top leans, metres east and north. A stem's own frequency falls with the
/// root of its height; gusts pass over the land, so that neighbours move together.
fn sway(tree: &Tree, t: f32) -> [f32; 2] {
    let phase = (tree.seed & 1023) as f32 * 0.01;
    let w = 8.5 / tree.height_m.sqrt();
    let slow = (w * t + phase).sin() + 0.5 * (1.63 * w * t + 2.0 * phase).sin();
    let gust = 0.62 + 0.38 * (0.31 * t + 0.045 * (tree.at[0] + 0.6 * tree.at[1])).sin();
    let size = 0.13 * tree.height_m.sqrt() * gust;
    [size * slow, size * 0.7 * (1.1 * w * t + 3.0 * phase).sin()]
}

/// Outlines on the ground of the shadow that a crown casts at time `t`, metres.
pub(crate) fn crown_shadow(tree: &Tree, sun: [f32; 3], t: f32, out: &mut Vec<Vec<[f32; 2]>>) {
    let lean = sway(tree, t);
    let count = if tree.radius_m < 0.9 {
        2
    } else {
        9 + (3.0 * tree.radius_m) as i32
    };
    for k in 0..count {
        let r = |n: i32| unit2(k, n, tree.seed ^ 0x51);
        let (a, d) = (
            std::f32::consts::TAU * r(0),
            0.85 * tree.radius_m * r(1).sqrt(),
        );
        let z = (tree.height_m - tree.radius_m * (1.0 - (r(2) * 2.0 - 1.0) * 0.8)).max(0.3);
        let rise = z / tree.height_m;
        let own = 0.09 * (3.1 * t + 60.0 * r(4)).sin();
        let at = [
            tree.at[0] + d * a.cos() + lean[0] * rise + own,
            tree.at[1] + d * a.sin() + lean[1] * rise - own,
            z,
        ];
        let [x, y] = super::shadow::cast(at, sun);
        let size = tree.radius_m * (0.36 + 0.22 * r(3));
        out.push(
            (0..7)
                .map(|n| {
                    let b = std::f32::consts::TAU * (n as f32 + r(5)) / 7.0;
                    [x + size * b.cos(), y + size * b.sin()]
                })
                .collect(),
        );
    }
}

/// The four corners of a pole as seen from `eye`, bottom left first, and its shade.
pub(crate) fn pole(p: &Pole, eye: [f32; 3]) -> [[f32; 3]; 4] {
    let (dx, dy) = (p.at[0] - eye[0], p.at[1] - eye[1]);
    let k = 0.5 * p.width_m / dx.hypot(dy).max(1e-3);
    let (ox, oy) = (-dy * k, dx * k);
    let [x, y] = p.at;
    [
        [x + ox, y + oy, 0.0],
        [x - ox, y - oy, 0.0],
        [x - 0.7 * ox, y - 0.7 * oy, p.height_m],
        [x + 0.7 * ox, y + 0.7 * oy, p.height_m],
    ]
}
