//! The picture of a world: a software renderer.
//!
//! A picture is a pure function of world and frame number: the ground is looked up per
//! pixel through the inverse perspective, everything else is filled as faces and leaf
//! clusters at two samples per pixel and axis with a depth per sample, band by band, and
//! bands are computed in parallel.

mod font;
pub(crate) mod ground;
pub(crate) mod mesh;
mod raster;
mod sensor;
pub(crate) mod shadow;
mod vegetation;

use crate::flight::Sensor;
use crate::rng::value_noise;
use crate::world::{Seen, World};
use atalaya_geo::Camera;
use ground::Ground;
use mesh::Face;
use raster::{Band, Disc, Patch, SUB, View};
use rayon::prelude::*;

/// A picture in planar 4:2:0 with limited range (ITU-R BT.709).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width, pixels, even.
    pub width: usize,
    /// Height, pixels, even.
    pub height: usize,
    /// Luma, row by row.
    pub luma: Vec<u8>,
    /// Chroma (blue), half size each way.
    pub cb: Vec<u8>,
    /// Chroma (red), half size each way.
    pub cr: Vec<u8>,
}

/// What to leave out or change, for tests and training.
#[derive(Clone, Debug, Default)]
pub struct RenderOptions {
    /// Identifiers of actors that are not drawn, nor their shadows.
    pub without: Vec<u32>,
    /// Movers cast no shadows.
    pub no_shadows: bool,
    /// No noise, no caption.
    pub clean: bool,
}

/// Draws the pictures of a world.
pub struct Renderer<'w> {
    world: &'w World,
    ground: Ground,
    optics: sensor::Optics,
    solid: Vec<Face>,
    light: Vec<Face>,
}

/// Everything of one picture that bands share.
struct Scene {
    view: View,
    patches: Vec<Patch>,
    discs: Vec<Disc>,
    shadows: Vec<Vec<[f32; 2]>>,
    gain: f32,
    t: f64,
    n: u32,
    caption: String,
    clean: bool,
}

/// Depth of the waves that wind makes in grass and crops.
const WAVE: f32 = 0.62;

/// Rows of a band.
fn band_rows(sensor: Sensor) -> usize {
    match sensor {
        Sensor::Eo | Sensor::Small => 24,
        Sensor::Ir => 32,
    }
}

/// Buffers of a thread.
struct Scratch {
    band: Band,
    rgb: Vec<[f32; 3]>,
    luma: Vec<f32>,
}

impl<'w> Renderer<'w> {
    /// Bakes the ground and everything else that all pictures share.
    pub fn new(world: &'w World) -> Self {
        let (solid, light) = mesh::standing(&world.layout);
        Self {
            world,
            ground: Ground::bake(world),
            optics: sensor::Optics::new(world.seed),
            solid,
            light,
        }
    }

    /// Picture `n` (from 0) of a sensor.
    pub fn frame(&self, sensor: Sensor, n: u64) -> Picture {
        self.frame_with(sensor, n, &RenderOptions::default())
    }

    /// Picture `n` with changes.
    pub fn frame_with(&self, sensor: Sensor, n: u64, options: &RenderOptions) -> Picture {
        let t = n as f64 / f64::from(sensor.fps());
        let view = View::new(&self.world.flight.camera(sensor, t), |y| {
            self.world.flight.rolling_shift(sensor, t, y)
        });
        self.picture(sensor, &self.scene(sensor, view, (n, t), options))
    }

    /// Brightness of the ground and of what stands on it, row by row: without movers, noise and caption,
    /// through any camera whose picture is as large as the colour camera's.
    pub(crate) fn still(&self, camera: &Camera) -> Vec<u8> {
        let options = RenderOptions {
            without: self.world.actors.iter().map(|a| a.id).collect(),
            no_shadows: false,
            clean: true,
        };
        let view = View::new(camera, |_| [0.0; 2]);
        let scene = self.scene(Sensor::Eo, view, (0, 0.0), &options);
        self.picture(Sensor::Eo, &scene).luma
    }

