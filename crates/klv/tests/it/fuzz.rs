//! Streams of a named seed through all that the crate does. `make fuzz` runs the same for long.

use atalaya_klv::{Checksum, Metadata, State, Value};
use atalaya_klv::{Scanner, Step, check::Check, digest, fault, json, rewrite, scan, sei, st0903};

use crate::generate::{Dice, nested, stream};

/// Everything that can be done with a stream; it must not panic, and keeps these promises.
pub fn exercise(bytes: &[u8], check: &mut Check) {
    let mut kept = 0;
    for step in scan(bytes) {
        let packet = match step {
            Step::Packet(packet) => packet,
            Step::Skipped { offset, length } => {
                check.skipped(offset, length);
                kept += length;
                continue;
            }
        };
        kept += packet.bytes.len();
        let back = rewrite::write_back(&packet);
        assert_eq!(back.bytes, packet.bytes, "written back with other bytes");
        for element in packet.elements() {
            let valued = !matches!(element.value, Value::None);
            assert_eq!(valued, element.state == State::Ok, "{element:?}");
        }
        let mut faults = 0u64;
        fault::for_each(&packet, &mut |_| faults += 1);
        check.packet(&packet, None);
        digest::packet(&packet);
        let _ = Metadata::of(&packet);
        if let Some(vmti) = st0903::of(&packet) {
            st0903::frame(vmti.clone());
            assert!(st0903::targets(vmti).count() <= packet.bytes.len());
        }
        if packet.checksum() == Checksum::Bad {
            assert!(faults > 0);
        }
        json::write_record(&packet, json::Context::default(), &mut std::io::sink()).unwrap();
    }
    assert_eq!(kept, bytes.len(), "bytes went missing");
}

#[test]
fn streams_of_a_named_seed() {
    let mut dice = Dice(20_260_517);
    let mut check = Check::new();
    for _ in 0..20_000 {
        let bytes = stream(&mut dice);
        exercise(&bytes, &mut check);
        let mut scanner = Scanner::new();
        let chunk = 1 + dice.below(200);
        let mut kept = 0;
        for piece in bytes.chunks(chunk).map(Some).chain([None]) {
            match piece {
                Some(piece) => scanner.push(piece),
                None => scanner.finish(),
            }
            while let Some(step) = scanner.next_step() {
                kept += match step {
                    Step::Packet(packet) => packet.bytes.len(),
                    Step::Skipped { length, .. } => length,
                };
            }
        }
        assert_eq!(kept, bytes.len());
        for codec in [
            sei::VideoCodec::H262,
            sei::VideoCodec::H264,
            sei::VideoCodec::H265,
        ] {
            // What is stamped says so; nothing is stamped twice.
            let (time_us, status) = (1_700_000_000_000_000, sei::TimeStatus::UNKNOWN);
            if let Some(with) = sei::stamped(codec, &bytes, time_us, status) {
                let read = sei::time_stamp(codec, &with).map(|s| s.time_us);
                assert_eq!(read, Some(time_us));
                assert_eq!(sei::stamped(codec, &with, 1, status), None);
            }
        }
    }
    assert!(check.to_string().starts_with("Verdict: does not conform"));
}

#[test]
fn whole_packets_have_no_faults_and_come_back_value_by_value() {
    let mut dice = Dice(7);
    let (mut encoded, mut kept) = (0, 0);
    for _ in 0..3000 {
        let mut bytes = Vec::new();
        crate::generate::packet(&mut dice, &mut bytes);
        let packet = crate::support::only(&bytes);
        let mut check = Check::new();
        exercise(&bytes, &mut check);
        assert_ne!(packet.checksum(), Checksum::Bad);
        let back = rewrite::write_back(&packet);
        encoded += back.encoded;
        kept += back.kept;
    }
    // Mapped values of seven and eight bytes have more digits than a double.
    assert!(
        encoded > 10_000 && kept < 100,
        "{encoded} values encoded, {kept} kept as bytes"
    );
}

#[test]
fn sets_in_sets_end_somewhere() {
    for depth in [1, 11, 12, 13, 100, 8_000] {
        let bytes = nested(depth);
        exercise(&bytes, &mut Check::new());
        let packet = crate::support::only(&bytes);
        let deep = fault::all(&packet)
            .iter()
            .any(|f| f.code.name() == "nested_too_deep");
        assert_eq!(deep, depth >= 12, "{depth}");
    }
}
