//! Small things that are handed out or kept, and that nobody else may read or change: a login under way in a browser's
//! cookie, an issuer's refresh token in the store. AES-256-GCM under a key of its own, derived from one of the house.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ports::Entropy;

/// Whoever changes what is sealed changes this too.
const CONTEXT: &str = "longhouse 2026-11 identity seal v1";
/// Bytes of a sealed text. Longer ones are not looked at.
const SEALED_BYTES_MAX: usize = 8_192;

pub struct Seal {
    key: LessSafeKey,
    entropy: Arc<dyn Entropy>,
}

impl Seal {
    /// Under a key that is derived from `secret`.
    pub fn new(secret: &[u8], entropy: Arc<dyn Entropy>) -> Self {
        let key = blake3::derive_key(CONTEXT, secret);
        let key = UnboundKey::new(&AES_256_GCM, &key).expect("a derived key has 32 bytes, as AES-256 wants");
        Self { key: LessSafeKey::new(key), entropy }
    }

    /// Seals for one purpose: opened for another, it is not accepted.
    pub fn close(&self, purpose: &str, value: &impl Serialize) -> String {
        let mut bytes = serde_json::to_vec(value).expect("plain structs of texts and numbers");
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&self.entropy.u128().to_be_bytes()[..NONCE_LEN]);
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.as_bytes()),
                &mut bytes,
            )
            .expect("a few kilobytes are within what GCM takes");
        BASE64.encode([&nonce[..], &bytes].concat())
    }

    /// What was sealed for this purpose.
    pub fn open<T: DeserializeOwned>(&self, purpose: &str, sealed: &str) -> Option<T> {
        if sealed.len() > SEALED_BYTES_MAX {
            return None;
        }
        let mut bytes = BASE64.decode(sealed).ok()?;
        let (nonce, rest) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.key.open_in_place(nonce, Aad::from(purpose.as_bytes()), rest).ok()?;
        serde_json::from_slice(plain).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU64);

    impl Entropy for Counting {
        fn u128(&self) -> u128 {
            u128::from(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) << 64
        }
    }

    #[test]
    fn opened_by_nobody_else_and_for_nothing_else() {
        let entropy = Arc::new(Counting(1.into()));
        let seal = Seal::new(b"a secret", entropy.clone());
        let sealed = seal.close("state", &("text", 7));
        assert_eq!(seal.open("state", &sealed), Some(("text".to_owned(), 7)));
        assert_ne!(seal.close("state", &("text", 7)), sealed);
        assert_eq!(seal.open::<(String, u8)>("other", &sealed), None);
        assert_eq!(Seal::new(b"another", entropy).open::<(String, u8)>("state", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last letter may hold bits that mean nothing; base64 refuses those itself.
            assert_eq!(seal.open::<(String, u8)>("state", &changed), None, "letter {at}");
        }
        for bad in ["", "AAAA", "not base64!", &"A".repeat(9_000)] {
            assert_eq!(seal.open::<(String, u8)>("state", bad), None);
        }
    }
}
