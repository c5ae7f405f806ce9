//! What happens by itself: expiry is recorded, old carts and messages leave, flow reports and the receipts they miss come,
//! jobs are done.

use chrono::{Duration, Months};
use domain::CreditorFiscalCode;
use pagopa::gateway::Product;
use services::Services;
use services::expiry::record_expired_positions;
use services::flow_reports::{Collected, FailedFlow, collect_flow_reports};
use services::missing_receipts::{Recovered, recover_missing_receipts};
use services::{feed, jobs};
use std::time::Duration as StdDuration;
use storage::{StorageError, carts, messages};

/// How often the jobs run.
const EVERY: StdDuration = StdDuration::from_mins(10);
/// How often flow reports are asked for: the hub publishes them through the night, and corrects them for days.
const FLOWS_EVERY: StdDuration = StdDuration::from_hours(4);
/// How often missing receipts are asked for: the time in which the hub counts these questions.
const RECEIPTS_EVERY: StdDuration = StdDuration::from_hours(1);
/// How often it is looked whether there is a job to do.
const JOBS_EVERY: StdDuration = StdDuration::from_secs(5);
/// Jobs done before it is looked again what there is to do.
const JOBS_MAX: usize = 100;
/// How long a job that ended can be looked up.
const JOBS_KEPT: Duration = Duration::days(30);
/// How long messages are kept: what the hub's rules ask, and no longer.
const MESSAGES_KEPT: Months = Months::new(24);
/// How long a cart is kept: its outcome page can be found again for this long. The e-mail address goes with it.
const CARTS_KEPT: Duration = Duration::days(90);
/// Rows one statement deletes: the archive is busy with them for some hundredths of a second.
const DELETED_MAX: u32 = 1_000;
/// Steps of one run: a hundred thousand messages, more than any city exchanges in ten minutes.
const STEPS_MAX: u32 = 100;
/// Left to others between two steps.
const STEP_PAUSE: StdDuration = StdDuration::from_millis(100);

/// Runs the jobs now and then, for ever.
pub(crate) async fn run(services: Services) {
    tokio::join!(
        keep_house(&services),
        collect_flows(&services),
        recover_receipts(&services),
        work(&services)
    );
}

async fn keep_house(services: &Services) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        match record_expired_positions(services).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "recorded expired positions"),
            Err(error) => tracing::error!(error = ?error, "cannot record expired positions"),
        }
        if let Err(error) = clean(services).await {
            tracing::error!(%error, "cannot delete old carts and messages");
        }
    }
}

/// Collects the flow reports of every institution. What one of them cannot get does not keep the others from theirs.
async fn collect_flows(services: &Services) {
    let mut ticks = tokio::time::interval(FLOWS_EVERY);
    while services.hub.offers(Product::FlowReports) {
        ticks.tick().await;
        for institution in institutions(services).await {
            match collect_flow_reports(services, &institution).await {
                Ok(collected) if collected == Collected::default() => {}
                Ok(Collected {
                    announced,
                    fetched,
                    failed,
                }) => {
                    tracing::info!(%institution, announced, fetched, failed = failed.len(), "collected flow reports");
                    for FailedFlow { key, why } in failed {
                        tracing::warn!(flow = %key.id, psp = key.psp, revision = key.revision, why, "cannot fetch a flow report");
                    }
                }
                Err(error) => tracing::error!(%institution, %error, "cannot collect flow reports"),
            }
        }
    }
}

/// Does what use cases left for later. Any number of processes may, each under a name of its own.
async fn work(services: &Services) {
    let worker = services.ids.token();
    if let Err(error) = feed::schedule_comparisons(services).await {
        tracing::error!(error = ?error, "cannot plan the nightly comparison");
    }
    let mut ticks = tokio::time::interval(JOBS_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = feed::schedule(services).await {
            tracing::error!(error = ?error, "cannot look for positions to feed");
        }
        if let Err(error) = jobs::drain(services, &worker, JOBS_MAX).await {
            tracing::error!(error = ?error, "cannot do jobs");
        }
    }
}

/// Asks for the receipts that flow reports name and that never came.
async fn recover_receipts(services: &Services) {
    let mut ticks = tokio::time::interval(RECEIPTS_EVERY);
    while services.hub.offers(Product::Receipts) {
        ticks.tick().await;
        for institution in institutions(services).await {
            match recover_missing_receipts(services, &institution).await {
                Ok(recovered) if recovered == Recovered::default() => {}
                Ok(Recovered {
                    taken,
                    not_found,
                    failed,
                }) => {
                    tracing::info!(%institution, taken, not_found, failed, "asked for missing receipts");
                }
                Err(error) => tracing::error!(%institution, %error, "cannot ask for missing receipts"),
            }
        }
    }
}

async fn institutions(services: &Services) -> Vec<CreditorFiscalCode> {
    match services
        .directory
        .entries(&services.store, &*services.clock)
        .await
    {
        Ok(entries) => entries
            .institutions
            .iter()
            .map(|institution| institution.fiscal_code.clone())
            .collect(),
        Err(error) => {
            tracing::error!(%error, "cannot read the institutions");
            Vec::new()
        }
    }
}

/// Deletes what is too old, in steps short enough that nobody waits for them.
async fn clean(services: &Services) -> Result<(), StorageError> {
    let now = services.clock.now();
    for _ in 0..STEPS_MAX {
        let mut tx = services.store.begin().await?;
        let mut deleted = storage::jobs::delete_jobs_before(&mut tx, now - JOBS_KEPT, DELETED_MAX).await?;
        deleted += carts::delete_carts_before(&mut tx, now - CARTS_KEPT, DELETED_MAX).await?;
        if let Some(before) = now.checked_sub_months(MESSAGES_KEPT) {
            deleted += messages::delete_messages_before(&mut tx, before, DELETED_MAX).await?;
        }
        tx.commit().await?;
        if deleted == 0 {
            break;
        }
        tokio::time::sleep(STEP_PAUSE).await;
    }
    Ok(())
}
