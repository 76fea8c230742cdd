//! Networks of a few events and files.

use super::*;
use atalaya_store::Edit;

fn event(kind: EventKind, zone: &str, who: &str, s: i64) -> Event {
    let t = Micros(s * 1_000_000);
    Event {
        about: None,
        schema: Event::SCHEMA.into(),
        class: None,
        id: Event::id_of(kind, zone, who, t),
        kind,
        time: t,
        time_end: None,
        decided_at: t,
        zone: zone.into(),
        subjects: vec![who.into()],
        p: 0.9,
        lat: None,
        lon: None,
        reason: String::new(),
        evidence: Vec::new(),
    }
}

/// Two runs: a truck that visits gate and yard, and one that visits the yard; a person too.
fn input() -> NetworkInput {
    let mut i = NetworkInput::default();
    for (run, zone, who, from, to) in [
        ("r1", "gate", "A1", 10, 20),
        ("r1", "yard", "A1", 30, 200),
        ("r1", "yard", "A2", 40, 90),
        ("r2", "yard", "A1", 1000, 1100),
    ] {
        let (came, went) = (EventKind::Arrival, EventKind::Departure);
        i.events.push((run.into(), event(went, zone, who, to)));
        i.events.push((run.into(), event(came, zone, who, from)));
    }
    for (run, track, class) in [
        ("r1", "A1", Class::Truck),
        ("r1", "A2", Class::Person),
        ("r2", "A1", Class::Truck),
    ] {
        i.classes.insert((run.into(), track.into()), class);
    }
    i
}

fn names() -> BTreeMap<String, String> {
    BTreeMap::from([("yard".into(), "Yard".into())])
}

#[test]
fn vehicles_and_places_are_linked_and_persons_are_not_there() {
    let p = network_picture("op", &names(), input()).unwrap();
    let ids: Vec<_> = p
        .nodes
        .iter()
        .map(|n| (n.id.as_str(), n.name.as_str()))
        .collect();
    assert_eq!(
        ids,
        [
            ("op/yard", "Yard"),
            ("op/r1/A1", "truck A1"),
            ("op/gate", "gate"),
            ("op/r2/A1", "truck A1")
        ]
    );
    assert_eq!(p.links.len(), 4, "{:?}", p.links);
    assert_eq!(p.anonymous, 2);
    assert_eq!(p.extent, Some((10_000_000, 1_100_000_000)));
    assert_eq!(p.removal.len(), p.nodes.len());
    assert!(p.nodes[0].articulation);
}

#[test]
fn a_window_shows_what_was_seen_in_it() {
    let mut i = input();
    i.window = Some((Micros(900_000_000), Micros(2_000_000_000)));
    let p = network_picture("op", &names(), i).unwrap();
    assert_eq!((p.nodes.len(), p.links.len()), (2, 1));
}

#[test]
fn judged_the_same_two_are_one_until_it_is_undone() {
    let mut i = input();
    let same = Judgement {
        left: "op/r1/A1".into(),
        right: "op/r2/A1".into(),
        verdict: Verdict::Same,
        reason: String::new(),
    };
    i.judgements.judge(same, "Ana", Micros(1)).unwrap();
    let one = network_picture("op", &names(), i.clone()).unwrap();
    assert_eq!(one.nodes.len(), 3);
    assert_eq!(one.nodes[1].also, ["op/r2/A1"]);
    i.judgements.undo(1, "Ben", Micros(2)).unwrap();
    assert_eq!(network_picture("op", &names(), i).unwrap().nodes.len(), 4);
}

fn ids(p: &NetworkPicture) -> Vec<&str> {
    p.nodes.iter().map(|n| n.id.as_str()).collect()
}

fn link<'p>(p: &'p NetworkPicture, a: &str, b: &str) -> Option<&'p LinkPicture> {
    let at = |id: &str| p.nodes.iter().position(|n| n.id == id).map(|i| i as u32);
    let (a, b) = (at(a)?, at(b)?);
    p.links
        .iter()
        .find(|l| (l.a, l.b) == (a, b) || (l.a, l.b) == (b, a))
}

