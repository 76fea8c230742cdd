//! What people's answers to earlier alerts say of a rule.
//!
//! For each rule, class and zone the probability that an alert is right is that of a Beta
//! distribution that began uniform: (1 + right) / (2 + right + wrong). It is shown on every alert;
//! where `learn` is set, an alert whose events are less certain than one minus that probability is
//! not raised. Nothing is kept here: take back an answer, or `learn`, and the bar is as before.

use atalaya_model::{Class, Reason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So many answers before a bar is raised.
const LEAST: u32 = 3;

/// A person's answer to an earlier alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The rule.
    pub rule: String,
    /// What its subject was taken for.
    pub class: Class,
    /// Where.
    pub zone: String,
    /// Acknowledged or closed, not rejected.
    pub right: bool,
}

/// What answers say of a rule, a class and a zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Acknowledged or closed.
    pub right: u32,
    /// Rejected.
    pub wrong: u32,
}

impl Said {
    /// Probability that the next one is right.
    pub fn p_right(&self) -> f64 {
        let p = f64::from(1 + self.right) / f64::from(2 + self.right + self.wrong);
        (p * 1e3).round() / 1e3
    }

    /// Events less certain than this are not told of.
    pub fn bar(&self) -> f64 {
        if self.right + self.wrong < LEAST {
            return 0.0;
        }
        1.0 - self.p_right()
    }

    /// As a reason on an alert.
    pub fn reason(&self) -> Reason {
        let p = self.p_right();
        Reason {
            what: "answers_before".into(),
            value: f64::from(self.right + self.wrong),
            weight: ((p / (1.0 - p)).ln() * 1e3).round() / 1e3,
        }
    }
}

/// All answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Learned(BTreeMap<(String, Class, String), Said>);

impl Learned {
    pub fn from(answers: &[Answer]) -> Self {
        let mut all: BTreeMap<_, Said> = BTreeMap::new();
        for a in answers {
            let said = all
                .entry((a.rule.clone(), a.class, a.zone.clone()))
                .or_default();
            let n = if a.right {
                &mut said.right
            } else {
                &mut said.wrong
            };
            *n = n.saturating_add(1).min(1_000_000);
        }
        Self(all)
    }

    pub fn says(&self, rule: &str, class: Class, zone: &str) -> Option<Said> {
        if self.0.is_empty() {
            return None;
        }
        self.0
            .get(&(rule.to_owned(), class, zone.to_owned()))
            .copied()
    }
}
