//! Every bound on what a client may send, with its unit in the name.
//!
//! Defaults live here; configuration may lower or raise those that say so.

use std::ops::RangeInclusive;

/// Largest message accepted from a socket. Configurable; a larger one closes the socket with 1009.
pub const SOCKET_MESSAGE_BYTES_MAX: usize = 4096;
/// Largest message a client of ours accepts from a server: views of large rooms are long.
pub const SOCKET_VIEW_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Largest HTTP request body. A larger one is answered with 413.
pub const HTTP_BODY_BYTES_MAX: usize = 256 * 1024;
/// Largest HTTP request head (request line and headers).
pub const HTTP_HEAD_BYTES_MAX: usize = 8 * 1024;
/// Deepest nesting of objects and arrays in a JSON document from outside.
pub const JSON_DEPTH_MAX: usize = 32;
/// Longest username.
pub const USERNAME_BYTES_MAX: usize = 128;
/// Length of a device id.
pub const DEVICE_ID_BYTES: RangeInclusive<usize> = 10..=128;
/// Longest request id that a client may give an envelope.
pub const CID_BYTES_MAX: usize = 64;
/// Longest match id.
pub const MATCH_ID_BYTES_MAX: usize = 128;
/// Most entries in the metadata of a join.
pub const JOIN_METADATA_ENTRIES_MAX: usize = 16;
/// Longest key or value in the metadata of a join.
pub const JOIN_METADATA_VALUE_BYTES_MAX: usize = 1024;
/// Most session variables in an authenticate request.
pub const SESSION_VARS_MAX: usize = 32;
/// Longest key or value of a session variable.
pub const SESSION_VAR_BYTES_MAX: usize = 512;
/// Longest name of an RPC.
pub const RPC_ID_BYTES_MAX: usize = 128;
/// Longest resume token.
pub const RESUME_TOKEN_BYTES_MAX: usize = 255;
/// Most matches in one answer of the match list.
pub const MATCH_LIST_MAX: usize = 100;
/// Longest reason text in a refusal or a closing payload; a longer one is cut.
pub const REASON_BYTES_MAX: usize = 512;
/// Most updates that one updates payload may carry.
pub const UPDATES_PER_PAYLOAD_MAX: usize = 65_536;
