//! The parts of sets, packs, series and arrays, one by one: nothing is allocated, values borrow
//! from the packet, and whatever does not fit ends the walk and is told.

use crate::ber;
use crate::decode;
use crate::form::{Def, Form, Layout, PackDef, SetDef, UNKNOWN};
use crate::key::{Key, PREFIX};
use crate::st1010::Correlation;
use crate::st1204;
use crate::st1303::Array;
use crate::value::{State, Value};

/// Sets within sets within sets: no standard goes beyond five; deeper ones are not looked into.
pub const MAX_DEPTH: u8 = 12;

/// How an item is named where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ElementId {
    /// A tag: of ST 0601 for ST 0601 and EG 0104 packets, else of its own set.
    Tag(u32),
    /// A label without a tag.
    Key(Key),
    /// A member of a series or array, from 0.
    Index(u32),
    /// A field of a pack, from 0; its name is the definition's.
    Field(u8),
}

/// One item: its definition, value and bytes.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    /// Tag, label or place.
    pub id: ElementId,
    /// Name, unit and form; without a name if nothing is known of it.
    pub def: &'static Def,
    /// The value in the definition's unit.
    pub value: Value<'a>,
    /// How the bytes were understood.
    pub state: State,
    /// What stands in front of the item's bytes: tag or label, and length.
    pub head: &'a [u8],
    /// The item's bytes.
    pub raw: &'a [u8],
    /// Byte offset of the item's bytes in the stream.
    pub offset: u64,
    depth: u8,
}

impl<'a> Element<'a> {
    /// What stands inside a set, pack, series or array; `None` for other items, and below
    /// [`MAX_DEPTH`].
    #[inline]
    pub fn parts(&self) -> Option<Elements<'a>> {
        match self.value {
            Value::Parts => Elements::of(&self.def.form, self.raw, self.offset, self.depth),
            _ => None,
        }
    }

    /// Whether it is a set, pack, series or array that nests too deep to be looked into.
    pub fn too_deep(&self) -> bool {
        self.value == Value::Parts && self.depth >= MAX_DEPTH
    }

    /// The state, where that of a nested structure says whether it can be walked to its end.
    pub fn settled_state(&self) -> State {
        if self.value != Value::Parts {
            return self.state;
        }
        let Some(mut parts) = self.parts() else {
            return State::Unknown;
        };
        parts.by_ref().for_each(drop);
        match parts.truncated_at() {
            Some(_) => State::Malformed,
            None => self.state,
        }
    }
}

