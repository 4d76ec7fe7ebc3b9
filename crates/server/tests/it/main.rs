//! The service from outside: real sockets on loopback, a real store in a folder that goes away.

// A test's helpers may fail as a test does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod agents;
mod bad_input;
mod chat;
mod chat_rights;
mod client;
mod config;
mod doors;
mod extensions;
mod friends;
mod full_disk;
mod governance;
mod groups;
mod http;
mod idempotency;
mod leaderboards;
mod limits;
mod load;
mod matchmaker;
mod notifications;
mod parties;
mod privacy;
mod relays;
mod rooms;
mod sockets;
mod spectators;
mod starting;
mod status;
mod storage;
mod tokens;
mod topics;
mod tournaments;
