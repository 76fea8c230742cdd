//! Reports on conformance.

use atalaya_klv::check::Check;
use atalaya_klv::st0601::SetBuilder;
use atalaya_klv::{SetWriter, Standard};

use crate::support::{only, packet, universal};

/// A packet with all that ST 0902 asks for.
fn full(time_us: u64) -> SetBuilder {
    let mut set = SetBuilder::new(time_us);
    set.text(3, "M").unwrap().text(10, "MQ-0").unwrap();
    set.text(11, "EO")
        .unwrap()
        .text(12, "Geodetic WGS84")
        .unwrap();
    for tag in [5, 6, 7, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25] {
        set.number(tag, 1.0).unwrap();
    }
    let mut security = SetWriter::new(Standard::St0102Local.set().unwrap());
    security
        .bytes(1, &[1])
        .bytes(2, &[13])
        .bytes(3, b"//ES")
        .bytes(12, &[13]);
    security.bytes(13, b"\0E\0S").bytes(22, &[0, 12]);
    set.bytes(48, security.as_bytes());
    set.unsigned(65, 19).unwrap();
    set
}

#[test]
fn a_stream_that_says_all_conforms() {
    let mut check = Check::new();
    for n in 0..100 {
        check.packet(
            &only(&full(1_700_000_000_000_000 + n * 500_000).finish()),
            Some(257),
        );
    }
    assert_eq!(check.objections(), Vec::<String>::new());
    assert_eq!((check.totals(), check.bad()), ((100, 0, 0), 0));
    let report = check.to_string();
    assert!(report.starts_with("Verdict: conforms\n"), "{report}");
    assert!(report.contains("## ST0601 on PID 257"));
    assert!(report.contains("49.500 s, 2.00 packets/s"), "{report}");
    assert!(
        report.contains("| ST0601 | 13 | Sensor Latitude | 100 | ok |"),
        "{report}"
    );
}

#[test]
fn what_is_against_it_is_said() {
    let mut check = Check::new();
    check.packet(&only(&full(40_000_000).finish()), None);
    // Back in time; repeated, empty, private and malformed items.
    let mut set = full(30_000_000);
    set.bytes(13, &[1]).bytes(200, &[1]).bytes(59, &[]);
    check.packet(&only(&set.finish()), None);
    let mut bytes = packet(1);
    bytes[30] ^= 1;
    check.packet(&only(&bytes), None);
    check.skipped(7, 12);
    // A minute later a packet that says little.
    check.packet(&only(&SetBuilder::new(100_000_000).finish()), None);
    let objections = check.objections().join("\n");
    for wanted in [
        "checksum_bad (1), the first",
        "item_malformed (1)",
        "item_repeated (1)",
        "bytes_skipped (1), the first at byte 7",
        "time stamps do not go back: 1 packets",
        "every packet says its revision (item 65): 1 packets",
        "Sensor Latitude: missing for 60.0 s, allowed are 30 s",
        "Security Classification: missing for",
    ] {
        assert!(objections.contains(wanted), "{wanted} not in\n{objections}");
    }
    let report = check.to_string();
    assert!(report.starts_with("Verdict: does not conform\n- "));
    assert!(
        report.contains("| ST0601 | 200 | (private or unknown) | 1 | unknown |"),
        "{report}"
    );
    assert!(
        report.contains("| ST0601 | 59 | Platform Call Sign | 1 | empty |"),
        "{report}"
    );
}

#[test]
fn nothing_and_other_standards() {
    assert_eq!(Check::new().objections(), ["there is no metadata packet"]);
    let mut check = Check::new();
    check.packet(&only(&universal(1)), Some(300));
    assert_eq!(check.objections(), Vec::<String>::new());
    assert!(check.to_string().contains("EG0104 on PID 300"));
    let mut check = Check::new();
    check.packet(&only(&SetBuilder::new(5).finish()), None);
    assert!(
        check
            .objections()
            .join("\n")
            .contains("Mission ID: never there")
    );
}
