use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atalaya_video::{AccessUnits, Decoder, Demuxer, Packet, Picture, StreamKind};

use crate::support::*;

fn read_all(demuxer: &mut Demuxer) -> Vec<Packet> {
    std::iter::from_fn(|| demuxer.read().unwrap()).collect()
}

fn decode_all(demuxer: &Demuxer, packets: &[Packet]) -> (Vec<Picture>, u64) {
    let mut decoder = Decoder::new(demuxer.video().unwrap()).unwrap();
    let mut pictures = Vec::new();
    for packet in packets {
        decoder.push(packet, &mut pictures).unwrap();
    }
    decoder.flush(&mut pictures).unwrap();
    (pictures, decoder.errors())
}

/// A reader that gives a few bytes at a time, as a socket does.
struct Trickle(Cursor<Vec<u8>>);

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = buffer.len().min(997);
        self.0.read(&mut buffer[..n])
    }
}

#[test]
fn pictures_times_and_klv_come_back() {
    let ts = transport_stream(30, FIRST_PTS);
    let mut demuxer = Demuxer::from_reader(Box::new(Trickle(Cursor::new(ts)))).unwrap();
    let packets = read_all(&mut demuxer);
    let kinds: Vec<_> = demuxer.streams().iter().map(|s| (s.pid, s.kind)).collect();
    assert!(matches!(kinds[0], (Some(0x100), StreamKind::Video(v))
        if (v.width, v.height) == (WIDTH, HEIGHT)));
    assert_eq!(
        kinds[1],
        (Some(0x101), StreamKind::Klv { synchronous: true })
    );
    assert_eq!(
        kinds[2],
        (Some(0x102), StreamKind::Klv { synchronous: false })
    );

    let of = |stream: usize| packets.iter().filter(move |p| p.stream == stream);
    let expected_times: Vec<_> = (0..30).map(|n| Some(FIRST_PTS + n * STEP)).collect();
    assert_eq!(of(1).map(|p| p.pts_90k).collect::<Vec<_>>(), expected_times);
    assert!(of(2).all(|p| p.pts_90k.is_none()));
    for (n, (sync, asynchronous)) in of(1).zip(of(2)).enumerate() {
        assert_eq!(sync.bytes(), klv(n as u32));
        assert_eq!(asynchronous.bytes(), klv(n as u32 + 100));
    }
    assert_eq!(of(2).count(), 30);

    let (pictures, errors) = decode_all(&demuxer, &packets);
    assert_eq!(errors, 0);
    assert_eq!(
        pictures.iter().map(|p| p.pts_90k).collect::<Vec<_>>(),
        expected_times
    );
    for (n, decoded) in pictures.iter().enumerate() {
        assert!(!decoded.damaged && !decoded.interlaced);
        let original = picture(WIDTH, HEIGHT, n as u32);
        let mut difference = 0u64;
        for row in 0..HEIGHT as usize {
            let a = &decoded.plane(0)[row * decoded.stride(0)..][..WIDTH as usize];
            let b = &original.y[row * WIDTH as usize..][..WIDTH as usize];
            difference += a
                .iter()
                .zip(b)
                .map(|(a, b)| u64::from(a.abs_diff(*b)))
                .sum::<u64>();
        }
        let mean = difference as f64 / f64::from(WIDTH * HEIGHT);
        assert!(mean < 3.0, "picture {n} differs by {mean} on average");
    }
}

/// A reader that counts what is taken from it.
struct Counting(Cursor<Vec<u8>>, Arc<AtomicUsize>);

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = buffer.len().min(1316);
        let n = self.0.read(&mut buffer[..n])?;
        self.1.fetch_add(n, Ordering::Relaxed);
        Ok(n)
    }
}

#[test]
fn a_live_stream_starts_within_a_second_of_its_time() {
    let ts = transport_stream(150, FIRST_PTS);
    let (len, taken) = (ts.len(), Arc::new(AtomicUsize::new(0)));
    let reader = Counting(Cursor::new(ts), Arc::clone(&taken));
    let demuxer = Demuxer::from_reader(Box::new(reader)).unwrap();
    assert!(demuxer.video().is_some());
    let taken = taken.load(Ordering::Relaxed);
    // Ten seconds in all; a second and the input buffer.
    assert!(taken <= len / 10 + 32_000, "{taken} of {len} bytes");
}

#[test]
fn times_go_on_over_the_33_bit_wrap() {
    let before_wrap = (1i64 << 33) - 10 * STEP;
    let ts = transport_stream(20, before_wrap);
    let mut demuxer = Demuxer::from_reader(Box::new(Cursor::new(ts))).unwrap();
    let packets = read_all(&mut demuxer);
    for stream in [0, 1] {
        let times: Vec<_> = packets
            .iter()
            .filter(|p| p.stream == stream)
            .map(|p| p.pts_90k.unwrap())
            .collect();
        let expected: Vec<_> = (0..20).map(|n| before_wrap + n * STEP).collect();
        assert_eq!(times, expected, "stream {stream}");
    }
    let (pictures, _) = decode_all(&demuxer, &packets);
    assert_eq!(
        pictures.last().unwrap().pts_90k,
        Some(before_wrap + 19 * STEP)
    );
}

#[test]
fn access_units_of_a_multiplex_can_be_joined_at_any_key_frame() {
    let ts = transport_stream(20, FIRST_PTS);
    let mut demuxer = Demuxer::from_reader(Box::new(Cursor::new(ts))).unwrap();
    let packets = read_all(&mut demuxer);
    let mut units = AccessUnits::new(demuxer.video().unwrap()).unwrap();
    assert!(units.codec().unwrap().starts_with("avc1.64"));
    let second_key = packets
        .iter()
        .filter(|p| p.stream == 0 && p.key)
        .nth(1)
        .unwrap();
    let unit = units.convert(second_key);
    assert!(
        unit.windows(5).any(|w| w == [0, 0, 0, 1, 0x67]),
        "no SPS in it"
    );
}

#[test]
fn lost_transport_packets_damage_pictures_but_stop_nothing() {
    let mut ts = transport_stream(45, FIRST_PTS);
    // A burst of garbage in the middle of the second group of pictures.
    let middle = ts.len() / 2 / 188 * 188;
    for (n, byte) in ts[middle..middle + 188 * 7].iter_mut().enumerate() {
        *byte = (n * 37) as u8;
    }
    let mut demuxer = Demuxer::from_reader(Box::new(Cursor::new(ts))).unwrap();
    let packets = read_all(&mut demuxer);
    let (pictures, _) = decode_all(&demuxer, &packets);
    assert!(pictures.len() >= 38, "{} pictures", pictures.len());
    assert_eq!(
        pictures.last().unwrap().pts_90k,
        Some(FIRST_PTS + 44 * STEP)
    );
    assert!(!pictures.last().unwrap().damaged);
}
