//! Facebook Instant Games: the player's info comes signed under the app's secret.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use super::{Vouches, Vouching, vouched};
use crate::identity::{IdentityError, Platform, Proof, Vouched};

/// Bytes of what is signed. Longer ones are not looked at.
const SIGNED_BYTES_MAX: usize = 16 << 10;
/// Facebook writes it without padding and once wrote it with.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub struct InstantGames {
    secret: String,
}

#[derive(Deserialize)]
struct Player {
    player_id: String,
}

impl InstantGames {
    pub fn new(secret: String) -> Self {
        Self { secret }
    }

    fn who(&self, proof: &Proof) -> Result<Vouched, IdentityError> {
        let Proof::SignedPlayer(signed) = proof else {
            return Err(IdentityError::Malformed("signed_player_info is missing"));
        };
        let player: Player = open_signed_request(signed, self.secret.as_bytes())?;
        vouched(Platform::FacebookInstantGame, player.player_id)
    }
}

impl Vouches for InstantGames {
    fn vouch<'a>(&'a self, proof: &'a Proof) -> Vouching<'a, Vouched> {
        Box::pin(async move { self.who(proof) })
    }
}

/// What a signed request says: `<signature>.<payload>`, HMAC-SHA256 over the payload's text.
pub(crate) fn open_signed_request<T: DeserializeOwned>(
    signed: &str,
    secret: &[u8],
) -> Result<T, IdentityError> {
    const BAD: IdentityError = IdentityError::Malformed("it is not a signed request");
    if signed.len() > SIGNED_BYTES_MAX {
        return Err(BAD);
    }
    let (signature, payload) = signed.split_once('.').ok_or(BAD)?;
    let signature = BASE64.decode(signature).map_err(|_| BAD)?;
    let body = BASE64.decode(payload).map_err(|_| BAD)?;
    let keyed = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    keyed
        .chain_update(payload.as_bytes())
        .verify_slice(&signature)
        .map_err(|_| IdentityError::Refused("the signature is wrong"))?;
    #[derive(Deserialize)]
    struct Way {
        algorithm: String,
    }
    let way: Way = serde_json::from_slice(&body).map_err(|_| BAD)?;
    if !way.algorithm.eq_ignore_ascii_case("HMAC-SHA256") {
        return Err(IdentityError::Refused("it is signed in a way that is not taken"));
    }
    serde_json::from_slice(&body).map_err(|_| BAD)
}
