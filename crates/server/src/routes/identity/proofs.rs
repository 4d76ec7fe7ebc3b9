//! Bodies of the platforms' routes as proofs.

use app::identity::{GameCenterProof, Platform, Proof};
use app::tokens::Vars;
use serde::de::DeserializeOwned;
use wire::rest::{
    AccountApple, AccountFacebook, AccountFacebookInstantGame, AccountGameCenter, AccountGoogle, AccountSteam,
};

/// A body that proves who somebody is.
pub trait Brings: DeserializeOwned {
    /// For which platform.
    const PLATFORM: Platform;

    /// The proof, and what is to be kept in the session.
    fn brings(self) -> (Proof, Vars);
}

macro_rules! tokens {
    ($($body:ident $platform:ident),* $(,)?) => {
        $(impl Brings for $body {
            const PLATFORM: Platform = Platform::$platform;

            fn brings(self) -> (Proof, Vars) {
                (Proof::Token(self.token), self.vars)
            }
        })*
    };
}

tokens![AccountApple Apple, AccountFacebook Facebook, AccountGoogle Google, AccountSteam Steam];

impl Brings for AccountFacebookInstantGame {
    const PLATFORM: Platform = Platform::FacebookInstantGame;

    fn brings(self) -> (Proof, Vars) {
        (Proof::SignedPlayer(self.signed_player_info), self.vars)
    }
}

impl Brings for AccountGameCenter {
    const PLATFORM: Platform = Platform::GameCenter;

    fn brings(self) -> (Proof, Vars) {
        let Self { player_id, bundle_id, timestamp_seconds, salt, signature, public_key_url, vars } = self;
        let timestamp = timestamp_seconds;
        let proof = GameCenterProof { bundle_id, player_id, public_key_url, salt, signature, timestamp };
        (Proof::GameCenter(proof), vars)
    }
}

/// Does it bring anything at all? An unlink may come without.
pub fn is_empty(proof: &Proof) -> bool {
    match proof {
        Proof::Token(text) | Proof::SignedPlayer(text) => text.is_empty(),
        Proof::GameCenter(proof) => proof.player_id.is_empty() && proof.signature.is_empty(),
    }
}
