//! What an issuer's token must say before it is believed. Pure: the time comes in.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Clocks of two houses may differ by this much.
pub const LEEWAY_SECONDS: i64 = 60;
/// A token that was made longer ago than this is not taken, whatever it says of its own end.
pub const AGE_SECONDS_MAX: i64 = 86_400;
/// Bytes of an issuer's name for a person.
pub const SUBJECT_BYTES_MAX: usize = 255;
/// Bytes of an issuer's name for a session.
pub const SID_BYTES_MAX: usize = 255;
/// Bytes of a token's own id.
const JTI_BYTES_MAX: usize = 255;
/// The event that makes a token a logout token.
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What is looked at, in ID tokens and in logout tokens.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// Who made it.
    pub iss: String,
    /// Whom it is about.
    pub sub: String,
    /// Whom it is for: one or several.
    pub aud: Audience,
    /// Who asked for it.
    pub azp: Option<String>,
    /// The second from which it is no longer good.
    pub exp: Option<i64>,
    /// The second in which it was made.
    pub iat: Option<i64>,
    /// The second before which it is not good yet.
    pub nbf: Option<i64>,
    /// Given by us when we asked for it.
    pub nonce: Option<String>,
    /// The session at the issuer.
    pub sid: Option<String>,
    /// Its own id.
    pub jti: Option<String>,
    /// What it tells of.
    pub events: Option<BTreeMap<String, Value>>,
    /// The person's address, if the issuer tells.
    pub email: Option<String>,
    /// The person's name, if the issuer tells.
    pub name: Option<String>,
}

/// One audience or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// As a text.
    One(String),
    /// As a list.
    Many(Vec<String>),
}

impl Default for Audience {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Audience {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// Why a token with a good signature is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClaimError {
    /// Not of this kind.
    #[error("it is a token of another kind")]
    Kind,
    /// From somebody else.
    #[error("it is from another issuer")]
    Issuer,
    /// For somebody else.
    #[error("it is for another audience")]
    Audience,
    /// Asked for by somebody else.
    #[error("another client asked for it (azp)")]
    Party,
    /// Over.
    #[error("it has expired")]
    Expired,
    /// Not yet.
    #[error("it is not valid yet")]
    Early,
    /// Made too long ago, or not said when.
    #[error("it is too old, or does not say when it was made")]
    Old,
    /// Says nothing of whom it is about.
    #[error("it does not say whom it is about")]
    Subject,
    /// Not the one that was asked for.
    #[error("it answers another login")]
    Nonce,
    /// Without an id of its own.
    #[error("it has no id of its own")]
    Id,
}

/// What is expected.
pub struct Expected<'a> {
    /// The issuer's names; nearly always one.
    pub issuers: &'a [String],
    /// Ours: the token must be for one of these.
    pub audiences: &'a [String],
    /// Seconds since the Unix epoch.
    pub now: i64,
}

/// Judges an ID token. `nonce` is what we gave when we asked for it; tokens that clients bring have none to compare.
pub fn check_id(
    claims: &Claims,
    kind: Option<&str>,
    expected: &Expected<'_>,
    nonce: Option<&str>,
) -> Result<(), ClaimError> {
    // Other tokens of the same issuer are signed with the same keys: access tokens, logout tokens.
    if claims.events.is_some() || kind.is_some_and(|kind| kind != "jwt") {
        return Err(ClaimError::Kind);
    }
    common(claims, expected)?;
    if claims.exp.is_none() {
        return Err(ClaimError::Expired);
    }
    if claims.sub.is_empty() || claims.sub.len() > SUBJECT_BYTES_MAX {
        return Err(ClaimError::Subject);
    }
    if let Some(nonce) = nonce
        && claims.nonce.as_deref() != Some(nonce)
    {
        return Err(ClaimError::Nonce);
    }
    Ok(())
}

/// Judges a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6).
pub fn check_logout(claims: &Claims, kind: Option<&str>, expected: &Expected<'_>) -> Result<(), ClaimError> {
    let told = claims.events.as_ref().and_then(|events| events.get(LOGOUT_EVENT));
    let right_kind = kind.is_none_or(|kind| matches!(kind, "logout+jwt" | "jwt"));
    if !right_kind || !told.is_some_and(Value::is_object) || claims.nonce.is_some() {
        return Err(ClaimError::Kind);
    }
    common(claims, expected)?;
    let session = claims.sid.as_deref().unwrap_or_default();
    if (claims.sub.is_empty() && session.is_empty())
        || claims.sub.len() > SUBJECT_BYTES_MAX
        || session.len() > SID_BYTES_MAX
    {
        return Err(ClaimError::Subject);
    }
    match &claims.jti {
        Some(id) if (1..=JTI_BYTES_MAX).contains(&id.len()) => Ok(()),
        _ => Err(ClaimError::Id),
    }
}

fn common(claims: &Claims, expected: &Expected<'_>) -> Result<(), ClaimError> {
    if !expected.issuers.contains(&claims.iss) {
        return Err(ClaimError::Issuer);
    }
    let audiences = claims.aud.all();
    if !audiences.iter().any(|one| expected.audiences.contains(one)) {
        return Err(ClaimError::Audience);
    }
    // With several audiences, and wherever it is given, the one who asked must be us.
    match &claims.azp {
        Some(asker) if !expected.audiences.contains(asker) => return Err(ClaimError::Party),
        None if audiences.len() > 1 => return Err(ClaimError::Party),
        _ => {}
    }
    if claims.exp.is_some_and(|end| end.saturating_add(LEEWAY_SECONDS) <= expected.now) {
        return Err(ClaimError::Expired);
    }
    let later = expected.now + LEEWAY_SECONDS;
    if claims.nbf.is_some_and(|begin| begin > later) {
        return Err(ClaimError::Early);
    }
    match claims.iat {
        Some(made) if made > later => Err(ClaimError::Early),
        Some(made) if made >= expected.now - AGE_SECONDS_MAX => Ok(()),
        _ => Err(ClaimError::Old),
    }
}
