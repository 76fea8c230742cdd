//! One packet's record (`footprint/1`, docs/formats.md).

use atalaya_geo::{
    Ellipse, Geodetic, LocalFrame, Look, Miss, PoseErrors, Surface, Vector2, Verdict,
};
use atalaya_model::{Micros, PlatformState};
use serde::Serialize;

/// What a picture's ground is sought on.
pub struct Ground<'a> {
    pub surface: Surface<'a>,
    /// Which of them.
    pub name: &'static str,
    pub limit_m: f64,
    /// A place that is asked for.
    pub point: Option<Point>,
    pub random: PoseErrors,
    pub common: PoseErrors,
    /// How much older or younger than their pictures all metadata may be, seconds (one sigma).
    pub age_s: f64,
    /// Where the middle of a picture was before, and when, microseconds.
    pub before: Option<(i64, Geodetic)>,
}

impl Ground<'_> {
    /// How fast the middle of the picture, now at `at`, sweeps over the ground, metres east and north in a
    /// second; zero where nothing was known shortly before.
    fn sweep(&self, time_us: Option<i64>, at: &Geodetic) -> Vector2<f64> {
        let (Some(now), Some((then, before))) = (time_us, &self.before) else {
            return Vector2::zeros();
        };
        let seconds = now.saturating_sub(*then) as f64 / 1e6;
        if !SWEEP_S.contains(&seconds) {
            return Vector2::zeros();
        }
        -LocalFrame::new(*at).to_enu(before).xy() / seconds
    }
}

/// Times over which it is measured, seconds: metadata shake, and then look elsewhere.
pub const SWEEP_S: std::ops::Range<f64> = 0.4..5.0;

/// A place, radians, and metres over the ground.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub lat: f64,
    pub lon: f64,
    pub above_m: f64,
}

/// Whether and how a place is seen.
#[derive(Serialize)]
struct Seen {
    /// `seen`, `behind`, `outside`, `masked`, `unknown_ground`.
    status: &'static str,
    pixel: Option<[f64; 2]>,
    /// From the picture's nearest side; negative outside.
    inside_px: Option<f64>,
    range_m: Option<f64>,
    /// Least height of the line of sight above the ground.
    clearance_m: Option<f64>,
    /// Where ground stands before it.
    masked_by: Option<[f64; 2]>,
}

impl Seen {
    fn of(look: Option<Look>) -> Self {
        let three = |v: f64| rounded(v, 3);
        let status = match look.map(|l| l.verdict) {
            Some(Verdict::Seen) => "seen",
            Some(Verdict::Behind) => "behind",
            Some(Verdict::Outside) => "outside",
            Some(Verdict::Masked(_)) => "masked",
            Some(Verdict::Unknown) | None => "unknown_ground",
        };
        Self {
            status,
            pixel: look.and_then(|l| l.pixel).map(|p| [three(p.x), three(p.y)]),
            inside_px: look.and_then(|l| l.inside_px).map(three),
            range_m: look.map(|l| three(l.range_m)),
            clearance_m: look.and_then(|l| l.clearance_m).map(three),
            masked_by: look.and_then(|l| match l.verdict {
                Verdict::Masked(at) => Some(place(&at)),
                _ => None,
            }),
        }
    }
}

#[derive(Serialize)]
pub struct Record {
    schema: &'static str,
    n: u64,
    offset: u64,
    pid: Option<u16>,
    pts: Option<i64>,
    time: Option<String>,
    pub time_us: Option<i64>,
    /// `ok`, or why there is no centre.
    pub status: &'static str,
    sensor: Option<[f64; 3]>,
    surface: Option<&'static str>,
    /// From where azimuths were counted.
    pub north: Option<&'static str>,
    pub centre: Option<Centre>,
    corners: Option<[Option<[f64; 2]>; 4]>,
    outline: Option<Vec<[f64; 2]>>,
    pub horizon: Option<bool>,
    pub limited: Option<bool>,
    pub reported: Option<Reported>,
    #[serde(skip_serializing_if = "Option::is_none")]
    point: Option<Seen>,
    /// The ground in the middle of the picture.
    #[serde(skip)]
    pub middle: Option<Geodetic>,
}

#[derive(Serialize)]
pub struct Centre {
    lat: f64,
    lon: f64,
    hae_m: f64,
    pub slant_range_m: f64,
    look_down_deg: f64,
    gsd_across_m: Option<f64>,
    gsd_along_m: Option<f64>,
    cov_random: Option<[f64; 4]>,
    cov_common: Option<[f64; 4]>,
    /// Half axes, metres, and direction of the longer one from north, clockwise, degrees.
    ellipse90: Option<[f64; 3]>,
}

#[derive(Serialize)]
pub struct Reported {
    lat: f64,
    lon: f64,
    hae_m: Option<f64>,
    slant_range_m: Option<f64>,
    pub distance_m: Option<f64>,
    pub percent: Option<f64>,
    pub corners_m: Option<f64>,
}

fn rounded(v: f64, digits: i32) -> f64 {
    let k = 10f64.powi(digits);
    (v * k).round() / k
}

fn place(g: &Geodetic) -> [f64; 2] {
    [rounded(g.lat_deg(), 8), rounded(g.lon_deg(), 8)]
}

