//! `atalaya plan`: an operation and an aircraft to a certified flight.

use crate::commands::run::read_operation;
use crate::output::Output;
use crate::terrain;
use anyhow::{Context, Result, bail};
use atalaya_flight::qgc::PlanFile;
use atalaya_flight::relief::{ReliefRequest, schedule};
use atalaya_flight::{Aircraft, Certificate, PlanError, Task};
use atalaya_geo::terrain::{Flat, Terrain};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The operation document
    operation: PathBuf,
    /// The aircraft and what is asked of the flight (TOML, docs/formats.md)
    #[arg(long, value_name = "A.toml")]
    aircraft: PathBuf,
    /// Heights of the ground above sea level: GeoTIFF in UTM or WGS84 degrees, SRTM (.hgt) or DTED;
    /// again for the next tile
    #[arg(long, value_name = "DEM")]
    terrain: Vec<PathBuf>,
    /// Where the plan goes; its certificate goes beside it
    #[arg(long, value_name = "FILE.plan")]
    out: PathBuf,
    /// Also write who is on station when with N such aircraft, to FILE.plan.relief.json
    #[arg(long, value_name = "N")]
    relief: Option<usize>,
    /// For --relief: hours to cover
    #[arg(long, default_value_t = 24.0, value_name = "H")]
    hours: f64,
    /// For --relief: seconds on the ground between two flights
    #[arg(long, default_value_t = 1800.0, value_name = "S")]
    turnaround_s: f64,
    /// For --relief: seconds that the next is on station before the one before leaves
    #[arg(long, default_value_t = 120.0, value_name = "S")]
    overlap_s: f64,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let operation = read_operation(&a.operation)?;
    let text = std::fs::read_to_string(&a.aircraft)
        .with_context(|| format!("can't read {}; check the path", a.aircraft.display()))?;
    let aircraft = Aircraft::parse(&a.aircraft.display().to_string(), &text)?;
    let terrain: Box<dyn Terrain> = match (&a.terrain[..], aircraft.plan.ground_m) {
        ([_, ..], _) => terrain::open(&a.terrain)?,
        ([], Some(ground_m)) => Box::new(Flat(ground_m)),
        ([], None) => bail!(
            "nothing says how high the ground is; give --terrain DEM.tif, or [plan] ground_m (the highest in reach) in {}",
            a.aircraft.display()
        ),
    };
    let task = Task::new(&operation, &aircraft, terrain.as_ref())?;
    let certificate_path = beside(&a.out, "certificate.json");
    let mut planned = match atalaya_flight::plan(&task) {
        Ok(planned) => planned,
        Err(e) => {
            // No plan of an earlier run may be taken for the one that was refused.
            for stale in [&a.out, &beside(&a.out, "relief.json"), &certificate_path] {
                remove(stale)?;
            }
            if let PlanError::Refused { certificate, .. } = &e {
                write_json(&certificate_path, certificate)?;
            }
            return Err(e).context("no flight can be certified");
        }
    };
    let plan = PlanFile::new(&task, &planned.flight)?;
    planned.certificate.plan_sha256 = Some(plan.content_sha256());
    let budget = planned.flight.budget(&task);
    let relief = a
        .relief
        .map(|n| {
            schedule(&ReliefRequest {
                aircraft: n,
                endurance_s: aircraft.endurance_s,
                reserve_s: aircraft.reserve_s,
                out_s: budget.out_s,
                back_s: budget.back_s,
                turnaround_s: a.turnaround_s,
                overlap_s: a.overlap_s,
                window_s: a.hours * 3600.0,
            })
        })
        .transpose()
        .context("--relief")?;
    let mut out = Output::open(Some(&a.out))?;
    out.write_all(plan.write().as_bytes())?;
    out.finish()?;
    write_json(&certificate_path, &planned.certificate)?;
    if let Some(s) = &relief {
        let mut json = serde_json::to_value(s)?;
        json["schema"] = "relief/1".into();
        write_json(&beside(&a.out, "relief.json"), &json)?;
        eprintln!(
            "relief: {} flights, {:.1} of {:.1} h covered (no schedule covers more than {:.1} h), {} gaps, {} of {} reliefs with their whole overlap",
            s.sorties.len(),
            s.covered_s / 3600.0,
            a.hours,
            s.bound_s / 3600.0,
            s.gaps.len(),
            s.overlapped.0,
            s.overlapped.1
        );
    }
    summary(a, &planned.certificate, planned.considered);
    Ok(())
}

fn summary(a: &Args, c: &Certificate, considered: usize) {
    let sight: Vec<String> = c
        .line_of_sight
        .iter()
        .map(|(zone, share)| format!("{zone} {:.0} %", share * 100.0))
        .collect();
    eprintln!(
        "{}: certified; orbit of {:.0} m, flown up to {:.0} m; in view: {}; {:.0} min on station; {} orbits considered",
        a.out.display(),
        c.commanded_radius_m,
        c.flown_radius_m,
        sight.join(", "),
        c.station_s / 60.0,
        considered
    );
    eprintln!(
        "keeps {:.0} m to fences and {:.0} m above {}",
        c.margin_m.fence,
        c.margin_m.terrain.unwrap_or_default(),
        if !a.terrain.is_empty() {
            "the terrain"
        } else {
            "a plane: the ground was not looked at"
        }
    );
    for w in &c.warnings {
        eprintln!("warning: {w}");
    }
}

/// The file beside a plan: `FILE.plan.WHAT`.
pub fn beside(out: &Path, what: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("can't remove the old {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<()> {
    let mut out = Output::open(Some(path))?;
    writeln!(out, "{}", serde_json::to_string_pretty(value)?)?;
    out.finish()
}
