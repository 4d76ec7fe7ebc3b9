//! Going back, or taking a command out: it has the room to itself from the wish until it is in the log.

use std::collections::VecDeque;

use kernel::Seq;
use tokio::sync::oneshot;

use super::{LiveRoom, What};
use crate::rooms::RoomError;
use crate::rooms::ask::Ask;
use crate::rooms::host::{Context, GOING_DOWN};
use crate::rooms::past::{Past, Recalled, Turn, Turned};

/// Why what stood before a rewind is kept.
const REWIND_MARK: &str = "rewind";
/// Why what stood before a command was taken out is kept.
const WITHOUT_MARK: &str = "without";

pub(super) struct Rewind {
    pub past: Past,
    /// The store was asked; until it answers, the room takes nothing.
    pub asked: bool,
    pub reply: oneshot::Sender<Result<Turned, RoomError>>,
}

impl LiveRoom {
    /// Begins: the room takes nothing else until it is done.
    pub fn rewind(
        &mut self,
        context: &mut Context<'_>,
        past: Past,
        reply: oneshot::Sender<Result<Turned, RoomError>>,
    ) {
        let sensible = match past {
            Past::To(to) => (Seq(1)..self.head()).contains(&to),
            Past::Step(step) => step < self.seen_at(context).step,
            Past::Without(seq) => seq <= self.head(),
        };
        if self.rewind.is_some() || !sensible {
            let _ = reply.send(Err(RoomError::NoSuchPoint { head: self.head() }));
            return;
        }
        self.rewind = Some(Rewind { past, asked: false, reply });
        self.go_on_rewinding(context);
    }

    /// Once everything that was taken is durable, asks the store what the room was.
    pub(super) fn go_on_rewinding(&mut self, context: &mut Context<'_>) {
        if self.rewind.as_ref().is_none_or(|rewind| rewind.asked) {
            return;
        }
        // What stands before it is kept, and must be what the log says.
        self.settle(context);
        if !self.writer.is_empty() || self.in_flight.is_some() {
            return;
        }
        if let Some(rewind) = &mut self.rewind {
            rewind.asked = true;
            let lasting = self.machine.lasting();
            context.outside.load_earlier(self.id, rewind.past, self.committed, lasting);
        }
    }

    /// The server goes down: what the store is asked for a rewind is waited for no longer. Whatever waited behind it.
    pub fn hold_no_longer(&mut self) -> VecDeque<Ask> {
        if let Some(rewind) = self.rewind.take() {
            let _ = rewind.reply.send(Err(RoomError::Unavailable(GOING_DOWN.into())));
        }
        std::mem::take(&mut self.held)
    }

    /// The store has read what the room was, or would be. Nothing was taken since it was asked.
    pub fn earlier(&mut self, context: &mut Context<'_>, recalled: Result<Recalled, RoomError>) {
        let Some(Rewind { reply, .. }) = self.rewind.take() else { return };
        let at = self.machine.at(context.now_ms);
        let before = self.machine.fork();
        let turned = recalled.and_then(|Recalled { room, turn }| {
            let seq = match &turn {
                Turn::Back { to, .. } => self.machine.rewind(at, *to, room.as_ref()),
                Turn::Without { seq, .. } => self.machine.take_out(at, *seq, room.as_ref()),
            };
            let seq = seq.map_err(|refusal| RoomError::Unreadable(refusal.to_string()))?;
            Ok(Turned { seq, turn })
        });
        match turned {
            Ok(turned) => {
                self.writer.push(turned.seq, at, &turned.turn.input());
                // So that this can be taken back as well.
                let mark = if matches!(turned.turn, Turn::Back { .. }) { REWIND_MARK } else { WITHOUT_MARK };
                self.note_point(at.ms, mark, before);
                self.saved.due = true;
                self.recent = self.told_nothing();
                self.later(context, What::Turned { turned, reply });
            }
            Err(why) => drop(reply.send(Err(why))),
        }
    }
}
