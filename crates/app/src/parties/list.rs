//! Lists of parties that want to be found.

use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Parties, party_id};
use crate::query::{Doc, Query};

/// A party in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Its name in the protocol.
    pub party_id: String,
    /// Anybody may join.
    pub open: bool,
    /// Lists leave it out; never `true` in one.
    pub hidden: bool,
    /// Members at most.
    pub max_size: usize,
    /// As the leader set it.
    pub label: String,
}

/// Parties that are looked at before others get their turn.
const SEEN_AT_ONCE: usize = 512;

/// A part of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PartyPage {
    /// The parties, the newest first.
    pub parties: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub cursor: Option<String>,
}

/// A cursor that was not made here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the cursor is invalid")]
pub struct BadCursor;

impl Parties {
    /// Parties that are not hidden, the newest first: those that are open or not, if that is asked, and that a query
    /// finds by what their labels say (`label.…`, and `open`, `max_size`).
    pub fn list(
        &self,
        limit: usize,
        open: Option<bool>,
        query: &Query,
        cursor: Option<&str>,
    ) -> Result<PartyPage, BadCursor> {
        let mut below = match cursor {
            None => Bound::Unbounded,
            Some(cursor) => Bound::Excluded(read_cursor(cursor)?),
        };
        let everything = query.is_everything();
        let mut page = PartyPage::default();
        let mut last = 0;
        loop {
            // A few at a time: whoever changes a party waits for this lock.
            let table = self.table.lock();
            let mut seen = 0;
            for (id, party) in table.range((Bound::Unbounded, below)).rev().take(SEEN_AT_ONCE) {
                seen += 1;
                below = Bound::Excluded(*id);
                let wanted = !party.hidden && open.is_none_or(|open| open == party.open);
                if !wanted || !(everything || query.matches(&party.doc)) {
                    continue;
                }
                if page.parties.len() == limit {
                    page.cursor = Some(write_cursor(last));
                    return Ok(page);
                }
                last = *id;
                page.parties.push(Listed {
                    party_id: party_id(*id),
                    open: party.open,
                    hidden: party.hidden,
                    max_size: party.max_size,
                    label: party.label.clone(),
                });
            }
            if seen < SEEN_AT_ONCE {
                return Ok(page);
            }
        }
    }
}

/// What queries find of a party.
pub(super) fn doc(label: &str, open: bool, max_size: usize) -> Doc {
    Doc::of_label(label).with("open", open).with("max_size", max_size as f64)
}

fn write_cursor(id: u128) -> String {
    URL_SAFE_NO_PAD.encode(id.to_be_bytes())
}

fn read_cursor(text: &str) -> Result<u128, BadCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
    Ok(u128::from_be_bytes(bytes.try_into().map_err(|_| BadCursor)?))
}
