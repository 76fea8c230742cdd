//! Standard deviations and correlation coefficients (MISB ST 1010, SDCC-FLP).
//!
//! A pack says how sure the items are that stand in front of it in their set: a standard deviation
//! for each, and a coefficient for each pair of them, row by row above the diagonal.

use crate::ber;
use crate::decode;
use crate::element::Member;
use crate::form::{Def, Form, def};
use crate::imap::Imap;
use crate::value::{State, Value};

/// Most items that a pack may speak of here.
const MOST: u64 = 1024;

/// Correlation coefficients are mapped by ST 1201 onto this range.
const COEFFICIENT: Imap = Imap::new(-1.0, 1.0);

static DEVIATION: Def = def("Standard Deviation", "", Form::Float);
static PAIR: Def = def("Correlation Coefficient", "", Form::Float);

/// A pack that borrows its bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation<'a> {
    /// Items it speaks of.
    pub size: u32,
    deviation_bytes: u8,
    coefficient_bytes: u8,
    deviations_mapped: bool,
    coefficients_mapped: bool,
    /// One bit for each pair, highest first: whether its coefficient is there.
    present: Option<&'a [u8]>,
    values: &'a [u8],
}

impl<'a> Correlation<'a> {
    /// Reads a pack and checks that all its numbers are there.
    pub fn read(raw: &'a [u8]) -> Option<Self> {
        let (size, taken) = ber::read_oid(raw)?;
        let rest = &raw[taken..];
        if size == 0 || size > MOST {
            return None;
        }
        // One byte of control, or two where its top bit is set (modes 1 and 2).
        let (&first, _) = rest.split_first()?;
        let (mut pack, rest) = if first < 0x80 {
            let pack = Self {
                size: size as u32,
                deviation_bytes: first >> 4 & 7,
                coefficient_bytes: first & 7,
                deviations_mapped: false,
                coefficients_mapped: true,
                present: (first >> 3 & 1 == 1).then_some(&raw[..0]),
                values: &[],
            };
            (pack, &rest[1..])
        } else {
            let second = *rest.get(1)?;
            if second >= 0x80 {
                return None;
            }
            let control = u16::from(first & 0x7F) << 7 | u16::from(second);
            let pack = Self {
                size: size as u32,
                deviation_bytes: (control & 0xF) as u8,
                deviations_mapped: control >> 4 & 1 == 1,
                coefficient_bytes: (control >> 7 & 0xF) as u8,
                coefficients_mapped: control >> 11 & 1 == 1,
                present: (control >> 12 & 1 == 1).then_some(&raw[..0]),
                values: &[],
            };
            (pack, &rest[2..])
        };
        let pairs = (size * (size - 1) / 2) as usize;
        let mut there = pairs;
        pack.values = rest;
        if pack.present.is_some() {
            let (bits, values) = rest.split_at_checked(pairs.div_ceil(8))?;
            pack.present = Some(bits);
            pack.values = values;
            there = (0..pairs).filter(|&n| bit(bits, n)).count();
        }
        let length = size as usize * usize::from(pack.deviation_bytes)
            + there * usize::from(pack.coefficient_bytes);
        (pack.values.len() == length).then_some(pack)
    }

    /// Standard deviations that are given: as many as items, or none.
    pub fn deviations(&self) -> u32 {
        if self.deviation_bytes == 0 {
            0
        } else {
            self.size
        }
    }

    /// Coefficients that are given: as many as pairs (zeros that were left out are counted), or none.
    pub fn coefficients(&self) -> u32 {
        if self.coefficient_bytes == 0 {
            0
        } else {
            self.size * (self.size - 1) / 2
        }
    }

    pub(crate) fn members(&self) -> u32 {
        self.deviations() + self.coefficients()
    }

    /// The value number `index`, deviations first, which is met at `cursor`; and the bytes it takes.
    pub(crate) fn member(&self, index: u32, cursor: usize) -> Option<(Member<'a>, usize)> {
        let left = self.values.get(cursor..)?;
        let pair = index.checked_sub(self.deviations());
        let (def, bytes, mapped) = match pair {
            None => (&DEVIATION, self.deviation_bytes, self.deviations_mapped),
            Some(_) => (&PAIR, self.coefficient_bytes, self.coefficients_mapped),
        };
        let left_out = pair
            .zip(self.present)
            .is_some_and(|(n, bits)| !bit(bits, n as usize));
        if left_out {
            let value = Value::Number(0.0);
            return Some((
                Member {
                    def,
                    value,
                    state: State::Ok,
                    raw: &left[..0],
                },
                0,
            ));
        }
        let raw = left.get(..usize::from(bytes))?;
        let (value, state) = match (mapped, pair) {
            (true, Some(_)) => COEFFICIENT.decode(raw),
            // The bounds of mapped deviations stand in the standard that invokes this one.
            (true, None) => (Value::None, State::Unknown),
            (false, _) => decode::value(&Form::Float, raw),
        };
        Some((
            Member {
                def,
                value,
                state,
                raw,
            },
            raw.len(),
        ))
    }
}

fn bit(bits: &[u8], n: usize) -> bool {
    bits.get(n / 8)
        .is_some_and(|byte| byte >> (7 - n % 8) & 1 == 1)
}
