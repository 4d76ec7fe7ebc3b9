//! Who is whose friend. Each side of a relation is a row of its own, and both change together:
//!
//! | between A and B | A's row | B's row |
//! | --- | --- | --- |
//! | nothing | none | none |
//! | A asked B | sent | received |
//! | friends | friend | friend |
//! | A blocks B | blocked | none, or blocked if B blocks A too |
//!
//! An account's edge count is the number of its rows.

pub(crate) mod change;
pub(crate) mod edge;
pub(crate) mod list;
pub(crate) mod people;

pub use change::*;
pub use edge::{FriendState, FriendsBlocked};
pub use list::*;
pub use people::*;
