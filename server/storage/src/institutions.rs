//! The creditor institutions served here.

use crate::engine::on_engine;
use crate::row::RowOf;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use domain::creditor::Contact;
use domain::{CreditorFiscalCode, CreditorInstitution};

/// The columns of an institution, in the order of its row.
macro_rules! institution_query {
    ($tail:literal) => {
        concat!(
            "SELECT fiscal_code, name, broker, station, segregation_code, cbill_code, postal_iban, telephone, \
             email, website FROM institution ",
            $tail
        )
    };
}

statements! {
    UPSERT_INSTITUTION =
        "INSERT INTO institution (fiscal_code, name, broker, station, segregation_code, cbill_code, postal_iban, \
                                  telephone, email, website) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (fiscal_code) DO UPDATE SET name = excluded.name, broker = excluded.broker, \
             station = excluded.station, segregation_code = excluded.segregation_code, \
             cbill_code = excluded.cbill_code, postal_iban = excluded.postal_iban, \
             telephone = excluded.telephone, email = excluded.email, website = excluded.website";
    FIND_INSTITUTION = institution_query!("WHERE fiscal_code = $1");
    LIST_INSTITUTIONS = institution_query!("ORDER BY fiscal_code");
}

#[derive(sqlx::FromRow)]
struct InstitutionRow {
    fiscal_code: String,
    name: String,
    broker: String,
    station: String,
    segregation_code: String,
    cbill_code: Option<String>,
    postal_iban: Option<String>,
    telephone: String,
    email: String,
    website: String,
}

impl TryFrom<InstitutionRow> for CreditorInstitution {
    type Error = StorageError;
    fn try_from(row: InstitutionRow) -> Result<Self, StorageError> {
        let of = RowOf {
            table: "institution",
            key: &row.fiscal_code,
        };
        Ok(Self {
            fiscal_code: of.parse("fiscal_code", &row.fiscal_code)?,
            broker: of.parse("broker", &row.broker)?,
            station: of.parse("station", &row.station)?,
            segregation_code: of.parse("segregation_code", &row.segregation_code)?,
            postal_iban: of.parse_if("postal_iban", row.postal_iban.as_deref())?,
            name: row.name,
            cbill_code: row.cbill_code,
            contact: Contact {
                telephone: row.telephone,
                email: row.email,
                website: row.website,
            },
        })
    }
}

/// Adds an institution, or brings it up to date.
pub async fn upsert_institution(tx: &mut Tx, institution: &CreditorInstitution) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(UPSERT_INSTITUTION)
        .bind(institution.fiscal_code.as_str())
        .bind(&institution.name)
        .bind(institution.broker.as_str())
        .bind(institution.station.as_str())
        .bind(institution.segregation_code.to_string())
        .bind(&institution.cbill_code)
        .bind(institution.postal_iban.as_ref().map(AsRef::<str>::as_ref))
        .bind(&institution.contact.telephone)
        .bind(&institution.contact.email)
        .bind(&institution.contact.website)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The institution with this fiscal code.
pub async fn find_institution(
    snapshot: &mut Snapshot,
    fiscal_code: &CreditorFiscalCode,
) -> Result<Option<CreditorInstitution>, StorageError> {
    let row: Option<InstitutionRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_INSTITUTION)
        .bind(fiscal_code.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// Every institution, by fiscal code.
pub async fn list_institutions(snapshot: &mut Snapshot) -> Result<Vec<CreditorInstitution>, StorageError> {
    let rows: Vec<InstitutionRow> =
        on_engine!(snapshot, |c| sqlx::query_as(LIST_INSTITUTIONS).fetch_all(c).await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
