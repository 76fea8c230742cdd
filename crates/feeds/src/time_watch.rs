//! Faults of time: what a feed's clocks say against each other.
//!
//! Nothing is corrected here; each fault is told once, with its number. What can be known depends on
//! what there is to compare with:
//!
//! - metadata time against presentation time: a clock that jumps, or runs at another rate;
//! - metadata time against the time inside the pictures (ST 0604), where there is one: a constant
//!   difference, such as leap seconds or metadata that lag;
//! - metadata time against this machine's clock, for a live feed only: leap seconds. A difference of
//!   more than two minutes is taken for a recording that is being sent, and says nothing;
//! - presentation time of metadata against that of the pictures around them in the stream: metadata
//!   that come too late to be paired live.
//!
//! From the stream alone, without the second or third, a constant difference can't be told.

use crate::clock::ticks_to_us;
use atalaya_model::{TimeFault, TimeScale};

/// Packets over which a median is taken.
const WINDOW: usize = 31;
/// A jump is a step of the median of this much, microseconds.
const JUMP_US: i64 = 500_000;
/// Drift is measured over at least so long, microseconds.
const DRIFT_OVER_US: i64 = 60_000_000;
/// A rate that differs by less is not told, parts per million.
const DRIFT_PPM: i64 = 200;
/// Nor one that has not come to so much, microseconds.
const DRIFT_US: i64 = 50_000;
/// A difference from the time in the pictures that is told, microseconds.
const PICTURE_US: i64 = 100_000;
/// Differences from this machine's clock that are told, microseconds.
const RECEIVED_US: std::ops::Range<i64> = 3_000_000..120_000_000;
/// Metadata this far behind the pictures in the stream are told, microseconds.
const LAG_US: i64 = 500_000;

/// The last differences of a kind.
#[derive(Debug, Default, Clone)]
struct Window {
    last: Vec<i64>,
    at: usize,
}

