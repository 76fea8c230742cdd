use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use atalaya_feeds::{Fmv, FmvOptions, Gap, Unit};

use crate::support::*;

fn listen(options: FmvOptions) -> (Fmv, UdpSocket, SocketAddr) {
    let fmv = Fmv::udp("127.0.0.1:0", options).unwrap();
    let address = fmv.local_address().unwrap();
    (fmv, UdpSocket::bind("127.0.0.1:0").unwrap(), address)
}

fn quick() -> FmvOptions {
    FmvOptions {
        stop_after: Duration::from_secs(1),
        ..FmvOptions::default()
    }
}

/// Sends a stream in datagrams of seven packets. What the tests send fits
/// into the socket's buffer, so none is lost.
fn send(socket: &UdpSocket, to: SocketAddr, bytes: &[u8], rtp: bool) {
    assert!(bytes.len() < 100_000, "{} bytes", bytes.len());
    for (n, chunk) in bytes.chunks(188 * 7).enumerate() {
        let mut datagram = Vec::new();
        if rtp {
            datagram.extend_from_slice(&[0x80, 33, (n >> 8) as u8, n as u8]);
            datagram.extend_from_slice(&[0; 8]);
        }
        datagram.extend_from_slice(chunk);
        socket.send_to(&datagram, to).unwrap();
    }
}

/// Reads until the feed says that it stopped.
fn until_stopped(fmv: &mut Fmv, seen: &mut Sorted) {
    while let Some(unit) = fmv.next_unit().unwrap() {
        let stopped = matches!(unit, Unit::Gap(Gap::Stopped { .. }));
        seen.take(unit);
        if stopped {
            return;
        }
    }
    panic!("ended before it stopped");
}

#[test]
fn live_frames_are_those_of_the_file_with_and_without_rtp() {
    let bytes = make(&Made::default());
    let expected = read_bytes(&bytes, FmvOptions::default());
    for rtp in [false, true] {
        let (mut fmv, socket, address) = listen(quick());
        let sent = Instant::now();
        send(&socket, address, &bytes, rtp);
        let mut seen = Sorted::default();
        until_stopped(&mut fmv, &mut seen);
        assert_eq!(seen.frames.len(), expected.frames.len());
        for (a, b) in seen.frames.iter().zip(&expected.frames) {
            assert_eq!((a.frame.t, a.frame.id), (b.frame.t, b.frame.id));
            assert_eq!((&a.platform, a.pairing), (&b.platform, b.pairing));
            assert_eq!(a.frame.luma(), b.frame.luma());
        }
        assert_eq!(fmv.stats().datagrams, bytes.len().div_ceil(188 * 7) as u64);
        assert_eq!(fmv.stats().datagrams_shed, 0);
        let came: Vec<_> = seen.frames.iter().filter_map(|f| f.received).collect();
        assert_eq!(came.len(), seen.frames.len());
        assert!(came.is_sorted() && came.iter().all(|at| *at >= sent));
        assert!(expected.frames.iter().all(|f| f.received.is_none()));
    }
}

#[test]
fn a_feed_that_stops_and_returns_goes_on_in_time() {
    let (mut fmv, socket, address) = listen(quick());
    let mut seen = Sorted::default();
    send(
        &socket,
        address,
        &make(&Made {
            klv: None,
            ..Made::default()
        }),
        false,
    );
    until_stopped(&mut fmv, &mut seen);
    assert!(
        matches!(seen.gaps[0], Gap::Stopped { since: Some(t) } if t == seen.frames[29].frame.t)
    );
    // Its presentation time starts anew, as after a restart of the encoder.
    send(
        &socket,
        address,
        &make(&Made {
            klv: None,
            first_pts: 45_000,
            ..Made::default()
        }),
        false,
    );
    until_stopped(&mut fmv, &mut seen);
    assert!(matches!(seen.gaps[1], Gap::Returned { .. }));
    assert_eq!(seen.frames.len(), 60);
    assert_eq!(seen.frames[59].frame.id, 60);
    assert!(seen.frames.windows(2).all(|w| w[0].frame.t < w[1].frame.t));
    fmv.stop_handle().unwrap().stop();
    while let Some(unit) = fmv.next_unit().unwrap() {
        assert!(matches!(unit, Unit::Stats(_)), "{unit:?}");
    }
}

