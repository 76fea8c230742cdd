//! `kill -9` at random moments: whatever was reported as durable is there afterwards.

use crate::{audit, make};
use atalaya_store::{AlertFilter, Store};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const DIR: &str = "ATALAYA_KILL_TEST_DIR";
const FROM: &str = "ATALAYA_KILL_TEST_FROM";
const WRITES: &str = "kill::child_that_writes_until_killed";
const ACTS: &str = "kill::child_that_acts_until_killed";

/// Not a test by itself: the process that is killed. Writes alerts, two submissions on their way at
/// a time, and says the number of each once it is durable.
#[test]
fn child_that_writes_until_killed() {
    let (Ok(dir), Ok(from)) = (std::env::var(DIR), std::env::var(FROM)) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(Store::open(dir)).unwrap();
    let writer = store.writer();
    let mut out = std::io::stdout();
    let mut before = None;
    for n in from.parse::<i64>().unwrap().. {
        let ticket = writer.submit(vec![make::alert(n, make::FAR)]).unwrap();
        if let Some((n, ticket)) = before.replace((n, ticket)) {
            let ticket: atalaya_store::Ticket = ticket;
            ticket.wait().unwrap();
            writeln!(out, "durable {n}").unwrap();
            out.flush().unwrap();
        }
    }
}

/// Not a test by itself: the process that is killed. Adds notes, each an act with its entry in the
/// audit log.
#[test]
fn child_that_acts_until_killed() {
    let (Ok(dir), Ok(from)) = (std::env::var(DIR), std::env::var(FROM)) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(Store::open(dir)).unwrap();
    let mut out = std::io::stdout();
    for n in from.parse::<usize>().unwrap().. {
        runtime.block_on(audit::acts(&store, n, n + 1));
        writeln!(out, "durable {n}").unwrap();
        out.flush().unwrap();
    }
}

fn write_and_kill(child: &str, dir: &Path, from: i64, lines: usize) -> Vec<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture"])
        .env(DIR, dir)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let number = |line: String| {
        line.rsplit_once("durable ")
            .and_then(|(_, n)| n.parse().ok())
    };
    let mut lines_of = out.lines().map_while(Result::ok).filter_map(number);
    let mut said: Vec<i64> = lines_of.by_ref().take(lines).collect();
    // SIGKILL on Unix; the child is in the midst of the next transactions.
    child.kill().unwrap();
    said.extend(lines_of);
    child.wait().unwrap();
    said
}

#[test]
fn nothing_acknowledged_is_lost() {
    let rounds = std::env::var("ATALAYA_KILLS").map_or(10, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut said = BTreeSet::new();
    let mut from = 0;
    for round in 0..rounds {
        let lines = rng.random_range(1..25);
        let new = write_and_kill(WRITES, dir.path(), from, lines);
        assert!(
            new.len() >= lines,
            "round {round}: the child ended by itself"
        );
        said.extend(new);
        from = said.last().unwrap() + 10;
        let there = ids(dir.path());
        let lost: Vec<_> = said.difference(&there).collect();
        assert!(
            lost.is_empty(),
            "round {round}: acknowledged and lost: {lost:?}"
        );
    }
}

#[test]
fn there_is_no_act_without_its_entry_and_no_entry_without_its_act() {
    let rounds = std::env::var("ATALAYA_KILLS").map_or(10, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut said = 0;
    for round in 0..rounds {
        let lines = rng.random_range(1..25);
        said += write_and_kill(ACTS, dir.path(), said, lines).len() as i64;
        let (notes, report) = runtime.block_on(async {
            let store = Store::open(dir.path()).await.unwrap();
            let (mut notes, mut before) = (0, None);
            loop {
                let page = store.notes(before, 500).await.unwrap();
                let Some(last) = page.last() else { break };
                before = Some(last.n);
                notes += page.len() as u64;
            }
            store.close().await;
            (notes, audit::report(dir.path(), &[]).await)
        });
        assert!(
            report.is_sound(),
            "round {round}: {}",
            audit::words(&report)
        );
        assert_eq!(notes, report.acts, "round {round}");
        assert!(notes >= said as u64, "round {round}: acknowledged and lost");
    }
}

fn ids(dir: &Path) -> BTreeSet<i64> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(dir).await.unwrap();
        let mut filter = AlertFilter::default();
        let mut ids = BTreeSet::new();
        loop {
            let page = store.alerts(&filter, 1000).await.unwrap();
            ids.extend(
                page.alerts
                    .iter()
                    .map(|a| a.alert.id[1..].parse::<i64>().unwrap()),
            );
            filter.after = page.next;
            if filter.after.is_none() {
                break;
            }
        }
        store.close().await;
        ids
    })
}
