//! What clients and nodes send: bytes in, typed messages out, and back.
//!
//! This crate is pure. It reads no socket, no clock and no entropy, and it knows nothing of rooms, accounts or
//! stores. Everything here takes untrusted bytes, so every decoder is bounded and never panics.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`envelope`] | the realtime envelope in JSON and protobuf, one set of types for both |
//! | [`payload`] | the house's own header inside match data: commands, replies, views, updates |
//! | [`websocket`] | RFC 6455 framing and handshake for both ends, without IO |
//! | [`rest`] | JSON shapes of the HTTP routes, and the error table |
//! | [`objects`] | JSON in which an object is an object |
//! | [`time`] | RFC 3339 and protobuf's timestamp |
//! | [`match_id`] | the text form of a match id |
//! | [`limits`] | every bound, by name |

pub mod envelope;
mod json;
pub mod limits;
pub mod match_id;
pub mod objects;
pub mod payload;
pub mod rest;
pub mod time;
pub mod websocket;
