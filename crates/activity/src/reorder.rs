//! Putting in order what comes late, within a window.

use atalaya_model::Micros;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Items held at most: beyond that the oldest goes on early.
const MOST: usize = 4_000_000;

/// Holds back what may still be preceded by something late; what is later than the window is dropped and
/// counted. Items of the same time keep the order in which they came.
#[derive(Clone, Debug)]
pub struct Reorder<T> {
    window: Micros,
    held: BinaryHeap<Reverse<Held<T>>>,
    seq: u64,
    newest: Micros,
    given: Micros,
    dropped: u64,
}

#[derive(Clone, Debug)]
struct Held<T> {
    key: (Micros, u64),
    item: T,
}

impl<T> PartialEq for Held<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<T> Eq for Held<T> {}

impl<T> PartialOrd for Held<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Held<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

impl<T> Reorder<T> {
    /// With a window in seconds.
    pub fn new(window_s: f64) -> Self {
        Self {
            window: Micros::from_secs(window_s),
            held: BinaryHeap::new(),
            seq: 0,
            newest: Micros::MIN,
            given: Micros::MIN,
            dropped: 0,
        }
    }

    /// The next item as it comes.
    pub fn push(&mut self, t: Micros, item: T) {
        if t < self.given {
            self.dropped += 1;
            return;
        }
        self.newest = self.newest.max(t);
        let key = (t, self.seq);
        self.seq += 1;
        self.held.push(Reverse(Held { key, item }));
    }

    /// The next item in order, if nothing within the window can come before it.
    pub fn pop(&mut self) -> Option<(Micros, T)> {
        let t = self.held.peek()?.0.key.0;
        let due = self.newest - self.window;
        if t > due && self.held.len() <= MOST {
            return None;
        }
        self.take()
    }

    /// The next item in order, due or not: at the end of the input.
    pub fn take(&mut self) -> Option<(Micros, T)> {
        let Reverse(held) = self.held.pop()?;
        self.given = held.key.0;
        Some((held.key.0, held.item))
    }

    /// How many came too late.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_by_less_than_the_window_is_put_in_order_and_the_rest_is_counted() {
        let mut r = Reorder::new(5.0);
        let mut out = Vec::new();
        for (s, name) in [
            (0, "a"),
            (3, "b"),
            (1, "c"),
            (9, "d"),
            (3, "e"),
            (8, "f"),
            (5, "g"),
            (9, "h"),
        ] {
            r.push(Micros::from_secs(f64::from(s)), name);
            while let Some((t, n)) = r.pop() {
                out.push((t.0 / 1_000_000, n));
            }
        }
        while let Some((t, n)) = r.take() {
            out.push((t.0 / 1_000_000, n));
        }
        let wanted = [
            (0, "a"),
            (1, "c"),
            (3, "b"),
            (3, "e"),
            (5, "g"),
            (8, "f"),
            (9, "d"),
            (9, "h"),
        ];
        assert_eq!(out, wanted);
        assert_eq!(r.dropped(), 0);
        r.push(Micros::from_secs(8.0), "late");
        assert_eq!((r.dropped(), r.take()), (1, None));
    }
}
