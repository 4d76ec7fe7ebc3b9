//! Calling named functions.

use std::sync::Arc;

use app::rpc::{Call, Caller};
use app::session::Session;
use wire::envelope::{Envelope, Message, Rpc};

use crate::house::House;
use crate::http::{Fault, RequestId};

pub async fn call(house: &House, session: &Arc<Session>, cid: String, rpc: Rpc) -> Envelope {
    let Rpc { id, payload, .. } = rpc;
    let request = RequestId::new();
    let span = tracing::info_span!("request", request_id = request.as_str(), rpc = %id.escape_debug());
    let username = session.username.clone();
    let caller = Caller::User { user: session.user, username, family: session.family };
    let called = tracing::Instrument::instrument(
        house.rpcs.call(&id, Call { caller, session: Some(Arc::clone(session)), payload }),
        span.clone(),
    );
    match called.await {
        Ok(payload) => Envelope::new(cid, Message::Rpc(Rpc { id, payload, http_key: String::new() })),
        Err(error) => Envelope::new(cid, Message::Error(span.in_scope(|| Fault::from(error).envelope()))),
    }
}
