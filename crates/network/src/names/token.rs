//! A word of a name, and how two of them agree.

use super::fold::sound;
use super::tables::{GIVEN, SHORT, SURNAMES};

/// What a word of a person's name is, as far as its place tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A given name.
    Given,
    /// A surname.
    Surname,
}

/// A folded word with what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) sound: String,
    pub(super) role: Role,
    /// The names it may stand for when it is a diminutive or an abbreviation.
    pub(super) long: &'static [&'static str],
    /// It was written short: the rest of a compound, or an abbreviation.
    pub(super) short: bool,
}

/// How two words agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agreement {
    /// A letter that the other begins with.
    Initial,
    /// One or two letters differ.
    Typo,
    /// They sound alike.
    Sound,
    /// One is short for the other, or both for a third.
    Short,
    /// The same.
    Equal,
}

impl Token {
    pub(super) fn new(text: &str, role: Role) -> Self {
        let long = SHORT.iter().find(|s| s.0 == text).map_or(&[][..], |s| s.1);
        Self {
            sound: sound(text),
            text: text.to_owned(),
            role,
            long,
            short: false,
        }
    }

    pub(super) fn is_initial(&self) -> bool {
        self.text.len() == 1
    }

    /// All full names this may be.
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.text.as_str()).chain(self.long.iter().copied())
    }

    pub(super) fn agrees(&self, other: &Self) -> Option<Agreement> {
        if self.text == other.text {
            let short = self.short != other.short;
            return Some(if short {
                Agreement::Short
            } else if self.is_initial() {
                Agreement::Initial
            } else {
                Agreement::Equal
            });
        }
        if self.is_initial() || other.is_initial() {
            let (a, b) = (self.text.as_bytes(), other.text.as_bytes());
            let by_short =
                |t: &Self, letter: u8| t.names().any(|n| n.as_bytes().first() == Some(&letter));
            let same = by_short(self, b[0]) || by_short(other, a[0]);
            return same.then_some(Agreement::Initial);
        }
        if (!self.long.is_empty() || !other.long.is_empty())
            && self.names().any(|a| other.names().any(|b| a == b))
        {
            return Some(Agreement::Short);
        }
        if self.sound == other.sound {
            return Some(Agreement::Sound);
        }
        self.typo(other).then_some(Agreement::Typo)
    }

    /// Close enough for a slip, and not two names that both exist.
    fn typo(&self, other: &Self) -> bool {
        let (a, b) = (self.text.as_bytes(), other.text.as_bytes());
        let longest = a.len().max(b.len());
        let allowed = match longest {
            0..=3 => return false,
            4..=8 => 1,
            _ => 2,
        };
        if a.len().abs_diff(b.len()) > allowed || digits(a) || digits(b) {
            return false;
        }
        // Mario and María, Francisco and Francisca.
        let gender = a.len() == b.len()
            && a[..a.len() - 1] == b[..b.len() - 1]
            && matches!(
                (a[a.len() - 1], b[b.len() - 1]),
                (b'a', b'o') | (b'o', b'a')
            );
        let two_names = gender || (self.is_known() && other.is_known());
        !two_names && within(a, b, allowed)
    }

    fn is_known(&self) -> bool {
        is_given(&self.text) || is_surname(&self.text)
    }
}

fn digits(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_digit)
}

pub(super) fn is_given(word: &str) -> bool {
    GIVEN.binary_search(&word).is_ok()
}

pub(super) fn is_surname(word: &str) -> bool {
    SURNAMES.binary_search(&word).is_ok()
}

/// At most so many letters added, lost, changed, or exchanged with their neighbour (optimal string
/// alignment).
pub(super) fn within(a: &[u8], b: &[u8], allowed: usize) -> bool {
    const MAX: usize = 40;
    if a.len() > MAX || b.len() > MAX {
        return a == b;
    }
    let mut rows = [[0usize; MAX + 1]; 3];
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        let [before, above, now] = [(i + 1) % 3, (i - 1) % 3, i % 3];
        rows[now][0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let differ = usize::from(a[i - 1] != b[j - 1]);
            let mut cost = (rows[above][j] + 1)
                .min(rows[now][j - 1] + 1)
                .min(rows[above][j - 1] + differ);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(rows[before][j - 2] + 1);
            }
            rows[now][j] = cost;
            least = least.min(cost);
        }
        if least > allowed {
            return false;
        }
    }
    rows[a.len() % 3][b.len()] <= allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(a: &str, b: &str) -> Option<Agreement> {
        Token::new(a, Role::Given).agrees(&Token::new(b, Role::Given))
    }

    #[test]
    fn words_agree_as_people_would_say() {
        assert_eq!(agreement("francisco", "paco"), Some(Agreement::Short));
        assert_eq!(agreement("pancho", "paco"), Some(Agreement::Short));
        assert_eq!(agreement("jose", "pepe"), Some(Agreement::Short));
        assert_eq!(agreement("jimenez", "gimenez"), Some(Agreement::Sound));
        assert_eq!(agreement("j", "jose"), Some(Agreement::Initial));
        assert_eq!(agreement("f", "paco"), Some(Agreement::Initial));
        assert_eq!(agreement("etxeberria", "etxebarria"), Some(Agreement::Typo));
        assert_eq!(agreement("mamani", "mamnai"), Some(Agreement::Typo));
    }

    #[test]
    fn names_that_both_exist_are_two() {
        for (a, b) in [
            ("mario", "maria"),
            ("fernandez", "hernandez"),
            ("martin", "martinez"),
            ("francisco", "francisca"),
            ("ana", "eva"),
            ("almacen21", "almacen12"),
        ] {
            assert_eq!(agreement(a, b), None, "{a} {b}");
        }
    }

    #[test]
    fn lists_are_in_order() {
        assert!(GIVEN.is_sorted() && SURNAMES.is_sorted());
    }
}
