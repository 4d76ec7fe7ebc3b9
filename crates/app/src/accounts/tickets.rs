//! Tickets: short-lived tokens for one place, a room or a game server outside, that are good once. And introspection:
//! what a token is worth, for servers that are shown one (after RFC 7662).

use serde::{Deserialize, Serialize};
use store::{FamilyId, UserId};

use super::{AccountError, Accounts};
use crate::tokens::Signer;

/// Longest life of a ticket.
pub const TICKET_SECONDS_MAX: u32 = 300;
/// Bytes of the name of what a ticket is for.
const PLACE_BYTES_MAX: usize = 128;

/// Signs tickets.
pub(super) struct Signers(Signer);

impl Signers {
    pub fn new(key: &[u8]) -> Self {
        Self(Signer::secret(key))
    }
}

/// What a ticket says.
#[derive(Serialize, Deserialize)]
struct Claims {
    jti: String,
    sub: UserId,
    usn: String,
    aud: String,
    exp: i64,
    /// The millisecond in which it was made.
    made: i64,
    /// The login that it was made under, if it was a player who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fam: Option<FamilyId>,
}

/// A ticket for its holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ticket {
    /// To be shown.
    pub ticket: String,
    /// The second from which it is good no more.
    pub expires: i64,
}

/// What a token is worth.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Introspected {
    /// It is good. All else is said of good ones only.
    pub active: bool,
    /// `session`, `refresh` or `ticket`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// The user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The user's name when the token was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What a ticket is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// The second from which it is good no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

impl Accounts {
    /// A ticket for a place: a match id, or the name of a server outside. It ends with the login that it is made under,
    /// and with all logins of its user.
    pub fn ticket(
        &self,
        user: UserId,
        username: &str,
        family: Option<FamilyId>,
        place: &str,
        seconds: u32,
    ) -> Result<Ticket, AccountError> {
        let named = (1..=PLACE_BYTES_MAX).contains(&place.len()) && !place.chars().any(char::is_control);
        if !named || !(1..=TICKET_SECONDS_MAX).contains(&seconds) {
            return Err(AccountError::Ticket);
        }
        let made = self.core.now_ms();
        // The end of a login is remembered for as long as a refresh token lives.
        let expires = made / 1_000 + i64::from(seconds).min(self.tokens.refresh_expires(0));
        let claims = Claims {
            jti: format!("{:032x}", self.core.entropy().u128()),
            sub: user,
            usn: username.to_owned(),
            aud: place.to_owned(),
            exp: expires,
            made,
            fam: family,
        };
        Ok(Ticket { ticket: self.tickets.0.sign(&claims), expires })
    }

    /// What a token is worth. A ticket is used up by it: asked again, it is good no more. With `place`, a ticket for
    /// another one is not good, and is not used up.
    pub async fn introspect(&self, token: &str, place: Option<&str>) -> Result<Introspected, AccountError> {
        let now = self.now();
        if let Ok(holder) = self.tokens.check(token, now) {
            return Ok(Introspected {
                active: true,
                token_type: Some("session"),
                sub: Some(holder.user.to_string()),
                username: Some(holder.username),
                exp: Some(holder.expires),
                aud: None,
            });
        }
        if let Ok(renewal) = self.tokens.check_refresh(token, now) {
            let known = self.core.read(store::FamilyGet { family: renewal.family }).await?;
            let newest = known.map_or(renewal.generation == 0, |family| {
                !family.revoked && family.generation == renewal.generation
            });
            return Ok(if newest {
                Introspected {
                    active: true,
                    token_type: Some("refresh"),
                    sub: Some(renewal.user.to_string()),
                    exp: Some(renewal.expires),
                    ..Introspected::default()
                }
            } else {
                Introspected::default()
            });
        }
        self.redeem(token, place).await
    }

    async fn redeem(&self, token: &str, place: Option<&str>) -> Result<Introspected, AccountError> {
        let Some(claims) = self.tickets.0.open::<Claims>(token) else { return Ok(Introspected::default()) };
        if claims.exp <= self.now() || place.is_some_and(|place| place != claims.aud) {
            return Ok(Introspected::default());
        }
        if self.login_is_over(&claims).await? {
            return Ok(Introspected::default());
        }
        // What was used is noted in the store: once means once, whatever server is asked, and after a restart.
        let note = store::NotePut {
            name: format!("ticket:{}", claims.jti),
            said: String::new(),
            expires_ms: claims.exp * 1_000,
        };
        if !self.core.write(note).await?.into_inner() {
            return Ok(Introspected::default());
        }
        Ok(Introspected {
            active: true,
            token_type: Some("ticket"),
            sub: Some(claims.sub.to_string()),
            username: Some(claims.usn),
            aud: Some(claims.aud),
            exp: Some(claims.exp),
        })
    }

    /// Was the user logged out, shut out or removed since the ticket was made?
    async fn login_is_over(&self, claims: &Claims) -> Result<bool, AccountError> {
        if self.tokens.is_over_for(claims.sub, claims.made) {
            return Ok(true);
        }
        let Some(family) = claims.fam else { return Ok(false) };
        // The list in memory forgets a family with its last session token, which may be before the ticket's end.
        let known = self.core.read(store::FamilyGet { family }).await?;
        Ok(self.tokens.is_revoked(family) || known.is_some_and(|known| known.revoked))
    }
}
