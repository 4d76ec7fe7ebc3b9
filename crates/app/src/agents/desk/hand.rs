//! Who gets what next: workers with credit take turns at it, and each gets what has waited longest of what it can do.

use std::ops::Bound::{Excluded, Unbounded};

use super::{Desk, LOOKS_MAX};
use crate::agents::words::WorkerId;

enum Next {
    Turn(crate::agents::words::SeatKey),
    Job(u128),
}

impl Desk {
    /// Hands out turns and jobs until no worker that has credit could be given one.
    pub(super) fn hand_out(&mut self, now_ms: i64) {
        let mut without = 0;
        while without < self.workers.len() {
            let after = self.workers.range((Excluded(self.served_last), Unbounded)).next();
            let Some((&id, _)) = after.or_else(|| self.workers.iter().next()) else { return };
            self.served_last = id;
            without = if self.hand_one(now_ms, id) { 0 } else { without + 1 };
        }
    }

    fn hand_one(&mut self, now_ms: i64, id: WorkerId) -> bool {
        let Some(worker) = self.workers.get(&id).filter(|worker| worker.credit > 0) else { return false };
        let turn = worker.due.first().filter(|(due, _)| *due <= now_ms && self.looking < LOOKS_MAX);
        let job = self.oldest_for(&worker.hello.kinds);
        let next = match (turn, job) {
            (None, None) => return false,
            (Some((due, _)), Some((given, job))) if given < *due => Next::Job(job),
            (Some((_, key)), _) => Next::Turn(*key),
            (None, Some((_, job))) => Next::Job(job),
        };
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.credit -= 1;
        }
        match next {
            Next::Turn(key) => self.begin_turn(now_ms, key, id),
            Next::Job(job) => self.hand_job(now_ms, job, id),
        }
        true
    }
}
