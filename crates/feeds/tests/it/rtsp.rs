//! A feed of a small RTSP server: pictures (RFC 6184, RFC 7798) and metadata (RFC 6597), within the connection
//! or as datagrams.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use atalaya_feeds::{Fmv, FmvOptions, Unit};
use atalaya_model::operation::StreamAddress;
use atalaya_video::Demuxer;

use crate::codings::coded;
use crate::support::*;

/// What a server has: its description, and RTP packets of its two streams.
struct Media {
    description: String,
    packets: Vec<(usize, Vec<u8>)>,
}

/// A transport stream as a server has it, so many times over.
fn media(bytes: &[u8], encoding: &str, rounds: i64) -> Media {
    let (_dir, path) = file_of(bytes);
    let mut packets = Vec::new();
    let mut sequence = [0u16; 2];
    let mut rtp = |stream: usize, last: bool, time: i64, payload: &[u8]| {
        sequence[stream] += 1;
        let mut packet = vec![0x80, u8::from(last) << 7 | (96 + stream as u8)];
        packet.extend_from_slice(&sequence[stream].to_be_bytes());
        packet.extend_from_slice(&(time as u32).to_be_bytes());
        packet.extend_from_slice(&[0, 0, 0, stream as u8 + 1]);
        packet.extend_from_slice(payload);
        packets.push((stream, packet));
    };
    for round in 0..rounds {
        let mut demuxer = Demuxer::open(&path).unwrap();
        while let Some(packet) = demuxer.read().unwrap() {
            let pts = packet.pts_90k.unwrap() + round * 90_000;
            let bytes = packet.bytes();
            if demuxer.streams()[packet.stream].is_klv() {
                // In two parts: readers have to put them together.
                let (first, second) = bytes.split_at(bytes.len() / 2);
                rtp(1, false, pts, first);
                rtp(1, true, pts, second);
                continue;
            }
            let starts: Vec<usize> = (0..bytes.len() - 3)
                .filter(|&i| bytes[i..i + 3] == [0, 0, 1])
                .collect();
            for (n, start) in starts.iter().enumerate() {
                let end = starts.get(n + 1).map_or(bytes.len(), |next| *next);
                let unit = &bytes[start + 3..end];
                let end = unit.iter().rposition(|b| *b != 0).unwrap() + 1;
                rtp(0, n + 1 == starts.len(), pts, &unit[..end]);
            }
        }
    }
    Media {
        description: format!(
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\n\
             m=video 0 RTP/AVP 96\r\na=rtpmap:96 {encoding}/90000\r\na=control:v\r\n\
             m=application 0 RTP/AVP 97\r\na=rtpmap:97 smpte336m/90000\r\na=control:m\r\n"
        ),
        packets,
    }
}

/// Answers one client and plays; hangs up where it played within the connection.
fn serve(stream: TcpStream, base: &str, media: &Media) {
    let mut answers = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut channel = 0;
    let mut datagrams: Vec<(UdpSocket, u16)> = Vec::new();
    while let Some(Ok(request)) = lines.next() {
        let (mut sequence, mut client) = (String::new(), None);
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some(n) = line.strip_prefix("CSeq: ") {
                n.clone_into(&mut sequence);
            }
            if let Some((_, ports)) = line.split_once("client_port=") {
                client = ports.split('-').next().and_then(|p| p.parse::<u16>().ok());
            }
            if line.is_empty() {
                break;
            }
        }
        let method = request.split(' ').next().unwrap();
        let (head, body) = match (method, client) {
            ("OPTIONS", _) => ("Public: DESCRIBE, SETUP, PLAY\r\n".to_owned(), ""),
            ("DESCRIBE", _) => (
                format!(
                    "Content-Base: {base}\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n",
                    media.description.len()
                ),
                &media.description[..],
            ),
            ("SETUP", Some(port)) => {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                let from = socket.local_addr().unwrap().port();
                datagrams.push((socket, port));
                (
                    format!(
                        "Transport: RTP/AVP;unicast;client_port={port}-{};server_port={from}-{}\r\nSession: 1\r\n",
                        port + 1,
                        from + 1
                    ),
                    "",
                )
            }
            ("SETUP", None) => {
                let channels = format!("{channel}-{}", channel + 1);
                channel += 2;
                (
                    format!(
                        "Transport: RTP/AVP/TCP;unicast;interleaved={channels}\r\nSession: 1\r\n"
                    ),
                    "",
                )
            }
            _ => ("Session: 1\r\n".to_owned(), ""),
        };
        let answer = format!("RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{head}\r\n{body}");
        if answers.write_all(answer.as_bytes()).is_err() {
            // The client has what it wanted.
            return;
        }
        if method != "PLAY" {
            continue;
        }
        for (stream, packet) in &media.packets {
            match datagrams.get(*stream) {
                Some((socket, port)) => {
                    socket.send_to(packet, ("127.0.0.1", *port)).unwrap();
                }
                None => {
                    let [high, low] = (packet.len() as u16).to_be_bytes();
                    let head = [b'$', *stream as u8 * 2, high, low];
                    if answers.write_all(&[&head, &packet[..]].concat()).is_err() {
                        return;
                    }
                }
            }
        }
        if datagrams.is_empty() {
            return;
        }
    }
}

