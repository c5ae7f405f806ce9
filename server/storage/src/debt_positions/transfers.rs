//! The transfers of notices, written with their notice, and anew when the institution amends it.

use crate::engine::on_engine;
use crate::row::{RowOf, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use domain::transfer::Destination;
use domain::{Cents, Iban, Transfer};

/// The columns of a transfer, under names that an instalment's own do not have.
macro_rules! transfer_columns {
    () => {
        "t.instalment_id, t.ordinal AS transfer_id, t.amount AS transfer_amount, t.beneficiary, \
         t.beneficiary_name, t.iban, t.postal_iban, t.stamp_digest, t.stamp_province, t.remittance_information, \
         t.category, t.metadata"
    };
}
pub(super) use transfer_columns;

macro_rules! transfer_query {
    ($tail:literal) => {
        concat!("SELECT ", transfer_columns!(), " FROM transfer t ", $tail)
    };
}

statements! {
    INSERT_TRANSFER =
        "INSERT INTO transfer (instalment_id, ordinal, amount, beneficiary, beneficiary_name, iban, postal_iban, \
                               stamp_digest, stamp_province, remittance_information, category, metadata) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    DELETE_TRANSFERS = "DELETE FROM transfer WHERE instalment_id = $1";
    LIST_TRANSFERS_OF_POSITION = transfer_query!(
        "JOIN instalment i ON i.id = t.instalment_id WHERE i.position_id = $1 \
         ORDER BY i.option_index, i.ordinal, t.ordinal"
    );
    LIST_TRANSFERS_OF_POSITIONS = transfer_query!(
        "JOIN instalment i ON i.id = t.instalment_id \
         WHERE i.position_id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
         ORDER BY i.position_id, i.option_index, i.ordinal, t.ordinal"
    );
}

#[derive(sqlx::FromRow)]
pub(super) struct TransferRow {
    pub(super) instalment_id: i64,
    transfer_id: i16,
    transfer_amount: i64,
    beneficiary: String,
    beneficiary_name: String,
    iban: Option<String>,
    postal_iban: Option<String>,
    stamp_digest: Option<String>,
    stamp_province: Option<String>,
    remittance_information: String,
    category: String,
    metadata: String,
}

impl TryFrom<TransferRow> for Transfer {
    type Error = StorageError;
    fn try_from(row: TransferRow) -> Result<Self, StorageError> {
        let key = format!("{}/{}", row.instalment_id, row.transfer_id);
        let of = RowOf {
            table: "transfer",
            key: &key,
        };
        let destination = match (row.iban, row.stamp_digest, row.stamp_province) {
            (Some(iban), None, None) => Destination::Account {
                iban: of.parse("iban", &iban)?,
                postal_iban: of.parse_if("postal_iban", row.postal_iban.as_deref())?,
            },
            (None, Some(document_digest), Some(province)) => Destination::StampDuty {
                document_digest,
                province,
            },
            _ => return Err(of.wrong("iban")),
        };
        Ok(Self {
            id: of.small("ordinal", row.transfer_id)?,
            amount: Cents::new(row.transfer_amount),
            beneficiary: of.parse("beneficiary", &row.beneficiary)?,
            beneficiary_name: row.beneficiary_name,
            destination,
            remittance_information: row.remittance_information,
            category: of.parse("category", &row.category)?,
            metadata: of.json("metadata", &row.metadata)?,
        })
    }
}

pub(super) async fn insert_transfer(
    tx: &mut Tx,
    instalment_id: i64,
    transfer: &Transfer,
) -> Result<(), StorageError> {
    let (iban, postal_iban, digest, province) = match &transfer.destination {
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
    };
    on_engine!(tx, |c| sqlx::query(INSERT_TRANSFER)
        .bind(instalment_id)
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
        .bind(to_json(&transfer.metadata))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

pub(super) async fn delete_transfers(tx: &mut Tx, instalment_id: i64) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(DELETE_TRANSFERS)
        .bind(instalment_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The transfers of a position, each with the row number of its instalment, in the order of the instalments.
pub(super) async fn list_transfers_of_position(
    snapshot: &mut Snapshot,
    position_id: i64,
) -> Result<Vec<(i64, Transfer)>, StorageError> {
    let rows: Vec<TransferRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_TRANSFERS_OF_POSITION)
        .bind(position_id)
        .fetch_all(c)
        .await)?;
    with_instalments(rows)
}

/// The same of sixteen positions, one after the other in the order of their rows.
pub(super) async fn list_transfers_of_positions(
    snapshot: &mut Snapshot,
    sixteen: impl Iterator<Item = &i64>,
) -> Result<Vec<(i64, Transfer)>, StorageError> {
    let rows: Vec<TransferRow> = on_engine!(snapshot, |c| {
        sixteen
            .fold(
                sqlx::query_as(LIST_TRANSFERS_OF_POSITIONS),
                sqlx::query::QueryAs::bind,
            )
            .fetch_all(c)
            .await
    })?;
    with_instalments(rows)
}

fn with_instalments(rows: Vec<TransferRow>) -> Result<Vec<(i64, Transfer)>, StorageError> {
    rows.into_iter()
        .map(|row| Ok((row.instalment_id, row.try_into()?)))
        .collect()
}
