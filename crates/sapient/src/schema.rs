//! The table of messages, read once.

use std::sync::OnceLock;

const TABLE: &str = include_str!("flex335.txt");

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Double,
    Float,
    Int,
    Bool,
    Text,
    Bytes,
    Time,
    Message(usize),
    Enum(usize),
}

/// What a text must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdKind {
    Uuid,
    Ulid,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub number: u32,
    pub name: &'static str,
    /// The name in protobuf JSON.
    pub json: String,
    pub kind: Kind,
    pub repeated: bool,
    pub mandatory: bool,
    pub id: Option<IdKind>,
    /// The group of which only one may be there.
    pub group: Option<&'static str>,
}

#[derive(Debug, Default)]
pub(crate) struct MessageDef {
    pub name: &'static str,
    /// By number.
    pub fields: Vec<Field>,
    /// Groups of which one must be there.
    pub needs: Vec<&'static str>,
}

impl MessageDef {
    pub fn number(&self, number: u32) -> Option<&Field> {
        let at = self.fields.binary_search_by_key(&number, |f| f.number);
        at.ok().map(|i| &self.fields[i])
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }
}

#[derive(Debug)]
pub(crate) struct EnumDef {
    pub words: Vec<(i32, &'static str)>,
}

impl EnumDef {
    pub fn word(&self, number: i32) -> Option<&'static str> {
        self.words.iter().find(|w| w.0 == number).map(|w| w.1)
    }

    pub fn number(&self, word: &str) -> Option<i32> {
        self.words.iter().find(|w| w.1 == word).map(|w| w.0)
    }
}

#[derive(Debug)]
pub(crate) struct Schema {
    pub messages: Vec<MessageDef>,
    pub enums: Vec<EnumDef>,
}

impl Schema {
    pub fn get() -> &'static Self {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| read(TABLE))
    }

    pub fn message(&self, name: &str) -> Option<usize> {
        self.messages.iter().position(|m| m.name == name)
    }
}

fn read(table: &'static str) -> Schema {
    let names = |what: &str| -> Vec<&'static str> {
        let lines = table.lines().filter_map(|l| l.strip_prefix(what));
        lines.map(str::trim).collect()
    };
    let (messages, enums) = (names("message "), names("enum "));
    let mut schema = Schema {
        messages: Vec::new(),
        enums: Vec::new(),
    };
    let mut in_enum = false;
    for line in table.lines().filter(|l| !l.starts_with('#')) {
        if let Some(name) = line.strip_prefix("message ") {
            in_enum = false;
            schema.messages.push(MessageDef {
                name: name.trim(),
                ..MessageDef::default()
            });
            continue;
        }
        if line.starts_with("enum ") {
            in_enum = true;
            schema.enums.push(EnumDef { words: Vec::new() });
            continue;
        }
        let words: Vec<&'static str> = line.split_whitespace().collect();
        if in_enum {
            if let (Some(e), [number, word]) = (schema.enums.last_mut(), words.as_slice())
                && let Ok(number) = number.parse()
            {
                e.words.push((number, word));
            }
            continue;
        }
        let Some(message) = schema.messages.last_mut() else {
            continue;
        };
        match words[..] {
            ["one", group] => message.needs.push(group),
            [number, name, kind, ref rest @ ..] => {
                let repeated = kind.starts_with('*');
                let kind = kind.trim_start_matches('*');
                let kind = match kind {
                    "double" => Some(Kind::Double),
                    "float" => Some(Kind::Float),
                    "int32" => Some(Kind::Int),
                    "bool" => Some(Kind::Bool),
                    "string" => Some(Kind::Text),
                    "bytes" => Some(Kind::Bytes),
                    "time" => Some(Kind::Time),
                    other => {
                        let message = messages.iter().position(|m| *m == other);
                        let word = enums.iter().position(|e| *e == other);
                        message.map(Kind::Message).or(word.map(Kind::Enum))
                    }
                };
                if let (Ok(number), Some(kind)) = (number.parse(), kind) {
                    message.fields.push(Field {
                        number,
                        name,
                        json: camel(name),
                        kind,
                        repeated,
                        mandatory: rest.contains(&"!"),
                        id: rest.iter().find_map(|r| match *r {
                            "uuid" => Some(IdKind::Uuid),
                            "ulid" => Some(IdKind::Ulid),
                            _ => None,
                        }),
                        group: rest.iter().find_map(|r| r.strip_prefix('@')),
                    });
                }
            }
            _ => {}
        }
    }
    for m in &mut schema.messages {
        m.fields.sort_by_key(|f| f.number);
    }
    schema
}

/// A field's name in protobuf JSON: without underscores, the letter after one in upper case.
fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood() {
        let s = Schema::get();
        let lines = |what: fn(&str) -> bool| TABLE.lines().filter(|l| what(l)).count();
        assert_eq!(s.messages.len(), lines(|l| l.starts_with("message ")));
        assert_eq!(s.enums.len(), lines(|l| l.starts_with("enum ")));
        let fields: usize = s
            .messages
            .iter()
            .map(|m| m.fields.len() + m.needs.len())
            .sum();
        let words: usize = s.enums.iter().map(|e| e.words.len()).sum();
        assert_eq!(fields + words, lines(|l| l.starts_with("  ")));
        let d = &s.messages[s.message("DetectionReport").unwrap()];
        assert_eq!(
            d.field("detection_confidence").unwrap().json,
            "detectionConfidence"
        );
        assert_eq!(d.number(6).unwrap().name, "location");
    }
}
