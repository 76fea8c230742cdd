//! Beast: binary frames of receivers, with the extended squitters of Mode S in them (RTCA DO-260B,
//! ICAO Doc 9871): callsign, airborne position, airborne velocity.
//!
//! A frame is `0x1a`, a kind, six bytes of a 12 MHz counter, a byte of signal strength and the message;
//! `0x1a` within is doubled. The counter knows no date: it counts from the moment that is given.

use super::AirReport;
use super::read::{FOOT_M, KNOT_M_S};
use atalaya_model::Micros;
use std::collections::BTreeMap;
use std::f64::consts::TAU;

const ESCAPE: u8 = 0x1a;
/// Ticks of the counter in a microsecond.
const TICKS_PER_US: i64 = 12;
/// Even and odd place of a pair lie no further apart, microseconds.
const PAIR_US: i64 = 10_000_000;
/// Aircraft that are kept in mind.
const HELD: usize = 4096;

/// What frames of a recording came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Frames {
    pub reports: Vec<AirReport>,
    /// Whole messages that say something else than a place.
    pub placeless: u64,
    /// Frames cut short, of no known kind, or whose parity is wrong.
    pub malformed: u64,
}

/// Half of a place: 17 bits each of latitude and longitude, and when.
type Half = (f64, f64, i64);

#[derive(Clone, Debug, Default)]
struct Aircraft {
    callsign: Option<String>,
    velocity: Option<(f64, f64, Option<f64>)>,
    halves: [Option<Half>; 2],
}

/// Reads all frames; `start` is when the counter of the first stands.
pub(super) fn read(bytes: &[u8], start: Micros) -> Frames {
    let mut out = Frames::default();
    let mut aircraft: BTreeMap<u32, Aircraft> = BTreeMap::new();
    let mut first = None;
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == ESCAPE) {
        rest = &rest[at + 1..];
        let Some((kind, behind)) = rest.split_first() else {
            break;
        };
        let length = match kind {
            b'1' => 2,
            b'2' => 7,
            b'3' => 14,
            // A doubled escape of a frame whose beginning is not there, or another kind.
            _ => {
                out.malformed += 1;
                continue;
            }
        };
        let Some((frame, after)) = plain(behind, 7 + length) else {
            out.malformed += 1;
            rest = behind;
            continue;
        };
        rest = after;
        if length != 14 {
            out.placeless += 1;
            continue;
        }
        let ticks = frame[..6]
            .iter()
            .fold(0i64, |n, b| (n << 8) | i64::from(*b));
        let t = Micros(start.0 + (ticks - *first.get_or_insert(ticks)) / TICKS_PER_US);
        let message = &frame[7..];
        if parity(message) != 0 {
            out.malformed += 1;
            continue;
        }
        let address = bits(message, 8, 24);
        if message[0] >> 3 != 17 {
            out.placeless += 1;
            continue;
        }
        if aircraft.len() >= HELD && !aircraft.contains_key(&address) {
            aircraft.pop_first();
        }
        let a = aircraft.entry(address).or_default();
        match a.take(message, t) {
            Some((lat, lon, altitude_m)) => out.reports.push(AirReport {
                t,
                address: format!("{address:06x}"),
                callsign: a.callsign.clone(),
                lat,
                lon,
                altitude_m,
                speed_m_s: a.velocity.map(|v| v.0),
                course: a.velocity.map(|v| v.1),
                climb_m_s: a.velocity.and_then(|v| v.2),
            }),
            None => out.placeless += 1,
        }
    }
    out
}

/// So many bytes without the doubled escapes, and what is behind them; `None` when a frame begins before.
fn plain(mut bytes: &[u8], n: usize) -> Option<(Vec<u8>, &[u8])> {
    let mut out = Vec::with_capacity(n);
    while out.len() < n {
        let (b, rest) = bytes.split_first()?;
        bytes = rest;
        if *b == ESCAPE {
            bytes = bytes.strip_prefix(&[ESCAPE])?;
        }
        out.push(*b);
    }
    Some((out, bytes))
}

/// The remainder by the generator of Mode S; 0 for a message that is whole.
fn parity(message: &[u8]) -> u32 {
    let mut crc = 0u32;
    for b in message {
        crc ^= u32::from(*b) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x100_0000 != 0 {
                crc ^= 0x1ff_f409;
            }
        }
    }
    crc
}

