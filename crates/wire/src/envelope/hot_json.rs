//! Reads match data of the plain JSON shape in one pass: known keys, each once, no escapes, no presences.
//! `None` means "ask the general reader", never "wrong".

use super::match_data::{MatchDataView, Shape};
use crate::json::BASE64;
use base64::Engine as _;

pub(super) fn read<'a>(
    shape: &Shape,
    frame: &'a [u8],
    scratch: &'a mut Vec<u8>,
) -> Option<(&'a str, MatchDataView<'a>)> {
    let mut scan = Scan { rest: frame };
    let (mut cid, mut body) = (None, None);
    scan.take(b'{')?;
    loop {
        let key = scan.string()?;
        scan.take(b':')?;
        if key == b"cid" && cid.is_none() {
            cid = Some(text(scan.string()?)?);
        } else if key == shape.key.as_bytes() && body.is_none() {
            body = Some(fields(shape, &mut scan)?);
        } else {
            return None;
        }
        if !scan.more()? {
            break;
        }
    }
    if !scan.at_end() {
        return None;
    }
    let body = body?;
    let data: &'a [u8] = match body.data {
        None => &[],
        Some(encoded) => {
            let room = encoded.len() / 4 * 3 + 3;
            if scratch.len() < room {
                scratch.resize(room, 0);
            }
            let len = BASE64.decode_slice(encoded, scratch).ok()?;
            &scratch[..len]
        }
    };
    let match_id = body.match_id.unwrap_or_default();
    let reliable = body.reliable.unwrap_or_default();
    Some((
        cid.unwrap_or_default(),
        MatchDataView { match_id, op_code: body.op_code.unwrap_or_default(), data, reliable },
    ))
}

#[derive(Default)]
struct Fields<'a> {
    match_id: Option<&'a str>,
    op_code: Option<i64>,
    data: Option<&'a [u8]>,
    reliable: Option<bool>,
    presences: bool,
}

fn fields<'a>(shape: &Shape, scan: &mut Scan<'a>) -> Option<Fields<'a>> {
    let mut fields = Fields::default();
    scan.take(b'{')?;
    loop {
        let key = scan.string()?;
        scan.take(b':')?;
        match key {
            b"match_id" if fields.match_id.is_none() => fields.match_id = Some(text(scan.string()?)?),
            b"op_code" if fields.op_code.is_none() => fields.op_code = Some(scan.integer()?),
            b"data" if fields.data.is_none() => fields.data = Some(scan.string()?),
            b"reliable" if fields.reliable.is_none() => fields.reliable = Some(scan.boolean()?),
            key if Some(key) == shape.presences_key && !fields.presences => {
                fields.presences = true;
                scan.take(b'[')?;
                scan.take(b']')?;
            }
            _ => return None,
        }
        if !scan.more()? {
            return Some(fields);
        }
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn at_end(&mut self) -> bool {
        self.skip_space();
        self.rest.is_empty()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        self.skip_space();
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        (*first == wanted).then_some(())
    }

    /// After a value: true at a comma, false at the closing brace.
    fn more(&mut self) -> Option<bool> {
        self.skip_space();
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        match first {
            b',' => Some(true),
            b'}' => Some(false),
            _ => None,
        }
    }

    /// A string without escapes or control characters; its bytes are not yet known to be UTF-8.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let end = self.rest.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20)?;
        if self.rest[end] != b'"' {
            return None;
        }
        let found = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Some(found)
    }

    /// A plain decimal integer, bare or quoted.
    fn integer(&mut self) -> Option<i64> {
        self.skip_space();
        let digits = if self.rest.first() == Some(&b'"') {
            self.string()?
        } else {
            let end = self.rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'-')?;
            // A fraction or exponent goes the general way.
            if matches!(self.rest[end], b'.' | b'e' | b'E') {
                return None;
            }
            let found = &self.rest[..end];
            self.rest = &self.rest[end..];
            found
        };
        // Up to 18 digits cannot overflow; leading zeros, signs and longer numbers go the general way.
        if digits.is_empty() || digits.len() > 18 || (digits[0] == b'0' && digits.len() > 1) {
            return None;
        }
        let mut value = 0i64;
        for byte in digits {
            if !byte.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(byte - b'0');
        }
        Some(value)
    }

    fn boolean(&mut self) -> Option<bool> {
        self.skip_space();
        if let Some(rest) = self.rest.strip_prefix(b"true") {
            self.rest = rest;
            Some(true)
        } else if let Some(rest) = self.rest.strip_prefix(b"false") {
            self.rest = rest;
            Some(false)
        } else {
            None
        }
    }
}
