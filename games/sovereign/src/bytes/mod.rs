//! The forms that leave a war: bodies (perhaps deflated), rows of MessagePack, runs of tiles, packed lists. What is in them, and who may
//! have it, is decided by `view` and `tell`.

pub(crate) mod attacks;
pub(crate) mod bits;
pub(crate) mod boats;
pub(crate) mod body;
pub(crate) mod pacts;
pub(crate) mod rows;
pub(crate) mod tiles;
pub(crate) mod update;
pub(crate) mod varint;
pub(crate) mod whole;
