//! The house's header inside match data: what a room and its client say to each other.
//!
//! Little-endian, zero-copy. The first four bytes are version, kind, flags and zero; the envelope's op code equals
//! the kind. In JSON envelopes the whole payload is base64, like any match data.

use crate::limits::{REASON_BYTES_MAX, RESUME_TOKEN_BYTES_MAX};

/// Version of this header.
pub const VERSION: u8 = 1;
/// Bytes before the fields of a kind.
pub const HEADER_BYTES: usize = 4;
/// Length of a whole accepted payload.
pub const ACCEPTED_BYTES: usize = 28;
/// Bytes of a command before its body.
pub const COMMAND_HEADER_BYTES: usize = 28;

/// What a payload is; the op code of its envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Client to room: do this.
    Command = 1,
    /// Room to client: done and durable.
    Accepted = 2,
    /// Room to client: not done.
    Refused = 3,
    /// Room to client: all that a seat may see.
    View = 4,
    /// Room to client: what changed.
    Updates = 5,
    /// Room to client: this is the end, or a pause.
    Closing = 6,
}

impl Kind {
    /// The op code of the envelope around it.
    pub fn op_code(self) -> i64 {
        self as i64
    }
}

/// The flags byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u8);

impl Flags {
    /// No flag.
    pub const NONE: Self = Flags(0);
    /// The body is MessagePack.
    pub const MESSAGE_PACK: Self = Flags(1);
    /// The body is raw DEFLATE.
    pub const DEFLATE: Self = Flags(2);

    /// True if every flag of `other` is set.
    pub fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    pub fn with(self, other: Flags) -> Self {
        Flags(self.0 | other.0)
    }

    /// The byte.
    pub fn bits(self) -> u8 {
        self.0
    }
}

/// Why bytes are not a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Too short for its kind.
    #[error("the payload is too short")]
    Short,
    /// A version this build does not know.
    #[error("payload version {0} is not known")]
    Version(u8),
    /// A kind this build does not know.
    #[error("payload kind {0} is not known")]
    Kind(u8),
    /// A flag this build does not know, or one the sender may not use.
    #[error("payload flags {0:#04x} are not accepted")]
    Flags(u8),
    /// The reserved byte is not zero.
    #[error("the reserved byte is not zero")]
    Reserved,
    /// Text that is not UTF-8, or a token that is not ASCII.
    #[error("a text in the payload is malformed")]
    Text,
    /// A list of updates whose lengths do not add up.
    #[error("the updates do not fill the payload")]
    Updates,
}

/// Kind 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command<'a> {
    /// Flags of the body.
    pub flags: Flags,
    /// Chosen by the client; zero is none, and then the command is not remembered, and not answered when it is taken.
    pub id: u128,
    /// Newest sequence number that the client has seen; zero is none.
    pub seen: u64,
    /// The game's command.
    pub body: &'a [u8],
}

/// Kind 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The command's id.
    pub id: u128,
    /// Where it stands in the room's log.
    pub seq: u64,
}

/// Kind 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused<'a> {
    /// The command's id.
    pub id: u128,
    /// The game's or the house's code.
    pub code: u16,
    /// For people.
    pub reason: &'a str,
}

/// Kind 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View<'a> {
    /// Flags of the body.
    pub flags: Flags,
    /// The room's step.
    pub step: u64,
    /// Newest input included.
    pub seq: u64,
    /// The host's milliseconds of that state.
    pub at_ms: i64,
    /// The seat whose view it is.
    pub seat: u32,
    /// Lets the client come back to its seat.
    pub token: &'a str,
    /// The game's view.
    pub body: &'a [u8],
}

/// Kind 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Updates<'a> {
    /// Flags of every body.
    pub flags: Flags,
    /// The room's step.
    pub step: u64,
    /// Newest input included.
    pub seq: u64,
    /// The host's milliseconds of that state.
    pub at_ms: i64,
    list: &'a [u8],
}

/// Kind 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing<'a> {
    /// A [`ClosingCode`] as its number.
    pub code: u16,
    /// Lets the client come back to its seat.
    pub token: &'a str,
    /// For people.
    pub reason: &'a str,
}

