//! The HTTP upgrade: the accept key, a client's request and its reading of the answer.
//!
//! Servers parse the request with their HTTP library; only the answer's key and text come from here.

use crate::json::BASE64;
use base64::Engine as _;
use sha1::{Digest, Sha1};

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Longest answer head that a client reads.
pub const RESPONSE_HEAD_BYTES_MAX: usize = 4096;

/// The `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`.
pub fn accept_key(key: &str) -> String {
    let mut sha = Sha1::new();
    sha.update(key.as_bytes());
    sha.update(GUID);
    BASE64.encode(sha.finalize())
}

/// True if the text is a key that a client may send: 16 bytes in base64.
pub fn is_key(key: &str) -> bool {
    BASE64.decode(key.as_bytes()).is_ok_and(|bytes| bytes.len() == 16)
}

/// A server's answer to a key.
pub fn response(key: &str) -> String {
    let accept = accept_key(key);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// A client's `Sec-WebSocket-Key`.
pub fn request_key(nonce: [u8; 16]) -> String {
    BASE64.encode(nonce)
}

/// A client's request. `path` begins with `/` and has its query.
pub fn request(host: &str, path: &str, key: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
}

/// Why an answer is not an upgrade.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Any status but 101.
    #[error("the server answered {0}")]
    Status(u16),
    /// Not HTTP, over [`RESPONSE_HEAD_BYTES_MAX`], or without the right headers.
    #[error("the server's answer is malformed")]
    Malformed,
    /// The accept key is for another request.
    #[error("the server's accept key is wrong")]
    WrongKey,
}

/// Reads a server's answer: the length of its head, or `None` if it is not all there yet.
pub fn read_response(bytes: &[u8], key: &str) -> Result<Option<usize>, HandshakeError> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if bytes.len() > RESPONSE_HEAD_BYTES_MAX { Err(HandshakeError::Malformed) } else { Ok(None) };
    };
    if end > RESPONSE_HEAD_BYTES_MAX {
        return Err(HandshakeError::Malformed);
    }
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| HandshakeError::Malformed)?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")).and_then(|line| line.get(..3));
    match status.and_then(|code| code.parse().ok()) {
        Some(101) => {}
        Some(code) => return Err(HandshakeError::Status(code)),
        None => return Err(HandshakeError::Malformed),
    }
    let accept = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-accept"))
        .ok_or(HandshakeError::Malformed)?;
    if accept.1.trim() == accept_key(key) { Ok(Some(end + 4)) } else { Err(HandshakeError::WrongKey) }
}
