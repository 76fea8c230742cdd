//! A picture of the ground from another day, as a mapping agency has it: an orthophoto.
//!
//! The same ground and buildings under another sun, without anybody on it, at a quarter of a metre, north up
//! on the UTM grid. Its place is wrong by an error of its own, which has nothing to do with the flight's.

use crate::error::Error;
use crate::render::Renderer;
use crate::rng::Stream;
use crate::world::World;
use atalaya_geo::{Camera, Homography, Matrix3, Vector2, Vector3, utm};
use rayon::prelude::*;
use std::io::Cursor;
use std::path::Path;
use tiff::TiffError;
use tiff::encoder::colortype::Gray8;
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder};
use tiff::tags::Tag;

/// Its name in a world's folder.
pub const REFERENCE_FILE: &str = "reference.tif";
/// How well its place is known, metres per axis (one sigma): what agencies state for such pictures.
pub const REFERENCE_SIGMA_M: f64 = 0.5;

/// Size of its pixels, metres of the grid.
const PIXEL_M: f64 = 0.25;
/// From its middle to its edges, metres.
const HALF_M: f64 = 178.0;
/// Size of the pixels of what it is made of, metres.
const FINE_M: f64 = 0.2;
/// Columns and rows of what it is made of: twice and three times what is used of a picture.
const TILES: [usize; 2] = [2, 3];
const TILE: [usize; 2] = [900, 600];
/// Height of the aircraft that took it, metres: roofs lean a little.
const HEIGHT_M: f64 = 1500.0;
/// Size of the pictures it is made of, pixels.
const SIZE: (u32, u32) = (1280, 720);

/// How far beside its true place it lies, metres east and north.
pub fn reference_error_m(seed: u64) -> [f64; 2] {
    let mut rng = Stream::new(seed, "reference");
    let mut one = || REFERENCE_SIGMA_M * rng.normal().clamp(-2.0, 2.0);
    [one(), one()]
}

/// Writes it, as GeoTIFF.
pub fn write_reference(world: &World, path: &Path) -> Result<(), Error> {
    let bytes = tiff(world, &canvas(&world.another_day())).map_err(|e| Error::Reference {
        path: path.into(),
        cause: e.to_string(),
    })?;
    std::fs::write(path, bytes).map_err(Error::file(path))
}

/// What a scorer must know of it.
pub(crate) fn reference_json(world: &World) -> String {
    let [east, north] = reference_error_m(world.seed);
    let day = world.another_day();
    let m = |v: f64| (v * 1e4).round() / 1e4;
    let doc = serde_json::json!({
        "schema": "reference/1",
        "sigma_m": REFERENCE_SIGMA_M,
        "east_m": m(east),
        "north_m": m(north),
        "taken": atalaya_model::Micros(day.start_us).to_rfc3339(),
    });
    format!("{doc:#}\n")
}

/// Grey levels, from the north-west, and their number to a side.
type Canvas = (Vec<u8>, [usize; 2]);

/// The ground on another day.
fn canvas(day: &World) -> Canvas {
    let renderer = Renderer::new(day);
    let size = [TILES[0] * TILE[0], TILES[1] * TILE[1]];
    let mut out = vec![0u8; size[0] * size[1]];
    for row in 0..TILES[1] {
        for column in 0..TILES[0] {
            let middle = |k: usize, axis: usize| {
                (k as f64 + 0.5 - 0.5 * TILES[axis] as f64) * TILE[axis] as f64 * FINE_M
            };
            let at = Vector3::new(middle(column, 0), -middle(row, 1), HEIGHT_M);
            // East to the right, south down, looking straight down.
            let to_local = Matrix3::new(1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0);
            let f = HEIGHT_M / FINE_M;
            let (w, h) = (f64::from(SIZE.0), f64::from(SIZE.1));
            let camera = Camera {
                position: at,
                to_local,
                fx: f,
                fy: f,
                width: w,
                height: h,
                centre: Vector2::new(0.5 * w, 0.5 * h),
            };
            let px = renderer.still(&camera);
            let (w, h) = (SIZE.0 as usize, SIZE.1 as usize);
            let (x0, y0) = ((w - TILE[0]) / 2, (h - TILE[1]) / 2);
            for r in 0..TILE[1] {
                let from = &px[(y0 + r) * w + x0..][..TILE[0]];
                let to = (row * TILE[1] + r) * size[0] + column * TILE[0];
                out[to..to + TILE[0]].copy_from_slice(from);
            }
        }
    }
    (out, size)
}

