//! Packets out of a named seed: whole ones by the tables, and what becomes of them on a bad link.

use atalaya_klv::form::{Def, Form, Layout, PackDef, SetDef};
use atalaya_klv::{Key, SetWriter, Standard, ber, checksum};

/// SplitMix64: the same numbers everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// Less than `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn bytes(&mut self, n: usize, out: &mut Vec<u8>) {
        for _ in 0..n {
            out.push(self.next() as u8);
        }
    }

    fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}

/// Deepest nesting of what is made.
const DEPTH: usize = 7;

fn text(dice: &mut Dice, out: &mut Vec<u8>) {
    let words = [
        "N",
        "EO Nose",
        "Geodetic WGS84",
        "Peña",
        "//US",
        "夜",
        "MQ-0 ",
    ];
    for _ in 0..=dice.below(2) {
        out.extend_from_slice(dice.pick(&words).as_bytes());
    }
}

/// Bytes that a form takes.
fn fill(form: &Form, depth: usize, dice: &mut Dice, out: &mut Vec<u8>) {
    match form {
        Form::Uint(n) | Form::Int(n) | Form::Words(n, _) | Form::Flags(n, _) => {
            let n = if *n == 0 {
                1 + dice.below(8)
            } else {
                usize::from(*n)
            };
            dice.bytes(n, out);
        }
        Form::Oid => ber::write_oid(dice.next() >> dice.below(64), out),
        Form::Unsigned(l) | Form::Scaled(l) => dice.bytes(usize::from(l.length), out),
        Form::Signed(s) => {
            if dice.one_in(8) {
                out.push(0x80);
                out.extend(std::iter::repeat_n(0, usize::from(s.length) - 1));
            } else {
                dice.bytes(usize::from(s.length), out);
            }
        }
        Form::Imap(_, n) => {
            let n = if dice.one_in(3) {
                1 + dice.below(8)
            } else {
                usize::from(*n)
            };
            let from = out.len();
            dice.bytes(n, out);
            if !dice.one_in(6) {
                out[from] &= 0x7F;
            }
        }
        Form::Float | Form::Rows(_) => match dice.below(2) {
            0 => out.extend_from_slice(&(dice.next() as i32 as f32 / 1e4).to_be_bytes()),
            _ => out.extend_from_slice(&(dice.next() as i64 as f64 / 1e9).to_be_bytes()),
        },
        Form::Text => text(dice, out),
        Form::Wide => {
            out.extend_from_slice(dice.pick::<&[u8]>(&[b"\0U\0S", b"US", b"\0E\0S\0;\0P\0T"]))
        }
        Form::Uuid => dice.bytes(16, out),
        Form::Bytes(least, most) => {
            let n = usize::from(*least) + dice.below(usize::from(most - least).min(20) + 1);
            dice.bytes(n, out);
        }
        _ if depth >= DEPTH => {}
        Form::LocalSet(set) => local(set, depth + 1, dice, out),
        Form::UniversalSet(set) => universal(set, depth + 1, dice, out),
        Form::Pack(pack) => fields(pack, depth + 1, dice, out),
        Form::Series(def) => {
            for _ in 0..dice.below(4) {
                let mut member = Vec::new();
                fill(&def.form, depth + 1, dice, &mut member);
                length(member.len(), dice, out);
                out.extend_from_slice(&member);
            }
        }
        Form::List(_) => {
            for _ in 0..dice.below(4) {
                ber::write_oid(dice.next() >> dice.below(64), out);
            }
        }
        Form::Array(def) => array(def, dice, out),
        Form::Correlation => correlation(dice, out),
        Form::CoreId => {
            let usage = dice.next() as u8 & 0x7E;
            out.extend_from_slice(&[1, usage]);
            let there = [
                usage & 0x60 != 0,
                usage & 0x18 != 0,
                usage & 4 != 0,
                usage & 2 != 0,
            ];
            dice.bytes(16 * there.iter().filter(|t| **t).count(), out);
        }
        Form::Unknown => {
            let n = dice.below(6);
            dice.bytes(n, out);
        }
    }
}

/// A BER length, sometimes in more bytes than it needs.
fn length(n: usize, dice: &mut Dice, out: &mut Vec<u8>) {
    let digits = if dice.one_in(8) { 2 + dice.below(9) } else { 1 };
    ber::write_length_like(n, digits, out);
}

