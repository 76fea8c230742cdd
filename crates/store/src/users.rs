//! Local accounts and their sessions. Passwords arrive here hashed, tokens arrive hashed.

use crate::acts::{record_act, wall_clock};
use crate::error::StoreError;
use crate::open::Store;
use crate::record::Author;
use atalaya_authority::access::Role;
use atalaya_model::Micros;

impl Store {
    /// Makes an account, or gives it a new password; its sessions end. `password` is a PHC string
    /// (argon2), never the password. Its roles become `roles`; without any they stay, and a new
    /// account is a watch officer's.
    pub async fn put_user(
        &self,
        name: &str,
        password: &str,
        roles: &[Role],
        author: &Author,
    ) -> Result<(), StoreError> {
        let ok = !name.is_empty()
            && name.len() <= 64
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !ok {
            return Err(StoreError::Invalid {
                why: format!(
                    "'{name}' is not a name for an account; use letters, digits, '-', '_' and '.', at most 64"
                ),
            });
        }
        let fail = |e| StoreError::sql("writing an account", e);
        let at = wall_clock();
        let mut tx = self.begin().await.map_err(fail)?;
        sqlx::query(
            "INSERT INTO user (name, password, created, schema) VALUES (?, ?, ?, 1)
             ON CONFLICT (name) DO UPDATE SET password = excluded.password",
        )
        .bind(name)
        .bind(password)
        .bind(at.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        if !roles.is_empty() {
            sqlx::query("DELETE FROM user_role WHERE user = ?")
                .bind(name)
                .execute(&mut *tx)
                .await
                .map_err(fail)?;
        }
        for role in roles {
            sqlx::query("INSERT OR IGNORE INTO user_role (user, role) VALUES (?, ?)")
                .bind(name)
                .bind(role.name())
                .execute(&mut *tx)
                .await
                .map_err(fail)?;
        }
        sqlx::query(
            "INSERT INTO user_role (user, role) SELECT ?1, ?2
             WHERE NOT EXISTS (SELECT 1 FROM user_role WHERE user = ?1)",
        )
        .bind(name)
        .bind(Role::WatchOfficer.name())
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        sqlx::query("DELETE FROM session WHERE user = ?")
            .bind(name)
            .execute(&mut *tx)
            .await
            .map_err(fail)?;
        self.commit_act(tx, at, author, ("user.put", name), &roles)
            .await
            .map_err(fail)
    }

    /// The roles of an account; what this program does not know is none.
    pub async fn roles_of(&self, name: &str) -> Result<Vec<Role>, StoreError> {
        let names: Vec<String> =
            sqlx::query_scalar("SELECT role FROM user_role WHERE user = ? ORDER BY role")
                .bind(name)
                .fetch_all(&self.pool)
                .await
                .map_err(|e| StoreError::sql("reading roles", e))?;
        Ok(names.iter().filter_map(|n| n.parse().ok()).collect())
    }

    /// The password hash of an account.
    pub async fn password_of(&self, name: &str) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar("SELECT password FROM user WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading an account", e))
    }

    /// How many accounts there are.
    pub async fn users(&self) -> Result<i64, StoreError> {
        sqlx::query_scalar("SELECT count(*) FROM user")
            .fetch_one(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading accounts", e))
    }

    /// Begins a session that lasts `seconds`.
    pub async fn begin_session(
        &self,
        token_hash: &[u8; 32],
        user: &str,
        seconds: u32,
    ) -> Result<(), StoreError> {
        let fail = |e| StoreError::sql("beginning a session", e);
        let at = wall_clock();
        let until = at.0.saturating_add(i64::from(seconds) * 1_000_000);
        let mut tx = self.begin().await.map_err(fail)?;
        sqlx::query(
            "INSERT INTO session (token_hash, user, created, delete_by) VALUES (?, ?, ?, ?)",
        )
        .bind(token_hash.as_slice())
        .bind(user)
        .bind(at.0)
        .bind(until)
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        self.commit_act(
            tx,
            at,
            &Author::verified(user),
            ("session.begin", user),
            &(),
        )
        .await
        .map_err(fail)
    }

    /// Whose session it is; `None` when there is none or its time is over.
    pub async fn session_user(&self, token_hash: &[u8; 32]) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar("SELECT user FROM session WHERE token_hash = ? AND delete_by > ?")
            .bind(token_hash.as_slice())
            .bind(wall_clock().0)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading a session", e))
    }

    /// Ends a session.
    pub async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        let fail = |e| StoreError::sql("ending a session", e);
        let mut tx = self.begin().await.map_err(fail)?;
        let user: Option<String> =
            sqlx::query_scalar("DELETE FROM session WHERE token_hash = ? RETURNING user")
                .bind(token_hash.as_slice())
                .fetch_optional(&mut *tx)
                .await
                .map_err(fail)?;
        if let Some(user) = user {
            let at: Micros = wall_clock();
            let who = Author::verified(user.clone());
            record_act(
                &self.shared.key,
                &mut tx,
                at,
                &who,
                ("session.end", &user),
                &(),
            )
            .await
            .map_err(fail)?;
        }
        tx.commit().await.map_err(fail)
    }
}
