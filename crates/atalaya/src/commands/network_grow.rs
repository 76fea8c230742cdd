//! `atalaya network grow`: the events of a run to a network.

use super::network::{Format, write_as};
use anyhow::{Context, Result};
use atalaya_model::Event;
use atalaya_network::{Graph, Growth, Limits, Named, Who};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder of a run: events.jsonl, tracks.geojson, summary.json
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Stands before the names of tracks, which are unique within a run only [default: the name of
    /// DIR]
    #[arg(long, value_name = "NAME")]
    run: Option<String>,
    /// Vehicles that are together at a place for so long meet
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    meeting: f64,
    /// The format
    #[arg(long, default_value = "ftm")]
    to: Format,
    /// Where the result goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let text = |name: &str| {
        let path = a.dir.join(name);
        std::fs::read_to_string(&path).with_context(|| {
            format!(
                "can't read {}; name the folder of an atalaya run",
                path.display()
            )
        })
    };
    let json = |name: &str| -> Result<serde_json::Value> {
        serde_json::from_str(&text(name)?)
            .with_context(|| format!("{} is not JSON; run again", a.dir.join(name).display()))
    };
    let summary = json("summary.json")?;
    let operation = summary["operation"]
        .as_str()
        .unwrap_or("operation")
        .to_owned();
    let run = a.run.clone().unwrap_or_else(|| {
        let name = a.dir.file_name().map(|n| n.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "run".into())
    });
    let tracks = json("tracks.geojson")?;
    // Only what is a car, pickup or truck; everything else stays anonymous.
    let classes: BTreeMap<&str, &str> = tracks["features"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|f| Some((f["id"].as_str()?, f["properties"]["class"].as_str()?)))
        .filter(|(_, class)| ["car", "pickup", "truck"].contains(class))
        .collect();
    let mut graph = Graph::new(Named::nobody(), Limits::default());
    let mut growth = Growth::new(&operation, a.meeting);
    let path = a.dir.join("events.jsonl");
    for (i, line) in text("events.jsonl")?.lines().enumerate() {
        let at = || format!("{}:{}", path.display(), i + 1);
        let event: Event = serde_json::from_str(line)
            .with_context(|| format!("{}: not an event/1; run again", at()))?;
        growth
            .push(&mut graph, &event, |subject| match classes.get(subject) {
                Some(class) => Who::Vehicle {
                    id: format!("{operation}/{run}/{subject}"),
                    name: format!("{class} {subject}"),
                },
                None => Who::Anonymous,
            })
            .with_context(at)?;
    }
    eprintln!(
        "{} nodes, {} links; {} times an anonymous subject was passed over",
        graph.nodes().len(),
        graph.links().len(),
        growth.anonymous()
    );
    write_as(&graph, a.to, a.out.as_deref())
}
