//! Seats and who plays them: each by one worker at most, and workers that can play the same ones have about as many.

use std::collections::BTreeSet;

use kernel::{RoomId, Seat};

use super::{Desk, Do, Worker};
use crate::agents::words::{SeatKey, ToWorker, WorkerId};

/// Seats that workers play in all; further ones are left to the rules.
pub const SEATS_MAX: usize = 4_096;
/// A worker without credit whose seat is overdue by so many turns loses its seats to others who have some.
const STALLED_TURNS: i64 = 5;

/// A seat that a worker may play.
#[derive(Debug)]
pub(super) struct Served {
    pub rules: String,
    pub worker: Option<WorkerId>,
    /// When its next turn may be.
    pub due_ms: i64,
    pub turn: Option<u64>,
}

impl Worker {
    fn plays(&self, room: RoomId, rules: &str) -> bool {
        let known = self.hello.rules.iter().any(|known| known == rules);
        known && (self.hello.rooms.is_empty() || self.hello.rooms.contains(&room))
    }

    fn has_place(&self) -> bool {
        self.seats.len() < self.hello.seats_max as usize
    }
}

impl Desk {
    /// These are all the seats that computers may play now, with the rules of their rooms.
    pub fn served(&mut self, now_ms: i64, rooms: Vec<(RoomId, String, Vec<Seat>)>) {
        if self.workers.is_empty() {
            return;
        }
        let mut now = BTreeSet::new();
        for (room, rules, seats) in rooms {
            for seat in seats {
                let key = (room, seat);
                if now.len() >= SEATS_MAX || !now.insert(key) || self.seats.contains_key(&key) {
                    continue;
                }
                let rules = rules.clone();
                self.seats.insert(key, Served { rules, worker: None, due_ms: now_ms, turn: None });
                self.uneven = true;
            }
        }
        let gone: Vec<SeatKey> = self.seats.keys().filter(|key| !now.contains(key)).copied().collect();
        for key in gone {
            self.take_away(key);
            self.seats.remove(&key);
            self.out.push(Do::Gone(key));
            self.uneven = true;
        }
        self.even_out();
        self.go_on(now_ms);
    }

    /// Whoever has a seat has it no more. A turn of it is over.
    fn take_away(&mut self, key: SeatKey) {
        let Some(served) = self.seats.get(&key) else { return };
        if let Some(turn) = served.turn {
            self.end_turn(turn);
        }
        let Some(served) = self.seats.get_mut(&key) else { return };
        let Some(id) = served.worker.take() else { return };
        let (due, rules) = (served.due_ms, served.rules.clone());
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.seats.remove(&key);
            worker.due.remove(&(due, key));
        }
        self.tell(id, ToWorker::Seat { key, rules, given: false });
    }

    fn give_seat(&mut self, key: SeatKey, id: WorkerId) {
        let Some(served) = self.seats.get_mut(&key) else { return };
        let Some(worker) = self.workers.get_mut(&id) else { return };
        served.worker = Some(id);
        worker.seats.insert(key);
        worker.due.insert((served.due_ms, key));
        let rules = served.rules.clone();
        self.tell(id, ToWorker::Seat { key, rules, given: true });
    }

    /// Who does not take what it was given a turn of long ago?
    pub(super) fn find_stalled(&mut self, now_ms: i64) {
        let long_ago = now_ms.saturating_sub(self.settings.turn_ms.saturating_mul(STALLED_TURNS));
        for worker in self.workers.values_mut().filter(|worker| worker.lively && worker.credit == 0) {
            if worker.due.first().is_some_and(|(due, _)| *due < long_ago) {
                worker.lively = false;
                self.uneven = true;
            }
        }
    }

    /// Gives seats that nobody has, and moves seats from workers with more to workers with fewer, each between two of its
    /// turns.
    pub(super) fn even_out(&mut self) {
        if !std::mem::take(&mut self.uneven) {
            return;
        }
        let keys: Vec<SeatKey> = self.seats.keys().copied().collect();
        for key in keys {
            let Some(served) = self.seats.get(&key) else { continue };
            let fit = self.workers.iter().filter(|(id, worker)| {
                Some(**id) != served.worker && worker.has_place() && worker.plays(key.0, &served.rules)
            });
            let best = fit.min_by_key(|(id, worker)| (!worker.lively, worker.seats.len(), **id));
            let Some((best_id, best)) = best else { continue };
            let best_id = *best_id;
            if let Some(holder) = served.worker.and_then(|id| self.workers.get(&id)) {
                let better = !holder.lively || best.seats.len() + 1 < holder.seats.len();
                if !best.lively || !better {
                    continue;
                }
                if served.turn.is_some() {
                    self.uneven = true;
                    continue;
                }
                self.take_away(key);
            }
            self.give_seat(key, best_id);
        }
    }
}
