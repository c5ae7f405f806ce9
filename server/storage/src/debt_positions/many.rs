//! Many new positions at once, under the same constraints as one by one: by COPY on PostgreSQL, by rows of fifty on SQLite.

use super::positions::{all_postal, insert_position, last_payable_day, status_columns};
use crate::engine::on_engine;
use crate::error::duplicate_or_unknown;
use crate::row::to_json;
use crate::statements::statements;
use crate::{StorageError, Tx};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::transfer::Destination;
use domain::{DebtPosition, Iban, Instalment, PaymentOption, Transfer};
use sqlx::{PgConnection, SqliteConnection};
use std::fmt::{Display, Write as _};

/// Rows of one statement on SQLite.
const ROWS: usize = 50;

macro_rules! ten {
    ($row:literal) => {
        concat!(
            $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row,
            ",", $row
        )
    };
}
macro_rules! fifty {
    ($row:literal) => {
        concat!(
            ten!($row),
            ",",
            ten!($row),
            ",",
            ten!($row),
            ",",
            ten!($row),
            ",",
            ten!($row)
        )
    };
}

macro_rules! position_columns {
    () => {
        "debt_position (id, institution, key, service, debtor, description, valid_from, payable_until, status, chosen, \
         status_at, replaced_by, version, created_at, feed_pending)"
    };
}
macro_rules! instalment_columns {
    () => {
        "instalment (id, position_id, institution, notice_number, iuv, option_index, option_kind, ordinal, \
         instalment_count, amount, due_on, payable_until, description, all_postal, receipt_id, paid_at)"
    };
}
macro_rules! transfer_columns {
    () => {
        "transfer (instalment_id, ordinal, amount, beneficiary, beneficiary_name, iban, postal_iban, stamp_digest, \
         stamp_province, remittance_information, category, metadata)"
    };
}

statements! {
    // Every number is taken beforehand: the rows of three tables refer to one another.
    TAKE_POSITION_IDS_ON_POSTGRES =
        "SELECT array_agg(nextval(pg_get_serial_sequence('debt_position', 'id'))) FROM generate_series(1, $1)";
    TAKE_INSTALMENT_IDS_ON_POSTGRES =
        "SELECT array_agg(nextval(pg_get_serial_sequence('instalment', 'id'))) FROM generate_series(1, $1)";
    // The writer is ours alone on SQLite until the transaction ends.
    LAST_IDS_ON_SQLITE =
        "SELECT COALESCE((SELECT MAX(id) FROM debt_position), 0), COALESCE((SELECT MAX(id) FROM instalment), 0)";
    INSERT_POSITIONS_ON_SQLITE = concat!(
        "INSERT INTO ", position_columns!(), " VALUES ", fifty!("(?,?,?,?,?,?,?,?,?,?,?,?,0,?,TRUE)")
    );
    INSERT_INSTALMENTS_ON_SQLITE = concat!(
        "INSERT INTO ", instalment_columns!(), " VALUES ", fifty!("(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
    );
    INSERT_INSTALMENT_ON_SQLITE = concat!(
        "INSERT INTO ", instalment_columns!(), " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    );
    INSERT_TRANSFERS_ON_SQLITE = concat!(
        "INSERT INTO ", transfer_columns!(), " VALUES ", fifty!("(?,?,?,?,?,?,?,?,?,?,?,?)")
    );
    INSERT_TRANSFER_ON_SQLITE = concat!(
        "INSERT INTO ", transfer_columns!(), " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
    );
}

// Not statements that can be prepared: COPY has a protocol of its own.
const COPY_POSITIONS: &str = concat!("COPY ", position_columns!(), " FROM STDIN");
const COPY_INSTALMENTS: &str = concat!("COPY ", instalment_columns!(), " FROM STDIN");
const COPY_TRANSFERS: &str = concat!("COPY ", transfer_columns!(), " FROM STDIN");

/// Stores new positions with all their notices, as [`insert_position`] does one by one.
///
/// # Errors
/// As of [`insert_position`], of any of them, without saying of which. Undo the transaction then, or go back to a mark, and
/// store them one by one.
pub async fn insert_positions(
    tx: &mut Tx,
    positions: &[DebtPosition],
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let whole = tx.pick(positions.len() - positions.len() % ROWS, positions.len());
    let (many, few) = positions.split_at(whole);
    if !many.is_empty() {
        on_engine!(tx, |c| insert_on_sqlite(c, many, at).await, |c| copy_on_postgres(
            c, many, at
        )
        .await)
        .map_err(|error| {
            duplicate_or_unknown(
                error,
                "position key, notice number or payment reference",
                "service",
            )
        })?;
    }
    for position in few {
        insert_position(tx, position, at).await?;
    }
    Ok(())
}

/// An instalment, where it belongs.
struct Placed<'a> {
    id: i64,
    position_id: i64,
    position: &'a DebtPosition,
    option_index: i16,
    option: &'a PaymentOption,
    ordinal: i16,
    instalment: &'a Instalment,
}

/// The instalments of positions with their numbers; the position's comes with each.
fn placed(
    positions: &[DebtPosition],
    ids: impl IntoIterator<Item = i64>,
    mut instalment_ids: impl Iterator<Item = i64>,
) -> Vec<Placed<'_>> {
    let mut all = Vec::with_capacity(positions.len());
    for (position, position_id) in positions.iter().zip(ids) {
        for (option, option_index) in position.options.iter().zip(0_i16..) {
            for (instalment, ordinal) in option.instalments.iter().zip(1_i16..) {
                // As many numbers were taken as there are instalments.
                let Some(id) = instalment_ids.next() else {
                    return all;
                };
                all.push(Placed {
                    id,
                    position_id,
                    position,
                    option_index,
                    option,
                    ordinal,
                    instalment,
                });
            }
        }
    }
    all
}

