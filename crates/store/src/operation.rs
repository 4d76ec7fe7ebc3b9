//! The small transaction trait, and operations over it.
//!
//! An operation is one `async fn` that knows no engine. Its rules:
//! - it owns its inputs, has no side effects and can be run again (PostgreSQL retries it, SQLite may);
//! - it waits for nothing but its transaction (SQLite polls it once);
//! - it ends at its first SQL error, because PostgreSQL aborts the transaction there: what may collide says
//!   `ON CONFLICT`;
//! - arithmetic is checked in Rust (SQLite turns an overflowing integer into a float), case is folded in Rust.

use std::future::Future;

use crate::{Row, Statement, StoreError, Value};

/// One repository operation.
pub trait Operation: Send + 'static {
    /// What it finds or did, refusals of the domain included.
    type Output: Send + 'static;

    /// It is in no hurry: right after another commit it may wait some milliseconds, so that many share the next one.
    /// For what comes in streams and costs less than its commit.
    const PATIENT: bool = false;

    /// Runs in a transaction that the caller commits.
    fn run<T: Tx>(&self, tx: &mut T) -> impl Future<Output = Result<Self::Output, StoreError>> + Send;
}

/// A transaction of either engine. Not committed by anything in here.
pub trait Tx: Send {
    /// Runs a statement that returns no rows; how many rows it changed.
    fn execute(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Runs a statement and reads each of its rows. Statements bound their results themselves (`LIMIT`, a key).
    fn rows<R, F>(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
        read: F,
    ) -> impl Future<Output = Result<Vec<R>, StoreError>> + Send
    where
        R: Send,
        F: FnMut(&Row<'_>) -> Result<R, StoreError> + Send;

    /// Reads the only row, if there is one. More than one is an error.
    fn optional<R, F>(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
        read: F,
    ) -> impl Future<Output = Result<Option<R>, StoreError>> + Send
    where
        R: Send,
        F: FnMut(&Row<'_>) -> Result<R, StoreError> + Send,
    {
        async move {
            let mut rows = self.rows(statement, values, read).await?;
            match rows.len() {
                0 | 1 => Ok(rows.pop()),
                found => {
                    Err(StoreError::Damaged(format!("{}: {found} rows, at most 1 expected", statement.name)))
                }
            }
        }
    }

    /// Reads the only row. None or more than one is an error.
    fn one<R, F>(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
        read: F,
    ) -> impl Future<Output = Result<R, StoreError>> + Send
    where
        R: Send,
        F: FnMut(&Row<'_>) -> Result<R, StoreError> + Send,
    {
        async move {
            self.optional(statement, values, read)
                .await?
                .ok_or_else(|| StoreError::Damaged(format!("{}: no row", statement.name)))
        }
    }
}
