//! Writes frames. Servers send unmasked, clients give a masking key.

use super::{CONTROL_BYTES_MAX, CloseCode, Opcode, apply_mask};

/// Longest header of a frame: two bytes, eight of length, four of mask.
pub const HEADER_BYTES_MAX: usize = 14;

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// A frame's header, on the stack.
struct Header {
    bytes: [u8; HEADER_BYTES_MAX],
    len: usize,
}

impl Header {
    fn new(opcode: Opcode, len: usize, mask: Option<[u8; 4]>) -> Self {
        let masked = if mask.is_some() { MASKED } else { 0 };
        let mut header = Header { bytes: [0; HEADER_BYTES_MAX], len: 0 };
        header.put(&[FINAL | opcode as u8]);
        if len < usize::from(LENGTH_16) {
            header.put(&[masked | len as u8]);
        } else if let Ok(len) = u16::try_from(len) {
            header.put(&[masked | LENGTH_16]);
            header.put(&len.to_be_bytes());
        } else {
            header.put(&[masked | LENGTH_64]);
            header.put(&(len as u64).to_be_bytes());
        }
        if let Some(key) = mask {
            header.put(&key);
        }
        header
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Appends the header of an unfragmented frame. The caller appends the payload, masked if there is a key.
pub fn write_header(out: &mut Vec<u8>, opcode: Opcode, len: usize, mask: Option<[u8; 4]>) {
    out.extend_from_slice(Header::new(opcode, len, mask).bytes());
}

/// Appends one frame.
pub fn write_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: Option<[u8; 4]>) {
    debug_assert!(!opcode.is_control() || payload.len() <= CONTROL_BYTES_MAX, "control frames are short");
    out.reserve(HEADER_BYTES_MAX + payload.len());
    write_header(out, opcode, payload.len(), mask);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = mask {
        apply_mask(&mut out[start..], key);
    }
}

/// Appends a close frame; a reason that does not fit is cut at a character.
pub fn write_close(out: &mut Vec<u8>, code: CloseCode, reason: &str, mask: Option<[u8; 4]>) {
    let mut end = reason.len().min(CONTROL_BYTES_MAX - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut payload = [0; CONTROL_BYTES_MAX];
    payload[..2].copy_from_slice(&code.0.to_be_bytes());
    payload[2..2 + end].copy_from_slice(&reason.as_bytes()[..end]);
    write_frame(out, Opcode::Close, &payload[..2 + end], mask);
}

/// Begins a frame whose length is not yet known; append its payload, then call [`end_frame`] with the value
/// returned here.
pub fn begin_frame(out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    start
}

/// Ends the frame begun at `start`. Payloads up to 65,535 bytes stay where they are or move by two bytes.
pub fn end_frame(out: &mut Vec<u8>, start: usize, opcode: Opcode, mask: Option<[u8; 4]>) {
    let len = out.len() - start - 4;
    let header = Header::new(opcode, len, mask);
    if let Some(key) = mask {
        apply_mask(&mut out[start + 4..], key);
    }
    if header.len == 4 {
        out[start..start + 4].copy_from_slice(header.bytes());
    } else {
        out.splice(start..start + 4, header.bytes().iter().copied());
    }
}
