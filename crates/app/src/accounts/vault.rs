//! The keys under which what is personal lies in the store: AES-256-GCM, with the key's id beside each text, so that
//! keys can be changed while the old ones still open what they sealed.
//!
//! An address is found by a keyed hash of it (BLAKE3), under a key that is never changed: without that key nobody can
//! tell from the store whether an address is in it.

use std::sync::Arc;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use store::{Personal, PersonalKind};

use crate::ports::Entropy;

const SEALING: &str = "longhouse 2026-11 personal data v1";
const NAMING: &str = "longhouse 2026-11 name of a key of personal data v1";
const FINDING: &str = "longhouse 2026-11 finding an address v1";
const MARKING: &str = "longhouse 2026-11 marking where somebody came from v1";

/// Why a sealed text cannot be opened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VaultError {
    /// Its key is not among those that are configured.
    #[error(
        "personal data is sealed under the key {0:x}, which is not configured: add it to keys.personal_old"
    )]
    NoKey(i64),
    /// It was changed, or is under another key of the same name.
    #[error("personal data in the store is damaged")]
    Damaged,
}

struct Key {
    id: i64,
    key: LessSafeKey,
}

impl Key {
    fn new(secret: &str) -> Self {
        let key = blake3::derive_key(SEALING, secret.as_bytes());
        let name = blake3::derive_key(NAMING, secret.as_bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&name[..8]);
        let key = UnboundKey::new(&AES_256_GCM, &key).expect("a derived key has 32 bytes, as AES-256 wants");
        Self { id: i64::from_be_bytes(id), key: LessSafeKey::new(key) }
    }
}

/// See the module.
pub struct Vault {
    entropy: Arc<dyn Entropy>,
    finding: [u8; 32],
    marking: [u8; 32],
    current: Key,
    old: Vec<Key>,
}

impl Vault {
    /// Seals under a key from `secret`, opens under those from `old` too, finds addresses by a key from `lookup`.
    pub fn new(entropy: Arc<dyn Entropy>, secret: &str, old: &[&str], lookup: &str) -> Self {
        Self {
            entropy,
            finding: blake3::derive_key(FINDING, lookup.as_bytes()),
            marking: blake3::derive_key(MARKING, lookup.as_bytes()),
            current: Key::new(secret),
            old: old.iter().map(|secret| Key::new(secret)).collect(),
        }
    }

    /// The name of the key that seals.
    pub fn key_id(&self) -> i64 {
        self.current.id
    }

    /// Is this key among those that open?
    pub fn opens(&self, key_id: i64) -> bool {
        std::iter::once(&self.current).chain(&self.old).any(|key| key.id == key_id)
    }

    /// Seals a text of a kind.
    pub fn seal(&self, kind: PersonalKind, text: &str) -> Personal {
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&self.entropy.u128().to_be_bytes()[..NONCE_LEN]);
        let mut bytes = text.as_bytes().to_vec();
        self.current
            .key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(kind), &mut bytes)
            .expect("a few kilobytes are within what GCM takes");
        Personal { kind, key_id: self.current.id, sealed: [&nonce[..], &bytes].concat() }
    }

    /// Opens a sealed text.
    pub fn open(&self, personal: &Personal) -> Result<String, VaultError> {
        let keys = std::iter::once(&self.current).chain(&self.old);
        let key = keys.into_iter().find(|key| key.id == personal.key_id);
        let key = key.ok_or(VaultError::NoKey(personal.key_id))?;
        let mut bytes = personal.sealed.clone();
        let (nonce, rest) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(VaultError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Damaged)?;
        let plain =
            key.key.open_in_place(nonce, aad(personal.kind), rest).map_err(|_| VaultError::Damaged)?;
        String::from_utf8(plain.to_vec()).map_err(|_| VaultError::Damaged)
    }

    /// What an address is found by.
    pub fn found_by(&self, address: &str) -> u128 {
        short(blake3::keyed_hash(&self.finding, address.as_bytes()))
    }

    /// A mark that stands for a text within `of` and cannot be read back: the same text has another mark elsewhere.
    pub fn mark(&self, of: u128, text: &str) -> u128 {
        let mut hasher = blake3::Hasher::new_keyed(&self.marking);
        hasher.update(&of.to_be_bytes()).update(text.as_bytes());
        short(hasher.finalize())
    }
}

fn short(hash: blake3::Hash) -> u128 {
    let mut id = [0; 16];
    id.copy_from_slice(&hash.as_bytes()[..16]);
    u128::from_be_bytes(id)
}

/// A text sealed as one kind does not open as another.
fn aad(kind: PersonalKind) -> Aad<[u8; 8]> {
    Aad::from((kind as i64).to_be_bytes())
}
