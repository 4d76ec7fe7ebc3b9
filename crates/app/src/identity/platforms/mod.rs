//! Platforms with ways of their own to vouch for their players, each an adapter behind [`Vouches`].

mod facebook;
mod game_center;
mod instant_games;
mod steam;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::settings::IdentitySettings;
use super::{IdentityError, Platform, Proof, Vouched};
use crate::outside::Shared;
use crate::ports::Clock;

pub use game_center::GAME_CENTER_AGE_MS_MAX;
pub(crate) use instant_games::open_signed_request;

/// Friends that are read from a platform at once. Those beyond are left out.
pub const FRIENDS_MAX: usize = 1_000;
/// Bytes of a platform's name for a person.
const SUBJECT_BYTES_MAX: usize = 128;

/// An answer under way.
pub type Vouching<'a, T> = Pin<Box<dyn Future<Output = Result<T, IdentityError>> + Send + 'a>>;

/// Someone who vouches for people.
pub trait Vouches: Send + Sync {
    /// Whom is this proof about?
    fn vouch<'a>(&'a self, proof: &'a Proof) -> Vouching<'a, Vouched>;

    /// What are that person's friends called there?
    fn friends<'a>(&'a self, proof: &'a Proof) -> Vouching<'a, Vec<String>> {
        let _ = proof;
        Box::pin(async { Err(IdentityError::Malformed("this platform tells nothing of friends")) })
    }
}

/// The adapters of the platforms that are set up.
pub(super) fn platforms(
    settings: &IdentitySettings,
    outside: &Shared,
    clock: &Arc<dyn Clock>,
) -> BTreeMap<Platform, Box<dyn Vouches>> {
    let mut all: BTreeMap<Platform, Box<dyn Vouches>> = BTreeMap::new();
    if let Some(steam) = &settings.steam {
        let adapter = steam::Steam::new(steam.clone(), Arc::clone(outside));
        all.insert(Platform::Steam, Box::new(adapter));
    }
    if let Some(facebook) = &settings.facebook {
        let adapter = facebook::Facebook::new(facebook.clone(), Arc::clone(outside));
        all.insert(Platform::Facebook, Box::new(adapter));
    }
    if let Some(secret) = &settings.facebook_instant_secret {
        let adapter = instant_games::InstantGames::new(secret.clone());
        all.insert(Platform::FacebookInstantGame, Box::new(adapter));
    }
    if let Some(game_center) = &settings.game_center {
        let adapter =
            game_center::GameCenter::new(game_center.clone(), Arc::clone(outside), Arc::clone(clock));
        all.insert(Platform::GameCenter, Box::new(adapter));
    }
    all
}

/// A token as the platforms here have them.
fn token(proof: &Proof, bytes_max: usize) -> Result<&str, IdentityError> {
    match proof {
        Proof::Token(token) if token.is_empty() => Err(IdentityError::Malformed("token is missing")),
        Proof::Token(token)
            if token.len() <= bytes_max && token.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Ok(token)
        }
        _ => Err(IdentityError::Malformed("token is too long, or has characters that no token has")),
    }
}

/// A person's name as a platform gave it.
fn vouched(platform: Platform, subject: String) -> Result<Vouched, IdentityError> {
    let plain = subject.bytes().all(|byte| byte.is_ascii_graphic());
    if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX || !plain {
        return Err(IdentityError::Refused("the platform gave no name for this person"));
    }
    Ok(Vouched::by_platform(platform, subject))
}
