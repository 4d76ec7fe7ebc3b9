//! A data directory: its lock, its database file, and connections as this program wants them.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};

use crate::sqlite::options::{Options, Synchronous, WAL_HARD_BYTES};
use crate::sqlite::tx::store_error;
use crate::{Statement, StoreError};

const DATABASE: &str = "longhouse.db";
const LOCK: &str = "longhouse.lock";
/// How long a connection waits for another process (a person with a shell) that writes.
pub(crate) const BUSY: Duration = Duration::from_millis(5_000);
/// Bytes of a page of a new database.
const PAGE_BYTES: u32 = 4_096;
/// Kibibytes of pages that the writer keeps in memory.
const WRITER_CACHE_KIB: i32 = 64 << 10;
/// The same for each reader.
const READER_CACHE_KIB: i32 = 4 << 10;

pub(crate) fn database(dir: &Path) -> PathBuf {
    dir.join(DATABASE)
}

pub(crate) fn io_error(what: &str, path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Engine(format!("{what} {}: {error}", path.display()))
}

/// Held as long as this process works in a directory. The system lets it go when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    _file: File,
    /// The database once more, if somebody syncs it beside SQLite. POSIX lets go of all locks of a process on a file
    /// with the first handle that is closed, so this one stays until every connection is gone.
    database: Option<Arc<File>>,
}

impl DirectoryLock {
    /// Makes the directory if need be, and takes it.
    pub(crate) fn take(dir: &Path) -> Result<Self, StoreError> {
        make(dir).map_err(|error| io_error("cannot make the directory", dir, &error))?;
        let path = dir.join(LOCK);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| io_error("cannot open", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file, database: None }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.to_owned())),
            Err(TryLockError::Error(error)) => Err(io_error("cannot lock", &path, &error)),
        }
    }

    /// The directory's database, to be synced from outside SQLite. It must be there already.
    pub(crate) fn database(&mut self, dir: &Path) -> Result<Arc<File>, StoreError> {
        if let Some(database) = &self.database {
            return Ok(Arc::clone(database));
        }
        let path = database(dir);
        let opened = OpenOptions::new().write(true).open(&path);
        let opened = opened.map_err(|error| io_error("cannot open", &path, &error))?;
        Ok(Arc::clone(self.database.insert(Arc::new(opened))))
    }
}

/// Makes a directory whose name survives a power cut: SQLite syncs what is in it, and nobody else its own name.
fn make(dir: &Path) -> std::io::Result<()> {
    let missing: Vec<_> = dir.ancestors().take_while(|part| !part.exists()).collect();
    std::fs::create_dir_all(dir)?;
    for parent in missing.iter().filter_map(|made| made.parent()) {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Writer,
    Reader,
    Checkpointer,
    /// In a process that does not own the directory.
    Onlooker,
}

/// SQLite counts every block of memory under one lock for all connections; nobody reads these counts.
#[allow(unsafe_code)]
fn count_no_memory() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: `sqlite3_config` takes this option with one `int`. It must not run beside another call into SQLite:
        // it comes before this process's first connection through this crate, and where somebody else has opened one
        // before, SQLite refuses it and nothing changes.
        let set = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0) };
        if set != ffi::SQLITE_OK {
            tracing::debug!("SQLite was in use before; it goes on counting memory");
        }
    });
}

pub(crate) fn open(path: &Path, role: Role, options: &Options) -> Result<Connection, StoreError> {
    count_no_memory();
    let access = match role {
        Role::Onlooker => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Role::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Role::Reader | Role::Checkpointer => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let conn = match &options.vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs.as_str()),
        None => Connection::open_with_flags(path, flags),
    }
    .and_then(|conn| set_up(&conn, role, options).map(|()| conn));
    conn.map_err(|error| match store_error(error) {
        StoreError::Damaged(why) => StoreError::Damaged(format!("{}: {why}", path.display())),
        StoreError::Engine(why) => StoreError::Engine(format!("{}: {why}", path.display())),
        other => other,
    })
}

pub(crate) fn open_memory(options: &Options) -> Result<Connection, StoreError> {
    count_no_memory();
    let conn = Connection::open_in_memory().map_err(store_error)?;
    set_up(&conn, Role::Writer, options).map_err(store_error)?;
    Ok(conn)
}

fn set_up(conn: &Connection, role: Role, options: &Options) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    // A statement is planned once, not again for each new value of its parameters.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(Statement::all().count() + 16);
    if role == Role::Writer {
        conn.pragma_update(None, "page_size", PAGE_BYTES)?;
        conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        conn.pragma_update(None, "wal_autocheckpoint", 0)?;
        let kept = i64::try_from(options.wal_hard_bytes.max(WAL_HARD_BYTES)).unwrap_or(i64::MAX);
        conn.pragma_update_and_check(None, "journal_size_limit", kept, |_| Ok(()))?;
    }
    let synchronous = match options.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Off => "OFF",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    let cache = if role == Role::Writer { WRITER_CACHE_KIB } else { READER_CACHE_KIB };
    conn.pragma_update(None, "cache_size", -cache)?;
    if matches!(role, Role::Reader | Role::Onlooker) {
        conn.pragma_update(None, "query_only", true)?;
    }
    Ok(())
}