fn fields(pack: &PackDef, depth: usize, dice: &mut Dice, out: &mut Vec<u8>) {
    let optional = pack.fields.len() - pack.required;
    let count = pack.required + dice.below(optional + 1);
    for field in &pack.fields[..count] {
        let form = &field.def.form;
        match field.layout {
            Layout::Fixed(_) | Layout::Rest => fill(form, depth, dice, out),
            Layout::Oid => ber::write_oid(dice.next() >> dice.below(64), out),
            Layout::Ber => length(dice.below(300), dice, out),
            Layout::Lv => {
                let mut value = Vec::new();
                if !dice.one_in(6) {
                    fill(form, depth, dice, &mut value);
                }
                length(value.len(), dice, out);
                out.extend_from_slice(&value);
            }
            // Both halves at once, alike long.
            Layout::Half => {
                let n = 1 + dice.below(4);
                for _ in 0..2 {
                    let from = out.len();
                    dice.bytes(n, out);
                    out[from] &= 0x7F;
                }
                return;
            }
        }
    }
}

fn array(def: &Def, dice: &mut Dice, out: &mut Vec<u8>) {
    let (rows, columns) = (1 + dice.below(6), 1 + dice.below(4));
    let count = rows * columns;
    let algorithm = 1 + dice.below(5);
    let bytes = match (algorithm, &def.form) {
        (3 | 4, _) => 1,
        (_, Form::Float) => *dice.pick(&[4, 8]),
        _ => 1 + dice.below(4),
    };
    for n in [2, rows, columns, bytes, algorithm] {
        ber::write_oid(n as u64, out);
    }
    match algorithm {
        1 => dice.bytes(count * bytes, out),
        2 => {
            out.extend_from_slice(&(-10f32).to_be_bytes());
            out.extend_from_slice(&1000f32.to_be_bytes());
            dice.bytes(count * bytes, out);
        }
        3 => dice.bytes(count.div_ceil(8), out),
        4 => {
            for _ in 0..=count {
                ber::write_oid(dice.next() >> (20 + dice.below(44)), out);
            }
        }
        _ => {
            dice.bytes(bytes, out);
            for _ in 0..dice.below(3) {
                dice.bytes(bytes, out);
                for _ in 0..4 {
                    ber::write_oid(dice.below(6) as u64, out);
                }
            }
        }
    }
}

fn correlation(dice: &mut Dice, out: &mut Vec<u8>) {
    let size = 1 + dice.below(4);
    let pairs = size * (size - 1) / 2;
    ber::write_oid(size as u64, out);
    let (deviation, coefficient) = (4 * dice.below(2), dice.below(4));
    if dice.one_in(2) {
        out.push((deviation << 4 | coefficient) as u8);
        dice.bytes(size * deviation + pairs * coefficient, out);
    } else {
        // Two bytes of control, all coefficients said to be there one by one.
        let control = 1 << 12 | 1 << 11 | coefficient << 7 | deviation;
        out.extend_from_slice(&[0x80 | (control >> 7) as u8, (control & 0x7F) as u8]);
        let bits = out.len();
        out.extend(std::iter::repeat_n(0xFF, pairs.div_ceil(8)));
        if out.len() > bits && !pairs.is_multiple_of(8) {
            *out.last_mut().unwrap() = 0xFF << (8 - pairs % 8);
        }
        dice.bytes(size * deviation + pairs * coefficient, out);
    }
}

fn local(set: &SetDef, depth: usize, dice: &mut Dice, out: &mut Vec<u8>) {
    for _ in 0..dice.below(if depth < 2 { 12 } else { 4 }) {
        let mut value = Vec::new();
        let tag = if set.items.is_empty() || dice.one_in(30) {
            // Private, or of a later revision.
            let n = dice.below(9);
            dice.bytes(n, &mut value);
            dice.next() as u32 >> dice.below(30)
        } else {
            let item = dice.pick(set.items);
            // The checksum is the packet's business.
            if item.def.name == "Checksum" {
                continue;
            }
            if !dice.one_in(30) {
                fill(&item.def.form, depth, dice, &mut value);
            }
            item.tag
        };
        ber::write_oid(u64::from(tag), out);
        length(value.len(), dice, out);
        out.extend_from_slice(&value);
    }
}

fn universal(set: &SetDef, depth: usize, dice: &mut Dice, out: &mut Vec<u8>) {
    for _ in 0..dice.below(8) {
        let mut value = Vec::new();
        let label = if dice.one_in(20) {
            0x060E_2B34_0101_0101_0F00_0000_0000_0000 | u128::from(dice.next() as u16)
        } else {
            let row = dice.pick(set.labels);
            fill(&row.def.form, depth, dice, &mut value);
            row.label
        };
        out.extend_from_slice(&label.to_be_bytes());
        length(value.len(), dice, out);
        out.extend_from_slice(&value);
    }
}