    /// Draws a scene, band by band.
    fn picture(&self, sensor: Sensor, scene: &Scene) -> Picture {
        let (w, h) = sensor.size();
        let mut p = Picture {
            width: w,
            height: h,
            luma: vec![0; w * h],
            cb: vec![128; w * h / 4],
            cr: vec![128; w * h / 4],
        };
        let rows = band_rows(sensor);
        let quarter = w / 2 * (rows / 2);
        p.luma
            .par_chunks_mut(w * rows)
            .zip(p.cb.par_chunks_mut(quarter))
            .zip(p.cr.par_chunks_mut(quarter))
            .enumerate()
            .for_each_init(
                || Scratch {
                    band: Band::new(),
                    rgb: Vec::new(),
                    luma: Vec::new(),
                },
                |scratch, (k, ((luma, cb), cr))| {
                    self.band(sensor, scene, k * rows, scratch, (luma, cb, cr));
                },
            );
        p
    }

    /// Places everything in the picture.
    fn scene(
        &self,
        sensor: Sensor,
        view: View,
        (n, t): (u64, f64),
        options: &RenderOptions,
    ) -> Scene {
        let world = self.world;
        let heat = sensor == Sensor::Ir;
        let mut patches = Vec::new();
        let mut shadows = Vec::new();
        let mut put = |f: &Face, sunlight: f32| {
            let rgb = self.lit(f, sunlight, heat);
            patches.extend(raster::patch(&view, f, rgb));
        };
        for f in self.solid.iter().chain(&self.light) {
            put(f, 1.0);
        }
        for pole in &world.layout.poles {
            let v = vegetation::pole(pole, view.eye);
            let f = Face {
                v,
                normal: [
                    view.eye[0] - v[0][0],
                    view.eye[1] - v[0][1],
                    view.eye[2] - v[0][2],
                ]
                .map(|c| c * 0.0025),
                uv: [[0.0; 2]; 4],
                surface: mesh::Surface::plain([0.56, 0.55, 0.53], 0.47),
                part: 0,
            };
            patches.extend(raster::patch(
                &view,
                &f,
                if heat { [0.47; 3] } else { f.surface.rgb },
            ));
        }
        let mut faces = Vec::new();
        for Seen { actor, pose } in world.truth_at(t) {
            if options.without.contains(&actor.id) {
                continue;
            }
            faces.clear();
            mesh::mover(actor, &pose, &mut faces);
            let sunlight = self.ground.sunlight(pose.at[0] as f32, pose.at[1] as f32);
            for f in &faces {
                let rgb = self.lit(f, sunlight, heat);
                patches.extend(raster::patch(&view, f, rgb));
            }
            if !heat && sunlight > 0.3 && !options.no_shadows {
                let mut outlines = Vec::new();
                shadow::outlines(&faces, world.sun, &mut outlines);
                shadows.extend(outlines.iter().map(|o| on_ground(&view, o)));
            }
        }
        let mut discs = Vec::new();
        for tree in &world.layout.trees {
            let p = view.project([tree.at[0], tree.at[1], 0.5 * tree.height_m]);
            let (w, h) = sensor.size();
            let margin = 140.0;
            let seen = p[0] > -margin
                && p[1] > -margin
                && p[0] < w as f32 + margin
                && p[1] < h as f32 + margin;
            if seen {
                vegetation::crown(&view, tree, world.sun, t as f32, heat, &mut discs);
                if !heat {
                    let mut outlines = Vec::new();
                    vegetation::crown_shadow(tree, world.sun, t as f32, &mut outlines);
                    shadows.extend(outlines.iter().map(|o| on_ground(&view, o)));
                }
            }
        }
        let name = if heat { "IR" } else { "EO" };
        Scene {
            view,
            patches,
            discs,
            shadows,
            gain: world.sky.gain(t),
            t,
            n: n as u32,
            caption: format!("SIMULATED {name} {}", timecode(world.time_us(t))),
            clean: options.clean,
        }
    }

    /// Colour of a face in the light it gets, or its warmth three times.
    fn lit(&self, f: &Face, sunlight: f32, heat: bool) -> [f32; 3] {
        let s = self.world.sun;
        let n = f.normal;
        let facing = (n[0] * s[0] + n[1] * s[1] + n[2] * s[2]).max(0.0);
        if heat {
            let h = f.surface.heat + 0.05 * (facing - 0.5);
            return [h; 3];
        }
        let sky = 0.42 + 0.08 * n[2].max(0.0);
        let k = sky + sunlight * (0.54 / s[2].max(0.5)) * facing;
        f.surface.rgb.map(|c| c * k)
    }

