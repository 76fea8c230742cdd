//! `atalaya emission`: gas readings and wind to a source; `atalaya emission nose`: an array of sensors to a kind of gas.

mod nose;

use crate::input::open;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use atalaya_emission::{
    Area, Estimate, Flight, Gas, Inversion, Leg, Settings, geotiff, heat, sensor, sensor::Lag,
    table,
};
use atalaya_geo::Vector3;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Readings: CSV with a header `t_s,sensor,e,n,u[,e2,n2,u2],ppm` (second point: open path); gzip
    /// accepted; `-` reads standard input
    #[arg(long, value_name = "FILE", required = true)]
    obs: Option<PathBuf>,
    /// Wind: CSV with a header `t_s,wind_speed,wind_dir_from[,sig_h,sig_v,T,p]` in m/s, degrees, K, kPa
    #[arg(long, value_name = "FILE", required = true)]
    met: Option<PathBuf>,
    /// Where a source may be, local metres [default: around the readings]
    #[arg(long, value_name = "E0,N0,U0,E1,N1,U1", allow_hyphen_values = true)]
    area: Option<String>,
    /// The gas, by its formula
    #[arg(long, value_name = "GAS", default_value = "ch4")]
    gas: String,
    /// Places where a source is likelier: CSV with a header `name,e,n[,u]`
    #[arg(long, value_name = "FILE")]
    candidates: Option<PathBuf>,
    /// What is drawn at random follows from this: the same number gives the same answer
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write a record at each moment that has readings, not only at the end; what it says is worked out anew
    /// whenever there are twice as many readings as the time before
    #[arg(long)]
    stream: bool,
    /// Also write the posterior of the place: a picture (.png), or a map of 32-bit floats (.tif, GeoTIFF)
    #[arg(long, value_name = "FILE.png|tif")]
    map: Option<PathBuf>,
    /// Where local metres are zero, degrees: places the GeoTIFF on the earth
    #[arg(
        long,
        value_name = "LON,LAT",
        allow_hyphen_values = true,
        requires = "map"
    )]
    origin: Option<String>,
    /// Time constants with which the sensors rise and fall, seconds: what they lag is undone
    #[arg(long, value_name = "RISE,FALL")]
    lag: Option<String>,
    /// Leave out each sensor's first seconds, in which it warms up
    #[arg(long, value_name = "S", default_value_t = 0.0)]
    warm_up: f64,
    /// Also say where a drone that is here should fly next: it stays at its height and within the area
    #[arg(long, value_name = "E,N,U", allow_hyphen_values = true)]
    next: Option<String>,
    /// Where that drone may fly, local metres [default: over the area]
    #[arg(
        long,
        value_name = "E0,N0,U0,E1,N1,U1",
        allow_hyphen_values = true,
        requires = "next"
    )]
    fly_in: Option<String>,
    /// No straight part of its way is longer, metres
    #[arg(long, value_name = "M", default_value_t = 60.0, requires = "next")]
    farthest: f64,
    /// Where the records go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Name the kind of gas by an array of sensors, or say that it is unknown
    Nose(nose::Args),
}

fn area(text: &str) -> Result<Area> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[e0, n0, u0, e1, n1, u1]) => Ok(Area::new(
            Vector3::new(e0, n0, u0),
            Vector3::new(e1, n1, u1),
        )?),
        _ => bail!("--area '{text}' is not six numbers e0,n0,u0,e1,n1,u1"),
    }
}

/// What is said, with the next leg if it was asked for.
#[derive(serde::Serialize)]
struct Record<'a> {
    #[serde(flatten)]
    estimate: &'a Estimate,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Option<Leg>>,
}

/// The next leg of a drone, if it was asked for.
fn next(a: &Args, area: &Area, inversion: &mut Inversion) -> Result<Option<Option<Leg>>> {
    let Some(text) = &a.next else {
        return Ok(None);
    };
    let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    let from = match numbers.as_deref() {
        Some(&[e, n, u]) if [e, n, u].iter().all(|v| v.abs() < 1e6) => Vector3::new(e, n, u),
        _ => bail!("--next '{text}' is not three numbers e,n,u in local metres"),
    };
    let allowed = match &a.fly_in {
        Some(text) => self::area(text)?,
        None => Area {
            lo: Vector3::new(area.lo.x, area.lo.y, from.z),
            hi: Vector3::new(area.hi.x, area.hi.y, from.z),
        },
    };
    let flight = Flight {
        area: allowed,
        speed: 5.0,
        every_s: 2.0,
        farthest_m: a.farthest,
    };
    Ok(Some(inversion.next(from, &flight)))
}

