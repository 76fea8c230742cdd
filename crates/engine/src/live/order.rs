//! Frames of live feeds in one order of event time, without waiting for ever and without memory
//! that grows.
//!
//! What one feed says is held back until every other that runs has spoken of a time as late. A feed
//! that says nothing for [`PATIENCE`] is not waited for; its next word, even one that comes too late
//! to be passed on, makes the others wait again, so that a feed that is merely slower than another
//! loses frames only until the others have been slowed down to it. A feed whose event time is so far
//! ahead of another's that [`AHEAD`] of its frames wait loses the oldest of them.

use crate::merge::Merge;
use atalaya_model::{FeedIx, Micros, Stamped};
use std::time::{Duration, Instant};

/// A feed that says nothing for this long no longer holds the others up.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Frames of a feed that may wait for the other feeds: some twenty seconds.
const AHEAD: usize = 300;

/// What became of a frame.
#[derive(Debug, PartialEq)]
pub enum Placed<T> {
    /// It waits for its turn.
    Queued,
    /// It came after its time had passed.
    Late(Stamped<T>),
    /// It waits, and this one, the feed's oldest, had to make room: its time is far ahead of what the
    /// others have come to.
    Early(Stamped<T>),
}

/// The order of a run.
pub struct Order<T> {
    merge: Merge<T>,
    /// Whether a feed is waited for. Video is; a sensor that speaks once a second would hold it up.
    /// What such a feed says takes its place when it comes, and is never late.
    waits: Vec<bool>,
    last_said: Vec<Instant>,
    passed_until: Micros,
}

impl<T> Order<T> {
    /// For feeds that are waited for or not. A feed counts as running once it has said something.
    pub fn new(waits: Vec<bool>, now: Instant) -> Self {
        let feeds = waits.len();
        let mut order = Self {
            waits,
            merge: Merge::new(feeds),
            last_said: vec![now; feeds],
            passed_until: Micros::MIN,
        };
        order.end();
        order
    }

    /// Takes a frame that is heard at `now`.
    pub fn heard(&mut self, frame: Stamped<T>, now: Instant) -> Placed<T> {
        let feed = frame.feed;
        if let Some(last) = self.last_said.get_mut(usize::from(feed.0)) {
            *last = now;
        }
        if self.is_waited_for(feed) {
            self.merge.reopen(feed);
            if frame.t < self.passed_until {
                return Placed::Late(frame);
            }
        }
        self.merge.push(frame);
        match self.merge.overflow(feed, AHEAD) {
            Some(oldest) => Placed::Early(oldest),
            None => Placed::Queued,
        }
    }

    fn is_waited_for(&self, feed: FeedIx) -> bool {
        self.waits
            .get(usize::from(feed.0))
            .copied()
            .unwrap_or(false)
    }

    /// A feed has ended.
    pub fn close(&mut self, feed: FeedIx) {
        self.merge.close(feed);
    }

    /// All feeds have ended: nobody is waited for.
    pub fn end(&mut self) {
        for i in 0..self.last_said.len() {
            self.merge.close(FeedIx(i as u16));
        }
    }

    /// The next frame, when at `now` nobody is waited for who may say something earlier.
    pub fn next(&mut self, now: Instant) -> Option<Stamped<T>> {
        loop {
            if let Some(next) = self.merge.pop() {
                if self.is_waited_for(next.feed) {
                    self.passed_until = self.passed_until.max(next.t);
                }
                return Some(next);
            }
            let silent = self.merge.waits_for()?;
            let last = self.last_said.get(usize::from(silent.0))?;
            if now.saturating_duration_since(*last) <= PATIENCE {
                return None;
            }
            self.merge.close(silent);
        }
    }

