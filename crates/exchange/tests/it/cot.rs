//! Cursor on Target, over real sockets on loopback.

use atalaya_cot::{CotEvent, CotPoint};
use atalaya_exchange::cot_out::{
    AIRCRAFT, ALERT, AircraftFix, CotSender, CotSource, PERSON_OR_UNKNOWN, VEHICLE,
};
use atalaya_model::{
    AlertState, Class, FeedIx, GroundFix, Micros, PixelBox, TrackId, TrackPoint, TrackState,
    VerticalDatum,
};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

/// Long enough for a loaded machine; a test that waits for it has failed.
const PATIENCE: Duration = Duration::from_secs(30);

fn source(simulated: bool) -> CotSource {
    CotSource {
        operation: "op-7".into(),
        simulated,
    }
}

fn secs(s: f64) -> Micros {
    Micros(1_795_323_600_000_000) + Micros::from_secs(s)
}

fn point(n: u32, class: Class) -> TrackPoint {
    TrackPoint {
        track: TrackId { feed: FeedIx(0), n },
        frame: 1,
        state: TrackState::Seen,
        bbox: PixelBox::default(),
        ground: Some(GroundFix {
            e: 0.0,
            n: 0.0,
            lat: 40.0,
            lon: -3.5,
            cov_random: [1.0, 0.0, 0.0, 3.0],
            cov_common: [9.0, 0.0, 0.0, 19.0],
            ve: -3.0,
            vn: 4.0,
        }),
        anchored: None,
        class,
        class_p: 0.9,
        p: 0.95,
        look: None,
    }
}

fn udp() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let url = format!("udp://{}", socket.local_addr().unwrap());
    (socket, url)
}

fn receive(socket: &UdpSocket) -> CotEvent {
    let mut buffer = [0u8; 65_536];
    let n = socket.recv(&mut buffer).expect("a datagram");
    CotEvent::parse(std::str::from_utf8(&buffer[..n]).unwrap()).unwrap()
}

#[test]
fn a_track_is_what_a_tak_screen_expects() {
    let e = source(false)
        .track(&point(17, Class::Truck), secs(720.0))
        .unwrap();
    assert_eq!(e.uid, "atalaya-op-7-A17");
    assert_eq!(e.kind, "a-u-G-E-V-C");
    assert_eq!(e.callsign.as_deref(), Some("truck A17"));
    assert_eq!(
        (e.time.as_str(), e.stale.as_str()),
        ("2026-11-22T05:12:00.000Z", "2026-11-22T05:12:10.000Z")
    );
    // Half the trace of both parts: (1 + 3 + 9 + 19) / 2 = 16.
    assert_eq!(e.point.ce, 4.0);
    assert_eq!(
        (e.point.hae, e.point.le),
        (CotPoint::UNKNOWN, CotPoint::UNKNOWN)
    );
    assert_eq!((e.speed_m_s, e.course_deg), (Some(5.0), Some(323.1)));
    assert_eq!(e.remarks.as_deref(), Some("truck (90 %), seen"));
}

#[test]
fn nothing_is_ever_hostile_or_a_weapon() {
    for class in [
        Class::Unknown,
        Class::Person,
        Class::Car,
        Class::Pickup,
        Class::Truck,
        Class::Other,
    ] {
        let kind = source(false)
            .track(&point(1, class), secs(0.0))
            .unwrap()
            .kind;
        assert_eq!(
            kind,
            if class.is_vehicle() {
                VEHICLE
            } else {
                PERSON_OR_UNKNOWN
            }
        );
    }
    for kind in [VEHICLE, PERSON_OR_UNKNOWN, AIRCRAFT, ALERT] {
        let parts: Vec<&str> = kind.split('-').collect();
        assert!(
            !["h", "s", "j", "k"].contains(&parts[1]),
            "{kind} is hostile or suspect"
        );
        assert!(
            !parts.contains(&"W") && !parts.contains(&"M"),
            "{kind} is a weapon or military"
        );
    }
}

