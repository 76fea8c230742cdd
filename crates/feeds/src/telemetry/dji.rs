//! The telemetry that DJI's cameras write as subtitles. There is no specification; the dialects are
//! told apart by the words in them:
//!
//! | words | seen from | position | height |
//! |---|---|---|---|
//! | `GPS(…,…,…M) BAROMETER:…M` | Matrice 300 | latitude first | barometer, above take-off |
//! | `GPS(…,…,…) BAROMETER:…` | Phantom 3, 4 | longitude first | barometer, above take-off |
//! | `GPS (…,…,…), D …m, H …m` | Mavic Mini, Phantom 4 RTK | longitude first; the third number counts satellites | `H`, above take-off |
//! | `[latitude: …] [longitude: …]` | Mavic 2 and later | named | `rel_alt`, and `abs_alt` above sea level |
//!
//! `F.PRY` and `G.PRY` (pitch, roll, yaw of aircraft and gimbal, degrees against north and the horizon) and
//! `gb_yaw`, `gb_pitch`, `gb_roll` give the line of sight. `focal_len` is the focal length on 35 mm film
//! (36 mm wide), of which the field of view follows.

use super::srt::{Block, blocks};
use super::{LONGEST_LOG, Row, Telemetry};
use atalaya_geo::Attitude;
use atalaya_klv::{Altitude, Datum, Metadata};
use atalaya_model::Micros;
use std::collections::BTreeSet;

/// Half the width of 35 mm film, millimetres.
const HALF_FILM_MM: f64 = 18.0;

/// Reads a file of subtitles.
///
/// # Errors
/// One line that says what is wrong and what to do: no subtitles, or none with a position.
pub fn subtitles(text: &str) -> Result<Telemetry, String> {
    if text.len() > LONGEST_LOG {
        return Err(format!(
            "longer than {} MiB; cut the video first",
            LONGEST_LOG >> 20
        ));
    }
    let all = blocks(text);
    let Some(first) = all.first() else {
        return Err("holds no subtitles (no line like 00:00:01,000 --> 00:00:02,000)".into());
    };
    let line = first.line;
    let mut notes = Notes::default();
    let mut rows: Vec<Row> = all.iter().filter_map(|b| row(b, &mut notes)).collect();
    if rows.is_empty() {
        return Err(format!(
            "no position in any of {} subtitles, the first on line {line}; DJI's telemetry says GPS(…) or [latitude: …]",
            all.len()
        ));
    }
    rows.sort_by(|a, b| {
        a.video_s
            .unwrap_or(0.0)
            .total_cmp(&b.video_s.unwrap_or(0.0))
    });
    let without = all.len() - rows.len();
    let mut said = notes.0;
    if without > 0 {
        said.insert(format!(
            "{without} of {} subtitles have no position",
            all.len()
        ));
    }
    Ok(Telemetry {
        kind: "DJI subtitles",
        rows,
        notes: said.into_iter().collect(),
    })
}

/// What is said once, however many rows it is true of.
#[derive(Default)]
struct Notes(BTreeSet<String>);

impl Notes {
    fn say(&mut self, what: &str) {
        if !self.0.contains(what) {
            self.0.insert(what.to_owned());
        }
    }
}

fn row(block: &Block<'_>, notes: &mut Notes) -> Option<Row> {
    let text = block.lines.join(" ");
    let mut row = Row {
        video_s: Some(block.from_s),
        clock_us: block.lines.iter().find_map(|line| clock(line)),
        ..Row::default()
    };
    let placed = if text.contains("[latitude") {
        named(&text, &mut row)
    } else {
        listed(&text, &mut row, notes)
    };
    placed?;
    attitude(&text, &mut row.metadata, notes);
    lens(&text, &mut row.metadata);
    Some(row)
}

/// `[latitude: 36.6] [longitude: -6.1] [rel_alt: 1.3 abs_alt: 34.5]`.
fn named(text: &str, row: &mut Row) -> Option<()> {
    let value = |name: &str| number_after(text, name);
    let longitude = value("longitude:").or_else(|| value("longtitude:"))?;
    place(&mut row.metadata, value("latitude:")?, longitude)?;
    row.above_home_m = value("rel_alt:");
    row.metadata.sensor_altitude = value("abs_alt:").map(|metres| Altitude {
        metres,
        datum: Datum::MeanSeaLevel,
    });
    Some(())
}

