//! Sessions that stand on an issuer's word. The word is taken back in three ways:
//!
//! - *back-channel logout*: the issuer tells us, and the sessions end at once, open sockets included;
//! - *asking again*: where the issuer gave a refresh token, a refresh of the session asks it, every so often; if it says
//!   that the grant is over (logged out, disabled, consent taken back), the session ends;
//! - *age*: without a new word the session ends after a time that the operator sets.

use store::{FamilyId, OutsideSession, OutsideWho, UserId};

use super::exchange::{Exchange, OPAQUE_BYTES_MAX, exchange};
use super::{Identity, IdentityError, Vouched};
use crate::accounts::{AccountError, LoggedIn};
use crate::tokens::TokenError;

/// Sessions that are read or ended by one step.
const STEP_ROWS_MAX: u32 = 100;
/// Sessions that one logout token ends; more would be no person's.
const ENDED_MAX: usize = 10_000;
/// A logout token is remembered this long: longer than it is taken.
const JTI_MS_MAX: i64 = (super::AGE_SECONDS_MAX + 2 * super::LEEWAY_SECONDS) * 1_000;
const PURPOSE: &str = "renewal";

impl Identity {
    /// Remembers on whose word a login stands.
    pub(super) async fn stand(&self, logged_in: &LoggedIn, vouched: Vouched) -> Result<(), IdentityError> {
        let Vouched { provider, subject, issuer: Some(standing) } = vouched else { return Ok(()) };
        let family = self.accounts.holder(&logged_in.tokens.token).map_err(AccountError::from)?.family;
        let now = self.core.now_ms();
        let session = OutsideSession {
            family,
            user: logged_in.user,
            ends_ms: self.ends_ms(&standing.name, now),
            provider,
            subject,
            sid: standing.sid,
            renewal: standing.renewal.map(|token| self.seal.close(PURPOSE, &token)),
            checked_ms: now,
        };
        self.core.write(store::OutsideSessionPut(session)).await?.into_inner();
        Ok(())
    }

    /// Asked before a refresh: does the issuer still stand by the login? If not, it ends here.
    pub async fn still_stands(&self, refresh_token: &str) -> Result<(), IdentityError> {
        if self.issuers.is_empty() {
            return Ok(());
        }
        // Whether the token is good at all is for the refresh to say.
        let Some(family) = self.accounts.family_of(refresh_token) else { return Ok(()) };
        let Some(session) = self.core.read(store::OutsideSessionGet { family }).await? else { return Ok(()) };
        let now = self.core.now_ms();
        if session.ends_ms <= now {
            return self.ended(&session).await;
        }
        let issuer = self.issuers.values().find(|issuer| issuer.provider() == session.provider);
        let renewal = session.renewal.as_ref().and_then(|sealed| self.seal.open::<String>(PURPOSE, sealed));
        let (Some(issuer), Some(renewal)) = (issuer, renewal) else { return Ok(()) };
        let recheck_ms = i64::from(issuer.settings.recheck_seconds) * 1_000;
        if now < session.checked_ms.saturating_add(recheck_ms) {
            return Ok(());
        }
        // One asks: an issuer that sees its refresh token twice takes the second for a thief.
        let claim = store::OutsideSessionClaim { family, seen_ms: session.checked_ms, at_ms: now };
        if !self.core.write(claim).await?.into_inner() {
            return Ok(());
        }
        let grant = [("grant_type", "refresh_token"), ("refresh_token", &renewal)];
        let given = match exchange(issuer, &grant).await {
            Ok(Exchange::Given(given)) => given,
            Ok(Exchange::Ended) => return self.ended(&session).await,
            Err(error) => {
                // It stands on the last word until that is too old.
                tracing::warn!(%error, issuer = issuer.settings.issuer, "a session could not be asked about");
                return Ok(());
            }
        };
        if let Some(token) = &given.id_token
            && issuer.check_id(token, None).await?.sub != session.subject
        {
            return self.ended(&session).await;
        }
        let renewal = given.refresh_token.filter(|token| token.len() <= OPAQUE_BYTES_MAX).unwrap_or(renewal);
        let renewed = OutsideSession {
            renewal: Some(self.seal.close(PURPOSE, &renewal)),
            checked_ms: now,
            ends_ms: self.ends_ms(&issuer.settings.name, now),
            ..session
        };
        self.core.write(store::OutsideSessionPut(renewed)).await?.into_inner();
        Ok(())
    }

