//! What an item is: the types that the tables of the standards are written in.
//!
//! A [`SetDef`] is a table of [`ItemDef`]s, one line each. How an item's bytes become a value is its
//! [`Form`]; forms refer to other tables, so that a set with all that is nested in it is reached
//! from one static.

use crate::imap::Imap;
use crate::value::State;

/// Name, unit and form of an item, a field of a pack, or a member of a list.
#[derive(Debug, Clone, Copy)]
pub struct Def {
    /// Name in its standard.
    pub name: &'static str,
    /// Unit of the value; empty if it has none.
    pub unit: &'static str,
    /// How its bytes become a value.
    pub form: Form,
}

/// How bytes become a value.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// Unsigned integer; the length in bytes when written, 0 for the fewest that hold it.
    Uint(u8),
    /// Two's complement integer; the length as for [`Form::Uint`].
    Int(u8),
    /// BER-OID number that fills the item.
    Oid,
    /// Unsigned integer that counts steps.
    Scaled(Linear),
    /// Unsigned integer mapped linearly onto min..=max.
    Unsigned(Linear),
    /// Signed integer mapped linearly onto -max..=max; its most negative value is set aside.
    Signed(Symmetric),
    /// Integer mapping of ST 1201, and the length in bytes it is written with.
    Imap(Imap, u8),
    /// IEEE 754 number of four or eight bytes.
    Float,
    /// UTF-8 text.
    Text,
    /// Country codes: UTF-16 in older revisions of ST 0102, UTF-8 in newer ones.
    Wide,
    /// Unsigned integer of so many bytes that stands for words.
    Words(u8, Words),
    /// Unsigned integer of so many bytes whose bits (lowest first) stand for words.
    Flags(u8, &'static [&'static str]),
    /// Universally unique identifier, 16 bytes.
    Uuid,
    /// Bytes as they are, of at least so many and at most so many.
    Bytes(u16, u16),
    /// Set whose items have BER-OID tags.
    LocalSet(&'static SetDef),
    /// Set whose items have 16-byte labels.
    UniversalSet(&'static SetDef),
    /// Fields one after another.
    Pack(&'static PackDef),
    /// Members, each after its BER length.
    Series(&'static Def),
    /// Members that end by themselves, one after another.
    List(&'static Def),
    /// Multi-dimensional array of ST 1303; its elements where they are in their natural form.
    Array(&'static Def),
    /// Element of an array whose rows are mapped differently (ST 1201).
    Rows(&'static [Imap]),
    /// Standard deviations and correlation coefficients of ST 1010.
    Correlation,
    /// Core identifier of ST 1204.
    CoreId,
    /// Nothing is known of it.
    Unknown,
}

/// Codes and what they stand for.
pub type Words = &'static [(u64, &'static str)];

impl Form {
    /// What a code stands for, if it is one.
    pub fn word(&self, code: u64) -> Option<&'static str> {
        match self {
            Self::Words(_, words) => words.iter().find(|(n, _)| *n == code).map(|(_, w)| *w),
            _ => None,
        }
    }

    /// Least and greatest value of a quantity.
    pub fn range(&self) -> Option<(f64, f64)> {
        match self {
            Self::Unsigned(l) | Self::Scaled(l) => Some((l.min, l.max)),
            Self::Signed(s) => Some((-s.max, s.max)),
            Self::Imap(map, _) => Some((map.min, map.max)),
            _ => None,
        }
    }
}

/// Integers of `length` bytes mapped onto `min` + n · `step`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    /// Bytes.
    pub length: u8,
    /// Value of zero.
    pub min: f64,
    /// Value of the greatest integer.
    pub max: f64,
    /// Value of one more.
    pub step: f64,
}

/// Signed integers of `length` bytes mapped onto n · `step`, and the state of the most negative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Symmetric {
    /// Bytes.
    pub length: u8,
    /// Value of the greatest integer.
    pub max: f64,
    /// Value of one more.
    pub step: f64,
    /// What the most negative integer says.
    pub aside: State,
}

/// Largest integer of `bits` bits.
const fn ones(bits: u32) -> f64 {
    (u64::MAX >> (64 - bits)) as f64
}

/// [`Form::Unsigned`].
pub(crate) const fn u(length: u8, min: f64, max: f64) -> Form {
    let step = (max - min) / ones(8 * length as u32);
    Form::Unsigned(Linear {
        length,
        min,
        max,
        step,
    })
}

/// [`Form::Scaled`].
pub(crate) const fn scaled(length: u8, step: f64) -> Form {
    let max = ones(8 * length as u32) * step;
    Form::Scaled(Linear {
        length,
        min: 0.0,
        max,
        step,
    })
}

/// [`Form::Signed`].
pub(crate) const fn s(length: u8, max: f64, aside: State) -> Form {
    let step = max / ones(8 * length as u32 - 1);
    Form::Signed(Symmetric {
        length,
        max,
        step,
        aside,
    })
}

/// [`Form::Imap`].
pub(crate) const fn m(min: f64, max: f64, length: u8) -> Form {
    Form::Imap(Imap::new(min, max), length)
}

/// [`Def`].
pub(crate) const fn def(name: &'static str, unit: &'static str, form: Form) -> Def {
    Def { name, unit, form }
}

/// What an item of which nothing is known is.
pub(crate) static UNKNOWN: Def = def("", "", Form::Unknown);

/// Fields one after another; those after the first `required` may be cut off at the end.
#[derive(Debug)]
pub struct PackDef {
    /// Name in its standard.
    pub name: &'static str,
    /// Fields that have to be there.
    pub required: usize,
    /// Fields in order.
    pub fields: &'static [Field],
}

/// One field of a pack.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Name, unit and form.
    pub def: Def,
    /// Where it ends.
    pub layout: Layout,
}

