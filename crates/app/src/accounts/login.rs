//! Logging in. What is known costs one read and no write.

use std::ops::RangeInclusive;

use store::{Credential, FamilyId, PasswordOf, PersonalKind, Registered, UserId};
use wire::limits::DEVICE_ID_BYTES;

use super::passwords::check_length;
use super::{AccountError, Accounts, check_username, check_vars};
use crate::tokens::{Pair, Vars};

/// Letters of a name that nobody chose.
const GENERATED_LETTERS: usize = 10;
/// Names tried before giving up on finding a free one; ten letters make even the second try rare.
const GENERATED_TRIES_MAX: usize = 5;
/// Length of a custom id.
pub(super) const CUSTOM_ID_BYTES: RangeInclusive<usize> = 6..=128;
/// Length of an e-mail address.
pub(super) const EMAIL_BYTES: RangeInclusive<usize> = 5..=255;
/// The provider under which ids of a studio's own are kept.
pub const CUSTOM: &str = "custom";

/// A login by device, or by an id of the studio's own.
#[derive(Clone, Debug)]
pub struct DeviceLogin {
    /// The id.
    pub device: String,
    /// May an account be made?
    pub create: bool,
    /// The new account's name; one is made up if there is none.
    pub username: Option<String>,
    /// Kept in the tokens.
    pub vars: Vars,
}

/// Who logs in with a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EmailLogins {
    /// Whoever has this address.
    Email(String),
    /// Whoever has this name.
    Username(String),
}

/// A login with a password.
#[derive(Clone, Debug)]
pub struct EmailLogin {
    /// Who.
    pub who: EmailLogins,
    /// The password.
    pub password: String,
    /// May an account be made, if an address is given?
    pub create: bool,
    /// The new account's name; one is made up if there is none.
    pub username: Option<String>,
    /// Kept in the tokens.
    pub vars: Vars,
}

/// A login that succeeded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoggedIn {
    /// An account was made.
    pub created: bool,
    /// The account.
    pub user: UserId,
    /// What the client keeps.
    pub tokens: Pair,
}

impl Accounts {
    /// Logs a device in.
    pub async fn device(&self, login: DeviceLogin) -> Result<LoggedIn, AccountError> {
        let DeviceLogin { device, create, username, vars } = login;
        check_device(&device)?;
        let began_ms = self.core.now_ms();
        let known = self.core.read(store::FindByDevice { device: device.clone() }).await;
        self.known_or_new(known?, Credential::Device(device), create, username, vars, began_ms).await
    }

    /// Logs an id of the studio's own in.
    pub async fn custom(&self, login: DeviceLogin) -> Result<LoggedIn, AccountError> {
        let DeviceLogin { device: subject, create, username, vars } = login;
        check_custom(&subject)?;
        self.external(CUSTOM.to_owned(), subject, create, username, vars).await
    }

    /// Logs in somebody for whom a provider vouched.
    pub async fn external(
        &self,
        provider: String,
        subject: String,
        create: bool,
        username: Option<String>,
        vars: Vars,
    ) -> Result<LoggedIn, AccountError> {
        let find = store::FindByIdentity { provider: provider.clone(), subject: subject.clone() };
        let began_ms = self.core.now_ms();
        let known = self.core.read(find).await?;
        let credential = Credential::Identity { provider, subject };
        self.known_or_new(known, credential, create, username, vars, began_ms).await
    }

    /// Logs in with a password. Whether there is such an address makes no difference to the answer, and none to the
    /// work: one password is hashed either way.
    pub async fn email(&self, login: EmailLogin) -> Result<LoggedIn, AccountError> {
        let EmailLogin { who, password, create, username, vars } = login;
        check_vars(&vars)?;
        check_length(&password)?;
        let (of, address) = match who {
            EmailLogins::Email(email) => {
                let address = check_email(&email)?;
                (PasswordOf::Email(self.vault.found_by(&address)), Some(address))
            }
            EmailLogins::Username(name) => {
                check_username(&name)?;
                (PasswordOf::Username(name), None)
            }
        };
        let began_ms = self.core.now_ms();
        let known = self.core.read(store::FindByPassword { who: of }).await?;
        match (known, address) {
            // Where no accounts are taken, an unknown address is answered as any other below.
            (None, Some(address)) if create && self.settings.registration => {
                let credential = self.email_credential(address, password).await?;
                self.known_or_new(None, credential, true, username, vars, began_ms).await
            }
            (known, _) => {
                let (login, hash) = known.map(|known| (known.login, known.password)).unzip();
                let right = self.passwords.verify(password, hash).await?;
                match login {
                    Some(login) if right => self.logged_in(login, false, &vars, began_ms).await,
                    _ => Err(AccountError::Credentials),
                }
            }
        }
    }

