//! JSON Web Tokens of one shape: signed by one key, with our header and no other.
//!
//! Only tokens that were made here are ever read here, so the header must be ours byte by byte. That leaves no
//! algorithm to choose and none to confuse. With a secret, tokens are HS256 and the keyed hash's inner states are made
//! once and copied for each token; with a key pair they are RS256, for those who check tokens with published keys.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair as RsaKeyPair, PublicKeyComponents};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::Sha256;

/// `{"alg":"HS256","typ":"JWT"}` and the dot after it.
const SECRET_HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
/// Bytes of a token. Longer ones are not looked at.
pub const TOKEN_BYTES_MAX: usize = 4_096;

/// Why a key cannot sign tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an RSA private key of 2,048 bits or more, as PKCS#8 in PEM (\"BEGIN PRIVATE KEY\")")]
pub struct BadKey;

/// A key, ready to sign and to check.
pub struct Signer(Kind);

enum Kind {
    Secret(Hmac<Sha256>),
    Pair(Box<Pair>),
}

/// A key pair that signs, and the ones before it, which still check.
struct Pair {
    own: RsaKeyPair,
    checks: Vec<Check>,
}

/// A public key with the header of its tokens.
struct Check {
    header: String,
    key: UnparsedPublicKey<Vec<u8>>,
    published: Value,
}

impl Signer {
    /// A signer with this secret; any length will do.
    pub fn secret(key: &[u8]) -> Self {
        Self(Kind::Secret(Hmac::new_from_slice(key).expect("HMAC takes keys of any length")))
    }

    /// A signer with an RSA key; tokens under the `old` ones are taken as well. All of them are PKCS#8 in PEM.
    pub fn pair(pem: &str, old: &[String]) -> Result<Self, BadKey> {
        let own = read_pem(pem)?;
        let mut checks = vec![Check::of(&own)];
        for pem in old {
            checks.push(Check::of(&read_pem(pem)?));
        }
        Ok(Self(Kind::Pair(Box::new(Pair { own, checks }))))
    }

    /// The token that says `claims`.
    pub fn sign(&self, claims: &impl Serialize) -> String {
        let mut json = Vec::with_capacity(256);
        serde_json::to_writer(&mut json, claims)
            .expect("claims have text keys and writing to memory cannot fail");
        let header = match &self.0 {
            Kind::Secret(_) => SECRET_HEADER,
            Kind::Pair(pair) => &pair.checks[0].header,
        };
        let mut token = String::with_capacity(header.len() + json.len() * 4 / 3 + 64);
        token.push_str(header);
        BASE64.encode_string(&json, &mut token);
        match &self.0 {
            Kind::Secret(key) => {
                let signature = key.clone().chain_update(token.as_bytes()).finalize().into_bytes();
                token.push('.');
                BASE64.encode_string(signature, &mut token);
            }
            Kind::Pair(pair) => {
                let mut signature = vec![0; pair.own.public().modulus_len()];
                // The randomness blinds the computation against timing; the signature does not depend on it.
                pair.own
                    .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
                    .expect("the key was checked when it was read, and the length is its own");
                token.push('.');
                BASE64.encode_string(signature, &mut token);
            }
        }
        token
    }

    /// What the token says, or `None` if it was not made with this key. Takes the same time for every wrong
    /// signature. The claims' own times are the caller's to judge.
    pub fn open<C: DeserializeOwned>(&self, token: &str) -> Option<C> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let claims = match &self.0 {
            Kind::Secret(key) => {
                let claims = message.strip_prefix(SECRET_HEADER)?;
                let signature = BASE64.decode(signature).ok()?;
                key.clone().chain_update(message.as_bytes()).verify_slice(&signature).ok()?;
                claims
            }
            Kind::Pair(pair) => {
                let check = pair.checks.iter().find(|check| message.starts_with(&check.header))?;
                let signature = BASE64.decode(signature).ok()?;
                check.key.verify(message.as_bytes(), &signature).ok()?;
                &message[check.header.len()..]
            }
        };
        serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()
    }

    /// The public keys as a JSON Web Key Set (RFC 7517); no keys where a secret signs.
    pub fn published(&self) -> Value {
        let keys: Vec<_> = match &self.0 {
            Kind::Secret(_) => Vec::new(),
            Kind::Pair(pair) => pair.checks.iter().map(|check| check.published.clone()).collect(),
        };
        json!({ "keys": keys })
    }
}

impl Check {
    fn of(pair: &RsaKeyPair) -> Self {
        let public = pair.public_key().as_ref().to_vec();
        let kid = blake3::hash(&public).to_hex()[..16].to_owned();
        let header = json!({ "alg": "RS256", "kid": kid, "typ": "JWT" }).to_string();
        let parts: PublicKeyComponents<Vec<u8>> = PublicKeyComponents::from(pair.public());
        let published = json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": kid,
            "n": BASE64.encode(parts.n),
            "e": BASE64.encode(parts.e),
        });
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
        Self { header: BASE64.encode(header) + ".", key, published }
    }
}

fn read_pem(pem: &str) -> Result<RsaKeyPair, BadKey> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----").ok_or(BadKey)?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----").ok_or(BadKey)?;
    let body: String = body.split_whitespace().collect();
    let der = STANDARD.decode(body).map_err(|_| BadKey)?;
    RsaKeyPair::from_pkcs8(&der).map_err(|_| BadKey)
}
