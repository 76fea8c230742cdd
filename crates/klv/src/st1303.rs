//! Multi-dimensional arrays (MISB ST 1303): shape, then elements in one of five ways.

use crate::ber;
use crate::decode;
use crate::element::Member;
use crate::form::{Def, Form, def};
use crate::imap::Imap;
use crate::value::{State, Value};

/// Most dimensions that are read; the invoking standards use two.
pub const MAX_DIMENSIONS: usize = 8;

static NUMBER: Def = def("Element", "", Form::Float);
static COUNT: Def = def("Element", "", Form::Uint(0));

/// How the elements are written (ST 1303, array processing algorithms).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Processing {
    /// One after another, as the invoking standard says.
    Natural,
    /// Mapped by ST 1201 onto bounds that stand in front of them.
    Mapped(Imap),
    /// One bit each, highest first.
    Boolean,
    /// BER-OID numbers above a common least one.
    Unsigned {
        /// The least one.
        bias: u64,
    },
    /// A value for all, then patches of other values.
    RunLength,
}

/// An array that borrows its bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Array<'a> {
    /// Sizes of the dimensions, as they stand.
    sizes: &'a [u8],
    rows: u64,
    /// Bytes of an element.
    pub element_bytes: usize,
    /// How elements are written.
    pub processing: Processing,
    elements: &'a [u8],
    members: u32,
}

/// A patch of a run-length array: one value for a box of elements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patch<'a> {
    /// Bytes of the value.
    pub raw: &'a [u8],
    place: &'a [u8],
}

impl<'a> Patch<'a> {
    /// First element in each dimension, then elements in each.
    pub fn place(&self) -> impl Iterator<Item = u64> + use<'a> {
        numbers(self.place)
    }
}

impl<'a> Array<'a> {
    /// Reads the shape and checks that the elements are all there.
    pub fn read(raw: &'a [u8]) -> Option<Self> {
        let (dimensions, mut end) = ber::read_oid(raw)?;
        let dimensions = usize::try_from(dimensions).ok()?;
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return None;
        }
        let mut number = || {
            let (n, taken) = ber::read_oid(raw.get(end..)?)?;
            end += taken;
            Some((n, end))
        };
        let mut count = 1u64;
        let mut rows = 1;
        let mut sizes = 1..1;
        for dimension in 0..dimensions {
            let (size, end) = number()?;
            count = count.checked_mul(size)?;
            sizes.end = end;
            if dimension == 0 {
                rows = size;
            }
        }
        sizes.start = ber::read_oid(raw)?.1;
        let element_bytes = usize::try_from(number()?.0).ok()?;
        let (algorithm, end) = number()?;
        let rest = raw.get(end..)?;
        let count = usize::try_from(count).ok()?;
        if count == 0 {
            return None;
        }
        let (processing, elements, members) = if element_bytes == 0 {
            // The array has no elements now.
            (Processing::Natural, rest, rest.is_empty().then_some(0)?)
        } else {
            elements_of(algorithm, rest, count, element_bytes, dimensions)?
        };
        Some(Self {
            sizes: raw.get(sizes)?,
            rows,
            element_bytes,
            processing,
            elements,
            members: u32::try_from(members).ok()?,
        })
    }

    /// Elements in each dimension.
    pub fn shape(&self) -> impl Iterator<Item = u64> + use<'a> {
        numbers(self.sizes)
    }

    /// Values that are written: all elements, or the default and the patches of a run-length array.
    pub fn members(&self) -> u32 {
        self.members
    }

    /// Whether it is a run-length array.
    pub fn is_run_length(&self) -> bool {
        self.processing == Processing::RunLength
    }

    /// The patches of a run-length array, later ones over earlier ones.
    pub fn patches(&self) -> impl Iterator<Item = Patch<'a>> + use<'a> {
        let (element_bytes, dimensions) = (self.element_bytes, self.shape().count());
        let mut rest = match self.is_run_length() {
            true => self.elements.get(element_bytes..).unwrap_or(&[]),
            false => &[],
        };
        std::iter::from_fn(move || {
            let (patch, length) = patch(rest, element_bytes, dimensions)?;
            rest = &rest[length..];
            Some(patch)
        })
    }

    /// The value number `index`, which is met at `cursor` bytes after the first, and the bytes it
    /// takes; the form of natural elements is `natural`'s.
    pub(crate) fn member(
        &self,
        index: u32,
        cursor: usize,
        natural: &'static Def,
    ) -> Option<(Member<'a>, usize)> {
        let of = |def: &'static Def, raw: &'a [u8], (value, state), taken| {
            Some((
                Member {
                    def,
                    value,
                    state,
                    raw,
                },
                taken,
            ))
        };
        let left = self.elements.get(cursor..)?;
        let fixed = left.get(..self.element_bytes);
        match self.processing {
            Processing::Natural => {
                let raw = fixed?;
                of(natural, raw, self.natural(natural, index, raw), raw.len())
            }
            Processing::Mapped(map) => {
                let raw = fixed?;
                of(&NUMBER, raw, map.decode(raw), raw.len())
            }
            Processing::Boolean => {
                let raw = left.get(..1)?;
                let bit = raw[0] >> (7 - index % 8) & 1;
                let value = (Value::Unsigned(u64::from(bit)), State::Ok);
                of(&COUNT, raw, value, usize::from(index % 8 == 7))
            }
            Processing::Unsigned { bias } => {
                let (n, taken) = ber::read_oid(left)?;
                let value = n
                    .checked_add(bias)
                    .map_or((Value::None, State::Malformed), |n| {
                        (Value::Unsigned(n), State::Ok)
                    });
                of(&COUNT, &left[..taken], value, taken)
            }
            Processing::RunLength => {
                let raw = fixed?;
                let taken = match index {
                    0 => raw.len(),
                    _ => patch(left, raw.len(), self.shape().count())?.1,
                };
                of(natural, raw, decode::value(&natural.form, raw), taken)
            }
        }
    }

    /// A natural element; where the invoking standard maps every row differently, by its row.
    fn natural(&self, natural: &Def, index: u32, raw: &'a [u8]) -> (Value<'a>, State) {
        let Form::Rows(maps) = natural.form else {
            return decode::value(&natural.form, raw);
        };
        let width = u64::from(self.members) / self.rows.max(1);
        let row = u64::from(index).checked_div(width).unwrap_or(0) as usize;
        match maps.get(row) {
            Some(map) => map.decode(raw),
            None => (Value::None, State::Malformed),
        }
    }
}

