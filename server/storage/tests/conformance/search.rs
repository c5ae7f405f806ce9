use crate::support::*;
use domain::debt_position::DebtPositionEvent as E;
use domain::{DebtPosition, DebtPositionStatus as S};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use std::collections::BTreeSet;
use storage::debt_positions::{Place, PositionFilter, list_positions};
use storage::service_catalogue::upsert_service;
use storage::testing::{TestStore, all_statements};

/// Twelve positions of the city in two services and several states, and one of the company.
async fn with_positions(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    upsert_service(&mut tx, &service(CITY, "imu")).await.unwrap();
    tx.commit().await.unwrap();
    for base in 1..=12 {
        let mut written = position(base * 10);
        written.key = format!("{}-{base:02}", if base % 3 == 0 { "IMU" } else { "TARI" });
        if base % 3 == 0 {
            "imu".clone_into(&mut written.service);
        }
        if base % 4 == 0 {
            "RSSMRA85T10A562S".clone_into(&mut written.debtor.code);
        }
        if base % 5 == 0 {
            let plan = position_with_plan(base * 10);
            written.options = plan.options;
            written.options[1].instalments[1].due_on = Some(day("2027-03-01"));
        }
        written.options[0].instalments[0].due_on =
            Some(day("2026-12-01") + chrono::Duration::days(base.cast_signed() % 4));
        insert(store, &written).await;
        if base % 2 == 0 {
            let at = noon() + chrono::Duration::minutes(100 - base.cast_signed());
            apply(store, &written, &E::Cancelled { at }, at).await;
        }
    }
    let theirs = DebtPosition {
        institution: company(),
        key: "TARI-01".to_owned(),
        ..position(10)
    };
    insert(store, &theirs).await;
}

fn every_filter() -> Vec<(&'static str, PositionFilter)> {
    let both = || Some(vec!["imu".to_owned(), "tari".to_owned()]);
    let any = PositionFilter::default;
    let debtor_code = Some("RSSMRA85T10A562S".to_owned());
    vec![
        ("everything", any()),
        (
            "services",
            PositionFilter {
                services: both(),
                ..any()
            },
        ),
        (
            "status",
            PositionFilter {
                services: both(),
                status: Some("cancelled"),
                ..any()
            },
        ),
        ("debtor", PositionFilter { debtor_code, ..any() }),
        (
            "change",
            PositionFilter {
                changed_since: Some(noon() + chrono::Duration::minutes(1)),
                ..any()
            },
        ),
        (
            "due date",
            PositionFilter {
                due_between: Some((day("2026-12-02"), day("2027-03-01"))),
                ..any()
            },
        ),
        (
            "key",
            PositionFilter {
                key_prefix: Some("TARI-0".to_owned()),
                ..any()
            },
        ),
    ]
}

async fn keys(store: &TestStore, filter: &PositionFilter, page: u32) -> Vec<String> {
    let mut snapshot = store.read().await.unwrap();
    let mut after: Option<Place> = None;
    let mut keys = Vec::new();
    loop {
        let listed = list_positions(&mut snapshot, &city(), filter, after.as_ref(), page)
            .await
            .unwrap();
        let Some((place, _)) = listed.last() else {
            return keys;
        };
        assert!(filter.goes_on_from(place));
        assert!(listed.len() <= usize::try_from(page).unwrap());
        after = Some(place.clone());
        keys.extend(listed.into_iter().map(|(_, stored)| stored.position.key));
    }
}

pub(crate) async fn every_list_goes_on_from_any_place_and_shows_each_position_once(store: &TestStore) {
    with_positions(store).await;
    for (name, filter) in every_filter() {
        let whole = keys(store, &filter, 200).await;
        assert!(!whole.is_empty(), "{name}");
        let once: BTreeSet<_> = whole.iter().collect();
        assert_eq!(once.len(), whole.len(), "{name}");
        for page in [1, 2, 5] {
            assert_eq!(
                keys(store, &filter, page).await,
                whole,
                "{name}, {page} at a time"
            );
        }
    }
}

