//! Accounts, and the devices that log in to them. A known login only reads.

use serde::{Deserialize, Serialize};

use crate::credentials::{Credentials, credentials};
use crate::operation::{Operation, Tx};
use crate::personal::{Kind, Personal, of_user, put, remove};
use crate::statement::statements;
use crate::wallets::{Balance, balances};
use crate::{Row, StoreError, UserId};

statements! {
    BY_DEVICE = "SELECT u.id, u.username, u.disabled_ms FROM devices d JOIN users u ON u.id = d.user_id
        WHERE d.device_id = $1";
    GET = "SELECT username, created_ms, updated_ms, disabled_ms, display_name, avatar_url, lang_tag, metadata,
        preferences, edge_count FROM users WHERE id = $1";
    BY_NAME = "SELECT id FROM users WHERE username_key = $1";
    UPDATE = "UPDATE users SET username = $2, username_key = $3, display_name = $4, avatar_url = $5, lang_tag = $6,
        metadata = $7, preferences = $8, updated_ms = $9 WHERE id = $1";
    SET_DISABLED = "UPDATE users SET disabled_ms = $2, updated_ms = $3 WHERE id = $1";
}

/// Usernames are unique without regard to case: this is the key that is compared.
pub fn username_key(username: &str) -> String {
    username.to_lowercase()
}

/// An account as a login needs it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Login {
    /// Who.
    pub user: UserId,
    /// As they wrote it.
    pub username: String,
    /// Not allowed in.
    pub disabled: bool,
}

/// Reads the account of a device.
#[derive(Clone, Debug)]
pub struct FindByDevice {
    /// The device's own id.
    pub device: String,
}

impl Operation for FindByDevice {
    type Output = Option<Login>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&BY_DEVICE, &[(&self.device).into()], |row| {
            Ok(Login {
                user: UserId(row.id(0)?),
                username: row.text(1)?,
                disabled: row.opt_int(2)?.is_some(),
            })
        })
        .await
    }
}

/// Reads an account with its devices and wallet.
#[derive(Clone, Debug)]
pub struct AccountGet {
    /// Whose.
    pub user: UserId,
}

/// What others may see of a user, as far as it is not sealed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Profile {
    /// As they wrote it.
    pub username: String,
    /// When the account was made.
    pub created_ms: i64,
    /// When it was last changed.
    pub updated_ms: i64,
    /// Since when it may not log in.
    pub disabled_ms: Option<i64>,
    /// The name to show.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// Language.
    pub lang_tag: Option<String>,
    /// A JSON object that server code writes.
    pub metadata: Option<String>,
    /// A JSON object of the player's own.
    pub preferences: Option<String>,
    /// How many friends.
    pub edge_count: i64,
}

fn profile(row: &Row<'_>) -> Result<Profile, StoreError> {
    Ok(Profile {
        username: row.text(0)?,
        created_ms: row.int(1)?,
        updated_ms: row.int(2)?,
        disabled_ms: row.opt_int(3)?,
        display_name: row.opt_text(4)?,
        avatar_url: row.opt_text(5)?,
        lang_tag: row.opt_text(6)?,
        metadata: row.opt_text(7)?,
        preferences: row.opt_text(8)?,
        edge_count: row.int(9)?,
    })
}

/// All of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Whose.
    pub user: UserId,
    /// What others see too.
    pub profile: Profile,
    /// What it is logged in to with.
    pub credentials: Credentials,
    /// What is sealed.
    pub personal: Vec<Personal>,
    /// What it has of each currency, in order of their names.
    pub wallet: Vec<Balance>,
}

impl Operation for AccountGet {
    type Output = Option<Account>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let user = self.user;
        let Some(profile) = tx.optional(&GET, &[user.into()], profile).await? else { return Ok(None) };
        Ok(Some(Account {
            user,
            profile,
            credentials: credentials(tx, user).await?,
            personal: of_user(tx, user).await?,
            wallet: balances(tx, user).await?,
        }))
    }
}

/// Reads what others may see of some users. Those who do not exist are passed over.
#[derive(Clone, Debug)]
pub struct UsersGet {
    /// By their ids.
    pub ids: Vec<UserId>,
    /// By their names, whatever the case.
    pub names: Vec<String>,
    /// By a provider's names for them.
    pub known: Vec<(String, String)>,
}

