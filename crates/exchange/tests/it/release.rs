//! Releases: what is left out, and what is believed.

use crate::sample;
use atalaya_exchange::release::{
    Identity, LeftOut, Manifest, Package, Parcel, Picture, Product, ReleaseInput, SealError,
    Translated, open, seal, sealed_header, write,
};
use atalaya_model::{
    Author, Choice, Decision, Direction, Done, MachineMark, Micros, Operation, PixelBox, Release,
    ReleaseLanguage, ReleaseState,
};
use std::collections::BTreeMap;

fn done(name: &str) -> Done {
    Done {
        by: Author::verified(name),
        at: Micros(1_800_000_000_000_000),
    }
}

fn product(language: ReleaseLanguage, operation: &Operation, summary: &str) -> Product {
    translated(language, operation, summary, None)
}

fn translated(
    language: ReleaseLanguage,
    operation: &Operation,
    summary: &str,
    words: Option<&Translated>,
) -> Product {
    let told = sample::sample();
    let (alerts, events) = (&told.alerts, &told.events);
    let decision = Decision {
        schema: Decision::SCHEMA.into(),
        n: 1,
        run: "r".into(),
        alert: alerts[0].id.clone(),
        assessment: "Drums were unloaded.".into(),
        options: vec![Choice::Continue, Choice::ReferToPartner],
        choice: Choice::ReferToPartner,
        reason: "Internal words that stay here".into(),
        partner: Some("Guardia".into()),
        target: None,
        by: Author::verified("ana"),
        at: Micros(0),
    };
    let picture = |jpeg: &[u8]| Picture {
        feed: "eo".into(),
        t: Micros(1_700_000_000_000_000),
        bbox: Some(PixelBox {
            x: 10.0,
            y: 20.0,
            w: 30.0,
            h: 40.0,
        }),
        size: Some((1280, 720)),
        jpeg: jpeg.to_vec(),
    };
    write(&ReleaseInput {
        operation,
        id: "0123456789abcdef01234567",
        from: "Atalaya",
        to: "Guardia",
        run: "r",
        alert: &alerts[0],
        events,
        decision: &decision,
        language,
        title: "Descarga <b>de</b> bidones",
        summary,
        reply_within_h: 24,
        drafted: done("ana"),
        delete_by: Micros(1_900_000_000_000_000),
        pictures: &[
            picture(&[0xff, 0xd8, 0xff, 0xe0]),
            picture(b"not a picture"),
        ],
        translated: words,
        left_out: LeftOut {
            other_tracks: 7,
            pictures: 1,
            internal_words: 2,
        },
    })
}

fn package(p: &Product) -> Package {
    let release = Release {
        schema: Release::SCHEMA.into(),
        id: p.manifest.release.clone(),
        direction: Direction::Sent,
        state: ReleaseState::Sealed,
        from: p.manifest.from.clone(),
        to: p.manifest.to.clone(),
        operation: "op".into(),
        alert: p.manifest.alert.clone(),
        decision: 1,
        language: p.manifest.language,
        title: p.manifest.title.clone(),
        summary: p.manifest.summary.clone(),
        reply_within_h: 24,
        removed: p.manifest.removed.clone(),
        manifest_sha256: p.sha256.clone(),
        drafted: done("ana"),
        approved: Some(done("bo")),
        sealed: Some(done("carla")),
        recalled: None,
        machine: None,
    };
    Package {
        schema: Package::SCHEMA.into(),
        release,
        manifest: p.text.clone(),
        files: BTreeMap::from([(Manifest::REPORT.to_owned(), p.report.clone())]),
        back: None,
    }
}

#[test]
fn what_a_machine_translated_says_so_and_stands_beside_what_was_written() {
    let operation = sample::sample().operation;
    let words = Translated {
        mark: MachineMark {
            from: ReleaseLanguage::Es,
            engine: "apertium".into(),
            flags: vec!["unknown word: bidones".into()],
        },
        title: "Unloading of drums".into(),
        summary: "Drums were taken out.".into(),
        assessment: "They unload <drums>.".into(),
    };
    let written = "Se sacaron bidones.";
    let p = translated(ReleaseLanguage::En, &operation, written, Some(&words));
    for part in [
        "A machine (apertium) translated title, summary and assessment from Spanish",
        "<h1>Unloading of drums",
        "They unload &lt;drums&gt;.",
        "unknown word: bidones",
        written,
        "Drums were unloaded.",
        "lang=\"es\"",
    ] {
        assert!(p.report.contains(part), "no {part} in {}", p.report);
    }
    let m = &p.manifest;
    assert_eq!(
        (m.title.as_str(), m.summary.as_str()),
        ("Unloading of drums", "Drums were taken out.")
    );
    assert_eq!(m.originals.as_ref().unwrap().summary, written);
    let parsed = Package::parse(&package(&p).bytes()).unwrap().1;
    assert_eq!(parsed.originals, m.originals);
    let plain = product(ReleaseLanguage::En, &operation, written);
    assert!(!plain.text.contains("originals") && !plain.report.contains("A machine"));
}