/// What is walked.
#[derive(Debug, Clone)]
enum Source<'a> {
    Local(&'static SetDef),
    Universal(&'static SetDef),
    Pack(&'static PackDef),
    Series(&'static Def),
    List(&'static Def),
    CoreId,
    Array(Array<'a>, &'static Def),
    Correlation(Correlation<'a>),
}

/// Iterator over the parts of a structure; ends at the first that does not fit.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    source: Source<'a>,
    all: &'a [u8],
    rest: &'a [u8],
    offset: u64,
    index: u32,
    /// Bytes walked of an array's elements.
    cursor: usize,
    depth: u8,
    broken: bool,
}

impl<'a> Elements<'a> {
    /// Items of a local set that begins at `offset` of the stream.
    pub fn local(set: &'static SetDef, raw: &'a [u8], offset: u64) -> Self {
        Self::new(Source::Local(set), raw, offset, 0)
    }

    /// Items of a universal set.
    pub fn universal(set: &'static SetDef, raw: &'a [u8], offset: u64) -> Self {
        Self::new(Source::Universal(set), raw, offset, 0)
    }

    fn new(source: Source<'a>, raw: &'a [u8], offset: u64, depth: u8) -> Self {
        Self {
            source,
            all: raw,
            rest: raw,
            offset,
            index: 0,
            cursor: 0,
            depth,
            broken: false,
        }
    }

    /// Parts of a structure of this form.
    #[inline]
    pub(crate) fn of(form: &Form, raw: &'a [u8], offset: u64, depth: u8) -> Option<Self> {
        if depth >= MAX_DEPTH {
            return None;
        }
        let mut broken = false;
        let source = match form {
            Form::LocalSet(set) => Source::Local(set),
            Form::UniversalSet(set) => Source::Universal(set),
            Form::Pack(pack) => Source::Pack(pack),
            Form::Series(def) => Source::Series(def),
            Form::List(def) => Source::List(def),
            Form::CoreId => Source::CoreId,
            Form::Array(def) => match Array::read(raw) {
                Some(array) => Source::Array(array, def),
                None => {
                    broken = true;
                    Source::List(def)
                }
            },
            Form::Correlation => match Correlation::read(raw) {
                Some(correlation) => Source::Correlation(correlation),
                None => {
                    broken = true;
                    Source::List(&UNKNOWN)
                }
            },
            _ => return None,
        };
        let mut elements = Self::new(source, raw, offset, depth + 1);
        elements.broken = broken;
        Some(elements)
    }

    /// How many bytes have been walked.
    pub(crate) fn position(&self) -> usize {
        self.all.len() - self.rest.len()
    }

    /// The same set, from the item that begins after so many bytes.
    pub(crate) fn from(&self, position: usize) -> Self {
        let mut elements = self.clone();
        elements.offset = self.offset + position as u64 - self.position() as u64;
        elements.rest = self.all.get(position..).unwrap_or(&[]);
        elements
    }

    /// Where the structure breaks off, if it does; known after the last part.
    pub fn truncated_at(&self) -> Option<u64> {
        self.broken.then_some(self.offset)
    }

    /// The bytes that could not be walked: empty if the structure is whole.
    pub fn remainder(&self) -> &'a [u8] {
        if self.broken { self.rest } else { &[] }
    }

    /// The array that is walked, if it is one.
    pub fn array(&self) -> Option<&Array<'a>> {
        match &self.source {
            Source::Array(array, _) => Some(array),
            _ => None,
        }
    }

    /// The correlations that are walked, if they are.
    pub fn correlation(&self) -> Option<&Correlation<'a>> {
        match &self.source {
            Source::Correlation(correlation) => Some(correlation),
            _ => None,
        }
    }

    /// The definition of a local set's item of this tag.
    pub fn set(&self) -> Option<&'static SetDef> {
        match self.source {
            Source::Local(set) | Source::Universal(set) => Some(set),
            _ => None,
        }
    }

    /// The part of `head` + `length` bytes at the beginning of what remains.
    #[inline(always)]
    fn take(
        &mut self,
        id: ElementId,
        def: &'static Def,
        head: usize,
        length: usize,
    ) -> Element<'a> {
        let (head, rest) = self.rest.split_at(head);
        let (raw, rest) = rest.split_at(length);
        let offset = self.offset + head.len() as u64;
        self.rest = rest;
        self.offset = offset + length as u64;
        let (value, state) = decode::value(&def.form, raw);
        Element {
            id,
            def,
            value,
            state,
            head,
            raw,
            offset,
            depth: self.depth,
        }
    }

    /// Length and bytes taken of a BER length after `head` bytes whose item fits.
    #[inline]
    fn fitting(&self, head: usize) -> Option<(usize, usize)> {
        let rest = self.rest.get(head..)?;
        let (length, taken) = ber::read_length(rest)?;
        let length = usize::try_from(length).ok()?;
        (length <= rest.len() - taken).then_some((head + taken, length))
    }

    #[inline(always)]
    fn local_item(&mut self, set: &'static SetDef) -> Option<Element<'a>> {
        // Nearly all items have a tag and a length of one byte each.
        let (tag, head, length) = match *self.rest {
            [tag @ ..0x80, length @ ..0x80, ref tail @ ..] if tail.len() >= usize::from(length) => {
                (u32::from(tag), 2, usize::from(length))
            }
            _ => self.long_header()?,
        };
        let def = set.find(tag).map_or(&UNKNOWN, |item| &item.def);
        Some(self.take(ElementId::Tag(tag), def, head, length))
    }

    /// Tag, bytes of tag and length, and length of an item in any form of them.
    #[cold]
    fn long_header(&self) -> Option<(u32, usize, usize)> {
        let (tag, taken) = ber::read_oid(self.rest)?;
        let tag = u32::try_from(tag).ok()?;
        let (head, length) = self.fitting(taken)?;
        Some((tag, head, length))
    }

    fn universal_item(&mut self, set: &'static SetDef) -> Option<Element<'a>> {
        let label = *self.rest.first_chunk::<16>()?;
        // Without a label here the items before were misread.
        if !label.starts_with(&PREFIX) {
            return None;
        }
        let key = Key(label);
        let (head, length) = self.fitting(label.len())?;
        let row = set.labels.iter().find(|l| Key::of(l.label).same(key));
        let (id, def) = match row {
            Some(row) if row.tag != 0 => (ElementId::Tag(row.tag), &row.def),
            Some(row) => (ElementId::Key(key), &row.def),
            None => (ElementId::Key(key), &UNKNOWN),
        };
        Some(self.take(id, def, head, length))
    }

    fn pack_field(&mut self, pack: &'static PackDef) -> Option<Element<'a>> {
        let row = self.index as usize;
        let field = pack.fields.get(row)?;
        let (head, length) = match field.layout {
            Layout::Fixed(length) => {
                let length = usize::from(length);
                (self.rest.len() >= length).then_some((0, length))?
            }
            Layout::Oid => (0, ber::read_oid(self.rest)?.1),
            Layout::Ber => (0, ber::read_length(self.rest)?.1),
            Layout::Lv => self.fitting(0)?,
            Layout::Half if self.rest.len().is_multiple_of(2) => (0, self.rest.len() / 2),
            Layout::Half => return None,
            Layout::Rest => (0, self.rest.len()),
        };
        let mut element = self.take(ElementId::Field(row as u8), &field.def, head, length);
        if let Layout::Oid | Layout::Ber = field.layout {
            let number = match field.layout {
                Layout::Oid => ber::read_oid(element.raw),
                _ => ber::read_length(element.raw),
            }
            .map(|(n, _)| n);
            (element.value, element.state) = number.map_or((Value::None, State::Malformed), |n| {
                (Value::Unsigned(n), State::Ok)
            });
        }
        Some(element)
    }

    /// Whether a pack may end in front of its next field.
    fn pack_is_over(&self, pack: &PackDef) -> bool {
        let row = self.index as usize;
        self.rest.is_empty() && row >= pack.required
    }

    fn list_member(&mut self, def: &'static Def) -> Option<Element<'a>> {
        let (_, taken) = ber::read_oid(self.rest)?;
        Some(self.take(ElementId::Index(self.index), def, 0, taken))
    }

    fn core_id_field(&mut self) -> Option<Element<'a>> {
        let usage = self.all.get(1).copied().unwrap_or(0);
        while let Some(field) = st1204::FIELDS.get(self.index as usize) {
            if st1204::holds(usage, self.index) {
                let Layout::Fixed(length) = field.layout else {
                    return None;
                };
                let length = usize::from(length);
                if self.rest.len() < length {
                    return None;
                }
                return Some(self.take(ElementId::Field(self.index as u8), &field.def, 0, length));
            }
            self.index += 1;
        }
        None
    }

    fn step(&mut self) -> Option<Element<'a>> {
        match self.source.clone() {
            Source::Local(set) => self.local_item(set),
            Source::Universal(set) => self.universal_item(set),
            Source::Pack(pack) => self.pack_field(pack),
            Source::Series(def) => {
                let (head, length) = self.fitting(0)?;
                Some(self.take(ElementId::Index(self.index), def, head, length))
            }
            Source::List(def) => self.list_member(def),
            Source::CoreId => self.core_id_field(),
            Source::Array(array, def) => {
                let (member, taken) = array.member(self.index, self.cursor, def)?;
                self.cursor += taken;
                Some(self.computed(member))
            }
            Source::Correlation(correlation) => {
                let (member, taken) = correlation.member(self.index, self.cursor)?;
                self.cursor += taken;
                Some(self.computed(member))
            }
        }
    }

    /// An element whose value does not follow from a definition alone.
    fn computed(&self, member: Member<'a>) -> Element<'a> {
        Element {
            id: ElementId::Index(self.index),
            def: member.def,
            value: member.value,
            state: member.state,
            head: &[],
            raw: member.raw,
            offset: self.offset,
            depth: self.depth,
        }
    }

    /// Whether there is nothing more, and that is right so.
    #[inline]
    fn is_over(&self) -> bool {
        match &self.source {
            // Bytes after the last field belong to nothing: the pack is broken there.
            Source::Pack(pack) => self.pack_is_over(pack),
            Source::CoreId => {
                let usage = self.all.get(1).copied().unwrap_or(0);
                let all = st1204::FIELDS.len() as u32;
                self.rest.is_empty() && !(self.index..all).any(|n| st1204::holds(usage, n))
            }
            Source::Array(array, _) => self.index >= array.members(),
            Source::Correlation(correlation) => self.index >= correlation.members(),
            _ => self.rest.is_empty(),
        }
    }
}

/// A member of an array.
pub(crate) struct Member<'a> {
    pub(crate) def: &'static Def,
    pub(crate) value: Value<'a>,
    pub(crate) state: State,
    pub(crate) raw: &'a [u8],
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Element<'a>> {
        if self.broken || self.is_over() {
            return None;
        }
        let element = match self.source {
            Source::Local(set) => self.local_item(set),
            _ => self.step(),
        };
        match element {
            Some(_) => self.index += 1,
            None => self.broken = true,
        }
        element
    }
}
