//! Session and refresh tokens.
//!
//! A login makes a *family* of tokens. Its session tokens are short-lived and are checked without the store; its refresh
//! tokens carry a generation, and only the newest may be used, once. Nothing is written until a family is refreshed or
//! revoked, so the login of a known account writes nothing.
//!
//! This module holds no clock: every call is told the time, in seconds since the Unix epoch. What touches the store is
//! in [`crate::accounts`].

mod jwt;
mod revoked;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use store::{FamilyId, UserId};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

pub use jwt::{BadKey, Signer, TOKEN_BYTES_MAX};
pub use revoked::REVOKED_FAMILIES_MAX;

use revoked::Revoked;

/// Variables that a client attached to its session at login.
pub type Vars = BTreeMap<String, String>;

/// How tokens are made.
#[derive(Clone)]
pub struct Settings {
    /// Signs session tokens.
    pub session_key: SessionKey,
    /// Signs refresh tokens.
    pub refresh_key: Vec<u8>,
    /// Life of a session token.
    pub access_seconds: u32,
    /// Life of a refresh token.
    pub refresh_seconds: u32,
}

/// What signs session tokens.
#[derive(Clone)]
pub enum SessionKey {
    /// A secret: HS256.
    Secret(Vec<u8>),
    /// RSA keys as PKCS#8 in PEM: RS256, with published keys.
    Pair {
        /// Signs.
        own: String,
        /// Those before it; their tokens are still taken.
        old: Vec<String>,
    },
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("access_seconds", &self.access_seconds)
            .field("refresh_seconds", &self.refresh_seconds)
            .finish_non_exhaustive()
    }
}

/// Why a token is not taken. Clients are told no more than this.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenError {
    /// Not made here, not of this kind, or changed on the way.
    #[error("the token is invalid")]
    Invalid,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its family was logged out, or one of its refresh tokens was used twice.
    #[error("the token was revoked")]
    Revoked,
    /// More log-outs in a short time than are remembered.
    #[error("too many log-outs, try again later")]
    Busy,
}

/// Who a valid session token speaks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The login that it comes from.
    pub family: FamilyId,
    /// The account.
    pub user: UserId,
    /// The account's name when the token was made.
    pub username: String,
    /// As given at login.
    pub vars: Vars,
    /// The second from which the token is no longer valid.
    pub expires: i64,
    /// The millisecond in which it was made.
    pub made_ms: i64,
}

/// What a valid refresh token says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renewal {
    /// The login that it comes from.
    pub family: FamilyId,
    /// The account.
    pub user: UserId,
    /// As given at login.
    pub vars: Vars,
    /// How many refreshes led to it.
    pub generation: u64,
    /// The second from which the token is no longer valid.
    pub expires: i64,
}

/// What a client gets when it logs in or refreshes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The session token.
    pub token: String,
    /// The refresh token.
    pub refresh_token: String,
}

/// Makes and reads tokens, and knows which families were revoked lately.
pub struct Tokens {
    session: Signer,
    refresh: Signer,
    access_seconds: i64,
    refresh_seconds: i64,
    revoked: Revoked,
}

impl Tokens {
    /// With these keys and times.
    pub fn new(settings: &Settings) -> Result<Self, BadKey> {
        Ok(Self {
            session: match &settings.session_key {
                SessionKey::Secret(secret) => Signer::secret(secret),
                SessionKey::Pair { own, old } => Signer::pair(own, old)?,
            },
            refresh: Signer::secret(&settings.refresh_key),
            access_seconds: settings.access_seconds.into(),
            refresh_seconds: settings.refresh_seconds.into(),
            revoked: Revoked::default(),
        })
    }

    /// The public keys of session tokens (RFC 7517).
    pub fn published_keys(&self) -> serde_json::Value {
        self.session.published()
    }

    /// The tokens of one generation of a family, made at a moment in milliseconds since the Unix epoch.
    pub fn issue(
        &self,
        family: FamilyId,
        generation: u64,
        user: UserId,
        username: &str,
        vars: &Vars,
        now_ms: i64,
    ) -> Pair {
        let now = now_ms.div_euclid(1_000);
        let mut claims = Claims {
            tid: Id(family.0),
            uid: Id(user.0),
            usn: Cow::Borrowed(username),
            vrs: Cow::Borrowed(vars),
            generation: None,
            exp: now + self.access_seconds,
            iat: now,
            ims: now_ms.rem_euclid(1_000),
        };
        let token = self.session.sign(&claims);
        claims.exp = self.refresh_expires(now);
        claims.generation = Some(generation);
        Pair { token, refresh_token: self.refresh.sign(&claims) }
    }

