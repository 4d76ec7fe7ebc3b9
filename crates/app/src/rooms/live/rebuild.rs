//! Throwing a room's memory away, because the store did not take what it was ahead by or because its rules failed, and
//! taking over in the rebuilt room what was promised before.

use std::collections::{BTreeMap, VecDeque};

use kernel::{Refusal, RoomId};
use wire::payload::ClosingCode;

use super::{LiveRoom, Waiting, What};
use crate::rooms::RoomError;
use crate::rooms::ask::Ask;
use crate::rooms::gallery::Gallery;
use crate::rooms::host::Context;
use crate::rooms::presence::Presence;
use crate::rooms::watching;
use crate::session::SessionId;

/// What outlives a room whose memory was thrown away, until it is rebuilt.
pub(crate) struct Carried {
    presences: BTreeMap<SessionId, Presence>,
    gallery: Option<Gallery>,
    waiting: VecDeque<Waiting>,
    held: VecDeque<Ask>,
    why: Refusal,
}

impl LiveRoom {
    /// Throws the room's memory away and keeps who is here and what was promised, for the rebuilt one.
    pub fn give_up(self, why: Refusal) -> Carried {
        let Self { presences, gallery, waiting, held, rewind, .. } = self;
        if let Some(rewind) = rewind {
            let _ = rewind.reply.send(Err(RoomError::Unavailable("the room starts again".into())));
        }
        Carried { presences, gallery, waiting, held, why }
    }

    /// Takes over what was promised before its memory was thrown away: what the log holds is said, everything else
    /// gets the error.
    pub fn adopt(&mut self, context: &mut Context<'_>, carried: Carried) -> VecDeque<Ask> {
        let mut again = VecDeque::new();
        self.presences = carried.presences;
        for presence in self.presences.values_mut() {
            presence.live = false;
        }
        // What it keeps was durable and stays so.
        self.gallery = carried.gallery;
        if let Some(gallery) = &mut self.gallery {
            gallery.rebuilt();
        }
        self.grace.retain(|seat, _| !self.presences.values().any(|presence| presence.seat == *seat));
        for Waiting { upto, what } in carried.waiting {
            match what {
                What::Answers { session, mut answers, asked_us } => {
                    for answer in &mut answers {
                        if answer.verdict.as_ref().is_ok_and(|seq| *seq > self.committed) {
                            answer.verdict = Err(carried.why.clone());
                        }
                    }
                    self.release(context, upto, What::Answers { session, answers, asked_us });
                }
                What::Joined { session, cid, .. } => {
                    if let Some(presence) = self.presences.remove(&session) {
                        let session = presence.session.clone();
                        again.push_back(Ask::Join { room: self.id, session, cid, resume: None });
                    }
                }
                What::Watched { session, cid } => {
                    again.push_back(Ask::Watch { room: self.id, session, cid });
                }
                // Its sender waits for an answer; the log says whether it was taken.
                What::Took { from, key, body } => {
                    again.push_back(Ask::Message { room: self.id, from, key, body });
                }
                What::Turned { turned, reply } => {
                    let done = turned.seq <= self.committed;
                    let lost = || RoomError::Unavailable("the room starts again".into());
                    let _ = reply.send(if done { Ok(turned) } else { Err(lost()) });
                }
                What::Told { result, reply, asked_us } => {
                    let durable = match &result {
                        Ok(answered) => answered.seq <= self.committed,
                        Err(_) => upto <= self.committed,
                    };
                    let result = if durable { result } else { Err(carried.why.clone().into()) };
                    self.release(context, upto, What::Told { result, reply, asked_us });
                }
                What::Peeked { viewer, reply, .. } => {
                    again.push_back(Ask::Peek { room: self.id, viewer, reply });
                }
                What::Keep(before) if upto <= self.committed => {
                    self.saved.keeping += 1;
                    self.release(context, upto, What::Keep(before));
                }
                What::WrapUp => self.later(context, What::WrapUp),
                // Fresh views replace updates, loading has sent the log's messages again.
                What::View { .. }
                | What::Keyframe { .. }
                | What::Update { .. }
                | What::Message { .. }
                | What::Heard { .. }
                | What::Save(..)
                | What::Keep(_) => {}
            }
        }
        again.extend(carried.held);
        self.rejoin_the_present(context);
        self.show_everybody(context);
        again
    }
}

impl Carried {
    /// Tells everybody that the room does not come back for now. Returns the messages of other rooms whose senders
    /// still wait for an answer.
    pub fn dismiss(self, room: RoomId, code: ClosingCode, refusal: &Refusal) -> Vec<Ask> {
        let why = &refusal.reason;
        let mut messages = Vec::new();
        for Waiting { what, .. } in self.waiting {
            match what {
                What::Answers { session, mut answers, .. } => {
                    answers.iter_mut().for_each(|answer| answer.verdict = Err(refusal.clone()));
                    session.answer(room, answers);
                }
                What::Told { reply, .. } => drop(reply.send(Err(refusal.clone().into()))),
                What::Peeked { reply, .. } => drop(reply.send(None)),
                What::Took { from, key, body } => messages.push(Ask::Message { room, from, key, body }),
                _ => {}
            }
        }
        watching::dismiss(self.gallery, code, why);
        for presence in self.presences.into_values() {
            presence.dismiss(room, code, why);
        }
        messages
    }

    /// What still waits to be asked of the room.
    pub fn held(&mut self) -> VecDeque<Ask> {
        std::mem::take(&mut self.held)
    }
}