/// The numbers of [`Closing::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum ClosingCode {
    /// The server is going down; come back.
    GoingDown = 1,
    /// The room was closed by a fault.
    RoomFault = 2,
    /// The client read too slowly.
    TooSlow = 3,
}

/// Any payload, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Kind 1.
    Command(Command<'a>),
    /// Kind 2.
    Accepted(Accepted),
    /// Kind 3.
    Refused(Refused<'a>),
    /// Kind 4.
    View(View<'a>),
    /// Kind 5.
    Updates(Updates<'a>),
    /// Kind 6.
    Closing(Closing<'a>),
}

impl<'a> Payload<'a> {
    /// Reads a payload of any kind.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, PayloadError> {
        let mut read = Reader { rest: bytes };
        let [version, kind, flags, reserved] = read.array()?;
        if version != VERSION {
            return Err(PayloadError::Version(version));
        }
        if reserved != 0 {
            return Err(PayloadError::Reserved);
        }
        if flags & !(Flags::MESSAGE_PACK.0 | Flags::DEFLATE.0) != 0 {
            return Err(PayloadError::Flags(flags));
        }
        let flags = Flags(flags);
        Ok(match kind {
            1 => Payload::Command(Command {
                flags,
                id: u128::from_be_bytes(read.array()?),
                seen: u64::from_le_bytes(read.array()?),
                body: read.rest,
            }),
            2 => {
                let id = u128::from_be_bytes(read.array()?);
                Payload::Accepted(Accepted { id, seq: u64::from_le_bytes(read.array()?) })
            }
            3 => Payload::Refused(Refused {
                id: u128::from_be_bytes(read.array()?),
                code: u16::from_le_bytes(read.array()?),
                reason: read.text()?,
            }),
            4 => Payload::View(View {
                flags,
                step: u64::from_le_bytes(read.array()?),
                seq: u64::from_le_bytes(read.array()?),
                at_ms: i64::from_le_bytes(read.array()?),
                seat: u32::from_le_bytes(read.array()?),
                token: read.token()?,
                body: read.rest,
            }),
            5 => {
                let step = u64::from_le_bytes(read.array()?);
                let seq = u64::from_le_bytes(read.array()?);
                let at_ms = i64::from_le_bytes(read.array()?);
                let updates = Updates { flags, step, seq, at_ms, list: read.rest };
                updates.check()?;
                Payload::Updates(updates)
            }
            6 => Payload::Closing(Closing {
                code: u16::from_le_bytes(read.array()?),
                token: read.token()?,
                reason: read.text()?,
            }),
            other => return Err(PayloadError::Kind(other)),
        })
    }

    /// Reads what a client may send: a command, not compressed.
    pub fn decode_command(bytes: &'a [u8]) -> Result<Command<'a>, PayloadError> {
        match Payload::decode(bytes)? {
            Payload::Command(command) if command.flags.has(Flags::DEFLATE) => {
                Err(PayloadError::Flags(command.flags.0))
            }
            Payload::Command(command) => Ok(command),
            _ => Err(PayloadError::Kind(bytes[1])),
        }
    }

    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Payload::Command(_) => Kind::Command,
            Payload::Accepted(_) => Kind::Accepted,
            Payload::Refused(_) => Kind::Refused,
            Payload::View(_) => Kind::View,
            Payload::Updates(_) => Kind::Updates,
            Payload::Closing(_) => Kind::Closing,
        }
    }
}

fn put_header(out: &mut Vec<u8>, kind: Kind, flags: Flags) {
    out.extend_from_slice(&[VERSION, kind as u8, flags.0, 0]);
}

/// A token that does not fit is left out: the client then joins anew.
fn put_token(out: &mut Vec<u8>, token: &str) {
    let token = if token.len() <= RESUME_TOKEN_BYTES_MAX && token.is_ascii() { token } else { "" };
    out.push(token.len() as u8);
    out.extend_from_slice(token.as_bytes());
}

/// A reason that does not fit is cut at a character.
fn put_reason(out: &mut Vec<u8>, reason: &str) {
    let mut end = reason.len().min(REASON_BYTES_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    out.extend_from_slice(&reason.as_bytes()[..end]);
}

impl Command<'_> {
    /// Appends the payload.
    pub fn write(&self, out: &mut Vec<u8>) {
        put_header(out, Kind::Command, self.flags);
        out.extend_from_slice(&self.id.to_be_bytes());
        out.extend_from_slice(&self.seen.to_le_bytes());
        out.extend_from_slice(self.body);
    }
}

impl Accepted {
    /// The whole payload, on the stack.
    pub fn to_bytes(self) -> [u8; ACCEPTED_BYTES] {
        let mut bytes = [0; ACCEPTED_BYTES];
        bytes[0] = VERSION;
        bytes[1] = Kind::Accepted as u8;
        bytes[4..20].copy_from_slice(&self.id.to_be_bytes());
        bytes[20..28].copy_from_slice(&self.seq.to_le_bytes());
        bytes
    }

    /// Appends the payload.
    pub fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }
}

impl Refused<'_> {
    /// Appends the payload.
    pub fn write(&self, out: &mut Vec<u8>) {
        put_header(out, Kind::Refused, Flags::NONE);
        out.extend_from_slice(&self.id.to_be_bytes());
        out.extend_from_slice(&self.code.to_le_bytes());
        put_reason(out, self.reason);
    }
}

