//! What is sent to a client, still to be put into its format.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use kernel::{CommandId, Refusal, RoomId, Seq};
use prost::Message as _;
use wire::envelope::{Envelope, Format};

/// A message for many, encoded once for each format that one of them reads.
pub struct Shared {
    envelope: Envelope,
    bytes: usize,
    json: OnceLock<Bytes>,
    protobuf: OnceLock<Bytes>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.envelope.fmt(f)
    }
}

impl Shared {
    /// Not yet encoded.
    pub fn new(envelope: Envelope) -> Arc<Self> {
        let bytes = envelope.encoded_len();
        Arc::new(Self { envelope, bytes, json: OnceLock::new(), protobuf: OnceLock::new() })
    }

    /// The envelope in one format.
    pub fn encoded(&self, format: Format) -> &Bytes {
        let kept = match format {
            Format::Json => &self.json,
            Format::Protobuf => &self.protobuf,
        };
        kept.get_or_init(|| self.envelope.to_bytes(format).into())
    }

    /// What is sent.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

/// What is sent to a client, still to be put into its format.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// Any message.
    Message(Box<Envelope>),
    /// The same message for many.
    Shared(Arc<Shared>),
    /// Answers to commands of one room, in order.
    Answers {
        /// The room.
        room: RoomId,
        /// The answers.
        answers: Vec<Answer>,
    },
    /// A payload of a room, header included; the same bytes may go to many.
    Payload {
        /// The room.
        room: RoomId,
        /// Its kind, which is also the op code.
        kind: wire::payload::Kind,
        /// The bytes.
        data: Bytes,
    },
}

/// The answer to one command. There is no way to make one that says "accepted" before the commit: the room host
/// keeps answers until the store has handed out a receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The client's name for the command.
    pub id: CommandId,
    /// Where it stands in the log, or why it does not.
    pub verdict: Result<Seq, Refusal>,
}

impl Answer {
    /// A command without an id that was taken: it is not answered, as nobody could tell which one is meant.
    pub(crate) fn is_unheard(&self) -> bool {
        self.id.0 == 0 && self.verdict.is_ok()
    }
}

impl Delivery {
    /// About how much memory it holds.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Delivery::Message(_) => 512,
            Delivery::Shared(shared) => shared.bytes + size_of::<Self>(),
            Delivery::Answers { answers, .. } => answers.len() * size_of::<Answer>(),
            Delivery::Payload { data, .. } => data.len() + size_of::<Self>(),
        }
    }
}
