//! `atalaya audit`: verified where nobody touched it, and told in words where somebody did.

use crate::support::{atalaya, folder};
use std::path::Path;

fn path(p: &Path) -> &str {
    p.to_str().unwrap()
}

fn sample(dir: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = atalaya_store::Store::open(dir).await.unwrap();
        let who = atalaya_store::Author::verified("ana");
        for n in 0..5 {
            let subject = format!("eo@{n}");
            store
                .note_act(&who, "evidence.view", &subject, &n)
                .await
                .unwrap();
        }
        store.close().await;
    });
}

#[test]
fn a_log_is_verified_in_place_and_as_an_export_with_a_checkpoint_taken_away() {
    let dir = folder("audit-verify");
    let store = dir.join("store");
    sample(&store);
    let said = atalaya(&["audit", "verify", path(&store)]).ok();
    assert!(
        said.out
            .contains("5 acts, 0 of them deleted at their time; nothing was altered; root "),
        "{}",
        said.out
    );
    assert!(
        said.err.contains("a checkpoint kept elsewhere"),
        "{}",
        said.err
    );
    let taken = dir.join("taken.txt");
    let note = atalaya(&["audit", "checkpoint", path(&store)]).ok().out;
    std::fs::write(&taken, note).unwrap();
    sample(&store);
    let log = dir.join("log.jsonl");
    atalaya(&["audit", "export", path(&store), "--out", path(&log)]).ok();
    let said = atalaya(&["audit", "verify", path(&log), "--checkpoint", path(&taken)]).ok();
    assert!(said.out.contains("10 acts"), "{}", said.out);
    assert_eq!(said.err, "");

    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("\"who\":\"ana\"", "\"who\":\"eva\"", 1)).unwrap();
    let said = atalaya(&["audit", "verify", path(&log)]);
    assert!(
        said.out
            .contains("act 1: its content is not what was written"),
        "{}",
        said.out
    );
    said.fails_with(&["the record was altered (1 findings)"]);
    std::fs::write(&log, text.replacen("\\n10\\n", "\\n11\\n", 1)).unwrap();
    atalaya(&["audit", "verify", path(&log)]).fails_with(&["log.jsonl", "signature is not by"]);
}

#[test]
fn what_is_no_log_is_said() {
    let dir = folder("audit-no-log");
    let no = dir.join("no.jsonl");
    atalaya(&["audit", "verify", path(&no)]).fails_with(&["no.jsonl", "check the path"]);
    std::fs::write(&no, "").unwrap();
    atalaya(&["audit", "verify", path(&no)]).fails_with(&["empty", "audit export"]);
    std::fs::write(&no, "{\"a\":1}\n").unwrap();
    atalaya(&["audit", "verify", path(&no)]).fails_with(&["no.jsonl:1: not an audit log"]);
    atalaya(&["audit", "verify", path(&dir)]).fails_with(&["no audit.pub in it", "--key FILE"]);
}
