//! Reads frames from bytes as they came.

use super::{CONTROL_BYTES_MAX, CloseCode, Opcode, apply_mask};

/// Which end this is: it decides who must mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Reads what clients send: every frame must be masked.
    Server,
    /// Reads what a server sends: no frame may be masked.
    Client,
}

/// One message or control frame, borrowed from the buffer (or from the decoder, if it came in fragments).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
    /// Answer with a pong of the same bytes.
    Ping(&'a [u8]),
    /// The answer to a ping.
    Pong(&'a [u8]),
    /// The other end is done. Answer with a close and stop reading.
    Close {
        /// Its reason, if it gave one.
        code: Option<CloseCode>,
        /// Its words.
        reason: &'a str,
    },
}

/// Why the bytes are no WebSocket traffic. Close with [`FrameError::close_code`]; the decoder is of no further use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Reserved bits are set and no extension was agreed on.
    #[error("reserved bits are set")]
    ReservedBits,
    /// An opcode that the RFC does not define.
    #[error("unknown opcode")]
    UnknownOpcode,
    /// A client that does not mask, or a server that does.
    #[error("masking is required from clients and forbidden to servers")]
    Masking,
    /// A control frame that is long or in fragments.
    #[error("a control frame is too long or fragmented")]
    Control,
    /// A length written longer than needed, or with its top bit set.
    #[error("a length is written wrongly")]
    Length,
    /// A continuation of nothing, or a new message inside another.
    #[error("fragments are out of order")]
    Fragments,
    /// Close code or reason that may not be sent.
    #[error("a close frame is malformed")]
    Close,
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    NotText,
    /// Longer than the decoder's limit.
    #[error("a message is over the limit")]
    TooBig,
}

impl FrameError {
    /// The code to close with.
    pub fn close_code(self) -> CloseCode {
        match self {
            FrameError::NotText => CloseCode::INVALID_DATA,
            FrameError::TooBig => CloseCode::TOO_BIG,
            _ => CloseCode::PROTOCOL,
        }
    }
}

/// Reads frames of one connection. Sixteen bytes when idle.
#[derive(Debug)]
pub struct Decoder {
    fragments: Option<Box<Fragments>>,
    message_bytes_max: u32,
    role: Role,
}

#[derive(Debug)]
struct Fragments {
    bytes: Vec<u8>,
    text: bool,
    /// Given out; dropped at the next call.
    complete: bool,
}

struct Header {
    last: bool,
    opcode: Opcode,
    mask: Option<[u8; 4]>,
    header_len: usize,
    payload_len: usize,
}

impl Decoder {
    /// A decoder that takes messages of up to `message_bytes_max`, all fragments together.
    pub fn new(role: Role, message_bytes_max: usize) -> Self {
        let message_bytes_max = u32::try_from(message_bytes_max).unwrap_or(u32::MAX);
        Decoder { fragments: None, message_bytes_max, role }
    }

