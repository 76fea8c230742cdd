//! A log's rows to packets of ST 0601.

use super::{Args, marking};
use anyhow::{Context, Result, anyhow, bail};
use atalaya_exchange::stanag::{self, Added, Timeline};
use atalaya_feeds::telemetry::{self, Row, Telemetry};
use atalaya_geo::Surface;
use atalaya_klv::{Altitude, Datum, Metadata};
use std::path::Path;

/// What a row says is taken for the first picture too if it is not older than this, seconds.
const SLACK_S: f64 = 2.0;

/// The log that the arguments name.
pub(super) fn read(a: &Args) -> Result<Option<Telemetry>> {
    let text = |path: &Path| {
        std::fs::read(path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .with_context(|| format!("can't read {}; check the path", path.display()))
    };
    let (path, log) = match (&a.srt, &a.csv) {
        (Some(path), _) => (path, telemetry::subtitles(&text(path)?)),
        (None, Some(path)) => {
            let names = a
                .map
                .iter()
                .map(|pair| {
                    let (ours, theirs) = pair.split_once('=').with_context(|| {
                        format!("--map {pair} is no pair; write lat=Latitude,lon=Longitude")
                    })?;
                    Ok((ours.trim().to_owned(), theirs.trim().to_owned()))
                })
                .collect::<Result<_>>()?;
            (path, telemetry::table(&text(path)?, &names))
        }
        (None, None) => return Ok(None),
    };
    let log = log.map_err(|e| anyhow!("{}: {e}", path.display()))?;
    for note in &log.notes {
        eprintln!("{}: {note}", path.display());
    }
    Ok(Some(log))
}

/// `+02:00`, `-0330`, `Z` in microseconds.
pub(super) fn offset_us(text: &str) -> Result<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Ok(0);
    }
    let wrong = || format!("--utc-offset {text} is no offset; write +02:00, -03:00 or Z");
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => bail!(wrong()),
    };
    let digits = rest.replace(':', "");
    let fits = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    let number: i64 = digits.parse().ok().filter(|_| fits).with_context(wrong)?;
    let (hours, minutes) = (number / 100, number % 100);
    if hours > 14 || minutes > 59 {
        bail!(wrong());
    }
    Ok(sign * (hours * 60 + minutes) * 60_000_000)
}

/// When the first picture was taken, as the log has it.
pub(super) fn start_us(log: &Telemetry, offset_us: Option<i64>, video: &str) -> Result<i64> {
    let both = log
        .rows
        .iter()
        .find_map(|r| Some((r.clock_us?, r.video_s?)));
    let table = log.kind == "table";
    match (both, offset_us) {
        (Some((clock, video_s)), offset) if offset.is_some() || table => {
            Ok(clock - offset.unwrap_or(0) - (video_s * 1e6).round() as i64)
        }
        (Some(_), _) => bail!(
            "the log's clock is the camera's local time: say --utc-offset +02:00 (or Z if it is UTC), or --start"
        ),
        (None, _) if log.rows.iter().any(|r| r.clock_us.is_some()) => bail!(
            "the table says what time it was, but not where in {video}: say --start, the time of its first picture, or give a column video_s"
        ),
        (None, _) => bail!(
            "the log has no clock: say when the first picture was taken, --start 2026-05-01T10:00:00Z"
        ),
    }
}

