//! The steps, in their order: how each is done, and how it shows that somebody has done it.

use super::person::encoded;
use super::stage::{AlertRef, Facts, Stage, cast, facts};
use crate::partner_post::PARTNER;
use anyhow::{Context as _, Result};
use atalaya_model::Micros;
use serde_json::{Value, json};

/// A step of the story.
pub struct Step {
    /// What it is.
    pub id: &'static str,
    /// Seconds to read before it goes on by itself; 0: it waits for the world.
    pub reading_s: f64,
    /// Does it; gives what came of it at once, or leaves that to `seen`.
    pub act: fn(&mut Stage) -> Result<Option<Facts>>,
    /// What came of it, once it has been done by anybody.
    pub seen: fn(&mut Stage) -> Result<Option<Facts>>,
}

/// From a judge's order to the record of it all.
pub const STEPS: &[Step] = &[
    step("order", 9.0, order, nothing),
    step("plan", 8.0, plan, nothing),
    step("flight", 9.0, flight, nothing),
    step("watch", 0.0, nothing, watched),
    step("alert", 0.0, nothing, alerted),
    step("acknowledge", 10.0, acknowledge, acknowledged),
    step("note", 7.0, note, noted),
    step("translate", 5.0, translate, nothing),
    step("match", 9.0, confirm_target, target_confirmed),
    step("network", 8.0, link, nothing),
    step("decide", 9.0, decide, decided),
    step("release", 9.0, draft, approved),
    step("partner", 9.0, hand_over, received),
    step("acting", 9.0, answer, acting),
    step("outcome", 8.0, tell_outcome, outcome),
    step("audit", 8.0, verify, nothing),
];

const fn step(
    id: &'static str,
    reading_s: f64,
    act: fn(&mut Stage) -> Result<Option<Facts>>,
    seen: fn(&mut Stage) -> Result<Option<Facts>>,
) -> Step {
    Step {
        id,
        reading_s,
        act,
        seen,
    }
}

/// The rule that joins a delivery and an emission.
const RULE: &str = "delivery-and-gas";
const NOTE: &str = "Camión de caja clara descarga bidones junto a la nave norte, a 15 m de la puerta; matrícula no visible. Coincide con el de la orden 118/2026. Aviso a la Unidad de frontera a las 05:30.";
const TITLE: &str = "Descarga de bidones y metano en la nave norte";
const SUMMARY: &str = "Un camión de caja clara entró por la puerta, permaneció en el patio y varias personas trabajaron junto a él. A la vez, el sensor de gas señala una fuente de metano en la nave norte. No se identificó a ninguna persona.";

/// What the order's papers say, as a list: the file's name, the file, its vehicle, whose it is. Nobody's.
const PAPERS: (&str, &str, &str, &str) = (
    "orden-118-2026.csv",
    "source,target,kind,source_kind,target_kind\n\
     Camión de caja clara (orden 118/2026),Transportes Ejemplo (ficticia),owner,vehicle,organisation\n\
     Transportes Ejemplo (ficticia),Almacén del puerto (ficticio),rents,organisation,place\n",
    "Camión de caja clara (orden 118/2026)",
    "Transportes Ejemplo (ficticia)",
);

fn nothing(_: &mut Stage) -> Result<Option<Facts>> {
    Ok(None)
}

fn order(stage: &mut Stage) -> Result<Option<Facts>> {
    let op = stage.ours.get("operation")?;
    let a = &op["authority"];
    Ok(Some(facts([
        ("issuer", a["issuer"].clone()),
        ("reference", a["reference"].clone()),
        ("until_us", a["valid_until_us"].clone()),
    ])))
}

fn plan(stage: &mut Stage) -> Result<Option<Facts>> {
    let c = stage.sky.plan()?;
    let sight = c["line_of_sight"].as_object();
    let worst = sight
        .into_iter()
        .flat_map(|s| s.values())
        .filter_map(Value::as_f64)
        .fold(1.0, f64::min);
    Ok(Some(facts([
        ("radius_m", c["flown_radius_m"].clone()),
        ("fence_m", c["margin_m"]["fence"].clone()),
        ("terrain_m", c["margin_m"]["terrain"].clone()),
        ("sight", json!(worst)),
        ("station_s", c["station_s"].clone()),
    ])))
}

fn flight(stage: &mut Stage) -> Result<Option<Facts>> {
    let line = stage.sky.fly(cast::OFFICER)?;
    Ok(Some(facts([
        ("by", cast::OFFICER.into()),
        ("system", line["system"].clone()),
        ("items", line["items"]["mission"].clone()),
    ])))
}