    /// An issuer tells that somebody logged out there. Gives how many sessions ended here.
    pub async fn told_of_logout(&self, name: &str, token: &str) -> Result<usize, IdentityError> {
        let issuer = self.issuer(name)?;
        let claims = issuer.check_logout(token).await?;
        let id = claims.jti.unwrap_or_default();
        let until_ms = self.core.now_ms() + JTI_MS_MAX;
        let note = format!("logout:{name}:{id}");
        if !self.first_time(&note, until_ms).await? {
            return Err(IdentityError::Refused("this logout token came before"));
        }
        let ended = self.end_all(issuer.provider(), &claims.sub, claims.sid).await;
        if ended.is_err() {
            // Told again with the same token, it is tried again.
            let note = store::NoteTake { name: note, now_ms: self.core.now_ms() };
            let _ = self.core.write(note).await?.into_inner();
        }
        ended
    }

    /// Ends the sessions that a person has from an issuer, or those of one session there.
    async fn end_all(
        &self,
        provider: &str,
        subject: &str,
        sid: Option<String>,
    ) -> Result<usize, IdentityError> {
        let who = match sid.filter(|sid| !sid.is_empty()) {
            Some(sid) => OutsideWho::Sid(sid),
            None => OutsideWho::Subject(subject.to_owned()),
        };
        let mut ended = 0;
        while ended < ENDED_MAX {
            let of = store::OutsideSessionsOf {
                provider: provider.to_owned(),
                who: who.clone(),
                limit: STEP_ROWS_MAX,
            };
            let sessions = self.core.read(of).await?;
            if sessions.is_empty() {
                break;
            }
            // With both given, both must fit.
            if !subject.is_empty() && sessions.iter().any(|session| session.subject != subject) {
                return Err(IdentityError::Refused("the session is somebody else's"));
            }
            for session in &sessions {
                self.end(session.family, session.user).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// Ends what stands no longer, and forgets what is over, a bounded number at a time. Called every minute or so.
    pub async fn housekeeping(&self) -> Result<(), IdentityError> {
        let now_ms = self.core.now_ms();
        loop {
            let due = self.core.read(store::OutsideSessionsDue { now_ms, limit: STEP_ROWS_MAX }).await?;
            for session in &due {
                self.end(session.family, session.user).await?;
            }
            if due.len() < STEP_ROWS_MAX as usize {
                break;
            }
        }
        loop {
            let prune = store::NotesPrune { now_ms, limit: STEP_ROWS_MAX };
            if self.core.write(prune).await?.into_inner() < STEP_ROWS_MAX.into() {
                return Ok(());
            }
        }
    }

    async fn ended(&self, session: &OutsideSession) -> Result<(), IdentityError> {
        self.end(session.family, session.user).await?;
        Err(AccountError::Token(TokenError::Revoked).into())
    }

    async fn end(&self, family: FamilyId, user: UserId) -> Result<(), IdentityError> {
        self.accounts.end_family(family, user).await?;
        self.core.write(store::OutsideSessionDrop { family }).await?.into_inner();
        Ok(())
    }

    fn ends_ms(&self, name: &str, now: i64) -> i64 {
        let seconds = self.issuers.get(name).map_or(0, |issuer| issuer.settings.session_seconds_max);
        now.saturating_add(i64::from(seconds) * 1_000)
    }
}
