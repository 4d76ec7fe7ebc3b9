//! JSON Web Tokens of one shape: HS256 under one key, with our header and no other.
//!
//! Only tokens that were made here are ever read here, so the header must be ours byte by byte. That leaves no
//! algorithm to choose and none to confuse. The keyed hash's inner states are made once and copied for each token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

/// `{"alg":"HS256","typ":"JWT"}` and the dot after it.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
/// Bytes of a signature in base64.
const SIGNATURE_BYTES: usize = 43;
/// Bytes of a token. Longer ones are not looked at.
pub const TOKEN_BYTES_MAX: usize = 4_096;

/// A key, ready to sign and to check.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// A signer with this key; any length will do.
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// The token that says `claims`.
    pub fn sign(&self, claims: &impl Serialize) -> String {
        let mut json = Vec::with_capacity(256);
        serde_json::to_writer(&mut json, claims)
            .expect("claims have text keys and writing to memory cannot fail");
        let mut token = String::with_capacity(HEADER.len() + json.len() * 4 / 3 + SIGNATURE_BYTES + 4);
        token.push_str(HEADER);
        BASE64.encode_string(&json, &mut token);
        let signature = self.0.clone().chain_update(token.as_bytes()).finalize().into_bytes();
        token.push('.');
        BASE64.encode_string(signature, &mut token);
        token
    }

    /// What the token says, or `None` if it was not made with this key. Takes the same time for every wrong
    /// signature. The claims' own times are the caller's to judge.
    pub fn open<C: DeserializeOwned>(&self, token: &str) -> Option<C> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let claims = message.strip_prefix(HEADER)?;
        if signature.len() != SIGNATURE_BYTES {
            return None;
        }
        let signature = BASE64.decode(signature).ok()?;
        self.0.clone().chain_update(message.as_bytes()).verify_slice(&signature).ok()?;
        serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()
    }
}