/// Something has moved, and a sensor on the ground has said so.
fn watched(stage: &mut Stage) -> Result<Option<Facts>> {
    let events = stage
        .ours
        .get(&format!("events?from={}&limit=1000", stage.since.0))?;
    let all = events.as_array().cloned().unwrap_or_default();
    let count = |kind: &str| all.iter().filter(|e| e["event"]["kind"] == kind).count();
    let (arrivals, cues) = (count("arrival"), count("cue"));
    Ok((arrivals > 0 && cues > 0).then(|| {
        facts([
            ("arrivals", arrivals.into()),
            ("cues", cues.into()),
            ("emissions", count("emission").into()),
        ])
    }))
}

fn alerted(stage: &mut Stage) -> Result<Option<Facts>> {
    let page = stage.ours.get("alerts?state=open&limit=200")?;
    let all = page["alerts"].as_array().cloned().unwrap_or_default();
    for a in all.iter().filter(|a| a["alert"]["rule"] == RULE) {
        let opened = a["alert"]["opened_at"]
            .as_str()
            .and_then(Micros::parse_rfc3339);
        let key = a["key"].as_str().unwrap_or_default();
        if opened.is_none_or(|t| t < stage.since) {
            continue;
        }
        // Not one that somebody has already decided on.
        let decided = stage
            .ours
            .get(&format!("alerts/{}/decisions", encoded(key)))?;
        if decided["decisions"]
            .as_array()
            .is_none_or(|d| !d.is_empty())
        {
            continue;
        }
        let subjects = a["alert"]["subjects"].as_array();
        stage.alert = Some(AlertRef {
            key: key.to_owned(),
            run: a["run"].as_str().unwrap_or_default().to_owned(),
            subjects: subjects
                .into_iter()
                .flatten()
                .filter_map(|s| s.as_str().map(str::to_owned))
                .collect(),
        });
        return Ok(Some(facts([
            ("key", key.into()),
            ("zone", a["alert"]["zone"].clone()),
        ])));
    }
    Ok(None)
}

fn acknowledge(stage: &mut Stage) -> Result<Option<Facts>> {
    let path = stage.of_alert("/acknowledge")?;
    stage.ours.act(cast::OFFICER, &path, &json!({"text": ""}))?;
    Ok(None)
}

fn acknowledged(stage: &mut Stage) -> Result<Option<Facts>> {
    let detail = stage.ours.get(&stage.of_alert("")?)?;
    let acts = detail["acts"].as_array();
    let by = acts
        .into_iter()
        .flatten()
        .find(|a| a["act"] == "acknowledge")
        .map(|a| a["author"]["name"].clone());
    Ok(by.map(|by| facts([("by", by)])))
}

fn newest_note(stage: &Stage) -> Result<Option<Value>> {
    let notes = stage.ours.get("notes?limit=1")?;
    Ok(notes.get(0).cloned())
}

fn note(stage: &mut Stage) -> Result<Option<Facts>> {
    let t_us = crate::station::now().0;
    let run = &stage.alert()?.run;
    let body = json!({"kind": "observation", "t_us": t_us, "run": run, "text": NOTE});
    stage.ours.act(cast::OFFICER, "notes", &body)?;
    Ok(None)
}

fn noted(stage: &mut Stage) -> Result<Option<Facts>> {
    let newest = newest_note(stage)?;
    let n = newest.as_ref().and_then(|n| n["n"].as_i64()).unwrap_or(0);
    // Only what is written from now on.
    let before = *stage.note.get_or_insert(n);
    Ok(newest.filter(|_| n > before).map(|v| {
        stage.note = Some(n);
        facts([
            ("n", n.into()),
            ("text", v["text"].clone()),
            ("by", v["author"]["name"].clone()),
        ])
    }))
}

fn translate(stage: &mut Stage) -> Result<Option<Facts>> {
    let note = newest_note(stage)?.context("there is no note")?;
    let body = json!({"text": note["text"], "to": "en"});
    let made = stage.ours.act(cast::ANALYST, "translations", &body)?;
    let kept = made["kept"].as_array().cloned().unwrap_or_default();
    Ok(Some(facts([
        ("text", made["text"].clone()),
        ("engine", made["engine"].clone()),
        (
            "kept",
            kept.iter().filter(|k| k["kept"] == true).count().into(),
        ),
        ("of", kept.len().into()),
    ])))
}

