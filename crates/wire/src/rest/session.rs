//! Sessions: what logging in gives, refreshing and logging out.

use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Answer to a login or a refresh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Session {
    /// True if the account was made just now.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub created: bool,
    /// For the `Authorization` header and the socket.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub token: String,
    /// For the refresh route.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub refresh_token: String,
}

/// Body of `/v2/account/session/refresh`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SessionRefresh {
    /// The refresh token.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub token: String,
    /// Replaces the session's variables, if there are any.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// Body of `/v2/session/logout`. With both empty, every session of the user ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SessionLogout {
    /// The session token to end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub token: String,
    /// The refresh token to end.
    #[serde(deserialize_with = "json::or_default", skip_serializing_if = "json::is_default")]
    pub refresh_token: String,
}
