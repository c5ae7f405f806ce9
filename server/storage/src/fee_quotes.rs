//! How the amounts of notices made by tariffs came about, with the text of each version of a tariff that was used: a
//! quote is worked out again years later from what is here alone.

use crate::engine::on_engine;
use crate::row::{RowOf, one_row};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{CreditorFiscalCode, NoticeNumber};
use std::fmt;

macro_rules! quote_query {
    ($tail:literal) => {
        concat!(
            "SELECT q.token, q.content, q.institution, q.position_key, q.service, q.tariff, q.version, q.digest, \
             q.inputs, q.result, q.today, q.evaluator, q.created_at, i.notice_number FROM fee_quote q \
             JOIN debt_position p ON p.institution = q.institution AND p.key = q.position_key \
             JOIN instalment i ON i.position_id = p.id ",
            $tail
        )
    };
}

statements! {
    KEEP_TARIFF_VERSION =
        "INSERT INTO tariff_version (digest, id, version, source, kept_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (digest) DO NOTHING";
    FIND_TARIFF_SOURCE = "SELECT source FROM tariff_version WHERE digest = $1";
    // The token is met with DO NOTHING, so that a failure can only be the position.
    INSERT_FEE_QUOTE =
        "INSERT INTO fee_quote (token, content, institution, position_key, service, tariff, version, digest, inputs, \
                                result, today, evaluator, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (token) DO NOTHING";
    FIND_FEE_QUOTE = quote_query!("WHERE i.notice_number = $1 AND i.institution = $2");
    FIND_FEE_QUOTE_BY_TOKEN = quote_query!("WHERE q.token = $1");
}

/// How the amount of a notice came about.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredQuote {
    /// What the form was sent under; nobody can guess it.
    pub token: String,
    /// SHA-256 of all that was asked for.
    pub content: [u8; 32],
    /// The institution.
    pub institution: CreditorFiscalCode,
    /// The notice. It is read by way of the position.
    pub notice_number: NoticeNumber,
    /// The position it was made for.
    pub position_key: String,
    /// Code of the service.
    pub service: String,
    /// Id of the tariff.
    pub tariff: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the version's text, in small hexadecimal digits.
    pub digest: String,
    /// The answers, as a JSON object of texts.
    pub inputs: String,
    /// What came out, as JSON.
    pub result: String,
    /// The civil day in Italy it was worked out for.
    pub today: NaiveDate,
    /// Version of the package that worked it out.
    pub evaluator: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

// Answers are personal and the token opens the notice: neither is for what developers print.
impl fmt::Debug for StoredQuote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredQuote")
            .field("institution", &self.institution)
            .field("notice_number", &self.notice_number)
            .field("tariff", &self.tariff)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A version of a tariff to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TariffVersion<'a> {
    /// SHA-256 of the text, in small hexadecimal digits.
    pub digest: &'a str,
    /// The tariff.
    pub id: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The text of its file.
    pub source: &'a str,
}

#[derive(sqlx::FromRow)]
struct QuoteRow {
    token: String,
    content: Vec<u8>,
    institution: String,
    position_key: String,
    service: String,
    tariff: String,
    version: String,
    digest: String,
    inputs: String,
    result: String,
    today: NaiveDate,
    evaluator: String,
    created_at: DateTime<Utc>,
    notice_number: String,
}

impl TryFrom<QuoteRow> for StoredQuote {
    type Error = StorageError;
    fn try_from(row: QuoteRow) -> Result<Self, StorageError> {
        let of = RowOf {
            table: "fee_quote",
            key: &row.position_key,
        };
        Ok(Self {
            content: row.content.try_into().map_err(|_| of.wrong("content"))?,
            institution: of.parse("institution", &row.institution)?,
            notice_number: of.parse("notice_number", &row.notice_number)?,
            token: row.token,
            position_key: row.position_key,
            service: row.service,
            tariff: row.tariff,
            version: row.version,
            digest: row.digest,
            inputs: row.inputs,
            result: row.result,
            today: row.today,
            evaluator: row.evaluator,
            created_at: row.created_at,
        })
    }
}

/// Keeps a version of a tariff, unless it is kept already.
pub async fn keep_tariff_version(
    tx: &mut Tx,
    version: TariffVersion<'_>,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(KEEP_TARIFF_VERSION)
        .bind(version.digest)
        .bind(version.id)
        .bind(version.version)
        .bind(version.source)
        .bind(at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The text of a version that is kept.
pub async fn find_tariff_source(
    snapshot: &mut Snapshot,
    digest: &str,
) -> Result<Option<String>, StorageError> {
    Ok(on_engine!(snapshot, |c| sqlx::query_scalar(FIND_TARIFF_SOURCE)
        .bind(digest)
        .fetch_optional(c)
        .await)?)
}

/// Keeps a quote. Its position and its version of the tariff are kept already.
///
/// # Errors
/// [`StorageError::Conflict`] when somebody kept one under its token first: read that one. Undo the transaction then.
pub async fn insert_fee_quote(tx: &mut Tx, quote: &StoredQuote) -> Result<(), StorageError> {
    let inserted = on_engine!(tx, |c| sqlx::query(INSERT_FEE_QUOTE)
        .bind(&quote.token)
        .bind(&quote.content[..])
        .bind(quote.institution.as_str())
        .bind(&quote.position_key)
        .bind(&quote.service)
        .bind(&quote.tariff)
        .bind(&quote.version)
        .bind(&quote.digest)
        .bind(&quote.inputs)
        .bind(&quote.result)
        .bind(quote.today)
        .bind(&quote.evaluator)
        .bind(quote.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(inserted)
}

/// How the amount of this notice came about, if a tariff made it.
pub async fn find_fee_quote(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<StoredQuote>, StorageError> {
    let row: Option<QuoteRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_FEE_QUOTE)
        .bind(number.as_str())
        .bind(institution.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The quote kept under this token, of whichever institution.
pub async fn find_fee_quote_by_token(
    snapshot: &mut Snapshot,
    token: &str,
) -> Result<Option<StoredQuote>, StorageError> {
    let row: Option<QuoteRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_FEE_QUOTE_BY_TOKEN)
        .bind(token)
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}
