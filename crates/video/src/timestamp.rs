//! MPEG-TS time stamps wrap after 2³³ ticks of 90 kHz (26.5 hours); ours do not.

/// Ticks of a presentation time stamp in a second (ISO/IEC 13818-1, 2.4.3.7).
pub const TICKS_PER_SECOND: i64 = 90_000;

const WRAP: i64 = 1 << 33;

/// Unwraps 33-bit time stamps: each is taken to be the one nearest to its
/// predecessor. One unwrapper serves all streams of a multiplex, so that they
/// wrap together.
#[derive(Debug, Clone, Default)]
pub struct TimestampUnwrapper {
    last: Option<i64>,
}

impl TimestampUnwrapper {
    /// The unwrapped time of `raw`, of which only the lowest 33 bits count.
    pub fn unwrap_ticks(&mut self, raw: i64) -> i64 {
        let raw = raw.rem_euclid(WRAP);
        let value = match self.last {
            None => raw,
            Some(last) => {
                let forward = (raw - last).rem_euclid(WRAP);
                let delta = if forward >= WRAP / 2 {
                    forward - WRAP
                } else {
                    forward
                };
                last.saturating_add(delta)
            }
        };
        self.last = Some(value);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_over_the_wrap_and_small_steps_back_stay_small() {
        let mut unwrapper = TimestampUnwrapper::default();
        assert_eq!(unwrapper.unwrap_ticks(WRAP - 3000), WRAP - 3000);
        assert_eq!(unwrapper.unwrap_ticks(0), WRAP);
        assert_eq!(unwrapper.unwrap_ticks(WRAP - 1500), WRAP - 1500);
        assert_eq!(unwrapper.unwrap_ticks(6000), WRAP + 6000);
        assert_eq!(unwrapper.unwrap_ticks(9000), WRAP + 9000);
    }
}
