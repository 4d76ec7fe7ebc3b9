//! What comes in and what comes out: platforms, proofs, and who was vouched for.

use std::sync::Arc;

use super::claims::Claims;
use super::openid::OpenId;

/// Those that the client protocol has routes for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Platform {
    /// Sign in with Apple.
    Apple,
    /// Facebook, by its own kind of token or by a limited login's ID token.
    Facebook,
    /// Facebook Instant Games.
    FacebookInstantGame,
    /// Apple Game Center.
    GameCenter,
    /// Google.
    Google,
    /// Steam.
    Steam,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Platform; 6] =
        [Self::Apple, Self::Facebook, Self::FacebookInstantGame, Self::GameCenter, Self::Google, Self::Steam];

    /// Its name in routes, accounts and the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apple => "apple",
            Self::Facebook => "facebook",
            Self::FacebookInstantGame => "facebookinstantgame",
            Self::GameCenter => "gamecenter",
            Self::Google => "google",
            Self::Steam => "steam",
        }
    }

    /// What an operator sets to have it.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Apple => "[identity.<name>] with serves = \"apple\"",
            Self::Facebook => "login.facebook_app_id (or an [identity.<name>] with serves = \"facebook\")",
            Self::FacebookInstantGame => "login.facebook_instant_secret",
            Self::GameCenter => "login.gamecenter_bundle_ids",
            Self::Google => "[identity.<name>] with serves = \"google\"",
            Self::Steam => "login.steam_key",
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.name() == name)
    }
}

/// What a client brings.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A token or ticket.
    Token(String),
    /// Facebook Instant Games' signed player info.
    SignedPlayer(String),
    /// What Game Center signed.
    GameCenter(GameCenterProof),
}

/// What Game Center signed, with its signature.
#[derive(Clone, Debug, Default)]
pub struct GameCenterProof {
    /// The app.
    pub bundle_id: String,
    /// The person.
    pub player_id: String,
    /// Where Apple's certificate is.
    pub public_key_url: String,
    /// In base64.
    pub salt: String,
    /// In base64.
    pub signature: String,
    /// When, as Game Center gave it: milliseconds.
    pub timestamp: i64,
}

/// Somebody was vouched for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vouched {
    /// Who vouches: a platform's name, or an issuer's.
    pub provider: String,
    /// What the person is called there.
    pub subject: String,
    /// The issuer whose word the session stands on, if it is one that can take it back.
    pub issuer: Option<Standing>,
}

/// What ties a session to an issuer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Its name in the configuration.
    pub name: String,
    /// The session there; may be empty.
    pub sid: String,
    /// The issuer's refresh token, where there is one.
    pub renewal: Option<String>,
}

impl Vouched {
    /// By an ID token that was checked.
    pub(super) fn by_issuer(issuer: &Arc<OpenId>, claims: Claims, renewal: Option<String>) -> Self {
        Self {
            provider: issuer.provider().to_owned(),
            subject: claims.sub,
            issuer: Some(Standing {
                name: issuer.settings.name.clone(),
                sid: claims.sid.unwrap_or_default(),
                renewal,
            }),
        }
    }

    /// By a platform that cannot take its word back.
    pub(super) fn by_platform(platform: Platform, subject: String) -> Self {
        Self { provider: platform.name().to_owned(), subject, issuer: None }
    }
}
