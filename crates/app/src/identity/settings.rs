//! What an operator sets, as the use cases need it. Read from files and variables elsewhere.

use super::openid::OpenIdSettings;
use crate::outside::Url;

/// Everything about logins that others vouch for.
#[derive(Clone)]
pub struct IdentitySettings {
    /// The issuers.
    pub issuers: Vec<OpenIdSettings>,
    /// Steam, if it is set up.
    pub steam: Option<SteamSettings>,
    /// Facebook, if it is set up.
    pub facebook: Option<FacebookSettings>,
    /// The app secret of Facebook Instant Games, if it is set up.
    pub facebook_instant_secret: Option<String>,
    /// Game Center, if it is set up.
    pub game_center: Option<GameCenterSettings>,
    /// Where browsers find us; `None` works on loopback only.
    pub public_url: Option<Url>,
    /// What the key for sealing is derived from.
    pub seal_secret: String,
}

/// Steam's web API.
#[derive(Clone)]
pub struct SteamSettings {
    /// The app.
    pub app_id: u64,
    /// The publisher's key.
    pub key: String,
    /// Where it is.
    pub url: Url,
}

/// Facebook's Graph API.
#[derive(Clone)]
pub struct FacebookSettings {
    /// The app.
    pub app_id: String,
    /// Its secret.
    pub app_secret: String,
    /// Where it is.
    pub url: Url,
}

/// Game Center.
#[derive(Clone)]
pub struct GameCenterSettings {
    /// The apps whose players are taken.
    pub bundle_ids: Vec<String>,
    /// Certificates are taken from this host and those below it.
    pub key_host: String,
}
