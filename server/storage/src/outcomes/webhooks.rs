//! What is sent to each endpoint, and how it went.

use super::events::{ToldOutcome, ToldRow, told_columns};
use crate::engine::on_engine;
use crate::row::RowOf;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, SqliteConnection};

/// Characters kept of what was wrong.
const ERROR_MAX: usize = 200;
/// Webhooks one statement takes on SQLite.
const BATCH_ON_SQLITE: usize = 128;

macro_rules! replay {
    ($which:literal) => {
        concat!(
            "UPDATE outcome_webhook SET state = 'waiting', attempts = 0, due_at = $1, give_up_at = $2 \
             WHERE endpoint = $3 AND ",
            $which
        )
    };
}

statements! {
    INSERT_WEBHOOKS_ON_POSTGRES =
        "INSERT INTO outcome_webhook (endpoint, number, event, subject, state, attempts, due_at, give_up_at) \
         SELECT $1, n.number, n.event, n.subject, 'waiting', 0, $2, $3 \
         FROM UNNEST($4::bigint[], $5::bigint[], $6::text[]) AS n (number, event, subject)";
    // Of one subject only the first that waits. What was tried lately comes after what was not tried yet.
    LIST_DUE_WEBHOOKS = concat!(
        "SELECT w.number, w.subject, w.attempts, ",
        told_columns!(),
        " FROM outcome_webhook w JOIN outcome_event e ON e.id = w.event \
          WHERE w.endpoint = $1 AND w.state = 'waiting' AND w.due_at <= $2 \
            AND NOT EXISTS (SELECT 1 FROM outcome_webhook b \
                            WHERE b.endpoint = w.endpoint AND b.subject = w.subject AND b.state = 'waiting' \
                              AND b.number < w.number) \
          ORDER BY w.due_at, w.number LIMIT $3"
    );
    NOTE_ATTEMPT =
        "UPDATE outcome_webhook SET attempts = attempts + 1, last_at = $1, last_ms = $2, last_status = $3, \
                                    last_error = $4, state = $5, due_at = COALESCE($6, due_at) \
         WHERE endpoint = $7 AND number = $8 AND state = 'waiting'";
    // Those after it wait for it anyway: nobody need look at them before.
    PUT_OFF_FOLLOWING =
        "UPDATE outcome_webhook SET due_at = $1 \
         WHERE endpoint = $2 AND subject = $3 AND state = 'waiting' AND number > $4 AND due_at < $1";
    // What only waited for its turn has its whole time before it.
    LET_FOLLOWING =
        "UPDATE outcome_webhook SET due_at = $1, give_up_at = $5 \
         WHERE endpoint = $2 AND subject = $3 AND state = 'waiting' AND number > $4 AND attempts = 0";
    // What waits behind something that was tried is left out: it gets its own time.
    BURY_OVERDUE =
        "UPDATE outcome_webhook SET state = 'dead' WHERE endpoint = $1 AND number IN \
             (SELECT w.number FROM outcome_webhook w \
              WHERE w.endpoint = $1 AND w.state = 'waiting' AND w.give_up_at <= $2 \
                AND NOT EXISTS (SELECT 1 FROM outcome_webhook b \
                                WHERE b.endpoint = w.endpoint AND b.subject = w.subject AND b.state = 'waiting' \
                                  AND b.number < w.number AND b.attempts > 0) \
              ORDER BY w.give_up_at LIMIT $3) \
         RETURNING subject, number, attempts";
    HURRY_WEBHOOKS =
        "UPDATE outcome_webhook SET due_at = $1 WHERE endpoint = $2 AND state = 'waiting' AND due_at > $1";
    FIND_NEXT_DUE =
        "SELECT due_at FROM outcome_webhook WHERE endpoint = $1 AND state = 'waiting' ORDER BY due_at LIMIT 1";
    COUNT_WEBHOOKS =
        "SELECT state, COUNT(*) AS webhooks FROM outcome_webhook WHERE endpoint = $1 GROUP BY state ORDER BY state";
    LIST_WEBHOOKS = concat!(
        "SELECT w.number, w.state, w.attempts, w.due_at, w.last_at, w.last_ms, w.last_status, w.last_error, ",
        told_columns!(),
        " FROM outcome_webhook w JOIN outcome_event e ON e.id = w.event \
          WHERE w.endpoint = $1 AND w.state = $2 AND w.number > $3 ORDER BY w.number LIMIT $4"
    );
    // What the endpoint was never sent is added, as far as its application's feed has it.
    ADD_MISSING =
        "INSERT INTO outcome_webhook (endpoint, number, event, subject, state, attempts, due_at, give_up_at) \
         SELECT p.id, d.number, d.event, e.subject, 'waiting', 0, $1, $2 \
         FROM outcome_endpoint p JOIN outcome_delivery d ON d.application = p.application \
         JOIN outcome_event e ON e.id = d.event \
         WHERE p.id = $3 AND d.number >= $4 AND d.number <= $5 \
         ON CONFLICT (endpoint, number) DO NOTHING";
    REPLAY_RANGE = replay!("number >= $4 AND number <= $5 AND state <> 'waiting'");
    REPLAY_DEAD = replay!(
        "number IN (SELECT number FROM outcome_webhook WHERE endpoint = $3 AND state = 'dead' \
                    ORDER BY number LIMIT $4)"
    );
}