#[test]
fn a_simulated_world_says_so_everywhere() {
    let s = source(true);
    let a = crate::sample::sample().alerts.remove(0);
    let fix = AircraftFix {
        lat_deg: 40.0,
        lon_deg: -3.5,
        height_m: Some(812.0),
        datum: Some(VerticalDatum::Hae),
        designation: Some("MX-1".into()),
    };
    let track = s.track(&point(1, Class::Car), secs(0.0)).unwrap();
    for e in [
        s.ended(&track, secs(1.0)),
        track,
        s.aircraft("eo", &fix, secs(0.0)).unwrap(),
        s.alert(&a).unwrap(),
    ] {
        assert!(
            e.callsign.as_deref().unwrap().starts_with("SIMULATED "),
            "{e:?}"
        );
        assert!(
            e.remarks.as_deref().unwrap().starts_with("SIMULATED"),
            "{e:?}"
        );
    }
}

#[test]
fn aircraft_and_alerts_have_their_own_types_and_names() {
    let s = source(false);
    let mut fix = AircraftFix {
        lat_deg: 40.0,
        lon_deg: -3.5,
        height_m: Some(812.0),
        datum: Some(VerticalDatum::Hae),
        designation: None,
    };
    let e = s.aircraft("eo", &fix, secs(0.0)).unwrap();
    assert_eq!(
        (e.uid.as_str(), e.kind.as_str()),
        ("atalaya-op-7-aircraft-eo", "a-f-A-C-H")
    );
    assert_eq!((e.point.hae, e.callsign.as_deref()), (812.0, Some("eo")));
    // A height above the sea is not written as one above the ellipsoid: the geoid lies 51 m above it.
    fix.datum = Some(VerticalDatum::Msl);
    let e = s.aircraft("eo", &fix, secs(0.0)).unwrap();
    assert!((e.point.hae - 863.5).abs() < 1.5, "{}", e.point.hae);
    assert!(e.remarks.unwrap().contains("812 m above mean sea level"));
    fix.lat_deg = f64::NAN;
    assert_eq!(s.aircraft("eo", &fix, secs(0.0)), None);

    let mut a = crate::sample::sample().alerts.remove(0);
    a.reason = format!("{}\u{1}\u{8}", "long ".repeat(5000));
    let e = s.alert(&a).unwrap();
    assert_eq!(e.kind, "b-a-g");
    assert_eq!(e.uid, format!("atalaya-op-7-alert-{}", a.id));
    assert!(e.stale > e.time);
    assert!(
        e.to_xml().len() < 1400,
        "fits a datagram: {}",
        e.to_xml().len()
    );
    assert_eq!(CotEvent::parse(&e.to_xml()).unwrap().uid, e.uid);
    a.state = AlertState::Closed;
    let e = s.alert(&a).unwrap();
    assert_eq!(e.stale, e.time);
    a.lat = None;
    assert_eq!(s.alert(&a), None);
}

#[test]
fn once_a_second_per_track_and_a_last_word() {
    let (socket, url) = udp();
    let mut sender = CotSender::open(&url, source(false)).unwrap();
    for i in 0..25 {
        sender.send_track(&point(1, Class::Car), secs(f64::from(i) * 0.1));
        sender.send_track(&point(2, Class::Person), secs(f64::from(i) * 0.1));
    }
    let unseen = TrackPoint {
        state: TrackState::Unobserved,
        ..point(1, Class::Car)
    };
    sender.send_track(&unseen, secs(9.0));
    let mut nowhere = point(3, Class::Car);
    nowhere.ground = None;
    sender.send_track(&nowhere, secs(9.0));
    // The last point of a track need not have a place.
    let over = TrackPoint {
        state: TrackState::Ended,
        ground: None,
        ..point(1, Class::Car)
    };
    sender.send_track(&over, secs(9.5));
    sender.send_track(&over, secs(9.6));
    let got: Vec<CotEvent> = (0..7).map(|_| receive(&socket)).collect();
    let of = |uid: &str| -> Vec<&str> {
        got.iter()
            .filter(|e| e.uid == uid)
            .map(|e| &e.time[17..21])
            .collect()
    };
    assert_eq!(of("atalaya-op-7-A1"), ["00.0", "01.0", "02.0", "09.5"]);
    assert_eq!(of("atalaya-op-7-A2"), ["00.0", "01.0", "02.0"]);
    let last = &got[6];
    assert_eq!(
        (last.stale.as_str(), last.point.lat),
        (last.time.as_str(), 40.0)
    );
    let stats = sender.stats();
    assert_eq!((stats.accepted, stats.dropped, stats.unplaced), (7, 0, 1));
    drop(sender);
    socket.set_nonblocking(true).unwrap();
    assert!(socket.recv(&mut [0; 16]).is_err(), "nothing more came");
}

