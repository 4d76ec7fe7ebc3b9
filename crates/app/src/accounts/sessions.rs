//! Keeping and ending logins.
//!
//! A login is a family of tokens. It ends by itself when nobody refreshes it, by a log-out, or together with all others
//! of its account. What ends is listed in memory first, so that no request slips in while the store writes.

use store::{FamilyId, SessionsEnded, UserId};

use super::{AccountError, Accounts, Ended, LoggedIn, check_vars};
use crate::tokens::{Holder, TokenError, Vars};

/// Rows read or removed by one operation of housekeeping.
const HOUSEKEEPING_ROWS_MAX: u32 = 1_000;

impl Accounts {
    /// Is this login over? Asked once more after a socket has been listed, so that no socket slips past a log-out.
    pub fn is_over(&self, family: FamilyId, user: UserId, made_ms: i64) -> bool {
        self.tokens.is_revoked(family) || self.tokens.is_over_for(user, made_ms)
    }

    /// Uses up a refresh token for a new pair. A token that was used before ends the whole family: either the client
    /// or a thief is using an old copy, and nobody can tell which. New `vars` replace the old ones, if there are any.
    pub async fn refresh(&self, token: &str, vars: Vars) -> Result<LoggedIn, AccountError> {
        check_vars(&vars)?;
        // The new pair is as old as this moment: whatever ends the account's sessions from now on ends it as well.
        let now_ms = self.core.now_ms();
        let now = now_ms / 1_000;
        let renewal = self.tokens.check_refresh(token, now)?;
        let Some(account) = self.core.read(store::AccountGet { user: renewal.user }).await? else {
            return Err(TokenError::Invalid.into());
        };
        if account.profile.disabled_ms.is_some() {
            return Err(AccountError::Disabled);
        }
        let rotation = store::FamilyRotate {
            family: renewal.family,
            user: renewal.user,
            expected: renewal.generation,
            expires_ms: self.tokens.refresh_expires(now) * 1_000,
        };
        match self.core.write(rotation).await?.into_inner() {
            store::Rotation::Rotated(generation) => {
                let vars = if vars.is_empty() { &renewal.vars } else { &vars };
                let (user, name) = (renewal.user, &account.profile.username);
                let tokens = self.tokens.issue(renewal.family, generation, user, name, vars, now_ms);
                Ok(LoggedIn { created: false, user, tokens })
            }
            store::Rotation::Reused { .. } => {
                self.end_family(renewal.family, renewal.user).await?;
                Err(TokenError::Revoked.into())
            }
            store::Rotation::Revoked => Err(TokenError::Revoked.into()),
            store::Rotation::Unknown => Err(TokenError::Invalid.into()),
        }
    }

    /// Ends the holder's login, and those of the given tokens as far as they are the same user's. Without any token,
    /// every login of the user ends.
    pub async fn logout(
        &self,
        holder: &Holder,
        token: &str,
        refresh_token: &str,
    ) -> Result<(), AccountError> {
        if token.is_empty() && refresh_token.is_empty() {
            return self.end_all(holder.user).await;
        }
        let now = self.now();
        let session = self.tokens.check(token, now).ok().map(|other| (other.user, other.family));
        let refresh =
            self.tokens.check_refresh(refresh_token, now).ok().map(|other| (other.user, other.family));
        self.end_family(holder.family, holder.user).await?;
        for (user, family) in session.into_iter().chain(refresh) {
            if user == holder.user && family != holder.family {
                self.end_family(family, user).await?;
            }
        }
        Ok(())
    }

    /// Ends one login. If the store fails, the caller is told so and may try again.
    pub async fn end_family(&self, family: FamilyId, user: UserId) -> Result<(), AccountError> {
        let now = self.now();
        self.tokens.revoke(family, now)?;
        (self.on_ended)(Ended::Family(family));
        let expires_ms = self.tokens.refresh_expires(now) * 1_000;
        let _ = self.core.write(store::FamilyRevoke { family, user, expires_ms }).await?.into_inner();
        Ok(())
    }

    /// Ends every login that an account has until now: logged out everywhere.
    pub async fn end_all(&self, user: UserId) -> Result<(), AccountError> {
        let at_ms = self.core.now_ms();
        self.ended_all(SessionsEnded { user, ended_ms: at_ms })?;
        self.core.write(store::SessionsEnd { user, at_ms }).await?.into_inner();
        Ok(())
    }

    /// Takes note that every login of an account is over.
    pub(super) fn ended_all(&self, ended: SessionsEnded) -> Result<(), AccountError> {
        self.tokens.end_user(ended.user, ended.ended_ms)?;
        (self.on_ended)(Ended::User(ended.user));
        Ok(())
    }

    /// The login that a refresh token comes from; `None` for what is no valid one.
    pub fn family_of(&self, refresh_token: &str) -> Option<FamilyId> {
        self.tokens.check_refresh(refresh_token, self.now()).ok().map(|renewal| renewal.family)
    }

    /// Shuts an account out, or lets it in again. Its sessions end at once.
    pub async fn set_disabled(&self, user: UserId, disabled: bool) -> Result<(), AccountError> {
        let at_ms = self.core.now_ms();
        let change = store::SetDisabled { user, disabled_ms: disabled.then_some(at_ms), at_ms };
        if !self.core.write(change).await?.into_inner() {
            return Err(AccountError::NotFound);
        }
        if disabled { self.end_all(user).await } else { Ok(()) }
    }

    /// Reads the log-outs that still matter. Called once, before the first request.
    pub async fn load_revoked(&self) -> Result<(), AccountError> {
        let now = self.now();
        let mut after = (self.core.now_ms(), FamilyId(0));
        loop {
            let page = self.core.read(store::FamiliesRevoked { after, limit: HOUSEKEEPING_ROWS_MAX }).await?;
            for family in &page {
                self.tokens.revoke(family.family, now)?;
            }
            match page.last() {
                Some(last) if page.len() == HOUSEKEEPING_ROWS_MAX as usize => {
                    after = (last.expires_ms, last.family);
                }
                _ => break,
            }
        }
        let mut after = SessionsEnded { user: UserId(0), ended_ms: self.oldest_ms() };
        loop {
            let ask = store::SessionsEndedAfter { after, limit: HOUSEKEEPING_ROWS_MAX };
            let page = self.core.read(ask).await?;
            for ended in &page {
                self.tokens.end_user(ended.user, ended.ended_ms)?;
            }
            match page.last() {
                Some(last) if page.len() == HOUSEKEEPING_ROWS_MAX as usize => after = *last,
                _ => return Ok(()),
            }
        }
    }

    /// Forgets what is over, a bounded number of rows at a time. Called every minute or so.
    pub async fn housekeeping(&self) -> Result<(), AccountError> {
        self.tokens.prune(self.now());
        let now_ms = self.core.now_ms();
        let limit = HOUSEKEEPING_ROWS_MAX;
        while self.core.write(store::FamiliesPrune { now_ms, limit }).await?.into_inner() >= limit.into() {}
        let before_ms = self.oldest_ms();
        while self.core.write(store::SessionsEndedPrune { before_ms, limit }).await?.into_inner()
            >= limit.into()
        {}
        Ok(())
    }

    /// When the oldest token was made that may still be good.
    fn oldest_ms(&self) -> i64 {
        self.core.now_ms() - (self.tokens.refresh_expires(0) + 1) * 1_000
    }
}
