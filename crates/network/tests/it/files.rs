//! Files in and out.

use atalaya_model::{EvidenceRef, FrameRef, Micros, PixelBox};
use atalaya_network::{Graph, Limits, Named, NodeKind, Sighting, csv, ftm, graphml};

const SMALL: Limits = Limits {
    nodes: 4,
    links: 5,
    line: 200,
};

fn from_csv(text: &str) -> Result<csv::Import, String> {
    let named = Named::new(["Ana Ruiz"]);
    csv::read(text.as_bytes(), "e.csv", named, Limits::default()).map_err(|e| e.to_string())
}

fn from_ftm(text: &str) -> Result<csv::Import, String> {
    let named = Named::new(["Ana Ruiz"]);
    ftm::read(text.as_bytes(), "e.json", named, Limits::default()).map_err(|e| e.to_string())
}

#[track_caller]
fn refuses(what: Result<csv::Import, String>, words: &[&str]) {
    let said = what.unwrap_err();
    assert_eq!(said.lines().count(), 1, "{said}");
    for w in words {
        assert!(said.contains(w), "no '{w}' in: {said}");
    }
}

/// A graph with everything that can be in one.
fn full() -> Graph {
    let evidence = EvidenceRef {
        samples: None,
        feed: "eo".into(),
        segment: Some("ab".repeat(32)),
        t0: Micros(5_000_000),
        t1: Micros(6_000_001),
        frames: vec![FrameRef {
            frame: 7,
            t: Micros(5_500_000),
            bbox: Some(PixelBox {
                x: 1.5,
                y: 2.0,
                w: 3.0,
                h: 4.0,
            }),
        }],
    };
    let mut g = Graph::new(Named::new(["Ana Ruiz"]), Limits::default());
    let v = g
        .node("op/v1", "box truck, \"red\"", NodeKind::Vehicle)
        .unwrap();
    let p = g.node("op/yard", "yard <&> gate", NodeKind::Place).unwrap();
    let o = g
        .node("o1", "Química S.A.", NodeKind::Organisation)
        .unwrap();
    let a = g.node("p1", "Ana Ruiz", NodeKind::Person).unwrap();
    let t = g.node("x,y", "x,y", NodeKind::Thing).unwrap();
    let seen = |t0, t1, evidence| Sighting {
        span: Some((Micros(t0), Micros(t1))),
        weight: 0.75,
        evidence,
    };
    g.link(v, p, "visit", seen(5_000_000, 9_000_001, vec![evidence]))
        .unwrap();
    g.link(p, v, "visit", seen(99_000_000, 99_000_000, Vec::new()))
        .unwrap();
    g.link(a, o, "directorship", Sighting::bare(1.0)).unwrap();
    g.link(t, o, "link", Sighting::bare(2.5)).unwrap();
    g.link(t, a, "phone, called", Sighting::bare(1.0)).unwrap();
    g
}

