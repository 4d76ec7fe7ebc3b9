//! The desk as a state machine: which worker has which seat, whose turn it is, which jobs wait, and what is too late. It
//! has no clock, no rooms and no store: it is told what happened and when, and says what is to be done.
//!
//! | file | idea |
//! | --- | --- |
//! | `mod.rs` | workers that come, speak and go |
//! | `seats.rs` | seats and who plays them |
//! | `turns.rs` | turns: asked, looked at, answered or late |
//! | `jobs.rs` | jobs: given, done, failed or late |
//! | `hand.rs` | who gets what next |

mod hand;
mod jobs;
mod seats;
#[cfg(test)]
mod tests;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use store::AgentJob;

pub use jobs::JOB_TRIES_MAX;
pub use seats::SEATS_MAX;
pub use turns::LOOKS_MAX;

use super::words::{CREDIT_MAX, FromWorker, Hello, SeatKey, ToWorker, WorkerFault, WorkerId};
use jobs::OpenJob;
use seats::Served;
use turns::Turn;

/// What can be set. Times are in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeskSettings {
    /// A seat's turns are at least so far apart.
    pub turn_ms: i64,
    /// A turn must be answered in this time.
    pub deadline_ms: i64,
    /// Workers at a time.
    pub workers_max: usize,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self { turn_ms: 1_000, deadline_ms: 800, workers_max: 64 }
    }
}

/// What is to be done. Words to one worker must reach it in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Do {
    /// Say this to a worker.
    Tell(WorkerId, ToWorker),
    /// See what a seat sees, and what is remembered of it; answered by [`Desk::looked`].
    Look {
        /// For this turn.
        turn: u64,
        /// Which seat.
        key: SeatKey,
    },
    /// Do a seat's commands, in this order; answered by [`Desk::acted`].
    Act {
        /// In this turn.
        turn: u64,
        /// Who gave them.
        worker: WorkerId,
        /// Whose.
        key: SeatKey,
        /// The commands.
        commands: Vec<Bytes>,
        /// How long the worker took, in milliseconds.
        took_ms: i64,
    },
    /// Remember this.
    Remember {
        /// Of what.
        owner: Owner,
        /// In the answer to this turn of this worker.
        turn: Option<(WorkerId, u64)>,
        /// What; nothing forgets.
        body: Bytes,
    },
    /// A seat is served no more.
    Gone(SeatKey),
    /// Give a worker this job, with what is remembered under its name.
    Hand {
        /// To whom.
        worker: WorkerId,
        /// Which.
        job: Arc<AgentJob>,
        /// The answer must be back in this time.
        deadline_ms: u64,
    },
    /// Note how a job ended; answered by [`Desk::noted`] or [`Desk::not_noted`].
    Note {
        /// Which.
        job: Arc<AgentJob>,
        /// Who did it; nobody: the fallback is taken.
        worker: Option<String>,
        /// What came of it.
        result: Bytes,
    },
}

/// Of what something is remembered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Owner {
    /// Of a seat.
    Seat(SeatKey),
    /// Of jobs, under a name.
    Job(String),
}

/// A moment at which something is over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Deadline {
    Turn(u64),
    Job(u128),
    /// The store did not take the end of a job; it is tried again.
    Note(u128),
}

#[derive(Debug)]
struct Worker {
    hello: Hello,
    credit: u32,
    /// It has asked for something, and what it has is not long overdue.
    lively: bool,
    seats: BTreeSet<SeatKey>,
    /// Its seats without a turn, by when the next one may be.
    due: BTreeSet<(i64, SeatKey)>,
    turns: BTreeSet<u64>,
    jobs: BTreeSet<u128>,
}

/// See the module.
#[derive(Debug)]
pub struct Desk {
    settings: DeskSettings,
    workers: BTreeMap<WorkerId, Worker>,
    newest_worker: u64,
    /// Who got something last.
    served_last: WorkerId,
    seats: BTreeMap<SeatKey, Served>,
    /// Seats may lie with the wrong workers.
    uneven: bool,
    turns: BTreeMap<u64, Turn>,
    newest_turn: u64,
    looking: usize,
    jobs: BTreeMap<u128, OpenJob>,
    /// Jobs that nobody has, by kind, the oldest first.
    waiting: BTreeMap<String, BTreeSet<(i64, u128)>>,
    deadlines: BTreeSet<(i64, Deadline)>,
    out: Vec<Do>,
}

