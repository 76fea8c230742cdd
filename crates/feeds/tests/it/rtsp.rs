//! A feed of a small RTSP server: pictures (RFC 6184) and metadata (RFC 6597) within the connection.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use atalaya_feeds::{Fmv, FmvOptions, Gap, Unit};
use atalaya_model::operation::StreamAddress;
use atalaya_video::Demuxer;

use crate::support::*;

const DESCRIPTION: &str = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\n\
    m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n\
    m=application 0 RTP/AVP 97\r\na=rtpmap:97 smpte336m/90000\r\na=control:m\r\n";

/// RTP packets of a transport stream, each with its channel.
fn packets(path: &std::path::Path) -> Vec<u8> {
    let mut demuxer = Demuxer::open(path).unwrap();
    let mut out = Vec::new();
    let mut sequence = [0u16; 2];
    let mut rtp = |stream: usize, last: bool, time: i64, payload: &[u8]| {
        sequence[stream] += 1;
        let length = (payload.len() + 12) as u16;
        out.extend_from_slice(&[b'$', stream as u8 * 2]);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&[0x80, u8::from(last) << 7 | (96 + stream as u8)]);
        out.extend_from_slice(&sequence[stream].to_be_bytes());
        out.extend_from_slice(&(time as u32).to_be_bytes());
        out.extend_from_slice(&[0, 0, 0, stream as u8 + 1]);
        out.extend_from_slice(payload);
    };
    while let Some(packet) = demuxer.read().unwrap() {
        let pts = packet.pts_90k.unwrap();
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
    out
}

/// Answers one client, plays, and hangs up.
fn serve(stream: TcpStream, base: &str, media: &[u8]) {
    let mut answers = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut channel = 0;
    while let Some(Ok(request)) = lines.next() {
        let mut sequence = String::new();
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some(n) = line.strip_prefix("CSeq: ") {
                n.clone_into(&mut sequence);
            }
            if line.is_empty() {
                break;
            }
        }
        let method = request.split(' ').next().unwrap();
        let (head, body) = match method {
            "OPTIONS" => ("Public: DESCRIBE, SETUP, PLAY\r\n".to_owned(), ""),
            "DESCRIBE" => (
                format!(
                    "Content-Base: {base}\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n",
                    DESCRIPTION.len()
                ),
                DESCRIPTION,
            ),
            "SETUP" => {
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
        write!(
            answers,
            "RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{head}\r\n{body}"
        )
        .unwrap();
        if method == "PLAY" {
            answers.write_all(media).unwrap();
            return;
        }
    }
}

#[test]
fn rtsp_gives_pictures_with_their_metadata_as_a_transport_stream() {
    let bytes = make(&Made::default());
    let expected = read_bytes(&bytes, FmvOptions::default());
    let (_dir, path) = file_of(&bytes);
    let media = packets(&path);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("rtsp://{}/one/", listener.local_addr().unwrap());
    let base = url.clone();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            serve(stream, &base, &media);
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let options = FmvOptions {
        record: Some((folder.path().to_owned(), "eo".into())),
        stop_after: Duration::from_secs(20),
        ..FmvOptions::default()
    };
    let address = StreamAddress::parse(&url).unwrap();
    let mut fmv = Fmv::stream(&address, options).unwrap();
    let mut seen = Sorted::default();
    while let Some(unit) = fmv.next_unit().unwrap() {
        let stopped = matches!(unit, Unit::Gap(Gap::Stopped { .. }));
        seen.take(unit);
        if stopped {
            break;
        }
    }
    fmv.stop_handle().unwrap().stop();
    while let Some(unit) = fmv.next_unit().unwrap() {
        seen.take(unit);
    }
    let of = |s: &Sorted| s.metadata.iter().map(|m| m.state.t).collect::<Vec<_>>();
    assert_eq!(of(&seen)[..30], of(&expected)[..]);
    assert!(seen.metadata.iter().all(|m| m.synchronous));
    assert!(seen.frames.len() >= 29, "{:?}", seen.faults);
    for (a, b) in seen.frames.iter().zip(&expected.frames).take(29) {
        assert_eq!((a.frame.t, a.frame.luma()), (b.frame.t, b.frame.luma()));
    }
    // What is recorded reads as what was seen.
    let again = read(Fmv::file(&seen.segments[0].path, FmvOptions::default()).unwrap());
    assert_eq!(of(&again)[..30], of(&expected)[..]);
}
