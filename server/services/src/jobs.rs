//! What use cases left to be done later, and what comes back by itself: taken up one by one by whoever comes first, tried
//! again when it fails.
//!
//! A use case leaves a job with [`storage::jobs::enqueue`] in its own transaction. To add a kind, name it in
//! [`JobKind`] and say in [`run`] which function does it; that function must bear being run twice.

use crate::hub::HubError;
use crate::{Services, Unavailable, documents, feed, flow_reports, imports, missing_receipts, outcomes};
use chrono::{DateTime, Duration, Utc};
use domain::CreditorFiscalCode;
use pagopa::gateway::{CallError, Product};
use storage::jobs::{self, ClaimedJob, NewJob};

/// How long a job is held without a word. What takes longer holds on with [`hold_on`].
const LEASE: Duration = Duration::minutes(10);
/// The first wait after a failure.
const FIRST_WAIT: Duration = Duration::seconds(10);
/// The longest wait after a failure.
const LONGEST_WAIT: Duration = Duration::hours(1);
/// Failures in a row after which a job is given up.
pub const ATTEMPTS_MAX: u16 = 12;
/// The key of a job that is done for every institution.
const FOR_ALL: &str = "all";
/// How long nobody takes up what was done by hand: the time in which the hub counts calls.
const BY_HAND_PAUSE: Duration = Duration::seconds(1);

/// Kinds of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Telling the national archives of an institution's changed positions.
    Feed,
    /// Learning what an archive did with a file.
    FeedUpload,
    /// Comparing an archive with what it should hold.
    FeedCompare,
    /// Collecting the flow reports of every institution.
    FlowCollection,
    /// Asking for the receipts that flow reports name and that never came.
    ReceiptSearch,
    /// Printing many notices.
    PrintBatch,
    /// Putting outcomes into the feeds of applications.
    OutcomeFanOut,
    /// Sending outcomes to an endpoint.
    OutcomeDelivery,
    /// Closing the days of feeds, and writing their files.
    OutcomeDays,
    /// Checking and applying a file of debts.
    Import,
}

impl JobKind {
    /// Those that keep the national archives fed.
    pub const FEED: [Self; 3] = [Self::FeedUpload, Self::Feed, Self::FeedCompare];

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::FeedUpload => "feed_upload",
            Self::FeedCompare => "feed_compare",
            Self::FlowCollection => "flow_collection",
            Self::ReceiptSearch => "receipt_search",
            Self::PrintBatch => "print_batch",
            Self::OutcomeFanOut => "outcome_fan_out",
            Self::OutcomeDelivery => "outcome_delivery",
            Self::OutcomeDays => "outcome_days",
            Self::Import => "import",
        }
    }
}

/// How a job went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Done for now, to be gone on with then.
    Again(DateTime<Utc>),
    /// Could not be done, for a reason outside that passes: to be tried again then, or by and by, for as long as it
    /// takes.
    PutOff {
        /// When, if somebody said so.
        until: Option<DateTime<Utc>>,
        /// Why.
        why: String,
    },
    /// Failed: to be tried again by and by, then given up.
    Failed(String),
    /// Can never be done.
    Hopeless(String),
}

/// Why something could not be gone on with: it is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    /// Not before then, if somebody said so.
    pub(crate) until: Option<DateTime<Utc>>,
    /// Why.
    pub(crate) why: String,
}

impl Stop {
    pub(crate) fn of_error(services: &Services, error: HubError) -> Self {
        let seconds = match error {
            HubError::Call(CallError::LeftAlone { seconds } | CallError::OverLimit { seconds }) => {
                Some(seconds)
            }
            HubError::NotConfigured(_)
            | HubError::NotLogged
            | HubError::Call(
                CallError::Unreachable
                | CallError::Timeout
                | CallError::Unauthorised
                | CallError::TooLong
                | CallError::NotHttp,
            ) => None,
        };
        Self {
            until: seconds.map(|seconds| services.clock.now() + Duration::seconds(i64::from(seconds))),
            why: error.to_string(),
        }
    }
}

