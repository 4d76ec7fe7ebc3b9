//! The use cases of Longhouse, one module for each domain, and the room host.
//!
//! This crate decides and the ones around it perform: time, randomness, the runtime and the store come in as
//! arguments ([`ports`], [`store::Store`]), so that one thread under a seed can run the real thing. It knows no
//! sockets, no HTTP and no game.

pub mod accounts;
pub mod achievements;
pub mod agents;
pub mod chat;
pub mod contents;
pub mod core;
pub mod cron;
pub mod cursor;
pub mod events;
pub mod friends;
pub mod governance;
pub mod groups;
pub mod identity;
pub mod jobs;
pub mod leaderboards;
pub mod matchmaker;
pub mod notifications;
pub mod outside;
pub mod parties;
pub mod ports;
pub mod privacy;
pub mod query;
pub mod ranks;
pub mod receipts;
pub mod relays;
pub mod rooms;
pub mod rpc;
pub mod services;
pub mod session;
pub mod status;
pub mod storage;
pub mod streams;
pub mod tokens;
pub mod topics;
pub mod tournaments;
pub mod wallets;
