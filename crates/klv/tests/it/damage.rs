use atalaya_klv::rewrite::{self, Edit};
use atalaya_klv::{Key, Metadata, Scanner, Standard, Step, Value, json, scan};
use proptest::prelude::*;

use crate::support::*;

/// Packets of both standards one after another, with their ranges.
fn stream(count: u32) -> (Vec<u8>, Vec<std::ops::Range<usize>>) {
    let mut bytes = Vec::new();
    let mut ranges = Vec::new();
    for n in 0..count {
        let start = bytes.len();
        bytes.extend(if n % 3 == 1 {
            universal(n)
        } else {
            packet(u64::from(n))
        });
        ranges.push(start..bytes.len());
    }
    (bytes, ranges)
}

/// Everything that scanning in chunks gives: packets and skipped bytes.
fn scanned(bytes: &[u8], chunk: usize) -> (Vec<Vec<u8>>, usize) {
    let mut scanner = Scanner::new();
    let (mut packets, mut skipped) = (Vec::new(), 0);
    let mut take = |scanner: &mut Scanner| {
        while let Some(step) = scanner.next_step() {
            match step {
                Step::Packet(packet) => {
                    json::record(&packet, json::Context::default());
                    let _ = Metadata::of(&packet);
                    packets.push(packet.bytes.to_vec());
                }
                Step::Skipped { length, .. } => skipped += length,
            }
        }
    };
    for chunk in bytes.chunks(chunk) {
        scanner.push(chunk);
        take(&mut scanner);
    }
    scanner.finish();
    take(&mut scanner);
    (packets, skipped)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_damaged_stream_keeps_every_packet_that_was_not_touched(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        removed in 0usize..300,
        chunk in 1usize..500,
    ) {
        let (whole, ranges) = stream(12);
        let mut bytes = whole.clone();
        let mut touched: Vec<usize> = Vec::new();
        for (index, value) in &edits {
            let at = index.index(bytes.len());
            bytes[at] = *value;
            touched.push(at);
        }
        // And a hole, as lost transport packets leave it.
        let hole = cut.index(bytes.len());
        let hole = hole..(hole + removed).min(bytes.len());
        bytes.drain(hole.clone());
        let (packets, skipped) = scanned(&bytes, chunk);
        for range in ranges {
            let intact = touched.iter().all(|at| !range.contains(at))
                && (hole.is_empty() || range.end <= hole.start || range.start >= hole.end);
            if intact {
                let packet = &whole[range.clone()];
                prop_assert!(packets.iter().any(|p| p == packet), "lost {range:?}");
            }
        }
        let kept: usize = packets.iter().map(Vec::len).sum();
        prop_assert_eq!(kept + skipped, bytes.len());
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..2000),
        labels in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4), 0..4),
        chunk in 1usize..700,
    ) {
        for (at, which) in labels {
            let label = [universal(0), packet(0), universal(1), packet(1)][which][..18].to_vec();
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, label);
        }
        let (packets, skipped) = scanned(&bytes, chunk);
        let kept: usize = packets.iter().map(Vec::len).sum();
        prop_assert_eq!(kept + skipped, bytes.len());
        for step in scan(&bytes) {
            if let Step::Packet(packet) = step {
                json::record(&packet, json::Context { raw: true, ..Default::default() });
            }
        }
    }
}

#[test]
fn a_length_that_reaches_over_the_next_packets_loses_only_its_own() {
    let (whole, ranges) = stream(6);
    for (n, range) in ranges.iter().enumerate().take(5) {
        let mut bytes = whole.clone();
        // The low byte of the length of packet n.
        let low = range.start + if n % 3 == 1 { 18 } else { 17 };
        for length in [0, 5, 0x7F, 0xFF] {
            bytes[low] = length;
            if bytes[low] == whole[low] {
                continue;
            }
            let (packets, _) = scanned(&bytes, 64);
            for (other, range) in ranges.iter().enumerate() {
                let there = packets.iter().any(|p| p == &whole[range.clone()]);
                assert_eq!(
                    there,
                    other != n,
                    "packet {other} with length {length} in {n}"
                );
            }
        }
    }
}

