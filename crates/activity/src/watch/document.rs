//! Reading a watch document, and checking it as a whole before a rule of it is used.

use super::clock::{Offset, Quiet};
use super::expression::Expression;
use super::fault::{Fault, hint, remedy};
use super::fields::kinds;
use super::rule::{Kinds, Pattern, Rule, StepRule};
use atalaya_model::{EventKind, Names, Same, Severity, WatchDocument, WatchRule};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Most rules of a document.
pub const MOST_RULES: usize = 64;
/// Longest document, bytes.
pub const MOST_BYTES: usize = 64 * 1024;
/// Longest time that a rule can name, seconds: thirty days.
const MOST_SECONDS: f64 = 2_592_000.0;

/// The patterns that `on` can name beside kinds of event.
pub const PATTERNS: [&str; 7] = [
    "enter",
    "exit",
    "dwell",
    "count",
    "sequence",
    "absent_within",
    "near",
];

/// A document that was read and checked, ready to be applied.
#[derive(Debug)]
pub struct Rules {
    /// The document.
    pub document: WatchDocument,
    pub(crate) rules: Vec<Rule>,
    pub(crate) offset: Offset,
}

impl Rules {
    /// Where its local time is.
    pub fn offset(&self) -> Offset {
        self.offset
    }

    /// Does it have a rule of this id?
    pub fn has(&self, id: &str) -> bool {
        self.rules.iter().any(|r| r.id == id)
    }
}

