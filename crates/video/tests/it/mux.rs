use std::io::Cursor;

use atalaya_video::{Demuxer, KlvKind, Packet, TsMuxer};

use crate::support::*;

#[test]
fn the_same_pictures_give_the_same_bytes() {
    let first = transport_stream(20, FIRST_PTS);
    assert!(first.len() > 188 * 40 && first.len().is_multiple_of(188));
    assert!(first == transport_stream(20, FIRST_PTS));
}

#[test]
fn every_picture_comes_out_at_once_and_key_frames_at_the_given_distance() {
    let packets = encoded(31);
    assert_eq!(packets.len(), 31);
    let keys: Vec<usize> = (0..31).filter(|&n| packets[n].key).collect();
    assert_eq!(keys, [0, 15, 30]);
    assert_eq!(packets[7].pts_90k, Some(FIRST_PTS + 7 * STEP));
    assert_eq!(packets[7].dts_90k, packets[7].pts_90k);
}

#[test]
fn pictures_are_passed_on_byte_by_byte() {
    let source = transport_stream(20, FIRST_PTS);
    let packets = |bytes: Vec<u8>| {
        let mut demuxer = Demuxer::from_reader(Box::new(Cursor::new(bytes))).unwrap();
        let mut all = Vec::new();
        while let Some(packet) = demuxer.read().unwrap() {
            all.push(packet);
        }
        (demuxer.video().unwrap().clone(), all)
    };
    let (video, original) = packets(source);
    let out = Shared::default();
    let mut muxer = TsMuxer::copy_of(
        Box::new(out.clone()),
        "copy".into(),
        &video,
        &[KlvKind::Synchronous],
    )
    .unwrap();
    for packet in original.iter().filter(|p| p.stream == video.index) {
        muxer.video(packet).unwrap();
        muxer.klv(0, &klv(7), packet.pts_90k).unwrap();
    }
    muxer.finish().unwrap();
    let (again, copied) = packets(out.0.lock().unwrap().clone());
    assert_eq!(again.video(), video.video());
    let pictures = |all: &[Packet], index| -> Vec<_> {
        all.iter()
            .filter(|p| p.stream == index)
            .map(|p| (p.pts_90k, p.dts_90k, p.key, p.bytes().to_vec()))
            .collect()
    };
    let kept = pictures(&copied, again.index);
    assert_eq!(kept.len(), 20);
    assert!(kept == pictures(&original, video.index));
}

#[test]
fn metadata_that_overtook_each_other_do_not_end_a_stream() {
    let out = Shared::default();
    let kinds = [KlvKind::Synchronous];
    let mut muxer = TsMuxer::to_writer(Box::new(out.clone()), WIDTH, HEIGHT, &kinds).unwrap();
    for (n, packet) in encoded(4).iter().enumerate() {
        muxer.video(packet).unwrap();
        let back = if n == 2 { 2 * STEP } else { 0 };
        let pts = packet.pts_90k.map(|t| t - back);
        muxer.klv(0, &klv(n as u32), pts).unwrap();
    }
    muxer.finish().unwrap();
    let bytes = out.0.lock().unwrap().clone();
    let mut demuxer = Demuxer::from_reader(Box::new(Cursor::new(bytes))).unwrap();
    let packets: Vec<Packet> = std::iter::from_fn(|| demuxer.read().unwrap()).collect();
    let metadata = packets
        .iter()
        .filter(|p| demuxer.streams()[p.stream].is_klv());
    let times: Vec<_> = metadata
        .map(|p| (p.pts_90k.unwrap() - FIRST_PTS) / STEP)
        .collect();
    assert_eq!(times, [0, 1, 1, 3]);
}