fn count_of(option: &PaymentOption) -> i16 {
    i16::try_from(option.instalments.len()).unwrap_or(i16::MAX)
}

/// The columns of a destination: IBAN, postal IBAN, digest and province of a stamp.
fn destination(transfer: &Transfer) -> (Option<&str>, Option<&str>, Option<&str>, Option<&str>) {
    match &transfer.destination {
        Destination::Account { iban, postal_iban } => (
            Some(iban.as_str()),
            postal_iban.as_ref().map(Iban::as_str),
            None,
            None,
        ),
        Destination::StampDuty {
            document_digest,
            province,
        } => (None, None, Some(document_digest), Some(province)),
    }
}

async fn copy_on_postgres(
    c: &mut PgConnection,
    positions: &[DebtPosition],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let instalments = positions
        .iter()
        .map(|position| position.instalments().count())
        .sum();
    let ids: Vec<i64> = sqlx::query_scalar(TAKE_POSITION_IDS_ON_POSTGRES)
        .bind(count(positions.len()))
        .fetch_one(&mut *c)
        .await?;
    let instalment_ids: Vec<i64> = sqlx::query_scalar(TAKE_INSTALMENT_IDS_ON_POSTGRES)
        .bind(count(instalments))
        .fetch_one(&mut *c)
        .await?;
    let at = instant(at);
    let mut copy = CopyText::default();
    for (position, id) in positions.iter().zip(&ids) {
        let (status, chosen, status_at, replaced_by) = status_columns(&position.status);
        copy.plain(id);
        copy.text(position.institution.as_str());
        copy.text(&position.key);
        copy.text(&position.service);
        copy.text(&to_json(&position.debtor));
        copy.text(&position.description);
        copy.plain_if(position.valid_from);
        copy.plain_if(last_payable_day(position));
        copy.plain(status);
        copy.plain_if(chosen);
        copy.plain_if(status_at.map(instant));
        copy.plain_if(replaced_by);
        copy.plain(0);
        copy.plain(&at);
        copy.plain("t");
        copy.end_row();
    }
    copy.send(c, COPY_POSITIONS).await?;
    let placed = placed(positions, ids, instalment_ids.into_iter());
    for place in &placed {
        let instalment = place.instalment;
        copy.plain(place.id);
        copy.plain(place.position_id);
        copy.text(place.position.institution.as_str());
        copy.plain(instalment.notice_number.as_str());
        copy.text(instalment.iuv.as_str());
        copy.plain(place.option_index);
        copy.plain(place.option.kind.as_str());
        copy.plain(place.ordinal);
        copy.plain(count_of(place.option));
        copy.plain(instalment.amount.as_i64());
        copy.plain_if(instalment.due_on);
        copy.plain_if(instalment.payable_until);
        copy.text(&instalment.description);
        copy.plain(if all_postal(instalment) { "t" } else { "f" });
        copy.text_if(
            instalment
                .payment
                .as_ref()
                .map(|payment| payment.receipt_id.as_str()),
        );
        copy.plain_if(instalment.payment.as_ref().map(|payment| instant(payment.at)));
        copy.end_row();
    }
    copy.send(c, COPY_INSTALMENTS).await?;
    for place in &placed {
        for transfer in &place.instalment.transfers {
            let (iban, postal_iban, digest, province) = destination(transfer);
            copy.plain(place.id);
            copy.plain(transfer.id);
            copy.plain(transfer.amount.as_i64());
            copy.text(transfer.beneficiary.as_str());
            copy.text(&transfer.beneficiary_name);
            copy.text_if(iban);
            copy.text_if(postal_iban);
            copy.text_if(digest);
            copy.text_if(province);
            copy.text(&transfer.remittance_information);
            copy.text(transfer.category.as_str());
            copy.text(&to_json(&transfer.metadata));
            copy.end_row();
        }
    }
    copy.send(c, COPY_TRANSFERS).await
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Rows in the text format of COPY.
#[derive(Default)]
struct CopyText {
    rows: String,
    is_open: bool,
}

impl CopyText {
    fn begin(&mut self) {
        if self.is_open {
            self.rows.push('\t');
        }
        self.is_open = true;
    }

    /// A value that has nothing to escape.
    fn plain(&mut self, value: impl Display) {
        self.begin();
        let _ = write!(self.rows, "{value}");
    }

    fn plain_if(&mut self, value: Option<impl Display>) {
        match value {
            Some(value) => self.plain(value),
            None => self.plain("\\N"),
        }
    }

    fn text(&mut self, text: &str) {
        self.begin();
        if text.contains(['\\', '\t', '\n', '\r']) {
            for character in text.chars() {
                match character {
                    '\\' => self.rows.push_str("\\\\"),
                    '\t' => self.rows.push_str("\\t"),
                    '\n' => self.rows.push_str("\\n"),
                    '\r' => self.rows.push_str("\\r"),
                    other => self.rows.push(other),
                }
            }
        } else {
            self.rows.push_str(text);
        }
    }

    fn text_if(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.plain("\\N"),
        }
    }

    fn end_row(&mut self) {
        self.rows.push('\n');
        self.is_open = false;
    }

    /// Sends the rows, and begins anew.
    async fn send(&mut self, c: &mut PgConnection, copy: &str) -> Result<(), sqlx::Error> {
        let mut sink = c.copy_in_raw(copy).await?;
        sink.send(self.rows.as_bytes()).await?;
        sink.finish().await?;
        self.rows.clear();
        Ok(())
    }
}

