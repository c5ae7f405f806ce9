//! Whole positions: written once, then moved from state to state by compare-and-set.

use super::notices::{StatusRow, read_option_kind, read_payment};
use super::transfers::{insert_transfer, list_transfers_of_position, list_transfers_of_positions};
use crate::engine::on_engine;
use crate::error::{duplicate, duplicate_or_unknown};
use crate::outcomes::record_outcomes;
use crate::receipts::find_receipt;
use crate::row::{RowOf, one_row, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, NaiveDate, Utc};
use domain::debt_position::{DebtPositionEvent, DebtPositionStatus};
use domain::outcome::of_transition;
use domain::transfer::Destination;
use domain::{Cents, CreditorFiscalCode, DebtPosition, Instalment, NoticeNumber, PaymentOption, Transfer};
use std::collections::HashMap;
use std::iter::Peekable;

macro_rules! position_query {
    ($tail:literal) => {
        concat!(
            "SELECT p.id, p.institution, p.key, p.service, p.debtor, p.description, p.valid_from, p.status, \
             p.chosen, p.status_at, p.replaced_by, p.version, p.created_at, \
             COALESCE(p.changed_at, p.created_at) AS changed_at FROM debt_position p ",
            $tail
        )
    };
}

macro_rules! instalment_query {
    ($tail:literal) => {
        concat!(
            "SELECT id, position_id, notice_number, iuv, option_index, option_kind, amount, due_on, payable_until, \
             description, receipt_id, paid_at FROM instalment ",
            $tail
        )
    };
}

statements! {
    INSERT_POSITION =
        "INSERT INTO debt_position (institution, key, service, debtor, description, valid_from, payable_until, \
                                    status, chosen, status_at, replaced_by, version, created_at, feed_pending) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, TRUE) RETURNING id";
    // The number is met with DO NOTHING, so that a failure can only be the payment reference.
    INSERT_INSTALMENT =
        "INSERT INTO instalment (position_id, institution, notice_number, iuv, option_index, option_kind, \
                                 ordinal, instalment_count, amount, due_on, payable_until, description, \
                                 all_postal, receipt_id, paid_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         ON CONFLICT (notice_number, institution) DO NOTHING RETURNING id";
    FIND_POSITION = position_query!("WHERE p.institution = $1 AND p.key = $2");
    FIND_POSITION_BY_ID = position_query!("WHERE p.id = $1");
    FIND_POSITION_BY_NOTICE = position_query!(
        "JOIN instalment i ON i.position_id = p.id WHERE i.notice_number = $1 AND i.institution = $2"
    );
    LIST_INSTALMENTS = instalment_query!("WHERE position_id = $1 ORDER BY option_index, ordinal");
    // Fewer positions are filled up with the last: one statement stays prepared for every count.
    FIND_POSITIONS = position_query!(
        "WHERE p.id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    );
    LIST_INSTALMENTS_OF_SEVERAL = instalment_query!(
        "WHERE position_id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
         ORDER BY position_id, option_index, ordinal"
    );
    TRANSITION_POSITION =
        "UPDATE debt_position SET status = $1, chosen = $2, status_at = $3, replaced_by = $4, \
                                  version = version + 1, changed_at = $5, feed_pending = TRUE \
         WHERE id = $6 AND version = $7";
    RECORD_PAYMENT =
        "UPDATE instalment SET receipt_id = $1, paid_at = $2 \
         WHERE notice_number = $3 AND institution = $4 AND receipt_id IS NULL";
    RECORD_EVENT =
        "INSERT INTO position_event (position_id, version, at, kind, event) VALUES ($1, $2, $3, $4, $5)";
    LIST_EVENTS =
        "SELECT position_id, version, at, event FROM position_event WHERE position_id = $1 ORDER BY version";
    LIST_EXPIRABLE =
        "SELECT id FROM debt_position \
         WHERE status = 'open' AND chosen IS NULL AND payable_until < $1 ORDER BY payable_until, id LIMIT $2";
}

/// A position as it was read: what a transition starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPosition {
    /// Its row.
    pub id: i64,
    /// How many transitions it has made. A transition written from an older version is refused.
    pub version: i64,
    /// The position.
    pub position: DebtPosition,
    /// When it was stored first.
    pub created_at: DateTime<Utc>,
    /// When its last transition was recorded, or when it was stored if it made none.
    pub changed_at: DateTime<Utc>,
}

/// Something that happened to a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// The version it led to.
    pub version: i64,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// The event.
    pub event: DebtPositionEvent,
}

