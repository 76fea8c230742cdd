//! What became of every frame of a live feed: nothing is left out without a number.
//!
//! Decoded frames are thinned (the operation asks for fewer), shed (analysis is behind) or analysed;
//! analysed ones are passed on, or come too late or too early to be.

use atalaya_model::FeedIx;
use atalaya_store::FeedCounts;
use std::time::{Duration, Instant};

/// Shortest time between two words about a feed.
const PAUSE: Duration = Duration::from_secs(1);

/// The counts of all feeds of a run, and when they are to be said.
pub struct Counts(Vec<Feed>);

#[derive(Clone, Default)]
struct Feed {
    now: FeedCounts,
    said: FeedCounts,
    at: Option<Instant>,
}

impl Counts {
    /// For `feeds` feeds.
    pub fn new(feeds: usize) -> Self {
        Self(vec![Feed::default(); feeds])
    }

    /// Counts something.
    pub fn count(&mut self, ix: FeedIx, change: impl FnOnce(&mut FeedCounts)) {
        if let Some(feed) = self.0.get_mut(usize::from(ix.0)) {
            change(&mut feed.now);
        }
    }

    /// What is to be said: changed counts, of each feed once a second; at the `end` all that changed.
    /// Each with what was said before.
    pub fn due(&mut self, end: bool) -> Vec<(FeedIx, FeedCounts, FeedCounts)> {
        let mut due = Vec::new();
        for (i, f) in self.0.iter_mut().enumerate() {
            let rested = f.at.is_none_or(|at| at.elapsed() >= PAUSE);
            if f.now != f.said && (end || rested) {
                due.push((FeedIx(i as u16), f.now, f.said));
                f.said = f.now;
                f.at = Some(Instant::now());
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_counts_are_said_at_once_then_together_and_all_at_the_end() {
        let mut counts = Counts::new(2);
        assert!(counts.due(true).is_empty());
        counts.count(FeedIx(1), |c| c.shed += 1);
        let due = counts.due(false);
        assert_eq!(due.len(), 1);
        assert_eq!((due[0].0, due[0].1.shed, due[0].2.shed), (FeedIx(1), 1, 0));
        counts.count(FeedIx(1), |c| c.late += 2);
        assert!(counts.due(false).is_empty());
        let due = counts.due(true);
        assert_eq!((due[0].1.shed, due[0].1.late, due[0].2.late), (1, 2, 0));
        assert!(counts.due(true).is_empty());
    }
}
