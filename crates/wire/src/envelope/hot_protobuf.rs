//! Reads match data of the plain protobuf shape in one pass: known fields, each once, no presences.
//! `None` means "ask the general reader", never "wrong".

use super::match_data::{MatchDataView, Shape};

const VARINT: u64 = 0;
const LENGTH_DELIMITED: u64 = 2;
const CID_TAG: u64 = 1;
const MATCH_ID_TAG: u64 = 1;
const RELIABLE_TAG: u64 = 5;

pub(super) fn read<'a>(shape: &Shape, frame: &'a [u8]) -> Option<(&'a str, MatchDataView<'a>)> {
    let mut scan = Scan { rest: frame };
    let (mut cid, mut body) = (None, None);
    while !scan.rest.is_empty() {
        let key = scan.varint()?;
        if key == CID_TAG << 3 | LENGTH_DELIMITED && cid.is_none() {
            cid = Some(text(scan.bytes()?)?);
        } else if key == shape.tag << 3 | LENGTH_DELIMITED && body.is_none() {
            body = Some(fields(shape, scan.bytes()?)?);
        } else {
            return None;
        }
    }
    Some((cid.unwrap_or_default(), body?))
}

fn fields<'a>(shape: &Shape, body: &'a [u8]) -> Option<MatchDataView<'a>> {
    let mut scan = Scan { rest: body };
    let (mut match_id, mut op_code, mut data, mut reliable) = (None, None, None, None);
    while !scan.rest.is_empty() {
        let key = scan.varint()?;
        if key == MATCH_ID_TAG << 3 | LENGTH_DELIMITED && match_id.is_none() {
            match_id = Some(text(scan.bytes()?)?);
        } else if key == shape.op_code_tag << 3 | VARINT && op_code.is_none() {
            op_code = Some(scan.varint()? as i64);
        } else if key == shape.data_tag << 3 | LENGTH_DELIMITED && data.is_none() {
            data = Some(scan.bytes()?);
        } else if key == RELIABLE_TAG << 3 | VARINT && reliable.is_none() {
            reliable = Some(scan.varint()? != 0);
        } else {
            return None;
        }
    }
    Some(MatchDataView {
        match_id: match_id.unwrap_or_default(),
        op_code: op_code.unwrap_or_default(),
        data: data.unwrap_or_default(),
        reliable: reliable.unwrap_or_default(),
    })
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    /// A varint of up to nine bytes. Ten are legal (negative numbers) and go the general way.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for (index, &byte) in self.rest.iter().take(9).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Some(value);
            }
        }
        None
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.varint()?).ok()?;
        if len > self.rest.len() {
            return None;
        }
        let (found, rest) = self.rest.split_at(len);
        self.rest = rest;
        Some(found)
    }
}
