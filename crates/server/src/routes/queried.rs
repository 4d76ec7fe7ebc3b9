//! What queries say, read in the protocol's words: numbers and truth values that are named when they are wrong, ids,
//! pages of lists, and keys that come more than once.

use std::str::FromStr;

use serde::Deserialize;
use store::UserId;
use utoipa::IntoParams;

use crate::http::Fault;

/// A query with keys that may come more than once.
pub type Pairs = Vec<(String, String)>;

/// A number, if one is there.
pub fn number<T: FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>, Fault> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|_| Fault::invalid(format!("{name} must be a whole number"))))
        .transpose()
}

/// A truth value, if one is there.
pub fn flag(name: &str, text: Option<&str>) -> Result<Option<bool>, Fault> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|_| Fault::invalid(format!("{name} must be true or false"))))
        .transpose()
}

/// Which part of a list to show, where there is nothing else to choose.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct Page {
    /// At most so many, from 1 to 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// Where the last page ended.
    pub cursor: String,
}

impl Page {
    /// The most that are wanted, or the route's usual number.
    pub fn limit(&self, usual: u32) -> Result<u32, Fault> {
        Ok(number("limit", self.limit.as_deref())?.unwrap_or(usual))
    }
}

/// All values of a key that are not empty.
pub fn texts(query: &Pairs, key: &str) -> Vec<String> {
    let of_key = query.iter().filter(|(name, text)| name == key && !text.is_empty());
    of_key.map(|(_, text)| text.clone()).collect()
}

/// All values of a key, as ids.
pub fn ids(query: &Pairs, key: &str) -> Result<Vec<u128>, Fault> {
    texts(query, key).iter().map(|text| id(key, text)).collect()
}

/// An id.
pub fn id(name: &str, text: &str) -> Result<u128, Fault> {
    text.parse::<UserId>()
        .map(|id| id.0)
        .map_err(|_| Fault::invalid(format!("{name}: \"{}\" is not an id", text.escape_debug())))
}
