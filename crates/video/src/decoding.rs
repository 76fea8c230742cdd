//! When pictures are decoded, where a container does not say: RTSP tells only when they are shown.

/// The most pictures that are coded before one that is shown before them (H.264 and H.265).
const MOST: usize = 16;
/// Times that go back further are no matter of order: the stream began anew. One second.
const RESTART: i64 = 90_000;

/// Gives every picture a decoding time that is later than the last one's, and not later than it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Decoding {
    /// Pictures that are coded before one that is shown before them.
    delay: usize,
    /// Ticks between pictures.
    step: i64,
    /// The latest presentation times, ascending: one more than `delay`.
    shown: Vec<i64>,
    last: Option<i64>,
}

impl Decoding {
    /// For a stream with pictures in this order; `step` are the ticks between pictures.
    pub(crate) fn new(delay: usize, step: i64) -> Self {
        Self {
            delay: delay.min(MOST),
            step,
            shown: Vec::new(),
            last: None,
        }
    }

    /// Presentation and decoding time of the next picture, of which the container says these.
    pub(crate) fn next(&mut self, pts: i64, dts: Option<i64>) -> (i64, i64) {
        if self.last.is_some_and(|last| last - pts >= RESTART) {
            self.shown.clear();
        }
        let place = self.shown.partition_point(|t| *t <= pts);
        self.shown.insert(place, pts);
        if self.shown.len() > self.delay + 1 {
            self.shown.remove(0);
        }
        // Shown as soon as all that are shown before are decoded; the first ones are decoded before
        // the first is shown.
        let missing = (self.delay + 1 - self.shown.len()) as i64;
        let computed = || (self.shown[0] - self.step * missing).max(0);
        let wanted = dts.unwrap_or_else(computed);
        let given = match self.last {
            Some(last) if wanted <= last && last - wanted < RESTART => last + 1,
            _ => wanted,
        };
        self.last = Some(given);
        (pts.max(given), given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_out_of_order_are_decoded_before_they_are_shown() {
        let pts = [0, 150, 100, 50, 300, 250, 200, 350].map(|t| t + 1000);
        let mut decoding = Decoding::new(2, 50);
        let times = pts.map(|t| decoding.next(t, None));
        assert_eq!(times.map(|(pts, _)| pts), pts);
        let dts = times.map(|(_, dts)| dts - 1000);
        assert_eq!(dts, [-100, -50, 0, 50, 100, 150, 200, 250]);
    }

    #[test]
    fn what_the_container_says_is_kept_unless_it_does_not_rise() {
        let mut decoding = Decoding::new(0, 50);
        assert_eq!(decoding.next(100, Some(90)), (100, 90));
        assert_eq!(decoding.next(95, Some(90)), (95, 91));
        // More pictures are out of order than was said: shown late rather than not at all.
        assert_eq!(decoding.next(300, None), (300, 300));
        assert_eq!(decoding.next(200, None), (301, 301));
        // A stream that begins anew is not bent straight.
        assert_eq!(decoding.next(500_000, None), (500_000, 500_000));
        assert_eq!(decoding.next(7, None), (7, 7));
        // Nothing is decoded before the beginning of time.
        let mut slow = Decoding::new(2, 90_000);
        assert_eq!(slow.next(90_000, None), (90_000, 0));
        assert_eq!(slow.next(270_000, None), (270_000, 1));
    }
}
