//! Ways to prove who one is: bodies of logins, of links and of unlinks.

use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A device id: the body of the device login, and an entry in an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountDevice {
    /// The device, 10 to 128 bytes.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub id: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// An id that another system gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountCustom {
    /// The id, 6 to 128 bytes.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub id: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// An e-mail address and a password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountEmail {
    /// The address.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub email: String,
    /// At least 8 bytes.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub password: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// Signed in with Apple.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountApple {
    /// Apple's id token.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub token: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// Signed in with Facebook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountFacebook {
    /// Facebook's access token, or the limited login's id token.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub token: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// Playing inside Facebook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountFacebookInstantGame {
    /// What Facebook signed about the player.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub signed_player_info: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// Signed in with Apple's Game Center.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountGameCenter {
    /// The player there.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub player_id: String,
    /// The game there.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub bundle_id: String,
    /// When the signature was made.
    #[serde(with = "json::int64", skip_serializing_if = "json::is_default")]
    #[schema(value_type = String, format = Int64, pattern = r"^-?[0-9]{1,19}$")]
    pub timestamp_seconds: i64,
    /// Part of what was signed, as base64.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub salt: String,
    /// The signature, as base64.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub signature: String,
    /// Where the key that signed is published.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub public_key_url: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// Signed in with Google.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountGoogle {
    /// Google's id token.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub token: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// Signed in with Steam.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountSteam {
    /// Steam's ticket.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub token: String,
    /// Variables for the session's token; only in a login.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// Body of `/v2/account/link/steam`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LinkSteamRequest {
    /// The proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountSteam>,
    /// Whether friends there become friends here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync: Option<bool>,
}
