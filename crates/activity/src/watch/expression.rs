//! `where`: a CEL expression over an event's fields, checked before it is used.
//!
//! The language is CEL's (its parser and evaluator are crate `cel`, wrapped here because its interface
//! moves); what may be named is [`FIELDS`](super::FIELDS), what may be called [`FUNCTIONS`], and every expression
//! has a type before it is kept. Its length, its nesting and its loops (over short lists only, one
//! inside none) are bounded, so one evaluation is too.

use super::check::Check;
use super::fields::{Fact, Facts, Field, Type};
use cel::common::types::{CelBool, CelDouble, CelInt, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use cel::parser::Parser;
use cel::{Context, IdedExpr, Value};
use std::ops::Range;
use std::sync::LazyLock;

/// Longest expression, bytes.
pub const MOST_LENGTH: usize = 500;
/// Deepest nesting.
const MOST_DEPTH: u16 = 32;

/// The functions that an expression can call: name, what it takes, what it gives.
pub const FUNCTIONS: [(&str, &str, &str); 8] = [
    ("size", "text or list", "int"),
    ("startsWith", "text.startsWith(text)", "bool"),
    ("endsWith", "text.endsWith(text)", "bool"),
    ("contains", "text.contains(text)", "bool"),
    ("int", "number or text", "int"),
    ("double", "number or text", "double"),
    ("string", "number, text or bool", "string"),
    (
        "exists, all, exists_one, filter, map",
        "subjects.exists(s, s.startsWith('G'))",
        "CEL's macros over `subjects`",
    ),
];

/// A fault, and the bytes of the expression that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionFault {
    /// Bytes of the expression.
    pub at: Range<usize>,
    /// Cause and remedy.
    pub what: String,
}

/// A checked expression: it is true or false for every event, or fails in arithmetic.
pub struct Expression {
    tree: IdedExpr,
    source: String,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expression({})", self.source)
    }
}

/// Standard functions; made once.
static ROOT: LazyLock<Context<'static, 'static>> = LazyLock::new(Context::default);

struct Resolver<'a>(&'a Facts<'a>);

impl VariableResolver for Resolver<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        Some(match Field::named(name)?.get(self.0) {
            Fact::Bool(v) => CowVal::owned(CelBool::from(v)),
            Fact::Int(v) => CowVal::owned(CelInt::from(v)),
            Fact::Double(v) => CowVal::owned(CelDouble::from(v)),
            Fact::Text(v) => CowVal::owned(CelString::from(v)),
            Fact::List(v) => {
                let list = v
                    .iter()
                    .map(|s| Value::from(s.as_str()))
                    .collect::<Vec<_>>();
                CowVal::Owned(Value::List(list.into()).try_into().ok()?)
            }
        })
    }
}

impl Expression {
    /// Reads and checks an expression; `zones` are the zones there are, when they are known.
    pub fn parse(source: &str, zones: &[String]) -> Result<Self, ExpressionFault> {
        let whole = 0..source.len();
        let fail = |at: Range<usize>, what: &str| {
            Err(ExpressionFault {
                at,
                what: what.into(),
            })
        };
        if source.trim().is_empty() {
            return fail(
                whole,
                "the expression is empty; leave out where to take every event",
            );
        }
        if source.len() > MOST_LENGTH {
            return fail(
                whole,
                "the expression is longer than 500 bytes; make two rules of it",
            );
        }
        let parser = Parser::new()
            .max_recursion_depth(MOST_DEPTH)
            .error_recovery_limit(4);
        let (tree, info) = parser
            .parse_with_source_info(source)
            .map_err(|e| syntax(source, &e))?;
        let check = Check {
            source,
            info: &info,
            zones,
        };
        match check.of(&tree, &mut Vec::new())? {
            Type::Bool | Type::Any => Ok(Self {
                tree,
                source: source.into(),
            }),
            other => fail(
                whole,
                &format!("this is {other}; where needs true or false: compare it with something"),
            ),
        }
    }

