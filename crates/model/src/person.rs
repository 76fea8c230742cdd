//! Who did something.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Author {
    /// The account's name, or the name that was typed.
    pub name: String,
    /// True when the name is that of an account that has proved itself by password.
    pub verified: bool,
}

impl Author {
    /// Somebody who has logged in.
    pub fn verified(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            verified: true,
        }
    }

    /// Somebody who only typed a name.
    pub fn unverified(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            verified: false,
        }
    }

    /// As records show it: `unverified:` before a name that nobody has proved.
    pub fn shown(&self) -> String {
        if self.verified {
            self.name.clone()
        } else {
            format!("unverified:{}", self.name)
        }
    }

    /// Whether a person answers for it by name: not the empty name, nor the one that stands for it.
    pub fn is_named(&self) -> bool {
        !matches!(self.name.trim(), "" | "nobody")
    }

    /// Whether two names are one person's: letter case and space around don't make two of one.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name.trim().to_lowercase() == other.name.trim().to_lowercase()
    }
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// Who.
    pub by: Author,
    /// When, wall time.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub at: crate::time::Micros,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_space_do_not_make_two_persons() {
        let name = Author::unverified;
        assert!(name("Ana Ríos").is_same(&name(" ana ríos ")));
        assert!(!name("Ana").is_same(&name("Bo")));
        assert!(!name(" nobody").is_named() && !name("").is_named() && name("Ana").is_named());
    }
}
