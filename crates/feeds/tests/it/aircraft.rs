//! Aircraft over real sockets on this machine.

use atalaya_feeds::aircraft::{AircraftFeed, AircraftLink, AircraftReport, LinkAddress};
use atalaya_mav::common::{GLOBAL_POSITION_INT_DATA, MavMessage, SYSTEM_TIME_DATA};
use atalaya_mav::{Key, Writer, stamp_of_unix_us};
use std::net::UdpSocket;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const WAIT: Duration = Duration::from_secs(10);

fn position(lat: i32) -> MavMessage {
    MavMessage::GLOBAL_POSITION_INT(GLOBAL_POSITION_INT_DATA {
        time_boot_ms: 2_000,
        lat,
        lon: -35_000_000,
        alt: 800_000,
        ..GLOBAL_POSITION_INT_DATA::default()
    })
}

fn now() -> u64 {
    let us = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    stamp_of_unix_us(us.as_micros() as i64)
}

fn next(feed: &mut AircraftFeed) -> AircraftReport {
    feed.next(WAIT).unwrap().expect("a report in time")
}

/// A free port of this machine.
fn port() -> u16 {
    let s = UdpSocket::bind("127.0.0.1:0").unwrap();
    s.local_addr().unwrap().port()
}

#[test]
fn aircraft_on_one_port_report_where_they_are() {
    let to = format!("127.0.0.1:{}", port());
    let mut feed = AircraftFeed::open(&format!("udpin:{to}"), None, None).unwrap();
    let send = |system, m: &MavMessage| {
        let s = UdpSocket::bind("127.0.0.1:0").unwrap();
        s.send_to(&Writer::new(system, 1, None).frame(m, 0), &to)
            .unwrap();
    };
    send(4, &position(401_000_000));
    let first = next(&mut feed);
    assert_eq!(first.system, 4);
    assert!((first.state.lat.unwrap().to_degrees() - 40.1).abs() < 1e-9);
    assert_eq!(first.state.height_m, Some(800.0));
    assert_eq!(first.state.platform.as_deref(), Some("aircraft 4"));
    // With a clock of its own its time counts, not ours.
    send(
        9,
        &MavMessage::SYSTEM_TIME(SYSTEM_TIME_DATA {
            time_unix_usec: 1_800_000_000_000_000,
            time_boot_ms: 1_000,
        }),
    );
    send(9, &position(402_000_000));
    let second = next(&mut feed);
    assert_eq!((second.system, second.t.0), (9, 1_800_000_001_000_000));
    assert!(first.t.0 > 1_700_000_000_000_000);
}

#[test]
fn under_a_key_only_the_signed_are_heard() {
    let key = |n| Key::parse(&[n; 32]).unwrap();
    let to = format!("127.0.0.1:{}", port());
    let mut feed = AircraftFeed::open(&format!("udpin:{to}"), Some(1), Some(key(5))).unwrap();
    let s = UdpSocket::bind("127.0.0.1:0").unwrap();
    let send = |key: Option<Key>, lat| {
        let mut w = Writer::new(1, 1, key.map(|k| (k, 0)));
        s.send_to(&w.frame(&position(lat), now()), &to).unwrap();
    };
    send(None, 1_000_000);
    send(Some(key(6)), 2_000_000);
    send(Some(key(5)), 3_000_000);
    let first = next(&mut feed);
    assert!((first.state.lat.unwrap().to_degrees() - 0.3).abs() < 1e-9);
    let faults = feed.link().faults();
    assert_eq!((faults.unsigned, faults.wrong_key), (1, 1));
}

#[test]
fn answers_go_where_the_aircraft_is() {
    let to = format!("127.0.0.1:{}", port());
    let mut link = AircraftLink::open(&format!("udpin:{to}"), None).unwrap();
    let sockets: Vec<UdpSocket> = (0..2)
        .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
        .collect();
    let mut messages = Vec::new();
    for (system, s) in [(1u8, &sockets[0]), (2, &sockets[1])] {
        s.set_read_timeout(Some(WAIT)).unwrap();
        let frame = Writer::new(system, 1, None).frame(&position(1), 0);
        s.send_to(&frame, &to).unwrap();
        while !messages
            .iter()
            .any(|m: &atalaya_mav::Message| m.system == system)
        {
            link.receive(WAIT, &mut messages).unwrap();
        }
    }
    link.send(b"one", Some(1)).unwrap();
    link.send(b"all", None).unwrap();
    let mut buffer = [0; 16];
    let mut got = |i: usize| {
        let n = sockets[i].recv(&mut buffer).unwrap();
        buffer[..n].to_vec()
    };
    assert_eq!(got(0), b"one");
    assert_eq!(got(0), b"all");
    assert_eq!(got(1), b"all");
}

#[test]
fn links_that_cannot_be_say_why() {
    assert!(LinkAddress::parse("udpin://127.0.0.1:14550").is_ok());
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = format!("udpin:{}", taken.local_addr().unwrap());
    for (link, words) in [
        ("14550", "not a link; write udpin:0.0.0.0:14550"),
        ("serial:/dev/ttyACM0:57600", "'serial' are not known"),
        ("udpout:nowhere", "is no host and port"),
        ("tcp:127.0.0.1:1", "can't connect"),
        (taken.as_str(), "stop what uses the port"),
    ] {
        let e = AircraftLink::open(link, None).err().unwrap().to_string();
        assert!(e.starts_with(link) && e.contains(words), "{e}");
        assert_eq!(e.lines().count(), 1);
    }
}