/// `n` bits (at most 32) from bit `from`, the first is 0.
fn bits(message: &[u8], from: usize, n: usize) -> u32 {
    (from..from + n).fold(0, |v, i| {
        (v << 1) | u32::from(message[i / 8] >> (7 - i % 8) & 1)
    })
}

impl Aircraft {
    /// The next message; gives latitude, longitude and altitude where it makes a place known.
    fn take(&mut self, m: &[u8], t: Micros) -> Option<(f64, f64, Option<f64>)> {
        match bits(m, 32, 5) {
            1..=4 => self.callsign = callsign(m),
            9..=18 => return self.place(m, t),
            19 => self.velocity = velocity(m).or(self.velocity),
            _ => {}
        }
        None
    }

    fn place(&mut self, m: &[u8], t: Micros) -> Option<(f64, f64, Option<f64>)> {
        let odd = bits(m, 53, 1) as usize;
        let scale = f64::from(1 << 17);
        let half = |from: usize| f64::from(bits(m, from, 17)) / scale;
        self.halves[odd] = Some((half(54), half(71), t.0));
        let (even, other) = (self.halves[0]?, self.halves[1]?);
        if (even.2 - other.2).abs() > PAIR_US {
            return None;
        }
        let (lat, lon) = globally(even, other, odd == 1)?;
        Some((lat, lon, altitude(bits(m, 40, 12))))
    }
}

/// Compact position reporting, from an even and an odd half: the place of the newer one, degrees.
fn globally(even: Half, odd: Half, odd_is_newer: bool) -> Option<(f64, f64)> {
    let zone = (59.0 * even.0 - 60.0 * odd.0 + 0.5).floor();
    let south = |lat: f64| if lat >= 270.0 { lat - 360.0 } else { lat };
    let lat_even = south(6.0 * (zone.rem_euclid(60.0) + even.0));
    let lat_odd = south(360.0 / 59.0 * (zone.rem_euclid(59.0) + odd.0));
    let zones = longitude_zones(lat_even);
    // It has flown from one belt into the next between the two.
    if zones != longitude_zones(lat_odd) {
        return None;
    }
    let (lat, half) = if odd_is_newer {
        (lat_odd, odd.1)
    } else {
        (lat_even, even.1)
    };
    let n = (zones - f64::from(u8::from(odd_is_newer))).max(1.0);
    let m = (even.1 * (zones - 1.0) - odd.1 * zones + 0.5).floor();
    let lon = 360.0 / n * (m.rem_euclid(n) + half);
    let lon = if lon >= 180.0 { lon - 360.0 } else { lon };
    (-90.0..=90.0).contains(&lat).then_some((lat, lon))
}

/// Zones of longitude in the belt of a latitude (15 zones of latitude in a quadrant).
fn longitude_zones(lat: f64) -> f64 {
    let lat = lat.abs();
    if lat < 1e-9 {
        return 59.0;
    }
    if lat > 87.0 {
        return if lat >= 90.0 { 1.0 } else { 2.0 };
    }
    let a = 1.0 - (TAU / 60.0).cos();
    let b = lat.to_radians().cos().powi(2);
    (TAU / (1.0 - a / b).clamp(-1.0, 1.0).acos()).floor()
}

/// Altitude by pressure, metres, in steps of 25 feet; `None` in the older steps of 100, which are not read.
fn altitude(code: u32) -> Option<f64> {
    if code & 0x10 == 0 {
        return None;
    }
    let n = (code & 0xfe0) >> 1 | (code & 0xf);
    Some((f64::from(n) * 25.0 - 1000.0) * FOOT_M)
}

fn callsign(m: &[u8]) -> Option<String> {
    const LETTERS: &[u8; 64] = b"#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######";
    let letter = |i: usize| char::from(LETTERS[bits(m, 40 + 6 * i, 6) as usize]);
    let name: String = (0..8)
        .map(letter)
        .filter(char::is_ascii_alphanumeric)
        .collect();
    (!name.is_empty()).then_some(name)
}

