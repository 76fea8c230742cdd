//! Recordings held to their own clock.

use std::time::{Duration, Instant};

use crate::transport::{PACKET, header, in_sync};

/// A clock that jumps further has been set anew, 90 kHz ticks.
const JUMP: i64 = 2 * 90_000;
const WRAP: i64 = 1 << 33;

/// Says how long what comes next has to wait.
pub(crate) struct Pacer {
    /// The stream's clock and ours, at the same moment.
    base: Option<(i64, Instant)>,
    last: i64,
    /// The stream that carries the clock: the first that does.
    pid: Option<u16>,
}

impl Pacer {
    pub(crate) fn new() -> Self {
        Self {
            base: None,
            last: 0,
            pid: None,
        }
    }

    /// How long to wait before transport packets are passed on, by the first clock reference in
    /// them.
    pub(crate) fn due(&mut self, packets: &[u8]) -> Duration {
        let mut wait = Duration::ZERO;
        for packet in packets.chunks_exact(PACKET).filter(|p| in_sync(p)) {
            let Some(pcr) = header(packet).pcr_90k else {
                continue;
            };
            let pid = u16::from(packet[1] & 0x1F) << 8 | u16::from(packet[2]);
            if *self.pid.get_or_insert(pid) == pid {
                wait = wait.max(self.at(i64::try_from(pcr).unwrap_or(0)));
            }
        }
        wait
    }

    /// How long to wait before what has the time `ticks` (90 kHz) is passed on.
    pub(crate) fn at(&mut self, ticks: i64) -> Duration {
        let now = Instant::now();
        let Some((first, since)) = self.base else {
            (self.base, self.last) = (Some((ticks, now)), ticks);
            return Duration::ZERO;
        };
        let step = (ticks - self.last + WRAP / 2).rem_euclid(WRAP) - WRAP / 2;
        self.last = ticks;
        if step.abs() > JUMP {
            self.base = Some((ticks, now));
            return Duration::ZERO;
        }
        let passed = (ticks - first).rem_euclid(WRAP);
        if passed > WRAP / 2 {
            return Duration::ZERO;
        }
        let due = since + Duration::from_micros(passed.unsigned_abs() * 100 / 9);
        due.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_kept_over_a_wrap_and_set_anew_after_a_jump() {
        let mut pacer = Pacer::new();
        assert_eq!(pacer.at(WRAP - 45_000), Duration::ZERO);
        let wait = pacer.at(45_000);
        assert!(wait > Duration::from_millis(900) && wait <= Duration::from_secs(1));
        assert_eq!(pacer.at(90_000_000), Duration::ZERO);
        assert!(pacer.at(90_090_000) > Duration::from_millis(900));
        // A little back is no jump, and nothing to wait for.
        assert!(pacer.at(90_080_000) < Duration::from_secs(1));
    }
}
