//! What comes in: releases of partners, answers to ours, recalls; and what is posted back.

use super::carry;
use super::desk::{Desk, DeskError, invalid, said};
use atalaya_exchange::release::{Card, Package, PackageError, Parcel, open};
use atalaya_model::{Author, Direction, MessageKind, Release, ReleaseMessage};
use atalaya_store::StoredRelease;

impl Desk {
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
}
