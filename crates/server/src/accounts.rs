//! Passwords, and the tokens of sessions.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use atalaya_authority::access::Role;
use atalaya_store::{Author, Store, StoreError};
use sha2::{Digest, Sha256};

/// Shortest password of an account, characters.
const SHORTEST_PASSWORD: usize = 12;
/// Longest, bytes: hashing time is bounded.
pub(crate) const LONGEST_PASSWORD: usize = 1024;

/// Why an account could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Too easy to guess.
    #[error("the password is too short; use at least {SHORTEST_PASSWORD} characters")]
    TooShort,
    /// Too long.
    #[error("the password is too long; use at most {LONGEST_PASSWORD} bytes")]
    TooLong,
    /// Hashing failed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an account in `store`, or gives it a new password (its sessions end): the command line's
/// part. Without roles it keeps those it has; a new one is a watch officer's. Passwords are kept as argon2id hashes with a random salt (RFC 9106).
pub async fn add_user(
    store: &Store,
    name: &str,
    password: &str,
    roles: &[Role],
) -> Result<(), AccountError> {
    if password.chars().count() < SHORTEST_PASSWORD {
        return Err(AccountError::TooShort);
    }
    if password.len() > LONGEST_PASSWORD {
        return Err(AccountError::TooLong);
    }
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|e| AccountError::Hash(e.to_string()))?
        .to_string();
    let by = Author::unverified("command line");
    Ok(store.put_user(name, &hash, roles, &by).await?)
}

/// Is it the password of this account?
pub async fn check_password(
    store: &Store,
    name: &str,
    password: &str,
) -> Result<bool, AccountError> {
    let hash = store.password_of(name).await?;
    Ok(password.len() <= LONGEST_PASSWORD && verify(password, hash.as_deref()))
}

/// Does the password belong to the hash? Without a hash it takes as long, and the answer is no:
/// time does not tell which names exist.
pub(crate) fn verify(password: &str, hash: Option<&str>) -> bool {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let known = hash.is_some();
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok()
        && known
}

/// A new token (256 random bits, hex) and its hash, which is what is stored.
pub(crate) fn new_token() -> Result<(String, [u8; 32]), String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| format!("no random numbers from the system: {e}"))?;
    let token: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let hash = token_hash(&token);
    Ok((token, hash))
}

pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
