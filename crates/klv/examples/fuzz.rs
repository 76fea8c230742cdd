//! Runs damaged streams through the codec for as long as is asked: `fuzz [MILLIONS] [SEED]`.
//!
//! Streams are made by the tables and damaged as links and bad encoders do it; the promises that are
//! kept for each stand in `exercise`. A panic or a hang ends it with the seed of the stream. It
//! prints inputs, bytes and time.
#![allow(clippy::unwrap_used, reason = "a failure is what is looked for")]

#[path = "../tests/it/generate.rs"]
#[allow(dead_code)]
mod generate;

use std::time::Instant;

use atalaya_klv::check::Check;
use atalaya_klv::{Checksum, Metadata, State, Step, Value};
use atalaya_klv::{digest, fault, json, rewrite, scan, sei, st0903};
use generate::{Dice, stream};

/// Everything that can be done with a stream.
fn exercise(bytes: &[u8], check: &mut Check) -> u64 {
    let (mut kept, mut packets) = (0, 0);
    for step in scan(bytes) {
        let packet = match step {
            Step::Packet(packet) => packet,
            Step::Skipped { offset, length } => {
                check.skipped(offset, length);
                kept += length;
                continue;
            }
        };
        packets += 1;
        kept += packet.bytes.len();
        assert!(
            rewrite::write_back(&packet).bytes == packet.bytes,
            "written back with other bytes"
        );
        for element in packet.elements() {
            let valued = !matches!(element.value, Value::None);
            assert!(valued == (element.state == State::Ok), "{element:?}");
        }
        let mut faults = 0u64;
        fault::for_each(&packet, &mut |_| faults += 1);
        assert!(packet.checksum() != Checksum::Bad || faults > 0);
        check.packet(&packet, None);
        digest::packet(&packet);
        let _ = Metadata::of(&packet);
        if let Some(vmti) = st0903::of(&packet) {
            assert!(st0903::targets(vmti).count() <= packet.bytes.len());
        }
        json::write_record(&packet, json::Context::default(), &mut std::io::sink()).unwrap();
    }
    assert!(kept == bytes.len(), "bytes went missing");
    for codec in [
        sei::VideoCodec::H262,
        sei::VideoCodec::H264,
        sei::VideoCodec::H265,
    ] {
        sei::time_stamp(codec, bytes);
    }
    packets
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse::<u64>().unwrap());
    let inputs = arguments.next().unwrap_or(50) * 1_000_000;
    let seed = arguments.next().unwrap_or(20_260_517);
    let begun = Instant::now();
    let mut check = Check::new();
    let (mut bytes, mut packets, mut slowest) = (0u64, 0u64, (0.0, 0));
    for n in 0..inputs {
        // Every stream has a seed of its own, so that one can be run again alone.
        let own = seed.wrapping_mul(1_000_003).wrapping_add(n);
        let input = stream(&mut Dice(own));
        let start = Instant::now();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            packets += exercise(&input, &mut check);
        }));
        let took = start.elapsed().as_secs_f64();
        if took > slowest.0 {
            slowest = (took, own);
        }
        if result.is_err() {
            eprintln!("stream of seed {own} failed: {input:02x?}");
            std::process::exit(1);
        }
        bytes += input.len() as u64;
        if (n + 1) % 1_000_000 == 0 {
            let seconds = begun.elapsed().as_secs_f64();
            eprintln!(
                "{} million inputs, {bytes} bytes, {packets} packets, {seconds:.0} s",
                (n + 1) / 1_000_000
            );
        }
        if n % 1000 == 999 {
            check = Check::new();
        }
    }
    println!(
        "{inputs} inputs ({bytes} bytes, {packets} packets) without a panic or a hang in {:.0} s; the slowest took {:.1} ms (seed {})",
        begun.elapsed().as_secs_f64(),
        slowest.0 * 1e3,
        slowest.1
    );
}
