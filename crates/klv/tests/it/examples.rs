//! Examples that MISB ST 0601 prints beside its items.

use atalaya_klv::form::Checked;
use atalaya_klv::st0601::{SetBuilder, table};
use atalaya_klv::{ElementId, State};

use crate::support::only;

/// Tag, bytes, value, and how many digits the standard prints.
#[rustfmt::skip]
const EXAMPLES: &[(u32, &[u8], f64, f64)] = &[
    (5, &[0x71, 0xC2], 159.9744, 1e-4),
    (6, &[0xFD, 0x3D], -0.431_531_7, 1e-6),
    (7, &[0x08, 0xB8], 3.405814, 1e-4),
    (13, &[0x55, 0x95, 0xB6, 0x6D], 60.176_822_966_978, 1e-9),
    (14, &[0x5B, 0x53, 0x60, 0xC4], 128.426_759_042_045, 1e-9),
    (15, &[0xC2, 0x21], 14_190.72, 1e-2),
    (16, &[0xCD, 0x9C], 144.571_3, 1e-4),
    (17, &[0xD9, 0x17], 152.643_6, 1e-4),
    (18, &[0x72, 0x4A, 0x0A, 0x20], 160.719_211_474_397, 1e-7),
    (19, &[0x87, 0xF8, 0x4B, 0x86], -168.792_324_833_941, 1e-7),
    (20, &[0x7D, 0xC5, 0x5E, 0xCE], 176.865_437_690_572, 1e-7),
    (21, &[0x03, 0x83, 0x09, 0x26], 68_590.983, 1e-3),
    (22, &[0x12, 0x81], 722.819_9, 1e-3),
    (23, &[0xF1, 0x01, 0xA2, 0x29], -10.542_388_633_146, 1e-9),
    (24, &[0x14, 0xBC, 0x08, 0x2B], 29.157_890_122_923, 1e-9),
    (25, &[0x34, 0xF3], 3_216.037, 1e-2),
    (26, &[0xC0, 0x6E], -0.037_250_55, 2e-6),
    (35, &[0xA7, 0xC4], 235.924, 1e-3),
    (36, &[0xB2], 69.803_92, 1e-5),
    (37, &[0xBE, 0xBA], 3_725.185, 1e-3),
    (38, &[0xCA, 0x35], 14_818.68, 1e-2),
    (39, &[0x54], 84.0, 0.0),
    (40, &[0x8F, 0x69, 0x52, 0x62], -79.163_850_051_89, 1e-9),
    (41, &[0x76, 0x54, 0x57, 0xF2], 166.400_812_960_416, 1e-9),
    (42, &[0xF8, 0x23], 18_389.05, 1e-2),
    (43, &[0x03], 6.0, 0.0),
    (44, &[0x0F], 30.0, 0.0),
    (45, &[0x1A, 0x95], 425.215_1, 1e-3),
    (46, &[0x26, 0x11], 608.923_1, 1e-3),
    (49, &[0x3D, 0x07], 1_191.958, 1e-2),
    (50, &[0xC8, 0x83], -8.670_308, 1e-5),
    (51, &[0xD3, 0xFE], -61.887_9, 1e-3),
    (52, &[0xDF, 0x79], -5.082_553, 1e-5),
    (53, &[0x6A, 0xF4], 2_088.96, 1e-2),
    (54, &[0x76, 0x70], 8_306.806, 1e-2),
    (55, &[0x81], 50.588_24, 1e-4),
    (57, &[0xB3, 0x8E, 0xAC, 0xF1], 3_506_979.0, 1.0),
    (58, &[0xA4, 0x5D], 6_420.539, 1e-2),
    (64, &[0xDD, 0xC5], 311.868_2, 1e-3),
    (67, &[0x85, 0xA1, 0x5A, 0x39], -86.041_207_348_947, 1e-9),
    (68, &[0x00, 0x1C, 0x50, 0x1C], 0.155_527_554_525, 1e-9),
    (69, &[0x0B, 0xB3], 9.445_334, 1e-3),
    (71, &[0x17, 0x2F], 32.602_42, 1e-4),
    (75, &[0xC2, 0x21], 14_190.72, 1e-2),
    (78, &[0x0B, 0xB3], 9.445_334, 1e-3),
    (79, &[0x09, 0xFB], 25.497_756, 1e-4),
    (80, &[0x04, 0xBC], 12.1, 1e-1),
    (90, &[0xFF, 0x62, 0xE2, 0xF2], -0.431_525_1, 1e-6),
    (91, &[0x04, 0xD8, 0x04, 0xDF], 3.405_814, 1e-5),
    (92, &[0xF3, 0xAB, 0x48, 0xEF], -8.670_177, 1e-5),
    (93, &[0xDE, 0x17, 0x93, 0x23], -47.683, 1e-3),
    (96, &[0x00, 0xD9, 0x2A], 13_898.5, 1e-1),
    (103, &[0x2F, 0x92, 0x1E], 23_456.24, 1e-2),
    (112, &[0x1F, 0x40], 125.0, 1e-9),
];

#[test]
fn bytes_give_the_value_and_the_value_the_bytes() {
    for (tag, raw, value, digits) in EXAMPLES {
        let mut set = SetBuilder::new(1);
        set.bytes(*tag, raw);
        let bytes = set.finish();
        let element = only(&bytes).elements().nth(1).unwrap();
        assert_eq!(
            (element.id, element.state),
            (ElementId::Tag(*tag), State::Ok)
        );
        let got = element.value.number().unwrap();
        assert!((got - value).abs() <= *digits, "{tag}: {got}");
        set.restart(1).number(*tag, got).unwrap();
        assert_eq!(set.finish(), bytes, "{tag}");
    }
}

#[test]
fn the_table_says_which_lines_have_an_example() {
    for tag in 1..=143 {
        let line = table::lookup(tag).unwrap();
        let example = EXAMPLES.iter().any(|(t, ..)| *t == tag);
        assert_eq!(line.checked == Checked::Example, example, "{tag}");
    }
}
