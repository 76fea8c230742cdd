//! Landmarks given while a run goes on: from whoever points at a picture to the feed's thread, and what
//! became of them back; and what became of looks at the reference.

use atalaya_model::{Landmark, LandmarkFit, ReferenceFit};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most that wait for a feed's next frame.
const MOST_WAITING: usize = 100;
/// Most answers kept for each feed.
const MOST_KEPT: usize = 100;

/// Shared by those who give and those who take.
#[derive(Clone, Debug, Default)]
pub struct Landmarks(Arc<Mutex<BTreeMap<String, Feed>>>);

#[derive(Debug, Default)]
struct Feed {
    waiting: Vec<Landmark>,
    fits: VecDeque<LandmarkFit>,
    looks: VecDeque<ReferenceFit>,
}

impl Landmarks {
    /// For the next frame of a feed; false when too many wait already.
    pub fn give(&self, feed: &str, landmark: Landmark) -> bool {
        let mut feeds = self.feeds();
        let waiting = &mut feeds.entry(feed.to_owned()).or_default().waiting;
        let room = waiting.len() < MOST_WAITING;
        if room {
            waiting.push(landmark);
        }
        room
    }

    /// What became of those of a feed, oldest first.
    pub fn fits(&self, feed: &str) -> Vec<LandmarkFit> {
        let feeds = self.feeds();
        let fits = feeds.get(feed).map(|f| f.fits.iter().cloned().collect());
        fits.unwrap_or_default()
    }

    /// What became of looks for a feed's frames on the reference, oldest first.
    pub fn looks(&self, feed: &str) -> Vec<ReferenceFit> {
        let feeds = self.feeds();
        let looks = feeds.get(feed).map(|f| f.looks.iter().cloned().collect());
        looks.unwrap_or_default()
    }

    /// What became of a look.
    pub(super) fn looked(&self, feed: &str, fit: &ReferenceFit) {
        let mut feeds = self.feeds();
        let kept = &mut feeds.entry(feed.to_owned()).or_default().looks;
        kept.push_back(fit.clone());
        while kept.len() > MOST_KEPT {
            kept.pop_front();
        }
    }

    /// Those that wait for a feed's next frame.
    pub(super) fn take(&self, feed: &str) -> Vec<Landmark> {
        let mut feeds = self.feeds();
        let feed = feeds.get_mut(feed);
        feed.map(|f| std::mem::take(&mut f.waiting))
            .unwrap_or_default()
    }

    /// What became of some.
    pub(super) fn told(&self, feed: &str, fits: &[LandmarkFit]) {
        if fits.is_empty() {
            return;
        }
        let mut feeds = self.feeds();
        let kept = &mut feeds.entry(feed.to_owned()).or_default().fits;
        kept.extend(fits.iter().cloned());
        while kept.len() > MOST_KEPT {
            kept.pop_front();
        }
    }

    fn feeds(&self) -> MutexGuard<'_, BTreeMap<String, Feed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
