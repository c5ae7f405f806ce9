//! What happens by itself: expiry is recorded, old carts and messages leave, flow reports and the receipts they miss come,
//! jobs are done, notices printed, files of debts loaded.

use chrono::{Duration, Months};
use services::expiry::record_expired_positions;
use services::flow_reports::schedule_collection;
use services::idempotency::ANSWERS_KEPT;
use services::imports::{Watched, forget_imports, look_at_folders};
use services::jobs::{JobKind, drain};
use services::missing_receipts::schedule_search;
use services::outcomes::{daily, fan_out, views};
use services::{Services, Unavailable, feed, outcomes};
use std::time::Duration as StdDuration;
use storage::idempotent_requests::delete_requests_before;
use storage::{carts, document_accesses, messages, print_batches};
use tokio::time::{Interval, MissedTickBehavior};

/// How often the jobs run.
const EVERY: StdDuration = StdDuration::from_mins(10);
/// How often it is looked whether there is a job to do.
const JOBS_EVERY: StdDuration = StdDuration::from_secs(5);
/// How often it is looked whether there are outcomes to tell.
const OUTCOMES_EVERY: StdDuration = StdDuration::from_secs(2);
/// How often it is looked which notices were looked at.
const VIEWS_EVERY: StdDuration = StdDuration::from_secs(30);
/// Endpoints outcomes are sent to at the same time: a slow one does not keep the others waiting.
const ENDPOINTS_AT_ONCE: usize = 4;
/// Jobs done before it is looked again what there is to do.
const JOBS_MAX: usize = 100;
/// How long a job that ended can be looked up.
const JOBS_KEPT: Duration = Duration::days(30);
/// How long messages are kept: what the hub's rules ask, and no longer. Who reached which document, as long.
const MESSAGES_KEPT: Months = Months::new(24);
/// How long a cart is kept: its outcome page can be found again for this long. The e-mail address goes with it.
const CARTS_KEPT: Duration = Duration::days(90);
/// How long an import can be looked up, and its file is kept.
const IMPORTS_KEPT: Duration = Duration::days(90);
/// Imports one statement deletes, each with what became of its rows.
const IMPORTS_DELETED_MAX: u32 = 1;
/// Rows one statement deletes: the archive is busy with them for some hundredths of a second.
const DELETED_MAX: u32 = 1_000;
/// Batches of notices one statement deletes, each with a row for every notice.
const BATCHES_DELETED_MAX: u32 = 1;
/// Steps of one run: a hundred thousand messages, more than any city exchanges in ten minutes.
const STEPS_MAX: u32 = 100;
/// Left to others between two steps.
const STEP_PAUSE: StdDuration = StdDuration::from_millis(100);

/// Runs the jobs now and then, for ever. What waits long for the turns of one product does not keep others waiting.
pub(crate) async fn run(services: Services, folders: Vec<Watched>) {
    if let Err(error) = schedule(&services).await {
        tracing::error!(error = ?error, "cannot plan what comes back by itself");
    }
    tokio::join!(
        keep_house(&services),
        feed_archives(&services),
        work(&services, JobKind::FlowCollection),
        work(&services, JobKind::ReceiptSearch),
        work(&services, JobKind::PrintBatch),
        tell_outcomes(&services),
        note_views(&services),
        work(&services, JobKind::Import),
        watch(&services, folders)
    );
}

/// Leaves what comes back by itself: of any number of servers one does it at a time.
async fn schedule(services: &Services) -> Result<(), Unavailable> {
    feed::schedule_comparisons(services).await?;
    schedule_collection(services).await?;
    schedule_search(services).await
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
        if let Err(error) = daily::schedule(services).await {
            tracing::error!(error = ?error, "cannot look for days of outcomes to close");
        }
        if let Err(error) = clean(services).await {
            tracing::error!(%error, "cannot delete old carts and messages");
        }
        let before = services.clock.now() - IMPORTS_KEPT;
        if let Err(error) = forget_imports(services, before, IMPORTS_DELETED_MAX).await {
            tracing::error!(error = ?error, "cannot delete old files of debts");
        }
    }
}

