//! Notices as seen from outside. Each question is one indexed statement: the hub asks before every payment, and gives
//! us two seconds.

use super::transfers::{TransferRow, transfer_columns};
use crate::engine::on_engine;
use crate::row::RowOf;
use crate::statements::statements;
use crate::{Snapshot, StorageError};
use chrono::{DateTime, NaiveDate, Utc};
use domain::debt_position::{DebtPositionStatus, InstalmentPayment};
use domain::{Cents, CreditorFiscalCode, Iuv, Notice, NoticeNumber, OptionKind, Subject, Transfer};

/// A notice is its instalment's row and its position's.
macro_rules! notice_query {
    ($more:expr, $tail:literal) => {
        concat!(
            "SELECT i.institution, i.notice_number, i.iuv, i.option_index, i.option_kind, i.ordinal, \
             i.instalment_count, i.amount, i.due_on, i.payable_until, i.description, i.all_postal, i.receipt_id, \
             i.paid_at, p.key, p.service, p.valid_from, p.status, p.chosen, p.status_at, p.replaced_by",
            $more,
            " FROM instalment i JOIN debt_position p ON p.id = i.position_id ",
            $tail
        )
    };
}

statements! {
    FIND_NOTICE = notice_query!("", "WHERE i.notice_number = $1 AND i.institution = $2");
    FIND_NOTICES_BY_NUMBER =
        notice_query!("", "WHERE i.notice_number = $1 ORDER BY i.institution LIMIT 20");
    // Fewer numbers are filled up with the last: one statement stays prepared for every count.
    FIND_NOTICES_BY_NUMBERS = notice_query!(
        "",
        "WHERE i.notice_number IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    );
    FIND_NOTICE_BY_IUV = notice_query!("", "WHERE i.iuv = $1 AND i.institution = $2");
    FIND_NOTICES_BY_IUV = notice_query!("", "WHERE i.iuv = $1 ORDER BY i.institution LIMIT 20");
    // A row for each transfer: one statement sees one moment, and an amendment may come at any other.
    FIND_PAYABLE = notice_query!(
        concat!(", p.debtor, ", transfer_columns!()),
        "JOIN transfer t ON t.instalment_id = i.id WHERE i.notice_number = $1 AND i.institution = $2 \
         ORDER BY t.ordinal"
    );
    LIST_NOTICES_OF_POSITION = notice_query!(
        "",
        "WHERE p.institution = $1 AND p.key = $2 ORDER BY i.option_index, i.ordinal"
    );
}

#[derive(sqlx::FromRow)]
struct NoticeRow {
    institution: String,
    notice_number: String,
    iuv: String,
    option_index: i16,
    option_kind: String,
    ordinal: i16,
    instalment_count: i16,
    amount: i64,
    due_on: Option<NaiveDate>,
    payable_until: Option<NaiveDate>,
    description: String,
    all_postal: bool,
    receipt_id: Option<String>,
    paid_at: Option<DateTime<Utc>>,
    key: String,
    service: String,
    valid_from: Option<NaiveDate>,
    #[sqlx(flatten)]
    status: StatusRow,
}

#[derive(sqlx::FromRow)]
struct PayableRow {
    #[sqlx(flatten)]
    notice: NoticeRow,
    #[sqlx(flatten)]
    transfer: TransferRow,
    debtor: String,
}

/// The columns a position's status is kept in.
#[derive(sqlx::FromRow)]
pub(super) struct StatusRow {
    pub(super) status: String,
    pub(super) chosen: Option<i16>,
    pub(super) status_at: Option<DateTime<Utc>>,
    pub(super) replaced_by: Option<String>,
}

impl StatusRow {
    pub(super) fn read(self, of: RowOf<'_>) -> Result<DebtPositionStatus, StorageError> {
        use DebtPositionStatus as S;
        let chosen = self.chosen.map(|chosen| of.small("chosen", chosen)).transpose()?;
        let by = of.parse_if("replaced_by", self.replaced_by.as_deref())?;
        Ok(match (self.status.as_str(), chosen, self.status_at, by) {
            ("draft", None, None, None) => S::Draft,
            ("open", chosen, None, None) => S::Open { chosen },
            ("paid", Some(chosen), Some(at), None) => S::Paid { chosen, at },
            ("cancelled", None, Some(at), None) => S::Cancelled { at },
            ("replaced", None, Some(at), Some(by)) => S::Replaced { by, at },
            ("expired", None, Some(at), None) => S::Expired { at },
            _ => return Err(of.wrong("status")),
        })
    }
}

impl TryFrom<NoticeRow> for Notice {
    type Error = StorageError;
    fn try_from(row: NoticeRow) -> Result<Self, StorageError> {
        let of = RowOf {
            table: "instalment",
            key: &row.notice_number,
        };
        Ok(Self {
            institution: of.parse("institution", &row.institution)?,
            number: of.parse("notice_number", &row.notice_number)?,
            iuv: of.parse("iuv", &row.iuv)?,
            position_status: row.status.read(RowOf {
                table: "debt_position",
                ..of
            })?,
            option: of.small("option_index", row.option_index)?,
            option_kind: read_option_kind(of, &row.option_kind)?,
            instalment: of.small("ordinal", row.ordinal)?,
            instalment_count: of.small("instalment_count", row.instalment_count)?,
            amount: Cents::new(row.amount),
            payment: read_payment(of, row.receipt_id.as_deref(), row.paid_at)?,
            position_key: row.key,
            service: row.service,
            due_on: row.due_on,
            payable_until: row.payable_until,
            valid_from: row.valid_from,
            description: row.description,
            all_postal: row.all_postal,
        })
    }
}

pub(super) fn read_option_kind(of: RowOf<'_>, name: &str) -> Result<OptionKind, StorageError> {
    let all = [OptionKind::Whole, OptionKind::InstalmentPlan, OptionKind::Reduced];
    of.one_of("option_kind", name, all, OptionKind::as_str)
}

pub(super) fn read_payment(
    of: RowOf<'_>,
    receipt_id: Option<&str>,
    paid_at: Option<DateTime<Utc>>,
) -> Result<Option<InstalmentPayment>, StorageError> {
    match (of.parse_if("receipt_id", receipt_id)?, paid_at) {
        (Some(receipt_id), Some(at)) => Ok(Some(InstalmentPayment { receipt_id, at })),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(of.wrong("paid_at")),
    }
}

/// A notice with what the hub needs to take the money: who owes, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayableNotice {
    /// The notice.
    pub notice: Notice,
    /// Who owes.
    pub debtor: Subject,
    /// The parts of its amount, in order.
    pub transfers: Vec<Transfer>,
}

