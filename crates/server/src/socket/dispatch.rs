//! What a client asked for, done in its order. While anything waits, what the rooms have for the client goes on being
//! sent.

use std::pin::pin;
use std::sync::Arc;

use app::relays::{RelayData, RelayError};
use app::rooms::RoomCommand;
use app::session::Session;
use wire::envelope::{Envelope, Error, ErrorCode, Message};

use super::End;
use super::line::Line;
use super::messages::message;
use super::reader::Step;
use super::sender::Sender;
use crate::house::House;

/// Hands commands to the rooms. Waits while too many wait for their answers; meanwhile the socket is not read.
pub async fn commands(
    house: &House,
    session: &Arc<Session>,
    line: &Line,
    sender: &Sender,
    mut batch: Vec<RoomCommand>,
) -> Result<(), End> {
    sending(house, session, line, sender, house.services.rooms.commands(session, &mut batch)).await
}

/// Tells a client of data for relayed matches that it is not in.
pub async fn strays(line: &Line, sender: &Sender, strays: Vec<RelayData>) -> Result<(), End> {
    for stray in strays {
        let why = Error::new(ErrorCode::MatchNotFound, RelayError::NotFound.to_string());
        sender.reply(line, &Envelope::new(stray.cid, Message::Error(why))).await?;
    }
    Ok(())
}

/// Does all of it, one after the other.
pub async fn steps(
    house: &Arc<House>,
    session: &Arc<Session>,
    line: &Line,
    sender: &Sender,
    steps: Vec<Step>,
) -> Result<(), End> {
    for step in steps {
        match step {
            Step::Commands(batch) => commands(house, session, line, sender, batch).await?,
            Step::Relayed(batch) => {
                // Waits for nothing.
                strays(line, sender, house.services.relays.send(session, batch)).await?;
            }
            Step::Message(envelope) => {
                let answer = sending(house, session, line, sender, message(house, session, *envelope)).await;
                if let Some(answer) = answer? {
                    sender.reply(line, &answer).await?;
                }
            }
            Step::Refused(answer) => sender.reply(line, &answer).await?,
            Step::Pong(payload) => sender.pong(line, &payload).await?,
            Step::End(end) => return Err(end),
        }
    }
    Ok(())
}

/// Waits for something while sending what is ready. Most things are done at once, so that comes first.
async fn sending<T>(
    house: &House,
    session: &Arc<Session>,
    line: &Line,
    sender: &Sender,
    work: impl Future<Output = T>,
) -> Result<T, End> {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return Ok(done),
            () = session.ready() => sender.send(house, session, line).await?,
        }
    }
}
