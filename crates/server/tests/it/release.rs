//! From a decision to a partner's outcome, between two instances.

use crate::client::{FAR, Options, Post, RUN, Reply, alert, run};
use atalaya_authority::access::Role;
use atalaya_exchange::release::Identity;
use atalaya_model::{Class, EvidenceRef, FrameRef, Micros, PixelBox};
use atalaya_server::{Web, add_user};
use atalaya_store::{AuditReader, Record};
use serde_json::{Value, json};

const ALERT: &str = "r1~long-stay-A1";
const US: &str = "Guardia";
const THEM: &str = "Policía Nacional";

impl Post {
    /// As somebody, without accounts.
    async fn as_(&self, who: &str, method: &str, path: &str, body: Value) -> Reply {
        let name: String = who.bytes().map(|b| format!("%{b:02x}")).collect();
        let headers = [
            ("content-type", "application/json"),
            ("x-atalaya-name", name.as_str()),
        ];
        self.ask(method, path, &headers, &body.to_string()).await
    }

    async fn ok(&self, who: &str, path: &str, body: Value) -> Value {
        let reply = self.as_(who, "POST", path, body).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.json()
    }

    async fn no(&self, who: &str, path: &str, body: Value, says: &str) {
        let reply = self.as_(who, "POST", path, body).await;
        let text = if reply.status == 200 {
            reply.body
        } else {
            reply.error()
        };
        assert!(text.contains(says), "{path}: {} {text}", reply.status);
        assert_ne!(reply.status, 200);
    }

    async fn acts_named(&self, what: &str) -> usize {
        let acts = self.store.acts(0, 10_000).await.unwrap();
        acts.iter().filter(|a| a.what == what).count()
    }

    fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}

/// Two instances that know each other, and an alert with evidence at the first.
async fn pair() -> (Post, Post) {
    let (a, b) = (Post::start().await, Post::start().await);
    let mut with = alert(1);
    with.evidence = vec![EvidenceRef {
        feed: "eo".into(),
        segment: Some("ab".repeat(32)),
        t0: Micros(1_000_000),
        t1: Micros(9_000_000),
        samples: None,
        frames: (1..=9)
            .map(|n| FrameRef {
                frame: n,
                t: Micros(n as i64 * 1_000_000),
                bbox: Some(PixelBox::default()),
            })
            .collect(),
    }];
    let points = |n| Record::TrackPoints {
        run: RUN.into(),
        feed: "eo".into(),
        t: Micros(3_000_000),
        points: vec![atalaya_model::TrackPoint {
            class: Class::Car,
            ..crate::client::point(n, 2)
        }],
        delete_by: FAR,
    };
    a.write(vec![
        run(),
        Record::Alert {
            run: RUN.into(),
            alert: with,
            delete_by: FAR,
        },
        points(1),
        points(7),
        points(8),
    ]);
    for (post, name) in [(&a, US), (&b, THEM)] {
        post.ok("Root", "/api/v1/identity", json!({"name": name}))
            .await;
    }
    for (one, other) in [(&a, &b), (&b, &a)] {
        let card = other.get("/api/v1/partners").await.json()["card"].clone();
        one.ok("Root", "/api/v1/partners", json!({"card": card}))
            .await;
    }
    (a, b)
}

fn decision(choice: &str) -> Value {
    json!({"assessment": "A truck unloaded drums twice.", "options": ["continue"], "choice": choice,
        "reason": "It is theirs to act on.", "partner": THEM})
}

fn draft(language: &str) -> Value {
    json!({"alert": ALERT, "partner": THEM, "language": language, "title": "Descarga de bidones",
        "summary": "Un camión descargó bidones.\nVolvió el martes.", "reply_within_h": 24})
}

