//! Boxes from files: MOT rows, or the observations of a run.

use anyhow::{Context, Result, bail};
use atalaya_exchange::stanag::{Sighting, Timeline};
use atalaya_geo::geoid::undulation_m;
use atalaya_klv::{Altitude, Datum};
use atalaya_model::{Class, Micros};
use atalaya_track::mot;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// An observation belongs to a picture within so many ticks (20 ms).
const NEAR: i64 = 1_800;

/// What was seen, by the presentation time of its picture.
pub(super) fn read(
    path: &Path,
    feed: Option<&str>,
    timeline: &Timeline,
) -> Result<BTreeMap<i64, Vec<Sighting>>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("can't read {}; check the path", path.display()))?;
    let name = path.display();
    let found = if text.trim_start().starts_with('{') {
        observations(&text, feed, timeline)
    } else {
        rows(&text, timeline)
    };
    let found = found.with_context(|| name.to_string())?;
    if found.is_empty() {
        bail!("{name}: none of its boxes falls into the video; is it of another one?");
    }
    Ok(found)
}

fn rows(text: &str, timeline: &Timeline) -> Result<BTreeMap<i64, Vec<Sighting>>> {
    let mut found: BTreeMap<i64, Vec<Sighting>> = BTreeMap::new();
    for row in mot::rows(text)? {
        let picture = usize::try_from(row.frame)
            .ok()
            .and_then(|n| timeline.pictures.get(n.checked_sub(1)?));
        let Some(&pts) = picture else {
            bail!(
                "frame {} is not in the video, which has {} pictures",
                row.frame,
                timeline.pictures.len()
            );
        };
        let (b, class) = (&row.detection.bbox, row.detection.class);
        found.entry(pts).or_default().push(Sighting {
            id: u64::try_from(row.id).ok(),
            bbox: [b.x, b.y, b.w, b.h].map(f64::from),
            p: f64::from(row.detection.score),
            class: (class != Class::Unknown)
                .then(|| (class.name().to_owned(), f64::from(row.detection.score))),
            place: None,
        });
    }
    Ok(found)
}

fn observations(
    text: &str,
    feed: Option<&str>,
    timeline: &Timeline,
) -> Result<BTreeMap<i64, Vec<Sighting>>> {
    let mut found: BTreeMap<i64, Vec<Sighting>> = BTreeMap::new();
    for (n, line) in text
        .lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty())
    {
        let v: Value = serde_json::from_str(line).with_context(|| format!("line {}", n + 1))?;
        if v["schema"] != "observation/1" {
            bail!(
                "line {}: no observation/1; give observations.jsonl of a run, or MOT rows",
                n + 1
            );
        }
        if feed.is_some_and(|f| v["feed"] != f) || v["state"] != "seen" {
            continue;
        }
        let time = v["time"].as_str().and_then(Micros::parse_rfc3339);
        let bbox = v["box"]
            .as_array()
            .map(|b| b.iter().filter_map(Value::as_f64).collect::<Vec<_>>());
        let (Some(time), Some(Ok(bbox))) = (time, bbox.map(<[f64; 4]>::try_from)) else {
            bail!("line {}: has no time or no box", n + 1);
        };
        let picture = timeline
            .pts_at(time.0)
            .and_then(|at| timeline.nearest(at).filter(|pts| (pts - at).abs() <= NEAR));
        let Some(pts) = picture else { continue };
        let place = v["lat"]
            .as_f64()
            .zip(v["lon"].as_f64())
            .and_then(|(lat, lon)| {
                let (lat, lon) = (lat.to_radians(), lon.to_radians());
                Some((
                    lat,
                    lon,
                    above_ellipsoid(timeline.centre_at(pts)?, lat, lon),
                ))
            });
        let class = v["class"].as_str().filter(|c| *c != "unknown");
        found.entry(pts).or_default().push(Sighting {
            id: v["track"].as_str().and_then(|t| {
                t.trim_start_matches(|c: char| !c.is_ascii_digit())
                    .parse()
                    .ok()
            }),
            bbox,
            p: v["p"].as_f64().unwrap_or(0.0),
            class: class.map(|c| (c.to_owned(), v["class_p"].as_f64().unwrap_or(0.0))),
            place,
        });
    }
    Ok(found)
}

/// The ground is as high as the frame's centre, which the metadata say.
fn above_ellipsoid(centre: Altitude, lat: f64, lon: f64) -> f64 {
    match centre.datum {
        Datum::Ellipsoid => centre.metres,
        Datum::MeanSeaLevel => centre.metres + undulation_m(lat, lon),
    }
}
