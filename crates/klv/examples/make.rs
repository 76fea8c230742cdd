//! Writes a file of ST 0601 packets, every other one with moving targets, every fourth with old items
//! only: `make FILE [PACKETS]`.
//! Other readers are compared with ours on it.
#![allow(clippy::unwrap_used, reason = "a tool for measuring")]

use atalaya_klv::st0601::SetBuilder;
use atalaya_klv::{st0102, st0903};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap();
    let packets: u64 = arguments.next().map_or(200, |n| n.parse().unwrap());
    let mut out = Vec::new();
    for n in 0..packets {
        let t = n as f64 / 10.0;
        let time = 1_779_000_000_000_000 + n * 100_000;
        let mut set = SetBuilder::new(time);
        set.text(3, "ORDER 17").unwrap().text(4, "EC-XYZ").unwrap();
        set.text(10, "Fixed wing").unwrap().text(11, "EO").unwrap();
        set.text(12, "Geodetic WGS84").unwrap();
        for (tag, value) in [
            (5, (t * 7.0) % 360.0),
            (6, 2.0 * t.sin()),
            (7, 20.0 * (t / 3.0).cos()),
            (13, 39.95 + t * 1e-4),
            (14, -3.2 - t * 2e-4),
            (15, 1500.0 + t),
            (16, 12.5),
            (17, 7.1),
            (18, (t * 11.0) % 360.0),
            (19, -35.0 - t.sin()),
            (20, 0.25),
            (21, 2500.0 + t),
            (22, 550.0),
            (23, 39.96),
            (24, -3.19),
            (25, 640.0),
            (40, 39.961),
            (41, -3.191),
            (42, 641.0),
            (75, 1550.0 + t),
            (78, 690.0),
            (82, 39.97),
            (83, -3.2),
            (90, 2.0 * t.sin()),
            (91, 20.0 * (t / 3.0).cos()),
            (96, 551.5),
            (104, 1550.25 + t),
            (112, (t * 7.0) % 360.0),
        ] {
            // Every fourth packet as revisions of before 2009 knew it.
            if tag < 48 || n % 4 != 2 {
                set.number(tag, value).unwrap();
            }
        }
        let marking = st0102::Marking {
            classification: 1,
            country: "ES",
            object_country: "ES",
            caveats: "FOUO",
        };
        set.bytes(48, &marking.local_set());
        set.unsigned(65, 19).unwrap();
        if n % 2 == 1 {
            let targets: Vec<_> = (1..=n % 7)
                .map(|id| st0903::Target {
                    id: 100 * id + 7,
                    centroid: Some(1920 * (100 + id) + 3 * n),
                    bounding_box: Some((1920 * 90 + id, 1920 * 110 + id + 30)),
                    confidence: Some(50 + id),
                    offset_rad: Some((1e-5 * id as f64, -2e-5 * id as f64)),
                    height_m: Some(640.0 + id as f64),
                    ..st0903::Target::default()
                })
                .collect();
            let frame = st0903::Frame {
                time_us: Some(time),
                system: Some("Atalaya"),
                version: Some(6),
                detected: Some(targets.len() as u64),
                width_px: Some(1920),
                height_px: Some(1080),
                ..st0903::Frame::default()
            };
            set.bytes(74, &st0903::write(&frame, &targets).unwrap());
        }
        set.finish_into(&mut out);
    }
    std::fs::write(file, out).unwrap();
}
