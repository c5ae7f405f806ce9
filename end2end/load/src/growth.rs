//! Makes the archive grow to millions of notices in a minute or two: copies of one that is there, made by the database
//! itself.

use crate::archive::Archive;
use crate::messages::INSTITUTION;
use anyhow::Result;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use std::fs::File;

/// Positions one transaction copies.
const AT_ONCE: u64 = 250_000;

/// The places from $1 up to $2, each with the sixteen digits its notice number begins with. The position copied is the
/// first of the institution $3.
macro_rules! places {
    (sqlite) => {
        "WITH RECURSIVE place (n, digits) AS \
         (SELECT $1, 3121000000000000 + $1 UNION ALL SELECT n + 1, digits + 1 FROM place WHERE n + 1 < $2)"
    };
    (postgres) => {
        "WITH place AS (SELECT n, 3121000000000000 + n AS digits FROM generate_series($1::bigint, $2::bigint - 1) n)"
    };
}

macro_rules! copies {
    ($engine:tt, $checked:literal) => {
        [
            concat!(
                "INSERT INTO debt_position (institution, key, service, debtor, description, valid_from, \
                 payable_until, status, chosen, status_at, replaced_by, version, created_at) ",
                places!($engine),
                " SELECT institution, 'load-' || n, service, debtor, description, valid_from, payable_until, status, \
                 chosen, status_at, replaced_by, version, created_at FROM place, debt_position \
                 WHERE institution = $3 AND key = 'load-0'"
            ),
            concat!(
                "INSERT INTO instalment (position_id, institution, notice_number, iuv, option_index, option_kind, \
                 ordinal, instalment_count, amount, due_on, payable_until, description, all_postal) ",
                places!($engine),
                " SELECT p.id, i.institution, ", $checked, ", substr(", $checked, ", 2), i.option_index, \
                 i.option_kind, i.ordinal, i.instalment_count, i.amount, i.due_on, i.payable_until, i.description, \
                 i.all_postal FROM place, instalment i, debt_position first, debt_position p \
                 WHERE i.position_id = first.id AND first.institution = $3 AND first.key = 'load-0' \
                 AND p.institution = $3 AND p.key = 'load-' || n"
            ),
            concat!(
                "INSERT INTO transfer (instalment_id, ordinal, amount, beneficiary, beneficiary_name, iban, \
                 postal_iban, stamp_digest, stamp_province, remittance_information, category, metadata) ",
                places!($engine),
                " SELECT i.id, t.ordinal, t.amount, t.beneficiary, t.beneficiary_name, t.iban, t.postal_iban, \
                 t.stamp_digest, t.stamp_province, t.remittance_information, t.category, t.metadata \
                 FROM place, transfer t, instalment of_first, debt_position first, instalment i \
                 WHERE t.instalment_id = of_first.id AND of_first.position_id = first.id \
                 AND first.institution = $3 AND first.key = 'load-0' AND i.institution = $3 AND i.notice_number = ", $checked
            ),
        ]
    };
}

/// With the two check digits behind: the remainder by 93.
const ON_SQLITE: [&str; 3] = copies!(sqlite, "printf('%d%02d', digits, digits % 93)");
const ON_POSTGRES: [&str; 3] = copies!(postgres, "(digits || lpad((digits % 93)::text, 2, '0'))");

/// Makes the notices asked about, which are `from`, become `to`.
pub(crate) async fn grow(archive: &Archive, from: u64, to: u64) -> Result<()> {
    let mut begin = from;
    while begin < to {
        let end = (begin + AT_ONCE).min(to);
        let (first, last) = (i64::try_from(begin)?, i64::try_from(end)?);
        if archive.url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&archive.url).await?;
            connection.execute("PRAGMA synchronous = OFF").await?;
            let mut tx = connection.begin().await?;
            for copy in ON_SQLITE {
                sqlx::query(copy)
                    .bind(first)
                    .bind(last)
                    .bind(INSTITUTION)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        } else {
            let mut connection = PgConnection::connect(&archive.url).await?;
            let mut tx = connection.begin().await?;
            for copy in ON_POSTGRES {
                sqlx::query(copy)
                    .bind(first)
                    .bind(last)
                    .bind(INSTITUTION)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        }
        begin = end;
    }
    Ok(())
}

/// Waits until the database has done what growing or a load left for later: pages to write, rows to look over. Else it
/// does it under the next load, which would be measured with it.
pub(crate) async fn settle(archive: &Archive) -> Result<()> {
    if let Some(file) = archive.url.strip_prefix("sqlite:") {
        let mut connection = SqliteConnection::connect(&archive.url).await?;
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        connection.close().await?;
        // Growing wrote without waiting for the disk.
        File::open(file)?.sync_all()?;
    } else {
        let mut connection = PgConnection::connect(&archive.url).await?;
        connection.execute("VACUUM").await?;
        connection.execute("CHECKPOINT").await?;
        connection.close().await?;
    }
    Ok(archive.store.gather_statistics().await?)
}

#[cfg(test)]
mod tests {
    use crate::messages::number;

    #[test]
    fn the_databases_arithmetic_makes_our_numbers() {
        for place in [0, 1, 92, 93, 99_999, 2_499_999] {
            let digits = 3_121_000_000_000_000 + place;
            assert_eq!(number(place).as_str(), format!("{digits}{:02}", digits % 93));
        }
    }
}
