//! Protobuf's JSON (protobuf.dev, "ProtoJSON Format").

use crate::check::Finding;
use crate::message::{Message, Value};
use crate::schema::{Field, Kind, Schema};
use crate::time;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::Value as Json;

/// Messages within messages at most.
const DEEPEST: u32 = 32;

/// Reads a `SapientMessage` from JSON text. Wherever a field can't be read, what is wrong is added to
/// the findings and the rest is read on; an error is text that is no JSON object at all.
pub fn decode(text: &str) -> Result<(Message, Vec<Finding>), String> {
    let json: Json =
        serde_json::from_str(text).map_err(|e| format!("is not JSON: {e}; give one object"))?;
    if !json.is_object() {
        return Err("is not a JSON object; give one message".into());
    }
    let kind = Schema::get().message("SapientMessage").unwrap_or_default();
    let mut found = Vec::new();
    let message = object(kind, &json, "", 0, &mut found);
    Ok((message, found))
}

fn object(kind: usize, json: &Json, path: &str, depth: u32, found: &mut Vec<Finding>) -> Message {
    let mut message = Message::empty(kind);
    let def = message.def();
    let here = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    let mut say = |path: String, what: &str| {
        found.push(Finding {
            path,
            what: what.to_owned(),
        });
    };
    let Some(map) = json.as_object() else {
        say(path.to_owned(), "is not an object");
        return message;
    };
    if depth > DEEPEST {
        say(
            path.to_owned(),
            "is nested deeper than any message of the standard",
        );
        return message;
    }
    let mut groups = Vec::new();
    for (key, value) in map {
        let named = |f: &&Field| f.json == *key || f.name == key;
        let Some(field) = def.fields.iter().find(named) else {
            say(here(key), "is not a field of the standard");
            continue;
        };
        if value.is_null() {
            continue;
        }
        if let Some(group) = field.group {
            if groups.contains(&group) {
                say(here(field.name), "only one of its group may be there");
                continue;
            }
            groups.push(group);
        }
        let one = std::slice::from_ref(value);
        let items = match (field.repeated, value) {
            (true, Json::Array(items)) => items.as_slice(),
            (true, _) => {
                say(here(field.name), "is a list in the standard");
                continue;
            }
            (false, _) => one,
        };
        for (i, item) in items.iter().enumerate() {
            let place = if field.repeated {
                format!("{}[{i}]", here(field.name))
            } else {
                here(field.name)
            };
            let value = if let Kind::Message(inner) = field.kind {
                let mut below = Vec::new();
                let m = object(inner, item, &place, depth + 1, &mut below);
                for f in below {
                    say(f.path, &f.what);
                }
                Value::Message(m)
            } else {
                match scalar(field, item) {
                    Ok(v) => v,
                    Err(what) => {
                        say(place, &what);
                        continue;
                    }
                }
            };
            message.fields.push((field.number, value));
        }
    }
    // As on the wire: by number.
    message.fields.sort_by_key(|f| f.0);
    message
}

fn scalar(field: &Field, json: &Json) -> Result<Value, String> {
    let number = || -> Option<f64> {
        match json {
            Json::Number(n) => n.as_f64(),
            Json::String(s) => s.trim().parse().ok(),
            _ => None,
        }
    };
    let shown = || json.to_string().chars().take(40).collect::<String>();
    let wrong = |wanted: &str| format!("{} is not {wanted}", shown());
    match field.kind {
        Kind::Double => number().map(Value::Double).ok_or_else(|| wrong("a number")),
        Kind::Float => number()
            .map(|v| Value::Float(v as f32))
            .ok_or_else(|| wrong("a number")),
        Kind::Int => number()
            .filter(|v| v.fract() == 0.0 && v.abs() <= f64::from(i32::MAX))
            .map(|v| Value::Int(v as i32))
            .ok_or_else(|| wrong("a whole number")),
        Kind::Bool => json
            .as_bool()
            .map(Value::Bool)
            .ok_or_else(|| wrong("true or false")),
        Kind::Text => json
            .as_str()
            .map(|t| Value::Text(t.to_owned()))
            .ok_or_else(|| wrong("text")),
        Kind::Bytes => json
            .as_str()
            .and_then(|t| STANDARD.decode(t).or_else(|_| URL_SAFE.decode(t)).ok())
            .map(Value::Bytes)
            .ok_or_else(|| wrong("bytes in base 64")),
        Kind::Time => json
            .as_str()
            .and_then(time::parse)
            .map(Value::Time)
            .ok_or_else(|| wrong("a time such as 2026-11-22T05:00:00Z")),
        Kind::Enum(e) => {
            let def = &Schema::get().enums[e];
            let n = match json {
                Json::String(word) => def.number(word),
                Json::Number(n) => n
                    .as_i64()
                    .and_then(|n| i32::try_from(n).ok())
                    .filter(|n| def.word(*n).is_some()),
                _ => None,
            };
            n.map(Value::Enum).ok_or_else(|| {
                let known: Vec<&str> = def.words.iter().skip(1).map(|w| w.1).collect();
                wrong(&format!("one of {}", known.join(", ")))
            })
        }
        Kind::Message(_) => Err("is a message".into()),
    }
}

/// A message as protobuf JSON.
pub fn encode(message: &Message) -> Json {
    let mut map = serde_json::Map::new();
    for field in &message.def().fields {
        let values: Vec<Json> = message
            .fields
            .iter()
            .filter(|f| f.0 == field.number)
            .map(|(_, v)| match v {
                Value::Double(v) => Json::from(*v),
                Value::Float(v) => Json::from(f64::from(*v)),
                Value::Int(v) => Json::from(*v),
                Value::Bool(v) => Json::from(*v),
                Value::Text(t) => Json::from(t.as_str()),
                Value::Bytes(b) => Json::from(STANDARD.encode(b)),
                Value::Time(t) => Json::from(time::text(*t)),
                Value::Enum(n) => match field.kind {
                    Kind::Enum(e) => Schema::get().enums[e]
                        .word(*n)
                        .map_or_else(|| Json::from(*n), Json::from),
                    _ => Json::from(*n),
                },
                Value::Message(m) => encode(m),
            })
            .collect();
        if field.repeated && !values.is_empty() {
            map.insert(field.json.clone(), Json::Array(values));
        } else if let Some(v) = values.into_iter().next_back() {
            map.insert(field.json.clone(), v);
        }
    }
    Json::Object(map)
}
