//! The service from outside: real sockets on loopback, a real store in a folder that goes away.

mod accounts;
mod bad_input;
mod client;
mod config;
mod http;
mod load;
mod rooms;
mod sockets;
mod starting;
mod tokens;
