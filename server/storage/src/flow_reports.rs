//! Flow reports: every revision of every flow, first announced by the hub, then here whole with its payments. A kept
//! revision never changes.

use crate::engine::on_engine;
use crate::outcomes::record_outcomes;
use crate::row::{RowOf, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, NaiveDate, Utc};
use domain::flow_report::{FlowFinding, FlowKey, FlowOutcome, FlowReport, FlowRow};
use domain::outcome::{Concerned, Outcome, ReportedPayment, of_reported};
use domain::{Cents, CreditorFiscalCode, ReceiptId};
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use std::collections::HashMap;

macro_rules! flow_query {
    ($tail:literal) => {
        concat!(
            "SELECT institution, psp, flow_id, revision, published_at, fetched_at, content, findings \
             FROM flow_report ",
            $tail
        )
    };
}

statements! {
    ANNOUNCE_FLOW =
        "INSERT INTO flow_report (institution, psp, flow_id, revision, state, published_at, announced_at) \
         VALUES ($1, $2, $3, $4, 'announced', $5, $6) \
         ON CONFLICT (institution, psp, flow_id, revision) DO NOTHING";
    // Of two that fetched the same revision, one finds it announced.
    COMPLETE_FLOW =
        "UPDATE flow_report SET state = 'fetched', fetched_at = $5, regulation = $6, regulated_on = $7, payments = $8, \
                                amount = $9, content = $10, findings = $11 \
         WHERE institution = $1 AND psp = $2 AND flow_id = $3 AND revision = $4 AND state = 'announced' \
         RETURNING id";
    RECORD_ROWS_ON_POSTGRES =
        "INSERT INTO flow_report_row (flow_report, ordinal, iuv, iur, transfer_id, amount, outcome, paid_on) \
         SELECT $1, * FROM UNNEST($2::bigint[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::text[], \
                                  $8::date[])";
    FIND_LAST_PUBLISHED = "SELECT MAX(published_at) FROM flow_report WHERE institution = $1";
    // A revision that a higher one took the place of is no longer given out.
    LIST_FLOWS_TO_FETCH =
        "SELECT f.psp, f.flow_id, f.revision FROM flow_report f \
         WHERE f.institution = $1 AND f.state = 'announced' \
           AND NOT EXISTS (SELECT 1 FROM flow_report n WHERE n.institution = f.institution AND n.psp = f.psp \
                                                         AND n.flow_id = f.flow_id AND n.revision > f.revision) \
         ORDER BY f.published_at, f.id LIMIT $2";
    FIND_FLOW = flow_query!("WHERE institution = $1 AND psp = $2 AND flow_id = $3 AND revision = $4");
    LIST_FLOWS = flow_query!(
        "WHERE institution = $1 ORDER BY COALESCE(published_at, announced_at) DESC, id DESC LIMIT $2"
    );
    // Of each flow its last revision.
    LIST_REPORTS_OF_PAYMENT =
        "SELECT f.flow_id, f.regulation, f.regulated_on, r.amount FROM flow_report_row r \
         JOIN flow_report f ON f.id = r.flow_report \
         WHERE r.iur = $1 AND f.institution = $2 AND f.state = 'fetched' \
           AND NOT EXISTS (SELECT 1 FROM flow_report n \
                           WHERE n.institution = f.institution AND n.psp = f.psp AND n.flow_id = f.flow_id \
                             AND n.revision > f.revision AND n.state = 'fetched') \
         ORDER BY f.regulated_on, f.flow_id, r.ordinal LIMIT 100";
    LIST_REVISIONS =
        flow_query!("WHERE institution = $1 AND flow_id = $2 ORDER BY psp, revision DESC LIMIT 100");
    LIST_ROWS =
        "SELECT r.ordinal, r.iuv, r.iur, r.transfer_id, r.amount, r.outcome, r.paid_on \
         FROM flow_report f JOIN flow_report_row r ON r.flow_report = f.id \
         WHERE f.institution = $1 AND f.psp = $2 AND f.flow_id = $3 AND f.revision = $4 AND r.ordinal > $5 \
         ORDER BY r.ordinal LIMIT $6";
    LIST_REPORTED =
        "SELECT r.iur, r.iuv, r.amount, r.outcome, r.paid_on, i.notice_number, p.service, p.key FROM flow_report_row r \
         LEFT JOIN instalment i ON i.iuv = r.iuv AND i.institution = $2 \
         LEFT JOIN debt_position p ON p.id = i.position_id WHERE r.flow_report = $1 ORDER BY r.ordinal";
    // Only the last revision of a flow counts; a payment asked for lately, or often, waits or is given up. The parts of
    // one payment are one receipt.
    LIST_MISSING_RECEIPTS =
        "SELECT r.iur, MIN(r.iuv) AS iuv FROM flow_report f JOIN flow_report_row r ON r.flow_report = f.id \
         WHERE f.institution = $1 AND f.state = 'fetched' AND f.fetched_at >= $2 \
           AND r.outcome IN ('executed', 'stand_in') \
           AND NOT EXISTS (SELECT 1 FROM receipt t WHERE t.recipient = f.institution AND t.receipt_id = r.iur) \
           AND NOT EXISTS (SELECT 1 FROM receipt_request q \
                           WHERE q.institution = f.institution AND q.receipt_id = r.iur \
                             AND (q.asked_at > $3 OR q.ordinal >= $4)) \
           AND NOT EXISTS (SELECT 1 FROM flow_report n \
                           WHERE n.institution = f.institution AND n.psp = f.psp AND n.flow_id = f.flow_id \
                             AND n.revision > f.revision AND n.state = 'fetched') \
         GROUP BY r.iur ORDER BY MIN(f.fetched_at), r.iur LIMIT $5";
}