/// A whole packet of any standard, with a checksum where it has one.
pub fn packet(dice: &mut Dice, out: &mut Vec<u8>) {
    let (key, standard) = match dice.below(3) {
        0 => *dice.pick(&Standard::KNOWN),
        1 => (
            Key::of(0x060E_2B34_020B_0101_0F01_0000_0000_0000),
            Standard::UnknownLocal,
        ),
        _ => (Key::ST0601, Standard::St0601),
    };
    let set = standard.set().unwrap();
    let mut value = Vec::new();
    match standard {
        Standard::Eg0104 | Standard::St0102Universal => universal(set, 0, dice, &mut value),
        // Its first item is what tells revision 3 from those before it.
        Standard::St1108 => {
            value.extend_from_slice(&[1, 1, dice.below(6) as u8]);
            local(set, 0, dice, &mut value);
        }
        _ => local(set, 0, dice, &mut value),
    }
    let start = out.len();
    let sum: &[u8] = match standard {
        Standard::St0601 | Standard::St0903 | Standard::St0903Track => &[1, 2],
        Standard::St0806 => &[1, 4],
        Standard::St1002 => &[21, 2],
        Standard::St1108 => &[11, 2],
        _ => &[],
    };
    let bytes = sum.get(1).map_or(0, |n| usize::from(*n));
    out.extend_from_slice(&key.0);
    length(value.len() + sum.len() + bytes, dice, out);
    out.extend_from_slice(&value);
    out.extend_from_slice(sum);
    let summed = &out[start..];
    match standard {
        Standard::St0806 => out.extend(checksum::crc32_mpeg2(summed).to_be_bytes()),
        Standard::St1002 | Standard::St1108 => {
            out.extend(checksum::crc16_ccitt(summed).to_be_bytes())
        }
        _ if bytes == 2 => out.extend(checksum::running_sum(summed).to_be_bytes()),
        _ => {}
    }
}

/// An item of a universal set by itself.
pub fn single(dice: &mut Dice, out: &mut Vec<u8>) {
    let set = Standard::Item.set().unwrap();
    let items = set.labels.len();
    let row = (0..items).map(|_| dice.pick(set.labels));
    // Sets among them are packets of their own.
    let Some(row) = row.into_iter().find(|row| row.label >> 88 & 0xFF == 1) else {
        return;
    };
    let mut value = Vec::new();
    fill(&row.def.form, 0, dice, &mut value);
    out.extend_from_slice(&row.label.to_be_bytes());
    length(value.len(), dice, out);
    out.extend_from_slice(&value);
}

/// A stream of a few packets, whole or damaged in one of the ways of links and bad encoders.
pub fn stream(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=dice.below(3) {
        packet(dice, &mut bytes);
        if dice.one_in(8) {
            single(dice, &mut bytes);
        }
        if dice.one_in(6) {
            let n = dice.below(20);
            dice.bytes(n, &mut bytes);
        }
    }
    for _ in 0..dice.below(5) {
        if bytes.is_empty() {
            break;
        }
        let at = dice.below(bytes.len());
        match dice.below(7) {
            0 => bytes[at] = dice.next() as u8,
            1 => bytes[at] ^= 1 << dice.below(8),
            2 => bytes.truncate(at),
            3 => {
                let end = (at + dice.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let end = (at + dice.below(60)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            5 => bytes[at] = *dice.pick(&[0, 1, 2, 0x7F, 0x80, 0x81, 0x84, 0x88, 0xFF]),
            _ => {
                let label = dice.pick(&Standard::KNOWN).0.0;
                bytes.splice(at..at, label[..dice.below(17)].iter().copied());
            }
        }
    }
    bytes
}

/// A set nested in itself (segment in segment) `depth` times.
pub fn nested(depth: usize) -> Vec<u8> {
    let mut inner = vec![5, 2, 0x71, 0xC2];
    for _ in 0..depth {
        let mut outer = vec![100];
        ber::write_length(inner.len(), &mut outer);
        outer.extend_from_slice(&inner);
        inner = outer;
    }
    let mut set = SetWriter::new(Standard::St0601.set().unwrap());
    set.bytes(100, &inner);
    let mut out = Vec::new();
    set.packet_into(Key::ST0601, &mut out);
    out
}
