//! Tokens that let one user into one relayed match for a short while. The matchmaker hands them out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use store::UserId;

/// Bytes of a token before the signature: match, user, time.
const BODY_BYTES: usize = 16 + 16 + 8;
/// Bytes of the signature.
const MAC_BYTES: usize = 16;
/// Characters of a token.
pub const TOKEN_CHARS: usize = (BODY_BYTES + MAC_BYTES).div_ceil(3) * 4 - 1;

/// The key that signs tokens.
#[derive(Clone)]
pub struct RelayKey([u8; 32]);

/// Why a token opens nothing. Clients are told no more than this.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenFault {
    /// Not made here, or changed on the way, or for another user.
    #[error("the match token is invalid")]
    Invalid,
    /// Its time is over.
    #[error("the match token has expired")]
    Expired,
}

impl RelayKey {
    /// A key made from a secret of the configuration.
    pub fn from_secret(secret: &[u8]) -> Self {
        Self(blake3::derive_key("longhouse 2026 relayed match token", secret))
    }

    /// A token for a user and a match, good until a time.
    pub fn token(&self, match_id: u128, user: UserId, until_ms: i64) -> String {
        let body = [&match_id.to_be_bytes()[..], &user.0.to_be_bytes(), &until_ms.to_be_bytes()].concat();
        let mac = self.mac(&body);
        URL_SAFE_NO_PAD.encode([body, mac.to_vec()].concat())
    }

    /// The match that a user's token opens.
    pub fn read(&self, token: &str, user: UserId, now_ms: i64) -> Result<u128, TokenFault> {
        if token.len() != TOKEN_CHARS {
            return Err(TokenFault::Invalid);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| TokenFault::Invalid)?;
        let (body, mac) = bytes.split_at_checked(BODY_BYTES).ok_or(TokenFault::Invalid)?;
        // All bytes are looked at, whatever they are, so that the time tells nothing.
        let differs = mac.iter().zip(self.mac(body)).fold(0, |all, (a, b)| all | (a ^ b));
        if mac.len() != MAC_BYTES || differs != 0 || body[16..32] != user.0.to_be_bytes() {
            return Err(TokenFault::Invalid);
        }
        let mut number = [0; 16];
        number.copy_from_slice(&body[..16]);
        let mut until = [0; 8];
        until.copy_from_slice(&body[32..]);
        if i64::from_be_bytes(until) <= now_ms {
            return Err(TokenFault::Expired);
        }
        Ok(u128::from_be_bytes(number))
    }

    fn mac(&self, body: &[u8]) -> [u8; MAC_BYTES] {
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&blake3::keyed_hash(&self.0, body).as_bytes()[..MAC_BYTES]);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_user_and_a_while() {
        let key = RelayKey::from_secret(b"one");
        let token = key.token(7, UserId(8), 1_000);
        assert_eq!(token.len(), TOKEN_CHARS);
        assert_eq!(key.read(&token, UserId(8), 999), Ok(7));
        assert_eq!(key.read(&token, UserId(8), 1_000), Err(TokenFault::Expired));
        assert_eq!(key.read(&token, UserId(9), 999), Err(TokenFault::Invalid));
        assert_eq!(RelayKey::from_secret(b"two").read(&token, UserId(8), 999), Err(TokenFault::Invalid));
        for at in 0..TOKEN_CHARS {
            let mut other: Vec<char> = token.chars().collect();
            other[at] = if other[at] == 'A' { 'B' } else { 'A' };
            let other: String = other.into_iter().collect();
            assert_eq!(key.read(&other, UserId(8), 999), Err(TokenFault::Invalid), "{at}");
        }
        for wrong in ["", "A", &token[1..], "äöü"] {
            assert_eq!(key.read(wrong, UserId(8), 999), Err(TokenFault::Invalid), "{wrong}");
        }
    }
}