async fn insert_on_sqlite(
    c: &mut SqliteConnection,
    positions: &[DebtPosition],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (last, last_instalment): (i64, i64) = sqlx::query_as(LAST_IDS_ON_SQLITE).fetch_one(&mut *c).await?;
    for (rows, first) in positions
        .as_chunks::<ROWS>()
        .0
        .iter()
        .zip((last + 1..).step_by(ROWS))
    {
        let mut query = sqlx::query(INSERT_POSITIONS_ON_SQLITE);
        for (position, id) in rows.iter().zip(first..) {
            let (status, chosen, status_at, replaced_by) = status_columns(&position.status);
            query = query
                .bind(id)
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
                .bind(at);
        }
        query.execute(&mut *c).await?;
    }
    let placed = placed(positions, last + 1.., last_instalment + 1..);
    let (rows, rest) = placed.as_chunks::<ROWS>();
    for (rows, statement) in rows
        .iter()
        .map(|rows| (rows.as_slice(), INSERT_INSTALMENTS_ON_SQLITE))
        .chain(rest.chunks(1).map(|row| (row, INSERT_INSTALMENT_ON_SQLITE)))
    {
        let mut query = sqlx::query(statement);
        for place in rows {
            let instalment = place.instalment;
            query = query
                .bind(place.id)
                .bind(place.position_id)
                .bind(place.position.institution.as_str())
                .bind(instalment.notice_number.as_str())
                .bind(instalment.iuv.as_str())
                .bind(place.option_index)
                .bind(place.option.kind.as_str())
                .bind(place.ordinal)
                .bind(count_of(place.option))
                .bind(instalment.amount.as_i64())
                .bind(instalment.due_on)
                .bind(instalment.payable_until)
                .bind(&instalment.description)
                .bind(all_postal(instalment))
                .bind(
                    instalment
                        .payment
                        .as_ref()
                        .map(|payment| payment.receipt_id.as_str()),
                )
                .bind(instalment.payment.as_ref().map(|payment| payment.at));
        }
        query.execute(&mut *c).await?;
    }
    let transfers: Vec<(i64, &Transfer)> = placed
        .iter()
        .flat_map(|place| {
            place
                .instalment
                .transfers
                .iter()
                .map(|transfer| (place.id, transfer))
        })
        .collect();
    let (rows, rest) = transfers.as_chunks::<ROWS>();
    for (rows, statement) in rows
        .iter()
        .map(|rows| (rows.as_slice(), INSERT_TRANSFERS_ON_SQLITE))
        .chain(rest.chunks(1).map(|row| (row, INSERT_TRANSFER_ON_SQLITE)))
    {
        let mut query = sqlx::query(statement);
        for (instalment_id, transfer) in rows {
            let (iban, postal_iban, digest, province) = destination(transfer);
            query = query
                .bind(*instalment_id)
                .bind(i16::from(transfer.id))
                .bind(transfer.amount.as_i64())
                .bind(transfer.beneficiary.as_str())
                .bind(&transfer.beneficiary_name)
                .bind(iban)
                .bind(postal_iban)
                .bind(digest)
                .bind(province)
                .bind(&transfer.remittance_information)
                .bind(transfer.category.as_str())
                .bind(to_json(&transfer.metadata));
        }
        query.execute(&mut *c).await?;
    }
    Ok(())
}
