//! The protocol's own heartbeat, beside that of the socket.

use serde::{Deserialize, Serialize};

/// Asks the other end for a [`Pong`].
#[derive(Clone, Copy, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
pub struct Ping {}

/// Answers a [`Ping`].
#[derive(Clone, Copy, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
pub struct Pong {}