/// A user as others see one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenUser {
    /// Who.
    pub user: UserId,
    /// What there is to see.
    pub profile: Profile,
    /// What is sealed.
    pub personal: Vec<Personal>,
}

impl Operation for UsersGet {
    /// Each once, in the order in which they were asked for.
    type Output = Vec<SeenUser>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut users = self.ids.clone();
        for name in &self.names {
            let found = tx.optional(&BY_NAME, &[(&username_key(name)).into()], |row| row.id(0)).await?;
            users.extend(found.map(UserId));
        }
        for (provider, subject) in &self.known {
            let find = crate::FindByIdentity { provider: provider.clone(), subject: subject.clone() };
            users.extend(find.run(tx).await?.map(|login| login.user));
        }
        let mut seen: Vec<SeenUser> = Vec::new();
        for user in users {
            if seen.iter().any(|known| known.user == user) {
                continue;
            }
            if let Some(profile) = tx.optional(&GET, &[user.into()], profile).await? {
                seen.push(SeenUser { user, profile, personal: of_user(tx, user).await? });
            }
        }
        Ok(seen)
    }
}

/// Changes an account. What is not named stays; an empty text takes the thing away.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// The username; cannot be taken away.
    pub username: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// Language.
    pub lang_tag: Option<String>,
    /// A JSON object that server code writes.
    pub metadata: Option<String>,
    /// A JSON object of the player's own.
    pub preferences: Option<String>,
    /// What is sealed; nothing takes it away.
    pub personal: Vec<(Kind, Option<Personal>)>,
}

/// Applies an [`AccountChange`].
#[derive(Clone, Debug)]
pub struct AccountUpdate {
    /// Whose.
    pub user: UserId,
    /// What.
    pub change: AccountChange,
    /// Now.
    pub at_ms: i64,
}

/// What [`AccountUpdate`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AccountUpdated {
    /// It is changed.
    Done,
    /// Somebody else has that name; nothing was changed.
    UsernameTaken,
    /// There is no such account.
    NotFound,
}

impl Operation for AccountUpdate {
    type Output = AccountUpdated;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (user, change) = (self.user, &self.change);
        let Some(mut now) = tx.optional(&GET, &[user.into()], profile).await? else {
            return Ok(AccountUpdated::NotFound);
        };
        if let Some(name) = &change.username {
            let key = username_key(name);
            let holder = tx.optional(&BY_NAME, &[(&key).into()], |row| row.id(0)).await?;
            if holder.is_some_and(|holder| holder != user.0) {
                return Ok(AccountUpdated::UsernameTaken);
            }
            now.username = name.clone();
        }
        let fields = [
            (&change.display_name, &mut now.display_name),
            (&change.avatar_url, &mut now.avatar_url),
            (&change.lang_tag, &mut now.lang_tag),
            (&change.metadata, &mut now.metadata),
            (&change.preferences, &mut now.preferences),
        ];
        for (new, field) in fields {
            if let Some(text) = new {
                *field = (!text.is_empty()).then(|| text.clone());
            }
        }
        let key = username_key(&now.username);
        let values = [
            user.into(),
            (&now.username).into(),
            (&key).into(),
            now.display_name.as_ref().into(),
            now.avatar_url.as_ref().into(),
            now.lang_tag.as_ref().into(),
            now.metadata.as_ref().into(),
            now.preferences.as_ref().into(),
            self.at_ms.into(),
        ];
        tx.execute(&UPDATE, &values).await?;
        for (kind, sealed) in &change.personal {
            match sealed {
                Some(sealed) => put(tx, user, sealed).await?,
                None => remove(tx, user, *kind).await?,
            }
        }
        Ok(AccountUpdated::Done)
    }
}

/// Shuts an account out, or lets it in again. Tokens already given stay until their family is revoked.
#[derive(Clone, Debug)]
pub struct SetDisabled {
    /// Whose.
    pub user: UserId,
    /// Since when; `None` lets them in.
    pub disabled_ms: Option<i64>,
    /// Now.
    pub at_ms: i64,
}

impl Operation for SetDisabled {
    /// Whether there is such an account.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.user.into(), self.disabled_ms.into(), self.at_ms.into()];
        Ok(tx.execute(&SET_DISABLED, &values).await? == 1)
    }
}
