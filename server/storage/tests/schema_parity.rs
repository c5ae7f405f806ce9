//! The two engines have the same tables: same migrations, columns, nullability and keys.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use sqlx::{Connection as _, PgConnection, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};
use storage::testing::{TestStore, migrators};

/// What must be alike in a table.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    /// Name, then kind of value and whether it may be null.
    columns: BTreeMap<String, (&'static str, bool)>,
    primary_key: Vec<String>,
    unique: BTreeSet<Vec<String>>,
    /// Columns, the table they refer to, and what happens when the row there is deleted.
    references: BTreeSet<(Vec<String>, String, &'static str)>,
    indexes: BTreeSet<String>,
}

type Schema = BTreeMap<String, Table>;

#[test]
fn migrations_come_in_pairs() {
    let [sqlite, postgres] = migrators().map(|migrator| {
        migrator
            .iter()
            .map(|migration| (migration.version, migration.description.clone()))
            .collect::<Vec<_>>()
    });
    assert_eq!(sqlite.first().map(|(version, _)| *version), Some(1));
    assert_eq!(sqlite, postgres);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_the_same_tables() {
    let sqlite_store = TestStore::sqlite().await;
    let sqlite = sqlite_schema(&mut SqliteConnection::connect(sqlite_store.url()).await.unwrap()).await;
    assert!(sqlite.contains_key("debt_position"));
    let Some(postgres_store) = TestStore::postgres().await else {
        return;
    };
    let postgres = postgres_schema(&mut PgConnection::connect(postgres_store.url()).await.unwrap()).await;
    let names = |schema: &Schema| schema.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&sqlite), names(&postgres));
    for (name, table) in &sqlite {
        assert_eq!(table, &postgres[name], "table {name}, SQLite on the left");
    }
}

/// SQLite has three kinds of value, PostgreSQL many: each of its own is kept as one of the three.
fn kind_of_value(declared: &str) -> &'static str {
    match declared {
        "INTEGER" | "bigint" | "smallint" | "boolean" => "integer",
        "TEXT" | "text" | "date" | "timestamp with time zone" | "timestamp without time zone" => "text",
        "BLOB" | "bytea" => "bytes",
        other => panic!("a kind of column the rules do not name: {other}"),
    }
}

fn split(list: &str) -> Vec<String> {
    list.split(',').map(str::to_owned).collect()
}

async fn sqlite_schema(connection: &mut SqliteConnection) -> Schema {
    let mut schema = Schema::new();
    let columns: Vec<(String, String, String, bool, i64)> = sqlx::query_as(
        "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_schema t, pragma_table_xinfo(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> '_sqlx_migrations' ORDER BY t.name, c.pk",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for (table, column, declared, not_null, place) in columns {
        let table = schema.entry(table).or_default();
        if place > 0 {
            table.primary_key.push(column.clone());
        }
        table
            .columns
            .insert(column, (kind_of_value(&declared), !not_null));
    }
    let indexes: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT t.name, i.name, i.origin, (SELECT group_concat(c.name, ',') FROM pragma_index_info(i.name) c) \
         FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for (table, index, origin, columns) in indexes {
        let Some(table) = schema.get_mut(&table) else {
            continue;
        };
        match origin.as_str() {
            "u" => drop(table.unique.insert(split(&columns))),
            "c" => drop(table.indexes.insert(format!("{index} ({columns})"))),
            _ => {}
        }
    }
    let references: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT t.name, f.\"table\", f.on_delete, group_concat(f.\"from\", ',') \
         FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' \
         GROUP BY t.name, f.id, f.\"table\", f.on_delete",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for (table, referred, on_delete, columns) in references {
        let on_delete = if on_delete == "CASCADE" {
            "cascade"
        } else {
            "refuse"
        };
        schema
            .get_mut(&table)
            .unwrap()
            .references
            .insert((split(&columns), referred, on_delete));
    }
    schema
}

async fn postgres_schema(connection: &mut PgConnection) -> Schema {
    let mut schema = Schema::new();
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
         FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for (table, column, declared, nullable) in columns {
        let table = schema.entry(table).or_default();
        table.columns.insert(column, (kind_of_value(&declared), nullable));
    }
    let keys: Vec<(String, String, String, Option<String>, bool)> = sqlx::query_as(
        "SELECT t.relname::text, k.contype::text, \
                (SELECT string_agg(a.attname::text, ',' ORDER BY c.place) \
                 FROM unnest(k.conkey) WITH ORDINALITY c(number, place) \
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.number), \
                r.relname::text, k.confdeltype = 'c' \
         FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid LEFT JOIN pg_class r ON r.oid = k.confrelid \
         WHERE k.connamespace = current_schema()::regnamespace AND k.contype IN ('p', 'u', 'f')",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for (table, kind, columns, referred, cascades) in keys {
        let Some(table) = schema.get_mut(&table) else {
            continue;
        };
        match (kind.as_str(), referred) {
            ("p", _) => table.primary_key = split(&columns),
            ("u", _) => drop(table.unique.insert(split(&columns))),
            (_, Some(referred)) => {
                let on_delete = if cascades { "cascade" } else { "refuse" };
                table.references.insert((split(&columns), referred, on_delete));
            }
            (_, None) => {}
        }
    }
    // What is worked out for an index has no name on SQLite.
    let indexes: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT t.relname::text, i.relname::text, \
                (SELECT string_agg(a.attname::text, ',' ORDER BY a.attnum) FROM pg_attribute a \
                 WHERE a.attrelid = i.oid AND x.indkey[a.attnum - 1] <> 0) \
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
         WHERE i.relnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u'))",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for (table, index, columns) in indexes {
        if let Some(table) = schema.get_mut(&table) {
            table.indexes.insert(format!("{index} ({columns})"));
        }
    }
    schema
}
