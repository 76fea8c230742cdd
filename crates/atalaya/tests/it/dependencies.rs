//! Who may depend on whom (ARCHITECTURE.md): read from `cargo metadata`, normal dependencies only.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

type Names = BTreeSet<String>;

/// The direct normal dependencies of every crate of the workspace, ours and foreign.
fn dependencies() -> BTreeMap<String, (Names, Names)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let said = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
    let metadata: Value = serde_json::from_slice(&said.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |p: &Value| p["name"].as_str().unwrap().to_owned();
    let ours: Names = packages.iter().map(name).collect();
    packages
        .iter()
        .map(|p| {
            let normal = p["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|d| d["kind"].is_null())
                .map(name);
            let (own, foreign) = normal.partition(|d| ours.contains(d));
            let short = |names: Names| names.iter().map(|n| short(n)).collect();
            (self::short(&name(p)), (short(own), foreign))
        })
        .collect()
}

fn short(name: &str) -> String {
    name.strip_prefix("atalaya-").unwrap_or(name).to_owned()
}

/// All that a crate reaches through others of ours.
fn reach(all: &BTreeMap<String, (Names, Names)>, from: &str) -> Names {
    let mut seen = Names::new();
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        for next in &all[&name].0 {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

/// What each crate may know, directly. A crate that is not here has no place in the house yet:
/// give it one in ARCHITECTURE.md first. The engine and the command line may know all below them.
const MAY_KNOW: [(&str, &[&str]); 20] = [
    ("geo", &[]),
    ("klv", &[]),
    ("cot", &[]),
    ("sapient", &[]),
    ("mav", &[]),
    ("video", &[]),
    ("model", &["geo"]),
    ("authority", &["geo", "model"]),
    (
        "feeds",
        &["cot", "geo", "klv", "mav", "model", "sapient", "video"],
    ),
    ("vision", &["geo", "model"]),
    ("track", &["geo", "model"]),
    ("activity", &["geo", "model"]),
    ("network", &["model"]),
    ("emission", &["geo", "model"]),
    ("flight", &["geo", "mav", "model"]),
    ("language", &["model"]),
    ("store", &["authority", "model"]),
    ("exchange", &["cot", "geo", "klv", "model", "video"]),
    (
        "sim",
        &["cot", "geo", "klv", "mav", "model", "sapient", "video"],
    ),
    (
        "server",
        &["authority", "engine", "exchange", "model", "store"],
    ),
];
const STAGES: [&str; 7] = [
    "vision", "track", "activity", "network", "language", "flight", "emission",
];
const MAY_KNOW_STAGES: [&str; 2] = ["engine", "atalaya"];
/// Crates that open files or sockets, or read the clock.
const WITH_IO: [&str; 7] = [
    "video", "feeds", "store", "exchange", "server", "engine", "sim",
];
/// Foreign crates that a pure crate has no use for.
const FOREIGN_IO: [&str; 9] = [
    "tokio",
    "sqlx",
    "axum",
    "ffmpeg-next",
    "crossbeam-channel",
    "tracing",
    "getrandom",
    "tempfile",
    "time",
];

#[test]
fn crates_know_only_what_they_may() {
    let all = dependencies();
    for (name, (own, _)) in &all {
        if MAY_KNOW_STAGES.contains(&name.as_str()) {
            continue;
        }
        let (_, may) = MAY_KNOW
            .iter()
            .find(|(n, _)| n == name)
            .unwrap_or_else(|| panic!("crate '{name}' has no place in the dependency rule"));
        for known in own {
            assert!(
                may.contains(&known.as_str()),
                "'{name}' may not depend on '{known}'"
            );
        }
    }
    assert!(!all["engine"].0.contains("server") && !all["engine"].0.contains("sim"));
}

#[test]
fn stages_reach_neither_each_other_nor_anything_with_io() {
    let all = dependencies();
    for stage in STAGES {
        let reached = reach(&all, stage);
        for other in STAGES.iter().chain(&WITH_IO) {
            assert!(
                !reached.contains(*other),
                "stage '{stage}' reaches '{other}'"
            );
        }
        for foreign in FOREIGN_IO {
            assert!(
                !all[stage].1.contains(foreign),
                "stage '{stage}' uses '{foreign}'"
            );
        }
    }
    for (name, (own, _)) in &all {
        let may = MAY_KNOW_STAGES.contains(&name.as_str());
        for stage in STAGES {
            assert!(
                may || !own.contains(stage),
                "'{name}' knows the stage '{stage}'"
            );
        }
    }
}

#[test]
fn codecs_and_geometry_are_pure() {
    let all = dependencies();
    for name in ["geo", "klv", "cot", "mav", "authority"] {
        for foreign in FOREIGN_IO {
            assert!(!all[name].1.contains(foreign), "'{name}' uses '{foreign}'");
        }
    }
}

#[test]
fn the_table_in_architecture_md_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ARCHITECTURE.md");
    let text = std::fs::read_to_string(path).unwrap();
    let names = |cell: &str| -> Names {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    // Rows of the table of crates: | `crate` | does | `known`, `known` |
    let table: BTreeMap<String, Names> = text
        .lines()
        .filter(|l| l.starts_with("| `"))
        .map(|l| {
            let cells: Vec<&str> = l.trim_matches('|').split(" | ").collect();
            assert_eq!(cells.len(), 3, "{l}");
            (names(cells[0]).pop_first().unwrap(), names(cells[2]))
        })
        .collect();
    let real = dependencies();
    assert_eq!(
        table.keys().collect::<Vec<_>>(),
        real.keys().collect::<Vec<_>>(),
        "crates in ARCHITECTURE.md and in the workspace"
    );
    for (name, known) in &table {
        assert_eq!(
            *known, real[name].0,
            "what '{name}' knows, in ARCHITECTURE.md and in truth"
        );
    }
}