fn origin(text: &str) -> Result<[f64; 2]> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[lon, lat]) if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) => {
            Ok([lon, lat])
        }
        _ => bail!("--origin '{text}' is not a place; give longitude,latitude in degrees"),
    }
}

fn lag(text: &str) -> Result<Lag> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[rise_s, fall_s]) => Some(Lag { rise_s, fall_s }).filter(Lag::fine),
        _ => None,
    }
    .with_context(|| format!("--lag '{text}' is not two times of 0 to 600 seconds, RISE,FALL"))
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    if let Some(What::Nose(a)) = &a.what {
        return nose::run(a);
    }
    let (Some(obs), Some(met)) = (&a.obs, &a.met) else {
        bail!("--obs and --met are needed");
    };
    let Some(gas) = Gas::by_name(&a.gas) else {
        let known: Vec<_> = Gas::names().collect();
        bail!(
            "--gas '{}' is not known; one of {}",
            a.gas,
            known.join(", ")
        );
    };
    let ending = |m: &PathBuf| {
        m.extension()
            .and_then(|e| e.to_str())
            .map(str::to_ascii_lowercase)
    };
    let ending = a.map.as_ref().map(|m| ending(m).unwrap_or_default());
    let tiff = match ending.as_deref() {
        Some("tif" | "tiff") => true,
        Some("png") | None => false,
        Some(_) => bail!("--map writes PNG or GeoTIFF; give a name that ends in .png or .tif"),
    };
    let origin = a.origin.as_deref().map(origin).transpose()?;
    if origin.is_some() && !tiff {
        bail!("--origin places a GeoTIFF; give --map a name that ends in .tif");
    }
    let named = |path: &Path| path.display().to_string();
    let (mut readings, no_value) = table::readings(open(obs)?).with_context(|| named(obs))?;
    if a.warm_up > 0.0 {
        sensor::warm_up(&mut readings, a.warm_up);
    }
    if let Some(lag) = a.lag.as_deref().map(lag).transpose()? {
        lag.undo(&mut readings);
    }
    let (winds, no_wind) = table::winds(open(met)?).with_context(|| named(met))?;
    let candidates = match &a.candidates {
        Some(path) => table::candidates(open(path)?).with_context(|| named(path))?,
        None => Vec::new(),
    };
    let area = match &a.area {
        Some(text) => area(text)?,
        None => Area::around(
            readings
                .iter()
                .flat_map(|r| [Some(r.at), r.to])
                .flatten()
                .chain(candidates.iter().map(|c| c.at)),
        )
        .context("no area can be drawn around the readings; give --area")?,
    };
    if no_value + no_wind > 0 {
        eprintln!("{no_value} rows without a reading and {no_wind} without wind are left out");
    }
    let settings = Settings {
        gas,
        seed: a.seed,
        ..Settings::default()
    };
    let mut inversion = Inversion::new(settings, &area, candidates)?;
    let mut out = Output::open(a.out.as_deref())?;
    let mut winds = winds.into_iter().peekable();
    let mut readings = readings.into_iter().peekable();
    while let Some(reading) = readings.next() {
        while let Some(wind) = winds.next_if(|w| w.t_s <= reading.t_s) {
            inversion.wind(wind).with_context(|| named(met))?;
        }
        let t_s = reading.t_s;
        inversion.push(reading).with_context(|| named(obs))?;
        if a.stream && readings.peek().is_some_and(|next| next.t_s > t_s) {
            writeln!(out, "{}", serde_json::to_string(&inversion.estimate())?)?;
        }
    }
    inversion.finish();
    let estimate = inversion.estimate();
    let next = next(a, &area, &mut inversion)?;
    let record = Record {
        estimate: &estimate,
        next,
    };
    writeln!(out, "{}", serde_json::to_string(&record)?)?;
    if let Some(path) = &a.map {
        let mut picture = Output::open(Some(path))?;
        let squares = inversion.squares();
        let bytes = if tiff {
            geotiff(inversion.map(), &squares, origin)
        } else {
            heat::png(inversion.map(), &squares)?
        };
        picture.write_all(&bytes)?;
        picture.finish()?;
    }
    out.finish()
}