#[test]
fn a_scanner_says_where_the_next_byte_will_stand() {
    let (bytes, ranges) = stream(3);
    let mut scanner = Scanner::new();
    scanner.push(&bytes[..ranges[1].end + 5]);
    assert_eq!(scanner.end_offset(), ranges[1].end as u64 + 5);
    while scanner.next_step().is_some() {}
    assert_eq!(scanner.end_offset(), ranges[1].end as u64 + 5);
    scanner.push(&bytes[ranges[1].end + 5..]);
    assert_eq!(scanner.end_offset(), bytes.len() as u64);
    let Some(Step::Packet(packet)) = scanner.next_step() else {
        panic!("no packet");
    };
    assert_eq!(packet.offset, ranges[2].start as u64);
    assert!(Metadata::of(&packet).has_position());
}

#[test]
fn a_long_packet_in_small_pieces_is_not_searched_from_its_beginning_each_time() {
    let mut set = atalaya_klv::st0601::SetBuilder::new(1);
    set.bytes(200, &vec![0x2B; 200_000]);
    let long = set.finish();
    let mut bytes = long.clone();
    bytes.extend(packet(1));
    // A length that reaches over the packet behind it, which must not be lost for that.
    let mut far = long;
    far[17..20].copy_from_slice(&[3, 0xFF, 0xFF]);
    bytes.extend(far);
    bytes.extend(packet(2));
    let (packets, _) = scanned(&bytes, 188);
    assert_eq!(packets.len(), 3);
    assert_eq!(packets[2], packet(2));
}

/// The time of EG 0104 as an item that stands by itself.
fn single(time_us: u64) -> Vec<u8> {
    let mut item = Key::of(0x060E_2B34_0101_0103_0702_0101_0105_0000)
        .0
        .to_vec();
    item.push(8);
    item.extend(time_us.to_be_bytes());
    item
}

#[test]
fn an_item_outside_of_sets_is_a_packet_behind_a_packet_and_nowhere_else() {
    let (before, set, item) = (single(7), universal(3), single(1_700_000_000_000_000));
    let bytes = [&before[..], &set, &item, &item, &set].concat();
    for chunk in [1, 5, 16, 17, 24, 25, 26, 1000] {
        let (packets, skipped) = scanned(&bytes, chunk);
        assert_eq!((packets.len(), skipped), (5, 0), "{chunk}");
        assert_eq!((&packets[0], &packets[3]), (&before, &item));
    }
    let Some(Step::Packet(packet)) = scan(&bytes).nth(2) else {
        panic!("no item")
    };
    assert_eq!(packet.standard(), Standard::Item);
    assert_eq!((packet.head(), packet.value()), (&[][..], &item[..]));
    let offset = (before.len() + set.len()) as u64;
    let record = json::record(&packet, json::Context::default());
    let wanted = format!(
        "\"offset\":{offset},\"pid\":null,\"standard\":\"item\",\"version\":null,\"pts\":null,\"time\":\"2023-11-14T22:13:20.000000Z\""
    );
    assert!(record.contains(&wanted), "{record}");
    assert!(
        record.contains("\"2\":{\"name\":\"Precision Time Stamp\""),
        "{record}"
    );
    assert_eq!(rewrite::write_back(&packet).bytes, item);
    let changed = rewrite::rewrite(&packet, &mut |_, _| Edit::Value(Value::Unsigned(5)));
    assert_eq!(changed.bytes, single(5));
    // It says too little for a state of the camera.
    assert_eq!(Metadata::of(&packet), Metadata::default());

    // Behind junk an item may be one of a set whose beginning was lost.
    let bytes = [&b"junk"[..], &item, &item, &set, &item].concat();
    for chunk in [1, 4, 20, 29, 54, 1000] {
        let (packets, skipped) = scanned(&bytes, chunk);
        assert_eq!((packets.len(), skipped), (2, 4 + 2 * item.len()), "{chunk}");
    }
    // A length that reaches over what follows ends at the next set; one that is none likewise.
    let mut long = item.clone();
    for length in [40, 0x88] {
        long[16] = length;
        let (packets, skipped) = scanned(&[&long[..], &set].concat(), 30);
        assert_eq!(
            (packets, skipped),
            (vec![set.clone()], item.len()),
            "{length}"
        );
    }
}
