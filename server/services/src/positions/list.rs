//! Positions found again: by key, by notice, and in lists.

use super::change::PositionError;
use super::view::{NoticeOfPosition, PositionView, views_of};
use crate::Services;
use crate::caller::Caller;
use chrono::{DateTime, NaiveDate, Utc};
use domain::application::Scope;
use domain::{DebtPositionStatus, Iuv, NoticeNumber};
use std::collections::BTreeSet;
use storage::Snapshot;
use storage::debt_positions::{
    self, Place, PositionFilter, StoredPosition, find_notice_by_iuv, find_position_by_notice,
};

/// Positions on a page at most.
pub const LIMIT_MAX: u32 = 200;

/// What positions are looked for. Everything said must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// Code of the service.
    pub service: Option<String>,
    /// Where they stand.
    pub status: Option<&'static str>,
    /// Fiscal code of who owes.
    pub debtor_code: Option<String>,
    /// When they came or changed last, at the earliest.
    pub changed_since: Option<DateTime<Utc>>,
    /// First and last day on which one of their notices is due.
    pub due_between: Option<(NaiveDate, NaiveDate)>,
    /// How their key begins.
    pub key_prefix: Option<String>,
}

/// The names of the states a position can stand in.
pub const STATUSES: [&str; 6] = ["draft", "open", "paid", "cancelled", "replaced", "expired"];

/// The position under a key.
pub async fn find_position(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    key: &str,
) -> Result<PositionView, PositionError> {
    caller.services(scope)?;
    let mut snapshot = services.store.read().await?;
    let stored = debt_positions::find_position(&mut snapshot, caller.institution(), key).await?;
    view(services, caller, scope, &mut snapshot, stored).await
}

/// The notice with this number, or with this payment reference.
pub async fn find_notice(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    code: &NoticeCode,
) -> Result<NoticeOfPosition, PositionError> {
    caller.services(scope)?;
    let mut snapshot = services.store.read().await?;
    let number = number_of(&mut snapshot, caller, code).await?;
    let stored = find_position_by_notice(&mut snapshot, caller.institution(), &number).await?;
    let view = view(services, caller, scope, &mut snapshot, stored).await?;
    view.notice(caller.institution().as_str(), number.as_str())
        .ok_or(PositionError::NotFound)
}

/// A notice by one of its codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeCode {
    /// Its number.
    Number(NoticeNumber),
    /// Its payment reference.
    Iuv(Iuv),
}

impl NoticeCode {
    /// Reads a code: eighteen digits are a number, anything else that can be is a payment reference.
    pub fn parse(text: &str) -> Option<Self> {
        NoticeNumber::parse(text)
            .map(Self::Number)
            .ok()
            .or_else(|| Iuv::parse(text).map(Self::Iuv).ok())
    }
}

/// The number of a notice of the caller's institution.
pub(crate) async fn number_of(
    snapshot: &mut Snapshot,
    caller: &Caller,
    code: &NoticeCode,
) -> Result<NoticeNumber, PositionError> {
    match code {
        NoticeCode::Number(number) => Ok(number.clone()),
        NoticeCode::Iuv(iuv) => find_notice_by_iuv(snapshot, caller.institution(), iuv)
            .await?
            .map(|notice| notice.number)
            .ok_or(PositionError::NotFound),
    }
}

/// A page of positions, each with its place in the list: those after `after`, at most `limit`.
pub async fn list_positions(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    sought: Sought,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<(Place, PositionView)>, PositionError> {
    let granted = caller.services(scope)?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let offered = entries
        .services
        .iter()
        .filter(|service| service.institution == *caller.institution())
        .map(|service| service.code.clone());
    let allowed: BTreeSet<String> = offered
        .filter(|code| granted.is_none_or(|granted| granted.contains(code)))
        .filter(|code| sought.service.as_ref().is_none_or(|service| service == code))
        .collect();
    let is_every = granted.is_none() && sought.service.is_none() && sought.status.is_none();
    let filter = PositionFilter {
        services: (!is_every).then(|| allowed.into_iter().collect()),
        status: sought.status,
        debtor_code: sought.debtor_code.map(|code| code.trim().to_ascii_uppercase()),
        changed_since: sought.changed_since,
        due_between: sought.due_between,
        key_prefix: sought.key_prefix,
    };
    if after.is_some_and(|place| !filter.goes_on_from(place)) {
        return Err(PositionError::OtherList);
    }
    let mut snapshot = services.store.read().await?;
    let listed = debt_positions::list_positions(
        &mut snapshot,
        caller.institution(),
        &filter,
        after,
        limit.min(LIMIT_MAX + 1),
    )
    .await?;
    let (places, stored): (Vec<Place>, Vec<StoredPosition>) = listed.into_iter().unzip();
    let views = views_of(services, &mut snapshot, &stored).await?;
    Ok(places.into_iter().zip(views).collect())
}

/// A position as its program sees it, unless it is not its business.
async fn view(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    snapshot: &mut Snapshot,
    stored: Option<StoredPosition>,
) -> Result<PositionView, PositionError> {
    let stored = stored
        .filter(|stored| caller.needs(scope, &stored.position.service).is_ok())
        .ok_or(PositionError::NotFound)?;
    views_of(services, snapshot, std::slice::from_ref(&stored))
        .await?
        .pop()
        .ok_or(PositionError::NotFound)
}

/// The name of a state, if it is one.
pub fn status_named(text: &str) -> Option<&'static str> {
    STATUSES.into_iter().find(|name| *name == text)
}

/// Whether nobody outside knows the position.
pub(crate) fn is_draft(stored: &StoredPosition) -> bool {
    stored.position.status == DebtPositionStatus::Draft
}
