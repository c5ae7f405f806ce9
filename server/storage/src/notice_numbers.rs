//! The bases of the notice numbers this installation gives out by itself. No two servers ever get the same one: the
//! counter's row is written before a base is used, and held until the transaction ends.

use crate::engine::on_engine;
use crate::error::unknown;
use crate::statements::statements;
use crate::{StorageError, Tx};
use domain::{CreditorFiscalCode, NoticeNumber};
use std::ops::RangeInclusive;

statements! {
    RESERVE_BASES =
        "INSERT INTO notice_number_counter (institution, last_base) VALUES ($1, $2) \
         ON CONFLICT (institution) DO UPDATE SET last_base = notice_number_counter.last_base + $3 \
         RETURNING last_base";
}

/// Reserves `count` bases, at least one, in a row. They are given out once, whatever becomes of them; those of a
/// transaction that is undone are given out again.
///
/// # Errors
/// [`StorageError::Unknown`] when the institution is not served here.
pub async fn reserve_bases(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    count: u32,
) -> Result<RangeInclusive<u64>, StorageError> {
    let count = i64::from(count.max(1));
    let first = NoticeNumber::OWN_BASES_FROM.cast_signed() + count - 1;
    let reserved = on_engine!(tx, |c| sqlx::query_scalar(RESERVE_BASES)
        .bind(institution.as_str())
        .bind(first)
        .bind(count)
        .fetch_one(c)
        .await);
    let last: i64 = reserved.map_err(|error| unknown(error, "institution"))?;
    let last = last.cast_unsigned();
    Ok(last + 1 - count.cast_unsigned()..=last)
}
