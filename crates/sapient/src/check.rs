//! Does a message conform to the standard?

use crate::message::{Message, Value};
use crate::schema::{IdKind, Kind, Schema};
use crate::{VERSION, is_ulid, is_uuid};

/// Something that does not conform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The field, from the outermost message: `registration.node_definition[0].node_type`.
    pub path: String,
    /// What is wrong and what is expected.
    pub what: String,
}

/// More findings than this are not listed.
const MOST: usize = 200;

/// Texts that are identifiers although the table's source does not mark them, and lists that must not
/// be empty: message, field.
const IDS: [(&str, &str, IdKind); 3] = [
    ("Registration", "dependent_nodes", IdKind::Uuid),
    ("FollowObject", "follow_object_id", IdKind::Ulid),
    ("StatusReport", "active_task_id", IdKind::Ulid),
];
/// Fields that the standard's text asks for and the table's source does not mark.
const NEEDED: [(&str, &str); 2] = [
    ("Error", "error_message"),
    ("Registration.TaskDefinition", "concurrent_tasks"),
];

/// All that is wrong with a message; empty when it conforms.
pub fn check(message: &Message) -> Vec<Finding> {
    let mut found = Vec::new();
    walk(message, "", &mut found);
    found.truncate(MOST);
    found
}

fn walk(message: &Message, path: &str, found: &mut Vec<Finding>) {
    let def = message.def();
    let here = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    let mut say = |path: String, what: String| {
        if found.len() < MOST {
            found.push(Finding { path, what });
        }
    };
    for group in &def.needs {
        let there = |n: u32| def.number(n).is_some_and(|f| f.group == Some(*group));
        if !message.fields.iter().any(|(n, _)| there(*n)) {
            let options: Vec<&str> = def
                .fields
                .iter()
                .filter(|f| f.group == Some(*group))
                .map(|f| f.name)
                .collect();
            let place = if path.is_empty() { "content" } else { path };
            say(
                place.to_owned(),
                format!("one of {} is mandatory; none is there", options.join(", ")),
            );
        }
    }
    for field in &def.fields {
        let mut values = message
            .fields
            .iter()
            .filter(|f| f.0 == field.number)
            .map(|f| &f.1)
            .peekable();
        let needed = field.mandatory || NEEDED.contains(&(def.name, field.name));
        if needed && values.peek().is_none() {
            say(here(field.name), "is mandatory; it is missing".into());
            continue;
        }
        let id = field.id.or_else(|| {
            let of = |i: &&(&str, &str, IdKind)| i.0 == def.name && i.1 == field.name;
            IDS.iter().find(of).map(|i| i.2)
        });
        for (i, value) in values.enumerate() {
            let place = || {
                if field.repeated {
                    format!("{}[{i}]", here(field.name))
                } else {
                    here(field.name)
                }
            };
            match value {
                Value::Text(t) if needed && t.is_empty() => {
                    say(place(), "is mandatory; it is empty".into());
                }
                Value::Text(t) => match id {
                    Some(IdKind::Uuid) if !is_uuid(t) => say(
                        place(),
                        format!(
                            "'{}' is not a UUID such as a8654cdf-4328-47de-81fa-c495589e30c9",
                            short(t)
                        ),
                    ),
                    Some(IdKind::Ulid) if !is_ulid(t) => say(
                        place(),
                        format!(
                            "'{}' is not a ULID: 26 digits of Crockford's base 32",
                            short(t)
                        ),
                    ),
                    _ if def.name == "Registration"
                        && field.name == "icd_version"
                        && t != VERSION =>
                    {
                        say(place(), format!("'{}' is not '{VERSION}'", short(t)));
                    }
                    _ => {}
                },
                Value::Bytes(b) if needed && b.is_empty() => {
                    say(place(), "is mandatory; it is empty".into());
                }
                Value::Enum(n) => {
                    let known = match field.kind {
                        Kind::Enum(e) => Schema::get().enums[e].word(*n).is_some(),
                        _ => false,
                    };
                    if !known {
                        say(place(), format!("{n} is not a word of the standard"));
                    } else if needed && *n == 0 {
                        say(place(), "is mandatory; it is unspecified".into());
                    }
                }
                Value::Double(v) if !v.is_finite() => say(place(), "is not a number".into()),
                Value::Float(v) if !v.is_finite() => say(place(), "is not a number".into()),
                Value::Message(_) => {}
                _ => {}
            }
        }
    }
    if message.unknown > 0 {
        let place = if path.is_empty() { "message" } else { path };
        say(
            place.to_owned(),
            format!("{} fields that the standard does not have", message.unknown),
        );
    }
    for field in &def.fields {
        let values = message.fields.iter().filter(|f| f.0 == field.number);
        for (i, (_, value)) in values.enumerate() {
            if let Value::Message(inner) = value {
                let place = if field.repeated {
                    format!("{}[{i}]", here(field.name))
                } else {
                    here(field.name)
                };
                walk(inner, &place, found);
            }
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
