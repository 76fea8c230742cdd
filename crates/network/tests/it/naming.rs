//! Names compared.

use crate::people;
use atalaya_model::Micros;
use atalaya_network::names::table::{Table, read, write};
use atalaya_network::names::{Name, SAME_FROM, UNDECIDED_FROM, candidates, score, suggestion};
use atalaya_network::{Judgement, Judgements, Limits, Verdict};

fn verdict(left: &str, right: &str) -> Verdict {
    let (l, r) = (Name::parse(left), Name::parse(right));
    let s = score(&l, &r);
    assert_eq!(s, score(&r, &l), "{left} / {right}");
    suggestion(s).verdict
}

#[test]
fn spellings_of_one_name() {
    for (left, right) in [
        ("Joaquín Guzmán Loera", "GUZMAN LOERA JOAQUIN"),
        ("García López, Juan Carlos", "Juan Carlos García López"),
        ("Juan García", "García, Juan"),
        ("Francisco Javier Núñez Peña", "Paco Javier Nunez Pena"),
        ("José Luis Rodríguez Cruz", "Pepe Luis Rodríguez Cruz"),
        ("Mª del Carmen Ruiz de la Torre", "María Carmen Ruiz Torre"),
        ("Juan José Ibarra Vázquez", "Juanjo Ybarra Bazques"),
        ("J. Luis Hernández Mora", "José Luis Hdez. Mora"),
        ("Сергей Гарсия Лопес", "Sergei Garsia Lopes"),
        (
            "Transportes del Norte, S.A. de C.V.",
            "TRANSP. DEL NORTE SA DE CV",
        ),
        ("López y Cía. Ltda.", "Lopez & Cia Limitada"),
        ("Química Ibérica Sociedad Limitada", "Quimica Iberica, S.L."),
        ("Xiomara Qispe Mamani", "Xiomara Quispe Mamani"),
    ] {
        assert_eq!(verdict(left, right), Verdict::Same, "{left} / {right}");
    }
}

#[test]
fn two_names() {
    for (left, right) in [
        ("Mario García López", "María García López"),
        ("Juan García López", "Pedro García López"),
        ("Luis Fernández Soto", "Luis Hernández Soto"),
        ("José Antonio Ruiz Vega", "José Manuel Ruiz Vega"),
        ("Ana Ruiz", "Transportes Ruiz, S.A."),
        ("Transportes del Norte, S.A.", "Transportes del Sur, S.A."),
        ("Almacenes 21, S.L.", "Almacenes 12, S.L."),
        ("Francisco Pérez Gil", "Francisca Pérez Gil"),
    ] {
        assert_eq!(verdict(left, right), Verdict::Distinct, "{left} / {right}");
    }
}

#[test]
fn what_a_name_alone_cannot_tell_is_left_open() {
    for (left, right) in [
        ("Juan García", "Juan García López"),
        ("Paco Mora", "Francisco Mora"),
        ("J. García López", "José García"),
        ("Juan García López", "Juan López García"),
        ("Acme Norte, S.A.", "Acme Norte, S.L."),
        ("Comisión Federal de Electricidad", "CFE"),
    ] {
        assert_eq!(verdict(left, right), Verdict::Undecided, "{left} / {right}");
    }
}

#[test]
fn scores_are_probabilities() {
    let (mut off, mut all) = (0.0, 0.0);
    let mut bins = [(0.0, 0.0, 0.0); 10];
    let (mut same, mut distinct) = ((0u32, 0u32), (0u32, 0u32));
    for pair in people::pairs(77, 20_000) {
        let p = score(&Name::parse(&pair.left), &Name::parse(&pair.right));
        assert!((0.0..=1.0).contains(&p));
        let bin = &mut bins[((p * 10.0) as usize).min(9)];
        *bin = (
            bin.0 + 1.0,
            bin.1 + p,
            bin.2 + f64::from(u8::from(pair.same)),
        );
        if p >= SAME_FROM {
            same = (same.0 + 1, same.1 + u32::from(pair.same));
        } else if p < UNDECIDED_FROM {
            distinct = (distinct.0 + 1, distinct.1 + u32::from(!pair.same));
        }
    }
    for (n, sum, truly) in bins {
        off += f64::abs(sum - truly);
        all += n;
    }
    let error = off / all;
    assert!(error < 0.03, "expected calibration error {error}");
    assert!(f64::from(same.1) / f64::from(same.0) > 0.93, "{same:?}");
    assert!(
        f64::from(distinct.1) / f64::from(distinct.0) > 0.96,
        "{distinct:?}"
    );
    assert!(
        same.0 > 3_000 && distinct.0 > 6_000,
        "{same:?} {distinct:?}"
    );
}

