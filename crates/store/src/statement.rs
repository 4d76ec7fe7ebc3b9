//! SQL as data: every statement of the store is a static in one list, so that tests can prepare all of them on both
//! engines and look at every plan.

use std::sync::OnceLock;

/// One statement: a text that SQLite and PostgreSQL both take, with parameters `$1`, `$2`, …
pub struct Statement {
    /// Module and name, as log lines and tests show it.
    pub name: &'static str,
    /// The text.
    pub sql: &'static str,
    /// Why it may read a whole table; `None` for all others.
    pub scans: Option<&'static str>,
    /// Found when the statement is first prepared on SQLite.
    pub(crate) places: OnceLock<Places>,
}

/// SQLite counts parameters in order of appearance: which value stands at each of its places.
pub(crate) struct Places {
    pub(crate) order: Box<[u8]>,
    pub(crate) values: usize,
}

impl Statement {
    /// A statement that reads by an index.
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql, scans: None, places: OnceLock::new() }
    }

    /// A statement that reads a whole table, and why it may.
    pub const fn scanning(name: &'static str, sql: &'static str, why: &'static str) -> Self {
        Self { name, sql, scans: Some(why), places: OnceLock::new() }
    }

    /// Every statement of the store.
    pub fn all() -> impl Iterator<Item = &'static Statement> {
        [
            crate::achievements::ALL,
            crate::agents::jobs::ALL,
            crate::agents::memory::ALL,
            crate::answers::ALL,
            crate::chat::history::ALL,
            crate::chat::sanctions::ALL,
            crate::contents::ALL,
            crate::credentials::ALL,
            crate::personal::ALL,
            crate::session_ends::ALL,
            crate::erase::ALL,
            crate::events::ALL,
            crate::friends::change::ALL,
            crate::friends::edge::ALL,
            crate::friends::list::ALL,
            crate::friends::people::ALL,
            crate::governance::ballots::ALL,
            crate::governance::close::ALL,
            crate::governance::end::ALL,
            crate::governance::open::ALL,
            crate::governance::policy::ALL,
            crate::governance::proposal::ALL,
            crate::governance::vote::ALL,
            crate::groups::leave::ALL,
            crate::groups::list::ALL,
            crate::groups::members::ALL,
            crate::groups::settings::ALL,
            crate::jobs::ALL,
            crate::leaderboards::boards::ALL,
            crate::leaderboards::delete::ALL,
            crate::leaderboards::list::ALL,
            crate::leaderboards::prune::ALL,
            crate::leaderboards::turn::ALL,
            crate::leaderboards::write::ALL,
            crate::notifications::ALL,
            crate::outside::ALL,
            crate::receipts::ALL,
            crate::ledger::ALL,
            crate::rooms::answers::ALL,
            crate::rooms::append::ALL,
            crate::rooms::list::ALL,
            crate::rooms::log::ALL,
            crate::rooms::moments::ALL,
            crate::rooms::points::ALL,
            crate::rooms::row::ALL,
            crate::rooms::seats::ALL,
            crate::rooms::snapshots::ALL,
            crate::storage::entries::ALL,
            crate::storage::list::ALL,
            crate::storage::objects::ALL,
            crate::tokens::ALL,
            crate::tournaments::ALL,
            crate::users::ALL,
            crate::wallets::ALL,
        ]
        .into_iter()
        .flatten()
        .copied()
    }
}

/// Declares a module's statements and the list of them, so that none can be left out of it.
macro_rules! statements {
    ($($name:ident $(scans $why:literal)? = $sql:literal;)*) => {
        $(static $name: $crate::Statement = $crate::statement::statements!(@one $name $sql $($why)?);)*
        pub(crate) static ALL: &[&$crate::Statement] = &[$(&$name),*];
    };
    (@one $name:ident $sql:literal) => {
        $crate::Statement::new(concat!(module_path!(), "::", stringify!($name)), $sql)
    };
    (@one $name:ident $sql:literal $why:literal) => {
        $crate::Statement::scanning(concat!(module_path!(), "::", stringify!($name)), $sql, $why)
    };
}
pub(crate) use statements;
