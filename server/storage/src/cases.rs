//! Cases: what an office must look at because of a receipt.

use crate::engine::on_engine;
use crate::row::{RowOf, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::case::Case;
use domain::{Cents, CreditorFiscalCode};

statements! {
    RECORD_CASE =
        "INSERT INTO receipt_case (institution, receipt_id, kind, notice_number, money, opened_at, content) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (institution, receipt_id, kind) DO NOTHING";
    // Oldest first, so that nothing waits for ever.
    LIST_CASES =
        "SELECT id, institution, receipt_id, kind, notice_number, money, opened_at, content FROM receipt_case \
         WHERE institution = $1 AND id > $2 ORDER BY id LIMIT $3";
}

/// Most cases a page holds.
pub const PAGE_MAX: u32 = 200;

/// A kept case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCase {
    /// Its row: later cases have larger ones.
    pub id: i64,
    /// The case.
    pub case: Case,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    id: i64,
    institution: String,
    receipt_id: String,
    kind: String,
    notice_number: String,
    money: i64,
    opened_at: DateTime<Utc>,
    content: String,
}

impl TryFrom<CaseRow> for OpenCase {
    type Error = StorageError;
    fn try_from(row: CaseRow) -> Result<Self, StorageError> {
        let key = row.id.to_string();
        let of = RowOf {
            table: "receipt_case",
            key: &key,
        };
        let case = Case {
            institution: of.parse("institution", &row.institution)?,
            receipt_id: of.parse("receipt_id", &row.receipt_id)?,
            notice_number: of.parse("notice_number", &row.notice_number)?,
            kind: of.json("content", &row.content)?,
            money: Cents::new(row.money),
        };
        if case.kind.as_str() != row.kind {
            return Err(of.wrong("kind"));
        }
        Ok(Self {
            id: row.id,
            case,
            opened_at: row.opened_at,
        })
    }
}

/// Keeps a case unless its receipt has one of its kind: what is told twice is looked at once.
pub async fn record_case(tx: &mut Tx, case: &Case, at: DateTime<Utc>) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(RECORD_CASE)
        .bind(case.institution.as_str())
        .bind(case.receipt_id.as_str())
        .bind(case.kind.as_str())
        .bind(case.notice_number.as_str())
        .bind(case.money.as_i64())
        .bind(at)
        .bind(to_json(&case.kind))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// A page of an institution's open cases, the oldest first: those after the row `after`, at most [`PAGE_MAX`]. The
/// last row of a page begins the next one; the first begins after 0.
pub async fn list_open_cases(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    after: i64,
    limit: u32,
) -> Result<Vec<OpenCase>, StorageError> {
    let rows: Vec<CaseRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_CASES)
        .bind(institution.as_str())
        .bind(after)
        .bind(i64::from(limit.min(PAGE_MAX)))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
