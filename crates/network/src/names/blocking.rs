//! Which names of a long list are worth comparing.

use super::fold::sound;
use super::parse::Name;
use super::trades::TRADES;
use std::collections::HashMap;

/// A block with more names than this is not searched: two words that so many share say nothing.
const CROWDED: usize = 400;

/// Names by what they share. Two are candidates when they share two words by sound (diminutives
/// count as what they stand for), or all of them; where one has at most two full words, or
/// initials, a word and the first letter of another are enough; of organisations, one word that is
/// not of a trade. An error in the only other word's first letter is not found.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    blocks: Vec<Vec<u32>>,
    /// For each name the blocks it is in.
    member: Vec<Vec<u32>>,
    /// For each name the blocks it asks.
    asks: Vec<Vec<u32>>,
}

/// What a block is made of. The numbers are those of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Two(u32, u32),
    Letter(u32, u8),
    One(u32),
    All(u64),
}

/// Sorts names into blocks.
pub fn candidates(names: &[Name]) -> Candidates {
    let mut words: HashMap<String, u32> = HashMap::new();
    // Look-up only: blocks are numbered as they are met.
    let mut numbers: HashMap<Key, u32> = HashMap::new();
    let mut made = Candidates::default();
    for (i, name) in names.iter().enumerate() {
        let (keys, asked) = keys(name, &mut words);
        let mut number = |key: Key| {
            *numbers.entry(key).or_insert_with(|| {
                made.blocks.push(Vec::new());
                made.blocks.len() as u32 - 1
            })
        };
        let mut member: Vec<u32> = keys.into_iter().map(&mut number).collect();
        let mut asks: Vec<u32> = asked.into_iter().map(&mut number).collect();
        for list in [&mut member, &mut asks] {
            list.sort_unstable();
            list.dedup();
        }
        for b in &member {
            made.blocks[*b as usize].push(i as u32);
        }
        made.member.push(member);
        made.asks.push(asks);
    }
    made
}

/// The keys under which a name is found, and those under which it looks for others.
fn keys(name: &Name, words: &mut HashMap<String, u32>) -> (Vec<Key>, Vec<Key>) {
    let mut number = |text: String| {
        let next = words.len() as u32;
        *words.entry(text).or_insert(next)
    };
    // For each full word its number, or those of all it may stand for; and its first letters.
    let mut full: Vec<(Vec<u32>, Vec<u8>, bool)> = Vec::new();
    let mut letters: Vec<u8> = Vec::new();
    for t in &name.words {
        if t.is_initial() {
            letters.extend(t.text.bytes());
            continue;
        }
        let all: Vec<String> = if t.long.is_empty() {
            vec![t.sound.clone()]
        } else {
            t.long.iter().map(|l| sound(l)).collect()
        };
        let first = all.iter().filter_map(|s| s.bytes().next()).collect();
        let trade = name.organisation && TRADES.binary_search(&t.text.as_str()).is_ok();
        full.push((all.into_iter().map(&mut number).collect(), first, trade));
    }
    let (mut found, mut asked) = (Vec::new(), Vec::new());
    let needy = full.len() <= 2 || !letters.is_empty();
    for (i, (these, _, trade)) in full.iter().enumerate() {
        for (j, (those, first, _)) in full.iter().enumerate() {
            if i == j {
                continue;
            }
            for &x in these {
                for &y in those {
                    if x < y {
                        found.push(Key::Two(x, y));
                    }
                }
                found.extend(first.iter().map(|l| Key::Letter(x, *l)));
            }
        }
        for &x in these {
            found.extend(letters.iter().map(|l| Key::Letter(x, *l)));
            if full.len() == 1 || (name.organisation && !trade) {
                found.push(Key::One(x));
            }
        }
    }
    let mut signature: Vec<u32> = full.iter().filter_map(|f| f.0.first().copied()).collect();
    signature.sort_unstable();
    // FNV-1a: a clash costs a comparison, nothing else.
    let hash = signature.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, w| {
        (h ^ u64::from(*w)).wrapping_mul(0x0100_0000_01b3)
    });
    found.push(Key::All(hash));
    asked.extend(
        found
            .iter()
            .filter(|k| needy || !matches!(k, Key::Letter(..)))
            .copied(),
    );
    (found, asked)
}

impl Candidates {
    /// Blocks that are too large to be searched.
    pub fn crowded(&self) -> usize {
        self.blocks.iter().filter(|b| b.len() > CROWDED).count()
    }

    /// The names before `i` that are worth comparing with it, in rising order, into `found`.
    pub fn before(&self, i: usize, found: &mut Vec<u32>) {
        found.clear();
        for b in &self.asks[i] {
            let block = &self.blocks[*b as usize];
            if block.len() <= CROWDED {
                let end = block.partition_point(|j| (*j as usize) < i);
                found.extend_from_slice(&block[..end]);
            }
        }
        // Those before that ask for this one.
        for b in &self.member[i] {
            let block = &self.blocks[*b as usize];
            if block.len() <= CROWDED && self.asks[i].binary_search(b).is_err() {
                let end = block.partition_point(|j| (*j as usize) < i);
                let asks = |j: &&u32| self.asks[**j as usize].binary_search(b).is_ok();
                found.extend(block[..end].iter().filter(asks));
            }
        }
        found.sort_unstable();
        found.dedup();
    }
}
