//! How two names agree, in numbers.

use super::parse::Name;
use super::token::{Agreement, Role, Token};
use super::trades::TRADES;

/// How many numbers describe a pair.
pub const FEATURES: usize = 14;

/// What [`features`] says about a pair; the first number is always 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// Compared as organisations: the numbers then mean something else.
    pub organisation: bool,
    /// One reads like a person's name and the other like an organisation's.
    pub mixed: bool,
    /// The numbers.
    pub values: [f64; FEATURES],
}

struct Pairs {
    /// Places in the left and right name, and how they agree.
    found: Vec<(usize, usize, Agreement)>,
    left: Vec<usize>,
    right: Vec<usize>,
}

/// Describes a pair.
pub fn features(a: &Name, b: &Name) -> Features {
    let organisation = a.organisation || b.organisation;
    Features {
        organisation,
        mixed: a.organisation != b.organisation,
        values: if organisation {
            companies(a, b)
        } else {
            persons(a, b)
        },
    }
}

/// Pairs of words, best first: equal words before others, the same role before another.
fn pairs(a: &[Token], b: &[Token]) -> Pairs {
    let mut all = Vec::new();
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            if let Some(how) = x.agrees(y) {
                all.push((how, x.role == y.role, i, j));
            }
        }
    }
    all.sort_by(|x, y| {
        (y.0, y.1, x.2.abs_diff(x.3), x.2, x.3).cmp(&(x.0, x.1, y.2.abs_diff(y.3), y.2, y.3))
    });
    let mut made = Pairs {
        found: Vec::new(),
        left: (0..a.len()).collect(),
        right: (0..b.len()).collect(),
    };
    for (how, _, i, j) in all {
        if made.left.contains(&i) && made.right.contains(&j) {
            made.left.retain(|l| *l != i);
            made.right.retain(|r| *r != j);
            made.found.push((i, j, how));
        }
    }
    made.found.sort_unstable();
    made
}

fn count(items: impl Iterator<Item = bool>) -> f64 {
    items.filter(|x| *x).count() as f64
}

/// Conflicts are words that are left on both sides; extras are what is left on one side only.
fn rest(left: f64, right: f64) -> (f64, f64) {
    (left.min(right), (left - right).abs())
}

fn persons(a: &Name, b: &Name) -> [f64; FEATURES] {
    let p = pairs(&a.words, &b.words);
    let full = |p: &(usize, usize, Agreement)| p.2 > Agreement::Initial;
    let role = |p: &(usize, usize, Agreement)| (a.words[p.0].role, b.words[p.1].role);
    let in_role = |r: Role| {
        let found = p.found.iter().filter(move |p| full(p));
        count(found.map(|f| role(f) == (r, r)))
    };
    let (given, surnames) = (in_role(Role::Given), in_role(Role::Surname));
    let crossed = count(p.found.iter().map(|f| full(f) && role(f).0 != role(f).1));
    let initials = count(p.found.iter().map(|f| !full(f)));
    let left = |r: Role| count(p.left.iter().map(|i| a.words[*i].role == r));
    let right = |r: Role| count(p.right.iter().map(|j| b.words[*j].role == r));
    let (given_conflict, given_extra) = rest(left(Role::Given), right(Role::Given));
    let (surname_conflict, surname_extra) = rest(left(Role::Surname), right(Role::Surname));
    let (all_conflict, _) = rest(p.left.len() as f64, p.right.len() as f64);
    let how = |h: Agreement| count(p.found.iter().map(|f| f.2 == h));
    let (rotated, swapped) = order(&p);
    // A given name that has nothing to stand against on the other side.
    let no_given = given + crossed + initials == 0.0;
    let no_surname = surnames + crossed == 0.0;
    [
        1.0,
        given.min(2.0),
        surnames.min(2.0),
        initials.min(3.0),
        crossed.min(2.0),
        given_conflict.min(2.0),
        surname_conflict.min(2.0) + (all_conflict - given_conflict - surname_conflict).max(0.0),
        given_extra.min(2.0),
        surname_extra.min(2.0),
        how(Agreement::Short).min(2.0),
        how(Agreement::Sound).min(2.0),
        how(Agreement::Typo).min(2.0),
        f64::from(u8::from(swapped)) + 0.3 * f64::from(u8::from(rotated)),
        f64::from(u8::from(no_given))
            + f64::from(u8::from(no_surname))
            + f64::from(u8::from(a.generation != b.generation)),
    ]
}

/// Whether the words stand in another order: turned round as a whole (surnames first), or
/// exchanged.
fn order(p: &Pairs) -> (bool, bool) {
    let places: Vec<usize> = p
        .found
        .iter()
        .filter(|f| f.2 > Agreement::Initial)
        .map(|f| f.1)
        .collect();
    let falls = places.windows(2).filter(|w| w[0] > w[1]).count();
    let turned = falls == 1 && places.last() < places.first();
    (turned, falls > 0 && !turned)
}

fn companies(a: &Name, b: &Name) -> [f64; FEATURES] {
    let p = pairs(&a.words, &b.words);
    let trade = |t: &Token| TRADES.binary_search(&t.text.as_str()).is_ok();
    let number = |t: &Token| t.text.bytes().any(|c| c.is_ascii_digit());
    let own = count(
        p.found
            .iter()
            .map(|f| !trade(&a.words[f.0]) && f.2 > Agreement::Initial),
    );
    let trades = count(p.found.iter().map(|f| trade(&a.words[f.0])));
    let left = |t: bool| count(p.left.iter().map(|i| trade(&a.words[*i]) == t));
    let right = |t: bool| count(p.right.iter().map(|j| trade(&b.words[*j]) == t));
    let (own_conflict, own_extra) = rest(left(false), right(false));
    let (trade_conflict, trade_extra) = rest(left(true), right(true));
    let numbers =
        p.left.iter().any(|i| number(&a.words[*i])) || p.right.iter().any(|j| number(&b.words[*j]));
    let how = |h: Agreement| count(p.found.iter().map(|f| f.2 == h));
    let legal = match (a.legal, b.legal) {
        (Some(x), Some(y)) if x != y => [1.0, 0.0],
        (Some(_), None) | (None, Some(_)) => [0.0, 1.0],
        _ => [0.0, 0.0],
    };
    let acronym = acronym_of(&a.words, &b.words) || acronym_of(&b.words, &a.words);
    [
        1.0,
        own.min(3.0),
        trades.min(2.0),
        own_conflict.min(2.0),
        own_extra.min(3.0),
        trade_conflict.min(2.0),
        trade_extra.min(2.0),
        how(Agreement::Short).min(2.0),
        how(Agreement::Sound).min(2.0),
        how(Agreement::Typo).min(2.0),
        legal[0],
        legal[1],
        f64::from(u8::from(numbers)),
        f64::from(u8::from(acronym)),
    ]
}

/// True when the one word of `short` is made of the first letters of `long`.
fn acronym_of(short: &[Token], long: &[Token]) -> bool {
    let [word] = short else { return false };
    long.len() >= 3
        && word
            .text
            .bytes()
            .eq(long.iter().filter_map(|t| t.text.bytes().next()))
}
