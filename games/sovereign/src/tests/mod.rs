//! Wars that are played out in tests.

mod invariants;
mod maps;
mod play;