#[derive(sqlx::FromRow)]
struct PositionRow {
    id: i64,
    institution: String,
    key: String,
    service: String,
    debtor: String,
    description: String,
    valid_from: Option<NaiveDate>,
    #[sqlx(flatten)]
    status: StatusRow,
    version: i64,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct InstalmentRow {
    id: i64,
    position_id: i64,
    notice_number: String,
    iuv: String,
    option_index: i16,
    option_kind: String,
    amount: i64,
    due_on: Option<NaiveDate>,
    payable_until: Option<NaiveDate>,
    description: String,
    receipt_id: Option<String>,
    paid_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    position_id: i64,
    version: i64,
    at: DateTime<Utc>,
    event: String,
}

/// The columns a status is kept in.
pub(super) fn status_columns(
    status: &DebtPositionStatus,
) -> (&'static str, Option<i16>, Option<DateTime<Utc>>, Option<&str>) {
    use DebtPositionStatus as S;
    let (chosen, at, by) = match status {
        S::Draft => (None, None, None),
        S::Open { chosen } => (*chosen, None, None),
        S::Paid { chosen, at } => (Some(*chosen), Some(*at), None),
        S::Cancelled { at } | S::Expired { at } => (None, Some(*at), None),
        S::Replaced { by, at } => (None, Some(*at), Some(by.as_str())),
    };
    (status.as_str(), chosen.map(i16::from), at, by)
}

/// Stores a new position with all its notices, and the mark that the national archive must be told
/// ([`crate::position_feed`]).
///
/// # Errors
/// [`StorageError::Duplicate`] when the institution already has its key, one of its numbers or one of its payment
/// references; [`StorageError::Unknown`] when the institution has no such service. Undo the transaction then.
pub async fn insert_position(
    tx: &mut Tx,
    position: &DebtPosition,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let (status, chosen, status_at, replaced_by) = status_columns(&position.status);
    let inserted = on_engine!(tx, |c| sqlx::query_scalar(INSERT_POSITION)
        .bind(position.institution.as_str())
        .bind(&position.key)
        .bind(&position.service)
        .bind(to_json(&position.debtor))
        .bind(&position.description)
        .bind(position.valid_from)
        .bind(last_payable_day(position))
        .bind(status)
        .bind(chosen)
        .bind(status_at)
        .bind(replaced_by)
        .bind(at)
        .fetch_one(c)
        .await);
    let position_id: i64 =
        inserted.map_err(|error| duplicate_or_unknown(error, "position key", "service"))?;
    for (option, option_index) in position.options.iter().zip(0_i16..) {
        for (instalment, ordinal) in option.instalments.iter().zip(1_i16..) {
            let place = Place {
                position_id,
                institution: &position.institution,
                option_index,
                option,
                ordinal,
            };
            let id = insert_instalment(tx, place, instalment).await?;
            for transfer in &instalment.transfers {
                insert_transfer(tx, id, transfer).await?;
            }
        }
    }
    Ok(())
}

/// The last day any notice of a position can be paid; `None` when one of them can be paid for ever.
pub(super) fn last_payable_day(position: &DebtPosition) -> Option<NaiveDate> {
    let days: Option<Vec<NaiveDate>> = position
        .instalments()
        .map(|(_, _, instalment)| instalment.payable_until)
        .collect();
    days.and_then(|days| days.into_iter().max())
}

/// Where an instalment belongs.
struct Place<'a> {
    position_id: i64,
    institution: &'a CreditorFiscalCode,
    option_index: i16,
    option: &'a PaymentOption,
    ordinal: i16,
}

async fn insert_instalment(
    tx: &mut Tx,
    place: Place<'_>,
    instalment: &Instalment,
) -> Result<i64, StorageError> {
    let count = i16::try_from(place.option.instalments.len()).unwrap_or(i16::MAX);
    let inserted = on_engine!(tx, |c| sqlx::query_scalar(INSERT_INSTALMENT)
        .bind(place.position_id)
        .bind(place.institution.as_str())
        .bind(instalment.notice_number.as_str())
        .bind(instalment.iuv.as_str())
        .bind(place.option_index)
        .bind(place.option.kind.as_str())
        .bind(place.ordinal)
        .bind(count)
        .bind(instalment.amount.as_i64())
        .bind(instalment.due_on)
        .bind(instalment.payable_until)
        .bind(&instalment.description)
        .bind(all_postal(instalment))
        .bind(
            instalment
                .payment
                .as_ref()
                .map(|payment| payment.receipt_id.as_str())
        )
        .bind(instalment.payment.as_ref().map(|payment| payment.at))
        .fetch_optional(c)
        .await);
    let id: Option<i64> = inserted.map_err(|error| duplicate(error, "payment reference"))?;
    id.ok_or(StorageError::Duplicate {
        what: "notice number",
    })
}