/// The institution's notice with this number, in whatever state.
pub async fn find_notice(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<Notice>, StorageError> {
    let row: Option<NoticeRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_NOTICE)
        .bind(number.as_str())
        .bind(institution.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The institution's notice with this payment reference, in whatever state.
pub async fn find_notice_by_iuv(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    iuv: &Iuv,
) -> Result<Option<Notice>, StorageError> {
    let row: Option<NoticeRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_NOTICE_BY_IUV)
        .bind(iuv.as_str())
        .bind(institution.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The notices with this number in every institution, at most twenty.
pub async fn find_notices_by_number(
    snapshot: &mut Snapshot,
    number: &NoticeNumber,
) -> Result<Vec<Notice>, StorageError> {
    let rows: Vec<NoticeRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_NOTICES_BY_NUMBER)
        .bind(number.as_str())
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many numbers [`find_notices_by_numbers`] takes at most.
pub const NUMBERS_MAX: usize = 16;

/// The notices with any of these numbers, in every institution, in no order: for who must answer many questions
/// promptly. Numbers after the first [`NUMBERS_MAX`] are left out.
pub async fn find_notices_by_numbers(
    snapshot: &mut Snapshot,
    numbers: &[&NoticeNumber],
) -> Result<Vec<Notice>, StorageError> {
    let Some(last) = numbers.last() else {
        return Ok(Vec::new());
    };
    let filled_up = numbers.iter().chain(std::iter::repeat(last)).take(NUMBERS_MAX);
    let rows: Vec<NoticeRow> = on_engine!(snapshot, |c| {
        filled_up
            .fold(sqlx::query_as(FIND_NOTICES_BY_NUMBERS), |query, number| {
                query.bind(number.as_str())
            })
            .fetch_all(c)
            .await
    })?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The notices with this payment reference in every institution, at most twenty.
pub async fn find_notices_by_iuv(snapshot: &mut Snapshot, iuv: &Iuv) -> Result<Vec<Notice>, StorageError> {
    let rows: Vec<NoticeRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_NOTICES_BY_IUV)
        .bind(iuv.as_str())
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The institution's notice with this number, its debtor and its transfers.
pub async fn find_payable(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<PayableNotice>, StorageError> {
    let rows: Vec<PayableRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_PAYABLE)
        .bind(number.as_str())
        .bind(institution.as_str())
        .fetch_all(c)
        .await)?;
    let of = RowOf {
        table: "debt_position",
        key: number.as_str(),
    };
    let mut found: Option<PayableNotice> = None;
    for row in rows {
        let transfer = row.transfer.try_into()?;
        match &mut found {
            Some(payable) => payable.transfers.push(transfer),
            None => {
                found = Some(PayableNotice {
                    notice: row.notice.try_into()?,
                    debtor: of.json("debtor", &row.debtor)?,
                    transfers: vec![transfer],
                });
            }
        }
    }
    Ok(found)
}

/// Every notice of a position: options in their order, instalments in theirs.
pub async fn list_notices_of_position(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    key: &str,
) -> Result<Vec<Notice>, StorageError> {
    let rows: Vec<NoticeRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_NOTICES_OF_POSITION)
        .bind(institution.as_str())
        .bind(key)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
