//! HTTP/1.1 as a keep-alive client needs it: writes requests, reads answers with a content length.

use anyhow::{Result, bail};
use std::ops::Range;

/// Longest head of an answer.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Longest body of an answer.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Appends a request. `authorization` is the header's whole value, or empty.
pub fn write_request(
    out: &mut Vec<u8>,
    method: &str,
    host: &str,
    path: &str,
    authorization: &str,
    body: &[u8],
) {
    for part in [method, " ", path, " HTTP/1.1\r\nHost: ", host, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    if !authorization.is_empty() {
        for part in ["Authorization: ", authorization, "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }
    if !body.is_empty() || method != "GET" {
        let length = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        out.extend_from_slice(length.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
}

/// An answer at the start of a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Where its body is; the next answer begins behind it.
    pub body: Range<usize>,
}

/// Reads the answer at the start of `bytes`, or `None` if it is not whole yet.
pub fn read_answer(bytes: &[u8]) -> Result<Option<Answer>> {
    let Some(head_end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        if bytes.len() > HEAD_BYTES_MAX {
            bail!("the answer's head is over {HEAD_BYTES_MAX} bytes");
        }
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..head_end])?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")).and_then(|line| line.get(..3));
    let Some(status) = status.and_then(|code| code.parse::<u16>().ok()) else {
        bail!("the answer is not HTTP/1.1");
    };
    let mut length = None;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse::<usize>()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("the answer is chunked, which this client does not read");
        }
    }
    let length = match (status, length) {
        (100..=199 | 204 | 304, _) => 0,
        (_, Some(length)) if length <= BODY_BYTES_MAX => length,
        (_, Some(length)) => bail!("a body of {length} bytes is over {BODY_BYTES_MAX}"),
        (_, None) => bail!("the answer has no content length"),
    };
    let start = head_end + 4;
    let body = start..start + length;
    Ok((bytes.len() >= body.end).then_some(Answer { status, body }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let check = |text: &str, expected: Result<Option<(u16, &str)>, ()>| {
            let found = read_answer(text.as_bytes()).map_err(|_| ());
            let found = found.map(|answer| answer.map(|a| (a.status, &text[a.body])));
            assert_eq!(found, expected, "{text}");
        };
        check("", Ok(None));
        check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{", Ok(None));
        check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP", Ok(Some((200, "{}"))));
        check("HTTP/1.1 204 No Content\r\n\r\n", Ok(Some((204, ""))));
        check("HTTP/1.1 200 OK\r\n\r\n", Err(()));
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Err(()));
        check("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", Err(()));
        check("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Err(()));
        check("SSH-2.0\r\n\r\n", Err(()));
        check(&"x".repeat(20_000), Err(()));
    }

    #[test]
    fn requests() {
        let mut out = Vec::new();
        write_request(&mut out, "GET", "h:1", "/a?b", "", b"");
        assert_eq!(out, b"GET /a?b HTTP/1.1\r\nHost: h:1\r\n\r\n");
        out.clear();
        write_request(&mut out, "POST", "h", "/a", "Bearer t", b"{}");
        assert_eq!(
            out,
            b"POST /a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        );
    }
}