/// Metres on the ground between two places, at the height of the first.
fn apart(a: &Geodetic, lat: f64, lon: f64) -> f64 {
    let b = Geodetic {
        lat,
        lon,
        hae_m: a.hae_m,
    };
    LocalFrame::new(*a).to_enu(&b).xy().norm()
}

impl Record {
    pub fn new(
        n: u64,
        offset: u64,
        pid: Option<u16>,
        pts: Option<i64>,
        time_us: Option<i64>,
    ) -> Self {
        Self {
            schema: "footprint/1",
            n,
            offset,
            pid,
            pts,
            time: time_us.map(|t| Micros(t).to_rfc3339()),
            time_us,
            status: "incomplete",
            sensor: None,
            surface: None,
            north: None,
            centre: None,
            corners: None,
            outline: None,
            horizon: None,
            limited: None,
            reported: None,
            point: None,
            middle: None,
        }
    }

    /// What the metadata say, on this ground.
    pub fn fill(&mut self, state: &PlatformState, size: (u32, u32), ground: &Ground<'_>) {
        self.reported = state.frame_centre.map(|(lat, lon, hae_m)| Reported {
            lat: rounded(lat.to_degrees(), 8),
            lon: rounded(lon.to_degrees(), 8),
            hae_m: hae_m.map(|h| rounded(h, 2)),
            slant_range_m: state.slant_range_m.map(|r| rounded(r, 2)),
            distance_m: None,
            percent: None,
            corners_m: None,
        });
        let Some(Ok(camera)) = state.earth_camera(size) else {
            return;
        };
        let at = camera.position();
        let [lat, lon] = place(at);
        self.sensor = Some([lat, lon, rounded(at.hae_m, 2)]);
        self.surface = Some(ground.name);
        self.point = ground
            .point
            .map(|p| Seen::of(camera.sees(p.lat, p.lon, p.above_m, &ground.surface)));
        if let Ok(f) = camera.footprint(&ground.surface, ground.limit_m) {
            self.corners = Some(f.corners.map(|c| c.as_ref().map(place)));
            self.horizon = Some(f.horizon);
            self.limited = Some(f.limited);
            self.outline = (f.horizon || f.limited).then(|| f.outline.iter().map(place).collect());
            let off = state.corners.and_then(|said| {
                let each = f.corners.iter().zip(said);
                let sum: Option<f64> = each
                    .map(|(c, (lat, lon))| Some(apart(c.as_ref()?, lat, lon).powi(2)))
                    .sum();
                Some(rounded((sum? / 4.0).sqrt(), 3))
            });
            if let Some(r) = &mut self.reported {
                r.corners_m = off;
            }
        }
        let middle = camera.middle();
        let point = match camera.ground(middle, &ground.surface) {
            Ok(point) => point,
            Err(miss) => {
                self.status = match miss {
                    Miss::Sky => "sky",
                    Miss::Far => "far",
                    Miss::Unknown => "unknown_ground",
                    Miss::Below => "below_ground",
                };
                return;
            }
        };
        self.status = "ok";
        let [lat, lon] = place(&point.at);
        let gsd = camera.sample_distance_m(middle, &point);
        let sweep = ground.sweep(self.time_us, &point.at);
        let errors = camera.ground_errors(middle, &point, &ground.random, &ground.common);
        let errors = errors.map(|e| e.with_age(sweep, ground.age_s));
        self.middle = Some(point.at);
        let row = |c: atalaya_geo::Cov2| {
            [c[(0, 0)], c[(0, 1)], c[(1, 0)], c[(1, 1)]].map(|v| rounded(v, 4))
        };
        let down = LocalFrame::new(point.at).to_enu(at);
        self.centre = Some(Centre {
            lat,
            lon,
            hae_m: rounded(point.at.hae_m, 2),
            slant_range_m: rounded(point.range_m, 2),
            look_down_deg: rounded(down.z.atan2(down.xy().norm()).to_degrees(), 3),
            gsd_across_m: gsd.map(|g| rounded(g.0, 5)),
            gsd_along_m: gsd.map(|g| rounded(g.1, 5)),
            cov_random: errors.map(|e| row(e.random)),
            cov_common: errors.map(|e| row(e.common)),
            ellipse90: errors.map(|e| {
                let e = Ellipse::holding(&e.total(), 0.9);
                let from_north = (90.0 - e.angle.to_degrees()).rem_euclid(180.0);
                [
                    rounded(e.major, 2),
                    rounded(e.minor, 2),
                    rounded(from_north, 1),
                ]
            }),
        });
        if let (Some(r), Some((lat, lon, _))) = (&mut self.reported, state.frame_centre) {
            let off = apart(&point.at, lat, lon);
            r.distance_m = Some(rounded(off, 3));
            r.percent = Some(rounded(100.0 * off / point.range_m, 4));
        }
    }

    /// Leaves out what takes the number of pixels.
    pub fn without_pixels(&mut self) {
        if let Some(c) = &mut self.centre {
            (c.gsd_across_m, c.gsd_along_m) = (None, None);
        }
        if let Some(p) = &mut self.point {
            (p.pixel, p.inside_px) = (None, None);
        }
    }
}