impl From<Stop> for Outcome {
    fn from(stop: Stop) -> Self {
        Self::PutOff {
            until: stop.until,
            why: stop.why,
        }
    }
}

/// Takes up a job of a kind, if one is due, and does it. Says whether there was one. Three transactions: taking it,
/// what it does, and noting how it went, so that nothing is held while it waits for others.
pub async fn run_one(services: &Services, kind: JobKind, worker: &str) -> Result<bool, Unavailable> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let Some(job) = jobs::claim_job(&mut tx, kind.as_str(), worker, now, now + LEASE).await? else {
        return Ok(false);
    };
    tx.commit().await?;
    let outcome = run(services, kind, &job)
        .await
        .unwrap_or_else(|error| Outcome::PutOff {
            until: None,
            why: error.to_string(),
        });
    note(services, kind, &job, outcome).await?;
    Ok(true)
}

/// Does every job of some kinds that is due, one after the other, until none is or `most` are done. Returns how many.
pub async fn drain(
    services: &Services,
    kinds: &[JobKind],
    worker: &str,
    most: usize,
) -> Result<usize, Unavailable> {
    let mut done = 0;
    'again: while done < most {
        for kind in kinds {
            if run_one(services, *kind, worker).await? {
                done += 1;
                continue 'again;
            }
        }
        break;
    }
    Ok(done)
}

/// Says that a job is still being done. Whether it still is in these hands: when not, whoever does it must stop.
pub async fn hold_on(services: &Services, job: &ClaimedJob) -> Result<bool, Unavailable> {
    let mut tx = services.store.begin().await?;
    let held = jobs::prolong_job(&mut tx, job, services.clock.now() + LEASE).await?;
    tx.commit().await?;
    Ok(held)
}

