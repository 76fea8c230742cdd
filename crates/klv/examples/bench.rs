//! Measures the codec on a file of KLV: `bench FILE [SECONDS] [PID]`.
//!
//! Decode: the stream is cut into packets, every checksum verified, and every item and nested set
//! turned into engineering values, which are folded into the digest that `atalaya klv` prints for
//! the same file. Encode: the same packets written from their engineering values. Packets are in
//! memory; one thread.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for measuring"
)]

use std::time::Instant;

use atalaya_klv::st0601::SetBuilder;
use atalaya_klv::{Checksum, ElementId, Key, Packet, Step, Value, digest, scan};

/// What a packet says, ready to be written.
struct Plain {
    time: u64,
    items: Vec<(u32, Item)>,
    bytes: Vec<u8>,
}

enum Item {
    Number(f64),
    Unsigned(u64),
    Signed(i64),
    Text(String),
    Raw(Vec<u8>),
}

fn plain(packet: &Packet<'_>) -> Option<Plain> {
    if !packet.key.same(Key::ST0601) {
        return None;
    }
    let mut time = None;
    let mut items = Vec::new();
    for element in packet.elements() {
        let ElementId::Tag(tag) = element.id else {
            return None;
        };
        let item = match (tag, element.value) {
            (1, _) => continue,
            (2, Value::Unsigned(t)) => {
                time = Some(t);
                continue;
            }
            (_, Value::Number(x)) => Item::Number(x),
            (_, Value::Unsigned(n)) => Item::Unsigned(n),
            (_, Value::Signed(n)) => Item::Signed(n),
            (_, Value::Text(t)) => Item::Text(t.to_owned()),
            _ => Item::Raw(element.raw.to_vec()),
        };
        items.push((tag, item));
    }
    Some(Plain {
        time: time?,
        items,
        bytes: packet.bytes.to_vec(),
    })
}

fn encode(plain: &Plain, set: &mut SetBuilder, out: &mut Vec<u8>) {
    set.restart(plain.time);
    for (tag, item) in &plain.items {
        match item {
            Item::Number(x) => set.value(*tag, Value::Number(*x)),
            Item::Unsigned(n) => set.value(*tag, Value::Unsigned(*n)),
            Item::Signed(n) => set.value(*tag, Value::Signed(*n)),
            Item::Text(t) => set.value(*tag, Value::Text(t)),
            Item::Raw(raw) => Ok(set.bytes(*tag, raw)),
        }
        .expect("a value that was read can be written");
    }
    set.finish_into(out);
}

/// Runs passes for a while; how many there were for each second of the processor, and of the wall.
fn measure(seconds: f64, mut pass: impl FnMut()) -> (f64, f64) {
    let (mut passes, begun, before) = (0u32, Instant::now(), processor_s());
    while begun.elapsed().as_secs_f64() < seconds {
        pass();
        passes += 1;
    }
    let wall = begun.elapsed().as_secs_f64();
    let used = processor_s()
        .zip(before)
        .map_or(wall, |(now, before)| now - before);
    (f64::from(passes) / used, f64::from(passes) / wall)
}

/// Seconds that this thread has had a processor, where the system tells (Linux).
fn processor_s() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let ns: f64 = text.split(' ').next()?.parse().ok()?;
    Some(ns / 1e9)
}

/// Packets and digest of one pass.
fn decode(bytes: &[u8]) -> (u64, u64, u64) {
    let (mut packets, mut bad, mut sum) = (0, 0, 0u64);
    for step in scan(bytes) {
        if let Step::Packet(packet) = step {
            packets += 1;
            bad += u64::from(packet.checksum() == Checksum::Bad);
            sum = sum.wrapping_add(digest::packet(&packet));
        }
    }
    (packets, bad, sum)
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().expect("bench FILE [SECONDS]");
    let seconds: f64 = arguments.next().map_or(3.0, |s| s.parse().unwrap());
    let bytes = std::fs::read(&file).unwrap();
    let first = decode(&bytes);
    let (cpu, wall) = measure(seconds, || {
        assert_eq!(
            std::hint::black_box(decode(std::hint::black_box(&bytes))),
            first
        );
    });
    let (rate, wall) = (cpu * first.0 as f64, wall * first.0 as f64);
    println!(
        "decode: {rate:.0} packets/s of processor time, {:.1} MB/s; {wall:.0}/s by the wall ({} packets of {} bytes, {} bad; values {:016x})",
        rate * bytes.len() as f64 / first.0 as f64 / 1e6,
        first.0,
        bytes.len() as u64 / first.0.max(1),
        first.1,
        first.2
    );
    let packets: Vec<Plain> = scan(&bytes)
        .filter_map(|step| match step {
            Step::Packet(packet) => plain(&packet),
            Step::Skipped { .. } => None,
        })
        .collect();
    let (mut set, mut out) = (SetBuilder::new(0), Vec::new());
    let same = packets.iter().filter(|p| {
        out.clear();
        encode(p, &mut set, &mut out);
        out == p.bytes
    });
    let same = same.count();
    let (cpu, wall) = measure(seconds, || {
        out.clear();
        for packet in &packets {
            encode(std::hint::black_box(packet), &mut set, &mut out);
        }
        std::hint::black_box(&out);
    });
    let (rate, wall) = (cpu * packets.len() as f64, wall * packets.len() as f64);
    println!(
        "encode: {rate:.0} packets/s of processor time; {wall:.0}/s by the wall ({same} of {} with the bytes that were read)",
        packets.len()
    );
}