/// Whether every transfer can be paid with a postal slip.
pub(super) fn all_postal(instalment: &Instalment) -> bool {
    instalment
        .transfers
        .iter()
        .all(|transfer| match &transfer.destination {
            Destination::Account { iban, postal_iban } => iban.is_postal() || postal_iban.is_some(),
            Destination::StampDuty { .. } => false,
        })
}

/// The institution's position with this key.
pub async fn find_position(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    key: &str,
) -> Result<Option<StoredPosition>, StorageError> {
    let row: Option<PositionRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_POSITION)
        .bind(institution.as_str())
        .bind(key)
        .fetch_optional(c)
        .await)?;
    complete(snapshot, row).await
}

/// The institution's position one of whose notices has this number.
pub async fn find_position_by_notice(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<StoredPosition>, StorageError> {
    let row: Option<PositionRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_POSITION_BY_NOTICE)
        .bind(number.as_str())
        .bind(institution.as_str())
        .fetch_optional(c)
        .await)?;
    complete(snapshot, row).await
}

/// The position of a row.
pub(crate) async fn find_position_by_id(
    snapshot: &mut Snapshot,
    id: i64,
) -> Result<Option<StoredPosition>, StorageError> {
    let row: Option<PositionRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_POSITION_BY_ID)
        .bind(id)
        .fetch_optional(c)
        .await)?;
    complete(snapshot, row).await
}

/// Reads the notices and transfers of a position's row.
async fn complete(
    snapshot: &mut Snapshot,
    row: Option<PositionRow>,
) -> Result<Option<StoredPosition>, StorageError> {
    let Some(row) = row else { return Ok(None) };
    let instalments: Vec<InstalmentRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_INSTALMENTS)
        .bind(row.id)
        .fetch_all(c)
        .await)?;
    let mut transfers = list_transfers_of_position(snapshot, row.id)
        .await?
        .into_iter()
        .peekable();
    assemble(row, instalments, &mut transfers).map(Some)
}

/// Positions read with one statement at most.
const TOGETHER: usize = 16;

