//! Accounts: who a player is, what the player logs in with, and how long a login lasts.
//!
//! | file | what |
//! | --- | --- |
//! | `login` | logging in, with whatever there is to log in with |
//! | `passwords` | hashes of passwords, made beside the async threads, a few at a time |
//! | `links` | linking and unlinking what one logs in with |
//! | `profile` | what an account shows, and changing it |
//! | `sessions` | keeping and ending logins |
//! | `tickets` | short-lived tokens for one place, and what a token is worth |
//! | `vault` | the keys under which what is personal lies in the store |
//! | `erase` | an account that goes |
//! | `functions` | what players and servers call by name |
//!
//! Who else may vouch for a player, and how that is checked, is [`crate::identity`]'s business.

mod erase;
mod functions;
mod links;
mod login;
mod passwords;
mod profile;
mod sessions;
#[cfg(test)]
mod tests;
mod tickets;
mod vault;

use std::sync::Arc;

use store::{FamilyId, StoreError, UserId};
use wire::limits::{DEVICE_ID_BYTES, SESSION_VAR_BYTES_MAX, SESSION_VARS_MAX, USERNAME_BYTES_MAX};

use crate::core::Core;
use crate::ports::Spawn;
use crate::tokens::{Holder, TokenError, Tokens, Vars};

pub use functions::functions;
pub use login::{CUSTOM, DeviceLogin, EmailLogin, EmailLogins, LoggedIn};
pub use passwords::{PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN, PASSWORDS_WAITING_MAX};
pub use profile::{PROFILE_TEXT_BYTES_MAX, Shown, ShownUser, USERS_MAX, Update};
pub use tickets::{Introspected, TICKET_SECONDS_MAX, Ticket};
pub use vault::{Vault, VaultError};

use passwords::Passwords;

/// Why a use case of accounts says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AccountError {
    /// The device id is too short, too long, or not text that can be kept.
    #[error("a device id must be {} to {} bytes without control characters", DEVICE_ID_BYTES.start(), DEVICE_ID_BYTES.end())]
    DeviceId,
    /// The custom id is too short, too long, or not text that can be kept.
    #[error("a custom id must be {} to {} bytes without control characters", login::CUSTOM_ID_BYTES.start(), login::CUSTOM_ID_BYTES.end())]
    CustomId,
    /// That is no e-mail address.
    #[error("an e-mail address must have a name, an @ and a host, and {} to {} bytes", login::EMAIL_BYTES.start(), login::EMAIL_BYTES.end())]
    Email,
    /// The password is too short or too long.
    #[error("a password must be {PASSWORD_BYTES_MIN} to {PASSWORD_BYTES_MAX} bytes")]
    Password,
    /// The e-mail address or the password is wrong; which of them is nobody's business.
    #[error("the e-mail address or the password is wrong")]
    Credentials,
    /// So many passwords wait that another would wait too long.
    #[error("too many logins with a password at once: try again in a moment")]
    Busy,
    /// The name cannot be one.
    #[error("a username must be 1 to {USERNAME_BYTES_MAX} bytes without spaces or control characters")]
    Username,
    /// A text of the profile is too long or cannot be kept.
    #[error("{0} must be at most {PROFILE_TEXT_BYTES_MAX} bytes without control characters")]
    Text(&'static str),
    /// What should be a JSON object is not, or is too large.
    #[error("{0} must be a JSON object of at most {max} bytes", max = profile::OBJECT_BYTES_MAX)]
    Object(&'static str),
    /// Too many were asked for.
    #[error("at most {USERS_MAX} users can be asked for at once")]
    TooManyUsers,
    /// Too many or too long session variables.
    #[error("at most {SESSION_VARS_MAX} session variables of {SESSION_VAR_BYTES_MAX} bytes each")]
    Vars,
    /// There is no such account, and none may be made.
    #[error("the account was not found")]
    NotFound,
    /// No new accounts are taken.
    #[error("registration is switched off")]
    Closed,
    /// Somebody has the name.
    #[error("the username is already in use")]
    UsernameTaken,
    /// It is linked to another account, or the account has one of that kind.
    #[error("this is already in use by another account, or the account has one already")]
    Taken,
    /// The account has too many of the kind.
    #[error("the account has too many of these")]
    TooManyLinks,
    /// Nothing of the kind is linked.
    #[error("this is not linked to the account")]
    NotLinked,
    /// Nobody could log in any more.
    #[error("the last way to log in cannot be unlinked")]
    Last,
    /// The account was shut out.
    #[error("the account is disabled")]
    Disabled,
    /// What a ticket is for cannot be that.
    #[error("a ticket is for something named in 1 to 128 bytes, and for 1 to {TICKET_SECONDS_MAX} seconds")]
    Ticket,
    /// A token is not taken.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// What is personal cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// One login.
    Family(FamilyId),
    /// Every login of an account.
    User(UserId),
}

/// Told of what ends, so that its open sockets end too.
pub type OnEnded = Box<dyn Fn(Ended) + Send + Sync>;

/// What an operator decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountSettings {
    /// May new accounts be made by clients?
    pub registration: bool,
    /// Does a login end the account's earlier ones?
    pub single: bool,
}

/// What accounts are made of.
pub struct AccountParts {
    /// Makes and reads tokens.
    pub tokens: Arc<Tokens>,
    /// Keys of what is personal.
    pub vault: Vault,
    /// Signs tickets.
    pub ticket_key: [u8; 32],
    /// Where passwords are hashed.
    pub spawn: Arc<dyn Spawn>,
    /// What an operator decides.
    pub settings: AccountSettings,
    /// Told of what ends.
    pub on_ended: OnEnded,
}

/// The use cases.
pub struct Accounts {
    core: Core,
    tokens: Arc<Tokens>,
    vault: Vault,
    tickets: tickets::Signers,
    passwords: Passwords,
    settings: AccountSettings,
    on_ended: OnEnded,
}

impl Accounts {
    /// Over what every domain works with.
    pub fn new(core: &Core, parts: AccountParts) -> Self {
        let AccountParts { tokens, vault, ticket_key, spawn, settings, on_ended } = parts;
        let passwords = Passwords::new(Arc::clone(core.entropy()), spawn);
        let tickets = tickets::Signers::new(&ticket_key);
        Self { core: core.clone(), tokens, vault, tickets, passwords, settings, on_ended }
    }

    /// Who a session token speaks for. Asked for every request; costs no read.
    pub fn holder(&self, token: &str) -> Result<Holder, TokenError> {
        self.tokens.check(token, self.now())
    }

    /// Keys of what is personal.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The public keys of session tokens, as a JSON Web Key Set (RFC 7517); empty where they are signed with a secret.
    pub fn published_keys(&self) -> serde_json::Value {
        self.tokens.published_keys()
    }

    fn now(&self) -> i64 {
        self.core.now_ms() / 1_000
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
