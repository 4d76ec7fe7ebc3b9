//! Signed tokens of others (JSON Web Signature, compact form): reading one, and checking its signature with a key of the
//! issuer. What its claims mean is judged in [`super::claims`].
//!
//! The key decides which algorithms may be used with it, never the token: `none` and the shared-secret kinds (`HS256`, …)
//! do not exist here at all, so no public key can be passed off as a secret.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Bytes of a token. Longer ones are not looked at.
pub const TOKEN_BYTES_MAX: usize = 16 << 10;
/// Keys that are kept of one issuer.
pub const KEYS_MAX: usize = 64;
/// Bytes of a key's name.
const KID_BYTES_MAX: usize = 512;

/// Why a token is not taken, as far as its form and signature go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JoseError {
    /// Not a signed token in the compact form.
    #[error("it is not a signed token")]
    Form,
    /// Signed in a way that is not taken.
    #[error("its algorithm is not taken")]
    Algorithm,
    /// The header asks for an extension.
    #[error("its header has an extension that is not known")]
    Critical,
    /// No key of the issuer has that name.
    #[error("its key is not one of the issuer's")]
    Key,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
}

/// The ways of signing that are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Algorithm {
    /// RSA PKCS #1 with SHA-256.
    Rs256,
    /// RSA PKCS #1 with SHA-384.
    Rs384,
    /// RSA PKCS #1 with SHA-512.
    Rs512,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// RSA-PSS with SHA-384.
    Ps384,
    /// RSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256.
    Es256,
    /// ECDSA on P-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};

impl Algorithm {
    /// By its registered name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Rs256,
            "RS384" => Rs384,
            "RS512" => Rs512,
            "PS256" => Ps256,
            "PS384" => Ps384,
            "PS512" => Ps512,
            "ES256" => Es256,
            "ES384" => Es384,
            "EdDSA" => EdDsa,
            _ => return None,
        })
    }

    fn rsa(self) -> Option<&'static RsaParameters> {
        Some(match self {
            Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            Ps256 => &RSA_PSS_2048_8192_SHA256,
            Ps384 => &RSA_PSS_2048_8192_SHA384,
            Ps512 => &RSA_PSS_2048_8192_SHA512,
            Es256 | Es384 | EdDsa => return None,
        })
    }
}

/// The part of a header that is looked at.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
    #[serde(default)]
    x5c: Vec<String>,
}

/// A token that was read and not yet checked.
pub struct Signed<'a> {
    /// How it says it is signed.
    pub algorithm: Algorithm,
    /// The name of the key, if it gives one.
    pub kid: Option<String>,
    /// What kind of token it says it is, in lower case, without `application/`.
    pub kind: Option<String>,
    /// Certificates beside it, in base64 (not the URL kind), the signer's own first.
    pub certificates: Vec<String>,
    message: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Signed<'a> {
    /// Reads a token.
    pub fn read(token: &'a str) -> Result<Self, JoseError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(JoseError::Form);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(JoseError::Form)?;
        let (header, payload) = message.split_once('.').ok_or(JoseError::Form)?;
        if payload.contains('.') {
            return Err(JoseError::Form);
        }
        let header = BASE64.decode(header).map_err(|_| JoseError::Form)?;
        let header: Header = serde_json::from_slice(&header).map_err(|_| JoseError::Form)?;
        let algorithm = Algorithm::named(&header.alg).ok_or(JoseError::Algorithm)?;
        if header.crit.is_some() {
            return Err(JoseError::Critical);
        }
        let kind =
            header.typ.map(|kind| kind.to_ascii_lowercase().trim_start_matches("application/").to_owned());
        Ok(Self {
            algorithm,
            kid: header.kid.filter(|kid| kid.len() <= KID_BYTES_MAX),
            kind,
            certificates: header.x5c,
            message,
            payload,
            signature: BASE64.decode(signature).map_err(|_| JoseError::Form)?,
        })
    }

    /// What it says, if `key` signed it.
    pub fn open<C: DeserializeOwned>(&self, key: &Key) -> Result<C, JoseError> {
        key.check(self.algorithm, self.message.as_bytes(), &self.signature)?;
        let payload = BASE64.decode(self.payload).map_err(|_| JoseError::Form)?;
        serde_json::from_slice(&payload).map_err(|_| JoseError::Form)
    }
}

