//! `atalaya network`: edge lists and names in, measures, orders and matches out.

use crate::support::*;
use std::fs;

/// Two triangles joined by a path.
const EDGES: &str = "source,target,weight,kind,time\n\
    a,b,1,visit,2026-01-01T00:00:00Z\nb,c,1,visit,2026-01-01T00:10:00Z\nc,a,1,visit,2026-01-01T00:20:00Z\n\
    c,d,1,meeting,2026-01-01T01:00:00Z\nd,e,1,meeting,2026-01-01T01:10:00Z\n\
    e,f,1,visit,2026-01-01T02:00:00Z\nf,g,1,visit,2026-01-01T02:10:00Z\ng,e,1,visit,2026-01-01T02:20:00Z\n";

fn network(test: &str, arguments: &[&str]) -> Said {
    let dir = folder(&format!("network-{test}"));
    fs::write(dir.join("e.csv"), EDGES).unwrap();
    atalaya_in(&dir, &[&["network"], arguments].concat())
}

#[test]
fn each_node_has_its_measures() {
    let said = network("measure", &["measure", "e.csv"]).ok();
    let rows: Vec<&str> = said.out.lines().collect();
    assert_eq!(rows[0], "node,degree,betweenness,component,community");
    assert_eq!(rows.len(), 8);
    assert!(
        rows[3].starts_with("c,3,0.5333333333333333,0,"),
        "{}",
        rows[3]
    );
    assert!(rows[4].starts_with("d,2,0.6,0,"), "{}", rows[4]);
    said.says(&[
        "7 nodes, 8 links",
        "1 components",
        "3 articulation points",
        "betweenness exact",
    ]);
    let again = network("measure-again", &["measure", "e.csv"]).ok();
    assert_eq!(said.out, again.out);
}

#[test]
fn a_sample_is_named_as_such() {
    let said = network("sample", &["measure", "--sample", "3", "e.csv"]).ok();
    assert!(
        said.out
            .starts_with("node,degree,betweenness_sampled,component,community\n")
    );
    said.says(&["estimated from 3 sources"]);
}

#[test]
fn brokers_counts_and_windows_are_asked_for() {
    let said = network(
        "more",
        &["measure", "--more", "--counts", "--weighted", "e.csv"],
    )
    .ok();
    assert!(
        said.out
            .lines()
            .next()
            .unwrap()
            .ends_with(",strength,articulation,constraint,effective_size")
    );
    assert!(said.out.contains("\nd,2,9,0,"), "{}", said.out);
    let said = network("window", &["measure", "--window", "3600", "e.csv"]).ok();
    let starts: Vec<&str> = said.out.lines().skip(1).map(|l| &l[11..16]).collect();
    assert_eq!(
        starts,
        [
            "00:00", "00:00", "00:00", "01:00", "01:00", "01:00", "02:00", "02:00", "02:00"
        ]
    );
    assert!(
        said.out.starts_with("from,until,node,degree,"),
        "{}",
        said.out
    );
}

#[test]
fn communities_and_dismantling_go_to_their_columns() {
    let said = network("communities", &["communities", "e.csv"]).ok();
    let of: Vec<&str> = said
        .out
        .lines()
        .map(|l| l.split(',').nth(1).unwrap())
        .collect();
    assert_eq!(of[0], "community");
    assert!(of[1] == of[2] && of[5] == of[7] && of[1] != of[5], "{of:?}");
    let said = network("dismantle", &["dismantle", "e.csv"]).ok();
    let rows: Vec<Vec<&str>> = said.out.lines().map(|l| l.split(',').collect()).collect();
    assert_eq!(rows[0], ["step", "node", "largest_component"]);
    assert_eq!((rows.len(), rows[7][0], rows[7][2]), (8, "7", "0"));
    let mean: f64 = rows[1..]
        .iter()
        .map(|r| r[2].parse::<f64>().unwrap() / 7.0)
        .sum::<f64>()
        / 7.0;
    said.says(&[
        &format!("area {mean:.6}"),
        "7 removals",
        "betweenness counted anew",
    ]);
}

#[test]
fn formats_are_exported_and_read_back() {
    let dir = folder("network-export");
    fs::write(dir.join("e.csv"), EDGES).unwrap();
    let measured = |file: &str| atalaya_in(&dir, &["network", "measure", file]).ok().out;
    for format in ["csv", "ftm", "graphml"] {
        atalaya_in(
            &dir,
            &[
                "network", "export", "--to", format, "e.csv", "--out", format,
            ],
        )
        .ok();
        if format != "graphml" {
            assert_eq!(measured(format), measured("e.csv"), "{format}");
        }
    }
    assert!(
        fs::read_to_string(dir.join("graphml"))
            .unwrap()
            .contains("<edge source=\"a\"")
    );
}

#[test]
fn persons_are_taken_only_when_an_operation_names_them() {
    let dir = folder("network-persons");
    let rows =
        "source,target,source_kind\nAna Ruiz,yard,person\nJuan Mora,yard,person\nv,yard,vehicle\n";
    fs::write(dir.join("p.csv"), rows).unwrap();
    let said = atalaya_in(&dir, &["network", "measure", "p.csv"]).ok();
    assert!(
        !said.out.contains("Ana") && !said.out.contains("Juan"),
        "{}",
        said.out
    );
    said.says(&["2 persons left out: the authority does not name them"]);
    let text =
        operation("eo.ts", "").replace("[authority]\n", "[authority]\npersons = [\"Ana Ruiz\"]\n");
    fs::write(dir.join("o.toml"), text).unwrap();
    let said = atalaya_in(
        &dir,
        &["network", "measure", "p.csv", "--operation", "o.toml"],
    )
    .ok();
    assert!(
        said.out.contains("\nAna Ruiz,") && !said.out.contains("Juan"),
        "{}",
        said.out
    );
}