impl Desk {
    /// Nobody is here and nothing is to be done.
    pub fn new(settings: DeskSettings) -> Self {
        Self {
            settings,
            workers: BTreeMap::new(),
            newest_worker: 0,
            served_last: WorkerId(0),
            seats: BTreeMap::new(),
            uneven: false,
            turns: BTreeMap::new(),
            newest_turn: 0,
            looking: 0,
            jobs: BTreeMap::new(),
            waiting: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            out: Vec::new(),
        }
    }

    /// What is to be done since this was last asked, in this order.
    pub fn take(&mut self) -> Vec<Do> {
        std::mem::take(&mut self.out)
    }

    /// Nothing can happen by the clock alone.
    pub fn is_idle(&self) -> bool {
        self.workers.is_empty() && self.jobs.is_empty()
    }

    /// Workers that are here.
    pub fn workers(&self) -> usize {
        self.workers.len()
    }

    /// Seats that workers play.
    pub fn seats_played(&self) -> usize {
        self.workers.values().map(|worker| worker.seats.len()).sum()
    }

    /// Jobs that have not ended.
    pub fn jobs_open(&self) -> usize {
        self.jobs.len()
    }

    /// A worker comes.
    pub fn welcome(&mut self, hello: Hello) -> Result<WorkerId, WorkerFault> {
        hello.check()?;
        if self.workers.len() >= self.settings.workers_max {
            return Err(WorkerFault::TooMany(self.settings.workers_max));
        }
        self.newest_worker += 1;
        let id = WorkerId(self.newest_worker);
        let worker = Worker {
            hello,
            credit: 0,
            lively: false,
            seats: BTreeSet::new(),
            due: BTreeSet::new(),
            turns: BTreeSet::new(),
            jobs: BTreeSet::new(),
        };
        self.workers.insert(id, worker);
        self.uneven = true;
        let short = |ms: i64| u32::try_from(ms).unwrap_or(u32::MAX);
        let DeskSettings { turn_ms, deadline_ms, .. } = self.settings;
        self.tell(id, ToWorker::Welcome { turn_ms: short(turn_ms), deadline_ms: short(deadline_ms) });
        Ok(id)
    }

    /// A worker is gone. What it had is given to others; of its last commands, those stand that it gave in time.
    pub fn leave(&mut self, now_ms: i64, id: WorkerId) {
        let Some(worker) = self.workers.remove(&id) else { return };
        for turn in worker.turns {
            self.end_turn(turn);
        }
        for key in worker.seats {
            if let Some(served) = self.seats.get_mut(&key) {
                served.worker = None;
            }
        }
        for job in worker.jobs {
            self.wait_again(job);
        }
        if self.workers.is_empty() {
            // Nobody looks at rooms any more; whoever comes next begins anew.
            self.seats.clear();
        }
        self.uneven = true;
        self.go_on(now_ms);
    }

    /// A worker speaks; what it says is within the limits.
    pub fn hear(&mut self, now_ms: i64, id: WorkerId, word: FromWorker) {
        match word {
            FromWorker::Ready { credit } => {
                let Some(worker) = self.workers.get_mut(&id) else { return };
                worker.credit = worker.credit.saturating_add(credit).min(CREDIT_MAX);
                if !worker.lively && worker.credit > 0 {
                    worker.lively = true;
                    self.uneven = true;
                }
            }
            FromWorker::Turn { turn, commands, memory } => {
                self.answered(now_ms, id, turn, commands, memory);
            }
            FromWorker::Job { job, result, memory } => self.job_done(id, job, result, memory),
        }
        self.go_on(now_ms);
    }

    /// Time has passed.
    pub fn tick(&mut self, now_ms: i64) {
        while let Some((at, over)) = self.deadlines.first().copied()
            && at <= now_ms
        {
            self.deadlines.remove(&(at, over));
            match over {
                Deadline::Turn(turn) => self.turn_is_late(turn),
                Deadline::Job(job) => self.job_is_late(job),
                Deadline::Note(job) => self.note(job),
            }
        }
        self.find_stalled(now_ms);
        self.even_out();
        self.go_on(now_ms);
    }

    fn go_on(&mut self, now_ms: i64) {
        self.hand_out(now_ms);
    }

    fn tell(&mut self, worker: WorkerId, word: ToWorker) {
        self.out.push(Do::Tell(worker, word));
    }
}
