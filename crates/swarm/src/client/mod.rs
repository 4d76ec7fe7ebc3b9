//! A client of the protocol: enough of HTTP, and the realtime socket. Used by bots and to set up measurements; the
//! measurements themselves run in [`crate::load`].

mod ears;
mod http;
pub mod http_text;
mod session;
mod socket;
#[cfg(test)]
mod tests;

pub use ears::{Ears, Said};
pub use http::Http;
pub use session::{Keys, Login};
pub use socket::{Heard, Joined, Socket, message_of};

/// Longest wait for one answer of the server.
pub const ANSWER_MS_MAX: u64 = 30_000;
