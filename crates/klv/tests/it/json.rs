use atalaya_klv::json::{Context, record, time_text};
use atalaya_klv::st0601::SetBuilder;
use serde_json::Value;

use crate::support::*;

fn parsed(bytes: &[u8], context: Context) -> Value {
    serde_json::from_str(&record(&only(bytes), context)).unwrap()
}

#[test]
fn a_record_has_the_fields_of_its_schema_in_order() {
    let mut set = SetBuilder::new(1_224_807_209_913_000);
    set.number(13, 45.0)
        .unwrap()
        .set_aside(6)
        .unwrap()
        .bytes(74, &[1, 2])
        .bytes(200, &[9]);
    set.unsigned(65, 19).unwrap();
    let bytes = set.finish();
    let context = Context {
        n: 3,
        pid: Some(257),
        pts: Some(90_000),
        raw: false,
    };
    let line = record(&only(&bytes), context);
    assert!(line.starts_with(
        r#"{"schema":"klv/1","n":3,"offset":0,"pid":257,"standard":"ST0601","version":19,"pts":90000,"time":"2008-10-24T00:13:29.913000Z","time_us":1224807209913000,"checksum":"ok","length":"#
    ), "{line}");
    let value = parsed(&bytes, context);
    let items = &value["items"];
    assert_eq!(items["13"]["name"], "Sensor Latitude");
    assert_eq!(items["13"]["unit"], "deg");
    assert!((items["13"]["value"].as_f64().unwrap() - 45.0).abs() < 1e-6);
    assert!(items["13"].get("raw").is_none());
    assert_eq!(items["6"]["state"], "out_of_range");
    assert_eq!(items["6"]["raw"], "8000");
    assert!(items["6"]["value"].is_null());
    assert_eq!(
        (&items["74"]["state"], &items["74"]["raw"]),
        (&"malformed".into(), &"0102".into())
    );
    assert_eq!(items["200"]["raw"], "09");
    assert_eq!(value["faults"][0]["code"], "item_truncated");
    assert!(
        parsed(
            &bytes,
            Context {
                raw: true,
                ..context
            }
        )["items"]["13"]
            .get("raw")
            .is_some()
    );
}

#[test]
fn nested_security_and_universal_labels() {
    let value = parsed(&packet(0), Context::default());
    assert_eq!(value["items"]["48"]["value"]["items"]["3"]["value"], "//US");
    assert_eq!(value["items"]["48"]["state"], "ok");
    let value = parsed(&universal(1), Context::default());
    assert_eq!(value["standard"], "EG0104");
    assert_eq!(value["checksum"], "absent");
    let angle = &value["items"]["060e2b34010101010701100102000000"];
    assert_eq!(
        (&angle["name"], &angle["value"]),
        (&"Angle to North".into(), &(-1.5).into())
    );
    assert_eq!(
        value["items"]["48"]["value"]["items"]["1"]["value"],
        "UNCLASSIFIED//"
    );
}

#[test]
fn damage_is_told_with_its_place() {
    let mut bytes = packet(0);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let value = parsed(&bytes, Context::default());
    assert_eq!(value["checksum"], "bad");
    assert_eq!(value["faults"][0]["code"], "checksum_bad");
    let mut set = SetBuilder::new(1);
    set.bytes(13, &[1, 2, 3]).bytes(13, &[0, 0, 0, 0]);
    let value = parsed(&set.finish(), Context::default());
    assert_eq!(value["faults"][0]["code"], "item_malformed");
    assert_eq!(value["faults"][1]["code"], "item_repeated");
    assert_eq!(value["items"]["13"]["value"], 0.0);
    assert_eq!(value["items"]["13"]["more"][0]["raw"], "010203");
}

#[test]
fn items_of_a_name_stand_together_and_none_is_lost() {
    let mut set = SetBuilder::new(1);
    for n in 0..3u8 {
        set.bytes(115, &[n, 1, b'A' + n]).bytes(300, &[n]);
    }
    let value = parsed(&set.finish(), Context::default());
    let item = &value["items"]["115"];
    assert_eq!(item["value"]["fields"]["Command"]["value"], "C");
    assert_eq!(item["more"][0]["value"]["fields"]["Command"]["value"], "B");
    assert_eq!(item["more"][1]["value"]["fields"]["Id"]["value"], 0);
    assert_eq!(value["items"]["300"]["more"][1]["raw"], "00");
    // Commands may be repeated, private items are taken to be wrong.
    assert_eq!(value["faults"].as_array().unwrap().len(), 2);
}

