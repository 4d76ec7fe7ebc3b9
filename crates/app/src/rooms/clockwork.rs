//! What a room does by the clock: seats left at the end of their grace, gathered updates sent, time logged, and
//! sleep.

use kernel::{Input, Pace};

use super::gallery::Gallery;
use super::host::Context;
use super::live::LiveRoom;

/// Inputs since the snapshot up to which a room goes to sleep without a new one: so few are taken again in no time.
pub(crate) const SLEEP_UNSAVED_INPUTS: u64 = 256;

/// Beats of rooms fall on multiples of so many times `gather_ms`.
const BEAT_GATHERS: i64 = 2;

/// What the host is to do with a room after its timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    Stay,
    Sleep,
}

impl LiveRoom {
    /// When the room next wants to be looked at.
    pub fn due(&self, context: &Context<'_>) -> Option<i64> {
        if self.is_held() {
            return None;
        }
        let Pace { advance_ms, .. } = self.machine.pace();
        let advance = (advance_ms > 0 && self.has_company())
            .then(|| self.machine.memory().at.ms + i64::from(advance_ms.max(Pace::ADVANCE_MS_MIN)));
        let step = self.is_running().then(|| self.next_step_ms());
        let send = if self.sends_at_once() {
            Some(context.now_ms)
        } else {
            self.has_news().then(|| self.send_from_ms(context))
        };
        let grace = self.grace.values().min().copied();
        let show = self.gallery.as_ref().and_then(Gallery::next_due);
        let sleep = self.is_idle().then(|| self.quiet_since_ms + context.config.sleep_after_ms);
        [advance, step, send, grace, show, sleep].into_iter().flatten().min()
    }

    fn is_idle(&self) -> bool {
        !self.has_company() && self.grace.is_empty() && self.at_rest() && !self.is_saving()
    }

    /// The timer has run out.
    pub fn on_time(&mut self, context: &mut Context<'_>) -> Fate {
        if self.is_held() {
            return Fate::Stay;
        }
        let now = context.now_ms;
        let over: Vec<_> =
            self.grace.iter().filter(|(_, until)| **until <= now).map(|(seat, _)| *seat).collect();
        for seat in over {
            self.grace.remove(&seat);
            self.quiet_since_ms = now;
            if self.machine.memory().joined(seat)
                && let Err(refusal) = self.take(context, &Input::Leave { seat })
            {
                tracing::error!(room = %self.id, %refusal, "the rules refuse a leave, which is a fact");
            }
        }
        if self.is_running() {
            self.pass(context);
            if self.opened_or_shut() {
                self.settle(context);
            }
        }
        let advance_ms = self.machine.pace().advance_ms;
        if advance_ms > 0
            && self.has_company()
            && now - self.machine.memory().at.ms >= i64::from(advance_ms.max(Pace::ADVANCE_MS_MIN))
        {
            self.advance(context);
        }
        self.send_due(context);
        self.tend_gallery(context);
        if self.is_idle() && now >= self.quiet_since_ms + context.config.sleep_after_ms {
            if self.saved.inputs <= SLEEP_UNSAVED_INPUTS {
                return Fate::Sleep;
            }
            self.save_now(context);
        }
        Fate::Stay
    }

    /// Logs that time has passed.
    pub fn advance(&mut self, context: &mut Context<'_>) {
        if let Err(refusal) = self.take(context, &Input::Advance) {
            tracing::error!(room = %self.id, %refusal, "the rules refuse the passing of time, which is a fact");
        }
    }

    /// What a room that runs tells, it has gathered itself, step by step.
    fn sends_at_once(&self) -> bool {
        self.machine.pace().runs && self.recent.has_unsent()
    }

    /// From when on gathered updates are sent by the clock. Those of a row that gathered and is on its way to the store are sent
    /// with the others by its receipt, unless that takes a whole step.
    fn send_from_ms(&self, context: &Context<'_>) -> i64 {
        let step_ms = i64::from(self.machine.pace().step_ms);
        if self.row_is_near(context) { self.next_send_ms.saturating_add(step_ms) } else { self.next_send_ms }
    }

    /// When updates may be sent after those of now: a step after the time that was due, so that steps do not grow by what a
    /// commit takes. The beats of all rooms fall on few times, and their rows share commits.
    fn next_beat(&self, context: &Context<'_>) -> i64 {
        let step_ms = i64::from(self.machine.pace().step_ms);
        let next = self.next_send_ms.saturating_add(step_ms);
        if next > context.now_ms {
            return next;
        }
        let grid_ms = context.config.gather_ms.saturating_mul(BEAT_GATHERS).clamp(1, step_ms.max(1));
        let next = context.now_ms + step_ms;
        next - next.rem_euclid(grid_ms)
    }

    /// Sends what was gathered if its step is over.
    pub(super) fn send_due(&mut self, context: &mut Context<'_>) {
        if self.sends_at_once() || (context.now_ms >= self.send_from_ms(context) && self.has_news()) {
            self.send(context, self.committed);
            self.next_send_ms = self.next_beat(context);
        }
    }
}
