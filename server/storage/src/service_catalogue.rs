//! The services of the institutions.

use crate::engine::on_engine;
use crate::error::unknown;
use crate::row::{RowOf, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use domain::CreditorFiscalCode;
use domain::feed::Feed;
use domain::service::Service;

macro_rules! service_query {
    ($tail:literal) => {
        concat!(
            "SELECT institution, code, name_it, name_en, category, office_name, active, at_provider, feed, \
             amounts_move, by_tariff, life_events, account, todays_amount FROM service ",
            $tail
        )
    };
}

statements! {
    UPSERT_SERVICE =
        "INSERT INTO service (institution, code, name_it, name_en, category, office_name, active, at_provider, feed, \
                              amounts_move, by_tariff, life_events, account, todays_amount) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (institution, code) DO UPDATE SET name_it = excluded.name_it, name_en = excluded.name_en, \
             category = excluded.category, office_name = excluded.office_name, active = excluded.active, \
             at_provider = excluded.at_provider, feed = excluded.feed, amounts_move = excluded.amounts_move, \
             by_tariff = excluded.by_tariff, life_events = excluded.life_events, \
             account = excluded.account, todays_amount = excluded.todays_amount";
    FIND_SERVICE = service_query!("WHERE institution = $1 AND code = $2");
    LIST_SERVICES = service_query!("ORDER BY institution, code");
}

#[derive(sqlx::FromRow)]
struct ServiceRow {
    institution: String,
    code: String,
    name_it: String,
    name_en: String,
    category: String,
    office_name: String,
    active: bool,
    at_provider: Option<String>,
    feed: Option<String>,
    amounts_move: bool,
    by_tariff: Option<String>,
    life_events: String,
    account: Option<String>,
    todays_amount: Option<String>,
}

impl TryFrom<ServiceRow> for Service {
    type Error = StorageError;
    fn try_from(row: ServiceRow) -> Result<Self, StorageError> {
        let of = RowOf {
            table: "service",
            key: &row.code,
        };
        Ok(Self {
            institution: of.parse("institution", &row.institution)?,
            category: of.parse("category", &row.category)?,
            at_provider: row
                .at_provider
                .map(|text| of.json("at_provider", &text))
                .transpose()?,
            feed: row
                .feed
                .map(|feed| of.one_of("feed", &feed, Feed::ALL, Feed::as_str))
                .transpose()?,
            amounts_move: row.amounts_move,
            by_tariff: row
                .by_tariff
                .map(|text| of.json("by_tariff", &text))
                .transpose()?,
            life_events: of.json("life_events", &row.life_events)?,
            todays_amount: row
                .todays_amount
                .map(|text| of.json("todays_amount", &text))
                .transpose()?,
            code: row.code,
            name_it: row.name_it,
            name_en: row.name_en,
            office_name: row.office_name,
            active: row.active,
            account: row.account,
        })
    }
}

/// Adds a service to its institution, or brings it up to date.
///
/// # Errors
/// [`StorageError::Unknown`] when the institution is not served here.
pub async fn upsert_service(tx: &mut Tx, service: &Service) -> Result<(), StorageError> {
    let outcome = on_engine!(tx, |c| sqlx::query(UPSERT_SERVICE)
        .bind(service.institution.as_str())
        .bind(&service.code)
        .bind(&service.name_it)
        .bind(&service.name_en)
        .bind(service.category.as_str())
        .bind(&service.office_name)
        .bind(service.active)
        .bind(service.at_provider.as_ref().map(to_json))
        .bind(service.feed.map(Feed::as_str))
        .bind(service.amounts_move)
        .bind(service.by_tariff.as_ref().map(to_json))
        .bind(to_json(&service.life_events))
        .bind(&service.account)
        .bind(service.todays_amount.as_ref().map(to_json))
        .execute(c)
        .await
        .map(drop));
    outcome.map_err(|error| unknown(error, "institution"))
}

/// The institution's service with this code.
pub async fn find_service(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    code: &str,
) -> Result<Option<Service>, StorageError> {
    let row: Option<ServiceRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_SERVICE)
        .bind(institution.as_str())
        .bind(code)
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// Every service of every institution, by institution and code.
pub async fn list_services(snapshot: &mut Snapshot) -> Result<Vec<Service>, StorageError> {
    let rows: Vec<ServiceRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_SERVICES).fetch_all(c).await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
