//! When a live picture came: the moment of the datagram in which it begins.
//!
//! Looked at only to say how long results take; event time never comes from here.

use std::collections::VecDeque;
use std::time::Instant;

/// Datagrams remembered: some 5 MB, far more than one picture.
const DATAGRAMS: usize = 4096;
/// Pictures between demuxer and decoder's end, at most.
const PICTURES: usize = 128;

/// Places in the input and the moments at which they came.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// First byte of a datagram in the input, and when it came.
    datagrams: VecDeque<(u64, Instant)>,
    /// Presentation time of a picture, and when it came.
    pictures: VecDeque<(i64, Instant)>,
}

impl Arrivals {
    /// A datagram that begins at `start` of the input came at `at`.
    pub(crate) fn datagram(&mut self, start: u64, at: Instant) {
        if self.datagrams.len() == DATAGRAMS {
            self.datagrams.pop_front();
        }
        self.datagrams.push_back((start, at));
    }

    /// The picture presented at `pts_90k` begins at `pos` of the input.
    pub(crate) fn picture(&mut self, pos: u64, pts_90k: i64) {
        while self.datagrams.get(1).is_some_and(|(next, _)| *next <= pos) {
            self.datagrams.pop_front();
        }
        let Some((_, at)) = self.datagrams.front().filter(|(start, _)| *start <= pos) else {
            return;
        };
        if self.pictures.len() == PICTURES {
            self.pictures.pop_front();
        }
        self.pictures.push_back((pts_90k, *at));
    }

    /// When the picture presented at `pts_90k` came; it is forgotten.
    pub(crate) fn take(&mut self, pts_90k: i64) -> Option<Instant> {
        let found = self.pictures.iter().position(|(pts, _)| *pts == pts_90k)?;
        self.pictures.remove(found).map(|(_, at)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_picture_came_with_the_datagram_that_it_begins_in() {
        let begun = Instant::now();
        let at = |ms: u64| begun + Duration::from_millis(ms);
        let mut arrivals = Arrivals::default();
        for n in 0..10 {
            arrivals.datagram(n * 1316, at(n));
        }
        arrivals.picture(1316 * 2, 9_000);
        arrivals.picture(1316 * 4 - 1, 18_000);
        arrivals.picture(1316 * 9 + 5, 27_000);
        assert_eq!(arrivals.take(18_000), Some(at(3)));
        assert_eq!(arrivals.take(9_000), Some(at(2)));
        assert_eq!(arrivals.take(9_000), None);
        assert_eq!(arrivals.take(27_000), Some(at(9)));
    }

    #[test]
    fn what_nobody_asks_for_does_not_pile_up() {
        let mut arrivals = Arrivals::default();
        for n in 0..100_000 {
            arrivals.datagram(n, Instant::now());
        }
        for n in 99_000..100_000 {
            arrivals.picture(n, n as i64);
        }
        assert!(arrivals.datagrams.len() <= DATAGRAMS);
        assert!(arrivals.pictures.len() <= PICTURES);
        // Far in the past: nobody knows when it came.
        arrivals.picture(0, -1);
        assert_eq!(arrivals.take(-1), None);
    }
}
