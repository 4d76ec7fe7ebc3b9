//! Turns: a seat is looked at, its worker is asked, and answers in time or is too late. A seat has one turn at a time.

use bytes::Bytes;

use super::{Deadline, Desk, Do, Owner};
use crate::agents::words::{Late, SeatKey, ToWorker, WorkerId};

/// Seats that are looked at at the same time; further turns wait.
pub const LOOKS_MAX: usize = 64;

/// A turn that is not over.
#[derive(Debug)]
pub(super) struct Turn {
    key: SeatKey,
    worker: WorkerId,
    begun_ms: i64,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// Somebody looks at what the seat sees.
    Looked,
    /// The worker thinks.
    Asked { since_ms: i64, deadline_ms: i64 },
    /// Its commands are being done.
    Acting,
}

impl Desk {
    /// A seat's turn begins. Its worker has paid for it.
    pub(super) fn begin_turn(&mut self, now_ms: i64, key: SeatKey, worker: WorkerId) {
        let Some(served) = self.seats.get_mut(&key) else { return };
        let Some(of) = self.workers.get_mut(&worker) else { return };
        self.newest_turn += 1;
        let turn = self.newest_turn;
        of.due.remove(&(served.due_ms, key));
        of.turns.insert(turn);
        served.turn = Some(turn);
        served.due_ms = now_ms.saturating_add(self.settings.turn_ms);
        self.turns.insert(turn, Turn { key, worker, begun_ms: now_ms, phase: Phase::Looked });
        self.looking += 1;
        self.out.push(Do::Look { turn, key });
    }

    /// What a seat sees, and what is remembered of it; `None`: it could not be seen.
    pub fn looked(&mut self, now_ms: i64, turn: u64, seen: Option<(Bytes, Bytes)>) {
        let Some(open) = self.turns.get_mut(&turn) else { return };
        if !matches!(open.phase, Phase::Looked) {
            return;
        }
        let worker = open.worker;
        match seen {
            Some((observation, memory)) => {
                let deadline_ms = now_ms.saturating_add(self.settings.deadline_ms);
                open.phase = Phase::Asked { since_ms: now_ms, deadline_ms };
                self.looking -= 1;
                self.deadlines.insert((deadline_ms, Deadline::Turn(turn)));
                let key = open.key;
                let rules = self.seats.get(&key).map(|served| served.rules.clone()).unwrap_or_default();
                let deadline_ms = u32::try_from(self.settings.deadline_ms).unwrap_or(u32::MAX);
                self.tell(worker, ToWorker::Turn { turn, key, rules, deadline_ms, observation, memory });
            }
            None => {
                // It was no turn, so it costs nothing.
                self.end_turn(turn);
                if let Some(worker) = self.workers.get_mut(&worker) {
                    worker.credit += 1;
                }
            }
        }
        self.go_on(now_ms);
    }

    /// A worker's answer. One that is too late, or not to its own turn, is passed over: it was told.
    pub(super) fn answered(
        &mut self,
        now_ms: i64,
        worker: WorkerId,
        turn: u64,
        commands: Vec<Bytes>,
        memory: Option<Bytes>,
    ) {
        let Some(open) = self.turns.get_mut(&turn).filter(|open| open.worker == worker) else { return };
        let Phase::Asked { since_ms, deadline_ms } = open.phase else { return };
        if now_ms >= deadline_ms {
            // The clock has come here before the tick that tells.
            self.deadlines.remove(&(deadline_ms, Deadline::Turn(turn)));
            return self.turn_is_late(turn);
        }
        self.deadlines.remove(&(deadline_ms, Deadline::Turn(turn)));
        open.phase = Phase::Acting;
        let key = open.key;
        if let Some(body) = memory {
            self.out.push(Do::Remember { owner: Owner::Seat(key), turn: Some((worker, turn)), body });
        }
        self.out.push(Do::Act { turn, worker, key, commands, took_ms: now_ms - since_ms });
    }

    /// The commands of a turn are done or refused.
    pub fn acted(&mut self, now_ms: i64, turn: u64) {
        if self.turns.get(&turn).is_some_and(|open| matches!(open.phase, Phase::Acting)) {
            self.end_turn(turn);
            self.go_on(now_ms);
        }
    }

    pub(super) fn turn_is_late(&mut self, turn: u64) {
        let Some(open) = self.turns.get(&turn) else { return };
        let worker = open.worker;
        self.end_turn(turn);
        self.tell(worker, ToWorker::TooLate(Late::Turn(turn)));
    }

    /// A turn is over, however it ended: its seat may have another.
    pub(super) fn end_turn(&mut self, turn: u64) {
        let Some(open) = self.turns.remove(&turn) else { return };
        match open.phase {
            Phase::Looked => self.looking -= 1,
            Phase::Asked { deadline_ms, .. } => {
                self.deadlines.remove(&(deadline_ms, Deadline::Turn(turn)));
            }
            Phase::Acting => {}
        }
        let Some(served) = self.seats.get_mut(&open.key) else { return };
        served.turn = None;
        served.due_ms = open.begun_ms.saturating_add(self.settings.turn_ms);
        if let Some(worker) = self.workers.get_mut(&open.worker) {
            worker.turns.remove(&turn);
            worker.due.insert((served.due_ms, open.key));
        }
    }
}