    /// Computes one band of the picture.
    fn band(
        &self,
        sensor: Sensor,
        scene: &Scene,
        first: usize,
        s: &mut Scratch,
        out: (&mut [u8], &mut [u8], &mut [u8]),
    ) {
        let (w, h) = sensor.size();
        let rows = out.0.len() / w;
        // One row more at each side for the lens.
        let y0 = first as i32 - 1;
        let count = rows + 2;
        s.band.reset(w * SUB, y0 * SUB as i32, count * SUB);
        for p in &scene.patches {
            s.band.face(p);
        }
        for d in &scene.discs {
            s.band.disc(d);
        }
        for o in &scene.shadows {
            s.band.shadow(o);
        }
        s.rgb.resize(w * count, [0.0; 3]);
        s.luma.resize(w * count, 0.0);
        for r in 0..count {
            let row = &mut s.rgb[r * w..(r + 1) * w];
            self.ground_row(sensor, scene, y0 + r as i32, row, &s.band, r);
            for (l, c) in s.luma[r * w..(r + 1) * w].iter_mut().zip(row.iter()) {
                *l = if sensor == Sensor::Ir {
                    c[0]
                } else {
                    sensor::luma_of(*c)
                };
            }
        }
        let clean = scene.clean;
        for r in 0..rows {
            let y = (first + r) as i32;
            let line = |k: usize| &s.luma[(r + k) * w..(r + k + 1) * w];
            let three = [line(0), line(1), line(2)];
            let target = &mut out.0[r * w..(r + 1) * w];
            if clean {
                for (px, v) in target.iter_mut().zip(three[1]) {
                    *px = (16.0 + 219.0 * v).clamp(16.0, 235.0) as u8;
                }
                continue;
            }
            match sensor {
                Sensor::Eo | Sensor::Small => self.optics.luma(three, scene.n, y, target),
                Sensor::Ir => self.optics.thermal(three, scene.gain, scene.n, y, target),
            }
            let from = h - 12 - font::HEIGHT;
            if (from..from + font::HEIGHT).contains(&(first + r)) {
                font::row(&scene.caption, first + r - from, target, 12);
            }
        }
        if sensor == Sensor::Ir {
            return;
        }
        let half = w / 2;
        let caption = font::width(&scene.caption) / 2 + 6;
        for r in 0..rows / 2 {
            let a = &s.rgb[(2 * r + 1) * w..(2 * r + 2) * w];
            let b = &s.rgb[(2 * r + 2) * w..(2 * r + 3) * w];
            let (cb, cr) = (
                &mut out.1[r * half..(r + 1) * half],
                &mut out.2[r * half..(r + 1) * half],
            );
            self.optics
                .chroma(a, b, scene.n, (first / 2 + r) as i32, (&mut *cb, &mut *cr));
            let y = first + 2 * r;
            let from = h - 12 - font::HEIGHT;
            if !clean && y >= from && y < from + font::HEIGHT {
                cb[6..caption.min(half)].fill(128);
                cr[6..caption.min(half)].fill(128);
            }
        }
    }