/// Speed over ground (m/s), course (radians) and climb (m/s) of an airborne velocity.
fn velocity(m: &[u8]) -> Option<(f64, f64, Option<f64>)> {
    let knots = match bits(m, 37, 3) {
        1 => 1.0,
        2 => 4.0,
        // Through the air, not over ground.
        _ => return None,
    };
    let part = |sign: usize| {
        let v = bits(m, sign + 1, 10);
        let v = f64::from(v.checked_sub(1)?) * knots * KNOT_M_S;
        Some(if bits(m, sign, 1) == 1 { -v } else { v })
    };
    let (east, north) = (part(45)?, part(56)?);
    let climb = bits(m, 69, 9).checked_sub(1).map(|v| {
        let v = f64::from(v) * 64.0 * FOOT_M / 60.0;
        if bits(m, 68, 1) == 1 { -v } else { v }
    });
    Some((east.hypot(north), east.atan2(north).rem_euclid(TAU), climb))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
            .collect()
    }

    fn frame(hex: &str, ticks: u64) -> Vec<u8> {
        let mut body = ticks.to_be_bytes()[2..].to_vec();
        body.push(0x50);
        body.extend(message(hex));
        let mut out = vec![ESCAPE, b'3'];
        for b in body {
            out.push(b);
            if b == ESCAPE {
                out.push(b);
            }
        }
        out
    }

    // Messages off the air whose contents are published (J. Sun, The 1090 Megahertz Riddle).
    const NAME: &str = "8D4840D6202CC371C32CE0576098";
    const EVEN: &str = "8D40621D58C382D690C8AC2863A7";
    const ODD: &str = "8D40621D58C386435CC412692AD6";
    const VELOCITY: &str = "8D485020994409940838175B284F";

    #[test]
    fn published_messages_are_read() {
        for m in [NAME, EVEN, ODD, VELOCITY] {
            assert_eq!(parity(&message(m)), 0, "{m}");
        }
        assert_eq!(callsign(&message(NAME)).as_deref(), Some("KLM1023"));
        let (v, course, climb) = velocity(&message(VELOCITY)).unwrap();
        assert!((v / KNOT_M_S - 159.2).abs() < 0.05);
        assert!((course.to_degrees() - 182.88).abs() < 0.01);
        assert!((climb.unwrap() * 60.0 / FOOT_M + 832.0).abs() < 1e-6);
    }

    #[test]
    fn frames_give_places_in_the_time_of_their_counter() {
        let start = Micros::from_secs(1.6e9);
        // The counter goes through bytes that must be doubled.
        let mut bytes = frame(ODD, 0x1a1a_0000);
        bytes.extend(frame(EVEN, 0x1a1a_0000 + 24_000_000));
        let read_all = read(&bytes, start);
        let [r] = &read_all.reports[..] else {
            panic!("{read_all:?}");
        };
        assert_eq!(
            (r.address.as_str(), r.t),
            ("40621d", start + Micros(2_000_000))
        );
        assert!(
            (r.lat - 52.2572).abs() < 1e-4 && (r.lon - 3.91937).abs() < 1e-4,
            "{r:?}"
        );
        assert!((r.altitude_m.unwrap() - 38_000.0 * FOOT_M).abs() < 1e-6);
        assert_eq!((read_all.placeless, read_all.malformed), (1, 0));
        // Half a minute apart they are no pair.
        let mut bytes = frame(ODD, 0);
        bytes.extend(frame(EVEN, 360_000_000));
        assert!(read(&bytes, start).reports.is_empty());
    }

    #[test]
    fn damage_costs_the_frame_that_it_is_in() {
        let start = Micros(0);
        let (odd, even) = (frame(ODD, 0), frame(EVEN, 12_000_000));
        for i in 0..odd.len() {
            // Cut off, and a byte changed.
            let mut cut = [&odd[..i], &odd[..], &even[..]].concat();
            assert_eq!(read(&cut, start).reports.len(), 1, "cut at {i}");
            cut[i] ^= 0x55;
            read(&cut, start);
        }
        let mut state = 7u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if state & 0x7000_0000 == 0 {
                ESCAPE
            } else {
                (state >> 24) as u8
            }
        })
        .take(1 << 16)
        .collect();
        assert!(read(&noise, start).reports.is_empty());
    }
}