pub(crate) async fn what_is_looked_for_is_found_and_nothing_else(store: &TestStore) {
    with_positions(store).await;
    let found = async |name: &str| {
        let (_, filter) = every_filter().into_iter().find(|(of, _)| *of == name).unwrap();
        keys(store, &filter, 3).await
    };
    assert_eq!(found("everything").await.len(), 12);
    assert_eq!(
        found("services").await,
        [
            "IMU-03", "IMU-06", "IMU-09", "IMU-12", "TARI-01", "TARI-02", "TARI-04", "TARI-05", "TARI-07",
            "TARI-08", "TARI-10", "TARI-11"
        ]
    );
    assert_eq!(
        found("status").await,
        ["IMU-06", "IMU-12", "TARI-02", "TARI-04", "TARI-08", "TARI-10"]
    );
    assert_eq!(found("debtor").await, ["TARI-04", "TARI-08", "IMU-12"]);
    assert_eq!(
        found("change").await,
        ["IMU-12", "TARI-10", "TARI-08", "IMU-06", "TARI-04", "TARI-02"],
        "the longest unchanged first"
    );
    assert_eq!(
        found("due date").await,
        [
            "TARI-01", "TARI-05", "IMU-09", "TARI-02", "IMU-06", "TARI-10", "IMU-03", "TARI-07", "TARI-11"
        ]
    );
    assert_eq!(
        found("key").await,
        ["TARI-01", "TARI-02", "TARI-04", "TARI-05", "TARI-07", "TARI-08"]
    );
    let together = PositionFilter {
        services: Some(vec!["tari".to_owned()]),
        status: Some("cancelled"),
        debtor_code: Some("RSSMRA85T10A562S".to_owned()),
        changed_since: Some(noon() + chrono::Duration::minutes(94)),
        due_between: Some((day("2026-12-01"), day("2026-12-01"))),
        key_prefix: Some("TARI".to_owned()),
    };
    assert_eq!(keys(store, &together, 200).await, ["TARI-04"]);
    let mut snapshot = store.read().await.unwrap();
    let listed = list_positions(&mut snapshot, &city(), &PositionFilter::default(), None, 200)
        .await
        .unwrap();
    drop(snapshot);
    for (_, listed) in listed {
        assert_eq!(
            stored(store, &listed.position).await,
            listed,
            "as when read alone"
        );
        assert!(matches!(
            listed.position.status,
            S::Open { .. } | S::Cancelled { .. }
        ));
    }
}

pub(crate) async fn a_list_is_of_one_institution(store: &TestStore) {
    with_positions(store).await;
    let mut snapshot = store.read().await.unwrap();
    for (name, filter) in every_filter() {
        let theirs = list_positions(&mut snapshot, &company(), &filter, None, 200)
            .await
            .unwrap();
        assert!(
            theirs
                .iter()
                .all(|(_, stored)| stored.position.institution == company()),
            "{name}"
        );
        assert!(theirs.len() <= 1, "{name}");
    }
}

pub(crate) async fn lists_are_read_along_their_indexes(store: &TestStore) {
    with_positions(store).await;
    for (statement, index) in [
        ("LIST_BY_KEY", "debt_position"),
        ("LIST_BY_SERVICE", "debt_position_service"),
        ("LIST_BY_STATUS", "debt_position_status"),
        ("LIST_BY_DEBTOR", "debt_position_debtor_code"),
        ("LIST_BY_CHANGE", "debt_position_changed"),
        ("LIST_BY_DUE_DATE", "instalment_due_on"),
    ] {
        let plan = explain(store, statement).await;
        assert!(plan.contains(index), "{statement}: {plan}");
        assert!(
            !plan.contains("Sort") && !plan.contains("TEMP B-TREE"),
            "{statement}: {plan}"
        );
    }
}

/// How an engine reads a statement, in its own words, when sorting and reading whole tables are out of the question.
#[expect(
    clippy::disallowed_methods,
    reason = "the statement is one of the product's, with EXPLAIN before it"
)]
async fn explain(store: &TestStore, name: &str) -> String {
    let statement = all_statements().find(|statement| statement.name == name).unwrap();
    if store.engine_name() == "SQLite" {
        let mut connection = SqliteConnection::connect(store.url()).await.unwrap();
        let explain = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let rows = sqlx::query(AssertSqlSafe(explain))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        return rows
            .into_iter()
            .map(|row| row.get::<String, _>("detail") + "\n")
            .collect();
    }
    let mut connection = PgConnection::connect(store.url()).await.unwrap();
    let parameters = (1..100)
        .take_while(|n| statement.sql.contains(&format!("${n}")))
        .count();
    for setting in [
        "SET enable_seqscan = off".to_owned(),
        "SET enable_bitmapscan = off".to_owned(),
        "SET plan_cache_mode = force_generic_plan".to_owned(),
        format!("PREPARE explained AS {}", statement.sql),
    ] {
        sqlx::raw_sql(AssertSqlSafe(setting))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let explain = format!(
        "EXPLAIN EXECUTE explained ({})",
        vec!["NULL"; parameters].join(", ")
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(explain))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| row.get::<String, _>(0) + "\n")
        .collect()
}