    /// Computes the colours of one row from the ground and the band's samples.
    fn ground_row(
        &self,
        sensor: Sensor,
        scene: &Scene,
        y: i32,
        row: &mut [[f32; 3]],
        band: &Band,
        r: usize,
    ) {
        let view = &scene.view;
        let w = row.len();
        let (ray, step) = view.row_rays(y as f32 + 0.5);
        let eye = view.eye;
        let at = |i: f32| {
            let d = [
                ray[0] + step[0] * i,
                ray[1] + step[1] * i,
                (ray[2] + step[2] * i).min(-0.05),
            ];
            let k = -eye[2] / d[2];
            (eye[0] + k * d[0], eye[1] + k * d[1], k)
        };
        let (_, _, k) = at(0.5 * w as f32);
        let slant = k / view.focal;
        // Samples lie further apart along the line of sight than across it.
        let spacing = slant * (1.0 + 0.5 * (1.0 / ray[2].abs().max(0.2) - 1.0));
        let (level, blend) = self.ground.level(spacing);
        let heat = sensor == Sensor::Ir;
        let dy = (y as f32 + 0.5) / (2.0 * view.centre[1]) * 2.0 - 1.0;
        let mut light = [0.0f32; 2];
        let sub_w = band.width;
        let top = r * SUB * sub_w;
        for (i, px) in row.iter_mut().enumerate() {
            let (x, yy, _) = at(i as f32);
            if i % 8 == 0 {
                let (x1, y1, _) = at((i + 8) as f32);
                light = [
                    if i == 0 {
                        self.light(scene, x, yy, heat)
                    } else {
                        light[1]
                    },
                    self.light(scene, x1, y1, heat),
                ];
            }
            let lit = light[0] + (light[1] - light[0]) * (i % 8) as f32 * (1.0 / 8.0);
            let a = top + i * SUB;
            let b = a + sub_w;
            let d = [
                band.depth[a],
                band.depth[a + 1],
                band.depth[b],
                band.depth[b + 1],
            ];
            let solid = d.iter().filter(|v| **v > 0.0).count();
            let mut c = [0.0f32; 3];
            if solid < 4 {
                let p = self.ground.sample(level, x, yy);
                let q = if blend > 0.06 {
                    self.ground.sample(level + 1, x, yy)
                } else {
                    p
                };
                let mut g = [0.0f32; 3];
                for (k, v) in g.iter_mut().enumerate() {
                    let ch = if heat { 3 } else { k };
                    let (fine, coarse) = (ground::lane(p, ch), ground::lane(q, ch));
                    *v = fine + (coarse - fine) * blend;
                }
                let mut dark = 0;
                for (k, e) in [a, a + 1, b, b + 1].into_iter().enumerate() {
                    dark += usize::from(d[k] == 0.0 && band.shade[e] != 0);
                }
                let share = 0.25 * ((4 - solid) as f32 - dark as f32 * 0.54);
                c = [g[0] * share, g[1] * share, g[2] * share];
            }
            if solid > 0 {
                for (k, e) in [a, a + 1, b, b + 1].into_iter().enumerate() {
                    if d[k] > 0.0 {
                        let q = band.rgb[e];
                        c = [c[0] + 0.25 * q[0], c[1] + 0.25 * q[1], c[2] + 0.25 * q[2]];
                    }
                }
            }
            if heat {
                *px = [c[0] + lit - 1.0, 0.0, 0.0];
                continue;
            }
            let dx = (i as f32 + 0.5) / view.centre[0] - 1.0;
            let gain = scene.gain * lit * (1.0 - 0.10 * (dx * dx + dy * dy));
            *px = [c[0] * gain, c[1] * gain, c[2] * gain];
        }
    }

    /// Light that falls on a place: cloud shadows that drift, and gusts that run
    /// through the grass.
    fn light(&self, scene: &Scene, x: f32, y: f32, heat: bool) -> f32 {
        let sky = &self.world.sky;
        let t = scene.t as f32;
        let (wx, wy) = (sky.wind[0] * t, sky.wind[1] * t);
        let (cx, cy) = (x - wx + sky.cloud_at[0], y - wy + sky.cloud_at[1]);
        let n = value_noise(cx * 0.0065, cy * 0.0065, sky.cloud_seed) * 0.75
            + value_noise(cx * 0.031, cy * 0.031, sky.cloud_seed ^ 1) * 0.25;
        let cloud = ((n - 0.56) * 7.0).clamp(0.0, 1.0);
        if heat {
            return 1.0 - 0.012 * cloud;
        }
        let wild = ground::wildness(x, y);
        let mut wave = 0.0;
        if wild > 0.0 {
            // Gusts are patches that run with the wind; stalks bow in rows across it.
            let gust = value_noise((x - wx) * 0.035, (y - wy) * 0.035, sky.cloud_seed ^ 3);
            let stalks = value_noise(
                (x - 0.7 * wx) * 0.42,
                (y - 0.7 * wy) * 0.42,
                sky.cloud_seed ^ 2,
            );
            wave = WAVE * wild * (gust - 0.25).max(0.0) * (stalks - 0.5);
        }
        (1.0 - 0.36 * cloud) * (1.0 + wave)
    }
}

/// An outline on the ground as it stands in the picture, in samples.
fn on_ground(view: &View, outline: &[[f32; 2]]) -> Vec<[f32; 2]> {
    outline
        .iter()
        .map(|p| view.project([p[0], p[1], 0.0]))
        .map(|p| [p[0] * SUB as f32, p[1] * SUB as f32])
        .collect()
}

/// Time of day of an event time, `HH:MM:SS.mmm`.
fn timecode(us: i64) -> String {
    let ms = us.div_euclid(1000).rem_euclid(86_400_000);
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1000 % 60,
        ms % 1000
    )
}
