//! `atalaya release` and `atalaya partner`: from draft to outcome by file, and what is refused.

use crate::support::{atalaya, atalaya_with, folder, operation};
use atalaya_model::operation::Retention;
use atalaya_model::{Alert, AlertState, Choice, Micros, Operation, Severity};
use atalaya_store::{Author, NewDecision, Record, Run, Store};
use std::path::{Path, PathBuf};

const FAR: Micros = Micros(9_000_000_000_000_000);

fn text(p: &Path) -> &str {
    p.to_str().unwrap()
}

/// Two stores that know each other's cards, and an operation that names the partner.
fn two(test: &str) -> (PathBuf, PathBuf, PathBuf, PathBuf) {
    let dir = folder(test);
    let (ours, theirs) = (dir.join("ours"), dir.join("theirs"));
    let document = dir.join("operation.toml");
    let made = operation("eo.ts", "").replace(
        "[authority]\n",
        "[authority]\npartners = [\"Unidad de frontera\"]\n",
    );
    std::fs::write(&document, made).unwrap();
    for (store, name, card) in [
        (&ours, "Guardia de Ejemplo", "ours.card"),
        (&theirs, "Unidad de frontera", "theirs.card"),
    ] {
        let card = dir.join(card);
        let said = atalaya(&[
            "partner",
            "key",
            "--name",
            name,
            "--dir",
            text(store),
            "--out",
            text(&card),
        ])
        .ok();
        said.says(&[name, "fingerprint"]);
    }
    atalaya(&[
        "partner",
        "add",
        text(&dir.join("theirs.card")),
        "--dir",
        text(&ours),
    ])
    .ok();
    atalaya(&[
        "partner",
        "add",
        text(&dir.join("ours.card")),
        "--dir",
        text(&theirs),
    ])
    .ok();
    (dir, document, ours, theirs)
}

/// An alert that was referred to the partner.
fn referred(store: &Path, document: &Path) {
    let authority = Operation::parse("t", &std::fs::read_to_string(document).unwrap())
        .unwrap()
        .authority;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(store).await.unwrap();
        let writer = store.writer();
        let records = vec![
            Record::Run {
                run: Run {
                    id: "r1".into(),
                    operation: "op".into(),
                    started: Micros(0),
                    settings_hash: "0".into(),
                    code_version: "0".into(),
                    retention: Retention {
                        bystander_hours: 1,
                        evidence_days: 30,
                    },
                },
                delete_by: FAR,
            },
            Record::Alert {
                run: "r1".into(),
                alert: Alert {
                    schema: Alert::SCHEMA.into(),
                    life: None,
                    id: "a1".into(),
                    rule: "long-stay".into(),
                    opened_at: Micros(1_000_000),
                    zone: "yard".into(),
                    subjects: vec!["A1".into()],
                    events: Vec::new(),
                    severity: Severity::Warning,
                    reason: "it stayed".into(),
                    state: AlertState::Open,
                    lat: None,
                    lon: None,
                    evidence: Vec::new(),
                },
                delete_by: FAR,
            },
        ];
        tokio::task::spawn_blocking(move || writer.submit(records).unwrap().wait().unwrap())
            .await
            .unwrap();
        let decision = NewDecision {
            assessment: "drums".into(),
            options: vec![Choice::ReferToPartner],
            choice: Choice::ReferToPartner,
            reason: "theirs".into(),
            partner: Some("Unidad de frontera".into()),
        };
        let ana = Author::unverified("Ana");
        store
            .decide(("r1", "a1"), decision, &authority, &ana)
            .await
            .unwrap();
        store.close().await;
    });
}

fn drafted(document: &Path, store: &Path) -> String {
    let said = atalaya(&[
        "release",
        "draft",
        text(document),
        "--dir",
        text(store),
        "--alert",
        "r1~a1",
        "--partner",
        "Unidad de frontera",
        "--lang",
        "es",
        "--title",
        "Bidones",
        "--summary",
        "Un camión.",
        "--by",
        "Ana",
    ])
    .ok();
    said.out.trim().to_owned()
}

