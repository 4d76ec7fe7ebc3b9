//! The end of a host: everything durable, every room saved, everybody told to come back.

use std::collections::VecDeque;

use kernel::RoomId;
use tokio::sync::oneshot;

use super::outside::{Context, Outside};
use super::{Host, Slot};
use crate::rooms::live::{LiveRoom, What};
use crate::rooms::unavailable;

/// What everybody is told who asks for something then.
pub(crate) const GOING_DOWN: &str = "the server is going down; come back in a moment";

impl Host {
    /// Begins the end; whoever asked is told when it has come.
    pub(super) fn shut_down(
        &mut self,
        outside: &mut dyn Outside,
        now: (i64, u64),
        reply: oneshot::Sender<()>,
    ) {
        self.closing = Some(reply);
        let mut awake: Vec<RoomId> = self.rooms.keys().copied().collect();
        awake.sort_unstable();
        for room in awake {
            let held = match self.rooms.get_mut(&room) {
                Some(Slot::Awake(live)) => live.hold_no_longer(),
                _ => VecDeque::new(),
            };
            for ask in held {
                self.refuse(outside, now.0, ask, &unavailable(GOING_DOWN));
            }
            self.with_room(outside, now, room, |live, context| {
                live.wrap_up(context);
                Ok(())
            });
        }
    }

    /// Once all rooms are durable and saved, whoever asked for the end is told.
    pub(super) fn finish_shutdown(&mut self) {
        if self.closing.is_none() {
            return;
        }
        let busy = |slot: &Slot| match slot {
            Slot::Awake(live) => !live.settled() || live.is_saving(),
            Slot::Loading { .. } => true,
            Slot::Failed { .. } | Slot::Closed { .. } => false,
        };
        if !self.rooms.values().any(busy)
            && let Some(reply) = self.closing.take()
        {
            self.rooms.clear();
            self.timers.clear();
            self.finished = true;
            // The asker has a deadline of its own and may be gone.
            let _ = reply.send(());
        }
    }
}

impl LiveRoom {
    /// The server goes down: save, and tell everybody to come back.
    fn wrap_up(&mut self, context: &mut Context<'_>) {
        self.settle(context);
        self.ending = true;
        self.later(context, What::WrapUp);
    }
}