async fn approved(a: &Post) -> String {
    let decisions = format!("/api/v1/alerts/{ALERT}/decisions");
    a.ok("Ana", &decisions, decision("refer_to_partner")).await;
    let made = a.ok("Ana", "/api/v1/releases", draft("es")).await;
    let id = made["release"]["id"].as_str().unwrap().to_owned();
    a.ok("Bo", &format!("/api/v1/releases/{id}/approve"), json!({}))
        .await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn words_in_the_other_language_are_a_machines_and_still_need_a_second_person() {
    let (a, _) = pair().await;
    let decisions = format!("/api/v1/alerts/{ALERT}/decisions");
    a.ok("Ana", &decisions, decision("refer_to_partner")).await;
    let mut body = draft("en");
    body["translate"] = json!(true);
    let made = a.ok("Ana", "/api/v1/releases", body).await;
    let r = &made["release"];
    // No engine is there: the mark says so, and what was not translated is flagged.
    assert_eq!(
        (&r["machine"]["from"], &r["machine"]["engine"]),
        (&json!("es"), &json!("glossary only"))
    );
    assert!(
        r["machine"]["flags"][0]
            .as_str()
            .unwrap()
            .starts_with("untranslated"),
        "{r}"
    );
    assert_eq!(r["state"], "draft");
    let id = r["id"].as_str().unwrap();
    let path = |what: &str| format!("/api/v1/releases/{id}/{what}");
    let report = a.get(&path("report")).await.body;
    for part in [
        "A machine (glossary only) translated",
        "<div lang=\"es\">",
        "Un camión descargó bidones.",
        // In the language of the report already: left as it was.
        "A truck unloaded drums twice.",
    ] {
        assert!(report.contains(part), "no {part} in {report}");
    }
    a.no("Ana", &path("approve"), json!({}), "another person must")
        .await;
    a.ok("Bo", &path("approve"), json!({})).await;
    let mut body = draft("es");
    body["translate"] = json!(true);
    let other = a.ok("Ana", "/api/v1/releases", body).await;
    assert_eq!(
        other["release"]["title"], "Descarga de bidones",
        "it was Spanish already"
    );
    assert!(a.ok("Ana", "/api/v1/releases", draft("es")).await["release"]["machine"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_goes_out_by_link_and_its_outcome_comes_back() {
    let (a, b) = pair().await;
    a.no(
        "Ana",
        "/api/v1/releases",
        draft("es"),
        "nobody has decided to refer",
    )
    .await;
    let decisions = format!("/api/v1/alerts/{ALERT}/decisions");
    a.ok("Ana", &decisions, decision("refer_to_partner")).await;
    a.no(
        "nobody",
        "/api/v1/releases",
        draft("es"),
        "needs a person's name",
    )
    .await;
    let made = a.ok("Ana", "/api/v1/releases", draft("es")).await;
    let id = made["release"]["id"].as_str().unwrap().to_owned();
    let path = |what: &str| format!("/api/v1/releases/{id}/{what}");

    // Two names, however they are written.
    a.no("Ana", &path("seal"), json!({}), "only an approved one")
        .await;
    a.no("  aNA ", &path("approve"), json!({}), "another person must")
        .await;
    a.no("Bo", &path("turn-down"), json!({}), "the text is empty")
        .await;
    a.ok("Bo", &path("approve"), json!({})).await;
    a.no("Bo", &path("approve"), json!({}), "only a draft")
        .await;

    let report = a.get(&path("report")).await;
    assert!(report.head.contains("sandbox"), "{}", report.head);
    for part in [
        "lang=\"es\"",
        "Descarga de bidones",
        "Volvió el martes.",
        "<b>2</b> otros que estaban a la vista",
        "zonas que la autorización prohíbe mirar",
        // JPEG's first bytes, then "eo 2 covered": the two others of that moment, not the subject.
        "data:image/jpeg;base64,/9j/ZW8gMiBjb3ZlcmVk",
        "data:image/jpeg;base64,/9j/ZW8gMCBjb3ZlcmVk",
        "SIMULADO",
    ] {
        assert!(report.body.contains(part), "{part}");
    }
    assert!(!report.body.contains("A7") && !report.body.contains("<script"));

    let sealed = a
        .ok("Carla", &path("seal"), json!({"portal": a.url()}))
        .await;
    let link = sealed["link"].as_str().unwrap().to_owned();
    let file = a.get(&path("sealed")).await;
    assert!(!file.body.contains("bidones"), "it is encrypted");

    // Looking at the page uses nothing up; fetching does.
    let token = link.split("/portal/").nth(1).unwrap();
    let page = format!("/portal/{token}");
    let spanish = [("accept-language", "es-ES,en;q=0.5")];
    let looked = a.ask("GET", &page, &spanish, "").await;
    assert!(looked.body.contains("Aquí espera"), "{}", looked.body);
    assert!(looked.head.contains("form-action 'self'"));
    let got = b
        .ok("Dora", "/api/v1/releases/fetch", json!({"link": link}))
        .await;
    assert_eq!(got["release"]["direction"], "received");
    b.no(
        "Dora",
        "/api/v1/releases/fetch",
        json!({"link": link}),
        "answers 404",
    )
    .await;
    assert_eq!(a.get(&page).await.status, 404);
    assert_eq!(a.acts_named("release.fetch").await, 1);

    // The partner answers in order; each answer is posted to the sender by itself.
    let say = |kind: &str| format!("/api/v1/releases/{id}/say/{kind}");
    b.no(
        "Dora",
        &say("accepted"),
        json!({}),
        "confirm the receipt first",
    )
    .await;
    b.ok("Dora", &say("receipt"), json!({})).await;
    b.ok(
        "Dora",
        &say("accepted"),
        json!({"text": "Nos hacemos cargo"}),
    )
    .await;
    b.no(
        "Dora",
        &say("refused"),
        json!({"text": "x"}),
        "it was answered already",
    )
    .await;
    b.ok(
        "Dora",
        &say("acting"),
        json!({"text": "Patrulla en camino"}),
    )
    .await;
    b.no("Dora", &say("outcome"), json!({}), "the text is empty")
        .await;
    b.no(
        "Dora",
        &say("purged"),
        json!({}),
        "is not for people to say",
    )
    .await;
    let last = b
        .ok(
            "Dora",
            &say("outcome"),
            json!({"text": "Intervenidos 12 bidones"}),
        )
        .await;
    assert!(
        last["messages"]
            .as_array()
            .unwrap()
            .iter()
            .all(|m| m["posted"] == true)
    );
    a.no(
        "Ana",
        &say("receipt"),
        json!({}),
        "is for the receiver to say",
    )
    .await;

    let board = a.get("/api/v1/releases").await.json();
    let shown = &board["releases"][0];
    let said: Vec<&str> = shown["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["message"]["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        said,
        ["delivered", "receipt", "accepted", "acting", "outcome"]
    );
    assert_eq!(board["sent"]["times"][4]["n"], 1);
    assert_eq!(board["sent"]["overdue"], 0);
    assert_eq!(shown["messages"][4]["message"]["by"]["verified"], false);

    // Recalled: the partner's instance finds out, deletes, and says so.
    a.no("Ana", &path("recall"), json!({}), "the text is empty")
        .await;
    a.ok("Ana", &path("recall"), json!({"reason": "Wrong truck"}))
        .await;
    let checked = b.ok("Dora", &path("check"), json!({})).await;
    assert_eq!(checked["release"]["state"], "recalled");
    assert_eq!(checked["has_content"], false);
    assert_eq!(checked["release"]["summary"], "");
    assert!(b.get(&path("report")).await.error().contains("is gone"));
    let back = a.get(&format!("/api/v1/releases/{id}")).await.json();
    assert!(back["clock"]["purged_us"].is_i64(), "{}", back["clock"]);

    for post in [&a, &b] {
        let verified = post.ok("Eva", "/api/v1/audit/verify", json!({})).await;
        assert_eq!(verified["sound"], true, "{verified}");
        let acts = post.store.acts(0, 1000).await.unwrap();
        let mut reader = AuditReader::open(post.store.dir()).await.unwrap();
        assert_eq!(reader.page().await.unwrap().len(), acts.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_file_it_goes_as_well_and_nothing_altered_is_believed() {
    let (a, b) = pair().await;
    let id = approved(&a).await;
    let path = |what: &str| format!("/api/v1/releases/{id}/{what}");
    let sealed = a.ok("Carla", &path("seal"), json!({})).await;
    assert_eq!(sealed["link"], Value::Null);
    let file = a.get(&path("sealed")).await.body;
    let inbox = "/api/v1/releases/inbox";
    let json_type = [("content-type", "application/json")];

    // A flipped bit anywhere, another receiver, junk: one line each, and an act.
    let mut broken: Value = serde_json::from_str(&file).unwrap();
    let body = broken["body"].as_str().unwrap().to_owned();
    let flipped = if body.starts_with('A') { "B" } else { "A" };
    broken["body"] = json!(format!("{flipped}{}", &body[1..]));
    let tampered = broken.to_string();
    let as_message = file.replace("\"release\"", "\"message\"");
    for (bad, says) in [
        (tampered.as_str(), "was altered on its way"),
        (as_message.as_str(), "was altered on its way"),
        ("{}", "not a sealed file"),
        ("", "not a sealed file"),
        ("\u{0}\u{1}", "not a sealed file"),
    ] {
        let said = b.ask("POST", inbox, &json_type, bad).await;
        assert_eq!(said.status, 400);
        assert!(said.error().contains(says), "{}", said.error());
    }
    assert!(
        a.ask("POST", inbox, &json_type, &file)
            .await
            .error()
            .contains("is sealed for the key")
    );
    assert_eq!(b.acts_named("refused.sealed").await, 5);

    let got = b.ask("POST", inbox, &json_type, &file).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let twice = b.ask("POST", inbox, &json_type, &file).await;
    assert!(twice.error().contains("is here already"), "{}", twice.body);

    // Answers are files now; the sender takes them in once each.
    let said = b
        .ok(
            "Dora",
            &format!("/api/v1/releases/{id}/say/receipt"),
            json!({}),
        )
        .await;
    let refused = b
        .ok(
            "Dora",
            &format!("/api/v1/releases/{id}/say/refused"),
            json!({"text": "No es nuestra zona"}),
        )
        .await;
    assert_eq!(said["messages"][1]["posted"], false);
    for m in refused["messages"].as_array().unwrap() {
        let sealed = b.get(&format!("/api/v1/messages/{}", m["n"])).await.body;
        assert_eq!(a.ask("POST", inbox, &json_type, &sealed).await.status, 200);
        let again = a.ask("POST", inbox, &json_type, &sealed).await.error();
        assert!(again.contains("it has been said already"), "{again}");
    }
    let board = a.get("/api/v1/releases").await.json();
    assert_eq!(
        board["releases"][0]["messages"][2]["message"]["text"],
        "No es nuestra zona"
    );

    // A stranger's signature is nobody's.
    let stranger = Identity::new(THEM).unwrap();
    let partners = a.get("/api/v1/partners").await.json();
    let card = atalaya_exchange::release::Card::parse(partners["card"].as_str().unwrap()).unwrap();
    let forged = atalaya_exchange::release::seal(
        atalaya_exchange::release::Parcel::Message,
        b"{}",
        &stranger,
        &card,
    )
    .unwrap();
    let said = a.ask("POST", inbox, &json_type, &forged).await.error();
    assert!(said.contains("is no known partner's"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_partners_of_the_authority_get_anything() {
    let (a, _b) = pair().await;
    let decisions = format!("/api/v1/alerts/{ALERT}/decisions");
    let mut to = decision("refer_to_partner");
    to["partner"] = json!("Somebody else");
    a.no(
        "Ana",
        &decisions,
        to,
        "the authority does not name 'Somebody else' as a partner",
    )
    .await;
    a.ok("Ana", &decisions, decision("refer_to_partner")).await;
    let mut other = draft("en");
    other["partner"] = json!("Guardia");
    a.no(
        "Ana",
        "/api/v1/releases",
        other,
        "nobody has decided to refer this alert to 'Guardia'",
    )
    .await;
    for (key, value, says) in [
        ("title", json!(""), "needs a title"),
        ("summary", json!(" "), "needs a summary"),
        ("reply_within_h", json!(0), "within 0 hours"),
        ("language", json!("fr"), "unknown variant `fr`"),
        ("alert", json!("x"), "keys look like run~id"),
        ("extra", json!(1), "unknown field `extra`"),
    ] {
        let mut bad = draft("en");
        bad[key] = value;
        a.no("Ana", "/api/v1/releases", bad, says).await;
    }
    a.no(
        "Ana",
        "/api/v1/releases/nonsense/approve",
        json!({}),
        "no release 'nonsense'",
    )
    .await;
    a.no(
        "Root",
        "/api/v1/partners",
        json!({"card": "junk"}),
        "not a partner's card",
    )
    .await;
    a.no(
        "Root",
        "/api/v1/identity",
        json!({"name": "Again"}),
        "there are keys already",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entry_is_recommended_only_after_another_person_confirmed_a_target() {
    let (a, _b) = pair().await;
    let decisions = format!("/api/v1/alerts/{ALERT}/decisions");
    let matches = format!("/api/v1/alerts/{ALERT}/matches");
    let entry = decision("recommend_entry");
    a.no(
        "Ana",
        &decisions,
        entry.clone(),
        "entry can't be recommended",
    )
    .await;
    a.no(
        "Ana",
        &matches,
        json!({"target": "Red car", "reason": "x"}),
        "names no target 'Red car'; it names: White truck",
    )
    .await;
    let truck = json!({"target": "White truck", "reason": "same dent"});
    let m = a.ok("Ana", &matches, truck.clone()).await;
    a.no("Bo", &matches, truck, "was proposed already").await;
    a.no(
        "Ana",
        &decisions,
        entry.clone(),
        "entry can't be recommended",
    )
    .await;
    let answer = |what: &str| format!("/api/v1/matches/{}/{what}", m["n"]);
    a.no(
        "ana",
        &answer("confirm"),
        json!({"reason": "sure"}),
        "another person must look",
    )
    .await;
    a.no("Bo", &answer("confirm"), json!({}), "the text is empty")
        .await;
    a.no(
        "nobody",
        &answer("confirm"),
        json!({"reason": "x"}),
        "needs a person's name",
    )
    .await;
    a.ok(
        "Bo",
        &answer("confirm"),
        json!({"reason": "plate of the order"}),
    )
    .await;
    a.no(
        "Bo",
        &answer("deny"),
        json!({"reason": "x"}),
        "was confirmed already",
    )
    .await;
    let d = a.ok("Ana", &decisions, entry).await;
    assert_eq!(d["target"], "White truck");
    assert_eq!(d["options"], json!(["continue", "recommend_entry"]));
    let all = a.get(&decisions).await.json();
    assert_eq!(all["matches"][0]["answered"]["by"]["name"], "Bo");
    for what in ["alert.decide", "match.propose", "match.confirm"] {
        assert_eq!(a.acts_named(what).await, 1, "{what}");
    }
    a.no(
        "nobody",
        &decisions,
        decision("continue"),
        "needs a person's name",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn effectors_and_biometrics_are_refused_at_every_door_and_logged() {
    let (a, b) = pair().await;
    let bodies = [
        json!({"choice": "strike"}),
        json!({"choice": "continue", "options": ["engage"]}),
        json!({"kind": "lethal"}),
        json!({"weapon": "x"}),
        json!({"a": {"b": [{"effector_task": 1}]}}),
        json!({"face_template": "x"}),
        json!({"text": "fine", "gait": 1}),
    ];
    let doors = [
        format!("/api/v1/alerts/{ALERT}/decisions"),
        format!("/api/v1/alerts/{ALERT}/matches"),
        format!("/api/v1/alerts/{ALERT}/acknowledge"),
        "/api/v1/matches/1/confirm".into(),
        "/api/v1/releases".into(),
        "/api/v1/releases/x/approve".into(),
        "/api/v1/releases/x/turn-down".into(),
        "/api/v1/releases/x/seal".into(),
        "/api/v1/releases/x/recall".into(),
        "/api/v1/releases/x/say/outcome".into(),
        "/api/v1/releases/fetch".into(),
        "/api/v1/partners".into(),
        "/api/v1/identity".into(),
        "/api/v1/notes".into(),
        "/api/v1/tracks/merge".into(),
        "/api/v1/tracks/A1/split".into(),
    ];
    let mut tried = 0;
    for door in &doors {
        for body in &bodies {
            let said = a.as_("Mallory", "POST", door, body.clone()).await;
            assert_eq!(said.status, 403, "{door} {body}");
            assert!(said.error().starts_with("refused: '"), "{}", said.error());
            tried += 1;
        }
    }
    for door in [
        format!("/api/v1/alerts/{ALERT}/engage"),
        "/api/v1/matches/1/kill".into(),
        "/api/v1/releases/x/say/strike".into(),
    ] {
        let said = a.as_("Mallory", "POST", &door, json!({})).await;
        assert_eq!(said.status, 403, "{door}");
        tried += 1;
    }
    let logged = a.acts_named("refused.effector").await + a.acts_named("refused.biometric").await;
    assert_eq!(logged, tried);
    let said = a.as_("Mallory", "POST", "/api/v1/strike", json!({})).await;
    assert!(said.status == 404 || said.status == 405, "{}", said.status);

    // What people write about what they saw is not a tasking.
    a.ok(
        "Ana",
        "/api/v1/notes",
        json!({"kind": "observation", "t_us": 1, "text": "one carried a weapon"}),
    )
    .await;

    // A partner whose program knows other words.
    let identity = atalaya_server::Desk::new(a.store.clone())
        .identity()
        .unwrap()
        .unwrap();
    let theirs = b.get("/api/v1/partners").await.json();
    let card = atalaya_exchange::release::Card::parse(theirs["card"].as_str().unwrap()).unwrap();
    let package = json!({"schema": "release-package/1", "release": {"engagement": "now"}});
    let sealed = atalaya_exchange::release::seal(
        atalaya_exchange::release::Parcel::Release,
        package.to_string().as_bytes(),
        &identity,
        &card,
    )
    .unwrap();
    let json_type = [("content-type", "application/json")];
    let said = b
        .ask("POST", "/api/v1/releases/inbox", &json_type, &sealed)
        .await;
    assert!(
        said.error().contains("'engagement' names an effector"),
        "{}",
        said.error()
    );
    assert_eq!(b.acts_named("refused.never").await, 1);
    let metrics = a.get("/metrics").await.body;
    assert!(
        metrics.contains(&format!("atalaya_requests_refused_total {tried}")),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_asked_at_every_route() {
    let post = Post::with(Options {
        web: Web::None,
        ..Options::default()
    })
    .await;
    post.write(vec![run(), crate::client::stored(1)]);
    let password = "correct horse battery";
    let mut cookies = Vec::new();
    for role in Role::ALL {
        add_user(&post.store, role.name(), password, &[role])
            .await
            .unwrap();
    }
    for role in Role::ALL {
        let login = json!({"name": role.name(), "password": password}).to_string();
        let reply = post.post("/api/v1/login", &login).await;
        assert_eq!(reply.json()["roles"], json!([role.name()]));
        let line = reply
            .head
            .lines()
            .find_map(|l| l.strip_prefix("set-cookie: "));
        cookies.push((role, line.unwrap().split(';').next().unwrap().to_owned()));
    }
    // (method, path, who may)
    use Role::*;
    let table: [(&str, String, &[Role]); 10] = [
        ("GET", "/api/v1/operation".into(), &Role::ALL),
        (
            "GET",
            "/api/v1/alerts".into(),
            &[WatchOfficer, Analyst, Approver, Liaison, Auditor],
        ),
        (
            "GET",
            "/api/v1/still?feed=eo&t=1".into(),
            &[WatchOfficer, Analyst, Approver, Liaison],
        ),
        (
            "POST",
            format!("/api/v1/alerts/{ALERT}/decisions"),
            &[WatchOfficer],
        ),
        (
            "POST",
            "/api/v1/releases".into(),
            &[WatchOfficer, Analyst, Liaison],
        ),
        ("POST", "/api/v1/releases/x/approve".into(), &[Approver]),
        ("POST", "/api/v1/releases/x/seal".into(), &[Liaison]),
        (
            "POST",
            "/api/v1/releases/x/say/receipt".into(),
            &[WatchOfficer, Liaison],
        ),
        ("GET", "/api/v1/audit".into(), &[Auditor]),
        ("POST", "/api/v1/partners".into(), &[Administrator]),
    ];
    let mut refused = 0;
    for (method, path, may) in &table {
        for (role, cookie) in &cookies {
            let headers = [
                ("cookie", cookie.as_str()),
                ("content-type", "application/json"),
            ];
            let reply = post.ask(method, path, &headers, "{}").await;
            assert_eq!(
                reply.status == 403,
                !may.contains(role),
                "{role} {method} {path}: {}",
                reply.body
            );
            if reply.status == 403 {
                assert!(
                    reply
                        .error()
                        .contains("may not do this: it needs one of the roles")
                );
                refused += 1;
            }
        }
    }
    assert_eq!(post.acts_named("refused").await, refused);
}
