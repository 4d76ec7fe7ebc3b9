//! The functions about accounts that every house has.
//!
//! | function | who | what |
//! | --- | --- | --- |
//! | `ticket_create` | players; servers for a player | a ticket for a room or a server outside, good once |
//! | `preferences_get`, `preferences_set` | players | a JSON object of the player's own |
//! | `account_update` | servers | changes a profile, and the metadata that only servers write |
//! | `account_disable`, `account_enable` | servers | shuts an account out, lets it in again |
//! | `account_export`, `account_erase` | servers | what a player may ask for, on the player's behalf |

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::UserId;

use super::{AccountError, Update};
use crate::privacy::PrivacyError;
use crate::rpc::{Call, Caller, RpcError, Rpcs, payload};
use crate::services::Services;

/// Life of a ticket, if nothing is said.
const TICKET_SECONDS: u32 = 60;

/// Registers them.
pub fn functions(rpcs: &mut Rpcs, services: &Arc<Services>) {
    let with = Arc::clone(services);
    rpcs.register("ticket_create", move |call| ticket(Arc::clone(&with), call));
    let with = Arc::clone(services);
    rpcs.register("preferences_get", move |call| preferences(Arc::clone(&with), call));
    let with = Arc::clone(services);
    rpcs.register("preferences_set", move |call| prefer(Arc::clone(&with), call));
    let with = Arc::clone(services);
    rpcs.register("account_update", move |call| update(Arc::clone(&with), call));
    for (id, disabled) in [("account_disable", true), ("account_enable", false)] {
        let with = Arc::clone(services);
        rpcs.register(id, move |call| set_disabled(Arc::clone(&with), disabled, call));
    }
    let with = Arc::clone(services);
    rpcs.register("account_export", move |call| export(Arc::clone(&with), call));
    let with = Arc::clone(services);
    rpcs.register("account_erase", move |call| erase(Arc::clone(&with), call));
}

#[derive(Deserialize)]
struct Ticket {
    /// A match id, or the name of a server outside.
    aud: String,
    #[serde(default)]
    user_id: String,
    seconds: Option<u32>,
}

async fn ticket(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    let Ticket { aud, user_id, seconds } = payload(&call)?;
    let (user, username, family) = match call.caller {
        Caller::User { user, username, family } => (user, username, Some(family)),
        Caller::Server => {
            let user = named(&user_id)?;
            let profile = services.accounts.account(user).await?.user.profile;
            if profile.disabled_ms.is_some() {
                return Err(AccountError::Disabled.into());
            }
            (user, profile.username, None)
        }
    };
    let seconds = seconds.unwrap_or(TICKET_SECONDS);
    let made = services.accounts.ticket(user, &username, family, &aud, seconds)?;
    let expires = wire::time::rfc3339(made.expires * 1_000);
    Ok(json!({ "ticket": made.ticket, "expire_time": expires }).to_string())
}

async fn preferences(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    let shown = services.accounts.account(call.caller.user()?).await?;
    Ok(shown.user.profile.preferences.unwrap_or_else(|| "{}".into()))
}

/// The new preferences take the place of the old ones, whole.
async fn prefer(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    let user = call.caller.user()?;
    let update = Update { preferences: Some(call.payload), ..Update::default() };
    services.accounts.update(user, update).await?;
    Ok("{}".into())
}

#[derive(Deserialize)]
struct Change {
    user_id: String,
    username: Option<String>,
    display_name: Option<String>,
    avatar_url: Option<String>,
    lang_tag: Option<String>,
    location: Option<String>,
    timezone: Option<String>,
    metadata: Option<Map<String, Value>>,
}

async fn update(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Change { user_id, username, display_name, avatar_url, lang_tag, location, timezone, metadata } =
        payload(&call)?;
    let update = Update {
        username,
        display_name,
        avatar_url,
        lang_tag,
        location,
        timezone,
        metadata: metadata.map(|metadata| Value::Object(metadata).to_string()),
        preferences: None,
    };
    services.accounts.update(named(&user_id)?, update).await?;
    Ok("{}".into())
}

#[derive(Deserialize)]
struct Whose {
    user_id: String,
}

async fn set_disabled(services: Arc<Services>, disabled: bool, call: Call) -> Result<String, RpcError> {
    services.accounts.set_disabled(whose(&call)?, disabled).await?;
    Ok("{}".into())
}

async fn export(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    Ok(services.export(whose(&call)?).await?.to_string())
}

async fn erase(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    services.erase(whose(&call)?).await?;
    Ok("{}".into())
}

/// The player whom a server speaks of.
fn whose(call: &Call) -> Result<UserId, RpcError> {
    call.caller.server()?;
    let Whose { user_id } = payload(call)?;
    named(&user_id)
}

fn named(text: &str) -> Result<UserId, RpcError> {
    text.parse().map_err(|_| RpcError::Invalid("a user id must be a UUID".into()))
}

impl From<AccountError> for RpcError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            AccountError::Vault(error) => RpcError::Failed(error.to_string()),
            AccountError::NotFound => RpcError::Missing(error.to_string().into()),
            AccountError::UsernameTaken | AccountError::Taken | AccountError::Disabled => {
                RpcError::Refused(error.to_string().into())
            }
            AccountError::Busy | AccountError::Token(_) => RpcError::Unavailable(error.to_string().into()),
            error => RpcError::Invalid(error.to_string().into()),
        }
    }
}

impl From<PrivacyError> for RpcError {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::Account(error) => error.into(),
            PrivacyError::Store(error) => error.into(),
            error => RpcError::Failed(error.to_string()),
        }
    }
}
