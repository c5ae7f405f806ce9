//! Debts by whatever a citizen has.

use super::note_look_up;
use crate::Services;
use crate::caller::Caller;
use crate::positions::{NoticeCode, PositionError, PositionView, is_draft, number_of, views_of};
use crate::todays_amount::{Today, Wanted, refresh};
use chrono::{DateTime, Utc};
use domain::NoticeNumber;
use domain::application::Scope;
use serde::{Deserialize, Serialize};
use storage::debt_positions::{
    PositionFilter, StoredPosition, find_position, find_position_by_notice, list_notices_of_position,
    list_positions,
};
use storage::{Snapshot, StorageError};
use tokio::task::JoinSet;

/// Debts of a person shown at most.
const DEBTS_MAX: u32 = 200;
/// Notices whose amounts are asked for at once.
const QUESTIONS_MAX: usize = 20;
/// Notices followed to the one that took their place, at most.
const SUCCESSORS_MAX: usize = 32;

/// What a debt is asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DebtKey {
    /// The key of the office's program.
    Key(String),
    /// A notice's number or payment reference.
    Notice(NoticeCode),
    /// The fiscal code of who owes: every debt of theirs.
    Person,
}

/// What is asked at the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The fiscal code of who owes; whatever is found must be theirs.
    pub person: Option<String>,
    /// What the debt is found by.
    pub by: DebtKey,
    /// Code of the service, when only its debts are asked for.
    pub service: Option<String>,
    /// Whether the program is to be asked what is due today (`attualizza`).
    pub update: bool,
}

/// A debt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Debt {
    /// The position as it is now: of one that was replaced, the one in its place.
    pub position: PositionView,
    /// Keys of the older positions it took the place of, from the one that was asked for on.
    pub replaces: Vec<String>,
    /// What the office's program said of its notices, when it was asked what is due today.
    pub today: Vec<AmountToday>,
}

/// What the office's program said of a notice's amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AmountToday {
    /// The notice.
    pub notice_number: String,
    /// What it said.
    pub answer: AmountAnswered,
    /// When it was asked for what holds now; nothing when it never said anything.
    pub asked_at: Option<DateTime<Utc>>,
}

/// How a program answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AmountAnswered {
    /// The position says what is due.
    Told,
    /// It did not answer: the position says the last amount known.
    LastKnown,
    /// It did not answer, and without an answer the notice cannot be paid.
    TryLater,
    /// Nothing is due today.
    NothingDue,
}

impl AmountToday {
    fn of(number: &NoticeNumber, today: Today) -> Self {
        let (answer, asked_at) = match today {
            Today::Told { asked_at } => (AmountAnswered::Told, Some(asked_at)),
            Today::LastKnown { told_at } => (AmountAnswered::LastKnown, told_at),
            Today::TryLater => (AmountAnswered::TryLater, None),
            Today::NothingDue { asked_at } => (AmountAnswered::NothingDue, Some(asked_at)),
        };
        Self {
            notice_number: number.to_string(),
            answer,
            asked_at,
        }
    }
}

/// The debts that are asked for: one by a key of its own, all of them by person.
///
/// # Errors
/// [`PositionError::NotFound`] when there is none.
pub async fn find_debts(
    services: &Services,
    caller: &Caller,
    asking: &Asking,
) -> Result<Vec<Debt>, PositionError> {
    let mut found = look_up(services, caller, asking).await?;
    let mut told = if asking.update {
        update(services, &mut found).await?
    } else {
        Vec::new()
    };
    let mut snapshot = services.store.read().await?;
    let (stored, replaced): (Vec<StoredPosition>, Vec<Vec<String>>) = found
        .into_iter()
        .map(|found| (found.stored, found.replaces))
        .unzip();
    let views = views_of(services, &mut snapshot, &stored).await?;
    Ok(views
        .into_iter()
        .zip(replaced)
        .map(|(position, replaces)| {
            let own = told.extract_if(.., |(key, _)| *key == position.key);
            let today = own.map(|(_, today)| today).collect();
            Debt {
                position,
                replaces,
                today,
            }
        })
        .collect())
}

