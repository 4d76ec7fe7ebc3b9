//! Accounts, and the devices that log in to them. A known login only reads.

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::wallets::{Balance, balances};
use crate::{StoreError, UserId};

statements! {
    BY_DEVICE = "SELECT u.id, u.username, u.disabled_ms FROM devices d JOIN users u ON u.id = d.user_id
        WHERE d.device_id = $1";
    INSERT_USER = "INSERT INTO users (id, username, username_key, created_ms, updated_ms)
        VALUES ($1, $2, $3, $4, $4) ON CONFLICT (username_key) DO NOTHING";
    INSERT_DEVICE = "INSERT INTO devices (device_id, user_id) VALUES ($1, $2)";
    GET = "SELECT username, created_ms, updated_ms, disabled_ms FROM users WHERE id = $1";
    DEVICES = "SELECT device_id FROM devices WHERE user_id = $1 ORDER BY device_id";
    SET_DISABLED = "UPDATE users SET disabled_ms = $2, updated_ms = $3 WHERE id = $1";
}

/// Usernames are unique without regard to case: this is the key that is compared.
pub fn username_key(username: &str) -> String {
    username.to_lowercase()
}

/// An account as a login needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
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

/// Finds the account of a device or makes one. Doing it twice, even at once, makes one account.
#[derive(Clone, Debug)]
pub struct CreateWithDevice {
    /// The device's own id.
    pub device: String,
    /// The id of the account, if it must be made.
    pub user: UserId,
    /// The name of the account, if it must be made.
    pub username: String,
    /// May one be made?
    pub create: bool,
    /// Now.
    pub at_ms: i64,
}

/// What [`CreateWithDevice`] found or did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeviceLogin {
    /// The device was known.
    Found(Login),
    /// A new account.
    Created(Login),
    /// The device is unknown, and none may be made.
    NotFound,
    /// Somebody else has that name.
    UsernameTaken,
}

impl Operation for CreateWithDevice {
    type Output = DeviceLogin;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let known = FindByDevice { device: self.device.clone() };
        if let Some(login) = known.run(tx).await? {
            return Ok(DeviceLogin::Found(login));
        }
        if !self.create {
            return Ok(DeviceLogin::NotFound);
        }
        let key = username_key(&self.username);
        let user = self.user.into();
        let made = tx
            .execute(&INSERT_USER, &[user, (&self.username).into(), (&key).into(), self.at_ms.into()])
            .await?;
        if made == 0 {
            return Ok(DeviceLogin::UsernameTaken);
        }
        // No ON CONFLICT: the device was not there a moment ago in this same transaction. Where another one made it
        // meanwhile, a serializable engine fails this transaction and runs it again, and then it is found above.
        tx.execute(&INSERT_DEVICE, &[(&self.device).into(), user]).await?;
        Ok(DeviceLogin::Created(Login { user: self.user, username: self.username.clone(), disabled: false }))
    }
}

/// Reads an account with its devices and wallet.
#[derive(Clone, Debug)]
pub struct AccountGet {
    /// Whose.
    pub user: UserId,
}

/// All of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Whose.
    pub user: UserId,
    /// As they wrote it.
    pub username: String,
    /// When it was made.
    pub created_ms: i64,
    /// When it was last changed.
    pub updated_ms: i64,
    /// Since when it may not log in.
    pub disabled_ms: Option<i64>,
    /// The devices that log in to it, in order.
    pub devices: Vec<String>,
    /// What it has of each currency, in order of their names.
    pub wallet: Vec<Balance>,
}

impl Operation for AccountGet {
    type Output = Option<Account>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let user = self.user;
        let found = tx
            .optional(&GET, &[user.into()], |row| {
                Ok(Account {
                    user,
                    username: row.text(0)?,
                    created_ms: row.int(1)?,
                    updated_ms: row.int(2)?,
                    disabled_ms: row.opt_int(3)?,
                    devices: Vec::new(),
                    wallet: Vec::new(),
                })
            })
            .await?;
        let Some(mut account) = found else { return Ok(None) };
        account.devices = tx.rows(&DEVICES, &[user.into()], |row| row.text(0)).await?;
        account.wallet = balances(tx, user).await?;
        Ok(Some(account))
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
