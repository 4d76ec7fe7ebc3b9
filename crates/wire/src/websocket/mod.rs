//! RFC 6455 for both ends, without IO: the caller owns the socket and the buffers.
//!
//! * [`Decoder`] takes bytes as they came and yields messages that borrow from them. It keeps a buffer only while a
//!   message is in fragments, so an idle connection needs none.
//! * [`write_frame`] and its kin append to a `Vec<u8>`, so that many frames go out in one write.
//! * [`handshake`] has the HTTP upgrade of both ends.
//!
//! No extensions: compression per message costs memory for each socket and saves little on small frames.

mod close;
mod decoder;
mod encoder;
pub mod handshake;
mod mask;

pub use close::CloseCode;
pub use decoder::{Decoder, Event, FrameError, Role};
pub use encoder::{HEADER_BYTES_MAX, begin_frame, end_frame, write_close, write_frame, write_header};
pub use mask::apply_mask;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Opcode {
    /// Goes on with the message before it.
    Continuation = 0,
    /// UTF-8 text.
    Text = 1,
    /// Bytes.
    Binary = 2,
    /// The end.
    Close = 8,
    /// Asks for a pong with the same payload.
    Ping = 9,
    /// Answers a ping, or just says hello.
    Pong = 10,
}

impl Opcode {
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return None,
        })
    }

    fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

/// Longest payload of a control frame.
pub const CONTROL_BYTES_MAX: usize = 125;
