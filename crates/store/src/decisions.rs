//! Decisions on alerts, and matches of alerts with targets.

use crate::acts::wall_clock;
use crate::alerts::check_text;
use crate::batch::{SCHEMA, json};
use crate::error::StoreError;
use crate::open::Store;
use crate::record::Author;
use atalaya_model::operation::Authority;
use atalaya_model::{Choice, Decision, Done, MatchState, TargetMatch};
use sqlx::SqliteConnection;

/// A decision to be taken.
#[derive(Clone, Debug)]
pub struct NewDecision {
    /// What is known and what is not.
    pub assessment: String,
    /// What was considered.
    pub options: Vec<Choice>,
    /// What is decided: one of them.
    pub choice: Choice,
    /// Why.
    pub reason: String,
    /// For `refer_to_partner`.
    pub partner: Option<String>,
}

fn invalid(why: impl Into<String>) -> StoreError {
    StoreError::Invalid { why: why.into() }
}

/// Who answers for it must have a name.
pub(crate) fn named(author: &Author, what: &str) -> Result<(), StoreError> {
    if author.is_named() {
        return Ok(());
    }
    Err(invalid(format!(
        "{what} needs a person's name; write yours at the top of the page, or log in"
    )))
}

impl Store {
    /// Decides on an alert. What the authority does not name can't be chosen: a partner, or an entry
    /// without a target whose match a person has confirmed.
    pub async fn decide(
        &self,
        (run, alert): (&str, &str),
        new: NewDecision,
        authority: &Authority,
        author: &Author,
    ) -> Result<Decision, StoreError> {
        named(author, "a decision")?;
        check_text(&new.assessment, true)?;
        check_text(&new.reason, true)?;
        let mut options = new.options.clone();
        options.sort_unstable();
        options.dedup();
        if !options.contains(&new.choice) {
            return Err(invalid(
                "what is decided is not among the options that were considered; add it to them",
            ));
        }
        if new.choice == Choice::ReferToPartner {
            let partner = new.partner.as_deref().unwrap_or_default();
            check_partner(authority, partner)?;
        }
        let fail = |e| StoreError::sql("writing a decision", e);
        let at = wall_clock();
        let delete_by = self.keep_until(Some(run), at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        alert_is_there(&mut tx, run, alert).await?;
        let mut target = None;
        if new.choice == Choice::RecommendEntry {
            let confirmed: Vec<String> = sqlx::query_scalar(
                "SELECT target FROM target_match WHERE run = ? AND alert = ? AND state = 'confirmed' ORDER BY n DESC",
            )
            .bind(run)
            .bind(alert)
            .fetch_all(&mut *tx)
            .await
            .map_err(fail)?;
            target = confirmed
                .into_iter()
                .find(|t| authority.targets.iter().any(|x| x.name == *t));
            if target.is_none() {
                return Err(StoreError::Conflict {
                    why: "entry can't be recommended: nobody has confirmed that this alert matches a target that the authority names; propose the match and have another person confirm it, or seek an order".into(),
                });
            }
        }
        let n: i64 = sqlx::query_scalar(
            "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'decision'",
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(fail)?;
        let decision = Decision {
            schema: Decision::SCHEMA.into(),
            n,
            run: run.into(),
            alert: alert.into(),
            assessment: new.assessment,
            options,
            choice: new.choice,
            reason: new.reason,
            partner: new.partner.filter(|_| new.choice == Choice::ReferToPartner),
            target,
            by: author.clone(),
            at,
        };
        sqlx::query(
            "INSERT INTO decision (n, run, alert, body, schema, delete_by) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(n)
        .bind(run)
        .bind(alert)
        .bind(json(&decision))
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        let subject = format!("{run}~{alert}");
        let detail = (n, decision.choice);
        self.commit_act(tx, at, author, ("alert.decide", &subject), &detail)
            .await
            .map_err(fail)?;
        Ok(decision)
    }

    /// The decisions on an alert and its matches, oldest first.
    pub async fn decisions(
        &self,
        run: &str,
        alert: &str,
    ) -> Result<(Vec<Decision>, Vec<TargetMatch>), StoreError> {
        let fail = |e| StoreError::sql("reading decisions", e);
        let read = |table: &'static str| {
            sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(format!(
                "SELECT body FROM {table} WHERE run = ? AND alert = ? ORDER BY n"
            )))
            .bind(run)
            .bind(alert)
        };
        let decisions = read("decision").fetch_all(&self.pool).await.map_err(fail)?;
        let matches = read("target_match")
            .fetch_all(&self.pool)
            .await
            .map_err(fail)?;
        Ok((parse_all(&decisions)?, parse_all(&matches)?))
    }

    /// Says that an alert may be about a target that the authority names.
    pub async fn propose_match(
        &self,
        (run, alert): (&str, &str),
        target: &str,
        reason: &str,
        authority: &Authority,
        author: &Author,
    ) -> Result<TargetMatch, StoreError> {
        named(author, "a match with a target")?;
        check_text(reason, true)?;
        if !authority.targets.iter().any(|t| t.name == target) {
            let known: Vec<&str> = authority.targets.iter().map(|t| t.name.as_str()).collect();
            return Err(invalid(format!(
                "the authority names no target '{target}'; it names: {}",
                if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                }
            )));
        }
        let fail = |e| StoreError::sql("writing a match", e);
        let at = wall_clock();
        let delete_by = self.keep_until(Some(run), at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        alert_is_there(&mut tx, run, alert).await?;
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM target_match WHERE run = ? AND alert = ? AND target = ? AND state <> 'denied'",
        )
        .bind(run)
        .bind(alert)
        .bind(target)
        .fetch_one(&mut *tx)
        .await
        .map_err(fail)?;
        if open > 0 {
            return Err(StoreError::Conflict {
                why: format!("a match with '{target}' was proposed already; reload to see it"),
            });
        }
        let n: i64 = sqlx::query_scalar(
            "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'target_match'",
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(fail)?;
        let found = TargetMatch {
            schema: TargetMatch::SCHEMA.into(),
            n,
            run: run.into(),
            alert: alert.into(),
            target: target.into(),
            state: MatchState::Proposed,
            reason: reason.into(),
            proposed: Done {
                by: author.clone(),
                at,
            },
            answer: None,
            answered: None,
        };
        sqlx::query(
            "INSERT INTO target_match (n, run, alert, target, state, body, schema, delete_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(n)
        .bind(run)
        .bind(alert)
        .bind(target)
        .bind(found.state.name())
        .bind(json(&found))
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        let subject = format!("{run}~{alert}");
        self.commit_act(tx, at, author, ("match.propose", &subject), &n)
            .await
            .map_err(fail)?;
        Ok(found)
    }

    /// Confirms or denies a match: another person than who proposed it, with a reason.
    pub async fn answer_match(
        &self,
        n: i64,
        confirm: bool,
        reason: &str,
        author: &Author,
    ) -> Result<TargetMatch, StoreError> {
        named(author, "an answer to a match")?;
        check_text(reason, true)?;
        let fail = |e| StoreError::sql("answering a match", e);
        let at = wall_clock();
        let mut tx = self.begin().await.map_err(fail)?;
        let body: Option<String> = sqlx::query_scalar("SELECT body FROM target_match WHERE n = ?")
            .bind(n)
            .fetch_optional(&mut *tx)
            .await
            .map_err(fail)?;
        let body = body.ok_or_else(|| StoreError::NotFound {
            what: "match",
            id: n.to_string(),
        })?;
        let mut found: TargetMatch = parse(&body)?;
        if found.state != MatchState::Proposed {
            return Err(StoreError::Conflict {
                why: format!(
                    "this match was {} already; propose it anew if there is news",
                    found.state.name()
                ),
            });
        }
        if found.proposed.by.is_same(author) {
            drop(tx);
            self.note_act(author, "refused.same_person", "match", &n)
                .await?;
            return Err(StoreError::Conflict {
                why: "whoever proposed a match can't answer it; another person must look".into(),
            });
        }
        found.state = if confirm {
            MatchState::Confirmed
        } else {
            MatchState::Denied
        };
        found.answer = Some(reason.into());
        found.answered = Some(Done {
            by: author.clone(),
            at,
        });
        sqlx::query("UPDATE target_match SET state = ?, body = ? WHERE n = ?")
            .bind(found.state.name())
            .bind(json(&found))
            .bind(n)
            .execute(&mut *tx)
            .await
            .map_err(fail)?;
        let what = if confirm {
            "match.confirm"
        } else {
            "match.deny"
        };
        let subject = format!("{}~{}", found.run, found.alert);
        self.commit_act(tx, at, author, (what, &subject), &n)
            .await
            .map_err(fail)?;
        Ok(found)
    }
}

/// Only those whom the authority names get anything.
pub(crate) fn check_partner(authority: &Authority, partner: &str) -> Result<(), StoreError> {
    if authority.partners.iter().any(|p| p == partner) {
        return Ok(());
    }
    let known = match authority.partners.as_slice() {
        [] => "nobody".to_owned(),
        all => all.join(", "),
    };
    Err(invalid(format!(
        "the authority does not name '{partner}' as a partner, it names: {known}; have the order extended and the name added to authority.partners, or choose another"
    )))
}

async fn alert_is_there(
    tx: &mut SqliteConnection,
    run: &str,
    alert: &str,
) -> Result<(), StoreError> {
    let there: i64 = sqlx::query_scalar("SELECT count(*) FROM alert WHERE run = ? AND id = ?")
        .bind(run)
        .bind(alert)
        .fetch_one(tx)
        .await
        .map_err(|e| StoreError::sql("reading an alert", e))?;
    if there == 0 {
        return Err(StoreError::NotFound {
            what: "alert",
            id: alert.into(),
        });
    }
    Ok(())
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|e| StoreError::Database {
        doing: "reading a record",
        why: e.to_string(),
    })
}

fn parse_all<T: serde::de::DeserializeOwned>(bodies: &[String]) -> Result<Vec<T>, StoreError> {
    bodies.iter().map(|b| parse(b)).collect()
}
