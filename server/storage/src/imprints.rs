//! What institutions print on their notices. Kept whole: what it says is read by those who print.

use crate::engine::on_engine;
use crate::error::unknown;
use crate::row::{RowOf, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use domain::CreditorFiscalCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

statements! {
    UPSERT_IMPRINT =
        "INSERT INTO imprint (institution, content) VALUES ($1, $2) \
         ON CONFLICT (institution) DO UPDATE SET content = excluded.content";
    FIND_IMPRINT = "SELECT content FROM imprint WHERE institution = $1";
}

/// Keeps what an institution prints, instead of what it printed before.
///
/// # Errors
/// [`StorageError::Unknown`] when the institution is not served here. Undo the transaction then.
pub async fn upsert_imprint(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    imprint: &impl Serialize,
) -> Result<(), StorageError> {
    let kept = on_engine!(tx, |c| sqlx::query(UPSERT_IMPRINT)
        .bind(institution.as_str())
        .bind(to_json(imprint))
        .execute(c)
        .await
        .map(drop));
    kept.map_err(|error| unknown(error, "institution"))
}

/// What an institution prints; `None` when it never said.
pub async fn find_imprint<T: DeserializeOwned>(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
) -> Result<Option<T>, StorageError> {
    let content: Option<String> = on_engine!(snapshot, |c| sqlx::query_scalar(FIND_IMPRINT)
        .bind(institution.as_str())
        .fetch_optional(c)
        .await)?;
    let of = RowOf {
        table: "imprint",
        key: institution.as_str(),
    };
    content.map(|content| of.json("content", &content)).transpose()
}
