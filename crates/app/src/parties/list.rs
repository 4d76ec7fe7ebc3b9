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
        let below = match cursor {
            None => Bound::Unbounded,
            Some(cursor) => Bound::Excluded(read_cursor(cursor)?),
        };
        let everything = query.is_everything();
        let table = self.table.lock();
        let mut page = PartyPage::default();
        let mut last = 0;
        for (id, party) in table.range((Bound::Unbounded, below)).rev() {
            let wanted = !party.hidden && open.is_none_or(|open| open == party.open);
            let finds = || {
                let doc = Doc::of_label(&party.label);
                query.matches(&doc.with("open", party.open).with("max_size", party.max_size as f64))
            };
            if !wanted || !(everything || finds()) {
                continue;
            }
            if page.parties.len() == limit {
                page.cursor = Some(write_cursor(last));
                break;
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
        Ok(page)
    }
}

fn write_cursor(id: u128) -> String {
    URL_SAFE_NO_PAD.encode(id.to_be_bytes())
}

fn read_cursor(text: &str) -> Result<u128, BadCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
    Ok(u128::from_be_bytes(bytes.try_into().map_err(|_| BadCursor)?))
}
