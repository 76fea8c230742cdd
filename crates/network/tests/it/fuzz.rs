//! Whatever comes in, readers answer, and what they take they give back.

use atalaya_network::measure::{Options, measures};
use atalaya_network::names::{Name, fold, score, sound, table};
use atalaya_network::{Csr, Judgements, Limits, Named, csv, dismantle, ftm};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    nodes: 50,
    links: 60,
    line: 120,
};

fn one_line(e: &impl ToString) {
    let text = e.to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("f:"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let named = Named::nobody;
        for e in [
            csv::read(&bytes[..], "f", named(), LIMITS).err(),
            ftm::read(&bytes[..], "f", named(), LIMITS).err(),
            table::read(&bytes[..], "f", &LIMITS).err(),
            Judgements::read(&bytes[..], "f", 120).err(),
        ].into_iter().flatten() {
            one_line(&e);
        }
    }

    #[test]
    fn rows(rows in prop::collection::vec("[abc\",; \\-0-9eñ\u{301}\r]{0,12}(,[ab\"0-9.e-]{0,5}){0,5}", 0..30)) {
        let text = format!("source,target,weight,time,kind,source_kind\n{}", rows.join("\n"));
        match csv::read(text.as_bytes(), "f", Named::nobody(), LIMITS) {
            Err(e) => one_line(&e),
            Ok(read) => {
                prop_assert!(read.graph.nodes().len() <= LIMITS.nodes);
                let mut out = Vec::new();
                csv::write(&read.graph, &mut out).unwrap();
                let again = csv::read(&out[..], "f", Named::nobody(), Limits::default()).unwrap();
                prop_assert_eq!(again.graph.links().len(), read.graph.links().len());
                let mut out = Vec::new();
                ftm::write(&read.graph, &mut out).unwrap();
                let again = ftm::read(&out[..], "f", Named::nobody(), Limits::default()).unwrap();
                prop_assert_eq!(again.graph, read.graph);
            }
        }
    }

    #[test]
    fn entities(schema in "Person|Vehicle|UnknownLink|Ownership|[a-z]{1,4}", id in "[a-c]{0,2}", value in any::<String>(), date in "[0-9-]{0,10}") {
        let line = serde_json::json!({"id": id, "schema": schema, "properties": {
            "name": [value], "subject": ["a"], "object": [value], "owner": "a", "startDate": [date]}});
        if let Err(e) = ftm::read(format!("{line}\n").as_bytes(), "f", Named::nobody(), Limits::default()) {
            one_line(&e);
        }
    }

    #[test]
    fn names(a in any::<String>(), b in "[\\PC]{0,40}( [A-ZÑa-zñ.,-]{1,9}){0,6}") {
        let (x, y) = (Name::parse(&a), Name::parse(&b));
        let p = score(&x, &y);
        prop_assert!((0.0..=1.0).contains(&p));
        prop_assert_eq!(p, score(&y, &x));
        let folded = fold(&a);
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert!(sound(&folded).len() <= folded.len());
    }

    #[test]
    fn networks(links in prop::collection::vec((0u32..25, 0u32..25, 0.001f64..1e6), 0..80)) {
        let net = Csr::from_links(20, &links);
        let m = measures(&net, &Options::default());
        prop_assert!(m.betweenness.iter().all(|b| (0.0..=1.0 + 1e-9).contains(b)));
        prop_assert!((-0.5 - 1e-9..=1.0).contains(&m.communities.modularity));
        let d = dismantle::dismantle(&net, 1);
        prop_assert!(d.largest.is_sorted_by(|a, b| a >= b));
        let mut order = d.order;
        order.sort_unstable();
        prop_assert_eq!(order, (0..20).collect::<Vec<u32>>());
    }
}
