//! The functions about contents, for servers only.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use crate::rpc::{Call, RpcError, Rpcs, payload};
use crate::services::Services;

/// Registers `content_check` and `content_publish`.
pub fn functions(rpcs: &mut Rpcs, services: &Arc<Services>) {
    let with = Arc::clone(services);
    rpcs.register("content_check", move |call| check(Arc::clone(&with), call));
    let with = Arc::clone(services);
    rpcs.register("content_publish", move |call| publish(Arc::clone(&with), call));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checked {
    rules: String,
    content: String,
}

/// What players would lose.
async fn check(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Checked { rules, content } = payload(&call)?;
    let found = services.contents.check(&rules, content.into_bytes()).await?;
    Ok(json!(found).to_string())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    rules: String,
    content: String,
    #[serde(default)]
    accept_losses: bool,
}

/// Puts a content in force if nobody loses anything by it, or whatever they lose if the caller says so.
async fn publish(services: Arc<Services>, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Published { rules, content, accept_losses } = payload(&call)?;
    if !accept_losses {
        let found = services.contents.check(&rules, content.clone().into_bytes()).await?;
        if found.is_loss() {
            let (worse, stuck) = (found.worse.len(), found.stuck);
            return Err(RpcError::Refused(
                format!(
                    "players would lose something: {worse} measures become less, {stuck} rooms cannot move; content_check \
                     says which, and accept_losses publishes all the same"
                )
                .into(),
            ));
        }
    }
    let id = services.contents.publish(&rules, content.into_bytes()).await?;
    Ok(json!({ "rules": id.to_string() }).to_string())
}
