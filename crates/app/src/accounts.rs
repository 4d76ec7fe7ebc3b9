//! Accounts: logging in with a device, keeping and ending a login, and what an account shows of itself.

use std::sync::Arc;

use store::{FamilyId, Store, StoreError, UserId};
use wire::limits::{DEVICE_ID_BYTES, SESSION_VAR_BYTES_MAX, SESSION_VARS_MAX, USERNAME_BYTES_MAX};

use crate::ports::{Clock, Entropy, new_id};
use crate::tokens::{Holder, Pair, TokenError, Tokens, Vars};

/// Letters of a name that nobody chose.
const GENERATED_LETTERS: usize = 10;
/// Names tried before giving up on finding a free one; ten letters make even the second try rare.
const GENERATED_TRIES_MAX: usize = 5;
/// Rows read or removed by one operation of housekeeping.
const HOUSEKEEPING_ROWS_MAX: u32 = 1_000;

/// Why a use case of accounts says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AccountError {
    /// The device id is too short, too long, or not text that can be kept.
    #[error("a device id must be {} to {} bytes without control characters", DEVICE_ID_BYTES.start(), DEVICE_ID_BYTES.end())]
    DeviceId,
    /// The name cannot be one.
    #[error("a username must be 1 to {USERNAME_BYTES_MAX} bytes without spaces or control characters")]
    Username,
    /// Too many or too long session variables.
    #[error("at most {SESSION_VARS_MAX} session variables of {SESSION_VAR_BYTES_MAX} bytes each")]
    Vars,
    /// There is no such account, and none may be made.
    #[error("the account was not found")]
    NotFound,
    /// Somebody has the name.
    #[error("the username is already in use")]
    UsernameTaken,
    /// The account was shut out.
    #[error("the account is disabled")]
    Disabled,
    /// A token is not taken.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A login by device.
#[derive(Clone, Debug)]
pub struct DeviceLogin {
    /// The device's own id.
    pub device: String,
    /// May an account be made?
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

/// Told of every family that ends, so that its open sockets end too.
pub type OnRevoked = Box<dyn Fn(FamilyId) + Send + Sync>;

/// The use cases.
pub struct Accounts {
    store: Store,
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    on_revoked: OnRevoked,
}

impl Accounts {
    /// Over a store, with tokens, time and randomness from outside.
    pub fn new(
        store: Store,
        tokens: Arc<Tokens>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        on_revoked: OnRevoked,
    ) -> Self {
        Self { store, tokens, clock, entropy, on_revoked }
    }

    /// Logs a device in. A known device costs one read and no write.
    pub async fn device(&self, login: DeviceLogin) -> Result<LoggedIn, AccountError> {
        let DeviceLogin { device, create, username, vars } = login;
        if !DEVICE_ID_BYTES.contains(&device.len()) || device.chars().any(char::is_control) {
            return Err(AccountError::DeviceId);
        }
        check_vars(&vars)?;
        let username = username.filter(|name| !name.is_empty());
        if let Some(name) = &username {
            check_username(name)?;
        }
        if let Some(known) = self.store.read(store::FindByDevice { device: device.clone() }).await? {
            return self.logged_in(known, false, &vars);
        }
        if !create {
            return Err(AccountError::NotFound);
        }
        for _ in 0..GENERATED_TRIES_MAX {
            let made = self
                .store
                .write(store::CreateWithDevice {
                    device: device.clone(),
                    user: UserId(new_id(&*self.clock, &*self.entropy)),
                    username: username.clone().unwrap_or_else(|| self.generated_username()),
                    create,
                    at_ms: self.clock.now_ms(),
                })
                .await?;
            match made.into_inner() {
                store::DeviceLogin::Found(login) => return self.logged_in(login, false, &vars),
                store::DeviceLogin::Created(login) => return self.logged_in(login, true, &vars),
                store::DeviceLogin::NotFound => return Err(AccountError::NotFound),
                store::DeviceLogin::UsernameTaken if username.is_some() => break,
                store::DeviceLogin::UsernameTaken => {}
            }
        }
        Err(AccountError::UsernameTaken)
    }

    fn logged_in(&self, login: store::Login, created: bool, vars: &Vars) -> Result<LoggedIn, AccountError> {
        if login.disabled {
            return Err(AccountError::Disabled);
        }
        let family = FamilyId(self.entropy.u128());
        let tokens = self.tokens.issue(family, 0, login.user, &login.username, vars, self.now());
        Ok(LoggedIn { created, user: login.user, tokens })
    }

    /// Who a session token speaks for. Asked for every request; costs no read.
    pub fn holder(&self, token: &str) -> Result<Holder, TokenError> {
        self.tokens.check(token, self.now())
    }

    /// Was this login ended? Asked once more after a socket has been listed, so that no socket slips past a log-out.
    pub fn is_revoked(&self, family: FamilyId) -> bool {
        self.tokens.is_revoked(family)
    }

