#![allow(clippy::unwrap_used)]

mod acts;
mod council;
mod properties;
mod refusals;
pub(crate) mod stage;