/// Does a text look like a signed token? Nothing is checked.
pub fn looks_signed(text: &str) -> bool {
    text.starts_with("eyJ") && text.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// A public key, with what it may be used for.
#[derive(Clone)]
pub struct Key {
    /// Its name.
    pub kid: Option<String>,
    /// The one algorithm that the issuer allows with it, where it says so.
    only: Option<Algorithm>,
    public: Public,
}

#[derive(Clone)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("kid", &self.kid).field("only", &self.only).finish_non_exhaustive()
    }
}

impl Key {
    /// A key on the curve P-256, as its point without compression.
    pub fn p256(point: &[u8]) -> Self {
        Self { kid: None, only: Some(Es256), public: Public::P256(point.to_vec()) }
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match &self.public {
            Public::Rsa { .. } => algorithm.rsa().is_some(),
            Public::P256(_) => algorithm == Es256,
            Public::P384(_) => algorithm == Es384,
            Public::Ed25519(_) => algorithm == EdDsa,
        };
        kind && self.only.is_none_or(|only| only == algorithm)
    }

    fn check(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), JoseError> {
        if !self.fits(algorithm) {
            return Err(JoseError::Algorithm);
        }
        let plain = |with: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(with, key).verify(message, signature)
        };
        let checked = match (&self.public, algorithm.rsa()) {
            (Public::Rsa { n, e }, Some(with)) => {
                RsaPublicKeyComponents { n, e }.verify(with, message, signature)
            }
            (Public::P256(point), _) => plain(&ECDSA_P256_SHA256_FIXED, point),
            (Public::P384(point), _) => plain(&ECDSA_P384_SHA384_FIXED, point),
            (Public::Ed25519(key), _) => plain(&ED25519, key),
            (Public::Rsa { .. }, None) => return Err(JoseError::Algorithm),
        };
        checked.map_err(|_| JoseError::Signature)
    }
}

/// An RSA signature over SHA-256 with a public key in DER (the PKCS #1 structure, as inside a certificate).
pub fn check_rsa_sha256(public: &[u8], message: &[u8], signature: &[u8]) -> Result<(), JoseError> {
    UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, public)
        .verify(message, signature)
        .map_err(|_| JoseError::Signature)
}

/// An issuer's keys.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<Key>);

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    used_for: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

impl Keys {
    /// Reads a key set. Keys of kinds that are not known, and those for other uses, are passed over.
    pub fn read(json: &[u8]) -> Option<Self> {
        let set: Set = serde_json::from_slice(json).ok()?;
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        Some(Self(keys.filter_map(key).take(KEYS_MAX).collect()))
    }

    /// The key that a token names. Without a name there must be exactly one that fits.
    pub fn find(&self, token: &Signed<'_>) -> Result<&Key, JoseError> {
        let mut fitting = self.0.iter().filter(|key| key.fits(token.algorithm));
        match &token.kid {
            Some(kid) => {
                let mut named = self.0.iter().filter(|key| key.kid.as_ref() == Some(kid)).peekable();
                named.peek().ok_or(JoseError::Key)?;
                named.find(|key| key.fits(token.algorithm)).ok_or(JoseError::Algorithm)
            }
            None => match (fitting.next(), fitting.next()) {
                (Some(key), None) => Ok(key),
                _ => Err(JoseError::Key),
            },
        }
    }
}

fn key(jwk: Jwk) -> Option<Key> {
    if jwk.used_for.as_deref().is_some_and(|used_for| used_for != "sig") {
        return None;
    }
    let only = match &jwk.alg {
        // An algorithm that is not taken makes the key useless here.
        Some(name) => Some(Algorithm::named(name)?),
        None => None,
    };
    let part = |text: &str| BASE64.decode(text).ok().filter(|bytes| !bytes.is_empty());
    let point = |bytes: usize| {
        let (x, y) = (part(&jwk.x)?, part(&jwk.y)?);
        (x.len() == bytes && y.len() == bytes).then(|| [&[4], &x[..], &y[..]].concat())
    };
    let public = match (jwk.kty.as_str(), jwk.crv.as_str()) {
        ("RSA", _) => Public::Rsa { n: unpadded(part(&jwk.n)?), e: unpadded(part(&jwk.e)?) },
        ("EC", "P-256") => Public::P256(point(32)?),
        ("EC", "P-384") => Public::P384(point(48)?),
        ("OKP", "Ed25519") => Public::Ed25519(part(&jwk.x)?),
        _ => return None,
    };
    Some(Key { kid: jwk.kid, only, public })
}

/// Numbers without leading zeros, which some issuers write and the library refuses.
fn unpadded(bytes: Vec<u8>) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}
