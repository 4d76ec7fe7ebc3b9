//! The service around the rooms, as a library: a binary registers its games and starts it.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`command`] | the command line around it all |
//! | [`config`] | what an operator can set, in layers |
//! | [`serve`] | wiring, the order of starting, the order of stopping |
//! | [`http`] | accepting connections; one request's way in and out; errors to answers |
//! | [`routes`] | the HTTP routes, one file for each domain, and the pages |
//! | [`socket`] | sockets: reading, answering, writing, pinging |
//! | [`extend`] | a studio's own code: functions, hooks, jobs, consumers of events |
//! | [`house`] | what routes and sockets work with |
//! | [`outside`] | asking services of others |
//! | [`ports`] | real time, randomness and runtime |
//! | [`telemetry`] | log lines and figures |
//!
//! What this crate does not do: it decides nothing about accounts, rooms or games (that is `app` and the rules), and
//! writes no bytes of the protocol itself (that is `wire`).

pub mod command;
pub mod config;
mod decide;
pub mod extend;
pub mod house;
pub mod http;
pub mod outside;
pub mod ports;
pub mod rates;
mod routes;
pub mod serve;
pub mod socket;
pub mod telemetry;
