//! Apple Game Center: who plays is signed with a key whose certificate lies on a host of Apple's. The host is looked at
//! before anything is fetched, and TLS to it is what makes the certificate Apple's.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use parking_lot::Mutex;
use rustls_pki_types::CertificateDer;
use webpki::EndEntityCert;

use super::steam::unwilling;
use super::{Vouches, Vouching, vouched};
use crate::identity::{GameCenterProof, GameCenterSettings, IdentityError, Platform, Proof, Vouched};
use crate::outside::{Question, Shared, Url};
use crate::ports::Clock;

/// A signature made longer ago is not taken.
pub const GAME_CENTER_AGE_MS_MAX: i64 = 86_400_000;
/// Clocks differ.
const AHEAD_MS_MAX: i64 = 300_000;
/// Certificates that are kept; Apple has one at a time.
const CERTIFICATES_MAX: usize = 8;
/// A certificate is fetched again after this long.
const CERTIFICATE_MS_MAX: u64 = 86_400_000;
/// Bytes of a certificate.
const CERTIFICATE_BYTES_MAX: usize = 16 << 10;
/// Bytes of each text in a proof.
const TEXT_BYTES_MAX: usize = 2_048;

pub struct GameCenter {
    settings: GameCenterSettings,
    outside: Shared,
    clock: Arc<dyn Clock>,
    kept: Mutex<Vec<Kept>>,
}

struct Kept {
    url: Url,
    der: Arc<Vec<u8>>,
    fetched_ms: u64,
}

impl GameCenter {
    pub fn new(settings: GameCenterSettings, outside: Shared, clock: Arc<dyn Clock>) -> Self {
        Self { settings, outside, clock, kept: Mutex::new(Vec::new()) }
    }

    async fn who(&self, proof: &Proof) -> Result<Vouched, IdentityError> {
        let Proof::GameCenter(proof) = proof else {
            return Err(IdentityError::Malformed(
                "player_id, public_key_url, salt and signature are missing",
            ));
        };
        let texts =
            [&proof.bundle_id, &proof.player_id, &proof.public_key_url, &proof.salt, &proof.signature];
        if texts.iter().any(|text| text.is_empty() || text.len() > TEXT_BYTES_MAX) {
            return Err(IdentityError::Malformed("a part of Game Center's proof is missing or too long"));
        }
        if !self.settings.bundle_ids.contains(&proof.bundle_id) {
            return Err(IdentityError::Refused("bundle_id is not one of login.gamecenter_bundle_ids"));
        }
        let now = self.clock.now_ms();
        let made = milliseconds(proof.timestamp);
        if made > now + AHEAD_MS_MAX || made < now - GAME_CENTER_AGE_MS_MAX {
            return Err(IdentityError::Refused("Game Center's signature is too old or from the future"));
        }
        let (message, signature) = signed(proof)?;
        let der = self.certificate(&self.place(&proof.public_key_url)?).await?;
        check(&der, &message, &signature)?;
        vouched(Platform::GameCenter, proof.player_id.clone())
    }

    fn place(&self, text: &str) -> Result<Url, IdentityError> {
        let ours = |url: &Url| {
            let origin = url.origin();
            origin.is_within(&self.settings.key_host) && origin.is_safe()
        };
        let url = Url::parse(text).ok().filter(ours);
        url.ok_or(IdentityError::Refused("public_key_url is not an https URL of Apple's"))
    }

    async fn certificate(&self, place: &Url) -> Result<Arc<Vec<u8>>, IdentityError> {
        let now_ms = self.clock.monotonic_us() / 1_000;
        let young = |kept: &Kept| now_ms.saturating_sub(kept.fetched_ms) < CERTIFICATE_MS_MAX;
        let known = self
            .kept
            .lock()
            .iter()
            .find(|kept| kept.url == *place && young(kept))
            .map(|kept| Arc::clone(&kept.der));
        if let Some(der) = known {
            return Ok(der);
        }
        let question = Question { bytes_max: CERTIFICATE_BYTES_MAX, ..Question::get(place.clone()) };
        let reply = self.outside.ask(question).await?;
        if !reply.is_good() {
            return Err(unwilling(&reply, "login.gamecenter_key_host"));
        }
        let der = Arc::new(reply.body);
        // Only what is a certificate pushes another one out.
        if EndEntityCert::try_from(&CertificateDer::from(der.as_slice())).is_ok() {
            let mut kept = self.kept.lock();
            kept.retain(|kept| kept.url != *place);
            if kept.len() >= CERTIFICATES_MAX {
                kept.remove(0);
            }
            kept.push(Kept { url: place.clone(), der: Arc::clone(&der), fetched_ms: now_ms });
        }
        Ok(der)
    }
}

impl Vouches for GameCenter {
    fn vouch<'a>(&'a self, proof: &'a Proof) -> Vouching<'a, Vouched> {
        Box::pin(self.who(proof))
    }
}

/// Game Center gives milliseconds; clients that fill `timestamp_seconds` as it is called are understood as well.
fn milliseconds(timestamp: i64) -> i64 {
    const SECONDS_UNTIL: i64 = 100_000_000_000;
    if timestamp < SECONDS_UNTIL { timestamp.saturating_mul(1_000) } else { timestamp }
}

/// The bytes that Apple signed: player, app, time, salt.
fn signed(proof: &GameCenterProof) -> Result<(Vec<u8>, Vec<u8>), IdentityError> {
    let decode = |text: &str| BASE64.decode(text);
    let (Ok(salt), Ok(signature)) = (decode(&proof.salt), decode(&proof.signature)) else {
        return Err(IdentityError::Malformed("salt and signature must be base64"));
    };
    let time = milliseconds(proof.timestamp).to_be_bytes();
    let message = [proof.player_id.as_bytes(), proof.bundle_id.as_bytes(), &time, &salt].concat();
    Ok((message, signature))
}

fn check(der: &[u8], message: &[u8], signature: &[u8]) -> Result<(), IdentityError> {
    let der = CertificateDer::from(der);
    let certificate = EndEntityCert::try_from(&der)
        .map_err(|_| IdentityError::Refused("what lies at public_key_url is not a certificate"))?;
    certificate
        .verify_signature(webpki::ring::RSA_PKCS1_2048_8192_SHA256, message, signature)
        .map_err(|_| IdentityError::Refused("Game Center's signature is wrong"))
}
