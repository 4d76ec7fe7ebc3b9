//! The ten kinds of input, as the log carries them. Nothing else ever changes a room.

use crate::{CommandId, EffectKey, Hash128, Refusal, RoomId, Seat, Seq};

/// One input before the rules have read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input<'a> {
    /// The room begins. Always sequence 1 and never again.
    Open {
        /// The rules' own encoding.
        setup: &'a [u8],
        /// The room's only randomness.
        seed: u64,
    },
    /// A seat is taken.
    Join {
        /// Which.
        seat: Seat,
    },
    /// A seat is left.
    Leave {
        /// Which.
        seat: Seat,
    },
    /// A player's command.
    Command {
        /// Whose.
        seat: Seat,
        /// The client's name for it; 0 is no name, and such a command is not remembered.
        id: CommandId,
        /// The game's bytes.
        body: &'a [u8],
    },
    /// Time passes.
    Advance,
    /// Another room says something.
    Message {
        /// The sender.
        from: RoomId,
        /// The sender's name for it; rises with every message to the same receiver.
        key: EffectKey,
        /// The rules' bytes.
        body: &'a [u8],
    },
    /// An effect of this room was done or refused.
    EffectResult {
        /// Which.
        key: EffectKey,
        /// The answer.
        outcome: Result<(), Refusal>,
    },
    /// The room moves to another version of its rules or another content: that which its row's
    /// header names. Stands first in its row.
    Migrate,
    /// The game's state goes back to what it was just after an earlier input.
    Rewind {
        /// That input.
        to: Seq,
        /// In a room that runs: to what it was when time had passed up to this step after it.
        step: Option<u64>,
    },
    /// One command is taken out: the game's state becomes what the log leads to when that command is passed over, and
    /// every later input is taken again at its own time, or passed over if it is refused now.
    Without {
        /// The command.
        seq: Seq,
    },
}

impl Input<'_> {
    /// The kind's name, for reports.
    pub fn kind(&self) -> &'static str {
        match self {
            Input::Open { .. } => "open",
            Input::Join { .. } => "join",
            Input::Leave { .. } => "leave",
            Input::Command { .. } => "command",
            Input::Advance => "advance",
            Input::Message { .. } => "message",
            Input::EffectResult { .. } => "effect result",
            Input::Migrate => "migrate",
            Input::Rewind { .. } => "rewind",
            Input::Without { .. } => "without",
        }
    }
}

/// Which rules, exactly, an input ran under.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RulesId {
    /// [`Rules::NAME`](crate::Rules::NAME).
    pub name: String,
    /// [`Rules::VERSION`](crate::Rules::VERSION).
    pub version: u32,
    /// The hash of the content file's bytes.
    pub content: Hash128,
}

impl std::fmt::Display for RulesId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} version {} content {}", self.name, self.version, self.content)
    }
}
