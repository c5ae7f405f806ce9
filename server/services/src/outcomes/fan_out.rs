//! Facts into feeds: one worker at a time, in bounded transactions.

use super::concerns;
use super::deliver::GIVE_UP_AFTER;
use crate::jobs::{self, JobKind, Outcome};
use crate::{Services, Unavailable};
use domain::application::{Application, Scope};
use std::collections::HashMap;
use storage::StorageError;
use storage::applications::list_applications;
use storage::jobs::{ClaimedJob, NewJob, enqueue};
use storage::outcomes::{
    Endpoint, Feed, Kinds, NewWebhook, PendingOutcome, ensure_feed, insert_deliveries, insert_webhooks,
    list_active_endpoints, list_feeds, list_outcomes_to_fan_out, mark_fanned_out, take_numbers,
};

/// Facts of one transaction.
const BATCH: u32 = 1_000;
/// Transactions of one job, before others get their turn.
const BATCHES_MAX: usize = 50;
/// The key of the one job there is.
const KEY: &str = "all";

/// Leaves the job, when there are facts nobody was told of.
pub async fn schedule(services: &Services) -> Result<(), Unavailable> {
    let mut snapshot = services.store.glance().await?;
    let pending = list_outcomes_to_fan_out(&mut snapshot, 1).await?;
    drop(snapshot);
    let Some(first) = pending.first() else {
        return Ok(());
    };
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let job = NewJob {
        kind: JobKind::OutcomeFanOut.as_str(),
        key: KEY,
        institution: &first.institution,
        payload: "{}",
        run_at: now,
    };
    enqueue(&mut tx, &job, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts facts into the feeds of the applications they concern.
pub(crate) async fn run_fan_out(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    for _ in 0..BATCHES_MAX {
        match fan_out_some(services).await {
            Ok(0) => return Ok(Outcome::Done),
            // Somebody whose time was over did the same: what is left is looked at again.
            Ok(_) | Err(StorageError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        if !jobs::hold_on(services, job).await? {
            break;
        }
    }
    Ok(Outcome::Again(services.clock.now()))
}

/// One transaction: some facts, into every feed they concern. Returns how many facts.
async fn fan_out_some(services: &Services) -> Result<usize, StorageError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let pending = list_outcomes_to_fan_out(&mut tx, BATCH).await?;
    if pending.is_empty() {
        return Ok(0);
    }
    let applications = list_applications(&mut tx).await?;
    let subscribed = applications
        .iter()
        .filter(|application| application.granted(Scope::ReadOutcomes).is_some());
    let kinds: HashMap<String, Kinds> = list_feeds(&mut tx)
        .await?
        .into_iter()
        .map(
            |Feed {
                 application, kinds, ..
             }| (application, kinds),
        )
        .collect();
    let endpoints = list_active_endpoints(&mut tx).await?;
    for application in subscribed {
        let told = told_to(application, kinds.get(&application.id), &pending);
        if told.is_empty() {
            continue;
        }
        if !kinds.contains_key(&application.id) {
            ensure_feed(&mut tx, &application.id, now).await?;
        }
        let first = take_numbers(&mut tx, &application.id, told.len()).await?;
        let events: Vec<i64> = told.iter().map(|outcome| outcome.id).collect();
        insert_deliveries(&mut tx, &application.id, first, &events).await?;
        for endpoint in endpoints
            .iter()
            .filter(|endpoint| endpoint.application == application.id)
        {
            let sent = sent_to(endpoint, first, &told);
            if sent.is_empty() {
                continue;
            }
            insert_webhooks(&mut tx, &endpoint.id, &sent, now, now + GIVE_UP_AFTER).await?;
            let job = NewJob {
                kind: JobKind::OutcomeDelivery.as_str(),
                key: &endpoint.id,
                institution: &endpoint.institution,
                payload: "{}",
                run_at: now,
            };
            enqueue(&mut tx, &job, now).await?;
        }
    }
    let ids: Vec<i64> = pending.iter().map(|outcome| outcome.id).collect();
    mark_fanned_out(&mut tx, &ids).await?;
    tx.commit().await?;
    Ok(pending.len())
}

fn takes(kinds: &Kinds, outcome: &PendingOutcome) -> bool {
    kinds.as_ref().is_none_or(|kinds| kinds.contains(&outcome.kind))
}

/// The facts that are an application's business and that it chose.
fn told_to<'p>(
    application: &Application,
    kinds: Option<&Kinds>,
    pending: &'p [PendingOutcome],
) -> Vec<&'p PendingOutcome> {
    pending
        .iter()
        .filter(|outcome| {
            outcome.institution == application.institution
                && concerns(application, outcome.service.as_deref())
                && kinds.is_none_or(|kinds| takes(kinds, outcome))
        })
        .collect()
}

/// What of an application's outcomes, numbered from `first` on, is sent to its endpoint.
fn sent_to<'p>(endpoint: &Endpoint, first: i64, told: &[&'p PendingOutcome]) -> Vec<NewWebhook<'p>> {
    (first..)
        .zip(told)
        .filter(|(_, outcome)| takes(&endpoint.kinds, outcome))
        .map(|(number, outcome)| NewWebhook {
            number,
            event: outcome.id,
            subject: &outcome.subject,
        })
        .collect()
}
