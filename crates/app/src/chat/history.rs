//! Reading what was said: pages in both directions that neither miss nor repeat a message while new ones arrive.
//!
//! Three cursors come with a page. *Next* goes on in the direction of the list, *previous* gives the page before in the
//! same order, and the *cacheable* one gives what comes after the newest message seen, now or much later.

use store::{ChatMessage, MessagesList, UserId};

use super::{Channel, Chat, ChatError};
use crate::cursor::{self, BadCursor};

/// Messages in one answer.
pub const HISTORY_MAX: u32 = 100;

/// A page of a channel's history.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// In the order that was asked for.
    pub messages: Vec<ChatMessage>,
    /// The page after this one; empty at the end.
    pub next: String,
    /// The page before; empty on the first one.
    pub previous: String,
    /// What comes after the newest message seen. Empty while there is none.
    pub cacheable: String,
}

/// Where a page begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Mark {
    /// The list's direction.
    forward: bool,
    /// The page lies against that direction.
    back: bool,
    /// The message beside it.
    id: u128,
}

impl Mark {
    fn seal(self, channel: &str) -> String {
        let mut held = vec![u8::from(self.forward) | u8::from(self.back) << 1];
        held.extend_from_slice(&self.id.to_be_bytes());
        cursor::seal(&[b"channel", channel.as_bytes()], &held)
    }

    fn open(channel: &str, text: &str) -> Result<Self, BadCursor> {
        let held = cursor::open(&[b"channel", channel.as_bytes()], text)?;
        let [flags @ 0..=3, id @ ..] = held.as_slice() else { return Err(BadCursor) };
        let id = u128::from_be_bytes(id.try_into().map_err(|_| BadCursor)?);
        Ok(Self { forward: flags & 1 == 1, back: flags & 2 == 2, id })
    }
}

impl Chat {
    /// A page of a channel's history for one who may read it; `None`: a server or an operator.
    pub async fn history(
        &self,
        reader: Option<UserId>,
        channel: &Channel,
        limit: u32,
        forward: bool,
        cursor: &str,
    ) -> Result<History, ChatError> {
        if !(1..=HISTORY_MAX).contains(&limit) {
            return Err(ChatError::Limit);
        }
        if let Some(reader) = reader {
            self.may_read(reader, channel).await?;
        }
        let name = channel.to_string();
        let mark = match cursor {
            "" => None,
            text => Some(Mark::open(&name, text)?),
        };
        if mark.is_some_and(|mark| mark.forward != forward) {
            return Err(ChatError::CursorDirection);
        }
        let back = mark.is_some_and(|mark| mark.back);
        let list = MessagesList {
            channel: name.clone(),
            from: mark.map(|mark| mark.id),
            forward: forward != back,
            // One more tells whether there are more.
            limit: limit + 1,
        };
        let mut messages = self.core.read(list).await?;
        let more = messages.len() > limit as usize;
        messages.truncate(limit as usize);
        if back {
            messages.reverse();
        }
        let seal = |back: bool, id: u128| Mark { forward, back, id }.seal(&name);
        let (first, last) = (messages.first().map(|one| one.id), messages.last().map(|one| one.id));
        let next = match (back, last) {
            // The page that this one was reached from.
            (true, Some(last)) => seal(false, last),
            (true, None) => mark.map_or(String::new(), |mark| seal(false, beside(mark.id, !forward))),
            (false, Some(last)) if more => seal(false, last),
            _ => String::new(),
        };
        let previous = match (back, first) {
            (true, Some(first)) if more => seal(true, first),
            (false, Some(first)) if mark.is_some() => seal(true, first),
            _ => String::new(),
        };
        let newest = [first, last, mark.map(|mark| mark.id)].into_iter().flatten().max();
        let cacheable =
            newest.map_or(String::new(), |id| Mark { forward: true, back: false, id }.seal(&name));
        Ok(History { messages, next, previous, cacheable })
    }
}

/// The id beside one, so that a page from there begins with that one itself.
fn beside(id: u128, above: bool) -> u128 {
    if above { id.saturating_add(1) } else { id.saturating_sub(1) }
}
