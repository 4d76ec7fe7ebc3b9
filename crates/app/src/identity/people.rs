//! From who was vouched for to an account and a session.

use store::UserId;

use super::{Identity, IdentityError, Platform, Proof, Vouched};
use crate::accounts::LoggedIn;
use crate::tokens::Vars;

/// What a login says beside its proof.
#[derive(Clone, Debug)]
pub struct Login {
    /// May an account be made?
    pub create: bool,
    /// The new account's name; one is made up if there is none.
    pub username: Option<String>,
    /// Kept in the tokens.
    pub vars: Vars,
}

impl Identity {
    /// Logs in whom the proof is about.
    pub async fn log_in(
        &self,
        platform: Platform,
        proof: &Proof,
        login: Login,
    ) -> Result<LoggedIn, IdentityError> {
        let vouched = self.vouch(platform, proof).await?;
        self.log_in_person(vouched, login).await
    }

    /// Logs in somebody who was vouched for.
    pub async fn log_in_person(&self, vouched: Vouched, login: Login) -> Result<LoggedIn, IdentityError> {
        let Login { create, username, vars } = login;
        let (provider, subject) = (vouched.provider.clone(), vouched.subject.clone());
        let logged_in = self.accounts.external(provider, subject, create, username, vars).await?;
        self.stand(&logged_in, vouched).await?;
        Ok(logged_in)
    }

    /// Links whom the proof is about to an account.
    pub async fn link(&self, user: UserId, platform: Platform, proof: &Proof) -> Result<(), IdentityError> {
        let vouched = self.vouch(platform, proof).await?;
        self.link_person(user, vouched).await
    }

    /// Links somebody who was vouched for to an account.
    pub async fn link_person(&self, user: UserId, vouched: Vouched) -> Result<(), IdentityError> {
        Ok(self.accounts.link_external(user, vouched.provider, vouched.subject).await?)
    }

    /// Those of a person's friends there who play here, whom the proof is about.
    pub async fn friends(&self, platform: Platform, proof: &Proof) -> Result<Vec<UserId>, IdentityError> {
        let there = match self.platforms.get(&platform) {
            Some(adapter) => adapter.friends(proof).await?,
            None => return Err(IdentityError::NotConfigured(platform.setting().to_owned())),
        };
        Ok(self.accounts.users_of(platform.name(), there).await?)
    }

    /// Unlinks a person of a provider; without a name, whoever is linked.
    pub(super) async fn unlink_person(
        &self,
        user: UserId,
        provider: &str,
        subject: Option<&str>,
    ) -> Result<(), IdentityError> {
        Ok(self.accounts.unlink_external(user, provider.to_owned(), subject.map(str::to_owned)).await?)
    }
}
