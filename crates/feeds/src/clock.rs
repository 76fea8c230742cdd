//! Event time out of presentation time.
//!
//! Metadata carry UTC and a presentation time; their difference, smoothed,
//! turns the presentation time of every frame into event time. Without
//! metadata, a start time given by the operation stands for the first frame;
//! without that, presentation time counts from the epoch and says so.

use atalaya_model::Micros;

/// Where event time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeSource {
    /// UTC in the metadata.
    Metadata,
    /// The start time that the operation gives.
    Operation,
    /// None: presentation time counted from 1970. Good for order only.
    Presentation,
}

/// Before this, a metadata time is a clock that was never set (2000-01-01).
const EARLIEST: i64 = 946_684_800_000_000;
/// After this, it is nonsense (2100-01-01).
const LATEST: i64 = 4_102_444_800_000_000;
/// Metadata times that differ more from what is expected are outliers.
const OUTLIER_US: i64 = 500_000;
/// So many outliers in a row are the new truth.
const OUTLIERS_TO_JUMP: u32 = 8;
/// Weight of the old offset against a new sample.
const SMOOTHING: i64 = 16;

/// 90 kHz ticks in microseconds.
pub(crate) fn ticks_to_us(ticks: i64) -> i64 {
    (i128::from(ticks) * 100 / 9) as i64
}

/// Whether a time, microseconds since 1970, can be one of a clock that was set.
pub(crate) fn is_plausible(time_us: i64) -> bool {
    (EARLIEST..LATEST).contains(&time_us)
}

#[derive(Debug, Clone)]
pub(crate) struct EventClock {
    start: Option<Micros>,
    /// UTC minus presentation time, microseconds, and where it comes from.
    offset: Option<(i64, TimeSource)>,
    outliers: u32,
    last: Option<Micros>,
}

impl EventClock {
    pub(crate) fn new(start: Option<Micros>) -> Self {
        Self {
            start,
            offset: None,
            outliers: 0,
            last: None,
        }
    }

    /// Whether metadata have told the time.
    pub(crate) fn is_set(&self) -> bool {
        matches!(self.offset, Some((_, TimeSource::Metadata)))
    }

    /// Event time of the last frame.
    pub(crate) fn last(&self) -> Option<Micros> {
        self.last
    }

    /// A metadata packet with this time was presented at `pts_90k`.
    pub(crate) fn observe(&mut self, pts_90k: i64, time: Micros) {
        if !is_plausible(time.0) {
            return;
        }
        let sample = time.0.saturating_sub(ticks_to_us(pts_90k));
        let offset = match self.offset {
            Some((offset, TimeSource::Metadata)) => {
                let error = sample.saturating_sub(offset);
                if error.abs() <= OUTLIER_US {
                    self.outliers = 0;
                    offset + error / SMOOTHING
                } else {
                    self.outliers += 1;
                    if self.outliers < OUTLIERS_TO_JUMP {
                        return;
                    }
                    self.outliers = 0;
                    sample
                }
            }
            _ => sample,
        };
        self.offset = Some((offset, TimeSource::Metadata));
    }

    /// Event time at `pts_90k`, if any is known.
    pub(crate) fn at(&self, pts_90k: i64) -> Option<Micros> {
        let (offset, _) = self.offset?;
        Some(Micros(ticks_to_us(pts_90k).saturating_add(offset)))
    }

    /// Event time of the frame presented at `pts_90k`; grows from call to call.
    pub(crate) fn stamp(&mut self, pts_90k: i64) -> (Micros, TimeSource) {
        let presentation = ticks_to_us(pts_90k);
        let (offset, source) = *self.offset.get_or_insert_with(|| match self.start {
            Some(start) => (start.0.saturating_sub(presentation), TimeSource::Operation),
            None => (0, TimeSource::Presentation),
        });
        let t = Micros(presentation.saturating_add(offset));
        let t = match self.last {
            Some(last) if t <= last => Micros(last.0.saturating_add(1)),
            _ => t,
        };
        self.last = Some(t);
        (t, source)
    }

    /// Presentation time starts anew at `pts_90k`, `after_us` after the last
    /// frame. Without metadata, event time goes on from there; with them, the
    /// next packet tells.
    pub(crate) fn restart(&mut self, pts_90k: i64, after_us: i64) {
        self.outliers = OUTLIERS_TO_JUMP;
        if let (Some((_, source)), Some(last)) = (self.offset, self.last) {
            let t = last.0.saturating_add(after_us);
            self.offset = Some((t.saturating_sub(ticks_to_us(pts_90k)), source));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: i64 = 1_700_000_000_000_000;

    #[test]
    fn metadata_set_the_time_and_single_outliers_do_not() {
        let mut clock = EventClock::new(None);
        clock.observe(90_000, Micros(5)); // a clock never set
        assert!(!clock.is_set());
        clock.observe(90_000, Micros(T));
        assert_eq!(
            clock.stamp(99_000),
            (Micros(T + 100_000), TimeSource::Metadata)
        );
        clock.observe(99_000, Micros(T + 60_000_000));
        assert_eq!(clock.stamp(108_000).0, Micros(T + 200_000));
        for n in 0..8 {
            clock.observe(108_000 + n, Micros(T + 60_000_000));
        }
        assert!(clock.stamp(117_000).0.0 > T + 60_000_000);
    }

    #[test]
    fn without_metadata_the_operation_or_the_epoch_tells() {
        let mut clock = EventClock::new(Some(Micros(T)));
        assert_eq!(clock.stamp(900_000), (Micros(T), TimeSource::Operation));
        assert_eq!(clock.stamp(990_000).0, Micros(T + 1_000_000));
        let mut clock = EventClock::new(None);
        assert_eq!(
            clock.stamp(90_000),
            (Micros(1_000_000), TimeSource::Presentation)
        );
    }

    #[test]
    fn time_never_stands_still_or_goes_back_and_goes_on_after_a_restart() {
        let mut clock = EventClock::new(Some(Micros(T)));
        clock.stamp(90_000);
        assert_eq!(clock.stamp(90_000).0, Micros(T + 1));
        assert_eq!(clock.stamp(0).0, Micros(T + 2));
        clock.restart(45_000_000, 3_000_000);
        assert_eq!(clock.stamp(45_000_000).0, Micros(T + 2 + 3_000_000));
    }
}
