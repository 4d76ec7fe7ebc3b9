//! Rooms that run: time passes at every step while somebody is there, whether or not anything is asked.
//!
//! What passing time told rests on the newest input, and may be said once that is durable. In the log it leaves nothing;
//! before a row that must say what the room is (a hash, a snapshot, a rewind), the room is *settled* by an `Advance`.

use kernel::{At, Seat};

use super::host::Context;
use super::live::{LiveRoom, Waiting, What};
use super::recent::{Moment, Recent};

impl LiveRoom {
    /// Its time runs now: somebody is there, or was a moment ago.
    pub(super) fn is_running(&self) -> bool {
        self.machine.pace().runs && !self.ending && (self.has_company() || !self.grace.is_empty())
    }

    /// When the next step of a room that runs is over.
    pub(super) fn next_step_ms(&self) -> i64 {
        let step = self.machine.passed().step + 1;
        let since = step.saturating_mul(self.machine.pace().step_ms.into());
        self.machine.memory().opened_ms.saturating_add_unsigned(since)
    }

    /// Lets time pass up to now.
    pub(super) fn pass(&mut self, context: &mut Context<'_>) {
        self.pass_to(context, self.machine.at(context.now_ms));
    }

    /// Lets time pass, and notes what that told. Nothing in a room that does not run.
    pub(super) fn pass_to(&mut self, context: &mut Context<'_>, at: At) {
        if !self.machine.pace().runs || self.ending || at.step <= self.machine.passed().step {
            return;
        }
        let due_ms = self.next_step_ms();
        let begun = (context.outside.monotonic_us(), context.outside.thread_us());
        self.machine.pass(at, &mut self.out);
        let wall_us = context.outside.monotonic_us().saturating_sub(begun.0);
        let thread_us = context.outside.thread_us().zip(begun.1).map(|(now, then)| now.saturating_sub(then));
        context.stepped(wall_us, thread_us, at.ms - due_ms);
        self.saved.replay_us += wall_us;
        if self.out.overran() {
            return self.show_anew(context);
        }
        let upto = self.head();
        let durable = upto <= self.committed && self.waiting.is_empty();
        for update in self.out.take_updates() {
            if update.transient {
                self.recent.transient(at, update.to, update.body);
            } else if durable {
                self.recent.push(upto, at, update.to, update.body);
            } else {
                let what = What::Update { at, to: update.to, body: update.body };
                self.waiting.push_back(Waiting { upto, what });
            }
        }
    }

    /// Logs that time has passed, if it has: from here on the room is what its log says.
    pub(super) fn settle(&mut self, context: &mut Context<'_>) {
        if !self.machine.is_settled() {
            self.advance(context);
        }
    }

    /// Time has brought the room's end, or taken it back, and its label does not say so yet: it is settled at this very step, and
    /// the row that says so carries the new label.
    pub(super) fn opened_or_shut(&self) -> bool {
        self.machine.log_is_open() != self.log_is_open
    }

    /// How far the room is, durable or not.
    pub(super) fn moment(&self) -> Moment {
        let step = if self.machine.pace().runs { self.machine.passed().step } else { 0 };
        Moment { seq: self.head(), step }
    }

    /// Nothing was told yet that clients could come back to.
    pub(super) fn told_nothing(&self) -> Recent {
        Recent::after(self.moment(), self.machine.passed(), self.machine.pace().runs)
    }

    /// The time as of which the room is shown: of one that runs, no step is shown before it has passed.
    pub(super) fn seen_at(&self, context: &Context<'_>) -> At {
        if self.machine.pace().runs { self.machine.passed() } else { self.machine.at(context.now_ms) }
    }

    /// The seat of a user who has none.
    pub(super) fn next_seat(&self) -> Seat {
        Seat(self.users.last_key_value().map_or(0, |(last, _)| last.0 + 1))
    }
}
