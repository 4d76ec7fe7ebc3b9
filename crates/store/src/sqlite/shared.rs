//! Looking at a directory that another process may be working in.

use std::path::Path;

use parking_lot::Mutex;

use crate::migrations;
use crate::sqlite::files::{self, Role};
use crate::sqlite::migrate;
use crate::sqlite::options::Options;
use crate::sqlite::readers::Reader;
use crate::{Operation, StoreError};

/// Reads a directory without owning it: no lock, no writes, short transactions. For command-line tools.
pub struct SharedRead {
    reader: Mutex<Reader>,
}

impl SharedRead {
    /// Opens a directory that has a database of exactly this program's schema.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = files::database(dir);
        if !path.exists() {
            return Err(StoreError::Engine(format!("{} has no database", dir.display())));
        }
        let options = Options::default();
        let conn = files::open(&path, Role::Onlooker, &options)?;
        let found = migrations::check(&migrate::applied(&conn)?)?;
        if found != migrations::Migration::newest() {
            return Err(StoreError::Schema(format!(
                "{} has schema {found}, and {} is wanted: migrate it up",
                dir.display(),
                migrations::Migration::newest()
            )));
        }
        Ok(Self { reader: Mutex::new(Reader::new(conn, &options)?) })
    }

    /// Runs an operation that only reads.
    pub fn read_now<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError> {
        self.reader.lock().read(&operation)
    }
}
