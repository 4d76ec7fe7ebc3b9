//! A data directory belongs to one process; others may look.

use std::path::PathBuf;

use store::*;

use crate::samples::{open, room};

/// A directory that goes away.
pub struct Directory(tempfile::TempDir);

impl Directory {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().join("data")
    }

    pub fn database(&self) -> PathBuf {
        self.path().join("longhouse.db")
    }

    pub fn open(&self) -> Store {
        Store::open(&self.path(), Options::default()).unwrap()
    }
}

#[test]
fn a_directory_in_use_is_refused_by_name() {
    let dir = Directory::new();
    let first = dir.open();
    let refusals = [
        Store::open(&dir.path(), Options::default()).err(),
        Store::open_manual(Place::Directory(dir.path()), Options::default()).err(),
        migrate_up(&dir.path(), None).err(),
        migrate_down(&dir.path(), 0).err(),
    ];
    for refusal in refusals {
        let refusal = refusal.expect("the directory is in use");
        assert_eq!(refusal, StoreError::InUse(dir.path()));
        assert!(refusal.to_string().contains(&dir.path().display().to_string()), "{refusal}");
    }
    drop(first);
    drop(dir.open());
}

#[test]
fn others_may_look_while_it_is_in_use_and_after() {
    let dir = Directory::new();
    assert!(SharedRead::open(&dir.path()).is_err());
    let store = dir.open();
    store.write_now(open(room(1), None, false)).unwrap();
    let look = SharedRead::open(&dir.path()).unwrap();
    assert!(look.read_now(RoomGet { room: room(1) }).unwrap().is_some());
    store.write_now(open(room(2), None, false)).unwrap();
    assert!(look.read_now(RoomGet { room: room(2) }).unwrap().is_some());
    assert!(look.read_now(open(room(3), None, false)).is_err(), "an onlooker must not write");
    assert_eq!(migration_status(&dir.path()).unwrap().pending, []);
    drop(store);
    assert!(look.read_now(RoomGet { room: room(2) }).unwrap().is_some());
    drop(look);
    let look = SharedRead::open(&dir.path()).unwrap();
    assert!(look.read_now(RoomGet { room: room(3) }).unwrap().is_none());
    let store = dir.open();
    store.write_now(open(room(3), None, false)).unwrap();
    assert!(look.read_now(RoomGet { room: room(3) }).unwrap().is_some());
}

#[test]
fn a_file_that_is_no_database_is_an_error_that_names_it() {
    let dir = Directory::new();
    std::fs::create_dir_all(dir.path()).unwrap();
    std::fs::write(dir.database(), "this is a letter, not a database".repeat(100)).unwrap();
    let refused = Store::open(&dir.path(), Options::default()).err().expect("that is no database");
    assert!(refused.to_string().contains(&dir.path().display().to_string()), "{refused}");
}
