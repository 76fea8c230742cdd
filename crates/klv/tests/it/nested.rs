//! Sets and packs inside ST 0601, and sets that stand alone.

use atalaya_klv::form::SetDef;
use atalaya_klv::rewrite::Edit;
use atalaya_klv::st0601::SetBuilder;
use atalaya_klv::{
    Checksum, Element, ElementId, Elements, Key, SetWriter, Standard, State, Step, Value, checksum,
    fault, json, rewrite, scan, st0601::table, st0903, st1010::Correlation, st1108, st1303::Array,
};

use crate::support::only;

/// The parts of an item of ST 0601 with these bytes, and whether they end well.
fn parts(tag: u32, raw: &[u8]) -> (Vec<Element<'_>>, bool) {
    let mut writer = SetWriter::new(&table::UAS);
    writer.bytes(tag, raw);
    let all: &'static [u8] = Box::leak(writer.into_bytes().into_boxed_slice());
    let element = Elements::local(&table::UAS, all, 0).next().unwrap();
    let mut parts = element.parts().unwrap();
    let list: Vec<_> = parts.by_ref().collect();
    (list, parts.truncated_at().is_none())
}

fn numbers(elements: &[Element<'_>]) -> Vec<f64> {
    elements.iter().map(|e| e.value.number().unwrap()).collect()
}

#[test]
fn packs_may_be_cut_off_after_what_they_need() {
    let (fields, whole) = parts(81, &[10, 20, 30, 40]);
    assert!(whole && numbers(&fields) == [10.0, 20.0, 30.0, 40.0]);
    assert!(!parts(81, &[10, 20, 30]).1);
    let (fields, whole) = parts(81, &[1, 2, 3, 4, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    assert!(whole);
    assert_eq!(fields[4].state, State::Reserved);
    assert_eq!(
        (fields[5].def.name, fields[5].value),
        ("Start Longitude", Value::Number(0.0))
    );
    // Too short for the next field, or more than all.
    assert!(!parts(81, &[1, 2, 3, 4, 0]).1 && !parts(81, &[0; 21]).1);
}

#[test]
fn lists_and_packs_of_st0601() {
    let (fields, whole) = parts(115, b"\x05\x04STOP\0\0\0\0\0\0\0\x07");
    assert!(whole);
    assert_eq!(fields[0].value, Value::Unsigned(5));
    assert_eq!(fields[1].value, Value::Text("STOP"));
    assert_eq!(fields[2].value, Value::Unsigned(7));
    assert_eq!(
        numbers(&parts(116, &[3, 0x81, 0x00, 7]).0),
        [3.0, 128.0, 7.0]
    );
    assert_eq!(
        numbers(&parts(127, &[0x83, 0xD4, 0x60, 0x87, 0x69]).0),
        [60_000.0, 1001.0]
    );
    let (fields, whole) = parts(122, b"\x01\x0e\x02CA\0\x03FRA");
    assert!(whole);
    assert_eq!(fields[0].def.form.word(14), Some("GENC Three Letter"));
    assert_eq!(fields[2].state, State::Empty);
    assert_eq!(fields[3].value, Value::Text("FRA"));
    let (members, whole) = parts(128, b"\x0d\x15\0\0\x07\xd0\0\0\x0f\xa0NNIR");
    assert!(whole && members.len() == 1);
    let record: Vec<_> = members[0].parts().unwrap().collect();
    assert_eq!(record[0].value, Value::Unsigned(21));
    assert!((record[1].value.number().unwrap() - 1000.0).abs() < 1.0);
    assert_eq!(record[3].value, Value::Text("NNIR"));
    let (fields, whole) = parts(138, b"\x01\x06\x01\x00\x03Eye");
    assert!(whole && fields[0].value == Value::Unsigned(1));
    let payload = fields[1].parts().unwrap().next().unwrap();
    let payload: Vec<_> = payload.parts().unwrap().collect();
    assert_eq!(
        payload[1].def.form.word(0),
        Some("Electro Optical MI Sensor")
    );
    assert_eq!(payload[2].value, Value::Text("Eye"));
    let (fields, whole) = parts(142, &[4, 0x34, 0x80, 0, 0x4B, 2, 0, 0, 0]);
    assert!(!whole || fields.len() == 3);
    let azimuth: Vec<_> = fields[0].parts().unwrap().collect();
    assert!((azimuth[0].value.number().unwrap() - 210.0).abs() < 0.1);
    let (fields, _) = parts(143, &[0; 17]);
    assert_eq!(fields[1].value, Value::Uuid(&[0; 16]));
}

#[test]
fn correlations_with_and_without_zeros_left_out() {
    // Two items: deviations in floats, the coefficient in two bytes.
    let mut raw = vec![2, 0x42];
    raw.extend(1.5f32.to_be_bytes());
    raw.extend(2.5f32.to_be_bytes());
    raw.extend([0x40, 0]);
    let pack = Correlation::read(&raw).unwrap();
    assert_eq!(
        (pack.size, pack.deviations(), pack.coefficients()),
        (2, 2, 1)
    );
    let (members, whole) = parts(102, &raw);
    assert!(whole && numbers(&members) == [1.5, 2.5, 0.0]);
    // Three items, two bytes of control, one coefficient of three there.
    let mut raw = vec![3, 0xB3, 0x04, 0x80];
    for x in [1f32, 2.0, 0.0] {
        raw.extend(x.to_be_bytes());
    }
    raw.extend([0x20, 0, 0]);
    assert_eq!(
        numbers(&parts(102, &raw).0),
        [1.0, 2.0, 0.0, -0.5, 0.0, 0.0]
    );
    for end in 0..raw.len() {
        assert!(Correlation::read(&raw[..end]).is_none(), "{end}");
    }
    assert!(!parts(102, &[2, 0x42]).1);
    // Deviations mapped onto bounds that only the invoking standard knows.
    let (members, whole) = parts(102, &[1, 0x80, 0x12, 7, 8]);
    assert!(whole && members[0].state == State::Unknown && members[0].raw == [7, 8]);
}

#[test]
fn arrays_in_all_five_ways() {
    let read = |raw: &[u8]| {
        let mut writer = SetWriter::new(geo());
        writer.bytes(4, raw);
        let elements = Elements::local(geo(), writer.as_bytes(), 0);
        let element = elements.clone().next().unwrap();
        let mut parts = element.parts().unwrap();
        let values: Vec<f64> = parts.by_ref().map(|p| p.value.number().unwrap()).collect();
        (values, parts.truncated_at().is_none())
    };
    assert_eq!(
        read(&[2, 2, 2, 1, 1, 1, 2, 3, 4]),
        (vec![1.0, 2.0, 3.0, 4.0], true)
    );
    let mut mapped = vec![1, 2, 2, 2];
    mapped.extend(0f32.to_be_bytes());
    mapped.extend(1f32.to_be_bytes());
    mapped.extend([0x40, 0, 0x80, 0]);
    assert_eq!(read(&mapped), (vec![0.5, 1.0], true));
    assert_eq!(read(&[1, 3, 1, 3, 0xA0]), (vec![1.0, 0.0, 1.0], true));
    assert_eq!(
        read(&[1, 3, 1, 4, 10, 0, 0x81, 0, 2]),
        (vec![10.0, 138.0, 12.0], true)
    );
    let run_length = [2, 4, 4, 1, 5, 9, 7, 1, 2, 3, 1, 8, 0, 0, 1, 1];
    assert_eq!(read(&run_length), (vec![9.0, 7.0, 8.0], true));
    let array = Array::read(&run_length).unwrap();
    assert_eq!(array.shape().collect::<Vec<_>>(), [4, 4]);
    let places: Vec<Vec<u64>> = array.patches().map(|p| p.place().collect()).collect();
    assert_eq!(places, [[1, 2, 3, 1], [0, 0, 1, 1]]);
    assert_eq!(read(&[1, 5, 0, 1]), (vec![], true), "no elements now");
    for bad in [
        &[][..],
        &[0],
        &[9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0],
        &[1, 0, 1, 1],
        &[1, 2, 1, 1, 5],
        &[1, 2, 1, 6, 5, 5],
        &[1, 1, 1, 2, 1, 2, 3],
        &[1, 3, 1, 4, 0, 1, 2],
        &[
            2, 0x8F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x8F, 0xFF, 0xFF, 0x7F, 1, 1,
        ],
    ] {
        assert!(Array::read(bad).is_none(), "{bad:?}");
    }
}

fn geo() -> &'static SetDef {
    Standard::St1601.set().unwrap()
}

#[test]
fn targets_come_back_alone_and_inside() {
    let frame = st0903::Frame {
        time_us: Some(1_700_000_000_000_000),
        system: Some("Atalaya"),
        version: Some(6),
        detected: Some(3),
        reported: Some(2),
        width_px: Some(1920),
        height_px: Some(1080),
        sensor: Some("EO"),
        hfov_rad: Some(10f64.to_radians()),
        ..st0903::Frame::default()
    };
    let targets = [
        st0903::Target {
            id: 300,
            centroid: Some(409_600),
            bounding_box: Some((1, 2_073_600)),
            confidence: Some(80),
            offset_rad: Some((0.001f64.to_radians(), -0.002f64.to_radians())),
            class: Some("truck"),
            class_confidence: Some(62.5),
            track: Some([9; 16]),
            mask: Some(st0903::Mask {
                polygon: vec![14_762, 14_783, 15_115],
                runs: vec![(74, 2), (300, 4), (70_000, 300)],
            }),
            feature: Some(st0903::Feature {
                schema: Some("urn:example:feature"),
                document: Some("<gml/>"),
            }),
            chips: vec![
                st0903::Chip {
                    kind: Some("jpeg"),
                    uri: Some("https://example.org/7.jpg"),
                    image: None,
                },
                st0903::Chip {
                    kind: Some("png"),
                    uri: None,
                    image: Some(&[0x89, 0x50]),
                },
            ],
            ..st0903::Target::default()
        },
        st0903::Target {
            id: 2,
            centroid_row_col: Some((10, 20)),
            location: Some((40f64.to_radians(), -3f64.to_radians(), 650.0)),
            height_m: Some(-12.5),
            chips: vec![st0903::Chip {
                image: Some(&[7; 200]),
                ..st0903::Chip::default()
            }],
            ..st0903::Target::default()
        },
    ];
    let alone = st0903::write_packet(&frame, &targets).unwrap();
    let mut set = SetBuilder::new(1);
    set.bytes(74, &st0903::write(&frame, &targets).unwrap());
    for bytes in [alone, set.finish()] {
        let packet = only(&bytes);
        assert_eq!(packet.checksum(), Checksum::Ok);
        let vmti = st0903::of(&packet).unwrap();
        let got = st0903::frame(vmti.clone());
        assert_eq!(
            (got.system, got.width_px, got.reported),
            (frame.system, frame.width_px, Some(2))
        );
        let got: Vec<_> = st0903::targets(vmti).collect();
        assert_eq!(got.len(), 2);
        assert_eq!(
            (got[0].id, got[0].bounding_box),
            (300, targets[0].bounding_box)
        );
        assert_eq!((got[0].class, got[0].track), (Some("truck"), Some([9; 16])));
        assert!((got[0].class_confidence.unwrap() - 62.5).abs() < 0.01);
        assert!((got[0].offset_rad.unwrap().1 - targets[0].offset_rad.unwrap().1).abs() < 1e-7);
        assert_eq!(got[1].centroid_row_col, Some((10, 20)));
        for (got, given) in got.iter().zip(&targets) {
            assert_eq!(
                (&got.mask, got.feature, &got.chips),
                (&given.mask, given.feature, &given.chips)
            );
        }
        assert_eq!(rewrite::write_back(&packet).bytes, packet.bytes);
        let (a, b) = (got[1].location.unwrap(), targets[1].location.unwrap());
        assert!((a.0 - b.0).abs() < 1e-8 && (a.1 - b.1).abs() < 1e-8 && (a.2 - b.2).abs() < 0.5);
    }
    let bad = st0903::Target {
        location: Some((9.0, 0.0, 0.0)),
        ..st0903::Target::default()
    };
    assert!(
        st0903::write(&frame, &[bad])
            .unwrap_err()
            .to_string()
            .contains("Latitude")
    );
}

#[test]
fn what_a_target_says_beside_what_is_known_is_passed_over() {
    let read = |fill: &dyn Fn(&mut SetWriter)| {
        let mut writer = SetWriter::new(&st0903::VTARGET);
        fill(&mut writer);
        let mut pack = vec![1];
        pack.extend_from_slice(writer.as_bytes());
        let mut vmti = SetWriter::new(&st0903::VMTI);
        vmti.series(101, [&pack[..]]).unwrap();
        let all: &'static [u8] = Box::leak(vmti.into_bytes().into_boxed_slice());
        let elements = Elements::local(&st0903::VMTI, all, 0);
        st0903::targets(elements).next().unwrap()
    };
    // A private item, a run cut off, a text that is none, a picture without bytes.
    let odd = read(&|set| {
        set.bytes(101, &[99, 1, 7, 1, 4, 1, 5, 1, 6, 2, 3, 2, 1, 9]);
        set.bytes(103, &[99, 1, 7, 1, 1, 0xFF]);
        set.bytes(105, &[99, 1, 7, 3, 0, 1, 1, b'x']);
    });
    let mask = odd.mask.unwrap();
    assert_eq!((mask.polygon, mask.runs), (vec![5, 6], vec![]));
    assert_eq!(odd.feature, Some(st0903::Feature::default()));
    assert_eq!((odd.chips[0].kind, odd.chips[0].image), (Some("x"), None));
    // Sets of nothing are written as nothing, and read as nothing.
    let none = st0903::Mask::default().write().unwrap();
    assert!(none.is_empty() && st0903::Feature::default().write().unwrap().is_empty());
    let empty = read(&|set| {
        set.bytes(101, &none).bytes(105, &[]);
    });
    assert_eq!(
        (empty.mask, empty.chips.len()),
        (Some(st0903::Mask::default()), 1)
    );
}

#[test]
fn sets_with_other_checksums_stand_alone() {
    for (key, tag, bytes) in [
        (Standard::KNOWN[6].0, [1u8, 4], 4),
        (Standard::KNOWN[7].0, [21, 2], 2),
        (Standard::KNOWN[13].0, [11, 2], 2),
    ] {
        let mut packet = key.0.to_vec();
        packet.push(3 + 2 + bytes);
        packet.extend_from_slice(&[8, 1, 4]);
        packet.extend_from_slice(&tag);
        match bytes {
            4 => packet.extend(checksum::crc32_mpeg2(&packet).to_be_bytes()),
            _ => packet.extend(checksum::crc16_ccitt(&packet).to_be_bytes()),
        }
        assert_eq!(only(&packet).checksum(), Checksum::Ok);
        // What is changed is summed anew.
        let changed = rewrite::rewrite(&only(&packet), &mut |path, _| match path {
            [ElementId::Tag(8)] => Edit::Bytes(vec![7]),
            _ => Edit::Keep,
        });
        assert_ne!(changed.bytes, packet);
        assert_eq!(only(&changed.bytes).checksum(), Checksum::Ok);
        packet[18] ^= 1;
        assert_eq!(only(&packet).checksum(), Checksum::Bad);
    }
}

#[test]
fn sets_that_are_not_known_are_walked_all_the_same() {
    let local = Key::of(0x060E_2B34_020B_0101_0F11_2233_0000_0000);
    let mut packet = local.0.to_vec();
    packet.extend_from_slice(&[5, 0x81, 0x00, 2, 7, 8]);
    let elements: Vec<_> = only(&packet).elements().collect();
    assert_eq!(only(&packet).standard(), Standard::UnknownLocal);
    assert_eq!(
        (elements[0].id, elements[0].raw),
        (ElementId::Tag(128), &[7, 8][..])
    );
    let pack = Key::of(0x060E_2B34_0205_0101_0E01_0303_2100_0000);
    let mut packet = pack.0.to_vec();
    packet.extend_from_slice(&[2, 1, 2]);
    assert_eq!(only(&packet).standard(), Standard::Unknown);
    assert_eq!(only(&packet).elements().count(), 0);
    let steps: Vec<_> = scan(&packet).collect();
    assert!(matches!(steps[..], [Step::Packet(_)]));
}

#[test]
fn quality_of_pictures_is_told_in_the_tags_of_its_third_revision() {
    let (key, standard) = Standard::KNOWN[13];
    let table = standard.set().unwrap();
    let mut metric = SetWriter::new(&st1108::METRIC);
    metric
        .text(1, "VNIIRS")
        .unwrap()
        .text(3, "Org\u{1e}Lab")
        .unwrap();
    metric.value(6, Value::Number(6.25)).unwrap();
    let mut set = SetWriter::new(table);
    set.unsigned(1, 2).unwrap();
    set.bytes(2, &[0, 5, 0xCA, 0x79, 0xF2, 0xFB, 0xE0, 0, 0, 0, 0, 9]);
    set.bytes(3, &[0, 0, 0x85, 0x50, 0x8A, 0]);
    set.bytes(4, metric.as_bytes()).bytes(4, metric.as_bytes());
    set.unsigned(5, 2).unwrap().unsigned(9, 4000).unwrap();
    set.unsigned(10, 3).unwrap();
    let mut bytes = key.0.to_vec();
    bytes.push(set.as_bytes().len() as u8 + 4);
    bytes.extend_from_slice(set.as_bytes());
    bytes.extend_from_slice(&[11, 2]);
    bytes.extend(checksum::crc16_ccitt(&bytes).to_be_bytes());
    let packet = only(&bytes);
    assert_eq!(
        (packet.standard(), packet.checksum()),
        (Standard::St1108, Checksum::Ok)
    );
    assert!(fault::all(&packet).is_empty());
    assert_eq!(json::time_and_version(&packet), (None, Some(3)));
    let items: Vec<_> = packet.elements().collect();
    assert_eq!(items[0].def.form.word(2), Some("Sensor Encoder"));
    let fields = |n: usize| -> Vec<_> { items[n].parts().unwrap().map(|p| p.value).collect() };
    assert_eq!(fields(1)[1], Value::Unsigned(9));
    assert_eq!(
        fields(2)[2..],
        [Value::Unsigned(720), Value::Unsigned(1280)]
    );
    assert_eq!(fields(4)[2], Value::Number(6.25));
    // Tag 1 was a time before: such sets are not given the meanings of the third revision.
    let mut old = key.0.to_vec();
    old.extend_from_slice(&[10, 1, 8, 0, 5, 0xCA, 0x79, 0xF2, 0xFB, 0xE0, 0]);
    assert_eq!(only(&old).standard(), Standard::UnknownLocal);
    assert_eq!(only(&old).elements().next().unwrap().state, State::Unknown);
    assert_eq!(rewrite::write_back(&only(&old)).bytes, old);
}

#[test]
fn metric_geopositioning_is_known_by_name_and_kept() {
    let mut bytes = Standard::KNOWN[12].0.0.to_vec();
    bytes.extend_from_slice(&[5, 1, 3, 7, 8, 9]);
    let packet = only(&bytes);
    assert_eq!(packet.standard().name(), "ST1107");
    let item = packet.elements().next().unwrap();
    assert_eq!(
        (item.id, item.state, item.raw),
        (ElementId::Tag(1), State::Unknown, &[7, 8, 9][..])
    );
    assert_eq!(rewrite::write_back(&packet).bytes, bytes);
}
