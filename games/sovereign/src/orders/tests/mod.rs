#![allow(clippy::unwrap_used)]

mod acts;
mod council;
mod properties;
mod refusals;
mod refused_fights;
mod refused_talk;
pub(crate) mod stage;
