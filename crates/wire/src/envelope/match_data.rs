//! Match data without detours: views that borrow from the frame, and a writer that fills a buffer once.
//!
//! Hundreds of thousands of these pass each second, so they neither allocate per field nor go through a tree. The
//! quick readers only take the plain shape that clients send; anything else goes the general way, and both give
//! the same answer.

use super::{DecodeError, Envelope, Format, MatchData, MatchDataSend, hot_json, hot_protobuf};
use crate::json::BASE64;
use crate::websocket::{self, Opcode};
use base64::Engine as _;

/// The fields of match data that a room needs, borrowed from the frame or from the scratch buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchDataView<'a> {
    /// The match.
    pub match_id: &'a str,
    /// What it is.
    pub op_code: i64,
    /// The payload.
    pub data: &'a [u8],
    /// True if it must not be lost.
    pub reliable: bool,
}

impl<'a> From<&'a MatchDataSend> for MatchDataView<'a> {
    fn from(m: &'a MatchDataSend) -> Self {
        MatchDataView { match_id: &m.match_id, op_code: m.op_code, data: &m.data, reliable: m.reliable }
    }
}

impl<'a> From<&'a MatchData> for MatchDataView<'a> {
    fn from(m: &'a MatchData) -> Self {
        MatchDataView { match_id: &m.match_id, op_code: m.op_code, data: &m.data, reliable: m.reliable }
    }
}

/// A decoded frame.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives for one frame on the reader's stack; a box would cost more"
)]
pub enum Incoming<'a> {
    /// Match data of the plain shape: no presences.
    MatchData {
        /// The request id; SDKs leave it empty here.
        cid: &'a str,
        /// What was sent.
        data: MatchDataView<'a>,
    },
    /// Every other message, and match data of an unusual shape.
    Other(Envelope),
}

/// Which of the two match data messages a reader looks for, by name and field number.
pub(super) struct Shape {
    pub key: &'static str,
    /// The key whose empty list is plain; a single `presence` is an object and goes the general way.
    pub presences_key: Option<&'static [u8]>,
    pub tag: u64,
    pub op_code_tag: u64,
    pub data_tag: u64,
}

const FROM_CLIENT: Shape =
    Shape { key: "match_data_send", presences_key: Some(b"presences"), tag: 15, op_code_tag: 2, data_tag: 3 };
const FROM_SERVER: Shape =
    Shape { key: "match_data", presences_key: None, tag: 14, op_code_tag: 3, data_tag: 4 };

impl<'a> Incoming<'a> {
    /// Reads what a client sent. `scratch` holds decoded base64 and is used again for each frame.
    pub fn from_client(
        format: Format,
        frame: &'a [u8],
        scratch: &'a mut Vec<u8>,
    ) -> Result<Self, DecodeError> {
        Self::decode(&FROM_CLIENT, format, frame, scratch)
    }

    /// Reads what a server sent.
    pub fn from_server(
        format: Format,
        frame: &'a [u8],
        scratch: &'a mut Vec<u8>,
    ) -> Result<Self, DecodeError> {
        Self::decode(&FROM_SERVER, format, frame, scratch)
    }

    fn decode(
        shape: &Shape,
        format: Format,
        frame: &'a [u8],
        scratch: &'a mut Vec<u8>,
    ) -> Result<Self, DecodeError> {
        let quick = match format {
            Format::Json => hot_json::read(shape, frame, scratch),
            Format::Protobuf => hot_protobuf::read(shape, frame),
        };
        match quick {
            Some((cid, data)) => Ok(Incoming::MatchData { cid, data }),
            None => Envelope::decode_from(format, frame).map(Incoming::Other),
        }
    }
}

/// Match data to write, to a client or (with [`MatchDataOut::sent`]) from one.
#[derive(Clone, Copy, Debug)]
pub struct MatchDataOut<'a> {
    match_id: &'a str,
    op_code: i64,
    data: &'a [u8],
    shape: &'static ShapeOut,
}

#[derive(Debug)]
struct ShapeOut {
    tag_byte: u8,
    op_code_tag: u8,
    data_tag: u8,
    open: &'static [u8],
    reliable: bool,
}

const TO_CLIENT: ShapeOut = ShapeOut {
    tag_byte: 14 << 3 | 2,
    op_code_tag: 3 << 3,
    data_tag: 4 << 3 | 2,
    open: br#"{"match_data":{"match_id":""#,
    reliable: true,
};
const TO_SERVER: ShapeOut = ShapeOut {
    tag_byte: 15 << 3 | 2,
    op_code_tag: 2 << 3,
    data_tag: 3 << 3 | 2,
    open: br#"{"match_data_send":{"match_id":""#,
    reliable: false,
};

