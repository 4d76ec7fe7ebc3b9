//! The farm from outside: its commands, its content file, its bytes, its balance, and what must hold whatever
//! happens.

mod balance;
mod bytes;
mod commands;
mod content;
mod golden;
mod offline;
mod prices;
mod properties;
mod room;
mod time;
mod told;
mod vectors;
mod yard;
