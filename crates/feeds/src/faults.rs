//! What goes wrong on a connection, told once until it has been well again.

use std::sync::{Mutex, PoisonError};

/// Faults that wait to be told; more are left out.
const WAITING: usize = 32;

/// Faults on their way from a connection's thread to whoever tells of them.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    waiting: Vec<String>,
    last: Option<String>,
}

impl Faults {
    /// Tells of a fault; the same again says nothing.
    pub(crate) fn tell(&self, text: String) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.last.as_ref() != Some(&text) && inner.waiting.len() < WAITING {
            inner.last = Some(text.clone());
            inner.waiting.push(text);
        }
    }

    /// It is well again: the same fault would be another.
    pub(crate) fn well(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last = None;
    }

    /// What was told since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(
            &mut self
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .waiting,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_told_once_until_it_was_well() {
        let faults = Faults::default();
        for _ in 0..3 {
            faults.tell("away".into());
            assert!(faults.take().len() <= 1);
        }
        assert!(faults.take().is_empty());
        faults.well();
        faults.tell("away".into());
        assert_eq!(faults.take(), ["away"]);
    }
}
