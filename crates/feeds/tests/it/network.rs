//! Feeds over SRT and HTTP, and feeds passed on.

use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::time::Duration;

use atalaya_feeds::{Fmv, FmvOptions, Gap, Relay, RelaySource, Unit, relay};
use atalaya_model::operation::StreamAddress;
use atalaya_video::Interrupt;

use crate::codings::fixture;
use crate::support::*;

fn address(text: &str) -> StreamAddress {
    StreamAddress::parse(text).unwrap()
}

fn options() -> FmvOptions {
    FmvOptions {
        stop_after: Duration::from_secs(20),
        ..FmvOptions::default()
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
fn over_srt_every_byte_arrives_again_and_again() {
    let dir = tempfile::tempdir().unwrap();
    let record = Some((dir.path().to_owned(), "eo".to_owned()));
    let secret = "latency=40&passphrase=correct-horse";
    let listen = address(&format!("srt://127.0.0.1:0?mode=listener&{secret}"));
    let mut fmv = Fmv::stream(
        &listen,
        FmvOptions {
            record,
            ..options()
        },
    )
    .unwrap();
    let port = fmv.local_address().unwrap().port();
    let to = address(&format!("srt://127.0.0.1:{port}?{secret}"));
    let bytes = make(&Made::default());
    let expected = read_bytes(&bytes, FmvOptions::default());
    let mut seen = Sorted::default();
    // Twice: the second caller is another sender, whose time starts anew.
    for n in 1..=2 {
        let sender = Relay::to(&to).unwrap();
        sender.push(&bytes);
        let stats = sender.finish();
        assert_eq!((stats.bytes, stats.shed_bytes), (bytes.len() as u64, 0));
        // Long before the silence that ends a feed without connections.
        until_stopped(&mut fmv, &mut seen);
        assert_eq!(seen.frames.len(), expected.frames.len() * n);
        assert_eq!(seen.metadata.len(), expected.metadata.len() * n);
    }
    assert!(matches!(seen.gaps[1], Gap::Returned { .. }));
    assert!(seen.faults.is_empty(), "{:?}", seen.faults);
    let stored: Vec<u8> = seen
        .segments
        .iter()
        .flat_map(|s| std::fs::read(&s.path).unwrap())
        .collect();
    assert!(stored == [bytes.clone(), bytes].concat());
}

#[test]
fn a_caller_that_nobody_answers_says_so_and_stops_when_told() {
    let free = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    let to = address(&format!("srt://127.0.0.1:{port}?passphrase=correct-horse"));
    let mut fmv = Fmv::stream(&to, options()).unwrap();
    let stop = fmv.stop_handle().unwrap();
    let Some(Unit::Fault(text)) = fmv.next_unit().unwrap() else {
        panic!("no fault");
    };
    assert!(
        text.starts_with(&format!("srt://127.0.0.1:{port}: ")),
        "{text}"
    );
    assert!(!text.contains("horse"), "{text}");
    stop.stop();
    while fmv.next_unit().unwrap().is_some() {}
}

/// Serves one answer.
fn serve(head: &str, body: Vec<u8>) -> StreamAddress {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/live.ts", listener.local_addr().unwrap());
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n{head}\r\n");
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body);
        }
    });
    address(&url)
}

#[test]
fn http_gives_a_stream_until_it_stops_and_a_file_to_its_end() {
    let bytes = make(&Made {
        frames: 10,
        ..Made::default()
    });
    let expected = read_bytes(&bytes, FmvOptions::default());
    let file = serve(
        &format!("Content-Length: {}\r\n", bytes.len()),
        bytes.clone(),
    );
    let seen = read(Fmv::stream(&file, options()).unwrap());
    assert_eq!(seen.frames.len(), expected.frames.len());
    assert_eq!(seen.metadata.len(), expected.metadata.len());
    let live = serve("Connection: close\r\n", bytes);
    let mut fmv = Fmv::stream(&live, options()).unwrap();
    let mut seen = Sorted::default();
    for n in 1..=2 {
        until_stopped(&mut fmv, &mut seen);
        assert_eq!(seen.frames.len(), expected.frames.len() * n);
    }
    fmv.stop_handle().unwrap().stop();
    while fmv.next_unit().unwrap().is_some() {}
}

