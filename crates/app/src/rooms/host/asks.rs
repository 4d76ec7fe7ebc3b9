//! Asks on their way into rooms: one that is awake takes them, one that is loading or going back has them wait, a sleeping one
//! is woken if it must be, and nobody who cannot be served is left without an answer.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kernel::{Refusal, RoomId};
use wire::envelope::{Envelope, Error, ErrorCode, Message};

use super::outside::Outside;
use super::{GOING_DOWN, Host, RELOAD_MS, Slot};
use crate::rooms::ask::Ask;
use crate::rooms::served::By;
use crate::rooms::{CommandError, RoomError, unavailable};
use crate::session::{Answer, Delivery, Session};

/// Asks that wait for a room to be loaded; further ones are told to try again.
pub(crate) const LOADING_ASKS_MAX: usize = 4_096;

impl Host {
    /// Asks something of a room, whatever it does now.
    pub(super) fn ask_room(&mut self, outside: &mut dyn Outside, now: (i64, u64), room: RoomId, ask: Ask) {
        if (self.closing.is_some() || self.finished) && !matches!(ask, Ask::Saved { .. } | Ask::Gone { .. }) {
            return self.refuse(outside, now.0, ask, &unavailable(GOING_DOWN));
        }
        match self.rooms.get_mut(&room) {
            Some(Slot::Awake(live)) if live.is_held() && waits_for_rewind(&ask) => {
                if live.held.len() < LOADING_ASKS_MAX {
                    live.held.push_back(ask);
                } else {
                    self.refuse(outside, now.0, ask, &unavailable("the room is busy; try again"));
                }
            }
            Some(Slot::Awake(_)) => {
                let earlier = matches!(ask, Ask::Earlier { .. });
                self.ask_live(outside, now, room, ask);
                if earlier {
                    self.resume_held(outside, now, room);
                }
            }
            // That somebody is gone is said once, by each who is here.
            Some(Slot::Loading { asks, .. }) => match &ask {
                Ask::Gone { .. } => asks.push_back(ask),
                _ if asks.len() < LOADING_ASKS_MAX => asks.push_back(ask),
                _ => self.refuse(outside, now.0, ask, &unavailable("the room is starting; try again")),
            },
            Some(Slot::Failed { until_ms, why }) if *until_ms > now.0 => {
                let why = why.clone();
                self.refuse(outside, now.0, ask, &why);
            }
            Some(Slot::Closed { why }) => {
                let why = Refusal::new(Refusal::CLOSED, format!("the room is closed: {why}"));
                self.refuse(outside, now.0, ask, &why);
            }
            Some(Slot::Failed { .. }) | None => {
                // A session that is not in a sleeping room, and has nothing to ask of it, does not wake it.
                if let Ask::Commands { .. } | Ask::Leave { .. } = ask {
                    let why = Refusal::new(Refusal::NOT_SEATED, "you are not in this room");
                    return self.refuse(outside, now.0, ask, &why);
                }
                if let Ask::Gone { .. }
                | Ask::Refresh { .. }
                | Ask::Saved { .. }
                | Ask::Earlier { .. }
                | Ask::Migrate { .. } = ask
                {
                    return;
                }
                if let Ask::Peek { reply, .. } = ask {
                    let _ = reply.send(None);
                    return;
                }
                // A computer plays where people do.
                if let Ask::Command { by: By::Seat(_), .. } = ask {
                    return self.refuse(outside, now.0, ask, &unavailable("the room sleeps"));
                }
                // Everything else wakes the room, messages and answers of other rooms as well.
                self.rooms.insert(room, Slot::Loading { asks: VecDeque::from([ask]), carried: None });
                outside.load(room);
            }
        }
    }

