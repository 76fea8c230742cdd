//! True boxes: the outline of every mover in the picture, from the shape that is drawn.

use crate::flight::Sensor;
use crate::render::mesh::{self, Face};
use crate::world::World;
use atalaya_geo::{Camera, Vector3};

/// Least share of a mover that must be in the picture and in the open to be listed.
const LEAST_VISIBLE: f64 = 0.15;

/// A mover's box in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruthBox {
    /// The actor.
    pub id: u32,
    /// Class number of FORMATS.
    pub class: u8,
    /// Left, top, width, height in pixels from the picture's upper left corner, cut at
    /// its borders; parts behind other things are included.
    pub rect: [f64; 4],
    /// Share that can be seen: in the picture and not behind something that stands.
    pub visible: f64,
    /// Speed over ground, m/s.
    pub speed: f64,
}

/// The boxes of everybody who can be seen at `t` seconds.
pub fn boxes_in(world: &World, sensor: Sensor, t: f64) -> Vec<TruthBox> {
    let camera = world.flight.camera(sensor, t);
    let mut faces: Vec<Face> = Vec::new();
    world
        .truth_at(t)
        .iter()
        .filter_map(|seen| {
            faces.clear();
            mesh::mover(seen.actor, &seen.pose, &mut faces);
            let shift = |y: f64| world.flight.rolling_shift(sensor, t, y);
            let (rect, inside) = outline(&camera, &faces, shift)?;
            let open = open_share(world, &camera, &faces);
            let visible = inside * open;
            (visible >= LEAST_VISIBLE).then_some(TruthBox {
                id: seen.actor.id,
                class: seen.actor.kind.class(),
                rect,
                visible,
                speed: seen.pose.speed,
            })
        })
        .collect()
}

/// The box about all corners, cut at the picture's borders, and the share left of it.
fn outline(
    camera: &Camera,
    faces: &[Face],
    shift: impl Fn(f64) -> [f64; 2],
) -> Option<([f64; 4], f64)> {
    let (mut lo, mut hi) = ([f64::MAX; 2], [f64::MIN; 2]);
    for v in faces.iter().flat_map(|f| &f.v) {
        let p = camera.project(&Vector3::new(
            f64::from(v[0]),
            f64::from(v[1]),
            f64::from(v[2]),
        ))?;
        lo = [lo[0].min(p.x), lo[1].min(p.y)];
        hi = [hi[0].max(p.x), hi[1].max(p.y)];
    }
    // A mover spans few rows: one shift serves for all of it.
    let s = shift(0.5 * (lo[1] + hi[1]));
    for k in 0..2 {
        lo[k] += s[k];
        hi[k] += s[k];
    }
    let whole = (hi[0] - lo[0]) * (hi[1] - lo[1]);
    let (x0, y0) = (lo[0].max(0.0), lo[1].max(0.0));
    let (x1, y1) = (hi[0].min(camera.width), hi[1].min(camera.height));
    if x1 <= x0 || y1 <= y0 || whole <= 0.0 {
        return None;
    }
    let left = (x1 - x0) * (y1 - y0) / whole;
    Some(([x0, y0, x1 - x0, y1 - y0], left))
}

/// Share of the mover's face centres with a free line to the camera.
fn open_share(world: &World, camera: &Camera, faces: &[Face]) -> f64 {
    let eye = [camera.position.x, camera.position.y, camera.position.z];
    let (mut free, mut all) = (0.0, 0.0);
    for f in faces {
        let c = |k: usize| f64::from(f.v[0][k] + f.v[1][k] + f.v[2][k] + f.v[3][k]) * 0.25;
        // Larger faces count for more.
        let e = |i: usize, j: usize| {
            let d: f32 = (0..3).map(|k| (f.v[i][k] - f.v[j][k]).powi(2)).sum();
            f64::from(d.sqrt())
        };
        let area = e(0, 1) * e(1, 2);
        all += area;
        if !world.layout.hides(eye, [c(0), c(1), c(2)]) {
            free += area;
        }
    }
    if all > 0.0 { free / all } else { 0.0 }
}

/// MOT rows of one picture: `frame,id,x,y,w,h,1,class,visibility,-1`, frames from 1.
pub fn boxes_csv_rows(frame: u64, boxes: &[TruthBox], out: &mut String) {
    use std::fmt::Write;
    for b in boxes {
        let [x, y, w, h] = b.rect;
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{frame},{},{x:.2},{y:.2},{w:.2},{h:.2},1,{},{:.2},-1",
            b.id, b.class, b.visible
        );
    }
}
