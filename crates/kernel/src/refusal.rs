//! The answer "no": a code for programs and a reason for people.

use std::borrow::Cow;
use std::fmt;

/// Why an input was not taken. It changed nothing and is not in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Below [`Refusal::RULES_FIRST`] the house's own codes, from there on the rules'.
    pub code: u16,
    /// One sentence for the player, without secrets.
    pub reason: Cow<'static, str>,
}

impl Refusal {
    /// The body could not be read.
    pub const MALFORMED: u16 = 1;
    /// The seat is not joined.
    pub const NOT_SEATED: u16 = 2;
    /// The seat is already joined.
    pub const SEATED: u16 = 3;
    /// These rules take no such input.
    pub const UNSUPPORTED: u16 = 4;
    /// A bound of the house was reached.
    pub const TOO_MUCH: u16 = 5;
    /// The room or its store cannot take inputs now; sending the same command id again is safe.
    pub const UNAVAILABLE: u16 = 6;
    /// The rules failed on this input; sending it again will not help.
    pub const FAULT: u16 = 7;
    /// There is no such room.
    pub const NO_ROOM: u16 = 8;
    /// The room is closed for good, or until an operator has looked at it.
    pub const CLOSED: u16 = 9;
    /// Whoever only watches gives no commands.
    pub const WATCHES: u16 = 10;
    /// The first code that belongs to the rules.
    pub const RULES_FIRST: u16 = 100;

    /// A refusal with a code and a sentence.
    pub fn new(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code, reason: reason.into() }
    }

    /// The body of an input could not be read as what it should be.
    pub fn malformed(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Self::MALFORMED, what)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.reason, self.code)
    }
}

impl std::error::Error for Refusal {}
