//! What a run found, as the report a commander reads.

use anyhow::{Context as _, Result};
use atalaya_engine::recording::RunResult;
use atalaya_engine::{Context, stills};
use atalaya_exchange::report::{
    Footprint, Language, ReportFeed, ReportGate, ReportInput, ReportTrack, Still, html,
    wanted_stills,
};
use atalaya_model::operation::SourceAddress;
use atalaya_model::{Class, FeedIx, Micros};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Width of stills in the report, pixels.
const STILL_WIDTH: u32 = 640;

/// Writes `report.html` into `out`.
pub fn write(
    context: &Context,
    base: &Path,
    out: &Path,
    r: &RunResult,
    language: Language,
) -> Result<()> {
    let s = &r.summary;
    let time = |t: &Option<String>| t.as_deref().and_then(Micros::parse_rfc3339);
    let feeds: Vec<ReportFeed> = s
        .feeds
        .iter()
        .map(|f| ReportFeed {
            id: f.id.clone(),
            source: f.source.clone(),
            sha256: f.sha256.clone(),
            t0: time(&f.t0),
            t1: time(&f.t1),
            time_source: f.time_source.clone(),
            frames: f.frames,
            analysed: f.analysed,
            shed: f.shed,
            metadata_paired: f.metadata_paired,
            metadata_stale: f.metadata_stale,
            metadata_absent: f.metadata_absent,
            placed: f.placed,
            unregistered: f.unregistered,
            metadata_bad: f.metadata_bad,
            damaged: f.damaged,
            gaps: f.gaps,
            faults: f.faults.clone(),
        })
        .collect();
    let gate = ReportGate {
        frames_passed: s.gate.frames_passed,
        frames_refused: s.gate.frames_refused.clone(),
        points_passed: s.gate.points_passed,
        points_refused: s.gate.points_refused.clone(),
    };
    let tracks: Vec<ReportTrack> = r
        .tracks
        .iter()
        .map(|(id, path)| {
            let last = path.points.last().map(|(_, p)| p);
            ReportTrack {
                id: id.to_string(),
                class: last.map_or(Class::Unknown, |p| p.class),
                class_p: last.map_or(0.0, |p| p.class_p),
                points: path
                    .points
                    .iter()
                    .filter_map(|(t, p)| p.ground.map(|g| (*t, g.lon, g.lat)))
                    .collect(),
                t0: path.points.first().map_or(Micros(0), |(t, _)| *t),
                t1: path.points.last().map_or(Micros(0), |(t, _)| *t),
            }
        })
        .collect();
    let footprints: Vec<Footprint> = r
        .footprints
        .iter()
        .map(|(t, corners)| Footprint {
            t: *t,
            corners: *corners,
        })
        .collect();
    let stills = pictures(context, base, r)?;
    let page = html(&ReportInput {
        language,
        operation: &context.operation,
        settings: &context.hash,
        version: env!("CARGO_PKG_VERSION"),
        feeds: &feeds,
        gate: &gate,
        events: &r.events,
        alerts: &r.alerts,
        tracks: &tracks,
        footprints: &footprints,
        stills: &stills,
        remarks: &[],
    });
    let path = out.join("report.html");
    std::fs::write(&path, page).with_context(|| {
        format!(
            "can't write {}; free space or check permission",
            path.display()
        )
    })
}

fn pictures(
    context: &Context,
    base: &Path,
    r: &RunResult,
) -> Result<BTreeMap<(String, u64), Still>> {
    let mut wanted: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for (feed, frame, _) in wanted_stills(&r.alerts, &r.events) {
        wanted.entry(feed).or_default().insert(frame);
    }
    let mut found = BTreeMap::new();
    for (i, feed) in context.operation.feeds.iter().enumerate() {
        let (Some(frames), Ok(SourceAddress::File(path))) = (wanted.get(&feed.id), feed.address())
        else {
            continue;
        };
        let ix = FeedIx(i as u16);
        let numbered = stills::numbered(context, ix, &base.join(path), frames, STILL_WIDTH)?;
        for (frame, n) in numbered {
            let (w, h) = n.frame_size;
            let width = STILL_WIDTH.min(w);
            let still = Still {
                jpeg: n.jpeg,
                size: (width, (h * width).div_ceil(w.max(1))),
                frame_size: n.frame_size,
            };
            found.insert((feed.id.clone(), frame), still);
        }
    }
    Ok(found)
}
