//! However hostile the input, no more memory is taken than sixteen times its length. In a binary of
//! its own: the allocator counts for all threads.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail loudly")]

#[path = "it/generate.rs"]
#[allow(dead_code)]
mod generate;

use atalaya_klv::{Key, Packet, Scanner, Step, ber, check::Check, digest, fault, json, rewrite};
use atalaya_klv::{Metadata, scan};
use generate::{Dice, nested, stream};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Memory taken at most while `work` runs, beyond what was taken before.
fn peak(work: impl FnOnce()) -> usize {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    work();
    ALLOCATOR.peak_usage().saturating_sub(before)
}

/// A packet of so many bytes of items.
fn packet(key: Key, value: &[u8]) -> Vec<u8> {
    let mut out = key.0.to_vec();
    ber::write_length(value.len(), &mut out);
    out.extend_from_slice(value);
    out
}

/// Inputs that are cheap to send and dear to read.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    const SIZE: usize = 200_000;
    let repeat = |piece: &[u8]| piece.repeat(SIZE / piece.len());
    let st0601 = |piece: &[u8]| packet(Key::ST0601, &repeat(piece));
    let many_tags: Vec<u8> = (0..60_000u32)
        .flat_map(|n| {
            [
                0x81 + (n >> 14) as u8,
                0x80 | (n >> 7) as u8,
                (n & 0x7F) as u8,
                0,
            ]
        })
        .collect();
    let labels: Vec<u8> = (0..10_000u128)
        .flat_map(|n| {
            let label = 0x060E_2B34_0101_0101_0F00_0000_0000_0000 | n;
            [&label.to_be_bytes()[..], &[0]].concat()
        })
        .collect();
    let mut targets = vec![];
    for _ in 0..50_000 {
        targets.extend([2, 1, 9]);
    }
    let mut series = vec![101];
    ber::write_length(targets.len(), &mut series);
    series.extend(&targets);
    let mut vmti = vec![74];
    ber::write_length(series.len(), &mut vmti);
    vmti.extend(&series);
    vec![
        ("empty items", st0601(&[5, 0])),
        ("malformed items", st0601(&[13, 1, 7])),
        (
            "private items of many names",
            packet(Key::ST0601, &many_tags),
        ),
        ("labels of many names", packet(Key::EG0104, &labels)),
        ("labels of packets", repeat(&Key::ST0601.0)),
        ("targets", packet(Key::ST0601, &vmti)),
        ("commands", st0601(&[115, 2, 1, 0])),
        ("sets in sets", nested(8000)),
        (
            "lengths that reach far",
            repeat(&[&Key::ST0601.0[..], &[0x83, 3, 0, 0]].concat()),
        ),
        ("numbers of a bit", st0601(&[98, 6, 4, 4, 1, 32, 1, 3])),
        ("nothing", vec![0; SIZE]),
    ]
}

fn each(bytes: &[u8], mut with: impl FnMut(&Packet<'_>)) {
    for step in scan(bytes) {
        if let Step::Packet(packet) = step {
            with(&packet);
        }
    }
}

#[test]
fn memory_stays_within_sixteen_times_the_input() {
    let mut dice = Dice(4);
    let mut inputs = hostile();
    let mut damaged = Vec::new();
    while damaged.len() < 100_000 {
        damaged.extend(stream(&mut dice));
    }
    inputs.push(("damaged streams", damaged));
    for (name, bytes) in &inputs {
        // What does not depend on the input: tables of the sets that are walked, buffers.
        let most = 16 * bytes.len() + 65_536;
        let within = |what: &str, taken: usize| {
            assert!(
                taken <= most,
                "{name}: {what} took {taken} bytes for {}",
                bytes.len()
            );
            let times = taken as f64 / bytes.len() as f64;
            println!("{name}: {what} {times:.2} times");
        };
        within("digest", peak(|| each(bytes, |p| _ = digest::packet(p))));
        within("typed", peak(|| each(bytes, |p| _ = Metadata::of(p))));
        within(
            "faults",
            peak(|| each(bytes, |p| fault::for_each(p, &mut |_| {}))),
        );
        within("back", peak(|| each(bytes, |p| _ = rewrite::write_back(p))));
        within(
            "record",
            peak(|| {
                each(bytes, |p| {
                    json::write_record(p, json::Context::default(), &mut std::io::sink()).unwrap();
                });
            }),
        );
        within(
            "check",
            peak(|| {
                let mut check = Check::new();
                each(bytes, |p| check.packet(p, None));
            }),
        );
        within(
            "scanner",
            peak(|| {
                let mut scanner = Scanner::new();
                for piece in bytes.chunks(1316) {
                    scanner.push(piece);
                    while scanner.next_step().is_some() {}
                }
                scanner.finish();
                while scanner.next_step().is_some() {}
            }),
        );
    }
}