    /// Uses up a refresh token for a new pair. A token that was used before ends the whole family: either the client
    /// or a thief is using an old copy, and nobody can tell which. New `vars` replace the old ones, if there are any.
    pub async fn refresh(&self, token: &str, vars: Vars) -> Result<LoggedIn, AccountError> {
        check_vars(&vars)?;
        let now = self.now();
        let renewal = self.tokens.check_refresh(token, now)?;
        let Some(account) = self.store.read(store::AccountGet { user: renewal.user }).await? else {
            return Err(TokenError::Invalid.into());
        };
        if account.disabled_ms.is_some() {
            return Err(AccountError::Disabled);
        }
        let rotation = store::FamilyRotate {
            family: renewal.family,
            user: renewal.user,
            expected: renewal.generation,
            expires_ms: self.tokens.refresh_expires(now) * 1_000,
        };
        match self.store.write(rotation).await?.into_inner() {
            store::Rotation::Rotated(generation) => {
                let vars = if vars.is_empty() { &renewal.vars } else { &vars };
                let (user, name) = (renewal.user, &account.username);
                let tokens = self.tokens.issue(renewal.family, generation, user, name, vars, now);
                Ok(LoggedIn { created: false, user, tokens })
            }
            store::Rotation::Reused { .. } => {
                self.revoke(renewal.family, renewal.user).await?;
                Err(TokenError::Revoked.into())
            }
            store::Rotation::Revoked => Err(TokenError::Revoked.into()),
            store::Rotation::Unknown => Err(TokenError::Invalid.into()),
        }
    }

    /// Ends the holder's login, and those of the given tokens as far as they are the same user's.
    pub async fn logout(
        &self,
        holder: &Holder,
        token: &str,
        refresh_token: &str,
    ) -> Result<(), AccountError> {
        let now = self.now();
        let session = self.tokens.check(token, now).ok().map(|other| (other.user, other.family));
        let refresh =
            self.tokens.check_refresh(refresh_token, now).ok().map(|other| (other.user, other.family));
        self.revoke(holder.family, holder.user).await?;
        for (user, family) in session.into_iter().chain(refresh) {
            if user == holder.user && family != holder.family {
                self.revoke(family, user).await?;
            }
        }
        Ok(())
    }

    /// Ends a login for a reason of the house's own.
    pub async fn end_family(&self, family: FamilyId, user: UserId) -> Result<(), AccountError> {
        self.revoke(family, user).await
    }

    /// The login that a refresh token comes from; `None` for what is no valid one.
    pub fn family_of(&self, refresh_token: &str) -> Option<FamilyId> {
        self.tokens.check_refresh(refresh_token, self.now()).ok().map(|renewal| renewal.family)
    }

    /// In memory first, so that no request slips in while the store writes; if the store then fails, the client is
    /// told so and may try again.
    async fn revoke(&self, family: FamilyId, user: UserId) -> Result<(), AccountError> {
        let now = self.now();
        self.tokens.revoke(family, now)?;
        (self.on_revoked)(family);
        let expires_ms = self.tokens.refresh_expires(now) * 1_000;
        let _ = self.store.write(store::FamilyRevoke { family, user, expires_ms }).await?.into_inner();
        Ok(())
    }

    /// An account as its owner sees it.
    pub async fn account(&self, user: UserId) -> Result<store::Account, AccountError> {
        self.store.read(store::AccountGet { user }).await?.ok_or(AccountError::NotFound)
    }

    /// Reads the log-outs that still matter. Called once, before the first request.
    pub async fn load_revoked(&self) -> Result<(), AccountError> {
        let now = self.now();
        let mut after = (self.clock.now_ms(), FamilyId(0));
        loop {
            let page =
                self.store.read(store::FamiliesRevoked { after, limit: HOUSEKEEPING_ROWS_MAX }).await?;
            for family in &page {
                self.tokens.revoke(family.family, now)?;
            }
            match page.last() {
                Some(last) if page.len() == HOUSEKEEPING_ROWS_MAX as usize => {
                    after = (last.expires_ms, last.family);
                }
                _ => return Ok(()),
            }
        }
    }

    /// Forgets what is over, a bounded number of rows at a time. Called every minute or so.
    pub async fn housekeeping(&self) -> Result<(), AccountError> {
        self.tokens.prune(self.now());
        let now_ms = self.clock.now_ms();
        loop {
            let prune = store::FamiliesPrune { now_ms, limit: HOUSEKEEPING_ROWS_MAX };
            if self.store.write(prune).await?.into_inner() < HOUSEKEEPING_ROWS_MAX.into() {
                return Ok(());
            }
        }
    }

    fn now(&self) -> i64 {
        self.clock.now_ms() / 1_000
    }

    fn generated_username(&self) -> String {
        const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut random = self.entropy.u128();
        let mut letters = String::with_capacity(GENERATED_LETTERS);
        for _ in 0..GENERATED_LETTERS {
            letters.push(LETTERS[(random % 52) as usize] as char);
            random /= 52;
        }
        letters
    }
}

fn check_username(name: &str) -> Result<(), AccountError> {
    let plain = name.chars().all(|c| !c.is_control() && !c.is_whitespace());
    if plain && (1..=USERNAME_BYTES_MAX).contains(&name.len()) { Ok(()) } else { Err(AccountError::Username) }
}

fn check_vars(vars: &Vars) -> Result<(), AccountError> {
    let short = |text: &String| text.len() <= SESSION_VAR_BYTES_MAX;
    let fits = vars.len() <= SESSION_VARS_MAX && vars.iter().all(|(key, value)| short(key) && short(value));
    if fits { Ok(()) } else { Err(AccountError::Vars) }
}
