//! The transaction trait on SQLite, and what its errors mean.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode};

use crate::statement::Places;
use crate::{Columns, Row, Statement, StoreError, Tx, Value};

/// A transaction (or savepoint, or read) that somebody else began and will end.
pub(crate) struct SqliteTx<'c> {
    conn: &'c mut Connection,
    slow: Duration,
}

impl<'c> SqliteTx<'c> {
    pub(crate) fn new(conn: &'c mut Connection, slow: Duration) -> Self {
        Self { conn, slow }
    }

    fn with<R>(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
        run: impl FnOnce(&mut rusqlite::Statement<'_>) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let started = Instant::now();
        let mut prepared = self.conn.prepare_cached(statement.sql).map_err(store_error)?;
        bind(&mut prepared, statement, values)?;
        let result = run(&mut prepared);
        let took = started.elapsed();
        if took > self.slow {
            let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(statement = statement.name, ms, "slow statement");
        }
        result
    }
}

impl Tx for SqliteTx<'_> {
    async fn execute(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        self.with(statement, values, |prepared| {
            prepared.raw_execute().map(|changed| changed as u64).map_err(store_error)
        })
    }

    async fn rows<R, F>(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
        mut read: F,
    ) -> Result<Vec<R>, StoreError>
    where
        R: Send,
        F: FnMut(&Row<'_>) -> Result<R, StoreError> + Send,
    {
        self.with(statement, values, |prepared| {
            let mut rows = prepared.raw_query();
            let mut found = Vec::new();
            while let Some(row) = rows.next().map_err(store_error)? {
                found.push(read(&Row::new(&SqliteRow(row)))?);
            }
            Ok(found)
        })
    }
}

/// SQLite reads `$2` as a name and counts names in order of appearance, so each value goes where its name stands.
fn bind(
    prepared: &mut rusqlite::Statement<'_>,
    statement: &'static Statement,
    values: &[Value<'_>],
) -> Result<(), StoreError> {
    let places = match statement.places.get() {
        Some(places) => places,
        None => {
            let found = places(prepared)?;
            statement.places.get_or_init(|| found)
        }
    };
    if values.len() != places.values {
        return Err(StoreError::NotStorable("a statement with another number of parameters"));
    }
    for (place, &value) in places.order.iter().enumerate() {
        let value = &values[usize::from(value)];
        value.check()?;
        prepared.raw_bind_parameter(place + 1, value).map_err(store_error)?;
    }
    Ok(())
}

fn places(prepared: &rusqlite::Statement<'_>) -> Result<Places, StoreError> {
    let wrong = StoreError::NotStorable("a statement whose parameters are not $1, $2, ... without gaps");
    let mut order = Vec::new();
    for place in 1..=prepared.parameter_count() {
        let number =
            prepared.parameter_name(place).and_then(|name| name.strip_prefix('$')?.parse::<u8>().ok());
        order.push(number.and_then(|number| number.checked_sub(1)).ok_or_else(|| wrong.clone())?);
    }
    let mut used = order.clone();
    used.sort_unstable();
    if used.iter().enumerate().any(|(expected, &number)| usize::from(number) != expected) {
        return Err(wrong);
    }
    Ok(Places { values: order.len(), order: order.into() })
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Id(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

struct SqliteRow<'a, 's>(&'a rusqlite::Row<'s>);

impl Columns for SqliteRow<'_, '_> {
    fn column(&self, index: usize) -> Result<Value<'_>, StoreError> {
        match self.0.get_ref(index).map_err(store_error)? {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(number) => Ok(Value::Int(number)),
            ValueRef::Text(text) => std::str::from_utf8(text)
                .map(Value::Text)
                .map_err(|_| StoreError::Damaged(format!("column {index} is not UTF-8"))),
            ValueRef::Blob(bytes) => Ok(Value::Blob(bytes)),
            ValueRef::Real(_) => Err(StoreError::Damaged(format!("column {index} is a float"))),
        }
    }
}

/// What an engine's error means to callers.
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::OperationInterrupted) => StoreError::ReadTooLong,
        Some(ErrorCode::ConstraintViolation) => StoreError::Constraint(text),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(text),
        _ => StoreError::Engine(text),
    }
}

/// Polls once: nothing in an operation may wait for anything but its transaction, and SQLite never lets one wait.
pub(crate) fn poll_once<R, E: From<StoreError>>(future: impl Future<Output = Result<R, E>>) -> Result<R, E> {
    let mut context = Context::from_waker(Waker::noop());
    match catch_unwind(AssertUnwindSafe(|| pin!(future).poll(&mut context))) {
        Ok(Poll::Ready(result)) => result,
        Ok(Poll::Pending) => Err(StoreError::Pending.into()),
        Err(panic) => Err(StoreError::Panicked(panic_text(panic.as_ref())).into()),
    }
}

pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no text".to_owned())
}