    /// An address and a password as they are kept.
    pub(super) async fn email_credential(
        &self,
        address: String,
        password: String,
    ) -> Result<Credential, AccountError> {
        let password = self.passwords.hash(password).await?;
        let found_by = self.vault.found_by(&address);
        let address = self.vault.seal(PersonalKind::Email, &address);
        Ok(Credential::Email { found_by, password, address })
    }

    async fn known_or_new(
        &self,
        known: Option<store::Login>,
        credential: Credential,
        create: bool,
        username: Option<String>,
        vars: Vars,
        began_ms: i64,
    ) -> Result<LoggedIn, AccountError> {
        check_vars(&vars)?;
        let username = username.filter(|name| !name.is_empty());
        if let Some(name) = &username {
            check_username(name)?;
        }
        if let Some(known) = known {
            return self.logged_in(known, false, &vars, began_ms).await;
        }
        if !create {
            return Err(AccountError::NotFound);
        }
        if !self.settings.registration {
            return Err(AccountError::Closed);
        }
        for _ in 0..GENERATED_TRIES_MAX {
            let register = store::Register {
                credential: credential.clone(),
                user: UserId(self.core.new_id()),
                username: username.clone().unwrap_or_else(|| self.generated_username()),
                at_ms: self.core.now_ms(),
            };
            match self.core.write(register).await?.into_inner() {
                // A password that was right for nobody a moment ago proves nothing to whoever took the address since.
                Registered::Found(_) if matches!(credential, Credential::Email { .. }) => {
                    return Err(AccountError::Credentials);
                }
                Registered::Found(login) => return self.logged_in(login, false, &vars, began_ms).await,
                Registered::Created(login) => return self.logged_in(login, true, &vars, began_ms).await,
                Registered::UsernameTaken if username.is_some() => break,
                Registered::UsernameTaken => {}
            }
        }
        Err(AccountError::UsernameTaken)
    }

    async fn logged_in(
        &self,
        login: store::Login,
        created: bool,
        vars: &Vars,
        began_ms: i64,
    ) -> Result<LoggedIn, AccountError> {
        if login.disabled {
            return Err(AccountError::Disabled);
        }
        let user = login.user;
        if self.tokens.is_over_for(user, began_ms) {
            // Everything of this account was ended since the login began, or in its very millisecond: the account may
            // be shut out or gone.
            match self.core.read(store::AccountGet { user }).await? {
                Some(account) if account.profile.disabled_ms.is_none() => {}
                Some(_) => return Err(AccountError::Disabled),
                None => return Err(AccountError::NotFound),
            }
        }
        if self.settings.single && !created {
            self.end_all(user).await?;
        }
        let family = FamilyId(self.core.entropy().u128());
        let made_ms = self.tokens.after_end(user, began_ms);
        let tokens = self.tokens.issue(family, 0, user, &login.username, vars, made_ms);
        Ok(LoggedIn { created, user, tokens })
    }

    fn generated_username(&self) -> String {
        const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut random = self.core.entropy().u128();
        let mut letters = String::with_capacity(GENERATED_LETTERS);
        for _ in 0..GENERATED_LETTERS {
            letters.push(LETTERS[(random % 52) as usize] as char);
            random /= 52;
        }
        letters
    }
}

pub(super) fn check_device(id: &str) -> Result<(), AccountError> {
    let fits = DEVICE_ID_BYTES.contains(&id.len()) && !id.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(AccountError::DeviceId) }
}

pub(super) fn check_custom(id: &str) -> Result<(), AccountError> {
    let fits = CUSTOM_ID_BYTES.contains(&id.len()) && !id.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(AccountError::CustomId) }
}

/// The address as it is kept: without regard to case, as every provider of note treats it.
pub(super) fn check_email(email: &str) -> Result<String, AccountError> {
    let plain =
        EMAIL_BYTES.contains(&email.len()) && !email.chars().any(|c| c.is_control() || c.is_whitespace());
    match email.rsplit_once('@') {
        Some((name, host)) if plain && !name.is_empty() && !host.is_empty() && !name.contains('@') => {
            Ok(email.to_lowercase())
        }
        _ => Err(AccountError::Email),
    }
}
