//! Wars that are played out in tests.

mod invariants;
mod play;
