//! `atalaya mux`: a video and its log to a STANAG 4609 transport stream; boxes and tracks into it.

mod log;
mod seen;

use crate::output::Part;
use anyhow::{Context, Result, bail};
use atalaya_exchange::stanag::{self, Added, Order, Timeline};
use atalaya_klv::st0102::{Marking, classification_code};
use atalaya_model::Micros;
use atalaya_video::Demuxer;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The video: .mp4, .mov, .ts, … of H.264, H.265 or MPEG-2. Its pictures are not coded again (those
    /// that say no time get a time stamp beside their slices), and metadata that it has are passed on
    /// byte by byte
    video: PathBuf,
    /// Telemetry as DJI's cameras write it beside a video (subtitles)
    #[arg(long, value_name = "FILE", conflicts_with = "csv")]
    srt: Option<PathBuf>,
    /// Telemetry as a table with a header: time or video_s, lat, lon, msl_m, heading, … (see the manual)
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Columns of the table that are named otherwise, as ours=theirs,…
    #[arg(long, value_name = "A=B,…", value_delimiter = ',', requires = "csv")]
    map: Vec<String>,
    /// Boxes to put in as ST 0903: MOT rows (detect, track) or observations.jsonl (run)
    #[arg(long, value_name = "FILE")]
    vmti: Option<PathBuf>,
    /// Which feed's observations [default: all of the file]
    #[arg(long, value_name = "ID", requires = "vmti")]
    feed: Option<String>,
    /// When the first picture was taken, as 2026-05-01T10:00:00Z
    #[arg(long, value_name = "UTC")]
    start: Option<String>,
    /// The log's clock is local time, so far from UTC: +02:00, -03:00, or Z
    #[arg(
        long,
        value_name = "OFFSET",
        allow_hyphen_values = true,
        conflicts_with = "start"
    )]
    utc_offset: Option<String>,
    /// Height of the place of take-off above mean sea level, metres: where a log says only heights above
    /// it, and for the ground that the camera sees
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    home_height: Option<f64>,
    /// Horizontal field of view, degrees, where the log says none
    #[arg(long, value_name = "DEG")]
    hfov: Option<f64>,
    /// Security classification: unclassified, restricted, confidential, secret or top secret
    #[arg(long, default_value = "unclassified")]
    classification: String,
    /// Country that classified it, two or three letters as in ISO 3166 and GENC; asked for where a
    /// marking has to be written
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// Country in the picture [default: the same]
    #[arg(long, value_name = "CODE")]
    object_country: Option<String>,
    /// Mission
    #[arg(long, value_name = "TEXT", default_value = "none")]
    mission: String,
    /// Type of aircraft
    #[arg(long, value_name = "TEXT", default_value = "unknown")]
    platform: String,
    /// Camera
    #[arg(long, value_name = "TEXT", default_value = "EO")]
    sensor: String,
    /// Where the stream goes (.ts)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let name = a.video.display();
    if a.srt.is_none() && a.csv.is_none() && a.vmti.is_none() {
        bail!("nothing to put into {name}: give --srt, --csv or --vmti");
    }
    if same_file(&a.video, &a.out) {
        bail!("{name} would be written over while it is read; choose another --out");
    }
    let mut timeline = Timeline::read(&a.video)?;
    let log = log::read(a)?;
    if log.is_some() && !timeline.metadata.is_empty() {
        eprintln!("{name}: has metadata of its own; they are left out for those of the log");
        timeline.metadata.clear();
    }
    let offset_us = a.utc_offset.as_deref().map(log::offset_us).transpose()?;
    match (&a.start, &log) {
        (Some(start), _) => {
            let start = Micros::parse_rfc3339(start).with_context(|| {
                format!("--start {start} is no time; write 2026-05-01T10:00:00Z")
            })?;
            timeline.start_at(start.0);
        }
        (None, Some(log)) => timeline.start_at(log::start_us(log, offset_us, &name.to_string())?),
        (None, None) if !timeline.has_clock() => {
            bail!("{name}: nothing in it says what time it was; say --start 2026-05-01T10:00:00Z");
        }
        (None, None) => {}
    }
    let mut added: Vec<Added> = Vec::new();
    if let Some(log) = &log {
        added.extend(log::packets(a, log, &timeline, offset_us)?);
    }
    let mut boxes = 0;
    if let Some(path) = &a.vmti {
        let pictures = seen::read(path, a.feed.as_deref(), &timeline)?;
        boxes = pictures.values().map(Vec::len).sum();
        let own = timeline.marking.clone().filter(|_| log.is_none());
        let marking = own.map_or_else(|| marking(a), Ok)?;
        added.extend(stanag::targets(&timeline, &pictures, &marking)?);
    }
    // A log's packet of the same instant says where the targets of the next one are seen from.
    added.sort_by_key(|p| p.pts);
    let order = Order {
        added: &added,
        without_own: log.is_some(),
        stamps: true,
        ..Order::default()
    };
    let source = Demuxer::open(&a.video)?;
    let what = a.out.display().to_string();
    let (file, part) = Part::create(&a.out)?;
    let sink = Box::new(BufWriter::with_capacity(1 << 16, file));
    let done = match stanag::copy(source, &timeline, &order, sink, &what) {
        Ok(done) => done,
        Err(e) => {
            part.discard();
            return Err(e.into());
        }
    };
    part.keep()?;
    if timeline.others > 0 {
        eprintln!(
            "{name}: {} other streams (sound, …) are left out",
            timeline.others
        );
    }
    eprintln!(
        "{what}: {} pictures, {} with a new time stamp, {} units of metadata passed on, {} packets put in, {boxes} boxes; `atalaya klv --check {what}` says whether it conforms",
        done.pictures, done.stamped, done.passed, done.added
    );
    Ok(())
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// The marking that the arguments describe.
fn marking(a: &Args) -> Result<Vec<u8>> {
    let words = a.classification.replace('-', " ");
    let classification = classification_code(&words).with_context(|| {
        format!(
            "--classification {} is none of unclassified, restricted, confidential, secret, top secret",
            a.classification
        )
    })?;
    let country = a.country.as_deref().context(
        "whose marking is it? say --country with two or three letters, such as ESP (ISO 3166)",
    )?;
    let object = a.object_country.as_deref().unwrap_or(country);
    for code in [country, object] {
        let fits = (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase());
        if !fits {
            bail!(
                "{code:?} is no country's code; write two or three capital letters, such as ESP (ISO 3166)"
            );
        }
    }
    Ok(Marking {
        classification,
        country,
        object_country: object,
        caveats: "",
    }
    .local_set())
}
