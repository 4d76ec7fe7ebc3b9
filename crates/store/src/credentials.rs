//! What an account is logged in to with: devices, identities that somebody vouches for, an e-mail address with a
//! password. An account keeps at least one.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::personal::{Personal, put};
use crate::statement::statements;
use crate::users::{Login, username_key};
use crate::{Row, StoreError, UserId, Value};

statements! {
    BY_IDENTITY = "SELECT u.id, u.username, u.disabled_ms FROM identities i JOIN users u ON u.id = i.user_id
        WHERE i.provider = $1 AND i.subject = $2";
    BY_EMAIL = "SELECT u.id, u.username, u.disabled_ms, e.password FROM emails e JOIN users u ON u.id = e.user_id
        WHERE e.found_by = $1";
    BY_USERNAME = "SELECT u.id, u.username, u.disabled_ms, e.password
        FROM users u JOIN emails e ON e.user_id = u.id WHERE u.username_key = $1";
    USER = "SELECT 1 FROM users WHERE id = $1";
    INSERT_USER = "INSERT INTO users (id, username, username_key, created_ms, updated_ms)
        VALUES ($1, $2, $3, $4, $4) ON CONFLICT (username_key) DO NOTHING";
    INSERT_DEVICE = "INSERT INTO devices (device_id, user_id) VALUES ($1, $2)";
    INSERT_IDENTITY = "INSERT INTO identities (provider, subject, user_id) VALUES ($1, $2, $3)";
    INSERT_EMAIL = "INSERT INTO emails (found_by, user_id, password) VALUES ($1, $2, $3)";
    SET_PASSWORD = "UPDATE emails SET password = $2 WHERE found_by = $1";
    DEVICES = "SELECT device_id FROM devices WHERE user_id = $1 ORDER BY device_id";
    IDENTITIES = "SELECT provider, subject FROM identities WHERE user_id = $1 ORDER BY provider, subject";
    EMAIL = "SELECT verified_ms FROM emails WHERE user_id = $1";
    VERIFY_EMAIL = "UPDATE emails SET verified_ms = COALESCE(verified_ms, $3) WHERE user_id = $1 AND found_by = $2";
    DROP_DEVICE = "DELETE FROM devices WHERE device_id = $1";
    DROP_IDENTITY = "DELETE FROM identities WHERE provider = $1 AND subject = $2";
    DROP_EMAIL = "DELETE FROM emails WHERE user_id = $1";
    TOUCH = "UPDATE users SET updated_ms = $2 WHERE id = $1";
}

/// Devices of one account.
pub const DEVICES_MAX: usize = 64;
/// Identities of one provider that one account may have.
pub const IDENTITIES_MAX: usize = 64;

/// Something to log in with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Credential {
    /// A device's own id.
    Device(String),
    /// Somebody, as a provider names them.
    Identity {
        /// The provider.
        provider: String,
        /// Its name for the person.
        subject: String,
    },
    /// An e-mail address.
    Email {
        /// What the address is found by.
        found_by: u128,
        /// The password's hash, in its own text form.
        password: String,
        /// The address, sealed.
        address: Personal,
    },
}

fn login(row: &Row<'_>) -> Result<Login, StoreError> {
    Ok(Login { user: UserId(row.id(0)?), username: row.text(1)?, disabled: row.opt_int(2)?.is_some() })
}

impl Credential {
    async fn find<T: Tx>(&self, tx: &mut T) -> Result<Option<Login>, StoreError> {
        match self {
            Credential::Device(id) => crate::FindByDevice { device: id.clone() }.run(tx).await,
            Credential::Identity { provider, subject } => {
                tx.optional(&BY_IDENTITY, &[provider.into(), subject.into()], login).await
            }
            Credential::Email { found_by, .. } => {
                tx.optional(&BY_EMAIL, &[Value::Id(found_by.to_be_bytes())], login).await
            }
        }
    }

    /// No ON CONFLICT: it was not there a moment ago in this same transaction. Where another one made it meanwhile, a
    /// serializable engine fails this transaction and runs it again, and then it is found.
    async fn insert<T: Tx>(&self, tx: &mut T, user: UserId) -> Result<(), StoreError> {
        match self {
            Credential::Device(id) => {
                tx.execute(&INSERT_DEVICE, &[id.into(), user.into()]).await?;
            }
            Credential::Identity { provider, subject } => {
                tx.execute(&INSERT_IDENTITY, &[provider.into(), subject.into(), user.into()]).await?;
            }
            Credential::Email { found_by, password, address } => {
                let found_by = Value::Id(found_by.to_be_bytes());
                tx.execute(&INSERT_EMAIL, &[found_by, user.into(), password.into()]).await?;
                put(tx, user, address).await?;
            }
        }
        Ok(())
    }
}

