//! Every statement is served by an index, or says why not.

use std::collections::{BTreeMap, BTreeSet};

use store::Statement;

use crate::directory::Directory;

#[test]
fn no_statement_reads_a_whole_table() {
    let dir = Directory::new();
    drop(dir.open());
    let conn = rusqlite::Connection::open(dir.database()).unwrap();
    let mut names = BTreeSet::new();
    for statement in Statement::all() {
        assert!(names.insert(statement.name), "{} is there twice", statement.name);
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
        let mut rows = plan.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get::<_, String>(3).unwrap());
        }
        // A scan is a step over all rows of a table or index; a sort by hand needs all of them as well.
        let bad = |step: &&String| {
            (step.starts_with("SCAN ") && *step != "SCAN CONSTANT ROW") || step.contains("USE TEMP B-TREE")
        };
        match (steps.iter().find(bad), statement.scans) {
            (None, None) | (Some(_), Some(_)) => {}
            (Some(step), None) => panic!("{}: {step}\n{steps:#?}", statement.name),
            (None, Some(why)) => panic!("{} is said to scan ({why}), and does not", statement.name),
        }
    }
    assert!(names.len() > 50, "only {} statements are listed", names.len());
}

/// SQLite compares with a whole row where the key is the table's order: with a body of megabytes in it, each step of
/// a search would read megabytes.
#[test]
fn tables_with_large_bodies_have_their_keys_apart() {
    let dir = Directory::new();
    drop(dir.open());
    let conn = rusqlite::Connection::open(dir.database()).unwrap();
    let tables =
        "SELECT t.name, t.wr FROM pragma_table_list t, pragma_table_info(t.name) c WHERE c.name = 'body'";
    let mut tables = conn.prepare(tables).unwrap();
    let found = tables.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))).unwrap();
    let found: BTreeMap<_, _> = found.map(Result::unwrap).collect();
    assert!(found.contains_key("room_log") && found.len() == 5, "{found:?}");
    assert!(found.values().all(|in_key_order| !in_key_order), "{found:?}");
}