/// A kept flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFlow {
    /// Which flow, and which revision.
    pub key: FlowKey,
    /// When the hub published it; `None` when it came as a file.
    pub published_at: Option<DateTime<Utc>>,
    /// What is here of it.
    pub state: FlowState,
}

/// What is here of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowState {
    /// The hub has it, we have not.
    Announced,
    /// It is here whole.
    Fetched {
        /// Since when.
        at: DateTime<Utc>,
        /// Its head.
        report: Box<FlowReport>,
        /// What does not agree in it.
        findings: Vec<FlowFinding>,
    },
}

impl FlowState {
    /// The name kept in storage.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Fetched { .. } => "fetched",
        }
    }
}

/// Whether a flow was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowRecorded {
    /// It was, and is kept now.
    New,
    /// This revision is here; the first stays.
    Repeated,
}

#[derive(sqlx::FromRow)]
struct FlowRecord {
    institution: String,
    psp: String,
    flow_id: String,
    revision: i64,
    published_at: Option<DateTime<Utc>>,
    fetched_at: Option<DateTime<Utc>>,
    content: Option<String>,
    findings: Option<String>,
}

impl TryFrom<FlowRecord> for StoredFlow {
    type Error = StorageError;
    fn try_from(row: FlowRecord) -> Result<Self, StorageError> {
        let of = RowOf {
            table: "flow_report",
            key: &row.flow_id,
        };
        let state = match (row.fetched_at, row.content, row.findings) {
            (None, None, None) => FlowState::Announced,
            (Some(at), Some(content), Some(findings)) => FlowState::Fetched {
                at,
                report: of.json("content", &content)?,
                findings: of.json("findings", &findings)?,
            },
            _ => return Err(of.wrong("content")),
        };
        Ok(Self {
            key: FlowKey {
                institution: of.parse("institution", &row.institution)?,
                id: of.parse("flow_id", &row.flow_id)?,
                revision: of.count("revision", row.revision)?,
                psp: row.psp,
            },
            published_at: row.published_at,
            state,
        })
    }
}

/// Notes that the hub has these flows. Returns how many were not known.
pub async fn announce_flows(
    tx: &mut Tx,
    flows: &[(FlowKey, DateTime<Utc>)],
    now: DateTime<Utc>,
) -> Result<u64, StorageError> {
    let mut new = 0;
    for (key, published_at) in flows {
        new += announce(tx, key, Some(*published_at), now).await?;
    }
    Ok(new)
}

