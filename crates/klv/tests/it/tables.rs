//! Every line of every table: what it can say comes back.

use std::collections::BTreeSet;

use atalaya_klv::form::{Def, Form, Layout, SetDef};
use atalaya_klv::{ElementId, Elements, SetWriter, Standard, State, Value};
use proptest::prelude::*;

/// Sets that are reached from packets, each once.
pub fn all_sets() -> Vec<&'static SetDef> {
    fn of(form: &Form, seen: &mut Vec<&'static SetDef>) {
        match form {
            Form::LocalSet(set) | Form::UniversalSet(set) => walk(set, seen),
            Form::Series(def) | Form::List(def) | Form::Array(def) => of(&def.form, seen),
            Form::Pack(pack) => pack.fields.iter().for_each(|f| of(&f.def.form, seen)),
            _ => {}
        }
    }
    fn walk(set: &'static SetDef, seen: &mut Vec<&'static SetDef>) {
        if seen.iter().any(|s| std::ptr::eq(*s, set)) {
            return;
        }
        seen.push(set);
        set.items.iter().for_each(|i| of(&i.def.form, seen));
        set.labels.iter().for_each(|l| of(&l.def.form, seen));
    }
    let mut seen = Vec::new();
    for (_, standard) in Standard::KNOWN {
        walk(standard.set().unwrap(), &mut seen);
    }
    seen
}

#[test]
fn tags_ascend_and_names_are_there() {
    let sets = all_sets();
    assert!(sets.len() > 20, "{}", sets.len());
    for set in sets {
        assert!(
            !set.source.is_empty() && set.clause.contains("{}"),
            "{}",
            set.name
        );
        let tags: Vec<u32> = set.items.iter().map(|i| i.tag).collect();
        assert!(tags.is_sorted_by(|a, b| a < b), "{}: {tags:?}", set.name);
        for item in set.items {
            assert_eq!(set.find(item.tag).unwrap().def.name, item.def.name);
            assert!(!item.def.name.is_empty(), "{} {}", set.name, item.tag);
        }
        assert!(set.find(0).is_none() && set.find(5_000_000).is_none());
        let labels: BTreeSet<u128> = set.labels.iter().map(|l| l.label).collect();
        assert_eq!(labels.len(), set.labels.len(), "{}", set.name);
        for (label, row) in set.labels.iter().map(|l| (l.label, l)) {
            assert_eq!(label >> 96, 0x060E_2B34, "{}", row.def.name);
        }
    }
    let uas = Standard::St0601.set().unwrap();
    let tags: Vec<u32> = uas.items.iter().map(|i| i.tag).collect();
    assert_eq!(tags, (1..=143).collect::<Vec<_>>());
}

#[test]
fn only_the_last_fields_of_packs_may_end_with_the_pack() {
    fn check(def: &Def) {
        let Form::Pack(pack) = def.form else { return };
        for (n, field) in pack.fields.iter().enumerate() {
            let last = n + 1 == pack.fields.len();
            assert!(last || field.layout != Layout::Rest, "{}", pack.name);
            check(&field.def);
        }
        assert!(pack.required <= pack.fields.len());
    }
    for set in all_sets() {
        for item in set.items {
            match item.def.form {
                Form::Series(def) => check(def),
                _ => check(&item.def),
            }
        }
    }
}

