//! Partners and releases: the order in which things may happen to them is kept here, in the
//! transaction of each act.

use crate::acts::wall_clock;
use crate::batch::{SCHEMA, json};
use crate::decisions::{check_partner, named, parse};
use crate::error::StoreError;
use crate::open::Store;
use crate::portal::Token;
use crate::record::Author;
use crate::release_read::{StoredRelease, messages};
use atalaya_model::operation::Authority;
use atalaya_model::{
    Direction, Done, MessageKind, Micros, Recall, Release, ReleaseMessage, ReleaseState,
};
use serde::Serialize;
use sqlx::SqliteConnection;

fn conflict(why: impl Into<String>) -> StoreError {
    StoreError::Conflict { why: why.into() }
}

pub(crate) fn not_found(id: &str) -> StoreError {
    StoreError::NotFound {
        what: "release",
        id: id.into(),
    }
}

impl Store {
    /// Keeps a draft with its product.
    pub async fn draft_release(
        &self,
        release: &Release,
        package: &str,
        authority: &Authority,
        delete_by: Micros,
    ) -> Result<(), StoreError> {
        named(&release.drafted.by, "a draft")?;
        check_partner(authority, &release.to)?;
        let fail = |e| StoreError::sql("writing a release", e);
        let mut tx = self.begin().await.map_err(fail)?;
        insert(&mut tx, release, package, None, delete_by)
            .await
            .map_err(fail)?;
        let detail = (&release.to, &release.alert, &release.manifest_sha256);
        let by = release.drafted.clone();
        let act = ("release.draft", release.id.as_str());
        self.commit_act(tx, by.at, &by.by, act, &detail)
            .await
            .map_err(fail)
    }

    /// A second person approves a draft, or turns it down.
    pub async fn judge_release(
        &self,
        id: &str,
        approve: bool,
        reason: &str,
        author: &Author,
    ) -> Result<StoredRelease, StoreError> {
        named(author, "an approval")?;
        crate::alerts::check_text(reason, !approve)?;
        let there = self.release(id).await?.release;
        if there.drafted.by.is_same(author) {
            self.note_act(author, "refused.same_person", id, &approve)
                .await?;
        }
        self.change(id, author, |r, at| {
            if r.direction != Direction::Sent || r.state != ReleaseState::Draft {
                return Err(conflict(format!(
                    "release {id} is {}: only a draft can be approved or turned down",
                    r.state.name()
                )));
            }
            if r.drafted.by.is_same(author) {
                return Err(conflict(
                    "whoever drafted a release can't approve it; another person must",
                ));
            }
            r.state = if approve {
                ReleaseState::Approved
            } else {
                ReleaseState::TurnedDown
            };
            r.approved = Some(Done {
                by: author.clone(),
                at,
            });
            let what = if approve {
                "release.approve"
            } else {
                "release.turn_down"
            };
            Ok((what, (&r.manifest_sha256, reason).serialize_text()))
        })
        .await
    }

    /// Keeps what was sealed. The product must be the approved one.
    pub async fn seal_release(
        &self,
        sealed: &Release,
        text: &str,
        tokens: &[Token],
    ) -> Result<StoredRelease, StoreError> {
        let fail = |e| StoreError::sql("sealing a release", e);
        let by = sealed
            .sealed
            .clone()
            .ok_or_else(|| conflict("nobody has sealed it"))?;
        named(&by.by, "sealing")?;
        let mut tx = self.begin().await.map_err(fail)?;
        let there = read(&mut tx, &sealed.id).await?;
        let before = Release {
            state: ReleaseState::Approved,
            sealed: None,
            ..sealed.clone()
        };
        if there != before {
            return Err(conflict(format!(
                "release {} is {}: only an approved one can be sealed, as it was approved",
                sealed.id,
                there.state.name()
            )));
        }
        update(&mut tx, sealed).await.map_err(fail)?;
        sqlx::query("UPDATE release SET sealed = ? WHERE id = ?")
            .bind(text)
            .bind(&sealed.id)
            .execute(&mut *tx)
            .await
            .map_err(fail)?;
        for t in tokens {
            sqlx::query(
                "INSERT INTO portal_token (hash, release, purpose, expires, schema) VALUES (?, ?, ?, ?, ?)",
            )
            .bind(t.hash.as_slice())
            .bind(&sealed.id)
            .bind(t.purpose.name())
            .bind(t.expires.0)
            .bind(SCHEMA)
            .execute(&mut *tx)
            .await
            .map_err(fail)?;
        }
        let act = ("release.seal", sealed.id.as_str());
        let detail = (&sealed.to, tokens.len());
        self.commit_act(tx, by.at, &by.by, act, &detail)
            .await
            .map_err(fail)?;
        self.release(&sealed.id).await
    }

