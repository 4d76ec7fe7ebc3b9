//! Listening to topics, as functions that clients call over their socket: `topic_subscribe` and `topic_unsubscribe`,
//! each with `{"name": …}`.

use std::sync::Arc;

use serde::Deserialize;

use super::{TopicError, Topics};
use crate::rpc::{Call, RpcError, Rpcs, payload};
use crate::session::Session;

/// Registers them.
pub fn functions(rpcs: &mut Rpcs, topics: &Topics) {
    let subscribe = topics.clone();
    rpcs.register("topic_subscribe", move |call| {
        let topics = subscribe.clone();
        async move {
            let (session, name) = read(&call)?;
            topics.subscribe(&session, &name).await?;
            Ok("{}".into())
        }
    });
    let unsubscribe = topics.clone();
    rpcs.register("topic_unsubscribe", move |call| {
        let topics = unsubscribe.clone();
        async move {
            let (session, name) = read(&call)?;
            topics.unsubscribe(&session, &name);
            Ok("{}".into())
        }
    });
}

#[derive(Deserialize)]
struct Asked {
    name: String,
}

fn read(call: &Call) -> Result<(Arc<Session>, String), RpcError> {
    let session = call.session.clone().ok_or(RpcError::Denied("topics are listened to over a socket"))?;
    let Asked { name } = payload(call)?;
    Ok((session, name))
}

impl From<TopicError> for RpcError {
    fn from(error: TopicError) -> Self {
        match error {
            TopicError::Name | TopicError::Data => RpcError::Invalid(error.to_string().into()),
            TopicError::NotFound => RpcError::Missing(error.to_string().into()),
            TopicError::Denied => RpcError::Denied("the user may not listen to this topic"),
            TopicError::Join(_) => RpcError::Refused(error.to_string().into()),
            TopicError::Store(error) => error.into(),
        }
    }
}
