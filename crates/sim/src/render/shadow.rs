//! Cast shadows: of what stands, baked into the ground; of what moves, as outlines.

use super::ground::{HALF_M, SIZE, TEXEL_M};
use super::mesh::Face;
use crate::world::World;
use rayon::prelude::*;

/// Convex hull by Andrew's monotone chain (1979), counter-clockwise.
pub(crate) fn hull(points: &mut [[f32; 2]]) -> Vec<[f32; 2]> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let cross = |o: [f32; 2], a: [f32; 2], b: [f32; 2]| {
        (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])
    };
    let mut out: Vec<[f32; 2]> = Vec::new();
    for pass in 0..2 {
        let base = out.len();
        let mut add = |p: [f32; 2]| {
            while out.len() >= base + 2 && cross(out[out.len() - 2], out[out.len() - 1], p) <= 0.0 {
                out.pop();
            }
            out.push(p);
        };
        if pass == 0 {
            points.iter().for_each(|p| add(*p));
        } else {
            points.iter().rev().for_each(|p| add(*p));
        }
        out.pop();
    }
    out
}

/// Where the shadow of a point falls.
pub(crate) fn cast(p: [f32; 3], sun: [f32; 3]) -> [f32; 2] {
    let k = p[2] / sun[2];
    [p[0] - sun[0] * k, p[1] - sun[1] * k]
}

/// Outlines of the shadows of the convex parts of a mover: each run of faces that
/// belongs to one part gives one outline.
pub(crate) fn outlines(faces: &[Face], sun: [f32; 3], out: &mut Vec<Vec<[f32; 2]>>) {
    for part in faces.chunk_by(|a, b| a.part == b.part) {
        let mut points: Vec<[f32; 2]> = part
            .iter()
            .flat_map(|f| f.v.iter().map(|v| cast(*v, sun)))
            .collect();
        let h = hull(&mut points);
        if h.len() > 2 {
            out.push(h);
        }
    }
}

/// Fills a convex outline of world metres into the map with `value`.
fn fill(map: &mut [u8], outline: &[[f32; 2]], value: u8) {
    let q = |p: [f32; 2]| {
        [
            (p[0] + HALF_M) / TEXEL_M - 0.5,
            (p[1] + HALF_M) / TEXEL_M - 0.5,
        ]
    };
    let p: Vec<[f32; 2]> = outline.iter().map(|v| q(*v)).collect();
    let lo = p.iter().fold(f32::MAX, |m, v| m.min(v[1])).max(0.0).ceil() as usize;
    let hi = p
        .iter()
        .fold(f32::MIN, |m, v| m.max(v[1]))
        .min(SIZE as f32 - 1.0);
    for j in lo..=(hi.max(-1.0).floor() + 0.5) as usize {
        if hi < 0.0 {
            return;
        }
        let y = j as f32;
        let (mut a, mut b) = (f32::MAX, f32::MIN);
        for k in 0..p.len() {
            let (u, v) = (p[k], p[(k + 1) % p.len()]);
            if (u[1] <= y) != (v[1] <= y) {
                let x = u[0] + (y - u[1]) * (v[0] - u[0]) / (v[1] - u[1]);
                a = a.min(x);
                b = b.max(x);
            }
        }
        if a > b || b < 0.0 || a > SIZE as f32 - 1.0 {
            continue;
        }
        let (i0, i1) = (
            a.max(0.0).ceil() as usize,
            b.min(SIZE as f32 - 1.0) as usize,
        );
        for px in map[j * SIZE..(j + 1) * SIZE]
            .iter_mut()
            .take(i1 + 1)
            .skip(i0)
        {
            *px = (*px).max(value);
        }
    }
}

/// Shadows of everything rigid that stands: 0 in the sun, 255 in full shadow.
pub(crate) fn bake(world: &World) -> Vec<u8> {
    let mut map = vec![0u8; SIZE * SIZE];
    let sun = world.sun;
    let (solid, _) = super::mesh::standing(&world.layout);
    let mut shapes = Vec::new();
    outlines(&solid, sun, &mut shapes);
    for s in &shapes {
        fill(&mut map, s, 255);
    }
    for p in &world.layout.poles {
        let [x, y] = p.at;
        let w = 0.5 * p.width_m;
        let mut points: Vec<[f32; 2]> = Vec::new();
        for (dx, dy) in [(-w, -w), (w, -w), (w, w), (-w, w)] {
            points.push(cast([x + dx, y + dy, 0.0], sun));
            points.push(cast([x + dx, y + dy, p.height_m], sun));
        }
        fill(&mut map, &hull(&mut points), 200);
    }
    blur(&map)
}

/// A box of three texels each way: the sun is not a point.
fn blur(map: &[u8]) -> Vec<u8> {
    let mut out = vec![0u8; SIZE * SIZE];
    out.par_chunks_mut(SIZE).enumerate().for_each(|(j, row)| {
        if j == 0 || j == SIZE - 1 {
            return;
        }
        for (i, px) in row.iter_mut().enumerate().take(SIZE - 1).skip(1) {
            let sum: u32 = (0..9)
                .map(|k| u32::from(map[(j + k / 3 - 1) * SIZE + i + k % 3 - 1]))
                .sum();
            *px = (sum / 9) as u8;
        }
    });
    out
}
