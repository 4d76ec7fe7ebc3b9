//! The names of things in a room. None of them says who a person is: a seat is a number, and what user sits
//! there is known outside (so erasing a person touches no log).

use std::fmt;
use std::str::FromStr;

/// A room: a UUID (RFC 9562, version 7 when made by the service, so that ids of one time lie together).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(pub u128);

impl RoomId {
    /// Not a room: the server's own desk, to which rooms send work for others and which sends them the results.
    pub const DESK: Self = Self(u128::from_be_bytes(*b"longhouse-desk-1"));

    /// Big-endian bytes, the form kept in stores and logs.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Reads the stored form; `None` unless it is 16 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(u128::from_be_bytes(bytes.try_into().ok()?)))
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_u128(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RoomId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<uuid::Uuid>().map(|id| Self(id.as_u128()))
    }
}

/// A place in a room, counted from 0 in the order in which people first sat down. It outlives sockets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Seat(pub u32);

impl Seat {
    /// A viewer who has no seat: [`Rules::view`](crate::Rules::view) shows them what is public. Nobody ever sits here.
    pub const NOBODY: Self = Self(u32::MAX);
    /// Seats from here on belong to no user and are never joined: the rules' own players, which computers may
    /// [serve](crate::Rules::served).
    pub const SERVED_FIRST: Self = Self(1 << 24);
}

/// The number of an input in its room's log. The first input, `Open`, has 1; numbers never go back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Seq(pub u64);

impl Seq {
    /// The number after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The term of a room's owner. Every append names it, and the store refuses all but the newest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Epoch(pub u64);

/// A client's own name for a command, so that sending it again does not do it again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CommandId(pub u128);

/// Names one effect: the input that caused it and its place among that input's effects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct EffectKey {
    /// The input.
    pub seq: Seq,
    /// Counted from 0 in the order in which the rules emitted them.
    pub index: u32,
}

/// When an input happens, by the host's clock as the log carries it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct At {
    /// Milliseconds since the Unix epoch. Never less than at the input before.
    pub ms: i64,
    /// Full steps of the rules' [`Pace`](crate::Pace) since the room was opened.
    pub step: u64,
}
