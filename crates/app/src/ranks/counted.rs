//! A period that is counted: its keys, and what moves it has seen.

use std::collections::BTreeMap;

use store::{RankChange, RankKey, UserId};

use super::order::Order;

/// What became of a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taken {
    /// It is counted, now or since the reading.
    Done,
    /// It waits for the move that makes its old key.
    Waits,
}

/// See the module.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) order: Order,
    /// Of each page read: its last owner, and the newest move that it has seen.
    pages: Vec<(UserId, i64)>,
    /// The newest move that the last page has seen, for owners after all pages.
    rest: i64,
    /// Moves that wait, by the key that they take away. As many at most as writes of one owner are under way at once.
    waiting: BTreeMap<RankKey, RankChange>,
}

impl Counted {
    /// Adds a page, in the order of owners.
    pub(super) fn page(&mut self, seq: i64, keys: &[(UserId, RankKey)]) {
        for (_, key) in keys {
            self.order.insert(*key);
        }
        self.rest = seq;
        self.pages.extend(keys.last().map(|(owner, _)| (*owner, seq)));
    }

    /// The reading is over. Owners after the last page were seen not to be there as that page was read.
    pub(super) fn pages_read(&mut self) {
        self.pages.shrink_to_fit();
    }

    /// The newest move of an owner that the reading has seen.
    fn seen(&self, owner: UserId) -> i64 {
        let page = self.pages.partition_point(|(last, _)| *last < owner);
        self.pages.get(page).map_or(self.rest, |(_, seq)| *seq)
    }

    /// Takes a move in. What comes from a move that the reading has seen is in the keys already. Else its old key is
    /// there, or its maker is still to come: a key is made by one move only, whose number it carries.
    pub(super) fn take(&mut self, change: RankChange) -> Taken {
        if change.seq <= self.seen(change.owner) {
            return Taken::Done;
        }
        let mut next = Some(change);
        while let Some(change) = next.take() {
            if let Some(old) = change.old
                && !self.order.remove(&old)
            {
                self.waiting.insert(old, change);
                return Taken::Waits;
            }
            if let Some(new) = change.new {
                self.order.insert(new);
                next = self.waiting.remove(&new);
            }
        }
        Taken::Done
    }

    /// Does this move still wait?
    pub(super) fn waits(&self, change: &RankChange) -> bool {
        change.old.is_some_and(|old| self.waiting.get(&old).is_some_and(|waiting| waiting.seq == change.seq))
    }

    pub(super) fn bytes(&self) -> usize {
        self.order.bytes() + self.pages.capacity() * size_of::<(UserId, i64)>()
    }
}