    /// Event time up to which frames have been passed on.
    pub fn passed_until(&self) -> Micros {
        self.passed_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(feed: u16, ms: i64) -> Stamped<()> {
        Stamped {
            t: Micros(ms * 1000),
            feed: FeedIx(feed),
            seq: ms as u64,
            body: (),
        }
    }

    /// Two feeds, ten frames a second each, for `seconds`; the second feed's come `lag_ms` later and
    /// its clock is `ahead_ms` ahead. Passed and lost frames of each.
    fn run(seconds: i64, lag_ms: i64, ahead_ms: i64) -> ([usize; 2], [usize; 2]) {
        let begun = Instant::now();
        let mut order = Order::new(vec![true; 2], begun);
        let (mut passed, mut lost) = ([0; 2], [0; 2]);
        for ms in (0..seconds * 1000).step_by(10) {
            let now = begun + Duration::from_millis(ms as u64);
            let mut heard = Vec::new();
            if ms % 100 == 0 {
                heard.push(frame(0, ms));
            }
            if ms >= lag_ms && (ms - lag_ms) % 100 == 0 {
                heard.push(frame(1, ms - lag_ms + ahead_ms));
            }
            for f in heard {
                match order.heard(f, now) {
                    Placed::Queued => {}
                    Placed::Late(f) | Placed::Early(f) => lost[usize::from(f.feed.0)] += 1,
                }
            }
            while let Some(f) = order.next(now) {
                passed[usize::from(f.feed.0)] += 1;
            }
        }
        order.end();
        while let Some(f) = order.next(begun) {
            passed[usize::from(f.feed.0)] += 1;
        }
        (passed, lost)
    }

    #[test]
    fn a_slower_feed_loses_only_what_came_before_the_others_waited_for_it() {
        // Both begin with the same picture, which the second feed shows a little later.
        let (passed, lost) = run(20, 150, 0);
        assert_eq!(lost, [0, 1]);
        assert_eq!(passed, [200, 198]);
        // A lag beyond the patience of the others costs as many frames as it is long, once.
        let (passed, lost) = run(20, 3000, 0);
        assert_eq!((passed[0], lost[0]), (200, 0));
        assert!((28..=31).contains(&lost[1]), "{lost:?}");
        assert_eq!(passed[1] + lost[1], 170);
    }

    #[test]
    fn a_sensor_is_not_waited_for_and_never_late() {
        let begun = Instant::now();
        let mut order = Order::new(vec![true, false], begun);
        order.heard(frame(0, 1000), begun);
        assert_eq!(order.next(begun).map(|f| f.t.0), Some(1_000_000));
        // Its word of an earlier time takes its place now, one of a later time waits for the video.
        order.heard(frame(1, 400), begun);
        order.heard(frame(1, 1500), begun);
        order.heard(frame(0, 1200), begun);
        order.heard(frame(0, 1600), begun);
        let mut said = Vec::new();
        while let Some(f) = order.next(begun) {
            said.push((f.feed.0, f.t.0 / 1000));
        }
        assert_eq!(said, [(1, 400), (0, 1200), (1, 1500), (0, 1600)]);
        // A sensor whose clock is ahead makes no picture late.
        order.end();
        order.heard(frame(1, 9_000_000), begun);
        assert!(order.next(begun).is_some());
        assert_eq!(order.heard(frame(0, 1700), begun), Placed::Queued);
    }

    #[test]
    fn a_clock_far_ahead_costs_that_feed_its_frames_and_nobody_else() {
        let (passed, lost) = run(120, 0, 3_600_000);
        assert_eq!((passed[0], lost[0]), (1200, 0));
        assert_eq!((passed[1], lost[1]), (AHEAD, 1200 - AHEAD));
    }

    #[test]
    fn a_feed_that_falls_silent_is_waited_for_for_a_moment_only() {
        let begun = Instant::now();
        let mut order = Order::new(vec![true; 2], begun);
        order.heard(frame(0, 0), begun);
        order.heard(frame(1, 0), begun);
        assert!(order.next(begun).is_some() && order.next(begun).is_none());
        order.heard(frame(0, 100), begun);
        let soon = begun + PATIENCE;
        assert_eq!(order.next(soon).map(|f| f.t.0), Some(0));
        assert_eq!(order.next(soon), None);
        let later = soon + Duration::from_millis(1);
        assert_eq!(order.next(later).map(|f| f.t.0), Some(100_000));
        // Its next word is too late, and yet the others wait for what follows it.
        assert!(matches!(order.heard(frame(1, 50), later), Placed::Late(_)));
        order.heard(frame(0, 200), later);
        assert_eq!(order.next(later), None);
        order.heard(frame(1, 150), later);
        assert_eq!(order.next(later).map(|f| f.t.0), Some(150_000));
    }
}
