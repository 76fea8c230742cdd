//! What a killed run left behind: open segments are closed, and what rests on them is tied to them.

use anyhow::Result;
use atalaya_authority::Keeping;
use atalaya_engine::Context;
use atalaya_engine::live::seal;
use atalaya_model::{Micros, Segment};
use atalaya_store::{AlertFilter, Record, Store};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;

/// Events of a run that are looked at; older ones have long been sealed by the run itself.
const EVENTS: u32 = 10_000;

/// Hashes and enters segments that a killed process left open in the store's folder, and gives the
/// events and alerts of these runs the hashes of what they rest on.
pub fn recover(context: &Context, store: &Store, dir: &Path, handle: &Handle) -> Result<()> {
    let Ok(runs) = std::fs::read_dir(dir.join("segments")) else {
        return Ok(());
    };
    let mut runs: Vec<PathBuf> = runs.filter_map(|r| r.ok().map(|r| r.path())).collect();
    runs.sort();
    for folder in runs.iter().filter(|r| r.is_dir()) {
        let run = folder
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let entered = entered(store, &run, handle)?;
        let opened = atalaya_feeds::reopen(folder, &entered)?;
        if opened > 0 {
            tracing::warn!(
                run,
                segments = opened,
                "a crash came before they were entered"
            );
        }
        if close(context, store, folder, &run)? {
            tie(context, store, &run, handle)?;
        }
    }
    Ok(())
}

/// Names of a run's segments that the store knows.
fn entered(store: &Store, run: &str, handle: &Handle) -> Result<BTreeSet<String>> {
    let paths = handle.block_on(store.segment_paths(run))?;
    let name = |p: String| p.rsplit_once('/').map(|(_, n)| n.to_owned());
    Ok(paths.into_iter().filter_map(name).collect())
}

/// Closes a run's open segments; tells whether there were any.
fn close(context: &Context, store: &Store, folder: &Path, run: &str) -> Result<bool> {
    let mut any = false;
    for found in atalaya_feeds::recover(folder, None)? {
        let (Some(t0), Some(t1)) = (found.t0, found.t1) else {
            continue;
        };
        let name = found
            .path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let feed = name.rsplit_once('-').map_or(name.as_str(), |(f, _)| f);
        let record = Record::Segment {
            run: run.to_owned(),
            segment: Segment {
                feed: feed.to_owned(),
                path: format!("segments/{run}/{name}"),
                sha256: found.sha256,
                bytes: found.bytes,
                t0,
                t1,
            },
            delete_by: Keeping::Bystander.delete_by(t1, &context.operation.authority.retention),
        };
        store.writer().submit(vec![record])?.wait()?;
        any = true;
        tracing::warn!(
            run,
            segment = name,
            "closed a segment that a crash had left open"
        );
    }
    Ok(any)
}

/// The run would have done so when the segments were closed.
fn tie(context: &Context, store: &Store, run: &str, handle: &Handle) -> Result<()> {
    let (all, alerts, segments) = handle.block_on(async {
        let all = store
            .events(Some(run), Micros(i64::MIN), Micros::MAX, EVENTS)
            .await?;
        let filter = AlertFilter {
            run: Some(run.to_owned()),
            ..AlertFilter::default()
        };
        let alerts = store.alerts(&filter, 1000).await?.alerts;
        let mut segments = Vec::new();
        for feed in &context.operation.feeds {
            let of = store.segments_between(&feed.id, Some(run), Micros(i64::MIN), Micros::MAX);
            segments.extend(of.await?.into_iter().map(|(_, s)| s));
        }
        anyhow::Ok((all, alerts, segments))
    })?;
    let retention = &context.operation.authority.retention;
    let mut records = Vec::new();
    for (_, mut event) in all {
        if seal::seal_all(&mut event.evidence, &segments) {
            records.push(Record::Event {
                run: run.to_owned(),
                delete_by: Keeping::Evidence.delete_by(event.decided_at, retention),
                event,
            });
        }
    }
    for stored in alerts {
        let mut alert = stored.alert;
        if seal::seal_all(&mut alert.evidence, &segments) {
            records.push(Record::Alert {
                run: run.to_owned(),
                delete_by: Keeping::Evidence.delete_by(alert.opened_at, retention),
                alert,
            });
        }
    }
    if !records.is_empty() {
        tracing::info!(
            run,
            records = records.len(),
            "tied to their segments after a crash"
        );
        store.writer().submit(records)?.wait()?;
    }
    Ok(())
}