    /// The text of the expression.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Is it true of an event? `Err` when its arithmetic fails: a division by zero, an overflow.
    pub(crate) fn holds(&self, facts: &Facts<'_>) -> Result<bool, String> {
        let resolver = Resolver(facts);
        let root: &Context<'_, '_> = &ROOT;
        let mut scope = root.new_inner_scope();
        scope.set_variable_resolver(&resolver);
        match Value::resolve(&self.tree, &scope) {
            Ok(Value::Bool(b)) => Ok(b),
            Ok(_) => Err("it is neither true nor false".into()),
            Err(e) => Err(e.to_string()),
        }
    }
}

/// The first fault of a parser, in plain words.
fn syntax(source: &str, errors: &cel::ParseErrors) -> ExpressionFault {
    let Some(first) = errors.errors.first() else {
        return ExpressionFault {
            at: 0..source.len(),
            what: "this is not an expression".into(),
        };
    };
    let (line, column) = first.pos;
    let lines = source.split_inclusive('\n');
    let skipped: usize = lines
        .take(usize::try_from(line - 1).unwrap_or(0))
        .map(str::len)
        .sum();
    let rest = &source[skipped.min(source.len())..];
    let column = usize::try_from(column - 1).unwrap_or(0);
    let start = skipped
        + rest
            .char_indices()
            .nth(column)
            .map_or(rest.len(), |(i, _)| i);
    let at = word(source, start);
    let found = source[at.clone()].to_owned();
    let what = if first.msg.contains("token recognition") {
        match found.chars().next() {
            Some('=') => "a single = means nothing here; write == to compare".into(),
            Some('\'' | '"') => {
                "the text is not closed; end it with the quote that it began with".into()
            }
            Some('&') => "write && for and".into(),
            Some('|') => "write || for or".into(),
            _ => format!("'{found}' means nothing here"),
        }
    } else if start >= source.trim_end().len() {
        "the expression ends too early; a value or a bracket is missing".into()
    } else if first.msg.contains("recursion") {
        "the expression is nested too deeply; make two rules of it".into()
    } else if matches!(found.as_str(), "and" | "or" | "not") {
        "write && for and, || for or, ! for not".into()
    } else {
        format!("'{found}' is not expected here")
    };
    ExpressionFault { at, what }
}

