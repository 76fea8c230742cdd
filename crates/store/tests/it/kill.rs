//! `kill -9` at random moments: whatever was reported as durable is there afterwards.

use crate::{audit, make};
use atalaya_store::{AlertFilter, Author, Store};
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

/// Not a test by itself: the process that is killed. Notes, matches, decisions, drafts, approvals
/// and seals in turn, each an act with its entry in the audit log.
#[test]
fn child_that_acts_until_killed() {
    let (Ok(dir), Ok(from)) = (std::env::var(DIR), std::env::var(FROM)) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(Store::open(dir)).unwrap();
    let mut out = std::io::stdout();
    for n in from.parse::<usize>().unwrap().. {
        runtime.block_on(one_of_each(&store, n));
        writeln!(out, "durable {n}").unwrap();
        out.flush().unwrap();
    }
}

/// One act: which, the number says.
async fn one_of_each(store: &Store, n: usize) {
    let authority = make::authority();
    let (ana, bo) = (Author::verified("ana"), Author::verified("bo"));
    let name = format!("a{}", n / 7);
    let alert = (make::RUN, name.as_str());
    let id = format!("{:024x}", n / 7);
    match n % 7 {
        0 => {
            // The engine's record: no act. The note beside it is one.
            let ticket = store
                .writer()
                .submit(vec![make::alert((n / 7) as i64, make::FAR)]);
            let wait = ticket.unwrap();
            tokio::task::spawn_blocking(move || wait.wait().unwrap())
                .await
                .unwrap();
            audit::acts(store, n, n + 1).await;
        }
        1 => {
            let target = &authority.targets[0].name;
            let made = store
                .propose_match(alert, target, "dent", &authority, &ana)
                .await;
            // It may have been done when the last one was killed before it could say so.
            assert!(made.is_ok() || made.is_err_and(|e| e.to_string().contains("already")));
        }
        2 => {
            let (_, all) = store.decisions(alert.0, alert.1).await.unwrap();
            if all[0].answered.is_none() {
                store
                    .answer_match(all[0].n, true, "dent", &bo)
                    .await
                    .unwrap();
            }
        }
        3 => {
            store
                .decide(alert, make::decision(), &authority, &ana)
                .await
                .unwrap();
        }
        4 if store.release(&id).await.is_err() => {
            let draft = make::release(&id);
            store
                .draft_release(&draft, "{}", &authority, make::FAR)
                .await
                .unwrap();
        }
        5 if store.release(&id).await.unwrap().release.approved.is_none() => {
            store.judge_release(&id, true, "", &bo).await.unwrap();
        }
        6 if store.release(&id).await.unwrap().release.sealed.is_none() => {
            let approved = store.release(&id).await.unwrap().release;
            let sealed = make::sealed(approved);
            store.seal_release(&sealed, "{}", &[]).await.unwrap();
        }
        _ => {}
    }
}

/// How many acts the records themselves speak of.
async fn acts_of_records(store: &Store) -> u64 {
    let (mut acts, mut before) = (0, None);
    loop {
        let page = store.notes(before, 500).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.n);
        acts += page.len();
    }
    let mut filter = AlertFilter::default();
    loop {
        let page = store.alerts(&filter, 1000).await.unwrap();
        for a in &page.alerts {
            let (decisions, matches) = store.decisions(&a.run, &a.alert.id).await.unwrap();
            let answered = matches.iter().filter(|m| m.answered.is_some()).count();
            acts += decisions.len() + matches.len() + answered;
        }
        filter.after = page.next;
        if filter.after.is_none() {
            break;
        }
    }
    for r in store.releases().await.unwrap() {
        acts +=
            1 + usize::from(r.release.approved.is_some()) + usize::from(r.release.sealed.is_some());
    }
    acts as u64
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
        let (done, report) = runtime.block_on(async {
            let store = Store::open(dir.path()).await.unwrap();
            let done = acts_of_records(&store).await;
            store.close().await;
            (done, audit::report(dir.path(), &[]).await)
        });
        assert!(
            report.is_sound(),
            "round {round}: {}",
            audit::words(&report)
        );
        assert_eq!(done, report.acts, "round {round}");
        assert!(done >= said as u64, "round {round}: acknowledged and lost");
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