    /// Takes a sealed release back. `message` goes to the partner, `sealed` is its file.
    pub async fn recall_release(
        &self,
        message: &ReleaseMessage,
        sealed: &str,
    ) -> Result<StoredRelease, StoreError> {
        let id = message.release.as_str();
        let by = &message.done.by;
        named(by, "a recall")?;
        crate::alerts::check_text(&message.text, true)?;
        let fail = |e| StoreError::sql("recalling a release", e);
        let mut tx = self.begin().await.map_err(fail)?;
        let mut r = read(&mut tx, id).await?;
        if r.direction != Direction::Sent || r.state != ReleaseState::Sealed {
            return Err(conflict(format!(
                "release {id} is {}: only one of ours that was sealed can be recalled",
                r.state.name()
            )));
        }
        r.state = ReleaseState::Recalled;
        r.recalled = Some(Recall {
            done: message.done.clone(),
            reason: message.text.clone(),
        });
        update(&mut tx, &r).await.map_err(fail)?;
        // Nobody fetches it any more; answers still come back.
        sqlx::query("DELETE FROM portal_token WHERE release = ? AND purpose = 'fetch'")
            .bind(id)
            .execute(&mut *tx)
            .await
            .map_err(fail)?;
        put_message(&mut tx, message, Some(sealed))
            .await
            .map_err(fail)?;
        let at = message.done.at;
        self.commit_act(tx, at, by, ("release.recall", id), &())
            .await
            .map_err(fail)?;
        self.release(id).await
    }

    /// Takes in a release from a partner, and our own word that it is here.
    pub async fn receive_release(
        &self,
        release: &Release,
        package: &str,
        delete_by: Micros,
        (delivered, sealed): (&ReleaseMessage, &str),
        author: &Author,
    ) -> Result<StoredRelease, StoreError> {
        let fail = |e| StoreError::sql("taking in a release", e);
        let mut tx = self.begin().await.map_err(fail)?;
        let there: i64 = sqlx::query_scalar("SELECT count(*) FROM release WHERE id = ?")
            .bind(&release.id)
            .fetch_one(&mut *tx)
            .await
            .map_err(fail)?;
        if there > 0 {
            return Err(conflict(format!("release {} is here already", release.id)));
        }
        insert(&mut tx, release, package, None, delete_by)
            .await
            .map_err(fail)?;
        put_message(&mut tx, delivered, Some(sealed))
            .await
            .map_err(fail)?;
        let act = ("release.receive", release.id.as_str());
        let detail = (&release.from, &release.manifest_sha256);
        self.commit_act(tx, delivered.done.at, author, act, &detail)
            .await
            .map_err(fail)?;
        self.release(&release.id).await
    }

