//! A period that is counted: its keys, and what moves it has seen.

use store::{RankChange, RankKey, UserId};

use super::order::Order;

/// See the module.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) order: Order,
    /// Of each page read: its last owner, and the newest move that it has seen.
    pages: Vec<(UserId, i64)>,
    /// The newest move that the last page has seen, for owners after all pages.
    rest: i64,
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

    /// Takes in the next move. What comes from a move that the reading has seen is in the keys already. `false`: it does
    /// not follow from what is counted, which should not be.
    pub(super) fn take(&mut self, change: RankChange) -> bool {
        if change.seq <= self.seen(change.owner) {
            return true;
        }
        let fits = change.old.is_none_or(|old| self.order.remove(&old));
        if let Some(new) = change.new {
            self.order.insert(new);
        }
        fits
    }

    pub(super) fn bytes(&self) -> usize {
        self.order.bytes() + self.pages.capacity() * size_of::<(UserId, i64)>()
    }
}