/// The one item of a set that was written.
fn back<'a>(set: &'static SetDef, bytes: &'a [u8]) -> (Value<'a>, State) {
    let mut elements = Elements::local(set, bytes, 0);
    let element = elements.next().unwrap();
    assert!(elements.next().is_none() && elements.truncated_at().is_none());
    (element.value, element.state)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_item_of_every_table_says_what_it_was_given(share in 0.0f64..=1.0, bits in any::<u64>()) {
        for set in all_sets() {
            for item in set.items {
                let tag = item.tag;
                let mut writer = SetWriter::new(set);
                match item.def.form {
                    Form::Unsigned(_) | Form::Signed(_) | Form::Scaled(_) | Form::Imap(..) => {
                        let (min, max) = item.def.form.range().unwrap();
                        let value = min + share * (max - min);
                        let error = match item.def.form {
                            Form::Unsigned(l) | Form::Scaled(l) => l.step / 2.0,
                            Form::Signed(s) => s.step / 2.0,
                            Form::Imap(map, n) => map.half_step(usize::from(n)),
                            _ => 0.0,
                        };
                        writer.number(tag, value).unwrap();
                        let (got, state) = back(set, writer.as_bytes());
                        prop_assert_eq!(state, State::Ok);
                        let got = got.number().unwrap();
                        let off = (got - value).abs();
                        let most = error * 1.000_001 + 1e-12 * max.abs();
                        prop_assert!(off <= most, "{} {}: {} {}", set.name, tag, value, got);
                        let mut again = SetWriter::new(set);
                        again.number(tag, got).unwrap();
                        prop_assert_eq!(again.as_bytes(), writer.as_bytes());
                        prop_assert!(SetWriter::new(set).number(tag, max + 10.0 * error + 1.0).is_err());
                        prop_assert!(SetWriter::new(set).number(tag, f64::NAN).is_err());
                    }
                    Form::Uint(n) | Form::Words(n, _) | Form::Flags(n, _) => {
                        let n = if n == 0 { 8 } else { u32::from(n) };
                        let value = bits >> (64 - 8 * n);
                        writer.unsigned(tag, value).unwrap();
                        prop_assert_eq!(back(set, writer.as_bytes()), (Value::Unsigned(value), State::Ok));
                        prop_assert!(n == 8 || SetWriter::new(set).unsigned(tag, value + (1 << (8 * n))).is_err());
                    }
                    Form::Int(n) => {
                        let n = if n == 0 { 8 } else { u32::from(n) };
                        let value = bits as i64 >> (64 - 8 * n);
                        writer.value(tag, Value::Signed(value)).unwrap();
                        prop_assert_eq!(back(set, writer.as_bytes()), (Value::Signed(value), State::Ok));
                    }
                    Form::Oid => {
                        writer.unsigned(tag, bits).unwrap();
                        prop_assert_eq!(back(set, writer.as_bytes()), (Value::Unsigned(bits), State::Ok));
                    }
                    Form::Float => {
                        let value = (share - 0.5) * 1e6;
                        writer.number(tag, value).unwrap();
                        prop_assert_eq!(back(set, writer.as_bytes()), (Value::Number(value), State::Ok));
                    }
                    Form::Text | Form::Wide => {
                        writer.text(tag, "Peña 3").unwrap();
                        prop_assert_eq!(back(set, writer.as_bytes()), (Value::Text("Peña 3"), State::Ok));
                        prop_assert!(SetWriter::new(set).unsigned(tag, 1).is_err());
                    }
                    Form::Uuid => {
                        let id = [7; 16];
                        writer.value(tag, Value::Uuid(&id)).unwrap();
                        prop_assert_eq!(back(set, writer.as_bytes()), (Value::Uuid(&id), State::Ok));
                        prop_assert_eq!(back(set, &[tag as u8, 1, 0]).1, State::Malformed);
                    }
                    Form::LocalSet(_) => {
                        writer.nested(tag, |_| Ok(())).unwrap();
                        prop_assert_eq!(back(set, writer.as_bytes()), (Value::Parts, State::Ok));
                    }
                    _ => {}
                }
                // No bytes at all: known, but without a value.
                let mut empty = SetWriter::new(set);
                empty.without_value(tag, State::Empty).unwrap();
                let (_, state) = back(set, empty.as_bytes());
                prop_assert!(matches!(state, State::Empty | State::Ok | State::Unknown), "{} {}", set.name, tag);
            }
        }
    }
}

