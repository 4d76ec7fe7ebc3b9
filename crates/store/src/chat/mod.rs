//! What is kept of chats: messages by channel, and who may not take part.

pub(crate) mod history;
pub(crate) mod sanctions;

pub use history::*;
pub use sanctions::*;