/// A packet for each row that falls into the video.
pub(super) fn packets(
    a: &Args,
    log: &Telemetry,
    timeline: &Timeline,
    offset_us: Option<i64>,
) -> Result<Vec<Added>> {
    let marking = marking(a)?;
    if let Some(hfov) = a.hfov.filter(|h| !(0.01..180.0).contains(h)) {
        bail!("--hfov {hfov} is no field of view; give degrees between 0.01 and 180");
    }
    let (first, last) = (timeline.first(), timeline.pictures.last().copied());
    let slack = timeline.pts_after(SLACK_S) - first;
    let inside = first - slack..=last.unwrap_or(first);
    let mut added = Vec::with_capacity(log.rows.len());
    let mut missing = Missing::default();
    for row in &log.rows {
        let pts = match (row.video_s, row.clock_us) {
            (Some(s), _) => timeline.pts_after(s),
            (None, Some(clock)) => timeline
                .pts_at(clock - offset_us.unwrap_or(0))
                .unwrap_or(first),
            (None, None) => continue,
        };
        if !inside.contains(&pts) {
            missing.outside += 1;
            continue;
        }
        let pts = pts.max(first);
        let time = match (a.start.is_some(), row.clock_us) {
            (false, Some(clock)) => Some(clock - offset_us.unwrap_or(0)),
            _ => timeline.time_at(pts),
        };
        let metadata = metadata(a, row, time, timeline.size);
        missing.count(&metadata);
        let packet = metadata
            .set()
            .map(|mut set| set.bytes(48, &marking).finish())
            .with_context(|| format!("{:.3} s into the video", timeline.seconds(pts)))?;
        added.push(Added { pts, packet });
    }
    if added.is_empty() {
        bail!(
            "none of the log's {} rows falls into the video; check --start and --utc-offset",
            log.rows.len()
        );
    }
    missing.say(added.len(), a);
    Ok(added)
}

fn metadata(a: &Args, row: &Row, time_us: Option<i64>, size: (u32, u32)) -> Metadata {
    let mut m = row.metadata.clone();
    m.time_us = time_us.and_then(|t| u64::try_from(t).ok());
    m.mission_id = Some(a.mission.clone());
    m.platform_designation = Some(a.platform.clone());
    m.image_source = Some(a.sensor.clone());
    m.hfov_rad = m.hfov_rad.or(a.hfov.map(f64::to_radians));
    if let (Some(home), Some(above)) = (a.home_height, row.above_home_m) {
        m.sensor_altitude = Some(Altitude {
            metres: home + above,
            datum: Datum::MeanSeaLevel,
        });
    }
    // The ground that the camera sees is as high as the place of take-off, where that is known.
    let ground = match (a.home_height, row.above_home_m, m.sensor_altitude) {
        (Some(home), ..) => Some(home),
        (None, Some(above), Some(at)) if at.datum == Datum::MeanSeaLevel => Some(at.metres - above),
        _ => None,
    };
    if let Some(ground) = ground {
        stanag::complete(&mut m, size, &Surface::Geoid(ground));
    }
    m
}

/// What packets do without, so that the user knows before a partner asks.
#[derive(Default)]
struct Missing {
    outside: usize,
    height: usize,
    attitude: usize,
    field: usize,
    centre: usize,
}

impl Missing {
    fn count(&mut self, m: &Metadata) {
        self.height += usize::from(m.sensor_altitude.is_none());
        self.attitude += usize::from(m.relative_elevation_rad.is_none());
        self.field += usize::from(m.hfov_rad.is_none());
        self.centre += usize::from(m.frame_center.is_none());
    }

    fn say(&self, all: usize, a: &Args) {
        let known = |given: bool, flag: &'static str| if given { "" } else { flag };
        let lines = [
            (
                self.height,
                "sensor height",
                known(a.home_height.is_some(), "give --home-height"),
            ),
            (self.attitude, "angles of the camera", "the log has none"),
            (
                self.field,
                "field of view",
                known(a.hfov.is_some(), "give --hfov"),
            ),
            (
                self.centre,
                "frame centre, range and corners",
                "they need height, angles, field of view and --home-height",
            ),
        ];
        if self.outside > 0 {
            eprintln!(
                "{} rows of the log lie outside the video and are left out",
                self.outside
            );
        }
        for (n, what, remedy) in lines.into_iter().filter(|(n, ..)| *n > 0) {
            eprintln!("{n} of {all} packets without {what}: {remedy}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_and_what_is_none_is_refused() {
        assert_eq!(offset_us("+02:00").unwrap(), 7_200_000_000);
        assert_eq!(offset_us("-0330").unwrap(), -12_600_000_000);
        assert_eq!(offset_us("Z").unwrap(), 0);
        for wrong in ["2", "+2:00", "+25:00", "", "+ñ0:00"] {
            assert!(offset_us(wrong).is_err(), "{wrong}");
        }
    }
}
