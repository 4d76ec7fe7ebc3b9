//! Schemas go up and down, and a program refuses one that it does not know.

use rusqlite::Connection;
use store::*;

use crate::directory::Directory;

fn schema(conn: &Connection) -> Vec<(String, Option<String>)> {
    let mut rows = conn.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
    rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn up_and_down_and_up_is_the_same_schema() {
    let dir = Directory::new();
    let newest = Migration::newest();
    assert_eq!(migrate_up(&dir.path(), None).unwrap(), (1..=newest).collect::<Vec<_>>());
    let conn = Connection::open(dir.database()).unwrap();
    let first = schema(&conn);
    // Each step alone, and then all of them.
    for to in (0..newest).rev().chain([0]) {
        let down = migrate_down(&dir.path(), to).unwrap();
        assert_eq!(down, (to + 1..=newest).rev().collect::<Vec<_>>());
        let left = migration_status(&dir.path()).unwrap();
        assert_eq!(left.applied.len(), to as usize);
        assert_eq!(left.pending.first().map(|step| step.0), Some(to + 1));
        if to == 0 {
            assert_eq!(schema(&conn).len(), 1, "only the record of steps stays: {:?}", schema(&conn));
        }
        migrate_up(&dir.path(), None).unwrap();
        assert_eq!(schema(&conn), first);
    }
    assert_eq!(migrate_up(&dir.path(), None).unwrap(), [0u32; 0]);
    let status = migration_status(&dir.path()).unwrap();
    let names: Vec<_> = status.applied.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, Migration::all().iter().map(|step| step.name).collect::<Vec<_>>());
    assert!(status.applied.iter().all(|step| step.applied_ms > 1_600_000_000_000));
}

#[test]
fn an_older_directory_is_brought_up_with_what_it_holds() {
    let dir = Directory::new();
    migrate_up(&dir.path(), Some(1)).unwrap();
    assert!(SharedRead::open(&dir.path()).is_err(), "an onlooker migrates nothing");
    let conn = Connection::open(dir.database()).unwrap();
    conn.execute_batch(
        "INSERT INTO users VALUES (zeroblob(16), 'Ann', 'ann', 1, 1, NULL);
        INSERT INTO devices VALUES ('phone-0001', zeroblob(16));",
    )
    .unwrap();
    drop(conn);
    let store = dir.open();
    let login = store.read_now(FindByDevice { device: "phone-0001".into() }).unwrap();
    assert_eq!(login.unwrap().username, "Ann");
    assert_eq!(store.read_now(WalletGet { user: UserId(0) }).unwrap(), []);
}

#[test]
fn who_spoke_before_speakers_were_listed_is_listed() {
    let dir = Directory::new();
    migrate_up(&dir.path(), Some(21)).unwrap();
    let conn = Connection::open(dir.database()).unwrap();
    let said = "INSERT INTO messages VALUES (?1, ?2, 0, ?3, 'ann', '{}', 1, 1)";
    let ann = UserId(1).to_bytes();
    for (channel, id, sender) in [("2...a", 1, Some(ann)), ("2...a", 2, Some(ann)), ("2...b", 3, None)] {
        conn.execute(said, (channel, u128::to_be_bytes(id), sender)).unwrap();
    }
    let spoken = || {
        let store = dir.open();
        store.read_now(SpokenIn { user: UserId(1), after: String::new(), limit: 9 }).unwrap()
    };
    assert_eq!(spoken(), ["2...a"]);
    // And again after a step back and forth.
    migrate_down(&dir.path(), 21).unwrap();
    conn.execute(said, ("2...c", u128::to_be_bytes(4), Some(ann))).unwrap();
    assert_eq!(spoken(), ["2...a", "2...c"]);
}

#[test]
fn a_newer_or_foreign_schema_is_refused() {
    let dir = Directory::new();
    drop(dir.open());
    let newest = Migration::newest();
    let conn = Connection::open(dir.database()).unwrap();
    let newer = (newest + 1, "of tomorrow");
    conn.execute("INSERT INTO schema_migrations VALUES (?1, ?2, 1)", newer).unwrap();
    let refused = StoreError::SchemaNewer { found: newest + 1, known: newest };
    assert_eq!(Store::open(&dir.path(), Options::default()).err(), Some(refused.clone()));
    assert_eq!(SharedRead::open(&dir.path()).err(), Some(refused.clone()));
    assert_eq!(migrate_up(&dir.path(), None).err(), Some(refused.clone()));
    assert_eq!(migrate_down(&dir.path(), 0).err(), Some(refused.clone()));
    let text = refused.to_string();
    assert!(text.contains(&newest.to_string()) && text.contains(&(newest + 1).to_string()), "{text}");
    assert_eq!(migration_status(&dir.path()).unwrap().applied.len() as u32, newest + 1);
    conn.execute("DELETE FROM schema_migrations WHERE number = ?1", (newest + 1,)).unwrap();
    drop(dir.open());
    conn.execute("UPDATE schema_migrations SET name = 'somebody else''s' WHERE number = 2", []).unwrap();
    assert!(matches!(Store::open(&dir.path(), Options::default()).err(), Some(StoreError::Schema(_))));
    assert!(matches!(migrate_up(&dir.path(), Some(newest + 1)).err(), Some(StoreError::Schema(_))));
}
