//! The use cases of Longhouse, one module for each domain, and the room host.
//!
//! This crate decides and the ones around it perform: time, randomness, the runtime and the store come in as
//! arguments ([`ports`], [`store::Store`]), so that one thread under a seed can run the real thing. It knows no
//! sockets, no HTTP and no game.

pub mod accounts;
pub mod ports;
pub mod rooms;
pub mod rpc;
pub mod session;
pub mod tokens;