async fn announce(
    tx: &mut Tx,
    key: &FlowKey,
    published_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(ANNOUNCE_FLOW)
        .bind(key.institution.as_str())
        .bind(&key.psp)
        .bind(key.id.as_str())
        .bind(i64::from(key.revision))
        .bind(published_at)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Keeps a whole flow, announced before or not, unless this revision is here. Its payments are numbered by their place.
pub async fn record_flow(
    tx: &mut Tx,
    report: &FlowReport,
    rows: &[FlowRow],
    findings: &[FlowFinding],
    now: DateTime<Utc>,
) -> Result<FlowRecorded, StorageError> {
    let key = &report.key;
    announce(tx, key, None, now).await?;
    let id: Option<i64> = on_engine!(tx, |c| sqlx::query_scalar(COMPLETE_FLOW)
        .bind(key.institution.as_str())
        .bind(&key.psp)
        .bind(key.id.as_str())
        .bind(i64::from(key.revision))
        .bind(now)
        .bind(&report.regulation)
        .bind(report.regulated_on)
        .bind(i64::try_from(report.declared.count).unwrap_or(i64::MAX))
        .bind(report.declared.sum.as_i64())
        .bind(to_json(report))
        .bind(to_json(&findings))
        .fetch_optional(c)
        .await)?;
    let Some(id) = id else {
        return Ok(FlowRecorded::Repeated);
    };
    on_engine!(tx, |c| insert_rows_on_sqlite(c, id, rows).await, |c| {
        insert_rows_on_postgres(c, id, rows).await
    })?;
    let told = list_reported(tx, id, report, now).await?;
    record_outcomes(tx, &told).await?;
    Ok(FlowRecorded::New)
}

#[derive(sqlx::FromRow)]
struct ReportedRow {
    iur: String,
    iuv: String,
    amount: i64,
    outcome: String,
    paid_on: NaiveDate,
    notice_number: Option<String>,
    service: Option<String>,
    key: Option<String>,
}

/// What programs are told of the payments of a flow: each receipt once, its parts added up.
async fn list_reported(
    tx: &mut Tx,
    id: i64,
    report: &FlowReport,
    now: DateTime<Utc>,
) -> Result<Vec<Outcome>, StorageError> {
    let rows: Vec<ReportedRow> = on_engine!(tx, |c| sqlx::query_as(LIST_REPORTED)
        .bind(id)
        .bind(report.key.institution.as_str())
        .fetch_all(c)
        .await)?;
    let mut places: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    let mut payments: Vec<(ReportedPayment, Option<Concerned>)> = Vec::with_capacity(rows.len());
    for row in rows {
        let amount = Cents::new(row.amount);
        if let Some(place) = places.get(&row.iur) {
            let sum = &mut payments[*place].0.amount;
            *sum = sum.checked_add(amount).unwrap_or(*sum);
            continue;
        }
        let of = RowOf {
            table: "flow_report_row",
            key: &row.iur,
        };
        let payment = ReportedPayment {
            outcome: of.one_of("outcome", &row.outcome, FlowOutcome::ALL, FlowOutcome::as_str)?,
            notice_number: of.parse_if("notice_number", row.notice_number.as_deref())?,
            iur: row.iur.clone(),
            iuv: row.iuv,
            amount,
            paid_on: row.paid_on,
        };
        let concerned = row
            .service
            .zip(row.key)
            .map(|(service, position)| Concerned { service, position });
        places.insert(row.iur, payments.len());
        payments.push((payment, concerned));
    }
    Ok(payments
        .into_iter()
        .map(|(payment, of)| of_reported(report, payment, of, now))
        .collect())
}

/// Payments one statement takes on PostgreSQL.
const BATCH_ON_POSTGRES: usize = 10_000;
/// Payments one statement takes on SQLite: a statement of one length stays prepared, the last one is shorter.
const BATCH_ON_SQLITE: usize = 128;

/// The payments with their places, from 1.
fn placed(rows: &[FlowRow]) -> impl Iterator<Item = (i64, &FlowRow)> {
    (1_i64..).zip(rows)
}

async fn insert_rows_on_sqlite(
    connection: &mut SqliteConnection,
    id: i64,
    rows: &[FlowRow],
) -> Result<(), StorageError> {
    let placed: Vec<_> = placed(rows).collect();
    for batch in placed.chunks(BATCH_ON_SQLITE) {
        let mut insert = QueryBuilder::new(
            "INSERT OR FAIL INTO flow_report_row (flow_report, ordinal, iuv, iur, transfer_id, amount, outcome, paid_on) ",
        );
        insert.push_values(batch, |mut values, (place, row)| {
            values
                .push_bind(id)
                .push_bind(*place)
                .push_bind(&row.iuv)
                .push_bind(&row.iur)
                .push_bind(row.transfer_id.map(i16::from))
                .push_bind(row.amount.as_i64())
                .push_bind(row.outcome.as_str())
                .push_bind(row.paid_on);
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

async fn insert_rows_on_postgres(
    connection: &mut PgConnection,
    id: i64,
    rows: &[FlowRow],
) -> Result<(), StorageError> {
    let placed: Vec<_> = placed(rows).collect();
    for batch in placed.chunks(BATCH_ON_POSTGRES) {
        sqlx::query(RECORD_ROWS_ON_POSTGRES)
            .bind(id)
            .bind(batch.iter().map(|(place, _)| *place).collect::<Vec<_>>())
            .bind(batch.iter().map(|(_, row)| row.iuv.as_str()).collect::<Vec<_>>())
            .bind(batch.iter().map(|(_, row)| row.iur.as_str()).collect::<Vec<_>>())
            .bind(
                batch
                    .iter()
                    .map(|(_, row)| row.transfer_id.map(i16::from))
                    .collect::<Vec<_>>(),
            )
            .bind(
                batch
                    .iter()
                    .map(|(_, row)| row.amount.as_i64())
                    .collect::<Vec<_>>(),
            )
            .bind(
                batch
                    .iter()
                    .map(|(_, row)| row.outcome.as_str())
                    .collect::<Vec<_>>(),
            )
            .bind(batch.iter().map(|(_, row)| row.paid_on).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// When the last flow known of an institution was published.
pub async fn find_last_published(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    Ok(on_engine!(snapshot, |c| sqlx::query_scalar(FIND_LAST_PUBLISHED)
        .bind(institution.as_str())
        .fetch_one(c)
        .await)?)
}

/// The flows that are announced and not here, the oldest first, at most `limit`.
pub async fn list_flows_to_fetch(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    limit: u32,
) -> Result<Vec<FlowKey>, StorageError> {
    let rows: Vec<(String, String, i64)> = on_engine!(snapshot, |c| sqlx::query_as(LIST_FLOWS_TO_FETCH)
        .bind(institution.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|(psp, flow_id, revision)| {
            let of = RowOf {
                table: "flow_report",
                key: &flow_id,
            };
            Ok(FlowKey {
                institution: institution.clone(),
                psp,
                id: of.parse("flow_id", &flow_id)?,
                revision: of.count("revision", revision)?,
            })
        })
        .collect()
}

/// One revision of a flow.
pub async fn find_flow(snapshot: &mut Snapshot, key: &FlowKey) -> Result<Option<StoredFlow>, StorageError> {
    let row: Option<FlowRecord> = on_engine!(snapshot, |c| sqlx::query_as(FIND_FLOW)
        .bind(key.institution.as_str())
        .bind(&key.psp)
        .bind(key.id.as_str())
        .bind(i64::from(key.revision))
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The flows of an institution, every revision, the last first (by when they were published, or came as a file), at most
/// `limit`.
pub async fn list_flows(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    limit: u32,
) -> Result<Vec<StoredFlow>, StorageError> {
    let rows: Vec<FlowRecord> = on_engine!(snapshot, |c| sqlx::query_as(LIST_FLOWS)
        .bind(institution.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The revisions of the flows with this identifier, of any provider, the highest first, at most a hundred.
pub async fn list_revisions(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    id: &domain::FlowId,
) -> Result<Vec<StoredFlow>, StorageError> {
    let rows: Vec<FlowRecord> = on_engine!(snapshot, |c| sqlx::query_as(LIST_REVISIONS)
        .bind(institution.as_str())
        .bind(id.as_str())
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(sqlx::FromRow)]
struct PaymentRow {
    ordinal: i64,
    iuv: String,
    iur: String,
    transfer_id: Option<i16>,
    amount: i64,
    outcome: String,
    paid_on: NaiveDate,
}

impl TryFrom<PaymentRow> for FlowRow {
    type Error = StorageError;
    fn try_from(row: PaymentRow) -> Result<Self, StorageError> {
        let key = row.ordinal.to_string();
        let of = RowOf {
            table: "flow_report_row",
            key: &key,
        };
        Ok(Self {
            index: of.count("ordinal", row.ordinal)?,
            transfer_id: row
                .transfer_id
                .map(|id| of.small("transfer_id", id))
                .transpose()?,
            amount: Cents::new(row.amount),
            outcome: of.one_of("outcome", &row.outcome, FlowOutcome::ALL, FlowOutcome::as_str)?,
            iuv: row.iuv,
            iur: row.iur,
            paid_on: row.paid_on,
        })
    }
}

/// Money of a payment in a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportOfPayment {
    /// The flow.
    pub flow_id: String,
    /// The transfer that carries its money.
    pub regulation: String,
    /// The day of that transfer.
    pub regulated_on: NaiveDate,
    /// What of the payment is in it.
    pub amount: Cents,
}

/// The flows of the institution with money of the payment of a receipt, the oldest first.
pub async fn list_reports_of_payment(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    receipt_id: &ReceiptId,
) -> Result<Vec<ReportOfPayment>, StorageError> {
    let rows: Vec<(String, String, NaiveDate, i64)> =
        on_engine!(snapshot, |c| sqlx::query_as(LIST_REPORTS_OF_PAYMENT)
            .bind(receipt_id.as_str())
            .bind(institution.as_str())
            .fetch_all(c)
            .await)?;
    Ok(rows
        .into_iter()
        .map(|(flow_id, regulation, regulated_on, amount)| ReportOfPayment {
            flow_id,
            regulation,
            regulated_on,
            amount: Cents::new(amount),
        })
        .collect())
}

/// The payments of a flow after a place, in order, at most `limit`.
pub async fn list_flow_rows(
    snapshot: &mut Snapshot,
    key: &FlowKey,
    after: u32,
    limit: u32,
) -> Result<Vec<FlowRow>, StorageError> {
    let rows: Vec<PaymentRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_ROWS)
        .bind(key.institution.as_str())
        .bind(&key.psp)
        .bind(key.id.as_str())
        .bind(i64::from(key.revision))
        .bind(i64::from(after))
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// A payment that flows name and that has no receipt here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingReceipt {
    /// The receipt's id.
    pub id: ReceiptId,
    /// Its payment reference, as the flow writes it.
    pub iuv: String,
}

/// Which missing receipts to list.
#[derive(Debug, Clone, Copy)]
pub struct MissingSince {
    /// Named by flows that came since then.
    pub fetched_at: DateTime<Utc>,
    /// Not asked for after then.
    pub asked_before: DateTime<Utc>,
    /// Asked for fewer times than this.
    pub times_max: u8,
}

/// Payments of an institution's flows whose outcome says that there is a receipt, and that has none here: those of the
/// oldest flows first, at most `limit`. What cannot be a receipt's id is left out.
pub async fn list_missing_receipts(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    since: MissingSince,
    limit: u32,
) -> Result<Vec<MissingReceipt>, StorageError> {
    let rows: Vec<(String, String)> = on_engine!(snapshot, |c| sqlx::query_as(LIST_MISSING_RECEIPTS)
        .bind(institution.as_str())
        .bind(since.fetched_at)
        .bind(since.asked_before)
        .bind(i16::from(since.times_max))
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    Ok(rows
        .into_iter()
        .filter_map(|(iur, iuv)| {
            let id = ReceiptId::parse(&iur).ok()?;
            Some(MissingReceipt { id, iuv })
        })
        .collect())
}