/// Keeps the national archives fed.
async fn feed_archives(services: &Services) {
    let worker = services.ids.token();
    let mut ticks = job_ticks();
    loop {
        ticks.tick().await;
        if let Err(error) = feed::schedule(services).await {
            tracing::error!(error = ?error, "cannot look for positions to feed");
        }
        do_jobs(services, &JobKind::FEED, &worker).await;
    }
}

/// Puts outcomes into feeds, and sends them.
async fn tell_outcomes(services: &Services) {
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..ENDPOINTS_AT_ONCE {
        let services = services.clone();
        senders.spawn(async move {
            let worker = services.ids.token();
            let mut ticks = ticks(OUTCOMES_EVERY);
            loop {
                ticks.tick().await;
                do_jobs(&services, &[JobKind::OutcomeDelivery], &worker).await;
            }
        });
    }
    let worker = services.ids.token();
    let mut ticks = ticks(OUTCOMES_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = fan_out::schedule(services).await {
            tracing::error!(error = ?error, "cannot look for outcomes to tell");
        }
        do_jobs(services, &[JobKind::OutcomeFanOut, JobKind::OutcomeDays], &worker).await;
    }
}

/// Records which notices were looked at.
async fn note_views(services: &Services) {
    let mut ticks = ticks(VIEWS_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = views::record_views(services).await {
            tracing::error!(error = ?error, "cannot record which notices were looked at");
        }
    }
}

/// Does the jobs of a kind.
async fn work(services: &Services, kind: JobKind) {
    let worker = services.ids.token();
    let mut ticks = job_ticks();
    loop {
        ticks.tick().await;
        do_jobs(services, &[kind], &worker).await;
    }
}

/// Takes what programs put into folders.
async fn watch(services: &Services, mut folders: Vec<Watched>) {
    if folders.is_empty() {
        return;
    }
    let mut ticks = job_ticks();
    loop {
        ticks.tick().await;
        if let Err(error) = look_at_folders(services, &mut folders).await {
            tracing::error!(error = ?error, "cannot take files out of watched folders");
        }
    }
}

fn job_ticks() -> Interval {
    ticks(JOBS_EVERY)
}

fn ticks(every: StdDuration) -> Interval {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Does what is due. Any number of processes may, each under a name of its own.
async fn do_jobs(services: &Services, kinds: &[JobKind], worker: &str) {
    if let Err(error) = drain(services, kinds, worker, JOBS_MAX).await {
        tracing::error!(error = ?error, "cannot do jobs");
    }
}

/// Deletes what is too old, in steps short enough that nobody waits for them.
async fn clean(services: &Services) -> Result<(), Unavailable> {
    let now = services.clock.now();
    for _ in 0..STEPS_MAX {
        let mut tx = services.store.begin().await?;
        let mut deleted = storage::jobs::delete_jobs_before(&mut tx, now - JOBS_KEPT, DELETED_MAX).await?;
        deleted += delete_requests_before(&mut tx, now - ANSWERS_KEPT, DELETED_MAX).await?;
        deleted += carts::delete_carts_before(&mut tx, now - CARTS_KEPT, DELETED_MAX).await?;
        if let Some(before) = now.checked_sub_months(MESSAGES_KEPT) {
            deleted += messages::delete_messages_before(&mut tx, before, DELETED_MAX).await?;
            deleted += document_accesses::delete_accesses_before(&mut tx, before, DELETED_MAX).await?;
            deleted += print_batches::delete_batches_before(&mut tx, before, BATCHES_DELETED_MAX).await?;
        }
        tx.commit().await?;
        deleted += outcomes::clean(services, DELETED_MAX).await?;
        if deleted == 0 {
            break;
        }
        tokio::time::sleep(STEP_PAUSE).await;
    }
    Ok(())
}
