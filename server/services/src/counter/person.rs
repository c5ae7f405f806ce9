//! What a person owes and paid, service by service.

use super::note_look_up;
use crate::Services;
use crate::caller::Caller;
use crate::clock::italian_date;
use crate::positions::{PositionError, is_draft};
use chrono::NaiveDate;
use domain::application::Scope;
use domain::{Cents, DebtPositionStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use storage::debt_positions::{Place, PositionFilter, StoredPosition, list_positions};

/// Debts of a person that are added up, at most.
const DEBTS_MAX: usize = 2_000;
/// Debts read together.
const PAGE: u32 = 200;

/// What a person owes and paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PersonSummary {
    /// The first day it is about.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
    /// Service by service, by code.
    pub services: Vec<ServiceTotals>,
    /// Whether there is more than could be added up.
    pub is_partial: bool,
}

/// What a person owes and paid for a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServiceTotals {
    /// Code of the service.
    pub service: String,
    /// Its name in Italian.
    pub name_it: String,
    /// Its name in English.
    pub name_en: String,
    /// How many debts.
    pub debts: u32,
    /// How many of them are still to be paid, in part or whole.
    pub unpaid: u32,
    /// How many of those are past a due date.
    pub overdue: u32,
    /// What is still to be paid, in cents.
    pub left: Cents,
    /// What was paid, in cents.
    pub paid: Cents,
}

/// Adds up a person's debts whose first due date, or day of coming where they have none, lies between two days.
pub async fn summarise(
    services: &Services,
    caller: &Caller,
    person: &str,
    (from, to): (NaiveDate, NaiveDate),
    only_unpaid: bool,
) -> Result<PersonSummary, PositionError> {
    caller.services(Scope::UseCounter)?;
    let person = person.trim().to_ascii_uppercase();
    note_look_up(services, caller, "counter.person_summarised", &person).await?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let today = services.clock.today();
    let filter = PositionFilter {
        debtor_code: Some(person),
        ..PositionFilter::default()
    };
    let mut totals: BTreeMap<String, ServiceTotals> = BTreeMap::new();
    let (mut after, mut seen, mut is_partial): (Option<Place>, usize, bool) = (None, 0, false);
    let mut snapshot = services.store.read().await?;
    loop {
        let page = list_positions(&mut snapshot, caller.institution(), &filter, after.as_ref(), PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        seen += page.len();
        for (_, stored) in page {
            let is_meant = !is_draft(&stored)
                && caller.needs(Scope::UseCounter, &stored.position.service).is_ok()
                && (from..=to).contains(&day_of(&stored));
            if is_meant {
                add(&mut totals, &stored, today, only_unpaid);
            }
        }
        if seen >= DEBTS_MAX {
            is_partial = true;
            break;
        }
    }
    let named = totals.into_iter().map(|(code, totals)| {
        let service = entries.service(caller.institution(), &code);
        ServiceTotals {
            name_it: service.map_or_else(String::new, |service| service.name_it.clone()),
            name_en: service.map_or_else(String::new, |service| service.name_en.clone()),
            service: code,
            ..totals
        }
    });
    Ok(PersonSummary {
        from,
        to,
        services: named.collect(),
        is_partial,
    })
}

/// The day a debt is of.
fn day_of(stored: &StoredPosition) -> NaiveDate {
    stored
        .position
        .instalments()
        .filter_map(|(_, _, instalment)| instalment.due_on)
        .min()
        .unwrap_or_else(|| italian_date(stored.created_at))
}

fn add(
    totals: &mut BTreeMap<String, ServiceTotals>,
    stored: &StoredPosition,
    today: NaiveDate,
    only_unpaid: bool,
) {
    let position = &stored.position;
    let is_unpaid = matches!(position.status, DebtPositionStatus::Open { .. });
    if only_unpaid && !is_unpaid {
        return;
    }
    let left = crate::positions::left_of(position);
    let of_service = totals.entry(position.service.clone()).or_default();
    of_service.debts += 1;
    of_service.paid = of_service
        .paid
        .checked_add(crate::positions::paid_of(position))
        .unwrap_or(of_service.paid);
    if is_unpaid {
        let is_overdue = position
            .instalments()
            .any(|(_, _, one)| one.payment.is_none() && one.due_on.is_some_and(|due_on| due_on < today));
        of_service.unpaid += 1;
        of_service.overdue += u32::from(is_overdue);
        of_service.left = of_service.left.checked_add(left).unwrap_or(of_service.left);
    }
}
