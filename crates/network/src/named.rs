//! Whom the authority names.

use crate::names::fold;
use std::collections::BTreeSet;

/// The persons an authority names: the only ones that may be in a graph.
///
/// A name counts as named when it is the same after case, accents, punctuation and blanks are put
/// aside. Likeness is not enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named(BTreeSet<String>);

impl Named {
    /// Nobody: what every graph starts from.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// These names, as `[authority] persons` has them.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(
            names
                .into_iter()
                .map(fold)
                .filter(|n| !n.is_empty())
                .collect(),
        )
    }

    /// True when this name is one of them.
    pub fn allows(&self, name: &str) -> bool {
        self.0.contains(&fold(name))
    }
}
