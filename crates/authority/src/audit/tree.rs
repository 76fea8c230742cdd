//! The tree: which stored hashes an act needs, and which it adds.
//!
//! Hashes of whole subtrees are kept by a number (see `tlog_tiles::stored_hash_index`), some two
//! for every act, so that appending and the root read a logarithm of them.

use super::entry::Commitment;
use std::collections::BTreeMap;
use tlog_tiles::{
    Error, Hash, HashReader, node_hash, record_hash, stored_hash_count, stored_hash_index,
    stored_hashes, sub_tree_index, tree_hash,
};

/// Root of a tree.
pub type Root = [u8; 32];

/// Hashes that an act adds: the number of the first, and all of them in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Number of the first.
    pub first: u64,
    /// They.
    pub hashes: Vec<Root>,
}

/// Hashes at hand.
struct Known<'a>(&'a BTreeMap<u64, Root>);

impl HashReader for Known<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        indexes
            .iter()
            .map(|i| self.0.get(i).map(|h| Hash(*h)))
            .collect::<Option<Vec<_>>>()
            .ok_or(Error::IndexesNotInTree)
    }
}

/// Numbers of the hashes that are needed to append to a tree of `size` acts.
pub fn nodes_for_append(size: u64) -> Vec<u64> {
    let whole = (size + 1).trailing_zeros() as u8;
    (0..whole)
        .map(|level| stored_hash_index(level, (size >> level) - 1))
        .collect()
}

/// Numbers of the hashes that are needed for the root of a tree of `size` acts.
pub fn nodes_for_root(size: u64) -> Vec<u64> {
    if size == 0 {
        Vec::new()
    } else {
        sub_tree_index(0, size, Vec::new())
    }
}

/// Appends to a tree of `size` acts; `None` when a needed hash is missing.
pub fn append(size: u64, leaf: &Commitment, known: &BTreeMap<u64, Root>) -> Option<Append> {
    let hashes = stored_hashes(size, leaf, &Known(known)).ok()?;
    Some(Append {
        first: stored_hash_count(size),
        hashes: hashes.into_iter().map(|h| h.0).collect(),
    })
}

/// The root of a tree of `size` acts; `None` when a needed hash is missing.
pub fn root(size: u64, known: &BTreeMap<u64, Root>) -> Option<Root> {
    tree_hash(size, &Known(known)).ok().map(|h| h.0)
}

/// Roots of a growing tree from its leaves alone, in memory that grows with the logarithm.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    size: u64,
    /// Whole subtrees from left to right, largest first, with their heights.
    peaks: Vec<(u32, Hash)>,
}

impl Roots {
    /// Takes the next leaf.
    pub fn push(&mut self, leaf: &Commitment) {
        let mut peak = (0, record_hash(leaf));
        while self.peaks.last().is_some_and(|p| p.0 == peak.0) {
            if let Some((height, left)) = self.peaks.pop() {
                peak = (height + 1, node_hash(left, peak.1));
            }
        }
        self.peaks.push(peak);
        self.size += 1;
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of all leaves so far (RFC 6962, section 2.1).
    pub fn root(&self) -> Root {
        let mut peaks = self.peaks.iter().rev().map(|p| p.1);
        match peaks.next() {
            Some(last) => peaks.fold(last, |right, left| node_hash(left, right)).0,
            None => tlog_tiles::EMPTY_HASH.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_hashes_and_leaves_alone_give_the_same_root() {
        let mut known = BTreeMap::new();
        let mut roots = Roots::default();
        for n in 0..300u64 {
            assert_eq!(root(n, &known), Some(roots.root()), "{n}");
            let leaf = [n as u8; 32];
            // Only what it asked for, as a store would read it.
            let at_hand: BTreeMap<u64, Root> = nodes_for_append(n)
                .into_iter()
                .map(|i| (i, known[&i]))
                .collect();
            let added = append(n, &leaf, &at_hand).unwrap();
            known.extend((added.first..).zip(added.hashes));
            roots.push(&leaf);
            let at_hand: BTreeMap<u64, Root> = nodes_for_root(n + 1)
                .into_iter()
                .map(|i| (i, known[&i]))
                .collect();
            assert_eq!(root(n + 1, &at_hand), Some(roots.root()));
        }
        assert_eq!(append(3, &[0; 32], &BTreeMap::new()), None);
    }

    #[test]
    fn one_leaf_is_hashed_as_the_standard_says() {
        use sha2::{Digest, Sha256};
        let mut roots = Roots::default();
        roots.push(&[7; 32]);
        let mut hash = Sha256::new();
        hash.update([0]);
        hash.update([7; 32]);
        assert_eq!(roots.root(), <[u8; 32]>::from(hash.finalize()));
    }
}
