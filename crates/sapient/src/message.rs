//! Any message of the standard, by field names.

use crate::schema::{Field, Kind, MessageDef, Schema};

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A double.
    Double(f64),
    /// A float.
    Float(f32),
    /// A whole number.
    Int(i32),
    /// True or false.
    Bool(bool),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A moment, microseconds since 1970 UTC.
    Time(i64),
    /// A word of an enumeration, by its number.
    Enum(i32),
    /// A message.
    Message(Message),
}

/// A message: its kind and its fields, in the order in which they were read or set. A list is several
/// fields of one name.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub(crate) kind: usize,
    pub(crate) fields: Vec<(u32, Value)>,
    /// Fields of the wire that the standard does not have.
    pub(crate) unknown: u32,
}

impl Message {
    pub(crate) fn empty(kind: usize) -> Self {
        Self {
            kind,
            fields: Vec::new(),
            unknown: 0,
        }
    }

    /// An empty message of a kind, such as `DetectionReport`; `None` for a name that the standard does
    /// not have.
    pub fn new(name: &str) -> Option<Self> {
        Schema::get().message(name).map(Self::empty)
    }

    pub(crate) fn def(&self) -> &'static MessageDef {
        &Schema::get().messages[self.kind]
    }

    /// The name of its kind.
    pub fn name(&self) -> &'static str {
        self.def().name
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        self.def().field(name)
    }

    /// The first field of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.all(name).next()
    }

    /// All fields of a name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Value> {
        let number = self.field(name).map(|f| f.number);
        let fields = self.fields.iter();
        fields.filter(move |f| Some(f.0) == number).map(|f| &f.1)
    }

    /// A message within it.
    pub fn message(&self, name: &str) -> Option<&Message> {
        match self.get(name)? {
            Value::Message(m) => Some(m),
            _ => None,
        }
    }

    /// All messages of a name.
    pub fn messages(&self, name: &str) -> impl Iterator<Item = &Message> {
        self.all(name).filter_map(|v| match v {
            Value::Message(m) => Some(m),
            _ => None,
        })
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(t) => Some(t),
            _ => None,
        }
    }

    /// A number that is finite.
    pub fn number(&self, name: &str) -> Option<f64> {
        let v = match self.get(name)? {
            Value::Double(v) => *v,
            Value::Float(v) => f64::from(*v),
            Value::Int(v) => f64::from(*v),
            _ => return None,
        };
        v.is_finite().then_some(v)
    }

    /// A moment, microseconds since 1970 UTC.
    pub fn time(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Time(t) => Some(*t),
            _ => None,
        }
    }

    /// A word of an enumeration.
    pub fn word(&self, name: &str) -> Option<&'static str> {
        let (Value::Enum(n), Kind::Enum(e)) = (self.get(name)?, self.field(name)?.kind) else {
            return None;
        };
        Schema::get().enums[e].word(*n)
    }

    /// With a field; one that the kind does not have, or of another type, is left out (a test sees to
    /// it that none is).
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        let field = self.field(name).filter(|f| fits(f, &value));
        debug_assert!(field.is_some(), "{}.{name}", self.name());
        if let Some(f) = field {
            self.fields.push((f.number, value));
        }
        self
    }

    /// With a field in the place of all of its name.
    #[must_use]
    pub fn with_only(mut self, name: &str, value: Value) -> Self {
        if let Some(f) = self.field(name) {
            self.fields.retain(|(n, _)| *n != f.number);
        }
        self.with(name, value)
    }

    /// With a text.
    #[must_use]
    pub fn with_text(self, name: &str, text: impl Into<String>) -> Self {
        self.with(name, Value::Text(text.into()))
    }

    /// With a word of an enumeration.
    #[must_use]
    pub fn with_word(self, name: &str, word: &str) -> Self {
        let number = self.field(name).and_then(|f| match f.kind {
            Kind::Enum(e) => Schema::get().enums[e].number(word),
            _ => None,
        });
        debug_assert!(number.is_some(), "{}.{name} {word}", self.name());
        self.with(name, Value::Enum(number.unwrap_or_default()))
    }

    /// With a message, which `make` fills.
    #[must_use]
    pub fn with_message(self, name: &str, make: impl FnOnce(Message) -> Message) -> Self {
        match self.field(name).map(|f| f.kind) {
            Some(Kind::Message(kind)) => self.with(name, Value::Message(make(Self::empty(kind)))),
            _ => self,
        }
    }
}

fn fits(field: &Field, value: &Value) -> bool {
    match (field.kind, value) {
        (Kind::Double, Value::Double(_))
        | (Kind::Float, Value::Float(_))
        | (Kind::Int, Value::Int(_))
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Text, Value::Text(_))
        | (Kind::Bytes, Value::Bytes(_))
        | (Kind::Time, Value::Time(_))
        | (Kind::Enum(_), Value::Enum(_)) => true,
        (Kind::Message(kind), Value::Message(m)) => m.kind == kind,
        _ => false,
    }
}
