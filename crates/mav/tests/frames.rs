//! Frames written and read again, damaged, signed, and of other makers.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use atalaya_mav::common::{GLOBAL_POSITION_INT_DATA, HEARTBEAT_DATA, MavMessage, SYSTEM_TIME_DATA};
use atalaya_mav::{Faults, Key, Message, Reader, Telemetry, Writer, stamp_of_unix_us};
use proptest::prelude::*;

fn position(boot_ms: u32) -> MavMessage {
    MavMessage::GLOBAL_POSITION_INT(GLOBAL_POSITION_INT_DATA {
        time_boot_ms: boot_ms,
        lat: 401_234_567,
        lon: -35_000_000,
        alt: 812_500,
        relative_alt: 112_500,
        vx: 1234,
        vy: -500,
        vz: -100,
        hdg: 9_000,
    })
}

fn read(reader: &mut Reader, bytes: &[u8]) -> Vec<Message> {
    let mut out = Vec::new();
    reader.push(bytes, 1_000_000_000, &mut out);
    out
}

fn key(seed: u8) -> Key {
    Key::parse(&[seed; 32]).unwrap()
}

/// A heartbeat made by pymavlink 2.4.50 (system 7, component 1, sequence 3), unsigned and signed with
/// 32 bytes of 42 on link 5 at 1,000,000,000.
const HEARTBEAT: &str = "fd09000003070100000000000404010c8104037adb";
const SIGNED_HEARTBEAT: &str =
    "fd09010003070100000000000404010c8104039d230500ca9a3b0000b638f13127c0";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
        .collect()
}

#[test]
fn frames_of_another_maker_are_read_and_made_alike() {
    let mut plain = Reader::new(None);
    let got = read(&mut plain, &bytes(HEARTBEAT));
    assert_eq!(
        (got[0].system, got[0].component, got[0].sequence),
        (7, 1, 3)
    );
    assert!(!got[0].signed);
    let mut verifying = Reader::new(Some(key(42)));
    let got = read(&mut verifying, &bytes(SIGNED_HEARTBEAT));
    assert!(got[0].signed);
    // Ours, of the same message at the same time, has the same bytes.
    let mut writer = Writer::new(7, 1, Some((key(42), 5)));
    for _ in 0..3 {
        writer.frame(&position(1), 0);
    }
    assert_eq!(
        writer.frame(&got[0].body, 1_000_000_000),
        bytes(SIGNED_HEARTBEAT)
    );
}

#[test]
fn what_is_not_signed_with_the_key_does_not_pass() {
    let mut reader = Reader::new(Some(key(1)));
    let frame = |k: Option<u8>| {
        let mut w = Writer::new(1, 1, k.map(|k| (key(k), 0)));
        w.frame(&position(5), 1_000_000_000)
    };
    assert!(read(&mut reader, &frame(None)).is_empty());
    assert!(read(&mut reader, &frame(Some(2))).is_empty());
    assert_eq!(read(&mut reader, &frame(Some(1))).len(), 1);
    // The same again is a repetition, and an old recording too.
    assert!(read(&mut reader, &frame(Some(1))).is_empty());
    let mut old = Writer::new(9, 1, Some((key(1), 0)));
    assert!(read(&mut reader, &old.frame(&position(5), 900_000_000)).is_empty());
    let expected = Faults {
        unsigned: 1,
        wrong_key: 1,
        replayed: 2,
        ..Faults::default()
    };
    assert_eq!(reader.faults(), expected);
    // Without a key signed frames pass, marked.
    assert!(read(&mut Reader::new(None), &frame(Some(2)))[0].signed);
}

#[test]
fn keys_are_bytes_or_digits_and_time_counts_from_2015() {
    assert_eq!(
        Key::parse(&[0xAB; 32]),
        Key::parse("ab".repeat(32).as_bytes())
    );
    assert_eq!(Key::parse(b"secret"), Err(atalaya_mav::KeyError));
    assert!(Key::parse("é".repeat(32).as_bytes()).is_err());
    assert!(!format!("{:?}", key(7)).contains('7'));
    assert_eq!(stamp_of_unix_us(1_420_070_400_000_000 + 25), 2);
    assert_eq!(stamp_of_unix_us(-5), 0);
}

#[test]
fn telemetry_is_in_radians_and_metres() {
    let mut t = Telemetry::default();
    assert!(t.take(&position(4_000)));
    assert!((t.lat.unwrap().to_degrees() - 40.123_456_7).abs() < 1e-9);
    assert_eq!((t.height_m, t.above_home_m), (Some(812.5), Some(112.5)));
    assert_eq!(t.velocity_m_s, Some([12.34, -5.0, -1.0]));
    assert_eq!(t.utc_us(), None);
    let clock = |time_unix_usec| {
        MavMessage::SYSTEM_TIME(SYSTEM_TIME_DATA {
            time_unix_usec,
            time_boot_ms: 3_000,
        })
    };
    t.take(&clock(17));
    assert_eq!(t.utc_us(), None);
    t.take(&clock(1_800_000_000_000_000));
    assert_eq!(t.utc_us(), Some(1_800_000_001_000_000));
    let nowhere = GLOBAL_POSITION_INT_DATA::default();
    assert!(!t.take(&MavMessage::GLOBAL_POSITION_INT(nowhere)));
}

/// Noise that looks like the header of a frame of another dialect.
#[test]
fn a_header_in_noise_hides_no_frame() {
    let mut stream = vec![0xFD, 153, 0, 0, 0, 0, 0, 0, 0, 1];
    let mut writer = Writer::new(3, 1, None);
    (0..6).for_each(|i| stream.extend(writer.frame(&position(i), 0)));
    stream.extend(writer.frame(&MavMessage::HEARTBEAT(HEARTBEAT_DATA::default()), 0));
    for portion in [1, 7, stream.len()] {
        let (mut reader, mut out) = (Reader::new(None), Vec::new());
        stream
            .chunks(portion)
            .for_each(|part| reader.push(part, 0, &mut out));
        assert_eq!(out.len(), 7, "in portions of {portion}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_in_whatever_portions_frames_are_found(
        noise in proptest::collection::vec(any::<u8>(), 0..300),
        portion in 1usize..50,
        damage in 0usize..200,
    ) {
        let mut writer = Writer::new(3, 1, None);
        let mut stream = noise.clone();
        for i in 0..6 {
            stream.extend(writer.frame(&position(i), 0));
            stream.extend(writer.frame(&MavMessage::HEARTBEAT(HEARTBEAT_DATA::default()), 0));
        }
        let at = noise.len() + damage % (stream.len() - noise.len());
        stream[at] ^= 0x55;
        // What noise in front may claim: one frame's longest length.
        stream.extend([0u8; 300]);
        let mut reader = Reader::new(None);
        let mut out = Vec::new();
        for part in stream.chunks(portion) {
            reader.push(part, 0, &mut out);
        }
        let boots: Vec<u32> = out.iter().filter_map(|m| match &m.body {
            MavMessage::GLOBAL_POSITION_INT(p) => Some(p.time_boot_ms),
            _ => None,
        }).collect();
        prop_assert!(boots.is_sorted());
        // One may be damaged. Noise passes for a frame, and hides what it covers, once in 65536.
        prop_assert!(boots.len() >= 5, "{boots:?}");
    }
}
