//! How people played, from the log of a war alone: how many commands, how evenly spaced, how soon after what was done to
//! them. A pure function of what it was shown, in whole numbers, with bounded memory for each seat.
//!
//! Thresholds are what people do not reach for long. A flag says "look here", with the step to look at; it is no verdict,
//! and whoever has read this file can stay below.

mod pace;
mod reactions;

use std::collections::BTreeMap;

use kernel::Seat;
use serde::Serialize;

use crate::{Command, Setup};
use pace::{Busiest, Intervals};
use reactions::Reactions;

/// Commands in the busiest ten seconds.
pub const IN_TEN_SECONDS: u64 = 60;
/// Commands in the busiest minute.
pub const IN_A_MINUTE: u64 = 240;
/// Thousandths of all pauses that are as long as each other, within a fifth.
pub const ALIKE: u64 = 600;
/// Pauses before their evenness says anything.
pub const PAUSES_MIN: u64 = 40;
/// Answers sooner than this many milliseconds are sooner than a person sees, decides and clicks.
pub const SOON_MS: i64 = 300;
/// Thousandths of the answers that come so soon.
pub const SOON: u64 = 750;
/// Answers before their times say anything.
pub const ANSWERS_MIN: u64 = 8;

/// A command as the log has it.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// The room's step.
    pub step: u64,
    /// When, in milliseconds.
    pub ms: i64,
    /// Whose.
    pub seat: Seat,
    /// Its bytes.
    pub body: &'a [u8],
}

/// Something to look at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Flag {
    /// What: `in_ten_seconds`, `in_a_minute`, `alike` or `soon`.
    pub kind: &'static str,
    /// What was found.
    pub value: u64,
    /// From where on it is a flag.
    pub threshold: u64,
    /// Where to look.
    pub step: u64,
}

/// How one seat played.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Behaviour {
    /// Which.
    pub seat: u32,
    /// Commands that were taken.
    pub commands: u64,
    /// The step of its first join or command.
    pub first_step: u64,
    /// The step of its newest command.
    pub last_step: u64,
    /// Commands a minute, from the first to the newest.
    pub per_minute: u64,
    /// Commands in its busiest ten seconds.
    pub in_ten_seconds: u64,
    /// Commands in its busiest minute.
    pub in_a_minute: u64,
    /// Pauses between commands that were long enough, and short enough, to be looked at.
    pub pauses: u64,
    /// About how long the pause in their middle is, in milliseconds.
    pub pause_ms: u64,
    /// Thousandths of them that are as long as each other.
    pub alike: u64,
    /// Answers to what others did to it.
    pub answers: u64,
    /// The soonest, in milliseconds.
    pub soonest_ms: Option<u64>,
    /// Thousandths of them that came too soon for a person.
    pub soon: u64,
    /// What to look at.
    pub flags: Vec<Flag>,
}

/// Watches a war from its log.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    seats: BTreeMap<Seat, Seen>,
    /// Who decides for which nation: people's nations come after those of computers, in the order in which they joined.
    nations: BTreeMap<u16, Seat>,
    computers: u16,
}

/// What is kept of a seat.
#[derive(Clone, Debug, Default)]
struct Seen {
    commands: u64,
    first: Option<(u64, i64)>,
    newest: Option<(u64, i64)>,
    ten_seconds: Busiest<10>,
    minute: Busiest<60>,
    intervals: Intervals,
    reactions: Reactions,
}

impl Watch {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The war was opened like this.
    pub fn opened(&mut self, setup: &[u8]) {
        let setup = Setup::read(setup).unwrap_or_default();
        self.computers = setup.rivals + setup.tribes;
    }

    /// A seat was taken, perhaps again.
    pub fn joined(&mut self, step: u64, ms: i64, seat: Seat) {
        self.seats.entry(seat).or_default().first.get_or_insert((step, ms));
        if !self.nations.values().any(|known| *known == seat) {
            let people = u16::try_from(self.nations.len()).unwrap_or(u16::MAX);
            self.nations.insert(self.computers.saturating_add(people).saturating_add(1), seat);
        }
    }

