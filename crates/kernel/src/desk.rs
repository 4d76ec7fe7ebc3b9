//! What rooms and the desk say to each other: jobs that a room gives to programs outside, and what came of them.
//!
//! Rules give a job with [`Outbox::ask`](crate::Outbox::ask) and an [`Act::Message`](crate::Act::Message) to
//! [`RoomId::DESK`](crate::RoomId::DESK). The answer to that effect says whether it was noted. Its result comes later as a
//! [`Event::Message`](crate::Event::Message) from the desk, in the order in which jobs end.

use prost::Message;

use crate::Unreadable;

/// A job that a room gives.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct DeskJob {
    /// What sort of job: programs say which they do.
    #[prost(string, tag = "1")]
    pub kind: String,
    /// What is to be done.
    #[prost(bytes = "vec", tag = "2")]
    pub body: Vec<u8>,
    /// It may take so many milliseconds.
    #[prost(uint64, tag = "3")]
    pub within_ms: u64,
    /// The result if nobody does it in that time.
    #[prost(bytes = "vec", tag = "4")]
    pub fallback: Vec<u8>,
    /// The name of what the programs remember from one such job to the next; empty: nothing.
    #[prost(string, tag = "5")]
    pub memory: String,
    /// The room's own mark on it, which the result bears as well.
    #[prost(uint64, tag = "6")]
    pub tag: u64,
}

/// What came of a job.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct DeskResult {
    /// The mark that the room gave it.
    #[prost(uint64, tag = "1")]
    pub tag: u64,
    /// The result, in whatever encoding job and program agree on: any bytes may come.
    #[prost(bytes = "vec", tag = "2")]
    pub body: Vec<u8>,
    /// Nobody did it in time, or nobody could: this is its fallback.
    #[prost(bool, tag = "3")]
    pub fallback: bool,
}

impl DeskJob {
    /// As a message has it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// The inverse. Any bytes may come.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        Self::decode(bytes).map_err(|error| Unreadable(format!("this is no job: {error}")))
    }
}

impl DeskResult {
    /// As a message has it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// The inverse.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        Self::decode(bytes).map_err(|error| Unreadable(format!("this is no result: {error}")))
    }
}
