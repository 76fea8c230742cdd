//! What the story plays on: two posts, an aircraft, and what has been done so far.

use super::person::{Post, encoded};
use super::sky::Sky;
use anyhow::{Context as _, Result};
use atalaya_model::Micros;
use serde_json::Value;
use std::collections::BTreeMap;

/// What came of a step.
pub type Facts = BTreeMap<&'static str, Value>;

/// The persons of the story. Nobody's name.
pub mod cast {
    /// Watch officer.
    pub const OFFICER: &str = "L. Ríos";
    /// Analyst.
    pub const ANALYST: &str = "A. Soto";
    /// Approver.
    pub const APPROVER: &str = "M. Marín";
    /// Liaison.
    pub const LIAISON: &str = "J. Prado";
    /// At the partner agency.
    pub const PARTNER: &str = "C. Vidal";
    /// Auditor.
    pub const AUDITOR: &str = "E. Nieto";
}

/// Two posts, an aircraft, and what has been done so far.
pub struct Stage {
    /// Our post.
    pub ours: Post,
    /// The partner's.
    pub theirs: Post,
    /// The relieving aircraft.
    pub sky: Sky,
    /// Alerts before this are of another day.
    pub since: Micros,
    /// The alert that it is about.
    pub alert: Option<AlertRef>,
    /// The newest note when the note was due.
    pub note: Option<i64>,
    /// The release, ours and the partner's id of it.
    pub release: Option<String>,
    /// The one-time link to it.
    pub link: Option<String>,
}

/// An alert.
#[derive(Clone, Debug)]
pub struct AlertRef {
    /// `run~id`.
    pub key: String,
    /// Its run.
    pub run: String,
    /// Its subjects.
    pub subjects: Vec<String>,
}

impl Stage {
    /// Nothing has been done.
    pub fn new(ours: String, theirs: String, sky: Sky) -> Self {
        Self {
            ours: Post::new(ours),
            theirs: Post::new(theirs),
            sky,
            since: crate::station::now(),
            alert: None,
            note: None,
            release: None,
            link: None,
        }
    }

    /// From the beginning; what was stored stays stored.
    pub fn begin_anew(&mut self) {
        (self.alert, self.note, self.release, self.link) = (None, None, None, None);
        if let Err(e) = self.sky.at_home() {
            tracing::warn!("{e:#}");
        }
    }

    /// Ends what runs.
    pub fn close(&mut self) {
        self.sky.close();
    }

    /// The alert that the story is about.
    pub fn alert(&self) -> Result<&AlertRef> {
        self.alert.as_ref().context("there is no alert yet")
    }

    /// Path of something of the alert.
    pub fn of_alert(&self, what: &str) -> Result<String> {
        Ok(format!("alerts/{}{what}", encoded(&self.alert()?.key)))
    }

    /// The release of the alert, as a post's board has it.
    pub fn release_at(&self, post: &Post) -> Result<Option<Value>> {
        let Some(alert) = &self.alert else {
            return Ok(None);
        };
        let id = alert.key.split_once('~').map_or("", |(_, id)| id);
        let board = post.get("releases")?;
        let all = board["releases"].as_array();
        let ours = |r: &&Value| match &self.release {
            Some(known) => r["release"]["id"] == known.as_str(),
            None => {
                r["release"]["alert"] == id
                    && r["release"]["direction"] == "sent"
                    && r["release"]["state"] != "turned_down"
                    && r["release"]["state"] != "recalled"
            }
        };
        Ok(all.and_then(|all| all.iter().find(ours)).cloned())
    }
}

/// Facts out of pairs.
pub fn facts<const N: usize>(pairs: [(&'static str, Value); N]) -> Facts {
    pairs.into_iter().collect()
}
