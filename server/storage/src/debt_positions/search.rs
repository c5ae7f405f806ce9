//! Lists of positions, a page at a time. Each list goes on from the last position shown along an index that holds what
//! is looked for most sharply; what else is asked for is looked at position by position.

use super::positions::{StoredPosition, find_positions_by_ids};
use crate::engine::on_engine;
use crate::statements::statements;
use crate::{Snapshot, StorageError};
use chrono::{DateTime, NaiveDate, Utc};
use domain::CreditorFiscalCode;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// `$1` to `$9` are what is looked for, `$10` how many at most; where the list goes on comes after. PostgreSQL learns the
/// type of a parameter where it meets it first: never at `IS NULL`.
macro_rules! listing {
    ($columns:literal, $from:literal, $along:literal) => {
        concat!(
            "SELECT p.id",
            $columns,
            " FROM ",
            $from,
            " WHERE p.institution = $1 AND ($2 LIKE '%,' || p.service || ',%' OR $2 IS NULL) \
              AND (p.status = $3 OR $3 IS NULL) AND (p.debtor_code = $4 OR $4 IS NULL) \
              AND (COALESCE(p.changed_at, p.created_at) >= $5 OR $5 IS NULL) \
              AND (p.key >= $6 OR $6 IS NULL) AND (p.key < $7 OR $7 IS NULL) \
              AND (EXISTS (SELECT 1 FROM instalment d \
                           WHERE d.position_id = p.id AND d.due_on >= $8 AND d.due_on <= $9) OR $8 IS NULL) \
              AND ",
            $along,
            " LIMIT $10"
        )
    };
}

statements! {
    LIST_BY_KEY = listing!("", "debt_position p", "p.key >= $11 AND p.key > $12 ORDER BY p.key");
    LIST_BY_SERVICE =
        listing!("", "debt_position p", "p.service = $11 AND p.id > $12 ORDER BY p.id");
    LIST_BY_STATUS = listing!(
        "",
        "debt_position p",
        "p.status = $11 AND p.service = $12 AND p.id > $13 ORDER BY p.id"
    );
    LIST_BY_DEBTOR =
        listing!("", "debt_position p", "p.debtor_code = $11 AND p.id > $12 ORDER BY p.id");
    LIST_BY_CHANGE = listing!(
        "",
        "debt_position p",
        "(COALESCE(p.changed_at, p.created_at), p.id) > ($11, $12) \
         ORDER BY COALESCE(p.changed_at, p.created_at), p.id"
    );
    // A position with several notices due in the period comes once, at the first of them.
    LIST_BY_DUE_DATE = listing!(
        ", i.due_on",
        "instalment i JOIN debt_position p ON p.id = i.position_id",
        "i.institution = $1 AND i.due_on >= $8 AND i.due_on <= $9 AND (i.due_on, i.position_id) > ($11, $12) \
         AND NOT EXISTS (SELECT 1 FROM instalment e WHERE e.position_id = i.position_id AND e.due_on >= $8 \
                                                      AND (e.due_on, e.id) < (i.due_on, i.id)) \
         ORDER BY i.due_on, i.position_id"
    );
}

/// What positions are looked for. Everything said must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PositionFilter {
    /// Codes of the services they belong to, in their order; every service when `None`.
    pub services: Option<Vec<String>>,
    /// Where they stand, by the name of the status.
    pub status: Option<&'static str>,
    /// Fiscal code of who owes.
    pub debtor_code: Option<String>,
    /// When they were stored or moved last, at the earliest.
    pub changed_since: Option<DateTime<Utc>>,
    /// First and last day on which one of their notices is due.
    pub due_between: Option<(NaiveDate, NaiveDate)>,
    /// How their key begins.
    pub key_prefix: Option<String>,
}

/// Where a list goes on: after this position. The order of a list follows from what is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// By key.
    Key(String),
    /// By service, then as they were stored.
    Service(String, i64),
    /// As they were stored.
    Stored(i64),
    /// As they changed.
    Changed(DateTime<Utc>, i64),
    /// By due date.
    Due(NaiveDate, i64),
}

impl PositionFilter {
    /// Whether a list of these can go on from there.
    pub fn goes_on_from(&self, place: &Place) -> bool {
        match (self.order(), place) {
            (Order::Debtor, Place::Stored(_))
            | (Order::Due, Place::Due(..))
            | (Order::Changed, Place::Changed(..))
            | (Order::Key, Place::Key(_)) => true,
            (Order::Service, Place::Service(service, _)) => self
                .services
                .as_ref()
                .is_some_and(|services| services.contains(service)),
            (Order::Debtor | Order::Due | Order::Changed | Order::Key | Order::Service, _) => false,
        }
    }

    /// The order of the list: that of the index that holds what is looked for most sharply.
    fn order(&self) -> Order {
        if self.debtor_code.is_some() {
            Order::Debtor
        } else if self.due_between.is_some() {
            Order::Due
        } else if self.changed_since.is_some() {
            Order::Changed
        } else if self.key_prefix.is_some() || self.services.is_none() {
            Order::Key
        } else {
            Order::Service
        }
    }
}

enum Order {
    Debtor,
    Due,
    Changed,
    Key,
    Service,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    id: i64,
    due_on: NaiveDate,
}

/// Binds what is looked for to a statement.
macro_rules! looking {
    ($query:expr, $institution:expr, $filter:expr, $limit:expr) => {
        $query
            .bind($institution.as_str())
            .bind(
                $filter
                    .services
                    .as_ref()
                    .map(|all| format!(",{},", all.join(","))),
            )
            .bind($filter.status)
            .bind($filter.debtor_code.as_deref())
            .bind($filter.changed_since)
            .bind($filter.key_prefix.as_deref())
            .bind($filter.key_prefix.as_deref().map(after_prefix))
            .bind($filter.due_between.map(|(first, _)| first))
            .bind($filter.due_between.map(|(_, last)| last))
            .bind(i64::from($limit))
    };
}

