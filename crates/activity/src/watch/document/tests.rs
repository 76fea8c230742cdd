use super::*;

const HEAD: &str = "schema = \"watch/1\"\nsite = \"yard\"\n";

fn faults(rules: &str) -> Vec<String> {
    let zones = ["gate".to_owned(), "yard".to_owned()];
    let text = format!("{HEAD}{rules}");
    match read("w.toml", &text, &zones) {
        Ok(_) => Vec::new(),
        Err(faults) => faults
            .iter()
            .map(|f| {
                let word: String = f.text.chars().skip(f.column - 1).take(f.length).collect();
                format!("{}:{}: {word}: {}", f.line, f.column, f.what)
            })
            .collect(),
    }
}

#[test]
fn every_pattern_is_read() {
    let rules = r#"
        [[rule]]
        id = "a"
        on = ["enter", "delivery"]
        zone = ["gate", "yard"]
        subject = "truck"
        where = "hour < 6 && class == 'truck'"
        quiet_hours = "22:00-06:00"
        [[rule]]
        id = "b"
        on = "dwell"
        longer_than_s = 600
        severity = "critical"
        [[rule]]
        id = "c"
        on = "count"
        of = "enter"
        at_least = 3
        within_s = 600
        [[rule]]
        id = "d"
        on = "sequence"
        of = "enter"
        then = ["unload", { on = "exit", zone = "gate", where = "p > 0.5" }]
        within_s = 3600
        [[rule]]
        id = "e"
        on = "absent_within"
        of = "enter"
        then = ["exit"]
        within_s = 3600
        [[rule]]
        id = "f"
        on = "near"
        near_m = 15
    "#;
    assert_eq!(faults(rules), Vec::<String>::new());
}

#[test]
fn faults_are_pointed_at_all_together() {
    let rules = r#"
[[rule]]
id = "a"
on = "entr"
zone = ["gate", "yrad"]
where = "clas == \"truck\" && hour = 3"
quiet_hours = ["25:00-26:00"]
[[rule]]
id = "a"
on = "dwell"
near_m = 5
then = [{ on = "unloda" }]
"#;
    assert_eq!(
        faults(rules),
        [
            "6:6: \"entr\": 'entr' is neither a pattern nor a kind of event; did you mean 'enter'?",
            "7:17: \"yrad\": there is no zone 'yrad'; did you mean 'yard'?",
            "8:36: =: where: a single = means nothing here; write == to compare",
            "9:16: \"25:00-26:00\": '25:00-26:00' are no hours; write \"22:00-06:00\"",
            "11:6: \"a\": rule 'a' is there twice; give it another id",
            "12:6: \"dwell\": dwell needs longer_than_s; add it",
            "13:10: 5: near_m has no meaning for dwell; remove it",
            "14:8: [{ on = \"unloda\" }]: then has no meaning for dwell; remove it",
            "14:16: \"unloda\": 'unloda' is neither a pattern nor a kind of event; did you mean 'unload'?",
        ]
    );
}

#[test]
fn words_are_found_in_every_kind_of_string() {
    for (rule, column) in [
        ("where = 'clas == 1'", 10),
        ("where = \"clas == 1\"", 10),
        ("where = \"'\\u00f1' == 'a' && clas == 1\"", 29),
    ] {
        let found = faults(&format!("[[rule]]\nid = \"a\"\non = \"enter\"\n{rule}\n"));
        assert!(
            found[0].starts_with(&format!("6:{column}: clas: ")),
            "{found:?}"
        );
    }
    let found =
        faults("[[rule]]\nid = \"a\"\non = \"enter\"\nwhere = '''\np > 0.1 &&\nclas == 1'''\n");
    assert!(found[0].starts_with("8:1: clas: "), "{found:?}");
}

#[test]
fn broken_documents_are_refused_with_a_place() {
    assert!(faults("[[rule]\n")[0].starts_with("3:"));
    assert!(faults("")[0].contains("there is no rule"));
    assert!(
        faults("[[rule]]\nid = \"a\"\non = \"enter\"\nwhere_ = 'x'\n")[0]
            .contains("did you mean 'where'?")
    );
    assert!(faults("[[rule]]\nid = \"a\"\n")[0].contains("'on' is missing"));
    assert!(faults("[[rule]]\nid = \"a\"\non = 3\n")[0].contains("a name, or a list of names"));
    let other = read("w", "schema = \"watch/2\"\nsite = \"\"\n", &[]).unwrap_err();
    assert_eq!(other.len(), 3);
}