#[test]
fn an_edge_list_is_read_with_any_of_its_columns() {
    let text = "kind,Target,source,weight,note,time\r\n\
        visit,b,a,2.5,\"x, \"\"y\"\"\",2026-01-01T00:00:00Z\r\n\
        ,b,a,,,\n\
        \n\
        visit,a,b,1,,1767225660\n\
        visit,a,a,1,,\n";
    let read = from_csv(&format!("\u{feff}{text}")).unwrap();
    assert_eq!((read.loops, read.dropped), (1, 0));
    let g = &read.graph;
    let ids: Vec<&str> = g.nodes().iter().map(|n| n.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    let kinds: Vec<&str> = g.links().iter().map(|l| g.kind(l)).collect();
    assert_eq!(kinds, ["visit", "link"]);
    let visit = &g.links()[0];
    assert_eq!(visit.weight(), 3.5);
    assert_eq!(
        visit.first().unwrap().to_rfc3339(),
        "2026-01-01T00:00:00.000Z"
    );
    assert_eq!(
        visit.last().unwrap().to_rfc3339(),
        "2026-01-01T00:01:00.000Z"
    );
}

#[test]
fn bad_edge_lists_are_refused_with_line_cause_and_remedy() {
    refuses(
        from_csv(""),
        &["e.csv:1:", "empty", "header", "source,target"],
    );
    refuses(
        from_csv("a,b\n"),
        &["e.csv:1:", "no column 'source'", "'a,b'", "header"],
    );
    refuses(from_csv("source;target\n"), &["e.csv:1:", "by commas"]);
    let with = |row: &str| {
        from_csv(&format!(
            "source,target,weight,time,source_kind\na,b\n{row}\n"
        ))
    };
    refuses(
        with("a,,1"),
        &["e.csv:3:", "the target is empty", "both ends"],
    );
    refuses(with("a,b,x"), &["e.csv:3:", "weight 'x'", "number above 0"]);
    refuses(with("a,b,-1"), &["e.csv:3:", "weight '-1'"]);
    refuses(with("a,b,nan"), &["e.csv:3:", "weight 'nan'"]);
    refuses(
        with("a,b,1,monday"),
        &["e.csv:3:", "time 'monday'", "2026-11-22T05:00:00Z"],
    );
    refuses(with("a,b,1,,robot"), &["e.csv:3:", "'robot'", "vehicle"]);
    refuses(with("a,\"b"), &["e.csv:3:", "quote is not closed"]);
    let bytes = b"source,target\na,\xff\n";
    let said = csv::read(&bytes[..], "e.csv", Named::nobody(), SMALL).unwrap_err();
    assert!(
        said.to_string().contains("e.csv:2: not UTF-8; save"),
        "{said}"
    );
}

#[test]
fn nothing_is_read_beyond_its_bounds() {
    let read = |text: &str| {
        csv::read(text.as_bytes(), "e.csv", Named::nobody(), SMALL).map_err(|e| e.to_string())
    };
    let long = format!("source,target\na,{}\n", "b".repeat(300));
    refuses(read(&long), &["e.csv:2:", "longer than 200 bytes"]);
    refuses(
        read("source,target\na,b\nc,d\ne,f\n"),
        &["e.csv:4:", "more than 4 nodes", "split"],
    );
    let many = format!("source,target\n{}", "a,b\n".repeat(6));
    refuses(read(&many), &["e.csv:7:", "more than 5 links", "split"]);
    let entity = r#"{"id":"x","schema":"Vehicle","properties":{}}"#;
    let many: String = (0..5)
        .map(|i| entity.replace('x', &format!("v{i}")) + "\n")
        .collect();
    let said = ftm::read(many.as_bytes(), "e.json", Named::nobody(), SMALL);
    refuses(
        said.map_err(|e| e.to_string()),
        &["e.json:5:", "more than 4 nodes"],
    );
}

#[test]
fn only_persons_whom_the_authority_names_are_taken() {
    let text = "source,target,source_kind\nana  RUIZ,b,person\nJuan Mora,b,person\nb,Juan Mora,\n";
    let read = from_csv(text).unwrap();
    let ids: Vec<&str> = read.graph.nodes().iter().map(|n| n.id.as_str()).collect();
    assert_eq!(ids, ["ana  RUIZ", "b"]);
    assert_eq!((read.persons.len(), read.dropped), (1, 2));

    let ftm = r#"{"id":"p1","schema":"Person","properties":{"name":["A. R."],"alias":["Ana Ruíz"]}}
{"id":"p2","schema":"Person","properties":{"name":["Ana Ruizz"]}}
{"id":"p3","schema":"LegalEntity","properties":{"name":["Juan Mora"]}}
{"id":"o1","schema":"LegalEntity","properties":{"name":["Mora e Hijos, S.L."]}}
{"id":"l1","schema":"Directorship","properties":{"director":["p1"],"organization":["o1"]}}
{"id":"l2","schema":"Directorship","properties":{"director":["p2"],"organization":["o1"]}}
"#;
    let read = from_ftm(ftm).unwrap();
    let ids: Vec<&str> = read.graph.nodes().iter().map(|n| n.id.as_str()).collect();
    assert_eq!(ids, ["p1", "o1"]);
    assert_eq!(read.graph.nodes()[1].kind, NodeKind::Organisation);
    assert_eq!(
        (read.graph.links().len(), read.dropped, read.persons.len()),
        (1, 1, 2)
    );
    let mut g = Graph::default();
    let said = g
        .node("p", "Ana Ruiz", NodeKind::Person)
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("not named by the authority") && said.contains("[authority]"),
        "{said}"
    );
}

