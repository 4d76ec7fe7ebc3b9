//! The content files that rooms were played with, by their hash: an old log is replayed with the content of its day.

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, Value};

statements! {
    PUT = "INSERT INTO contents (rules, hash, body, at_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (rules, hash) DO NOTHING";
    GET = "SELECT body FROM contents WHERE rules = $1 AND hash = $2";
}

/// Keeps a content file. Keeping it again does nothing.
#[derive(Clone, Debug)]
pub struct ContentPut {
    /// The rules it belongs to.
    pub rules: String,
    /// Its hash.
    pub hash: Vec<u8>,
    /// Its bytes.
    pub body: Vec<u8>,
    /// Now.
    pub at_ms: i64,
}

impl Operation for ContentPut {
    /// Was it new?
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [(&self.rules).into(), (&self.hash).into(), (&self.body).into(), self.at_ms.into()];
        Ok(tx.execute(&PUT, &values).await? == 1)
    }
}

/// Reads a content file.
#[derive(Clone, Debug)]
pub struct ContentGet {
    /// The rules it belongs to.
    pub rules: String,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl Operation for ContentGet {
    type Output = Option<Vec<u8>>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values: [Value<'_>; 2] = [(&self.rules).into(), (&self.hash).into()];
        tx.optional(&GET, &values, |row| row.blob(0)).await
    }
}