/// Where a webhook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookState {
    /// To be sent.
    Waiting,
    /// Taken by the receiver.
    Delivered,
    /// Given up.
    Dead,
}

impl WebhookState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Dead];

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook<'a> {
    /// Its number in the application's feed.
    pub number: i64,
    /// The fact's row.
    pub event: i64,
    /// What it is kept in order by.
    pub subject: &'a str,
}

/// Something that can be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueWebhook {
    /// Its number in the application's feed.
    pub number: i64,
    /// What it is kept in order by.
    pub subject: String,
    /// How often it was sent before.
    pub attempts: u32,
    /// What is told.
    pub told: ToldOutcome,
}

/// How sending went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// How long the answer took, in milliseconds.
    pub ms: i64,
    /// The status of the answer; none when there was no answer.
    pub status: Option<u16>,
    /// What was wrong.
    pub error: Option<String>,
}

/// A webhook as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its number in the application's feed.
    pub number: i64,
    /// Where it stands.
    pub state: WebhookState,
    /// How often it was sent.
    pub attempts: u32,
    /// When it can be sent again.
    pub due_at: DateTime<Utc>,
    /// How it went last.
    pub last: Option<Attempt>,
    /// What is told.
    pub told: ToldOutcome,
}

/// How many webhooks an endpoint has, by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WebhookCounts {
    /// To be sent.
    pub waiting: u64,
    /// Taken by the receiver.
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    number: i64,
    subject: String,
    attempts: i64,
    #[sqlx(flatten)]
    told: ToldRow,
}

#[derive(sqlx::FromRow)]
struct WebhookRow {
    number: i64,
    state: String,
    attempts: i64,
    due_at: DateTime<Utc>,
    last_at: Option<DateTime<Utc>>,
    last_ms: Option<i64>,
    last_status: Option<i64>,
    last_error: Option<String>,
    #[sqlx(flatten)]
    told: ToldRow,
}

fn of(key: &str) -> RowOf<'_> {
    RowOf {
        table: "outcome_webhook",
        key,
    }
}

