//! The content files that rooms were played with, by their hash: an old log is replayed with the content of its day.

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, Value};

statements! {
    PUT = "INSERT INTO contents (rules, hash, body, at_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (rules, hash) DO NOTHING";
    PUBLISH = "INSERT INTO current_contents (rules, hash, at_ms) VALUES ($1, $2, $3)
        ON CONFLICT (rules) DO UPDATE SET hash = excluded.hash, at_ms = excluded.at_ms";
    CURRENT = "SELECT hash, at_ms FROM current_contents WHERE rules = $1";
    LIST = "SELECT hash, at_ms FROM contents WHERE rules = $1 ORDER BY at_ms DESC LIMIT $2";
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

/// Keeps a content file and makes it the one that rooms of its rules move to and new ones begin with.
#[derive(Clone, Debug)]
pub struct ContentPublish(pub ContentPut);

impl Operation for ContentPublish {
    /// Was it new?
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let new = self.0.run(tx).await?;
        tx.execute(&PUBLISH, &[(&self.0.rules).into(), (&self.0.hash).into(), self.0.at_ms.into()]).await?;
        Ok(new)
    }
}

/// A content without its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContentRow {
    /// Its hash.
    pub hash: Vec<u8>,
    /// When it was first kept or, for the current one, published.
    pub at_ms: i64,
}

fn content_row(row: &Row<'_>) -> Result<ContentRow, StoreError> {
    Ok(ContentRow { hash: row.blob(0)?, at_ms: row.int(1)? })
}

/// Reads which content was published last.
#[derive(Clone, Debug)]
pub struct ContentCurrent {
    /// The rules it belongs to.
    pub rules: String,
}

impl Operation for ContentCurrent {
    /// `None`: none ever was.
    type Output = Option<ContentRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&CURRENT, &[(&self.rules).into()], content_row).await
    }
}

/// Reads which contents are kept for some rules, the newest first.
#[derive(Clone, Debug)]
pub struct ContentsOf {
    /// The rules they belong to.
    pub rules: String,
    /// At most so many.
    pub limit: u32,
}

impl Operation for ContentsOf {
    type Output = Vec<ContentRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&LIST, &[(&self.rules).into(), self.limit.into()], content_row).await
    }
}