/// Leaves the job that is done for every institution, one after the other, by one worker at a time: the hub counts the
/// calls of all servers together. Nothing is left where the settings lack the product it asks, or there is no institution.
pub(crate) async fn leave_for_all(
    services: &Services,
    kind: JobKind,
    product: Product,
) -> Result<(), Unavailable> {
    let all = all_for(services, product).await?;
    let now = services.clock.now();
    if let Some(job) = job_for_all(kind, &all, now) {
        let mut tx = services.store.begin().await?;
        jobs::enqueue(&mut tx, &job, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The institutions such a job is done for; none where the settings lack the product it asks, by now.
pub(crate) async fn all_for(
    services: &Services,
    product: Product,
) -> Result<Vec<CreditorFiscalCode>, Unavailable> {
    if !services.hub.offers(product) {
        return Ok(Vec::new());
    }
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let served = entries.institutions.iter();
    Ok(served
        .map(|institution| institution.fiscal_code.clone())
        .collect())
}

/// A job is somebody's: this one stands under the first of those it is done for.
fn job_for_all(kind: JobKind, all: &[CreditorFiscalCode], now: DateTime<Utc>) -> Option<NewJob<'_>> {
    all.first().map(|first| NewJob {
        kind: kind.as_str(),
        key: FOR_ALL,
        institution: first,
        payload: "{}",
        run_at: now,
    })
}

/// Takes the job that is done for every institution into one's own hands, due or not, also where nobody left one yet;
/// `None` while somebody else has it. Whoever takes it puts it back with [`put_back`].
pub(crate) async fn take_for_all(
    services: &Services,
    kind: JobKind,
    product: Product,
) -> Result<Option<ClaimedJob>, Unavailable> {
    let all = all_for(services, product).await?;
    let worker = services.ids.token();
    let now = services.clock.now();
    let until = now + LEASE;
    let mut tx = services.store.begin().await?;
    let mut taken = jobs::take_job(&mut tx, kind.as_str(), FOR_ALL, &worker, now, until).await?;
    if let (None, Some(job)) = (&taken, job_for_all(kind, &all, now)) {
        jobs::enqueue(&mut tx, &job, now).await?;
        taken = jobs::take_job(&mut tx, job.kind, job.key, &worker, now, until).await?;
    }
    tx.commit().await?;
    Ok(taken)
}

/// Puts back what was taken by hand, to be done when it was to be.
pub(crate) async fn put_back(services: &Services, job: &ClaimedJob) -> Result<(), Unavailable> {
    let mut tx = services.store.begin().await?;
    let run_at = job.run_at.max(services.clock.now() + BY_HAND_PAUSE);
    jobs::release_job(&mut tx, job, run_at, job.attempts, None).await?;
    tx.commit().await?;
    Ok(())
}

async fn run(services: &Services, kind: JobKind, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    match kind {
        JobKind::Feed => feed::run_feed(services, job).await,
        JobKind::FeedUpload => feed::run_upload(services, job).await,
        JobKind::FeedCompare => feed::run_compare(services, job).await,
        JobKind::FlowCollection => flow_reports::run_collection(services, job).await,
        JobKind::ReceiptSearch => missing_receipts::run_search(services, job).await,
        JobKind::PrintBatch => documents::batch::run_batch(services, job).await,
        JobKind::OutcomeFanOut => outcomes::fan_out::run_fan_out(services, job).await,
        JobKind::OutcomeDelivery => outcomes::deliver::run_delivery(services, job).await,
        JobKind::OutcomeDays => outcomes::daily::run_days(services, job).await,
        JobKind::Import => imports::run_import(services, job).await,
    }
}

async fn note(
    services: &Services,
    kind: JobKind,
    job: &ClaimedJob,
    outcome: Outcome,
) -> Result<(), Unavailable> {
    let now = services.clock.now();
    let attempts = job.attempts.saturating_add(1);
    let mut tx = services.store.begin().await?;
    match outcome {
        Outcome::Done => jobs::finish_job(&mut tx, job, now).await?,
        Outcome::Again(at) => jobs::release_job(&mut tx, job, at, 0, None).await?,
        Outcome::PutOff { until, why } => {
            tracing::warn!(job.kind = kind.as_str(), job.key, why, "put a job off");
            let at = until.unwrap_or_else(|| now + wait(attempts, dice(services, now)));
            jobs::release_job(&mut tx, job, at, attempts, Some(&why)).await?;
        }
        Outcome::Failed(why) if attempts < ATTEMPTS_MAX => {
            tracing::warn!(
                job.kind = kind.as_str(),
                job.key,
                why,
                "a job failed and is tried again"
            );
            let at = now + wait(attempts, dice(services, now));
            jobs::release_job(&mut tx, job, at, attempts, Some(&why)).await?;
        }
        Outcome::Failed(why) | Outcome::Hopeless(why) => {
            tracing::error!(job.kind = kind.as_str(), job.key, why, "gave a job up");
            jobs::bury_job(&mut tx, job, now, attempts, &why).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// A byte nobody can guess.
fn dice(services: &Services, now: DateTime<Utc>) -> u8 {
    services.ids.message_id(now).0[15]
}

/// How long to wait after so many failures in a row: twice as long each time up to an hour, shortened by up to a half at
/// random, so that what failed together does not come back together.
fn wait(attempts: u16, dice: u8) -> Duration {
    let doublings = u32::from(attempts.saturating_sub(1)).min(16);
    let longest = (FIRST_WAIT * (1 << doublings)).min(LONGEST_WAIT);
    longest - longest * i32::from(dice) / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_doubles_the_wait_up_to_an_hour() {
        assert_eq!(wait(1, 0), Duration::seconds(10));
        assert_eq!(wait(2, 0), Duration::seconds(20));
        assert_eq!(wait(9, 0), Duration::seconds(2_560));
        assert_eq!(wait(10, 0), Duration::hours(1));
        assert_eq!(wait(u16::MAX, 0), Duration::hours(1));
    }

    #[test]
    fn chance_shortens_the_wait_by_less_than_a_half() {
        assert_eq!(wait(1, 128), Duration::milliseconds(7_500));
        assert!(wait(1, 255) > Duration::seconds(5));
    }
}