#[test]
fn states_words_and_shapes() {
    let mut set = SetBuilder::new(1);
    set.bytes(104, &[0xE1, 0, 0])
        .bytes(103, &[0xC8, 0, 0])
        .bytes(105, &[0xC1, 2, 3]);
    set.bytes(3, &[])
        .bytes(77, &[5])
        .bytes(47, &[0x82])
        .bytes(116, &[1, 2]);
    set.bytes(74, &[101, 6, 5, 7, 5, 1, 50, 77])
        .bytes(102, &[1, 0x40, 0x3F, 0x80, 0, 0]);
    set.bytes(98, &[4, 7, 1, 2, 1, 1, 7, 8, 9]);
    let value = parsed(&set.finish(), Context::default());
    let items = &value["items"];
    let said = |tag: &str| (items[tag]["state"].clone(), items[tag]["detail"].clone());
    assert_eq!(said("104"), ("out_of_range".into(), "above_maximum".into()));
    assert_eq!(
        said("103"),
        ("out_of_range".into(), "positive_infinity".into())
    );
    assert_eq!(said("105"), ("reserved".into(), "user_defined".into()));
    assert_eq!(said("3"), ("unknown".into(), "empty".into()));
    assert_eq!(items["77"]["text"], "Test");
    assert_eq!(
        items["47"]["flags"],
        serde_json::json!(["Auto-Track", "bit 7"])
    );
    assert_eq!(items["116"]["value"], serde_json::json!([1, 2]));
    assert_eq!(
        items["102"]["value"]["deviations"],
        serde_json::json!([1.0])
    );
    assert_eq!(items["102"]["value"]["size"], 1);
    let target = &items["74"]["value"]["items"]["101"]["value"][0];
    assert_eq!(
        (&target["id"], &target["items"]["5"]["value"]),
        (&7.into(), &50.into())
    );
    assert_eq!(items["98"]["value"]["items"]["4"]["state"], "malformed");
}

fn text_digest(text: &str, path: u64) -> u64 {
    use atalaya_klv::digest::mix;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let hash = words
        .iter()
        .fold(path, |h, word| mix(h, u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(mix(hash, u64::from_le_bytes(last)), text.len() as u64)
}

/// The digest by the record alone, as `bench/klv_digest.py` makes it.
fn digest_of(value: &Value, path: u64) -> u64 {
    use atalaya_klv::digest::mix;
    let list = |list: &mut dyn Iterator<Item = &Value>| {
        list.enumerate().fold(0u64, |sum, (n, v)| {
            sum.wrapping_add(digest_of(v, mix(path, n as u64)))
        })
    };
    match value {
        Value::Null => 0,
        Value::Number(n) => match (n.as_u64(), n.as_i64()) {
            (Some(n), _) => mix(path, n),
            (None, Some(n)) => mix(path, n as u64),
            _ => mix(path, n.as_f64().unwrap().to_bits()),
        },
        Value::String(s) => text_digest(s, path),
        Value::Array(members) => list(&mut members.iter()),
        Value::Object(o) if o.contains_key("id") => {
            let id = digest_of(&o["id"], text_digest("id", path));
            let items = o.get("items");
            id.wrapping_add(items.map_or(0, |i| items_digest(i, text_digest("items", path))))
        }
        Value::Object(o) if o.contains_key("items") => items_digest(&o["items"], path),
        Value::Object(o) if o.contains_key("fields") => {
            let fields = o["fields"].as_object().unwrap().iter();
            fields.fold(0, |sum: u64, (name, field)| {
                sum.wrapping_add(digest_of(field, text_digest(name, path)))
            })
        }
        Value::Object(o) if o.contains_key("values") => digest_of(&o["values"], path),
        Value::Object(o) if o.contains_key("deviations") => list(
            &mut ["deviations", "coefficients"]
                .iter()
                .flat_map(|k| o[*k].as_array().unwrap()),
        ),
        Value::Object(o) => {
            let more = o
                .get("more")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            more.fold(digest_of(&o["value"], path), |sum, entry| {
                sum.wrapping_add(digest_of(entry, path))
            })
        }
        Value::Bool(_) => panic!("no such value"),
    }
}

fn items_digest(items: &Value, path: u64) -> u64 {
    use atalaya_klv::digest::mix;
    items
        .as_object()
        .unwrap()
        .iter()
        .fold(0, |sum, (key, entry)| {
            let path = if key.len() == 32 {
                let halves = [&key[..16], &key[16..]];
                halves.iter().fold(path, |p, half| {
                    mix(p, u64::from_str_radix(half, 16).unwrap())
                })
            } else {
                mix(path, key.parse().unwrap())
            };
            sum.wrapping_add(digest_of(entry, path))
        })
}

#[test]
fn the_record_has_every_value_that_the_digest_counts() {
    const ROOT: u64 = 0x6B6C_762F_3100_0001;
    let mut dice = crate::generate::Dice(99);
    for n in 0..1500 {
        let mut bytes = Vec::new();
        crate::generate::packet(&mut dice, &mut bytes);
        let packet = only(&bytes);
        let value = parsed(&bytes, Context::default());
        let wanted = atalaya_klv::digest::packet(&packet);
        assert_eq!(
            items_digest(&value["items"], ROOT),
            wanted,
            "{n}: {value:#}"
        );
    }
}

#[test]
fn times_are_gregorian() {
    assert_eq!(time_text(0), "1970-01-01T00:00:00.000000Z");
    assert_eq!(
        time_text(951_782_400_000_001),
        "2000-02-29T00:00:00.000001Z"
    );
    assert_eq!(
        time_text(4_107_542_399_999_999),
        "2100-02-28T23:59:59.999999Z"
    );
    assert!(time_text(u64::MAX).ends_with('Z'));
}
