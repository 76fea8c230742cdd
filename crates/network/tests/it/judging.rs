//! Judgements: made by people, kept, taken back.

use atalaya_model::Micros;
use atalaya_network::{Graph, Judgement, Judgements, NodeKind, Sighting, Verdict};

fn say(log: &mut Judgements, left: &str, right: &str, verdict: Verdict) -> u64 {
    let judgement = Judgement {
        left: left.into(),
        right: right.into(),
        verdict,
        reason: String::new(),
    };
    let time = Micros(log.entries().len() as i64);
    log.judge(judgement, "ana", time).unwrap()
}

fn graph() -> Graph {
    let mut g = Graph::default();
    let ids: Vec<u32> = ["v1", "v2", "v3", "yard"]
        .iter()
        .map(|id| g.node(id, id, NodeKind::Vehicle).unwrap())
        .collect();
    for (i, v) in ids[..3].iter().enumerate() {
        g.link(*v, ids[3], "visit", Sighting::bare(i as f64 + 1.0))
            .unwrap();
    }
    g.link(ids[0], ids[1], "meeting", Sighting::bare(1.0))
        .unwrap();
    g
}

#[test]
fn what_is_judged_the_same_is_one_node_until_it_is_undone() {
    let mut log = Judgements::default();
    assert_eq!(log.applied(&graph()), graph());
    let n = say(&mut log, "v2", "v1", Verdict::Same);
    let one = log.applied(&graph());
    let ids: Vec<&str> = one.nodes().iter().map(|n| n.id.as_str()).collect();
    assert_eq!(ids, ["v1", "v3", "yard"]);
    assert_eq!(one.links()[0].weight(), 3.0);
    assert_eq!(one.links().len(), 2, "a link inside one entity goes");
    say(&mut log, "v2", "v3", Verdict::Same);
    assert_eq!(log.applied(&graph()).nodes().len(), 2);
    log.undo(n, "luis", Micros(9)).unwrap();
    let ids: Vec<String> = log
        .applied(&graph())
        .nodes()
        .iter()
        .map(|n| n.id.clone())
        .collect();
    assert_eq!(ids, ["v1", "v2", "yard"]);
    assert_eq!(log.entries().len(), 3, "nothing leaves the log");
    assert_eq!(log.entries()[2].undid(), Some(n));
}

#[test]
fn the_last_word_on_a_pair_holds_and_contradictions_are_shown() {
    let mut log = Judgements::default();
    say(&mut log, "a", "b", Verdict::Distinct);
    say(&mut log, "b", "a", Verdict::Same);
    assert_eq!(log.holding()[&("a", "b")].1, Verdict::Same);
    assert!(log.conflicts().is_empty());
    say(&mut log, "b", "c", Verdict::Same);
    let n = say(&mut log, "c", "a", Verdict::Distinct);
    let found = log.conflicts();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].n, found[0].left.as_str(), found[0].right.as_str()),
        (n, "a", "c")
    );
    say(&mut log, "x", "y", Verdict::Undecided);
    assert_eq!(log.same().len(), 3);
}

#[test]
fn judgements_need_an_author_and_two_ids() {
    let mut log = Judgements::default();
    let judgement = |left: &str| Judgement {
        left: left.into(),
        right: "b".into(),
        verdict: Verdict::Same,
        reason: String::new(),
    };
    let said = log
        .judge(judgement("a"), " ", Micros(0))
        .unwrap_err()
        .to_string();
    assert!(said.contains("author"), "{said}");
    for left in ["b", ""] {
        let said = log
            .judge(judgement(left), "ana", Micros(0))
            .unwrap_err()
            .to_string();
        assert!(said.contains("two different"), "{said}");
    }
    let n = log.judge(judgement("a"), "ana", Micros(0)).unwrap();
    log.undo(n, "ana", Micros(1)).unwrap();
    for n in [0, n, n + 1, 99] {
        let said = log.undo(n, "ana", Micros(2)).unwrap_err().to_string();
        assert!(said.contains(&format!("no judgement {n}")), "{said}");
    }
}

#[test]
fn the_log_is_read_as_it_was_written_and_not_when_cut() {
    let mut log = Judgements::default();
    let n = say(&mut log, "a", "b", Verdict::Same);
    say(&mut log, "b", "c, d", Verdict::Undecided);
    log.undo(n, "luis", Micros(7)).unwrap();
    let mut text = Vec::new();
    log.write(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let read = |t: &str| Judgements::read(t.as_bytes(), "j.jsonl", 1000);
    assert_eq!(read(&text).unwrap(), log);
    let lines: Vec<&str> = text.lines().collect();
    let cut = [lines[0], lines[2]].join("\n");
    let said = read(&cut).unwrap_err().to_string();
    assert!(said.contains("j.jsonl:2: number 3 follows 1"), "{said}");
    let said = read("{}\n").unwrap_err().to_string();
    assert!(said.contains("j.jsonl:1: not a judgement"), "{said}");
    let said = read(&text.replace("judgement/1", "judgement/2"))
        .unwrap_err()
        .to_string();
    assert!(said.contains("expected judgement/1"), "{said}");
}