/// Where a field of a pack ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// After so many bytes.
    Fixed(u8),
    /// By itself: a BER-OID number.
    Oid,
    /// By itself: a number in the form of a BER length.
    Ber,
    /// After the BER length in front of it; length 0 says that it is not given.
    Lv,
    /// In the middle of the bytes that remain.
    Half,
    /// At the end of the pack.
    Rest,
}

/// A field.
pub(crate) const fn field(
    name: &'static str,
    unit: &'static str,
    form: Form,
    layout: Layout,
) -> Field {
    Field {
        def: def(name, unit, form),
        layout,
    }
}

/// How well a line of a table is known to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Checked {
    /// A test decodes the example that the standard prints.
    Example,
    /// A recording made by somebody else's encoder decodes to what it should.
    Sample,
    /// Two independent open implementations agree with it; no bytes to try it on.
    Peers,
    /// From memory of the standard alone.
    Memory,
}

impl Checked {
    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Sample => "sample",
            Self::Peers => "peers",
            Self::Memory => "memory",
        }
    }
}

/// One line of a table.
#[derive(Debug, Clone, Copy)]
pub struct ItemDef {
    /// Tag in its set.
    pub tag: u32,
    /// Name, unit and form.
    pub def: Def,
    /// Whether it may stand in a set more than once.
    pub many: bool,
    /// Longest length in bytes; 0 if the standard names none or the form says it.
    pub longest: u16,
    /// How well the line is known to be right.
    pub checked: Checked,
}

impl ItemDef {
    /// May stand in a set more than once.
    pub(crate) const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    /// Has a longest length.
    pub(crate) const fn longest(mut self, bytes: u16) -> Self {
        self.longest = bytes;
        self
    }

    /// Is known to be right so well.
    pub(crate) const fn checked(mut self, checked: Checked) -> Self {
        self.checked = checked;
        self
    }
}

/// A line whose values are in recordings made by others.
pub(crate) const fn item(tag: u32, name: &'static str, unit: &'static str, form: Form) -> ItemDef {
    ItemDef {
        tag,
        def: def(name, unit, form),
        many: false,
        longest: 0,
        checked: Checked::Sample,
    }
}

/// A line of a universal set: 16-byte label, and the tag in ST 0601 (or in the set's local
/// counterpart) under which it stands, 0 for none.
#[derive(Debug, Clone, Copy)]
pub struct LabelDef {
    /// Label, as a number.
    pub label: u128,
    /// Tag, or 0.
    pub tag: u32,
    /// Name, unit and form.
    pub def: Def,
}

/// A set: its items by tag, or by label.
#[derive(Debug)]
pub struct SetDef {
    /// Standard and revision the lines follow.
    pub source: &'static str,
    /// Where in it the lines stand; `{}` is the tag.
    pub clause: &'static str,
    /// Name of the set.
    pub name: &'static str,
    /// Items of a local set, by ascending tag.
    pub items: &'static [ItemDef],
    /// Items of a universal set.
    pub labels: &'static [LabelDef],
}

impl SetDef {
    /// The line of a tag.
    #[inline]
    pub fn find(&self, tag: u32) -> Option<&'static ItemDef> {
        // Most tables have no gaps: the tag is the row.
        let row = (tag as usize).wrapping_sub(1);
        match self.items.get(row) {
            Some(item) if item.tag == tag => Some(item),
            _ => self.search(tag),
        }
    }

    #[cold]
    fn search(&self, tag: u32) -> Option<&'static ItemDef> {
        let row = self
            .items
            .binary_search_by_key(&tag, |item| item.tag)
            .ok()?;
        self.items.get(row)
    }
}