#[test]
fn what_came_before_a_stop_is_given_out() {
    let bytes = make(&Made::default());
    let (mut fmv, socket, address) = listen(quick());
    send(&socket, address, &bytes, false);
    let sent = bytes.len().div_ceil(188 * 7) as u64;
    while fmv.stats().datagrams < sent {
        std::thread::yield_now();
    }
    fmv.stop_handle().unwrap().stop();
    let mut seen = Sorted::default();
    while let Some(unit) = fmv.next_unit().unwrap() {
        seen.take(unit);
    }
    assert_eq!(seen.frames.len(), 30);
}

#[test]
fn what_arrives_is_recorded_to_the_byte_and_reported() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("segments");
    let record = Some((folder.clone(), "eo".to_owned()));
    let (mut fmv, socket, address) = listen(FmvOptions { record, ..quick() });
    let bytes = make(&Made {
        frames: 260,
        gop: 20,
        ..Made::default()
    });
    let mut seen = Sorted::default();
    let mut sent = 0;
    for part in bytes.chunks(188 * 7 * 50) {
        // The next part follows when this one has been received.
        send(&socket, address, part, false);
        sent += part.len().div_ceil(188 * 7) as u64;
        while fmv.stats().datagrams < sent {
            if let Some(unit) = fmv.next_unit().unwrap() {
                seen.take(unit);
            }
        }
    }
    until_stopped(&mut fmv, &mut seen);
    assert_eq!(seen.frames.len(), 260);
    assert!(seen.segments.len() >= 3, "{}", seen.segments.len());
    let mut stored = Vec::new();
    for segment in &seen.segments {
        let content = std::fs::read(&segment.path).unwrap();
        assert_eq!(
            atalaya_feeds::sha256_of_file(&segment.path).unwrap(),
            (segment.sha256.clone(), segment.bytes)
        );
        assert!(segment.t1.since(segment.t0) <= 10.0);
        stored.extend(content);
    }
    assert!(stored == bytes);
    assert!(
        seen.segments
            .windows(2)
            .all(|w| w[0].t1 == w[1].t0 && w[0].t0 < w[0].t1)
    );
    let frames_in = |s: &atalaya_feeds::SegmentUnit| {
        seen.frames
            .iter()
            .filter(|f| f.frame.t >= s.t0 && f.frame.t < s.t1)
            .count()
    };
    // Each segment stands on its own: its frames decode without the others.
    for segment in &seen.segments[..seen.segments.len() - 1] {
        let alone = read(Fmv::file(&segment.path, FmvOptions::default()).unwrap());
        assert_eq!(alone.frames.len(), frames_in(segment));
        assert_eq!(alone.frames[0].frame.t, segment.t0);
        assert!(alone.frames[0].key);
    }
}

#[test]
fn garbage_is_a_fault_and_the_video_after_it_is_read() {
    let (mut fmv, socket, address) = listen(quick());
    let garbage: Vec<u8> = (0..30_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 9) as u8)
        .collect();
    send(&socket, address, &garbage, false);
    let mut seen = Sorted::default();
    until_stopped(&mut fmv, &mut seen);
    assert_eq!((seen.faults.len(), seen.frames.len()), (1, 0));
    assert!(seen.faults[0].contains("live input"), "{}", seen.faults[0]);
    send(&socket, address, &make(&Made::default()), false);
    until_stopped(&mut fmv, &mut seen);
    assert_eq!(seen.frames.len(), 30);
}
