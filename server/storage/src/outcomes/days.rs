//! An application's outcomes of a civil day, as a range of its feed.

use crate::engine::on_engine;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, NaiveDate, Utc};

macro_rules! day_query {
    ($tail:literal) => {
        concat!(
            "SELECT day, after_number, last_number, made_at FROM outcome_day WHERE application = $1 ",
            $tail
        )
    };
}

statements! {
    INSERT_OUTCOME_DAY =
        "INSERT INTO outcome_day (application, day, after_number, last_number, made_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (application, day) DO NOTHING";
    FIND_OUTCOME_DAY = day_query!("AND day = $2");
    FIND_LAST_OUTCOME_DAY = day_query!("ORDER BY day DESC LIMIT 1");
    FIND_FIRST_NUMBER_SINCE =
        "SELECT d.number FROM outcome_delivery d JOIN outcome_event e ON e.id = d.event \
         WHERE d.application = $1 AND d.number > $2 AND e.at >= $3 ORDER BY d.number LIMIT 1";
}

/// The outcomes of a day: those after a number of the feed, up to another. Each outcome is in one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct OutcomeDay {
    /// The civil day in Italy.
    pub day: NaiveDate,
    /// The number before its first.
    pub after_number: i64,
    /// Its last number.
    pub last_number: i64,
    /// When it was closed.
    pub made_at: DateTime<Utc>,
}

/// Closes an application's day, unless it is closed.
pub async fn insert_outcome_day(
    tx: &mut Tx,
    application: &str,
    day: &OutcomeDay,
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(INSERT_OUTCOME_DAY)
        .bind(application)
        .bind(day.day)
        .bind(day.after_number)
        .bind(day.last_number)
        .bind(day.made_at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// An application's day, once it is closed.
pub async fn find_outcome_day(
    snapshot: &mut Snapshot,
    application: &str,
    day: NaiveDate,
) -> Result<Option<OutcomeDay>, StorageError> {
    Ok(on_engine!(snapshot, |c| sqlx::query_as(FIND_OUTCOME_DAY)
        .bind(application)
        .bind(day)
        .fetch_optional(c)
        .await)?)
}

/// The last day of an application that is closed.
pub async fn find_last_outcome_day(
    snapshot: &mut Snapshot,
    application: &str,
) -> Result<Option<OutcomeDay>, StorageError> {
    Ok(on_engine!(snapshot, |c| sqlx::query_as(FIND_LAST_OUTCOME_DAY)
        .bind(application)
        .fetch_optional(c)
        .await)?)
}

/// The first number after one whose fact was recorded at or after an instant.
pub async fn find_first_number_since(
    snapshot: &mut Snapshot,
    application: &str,
    after: i64,
    since: DateTime<Utc>,
) -> Result<Option<i64>, StorageError> {
    Ok(on_engine!(snapshot, |c| sqlx::query_scalar(
        FIND_FIRST_NUMBER_SINCE
    )
    .bind(application)
    .bind(after)
    .bind(since)
    .fetch_optional(c)
    .await)?)
}
