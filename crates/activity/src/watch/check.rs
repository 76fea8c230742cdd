//! The types of expressions: what is unknown or does not fit is pointed at before it is used.

use super::expression::{ExpressionFault, FUNCTIONS, word};
use super::fault::hint;
use super::fields::{FIELDS, Field, Type};
use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, SourceInfo};
use std::ops::Range;

/// Gives every part of an expression a type.
pub(super) struct Check<'a> {
    pub source: &'a str,
    pub info: &'a SourceInfo,
    pub zones: &'a [String],
}

/// Loop variables and their types.
pub(super) type Bound = Vec<(String, Type)>;

impl Check<'_> {
    /// Where a part begins; the parser counts bytes.
    fn at(&self, id: u64) -> Range<usize> {
        let begin = self.info.offset_for(id).map_or(0, |(a, _)| a as usize);
        let mut start = begin.min(self.source.len());
        while !self.source.is_char_boundary(start) {
            start -= 1;
        }
        word(self.source, start)
    }

    fn fail<T>(&self, at: Range<usize>, what: String) -> Result<T, ExpressionFault> {
        Err(ExpressionFault { at, what })
    }

    /// The name of a call: its place is that of its bracket.
    fn name_of(&self, id: u64, name: &str) -> Range<usize> {
        let bracket = self.at(id).start;
        match self.source[..bracket].rfind(name) {
            Some(start) => start..start + name.len(),
            None => self.at(id),
        }
    }

    /// The type of a part, with the loop variables that are bound around it.
    pub fn of(&self, e: &IdedExpr, bound: &mut Bound) -> Result<Type, ExpressionFault> {
        match &e.expr {
            Expr::Literal(v) => Ok(match v {
                LiteralValue::Boolean(_) => Type::Bool,
                LiteralValue::Double(_) => Type::Double,
                LiteralValue::Int(_) => Type::Int,
                LiteralValue::String(_) => Type::Text,
                LiteralValue::UInt(_) | LiteralValue::Bytes(_) | LiteralValue::Null => {
                    return self.fail(
                        self.at(e.id),
                        "only numbers, texts, true and false have a meaning here".into(),
                    );
                }
            }),
            Expr::Ident(name) => self.ident(e, name, bound),
            Expr::Call(call) => self.call(e, call, bound),
            Expr::List(list) => {
                let mut inside: Option<Type> = None;
                for x in &list.elements {
                    let kind = self.of(x, bound)?;
                    if let Some(before) = &inside
                        && !comparable(before, &kind)
                    {
                        return self.fail(
                            self.at(x.id),
                            format!("this is {kind}; the list began with {before}"),
                        );
                    }
                    inside.get_or_insert(kind);
                }
                Ok(Type::List(Box::new(inside.unwrap_or(Type::Any))))
            }
            Expr::Comprehension(c) => self.each(e, c, bound),
            Expr::Select(s) => {
                self.of(&s.operand, bound)?;
                let at = self.at(e.id);
                let after = self.source[at.start..].find(s.field.as_str());
                let at = after.map_or(at.clone(), |i| at.start + i..at.start + i + s.field.len());
                self.fail(
                    at,
                    format!("'.{}' has no meaning: fields have no parts", s.field),
                )
            }
            Expr::Map(m) => {
                let id = m.entries.first().map_or(e.id, |x| match &x.expr {
                    EntryExpr::MapEntry(m) => m.key.id,
                    EntryExpr::StructField(f) => f.value.id,
                });
                self.fail(self.at(id), "a map has no use here; compare fields".into())
            }
            Expr::Struct(_) | Expr::Unspecified => {
                self.fail(self.at(e.id), "this has no use here; compare fields".into())
            }
        }
    }

    fn ident(&self, e: &IdedExpr, name: &str, bound: &Bound) -> Result<Type, ExpressionFault> {
        if let Some((_, kind)) = bound.iter().rev().find(|(n, _)| n == name) {
            return Ok(kind.clone());
        }
        match Field::named(name) {
            Some(f) => Ok(f.kind.of()),
            None => self.fail(
                self.at(e.id),
                format!("unknown field '{name}'{}", hint(name, names())),
            ),
        }
    }

    fn call(
        &self,
        e: &IdedExpr,
        call: &CallExpr,
        bound: &mut Bound,
    ) -> Result<Type, ExpressionFault> {
        let mut types = Vec::new();
        for x in call.target.iter().map(|t| &**t).chain(&call.args) {
            types.push(self.of(x, bound)?);
        }
        let name = call.func_name.as_str();
        let method = call.target.is_some();
        let sign = name.trim_matches('_').trim_start_matches('@');
        let wrong = |what: String| self.fail(self.at(e.id), what);
        let number = |t: &Type| matches!(t, Type::Int | Type::Double | Type::Any);
        match (name, method, types.as_slice()) {
            ("_&&_" | "_||_", _, [a, b]) => {
                for (t, x) in [(a, &call.args[0]), (b, &call.args[1])] {
                    if !matches!(t, Type::Bool | Type::Any) {
                        return self.fail(
                            self.at(x.id),
                            format!("this is {t}; {sign} joins what is true or false"),
                        );
                    }
                }
                Ok(Type::Bool)
            }
            ("!_" | "@not_strictly_false", _, [t]) => match t {
                Type::Bool | Type::Any => Ok(Type::Bool),
                t => wrong(format!("this is {t}; ! turns what is true or false")),
            },
            ("-_", _, [t]) if number(t) => Ok(t.clone()),
            ("_?_:_", _, [c, a, b]) if matches!(c, Type::Bool | Type::Any) && comparable(a, b) => {
                Ok(a.clone())
            }
            ("_==_" | "_!=_", _, [a, b]) => {
                if !comparable(a, b) {
                    return wrong(format!("{a} is compared with {b}: never the same"));
                }
                self.value(&call.args[0], &call.args[1])?;
                self.value(&call.args[1], &call.args[0])?;
                Ok(Type::Bool)
            }
            ("_<_" | "_<=_" | "_>_" | "_>=_", _, [a, b]) => {
                let orders = |t: &Type| number(t) || *t == Type::Text;
                if !comparable(a, b) || !orders(a) || !orders(b) {
                    return wrong(format!("{sign} cannot compare {a} with {b}"));
                }
                Ok(Type::Bool)
            }
            ("@in", _, [a, b]) => match b {
                Type::List(inside) if comparable(a, inside) => {
                    if let Expr::List(list) = &call.args[1].expr {
                        for x in &list.elements {
                            self.value(&call.args[0], x)?;
                        }
                    }
                    Ok(Type::Bool)
                }
                Type::List(inside) => wrong(format!("{a} is looked for in a list of {inside}")),
                t => wrong(format!(
                    "in looks into a list, as in ['car', 'truck']; this is {t}"
                )),
            },
            ("_+_", _, [Type::Text, Type::Text]) => Ok(Type::Text),
            // What `filter` and `map` are made of.
            ("_+_", _, [Type::List(a), Type::List(b)]) => Ok(Type::List(if **a == Type::Any {
                b.clone()
            } else {
                a.clone()
            })),
            ("_+_" | "_-_" | "_*_" | "_/_" | "_%_", _, [a, b]) => match (a, b) {
                (Type::Int, Type::Int) => Ok(Type::Int),
                (Type::Double, Type::Double) if name != "_%_" => Ok(Type::Double),
                (Type::Int, Type::Double) | (Type::Double, Type::Int) => wrong(format!(
                    "{sign} takes two whole numbers or two numbers with a point; write 1.0 for 1, or double(…)"
                )),
                _ => wrong(format!("{sign} has no meaning between {a} and {b}")),
            },
            ("_[_]", _, [Type::List(inside), Type::Int]) => Ok((**inside).clone()),
            ("size", _, [Type::Text | Type::List(_) | Type::Any]) => Ok(Type::Int),
            (
                "startsWith" | "endsWith" | "contains",
                true,
                [Type::Text | Type::Any, Type::Text | Type::Any],
            ) => Ok(Type::Bool),
            ("int", false, [t]) if number(t) || *t == Type::Text => Ok(Type::Int),
            ("double", false, [t]) if number(t) || *t == Type::Text => Ok(Type::Double),
            ("string", false, [t]) if !matches!(t, Type::List(_)) => Ok(Type::Text),
            _ => {
                let at = self.name_of(e.id, name);
                match FUNCTIONS.iter().find(|f| f.0 == name) {
                    Some((_, takes, _)) => {
                        self.fail(at, format!("{name} does not take this; it is {takes}"))
                    }
                    None if name.starts_with(|c: char| c.is_alphabetic()) => {
                        let known = FUNCTIONS.iter().flat_map(|f| f.0.split(", "));
                        self.fail(
                            at,
                            format!("unknown function '{name}'{}", hint(name, known)),
                        )
                    }
                    None => wrong(format!("{sign} has no meaning here")),
                }
            }
        }
    }

    /// A field that takes known texts alone is compared with one of them.
    fn value(&self, field: &IdedExpr, text: &IdedExpr) -> Result<(), ExpressionFault> {
        let (Expr::Ident(name), Expr::Literal(LiteralValue::String(s))) = (&field.expr, &text.expr)
        else {
            return Ok(());
        };
        let Some(f) = Field::named(name) else {
            return Ok(());
        };
        let said: &str = s.inner();
        let zones = if f.name == "zone" { self.zones } else { &[] };
        let known: Vec<&str> = f
            .values()
            .iter()
            .copied()
            .chain(zones.iter().map(String::as_str))
            .collect();
        if known.is_empty() || said.is_empty() || known.contains(&said) {
            return Ok(());
        }
        self.fail(
            self.at(text.id).start..self.at(text.id).start + said.len() + 2,
            format!("{name} is never '{said}'{}", hint(said, known)),
        )
    }

    /// `exists` and its like.
    fn each(
        &self,
        e: &IdedExpr,
        c: &ComprehensionExpr,
        bound: &mut Bound,
    ) -> Result<Type, ExpressionFault> {
        if !bound.is_empty() {
            return self.fail(
                self.at(e.id),
                "one loop inside another is too much; make two rules of it".into(),
            );
        }
        let Type::List(inside) = self.of(&c.iter_range, bound)? else {
            return self.fail(
                self.at(c.iter_range.id),
                "only a list has members; subjects is one".into(),
            );
        };
        let result = self.of(&c.accu_init, bound)?;
        bound.push((c.accu_var.clone(), result));
        bound.push((c.iter_var.clone(), *inside));
        if let Some(second) = &c.iter_var2 {
            bound.push((second.clone(), Type::Any));
        }
        self.of(&c.loop_cond, bound)?;
        let step = self.of(&c.loop_step, bound)?;
        bound[0].1 = step;
        let result = self.of(&c.result, bound);
        bound.clear();
        result
    }
}

fn comparable(a: &Type, b: &Type) -> bool {
    let number = |t: &Type| matches!(t, Type::Int | Type::Double);
    match (a, b) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::List(a), Type::List(b)) => comparable(a, b),
        _ => a == b || (number(a) && number(b)),
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|f| f.name)
}
