//! Several programmes in one stream: one is read, by number or because it has metadata.

use atalaya_feeds::{Fmv, FmvOptions};

use crate::support::*;

const PACKET: usize = 188;

/// CRC of programme tables (ISO/IEC 13818-1, annex A).
fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = if crc >> 31 == 1 {
                crc << 1 ^ 0x04C1_1DB7
            } else {
                crc << 1
            };
        }
    }
    crc.to_be_bytes()
}

/// A table as one transport packet.
fn table(pid: u16, section: &[u8]) -> Vec<u8> {
    let mut whole = section.to_vec();
    let length = (whole.len() - 3 + 4) as u16;
    whole[1] = 0xB0 | (length >> 8) as u8;
    whole[2] = length as u8;
    whole.extend(crc(&whole));
    let mut packet = vec![0x47, 0x40 | (pid >> 8) as u8, pid as u8, 0x10, 0];
    packet.extend(whole);
    packet.resize(PACKET, 0xFF);
    packet
}

/// The streams of a programme with other identifiers: tables are left out.
fn moved(bytes: &[u8], by: u16) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for packet in bytes.chunks(PACKET) {
        let pid = u16::from(packet[1] & 0x1F) << 8 | u16::from(packet[2]);
        if (0x100..0x110).contains(&pid) {
            let mut packet = packet.to_vec();
            let pid = pid + by;
            packet[1] = packet[1] & 0xE0 | (pid >> 8) as u8;
            packet[2] = pid as u8;
            out.push(packet);
        }
    }
    out
}

/// Programme 1: twenty pictures without metadata. Programme 2: thirty, with metadata.
fn two() -> Vec<u8> {
    let plain = make(&Made {
        frames: 20,
        klv: None,
        ..Made::default()
    });
    let (plain, full) = (moved(&plain, 0), moved(&make(&Made::default()), 0x100));
    let association = [
        0, 0, 0, 0, 1, 0xC1, 0, 0, 0, 1, 0xF0, 0x00, 0, 2, 0xF0, 0x01,
    ];
    let first = [
        2, 0, 0, 0, 1, 0xC1, 0, 0, 0xE1, 0x00, 0xF0, 0, 0x1B, 0xE1, 0x00, 0xF0, 0,
    ];
    // Metadata of stream type 0x15.
    let second = [
        2, 0, 0, 0, 2, 0xC1, 0, 0, 0xE2, 0x00, 0xF0, 0, 0x1B, 0xE2, 0x00, 0xF0, 0, 0x15, 0xE2,
        0x01, 0xF0, 0,
    ];
    let mut out = table(0, &association);
    out.extend(table(0x1000, &first));
    out.extend(table(0x1001, &second));
    let longest = plain.len().max(full.len());
    for n in 0..longest {
        out.extend(plain.get(n).into_iter().chain(full.get(n)).flatten());
    }
    out
}

fn frames_of(program: Option<u16>) -> Sorted {
    let (_dir, path) = file_of(&two());
    let options = FmvOptions {
        program,
        ..FmvOptions::default()
    };
    read(Fmv::file(&path, options).unwrap())
}

#[test]
fn the_programme_with_metadata_is_read_unless_another_is_asked_for() {
    let seen = frames_of(None);
    assert_eq!((seen.frames.len(), seen.metadata.len()), (30, 30));
    let seen = frames_of(Some(1));
    assert_eq!((seen.frames.len(), seen.metadata.len()), (20, 0));
    let seen = frames_of(Some(2));
    assert_eq!((seen.frames.len(), seen.metadata.len()), (30, 30));
    let seen = frames_of(Some(7));
    assert!(seen.frames.is_empty());
    assert!(
        seen.faults[0].contains("no programme 7") && seen.faults[0].contains("1, 2"),
        "{:?}",
        seen.faults
    );
}
