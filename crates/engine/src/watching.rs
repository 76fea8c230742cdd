//! The armed watch document on what a run says: behind activity, before store and bus.

use crate::error::EngineError;
use crate::junction::Passed;
use atalaya_activity::Activity;
use atalaya_activity::watch::{Answer, Rules, Watch, read};
use atalaya_model::{Class, Micros, Operation};
use atalaya_store::StoredAnswer;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

pub use atalaya_activity::watch::{
    Backtest, FIELDS, Fault, Field, PATTERNS, RuleResult, Tally, backtest, read as read_rules,
};

/// A zone that was not in view for longer than this is out of sight, seconds: as long as for a coverage gap.
const OUT_OF_SIGHT_S: f64 = 5.0;
/// Beside a live run's admission log, so that it can be replayed.
const FILE: &str = "watch.json";

/// A watch document that a run applies, with the answers that it began with.
#[derive(Clone, Debug)]
pub struct Armed {
    text: String,
    rules: Arc<Rules>,
    answers: Vec<Answer>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    schema: String,
    text: String,
    answers: Vec<Answer>,
}

impl Armed {
    /// Checks a document against the operation's zones.
    pub fn new(
        file: &str,
        text: &str,
        operation: &Operation,
        answers: Vec<Answer>,
    ) -> Result<Self, EngineError> {
        let rules = read(file, text, &zones(operation)).map_err(|faults| EngineError::File {
            path: file.into(),
            why: faults.first().map_or_else(String::new, ToString::to_string),
        })?;
        Ok(Self {
            text: text.to_owned(),
            rules: Arc::new(rules),
            answers,
        })
    }

    /// What a live run was armed with, if it was.
    pub fn of_run(folder: &Path, operation: &Operation) -> Result<Option<Self>, EngineError> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(EngineError::io(&path, &e)),
        };
        let kept: Kept = serde_json::from_str(&text).map_err(|e| EngineError::File {
            path: path.clone(),
            why: e.to_string(),
        })?;
        Self::new("watch.toml", &kept.text, operation, kept.answers).map(Some)
    }

    /// Keeps it for a replay.
    pub(crate) fn keep(&self, folder: &Path) -> Result<(), EngineError> {
        let kept = Kept {
            schema: "watch-run/1".into(),
            text: self.text.clone(),
            answers: self.answers.clone(),
        };
        let path = folder.join(FILE);
        let json = serde_json::to_vec(&kept).unwrap_or_default();
        std::fs::write(&path, json).map_err(|e| EngineError::io(&path, &e))
    }
}

/// The names of an operation's zones.
pub fn zones(operation: &Operation) -> Vec<String> {
    operation.site.zones.iter().map(|z| z.id.clone()).collect()
}

/// Answers as rules learn from them.
pub fn answers(stored: Vec<StoredAnswer>) -> Vec<Answer> {
    let class = |name: String| serde_json::from_value(serde_json::Value::String(name));
    stored
        .into_iter()
        .map(|a| Answer {
            rule: a.rule,
            class: class(a.class).unwrap_or(Class::Unknown),
            zone: a.zone,
            right: a.right,
        })
        .collect()
}

/// The rules of a run.
#[derive(Debug)]
pub(crate) struct Watching {
    watch: Watch,
    hidden: Vec<bool>,
}

impl Watching {
    pub fn new(armed: &Armed) -> Self {
        Self {
            watch: Watch::new(armed.rules.clone(), &armed.answers),
            hidden: Vec::new(),
        }
    }

    /// Adds what the rules find in what was said at `now`. A rule of the document takes the place of
    /// the operation's own of the same id.
    pub fn apply(&mut self, now: Micros, activity: &Activity, passed: &mut Passed) {
        passed.alerts.retain(|a| !self.watch.rules().has(&a.rule));
        for (i, (zone, seen)) in activity.observed().enumerate() {
            if self.hidden.len() <= i {
                self.hidden.push(false);
            }
            // Never in view: no camera's coverage says anything of it.
            let Some(seen) = seen else { continue };
            let hidden = now.since(seen) > OUT_OF_SIGHT_S;
            if hidden && !self.hidden[i] {
                self.watch.unwatch(zone, seen);
            } else if !hidden && self.hidden[i] {
                self.watch.watch(zone, seen);
            }
            self.hidden[i] = hidden;
        }
        for e in &passed.events {
            self.watch.push(e, &mut passed.alerts);
        }
        self.watch.advance(now, &mut passed.alerts);
    }
}
