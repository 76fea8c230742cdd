//! Cells of a table of positions: the common forms at once, all others by the general readers.

use atalaya_model::Micros;

/// A time: ISO 8601 (UTC without an offset) or seconds since 1970.
pub fn time(cell: &[u8]) -> Option<Micros> {
    iso(cell).or_else(|| {
        if let Some(s) = number(cell) {
            return (s.abs() < 1e12).then(|| Micros::from_secs(s));
        }
        let text = std::str::from_utf8(cell).ok()?;
        Micros::parse_rfc3339(text).or_else(|| {
            // Without an offset a time is UTC; a blank may stand for the T.
            let mut text = text.replace(' ', "T");
            text.push('Z');
            Micros::parse_rfc3339(&text)
        })
    })
}

/// `2018-03-07T13:17:31`, with `T` or a blank, decimals and `Z` as they come; nothing else.
fn iso(cell: &[u8]) -> Option<Micros> {
    let (head, rest) = cell.split_at_checked(19)?;
    let rest = rest.strip_suffix(b"Z").unwrap_or(rest);
    let separated = head[4] == b'-' && head[7] == b'-' && head[13] == b':' && head[16] == b':';
    if !separated || !matches!(head[10], b'T' | b' ') {
        return None;
    }
    let two = |i: usize| Some(i64::from(digit(head[i])? * 10 + digit(head[i + 1])?));
    let year = two(0)? * 100 + two(2)?;
    let (month, day) = (two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut micros = 0;
    if let Some(decimals) = rest.strip_prefix(b".") {
        if decimals.is_empty() || decimals.len() > 9 {
            return None;
        }
        let mut scale = 100_000;
        for d in decimals {
            // What is finer than a microsecond is cut off, as elsewhere.
            micros += i64::from(digit(*d)?) * scale;
            scale /= 10;
        }
    } else if !rest.is_empty() {
        return None;
    }
    let days = days_since_1970(year, month, day);
    Some(Micros(
        (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + micros,
    ))
}

/// Of the Gregorian calendar: years begin in March, so that the leap day is their last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let y = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn digit(b: u8) -> Option<u32> {
    let d = b.wrapping_sub(b'0');
    (d < 10).then_some(u32::from(d))
}

/// Powers of ten that a double holds exactly.
const TENS: [f64; 16] = [
    1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// A finite number. Up to 15 digits are exact in a double, and so is a power of ten up to the 15th: their
/// quotient is the nearest double (Clinger, *How to read floating point numbers accurately*, PLDI 1990).
/// All else goes to the standard library.
pub fn number(cell: &[u8]) -> Option<f64> {
    plain(cell).or_else(|| {
        let v: f64 = std::str::from_utf8(cell).ok()?.parse().ok()?;
        v.is_finite().then_some(v)
    })
}

fn plain(cell: &[u8]) -> Option<f64> {
    let (negative, rest) = match cell.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, cell),
    };
    if rest.len() > 16 {
        return None;
    }
    let (mut whole, mut digits, mut point) = (0u64, 0usize, None);
    for b in rest {
        if *b == b'.' && point.is_none() {
            point = Some(digits);
            continue;
        }
        whole = whole * 10 + u64::from(digit(*b)?);
        digits += 1;
    }
    if digits == 0 || digits > 15 {
        return None;
    }
    let v = whole as f64 / TENS[point.map_or(0, |p| digits - p)];
    Some(if negative { -v } else { v })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ways_read_what_the_general_ones_read() {
        for text in [
            "39.051002",
            "-85.528744",
            "0",
            "-0.5",
            "5.",
            ".5",
            "123456789012345",
            "1.234567890123456789",
            "1e3",
            "0.1",
            "0.3",
            "179.99999999",
        ] {
            assert_eq!(number(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in ["", "-", ".", "x", "1.2.3", "nan", "inf", "1_0", "--1"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        for (text, same) in [
            ("2018-03-07T13:17:31Z", "2018-03-07T13:17:31Z"),
            ("2018-03-07 13:17:31", "2018-03-07T13:17:31Z"),
            ("2020-02-29T00:00:00.25Z", "2020-02-29T00:00:00.25Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            (
                "2000-03-01T00:00:00.123456789",
                "2000-03-01T00:00:00.123456Z",
            ),
            ("2018-03-07T13:17:31+01:00", "2018-03-07T12:17:31Z"),
            ("1520428651", "2018-03-07T13:17:31Z"),
            ("1520428651.5", "2018-03-07T13:17:31.5Z"),
        ] {
            assert_eq!(time(text.as_bytes()), Micros::parse_rfc3339(same), "{text}");
        }
        for text in [
            "",
            "2018-02-29T00:00:00Z",
            "2018-13-01T00:00:00Z",
            "2018-03-07",
            "2018-03-07T25:00:00Z",
            "1e13",
        ] {
            assert_eq!(time(text.as_bytes()), None, "{text}");
        }
    }
}