    /// Keeps what was said of a release: by us (`sealed` is its file), or by the other side. A recall
    /// that comes from the sender deletes the content.
    pub async fn say_of_release(
        &self,
        message: &ReleaseMessage,
        sealed: Option<&str>,
        author: &Author,
    ) -> Result<StoredRelease, StoreError> {
        let id = message.release.as_str();
        let reason_needed = matches!(message.kind, MessageKind::Refused | MessageKind::Outcome);
        crate::alerts::check_text(&message.text, reason_needed)?;
        let fail = |e| StoreError::sql("writing what was said of a release", e);
        let mut tx = self.begin().await.map_err(fail)?;
        let mut r = read(&mut tx, id).await?;
        if !matches!(r.state, ReleaseState::Sealed | ReleaseState::Recalled) {
            return Err(conflict(format!(
                "release {id} is {}: nothing is said of it before it is sealed",
                r.state.name()
            )));
        }
        if r.manifest_sha256 != message.manifest_sha256 {
            return Err(conflict(format!(
                "this is said of another content than that of release {id}; it is not believed"
            )));
        }
        // Who sent it recalls it, who got it says the rest.
        let by_sender = message.kind == MessageKind::Recall;
        let ours = sealed.is_some();
        if by_sender == (ours != (r.direction == Direction::Sent)) {
            return Err(conflict(format!(
                "'{}' of release {id} is for the {} to say",
                message.kind.name(),
                if by_sender { "sender" } else { "receiver" }
            )));
        }
        let before: Vec<MessageKind> = messages(&mut tx, id)
            .await?
            .iter()
            .map(|m| m.message.kind)
            .collect();
        message.kind.may_follow(&before).map_err(|why| {
            conflict(format!(
                "can't take '{}' of release {id}: {why}",
                message.kind.name()
            ))
        })?;
        put_message(&mut tx, message, sealed).await.map_err(fail)?;
        if by_sender {
            r.state = ReleaseState::Recalled;
            r.recalled = Some(Recall {
                done: message.done.clone(),
                reason: message.text.clone(),
            });
            // The words go with the content; that there was a release stays.
            r.title = String::new();
            r.summary = String::new();
            r.removed = Vec::new();
            update(&mut tx, &r).await.map_err(fail)?;
            sqlx::query("UPDATE release SET package = NULL, sealed = NULL WHERE id = ?")
                .bind(id)
                .execute(&mut *tx)
                .await
                .map_err(fail)?;
        }
        let what = format!("release.{}", message.kind.name());
        let detail = (&message.done, ours);
        self.commit_act(tx, wall_clock(), author, (&what, id), &detail)
            .await
            .map_err(fail)?;
        if by_sender {
            // Deleted means gone: not in the log of the database either.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_all(&self.pool)
                .await
                .map_err(fail)?;
        }
        self.release(id).await
    }

    /// A message of ours has reached the other side.
    pub async fn message_posted(&self, n: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE release_message SET posted = ? WHERE n = ?")
            .bind(wall_clock().0)
            .bind(n)
            .execute(&self.pool)
            .await
            .map_err(|e| StoreError::sql("writing what was posted", e))?;
        Ok(())
    }

    /// Changes a record and writes the act that `change` names.
    async fn change(
        &self,
        id: &str,
        author: &Author,
        change: impl FnOnce(
            &mut Release,
            Micros,
        ) -> Result<(&'static str, serde_json::Value), StoreError>,
    ) -> Result<StoredRelease, StoreError> {
        let fail = |e| StoreError::sql("changing a release", e);
        let at = wall_clock();
        let mut tx = self.begin().await.map_err(fail)?;
        let mut release = read(&mut tx, id).await?;
        let (what, detail) = change(&mut release, at)?;
        update(&mut tx, &release).await.map_err(fail)?;
        self.commit_act(tx, at, author, (what, id), &detail)
            .await
            .map_err(fail)?;
        self.release(id).await
    }
}

trait AsValue {
    fn serialize_text(&self) -> serde_json::Value;
}

impl<T: Serialize> AsValue for T {
    fn serialize_text(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

async fn insert(
    tx: &mut SqliteConnection,
    r: &Release,
    package: &str,
    sealed: Option<&str>,
    delete_by: Micros,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO release (id, direction, state, body, package, sealed, created, schema, delete_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&r.id)
    .bind(match r.direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    })
    .bind(r.state.name())
    .bind(json(r))
    .bind(package)
    .bind(sealed)
    .bind(wall_clock().0)
    .bind(SCHEMA)
    .bind(delete_by.0)
    .execute(tx)
    .await?;
    Ok(())
}

async fn update(tx: &mut SqliteConnection, r: &Release) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE release SET state = ?, body = ? WHERE id = ?")
        .bind(r.state.name())
        .bind(json(r))
        .bind(&r.id)
        .execute(tx)
        .await?;
    Ok(())
}

async fn read(tx: &mut SqliteConnection, id: &str) -> Result<Release, StoreError> {
    let body: Option<String> = sqlx::query_scalar("SELECT body FROM release WHERE id = ?")
        .bind(id)
        .fetch_optional(tx)
        .await
        .map_err(|e| StoreError::sql("reading a release", e))?;
    parse(&body.ok_or_else(|| not_found(id))?)
}

async fn put_message(
    tx: &mut SqliteConnection,
    m: &ReleaseMessage,
    sealed: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO release_message (release, kind, body, sealed, schema) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(&m.release)
    .bind(m.kind.name())
    .bind(json(m))
    .bind(sealed)
    .bind(SCHEMA)
    .execute(tx)
    .await?;
    Ok(())
}
