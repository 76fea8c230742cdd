//! Packets changed and written back.

use atalaya_klv::rewrite::{Edit, rewrite, write_back};
use atalaya_klv::st0601::SetBuilder;
use atalaya_klv::{Checksum, ElementId, Key, Metadata, Value, ber, checksum};

use crate::support::{MARKING, only, packet, universal};

#[test]
fn a_changed_value_changes_nothing_else_but_the_sum() {
    let mut set = SetBuilder::new(1);
    set.number(13, 40.0)
        .unwrap()
        .bytes(200, &[1, 2, 3])
        .bytes(13, &[9]);
    set.bytes(48, &MARKING.local_set());
    let bytes = set.finish();
    let before = only(&bytes);
    let done = rewrite(&before, &mut |path, element| match path {
        [ElementId::Tag(13)] if element.raw.len() == 4 => Edit::Value(Value::Number(41.5)),
        [ElementId::Tag(48), ElementId::Tag(5)] => Edit::Remove,
        [ElementId::Tag(48), ElementId::Tag(3)] => Edit::Value(Value::Text("//ESP")),
        [ElementId::Tag(65)] => Edit::Value(Value::Text("no number")),
        _ => Edit::Keep,
    });
    let after = only(&done.bytes);
    assert_eq!(after.checksum(), Checksum::Ok);
    assert_eq!(done.refused, 0);
    let items: Vec<_> = after.elements().collect();
    assert!((items[1].value.number().unwrap() - 41.5).abs() < 1e-6);
    assert_eq!(
        (items[2].id, items[2].raw),
        (ElementId::Tag(200), &[1, 2, 3][..])
    );
    assert_eq!(items[3].raw, [9]);
    assert_eq!(
        Metadata::of(&after).security.unwrap().line(),
        "UNCLASSIFIED//ESP"
    );
    let refused = rewrite(&before, &mut |path, _| match path {
        [ElementId::Tag(13)] => Edit::Value(Value::Text("north")),
        [ElementId::Tag(200)] => Edit::Bytes(vec![7; 200]),
        _ => Edit::Keep,
    });
    assert_eq!(refused.refused, 2);
    let after = only(&refused.bytes);
    assert_eq!(
        after
            .elements()
            .find(|e| e.id == ElementId::Tag(200))
            .unwrap()
            .raw,
        [7; 200]
    );
}

#[test]
fn lengths_in_more_bytes_than_needed_are_kept() {
    let mut value = Vec::new();
    for (tag, raw, digits) in [
        (2u64, &[0, 0, 0, 0, 0, 0, 0, 9][..], 3),
        (13, &[1, 2, 3, 4], 9),
        (200, &[5], 2),
    ] {
        value.push(0x80);
        ber::write_oid(tag, &mut value);
        ber::write_length_like(raw.len(), digits, &mut value);
        value.extend_from_slice(raw);
    }
    let mut bytes = Key::ST0601.0.to_vec();
    ber::write_length_like(value.len() + 4, 5, &mut bytes);
    bytes.extend_from_slice(&value);
    bytes.extend_from_slice(&[1, 2]);
    bytes.extend(checksum::running_sum(&bytes).to_be_bytes());
    let packet = only(&bytes);
    assert_eq!(
        (packet.checksum(), packet.elements().count()),
        (Checksum::Ok, 4)
    );
    assert_eq!(write_back(&packet).bytes, bytes);
    let changed = rewrite(&packet, &mut |path, _| match path {
        [ElementId::Tag(13)] => Edit::Value(Value::Number(1.0)),
        _ => Edit::Keep,
    });
    assert_eq!(changed.bytes.len(), bytes.len());
    assert_eq!(only(&changed.bytes).checksum(), Checksum::Ok);
}

#[test]
fn a_packet_that_is_not_changed_keeps_its_bad_sum() {
    let mut bytes = packet(3);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let back = write_back(&only(&bytes));
    assert_eq!(back.bytes, bytes);
    assert!(back.encoded > 30, "{}", back.encoded);
    let bytes = universal(3);
    let back = write_back(&only(&bytes));
    assert_eq!(back.bytes, bytes);
    assert_eq!((back.kept, back.encoded), (0, 8));
    let moved = rewrite(&only(&bytes), &mut |path, _| match path {
        [ElementId::Tag(13)] => Edit::Value(Value::Number(1.0)),
        [ElementId::Tag(5)] => Edit::Remove,
        _ => Edit::Keep,
    });
    let m = Metadata::of(&only(&moved.bytes));
    assert_eq!(
        (m.sensor_lat_rad, m.heading_rad),
        (Some(1f64.to_radians()), None)
    );
}
