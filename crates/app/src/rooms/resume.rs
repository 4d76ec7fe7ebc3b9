//! Resume tokens: a client shows one when it comes back, to be given only what it missed. A token says which room
//! and seat it is for and is signed, so that it is worth nothing elsewhere. It is no login: the session's user
//! must own the seat as well.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{RoomId, Seat};

/// The key that signs tokens.
#[derive(Clone)]
pub struct ResumeKey([u8; 32]);

/// Bytes of the signature.
const MAC_BYTES: usize = 12;

impl ResumeKey {
    /// A key made from a secret of the configuration.
    pub fn from_secret(secret: &[u8]) -> Self {
        Self(blake3::derive_key("longhouse 2026 resume token", secret))
    }

    /// The token of a seat.
    pub fn token(&self, room: RoomId, seat: Seat) -> String {
        URL_SAFE_NO_PAD.encode([&room.to_bytes()[..], &seat.0.to_be_bytes(), &self.mac(room, seat)].concat())
    }

    /// Is this the token of this seat?
    pub fn holds(&self, token: &str, room: RoomId, seat: Seat) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        let Some((place, mac)) = bytes.split_at_checked(20) else { return false };
        // All bytes are looked at, whatever they are, so that the time tells nothing.
        let differs = mac.iter().zip(self.mac(room, seat)).fold(0, |all, (a, b)| all | (a ^ b));
        place[..16] == room.to_bytes()
            && place[16..] == seat.0.to_be_bytes()
            && mac.len() == MAC_BYTES
            && differs == 0
    }

    fn mac(&self, room: RoomId, seat: Seat) -> [u8; MAC_BYTES] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&room.to_bytes()).update(&seat.0.to_be_bytes());
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&hasher.finalize().as_bytes()[..MAC_BYTES]);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_seat_alone() {
        let key = ResumeKey::from_secret(b"one");
        let token = key.token(RoomId(1), Seat(2));
        assert!(token.len() <= 43);
        let check = |key: &ResumeKey, token: &str, room, seat, good| {
            assert_eq!(key.holds(token, RoomId(room), Seat(seat)), good, "{token}");
        };
        check(&key, &token, 1, 2, true);
        check(&key, &token, 1, 3, false);
        check(&key, &token, 2, 2, false);
        check(&ResumeKey::from_secret(b"two"), &token, 1, 2, false);
        check(&key, "", 1, 2, false);
        check(&key, "äöü", 1, 2, false);
        check(&key, &token[..40], 1, 2, false);
        check(&key, &format!("{token}AAAA"), 1, 2, false);
    }
}
