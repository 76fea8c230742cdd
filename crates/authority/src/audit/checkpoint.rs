//! Signed checkpoints.

use super::tree::Root;
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint as Head, Hash};

/// What may be wrong with keys and checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a key.
    #[error("not an audit key: {0}; it is one line, as written when the store was made")]
    Key(String),
    /// Not a checkpoint.
    #[error("not a checkpoint: {0}")]
    Malformed(String),
    /// Not signed by the key.
    #[error("the checkpoint's signature is not by {0}: it was altered, or made by another")]
    Signature(String),
}

/// A key that signs checkpoints (Ed25519), as one line of text that must stay secret.
#[derive(Clone)]
pub struct SigningKey {
    line: String,
    signer: StandardSigner,
    public: PublicKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public.name())
    }
}

impl SigningKey {
    /// From 32 random bytes; `name` is the log's, without spaces or pluses.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, CheckpointError> {
        use base64::Engine;
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = signed_note::new_ed25519_verifier_key(name, &secret.verifying_key());
        let id = public.split('+').nth(1).unwrap_or_default();
        let mut key = vec![1u8];
        key.extend(seed);
        let key = base64::engine::general_purpose::STANDARD.encode(key);
        Self::parse(&format!("PRIVATE+KEY+{name}+{id}+{key}"))
    }

    /// From its line.
    pub fn parse(line: &str) -> Result<Self, CheckpointError> {
        use base64::Engine;
        let line = line.trim();
        let bad = |why: String| CheckpointError::Key(why);
        let signer = StandardSigner::new(line).map_err(|e| bad(e.to_string()))?;
        let mut parts = line.split('+').skip(2);
        let name = parts.next().unwrap_or_default();
        // Base64 has pluses of its own.
        let key = parts.skip(1).collect::<Vec<_>>().join("+");
        let key = base64::engine::general_purpose::STANDARD
            .decode(key)
            .map_err(|e| bad(e.to_string()))?;
        let seed: [u8; 32] = key
            .get(1..)
            .and_then(|k| k.try_into().ok())
            .ok_or_else(|| bad("its length".into()))?;
        let secret = ed25519_dalek::SigningKey::from_bytes(&seed);
        let public = signed_note::new_ed25519_verifier_key(name, &secret.verifying_key());
        Ok(Self {
            line: line.to_owned(),
            signer,
            public: PublicKey(public),
        })
    }

    /// Its line. Secret.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// What others check its signatures by.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// The public half, as one line of text: `name+id+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(String);

impl PublicKey {
    /// From its line.
    pub fn parse(line: &str) -> Result<Self, CheckpointError> {
        let line = line.trim();
        StandardVerifier::new(line).map_err(|e| CheckpointError::Key(e.to_string()))?;
        Ok(Self(line.to_owned()))
    }

    /// The log's name.
    pub fn name(&self) -> &str {
        self.0.split('+').next().unwrap_or_default()
    }

    /// Its line.
    pub fn line(&self) -> &str {
        &self.0
    }
}

/// Size and root of a tree, whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Acts in the tree.
    pub size: u64,
    /// Its root.
    pub root: Root,
}

impl Checkpoint {
    /// As a signed note.
    pub fn sign(&self, key: &SigningKey) -> Result<String, CheckpointError> {
        let bad = |why: String| CheckpointError::Malformed(why);
        let head = Head::new(key.public.name(), self.size, Hash(self.root), "")
            .map_err(|e| bad(e.to_string()))?;
        let mut note = Note::new(&head.to_bytes(), &[]).map_err(|e| bad(e.to_string()))?;
        note.add_sigs(&[&key.signer])
            .map_err(|e| bad(e.to_string()))?;
        String::from_utf8(note.to_bytes()).map_err(|e| bad(e.to_string()))
    }

    /// From a signed note, when the signature is by `key`.
    pub fn open(note: &str, key: &PublicKey) -> Result<Self, CheckpointError> {
        let bad = |why: String| CheckpointError::Malformed(why);
        let note = Note::from_bytes(note.as_bytes()).map_err(|e| bad(e.to_string()))?;
        let verifier =
            StandardVerifier::new(&key.0).map_err(|e| CheckpointError::Key(e.to_string()))?;
        note.verify(&VerifierList::new(vec![Box::new(verifier)]))
            .map_err(|_| CheckpointError::Signature(key.name().to_owned()))?;
        let head = Head::from_bytes(note.text()).map_err(|e| bad(e.to_string()))?;
        if head.origin() != key.name() {
            return Err(bad(format!("it is of the log {}", head.origin())));
        }
        Ok(Self {
            size: head.size(),
            root: head.hash().0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_opens_with_its_key_only_and_unaltered_only() {
        let key = SigningKey::from_seed("post.example/log", &[3; 32]).unwrap();
        let again = SigningKey::parse(key.line()).unwrap();
        assert_eq!(again.public(), key.public());
        let at = Checkpoint {
            size: 12,
            root: [9; 32],
        };
        let note = at.sign(&key).unwrap();
        assert!(note.starts_with("post.example/log\n12\n"), "{note}");
        assert_eq!(Checkpoint::open(&note, key.public()), Ok(at));
        let other = SigningKey::from_seed("post.example/log", &[4; 32]).unwrap();
        let wrong = Checkpoint::open(&note, other.public()).unwrap_err();
        assert!(wrong.to_string().contains("signature is not by"), "{wrong}");
        let more = note.replace("\n12\n", "\n13\n");
        assert!(matches!(
            Checkpoint::open(&more, key.public()),
            Err(CheckpointError::Signature(_))
        ));
        for junk in ["", "\n\n", "a+b+c", "PRIVATE+KEY+x+0+"] {
            assert!(Checkpoint::open(junk, key.public()).is_err());
            assert!(PublicKey::parse(junk).is_err());
            assert!(SigningKey::parse(junk).is_err());
        }
    }
}
