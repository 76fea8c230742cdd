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
        (&"unknown".into(), &"0102".into())
    );
    assert_eq!(items["200"]["raw"], "09");
    assert_eq!(value["faults"], Value::Array(vec![]));
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
