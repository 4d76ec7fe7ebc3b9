//! What players did and what they were told.
//!
//! A command is *settled* when it was accepted (with its place in the log) or refused. One that was sent and not
//! settled when the server died is sent again, with the same id, until it is.

use std::fmt;

/// What a command does to the numbers that are compared at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// From the player's purse to the player's chest, in the same ledger.
    Transfer(u64),
    /// From the purse to the wallet.
    Withdraw(u64),
    /// From the wallet to the purse.
    Deposit(u64),
    /// From the purse to the player's purse in the next ledger.
    Remit(u64),
    /// So many shears of the player's farm.
    Shear(u64),
    /// So many llamas for the player's farm.
    Buy(u64),
    /// A place in a war.
    Spawn(u64),
    /// Troops in a war: against whom (the upper bits), and how many thousandths (the lower sixteen).
    Attack(u64),
}

impl Deed {
    /// Its amount: different for nearly every command of the ledger, so that a difference points at one.
    pub fn amount(self) -> u64 {
        match self {
            Deed::Transfer(n) | Deed::Withdraw(n) | Deed::Deposit(n) | Deed::Remit(n) => n,
            Deed::Shear(n) | Deed::Buy(n) | Deed::Spawn(n) | Deed::Attack(n) => n,
        }
    }
}

/// What a player was told about a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Nothing yet.
    Nothing,
    /// It is in the log, there.
    Accepted(u64),
    /// No, with this code.
    Refused(u16),
}

/// One command of a player. Its id is the player's, and its place in the list and one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What it does.
    pub deed: Deed,
    /// What came back.
    pub told: Told,
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One command was told two things.
    Contradiction {
        /// Whose.
        player: usize,
        /// Which of the player's commands.
        number: usize,
        /// First.
        before: Told,
        /// Then.
        after: Told,
    },
    /// A view is older than what the player was told before.
    Forgotten {
        /// Whose.
        player: usize,
        /// Newest sequence number told.
        told: u64,
        /// The view's.
        seen: u64,
    },
    /// Two commands have the same place in a log.
    SamePlace {
        /// In which room.
        room: String,
        /// The place.
        seq: u64,
    },
    /// A place in a log that the log does not reach.
    BeyondLog {
        /// In which room.
        room: String,
        /// The place.
        seq: u64,
        /// Where the log ends.
        newest: u64,
    },
    /// A command was never settled.
    Unsettled {
        /// Whose.
        player: usize,
        /// Which of the player's commands.
        number: usize,
    },
    /// A number that follows from what was acknowledged is another one.
    Difference {
        /// What it is.
        what: String,
        /// What follows from the acknowledgements.
        expected: i128,
        /// What the server says.
        found: i128,
        /// What would explain it.
        suspect: Option<String>,
    },
    /// Anything else.
    Other(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Contradiction { player, number, before, after } => {
                write!(f, "command {number} of player {player} was told {before:?} and then {after:?}")
            }
            Fault::Forgotten { player, told, seen } => {
                write!(f, "player {player} was told of input {told} and then shown a state at {seen}")
            }
            Fault::SamePlace { room, seq } => {
                write!(f, "two commands were told that they are input {seq} of {room}")
            }
            Fault::BeyondLog { room, seq, newest } => {
                write!(f, "a command was told that it is input {seq} of {room}, which ends at {newest}")
            }
            Fault::Unsettled { player, number } => {
                write!(f, "command {number} of player {player} has no answer")
            }
            Fault::Difference { what, expected, found, suspect } => {
                write!(f, "{what} should be {expected} and is {found} ({:+})", found - expected)?;
                suspect.as_ref().map_or(Ok(()), |suspect| write!(f, ": {suspect}"))
            }
            Fault::Other(text) => f.write_str(text),
        }
    }
}

/// One player's history.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Commands in the order they were made.
    pub sent: Vec<Sent>,
    /// Numbers of those not settled, in order.
    pub open: std::collections::BTreeSet<usize>,
    /// Commands that were sent again after a crash.
    pub repeated: u64,
    /// What was played offline, on a farm.
    pub away: super::journal::Journal,
    /// Newest place in the log that the player was told.
    pub newest: u64,
    /// The longest that the player needed from a server that was ready to what its room showed.
    pub slowest_return: std::time::Duration,
    /// What must not be and was seen on the way.
    pub faults: Vec<Fault>,
}

/// Codes of refusals that ask to send the same command again: the room is full, or cannot take inputs now.
const TRY_AGAIN: [u16; 2] = [kernel::Refusal::TOO_MUCH, kernel::Refusal::UNAVAILABLE];
/// Faults kept of one player; the first ones say enough.
const FAULTS_MAX: usize = 100;

impl History {
    /// Notes a new command: its number.
    pub fn send(&mut self, deed: Deed) -> usize {
        let number = self.sent.len();
        self.sent.push(Sent { deed, told: Told::Nothing });
        self.open.insert(number);
        number
    }

    /// Notes an answer. False: it settles nothing, and the command must be sent again.
    pub fn hear(&mut self, player: usize, number: usize, told: Told) -> bool {
        let Some(sent) = self.sent.get_mut(number) else {
            self.fault(Fault::Other(format!(
                "player {player} was answered on command {number}, which was not sent"
            )));
            return true;
        };
        if matches!(told, Told::Refused(code) if TRY_AGAIN.contains(&code)) {
            return sent.told != Told::Nothing;
        }
        if let Told::Accepted(seq) = told {
            self.newest = self.newest.max(seq);
        }
        let before = sent.told;
        if before == Told::Nothing {
            sent.told = told;
            self.open.remove(&number);
        } else if before != told {
            self.fault(Fault::Contradiction { player, number, before, after: told });
        }
        true
    }

    /// Notes the newest place in the log that a view includes.
    pub fn view(&mut self, player: usize, seen: u64) {
        if seen < self.newest {
            self.fault(Fault::Forgotten { player, told: self.newest, seen });
        }
        self.newest = self.newest.max(seen);
    }

    /// Notes something that must not be.
    pub fn fault(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }

    /// The sum of what was accepted, in the room or from offline, and counts by `measure`.
    pub fn sum(&self, measure: impl Fn(Deed) -> i128) -> i128 {
        let accepted = self.sent.iter().filter(|s| matches!(s.told, Told::Accepted(_))).map(|s| s.deed);
        accepted.chain(self.away.kept()).map(measure).sum()
    }
}
