//! Every statement is prepared on both engines, which finds a misspelt column or a slip of dialect at once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use sqlx::{Connection as _, Executor as _, PgConnection, SqlStr, SqliteConnection};
use std::collections::BTreeSet;
use std::path::Path;
use storage::testing::{Statement, TestStore, all_statements};

fn is_for_postgres_only(statement: &Statement) -> bool {
    statement.name.ends_with("_ON_POSTGRES")
}

fn is_for_sqlite_only(statement: &Statement) -> bool {
    statement.name.ends_with("_ON_SQLITE")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shared_statement_is_understood_by_sqlite() {
    let store = TestStore::sqlite().await;
    let mut connection = SqliteConnection::connect(store.url()).await.unwrap();
    for statement in all_statements().filter(|statement| !is_for_postgres_only(statement)) {
        let outcome = connection.prepare(SqlStr::from_static(statement.sql)).await;
        assert!(
            outcome.is_ok(),
            "{}: {:?}\n{}",
            statement.name,
            outcome.err(),
            statement.sql
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_postgresql() {
    let Some(store) = TestStore::postgres().await else {
        return;
    };
    let mut connection = PgConnection::connect(store.url()).await.unwrap();
    for statement in all_statements().filter(|statement| !is_for_sqlite_only(statement)) {
        let outcome = connection.prepare(SqlStr::from_static(statement.sql)).await;
        assert!(
            outcome.is_ok(),
            "{}: {:?}\n{}",
            statement.name,
            outcome.err(),
            statement.sql
        );
    }
}

#[test]
fn no_statement_in_the_sources_is_missing_from_the_list() {
    let mut written = BTreeSet::new();
    let product = sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    for (path, text) in product
        .into_iter()
        .filter(|(path, _)| !path.ends_with("testing.rs"))
    {
        let mut in_list = false;
        for line in text.lines() {
            match line {
                "statements! {" => in_list = true,
                "}" => in_list = false,
                _ if in_list => written.extend(line.trim_start().split_once(" =").and_then(|(name, _)| {
                    name.bytes()
                        .all(|b| b.is_ascii_uppercase() || b == b'_')
                        .then(|| name.to_owned())
                })),
                _ => assert!(
                    !["query(\"", "query_as(\"", "query_scalar(\"", "raw_sql("]
                        .iter()
                        .any(|call| line.contains(call)),
                    "{path}: a statement belongs in the list: {line}"
                ),
            }
        }
    }
    let listed: BTreeSet<String> = all_statements()
        .map(|statement| statement.name.to_owned())
        .collect();
    assert!(listed.len() > 30, "the list is not read: {listed:?}");
    assert_eq!(written, listed);
}

fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            found.push((
                path.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    found
}
