//! The product: what goes in, what is left out, and the bytes that are approved.

use super::package::{Basis, FileEntry, Manifest, Originals, Seen, Source, hex};
use super::report;
use super::words::words;
use atalaya_model::{
    Alert, Decision, Done, Event, EvidenceRef, MachineMark, Micros, Operation, PixelBox,
    ReleaseLanguage, Removed,
};
use sha2::{Digest, Sha256};

/// Pictures in a release.
const MOST_PICTURES: usize = 6;
/// Largest picture, bytes.
const MOST_JPEG: usize = 2 << 20;
/// Events in a release.
const MOST_EVENTS: usize = 50;

/// A picture of the evidence, with what the authority hides painted over already.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The feed.
    pub feed: String,
    /// Event time.
    pub t: Micros,
    /// Who it is about, in pixels of the source.
    pub bbox: Option<PixelBox>,
    /// Width and height of the source, pixels, where known; without it no box is drawn.
    pub size: Option<(u32, u32)>,
    /// JPEG.
    pub jpeg: Vec<u8>,
}

/// What was left out before the product is written, as counted by whoever gathered its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Tracks in view during the alert that are not its subjects.
    pub other_tracks: u64,
    /// Pictures of the evidence that the gate refuses, or that are gone.
    pub pictures: u64,
    /// Words of the watch on the alert.
    pub internal_words: u64,
}

/// What a machine made of the words of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translated {
    /// Language, engine, what could not be checked.
    pub mark: MachineMark,
    /// One line.
    pub title: String,
    /// What the partner should know.
    pub summary: String,
    /// The sender's assessment.
    pub assessment: String,
}

/// All that a release is made of.
#[derive(Clone, Debug)]
pub struct ReleaseInput<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The release's id.
    pub id: &'a str,
    /// Our name, as on our card.
    pub from: &'a str,
    /// The partner's.
    pub to: &'a str,
    /// The run of the alert.
    pub run: &'a str,
    /// The alert.
    pub alert: &'a Alert,
    /// The events that led to it.
    pub events: &'a [Event],
    /// The decision it follows.
    pub decision: &'a Decision,
    /// The language of the report.
    pub language: ReleaseLanguage,
    /// One line.
    pub title: &'a str,
    /// What the partner should know.
    pub summary: &'a str,
    /// An answer is wanted within so many hours.
    pub reply_within_h: u32,
    /// Who drafts it.
    pub drafted: Done,
    /// The partner deletes it by then.
    pub delete_by: Micros,
    /// Pictures.
    pub pictures: &'a [Picture],
    /// Title, summary and assessment in the language of the report, where a machine translated them: then
    /// they stand there in its words, marked, with what was written beside them.
    pub translated: Option<&'a Translated>,
    /// What was left out.
    pub left_out: LeftOut,
}

/// A product, ready to be approved.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// What it says, for machines.
    pub manifest: Manifest,
    /// The manifest's text.
    pub text: String,
    /// SHA-256 of that text, hex.
    pub sha256: String,
    /// The report, one self-contained HTML document.
    pub report: String,
}