/// The institution's positions that are looked for, after `after`, at most `limit`, each with its place in the list.
/// A list of services without anything sharper goes service by service, in the order they are said in.
pub async fn list_positions(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    filter: &PositionFilter,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<(Place, StoredPosition)>, StorageError> {
    let places = match filter.order() {
        Order::Debtor => {
            let after = match after {
                Some(Place::Stored(id)) => *id,
                Some(_) | None => 0,
            };
            let ids: Vec<i64> = on_engine!(snapshot, |c| looking!(
                sqlx::query_scalar(LIST_BY_DEBTOR),
                institution,
                filter,
                limit
            )
            .bind(filter.debtor_code.as_deref())
            .bind(after)
            .fetch_all(c)
            .await)?;
            ids.into_iter().map(|id| (Place::Stored(id), id)).collect()
        }
        Order::Due => list_by_due_date(snapshot, institution, filter, after, limit).await?,
        Order::Changed => return list_by_change(snapshot, institution, filter, after, limit).await,
        Order::Key => return list_by_key(snapshot, institution, filter, after, limit).await,
        Order::Service => list_by_service(snapshot, institution, filter, after, limit).await?,
    };
    complete(snapshot, places).await
}

async fn list_by_due_date(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    filter: &PositionFilter,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<(Place, i64)>, StorageError> {
    let (day, id) = match after {
        Some(Place::Due(day, id)) => (*day, *id),
        Some(_) | None => (filter.due_between.map_or(NaiveDate::MIN, |(first, _)| first), 0),
    };
    let rows: Vec<DueRow> = on_engine!(snapshot, |c| looking!(
        sqlx::query_as(LIST_BY_DUE_DATE),
        institution,
        filter,
        limit
    )
    .bind(day)
    .bind(id)
    .fetch_all(c)
    .await)?;
    Ok(rows
        .into_iter()
        .map(|row| (Place::Due(row.due_on, row.id), row.id))
        .collect())
}

async fn list_by_change(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    filter: &PositionFilter,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<(Place, StoredPosition)>, StorageError> {
    let (at, id) = match after {
        Some(Place::Changed(at, id)) => (*at, *id),
        Some(_) | None => (filter.changed_since.unwrap_or(DateTime::UNIX_EPOCH), 0),
    };
    let ids: Vec<i64> = on_engine!(snapshot, |c| looking!(
        sqlx::query_scalar(LIST_BY_CHANGE),
        institution,
        filter,
        limit
    )
    .bind(at)
    .bind(id)
    .fetch_all(c)
    .await)?;
    let positions = find_positions_by_ids(snapshot, &ids).await?;
    Ok(positions
        .into_iter()
        .map(|stored| (Place::Changed(stored.changed_at, stored.id), stored))
        .collect())
}

async fn list_by_key(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    filter: &PositionFilter,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<(Place, StoredPosition)>, StorageError> {
    let key = match after {
        Some(Place::Key(key)) => key,
        Some(_) | None => "",
    };
    let ids: Vec<i64> = on_engine!(snapshot, |c| looking!(
        sqlx::query_scalar(LIST_BY_KEY),
        institution,
        filter,
        limit
    )
    .bind(filter.key_prefix.as_deref().unwrap_or_default())
    .bind(key)
    .fetch_all(c)
    .await)?;
    let positions = find_positions_by_ids(snapshot, &ids).await?;
    Ok(positions
        .into_iter()
        .map(|stored| (Place::Key(stored.position.key.clone()), stored))
        .collect())
}

async fn list_by_service(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    filter: &PositionFilter,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<(Place, i64)>, StorageError> {
    let services = filter.services.as_deref().unwrap_or_default();
    let (first, mut id) = match after {
        Some(Place::Service(service, id)) => (
            services
                .iter()
                .position(|code| code == service)
                .unwrap_or(services.len()),
            *id,
        ),
        Some(_) | None => (0, 0),
    };
    let mut places = Vec::new();
    for service in services.iter().skip(first) {
        let left = limit.saturating_sub(u32::try_from(places.len()).unwrap_or(u32::MAX));
        if left == 0 {
            break;
        }
        let ids: Vec<i64> = match filter.status {
            None => on_engine!(snapshot, |c| looking!(
                sqlx::query_scalar(LIST_BY_SERVICE),
                institution,
                filter,
                left
            )
            .bind(service)
            .bind(id)
            .fetch_all(c)
            .await),
            Some(status) => on_engine!(snapshot, |c| looking!(
                sqlx::query_scalar(LIST_BY_STATUS),
                institution,
                filter,
                left
            )
            .bind(status)
            .bind(service)
            .bind(id)
            .fetch_all(c)
            .await),
        }?;
        places.extend(
            ids.into_iter()
                .map(|id| (Place::Service(service.clone(), id), id)),
        );
        id = 0;
    }
    Ok(places)
}

/// The positions of rows, each with its place.
async fn complete(
    snapshot: &mut Snapshot,
    places: Vec<(Place, i64)>,
) -> Result<Vec<(Place, StoredPosition)>, StorageError> {
    let ids: Vec<i64> = places.iter().map(|(_, id)| *id).collect();
    let mut places: HashMap<i64, Place> = places.into_iter().map(|(place, id)| (id, place)).collect();
    let positions = find_positions_by_ids(snapshot, &ids).await?;
    Ok(positions
        .into_iter()
        .filter_map(|stored| Some((places.remove(&stored.id)?, stored)))
        .collect())
}

/// The first text after all that begin so, in the order of their characters' codes.
fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}
