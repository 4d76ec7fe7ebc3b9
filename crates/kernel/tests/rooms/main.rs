//! Rooms against their promise: the same inputs, cut and snapshotted anywhere, give the same room; and a log that
//! is not whole is refused with the place named.

#![allow(clippy::unwrap_used)]

mod causes;
mod drift;
mod faults;
mod log;
mod playback;
mod properties;
mod running;
mod tally;
mod without;