impl View<'_> {
    /// Appends the payload.
    pub fn write(&self, out: &mut Vec<u8>) {
        put_header(out, Kind::View, self.flags);
        out.extend_from_slice(&self.step.to_le_bytes());
        out.extend_from_slice(&self.seq.to_le_bytes());
        out.extend_from_slice(&self.at_ms.to_le_bytes());
        out.extend_from_slice(&self.seat.to_le_bytes());
        put_token(out, self.token);
        out.extend_from_slice(self.body);
    }
}

impl Closing<'_> {
    /// Appends the payload.
    pub fn write(&self, out: &mut Vec<u8>) {
        put_header(out, Kind::Closing, Flags::NONE);
        out.extend_from_slice(&self.code.to_le_bytes());
        put_token(out, self.token);
        put_reason(out, self.reason);
    }
}

impl<'a> Updates<'a> {
    /// Appends the head of an updates payload; follow it with [`Updates::write_one`] for each update.
    pub fn write_head(out: &mut Vec<u8>, flags: Flags, step: u64, seq: u64, at_ms: i64) {
        put_header(out, Kind::Updates, flags);
        out.extend_from_slice(&step.to_le_bytes());
        out.extend_from_slice(&seq.to_le_bytes());
        out.extend_from_slice(&at_ms.to_le_bytes());
    }

    /// Appends one update.
    pub fn write_one(out: &mut Vec<u8>, update: &[u8]) {
        let len = u32::try_from(update.len()).expect("an update is far below 4 GiB: outboxes are bounded");
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(update);
    }

    /// The updates in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut read = Reader { rest: self.list };
        std::iter::from_fn(move || read.sized())
    }

    fn check(&self) -> Result<(), PayloadError> {
        let mut read = Reader { rest: self.list };
        while !read.rest.is_empty() {
            read.sized().ok_or(PayloadError::Updates)?;
        }
        Ok(())
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], PayloadError> {
        let (found, rest) = self.rest.split_first_chunk().ok_or(PayloadError::Short)?;
        self.rest = rest;
        Ok(*found)
    }

    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (found, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(found)
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let (len, rest) = self.rest.split_first_chunk()?;
        let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
        self.rest = rest;
        self.bytes(len)
    }

    fn token(&mut self) -> Result<&'a str, PayloadError> {
        let [len] = self.array()?;
        let bytes = self.bytes(usize::from(len)).ok_or(PayloadError::Short)?;
        let text = std::str::from_utf8(bytes).map_err(|_| PayloadError::Text)?;
        if text.is_ascii() { Ok(text) } else { Err(PayloadError::Text) }
    }

    fn text(&mut self) -> Result<&'a str, PayloadError> {
        let text = std::str::from_utf8(self.rest).map_err(|_| PayloadError::Text)?;
        self.rest = &[];
        Ok(text)
    }
}
