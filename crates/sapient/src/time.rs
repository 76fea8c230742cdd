//! Moments as text (RFC 3339).

/// Microseconds since 1970 of a text such as `2026-11-22T05:00:00.25Z`.
pub fn parse(text: &str) -> Option<i64> {
    let b = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let part = b.get(range)?;
        part.iter()
            .all(u8::is_ascii_digit)
            .then(|| part.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0')))
    };
    let is = |i: usize, c: &[u8]| b.get(i).is_some_and(|x| c.contains(x));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut at = 19;
    let mut micros = 0;
    if is(at, b".") {
        at += 1;
        let mut unit = 100_000;
        let first = at;
        while b.get(at).is_some_and(u8::is_ascii_digit) {
            micros += i64::from(b[at] - b'0') * unit;
            unit /= 10;
            at += 1;
        }
        if at == first || at - first > 9 {
            return None;
        }
    }
    let offset = match b.get(at..)? {
        b"Z" | b"z" => 0,
        rest if rest.len() == 6 && matches!(rest[0], b'+' | b'-') && rest[3] == b':' => {
            let minutes = number(at + 1..at + 3)? * 60 + number(at + 4..at + 6)?;
            if rest[0] == b'+' { minutes } else { -minutes }
        }
        _ => return None,
    };
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some((seconds - offset * 60) * 1_000_000 + micros)
}

/// The text of a moment in UTC, with microseconds where there are any.
pub fn text(us: i64) -> String {
    let seconds = us.div_euclid(1_000_000);
    let micros = us.rem_euclid(1_000_000);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    let fraction = if micros == 0 {
        String::new()
    } else {
        format!(".{micros:06}")
    };
    format!("{year:04}-{month:02}-{day:02}T{clock}{fraction}Z")
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, by eras of 400 years.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * m + 2) / 5 + 1, (m + 2) % 12 + 1);
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_round_trip() {
        for (text_, us) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-23T03:20:00Z", 1_795_404_000_000_000),
            ("2024-02-29T23:59:59.250000Z", 1_709_251_199_250_000),
        ] {
            assert_eq!(parse(text_), Some(us), "{text_}");
            assert_eq!(text(us), text_);
        }
        assert_eq!(
            parse("2023-07-07T14:44:17.0276387+02:00"),
            Some(1_688_733_857_027_638)
        );
        for bad in [
            "AAA",
            "2023-02-30T00:00:00Z",
            "2023-07-07",
            "2023-07-07T25:00:00Z",
            "2023-07-07T12:00:00",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        for day in (-200_000..200_000).step_by(37) {
            let (y, m, d) = date(day);
            assert_eq!(days_since_1970(y, m, d), day);
        }
    }
}