#[test]
fn a_release_travels_by_file_and_its_outcome_comes_back() {
    let (dir, document, ours, theirs) = two("release-way");
    referred(&ours, &document);
    let id = drafted(&document, &ours);
    let (o, t) = (text(&ours), text(&theirs));
    let file = dir.join("release.sealed.json");
    atalaya(&["release", "seal", &id, "--dir", o, "--by", "Carla"])
        .fails_with(&["is draft: only an approved one can be sealed"]);
    atalaya(&["release", "approve", &id, "--dir", o, "--by", "ana"])
        .fails_with(&["another person must"]);
    atalaya(&["release", "approve", &id, "--dir", o, "--by", "Bo"]).ok();
    atalaya(&[
        "release",
        "seal",
        &id,
        "--dir",
        o,
        "--by",
        "Carla",
        "--out",
        text(&file),
    ])
    .ok();

    let got = dir.join("got");
    let said = atalaya(&[
        "release",
        "open",
        text(&file),
        "--dir",
        t,
        "--by",
        "Vidal",
        "--out",
        text(&got),
    ])
    .ok();
    assert!(
        said.out
            .starts_with(&format!("{id}\tGuardia de Ejemplo\tsealed")),
        "{}",
        said.out
    );
    let report = std::fs::read_to_string(got.join("report.html")).unwrap();
    assert!(report.contains("Un camión.") && report.contains("Lo que se ha omitido"));
    assert!(got.join("manifest.json").is_file());
    let answers = dir.join("answers");
    let a = text(&answers);
    atalaya(&[
        "release", "outcome", &id, "x", "--dir", t, "--by", "Vidal", "--out", a,
    ])
    .fails_with(&["it was not accepted"]);
    atalaya(&[
        "release", "receipt", &id, "--accept", "--dir", t, "--by", "Vidal", "--out", a,
    ])
    .ok();
    atalaya(&[
        "release",
        "outcome",
        &id,
        "Control montado",
        "--acting",
        "--dir",
        t,
        "--by",
        "Vidal",
        "--out",
        a,
    ])
    .ok();
    atalaya(&[
        "release",
        "outcome",
        &id,
        "12 bidones",
        "--dir",
        t,
        "--by",
        "Vidal",
        "--out",
        a,
    ])
    .ok();
    for kind in ["receipt", "accepted", "acting", "outcome"] {
        let file = answers.join(format!("{kind}-{id}.sealed.json"));
        let said = atalaya(&["release", "open", text(&file), "--dir", o, "--by", "Carla"]).ok();
        assert!(said.out.trim().ends_with(kind), "{}", said.out);
    }
    let board: serde_json::Value =
        serde_json::from_str(&atalaya(&["release", "board", "--dir", o]).ok().out).unwrap();
    assert_eq!(board["sent"]["times"][4]["n"], 1);
    assert_eq!(board["releases"][0]["messages"][3]["text"], "12 bidones");

    let recall = dir.join("recall");
    atalaya(&[
        "release",
        "recall",
        &id,
        "--reason",
        "Otro camión",
        "--dir",
        o,
        "--by",
        "Carla",
        "--out",
        text(&recall),
    ])
    .ok();
    let file = recall.join(format!("recall-{id}.sealed.json"));
    let said = atalaya(&[
        "release",
        "open",
        text(&file),
        "--dir",
        t,
        "--by",
        "Vidal",
        "--out",
        a,
    ])
    .ok();
    assert!(said.out.contains("recalled\tpurged"), "{}", said.out);
    let file = answers.join(format!("purged-{id}.sealed.json"));
    atalaya(&["release", "open", text(&file), "--dir", o, "--by", "Carla"]).ok();
    for store in [o, t] {
        let said = atalaya(&["audit", "verify", store]).ok();
        assert!(said.out.contains("nothing was altered"), "{}", said.out);
    }
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let (dir, document, ours, theirs) = two("release-wrong");
    referred(&ours, &document);
    let (o, t) = (text(&ours), text(&theirs));
    let junk = dir.join("junk");
    std::fs::write(&junk, "junk").unwrap();
    let j = text(&junk);
    let draft = |alert: &str, partner: &str| {
        atalaya(&[
            "release",
            "draft",
            text(&document),
            "--dir",
            o,
            "--alert",
            alert,
            "--partner",
            partner,
            "--lang",
            "en",
            "--title",
            "T",
            "--summary",
            "S",
            "--by",
            "Ana",
        ])
    };
    draft("nonsense", "Unidad de frontera")
        .fails_with(&["'nonsense' is not an alert; give RUN~ID"]);
    draft("r1~zz", "Unidad de frontera").fails_with(&["there is no alert 'zz'"]);
    draft("r1~a1", "Guardia de Ejemplo")
        .fails_with(&["nobody has decided to refer this alert to 'Guardia de Ejemplo'"]);
    atalaya(&["release", "open", j, "--dir", t, "--by", "V"])
        .fails_with(&["junk", "not a sealed file"]);
    atalaya(&["release", "open", "missing", "--dir", t, "--by", "V"])
        .fails_with(&["can't read missing"]);
    atalaya(&[
        "release",
        "open",
        "http://127.0.0.1:1/portal/x",
        "--dir",
        t,
        "--by",
        "V",
    ])
    .fails_with(&["http://127.0.0.1:1", "carry the file by hand"]);
    atalaya(&[
        "release",
        "open",
        "https://a.example/",
        "--dir",
        t,
        "--by",
        "V",
    ])
    .fails_with(&["not a link to a portal"]);
    atalaya(&["release", "approve", "nope", "--dir", o, "--by", "Bo"])
        .fails_with(&["there is no release 'nope'"]);
    atalaya(&[
        "release", "recall", "nope", "--reason", "x", "--dir", o, "--by", "Bo",
    ])
    .fails_with(&["there is no release 'nope'"]);
    atalaya(&["partner", "add", j, "--dir", o]).fails_with(&["junk", "not a partner's card"]);
    atalaya(&["partner", "key", "--name", "Again", "--dir", o])
        .fails_with(&["there are keys already"]);
    atalaya(&["partner", "key", "--dir", text(&dir.join("new"))]).fails_with(&["--name NAME"]);
    // What is opened by whom it is not for.
    let id = drafted(&document, &ours);
    atalaya(&["release", "approve", &id, "--dir", o, "--by", "Bo"]).ok();
    let file = dir.join("s.json");
    atalaya(&[
        "release", "seal", &id, "--dir", o, "--by", "C", "--portal", "nonsense",
    ])
    .fails_with(&["'nonsense' is not an address of a portal"]);
    atalaya(&[
        "release",
        "seal",
        &id,
        "--dir",
        o,
        "--by",
        "C",
        "--out",
        text(&file),
    ])
    .ok();
    atalaya(&["release", "open", text(&file), "--dir", o, "--by", "C"])
        .fails_with(&["is sealed for the key"]);
}