/// `GPS(…)` and what stands around it.
fn listed(text: &str, row: &mut Row, notes: &mut Notes) -> Option<()> {
    let (_, after) = text.split_once("GPS")?;
    let (inside, rest) = after.trim_start().strip_prefix('(')?.split_once(')')?;
    let mut parts = inside.split(',').map(str::trim);
    let (a, b) = (leading(parts.next()?)?, leading(parts.next()?)?);
    let in_metres = parts
        .next()
        .is_some_and(|third| third.ends_with(['M', 'm']));
    let barometer = rest.contains("BAROMETER");
    let latitude_first = barometer && in_metres && a.abs() <= 90.0;
    let (lat, lon) = if latitude_first { (a, b) } else { (b, a) };
    notes.say(if latitude_first {
        "GPS(…) was read as latitude, longitude"
    } else {
        "GPS(…) was read as longitude, latitude"
    });
    place(&mut row.metadata, lat, lon)?;
    row.above_home_m = if barometer {
        number_after(rest, "BAROMETER:")
    } else {
        number_after(rest, ", H ")
    };
    Some(())
}

fn place(metadata: &mut Metadata, lat: f64, lon: f64) -> Option<()> {
    // Before it has a fix the aircraft says 0, 0.
    let there = lat.abs() <= 90.0 && lon.abs() <= 180.0 && (lat != 0.0 || lon != 0.0);
    if !there {
        return None;
    }
    metadata.sensor_lat_rad = Some(lat.to_radians());
    metadata.sensor_lon_rad = Some(lon.to_radians());
    Some(())
}

fn attitude(text: &str, metadata: &mut Metadata, notes: &mut Notes) {
    let list = |name: &str| -> Option<[f64; 3]> {
        let (_, after) = text.split_once(name)?;
        let (inside, _) = after.trim_start().strip_prefix('(')?.split_once(')')?;
        let mut numbers = inside.split(',').map(|n| leading(n.trim()));
        let all = [numbers.next()??, numbers.next()??, numbers.next()??];
        Some(all.map(f64::to_radians))
    };
    let named = || {
        let value = |name: &str| number_after(text, name).map(f64::to_radians);
        Some([value("gb_pitch:")?, value("gb_roll:")?, value("gb_yaw:")?])
    };
    let Some([pitch, roll, yaw]) = list("G.PRY").or_else(named) else {
        if let Some([pitch, roll, yaw]) = list("F.PRY") {
            metadata.heading_rad = Some(yaw);
            metadata.pitch_rad = Some(pitch);
            metadata.roll_rad = Some(roll);
        }
        return;
    };
    let platform = list("F.PRY").map(|[pitch, roll, yaw]| [yaw, pitch, roll]);
    if platform.is_none() {
        notes.say("the aircraft's own angles are not said: its heading is written as the gimbal's, which gives the same line of sight");
    }
    let a = Attitude::of_levelled_gimbal(platform.unwrap_or([yaw, 0.0, 0.0]), [yaw, pitch, roll]);
    metadata.heading_rad = Some(a.heading);
    metadata.pitch_rad = Some(a.pitch);
    metadata.roll_rad = Some(a.roll);
    metadata.relative_azimuth_rad = Some(a.rel_azimuth);
    metadata.relative_elevation_rad = Some(a.rel_elevation);
    metadata.relative_roll_rad = Some(a.rel_roll);
}

/// `[focal_len: 24.00] [dzoom_ratio: 1.00]`; older cameras count tenths of a millimetre and
/// ten-thousandths.
fn lens(text: &str, metadata: &mut Metadata) {
    let Some(word) = word_after(text, "focal_len") else {
        return;
    };
    let scaled = |word: &str, whole: f64| {
        let value = leading(word)?;
        Some(if word.contains('.') {
            value
        } else {
            value / whole
        })
    };
    let zoom = word_after(text, "dzoom_ratio").and_then(|w| scaled(w, 10_000.0));
    let focal = scaled(word, 10.0).map(|f| f * zoom.filter(|z| *z >= 1.0).unwrap_or(1.0));
    metadata.hfov_rad = focal
        .filter(|f| (1.0..5000.0).contains(f))
        .map(|f| 2.0 * (HALF_FILM_MM / f).atan());
}

/// The number that follows `name`.
fn number_after(text: &str, name: &str) -> Option<f64> {
    let (_, after) = text.split_once(name)?;
    leading(after.trim_start())
}

/// The word that follows `name` and a colon.
fn word_after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(name)?;
    let word = after.trim_start().strip_prefix(':')?.trim_start();
    word.split([' ', ']', ',']).next()
}

/// The number at the beginning of `text`, whatever unit follows it.
fn leading(text: &str) -> Option<f64> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(text.len());
    text[..end].parse().ok().filter(|n: &f64| n.is_finite())
}

