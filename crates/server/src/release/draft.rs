//! Writing a release: its parts out of the store, the product out of its parts.

use super::desk::{Desk, DeskError, invalid, now};
use super::translate::translated;
use crate::stills::StillSource;
use atalaya_engine::language::Interpreter;
use atalaya_exchange::release::{LeftOut, Manifest, Package, Picture, ReleaseInput, write};
use atalaya_model::{
    Author, Decision, Direction, Done, Micros, Operation, Release, ReleaseLanguage, ReleaseState,
};
use atalaya_store::{StoreError, StoredRelease, StoredTrack};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Pictures of an alert's evidence that go into a release.
const PICTURES: usize = 4;
const PICTURE_WIDTH: u32 = 960;
/// Longest title, bytes.
const LONGEST_TITLE: usize = 200;
/// Where somebody was so near in time, there he is covered in a picture.
const NEAR_US: u64 = 300_000;
/// A track was in view during an alert when it has points this near to its evidence.
const AROUND_US: i64 = 5_000_000;

/// A release to be drafted.
#[derive(Clone, Debug)]
pub struct DraftRequest {
    /// The run of the alert.
    pub run: String,
    /// The alert's id in its run.
    pub alert: String,
    /// The decision it follows, by its number; the latest one that refers it to the partner when
    /// absent.
    pub decision: Option<i64>,
    /// The partner's name, as in the authority.
    pub partner: String,
    /// The language of the report.
    pub language: ReleaseLanguage,
    /// One line.
    pub title: String,
    /// What the partner should know.
    pub summary: String,
    /// An answer is wanted within so many hours.
    pub reply_within_h: u32,
}

impl Desk {
    /// Writes a release out of an alert and a decision: a draft, for a second person to approve.
    pub async fn draft(
        &self,
        operation: &Operation,
        stills: Arc<dyn StillSource>,
        new: DraftRequest,
        author: &Author,
    ) -> Result<StoredRelease, DeskError> {
        self.draft_with(operation, stills, new, None, author).await
    }

    /// The same in the other language than it was written in: a machine translates title, summary and
    /// assessment into the language of the report, and the report says so and has the originals.
    pub async fn draft_translated(
        &self,
        operation: &Operation,
        stills: Arc<dyn StillSource>,
        new: DraftRequest,
        interpreter: Arc<Interpreter>,
        author: &Author,
    ) -> Result<StoredRelease, DeskError> {
        self.draft_with(operation, stills, new, Some(interpreter), author)
            .await
    }