    /// When a refresh token made at `now` expires.
    pub fn refresh_expires(&self, now: i64) -> i64 {
        now + self.refresh_seconds
    }

    /// Reads a session token.
    pub fn check(&self, token: &str, now: i64) -> Result<Holder, TokenError> {
        let claims: Claims<'_> = self.session.open(token).ok_or(TokenError::Invalid)?;
        if claims.generation.is_some() {
            return Err(TokenError::Invalid);
        }
        if claims.exp <= now {
            return Err(TokenError::Expired);
        }
        let family = FamilyId(claims.tid.0);
        if self.is_over(&claims) {
            return Err(TokenError::Revoked);
        }
        let made_ms = claims.made_ms();
        Ok(Holder {
            family,
            user: UserId(claims.uid.0),
            username: claims.usn.into_owned(),
            vars: claims.vrs.into_owned(),
            expires: claims.exp,
            made_ms,
        })
    }

    /// Reads a refresh token. Whether it is the newest of its family, the store knows.
    pub fn check_refresh(&self, token: &str, now: i64) -> Result<Renewal, TokenError> {
        let claims: Claims<'_> = self.refresh.open(token).ok_or(TokenError::Invalid)?;
        let generation = claims.generation.ok_or(TokenError::Invalid)?;
        if claims.exp <= now {
            return Err(TokenError::Expired);
        }
        let family = FamilyId(claims.tid.0);
        if self.is_over(&claims) {
            return Err(TokenError::Revoked);
        }
        Ok(Renewal {
            family,
            user: UserId(claims.uid.0),
            vars: claims.vrs.into_owned(),
            generation,
            expires: claims.exp,
        })
    }

    fn is_over(&self, claims: &Claims<'_>) -> bool {
        self.revoked.contains(FamilyId(claims.tid.0))
            || self.revoked.is_over(UserId(claims.uid.0), claims.made_ms())
    }

    /// Was what was made for this user at `made_ms` ended since?
    pub fn is_over_for(&self, user: UserId, made_ms: i64) -> bool {
        self.revoked.is_over(user, made_ms)
    }

    /// The moment `at_ms`, or the first one after the end of all that was made for this user before.
    pub fn after_end(&self, user: UserId, at_ms: i64) -> i64 {
        self.revoked.after_end(user, at_ms)
    }

    /// From now on no token is taken that was made for this user until `ended_ms`.
    pub fn end_user(&self, user: UserId, ended_ms: i64) -> Result<(), TokenError> {
        self.revoked.end_user(user, ended_ms).map_err(|_| TokenError::Busy)
    }

    /// Was this family revoked while one of its session tokens may still be young?
    pub fn is_revoked(&self, family: FamilyId) -> bool {
        self.revoked.contains(family)
    }

    /// From now on no session token of this family is taken.
    pub fn revoke(&self, family: FamilyId, now: i64) -> Result<(), TokenError> {
        self.revoked.insert(family, now + self.access_seconds, now).map_err(|_| TokenError::Busy)
    }

    /// Forgets families whose session tokens have all expired. Called now and then.
    pub fn prune(&self, now: i64) {
        self.revoked.prune(now);
        self.revoked.prune_users((now - self.refresh_seconds - 1) * 1_000);
    }
}

/// What a token says, in the client protocol's words.
#[derive(Serialize, Deserialize)]
struct Claims<'a> {
    tid: Id,
    uid: Id,
    usn: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "vars_are_empty")]
    vrs: Cow<'a, Vars>,
    /// In refresh tokens only, so that neither kind passes for the other even under one key.
    #[serde(rename = "gen", default, skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
    exp: i64,
    iat: i64,
    /// Milliseconds into the second of `iat`.
    #[serde(default)]
    ims: i64,
}

impl Claims<'_> {
    fn made_ms(&self) -> i64 {
        self.iat.saturating_mul(1_000).saturating_add(self.ims)
    }
}

fn vars_are_empty(vars: &Vars) -> bool {
    vars.is_empty()
}

/// An id as its hyphenated text, written without an allocation.
struct Id(u128);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(Uuid::from_u128(self.0).hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH]))
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(input)?;
        Uuid::parse_str(&text).map(|id| Self(id.as_u128())).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
