//! What is done with releases, whoever asks for it.

use super::carry;
use crate::accounts::{new_token, token_hash};
use crate::stills::StillSource;
use atalaya_exchange::release::{
    Card, Identity, KeyError, LeftOut, Manifest, Package, PackageError, Parcel, Picture,
    ReleaseInput, Return, SealError, open, seal, write,
};
use atalaya_model::{
    Author, Decision, Direction, Done, MessageKind, Micros, Operation, Release, ReleaseLanguage,
    ReleaseMessage, ReleaseState,
};
use atalaya_store::{Store, StoreError, StoredRelease, StoredTrack, Token, TokenUse};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The file of the secret in the store's folder; only its owner may read it.
const IDENTITY: &str = "partner.key";
/// Pictures of an alert's evidence that go into a release.
const PICTURES: usize = 4;
const PICTURE_WIDTH: u32 = 960;
/// Longest title, bytes.
const LONGEST_TITLE: usize = 200;
/// A link works for so long; answers are taken for as long as the release is kept.
const LINK_US: i64 = 7 * 86_400_000_000;
/// Where somebody was so near in time, there he is covered in a picture.
const NEAR_US: u64 = 300_000;
/// A track was in view during an alert when it has points this near to its evidence.
const AROUND_US: i64 = 5_000_000;

/// Why something can't be done with a release.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sealing or opening failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What was opened can't be taken.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A key is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What was asked makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// A file or the network failed.
    #[error("{0}")]
    Failed(String),
}

fn invalid(why: impl Into<String>) -> DeskError {
    DeskError::Invalid(why.into())
}

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

/// A sealed release.
#[derive(Clone, Debug)]
pub struct Sealing {
    /// As it is stored.
    pub release: StoredRelease,
    /// The `sealed/1` file.
    pub sealed: String,
    /// The one-time link, when there is a portal. It is known here only, and only now.
    pub link: Option<String>,
}

/// The desk of one store.
#[derive(Clone)]
pub struct Desk {
    store: Store,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Desk({:?})", self.store)
    }
}