fn confirm_target(stage: &mut Stage) -> Result<Option<Facts>> {
    let known = stage.ours.get(&stage.of_alert("/decisions")?)?;
    let target = known["targets"][0]["name"].clone();
    let proposed = json!({"target": target, "reason": "Caja clara y baca, como dice la orden"});
    let path = stage.of_alert("/matches")?;
    let made = stage.ours.act(cast::OFFICER, &path, &proposed)?;
    let reason = json!({"reason": "Visto en las imágenes: misma caja y misma baca"});
    let path = format!("matches/{}/confirm", made["n"]);
    stage.ours.act(cast::ANALYST, &path, &reason)?;
    Ok(None)
}

fn target_confirmed(stage: &mut Stage) -> Result<Option<Facts>> {
    let known = stage.ours.get(&stage.of_alert("/decisions")?)?;
    let matches = known["matches"].as_array();
    let confirmed = matches
        .into_iter()
        .flatten()
        .find(|m| m["state"] == "confirmed")
        .cloned();
    Ok(confirmed.map(|m| {
        facts([
            ("target", m["target"].clone()),
            ("proposed", m["proposed"]["by"]["name"].clone()),
            ("confirmed", m["answered"]["by"]["name"].clone()),
        ])
    }))
}

/// What the order's papers say of its vehicle: brought in, and linked with the one that was seen by a
/// person's judgement, which can be taken back.
fn link(stage: &mut Stage) -> Result<Option<Facts>> {
    let alert = stage.alert()?.clone();
    let known = stage.ours.get("network")?;
    let imports = known["imports"].as_array().into_iter().flatten();
    let there = imports
        .filter(|i| i["name"] == PAPERS.0 && i["undone"] == false)
        .count();
    if there == 0 {
        let path = format!("network/imports?name={}", encoded(PAPERS.0));
        stage.ours.bring(cast::ANALYST, &path, PAPERS.1)?;
    }
    let answer = stage.ours.get("network")?;
    let network = &answer["network"];
    let nodes = network["nodes"].as_array().cloned().unwrap_or_default();
    let ends: Vec<String> = alert
        .subjects
        .iter()
        .map(|s| format!("/{}/{s}", alert.run))
        .collect();
    let is_ours = |n: &Value| {
        let also = n["also"].as_array().into_iter().flatten();
        let ids: Vec<&str> = also.chain([&n["id"]]).filter_map(Value::as_str).collect();
        ids.iter().any(|id| ends.iter().any(|e| id.ends_with(e)))
    };
    let at = nodes
        .iter()
        .position(is_ours)
        .context("the vehicle of the alert is not in the network yet; try again in a moment")?;
    let links = network["links"].as_array().cloned().unwrap_or_default();
    let places: Vec<Value> = links
        .iter()
        .filter(|l| l["kind"] == "visit" && (l["a"] == at || l["b"] == at))
        .filter_map(|l| {
            let other = if l["a"] == at { &l["b"] } else { &l["a"] };
            let other = usize::try_from(other.as_u64()?).ok()?;
            Some(nodes.get(other)?["name"].clone())
        })
        .collect();
    let paper = nodes
        .iter()
        .find(|n| n["name"] == PAPERS.2)
        .context("the order's papers are not in the network")?;
    // Said before, of another day's vehicle that was made one with it.
    if paper["id"] != nodes[at]["id"] {
        let judgement = json!({
            "left": nodes[at]["id"], "right": paper["id"], "verdict": "same",
            "reason": "Coincidencia con la orden, confirmada por dos personas",
        });
        stage
            .ours
            .act(cast::ANALYST, "network/judgements", &judgement)?;
    }
    Ok(Some(facts([
        ("node", nodes[at]["id"].clone()),
        ("name", nodes[at]["name"].clone()),
        ("places", places.into()),
        ("paper", PAPERS.2.into()),
        ("organisation", PAPERS.3.into()),
    ])))
}

fn decide(stage: &mut Stage) -> Result<Option<Facts>> {
    let body = json!({
        "assessment": "Un camión descarga bidones y hay una fuente de metano en la nave norte. No se sabe qué contienen.",
        "options": ["continue", "refer_to_partner", "seek_order"],
        "choice": "refer_to_partner",
        "reason": "La carretera y su control son competencia de la Unidad de frontera.",
        "partner": PARTNER,
    });
    let path = stage.of_alert("/decisions")?;
    stage.ours.act(cast::OFFICER, &path, &body)?;
    Ok(None)
}

fn decided(stage: &mut Stage) -> Result<Option<Facts>> {
    let known = stage.ours.get(&stage.of_alert("/decisions")?)?;
    let decisions = known["decisions"].as_array();
    let referred = decisions
        .into_iter()
        .flatten()
        .find(|d| d["choice"] == "refer_to_partner")
        .cloned();
    Ok(referred.map(|d| {
        facts([
            ("by", d["by"]["name"].clone()),
            ("partner", d["partner"].clone()),
        ])
    }))
}

