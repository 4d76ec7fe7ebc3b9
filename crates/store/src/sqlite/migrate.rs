//! Takes a database from one schema to another, a step at a time, each in its own transaction.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension};

use crate::StoreError;
use crate::migrations::{self, Applied, Dialect, Migration};
use crate::sqlite::files::{self, DirectoryLock, Role};
use crate::sqlite::options::Options;
use crate::sqlite::tx::store_error;

/// Where a directory's schema stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MigrationStatus {
    /// The steps taken, in order.
    pub applied: Vec<Applied>,
    /// The steps that this program would take, in order: number and name.
    pub pending: Vec<(u32, &'static str)>,
}

/// Brings a directory's schema up to a step (`None`: the newest). Returns the steps taken.
pub fn migrate_up(dir: &Path, to: Option<u32>) -> Result<Vec<u32>, StoreError> {
    let _lock = DirectoryLock::take(dir)?;
    let mut conn = files::open(&files::database(dir), Role::Writer, &Options::default())?;
    up(&mut conn, to.unwrap_or_else(Migration::newest))
}

/// Takes a directory's schema back to a step, with all that the later ones held. Returns the steps undone.
pub fn migrate_down(dir: &Path, to: u32) -> Result<Vec<u32>, StoreError> {
    let _lock = DirectoryLock::take(dir)?;
    let mut conn = files::open(&files::database(dir), Role::Writer, &Options::default())?;
    down(&mut conn, to)
}

/// Says where a directory's schema stands. A server may have it open.
pub fn migration_status(dir: &Path) -> Result<MigrationStatus, StoreError> {
    let path = files::database(dir);
    let applied = if path.exists() {
        applied(&files::open(&path, Role::Onlooker, &Options::default())?)?
    } else {
        Vec::new()
    };
    let found = applied.last().map_or(0, |last| last.number);
    let pending = Migration::all().iter().filter(|step| step.number > found);
    Ok(MigrationStatus { pending: pending.map(|step| (step.number, step.name)).collect(), applied })
}

pub(crate) fn applied(conn: &Connection) -> Result<Vec<Applied>, StoreError> {
    let there = conn
        .query_row("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'", [], |_| Ok(()))
        .optional()
        .map_err(store_error)?;
    if there.is_none() {
        return Ok(Vec::new());
    }
    let mut rows = conn
        .prepare("SELECT number, name, applied_ms FROM schema_migrations ORDER BY number")
        .map_err(store_error)?;
    rows.query_map([], |row| Ok(Applied { number: row.get(0)?, name: row.get(1)?, applied_ms: row.get(2)? }))
        .and_then(Iterator::collect)
        .map_err(store_error)
}

pub(crate) fn up(conn: &mut Connection, to: u32) -> Result<Vec<u32>, StoreError> {
    let found = migrations::check(&applied(conn)?)?;
    if to > Migration::newest() {
        return Err(StoreError::Schema(format!(
            "there is no step {to}; the newest is {}",
            Migration::newest()
        )));
    }
    let steps: Vec<_> =
        Migration::all().iter().filter(|step| step.number > found && step.number <= to).collect();
    for step in &steps {
        tracing::info!(step = step.number, name = step.name, "migrating up");
        let tx = conn.transaction().map_err(store_error)?;
        tx.execute_batch(&Migration::record_table(Dialect::Sqlite)).map_err(store_error)?;
        tx.execute_batch(&step.up(Dialect::Sqlite)).map_err(store_error)?;
        tx.execute(
            "INSERT INTO schema_migrations (number, name, applied_ms) VALUES (?1, ?2, ?3)",
            (step.number, step.name, now_ms()),
        )
        .map_err(store_error)?;
        tx.commit().map_err(store_error)?;
    }
    Ok(steps.iter().map(|step| step.number).collect())
}

pub(crate) fn down(conn: &mut Connection, to: u32) -> Result<Vec<u32>, StoreError> {
    let found = migrations::check(&applied(conn)?)?;
    let steps = Migration::all().iter().rev().filter(|step| step.number > to && step.number <= found);
    let mut undone = Vec::new();
    for step in steps {
        tracing::info!(step = step.number, name = step.name, "migrating down");
        let tx = conn.transaction().map_err(store_error)?;
        tx.execute_batch(&step.down(Dialect::Sqlite)).map_err(store_error)?;
        tx.execute("DELETE FROM schema_migrations WHERE number = ?1", (step.number,)).map_err(store_error)?;
        tx.commit().map_err(store_error)?;
        undone.push(step.number);
    }
    Ok(undone)
}

/// For people who read the list of steps; nothing is decided by it.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