/// Cut from the canvas onto the grid.
fn tiff(world: &World, (fine, size): &Canvas) -> Result<Vec<u8>, TiffError> {
    let size = *size;
    // The grid about the origin, as a map of local metres.
    let frame = world.frame();
    let zone = utm::zone(frame.origin().lon);
    let south = frame.origin().lat < 0.0;
    let grid = |x: f64, y: f64| {
        let g = frame.to_geodetic(&Vector3::new(x, y, 0.0));
        let (e, n) = utm::forward(g.lat, g.lon, zone, south);
        Vector2::new(e, n)
    };
    let origin = grid(0.0, 0.0);
    let corners = [
        (-HALF_M, HALF_M),
        (HALF_M, HALF_M),
        (HALF_M, -HALF_M),
        (-HALF_M, -HALF_M),
    ];
    let local = corners.map(|(x, y)| Vector2::new(x, y));
    let on_grid = corners.map(|(x, y)| grid(x, y) - origin);
    let to_local = Homography::from_quad(&on_grid, &local).unwrap_or(Homography::identity());
    // Corners on whole metres, as agencies cut them.
    let west = (origin.x - HALF_M).ceil();
    let north = (origin.y + HALF_M).floor();
    let n = (2.0 * (HALF_M - 1.0) / PIXEL_M) as usize;
    let error = reference_error_m(world.seed);
    let mut rng = Stream::new(world.seed, "reference picture");
    let gamma = rng.range(0.75, 1.3);
    let tone: Vec<f64> = (0..=255)
        .map(|v| 20.0 + 210.0 * (f64::from(v) / 255.0).powf(gamma))
        .collect();
    let noise: Vec<f64> = (0..8192).map(|_| 2.0 * rng.normal()).collect();
    let mut px = vec![0u8; n * n];
    px.par_chunks_mut(n).enumerate().for_each(|(r, row)| {
        for (c, o) in row.iter_mut().enumerate() {
            // What the picture says lies here truly lies beside it.
            let e = west + (c as f64 + 0.5) * PIXEL_M - error[0] - origin.x;
            let g = north - (r as f64 + 0.5) * PIXEL_M - error[1] - origin.y;
            let Some(at) = to_local.apply(Vector2::new(e, g)) else {
                continue;
            };
            let x = at.x / FINE_M + 0.5 * size[0] as f64 - 0.5;
            let y = -at.y / FINE_M + 0.5 * size[1] as f64 - 0.5;
            let v = bilinear(fine, size, x, y);
            let low = v as usize;
            let high = (low + 1).min(255);
            let v = tone[low] + (tone[high] - tone[low]) * v.fract();
            let v = v + noise[(r * 131 + c * 17 + (r ^ c)) % noise.len()];
            *o = v.clamp(1.0, 255.0) as u8;
        }
    });
    let mut out = Cursor::new(Vec::new());
    let mut tiff =
        TiffEncoder::new(&mut out)?.with_compression(Compression::Deflate(DeflateLevel::Balanced));
    let mut image = tiff.new_image::<Gray8>(n as u32, n as u32)?;
    image.rows_per_strip(64)?;
    let tags = image.encoder();
    tags.write_tag(Tag::ModelPixelScaleTag, &[PIXEL_M, PIXEL_M, 0.0][..])?;
    tags.write_tag(
        Tag::ModelTiepointTag,
        &[0.0, 0.0, 0.0, west, north, 0.0][..],
    )?;
    // Projected, pixels are areas, UTM on WGS84 (OGC 19-008r4).
    let epsg = if south { 32700 } else { 32600 } + u16::from(zone);
    let keys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg];
    tags.write_tag(Tag::GeoKeyDirectoryTag, &keys[..])?;
    tags.write_tag(Tag::ImageDescription, "SIMULATED")?;
    image.write_data(&px)?;
    Ok(out.into_inner())
}

/// Grey level between four pixels; the edge repeats.
fn bilinear(px: &[u8], [w, h]: [usize; 2], x: f64, y: f64) -> f64 {
    let (x, y) = (
        x.clamp(0.0, w as f64 - 1.001),
        y.clamp(0.0, h as f64 - 1.001),
    );
    let (i, j) = (x as usize, y as usize);
    let (u, v) = (x.fract(), y.fract());
    let at = |i: usize, j: usize| f64::from(px[j * w + i]);
    let top = at(i, j) * (1.0 - u) + at(i + 1, j) * u;
    let low = at(i, j + 1) * (1.0 - u) + at(i + 1, j + 1) * u;
    top * (1.0 - v) + low * v
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::WorldOptions;
    use atalaya_geo::Ortho;

    #[test]
    fn it_lies_beside_its_place_by_its_own_error_on_another_day() {
        let world = World::compound(3, &WorldOptions::default());
        let day = world.another_day();
        let turn: f32 = (0..3).map(|i| day.sun[i] * world.sun[i]).sum();
        assert!(turn < 0.94 && day.start_us != world.start_us && day.actors.is_empty());
        let whole = canvas(&day);
        let o = Ortho::read(&tiff(&world, &whole).unwrap()).unwrap();
        assert!(o.width == o.height && (o.pixel_m - PIXEL_M).abs() < 0.001);
        let (fine, size) = whole;
        let error = reference_error_m(3);
        assert!(error[0].hypot(error[1]) > 0.1 && error != reference_error_m(4));
        // Likeness of what it shows at places `beside` to what truly lies at them.
        let like = |beside: [f64; 2]| {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            for (x, y) in (-80..80).flat_map(|y| (-80..80).map(move |x| (x, y))) {
                let p = [2.0 * f64::from(x) + 0.3, 2.0 * f64::from(y) - 0.2];
                let at = Vector3::new(p[0] + beside[0], p[1] + beside[1], 0.0);
                let g = world.frame().to_geodetic(&at);
                let (c, r) = o.place.pixel(g.lat, g.lon);
                a.push(bilinear(&o.luma, [o.width, o.height], c, r));
                let (x, y) = (p[0] / FINE_M, -p[1] / FINE_M);
                let half = size.map(|n| 0.5 * n as f64 - 0.5);
                b.push(bilinear(&fine, size, x + half[0], y + half[1]));
            }
            let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
            let (ma, mb) = (mean(&a), mean(&b));
            let sum = |f: &dyn Fn(f64, f64) -> f64| {
                a.iter()
                    .zip(&b)
                    .map(|(p, q)| f(p - ma, q - mb))
                    .sum::<f64>()
            };
            sum(&|p, q| p * q) / (sum(&|p, _| p * p) * sum(&|_, q| q * q)).sqrt()
        };
        let there = like(error);
        assert!(there > 0.97, "{there}");
        assert!(like([0.0; 2]) < there && like([-error[0], -error[1]]) < there);
    }
}
