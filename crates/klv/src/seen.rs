//! Where in a set an item of the same name stood before.

use std::collections::BTreeMap;

use crate::element::ElementId;
use crate::key::Key;

/// Number of the item of each name that was met last, in few bytes for each.
pub(crate) struct Last {
    /// By tag, from 1; 0 if not met.
    small: [u32; 256],
    tags: BTreeMap<u32, u32>,
    keys: BTreeMap<Key, u32>,
}

impl Default for Last {
    fn default() -> Self {
        Self {
            small: [0; 256],
            tags: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }
}

impl Last {
    /// Notes item number `index`; the number of the one of its name before.
    pub(crate) fn note(&mut self, id: ElementId, index: u32) -> Option<u32> {
        match id {
            ElementId::Tag(tag) => match self.small.get_mut(tag as usize) {
                Some(slot) => std::mem::replace(slot, index + 1).checked_sub(1),
                None => self.tags.insert(tag, index),
            },
            ElementId::Key(key) => self.keys.insert(key, index),
            ElementId::Index(_) | ElementId::Field(_) => None,
        }
    }

    /// Number of the last of a name.
    pub(crate) fn of(&self, id: ElementId) -> Option<u32> {
        match id {
            ElementId::Tag(tag) => match self.small.get(tag as usize) {
                Some(slot) => slot.checked_sub(1),
                None => self.tags.get(&tag).copied(),
            },
            ElementId::Key(key) => self.keys.get(&key).copied(),
            ElementId::Index(_) | ElementId::Field(_) => None,
        }
    }
}
