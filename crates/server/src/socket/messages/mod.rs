//! What one message of a client asks for, one file for each domain. A handler takes its message apart, asks a use case
//! and shapes the answer; it decides nothing.

mod matches;
mod rpc;

use std::sync::Arc;

use app::session::Session;
use wire::envelope::{Envelope, Error, ErrorCode, Message, Pong};
use wire::limits::CID_BYTES_MAX;

use crate::extend::{after_message, before_message};
use crate::house::House;
use crate::http::Fault;

/// What a handler gives back: a message for the answer, nothing for the bare acknowledgement, or why not.
pub type Answered = Result<Option<Message>, Fault>;

/// Does what one message asks for. `None`: there is no answer, or it comes through the session, from the room.
pub async fn message(house: &Arc<House>, session: &Arc<Session>, envelope: Envelope) -> Option<Envelope> {
    let Envelope { cid, message } = envelope;
    if cid.len() > CID_BYTES_MAX {
        let why = format!("a cid has at most {CID_BYTES_MAX} bytes");
        return Some(refused("", ErrorCode::BadInput, why));
    }
    let Some(message) = message else {
        return Some(refused(&cid, ErrorCode::MissingPayload, "the envelope has no message".into()));
    };
    let (message, hooked) = match before_message(house, session, message).await {
        Ok(taken) => taken,
        Err(fault) => return Some(Envelope::new(cid, Message::Error(fault.envelope()))),
    };
    let answer = handle(house, session, cid, message).await;
    if let Some(done) = hooked {
        let said = answer.as_ref().and_then(|answer| answer.message.as_ref());
        if !matches!(said, Some(Message::Error(_))) {
            after_message(house, session, done, said).await;
        }
    }
    answer
}

async fn handle(
    house: &Arc<House>,
    session: &Arc<Session>,
    cid: String,
    message: Message,
) -> Option<Envelope> {
    match message {
        Message::Ping(_) => Some(Envelope::new(cid, Message::Pong(Pong {}))),
        Message::Pong(_) => None,
        Message::MatchJoin(join) => matches::join(house, session, cid, join).await,
        Message::MatchLeave(leave) => matches::leave(house, session, cid, leave).await,
        Message::Rpc(call) => Some(rpc::call(house, session, cid, call).await),
        _ => Some(refused(&cid, ErrorCode::UnrecognizedPayload, "clients do not send this message".into())),
    }
}

/// A handler's answer as an envelope. A message without a request id that succeeded gets no bare acknowledgement.
#[allow(dead_code)]
fn answer(cid: String, answered: Answered) -> Option<Envelope> {
    match answered {
        Ok(None) if cid.is_empty() => None,
        Ok(message) => Some(Envelope { cid, message }),
        Err(fault) => Some(Envelope::new(cid, Message::Error(fault.envelope()))),
    }
}

fn refused(cid: &str, code: ErrorCode, why: String) -> Envelope {
    Envelope::new(cid, Message::Error(Error::new(code, why)))
}