#[test]
fn a_track_that_was_split_is_two_vehicles_also_in_the_midst_of_a_visit() {
    let mut i = input();
    let cut = Edit::Split {
        track: "A1".into(),
        at: Micros(100_000_000),
    };
    i.lineages.insert("r1".into(), Lineage::of([&cut]));
    let p = network_picture("op", &names(), i).unwrap();
    let first = link(&p, "op/r1/A1", "op/yard").unwrap();
    let second = link(&p, "op/r1/A1.2", "op/yard").unwrap();
    let span = |l: &LinkPicture| (l.sightings[0].from, l.sightings[0].until);
    assert_eq!(span(first), (Some(30_000_000), Some(100_000_000)));
    assert_eq!(span(second), (Some(100_000_000), Some(200_000_000)));
    assert!(link(&p, "op/r1/A1.2", "op/gate").is_none());
}

#[test]
fn tracks_that_were_merged_are_one_vehicle() {
    let mut i = input();
    let (came, went) = (EventKind::Arrival, EventKind::Departure);
    i.events.push(("r1".into(), event(came, "gate", "A9", 500)));
    i.events.push(("r1".into(), event(went, "gate", "A9", 520)));
    i.classes.insert(("r1".into(), "A9".into()), Class::Truck);
    let before = network_picture("op", &names(), i.clone()).unwrap();
    assert!(ids(&before).contains(&"op/r1/A9"));
    let merge = Edit::Merge {
        track: "A1".into(),
        other: "A9".into(),
    };
    i.lineages.insert("r1".into(), Lineage::of([&merge]));
    let p = network_picture("op", &names(), i).unwrap();
    assert!(!ids(&p).contains(&"op/r1/A9"));
    assert_eq!(link(&p, "op/r1/A1", "op/gate").unwrap().count, 2);
}

const LIST: &str = "source,target,kind,source_kind,target_kind,time\n\
    Transportes Sierra S.L.,op/yard,rents,organisation,place,\n\
    Transportes Sierra S.L.,Juan Pérez García,employs,organisation,person,\n\
    Transportes Sierra S.L.,María López Ruiz,pays,,,1970-01-01T00:10:00Z\n\
    Transportes Sierra S.L.,Almacenes Norte SA,supplies,,,1970-01-01T00:10:00Z\n";

fn imported(n: i64, text: &str, persons: &[String]) -> Imported {
    let read = read_import("list.csv", text.as_bytes(), persons).unwrap();
    Imported::of(n, &read.body, persons).unwrap()
}

#[test]
fn an_import_stands_beside_what_grew_marked_and_without_unnamed_persons() {
    let read = read_import("list.csv", LIST.as_bytes(), &[]).unwrap();
    let c = &read.counts;
    assert_eq!((read.format, c.nodes, c.links), ("csv", 3, 2));
    assert_eq!((c.persons, c.like_persons, c.dropped), (1, 1, 2));
    for name in ["Pérez", "López"] {
        assert!(!read.body.contains(name), "{}", read.body);
    }
    let mut i = input();
    i.imports = vec![imported(4, LIST, &[])];
    let p = network_picture("op", &names(), i.clone()).unwrap();
    let firm = "import/4/Transportes Sierra S.L.";
    let node = p.nodes.iter().find(|n| n.id == firm).unwrap();
    assert_eq!(
        (node.kind, node.imports.as_slice()),
        ("organisation", &[4][..])
    );
    // A place that the operation knows is that place, and its links say who says so.
    let rents = link(&p, firm, "op/yard").unwrap();
    assert_eq!((rents.kind.as_str(), rents.import), ("rents", Some(4)));
    assert_eq!(rents.sightings[0].from, None);
    // What has no time is there in every window, what has one only in its own.
    i.window = Some((Micros(0), Micros(100_000_000)));
    let early = network_picture("op", &names(), i).unwrap();
    assert!(link(&early, firm, "op/yard").is_some());
    assert!(link(&early, firm, "import/4/Almacenes Norte SA").is_none());
}