#[test]
fn every_special_state_is_written_and_read() {
    let mut seen = BTreeSet::new();
    for set in all_sets() {
        for item in set.items {
            for state in State::ALL {
                let mut writer = SetWriter::new(set);
                if writer.without_value(item.tag, state).is_err() {
                    assert!(writer.as_bytes().is_empty());
                    continue;
                }
                let got = back(set, writer.as_bytes()).1;
                // ST 1201 has no word for "out of range" as such: it says on which side.
                let wanted = match (item.def.form, state) {
                    (Form::Imap(..), State::OutOfRange) => State::BelowMinimum,
                    _ => state,
                };
                if state != State::Empty {
                    assert_eq!(got, wanted, "{} {}", set.name, item.tag);
                    seen.insert(state);
                }
            }
        }
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
    assert_eq!(
        State::ALL
            .map(State::name)
            .iter()
            .collect::<BTreeSet<_>>()
            .len(),
        6
    );
}

#[test]
fn tags_that_a_set_does_not_have_are_refused_and_kept() {
    let set = Standard::St0903.set().unwrap();
    let mut writer = SetWriter::new(set);
    let error = writer.unsigned(77, 1).unwrap_err().to_string();
    assert_eq!(
        error,
        "MISB ST 0903.6 has no item 77; use a tag of its table"
    );
    writer.bytes(77, &[1, 2]).bytes(300, &[3; 200]);
    let elements: Vec<_> = Elements::local(set, writer.as_bytes(), 10).collect();
    assert_eq!(elements[0].state, State::Unknown);
    assert_eq!(
        (elements[1].id, elements[1].raw.len()),
        (ElementId::Tag(300), 200)
    );
    assert_eq!(elements[1].offset, 10 + 4 + 2 + 2);
}

#[test]
fn lengths_may_be_asked_for_and_kinds_are_told_apart() {
    let uas = Standard::St0601.set().unwrap();
    let mut set = SetWriter::new(uas);
    set.value_in(96, Value::Number(100.0), 5).unwrap();
    set.value_in(110, Value::Unsigned(7), 4).unwrap();
    let lengths: Vec<_> = Elements::local(uas, set.as_bytes(), 0)
        .map(|e| e.raw.len())
        .collect();
    assert_eq!(lengths, [5, 4]);
    let refused = |tag, value: Value<'_>| {
        SetWriter::new(uas)
            .value(tag, value)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(13, Value::Bytes(&[1])),
        "item 13 (Sensor Latitude) does not take bytes"
    );
    assert_eq!(
        refused(3, Value::None),
        "item 3 (Mission ID) does not take no value"
    );
    assert_eq!(
        refused(39, Value::Signed(400)),
        "item 39 (Outside Air Temperature) cannot say 400; its range is -128 to 127"
    );
    let mut set = SetWriter::new(uas);
    assert!(set.number(65, 1.0).is_err() && set.unsigned(13, 1).is_err());
    assert!(set.nested(13, |_| Ok(())).is_err() && set.series(13, [&[1u8][..]]).is_err());
    assert!(
        set.nested(74, |vmti| vmti.unsigned(77, 1).map(drop))
            .is_err()
    );
    assert!(set.as_bytes().is_empty());
    assert_eq!(Value::Unsigned(u64::MAX).signed(), None);
    assert_eq!(Value::Text("1").signed(), None);
    let mut builder = atalaya_klv::st0601::SetBuilder::new(1);
    builder
        .value(39, Value::Signed(-5))
        .unwrap()
        .without_value(104, State::Nan)
        .unwrap();
    assert!(builder.set_aside(104).is_err() && builder.set_aside(500).is_err());
    let bytes = builder.finish();
    let states: Vec<_> = crate::support::only(&bytes)
        .elements()
        .map(|e| e.state)
        .collect();
    assert_eq!(states, [State::Ok, State::Ok, State::Nan, State::Ok]);
}