fn draft(stage: &mut Stage) -> Result<Option<Facts>> {
    let body = json!({
        "alert": stage.alert()?.key, "partner": PARTNER, "language": "es",
        "title": TITLE, "summary": SUMMARY, "reply_within_h": 4,
    });
    let made = stage.ours.act(cast::OFFICER, "releases", &body)?;
    let id = made["release"]["id"]
        .as_str()
        .context("the release has no id")?;
    stage.release = Some(id.to_owned());
    let path = format!("releases/{}/approve", encoded(id));
    let reason = json!({"reason": "Solo lo necesario; nadie es reconocible"});
    stage.ours.act(cast::APPROVER, &path, &reason)?;
    Ok(None)
}

fn approved(stage: &mut Stage) -> Result<Option<Facts>> {
    let Some(r) = stage.release_at(&stage.ours)? else {
        return Ok(None);
    };
    let r = &r["release"];
    if r["approved"].is_null() {
        return Ok(None);
    }
    let id = r["id"].as_str().unwrap_or_default();
    stage.release = Some(id.to_owned());
    let removed = r["removed"].as_array();
    let removed = removed
        .into_iter()
        .flatten()
        .filter_map(|r| r["count"].as_u64());
    Ok(Some(facts([
        ("id", id.into()),
        ("drafted", r["drafted"]["by"]["name"].clone()),
        ("approved", r["approved"]["by"]["name"].clone()),
        ("removed", removed.sum::<u64>().into()),
    ])))
}

fn release_path(stage: &Stage, what: &str) -> Result<String> {
    let id = stage
        .release
        .as_ref()
        .context("there is no release yet; draft it and have it approved")?;
    Ok(format!("releases/{}{what}", encoded(id)))
}

/// Seals it, unless somebody has, and lets the partner fetch it.
fn hand_over(stage: &mut Stage) -> Result<Option<Facts>> {
    if stage.link.is_none() {
        let body = json!({"portal": stage.ours.url()});
        let path = release_path(stage, "/seal")?;
        let sealed = stage.ours.act(cast::LIAISON, &path, &body)?;
        let link = sealed["link"].as_str().context("the release got no link")?;
        stage.link = Some(link.to_owned());
    }
    let body = json!({"link": stage.link});
    stage.theirs.act(cast::PARTNER, "releases/fetch", &body)?;
    say(stage, "receipt", "")?;
    Ok(None)
}

fn say(stage: &Stage, kind: &str, text: &str) -> Result<Value> {
    let path = release_path(stage, &format!("/say/{kind}"))?;
    stage
        .theirs
        .act(cast::PARTNER, &path, &json!({"text": text}))
}

fn clock(stage: &Stage, station: &'static str) -> Result<Option<Facts>> {
    let Some(r) = stage.release_at(&stage.ours)? else {
        return Ok(None);
    };
    let (sealed, then) = (&r["clock"]["sealed_us"], &r["clock"][station]);
    let (Some(sealed), Some(then)) = (sealed.as_i64(), then.as_i64()) else {
        return Ok(None);
    };
    Ok(Some(facts([
        ("id", r["release"]["id"].clone()),
        ("after_s", json!((then - sealed) as f64 * 1e-6)),
    ])))
}

fn received(stage: &mut Stage) -> Result<Option<Facts>> {
    clock(stage, "receipt_us")
}

fn answer(stage: &mut Stage) -> Result<Option<Facts>> {
    say(stage, "accepted", "Nos hacemos cargo")?;
    say(stage, "acting", "Control en la carretera comarcal")?;
    Ok(None)
}

fn acting(stage: &mut Stage) -> Result<Option<Facts>> {
    clock(stage, "acting_us")
}

fn tell_outcome(stage: &mut Stage) -> Result<Option<Facts>> {
    say(stage, "outcome", "Camión parado; 12 bidones intervenidos")?;
    Ok(None)
}

fn outcome(stage: &mut Stage) -> Result<Option<Facts>> {
    clock(stage, "outcome_us")
}

fn verify(stage: &mut Stage) -> Result<Option<Facts>> {
    let ours = stage.ours.act(cast::AUDITOR, "audit/verify", &json!({}))?;
    let theirs = stage
        .theirs
        .act(cast::AUDITOR, "audit/verify", &json!({}))?;
    Ok(Some(facts([
        ("acts", ours["acts"].clone()),
        ("sound", ours["sound"].clone()),
        ("partner_acts", theirs["acts"].clone()),
        ("partner_sound", theirs["sound"].clone()),
    ])))
}