#[test]
fn names_are_resolved_from_lists_and_pairs() {
    let dir = folder("network-resolve");
    fs::write(
        dir.join("l.csv"),
        "id,name\n1,Juan García López\n2,\"GARCIA LOPEZ, JUAN\"\n3,Ana Mora\n",
    )
    .unwrap();
    let said = atalaya_in(&dir, &["network", "resolve", "l.csv"]).ok();
    assert_eq!(said.out, "left,right,score,judgement\n1,2,0.990,same\n");
    said.says(&["3 names", "1 same"]);
    let pairs = "left,right\nJuan García,Ana Mora\nPaco Mora Gil,Francisco Mora Gil\n";
    let said = atalaya_with(pairs.as_bytes(), &["network", "resolve", "-"]).ok();
    let rows: Vec<&str> = said.out.lines().collect();
    assert!(rows[1].starts_with("Juan García,Ana Mora,0.") && rows[1].ends_with(",distinct"));
    assert!(rows[2].ends_with(",same"), "{}", rows[2]);
}

#[test]
fn a_run_grows_into_a_network_without_persons() {
    let dir = folder("network-grow");
    let event = |kind: &str, at: &str, who: &str| {
        format!(
            "{{\"schema\":\"event/1\",\"id\":\"{kind}-{who}\",\"kind\":\"{kind}\",\"time\":\"2026-01-01T{at}Z\",\
             \"time_end\":null,\"decided_at\":\"2026-01-01T{at}Z\",\"zone\":\"gate\",\"subjects\":[\"{who}\"],\"p\":0.8,\
             \"lat\":null,\"lon\":null,\"reason\":\"\",\"evidence\":[{{\"feed\":\"eo\",\"segment\":\"ab\",\
             \"t0\":\"2026-01-01T{at}Z\",\"t1\":\"2026-01-01T{at}Z\",\"frames\":[]}}]}}\n"
        )
    };
    let events = event("arrival", "05:00:00", "A1")
        + &event("arrival", "05:00:10", "A2")
        + &event("departure", "05:09:00", "A1");
    fs::write(dir.join("events.jsonl"), events).unwrap();
    fs::write(dir.join("summary.json"), "{\"operation\":\"op\"}").unwrap();
    let track =
        |id: &str, class: &str| serde_json::json!({"id": id, "properties": {"class": class}});
    let tracks = serde_json::json!({"features": [track("A1", "truck"), track("A2", "person")]});
    fs::write(dir.join("tracks.geojson"), tracks.to_string()).unwrap();
    let said = atalaya_in(&dir, &["network", "grow", ".", "--run", "tuesday"]).ok();
    let entities = lines(&said.out);
    assert_eq!(entities.len(), 3, "{}", said.out);
    assert_eq!(
        (&entities[0]["atalaya"]["id"], &entities[0]["schema"]),
        (&"op/tuesday/A1".into(), &"Vehicle".into())
    );
    let seen = &entities[2]["atalaya"]["sightings"][0];
    assert_eq!(seen["t1"], "2026-01-01T05:09:00.000Z");
    assert_eq!(seen["evidence"].as_array().unwrap().len(), 2);
    assert!(!said.out.contains("A2"));
    atalaya_in(&dir, &["network", "grow", "nowhere"]).fails_with(&["nowhere", "atalaya run"]);
}

#[test]
fn bad_input_is_one_line_with_file_line_cause_and_remedy() {
    let dir = folder("network-bad");
    fs::write(dir.join("empty.csv"), "").unwrap();
    fs::write(dir.join("bare.csv"), "a,b\nb,c\n").unwrap();
    fs::write(
        dir.join("weight.csv"),
        "source,target,weight\na,b,1\na,c,heavy\n",
    )
    .unwrap();
    fs::write(dir.join("names.csv"), "name\nAna\n").unwrap();
    fs::write(dir.join("j.jsonl"), "{}\n").unwrap();
    fs::write(dir.join("ok.csv"), "id,name\n1,Ana\n").unwrap();
    for command in ["measure", "communities", "dismantle"] {
        let run = |file: &str| atalaya_in(&dir, &["network", command, file]);
        run("gone.csv").fails_with(&["gone.csv", "check the path"]);
        run("empty.csv").fails_with(&["empty.csv:1:", "empty", "header"]);
        run("bare.csv").fails_with(&["bare.csv:1:", "no column 'source'", "header"]);
        run("weight.csv").fails_with(&["weight.csv:3:", "'heavy'", "number above 0"]);
    }
    let resolve =
        |arguments: &[&str]| atalaya_in(&dir, &[&["network", "resolve"], arguments].concat());
    resolve(&["names.csv"]).fails_with(&["names.csv:1:", "id,name", "left,right"]);
    resolve(&["ok.csv", "--judgements", "j.jsonl"]).fails_with(&["j.jsonl:1:", "judgement/1"]);
    resolve(&["ok.csv", "--least", "7"]).fails_with(&["--least 7", "0 to 1"]);
    for usage in [
        &["network"][..],
        &["network", "measure"],
        &["network", "measure", "e.csv", "--sample", "0"],
    ] {
        assert_eq!(atalaya_in(&dir, usage).code, Some(2), "{usage:?}");
    }
}
