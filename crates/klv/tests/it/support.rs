//! Packets to test with.

use atalaya_klv::st0102::Marking;
use atalaya_klv::{Key, Packet, Step, scan, st0601::SetBuilder};

/// Nobody's marking.
pub const MARKING: Marking<'_> = Marking {
    classification: 1,
    country: "US",
    object_country: "US",
    caveats: "FOUO",
};

/// A packet of a typical aircraft.
pub fn packet(n: u64) -> Vec<u8> {
    let mut set = SetBuilder::new(1_700_000_000_000_000 + n * 33_333);
    set.text(3, "PATROL 7").unwrap();
    set.text(10, "MQ-0").unwrap();
    set.bytes(48, &MARKING.local_set());
    for (tag, value) in [
        (5, 10.0 + n as f64 % 300.0),
        (6, -2.5),
        (7, 11.25),
        (13, 40.4),
        (14, -3.7),
        (15, 1200.0),
        (16, 12.0),
        (17, 7.0),
        (18, 270.0),
        (19, -35.0),
        (20, 0.5),
        (21, 2500.0),
        (23, 40.41),
        (24, -3.71),
        (25, 640.0),
        (26, 0.001),
        (27, -0.001),
        (28, 0.001),
        (29, 0.001),
        (30, -0.001),
        (31, 0.001),
        (32, -0.001),
        (33, -0.001),
    ] {
        set.number(tag, value).unwrap();
    }
    set.unsigned(65, 19).unwrap();
    set.finish()
}

/// An EG 0104 packet with a position and its number as platform heading.
pub fn universal(n: u32) -> Vec<u8> {
    let mut value = Vec::new();
    let mut item = |label: u128, bytes: &[u8]| {
        value.extend_from_slice(&label.to_be_bytes());
        value.push(bytes.len() as u8);
        value.extend_from_slice(bytes);
    };
    item(
        0x060E_2B34_0101_0103_0702_0101_0105_0000,
        &1_221_665_012_027_000u64.to_be_bytes(),
    );
    item(
        0x060E_2B34_0101_0103_0701_0201_0204_0200,
        &38.15993f64.to_be_bytes(),
    );
    item(
        0x060E_2B34_0101_0103_0701_0201_0206_0200,
        &(-77.356214f64).to_be_bytes(),
    );
    item(
        0x060E_2B34_0101_0101_0701_0201_0202_0000,
        &1984.6f32.to_be_bytes(),
    );
    item(
        0x060E_2B34_0101_0107_0701_1001_0600_0000,
        &(n as f32).to_be_bytes(),
    );
    let mut marking = Vec::new();
    for (label, text) in [
        (
            0x060E_2B34_0101_0103_0208_0201_0000_0000u128,
            "UNCLASSIFIED//",
        ),
        (0x060E_2B34_0101_0103_0701_2001_0208_0000, "//US"),
    ] {
        marking.extend_from_slice(&label.to_be_bytes());
        marking.push(text.len() as u8);
        marking.extend_from_slice(text.as_bytes());
    }
    item(0x060E_2B34_0201_0101_0208_0200_0000_0000, &marking);
    item(
        0x060E_2B34_0101_0101_0701_1001_0200_0000,
        &(-1.5f32).to_be_bytes(),
    );
    let mut packet = Key::EG0104.0.to_vec();
    packet.extend_from_slice(&[0x82, (value.len() >> 8) as u8, value.len() as u8]);
    packet.extend_from_slice(&value);
    packet
}

pub fn only(bytes: &[u8]) -> Packet<'_> {
    let steps: Vec<_> = scan(bytes).collect();
    match steps[..] {
        [Step::Packet(packet)] => packet,
        _ => panic!("{steps:?}"),
    }
}
