//! The door for outside workers: gRPC over HTTP/2 on a listener of its own.
//!
//! | file | idea |
//! | --- | --- |
//! | `proto/agents.proto` | the contract that workers in any language are made from |
//! | `contract.rs` | the same, as types |
//! | `door.rs` | the listener, who may come in, and how it closes |
//! | `service.rs` | one call of one worker |
//! | `translate.rs` | the contract's words and the desk's |
//!
//! What workers get and when is decided in [`app::agents`]; nothing of it is here.

pub mod contract;
mod door;
mod service;
#[cfg(test)]
mod tests;
mod translate;

pub use door::{CONNECTIONS_MAX, Door, HELLO_MS_MAX, Key, MESSAGE_BYTES_MAX};
