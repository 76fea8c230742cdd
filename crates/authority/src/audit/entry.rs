//! An act, and its salted commitment.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What makes a commitment unguessable: random, kept beside the entry, deleted with it.
pub type Salt = [u8; 32];
/// SHA-256 over salt and entry: the leaf of the tree.
pub type Commitment = [u8; 32];

/// Names the way entries are written down, so that it can change.
const FORM: &str = "atalaya-act/1";

/// One act: who did what to what, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub n: u64,
    /// Wall time, microseconds UTC.
    pub at_us: i64,
    /// Who.
    pub who: String,
    /// An account vouches for the name.
    pub verified: bool,
    /// What.
    pub what: String,
    /// To what.
    pub subject: String,
    /// More about it, as it was written.
    pub detail: String,
}

impl Entry {
    /// The entry as bytes, in one way only: a JSON array of its fields.
    fn bytes(&self) -> Vec<u8> {
        let fields = (
            FORM,
            self.n,
            self.at_us,
            &self.who,
            self.verified,
            &self.what,
            &self.subject,
            &self.detail,
        );
        // Strings and numbers always have a JSON form.
        serde_json::to_vec(&fields).unwrap_or_default()
    }

    /// What the tree holds of it.
    pub fn commitment(&self, salt: &Salt) -> Commitment {
        let mut hash = Sha256::new();
        hash.update(salt);
        hash.update(self.bytes());
        hash.finalize().into()
    }
}