#[test]
fn a_relay_passes_every_byte_on_and_a_destination_that_is_away_harms_nobody() {
    let bytes = make(&Made::default());
    let (_dir, path) = file_of(&bytes);
    let near = UdpSocket::bind("127.0.0.1:0").unwrap();
    near.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let to = [
        address(&format!("udp://{}", near.local_addr().unwrap())),
        address("srt://127.0.0.1:0?mode=listener"),
    ];
    let source = RelaySource::File { path, paced: false };
    let mut faults = Vec::new();
    let receiver = std::thread::spawn(move || {
        let (mut got, mut buffer) = (Vec::new(), [0; 2000]);
        while let Ok(n) = near.recv(&mut buffer) {
            assert!(n <= 1316 && n % 188 == 0);
            got.extend_from_slice(&buffer[..n]);
            if n < 1316 {
                break;
            }
        }
        got
    });
    let stop = Interrupt::default();
    let report = relay(&source, &to, &stop, |f| faults.push(f.to_owned())).unwrap();
    assert_eq!(report.bytes, bytes.len() as u64);
    assert_eq!(report.to[0].1.bytes, bytes.len() as u64);
    assert_eq!(report.to[1].1.bytes, 0);
    assert_eq!(report.to[1].1.shed_bytes, bytes.len() as u64);
    assert!(receiver.join().unwrap() == bytes);
}

/// Serves a file by parts, as requests ask for them.
fn serve_parts(body: Vec<u8>) -> StreamAddress {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/video.mp4", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = [0; 1024];
            let n = stream.read(&mut request).unwrap_or(0);
            let text = String::from_utf8_lossy(&request[..n]).into_owned();
            let range = text
                .split_once("bytes=")
                .and_then(|(_, r)| r.split_once('-'));
            let from: usize = range.and_then(|(from, _)| from.parse().ok()).unwrap_or(0);
            let head = format!(
                "HTTP/1.1 206 Partial Content\r\nAccept-Ranges: bytes\r\nContent-Range: bytes {from}-{}/{}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len() - 1,
                body.len(),
                body.len() - from
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body[from..]);
        }
    });
    address(&url)
}

#[test]
fn a_file_of_another_container_is_read_over_http_where_its_packets_lie() {
    let path = fixture("h265.mp4");
    let expected = read(Fmv::file(&path, FmvOptions::default()).unwrap());
    let from = serve_parts(std::fs::read(&path).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let options = FmvOptions {
        record: Some((dir.path().to_owned(), "eo".to_owned())),
        ..options()
    };
    let seen = read(Fmv::stream(&from, options).unwrap());
    assert_eq!(seen.frames.len(), 20, "{:?}", seen.faults);
    for (a, b) in seen.frames.iter().zip(&expected.frames) {
        assert!(a.frame.luma() == b.frame.luma());
    }
    let again = read(Fmv::file(&seen.segments[0].path, FmvOptions::default()).unwrap());
    assert_eq!(again.frames.len(), 20);
}

#[test]
fn a_multicast_group_is_heard_on_the_interface_that_is_named() {
    let here = address("udp://239.255.77.12:0?interface=127.0.0.1");
    let mut fmv = Fmv::stream(&here, options()).unwrap();
    let port = fmv.local_address().unwrap().port();
    let group = format!("udp://239.255.77.12:{port}?interface=127.0.0.1");
    // Whoever else listens hears the same.
    let mut other = Fmv::stream(&address(&group), options()).unwrap();
    let bytes = make(&Made::default());
    let expected = read_bytes(&bytes, FmvOptions::default());
    let sender = Relay::to(&address(&group)).unwrap();
    sender.push(&bytes);
    assert_eq!(sender.finish().bytes, bytes.len() as u64);
    for fmv in [&mut fmv, &mut other] {
        fmv.stop_handle().unwrap().stop();
        let mut seen = Sorted::default();
        while let Some(unit) = fmv.next_unit().unwrap() {
            seen.take(unit);
        }
        assert_eq!(seen.frames.len(), expected.frames.len());
        assert_eq!(seen.metadata.len(), expected.metadata.len());
    }
}

#[test]
fn what_a_live_feed_lets_in_is_relayed_as_it_came() {
    let far = UdpSocket::bind("127.0.0.1:0").unwrap();
    far.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let relay = vec![address(&format!("udp://{}", far.local_addr().unwrap()))];
    let here = address("srt://127.0.0.1:0?mode=listener&latency=20");
    let mut fmv = Fmv::stream(&here, FmvOptions { relay, ..options() }).unwrap();
    let port = fmv.local_address().unwrap().port();
    let bytes = make(&Made::default());
    let sender = Relay::to(&address(&format!("srt://127.0.0.1:{port}?latency=20"))).unwrap();
    sender.push(&bytes);
    sender.finish();
    until_stopped(&mut fmv, &mut Sorted::default());
    drop(fmv);
    let (mut got, mut buffer) = (Vec::new(), [0; 2000]);
    while got.len() < bytes.len() {
        let n = far.recv(&mut buffer).unwrap();
        got.extend_from_slice(&buffer[..n]);
    }
    assert!(got == bytes);
}
