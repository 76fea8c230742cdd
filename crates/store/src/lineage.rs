//! Splits and merges of tracks, as people see them. Points are never changed: a lineage says which
//! name a point has now.

use crate::record::Edit;
use std::collections::BTreeMap;

/// Which name each stretch of each original track has. Pure: edits in, names out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// Original track → (first moment, name), by time; the first begins at `i64::MIN`.
    pieces: BTreeMap<String, Vec<(i64, String)>>,
    /// How often a name was split.
    splits: BTreeMap<String, u32>,
}

impl Lineage {
    /// From edits in the order they were made (without those that were undone).
    pub fn of<'a>(edits: impl IntoIterator<Item = &'a Edit>) -> Self {
        let mut lineage = Self::default();
        for edit in edits {
            match edit {
                Edit::Split { track, at } => lineage.split(track, at.0),
                Edit::Merge { track, other } => lineage.merge(track, other),
            }
        }
        lineage
    }

    /// True when nothing was edited.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The name that a point of `original` at `t` (microseconds UTC) has now.
    pub fn name<'a>(&'a self, original: &'a str, t: i64) -> &'a str {
        self.pieces
            .get(original)
            .and_then(|p| p.iter().rev().find(|(from, _)| *from <= t))
            .map_or(original, |(_, name)| name)
    }

    /// The stretches of an original track: first moment and name, by time; none when it was not edited.
    pub fn pieces(&self, original: &str) -> &[(i64, String)] {
        self.pieces.get(original).map_or(&[], Vec::as_slice)
    }

    /// The original tracks that `name` is made of.
    pub fn originals(&self, name: &str) -> Vec<String> {
        let mut list: Vec<String> = self
            .pieces
            .iter()
            .filter(|(_, p)| p.iter().any(|(_, n)| n == name))
            .map(|(original, _)| original.clone())
            .collect();
        if !self.pieces.contains_key(name) {
            list.push(name.to_owned());
        }
        list
    }

    /// Makes sure that an unedited track has an entry, so that it can be edited.
    fn enter(&mut self, name: &str) {
        // A name with a dot was made by a split and is no original.
        if !name.contains('.') {
            self.pieces
                .entry(name.to_owned())
                .or_insert_with(|| vec![(i64::MIN, name.to_owned())]);
        }
    }

    fn split(&mut self, name: &str, at: i64) {
        self.enter(name);
        let root = name.split('.').next().unwrap_or(name).to_owned();
        let n = self.splits.entry(root.clone()).or_insert(1);
        *n += 1;
        let new = format!("{root}.{n}");
        for pieces in self.pieces.values_mut() {
            let mut cut = Vec::with_capacity(pieces.len() + 1);
            for (i, (from, piece)) in pieces.iter().enumerate() {
                let until = pieces.get(i + 1).map_or(i64::MAX, |(next, _)| *next);
                if piece != name || until <= at {
                    cut.push((*from, piece.clone()));
                } else if *from >= at {
                    cut.push((*from, new.clone()));
                } else {
                    cut.push((*from, piece.clone()));
                    cut.push((at, new.clone()));
                }
            }
            *pieces = cut;
        }
    }

    fn merge(&mut self, track: &str, other: &str) {
        self.enter(other);
        self.enter(track);
        for (_, piece) in self.pieces.values_mut().flatten() {
            if piece == other {
                *piece = track.to_owned();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::Micros;

    fn split(track: &str, at: i64) -> Edit {
        Edit::Split {
            track: track.into(),
            at: Micros(at),
        }
    }

    fn merge(track: &str, other: &str) -> Edit {
        Edit::Merge {
            track: track.into(),
            other: other.into(),
        }
    }

    #[test]
    fn names_follow_splits_and_merges_in_order() {
        let l = Lineage::of(&[split("A1", 100), merge("A7", "A1.2"), split("A7", 200)]);
        assert_eq!(l.name("A1", 99), "A1");
        assert_eq!(l.name("A1", 100), "A7");
        assert_eq!(l.name("A1", 200), "A7.2");
        assert_eq!(l.name("A7", 199), "A7");
        assert_eq!(l.name("A7", 200), "A7.2");
        assert_eq!(l.name("A9", 0), "A9");
        assert_eq!(l.originals("A7"), ["A1", "A7"]);
        assert_eq!(l.originals("A9"), ["A9"]);
    }

    #[test]
    fn a_second_split_of_the_same_track_gets_its_own_name() {
        let l = Lineage::of(&[split("A1", 100), split("A1", 50), split("A1.2", 150)]);
        assert_eq!(l.name("A1", 49), "A1");
        assert_eq!(l.name("A1", 50), "A1.3");
        assert_eq!(l.name("A1", 100), "A1.2");
        assert_eq!(l.name("A1", 150), "A1.4");
    }
}