#[test]
fn accounts_are_asked_for_password_and_role() {
    let (_dir, _document, ours, _theirs) = two("release-roles");
    let o = text(&ours);
    let password = b"correct horse battery\n";
    atalaya_with(
        password,
        &["user", "add", "bo", "--role", "approver", "--dir", o],
    )
    .ok()
    .says(&["bo can log in as approver"]);
    let wrong = atalaya_with(
        b"guess\n",
        &["release", "approve", "x", "--dir", o, "--by", "bo"],
    );
    assert_eq!(wrong.code, Some(1));
    wrong.says(&["name or password is wrong"]);
    let other = atalaya_with(
        password,
        &[
            "release", "recall", "x", "--reason", "x", "--dir", o, "--by", "bo",
        ],
    );
    assert_eq!(other.code, Some(1));
    other.says(&["bo may not do this: it needs one of the roles liaison"]);
    let right = atalaya_with(
        password,
        &["release", "approve", "x", "--dir", o, "--by", "bo"],
    );
    right.says(&["there is no release 'x'"]);
    let bad = atalaya_with(
        password,
        &["user", "add", "eva", "--role", "boss", "--dir", o],
    );
    assert_eq!(bad.code, Some(2));
    bad.says(&["'boss' is not a role; roles are: watch-officer"]);
}