/// The positions of these rows, in the order of the rows; those that are not there are left out. A few statements for
/// many positions.
pub(super) async fn find_positions_by_ids(
    snapshot: &mut Snapshot,
    ids: &[i64],
) -> Result<Vec<StoredPosition>, StorageError> {
    let mut found = HashMap::with_capacity(ids.len());
    for several in ids.chunks(TOGETHER) {
        let last = several.last().expect("a chunk is never empty");
        let filled_up = || several.iter().chain(std::iter::repeat(last)).take(TOGETHER);
        let rows: Vec<PositionRow> = on_engine!(snapshot, |c| {
            filled_up()
                .fold(sqlx::query_as(FIND_POSITIONS), sqlx::query::QueryAs::bind)
                .fetch_all(c)
                .await
        })?;
        let instalments: Vec<InstalmentRow> = on_engine!(snapshot, |c| {
            filled_up()
                .fold(
                    sqlx::query_as(LIST_INSTALMENTS_OF_SEVERAL),
                    sqlx::query::QueryAs::bind,
                )
                .fetch_all(c)
                .await
        })?;
        let mut transfers = list_transfers_of_positions(snapshot, filled_up())
            .await?
            .into_iter()
            .peekable();
        let mut rows: HashMap<i64, PositionRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut instalments = instalments.into_iter().peekable();
        // Both come position by position.
        while let Some(position_id) = instalments.peek().map(|first| first.position_id) {
            let own = std::iter::from_fn(|| instalments.next_if(|one| one.position_id == position_id));
            let own: Vec<InstalmentRow> = own.collect();
            if let Some(row) = rows.remove(&position_id) {
                found.insert(position_id, assemble(row, own, &mut transfers)?);
            }
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// A position of its rows. Takes its own transfers off the front of `transfers`.
fn assemble(
    row: PositionRow,
    instalments: Vec<InstalmentRow>,
    transfers: &mut Peekable<impl Iterator<Item = (i64, Transfer)>>,
) -> Result<StoredPosition, StorageError> {
    let key = row.id.to_string();
    let of = RowOf {
        table: "debt_position",
        key: &key,
    };
    let mut options: Vec<PaymentOption> = Vec::new();
    for instalment in instalments {
        let of = RowOf {
            table: "instalment",
            key: &instalment.notice_number,
        };
        let index = usize::try_from(instalment.option_index).map_err(|_| of.wrong("option_index"))?;
        if index == options.len() {
            let kind = read_option_kind(of, &instalment.option_kind)?;
            options.push(PaymentOption {
                kind,
                instalments: Vec::new(),
            });
        } else if index + 1 != options.len() {
            return Err(of.wrong("option_index"));
        }
        let mut own = Vec::new();
        while let Some((_, transfer)) = transfers.next_if(|(id, _)| *id == instalment.id) {
            own.push(transfer);
        }
        options[index].instalments.push(Instalment {
            notice_number: of.parse("notice_number", &instalment.notice_number)?,
            iuv: of.parse("iuv", &instalment.iuv)?,
            amount: Cents::new(instalment.amount),
            due_on: instalment.due_on,
            payable_until: instalment.payable_until,
            transfers: own,
            payment: read_payment(of, instalment.receipt_id.as_deref(), instalment.paid_at)?,
            description: instalment.description,
        });
    }
    let position = DebtPosition {
        institution: of.parse("institution", &row.institution)?,
        debtor: of.json("debtor", &row.debtor)?,
        status: row.status.read(of)?,
        key: row.key,
        service: row.service,
        description: row.description,
        valid_from: row.valid_from,
        options,
    };
    Ok(StoredPosition {
        id: row.id,
        version: row.version,
        position,
        created_at: row.created_at,
        changed_at: row.changed_at,
    })
}

/// Moves a position to what the domain decided it becomes with `event`, adds the event to its history, leaves the mark that
/// the national archive must be told, and records what programs are told of it. The receipt of a payment is kept before.
///
/// # Errors
/// [`StorageError::Conflict`] when it moved since `before` was read: read it again and decide again.
pub async fn transition_position(
    tx: &mut Tx,
    before: &StoredPosition,
    after: &DebtPosition,
    event: &DebtPositionEvent,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let (status, chosen, status_at, replaced_by) = status_columns(&after.status);
    let moved = on_engine!(tx, |c| sqlx::query(TRANSITION_POSITION)
        .bind(status)
        .bind(chosen)
        .bind(status_at)
        .bind(replaced_by)
        .bind(at)
        .bind(before.id)
        .bind(before.version)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(moved)?;
    for ((_, _, old), (_, _, new)) in before.position.instalments().zip(after.instalments()) {
        if let (None, Some(payment)) = (&old.payment, &new.payment) {
            let paid = on_engine!(tx, |c| sqlx::query(RECORD_PAYMENT)
                .bind(payment.receipt_id.as_str())
                .bind(payment.at)
                .bind(new.notice_number.as_str())
                .bind(after.institution.as_str())
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?;
            one_row(paid)?;
        }
    }
    record_event(tx, before, event, at).await?;
    record_outcome(tx, before, after, event, at).await
}

/// Adds an event to the history of a position, under the version it leads to.
pub(super) async fn record_event(
    tx: &mut Tx,
    before: &StoredPosition,
    event: &DebtPositionEvent,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(RECORD_EVENT)
        .bind(before.id)
        .bind(before.version + 1)
        .bind(at)
        .bind(event.as_str())
        .bind(to_json(event))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Records what programs are told of a transition.
async fn record_outcome(
    tx: &mut Tx,
    before: &StoredPosition,
    after: &DebtPosition,
    event: &DebtPositionEvent,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let stored = match event {
        DebtPositionEvent::ReceiptReceived { receipt_id, .. } => {
            find_receipt(tx, &after.institution, receipt_id).await?
        }
        DebtPositionEvent::Published
        | DebtPositionEvent::Amended { .. }
        | DebtPositionEvent::Cancelled { .. }
        | DebtPositionEvent::Replaced { .. }
        | DebtPositionEvent::Expired { .. } => None,
    };
    let receipt = stored.as_ref().map(|stored| &stored.receipt);
    let told = of_transition(after, event, receipt, before.version + 1, at);
    record_outcomes(tx, told.as_slice()).await
}

/// What happened to a position, oldest first.
pub async fn list_position_events(
    snapshot: &mut Snapshot,
    position_id: i64,
) -> Result<Vec<RecordedEvent>, StorageError> {
    let rows: Vec<EventRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_EVENTS)
        .bind(position_id)
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|row| {
            let key = format!("{}/{}", row.position_id, row.version);
            let event = RowOf {
                table: "position_event",
                key: &key,
            }
            .json("event", &row.event)?;
            Ok(RecordedEvent {
                version: row.version,
                at: row.at,
                event,
            })
        })
        .collect()
}

/// Open positions nothing of which is paid and no notice of which can be paid on `today` any more, the longest
/// over first, at most `limit`.
pub async fn list_expirable(
    snapshot: &mut Snapshot,
    today: NaiveDate,
    limit: u32,
) -> Result<Vec<StoredPosition>, StorageError> {
    let ids: Vec<i64> = on_engine!(snapshot, |c| sqlx::query_scalar(LIST_EXPIRABLE)
        .bind(today)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    let mut positions = Vec::with_capacity(ids.len());
    for id in ids {
        positions.extend(find_position_by_id(snapshot, id).await?);
    }
    Ok(positions)
}
