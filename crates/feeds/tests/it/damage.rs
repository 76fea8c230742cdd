use atalaya_feeds::{FmvOptions, Recorder, Unit};
use proptest::prelude::*;

use crate::support::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_stream_gives_what_is_whole(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        holes in prop::collection::vec((any::<prop::sample::Index>(), 1usize..5), 0..4),
    ) {
        const PACKET: usize = 188;
        let bytes = make(&Made::default());
        let packets = bytes.len() / PACKET;
        let mut touched = vec![false; packets];
        let mut damaged = bytes.clone();
        for (at, value) in edits {
            let at = at.index(bytes.len());
            damaged[at] = value;
            touched[at / PACKET] = true;
        }
        // Lost transport packets.
        let mut lost = Vec::new();
        for (at, count) in holes {
            let at = at.index(packets);
            touched[at..(at + count).min(packets)].fill(true);
            lost.extend(at..(at + count).min(packets));
        }
        let kept: Vec<u8> = damaged
            .chunks(PACKET)
            .enumerate()
            .filter(|(n, _)| !lost.contains(n))
            .flat_map(|(_, packet)| packet.to_vec())
            .collect();
        let (_dir, path) = file_of(&kept);
        // Metadata whose packets, and those around them, were not touched.
        let klv_pid = |p: &[u8]| (u16::from(p[1] & 0x1F) << 8 | u16::from(p[2])) == 0x101;
        let intact = (0..packets)
            .filter(|&n| klv_pid(&bytes[n * PACKET..]))
            .filter(|&n| (n.saturating_sub(8)..(n + 9).min(packets)).all(|m| !touched[m]))
            .count();
        let Ok(mut fmv) = atalaya_feeds::Fmv::file(&path, FmvOptions::default()) else {
            return Ok(());
        };
        let (mut metadata, mut frames) = (0, 0);
        while let Ok(Some(unit)) = fmv.next_unit() {
            match unit {
                Unit::Metadata(_) => metadata += 1,
                Unit::Frame(_) => frames += 1,
                _ => {}
            }
        }
        prop_assert!(metadata >= intact, "{metadata} of {intact}");
        prop_assert!(frames <= 31);
    }

    #[test]
    fn arbitrary_bytes_do_not_panic_the_recorder(
        bytes in prop::collection::vec(prop_oneof![Just(0x47u8), Just(0u8), any::<u8>()], 0..3000),
        size in 1usize..700,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut recorder = Recorder::new(dir.path(), "eo").unwrap();
        for piece in bytes.chunks(size) {
            recorder.push(piece).unwrap();
        }
        recorder.finish().unwrap();
        for closed in recorder.take_closed() {
            prop_assert_eq!(closed.bytes % 188, 0);
        }
    }
}

#[test]
fn a_lost_packet_spoils_pictures_to_the_next_key_frame_and_no_metadata() {
    const PACKET: usize = 188;
    let bytes = make(&Made::default());
    let pid = |p: &[u8]| u16::from(p[1] & 0x1F) << 8 | u16::from(p[2]);
    // The middle of the 14th picture: the second of three groups of ten.
    let starts: Vec<usize> = (0..bytes.len() / PACKET)
        .filter(|n| pid(&bytes[n * PACKET..]) == 0x100 && bytes[n * PACKET + 1] & 0x40 != 0)
        .collect();
    assert_eq!(starts.len(), 30);
    let lost = starts[13]..starts[14];
    let lost = lost
        .clone()
        .rfind(|n| pid(&bytes[n * PACKET..]) == 0x100)
        .unwrap();
    let mut kept = bytes.clone();
    kept.drain(lost * PACKET..(lost + 1) * PACKET);
    let seen = read_bytes(&kept, FmvOptions::default());
    let damaged: Vec<usize> = seen
        .frames
        .iter()
        .filter(|f| f.frame.damaged)
        .map(|f| ((f.frame.pts_90k.unwrap() - 90_000) / STEP) as usize)
        .collect();
    assert!(
        damaged.contains(&15) && damaged.contains(&19),
        "{damaged:?}"
    );
    // Pictures before it in time may refer to it.
    assert!(damaged.iter().all(|n| (10..20).contains(n)), "{damaged:?}");
    assert_eq!(seen.metadata.len(), 30);
}