    /// Takes the next event from `bytes[*at..]` and moves `*at` behind it. `None`: the rest is not yet a frame;
    /// call again with the same rest and more bytes after it.
    ///
    /// Payloads are unmasked where they lie, so `bytes` behind `*at` must not be given twice.
    pub fn next<'a>(
        &'a mut self,
        bytes: &'a mut [u8],
        at: &mut usize,
    ) -> Result<Option<Event<'a>>, FrameError> {
        if self.fragments.as_ref().is_some_and(|f| f.complete) {
            self.fragments = None;
        }
        // Fragments are swallowed until a message is whole or the bytes are used up.
        loop {
            let rest = bytes.get(*at..).unwrap_or_default();
            let Some(header) = self.header(rest)? else { return Ok(None) };
            if rest.len() - header.header_len < header.payload_len {
                return Ok(None);
            }
            let start = *at + header.header_len;
            let end = start + header.payload_len;
            *at = end;
            if let Some(key) = header.mask {
                apply_mask(&mut bytes[start..end], key);
            }
            if header.opcode == Opcode::Continuation || !header.last {
                if self.gather(&header, &bytes[start..end])? {
                    let fragments = self.fragments.as_ref().expect("gather() was given a last fragment");
                    return whole(fragments.text, &fragments.bytes).map(Some);
                }
                continue;
            }
            let payload = &bytes[start..end];
            return Ok(Some(match header.opcode {
                Opcode::Text => whole(true, payload)?,
                Opcode::Ping => Event::Ping(payload),
                Opcode::Pong => Event::Pong(payload),
                Opcode::Close => close(payload)?,
                Opcode::Binary | Opcode::Continuation => Event::Binary(payload),
            }));
        }
    }

    /// How many bytes the frame at the start of `rest` has, once its header is there. Use it to size a buffer.
    pub fn frame_len(&self, rest: &[u8]) -> Result<Option<usize>, FrameError> {
        Ok(self.header(rest)?.map(|h| h.header_len + h.payload_len))
    }

    /// True while a message is in fragments.
    pub fn is_inside_message(&self) -> bool {
        self.fragments.as_ref().is_some_and(|f| !f.complete)
    }

    fn header(&self, rest: &[u8]) -> Result<Option<Header>, FrameError> {
        let [first, second, ..] = *rest else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err(FrameError::ReservedBits);
        }
        let last = first & 0x80 != 0;
        let opcode = Opcode::from_bits(first & 0x0f).ok_or(FrameError::UnknownOpcode)?;
        let masked = second & 0x80 != 0;
        if masked != (self.role == Role::Server) {
            return Err(FrameError::Masking);
        }
        let short = second & 0x7f;
        if opcode.is_control() && (!last || usize::from(short) > CONTROL_BYTES_MAX) {
            return Err(FrameError::Control);
        }
        let inside = self.is_inside_message();
        if !opcode.is_control() && inside != (opcode == Opcode::Continuation) {
            return Err(FrameError::Fragments);
        }
        let (len, len_end) = match short {
            126 => {
                let Some(&[a, b]) = rest.get(2..4).and_then(<[u8]>::first_chunk) else { return Ok(None) };
                let len = u64::from(u16::from_be_bytes([a, b]));
                if len < 126 {
                    return Err(FrameError::Length);
                }
                (len, 4)
            }
            127 => {
                let Some(bytes) = rest.get(2..10).and_then(<[u8]>::first_chunk) else { return Ok(None) };
                let len = u64::from_be_bytes(*bytes);
                if len <= u64::from(u16::MAX) || len >> 63 != 0 {
                    return Err(FrameError::Length);
                }
                (len, 10)
            }
            len => (u64::from(len), 2),
        };
        let gathered = match (&self.fragments, opcode.is_control()) {
            (Some(fragments), false) if !fragments.complete => fragments.bytes.len() as u64,
            _ => 0,
        };
        if !opcode.is_control() && gathered + len > u64::from(self.message_bytes_max) {
            return Err(FrameError::TooBig);
        }
        let (mask, header_len) = if masked {
            let Some(key) = rest.get(len_end..len_end + 4).and_then(<[u8]>::first_chunk) else {
                return Ok(None);
            };
            (Some(*key), len_end + 4)
        } else {
            (None, len_end)
        };
        Ok(Some(Header { last, opcode, mask, header_len, payload_len: len as usize }))
    }

    /// Adds a fragment; true if it was the last.
    fn gather(&mut self, header: &Header, payload: &[u8]) -> Result<bool, FrameError> {
        if header.opcode != Opcode::Continuation {
            let text = header.opcode == Opcode::Text;
            self.fragments = Some(Box::new(Fragments { bytes: Vec::new(), text, complete: false }));
        }
        let fragments = self.fragments.as_mut().ok_or(FrameError::Fragments)?;
        fragments.bytes.extend_from_slice(payload);
        fragments.complete = header.last;
        Ok(header.last)
    }
}

fn whole(text: bool, payload: &[u8]) -> Result<Event<'_>, FrameError> {
    if !text {
        return Ok(Event::Binary(payload));
    }
    std::str::from_utf8(payload).map(Event::Text).map_err(|_| FrameError::NotText)
}

fn close(payload: &[u8]) -> Result<Event<'_>, FrameError> {
    match *payload {
        [] => Ok(Event::Close { code: None, reason: "" }),
        [_] => Err(FrameError::Close),
        [a, b, ref reason @ ..] => {
            let code = CloseCode(u16::from_be_bytes([a, b]));
            if !code.is_sendable() {
                return Err(FrameError::Close);
            }
            let reason = std::str::from_utf8(reason).map_err(|_| FrameError::NotText)?;
            Ok(Event::Close { code: Some(code), reason })
        }
    }
}
