//! The evaluation recordings, which are not part of the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use atalaya_klv::form::{Checked, SetDef};
use atalaya_klv::{
    Checksum, ElementId, Elements, Metadata, Packet, Standard, State, Step, digest, fault, rewrite,
    scan, st0903, st1204::CoreId,
};

use crate::tables::all_sets;

fn data(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fmv");
    std::fs::read(folder.join(name)).unwrap()
}

/// Payloads of a transport stream by PID, without the headers of their PES packets.
fn payloads(ts: &[u8]) -> BTreeMap<u16, Vec<u8>> {
    let mut streams: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
    for packet in ts.as_chunks::<188>().0 {
        let pid = u16::from_be_bytes([packet[1] & 0x1F, packet[2]]);
        let mut start = 4;
        if packet[3] & 0x20 != 0 {
            start += 1 + usize::from(packet[4]);
        }
        let Some(mut payload) = packet.get(start..).filter(|_| packet[3] & 0x10 != 0) else {
            continue;
        };
        if packet[1] & 0x40 != 0 && payload.starts_with(&[0, 0, 1]) && payload.len() > 9 {
            // Private stream 1, metadata: three bytes of flags and the length of the rest.
            payload = payload.get(9 + usize::from(payload[8])..).unwrap_or(&[]);
        }
        streams.entry(pid).or_default().extend_from_slice(payload);
    }
    streams
}

