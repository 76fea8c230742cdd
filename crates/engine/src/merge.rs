//! Several feeds to one total order.

use atalaya_model::{FeedIx, Stamped};
use std::collections::VecDeque;

/// Puts frames of several feeds into the order (t, feed, seq). A frame is released when every feed
/// that still runs has shown something as late: what a feed will say next can't be earlier.
#[derive(Debug)]
pub struct Merge<T> {
    queues: Vec<VecDeque<Stamped<T>>>,
    open: Vec<bool>,
}

impl<T> Merge<T> {
    /// For `feeds` feeds, all open.
    pub fn new(feeds: usize) -> Self {
        Self {
            queues: (0..feeds).map(|_| VecDeque::new()).collect(),
            open: vec![true; feeds],
        }
    }

    /// Takes a frame. Frames of one feed come in order.
    pub fn push(&mut self, item: Stamped<T>) {
        if let Some(q) = self.queues.get_mut(usize::from(item.feed.0)) {
            q.push_back(item);
        }
    }

    /// Drops the oldest frame of a feed of which more than `most` wait: a feed whose clock is far
    /// ahead of the others would fill the memory with what they never reach.
    pub fn overflow(&mut self, feed: FeedIx, most: usize) -> Option<Stamped<T>> {
        let q = self.queues.get_mut(usize::from(feed.0))?;
        if q.len() > most { q.pop_front() } else { None }
    }

    /// A feed has ended or fallen silent: nobody waits for it.
    pub fn close(&mut self, feed: FeedIx) {
        if let Some(o) = self.open.get_mut(usize::from(feed.0)) {
            *o = false;
        }
    }

    /// A feed that had fallen silent is back.
    pub fn reopen(&mut self, feed: FeedIx) {
        if let Some(o) = self.open.get_mut(usize::from(feed.0)) {
            *o = true;
        }
    }

    /// The feed that holds the others up, if any: open, with nothing queued.
    pub fn waits_for(&self) -> Option<FeedIx> {
        (0..self.queues.len())
            .find(|i| self.open[*i] && self.queues[*i].is_empty())
            .map(|i| FeedIx(i as u16))
    }

    /// The next in order, when it is certain.
    pub fn pop(&mut self) -> Option<Stamped<T>> {
        if self.waits_for().is_some() {
            return None;
        }
        let first = self
            .queues
            .iter()
            .enumerate()
            .filter_map(|(i, q)| q.front().map(|s| (s.key(), i)))
            .min()?
            .1;
        self.queues[first].pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::Micros;

    fn item(t: i64, feed: u16, seq: u64) -> Stamped<()> {
        Stamped {
            t: Micros(t),
            feed: FeedIx(feed),
            seq,
            body: (),
        }
    }

    #[test]
    fn order_does_not_depend_on_arrival() {
        let all = [
            item(1, 0, 0),
            item(3, 0, 1),
            item(5, 0, 2),
            item(1, 1, 0),
            item(2, 1, 1),
            item(5, 1, 2),
        ];
        let run = |order: &[usize]| {
            let mut m = Merge::new(2);
            let mut out = Vec::new();
            for i in order {
                m.push(all[*i].clone());
                while let Some(s) = m.pop() {
                    out.push(s.key());
                }
            }
            m.close(FeedIx(0));
            m.close(FeedIx(1));
            while let Some(s) = m.pop() {
                out.push(s.key());
            }
            out
        };
        let a = run(&[0, 1, 2, 3, 4, 5]);
        let b = run(&[3, 0, 4, 1, 5, 2]);
        assert_eq!(a, b);
        assert_eq!(a.len(), 6);
        assert!(a.is_sorted());
    }

    #[test]
    fn a_feed_far_ahead_of_another_does_not_pile_up() {
        let mut m = Merge::new(2);
        let (mut passed, mut early) = (0, 0);
        for seq in 0..1000 {
            // The second feed's clock is an hour ahead.
            for i in [item(seq, 0, seq as u64), item(seq + 3600, 1, seq as u64)] {
                let feed = i.feed;
                m.push(i);
                early += u32::from(m.overflow(feed, 10).is_some());
                while m.pop().is_some() {
                    passed += 1;
                }
            }
        }
        let waiting: usize = m.queues.iter().map(VecDeque::len).sum();
        assert!(waiting <= 10, "{waiting}");
        assert_eq!(passed + early + waiting as u32, 2000);
        assert_eq!(passed, 1000);
    }

    #[test]
    fn a_silent_feed_holds_the_others_up_until_closed() {
        let mut m = Merge::new(2);
        m.push(item(1, 0, 0));
        assert!(m.pop().is_none());
        assert_eq!(m.waits_for(), Some(FeedIx(1)));
        m.close(FeedIx(1));
        assert!(m.pop().is_some());
    }
}