/// Reads the account that a provider's person has here.
#[derive(Clone, Debug)]
pub struct FindByIdentity {
    /// The provider.
    pub provider: String,
    /// Its name for the person.
    pub subject: String,
}

impl Operation for FindByIdentity {
    type Output = Option<Login>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&BY_IDENTITY, &[(&self.provider).into(), (&self.subject).into()], login).await
    }
}

/// An account with the hash of its password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasswordLogin {
    /// The account.
    pub login: Login,
    /// The password's hash, in its own text form.
    pub password: String,
}

/// Who is meant by a login with a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PasswordOf {
    /// Whoever has the address that is found by this.
    Email(u128),
    /// Whoever has this name.
    Username(String),
}

/// Reads an account that has a password.
#[derive(Clone, Debug)]
pub struct FindByPassword {
    /// Whose.
    pub who: PasswordOf,
}

impl Operation for FindByPassword {
    type Output = Option<PasswordLogin>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let read = |row: &Row<'_>| Ok(PasswordLogin { login: login(row)?, password: row.text(3)? });
        match &self.who {
            PasswordOf::Email(found_by) => {
                tx.optional(&BY_EMAIL, &[Value::Id(found_by.to_be_bytes())], read).await
            }
            PasswordOf::Username(name) => {
                tx.optional(&BY_USERNAME, &[(&username_key(name)).into()], read).await
            }
        }
    }
}

/// Finds the account of a credential or makes one. Doing it twice, even at once, makes one account.
#[derive(Clone, Debug)]
pub struct Register {
    /// What it is logged in to with.
    pub credential: Credential,
    /// The id of the account, if it must be made.
    pub user: UserId,
    /// The name of the account, if it must be made.
    pub username: String,
    /// Now.
    pub at_ms: i64,
}

/// What [`Register`] found or did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Registered {
    /// The credential was known.
    Found(Login),
    /// A new account.
    Created(Login),
    /// Somebody else has that name.
    UsernameTaken,
}

impl Operation for Register {
    type Output = Registered;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if let Some(login) = self.credential.find(tx).await? {
            return Ok(Registered::Found(login));
        }
        let key = username_key(&self.username);
        let values = [self.user.into(), (&self.username).into(), (&key).into(), self.at_ms.into()];
        if tx.execute(&INSERT_USER, &values).await? == 0 {
            return Ok(Registered::UsernameTaken);
        }
        self.credential.insert(tx, self.user).await?;
        Ok(Registered::Created(Login { user: self.user, username: self.username.clone(), disabled: false }))
    }
}

/// Lets an account be logged in to with something more.
#[derive(Clone, Debug)]
pub struct Link {
    /// Whose.
    pub user: UserId,
    /// What with.
    pub credential: Credential,
    /// Now.
    pub at_ms: i64,
}

/// What [`Link`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Linked {
    /// It is linked, perhaps since before. A password given again is the new one.
    Done,
    /// It is another account's, or the account has another e-mail address.
    Taken,
    /// The account has too many of the kind.
    TooMany,
    /// There is no such account.
    NoAccount,
}

impl Operation for Link {
    type Output = Linked;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let user = self.user;
        if tx.optional(&USER, &[user.into()], |_| Ok(())).await?.is_none() {
            return Ok(Linked::NoAccount);
        }
        match self.credential.find(tx).await? {
            Some(login) if login.user != user => return Ok(Linked::Taken),
            Some(_) => {
                if let Credential::Email { found_by, password, .. } = &self.credential {
                    let found_by = Value::Id(found_by.to_be_bytes());
                    tx.execute(&SET_PASSWORD, &[found_by, password.into()]).await?;
                }
                return Ok(Linked::Done);
            }
            None => {}
        }
        let has = credentials(tx, user).await?;
        let (taken, full) = match &self.credential {
            Credential::Device(_) => (false, has.devices.len() >= DEVICES_MAX),
            Credential::Email { .. } => (has.email, false),
            Credential::Identity { provider, .. } => {
                let same = has.identities.iter().filter(|(known, _)| known == provider).count();
                (false, same >= IDENTITIES_MAX)
            }
        };
        if taken || full {
            return Ok(if full { Linked::TooMany } else { Linked::Taken });
        }
        self.credential.insert(tx, user).await?;
        tx.execute(&TOUCH, &[user.into(), self.at_ms.into()]).await?;
        Ok(Linked::Done)
    }
}

