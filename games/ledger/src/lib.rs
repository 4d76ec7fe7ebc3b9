//! The ledger: accounts with balances, and transfers between them. The smallest rules that need everything a room
//! gives, so read them first.
//!
//! - [`Ledger`] implements [`kernel::Rules`] in `rules.rs`: look there for how a game validates and executes.
//! - [`Command`] is what a player may ask for, in `command.rs`, with its bytes.
//! - [`State`] is all that a ledger remembers, in `state.rs`, with its snapshot.
//!
//! A transfer stays inside the room. A withdrawal leaves it by an *unconditional effect*: the coins arrive in the
//! player's wallet in the same transaction that makes the input durable. A deposit comes in by a *conditional
//! effect*: the wallet may refuse, and the answer is an input of its own. A remittance is a *message* to another
//! ledger; if that one refuses it, the coins come back.

mod command;
mod rules;
mod state;

pub use command::Command;
pub use rules::{Code, Ledger, Setup};
pub use state::State;

#[cfg(test)]
mod tests;
