//! The plaza: a place where players walk about and see each other. The smallest rules that move in real time: what
//! everybody does is gathered and shown twenty times a second.
//!
//! - [`Plaza`] implements [`kernel::Rules`] in `rules.rs`.
//! - [`Step`] is what a player may do and what the others see of it, in `step.rs`, with its bytes.

mod rules;
mod step;
#[cfg(test)]
mod tests;

pub use rules::{Code, Plaza, Setup, State};
pub use step::{Seen, Step};