/// The word, the run of signs, or the one character that begins at a byte.
pub(super) fn word(source: &str, start: usize) -> Range<usize> {
    let rest = &source[start.min(source.len())..];
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    let sign = |c: char| "=<>!&|".contains(c);
    let Some(first) = rest.chars().next() else {
        // The end: point at the last character.
        return source.len().saturating_sub(1)..source.len();
    };
    let long = if letter(first) {
        rest.find(|c| !letter(c))
    } else if sign(first) {
        rest.find(|c| !sign(c))
    } else {
        Some(first.len_utf8())
    };
    start..start + long.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::super::clock::Offset;
    use super::*;
    use atalaya_model::{Class, Event, EventKind, Micros};

    fn event() -> Event {
        Event {
            schema: Event::SCHEMA.into(),
            class: Some(Class::Truck),
            id: "arrival-gate-7-0".into(),
            kind: EventKind::Arrival,
            time: Micros::parse_rfc3339("2026-11-22T05:12:00Z").unwrap(),
            time_end: None,
            decided_at: Micros(0),
            zone: "gate".into(),
            subjects: vec!["7".into(), "G12".into()],
            p: 0.9,
            lat: Some(40.0),
            lon: Some(-3.0),
            reason: String::new(),
            about: None,
            evidence: Vec::new(),
        }
    }

    fn holds(source: &str) -> Result<bool, String> {
        let event = event();
        let facts = Facts {
            local: Offset::default().local(event.time),
            event: &event,
            stayed_s: 700.0,
            unseen_s: 0.0,
            persons: 2,
            vehicles: 1,
        };
        Expression::parse(source, &["gate".into(), "yard".into()])
            .map_err(|e| e.what)?
            .holds(&facts)
    }

    fn fault(source: &str) -> (String, String) {
        let e = Expression::parse(source, &["gate".into(), "yard".into()]).unwrap_err();
        (source[e.at].to_owned(), e.what)
    }

    #[test]
    fn expressions_hold_of_events() {
        for yes in [
            "kind == 'arrival' && class == 'truck' && (hour < 6 || hour >= 22)",
            "clock < '05:30' && weekend && weekday == 7",
            "stayed_s > 600 && persons >= 2 && vehicles == 1",
            "zone in ['gate', 'yard'] && vehicle && !unobserved",
            "subjects.exists(s, s.startsWith('G')) && size(subjects) == 2",
            "subjects.filter(s, s.contains('1')).size() == 1",
            "double(hour) + 0.5 > 5.0 && p * 2.0 < 2.0 && -lat < 0",
            "subject == '7' && (p > 0.95 ? false : true) && subjects[1] == 'G12'",
        ] {
            assert_eq!(holds(yes), Ok(true), "{yes}");
        }
        assert_eq!(holds("class == 'person'"), Ok(false));
        assert!(
            holds("1 / (hour - 5) > 0").is_err(),
            "division by zero is a failure, not a panic"
        );
        assert!(holds("subjects[9] == 'x'").is_err());
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        for (source, word, says) in [
            ("clas == 'truck'", "clas", "did you mean 'class'?"),
            ("class == 'lorry'", "'lorry'", "class is never 'lorry'"),
            (
                "class in ['car', 'truk']",
                "'truk'",
                "did you mean 'truck'?",
            ),
            ("zone == 'gaet'", "'gaet'", "did you mean 'gate'?"),
            ("class > 3", ">", "cannot compare text with a whole number"),
            ("hour == '5'", "==", "a whole number is compared with text"),
            ("hour + 0.5 > 5.0", "+", "write 1.0 for 1"),
            (
                "class == 'truck' && hour",
                "hour",
                "&& joins what is true or false",
            ),
            (
                "matches(class, 'x')",
                "matches",
                "unknown function 'matches'",
            ),
            (
                "class.startWith('t')",
                "startWith",
                "did you mean 'startsWith'?",
            ),
            ("size(hour) > 1", "size", "does not take this"),
            ("class = 'truck'", "=", "write == to compare"),
            ("class == 'truck", "'", "the text is not closed"),
            ("p >= && hour > 3", "&&", "'&&' is not expected here"),
            ("p > 0.5 and hour > 3", "and", "write && for and"),
            ("p > 0.5 &&", "&", "ends too early"),
            ("subject == 'ñ' || cl == 1", "cl", "unknown field"),
            ("subject == 'ñ' and p > 1", "and", "write &&"),
            ("(p > 0.5", "5", "ends too early"),
            ("about.rate > 3", "about", "unknown field 'about'"),
            ("zone.name == 'x'", "name", "fields have no parts"),
            ("p", "p", "where needs true or false"),
            (
                "subjects.all(s, subjects.exists(t, t == s))",
                "(",
                "one loop inside another",
            ),
            (
                "class.exists(s, s == 'x')",
                "class",
                "only a list has members",
            ),
            ("{'a': 1} == {}", "'", "a map has no use"),
            ("", "", "is empty"),
        ] {
            let (at, what) = fault(source);
            assert_eq!(at, word, "{source}: {what}");
            assert!(what.contains(says), "{source}: {what}");
        }
        let long = format!("hour == 1{}", " || hour == 1".repeat(60));
        assert!(fault(&long).1.contains("longer than 500"));
        let deep = format!("{}true{}", "(".repeat(200), ")".repeat(200));
        assert!(
            !fault(&deep).1.is_empty(),
            "deep nesting is refused, not followed"
        );
    }

    #[test]
    fn nothing_typed_makes_it_panic() {
        // A small fixed family of broken texts: each prefix, and each with a character doubled.
        let source =
            "subjects.exists(s, s == 'ñ') && !(p >= 0.5) ? hour % 2 == 0 : clock < \"05:1\\\"\"";
        for (i, c) in source.char_indices() {
            let _ = Expression::parse(&source[..i], &[]);
            let mut doubled = source.to_owned();
            doubled.insert(i, c);
            let _ = Expression::parse(&doubled, &[]);
        }
    }
}
