//! Linking and unlinking what one logs in with. An account keeps at least one way in.

use store::{Credential, Linked, Unlinked, Unlinking, UserId};

use super::login::{CUSTOM, check_custom, check_device, check_email};
use super::passwords::check_length;
use super::{AccountError, Accounts};

/// Persons of one provider that are looked for at once.
const KNOWN_MAX: usize = 1_000;

impl Accounts {
    /// Links a device.
    pub async fn link_device(&self, user: UserId, device: String) -> Result<(), AccountError> {
        check_device(&device)?;
        self.link(user, Credential::Device(device)).await
    }

    /// Links an id of the studio's own.
    pub async fn link_custom(&self, user: UserId, subject: String) -> Result<(), AccountError> {
        check_custom(&subject)?;
        self.link_external(user, CUSTOM.to_owned(), subject).await
    }

    /// Links an e-mail address with a password; the account's own address gets the new password.
    pub async fn link_email(&self, user: UserId, email: &str, password: String) -> Result<(), AccountError> {
        let address = check_email(email)?;
        check_length(&password)?;
        let credential = self.email_credential(address, password).await?;
        self.link(user, credential).await
    }

    /// Notes that the account's e-mail address is the player's own. Whoever sends the mail and hears the answer is a
    /// studio's code; it says which address it wrote to, since the account may have another one by now.
    pub async fn mark_verified(&self, user: UserId, email: &str) -> Result<(), AccountError> {
        let found_by = self.vault.found_by(&check_email(email)?);
        let verify = store::EmailVerify { user, found_by, at_ms: self.core.now_ms() };
        if self.core.write(verify).await?.into_inner() { Ok(()) } else { Err(AccountError::NotLinked) }
    }

    /// Links somebody for whom a provider vouched.
    pub async fn link_external(
        &self,
        user: UserId,
        provider: String,
        subject: String,
    ) -> Result<(), AccountError> {
        self.link(user, Credential::Identity { provider, subject }).await
    }

    async fn link(&self, user: UserId, credential: Credential) -> Result<(), AccountError> {
        let link = store::Link { user, credential, at_ms: self.core.now_ms() };
        match self.core.write(link).await?.into_inner() {
            Linked::Done => Ok(()),
            Linked::Taken => Err(AccountError::Taken),
            Linked::TooMany => Err(AccountError::TooManyLinks),
            Linked::NoAccount => Err(AccountError::NotFound),
        }
    }

    /// Unlinks a device.
    pub async fn unlink_device(&self, user: UserId, device: String) -> Result<(), AccountError> {
        check_device(&device)?;
        self.unlink(user, Unlinking::Device(device)).await
    }

    /// Unlinks an id of the studio's own; without one, whichever is linked.
    pub async fn unlink_custom(&self, user: UserId, subject: Option<String>) -> Result<(), AccountError> {
        self.unlink_external(user, CUSTOM.to_owned(), subject).await
    }

    /// Unlinks the e-mail address, and forgets it.
    pub async fn unlink_email(&self, user: UserId) -> Result<(), AccountError> {
        self.unlink(user, Unlinking::Email).await
    }

    /// Unlinks a provider's person; without a name, whoever is linked.
    pub async fn unlink_external(
        &self,
        user: UserId,
        provider: String,
        subject: Option<String>,
    ) -> Result<(), AccountError> {
        self.unlink(user, Unlinking::Identity { provider, subject }).await
    }

    async fn unlink(&self, user: UserId, what: Unlinking) -> Result<(), AccountError> {
        let unlink = store::Unlink { user, what, at_ms: self.core.now_ms() };
        match self.core.write(unlink).await?.into_inner() {
            Unlinked::Done => Ok(()),
            Unlinked::NotLinked => Err(AccountError::NotLinked),
            Unlinked::Last => Err(AccountError::Last),
        }
    }

    /// Those of a provider's persons who have an account here; of a longer list the first thousand.
    pub async fn users_of(&self, provider: &str, subjects: Vec<String>) -> Result<Vec<UserId>, AccountError> {
        let known = subjects.into_iter().take(KNOWN_MAX).map(|subject| (provider.to_owned(), subject));
        let get = store::UsersGet { ids: Vec::new(), names: Vec::new(), known: known.collect() };
        Ok(self.core.read(get).await?.into_iter().map(|seen| seen.user).collect())
    }
}