#[test]
fn a_person_is_there_when_the_authority_names_him_and_goes_when_it_no_longer_does() {
    let persons = ["Juan Perez Garcia".to_owned()];
    let read = read_import("list.csv", LIST.as_bytes(), &persons).unwrap();
    assert_eq!((read.counts.persons, read.counts.like_persons), (0, 1));
    let mut i = NetworkInput {
        imports: vec![Imported::of(1, &read.body, &persons).unwrap()],
        persons: persons.to_vec(),
        ..NetworkInput::default()
    };
    let p = network_picture("op", &names(), i.clone()).unwrap();
    assert!(p.nodes.iter().any(|n| n.kind == "person"));
    i.imports = vec![Imported::of(1, &read.body, &[]).unwrap()];
    i.persons.clear();
    let p = network_picture("op", &names(), i).unwrap();
    assert!(p.nodes.iter().all(|n| n.kind != "person"));
}

#[test]
fn names_of_two_files_are_compared_and_only_people_make_them_one() {
    let other = "source,target\n\"SIERRA TRANSPORTES, S.L.\",Nave 3\n";
    let mut i = NetworkInput {
        imports: vec![imported(1, LIST, &[]), imported(2, other, &[])],
        ..NetworkInput::default()
    };
    let p = network_picture("op", &names(), i.clone()).unwrap();
    let pair = &p.pairs[0];
    let both = [pair.left.as_str(), pair.right.as_str()];
    assert!(
        both[0].starts_with("import/1/Transportes Sierra"),
        "{pair:?}"
    );
    assert!(
        both[1].starts_with("import/2/SIERRA TRANSPORTES"),
        "{pair:?}"
    );
    assert!(pair.score > 0.1 && p.all_pairs >= 1);
    let judgement = |verdict| Judgement {
        left: pair.left.clone(),
        right: pair.right.clone(),
        verdict,
        reason: String::new(),
    };
    for verdict in [Verdict::Undecided, Verdict::Distinct] {
        let mut other = i.clone();
        other
            .judgements
            .judge(judgement(verdict), "ana", Micros(1))
            .unwrap();
        let after = network_picture("op", &names(), other).unwrap();
        assert!(!after.pairs.contains(pair));
        assert_eq!(after.nodes.len(), p.nodes.len());
    }
    i.judgements
        .judge(judgement(Verdict::Same), "ana", Micros(1))
        .unwrap();
    let one = network_picture("op", &names(), i).unwrap();
    assert_eq!(one.nodes.len(), p.nodes.len() - 1);
    let joined = one.nodes.iter().find(|n| n.id == pair.left).unwrap();
    assert_eq!(joined.imports, [1, 2]);
}

#[test]
fn files_of_the_network_have_what_is_shown() {
    let mut i = input();
    i.imports = vec![imported(4, LIST, &[])];
    for (format, words) in [
        ("graphml", "<data key=\"kind\">rents</data>"),
        ("ftm", "\"role\":[\"rents\"]"),
        ("csv", ",rents,"),
    ] {
        let made = network_file("op", &names(), i.clone(), format)
            .unwrap()
            .unwrap();
        let text = String::from_utf8(made).unwrap();
        assert!(text.contains(words) && text.contains("visit"), "{text}");
        assert!(text.contains("Yard") || format == "csv", "{text}");
    }
    assert_eq!(network_file("op", &names(), i, "xls").unwrap(), None);
}

#[test]
fn bad_files_get_one_clear_line() {
    for (text, words) in [
        ("a;b\n1;2\n", "separate columns by commas"),
        ("source,target\na,\n", "list.csv:2: the target is empty"),
        ("{\"id\":1}\n", "has no 'id'"),
        ("[{\"id\":\"a\"", "not a JSON array of entities"),
        ("source,target\n", "there is no entity in it"),
        (
            "source,target,source_kind,target_kind\nAna,Eva,person,person\n",
            "only 2 persons whom the authority does not name",
        ),
    ] {
        let said = read_import("list.csv", text.as_bytes(), &[])
            .unwrap_err()
            .to_string();
        assert!(said.contains(words) && !said.contains('\n'), "{said}");
    }
}
