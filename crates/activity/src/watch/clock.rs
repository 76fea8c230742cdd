//! Local time, by a fixed offset, and quiet hours in it.

use atalaya_model::Micros;

const DAY_MIN: i64 = 1440;
const MINUTE_US: i64 = 60_000_000;

/// A moment as a local clock and calendar show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 1 Monday to 7 Sunday.
    pub weekday: i64,
    /// `"05:12"`.
    pub clock: String,
}

/// Minutes east of UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset(i64);

impl Offset {
    /// From `+02:00`, `-05:30` or `Z`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "Z" || text.eq_ignore_ascii_case("utc") {
            return Some(Self(0));
        }
        let sign = match text.get(..1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let minutes = of_day(&text[1..])?;
        (minutes <= 14 * 60).then_some(Self(sign * minutes))
    }

    /// Local minutes since 1970.
    fn minutes(self, t: Micros) -> i64 {
        t.0.div_euclid(MINUTE_US) + self.0
    }

    /// What the local clock shows.
    pub fn local(self, t: Micros) -> Local {
        let minutes = self.minutes(t);
        let (day, of_day) = (minutes.div_euclid(DAY_MIN), minutes.rem_euclid(DAY_MIN));
        let (hour, minute) = (of_day / 60, of_day % 60);
        Local {
            hour,
            minute,
            // 1970 began on a Thursday.
            weekday: (day + 3).rem_euclid(7) + 1,
            clock: format!("{hour:02}:{minute:02}"),
        }
    }

    /// The local day, `2026-11-23`.
    pub fn day(self, t: Micros) -> String {
        let local = Micros(t.0.saturating_add(self.0 * MINUTE_US));
        local.to_rfc3339().chars().take(10).collect()
    }
}

/// `05:12` as minutes of the day.
fn of_day(text: &str) -> Option<i64> {
    let (h, m) = text.split_once(':')?;
    let two = |s: &str| (s.len() == 2).then(|| s.parse::<u8>().ok()).flatten();
    let (h, m) = (two(h)?, two(m)?);
    (h < 24 && m < 60).then_some(i64::from(h) * 60 + i64::from(m))
}

/// Local times of day at which nothing is raised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quiet {
    /// From, until; minutes of the day.
    spans: Vec<(i64, i64)>,
}

impl Quiet {
    /// Adds `22:00-06:00`.
    pub fn add(&mut self, text: &str) -> Option<()> {
        let (from, until) = text.split_once('-')?;
        let (from, until) = (of_day(from.trim())?, of_day(until.trim())?);
        (from != until).then(|| self.spans.push((from, until)))
    }

    /// Is it quiet at `t`? Then when that ends; spans that touch are one.
    pub fn until(&self, offset: Offset, t: Micros) -> Option<Micros> {
        let mut at = t;
        // Each span can lead into the next once.
        for _ in 0..=self.spans.len() {
            let minute = offset.minutes(at).rem_euclid(DAY_MIN);
            let left = self
                .spans
                .iter()
                .filter_map(|(from, until)| {
                    let since = (minute - from).rem_euclid(DAY_MIN);
                    let long = (until - from).rem_euclid(DAY_MIN);
                    (since < long).then_some(long - since)
                })
                .max();
            match left {
                Some(left) => at = Micros((at.0.div_euclid(MINUTE_US) + left) * MINUTE_US),
                None => break,
            }
        }
        (at != t).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        Micros::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn local_time_is_that_of_the_offset() {
        let offset = Offset::parse("-05:30").unwrap();
        let local = offset.local(at("2026-11-23T03:10:59Z"));
        assert_eq!((local.clock.as_str(), local.weekday), ("21:40", 7));
        assert_eq!(offset.day(at("2026-11-23T03:10:00Z")), "2026-11-22");
        assert_eq!(Offset::parse("+5"), None);
        assert_eq!(Offset::parse("+15:00"), None);
        assert_eq!(Offset::parse("é1:00"), None);
    }

    #[test]
    fn quiet_hours_pass_midnight_and_join() {
        let mut quiet = Quiet::default();
        quiet.add("22:00-06:00").unwrap();
        quiet.add("06:00-07:00").unwrap();
        assert!(quiet.add("7-8").is_none() && quiet.add("07:00-07:00").is_none());
        let offset = Offset::parse("+01:00").unwrap();
        let until = |t| quiet.until(offset, at(t));
        assert_eq!(
            until("2026-11-23T23:30:10Z"),
            Some(at("2026-11-24T06:00:00Z"))
        );
        assert_eq!(until("2026-11-23T20:59:59Z"), None);
        assert_eq!(until("2026-11-23T06:00:00Z"), None);
    }
}
