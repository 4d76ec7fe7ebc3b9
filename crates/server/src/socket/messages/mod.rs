//! What one message of a client asks for, one file for each domain. A handler takes its message apart, asks a use case
//! and shapes the answer; it decides nothing.

mod chat;
mod matches;
mod matchmaker;
mod parties;
mod rpc;
mod status;

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
        Message::MatchCreate(create) => answer(cid, matches::create(house, session, &create)),
        Message::MatchJoin(join) => matches::join(house, session, cid, join).await,
        Message::MatchLeave(leave) => matches::leave(house, session, cid, leave).await,
        Message::ChannelJoin(join) => answer(cid, chat::join(house, session, join).await),
        Message::ChannelLeave(leave) => answer(cid, chat::leave(house, session, leave).await),
        Message::ChannelMessageSend(send) => answer(cid, chat::send(house, session, send).await),
        Message::ChannelMessageUpdate(update) => answer(cid, chat::update(house, session, update).await),
        Message::ChannelMessageRemove(remove) => answer(cid, chat::remove(house, session, remove).await),
        Message::StatusFollow(follow) => answer(cid, status::follow(house, session, follow).await),
        Message::StatusUnfollow(unfollow) => answer(cid, status::unfollow(house, session, unfollow)),
        Message::StatusUpdate(update) => answer(cid, status::update(house, session, update)),
        Message::MatchmakerAdd(add) => answer(cid, matchmaker::add(house, session, add)),
        Message::MatchmakerRemove(remove) => answer(cid, matchmaker::remove(house, session, &remove)),
        Message::PartyCreate(create) => answer(cid, parties::create(house, session, create)),
        Message::PartyJoin(join) => answer(cid, parties::join(house, session, &join)),
        Message::PartyLeave(leave) => answer(cid, parties::leave(house, session, &leave)),
        Message::PartyPromote(promote) => answer(cid, parties::promote(house, session, &promote)),
        Message::PartyAccept(accept) => answer(cid, parties::accept(house, session, &accept)),
        Message::PartyRemove(remove) => answer(cid, parties::remove(house, session, &remove)),
        Message::PartyClose(close) => answer(cid, parties::close(house, session, &close)),
        Message::PartyJoinRequestList(list) => answer(cid, parties::requests(house, session, &list)),
        Message::PartyUpdate(update) => answer(cid, parties::update(house, session, update)),
        Message::PartyMatchmakerAdd(add) => answer(cid, parties::matchmaker_add(house, session, add)),
        Message::PartyMatchmakerRemove(remove) => {
            answer(cid, parties::matchmaker_remove(house, session, &remove))
        }
        Message::PartyDataSend(data) => answer(cid, parties::send(house, session, data)),
        Message::Rpc(call) => Some(rpc::call(house, session, cid, call).await),
        _ => Some(refused(&cid, ErrorCode::UnrecognizedPayload, "clients do not send this message".into())),
    }
}

/// A handler's answer as an envelope. A message without a request id that succeeded gets no bare acknowledgement.
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
