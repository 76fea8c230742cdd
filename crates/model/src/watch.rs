//! The watch document, `watch/1`: what the watch officers of a site want to be told.
//!
//! The types alone; crate `activity` reads the text, checks every expression, and applies the rules.

use crate::alert::Severity;
use crate::operation::Subject;
use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// A watch document, in TOML.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchDocument {
    /// Always `watch/1`.
    pub schema: String,
    /// The operation or site whose rules these are.
    pub site: String,
    /// Local time for quiet hours, `hour` and `weekday`: an offset such as `"-05:00"` [default: UTC].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset: Option<String>,
    /// Answers to earlier alerts raise the bar of a rule that was often wrong, unless the rule says
    /// otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub learn: bool,
    /// The rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<WatchRule>,
}

impl WatchDocument {
    /// `watch/1`.
    pub const SCHEMA: &'static str = "watch/1";
}

/// Whose events a pattern puts together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Same {
    /// Those of one subject.
    #[default]
    Subject,
    /// Those in one zone, whoever it is.
    Zone,
    /// All.
    Any,
}

/// A rule of a watch document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchRule {
    /// Short name, used in alerts.
    pub id: String,
    /// What it looks for: `enter`, `exit`, `dwell`, `count`, `sequence`, `absent_within`, `near`, or
    /// one or more kinds of event (`delivery`, `emission`, `convoy`, `novelty`, …).
    pub on: Names,
    /// For `count`, `sequence`, `absent_within` and `near`: the kind of event it begins with.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub of: Names,
    /// Where: one zone or more [default: anywhere].
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub zone: Names,
    /// Who.
    #[serde(default)]
    pub subject: Subject,
    /// A CEL expression over the event; only where it is true.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Least probability of an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_at_least: Option<f64>,
    /// For `dwell`: seconds of the stay, not counting what was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longer_than_s: Option<f64>,
    /// For `count`: so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// For `count`, `sequence`, `absent_within` and `near`: within so many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_s: Option<f64>,
    /// For `sequence` and `absent_within`: what follows, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Step>,
    /// For `count`, `sequence` and `absent_within`: whose events belong together [default: the
    /// subject's; for `count` the zone's].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same: Option<Same>,
    /// For `near`: metres between two subjects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_m: Option<f64>,
    /// How loud.
    #[serde(default)]
    pub severity: Severity,
    /// Local times at which nothing is raised, `"22:00-06:00"`: what would have been is raised, once,
    /// when they end. Critical rules have none.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub quiet_hours: Names,
    /// A duplicate joins an open alert when it comes within so many seconds of the last one
    /// [default: 3600].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join_s: Option<f64>,
    /// Unacknowledged for so many seconds, an alert becomes one step louder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate_after_s: Option<f64>,
    /// Unacknowledged for so many seconds since the last that joined, it expires [default: 86400].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after_s: Option<f64>,
    /// Answers to earlier alerts raise its bar [default: as the document says].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learn: Option<bool>,
    /// The words of its alerts [default: made from the events].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub say: Option<String>,
}

/// What follows in a pattern: a kind, or a kind with its own place and condition.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    /// Kinds of event; any of them.
    pub on: Names,
    /// Where [default: anywhere].
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub zone: Names,
    /// A CEL expression over that event.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            on: Names,
            #[serde(default)]
            zone: Names,
            #[serde(default, rename = "where")]
            when: Option<String>,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Step;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a kind of event, or a table with on, zone and where")
            }

            fn visit_str<E>(self, name: &str) -> Result<Step, E> {
                Ok(Step {
                    on: Names(vec![name.to_owned()]),
                    zone: Names::default(),
                    when: None,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Step, A::Error> {
                let t = Table::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Step {
                    on: t.on,
                    zone: t.zone,
                    when: t.when,
                })
            }
        }
        from.deserialize_any(Either)
    }
}

/// One name, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Names(pub Vec<String>);

impl Names {
    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Is this one of them?
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|n| n == name)
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, or a list of names")
            }

            fn visit_str<E>(self, name: &str) -> Result<Names, E> {
                Ok(Names(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Names, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Names)
            }
        }
        from.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_steps_are_written_short_or_long() {
        let text = r#"
            schema = "watch/1"
            site = "yard"
            [[rule]]
            id = "left-alone"
            on = "sequence"
            of = ["enter", "appeared"]
            then = ["unload", { on = "exit", zone = "gate", where = "class == 'truck'" }]
            within_s = 600
        "#;
        let doc: WatchDocument = toml::from_str(text).unwrap();
        let rule = &doc.rules[0];
        assert_eq!(rule.on, Names(vec!["sequence".into()]));
        assert!(rule.of.has("appeared") && rule.zone.is_empty());
        assert_eq!(rule.then[0].on, Names(vec!["unload".into()]));
        assert_eq!(rule.then[1].zone, Names(vec!["gate".into()]));
        assert_eq!(rule.then[1].when.as_deref(), Some("class == 'truck'"));
        let unknown = text.replace("within_s", "whithin_s");
        assert!(toml::from_str::<WatchDocument>(&unknown).is_err());
    }
}
