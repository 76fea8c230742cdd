//! Who an instance is to its partners: a secret, and a card to give away.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Longest name on a card, bytes.
const LONGEST_NAME: usize = 128;

/// What is wrong with a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not what `atalaya partner key` writes.
    #[error("this is not {what} ({why}); give the file that `atalaya partner key` wrote")]
    Malformed {
        /// `a partner's card` or `an identity`.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The system gives no random numbers.
    #[error("no random numbers from the system: {0}")]
    Random(String),
}

/// `partner-card/1`: the public half, to be given to partners. Whoever takes it in compares the
/// fingerprint by voice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    schema: String,
    /// The agency, as the authority of an operation names it.
    pub name: String,
    /// Ed25519 public key, base64.
    verify: String,
    /// X25519 public key, base64.
    agree: String,
}

impl Card {
    /// From its text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bad = |why: String| KeyError::Malformed {
            what: "a partner's card",
            why,
        };
        if text.len() > 4096 {
            return Err(bad("it is too long".into()));
        }
        let card: Self = serde_json::from_str(text).map_err(|e| bad(e.to_string()))?;
        if card.schema != "partner-card/1" {
            return Err(bad(format!("schema {}", card.schema)));
        }
        check_name(&card.name).map_err(|e| bad(e.into()))?;
        card.verifier().map_err(&bad)?;
        card.agreement().map_err(bad)?;
        Ok(card)
    }

    /// Its text, one line.
    pub fn text(&self) -> String {
        // Strings only: it can't fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Eight groups of four hexadecimal digits, to be compared by voice.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.name, &self.verify, &self.agree] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hex: Vec<String> = hash
            .finalize()
            .chunks(2)
            .take(8)
            .map(|c| c.iter().map(|b| format!("{b:02x}")).collect())
            .collect();
        hex.join(" ")
    }

    pub(super) fn verifier(&self) -> Result<ed25519_dalek::VerifyingKey, String> {
        ed25519_dalek::VerifyingKey::from_bytes(&bytes(&self.verify)?).map_err(|e| e.to_string())
    }

    pub(super) fn agreement(&self) -> Result<<X25519HkdfSha256 as Kem>::PublicKey, String> {
        <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&bytes(&self.agree)?)
            .map_err(|e| e.to_string())
    }
}

/// `identity/1`: the secret half. It stays in the store's folder.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    schema: String,
    name: String,
    /// Ed25519 seed, base64.
    sign: String,
    /// Keying material of the X25519 key (RFC 9180, 7.1.3), base64.
    agree: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.name)
    }
}

impl Identity {
    /// A new one.
    pub fn new(name: &str) -> Result<Self, KeyError> {
        check_name(name).map_err(|why| KeyError::Malformed {
            what: "a partner's name",
            why: why.into(),
        })?;
        let random = || -> Result<String, KeyError> {
            let mut seed = [0u8; 32];
            getrandom::fill(&mut seed).map_err(|e| KeyError::Random(e.to_string()))?;
            Ok(STANDARD.encode(seed))
        };
        Ok(Self {
            schema: "identity/1".into(),
            name: name.trim().into(),
            sign: random()?,
            agree: random()?,
        })
    }

    /// From its text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bad = |why: String| KeyError::Malformed {
            what: "an identity",
            why,
        };
        // A message of the parser may quote what it read: the secret must not get into one.
        let id: Self = serde_json::from_str(text).map_err(|_| bad("not valid JSON".into()))?;
        if id.schema != "identity/1" {
            return Err(bad("another schema".into()));
        }
        check_name(&id.name).map_err(|e| bad(e.into()))?;
        let lengths = [bytes(&id.sign), bytes(&id.agree)];
        if lengths.iter().any(Result::is_err) {
            return Err(bad("a key has another length".into()));
        }
        Ok(id)
    }

    /// Its text. Secret.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The agency.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What partners get.
    pub fn card(&self) -> Card {
        let (_, agree) = self.agreement();
        Card {
            schema: "partner-card/1".into(),
            name: self.name.clone(),
            verify: STANDARD.encode(self.signer().verifying_key().to_bytes()),
            agree: STANDARD.encode(agree.to_bytes()),
        }
    }

    pub(super) fn signer(&self) -> ed25519_dalek::SigningKey {
        // Lengths were checked when it was made or read.
        ed25519_dalek::SigningKey::from_bytes(&bytes(&self.sign).unwrap_or_default())
    }

    pub(super) fn agreement(
        &self,
    ) -> (
        <X25519HkdfSha256 as Kem>::PrivateKey,
        <X25519HkdfSha256 as Kem>::PublicKey,
    ) {
        X25519HkdfSha256::derive_keypair(&bytes(&self.agree).unwrap_or_default())
    }
}

fn bytes(text: &str) -> Result<[u8; 32], String> {
    let bytes = STANDARD.decode(text).map_err(|e| e.to_string())?;
    bytes
        .try_into()
        .map_err(|_| "a key has another length".into())
}

fn check_name(name: &str) -> Result<(), &'static str> {
    if name.trim().is_empty() {
        return Err("its name is empty");
    }
    if name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err("its name is too long or holds control characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_and_identities_go_through_text_and_junk_does_not() {
        let me = Identity::new("Guardia de Ejemplo").unwrap();
        let again = Identity::parse(&me.text()).unwrap();
        assert_eq!(again.card(), me.card());
        let card = Card::parse(&me.card().text()).unwrap();
        assert_eq!(card.fingerprint(), me.card().fingerprint());
        assert_eq!(card.fingerprint().split(' ').count(), 8);
        assert_ne!(
            Identity::new("Guardia de Ejemplo")
                .unwrap()
                .card()
                .fingerprint(),
            card.fingerprint()
        );
        for junk in [
            "",
            "{}",
            "\u{0}",
            &me.text(),
            &card.text().replace("/1", "/2"),
        ] {
            let said = Card::parse(junk).unwrap_err().to_string();
            assert!(said.starts_with("this is not a partner's card"), "{said}");
        }
        let said = Identity::parse(&card.text()).unwrap_err().to_string();
        assert!(said.starts_with("this is not an identity"), "{said}");
        assert!(Identity::new(" ").is_err());
        assert!(!format!("{me:?}").contains(&me.sign));
    }
}