/// `2022.06.21 16:06:17`, `2023-05-01 12:00:00.123`, as if it were UTC.
fn clock(line: &str) -> Option<i64> {
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let date = word.replace('.', "-");
        let dated = date.len() == 10 && date.as_bytes().get(4) == Some(&b'-');
        if !dated {
            continue;
        }
        // Some cameras write `12:00:00,123,456`.
        let time = words.next()?.replacen(',', ".", 1).replace(',', "");
        return Micros::parse_rfc3339(&format!("{date}T{time}Z")).map(|t| t.0);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> String {
        format!("1\n00:00:02,000 --> 00:00:03,000\n{text}\n\n")
    }

    fn one(text: &str) -> Row {
        subtitles(&block(text)).unwrap().rows.remove(0)
    }

    fn position(row: &Row) -> (f64, f64) {
        let m = &row.metadata;
        let degrees = |a: Option<f64>| (a.unwrap().to_degrees() * 1e6).round() / 1e6;
        (degrees(m.sensor_lat_rad), degrees(m.sensor_lon_rad))
    }

    #[test]
    fn latitude_comes_first_where_the_height_is_in_metres() {
        let row = one("2021.01.02 10:00:17\nGPS(12.5000,-70.2500,0.0M) BAROMETER:21.8M");
        assert_eq!(position(&row), (12.5, -70.25));
        assert_eq!((row.video_s, row.above_home_m), (Some(2.0), Some(21.8)));
        let when = Micros::parse_rfc3339("2021-01-02T10:00:17Z").unwrap();
        assert_eq!(row.clock_us, Some(when.0));
        assert_eq!(
            position(&one("GPS(-70.2500,12.5000,16) BAROMETER:1.9")),
            (12.5, -70.25)
        );
    }

    #[test]
    fn aircraft_and_gimbal_give_a_line_of_sight() {
        let row = one(
            "F/5.6, SS 400, GPS (-70.25, 12.5, 15), HOME (-70.2, 12.4, -57.98m), D 698.70m, H 85.80m, H.S 0.00m/s, \
             F.PRY (2.7°, -7.0°, 110.1°), G.PRY (-24.4°, 0.0°, 130.4°)",
        );
        assert_eq!(
            (position(&row), row.above_home_m),
            ((12.5, -70.25), Some(85.8))
        );
        let m = &row.metadata;
        assert!((m.heading_rad.unwrap().to_degrees() - 110.1).abs() < 1e-9);
        assert!((m.roll_rad.unwrap().to_degrees() + 7.0).abs() < 1e-9);
        // About as far to the right of the nose, and down, as the difference says.
        let azimuth = m.relative_azimuth_rad.unwrap().to_degrees();
        let elevation = m.relative_elevation_rad.unwrap().to_degrees();
        assert!(
            (azimuth - 20.3).abs() < 5.0 && (elevation + 24.4).abs() < 5.0,
            "{azimuth} {elevation}"
        );
    }

    #[test]
    fn named_values_with_a_clock_of_fractions_and_a_lens() {
        let text = "<font size=\"28\">SrtCnt : 1, DiffTime : 33ms\n2023-05-01 12:00:00,123,456\n[iso : 100] [focal_len : 240] \
                    [latitude: 12.5] [longitude: -70.25] [rel_alt: 30.100 abs_alt: 130.100] [gb_yaw: 90.0 gb_pitch: -45.0 gb_roll: 0.0] </font>";
        let read = subtitles(&block(text)).unwrap();
        let row = &read.rows[0];
        assert_eq!(position(row), (12.5, -70.25));
        assert_eq!(row.clock_us.unwrap() % 1_000_000, 123_456);
        assert_eq!(row.above_home_m, Some(30.1));
        let m = &row.metadata;
        assert_eq!(m.sensor_altitude.unwrap().metres, 130.1);
        assert!((m.hfov_rad.unwrap().to_degrees() - 73.74).abs() < 0.01);
        assert!((m.relative_elevation_rad.unwrap().to_degrees() + 45.0).abs() < 1e-9);
        assert!(read.notes[0].contains("gimbal's"), "{:?}", read.notes);
    }

    #[test]
    fn what_has_no_position_is_counted_or_refused() {
        let words = subtitles(&block("a film's dialogue")).unwrap_err();
        assert!(
            words.contains("no position in any of 1 subtitles"),
            "{words}"
        );
        assert!(subtitles("").unwrap_err().contains("no subtitles"));
        let some = format!(
            "{}{}",
            block("GPS(0,0,0) BAROMETER:0"),
            block("GPS (-70.25, 12.5, 15), D 1m, H 2m")
        );
        let read = subtitles(&some).unwrap();
        assert_eq!(read.rows.len(), 1);
        assert!(
            read.notes
                .iter()
                .any(|n| n == "1 of 2 subtitles have no position"),
            "{:?}",
            read.notes
        );
    }
}
