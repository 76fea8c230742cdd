//! What is done with releases, whoever asks for it.

use crate::accounts::{new_token, token_hash};
use atalaya_exchange::release::{
    Card, Identity, KeyError, Package, PackageError, Parcel, Return, SealError, seal,
};
use atalaya_model::{
    Author, Direction, Done, MessageKind, Micros, Release, ReleaseMessage, ReleaseState,
};
use atalaya_store::{Store, StoreError, StoredRelease, Token, TokenUse};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// The file of the secret in the store's folder; only its owner may read it.
const IDENTITY: &str = "partner.key";
/// A link works for so long; answers are taken for as long as the release is kept.
const LINK_US: i64 = 7 * 86_400_000_000;
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

pub(super) fn invalid(why: impl Into<String>) -> DeskError {
    DeskError::Invalid(why.into())
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
    pub(super) store: Store,
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

    pub(super) fn me(&self) -> Result<Identity, DeskError> {
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

    pub(super) async fn partner(&self, name: &str) -> Result<Card, DeskError> {
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

    pub(super) async fn seal_message(
        &self,
        m: &ReleaseMessage,
        to: &str,
    ) -> Result<String, DeskError> {
        let body = serde_json::to_vec(m).map_err(|e| DeskError::Failed(e.to_string()))?;
        Ok(seal(
            Parcel::Message,
            &body,
            &self.me()?,
            &self.partner(to).await?,
        )?)
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

pub(super) fn said(r: &Release, kind: MessageKind, text: &str, by: &Author) -> ReleaseMessage {
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
