//! The schema's numbered steps, up and down, in one text for both engines: only words for column types differ.

use crate::StoreError;

/// An engine, as far as words for types go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// SQLite: STRICT tables; small rows lie in the order of their key, without hidden row ids.
    Sqlite,
    /// PostgreSQL: keys are compared byte by byte, as SQLite does.
    Postgres,
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Counted from 1 without gaps.
    pub number: u32,
    /// What it brings.
    pub name: &'static str,
    up: &'static str,
    down: &'static str,
}

macro_rules! migration {
    ($number:literal, $file:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            up: include_str!(concat!($file, "_", $name, ".up.sql")),
            down: include_str!(concat!($file, "_", $name, ".down.sql")),
        }
    };
}

const ALL: &[Migration] = &[
    migration!(1, "0001", "accounts"),
    migration!(2, "0002", "wallets"),
    migration!(3, "0003", "rooms"),
    migration!(4, "0004", "profiles"),
    migration!(5, "0005", "storage"),
    migration!(6, "0006", "ledger"),
    migration!(7, "0007", "friends"),
    migration!(8, "0008", "notifications"),
    migration!(9, "0009", "chat"),
    migration!(10, "0010", "groups"),
    migration!(11, "0011", "governance"),
    migration!(12, "0012", "leaderboards"),
    migration!(13, "0013", "achievements"),
    migration!(14, "0014", "answers"),
    migration!(15, "0015", "events"),
    migration!(16, "0016", "receipts"),
    migration!(17, "0017", "jobs"),
    migration!(18, "0018", "points"),
    migration!(19, "0019", "verified"),
    migration!(20, "0020", "moments"),
    migration!(21, "0021", "agents"),
    migration!(22, "0022", "speakers"),
    migration!(23, "0023", "senders"),
];

impl Migration {
    /// Every step, in order.
    pub fn all() -> &'static [Migration] {
        ALL
    }

    /// The newest schema that this program knows.
    pub fn newest() -> u32 {
        ALL.last().map_or(0, |last| last.number)
    }

    /// The text that brings the step.
    pub fn up(&self, dialect: Dialect) -> String {
        words(self.up, dialect)
    }

    /// The text that takes it back, with all that it held.
    pub fn down(&self, dialect: Dialect) -> String {
        words(self.down, dialect)
    }

    /// The table that records which steps were taken, when, and by which name.
    pub fn record_table(dialect: Dialect) -> String {
        words(
            "CREATE TABLE IF NOT EXISTS schema_migrations (
                number {int} PRIMARY KEY,
                name {text} NOT NULL,
                applied_ms {int} NOT NULL
            ){strict};",
            dialect,
        )
    }
}

fn words(text: &str, dialect: Dialect) -> String {
    let words = match dialect {
        Dialect::Sqlite => [
            ("{int}", "INTEGER"),
            ("{blob}", "BLOB"),
            ("{text}", "TEXT"),
            ("{key}", "TEXT"),
            ("{strict}", " STRICT"),
            ("{rowless}", " STRICT, WITHOUT ROWID"),
        ],
        Dialect::Postgres => [
            ("{int}", "BIGINT"),
            ("{blob}", "BYTEA"),
            ("{text}", "TEXT"),
            ("{key}", "TEXT COLLATE \"C\""),
            ("{strict}", ""),
            ("{rowless}", ""),
        ],
    };
    words.iter().fold(text.to_owned(), |text, (word, with)| text.replace(word, with))
}

/// A step as a directory has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// Its number.
    pub number: u32,
    /// Its name when it was taken.
    pub name: String,
    /// When.
    pub applied_ms: i64,
}

/// Refuses a schema that this program does not know, and one whose steps are not ours; else says how far it is.
pub fn check(applied: &[Applied]) -> Result<u32, StoreError> {
    let found = applied.last().map_or(0, |last| last.number);
    if found > Migration::newest() {
        return Err(StoreError::SchemaNewer { found, known: Migration::newest() });
    }
    for (step, known) in applied.iter().zip(ALL) {
        if step.number != known.number || step.name != known.name {
            return Err(StoreError::Schema(format!(
                "step {} ({}) was taken where {} ({}) is known: these are not our tables",
                step.number, step.name, known.number, known.name
            )));
        }
    }
    Ok(found)
}