/// What is to be unlinked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unlinking {
    /// A device.
    Device(String),
    /// One of a provider's persons, or all of them.
    Identity {
        /// The provider.
        provider: String,
        /// Its name for the person; nothing is whoever is linked.
        subject: Option<String>,
    },
    /// The e-mail address.
    Email,
}

/// Takes away something that an account is logged in to with.
#[derive(Clone, Debug)]
pub struct Unlink {
    /// Whose.
    pub user: UserId,
    /// What.
    pub what: Unlinking,
    /// Now.
    pub at_ms: i64,
}

/// What [`Unlink`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Unlinked {
    /// It is gone.
    Done,
    /// It was not linked.
    NotLinked,
    /// Nobody could log in any more; it stays.
    Last,
}

impl Operation for Unlink {
    type Output = Unlinked;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let user = self.user;
        let has = credentials(tx, user).await?;
        let gone: Vec<(String, String)> = match &self.what {
            Unlinking::Identity { provider, subject } => {
                let meant = |(known, name): &&(String, String)| {
                    known == provider && subject.as_ref().is_none_or(|subject| subject == name)
                };
                has.identities.iter().filter(meant).cloned().collect()
            }
            _ => Vec::new(),
        };
        let count = match &self.what {
            Unlinking::Device(id) => usize::from(has.devices.contains(id)),
            Unlinking::Identity { .. } => gone.len(),
            Unlinking::Email => usize::from(has.email),
        };
        if count == 0 {
            return Ok(Unlinked::NotLinked);
        }
        if has.count() == count {
            return Ok(Unlinked::Last);
        }
        match &self.what {
            Unlinking::Device(id) => {
                tx.execute(&DROP_DEVICE, &[id.into()]).await?;
            }
            Unlinking::Identity { .. } => {
                for (provider, subject) in &gone {
                    tx.execute(&DROP_IDENTITY, &[provider.into(), subject.into()]).await?;
                }
            }
            Unlinking::Email => {
                tx.execute(&DROP_EMAIL, &[user.into()]).await?;
                crate::personal::remove(tx, user, crate::personal::Kind::Email).await?;
            }
        }
        tx.execute(&TOUCH, &[user.into(), self.at_ms.into()]).await?;
        Ok(Unlinked::Done)
    }
}

/// All that an account is logged in to with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Credentials {
    /// In order.
    pub devices: Vec<String>,
    /// Provider and its name for the person, in order.
    pub identities: Vec<(String, String)>,
    /// Is there an e-mail address?
    pub email: bool,
    /// Since when the address is known to be the player's.
    pub email_verified_ms: Option<i64>,
}

impl Credentials {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.devices.len() + self.identities.len() + usize::from(self.email)
    }
}

/// Reads them.
pub(crate) async fn credentials<T: Tx>(tx: &mut T, user: UserId) -> Result<Credentials, StoreError> {
    let email = tx.optional(&EMAIL, &[user.into()], |row| row.opt_int(0)).await?;
    Ok(Credentials {
        devices: tx.rows(&DEVICES, &[user.into()], |row| row.text(0)).await?,
        identities: tx.rows(&IDENTITIES, &[user.into()], |row| Ok((row.text(0)?, row.text(1)?))).await?,
        email: email.is_some(),
        email_verified_ms: email.flatten(),
    })
}

/// Notes that an address is the account's own. It holds until the address is unlinked.
#[derive(Clone, Debug)]
pub struct EmailVerify {
    /// Whose.
    pub user: UserId,
    /// What the address is found by: another one that the account has by now is not meant.
    pub found_by: u128,
    /// Now; the first time stands.
    pub at_ms: i64,
}

impl Operation for EmailVerify {
    /// The account has this address.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.user.into(), Value::Id(self.found_by.to_be_bytes()), self.at_ms.into()];
        Ok(tx.execute(&VERIFY_EMAIL, &values).await? > 0)
    }
}