    /// Something is asked of an awake room.
    fn ask_live(&mut self, outside: &mut dyn Outside, now: (i64, u64), room: RoomId, ask: Ask) {
        if let Ask::Commands { session, commands, asked_us, .. } = ask {
            let mut faults = None;
            self.with_room(outside, now, room, |live, context| {
                let batch = AssertUnwindSafe(|| live.commands(context, &session, &commands, asked_us));
                if catch_unwind(batch).is_ok() {
                    return Ok(());
                }
                faults = Some(live.fault_answers(&commands));
                Err(unavailable("the room starts again; send the command once more"))
            });
            if let Some(answers) = faults {
                session.answer(room, answers);
            }
            return;
        }
        if let Ask::Command { by, id, body, reply, asked_us, .. } = ask {
            let mut reply = Some(reply);
            self.with_room(outside, now, room, |live, context| {
                let take = AssertUnwindSafe(|| live.command(context, by, id, &body));
                let Ok(result) = catch_unwind(take) else {
                    return Err(unavailable("the room starts again; send the command once more"));
                };
                if let Some(reply) = reply.take() {
                    live.tell(context, result, reply, asked_us);
                }
                Ok(())
            });
            if let Some(reply) = reply {
                let fault =
                    Refusal::new(Refusal::FAULT, "the rules failed on this command; it was not taken");
                let _ = reply.send(Err(CommandError::Refused(fault)));
            }
            return;
        }
        self.with_room(outside, now, room, |live, context| {
            let act = AssertUnwindSafe(|| match ask {
                Ask::Join { session, cid, resume, .. } => live.join(context, session, cid, resume),
                Ask::Watch { session, cid, .. } => live.watch(context, session, cid),
                Ask::Leave { session, cid, .. } => {
                    live.leave(context, &session);
                    session.push(Delivery::Message(Box::new(Envelope::ack(cid))));
                }
                Ask::Gone { session, .. } => drop(live.leave(context, &session)),
                Ask::Refresh { session, .. } => live.refresh(context, session.id),
                Ask::Rewind { past, reply, .. } => live.rewind(context, past, reply),
                Ask::Message { from, key, body, .. } => live.message(context, from, key, body),
                Ask::Answered { key, outcome, .. } => live.effect_result(context, key, outcome),
                Ask::Earlier { result, .. } => live.earlier(context, result),
                Ask::Saved { bytes, ok, keep, .. } => live.was_saved(bytes, ok, keep),
                Ask::Peek { viewer, reply, .. } => live.peek(context, viewer, reply),
                Ask::Migrate { rules, .. } => live.move_on(context, rules),
                Ask::Wake { .. }
                | Ask::Commands { .. }
                | Ask::Command { .. }
                | Ask::Published { .. }
                | Ask::Loaded { .. }
                | Ask::Appended { .. }
                | Ask::Shutdown { .. } => {}
            });
            catch_unwind(act).map_err(|_| unavailable("the room's rules failed; it starts again"))
        });
    }

    /// A room that went back takes what was asked of it meanwhile.
    fn resume_held(&mut self, outside: &mut dyn Outside, now: (i64, u64), room: RoomId) {
        let Some(Slot::Awake(live)) = self.rooms.get_mut(&room) else { return };
        if !live.is_held() && !live.held.is_empty() {
            for ask in std::mem::take(&mut live.held) {
                self.ask_room(outside, now, room, ask);
            }
        }
    }

    /// The answer to an ask that cannot be taken.
    pub(super) fn refuse(&mut self, outside: &mut dyn Outside, now_ms: i64, ask: Ask, why: &Refusal) {
        let error = |session: &Session, cid: String, code| {
            let error = Error::new(code, why.reason.clone());
            session.push(Delivery::Message(Box::new(Envelope::new(cid, Message::Error(error)))));
        };
        match ask {
            Ask::Join { session, cid, .. } | Ask::Watch { session, cid, .. } => {
                let gone = why.code == Refusal::NO_ROOM;
                error(
                    &session,
                    cid,
                    if gone { ErrorCode::MatchNotFound } else { ErrorCode::MatchJoinRejected },
                );
            }
            // Leaving a room that one is not in is fine.
            Ask::Leave { session, cid, .. } => session.push(Delivery::Message(Box::new(Envelope::ack(cid)))),
            Ask::Commands { room, session, commands, .. } => {
                let ids = commands.into_iter().map(|command| command.id);
                session.answer(room, ids.map(|id| Answer { id, verdict: Err(why.clone()) }).collect());
            }
            Ask::Rewind { reply, .. } => {
                drop(reply.send(Err(RoomError::Unavailable(why.reason.to_string()))))
            }
            Ask::Command { reply, .. } => drop(reply.send(Err(why.clone().into()))),
            // What the store has can still be looked at.
            Ask::Peek { reply, .. } => drop(reply.send(None)),
            // Going down, nothing is tried again: the sender's log has the message, and sends it when it wakes.
            Ask::Message { .. } if self.closing.is_some() || self.finished => {}
            Ask::Message { .. } if why.code == Refusal::UNAVAILABLE => {
                self.again.push_back((now_ms + RELOAD_MS, ask));
            }
            Ask::Message { from, key, .. } => {
                outside.send(Ask::Answered { room: from, key, outcome: Err(why.clone()) });
            }
            _ => {}
        }
    }
}

/// Facts and answers go to a room even while it waits for a rewind, and whoever sees nothing of it until a view is shown one.
fn waits_for_rewind(ask: &Ask) -> bool {
    !matches!(ask, Ask::Earlier { .. } | Ask::Saved { .. } | Ask::Gone { .. } | Ask::Refresh { .. })
}
