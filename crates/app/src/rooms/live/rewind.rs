//! Going back: a rewind has the room to itself from the wish until it is in the log.

use kernel::{Input, Room, Seq};
use tokio::sync::oneshot;

use super::{LiveRoom, What};
use crate::rooms::RoomError;
use crate::rooms::ask::Rewound;
use crate::rooms::host::Context;

/// Why what stood before a rewind is kept.
const REWIND_MARK: &str = "rewind";

pub(super) struct Rewind {
    pub to: Seq,
    /// The store was asked; until it answers, the room takes nothing.
    pub asked: bool,
    pub reply: oneshot::Sender<Result<Rewound, RoomError>>,
}

impl LiveRoom {
    /// Begins a rewind: the room takes nothing else until it is done.
    pub fn rewind(
        &mut self,
        context: &mut Context<'_>,
        to: Seq,
        reply: oneshot::Sender<Result<Rewound, RoomError>>,
    ) {
        if self.rewind.is_some() || to >= self.head() || to < Seq(1) {
            let _ = reply.send(Err(RoomError::NoSuchPoint { head: self.head() }));
            return;
        }
        self.rewind = Some(Rewind { to, asked: false, reply });
        self.go_on_rewinding(context);
    }

    /// Once everything that was taken is durable, asks the store what the room was.
    pub(super) fn go_on_rewinding(&mut self, context: &mut Context<'_>) {
        if self.rewind.as_ref().is_none_or(|rewind| rewind.asked) {
            return;
        }
        self.settle(context);
        if !self.writer.is_empty() || self.in_flight.is_some() {
            return;
        }
        if let Some(rewind) = self.rewind.as_mut().filter(|rewind| !rewind.asked) {
            rewind.asked = true;
            context.outside.load_earlier(self.id, rewind.to, self.committed);
        }
    }

    /// The store has read what the room was. Nothing was taken since it was asked.
    pub fn earlier(&mut self, context: &mut Context<'_>, earlier: Result<Box<dyn Room>, String>) {
        let Some(Rewind { to, reply, .. }) = self.rewind.take() else { return };
        let at = self.machine.at(context.now_ms);
        let before = self.machine.fork();
        let rewound = earlier.and_then(|earlier| {
            self.machine.rewind(at, to, earlier.as_ref()).map_err(|refusal| refusal.to_string())
        });
        match rewound {
            Ok(seq) => {
                self.writer.push(seq, at, &Input::Rewind { to, step: None });
                // So that a rewind can be taken back as well.
                self.note_point(at.ms, REWIND_MARK, before);
                self.saved.due = true;
                self.recent = self.told_nothing();
                self.later(context, What::Rewound { to, reply });
            }
            Err(why) => drop(reply.send(Err(RoomError::Unreadable(why)))),
        }
    }
}