    /// A command was taken.
    pub fn command(&mut self, heard: Heard<'_>) {
        let Heard { step, ms, seat, body } = heard;
        let seen = self.seats.entry(seat).or_default();
        seen.commands += 1;
        seen.first.get_or_insert((step, ms));
        seen.ten_seconds.note(step, ms);
        seen.minute.note(step, ms);
        if let Some((_, before)) = seen.newest {
            seen.intervals.note(step, ms.saturating_sub(before));
        }
        seen.newest = Some((step, ms));
        let Some(about) = Command::decode(body).ok().and_then(|command| about(&command)) else { return };
        // The same command is an answer to one who did something before, and something that the other may answer.
        let Some(other) = self.nations.get(&about).copied().filter(|other| *other != seat) else { return };
        if let Some(seen) = self.seats.get_mut(&seat) {
            seen.reactions.answered(step, ms, other);
        }
        self.seats.entry(other).or_default().reactions.done_by(ms, seat);
    }

    /// What there is to say of every seat, in their order.
    pub fn report(&self) -> Vec<Behaviour> {
        self.seats.iter().map(|(seat, seen)| seen.report(*seat)).collect()
    }
}

impl Seen {
    fn report(&self, seat: Seat) -> Behaviour {
        let (first_step, first_ms) = self.first.unwrap_or_default();
        let (last_step, last_ms) = self.newest.unwrap_or((first_step, first_ms));
        let millis = u64::try_from(last_ms.saturating_sub(first_ms)).unwrap_or(0);
        // Less than a minute is counted as one.
        let per_minute = self.commands.saturating_mul(60_000) / millis.max(60_000);
        let (alike, (answers, soon)) = (self.intervals.alike(), self.reactions.counts());
        let soon = thousandths(soon, answers);
        let found = [
            ("in_ten_seconds", self.ten_seconds.most(), IN_TEN_SECONDS, true, self.ten_seconds.step()),
            ("in_a_minute", self.minute.most(), IN_A_MINUTE, true, self.minute.step()),
            ("alike", alike, ALIKE, self.intervals.count() >= PAUSES_MIN, self.intervals.step()),
            ("soon", soon, SOON, answers >= ANSWERS_MIN, self.reactions.step()),
        ];
        let flags =
            found.into_iter().filter(|(_, value, threshold, enough, _)| *enough && value >= threshold);
        Behaviour {
            seat: seat.0,
            commands: self.commands,
            first_step,
            last_step,
            per_minute,
            in_ten_seconds: self.ten_seconds.most(),
            in_a_minute: self.minute.most(),
            pauses: self.intervals.count(),
            pause_ms: self.intervals.middle_ms(),
            alike,
            answers,
            soonest_ms: self.reactions.soonest_ms(),
            soon,
            flags: flags
                .map(|(kind, value, threshold, _, step)| Flag { kind, value, threshold, step })
                .collect(),
        }
    }
}

/// The nation that a command does something to, or answers.
fn about(command: &Command) -> Option<u16> {
    match command {
        Command::Attack { on, .. } => Some(*on),
        Command::Ally { with } | Command::Break { with } => Some(*with),
        Command::Decline { from } => Some(*from),
        Command::Donate { to, .. } => Some(*to),
        Command::Move { about, .. } => Some(*about),
        Command::Spawn { .. }
        | Command::Boat { .. }
        | Command::Retreat { .. }
        | Command::TurnBack { .. }
        | Command::Build { .. }
        | Command::Ping { .. }
        | Command::Vote { .. }
        | Command::Resign => None,
    }
}

fn thousandths(part: u64, of: u64) -> u64 {
    (part.saturating_mul(1_000)).checked_div(of).unwrap_or(0)
}

#[cfg(test)]
mod tests;
