//! What workers and the desk say to each other, whatever carries it.

use bytes::Bytes;
use kernel::{RoomId, Seat};

/// Bytes of a worker's name and of a kind of jobs.
pub const NAME_BYTES_MAX: usize = 64;
/// Rules that a worker plays.
pub const RULES_MAX: usize = 32;
/// Matches to which a worker keeps.
pub const ROOMS_MAX: usize = 256;
/// Kinds of jobs that a worker does.
pub const KINDS_MAX: usize = 32;
/// Seats that a worker plays.
pub const WORKER_SEATS_MAX: u32 = 1_024;
/// Turns and jobs that a worker may have asked for; what goes beyond is forgotten.
pub const CREDIT_MAX: u32 = 256;
/// Commands in the answer to one turn.
pub const TURN_COMMANDS_MAX: usize = 16;
/// Bytes of one of those commands.
pub const TURN_COMMAND_BYTES_MAX: usize = 16 << 10;
/// Bytes that are remembered for a seat or under a name.
pub const MEMORY_BYTES_MAX: usize = 64 << 10;
/// Bytes of a job's result.
pub const RESULT_BYTES_MAX: usize = 256 << 10;
/// Bytes of the reason why a job failed; a longer one is cut.
pub const FAILURE_BYTES_MAX: usize = 512;

/// A worker that is connected now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WorkerId(pub u64);

/// A seat of a room.
pub type SeatKey = (RoomId, Seat);

/// Who a worker is and what it can do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hello {
    /// For logs and results.
    pub name: String,
    /// The rules whose seats it plays.
    pub rules: Vec<String>,
    /// If not empty, only seats of these rooms.
    pub rooms: Vec<RoomId>,
    /// Seats that it plays at a time.
    pub seats_max: u32,
    /// The kinds of jobs it does.
    pub kinds: Vec<String>,
}

/// What a worker says once it is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromWorker {
    /// It takes so many turns and jobs more.
    Ready {
        /// How many.
        credit: u32,
    },
    /// The answer to a turn.
    Turn {
        /// Which.
        turn: u64,
        /// In this order.
        commands: Vec<Bytes>,
        /// What is to be remembered of the seat.
        memory: Option<Bytes>,
    },
    /// The answer to a job.
    Job {
        /// Which.
        job: u128,
        /// What came of it, or why nothing did.
        result: Result<Bytes, String>,
        /// What is to be remembered under the job's name.
        memory: Option<Bytes>,
    },
}

/// What a worker is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToWorker {
    /// It is in.
    Welcome {
        /// A seat's turns are at least so far apart.
        turn_ms: u32,
        /// An answer to a turn must be back after so long.
        deadline_ms: u32,
    },
    /// A seat was given to it, or taken from it.
    Seat {
        /// Which.
        key: SeatKey,
        /// The rules of its room.
        rules: String,
        /// Given or taken.
        given: bool,
    },
    /// It is a seat's turn.
    Turn {
        /// Names the turn.
        turn: u64,
        /// Whose.
        key: SeatKey,
        /// The rules of its room.
        rules: String,
        /// The answer must be back in this time.
        deadline_ms: u32,
        /// What the seat sees.
        observation: Bytes,
        /// What is remembered of it.
        memory: Bytes,
    },
    /// A job.
    Job {
        /// Which.
        job: u128,
        /// What sort.
        kind: String,
        /// What is to be done.
        body: Bytes,
        /// The answer must be back in this time.
        deadline_ms: u64,
        /// What is remembered under its name.
        memory: Bytes,
    },
    /// A deadline has passed.
    TooLate(Late),
    /// Something in the answer to a turn was not taken.
    Refused {
        /// Which turn.
        turn: u64,
        /// Which of its commands; `None`: what was to be remembered.
        index: Option<u32>,
        /// Why, as a number.
        code: u16,
        /// Why.
        reason: String,
    },
}

/// What is too late.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Late {
    /// A turn.
    Turn(u64),
    /// A job.
    Job(u128),
}

/// A worker does not keep to what was agreed. The call ends with it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WorkerFault {
    /// It says something that is not allowed.
    #[error("{0}")]
    Invalid(String),
    /// There are too many workers.
    #[error("there are {0} workers already")]
    TooMany(usize),
}

fn invalid(why: impl Into<String>) -> WorkerFault {
    WorkerFault::Invalid(why.into())
}

fn name(what: &str, name: &str) -> Result<(), WorkerFault> {
    let plain = name.bytes().all(|b| b.is_ascii_graphic());
    match (1..=NAME_BYTES_MAX).contains(&name.len()) && plain {
        true => Ok(()),
        false => Err(invalid(format!("{what} must be 1 to {NAME_BYTES_MAX} visible ASCII characters"))),
    }
}

impl Hello {
    /// Within all limits?
    pub fn check(&self) -> Result<(), WorkerFault> {
        name("a worker's name", &self.name)?;
        self.rules.iter().try_for_each(|rules| name("the name of rules", rules))?;
        self.kinds.iter().try_for_each(|kind| name("a kind of jobs", kind))?;
        let lists = [
            ("rules", self.rules.len(), RULES_MAX),
            ("matches", self.rooms.len(), ROOMS_MAX),
            ("kinds of jobs", self.kinds.len(), KINDS_MAX),
        ];
        for (what, len, max) in lists {
            if len > max {
                return Err(invalid(format!("a worker names at most {max} {what}")));
            }
        }
        if self.seats_max > WORKER_SEATS_MAX {
            return Err(invalid(format!("a worker plays at most {WORKER_SEATS_MAX} seats")));
        }
        Ok(())
    }
}

impl FromWorker {
    /// Within all limits? Makes a reason that is too long shorter.
    pub fn checked(mut self) -> Result<Self, WorkerFault> {
        let memory = match &mut self {
            Self::Ready { .. } => None,
            Self::Turn { commands, memory, .. } => {
                if commands.len() > TURN_COMMANDS_MAX {
                    return Err(invalid(format!("a turn has at most {TURN_COMMANDS_MAX} commands")));
                }
                if commands.iter().any(|command| command.len() > TURN_COMMAND_BYTES_MAX) {
                    return Err(invalid(format!("a command has at most {TURN_COMMAND_BYTES_MAX} bytes")));
                }
                memory.as_ref()
            }
            Self::Job { result, memory, .. } => {
                match result {
                    Ok(body) if body.len() > RESULT_BYTES_MAX => {
                        return Err(invalid(format!("a result has at most {RESULT_BYTES_MAX} bytes")));
                    }
                    Ok(_) => {}
                    Err(why) => {
                        let end = (0..=FAILURE_BYTES_MAX.min(why.len())).rev();
                        why.truncate(end.into_iter().find(|end| why.is_char_boundary(*end)).unwrap_or(0));
                    }
                }
                memory.as_ref()
            }
        };
        if memory.is_some_and(|memory| memory.len() > MEMORY_BYTES_MAX) {
            return Err(invalid(format!("a memory has at most {MEMORY_BYTES_MAX} bytes")));
        }
        Ok(self)
    }
}