impl Window {
    /// Takes a difference; gives the median once there are enough.
    fn push(&mut self, value: i64) -> Option<i64> {
        if self.last.len() < WINDOW {
            self.last.push(value);
        } else {
            self.last[self.at] = value;
        }
        self.at = (self.at + 1) % WINDOW;
        if self.last.len() < WINDOW {
            return None;
        }
        let mut sorted = self.last.clone();
        sorted.sort_unstable();
        Some(sorted[WINDOW / 2])
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Watches one feed.
#[derive(Debug, Default)]
pub(crate) struct TimeWatch {
    /// Metadata time minus presentation time.
    offset: Window,
    /// The first median since the last restart or jump, and its presentation time.
    first: Option<(i64, i64)>,
    last_median: Option<i64>,
    jumps: u64,
    /// Metadata time minus the time in the picture at the same presentation time.
    picture: Window,
    /// Metadata time minus this machine's.
    received: Window,
    /// Presentation time of pictures minus that of the metadata beside them.
    lag: Window,
    /// The last metadata: presentation time and time.
    newest: Option<(i64, i64)>,
    told: Told,
}

#[derive(Debug, Default)]
struct Told {
    jump: bool,
    drift: bool,
    picture: bool,
    received: bool,
    lag: bool,
}

/// A metadata packet, for the watch.
pub(crate) struct Heard {
    /// Presentation time, 90 kHz.
    pub(crate) pts: i64,
    /// Metadata time, microseconds.
    pub(crate) time_us: i64,
    /// It has a presentation time of its own.
    pub(crate) synchronous: bool,
    /// Decoding time of the latest picture before it in the stream, 90 kHz.
    pub(crate) pictures: Option<i64>,
    /// This machine's time when it was read, microseconds, for a live feed.
    pub(crate) now_us: Option<i64>,
}

impl TimeWatch {
    /// Jumps of metadata time so far.
    pub(crate) fn jumps(&self) -> u64 {
        self.jumps
    }

    /// Presentation time starts anew: nothing before can be compared with what comes.
    pub(crate) fn restart(&mut self) {
        self.offset.clear();
        self.picture.clear();
        self.lag.clear();
        (self.first, self.last_median) = (None, None);
        self.newest = None;
    }

    /// A metadata packet that is used; gives what is to be told.
    pub(crate) fn metadata(&mut self, heard: &Heard) -> Option<TimeFault> {
        let offset = heard.time_us.saturating_sub(ticks_to_us(heard.pts));
        self.newest = Some((heard.pts, heard.time_us));
        let told = match self.offset.push(offset) {
            Some(median) => self.against_presentation(heard.pts, median),
            None => None,
        };
        let behind = heard
            .pictures
            .filter(|_| heard.synchronous)
            .map(|p| ticks_to_us(p - heard.pts));
        told.or_else(|| self.against_pictures(behind?))
            .or_else(|| self.against_receipt(heard.time_us, heard.now_us?))
    }

    fn against_presentation(&mut self, pts: i64, median: i64) -> Option<TimeFault> {
        let &mut (first_pts, first) = self.first.get_or_insert((pts, median));
        let passed = ticks_to_us(pts - first_pts);
        let drift = median - first;
        let expected = self.last_median.unwrap_or(first);
        self.last_median = Some(median);
        let step = median - expected;
        if step.abs() >= JUMP_US {
            self.jumps += 1;
            self.first = Some((pts, median));
            return once(&mut self.told.jump).then_some(TimeFault::Jump { by_us: step });
        }
        if passed < DRIFT_OVER_US || drift.abs() < DRIFT_US {
            return None;
        }
        let ppm = i128::from(drift) * 1_000_000 / i128::from(passed.max(1));
        let ppm = i64::try_from(ppm).unwrap_or(i64::MAX);
        (ppm.saturating_abs() >= DRIFT_PPM && once(&mut self.told.drift)).then_some(
            TimeFault::Drift {
                ppm,
                by_us: drift,
                over_us: passed,
            },
        )
    }

    fn against_pictures(&mut self, behind_us: i64) -> Option<TimeFault> {
        let median = self.lag.push(behind_us)?;
        (median > LAG_US && once(&mut self.told.lag))
            .then_some(TimeFault::Lag { behind_us: median })
    }

    fn against_receipt(&mut self, time_us: i64, now_us: i64) -> Option<TimeFault> {
        let median = self.received.push(time_us.saturating_sub(now_us))?;
        (RECEIVED_US.contains(&median.abs()) && once(&mut self.told.received)).then(|| {
            TimeFault::Received {
                ahead_us: median,
                scale: TimeScale::of(median),
            }
        })
    }

    /// The time inside the picture presented at `pts` (ST 0604).
    pub(crate) fn picture(&mut self, pts: i64, time_us: i64) -> Option<TimeFault> {
        let (at, metadata) = self.newest?;
        let passed = ticks_to_us(pts - at);
        if passed.abs() > 1_000_000 {
            return None;
        }
        let median = self.picture.push(metadata + passed - time_us)?;
        (median.abs() >= PICTURE_US && once(&mut self.told.picture)).then(|| TimeFault::Pictures {
            ahead_us: median,
            scale: TimeScale::of(median),
        })
    }
}

/// True the first time.
fn once(told: &mut bool) -> bool {
    !std::mem::replace(told, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: i64 = 1_700_000_000_000_000;
    const STEP: i64 = 3_000;

    /// Packet `n` of thirty a second, with this error of its time.
    fn heard(n: i64, error_us: i64) -> Heard {
        let pts = 90_000 + n * STEP;
        Heard {
            pts,
            time_us: T + ticks_to_us(pts) + error_us,
            synchronous: true,
            pictures: Some(pts),
            now_us: None,
        }
    }

    fn all(packets: impl IntoIterator<Item = Heard>) -> Vec<String> {
        let mut watch = TimeWatch::default();
        packets
            .into_iter()
            .filter_map(|p| watch.metadata(&p))
            .map(|f| f.to_string())
            .collect()
    }

    #[test]
    fn a_sound_feed_has_nothing_to_tell() {
        // Times rounded to 20 ms, as slow computers write them, and single nonsense.
        let rounded = (0..6000).map(|n| {
            let mut h = heard(n, if n % 100 == 7 { 40_000_000 } else { 0 });
            h.time_us -= h.time_us % 20_000;
            h.now_us = Some(h.time_us + 400_000);
            h
        });
        assert_eq!(all(rounded), Vec::<String>::new());
    }

    #[test]
    fn a_jump_and_a_drift_are_told_once_with_their_size() {
        let jumps = all((0..600).map(|n| heard(n, n / 150 * 2_500_000)));
        assert_eq!(jumps.len(), 1);
        assert!(jumps[0].contains("jumped by 2.500 s"), "{}", jumps[0]);
        let drifts = all((0..6000).map(|n| heard(n, n * 33)));
        assert_eq!(drifts.len(), 1);
        assert!(
            drifts[0].contains("99") && drifts[0].contains("faster"),
            "{}",
            drifts[0]
        );
        let mut watch = TimeWatch::default();
        for n in 0..600 {
            watch.metadata(&heard(n, n / 150 * 2_500_000));
        }
        assert_eq!(watch.jumps(), 3);
    }

    #[test]
    fn leap_seconds_are_told_by_the_pictures_or_by_receipt() {
        for (error_s, name) in [(18, "GPS time"), (37, "TAI"), (29, "MISP time")] {
            let received = all((0..100).map(|n| {
                let mut h = heard(n, error_s * 1_000_000);
                h.now_us = Some(T + ticks_to_us(h.pts) + 350_000);
                h
            }));
            assert_eq!(received.len(), 1);
            assert!(received[0].contains(name), "{}", received[0]);
            let mut watch = TimeWatch::default();
            let told: Vec<String> = (0..100)
                .filter_map(|n| {
                    let h = heard(n, error_s * 1_000_000);
                    watch.metadata(&h);
                    watch.picture(h.pts + 1_500, T + ticks_to_us(h.pts + 1_500))
                })
                .map(|f| f.to_string())
                .collect();
            assert_eq!(told.len(), 1);
            assert!(
                told[0].contains(&format!("{error_s}.000 s ahead")),
                "{}",
                told[0]
            );
        }
        // A recording that is sent: nobody's fault.
        let old = all((0..100).map(|n| Heard {
            now_us: Some(T + 86_400_000_000),
            ..heard(n, 0)
        }));
        assert_eq!(old, Vec::<String>::new());
    }

    #[test]
    fn metadata_that_lag_are_told() {
        let told = all((0..100).map(|n| Heard {
            pictures: Some(90_000 + n * STEP + 108_000),
            ..heard(n, 0)
        }));
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("1.200 s after"), "{}", told[0]);
        let mut watch = TimeWatch::default();
        let told: Vec<String> = (0..100)
            .filter_map(|n| {
                let h = heard(n, -240_000);
                watch.metadata(&h);
                watch.picture(h.pts, T + ticks_to_us(h.pts))
            })
            .map(|f| f.to_string())
            .collect();
        assert_eq!(told.len(), 1);
        assert!(
            told[0].contains("0.240 s behind the time in the pictures"),
            "{}",
            told[0]
        );
    }
}
