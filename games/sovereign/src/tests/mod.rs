//! The core's rules, each by wars drawn with letters, and what is true of whole wars.

mod attacks;
mod beginnings;
mod boats;
mod buildings;
mod drawn;
mod encirclement;
mod ends;
mod golden;
mod growth;
mod invariants;
mod maps;
pub(crate) mod play;
mod scripts;
mod served;
