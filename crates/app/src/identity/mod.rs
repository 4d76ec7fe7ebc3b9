//! Logins that somebody else vouches for: issuers of OpenID Connect, and platforms with ways of their own.
//!
//! A *proof* comes in (an ID token, a ticket, something signed), a [`Vouched`] comes out: who vouches, and what the person
//! is called there. Making and finding accounts is the business of [`crate::accounts`]. Nothing is believed that was not
//! signed by, or asked of, the one who is to vouch.
//!
//! | file | what it is |
//! | --- | --- |
//! | `jose`, `claims` | a signed token: its signature, what it says |
//! | `openid`, `cached` | one issuer: its description and keys, kept for a while |
//! | `platforms` | Steam, Facebook, Facebook Instant Games, Game Center |
//! | `pages`, `exchange`, `handover` | the login of pages: out to the issuer, back, and into a session |
//! | `standing` | sessions that stand on an issuer's word: asking it again, back-channel logout, the end of its word |
//! | `seal` | what is handed out or kept and is nobody's business |

mod cached;
mod claims;
mod exchange;
mod handover;
mod jose;
mod openid;
mod pages;
mod people;
mod platforms;
mod proof;
mod seal;
mod settings;
mod standing;

use std::collections::BTreeMap;
use std::sync::Arc;

use store::{StoreError, UserId};

use crate::accounts::{AccountError, Accounts};
use crate::core::Core;
use crate::outside::{OutsideError, Shared};

pub use claims::{AGE_SECONDS_MAX, ClaimError, LEEWAY_SECONDS};
pub use handover::{Fetch, bound_cookie_of};
pub use jose::{Algorithm, JoseError, KEYS_MAX, Key, Signed, TOKEN_BYTES_MAX, check_rsa_sha256};
pub use openid::{NAME_BYTES_MAX, OpenId, OpenIdSettings, Serves};
pub use pages::{Arrived, Departure, HANDOVER_MS_MAX, LOGIN_MS_MAX, Returned, cookie_of};
pub use people::Login;
pub(crate) use platforms::open_signed_request;
pub use platforms::{FRIENDS_MAX, GAME_CENTER_AGE_MS_MAX, Vouches};
pub use proof::{GameCenterProof, Platform, Proof, Vouched};
pub use settings::{FacebookSettings, GameCenterSettings, IdentitySettings, SteamSettings};

use seal::Seal;

/// Why a use case of identity says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdentityError {
    /// An operator would have to set this first.
    #[error("this login is not configured here: {0} is not set")]
    NotConfigured(String),
    /// The proof is not of the form it must have.
    #[error("{0}")]
    Malformed(&'static str),
    /// The token is not taken.
    #[error("the token is not taken: {0}")]
    Token(#[from] JoseError),
    /// What the token says is not believed.
    #[error("the token is not taken: {0}")]
    Claims(#[from] ClaimError),
    /// The one who is to vouch does not.
    #[error("{0}")]
    Refused(&'static str),
    /// The login that this would end did not begin here, or is over.
    #[error("this login is not under way: it is over, was ended before, or began in another browser")]
    NoLogin,
    /// A place to return to that is not ours.
    #[error("return must be a path of this server, or a URL whose origin is in identity.{0}.return_origins")]
    Return(String),
    /// No issuer of that name.
    #[error("there is no [identity.{0}] here")]
    Unknown(String),
    /// The issuer was asked a moment ago and did not answer.
    #[error("who vouches cannot be reached, try again in a few seconds")]
    Later,
    /// The issuer cannot be asked.
    #[error("who vouches cannot be reached: {0}")]
    Outside(#[from] OutsideError),
    /// Too much at once.
    #[error("too many logins at once, try again")]
    Busy,
    /// The account says no.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The use cases.
pub struct Identity {
    core: Core,
    accounts: Arc<Accounts>,
    settings: IdentitySettings,
    issuers: BTreeMap<String, Arc<OpenId>>,
    platforms: BTreeMap<Platform, Box<dyn Vouches>>,
    seal: Seal,
}

impl Identity {
    /// Asks nobody yet.
    pub fn new(core: &Core, accounts: &Arc<Accounts>, outside: &Shared, settings: IdentitySettings) -> Self {
        let issuers = settings.issuers.iter().map(|one| {
            let issuer = OpenId::new(one.clone(), Arc::clone(outside), Arc::clone(core.clock()));
            (one.name.clone(), Arc::new(issuer))
        });
        Self {
            issuers: issuers.collect(),
            platforms: platforms::platforms(&settings, outside, core.clock()),
            seal: Seal::new(settings.seal_secret.as_bytes(), Arc::clone(core.entropy())),
            core: core.clone(),
            accounts: Arc::clone(accounts),
            settings,
        }
    }

    /// An issuer by its name in the configuration.
    pub fn issuer(&self, name: &str) -> Result<&Arc<OpenId>, IdentityError> {
        // Whatever was asked for goes back in the message: no more of it than a name can have.
        self.issuers
            .get(name)
            .ok_or_else(|| IdentityError::Unknown(name.chars().take(NAME_BYTES_MAX).collect()))
    }

    /// Finds out who a proof is about.
    pub async fn vouch(&self, platform: Platform, proof: &Proof) -> Result<Vouched, IdentityError> {
        if let Proof::Token(token) = proof
            && let Some(issuer) = self.serving(&Serves::Platform(platform))
            && (jose::looks_signed(token) || !self.platforms.contains_key(&platform))
        {
            return self.vouch_token(issuer, token).await;
        }
        match self.platforms.get(&platform) {
            Some(adapter) => adapter.vouch(proof).await,
            None => Err(IdentityError::NotConfigured(platform.setting().to_owned())),
        }
    }

    /// Finds out who the token in a custom id is about: `<name>:<token>`, where an issuer serves `custom:<name>`.
    /// `None`: it is a custom id like any other.
    pub async fn vouch_custom(&self, id: &str) -> Option<Result<Vouched, IdentityError>> {
        let (name, token) = id.split_once(':')?;
        let issuer = self.serving(&Serves::Custom(name.to_owned()))?;
        Some(self.vouch_token(issuer, token).await)
    }

    async fn vouch_token(&self, issuer: &Arc<OpenId>, token: &str) -> Result<Vouched, IdentityError> {
        let claims = issuer.check_id(token, None).await?;
        Ok(Vouched::by_issuer(issuer, claims, None))
    }

    fn serving(&self, route: &Serves) -> Option<&Arc<OpenId>> {
        self.issuers.values().find(|issuer| issuer.settings.serves == *route)
    }

    /// Unlinks what a proof is about; without a proof, whatever of the platform is linked.
    pub async fn unlink(
        &self,
        user: UserId,
        platform: Platform,
        proof: Option<&Proof>,
    ) -> Result<(), IdentityError> {
        let vouched = match proof {
            Some(proof) => Some(self.vouch(platform, proof).await?),
            None => None,
        };
        self.unlink_person(user, platform.name(), vouched.as_ref().map(|vouched| vouched.subject.as_str()))
            .await
    }
}
