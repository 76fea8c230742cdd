//! `atalaya footprint`: where the pictures of a recording lie on the ground, computed from platform
//! position, sensor angles and field of view alone, beside what the metadata report.

mod record;
mod summary;

use crate::output::Output;
use crate::packets::{self, Found};
use crate::terrain;
use anyhow::{Result, anyhow, bail};
use atalaya_feeds::platform_state;
use atalaya_geo::terrain::Terrain;
use atalaya_geo::{Geodetic, Surface};
use atalaya_klv::{Checksum, Metadata, Packet};
use atalaya_model::operation::SensorErrors;
use atalaya_model::{Micros, North, PlatformState};
use record::{Ground, Point, Record, SWEEP_S};
use std::io::Write;
use std::path::PathBuf;
use summary::Summary;

/// From where azimuths are counted.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum FromNorth {
    /// True north, as ST 0601 has it
    True,
    /// The north of the UTM grid, as some older systems have it
    Grid,
    /// Whichever of them the reported frame centres fit far better; true north without any
    Auto,
}

/// Arguments.
#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("surface").args(["terrain", "height", "geoid", "ellipsoid"])))]
pub struct Args {
    /// A .ts, .mpg or .mp4 with metadata, or bare KLV (.klv, .bin)
    file: PathBuf,
    /// Heights of the ground above sea level: GeoTIFF in UTM or WGS84 degrees, SRTM (.hgt) or DTED;
    /// again for the next tile. Without terrain, height, geoid or ellipsoid: the reported height of the
    /// frame centre, else mean sea level
    #[arg(long, value_name = "DEM")]
    terrain: Vec<PathBuf>,
    /// The ground is level, so many metres above mean sea level
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    height: Option<f64>,
    /// The ground is mean sea level (EGM96)
    #[arg(long)]
    geoid: bool,
    /// The ground is level, so many metres above the WGS84 ellipsoid
    #[arg(long, value_name = "M", num_args = 0..=1, default_missing_value = "0", allow_negative_numbers = true)]
    ellipsoid: Option<f64>,
    /// From where heading and azimuth are counted
    #[arg(long, value_enum, default_value = "true")]
    north: FromNorth,
    /// Footprints end at this slant range, metres
    #[arg(long, default_value_t = 50_000.0, value_name = "M")]
    limit: f64,
    /// Size of the pictures, for bare KLV
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<(u32, u32)>,
    /// Errors of the metadata, as an operation's feed has them (`[feed.errors]`): position_m=2.5,height_m=5,…
    #[arg(long, default_value = "", value_parser = errors, hide_default_value = true, value_name = "NAME=VALUE,…")]
    errors: SensorErrors,
    /// Error of the ground's height, metres (one sigma) [default: the terrain model's own, else 10]
    #[arg(long, value_name = "M")]
    ground_sigma: Option<f64>,
    /// Also say whether the camera sees this place: latitude and longitude, degrees, and metres over the
    /// ground (0)
    #[arg(long, value_name = "LAT,LON[,M]", allow_hyphen_values = true, value_parser = point)]
    point: Option<Point>,
    /// Where the records go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn size(text: &str) -> Result<(u32, u32)> {
    text.split_once('x')
        .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)))
        .filter(|(w, h)| (1..=65_536).contains(w) && (1..=65_536).contains(h))
        .ok_or_else(|| anyhow!("give width and height such as 1280x720"))
}

fn point(text: &str) -> Result<Point> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    let (lat, lon, above_m) = match numbers.as_deref() {
        Some([lat, lon]) => (*lat, *lon, 0.0),
        Some([lat, lon, above]) => (*lat, *lon, *above),
        _ => {
            bail!("give latitude and longitude such as 40.0012,-3.5034, and metres over the ground")
        }
    };
    if !(lat.abs() <= 90.0 && lon.abs() <= 180.0 && above_m.abs() < 1e4) {
        bail!("{text} is no place on the earth");
    }
    Ok(Point {
        lat: lat.to_radians(),
        lon: lon.to_radians(),
        above_m,
    })
}

fn errors(text: &str) -> Result<SensorErrors> {
    let errors: SensorErrors = toml::from_str(&text.replace(',', "\n"))
        .map_err(|e| anyhow!("{}", e.message().replace('\n', " ")))?;
    let e = &errors;
    let all = [
        e.position_m,
        e.height_m,
        e.heading_deg,
        e.gimbal_deg,
        e.position_noise_m,
        e.pointing_noise_deg,
    ];
    if all.iter().any(|v| !(0.0..1e4).contains(v)) {
        bail!("errors are between 0 and 10,000");
    }
    Ok(errors)
}

/// Size taken for pictures that nobody knows the size of: sample distances are then left out.
const UNKNOWN_SIZE: u32 = 1000;