/// Leaves what is to be sent to an endpoint.
pub async fn insert_webhooks(
    tx: &mut Tx,
    endpoint: &str,
    webhooks: &[NewWebhook<'_>],
    due_at: DateTime<Utc>,
    give_up_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    on_engine!(
        tx,
        |c| insert_on_sqlite(c, endpoint, webhooks, due_at, give_up_at).await,
        |c| sqlx::query(INSERT_WEBHOOKS_ON_POSTGRES)
            .bind(endpoint)
            .bind(due_at)
            .bind(give_up_at)
            .bind(webhooks.iter().map(|new| new.number).collect::<Vec<_>>())
            .bind(webhooks.iter().map(|new| new.event).collect::<Vec<_>>())
            .bind(webhooks.iter().map(|new| new.subject).collect::<Vec<_>>())
            .execute(c)
            .await
            .map(drop)
    )?;
    Ok(())
}

async fn insert_on_sqlite(
    connection: &mut SqliteConnection,
    endpoint: &str,
    webhooks: &[NewWebhook<'_>],
    due_at: DateTime<Utc>,
    give_up_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for batch in webhooks.chunks(BATCH_ON_SQLITE) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO outcome_webhook (endpoint, number, event, subject, state, attempts, due_at, give_up_at) ",
        );
        insert.push_values(batch, |mut values, new| {
            values
                .push_bind(endpoint)
                .push_bind(new.number)
                .push_bind(new.event)
                .push_bind(new.subject)
                .push_bind(WebhookState::Waiting.as_str())
                .push_bind(0_i64)
                .push_bind(due_at)
                .push_bind(give_up_at);
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// What can be sent to an endpoint now, at most `limit`: of one subject only the first that waits.
pub async fn list_due_webhooks(
    snapshot: &mut Snapshot,
    endpoint: &str,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<DueWebhook>, StorageError> {
    let rows: Vec<DueRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_DUE_WEBHOOKS)
        .bind(endpoint)
        .bind(now)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|row| {
            Ok(DueWebhook {
                number: row.number,
                subject: row.subject,
                attempts: of(endpoint).count("attempts", row.attempts)?,
                told: row.told.try_into()?,
            })
        })
        .collect()
}

/// Notes that the receiver took it. What follows of its subject can be sent, and is given up at `give_up_at`.
pub async fn note_delivered(
    tx: &mut Tx,
    endpoint: &str,
    webhook: &DueWebhook,
    attempt: &Attempt,
    give_up_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    note_attempt(tx, endpoint, webhook, attempt, (WebhookState::Delivered, None)).await?;
    // What was delivered at once put nothing off.
    if webhook.attempts > 0 {
        let_following(
            tx,
            endpoint,
            &webhook.subject,
            webhook.number,
            attempt.at,
            give_up_at,
        )
        .await?;
    }
    Ok(())
}

/// Notes that sending failed, and when it is tried again.
pub async fn put_off_webhook(
    tx: &mut Tx,
    endpoint: &str,
    webhook: &DueWebhook,
    attempt: &Attempt,
    due_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    note_attempt(
        tx,
        endpoint,
        webhook,
        attempt,
        (WebhookState::Waiting, Some(due_at)),
    )
    .await?;
    on_engine!(tx, |c| sqlx::query(PUT_OFF_FOLLOWING)
        .bind(due_at)
        .bind(endpoint)
        .bind(&webhook.subject)
        .bind(webhook.number)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes that sending failed for the last time. What follows of its subject no longer waits for it, and is given up at
/// `give_up_at`.
pub async fn bury_webhook(
    tx: &mut Tx,
    endpoint: &str,
    webhook: &DueWebhook,
    attempt: &Attempt,
    give_up_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    note_attempt(tx, endpoint, webhook, attempt, (WebhookState::Dead, None)).await?;
    let_following(
        tx,
        endpoint,
        &webhook.subject,
        webhook.number,
        attempt.at,
        give_up_at,
    )
    .await
}

/// Notes an attempt, where the webhook stands after it, and when it is due, if that changes.
async fn note_attempt(
    tx: &mut Tx,
    endpoint: &str,
    webhook: &DueWebhook,
    attempt: &Attempt,
    (state, due_at): (WebhookState, Option<DateTime<Utc>>),
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(NOTE_ATTEMPT)
        .bind(attempt.at)
        .bind(attempt.ms)
        .bind(attempt.status.map(i64::from))
        .bind(attempt.error.as_deref().map(bounded))
        .bind(state.as_str())
        .bind(due_at)
        .bind(endpoint)
        .bind(webhook.number)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

async fn let_following(
    tx: &mut Tx,
    endpoint: &str,
    subject: &str,
    number: i64,
    now: DateTime<Utc>,
    give_up_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(LET_FOLLOWING)
        .bind(now)
        .bind(endpoint)
        .bind(subject)
        .bind(number)
        .bind(give_up_at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Gives up what should have been taken by now, at most `limit`. What follows something that was tried no longer waits for
/// it, and is given up at `give_up_at`. Returns how many.
pub async fn bury_overdue(
    tx: &mut Tx,
    endpoint: &str,
    now: DateTime<Utc>,
    limit: u32,
    give_up_at: DateTime<Utc>,
) -> Result<usize, StorageError> {
    let buried: Vec<(String, i64, i64)> = on_engine!(tx, |c| sqlx::query_as(BURY_OVERDUE)
        .bind(endpoint)
        .bind(now)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    for (subject, number, attempts) in &buried {
        if *attempts > 0 {
            let_following(tx, endpoint, subject, *number, now, give_up_at).await?;
        }
    }
    Ok(buried.len())
}

/// Lets everything that waits for an endpoint be sent now: it answers again.
pub async fn hurry_webhooks(tx: &mut Tx, endpoint: &str, now: DateTime<Utc>) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(HURRY_WEBHOOKS)
        .bind(now)
        .bind(endpoint)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// When something can next be sent to an endpoint.
pub async fn find_next_due(
    snapshot: &mut Snapshot,
    endpoint: &str,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    Ok(on_engine!(snapshot, |c| sqlx::query_scalar(FIND_NEXT_DUE)
        .bind(endpoint)
        .fetch_optional(c)
        .await)?)
}

/// How many webhooks an endpoint has.
pub async fn count_webhooks(snapshot: &mut Snapshot, endpoint: &str) -> Result<WebhookCounts, StorageError> {
    let rows: Vec<(String, i64)> = on_engine!(snapshot, |c| sqlx::query_as(COUNT_WEBHOOKS)
        .bind(endpoint)
        .fetch_all(c)
        .await)?;
    let mut counts = WebhookCounts::default();
    for (state, count) in rows {
        let count = u64::try_from(count).map_err(|_| of(endpoint).wrong("state"))?;
        match of(endpoint).one_of("state", &state, WebhookState::ALL, WebhookState::as_str)? {
            WebhookState::Waiting => counts.waiting = count,
            WebhookState::Delivered => counts.delivered = count,
            WebhookState::Dead => counts.dead = count,
        }
    }
    Ok(counts)
}

/// The webhooks of an endpoint in a state, after a number, at most `limit`.
pub async fn list_webhooks(
    snapshot: &mut Snapshot,
    endpoint: &str,
    state: WebhookState,
    after: i64,
    limit: u32,
) -> Result<Vec<Webhook>, StorageError> {
    let rows: Vec<WebhookRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_WEBHOOKS)
        .bind(endpoint)
        .bind(state.as_str())
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|row| {
            let of = of(endpoint);
            let status = row.last_status.map(u16::try_from).transpose();
            let status = status.map_err(|_| of.wrong("last_status"))?;
            Ok(Webhook {
                number: row.number,
                state: of.one_of("state", &row.state, WebhookState::ALL, WebhookState::as_str)?,
                attempts: of.count("attempts", row.attempts)?,
                due_at: row.due_at,
                last: row.last_at.zip(row.last_ms).map(|(at, ms)| Attempt {
                    at,
                    ms,
                    status,
                    error: row.last_error,
                }),
                told: row.told.try_into()?,
            })
        })
        .collect()
}

/// Sends again what an endpoint was sent of a range of its application's feed, and for the first time what it was not: both
/// ends included. Returns how many.
pub async fn replay_range(
    tx: &mut Tx,
    endpoint: &str,
    (first, last): (i64, i64),
    now: DateTime<Utc>,
    give_up_at: DateTime<Utc>,
) -> Result<u64, StorageError> {
    let mut replayed = 0;
    for statement in [REPLAY_RANGE, ADD_MISSING] {
        replayed += on_engine!(tx, |c| sqlx::query(statement)
            .bind(now)
            .bind(give_up_at)
            .bind(endpoint)
            .bind(first)
            .bind(last)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
    }
    Ok(replayed)
}

/// Sends again what was given up, the first numbers first, at most `limit`. Returns how many.
pub async fn replay_dead(
    tx: &mut Tx,
    endpoint: &str,
    now: DateTime<Utc>,
    give_up_at: DateTime<Utc>,
    limit: u32,
) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(REPLAY_DEAD)
        .bind(now)
        .bind(give_up_at)
        .bind(endpoint)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

fn bounded(error: &str) -> String {
    error.chars().take(ERROR_MAX).collect()
}
