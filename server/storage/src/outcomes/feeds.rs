//! The feed of each application: its outcomes, numbered without a gap.

use super::events::{ToldOutcome, ToldRow, told_columns};
use crate::engine::on_engine;
use crate::row::{RowOf, one_row, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::outcome::OutcomeKind;
use sqlx::{QueryBuilder, SqliteConnection};
use std::collections::BTreeSet;

macro_rules! feed_query {
    ($tail:literal) => {
        concat!(
            "SELECT f.application, f.kinds, f.daily_file, f.last_number, \
             (SELECT a.up_to FROM outcome_acknowledgement a WHERE a.application = f.application \
              ORDER BY a.up_to DESC LIMIT 1) AS acknowledged FROM outcome_feed f ",
            $tail
        )
    };
}

statements! {
    ENSURE_FEED =
        "INSERT INTO outcome_feed (application, daily_file, last_number, created_at) VALUES ($1, FALSE, 0, $2) \
         ON CONFLICT (application) DO NOTHING";
    FIND_FEED = feed_query!("WHERE f.application = $1");
    LIST_FEEDS = feed_query!("ORDER BY f.application");
    SET_FEED_CHOICE = "UPDATE outcome_feed SET kinds = $1, daily_file = $2 WHERE application = $3";
    // Holds the row until the transaction ends: numbers are seen in the order they are given out in.
    TAKE_NUMBERS =
        "UPDATE outcome_feed SET last_number = last_number + $1 WHERE application = $2 RETURNING last_number";
    INSERT_DELIVERIES_ON_POSTGRES =
        "INSERT INTO outcome_delivery (application, number, event) \
         SELECT $1, $2 + o.place - 1, o.event FROM UNNEST($3::bigint[]) WITH ORDINALITY AS o (event, place)";
    LIST_DELIVERIES = concat!(
        "SELECT d.number, ",
        told_columns!(),
        " FROM outcome_delivery d JOIN outcome_event e ON e.id = d.event \
          WHERE d.application = $1 AND d.number > $2 AND d.number <= $3 ORDER BY d.number LIMIT $4"
    );
    ACKNOWLEDGE =
        "INSERT INTO outcome_acknowledgement (application, up_to, at) VALUES ($1, $2, $3) \
         ON CONFLICT (application, up_to) DO NOTHING";
}

/// Outcomes one statement numbers on SQLite.
const BATCH_ON_SQLITE: usize = 256;

/// Chosen kinds; `None` for every one.
pub type Kinds = Option<BTreeSet<OutcomeKind>>;

/// An application's feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The application.
    pub application: String,
    /// Which kinds it takes.
    pub kinds: Kinds,
    /// Whether a file is written for it every day.
    pub daily_file: bool,
    /// The last number; 0 while it is empty.
    pub last_number: i64,
    /// Up to where the application has taken it.
    pub acknowledged: i64,
}

#[derive(sqlx::FromRow)]
struct FeedRow {
    application: String,
    kinds: Option<String>,
    daily_file: bool,
    last_number: i64,
    acknowledged: Option<i64>,
}

impl TryFrom<FeedRow> for Feed {
    type Error = StorageError;
    fn try_from(row: FeedRow) -> Result<Self, StorageError> {
        let of = RowOf {
            table: "outcome_feed",
            key: &row.application,
        };
        Ok(Self {
            kinds: read_kinds(of, row.kinds.as_deref())?,
            daily_file: row.daily_file,
            last_number: row.last_number,
            acknowledged: row.acknowledged.unwrap_or(0),
            application: row.application,
        })
    }
}

pub(super) fn read_kinds(of: RowOf<'_>, text: Option<&str>) -> Result<Kinds, StorageError> {
    text.map(|text| of.json("kinds", text)).transpose()
}

pub(super) fn write_kinds(kinds: &Kinds) -> Option<String> {
    kinds.as_ref().map(to_json)
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    number: i64,
    #[sqlx(flatten)]
    told: ToldRow,
}

/// Makes an application's feed unless it has one: every kind, no daily file.
pub async fn ensure_feed(tx: &mut Tx, application: &str, now: DateTime<Utc>) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(ENSURE_FEED)
        .bind(application)
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// An application's feed, once it has one.
pub async fn find_feed(snapshot: &mut Snapshot, application: &str) -> Result<Option<Feed>, StorageError> {
    let row: Option<FeedRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_FEED)
        .bind(application)
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// Every feed, by application.
pub async fn list_feeds(snapshot: &mut Snapshot) -> Result<Vec<Feed>, StorageError> {
    let rows: Vec<FeedRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_FEEDS).fetch_all(c).await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Sets what an application takes from now on, and whether a file is written for it.
pub async fn set_feed_choice(
    tx: &mut Tx,
    application: &str,
    kinds: &Kinds,
    daily_file: bool,
) -> Result<(), StorageError> {
    let set = on_engine!(tx, |c| sqlx::query(SET_FEED_CHOICE)
        .bind(write_kinds(kinds))
        .bind(daily_file)
        .bind(application)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(set)
}

/// Takes the next `count` numbers of a feed, and returns the first of them. Whoever else wants some waits until this
/// transaction ends.
pub async fn take_numbers(tx: &mut Tx, application: &str, count: usize) -> Result<i64, StorageError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let last: Option<i64> = on_engine!(tx, |c| sqlx::query_scalar(TAKE_NUMBERS)
        .bind(count)
        .bind(application)
        .fetch_optional(c)
        .await)?;
    Ok(last.ok_or(StorageError::Unknown { what: "outcome feed" })? - count + 1)
}

/// Puts facts into a feed, numbered from `first` on.
pub async fn insert_deliveries(
    tx: &mut Tx,
    application: &str,
    first: i64,
    events: &[i64],
) -> Result<(), StorageError> {
    on_engine!(
        tx,
        |c| insert_on_sqlite(c, application, first, events).await,
        |c| sqlx::query(INSERT_DELIVERIES_ON_POSTGRES)
            .bind(application)
            .bind(first)
            .bind(events)
            .execute(c)
            .await
            .map(drop)
    )?;
    Ok(())
}

async fn insert_on_sqlite(
    connection: &mut SqliteConnection,
    application: &str,
    first: i64,
    events: &[i64],
) -> Result<(), sqlx::Error> {
    let numbered: Vec<_> = (first..).zip(events).collect();
    for batch in numbered.chunks(BATCH_ON_SQLITE) {
        let mut insert = QueryBuilder::new("INSERT INTO outcome_delivery (application, number, event) ");
        insert.push_values(batch, |mut values, (number, event)| {
            values
                .push_bind(application)
                .push_bind(*number)
                .push_bind(**event);
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// The outcomes of a feed after a number and up to another, by number, at most `limit`.
pub async fn list_deliveries(
    snapshot: &mut Snapshot,
    application: &str,
    after: i64,
    up_to: i64,
    limit: u32,
) -> Result<Vec<(i64, ToldOutcome)>, StorageError> {
    let rows: Vec<DeliveryRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_DELIVERIES)
        .bind(application)
        .bind(after)
        .bind(up_to)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|row| Ok((row.number, row.told.try_into()?)))
        .collect()
}

/// Notes that an application has taken its feed up to a number. Where it said a higher one before, that still counts.
pub async fn acknowledge(
    tx: &mut Tx,
    application: &str,
    up_to: i64,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(ACKNOWLEDGE)
        .bind(application)
        .bind(up_to)
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