pub(crate) fn now() -> Micros {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

impl Desk {
    /// The desk of a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    fn path(&self) -> PathBuf {
        self.store.dir().join(IDENTITY)
    }

    /// Who we are to partners; `None` before [`Desk::make_identity`].
    pub fn identity(&self) -> Result<Option<Identity>, DeskError> {
        let path = self.path();
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Identity::parse(&text)?)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(DeskError::Failed(format!(
                "can't read {}: {e}; check who may read it",
                path.display()
            ))),
        }
    }

    /// Makes our keys, once. What is sealed for them can be opened with them only: they are never
    /// overwritten.
    pub async fn make_identity(&self, name: &str, author: &Author) -> Result<Identity, DeskError> {
        let path = self.path();
        let failed =
            |e: std::io::Error| DeskError::Failed(format!("can't write {}: {e}", path.display()));
        if let Some(there) = self.identity()? {
            return Err(invalid(format!(
                "there are keys already, of '{}'; move {} away to make new ones",
                there.name(),
                path.display()
            )));
        }
        let identity = Identity::new(name)?;
        atalaya_store::write_secret(&path, &identity.text()).map_err(failed)?;
        let fingerprint = identity.card().fingerprint();
        self.store
            .note_act(author, "identity.make", identity.name(), &fingerprint)
            .await?;
        Ok(identity)
    }

    fn me(&self) -> Result<Identity, DeskError> {
        self.identity()?.ok_or_else(|| {
            invalid("this instance has no keys for partners yet; make them with `atalaya partner key --name NAME`")
        })
    }

    /// The partners' cards.
    pub async fn partners(&self) -> Result<Vec<Card>, DeskError> {
        let texts = self.store.partners().await?;
        texts.iter().map(|t| Ok(Card::parse(t)?)).collect()
    }

    /// Takes in a partner's card.
    pub async fn add_partner(&self, text: &str, author: &Author) -> Result<Card, DeskError> {
        let card = Card::parse(text)?;
        self.store
            .put_partner(&card.name, &card.text(), &card.fingerprint(), author)
            .await?;
        Ok(card)
    }

    async fn partner(&self, name: &str) -> Result<Card, DeskError> {
        self.partners()
            .await?
            .into_iter()
            .find(|p| p.name == name)
            .ok_or_else(|| {
                invalid(format!(
                    "there is no card of '{name}'; ask the partner for it, compare its fingerprint, and take it in with `atalaya partner add`"
                ))
            })
    }

    /// Writes a release out of an alert and a decision: a draft, for a second person to approve.
    pub async fn draft(
        &self,
        operation: &Operation,
        stills: Arc<dyn StillSource>,
        new: DraftRequest,
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
            title: title.into(),
            summary: new.summary.trim().into(),
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

    /// A second person approves a draft, or turns it down.
    pub async fn judge(
        &self,
        id: &str,
        approve: bool,
        reason: &str,
        author: &Author,
    ) -> Result<StoredRelease, DeskError> {
        Ok(self
            .store
            .judge_release(id, approve, reason, author)
            .await?)
    }

    /// Signs an approved release and encrypts it to its partner. `portal` is the address under which
    /// the partner reaches this instance, if it does: then there is a one-time link, and answers may
    /// be posted there.
    pub async fn seal(
        &self,
        id: &str,
        portal: Option<&str>,
        author: &Author,
    ) -> Result<Sealing, DeskError> {
        let me = self.me()?;
        let there = self.store.release(id).await?;
        let card = self.partner(&there.release.to).await?;
        if there.release.state != ReleaseState::Approved {
            return Err(StoreError::Conflict {
                why: format!(
                    "release {id} is {}: only an approved one can be sealed; have a second person approve it",
                    there.release.state.name()
                ),
            }
            .into());
        }
        let portal = portal.map(base_url).transpose()?;
        let at = now();
        let release = Release {
            state: ReleaseState::Sealed,
            sealed: Some(Done {
                by: author.clone(),
                at,
            }),
            ..there.release
        };
        let mut package = self.package(id).await?;
        package.release = release.clone();
        let mut tokens = Vec::new();
        let mut link = None;
        if let Some(base) = portal {
            let mut token = |purpose, expires| -> Result<String, DeskError> {
                let (token, hash) = new_token().map_err(DeskError::Failed)?;
                tokens.push(Token {
                    hash,
                    purpose,
                    expires,
                });
                Ok(token)
            };
            let fetch = token(TokenUse::Fetch, Micros(at.0.saturating_add(LINK_US)))?;
            let back = token(TokenUse::Answer, Micros::MAX)?;
            link = Some(format!("{base}/portal/{fetch}"));
            package.back = Some(Return {
                url: format!("{base}/portal/answer/{back}"),
            });
        }
        // What a partner would refuse does not leave.
        let bytes = package.bytes();
        Package::parse(&bytes)?;
        let sealed = seal(Parcel::Release, &bytes, &me, &card)?;
        let release = self.store.seal_release(&release, &sealed, &tokens).await?;
        Ok(Sealing {
            release,
            sealed,
            link,
        })
    }

    /// The product of a release, while it is there.
    pub async fn package(&self, id: &str) -> Result<Package, DeskError> {
        let text = self.store.release_package(id).await?.ok_or_else(|| {
            invalid(format!(
                "the content of release {id} is gone: it was recalled, or its time is over"
            ))
        })?;
        serde_json::from_str(&text).map_err(|e| DeskError::Failed(e.to_string()))
    }

    /// Takes a release back.
    pub async fn recall(
        &self,
        id: &str,
        reason: &str,
        author: &Author,
    ) -> Result<StoredRelease, DeskError> {
        let there = self.store.release(id).await?;
        let message = said(&there.release, MessageKind::Recall, reason, author);
        let sealed = self.seal_message(&message, &there.release.to).await?;
        Ok(self.store.recall_release(&message, &sealed).await?)
    }

    /// As the receiver: says something of a release, signed, for the sender alone. It is posted to
    /// the sender's portal when the release names one; else it is carried by file.
    pub async fn say(
        &self,
        id: &str,
        kind: MessageKind,
        text: &str,
        author: &Author,
    ) -> Result<StoredRelease, DeskError> {
        if !author.is_named() {
            return Err(invalid(
                "an answer needs a person's name; write yours at the top of the page, or log in",
            ));
        }
        let by_hand = matches!(
            kind,
            MessageKind::Receipt
                | MessageKind::Accepted
                | MessageKind::Refused
                | MessageKind::Acting
                | MessageKind::Outcome
        );
        if !by_hand {
            return Err(invalid(format!(
                "'{}' is not for people to say; use receipt, accepted, refused, acting or outcome",
                kind.name()
            )));
        }
        let there = self.store.release(id).await?;
        if there.release.direction == Direction::Sent {
            return Err(invalid(format!(
                "'{}' of release {id} is for the receiver to say",
                kind.name()
            )));
        }
        let message = said(&there.release, kind, text, author);
        let sealed = self.seal_message(&message, &there.release.from).await?;
        let stored = self
            .store
            .say_of_release(&message, Some(&sealed), author)
            .await?;
        self.post(stored).await
    }

    async fn seal_message(&self, m: &ReleaseMessage, to: &str) -> Result<String, DeskError> {
        let body = serde_json::to_vec(m).map_err(|e| DeskError::Failed(e.to_string()))?;
        Ok(seal(
            Parcel::Message,
            &body,
            &self.me()?,
            &self.partner(to).await?,
        )?)
    }

    /// Takes in a `sealed/1` file: a release for us, or what was said of one.
    pub async fn take_in(
        &self,
        sealed: &[u8],
        author: &Author,
    ) -> Result<StoredRelease, DeskError> {
        let me = self.me()?;
        let opened = match open(sealed, &me, &self.partners().await?) {
            Ok(opened) => opened,
            Err(e) => {
                // Somebody tried: that is worth a line.
                self.store
                    .note_act(author, "refused.sealed", "sealed file", &e.to_string())
                    .await?;
                return Err(e.into());
            }
        };
        match opened.parcel {
            Parcel::Release => self.take_release(&opened.body, &opened.from, author).await,
            Parcel::Message => self.take_message(&opened.body, &opened.from, author).await,
        }
    }

    async fn take_release(
        &self,
        body: &[u8],
        from: &Card,
        author: &Author,
    ) -> Result<StoredRelease, DeskError> {
        let (package, manifest) = match Package::parse(body) {
            Ok(parsed) => parsed,
            Err(e) => {
                let what = match &e {
                    PackageError::Never { .. } => "refused.never",
                    _ => "refused.release",
                };
                self.store
                    .note_act(author, what, &from.name, &e.to_string())
                    .await?;
                return Err(e.into());
            }
        };
        if package.release.from != from.name {
            return Err(invalid(format!(
                "the release says it is from '{}', but '{}' has signed it; nothing of it is believed",
                package.release.from, from.name
            )));
        }
        let release = Release {
            direction: Direction::Received,
            ..package.release.clone()
        };
        let by = Author::verified("atalaya");
        let message = said(&release, MessageKind::Delivered, "", &by);
        let sealed = self.seal_message(&message, &from.name).await?;
        let text = String::from_utf8_lossy(body);
        let stored = self
            .store
            .receive_release(
                &release,
                &text,
                manifest.delete_by,
                (&message, &sealed),
                author,
            )
            .await?;
        self.post(stored).await
    }

    async fn take_message(
        &self,
        body: &[u8],
        from: &Card,
        author: &Author,
    ) -> Result<StoredRelease, DeskError> {
        let message: ReleaseMessage = serde_json::from_slice(body)
            .map_err(|e| invalid(format!("the message can't be read: {e}")))?;
        if message.schema != ReleaseMessage::SCHEMA {
            return Err(invalid(format!(
                "schema {} is not known here",
                message.schema
            )));
        }
        let there = self.store.release(&message.release).await?.release;
        let other = match there.direction {
            Direction::Sent => &there.to,
            Direction::Received => &there.from,
        };
        if *other != from.name {
            return Err(invalid(format!(
                "release {} has nothing to do with '{}'; the message is not believed",
                there.id, from.name
            )));
        }
        // What a person of theirs calls themselves, we can't prove.
        let mut message = message;
        message.done.by.verified = false;
        let back = self.return_address(&there).await?;
        let stored = self.store.say_of_release(&message, None, author).await?;
        if message.kind != MessageKind::Recall {
            return Ok(stored);
        }
        let by = Author::verified("atalaya");
        let purged = said(&stored.release, MessageKind::Purged, "", &by);
        let sealed = self.seal_message(&purged, &from.name).await?;
        let stored = self
            .store
            .say_of_release(&purged, Some(&sealed), &by)
            .await?;
        self.post_to(stored, back).await
    }

    async fn return_address(&self, release: &Release) -> Result<Option<String>, DeskError> {
        if release.direction != Direction::Received {
            return Ok(None);
        }
        let Some(text) = self.store.release_package(&release.id).await? else {
            return Ok(None);
        };
        let package: Package =
            serde_json::from_str(&text).map_err(|e| DeskError::Failed(e.to_string()))?;
        Ok(package.back.map(|b| b.url))
    }

    /// Posts what we have said and could not post yet. That it could not is no failure: it can be
    /// carried by file.
    pub async fn post(&self, stored: StoredRelease) -> Result<StoredRelease, DeskError> {
        let back = self.return_address(&stored.release).await?;
        self.post_to(stored, back).await
    }

    async fn post_to(
        &self,
        stored: StoredRelease,
        back: Option<String>,
    ) -> Result<StoredRelease, DeskError> {
        let Some(url) = back else { return Ok(stored) };
        for m in stored.messages.iter().filter(|m| m.ours && !m.posted) {
            let sealed = self.store.sealed_message(m.n).await?;
            match carry::post(&url, sealed).await {
                Ok(_) => self.store.message_posted(m.n).await?,
                Err(why) => {
                    tracing::warn!("release {}: {why}", stored.release.id);
                    break;
                }
            }
        }
        Ok(self.store.release(&stored.release.id).await?)
    }

    /// Fetches a release by its one-time link, and takes it in.
    pub async fn fetch(&self, link: &str, author: &Author) -> Result<StoredRelease, DeskError> {
        self.me()?;
        let sealed = carry::post(link.trim(), String::new())
            .await
            .map_err(DeskError::Failed)?;
        self.take_in(sealed.as_bytes(), author).await
    }

    /// As the receiver: posts what waits, and asks the sender whether a release was recalled.
    pub async fn check(&self, id: &str, author: &Author) -> Result<StoredRelease, DeskError> {
        let stored = self.store.release(id).await?;
        let stored = self.post(stored).await?;
        let Some(url) = self.return_address(&stored.release).await? else {
            return Ok(stored);
        };
        match carry::get(&url).await.map_err(DeskError::Failed)? {
            text if text.is_empty() => Ok(stored),
            sealed => self.take_in(sealed.as_bytes(), author).await,
        }
    }

    /// As the sender, for the portal: the recall of a release, when there is one.
    pub(crate) async fn recall_of(&self, id: &str) -> Result<Option<String>, DeskError> {
        let stored = self.store.release(id).await?;
        let recall = stored
            .messages
            .iter()
            .find(|m| m.ours && m.message.kind == MessageKind::Recall);
        match recall {
            Some(m) => Ok(Some(self.store.sealed_message(m.n).await?)),
            None => Ok(None),
        }
    }

    /// As the sender, for the portal: takes in what came to the address for answers of a release, and
    /// nothing else.
    pub(crate) async fn take_answer(&self, id: &str, sealed: &[u8]) -> Result<(), DeskError> {
        let me = self.me()?;
        let opened = open(sealed, &me, &self.partners().await?)?;
        let message: Option<ReleaseMessage> = serde_json::from_slice(&opened.body).ok();
        let fits = opened.parcel == Parcel::Message
            && message.is_some_and(|m| m.release == id && m.kind != MessageKind::Recall);
        if !fits {
            return Err(invalid("this address takes answers to one release only"));
        }
        let who = Author::unverified(format!("portal: {}", opened.from.name));
        self.take_message(&opened.body, &opened.from, &who).await?;
        Ok(())
    }

    /// What a token leads to.
    pub(crate) async fn behind(
        &self,
        token: &str,
        purpose: TokenUse,
    ) -> Result<Option<String>, StoreError> {
        self.store.portal_release(&token_hash(token), purpose).await
    }

    /// Uses a link up.
    pub(crate) async fn use_link(
        &self,
        token: &str,
    ) -> Result<Option<(String, String)>, StoreError> {
        self.store.fetch_release(&token_hash(token)).await
    }
}

