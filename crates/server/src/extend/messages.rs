//! Hooks around the messages of sockets.

use std::sync::Arc;

use app::session::Session;
use wire::envelope::Message;

use super::Asker;
use crate::house::House;
use crate::http::Fault;

/// What the hooks before a message make of it, and what those after it need.
pub async fn before(
    house: &House,
    session: &Session,
    message: Message,
) -> Result<(Message, Option<Arc<Message>>), Fault> {
    let Some(around) = house.hooks.message(message.key()) else { return Ok((message, None)) };
    let mut message = message;
    for hook in &around.before {
        message = hook(asker(session), message).await?;
    }
    let kept = (!around.after.is_empty()).then(|| Arc::new(message.clone()));
    Ok((message, kept))
}

/// Runs the hooks after a message that was done. `answer` is none where the room or nobody answers.
pub async fn after(house: &House, session: &Session, done: Arc<Message>, answer: Option<&Message>) {
    let Some(around) = house.hooks.message(done.key()) else { return };
    for hook in &around.after {
        if let Err(error) = hook(asker(session), Arc::clone(&done), answer.cloned()).await {
            tracing::error!(%error, message = done.key(), "a hook after a message failed");
        }
    }
}

fn asker(session: &Session) -> Asker {
    Asker {
        user: Some(session.user),
        username: session.username.clone(),
        vars: session.vars.clone(),
        session: Some(session.id),
        origin: Some(session.origin),
    }
}