    async fn draft_with(
        &self,
        operation: &Operation,
        stills: Arc<dyn StillSource>,
        new: DraftRequest,
        interpreter: Option<Arc<Interpreter>>,
        author: &Author,
    ) -> Result<StoredRelease, DeskError> {
        let me = self.me()?;
        let title = new.title.trim();
        if title.is_empty() || title.len() > LONGEST_TITLE {
            return Err(invalid(format!(
                "a release needs a title of one line, {LONGEST_TITLE} bytes at most"
            )));
        }
        if new.summary.trim().is_empty() || new.summary.len() > 4000 {
            return Err(invalid(
                "a release needs a summary, 4000 bytes at most: what should the partner know?",
            ));
        }
        if !(1..=2160).contains(&new.reply_within_h) {
            return Err(invalid(format!(
                "an answer within {} hours can't be asked for; give 1 to 2160",
                new.reply_within_h
            )));
        }
        let (stored, acts) = self.store.alert(&new.run, &new.alert).await?;
        let decision = self.decision(&new).await?;
        let translated = match interpreter {
            None => None,
            Some(i) => {
                let words = [title, new.summary.trim(), &decision.assessment].map(str::to_owned);
                Some(translated(i, words, new.language).await?)
            }
        };
        let alert = stored.alert;
        let mut events = Vec::new();
        for id in alert.events.iter().take(100) {
            match self.store.event(&new.run, id).await {
                Ok(event) => events.push(event),
                // It may have passed its date.
                Err(StoreError::NotFound { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        let others = self.others(&new.run, &alert).await?;
        let other_tracks = others.len() as u64;
        let (pictures, gone) = pictures(stills, &alert.evidence, others).await;
        let left_out = LeftOut {
            other_tracks,
            pictures: gone,
            internal_words: acts.iter().filter(|a| !a.text.is_empty()).count() as u64,
        };
        let at = now();
        let days = i64::from(operation.authority.retention.evidence_days);
        let delete_by = Micros(at.0.saturating_add(days * 86_400_000_000));
        let id = random_id()?;
        let drafted = Done {
            by: author.clone(),
            at,
        };
        let product = write(&ReleaseInput {
            operation,
            id: &id,
            from: me.name(),
            to: &new.partner,
            run: &new.run,
            alert: &alert,
            events: &events,
            decision: &decision,
            language: new.language,
            title,
            summary: new.summary.trim(),
            reply_within_h: new.reply_within_h,
            drafted: drafted.clone(),
            delete_by,
            pictures: &pictures,
            translated: translated.as_ref(),
            left_out,
        });
        let release = Release {
            schema: Release::SCHEMA.into(),
            id: id.clone(),
            direction: Direction::Sent,
            state: ReleaseState::Draft,
            from: me.name().into(),
            to: new.partner.clone(),
            operation: operation.id.clone(),
            alert: format!("{}~{}", new.run, new.alert),
            decision: decision.n,
            language: new.language,
            title: product.manifest.title.clone(),
            summary: product.manifest.summary.clone(),
            machine: translated.map(|t| t.mark),
            reply_within_h: new.reply_within_h,
            removed: product.manifest.removed.clone(),
            manifest_sha256: product.sha256.clone(),
            drafted,
            approved: None,
            sealed: None,
            recalled: None,
        };
        let package = Package {
            schema: Package::SCHEMA.into(),
            release: release.clone(),
            manifest: product.text,
            files: BTreeMap::from([(Manifest::REPORT.to_owned(), product.report)]),
            back: None,
        };
        let package =
            String::from_utf8(package.bytes()).map_err(|e| DeskError::Failed(e.to_string()))?;
        self.store
            .draft_release(&release, &package, &operation.authority, delete_by)
            .await?;
        Ok(self.store.release(&id).await?)
    }

    /// Only what was decided goes out: referred to this partner.
    async fn decision(&self, new: &DraftRequest) -> Result<Decision, DeskError> {
        let (decisions, _) = self.store.decisions(&new.run, &new.alert).await?;
        decisions
            .into_iter()
            .rev()
            .filter(|d| new.decision.is_none_or(|n| d.n == n))
            .find(|d| d.partner.as_ref() == Some(&new.partner))
            .ok_or_else(|| {
                invalid(format!(
                    "nobody has decided to refer this alert to '{}'; decide first",
                    new.partner
                ))
            })
    }

    /// Tracks that were in view during the alert and are not its subjects: they stay here.
    async fn others(
        &self,
        run: &str,
        alert: &atalaya_model::Alert,
    ) -> Result<Vec<StoredTrack>, DeskError> {
        let t0 = alert.evidence.iter().map(|e| e.t0.0).min();
        let t1 = alert.evidence.iter().map(|e| e.t1.0).max();
        let (Some(t0), Some(t1)) = (t0, t1) else {
            return Ok(Vec::new());
        };
        let tracks = self
            .store
            .tracks(
                Some(run),
                Micros(t0.saturating_sub(AROUND_US)),
                Micros(t1.saturating_add(AROUND_US)),
            )
            .await?;
        Ok(tracks
            .into_iter()
            .filter(|t| !alert.subjects.contains(&t.name))
            .collect())
    }
}

fn random_id() -> Result<String, DeskError> {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes)
        .map_err(|e| DeskError::Failed(format!("no random numbers from the system: {e}")))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// The first, the last and some between of the evidence's frames, and how many can't be shown.
async fn pictures(
    stills: Arc<dyn StillSource>,
    evidence: &[atalaya_model::EvidenceRef],
    others: Vec<StoredTrack>,
) -> (Vec<Picture>, u64) {
    let all: Vec<_> = evidence
        .iter()
        .flat_map(|e| e.frames.iter().map(|f| (e.feed.clone(), f.t, f.bbox)))
        .collect();
    let n = all.len().min(PICTURES);
    let chosen: Vec<_> = (0..n)
        .filter_map(|i| {
            all.get(if n < 2 {
                0
            } else {
                i * (all.len() - 1) / (n - 1)
            })
        })
        .cloned()
        .collect();
    let wanted = chosen.len();
    let made = tokio::task::spawn_blocking(move || {
        chosen
            .into_iter()
            .filter_map(|(feed, t, bbox)| {
                let boxes: Vec<_> = others
                    .iter()
                    .filter(|o| o.feed == feed)
                    .flat_map(|o| &o.points)
                    .filter(|(at, _)| at.0.abs_diff(t.0) <= NEAR_US)
                    .map(|(_, p)| p.bbox)
                    .collect();
                let (jpeg, size) = stills
                    .redacted(&feed, (t, PICTURE_WIDTH), &boxes, bbox)
                    .ok()?;
                Some(Picture {
                    feed,
                    t,
                    bbox,
                    size,
                    jpeg,
                })
            })
            .collect::<Vec<_>>()
    })
    .await
    .unwrap_or_default();
    let gone = (wanted - made.len()) as u64;
    (made, gone)
}
