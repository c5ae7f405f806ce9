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

/// Statements about rows of an institution that do not name it, by their reason. Everything else a program or a citizen
/// asks must.
const WITHOUT_INSTITUTION: &[(&str, &[&str])] = &[
    (
        "whoever runs the installation manages every application, and a program is found by its own name",
        &["FIND_APPLICATION", "HOLD_APPLICATION", "LIST_APPLICATIONS"],
    ),
    (
        "time makes old rows go, whosever they are",
        &[
            "DELETE_AUDIT_BEFORE",
            "DELETE_ACCESSES_BEFORE",
            "DELETE_MESSAGES_BEFORE",
            "DELETE_BATCHES_BEFORE",
            "DELETE_ENDED_BEFORE",
            "DELETE_IMPORTS_BEFORE",
            "DELETE_OLD_DELIVERIES",
            "DELETE_OLD_OUTCOMES",
            "DELETE_OLD_WEBHOOKS",
            "DELETE_WEBHOOKS_BEFORE",
        ],
    ),
    (
        "a cart is found by its unguessable reference",
        &["LIST_CART_ITEMS"],
    ),
    (
        "the citizen's lookup by code must find the institution, and returns nothing personal",
        &[
            "FIND_NOTICES_BY_NUMBER",
            "FIND_NOTICES_BY_IUV",
            "FIND_NOTICES_BY_NUMBERS",
        ],
    ),
    (
        "by the row of a position that was found in its institution",
        &[
            "FIND_POSITION_BY_ID",
            "FIND_POSITIONS",
            "LIST_INSTALMENTS",
            "LIST_INSTALMENTS_OF_SEVERAL",
            "LIST_EVENTS",
            "LIST_TRANSFERS_OF_POSITION",
            "LIST_TRANSFERS_OF_POSITIONS",
            "DELETE_TRANSFERS",
            "AMEND_POSITION",
            "TRANSITION_POSITION",
            "FIND_FED",
            "CLEAR_MARK",
            "SET_MARK",
        ],
    ),
    (
        "the sweep records the expiry of every institution's positions",
        &["LIST_EXPIRABLE"],
    ),
    (
        "a quote is found by its unguessable token",
        &["FIND_FEE_QUOTE_BY_TOKEN"],
    ),
    (
        "work of the installation itself",
        &[
            "CLAIM",
            "CLAIM_ON_POSTGRES",
            "TAKE",
            "FINISH",
            "RELEASE",
            "BURY",
            "PROLONG",
            "REVIVE",
            "LIST_JOBS",
        ],
    ),
    (
        "by the key of a message that a receipt of the institution names",
        &["FIND_MESSAGE"],
    ),
    (
        "the feed looks for every institution's marks",
        &[
            "LIST_PENDING_INSTITUTIONS_ON_SQLITE",
            "LIST_PENDING_INSTITUTIONS_ON_POSTGRES",
        ],
    ),
    (
        "by the row of an import that was found in its institution",
        &["MOVE_IMPORT"],
    ),
    (
        "new rows are numbered after the last ones, whosever those are",
        &["LAST_IDS_ON_SQLITE"],
    ),
    (
        "facts of every institution are given to its own applications, which are known by them",
        &[
            "ADD_MISSING",
            "FIND_END_OF_PAGE",
            "LIST_OUTCOMES_TO_FAN_OUT",
            "LIST_VIEWS",
            "MARK_FANNED_OUT",
            "MARK_FANNED_OUT_ON_POSTGRES",
        ],
    ),
    (
        "by an endpoint that was found as one of its application",
        &[
            "DISABLE_ENDPOINT",
            "ENABLE_ENDPOINT",
            "FIND_ENDPOINT_BY_ID",
            "LIST_ACTIVE_ENDPOINTS",
            "LIST_DUE_WEBHOOKS",
            "LIST_WEBHOOKS",
            "NOTE_ENDPOINT",
            "ROTATE_ENDPOINT",
        ],
    ),
    (
        "by a file the feed sent for one institution",
        &["LIST_UPLOADED", "END_UPLOAD", "UNCERTAIN_UPLOAD", "FORGET_UPLOAD"],
    ),
    (
        "by the number of a batch, which whoever runs the installation gives",
        &[
            "FIND_BATCH",
            "MOVE_CHOOSING",
            "LIST_ITEMS_LEFT",
            "RECORD_ITEM",
            "MOVE_PRINTING",
            "LIST_LINES",
            "LIST_REFUSED_LINES",
            "END_BATCH",
            "RESUME_BATCH",
        ],
    ),
    (
        "the hub's limit counts the questions of all",
        &["COUNT_REQUESTS_AFTER"],
    ),
    (
        "a receipt is opened by its unguessable link",
        &["FIND_RECEIPT_BY_TOKEN"],
    ),
    (
        "the directory holds what every institution offers, which is public",
        &["LIST_SERVICES"],
    ),
];

/// Whether a statement reads or changes rows of tables that belong to institutions.
fn touches(sql: &str, tables: &BTreeSet<String>) -> bool {
    let words: Vec<&str> = sql
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(2)
        .any(|pair| matches!(pair[0], "FROM" | "JOIN" | "UPDATE") && tables.contains(pair[1]))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_about_an_institution_names_it() {
    let store = TestStore::sqlite().await;
    let mut connection = SqliteConnection::connect(store.url()).await.unwrap();
    let tables: BTreeSet<String> = sqlx::query_scalar(
        "SELECT DISTINCT t.name FROM sqlite_schema t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND c.name IN ('institution', 'recipient', 'position_id', 'instalment_id')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap()
    .into_iter()
    .collect();
    let names_it = |sql: &str| {
        ["institution = $", "recipient = $", "application = $"]
            .iter()
            .any(|condition| sql.contains(condition))
    };
    let silent: BTreeSet<&str> = all_statements()
        .filter(|statement| touches(statement.sql, &tables) && !names_it(statement.sql))
        .map(|statement| statement.name)
        .collect();
    let known: BTreeSet<&str> = WITHOUT_INSTITUTION
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    let unknown: Vec<_> = silent.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "these name no institution, and no reason is said: {unknown:?}"
    );
    let gone: Vec<_> = known.difference(&silent).collect();
    assert!(gone.is_empty(), "these need no reason any more: {gone:?}");
}