/// Packets of a recording.
fn packets(name: &str, with: &mut dyn FnMut(&Packet<'_>)) -> usize {
    let bytes = data(name);
    let streams = match name.ends_with(".ts") {
        true => payloads(&bytes).into_values().collect(),
        false => vec![bytes],
    };
    let mut count = 0;
    for stream in &streams {
        for step in scan(stream) {
            if let Step::Packet(packet) = step
                && !packet.standard().is_unknown()
            {
                count += 1;
                with(&packet);
            }
        }
    }
    count
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn stand_alone_files_are_cut_into_their_packets() {
    for (name, count, standard, checksum) in [
        (
            "klvdata_DynamicConstantMISMMSPacketData.bin",
            1,
            Standard::St0601,
            Checksum::Bad,
        ),
        (
            "klvdata_DynamicOnlyMISMMSPacketData.bin",
            1,
            Standard::St0601,
            Checksum::Ok,
        ),
        ("jmisb_0903.bin", 5, Standard::St0903, Checksum::Ok),
    ] {
        let found = packets(name, &mut |packet| {
            assert_eq!(
                (packet.standard(), packet.checksum()),
                (standard, checksum),
                "{name}"
            );
            assert_eq!(rewrite::write_back(packet).bytes, packet.bytes);
            let m = Metadata::of(packet);
            assert!(standard == Standard::St0903 || m.has_position() && m.frame_center.is_some());
        });
        assert_eq!(found, count, "{name}");
    }
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn every_packet_of_every_recording_without_a_fault_and_back() {
    for (name, count, faulty) in [
        ("kwiver_aphill_klv_10s.ts", 300, 0),
        ("kwiver_aphill_short.ts", 48, 0),
        ("osh_sample-stream.ts", 277, 0),
        ("kwiver_h264_klv.ts", 30, 0),
        ("kwiver_h265_klv.ts", 30, 0),
        ("kwiver_mpeg2_klv.ts", 30, 0),
        ("kwiver_h265_tricky_klv.ts", 90, 0),
        ("kwiver_h264_no_klv.ts", 0, 0),
        ("kwiver_h264_audio.ts", 0, 0),
    ] {
        let (mut faults, mut kept, mut encoded) = (Vec::new(), 0, 0);
        let found = packets(name, &mut |packet| {
            assert_ne!(packet.checksum(), Checksum::Bad, "{name}");
            fault::for_each(packet, &mut |fault| faults.push(fault.to_string()));
            let back = rewrite::write_back(packet);
            assert_eq!(back.bytes, packet.bytes, "{name}");
            kept += back.kept;
            encoded += back.encoded;
        });
        assert_eq!(found, count, "{name}");
        assert_eq!(faults.len(), faulty, "{name}: {:?}", faults.first());
        assert!(
            kept * 100 <= encoded,
            "{name}: {kept} of {encoded} values kept as bytes"
        );
    }
}

/// Sets and tags that are met with a value.
fn met(elements: Elements<'_>, seen: &mut BTreeSet<(&'static str, u32)>) {
    let set: Option<&'static SetDef> = elements.set();
    for element in elements {
        if let (ElementId::Tag(tag), Some(set)) = (element.id, set)
            && element.settled_state() == State::Ok
        {
            seen.insert((set.name, tag));
        }
        if let Some(parts) = element.parts() {
            met(parts, seen);
        }
    }
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn lines_that_are_said_to_be_known_by_a_sample_are_in_one() {
    let mut seen = BTreeSet::new();
    for name in [
        "kwiver_h264_klv.ts",
        "osh_sample-stream.ts",
        "kwiver_aphill_short.ts",
        "jmisb_0903.bin",
        "klvdata_DynamicConstantMISMMSPacketData.bin",
    ] {
        packets(name, &mut |packet| met(packet.elements(), &mut seen));
    }
    let mut missing = Vec::new();
    for set in all_sets() {
        for item in set.items.iter().filter(|i| i.checked == Checked::Sample) {
            if !seen.contains(&(set.name, item.tag)) {
                missing.push(format!("{} {} {}", set.name, item.tag, item.def.name));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn values_of_the_synthetic_recording_are_those_its_maker_wrote() {
    let mut first = true;
    packets("kwiver_h264_klv.ts", &mut |packet| {
        if !std::mem::take(&mut first) {
            return;
        }
        let item = |tag: u32| {
            packet
                .elements()
                .find(|e| e.id == ElementId::Tag(tag))
                .unwrap()
        };
        let number = |tag: u32| item(tag).value.number().unwrap();
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-3 * b.abs().max(1e-3), "{a} {b}");
        for (tag, value) in [
            (8, 147.0),
            (104, 23_456.24),
            (109, 1.625),
            (110, 19_887.0),
            (111, 3_000.0),
            (112, 125.0),
            (113, 2_150.0),
            (114, 2_154.5),
            (117, 1.0),
            (118, 0.004_150),
            (119, -50.0),
            (120, 72.0),
            (132, 2_400.0),
            (134, 55.0),
            (136, 30.0),
        ] {
            near(number(tag), value);
        }
        let parts = |tag: u32| -> Vec<f64> {
            item(tag)
                .parts()
                .unwrap()
                .filter_map(|p| p.value.number())
                .collect()
        };
        assert_eq!(parts(116), [3.0, 7.0]);
        assert_eq!(parts(121), [1.0, 3.0]);
        let rate = parts(127);
        near(rate[0] / rate[1], 59.94);
        let id = CoreId::read(item(94).raw).unwrap();
        assert!(id.sensor.is_some() && id.platform.is_some() && id.window.is_none());
        let vmti = st0903::of(packet).unwrap();
        let frame = st0903::frame(vmti.clone());
        assert_eq!(frame.system, Some("DSTO_ADSS_VMTI"));
        assert_eq!((frame.width_px, frame.height_px), (Some(1920), Some(1080)));
        near(frame.hfov_rad.unwrap().to_degrees(), 12.5);
        let targets: Vec<_> = st0903::targets(vmti).collect();
        assert_eq!(targets.len(), 2);
        assert_eq!((targets[0].centroid, targets[1].id), (Some(409_600), 1234));
        near(targets[1].offset_rad.unwrap().0.to_degrees(), 10.0);
        near(targets[1].offset_rad.unwrap().1.to_degrees(), 12.0);
        near(targets[1].height_m.unwrap(), 10_000.0);
    });
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn targets_of_the_sample_stream() {
    let (mut sets, mut with, mut targets, mut sum) = (0, 0, 0, 0u64);
    packets("osh_sample-stream.ts", &mut |packet| {
        sum = sum.wrapping_add(digest::packet(packet));
        let Some(vmti) = st0903::of(packet) else {
            return;
        };
        sets += 1;
        let n = st0903::targets(vmti).count();
        with += usize::from(n > 0);
        targets += n;
    });
    assert_eq!((sets, with, targets), (37, 17, 130));
    assert_eq!(sum, 0x1620_1ab5_7382_1c84, "{sum:016x}");
}