const JSON_OP_CODE: &[u8] = br#"","op_code":""#;
const JSON_DATA: &[u8] = br#"","data":""#;
const JSON_RELIABLE: &[u8] = br#"","reliable":true}}"#;
const JSON_END: &[u8] = br#""}}"#;

impl<'a> MatchDataOut<'a> {
    /// `match_data` to a client, reliable. `match_id` must be one that [`crate::match_id`] accepts: it is written
    /// without escapes.
    pub fn new(match_id: &'a str, op_code: i64, data: &'a [u8]) -> Self {
        debug_assert!(is_plain(match_id), "a match id needs no escapes");
        MatchDataOut { match_id, op_code, data, shape: &TO_CLIENT }
    }

    /// `match_data_send` to a server.
    pub fn sent(match_id: &'a str, op_code: i64, data: &'a [u8]) -> Self {
        debug_assert!(is_plain(match_id), "a match id needs no escapes");
        MatchDataOut { match_id, op_code, data, shape: &TO_SERVER }
    }

    /// Length of the envelope in bytes.
    pub fn len(&self, format: Format) -> usize {
        match format {
            Format::Protobuf => {
                let body = self.protobuf_body_len();
                1 + varint_len(body as u64) + body
            }
            Format::Json => {
                let mut digits = [0; 20];
                let end = if self.shape.reliable { JSON_RELIABLE } else { JSON_END };
                self.shape.open.len()
                    + self.match_id.len()
                    + JSON_OP_CODE.len()
                    + decimal(self.op_code, &mut digits).len()
                    + JSON_DATA.len()
                    + self.data.len().div_ceil(3) * 4
                    + end.len()
            }
        }
    }

    /// Always false: an envelope has bytes.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Appends the envelope to `out`.
    pub fn write(&self, format: Format, out: &mut Vec<u8>) {
        match format {
            Format::Protobuf => self.write_protobuf(out),
            Format::Json => self.write_json(out),
        }
    }

    /// Appends the envelope as one socket frame; a client gives its masking key.
    pub fn write_frame(&self, format: Format, mask: Option<[u8; 4]>, out: &mut Vec<u8>) {
        let opcode = match format {
            Format::Json => Opcode::Text,
            Format::Protobuf => Opcode::Binary,
        };
        let len = self.len(format);
        out.reserve(websocket::HEADER_BYTES_MAX + len);
        websocket::write_header(out, opcode, len, mask);
        let start = out.len();
        self.write(format, out);
        debug_assert_eq!(out.len() - start, len, "len() and write() agree");
        if let Some(key) = mask {
            websocket::apply_mask(&mut out[start..], key);
        }
    }

    fn protobuf_body_len(&self) -> usize {
        let text = |len: usize| if len == 0 { 0 } else { 1 + varint_len(len as u64) + len };
        let op_code = if self.op_code == 0 { 0 } else { 1 + varint_len(self.op_code as u64) };
        text(self.match_id.len()) + op_code + text(self.data.len()) + if self.shape.reliable { 2 } else { 0 }
    }

    fn write_protobuf(&self, out: &mut Vec<u8>) {
        out.push(self.shape.tag_byte);
        put_varint(out, self.protobuf_body_len() as u64);
        if !self.match_id.is_empty() {
            out.push(1 << 3 | 2);
            put_varint(out, self.match_id.len() as u64);
            out.extend_from_slice(self.match_id.as_bytes());
        }
        if self.op_code != 0 {
            out.push(self.shape.op_code_tag);
            put_varint(out, self.op_code as u64);
        }
        if !self.data.is_empty() {
            out.push(self.shape.data_tag);
            put_varint(out, self.data.len() as u64);
            out.extend_from_slice(self.data);
        }
        if self.shape.reliable {
            out.extend_from_slice(&[5 << 3, 1]);
        }
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        let mut digits = [0; 20];
        out.extend_from_slice(self.shape.open);
        out.extend_from_slice(self.match_id.as_bytes());
        out.extend_from_slice(JSON_OP_CODE);
        out.extend_from_slice(decimal(self.op_code, &mut digits));
        out.extend_from_slice(JSON_DATA);
        let start = out.len();
        out.resize(start + self.data.len().div_ceil(3) * 4, 0);
        BASE64.encode_slice(self.data, &mut out[start..]).expect("room for padded base64 was made");
        out.extend_from_slice(if self.shape.reliable { JSON_RELIABLE } else { JSON_END });
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
}

fn varint_len(value: u64) -> usize {
    (70 - (value | 1).leading_zeros() as usize) / 7
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Writes the number at the end of `digits`.
fn decimal(value: i64, digits: &mut [u8; 20]) -> &[u8] {
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    &digits[at..]
}
