//! From values named by ids to the content's order.

use std::collections::BTreeMap;

use kernel::Unreadable;

use super::{Reading, unreadable};
use crate::content::Title;

/// Brings values named by ids into the content's order.
pub(super) fn align<'a, T: Default>(
    saved: Vec<(String, T)>,
    titles: impl Iterator<Item = &'a Title> + Clone,
    reading: Reading,
) -> Result<Vec<T>, Unreadable> {
    if reading == Reading::Strict && !saved.iter().map(|(id, _)| id).eq(titles.clone().map(|t| &t.id)) {
        return unreadable("it was made with other content");
    }
    let mut by_id = BTreeMap::new();
    for (id, value) in saved {
        if by_id.insert(id, value).is_some() {
            return unreadable("an id stands in it twice");
        }
    }
    Ok(titles.map(|title| by_id.remove(&title.id).unwrap_or_default()).collect())
}

pub(super) fn limit(
    values: &mut [u32],
    limits: impl Iterator<Item = u32>,
    reading: Reading,
) -> Result<(), Unreadable> {
    for (value, most) in values.iter_mut().zip(limits) {
        if *value > most {
            if reading == Reading::Strict {
                return unreadable("there is more of something than the content allows");
            }
            *value = most;
        }
    }
    Ok(())
}