/// Writes the product: a function of its input.
pub fn write(input: &ReleaseInput<'_>) -> Product {
    let usable = |p: &&Picture| p.jpeg.len() <= MOST_JPEG && p.jpeg.starts_with(&[0xff, 0xd8]);
    let pictures: Vec<&Picture> = input
        .pictures
        .iter()
        .filter(usable)
        .take(MOST_PICTURES)
        .collect();
    let gone = input.pictures.len() - pictures.len();
    let removed = removed(input, gone as u64);
    let zones = &input.operation.site.zones;
    let zone = |id: &str| {
        let named = zones.iter().find(|z| z.id == id).map(|z| z.name.trim());
        named.filter(|n| !n.is_empty()).unwrap_or(id).to_owned()
    };
    // Only those the alert is about: an event may name others.
    let ours = |subjects: &[String]| -> Vec<String> {
        subjects
            .iter()
            .filter(|s| input.alert.subjects.contains(s))
            .cloned()
            .collect()
    };
    let mut events: Vec<&Event> = input
        .events
        .iter()
        .filter(|e| input.alert.events.contains(&e.id))
        .collect();
    events.sort_by_key(|e| (e.time, &e.id));
    let seen: Vec<Seen> = events
        .iter()
        .take(MOST_EVENTS)
        .map(|e| Seen {
            kind: e.kind.name().to_owned(),
            time: e.time,
            zone: zone(&e.zone),
            subjects: ours(&e.subjects),
            p: e.p,
            lat: e.lat,
            lon: e.lon,
        })
        .collect();
    let a = &input.operation.authority;
    let mut manifest = Manifest {
        schema: Manifest::SCHEMA.into(),
        release: input.id.into(),
        from: input.from.into(),
        to: input.to.into(),
        operation: input.operation.id.clone(),
        operation_name: input.operation.name.clone(),
        simulated: input.operation.simulated,
        authority: Basis {
            issuer: a.issuer.clone(),
            legal_basis: a.legal_basis.clone(),
            reference: a.reference.clone(),
            purpose: a.purpose.clone(),
            valid_until: a.valid_until.clone(),
        },
        language: input.language,
        title: input.translated.map_or(input.title, |t| &t.title).into(),
        summary: input
            .translated
            .map_or(input.summary, |t| &t.summary)
            .into(),
        choice: input.decision.choice,
        assessment: input
            .translated
            .map_or(&input.decision.assessment, |t| &t.assessment)
            .clone(),
        originals: input.translated.map(|t| Originals {
            mark: t.mark.clone(),
            title: input.title.into(),
            summary: input.summary.into(),
            assessment: input.decision.assessment.clone(),
        }),
        alert: format!("{}~{}", input.run, input.alert.id),
        opened_at: input.alert.opened_at,
        events: seen,
        removed,
        reply_within_h: input.reply_within_h,
        delete_by: input.delete_by,
        drafted: input.drafted.clone(),
        files: Vec::new(),
    };
    let kinds: Vec<_> = events.iter().map(|e| e.kind).collect();
    let report = report::html(&manifest, &kinds, &pictures);
    manifest
        .files
        .push(entry(Manifest::REPORT, report.as_bytes(), None));
    for (i, p) in pictures.iter().enumerate() {
        let source = Source {
            feed: p.feed.clone(),
            t: p.t,
            segment: segment(&input.alert.evidence, p),
        };
        let name = format!("picture-{}.jpg", i + 1);
        manifest.files.push(entry(&name, &p.jpeg, Some(source)));
    }
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    Product {
        sha256: hex(&Sha256::digest(&text)),
        manifest,
        text,
        report,
    }
}

fn entry(name: &str, bytes: &[u8], source: Option<Source>) -> FileEntry {
    FileEntry {
        name: name.into(),
        bytes: bytes.len() as u64,
        sha256: hex(&Sha256::digest(bytes)),
        source,
    }
}

/// The segment that a picture lies in, when it is closed and hashed.
fn segment(evidence: &[EvidenceRef], p: &Picture) -> Option<String> {
    evidence
        .iter()
        .find(|e| e.feed == p.feed && e.frames.iter().any(|f| f.t == p.t))
        .and_then(|e| e.segment.clone())
}

fn removed(input: &ReleaseInput<'_>, unusable: u64) -> Vec<Removed> {
    let w = words(input.language);
    let l = input.left_out;
    let no_look = input.operation.authority.no_look.len() as u64;
    let pictured = !input.pictures.is_empty();
    [
        (
            "other_tracks",
            l.other_tracks,
            w.why_other_tracks,
            l.other_tracks > 0,
        ),
        ("no_look", no_look, w.why_no_look, no_look > 0 && pictured),
        (
            "refused_picture",
            l.pictures + unusable,
            w.why_refused_picture,
            l.pictures + unusable > 0,
        ),
        ("aircraft", 0, w.why_aircraft, true),
        (
            "internal_words",
            l.internal_words,
            w.why_internal_words,
            true,
        ),
        ("segments", 0, w.why_segments, true),
    ]
    .into_iter()
    .filter(|(_, _, _, there)| *there)
    .map(|(what, count, why, _)| Removed {
        what: what.into(),
        count,
        why: why.into(),
    })
    .collect()
}