#[test]
fn the_report_says_in_both_languages_what_was_left_out_and_why() {
    let operation = sample::sample().operation;
    for (language, parts) in [
        (
            ReleaseLanguage::Es,
            [
                "<b>7</b> otros que estaban a la vista",
                "Cómo tratarla",
                "plazo de 24 h",
            ],
        ),
        (
            ReleaseLanguage::En,
            [
                "<b>7</b> others who were in view",
                "How to handle it",
                "within 24 h",
            ],
        ),
    ] {
        let p = product(language, &operation, "One.\nTwo.");
        for part in parts {
            assert!(p.report.contains(part), "{part}");
        }
        assert!(p.report.contains("Descarga &lt;b&gt;de"), "escaped");
        assert!(p.report.contains("viewBox=\"0 0 1280 720\""));
        assert!(!p.report.contains("Internal words") && !p.text.contains("Internal words"));
        assert!(!p.report.contains("<script") && !p.report.contains("http:"));
        // The unusable picture is counted with the refused one.
        let refused = p
            .manifest
            .removed
            .iter()
            .find(|r| r.what == "refused_picture");
        assert_eq!(refused.unwrap().count, 2);
        // Only subjects of the alert, only its events.
        let told = sample::sample();
        let alert = &told.alerts[0];
        for seen in &p.manifest.events {
            assert!(seen.subjects.iter().all(|s| alert.subjects.contains(s)));
        }
        assert!(p.manifest.events.len() <= alert.events.len());
        assert_eq!(
            product(language, &operation, "One.\nTwo."),
            p,
            "the same bytes"
        );
    }
}

#[test]
fn a_sealed_package_opens_for_its_partner_alone_and_unaltered_alone() {
    let p = product(ReleaseLanguage::Es, &sample::sample().operation, "s");
    let bytes = package(&p).bytes();
    let [us, them, eve] = ["Atalaya", "Guardia", "Eve"].map(|n| Identity::new(n).unwrap());
    let sealed = seal(Parcel::Release, &bytes, &us, &them.card()).unwrap();
    assert_eq!(
        sealed_header(sealed.as_bytes()).unwrap().to,
        them.card().fingerprint()
    );
    let opened = open(sealed.as_bytes(), &them, &[eve.card(), us.card()]).unwrap();
    assert_eq!(
        (opened.parcel, opened.from, &opened.body),
        (Parcel::Release, us.card(), &bytes)
    );
    assert_eq!(Package::parse(&bytes).unwrap().0, package(&p));

    let says = |r: Result<_, SealError>, what: &str| {
        let said = r.unwrap_err().to_string();
        assert!(said.contains(what) && !said.contains('\n'), "{said}");
    };
    says(
        open(sealed.as_bytes(), &eve, &[us.card()]),
        "is sealed for the key",
    );
    says(
        open(sealed.as_bytes(), &them, &[eve.card()]),
        "is no known partner's",
    );
    // A partner of both passes it on as if it had been written to him: it can't be opened there.
    let mut passed: serde_json::Value = serde_json::from_str(&sealed).unwrap();
    passed["to"] = eve.card().fingerprint().into();
    says(
        open(passed.to_string().as_bytes(), &eve, &[us.card()]),
        "was altered",
    );
    // Every byte counts, wherever one is flipped.
    let value: serde_json::Value = serde_json::from_str(&sealed).unwrap();
    for field in ["enc", "body"] {
        let text = value[field].as_str().unwrap();
        let step = (text.len() / 40).max(1);
        for at in (0..text.len() - 2).step_by(step) {
            let mut other = text.as_bytes().to_vec();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let mut broken = value.clone();
            broken[field] = String::from_utf8(other).unwrap().into();
            says(
                open(broken.to_string().as_bytes(), &them, &[us.card()]),
                "was altered",
            );
        }
    }
    for junk in ["", "{}", "[]", "\u{0}", &sealed[..sealed.len() / 2]] {
        says(
            open(junk.as_bytes(), &them, &[us.card()]),
            "not a sealed file",
        );
    }
    let huge = vec![0; atalaya_exchange::release::MOST_BODY + 1];
    assert!(matches!(
        seal(Parcel::Release, &huge, &us, &them.card()),
        Err(SealError::TooLarge { .. })
    ));
}

#[test]
fn a_package_that_contradicts_itself_is_refused_with_the_reason() {
    let p = product(ReleaseLanguage::En, &sample::sample().operation, "s");
    type Change<'a> = &'a dyn Fn(&mut Package);
    let cases: [(Change<'_>, &str); 9] = [
        (
            &|x| x.manifest.push(' '),
            "is not the one that was approved",
        ),
        (&|x| x.files.clear(), "report.html is not the file"),
        (
            &|x| {
                x.files.insert("extra.bin".into(), "x".into());
            },
            "extra.bin was not approved",
        ),
        (&|x| x.release.approved = None, "nobody has approved it"),
        (
            &|x| x.release.approved = Some(done(" ANA ")),
            "approved by whoever drafted it",
        ),
        (&|x| x.release.sealed = None, "not marked as sealed"),
        (&|x| x.release.to = "Eve".into(), "of different releases"),
        (
            &|x| x.release.id = "../../etc".into(),
            "of different releases",
        ),
        (
            &|x| x.schema = "release-package/2".into(),
            "is not known here",
        ),
    ];
    for (change, what) in cases {
        let mut broken = package(&p);
        change(&mut broken);
        let said = Package::parse(&broken.bytes()).unwrap_err().to_string();
        assert!(said.contains(what), "{said}");
    }
    for (junk, what) in [
        ("{\"weapon\": 1}", "names an effector"),
        ("{\"release\": {\"face_match\": 1}}", "names a biometric"),
        ("x", "can't be read"),
    ] {
        let said = Package::parse(junk.as_bytes()).unwrap_err().to_string();
        assert!(said.contains(what), "{said}");
    }
}