#[test]
fn dropping_the_sender_sends_what_waits() {
    let (socket, url) = udp();
    let mut sender = CotSender::open(&url, source(false)).unwrap();
    for n in 1..=100 {
        sender.send_track(&point(n, Class::Car), secs(0.0));
    }
    drop(sender);
    for n in 1..=100 {
        assert_eq!(receive(&socket).uid, format!("atalaya-op-7-A{n}"));
    }
}

fn next(reader: &mut BufReader<TcpStream>) -> CotEvent {
    let mut line = String::new();
    reader.read_line(&mut line).expect("an event");
    CotEvent::parse(line.trim_end()).unwrap()
}

// TCP tests have a loopback address each, so that a port given up for a moment is not taken by
// another test.
fn accept(listener: &TcpListener) -> BufReader<TcpStream> {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
}

#[test]
fn a_tcp_listener_that_goes_away_and_comes_back_is_found_again() {
    let listener = TcpListener::bind("127.0.7.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut sender = CotSender::open(&format!("tcp://{at}"), source(false)).unwrap();
    let mut reader = accept(&listener);
    // A TAK server talks too; nobody listens, and nothing stands still.
    reader.get_mut().write_all(b"<event/>\n").unwrap();
    sender.send_track(&point(1, Class::Car), secs(0.0));
    sender.send_alert(&crate::sample::sample().alerts[0]);
    assert_eq!(next(&mut reader).uid, "atalaya-op-7-A1");
    assert_eq!(next(&mut reader).kind, ALERT);
    drop(reader);
    drop(listener);
    // Nobody is there: it waits.
    sender.send_track(&point(2, Class::Truck), secs(5.0));
    let listener = TcpListener::bind(at).unwrap();
    let mut reader = accept(&listener);
    assert_eq!(next(&mut reader).uid, "atalaya-op-7-A2");
    sender.send_track(&point(3, Class::Truck), secs(6.0));
    assert_eq!(next(&mut reader).uid, "atalaya-op-7-A3");
    let stats = sender.stats();
    assert_eq!((stats.accepted, stats.dropped), (4, 0));
    assert!(
        stats.connections >= 2 && stats.last_error.is_some(),
        "{stats:?}"
    );
}

#[test]
fn a_full_queue_drops_the_oldest_and_counts_it() {
    // A listener that was there and is gone: the port is refused.
    let at = TcpListener::bind("127.0.7.2:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut sender = CotSender::open(&format!("tcp://{at}"), source(false)).unwrap();
    for n in 1..=1100 {
        sender.send_track(&point(n, Class::Car), secs(0.0));
    }
    let stats = sender.stats();
    assert_eq!((stats.accepted, stats.sent, stats.dropped), (1100, 0, 76));
    let listener = TcpListener::bind(at).unwrap();
    let mut reader = accept(&listener);
    assert_eq!(next(&mut reader).uid, "atalaya-op-7-A77");
}

#[test]
fn nobody_there_is_said_in_words_and_does_not_hold_up_the_end() {
    let at = TcpListener::bind("127.0.7.3:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut sender = CotSender::open(&format!("tcp://{at}"), source(false)).unwrap();
    sender.send_track(&point(1, Class::Car), secs(0.0));
    drop(sender);
    let error = CotSender::open("tak.example:8087", source(false))
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.ends_with("write udp://host:port or tcp://host:port"),
        "{error}"
    );
}

#[test]
fn event_time_that_starts_again_is_sent_again() {
    let (socket, url) = udp();
    let mut sender = CotSender::open(&url, source(true)).unwrap();
    let fix = AircraftFix {
        lat_deg: 40.0,
        lon_deg: -3.5,
        ..AircraftFix::default()
    };
    for t in [100.0, 100.5, 101.0, 3.0] {
        sender.send_aircraft("eo", &fix, secs(t));
    }
    let times: Vec<String> = (0..3)
        .map(|_| receive(&socket).time[14..19].to_owned())
        .collect();
    assert_eq!(times, ["01:40", "01:41", "00:03"]);
}