/// Asks the programs of the debts that have one what is due today, and reads those again. Says of which position what was
/// said.
async fn update(
    services: &Services,
    found: &mut [Found],
) -> Result<Vec<(String, AmountToday)>, PositionError> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let mut questions = JoinSet::new();
    let mut snapshot = services.store.read().await?;
    for Found { stored, .. } in &*found {
        let (institution, key) = (&stored.position.institution, &stored.position.key);
        let service = entries.service(institution, &stored.position.service);
        let Some(service) = service.filter(|service| service.todays_amount.is_some()) else {
            continue;
        };
        for notice in list_notices_of_position(&mut snapshot, institution, key).await? {
            if questions.len() == QUESTIONS_MAX {
                break;
            }
            let (services, service) = (services.clone(), service.clone());
            questions.spawn(async move {
                let today = refresh(&services, Some(&service), &notice, Wanted::Counter).await;
                (notice, today)
            });
        }
    }
    drop(snapshot);
    let mut told = Vec::new();
    for (notice, today) in questions.join_all().await {
        if let Some(today) = today? {
            told.push((notice.position_key, AmountToday::of(&notice.number, today)));
        }
    }
    let mut snapshot = services.store.read().await?;
    for Found { stored, .. } in found {
        let (institution, key) = (&stored.position.institution, &stored.position.key);
        if told.iter().any(|(asked, _)| asked == key)
            && let Some(now) = find_position(&mut snapshot, institution, key).await?
        {
            *stored = now;
        }
    }
    told.sort_by(|(_, one), (_, other)| one.notice_number.cmp(&other.notice_number));
    Ok(told)
}

/// A position that was found, and the keys of those it took the place of.
pub(super) struct Found {
    pub(super) stored: StoredPosition,
    pub(super) replaces: Vec<String>,
}

/// The positions that are asked for, each followed to the one in its place.
pub(super) async fn look_up(
    services: &Services,
    caller: &Caller,
    asking: &Asking,
) -> Result<Vec<Found>, PositionError> {
    caller.services(Scope::UseCounter)?;
    let person = asking
        .person
        .as_deref()
        .map(|code| code.trim().to_ascii_uppercase());
    if let (DebtKey::Person, Some(person)) = (&asking.by, &person) {
        note_look_up(services, caller, "counter.person_looked_up", person).await?;
    }
    let mut snapshot = services.store.read().await?;
    let asked = asked(&mut snapshot, caller, asking, person.as_deref()).await?;
    let mut found: Vec<Found> = Vec::with_capacity(asked.len());
    for stored in asked {
        let is_theirs = person
            .as_deref()
            .is_none_or(|person| stored.position.debtor.code == person);
        let is_asked = is_theirs
            && is_granted(caller, &stored)
            && !is_draft(&stored)
            && asking
                .service
                .as_ref()
                .is_none_or(|service| stored.position.service == *service);
        if !is_asked {
            continue;
        }
        let newest = follow(&mut snapshot, caller, stored).await?;
        // Of a person's debts both the old and the new one may be listed.
        match found.iter_mut().find(|known| known.stored.id == newest.stored.id) {
            Some(known) if known.replaces.len() < newest.replaces.len() => *known = newest,
            Some(_) => {}
            None => found.push(newest),
        }
    }
    if found.is_empty() {
        return Err(PositionError::NotFound);
    }
    Ok(found)
}

async fn asked(
    snapshot: &mut Snapshot,
    caller: &Caller,
    asking: &Asking,
    person: Option<&str>,
) -> Result<Vec<StoredPosition>, PositionError> {
    let institution = caller.institution();
    Ok(match &asking.by {
        DebtKey::Key(key) => find_position(snapshot, institution, key)
            .await?
            .into_iter()
            .collect(),
        DebtKey::Notice(code) => {
            let number = number_of(snapshot, caller, code).await?;
            find_position_by_notice(snapshot, institution, &number)
                .await?
                .into_iter()
                .collect()
        }
        DebtKey::Person => {
            let filter = PositionFilter {
                debtor_code: Some(person.ok_or(PositionError::NotFound)?.to_owned()),
                services: asking.service.clone().map(|service| vec![service]),
                ..PositionFilter::default()
            };
            list_positions(snapshot, institution, &filter, None, DEBTS_MAX)
                .await?
                .into_iter()
                .map(|(_, stored)| stored)
                .collect()
        }
    })
}

fn is_granted(caller: &Caller, stored: &StoredPosition) -> bool {
    caller.needs(Scope::UseCounter, &stored.position.service).is_ok()
}

/// A position, or the one in its place. One whose successor is not the application's business stays where it is.
async fn follow(
    snapshot: &mut Snapshot,
    caller: &Caller,
    stored: StoredPosition,
) -> Result<Found, StorageError> {
    let mut found = Found {
        stored,
        replaces: Vec::new(),
    };
    for _ in 0..SUCCESSORS_MAX {
        let Some(successor) = found.stored.position.successor() else {
            break;
        };
        let next = find_position_by_notice(snapshot, caller.institution(), successor).await?;
        let Some(next) = next.filter(|next| is_granted(caller, next)) else {
            break;
        };
        found.replaces.push(found.stored.position.key.clone());
        found.stored = next;
    }
    Ok(found)
}