/// A step towards a value.
#[derive(Clone, Copy)]
enum At {
    Key(&'static str),
    Item(usize),
}
use At::{Item, Key};

/// Reads a document; `file` is its name for messages, `zones` the zones that there are, when they are
/// known. All faults are given, in the order of the document.
pub fn read(file: &str, text: &str, zones: &[String]) -> Result<Rules, Vec<Fault>> {
    let fault = |at: Range<usize>, what: String| Fault::new(file, text, at, what);
    if text.len() > MOST_BYTES {
        return Err(vec![fault(
            0..0,
            format!("the document is longer than {MOST_BYTES} bytes; make two of it"),
        )]);
    }
    let document: WatchDocument = toml::from_str(text)
        .map_err(|e| vec![fault(e.span().unwrap_or(0..0), remedy(e.message()))])?;
    let mut reader = Reader {
        file,
        text,
        zones,
        faults: Vec::new(),
    };
    let rules = reader.document(&document);
    let offset = document.utc_offset.as_deref().unwrap_or("Z");
    match Offset::parse(offset) {
        Some(offset) if reader.faults.is_empty() => Ok(Rules {
            document,
            rules,
            offset,
        }),
        _ => {
            reader.faults.sort_by_key(|f| (f.line, f.column));
            Err(reader.faults)
        }
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    zones: &'a [String],
    faults: Vec<Fault>,
}

impl Reader<'_> {
    /// Where a value stands: its bytes in the document.
    fn locate(&self, steps: &[At]) -> Range<usize> {
        let Ok(root) = DeTable::parse(self.text) else {
            return 0..0;
        };
        let mut span = 0..0;
        let mut table = Some(root.get_ref());
        let mut array = None;
        for step in steps {
            let value = match step {
                Key(k) => table.and_then(|t| t.get(*k)),
                Item(i) => array.and_then(|a: &toml::de::DeArray<'_>| a.get(*i)),
            };
            let Some(value) = value else { break };
            span = value.span();
            (table, array) = match value.get_ref() {
                DeValue::Table(t) => (Some(t), None),
                DeValue::Array(a) => (None, Some(a)),
                _ => (None, None),
            };
        }
        span
    }

    fn fail(&mut self, at: Range<usize>, what: String) {
        self.faults.push(Fault::new(self.file, self.text, at, what));
    }

    fn fail_at(&mut self, steps: &[At], what: String) {
        let mut at = self.locate(steps);
        // A table is as long as all that it holds: its first line is enough.
        let line = self.text[at.start..]
            .find('\n')
            .map_or(self.text.len(), |i| at.start + i);
        at.end = at.end.min(line);
        self.fail(at, what);
    }

    fn document(&mut self, doc: &WatchDocument) -> Vec<Rule> {
        if doc.schema != WatchDocument::SCHEMA {
            let what = format!(
                "schema '{}' is not known; write schema = \"watch/1\"",
                doc.schema
            );
            self.fail_at(&[Key("schema")], what);
        }
        if doc.site.trim().is_empty() {
            self.fail_at(
                &[Key("site")],
                "site is empty; name the operation or place".into(),
            );
        }
        if let Some(offset) = &doc.utc_offset
            && Offset::parse(offset).is_none()
        {
            let what =
                format!("'{offset}' is not an offset from UTC; write \"+02:00\" or \"-05:00\"");
            self.fail_at(&[Key("utc_offset")], what);
        }
        if doc.rules.is_empty() {
            self.fail(0..0, "there is no rule; add a [[rule]]".into());
        }
        if doc.rules.len() > MOST_RULES {
            let what =
                format!("there are more than {MOST_RULES} rules; make two documents of them");
            self.fail_at(&[Key("rule"), Item(MOST_RULES)], what);
        }
        let mut seen = BTreeSet::new();
        let mut rules = Vec::new();
        for (i, r) in doc.rules.iter().enumerate().take(MOST_RULES) {
            let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if r.id.is_empty() || r.id.len() > 64 || !r.id.chars().all(good) {
                let what = format!(
                    "id '{}' is not a short name of letters, digits, - and _",
                    r.id
                );
                self.fail_at(&[Key("rule"), Item(i), Key("id")], what);
            } else if !seen.insert(r.id.as_str()) {
                let what = format!("rule '{}' is there twice; give it another id", r.id);
                self.fail_at(&[Key("rule"), Item(i), Key("id")], what);
            }
            rules.push(self.rule(i, r, doc.learn));
        }
        rules
    }

    fn rule(&mut self, i: usize, r: &WatchRule, learn: bool) -> Rule {
        let at = |key| [Key("rule"), Item(i), Key(key)];
        let first = r.on.0.first().map_or("", String::as_str);
        let pattern = PATTERNS[2..].iter().find(|p| **p == first).copied();
        if pattern.is_some() && r.on.0.len() > 1 {
            self.fail_at(
                &at("on"),
                format!("{first} stands alone; make a rule of each"),
            );
        }
        if r.on.is_empty() {
            self.fail_at(
                &at("on"),
                "on names nothing; name a pattern or a kind of event".into(),
            );
        }
        let kinds = match pattern {
            None => self.kinds(&r.on, &at("on"), &PATTERNS),
            Some("dwell") => Kinds::of(&[EventKind::Arrival]),
            Some("near") if r.of.is_empty() => Kinds::ALL,
            Some(_) => self.kinds(&r.of, &at("of"), &PATTERNS[..2]),
        };
        self.needs(i, r, pattern);
        self.zones_of(&r.zone, &at("zone"));
        let within_us = micros(r.within_s.unwrap_or(60.0));
        let steps = self.steps(i, r);
        let same = r.same.unwrap_or(match pattern {
            Some("count") => Same::Zone,
            _ => Same::Subject,
        });
        let pattern = match pattern {
            Some("dwell") => Pattern::Dwell {
                long_us: micros(r.longer_than_s.unwrap_or_default()),
            },
            Some("count") => Pattern::Count {
                at_least: r.at_least.unwrap_or(2) as usize,
                within_us,
                same,
            },
            Some("sequence") => Pattern::Sequence { within_us, same },
            Some("absent_within") => Pattern::Absent { within_us, same },
            Some("near") => Pattern::Near {
                near_m: r.near_m.unwrap_or_default(),
                within_us,
            },
            _ => Pattern::Plain,
        };
        let mut quiet = Quiet::default();
        for (n, hours) in r.quiet_hours.0.iter().enumerate() {
            if quiet.add(hours).is_none() {
                let what = format!("'{hours}' are no hours; write \"22:00-06:00\"");
                let place = [Key("rule"), Item(i), Key("quiet_hours"), Item(n)];
                self.fail_at(&place, what);
            }
        }
        if r.quiet_hours.0.len() > 8 {
            self.fail_at(
                &at("quiet_hours"),
                "at most 8 spans of quiet hours are taken".into(),
            );
        }
        if !r.quiet_hours.is_empty() && r.severity == Severity::Critical {
            let what = "a critical rule has no quiet hours; lower its severity or take them away";
            self.fail_at(&at("quiet_hours"), what.into());
        }
        if r.say.as_ref().is_some_and(|s| s.len() > 200) {
            self.fail_at(
                &at("say"),
                "say is longer than 200 bytes; an alert is read at a glance".into(),
            );
        }
        if r.p_at_least.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            self.fail_at(
                &at("p_at_least"),
                "a probability lies between 0 and 1".into(),
            );
        }
        Rule {
            id: r.id.clone(),
            kinds,
            pattern,
            zones: r.zone.0.clone(),
            subject: r.subject,
            when: r
                .when
                .as_ref()
                .and_then(|w| self.expression(w, &at("where"))),
            steps,
            p_at_least: r.p_at_least.unwrap_or(0.0),
            severity: r.severity,
            quiet,
            join_us: micros(r.join_s.unwrap_or(3600.0)),
            escalate_us: r.escalate_after_s.map(micros),
            expires_us: micros(r.expires_after_s.unwrap_or(86_400.0)),
            learn: r.learn.unwrap_or(learn),
            say: r.say.clone(),
        }
    }

    /// What each pattern needs, and what has no meaning for it.
    fn needs(&mut self, i: usize, r: &WatchRule, pattern: Option<&str>) {
        let numbers: [(&'static str, Option<f64>, &[&str]); 8] = [
            ("longer_than_s", r.longer_than_s, &["dwell"]),
            ("at_least", r.at_least.map(f64::from), &["count"]),
            (
                "within_s",
                r.within_s,
                &["count", "sequence", "absent_within", "near"],
            ),
            ("near_m", r.near_m, &["near"]),
            ("join_s", r.join_s, &[]),
            ("escalate_after_s", r.escalate_after_s, &[]),
            ("expires_after_s", r.expires_after_s, &[]),
            ("p_at_least", r.p_at_least, &[]),
        ];
        let me = pattern.unwrap_or("a rule about kinds of event");
        for (key, value, of) in numbers {
            let mine = pattern.is_some_and(|p| of.contains(&p));
            let place = [Key("rule"), Item(i), Key(key)];
            match value {
                Some(_) if !of.is_empty() && !mine => {
                    self.fail_at(&place, format!("{key} has no meaning for {me}; remove it"));
                }
                Some(v) if key != "p_at_least" && !(v > 0.0 && v <= MOST_SECONDS) => {
                    self.fail_at(
                        &place,
                        format!("{key} is above 0 and at most {MOST_SECONDS:.0}"),
                    );
                }
                None if mine && !(key == "within_s" && me == "near") => {
                    self.fail_at(
                        &[Key("rule"), Item(i), Key("on")],
                        format!("{me} needs {key}; add it"),
                    );
                }
                _ => {}
            }
        }
        if pattern == Some("count") && r.at_least == Some(1) {
            let what = "one is no count; name the kind of event in on instead";
            self.fail_at(&[Key("rule"), Item(i), Key("at_least")], what.into());
        }
        if r.at_least.is_some_and(|n| n > 500) {
            let what = "at most 500 are counted";
            self.fail_at(&[Key("rule"), Item(i), Key("at_least")], what.into());
        }
        let begins = matches!(pattern, Some("count" | "sequence" | "absent_within"));
        if begins && r.of.is_empty() {
            let what = format!("{me} needs of, the kind of event it begins with; add it");
            self.fail_at(&[Key("rule"), Item(i), Key("on")], what);
        }
        if !begins && pattern != Some("near") && !r.of.is_empty() {
            let what = format!("of has no meaning for {me}; remove it");
            self.fail_at(&[Key("rule"), Item(i), Key("of")], what);
        }
        let follows = matches!(pattern, Some("sequence" | "absent_within"));
        if follows && r.then.is_empty() {
            let what = format!("{me} needs then, what follows; add it");
            self.fail_at(&[Key("rule"), Item(i), Key("on")], what);
        }
        if !follows && !r.then.is_empty() {
            let what = format!("then has no meaning for {me}; remove it");
            self.fail_at(&[Key("rule"), Item(i), Key("then")], what);
        }
        if r.then.len() > 8 {
            self.fail_at(
                &[Key("rule"), Item(i), Key("then"), Item(8)],
                "at most 8 steps are followed".into(),
            );
        }
        if r.same.is_some() && !begins {
            let what = format!("same has no meaning for {me}; remove it");
            self.fail_at(&[Key("rule"), Item(i), Key("same")], what);
        }
    }

    fn steps(&mut self, i: usize, r: &WatchRule) -> Vec<StepRule> {
        let mut steps = Vec::new();
        for (n, s) in r.then.iter().enumerate().take(8) {
            let short = [Key("rule"), Item(i), Key("then"), Item(n)];
            let long = |key| [Key("rule"), Item(i), Key("then"), Item(n), Key(key)];
            let kinds = match self.locate(&long("on")) == self.locate(&short) {
                true => self.kinds(&s.on, &short, &PATTERNS[..2]),
                false => self.kinds(&s.on, &long("on"), &PATTERNS[..2]),
            };
            self.zones_of(&s.zone, &long("zone"));
            steps.push(StepRule {
                kinds,
                zones: s.zone.0.clone(),
                when: s
                    .when
                    .as_ref()
                    .and_then(|w| self.expression(w, &long("where"))),
            });
        }
        steps
    }

    fn kinds(&mut self, names: &Names, at: &[At], patterns: &[&str]) -> Kinds {
        let mut found = Vec::new();
        for (n, name) in names.0.iter().enumerate() {
            let kind = match name.as_str() {
                "enter" => Some(EventKind::Arrival),
                "exit" => Some(EventKind::Departure),
                name => EventKind::from_name(name),
            };
            match kind {
                Some(kind) => found.push(kind),
                None => {
                    let known = patterns.iter().chain(kinds()).copied();
                    let what = format!(
                        "'{name}' is neither a pattern nor a kind of event{}",
                        hint(name, known)
                    );
                    self.fail_at(&self.item(at, n), what);
                }
            }
        }
        Kinds::of(&found)
    }

    fn zones_of(&mut self, names: &Names, at: &[At]) {
        for (n, name) in names.0.iter().enumerate() {
            if !self.zones.is_empty() && !self.zones.contains(name) {
                let what = format!(
                    "there is no zone '{name}'{}",
                    hint(name, self.zones.iter().map(String::as_str))
                );
                self.fail_at(&self.item(at, n), what);
            }
        }
        if names.0.len() > 64 {
            self.fail_at(
                at,
                "at most 64 zones are named; leave zone out for all".into(),
            );
        }
    }

    /// The n-th of a list, or the one that stands alone.
    fn item(&self, at: &[At], n: usize) -> Vec<At> {
        let mut item = at.to_vec();
        item.push(Item(n));
        item
    }

    fn expression(&mut self, source: &str, at: &[At]) -> Option<Expression> {
        Expression::parse(source, self.zones)
            .map_err(|fault| {
                let span = self.locate(at);
                let raw = &self.text[span.clone()];
                let place = |byte| span.start + in_literal(raw, source, byte);
                self.fail(
                    place(fault.at.start)..place(fault.at.end),
                    format!("where: {}", fault.what),
                );
            })
            .ok()
    }
}

/// Where a byte of a string's value stands in the string as it is written.
fn in_literal(raw: &str, value: &str, byte: usize) -> usize {
    let quote = if raw.starts_with("\"\"\"") || raw.starts_with("'''") {
        3
    } else {
        1
    };
    // A line break after the opening quotes is left out of the value.
    let mut at = quote;
    if quote == 3 {
        let rest = &raw[quote.min(raw.len())..];
        at += rest.len()
            - rest
                .strip_prefix("\r\n")
                .or(rest.strip_prefix('\n'))
                .unwrap_or(rest)
                .len();
    }
    if raw.starts_with('\'') || !raw.contains('\\') {
        return (at + byte).min(raw.len());
    }
    for c in value[..byte.min(value.len())].chars() {
        let rest = &raw[at.min(raw.len())..];
        at += match rest.as_bytes() {
            [b'\\', b'u', ..] => 6,
            [b'\\', b'U', ..] => 10,
            [b'\\', b'x', ..] => 4,
            [b'\\', ..] => 2,
            _ => c.len_utf8(),
        };
    }
    at.min(raw.len())
}

fn micros(seconds: f64) -> i64 {
    (seconds.clamp(0.0, MOST_SECONDS) * 1e6).round() as i64
}

#[cfg(test)]
mod tests;