fn said(r: &Release, kind: MessageKind, text: &str, by: &Author) -> ReleaseMessage {
    ReleaseMessage {
        schema: ReleaseMessage::SCHEMA.into(),
        release: r.id.clone(),
        kind,
        done: Done {
            by: by.clone(),
            at: now(),
        },
        text: text.trim().into(),
        manifest_sha256: r.manifest_sha256.clone(),
    }
}

fn random_id() -> Result<String, DeskError> {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes)
        .map_err(|e| DeskError::Failed(format!("no random numbers from the system: {e}")))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// `http://post.example:8420`, without what follows.
fn base_url(text: &str) -> Result<String, DeskError> {
    let base = text.trim().trim_end_matches('/');
    let rest = base
        .strip_prefix("https://")
        .or_else(|| base.strip_prefix("http://"));
    match rest {
        Some(host)
            if !host.is_empty()
                && host.len() < 256
                && host
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) =>
        {
            Ok(base.to_owned())
        }
        _ => Err(invalid(format!(
            "'{base}' is not an address of a portal; give https://host or http://host:port"
        ))),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_is_an_address_and_nothing_more() {
        for ok in ["http://127.0.0.1:8420/", "https://post.example"] {
            assert!(base_url(ok).is_ok(), "{ok}");
        }
        for bad in [
            "",
            "post.example",
            "ftp://x",
            "https://",
            "http://a/b",
            "http://a?b",
            "http://u@h",
        ] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }
}