struct Work<'a> {
    args: &'a Args,
    terrain: Option<Box<dyn Terrain>>,
    north: North,
    summary: Summary,
    n: u64,
    /// Where the middle of a picture was some time ago, and lately, with event times.
    before: [Option<(i64, Geodetic)>; 2],
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let terrain = match &a.terrain[..] {
        [] => None,
        paths => Some(terrain::open(paths)?),
    };
    if !(a.limit > 0.0 && a.limit.is_finite()) {
        bail!("--limit is a distance in metres");
    }
    let mut work = Work {
        args: a,
        terrain,
        north: match a.north {
            FromNorth::Grid => North::Grid,
            FromNorth::True | FromNorth::Auto => North::True,
        },
        summary: Summary::default(),
        n: 0,
        before: [None; 2],
    };
    if a.north == FromNorth::Auto {
        work.read(&mut |_| Ok(()))?;
        if work.summary.fits_other_better() {
            work.north = North::Grid;
        }
        (work.summary, work.n, work.before) = (Summary::default(), 0, [None; 2]);
    }
    let mut out = Output::open(a.out.as_deref())?;
    work.read(&mut |record| {
        serde_json::to_writer(&mut out, record)?;
        Ok(writeln!(out)?)
    })?;
    out.finish()?;
    let name = a.file.display().to_string();
    eprint!("{}", work.summary.text(&name, work.north == North::Grid));
    Ok(())
}

impl Work<'_> {
    /// Reads the file; each record goes to `each`.
    fn read(&mut self, each: &mut dyn FnMut(&Record) -> Result<()>) -> Result<()> {
        let a = self.args;
        packets::read(&a.file, &mut |found| {
            let Found::Packet(packet, place, size) = found else {
                return Ok(());
            };
            let record = self.packet(packet, place.pid, place.pts, a.size.or(size));
            self.n += 1;
            each(&record)
        })
    }

    fn packet(
        &mut self,
        packet: &Packet<'_>,
        pid: Option<u16>,
        pts: Option<i64>,
        size: Option<(u32, u32)>,
    ) -> Record {
        let metadata = Metadata::of(packet);
        let time_us = metadata.time_us.and_then(|t| i64::try_from(t).ok());
        let mut record = Record::new(self.n, packet.offset, pid, pts, time_us);
        if packet.checksum() == Checksum::Bad {
            record.status = "bad_checksum";
        } else {
            let state = platform_state(&metadata, Micros(time_us.unwrap_or(0)));
            let (surface, name) = self.surface(&state);
            let ground = Ground {
                surface,
                name,
                limit_m: self.args.limit,
                point: self.args.point,
                common: {
                    let mut common = self.args.errors.common();
                    common.ground_m = self
                        .args
                        .ground_sigma
                        .unwrap_or_else(|| self.terrain.as_ref().map_or(10.0, |t| t.sigma_m()));
                    common
                },
                random: self.args.errors.random(),
                age_s: self.args.errors.time_ms / 1e3,
                before: self.before[0],
            };
            let lens = size.unwrap_or_else(|| unknown_size(&state));
            record.north = Some(if self.north == North::Grid {
                "grid"
            } else {
                "true"
            });
            record.fill(&state.clone().from_north(self.north), lens, &ground);
            if size.is_none() {
                record.without_pixels();
            }
            // How it would be with the other north, for the summary.
            let other = match self.north {
                North::Grid => North::True,
                North::True => North::Grid,
            };
            let mut second = Record::new(0, 0, None, None, None);
            second.fill(&state.clone().from_north(other), lens, &ground);
            self.summary.take(&record, &second);
            self.remember(&record);
            return record;
        }
        self.summary.take(&record, &record);
        record
    }

    /// Keeps a place of at least the shortest time ago, for the next.
    fn remember(&mut self, record: &Record) {
        let Some(now) = record.time_us.zip(record.middle) else {
            return;
        };
        let old = |(then, _): (i64, Geodetic)| {
            !(0.0..SWEEP_S.start).contains(&(now.0.saturating_sub(then) as f64 / 1e6))
        };
        if self.before[1].is_none_or(old) {
            self.before = [self.before[1].or(Some(now)), Some(now)];
        }
    }

    /// The ground that these metadata are held against, and its name.
    fn surface(&self, state: &PlatformState) -> (Surface<'_>, &'static str) {
        let a = self.args;
        if let Some(t) = &self.terrain {
            (Surface::Terrain(t.as_ref()), "terrain")
        } else if let Some(h) = a.height {
            (Surface::Geoid(h), "height")
        } else if let Some(h) = a.ellipsoid {
            (Surface::Ellipsoid(h), "ellipsoid")
        } else if let (false, Some((.., Some(h)))) = (a.geoid, state.frame_centre) {
            (Surface::Ellipsoid(h), "reported")
        } else {
            (Surface::Geoid(0.0), "geoid")
        }
    }
}

/// A size in the shape of the fields of view.
fn unknown_size(state: &PlatformState) -> (u32, u32) {
    let shape = match (state.hfov, state.vfov) {
        (Some(h), Some(v)) if h > 1e-5 && v > 1e-5 => (0.5 * v).tan() / (0.5 * h).tan(),
        _ => 0.75,
    };
    let height = (f64::from(UNKNOWN_SIZE) * shape).clamp(1.0, 1e5);
    (UNKNOWN_SIZE, height as u32)
}
