//! A service account's key, which signs for us. Here and not in `app`, because signing takes the system's randomness.

use app::receipts::SignsRs256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

/// An RSA key.
pub struct RsaKey(RsaKeyPair);

impl RsaKey {
    /// Reads a private key in PEM (PKCS #8).
    pub fn from_pem(pem: &str) -> Option<Self> {
        let lines = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
        let der = BASE64.decode(lines.collect::<String>()).ok()?;
        RsaKeyPair::from_pkcs8(&der).ok().map(Self)
    }
}

impl SignsRs256 for RsaKey {
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    }
}