/// Plays a transport stream from a server until all but the last of its pictures have come, and
/// compares; `options` of the address.
fn plays(bytes: &[u8], encoding: &str, rounds: i64, options: &str) {
    let expected = read_bytes(bytes, FmvOptions::default());
    let media = media(bytes, encoding, rounds);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("rtsp://{}/one/", listener.local_addr().unwrap());
    let base = url.clone();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            serve(stream, &base, &media);
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let record = FmvOptions {
        record: Some((folder.path().to_owned(), "eo".into())),
        stop_after: Duration::from_secs(20),
        ..FmvOptions::default()
    };
    let address = StreamAddress::parse(&format!("{url}{options}")).unwrap();
    let mut fmv = Fmv::stream(&address, record).unwrap();
    // Datagrams end without a word: the last ones are held back for those that follow.
    let within = !options.contains("udp");
    let held = if within || rounds > 1 { 0 } else { 9 };
    let (pictures, packets) = (
        expected.frames.len() - 1 - held,
        expected.metadata.len() - held,
    );
    let mut seen = Sorted::default();
    while seen.frames.len() < pictures || seen.metadata.len() < packets {
        let unit = fmv.next_unit().unwrap().unwrap();
        assert!(
            !matches!(unit, Unit::Gap(_)) || seen.frames.is_empty(),
            "{:?}",
            seen.faults
        );
        seen.take(unit);
    }
    fmv.stop_handle().unwrap().stop();
    while let Some(unit) = fmv.next_unit().unwrap() {
        seen.take(unit);
    }
    let of = |s: &Sorted| s.metadata.iter().map(|m| m.state.t).collect::<Vec<_>>();
    assert_eq!(of(&seen)[..packets], of(&expected)[..packets]);
    assert!(seen.metadata.iter().all(|m| m.synchronous));
    for (a, b) in seen.frames.iter().zip(&expected.frames).take(pictures) {
        assert!(a.frame.luma() == b.frame.luma(), "another picture");
        // Metadata that come by another socket may come after the picture.
        assert!(!within || a.frame.t == b.frame.t);
    }
    // What is recorded reads as what was seen.
    let again = read(Fmv::file(&seen.segments[0].path, FmvOptions::default()).unwrap());
    assert_eq!(of(&again)[..packets], of(&expected)[..packets]);
}

#[test]
fn rtsp_gives_pictures_with_their_metadata_as_a_transport_stream() {
    plays(&make(&Made::default()), "H264", 1, "");
}

#[test]
fn rtsp_gives_them_as_datagrams_too() {
    plays(&make(&Made::default()), "H264", 1, "?transport=udp");
}

#[test]
fn pictures_of_h265_out_of_order_come_over_rtsp() {
    let bytes = coded("h265.mp4");
    plays(&bytes, "H265", 3, "");
    plays(&bytes, "H265", 3, "?transport=udp");
}
