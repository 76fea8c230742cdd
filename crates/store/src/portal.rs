//! Partners' cards, and the tokens of the portal that they fetch from.

use crate::acts::wall_clock;
use crate::batch::SCHEMA;
use crate::decisions::parse;
use crate::error::StoreError;
use crate::open::Store;
use crate::record::Author;
use atalaya_model::{Micros, Release};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// Fetching the sealed release, once.
    Fetch,
    /// Posting answers, and asking for a recall.
    Answer,
}

impl TokenUse {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Answer => "answer",
        }
    }
}

/// A token of the portal; only its hash is known here.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// What it is for.
    pub purpose: TokenUse,
    /// It works until then, wall time.
    pub expires: Micros,
}

impl Store {
    /// Takes in a partner's card, or a new one of the same partner.
    pub async fn put_partner(
        &self,
        name: &str,
        card: &str,
        fingerprint: &str,
        author: &Author,
    ) -> Result<(), StoreError> {
        let fail = |e| StoreError::sql("writing a partner", e);
        let at = wall_clock();
        let mut tx = self.begin().await.map_err(fail)?;
        sqlx::query(
            "INSERT INTO partner (name, card, added, schema) VALUES (?, ?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET card = excluded.card, added = excluded.added",
        )
        .bind(name)
        .bind(card)
        .bind(at.0)
        .bind(SCHEMA)
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        self.commit_act(tx, at, author, ("partner.put", name), &fingerprint)
            .await
            .map_err(fail)
    }

    /// The partners' cards, by name.
    pub async fn partners(&self) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar("SELECT card FROM partner ORDER BY name")
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading partners", e))
    }

    /// The release that a token of the portal leads to, while it works. Nothing is used up.
    pub async fn portal_release(
        &self,
        hash: &[u8; 32],
        purpose: TokenUse,
    ) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar(
            "SELECT release FROM portal_token WHERE hash = ? AND purpose = ? AND expires > ? AND used IS NULL",
        )
        .bind(hash.as_slice())
        .bind(purpose.name())
        .bind(wall_clock().0)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading a link", e))
    }

    /// Uses a one-time link up: gives the release's id and sealed file, once. The fetch is an act.
    pub async fn fetch_release(
        &self,
        hash: &[u8; 32],
    ) -> Result<Option<(String, String)>, StoreError> {
        let fail = |e| StoreError::sql("using a link", e);
        let at = wall_clock();
        let mut tx = self.begin().await.map_err(fail)?;
        let id: Option<String> = sqlx::query_scalar(
            "UPDATE portal_token SET used = ?1
             WHERE hash = ?2 AND purpose = 'fetch' AND expires > ?1 AND used IS NULL RETURNING release",
        )
        .bind(at.0)
        .bind(hash.as_slice())
        .fetch_optional(&mut *tx)
        .await
        .map_err(fail)?;
        let Some(id) = id else { return Ok(None) };
        let (sealed, body): (Option<String>, String) =
            sqlx::query_as("SELECT sealed, body FROM release WHERE id = ?")
                .bind(&id)
                .fetch_one(&mut *tx)
                .await
                .map_err(fail)?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        sqlx::query("UPDATE release SET fetched = coalesce(fetched, ?) WHERE id = ?")
            .bind(at.0)
            .bind(&id)
            .execute(&mut *tx)
            .await
            .map_err(fail)?;
        let release: Release = parse(&body)?;
        let who = Author::unverified(format!("link for {}", release.to));
        self.commit_act(tx, at, &who, ("release.fetch", &id), &())
            .await
            .map_err(fail)?;
        Ok(Some((id, sealed)))
    }
}