/// How elements are written, their bytes, and how many values there are.
fn elements_of(
    algorithm: u64,
    rest: &[u8],
    count: usize,
    element_bytes: usize,
    dimensions: usize,
) -> Option<(Processing, &[u8], usize)> {
    Some(match algorithm {
        1 => {
            let whole = rest.len() == count.checked_mul(element_bytes)?;
            (Processing::Natural, rest, whole.then_some(count)?)
        }
        2 => {
            let bounds = rest.len().checked_sub(count.checked_mul(element_bytes)?)?;
            let (bounds, elements) = rest.split_at(bounds);
            (Processing::Mapped(mapping(bounds)?), elements, count)
        }
        3 => {
            let whole = rest.len() == count.div_ceil(8);
            (Processing::Boolean, rest, whole.then_some(count)?)
        }
        4 => {
            let (bias, taken) = ber::read_oid(rest)?;
            let elements = &rest[taken..];
            let there = numbers(elements).take(count + 1).count();
            let ends = elements.last().is_some_and(|&b| b < 0x80);
            let whole = there == count && ends;
            (
                Processing::Unsigned { bias },
                elements,
                whole.then_some(count)?,
            )
        }
        5 => {
            let mut patches = 0;
            let mut left = rest.get(element_bytes..)?;
            while !left.is_empty() {
                left = &left[patch(left, element_bytes, dimensions)?.1..];
                patches += 1;
            }
            (Processing::RunLength, rest, patches + 1)
        }
        _ => return None,
    })
}

/// Bounds of a mapping: two IEEE numbers.
fn mapping(bounds: &[u8]) -> Option<Imap> {
    let (least, greatest) = match bounds.len() {
        8 | 16 => bounds.split_at(bounds.len() / 2),
        _ => return None,
    };
    let of = |raw| decode::value(&Form::Float, raw).0.number();
    let (min, max) = (of(least)?, of(greatest)?);
    (max > min).then(|| Imap::new(min, max))
}

/// BER-OID numbers one after another, up to the first that is none.
fn numbers(mut bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    std::iter::from_fn(move || {
        let (n, taken) = ber::read_oid(bytes)?;
        bytes = &bytes[taken..];
        Some(n)
    })
}

/// The patch at the beginning of `bytes`, and its length.
fn patch(bytes: &[u8], element_bytes: usize, dimensions: usize) -> Option<(Patch<'_>, usize)> {
    let raw = bytes.get(..element_bytes)?;
    let mut end = element_bytes;
    for _ in 0..2 * dimensions {
        end += ber::read_oid(bytes.get(end..)?)?.1;
    }
    let place = &bytes[element_bytes..end];
    Some((Patch { raw, place }, end))
}