#[test]
fn follow_the_money_links_come_before_or_after_their_ends() {
    let text = r#"{"id":"l","schema":"Ownership","properties":{"owner":["o"],"asset":[{"id":"v"}],"startDate":["2020"],"endDate":["2021-06"]}}
{"id":"o","schema":"Company","properties":{"name":["Acme"]},"extra":1}
{"id":"v","schema":"Vehicle","caption":"1234 ABC","properties":{}}
{"id":"s","schema":"Sanction","properties":{"entity":["o"]}}
"#;
    let g = from_ftm(text).unwrap().graph;
    let link = &g.links()[0];
    assert_eq!(g.kind(link), "ownership");
    assert_eq!(g.nodes()[1].name, "1234 ABC");
    assert_eq!(
        link.first().unwrap().to_rfc3339(),
        "2020-01-01T00:00:00.000Z"
    );
    assert_eq!(
        link.last().unwrap().to_rfc3339(),
        "2021-06-01T00:00:00.000Z"
    );
}

#[test]
fn bad_entities_are_refused_with_line_cause_and_remedy() {
    refuses(
        from_ftm("source,target\n"),
        &["e.json:1:", "not a JSON object", "each line"],
    );
    refuses(
        from_ftm("{\"id\":\"a\"}\n"),
        &["e.json:1:", "no 'schema'", "id, schema, properties"],
    );
    refuses(
        from_ftm("\n{\"schema\":\"Person\"}\n"),
        &["e.json:2:", "no 'id'"],
    );
    let bad = r#"{"id":"a","schema":"UnknownLink","properties":{},"atalaya":{"sightings":[1]}}"#;
    refuses(from_ftm(bad), &["e.json:1:", "atalaya.sightings"]);
}

#[test]
fn follow_the_money_keeps_everything() {
    let mut text = Vec::new();
    ftm::write(&full(), &mut text).unwrap();
    let read = from_ftm(std::str::from_utf8(&text).unwrap()).unwrap();
    assert_eq!((read.dropped, read.loops, read.persons.len()), (0, 0, 0));
    assert_eq!(read.graph, full());
}

#[test]
fn an_edge_list_keeps_links_kinds_weights_and_times() {
    let mut text = Vec::new();
    csv::write(&full(), &mut text).unwrap();
    let named = Named::new(["p1"]);
    let read = csv::read(&text[..], "e.csv", named, Limits::default()).unwrap();
    let (a, b) = (read.graph, full());
    assert_eq!(a.links().len(), b.links().len());
    for (x, y) in a.links().iter().zip(b.links()) {
        let ends = |g: &Graph, l: &atalaya_network::Link| {
            [l.a, l.b].map(|v| (g.nodes()[v as usize].id.clone(), g.nodes()[v as usize].kind))
        };
        assert_eq!((ends(&a, x), a.kind(x)), (ends(&b, y), b.kind(y)));
        let bare = |l: &atalaya_network::Link| {
            l.sightings
                .iter()
                .map(|s| (s.span, s.weight))
                .collect::<Vec<_>>()
        };
        assert_eq!(bare(x), bare(y));
    }
    let mut again = Vec::new();
    csv::write(&a, &mut again).unwrap();
    assert_eq!(again, text);
}

#[test]
fn graphml_says_what_is_there() {
    let mut text = Vec::new();
    graphml::write(&full(), &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    for part in [
        "<node id=\"op/yard\"><data key=\"name\">yard &lt;&amp;&gt; gate</data><data key=\"type\">place</data></node>",
        "<edge source=\"op/v1\" target=\"op/yard\"><data key=\"kind\">visit</data><data key=\"weight\">1.5</data>",
        "<data key=\"first\">1970-01-01T00:00:05.000Z</data>",
        "<data key=\"evidence\">eo@1970-01-01T00:00:05.000Z/abab",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert_eq!(text.matches("<edge ").count(), 4);
}
