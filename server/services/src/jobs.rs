//! What use cases left to be done later: taken up one by one by whoever comes first, tried again when it fails.
//!
//! A use case leaves a job with [`storage::jobs::enqueue`] in its own transaction. To add a kind, name it in
//! [`JobKind`] and say in [`run`] which function does it; that function must bear being run twice.

use crate::{Services, Unavailable, feed};
use chrono::{DateTime, Duration, Utc};
use storage::jobs::{self, ClaimedJob};

/// How long a job is held without a word. What takes longer holds on with [`hold_on`].
const LEASE: Duration = Duration::minutes(10);
/// The first wait after a failure.
const FIRST_WAIT: Duration = Duration::seconds(10);
/// The longest wait after a failure.
const LONGEST_WAIT: Duration = Duration::hours(1);
/// Failures in a row after which a job is given up.
pub const ATTEMPTS_MAX: u16 = 12;

/// Kinds of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Telling the national archives of an institution's changed positions.
    Feed,
    /// Learning what an archive did with a file.
    FeedUpload,
    /// Comparing an archive with what it should hold.
    FeedCompare,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::FeedUpload, Self::Feed, Self::FeedCompare];

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::FeedUpload => "feed_upload",
            Self::FeedCompare => "feed_compare",
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

/// Does every job that is due, one after the other, until none is or `most` are done. Returns how many.
pub async fn drain(services: &Services, worker: &str, most: usize) -> Result<usize, Unavailable> {
    let mut done = 0;
    'again: while done < most {
        for kind in JobKind::ALL {
            if run_one(services, kind, worker).await? {
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

async fn run(services: &Services, kind: JobKind, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    match kind {
        JobKind::Feed => feed::run_feed(services, job).await,
        JobKind::FeedUpload => feed::run_upload(services, job).await,
        JobKind::FeedCompare => feed::run_compare(services, job).await,
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
