//! `sealed/1`: a body signed by its sender and encrypted to one receiver.
//!
//! Sign, then encrypt. Who it is from, for whom, and what kind it is are signed, bound to the
//! encryption as additional data, and checked against each other when it is opened: a receiver can't
//! pass a body on as if it had been sent to somebody else, and a message can't be taken for a release.
//!
//! HPKE base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305 (RFC 9180, 7.1 to 7.3).

use super::keys::{Card, Identity};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand::SeedableRng;
use serde::{Deserialize, Serialize};

/// Largest body, bytes.
pub const MOST_BODY: usize = 24 << 20;
const SCHEMA: &str = "sealed/1";
const SUITE: &str = "DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305; Ed25519";
const SIGNATURE: usize = 64;

/// What a sealed body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parcel {
    /// A release: `release-package/1`.
    Release,
    /// Something said about a release: `release-message/1`.
    Message,
}

/// Why something can't be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not a sealed file.
    #[error("this is not a sealed file of atalaya ({0}); give the file as it was received")]
    Malformed(String),
    /// Too large.
    #[error("it has {bytes} bytes, at most {MOST_BODY} are sealed; leave pictures out")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// For somebody else.
    #[error(
        "this is sealed for the key {to}, ours is {ours}; ask the sender to seal it for our card (`atalaya partner key`)"
    )]
    NotForUs {
        /// Fingerprint of whom it is for.
        to: String,
        /// Ours.
        ours: String,
    },
    /// From somebody unknown.
    #[error(
        "this is signed by the key {from}, which is no known partner's; compare fingerprints and take in the card first (`atalaya partner add`)"
    )]
    Unknown {
        /// Fingerprint of the sender.
        from: String,
    },
    /// Altered on its way, or not by whom it says.
    #[error(
        "this was altered on its way, or is not from {from}; nothing of it is believed: ask for it again"
    )]
    Altered {
        /// Who it says it is from.
        from: String,
    },
    /// The system gives no random numbers, or a key is no key.
    #[error("sealing failed: {0}")]
    Failed(String),
}

/// What everybody may read on the outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    schema: String,
    suite: String,
    /// What it is.
    pub parcel: Parcel,
    /// Fingerprint of the sender.
    pub from: String,
    /// Fingerprint of the receiver.
    pub to: String,
}

impl Header {
    fn bound(&self) -> Vec<u8> {
        let word = match self.parcel {
            Parcel::Release => "release",
            Parcel::Message => "message",
        };
        [SCHEMA, SUITE, word, &self.from, &self.to]
            .join("\n")
            .into_bytes()
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(flatten)]
    header: Header,
    /// Encapsulated key, base64.
    enc: String,
    /// Signature and body, encrypted, base64.
    body: String,
}

/// What was opened, and who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it is.
    pub parcel: Parcel,
    /// The sender's card.
    pub from: Card,
    /// The body.
    pub body: Vec<u8>,
}

fn signed(bound: &[u8], body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bound.len() + body.len() + 8);
    text.extend((bound.len() as u64).to_be_bytes());
    text.extend(bound);
    text.extend(body);
    text
}

/// Signs `body` and encrypts it to one partner: the text of a `sealed/1` file.
pub fn seal(parcel: Parcel, body: &[u8], from: &Identity, to: &Card) -> Result<String, SealError> {
    if body.len() > MOST_BODY {
        return Err(SealError::TooLarge { bytes: body.len() });
    }
    let header = Header {
        schema: SCHEMA.into(),
        suite: SUITE.into(),
        parcel,
        from: from.card().fingerprint(),
        to: to.fingerprint(),
    };
    let bound = header.bound();
    let signature = from.signer().sign(&signed(&bound, body));
    let mut plain = signature.to_bytes().to_vec();
    plain.extend(body);
    let mut seed = [0u8; 32];
    getrandom::fill(&mut seed).map_err(|e| SealError::Failed(e.to_string()))?;
    let mut rng = rand::rngs::StdRng::from_seed(seed);
    let (enc, body) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
        &OpModeS::Base,
        &to.agreement().map_err(SealError::Failed)?,
        SCHEMA.as_bytes(),
        &plain,
        &bound,
        &mut rng,
    )
    .map_err(|e| SealError::Failed(e.to_string()))?;
    let sealed = Sealed {
        header,
        enc: STANDARD.encode(enc.to_bytes()),
        body: STANDARD.encode(body),
    };
    serde_json::to_string(&sealed).map_err(|e| SealError::Failed(e.to_string()))
}

fn parse(text: &[u8]) -> Result<Sealed, SealError> {
    let bad = |why: String| SealError::Malformed(why);
    // Base64 is a third larger, and there is a head.
    if text.len() > MOST_BODY / 3 * 4 + 4096 {
        return Err(bad("it is too large".into()));
    }
    let sealed: Sealed = serde_json::from_slice(text).map_err(|e| bad(e.to_string()))?;
    if sealed.header.schema != SCHEMA || sealed.header.suite != SUITE {
        return Err(bad(format!(
            "schema {} with {} is not known here",
            sealed.header.schema, sealed.header.suite
        )));
    }
    Ok(sealed)
}

/// What the outside of a sealed file says. Nothing of it is proved before it is opened.
pub fn sealed_header(text: &[u8]) -> Result<Header, SealError> {
    Ok(parse(text)?.header)
}

/// Opens a `sealed/1` file: for us, from one of `partners`, and unaltered, or not at all.
pub fn open(text: &[u8], me: &Identity, partners: &[Card]) -> Result<Opened, SealError> {
    let Sealed { header, enc, body } = parse(text)?;
    let ours = me.card().fingerprint();
    if header.to != ours {
        return Err(SealError::NotForUs {
            to: header.to,
            ours,
        });
    }
    let Some(from) = partners.iter().find(|p| p.fingerprint() == header.from) else {
        return Err(SealError::Unknown { from: header.from });
    };
    let altered = || SealError::Altered {
        from: from.name.clone(),
    };
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| altered());
    let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&decode(&enc)?)
        .map_err(|_| altered())?;
    let (secret, _) = me.agreement();
    let bound = header.bound();
    let plain = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &enc,
        SCHEMA.as_bytes(),
        &decode(&body)?,
        &bound,
    )
    .map_err(|_| altered())?;
    let (signature, body) = plain.split_at_checked(SIGNATURE).ok_or_else(altered)?;
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| altered())?;
    from.verifier()
        .map_err(SealError::Failed)?
        .verify_strict(&signed(&bound, body), &signature)
        .map_err(|_| altered())?;
    Ok(Opened {
        parcel: header.parcel,
        from: from.clone(),
        body: body.to_vec(),
    })
}