#[test]
fn blocks_find_nearly_all_that_comparing_everything_finds() {
    let names: Vec<Name> = people::list(5, 1500)
        .iter()
        .map(|n| Name::parse(n))
        .collect();
    let blocks = candidates(&names);
    let (mut all, mut found, mut compared) = (0, 0, 0);
    let mut near = Vec::new();
    for i in 0..names.len() {
        blocks.before(i, &mut near);
        assert!(near.iter().all(|j| (*j as usize) < i) && near.is_sorted());
        compared += near.len();
        for j in 0..i {
            if score(&names[j], &names[i]) >= 0.5 {
                all += 1;
                found += usize::from(near.binary_search(&(j as u32)).is_ok());
            }
        }
    }
    assert!(all > 100 && found * 100 >= all * 98, "{found} of {all}");
    assert!(compared < names.len() * names.len() / 8, "{compared}");
}

fn table(text: &str) -> Result<Table, String> {
    read(text.as_bytes(), "n.csv", &Limits::default()).map_err(|e| e.to_string())
}

#[test]
fn a_list_gives_pairs_of_ids_and_a_judgement_overrules_the_score() {
    let text = "id,name,note\n1,Juan Carlos García López,x\n2,\"García López, Juan Carlos\",\n\
        3,Ana Mora,\n4,Juan García López,\n";
    let list = table(text).unwrap();
    let plain = list.matches(0.5, &Judgements::default());
    let pairs: Vec<(&str, &str)> = plain
        .rows
        .iter()
        .map(|r| (r.left.as_str(), r.right.as_str()))
        .collect();
    assert_eq!(pairs, [("1", "2"), ("1", "4"), ("2", "4")]);
    assert_eq!(plain.rows[0].judged.verdict, Verdict::Same);
    let mut log = Judgements::default();
    let judgement = Judgement {
        left: "2".into(),
        right: "1".into(),
        verdict: Verdict::Distinct,
        reason: "born in other years".into(),
    };
    log.judge(judgement, "ana", Micros(0)).unwrap();
    let judged = list.matches(0.5, &log);
    assert_eq!(judged.rows[0].judged.verdict, Verdict::Distinct);
    assert_eq!(judged.rows[0].judged.score, plain.rows[0].judged.score);
    let mut out = Vec::new();
    write(&judged.rows, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(
        out.starts_with("left,right,score,judgement\n1,2,0.990,distinct\n1,4,"),
        "{out}"
    );
}

#[test]
fn bad_tables_are_refused_with_line_cause_and_remedy() {
    for (text, words) in [
        ("", &["n.csv:1:", "empty", "id,name or left,right"][..]),
        (
            "name\nAna\n",
            &["n.csv:1:", "'name'", "neither id,name nor left,right"],
        ),
        ("id,name\n,Ana\n", &["n.csv:2:", "id is empty"]),
        (
            "left,right\nAna,\n",
            &["n.csv:2:", "left or right is empty"],
        ),
        (
            "id,name,kind\n1,Ana,dog\n",
            &["n.csv:2:", "'dog'", "person or organisation"],
        ),
    ] {
        let said = table(text).unwrap_err();
        for w in words {
            assert!(said.contains(w), "no '{w}' in: {said}");
        }
    }
}
