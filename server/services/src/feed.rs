//! Keeping the national archives of open positions, ACA and GPD, as ours: each change sent, one by one or in files, and
//! everything compared at night.
//!
//! Every write of a position leaves a mark in its row ([`storage::position_feed`]). [`schedule`] leaves a job for each
//! institution that has marks; the job reads the marked positions, lets [`domain::feed`] decide, and sends. So many
//! changes of one position are one call, and a change made while another is sent is seen at the next round.

mod bulk;
mod compare;
mod plan;
mod single;

pub(crate) use bulk::run_upload;
pub(crate) use compare::run_compare;
pub use compare::{CompareError, Comparison, Mend, compare};

use crate::clock::{instant_of_italian_time, italian_date};
use crate::jobs::{JobKind, Outcome, Stop};
use crate::message_log::About;
use crate::{Services, Unavailable};
use chrono::{DateTime, Days, Duration, NaiveTime, Utc};
use domain::CreditorFiscalCode;
use domain::feed::{Archive, Feed, Held};
use domain::service::Service;
use pagopa::debt_positions::products;
use pagopa::gateway::{Problem, Reply};
use plan::{Conclusion, Planned, Task};
use storage::jobs::{ClaimedJob, JobState, ListedJob, NewJob, enqueue, list_jobs, revive_jobs};
use storage::position_feed::{self, Fed, FedCount};
use storage::{StorageError, Tx};

/// From so many marked positions on, files are sent.
pub const BULK_FROM: u32 = 500;
/// Jobs and refusals a status lists.
const LISTED_MAX: u32 = 50;
/// When the comparison of the night begins, Italian time.
const COMPARED_AT: NaiveTime = NaiveTime::from_hms_opt(2, 0, 0).expect("a time of day");

/// Where the positions of a service are fed; `None` when neither it nor the settings say.
fn feed_of(services: &Services, service: &Service) -> Option<Feed> {
    let [aca, _] = products(Archive::Aca);
    service
        .feed
        .or_else(|| services.hub.offers(aca).then_some(Feed::Aca))
}

/// Whether any archive can be reached. When none can, marks stay until one can.
fn is_fed(services: &Services) -> bool {
    Archive::ALL
        .into_iter()
        .any(|archive| services.hub.offers(products(archive)[0]))
}

/// Leaves a job for each institution with positions to feed. Returns how many.
pub async fn schedule(services: &Services) -> Result<usize, Unavailable> {
    if !is_fed(services) {
        return Ok(0);
    }
    let mut snapshot = services.store.glance().await?;
    let institutions = position_feed::list_pending_institutions(&mut snapshot).await?;
    drop(snapshot);
    if institutions.is_empty() {
        return Ok(0);
    }
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    for institution in &institutions {
        let job = NewJob {
            kind: JobKind::Feed.as_str(),
            key: institution.as_str(),
            institution,
            payload: "{}",
            run_at: now,
        };
        enqueue(&mut tx, &job, now).await?;
    }
    tx.commit().await?;
    Ok(institutions.len())
}

/// Leaves the job of the nightly comparison of each institution, which then comes back every night.
pub async fn schedule_comparisons(services: &Services) -> Result<(), Unavailable> {
    if !is_fed(services) {
        return Ok(());
    }
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    for institution in &entries.institutions {
        let job = NewJob {
            kind: JobKind::FeedCompare.as_str(),
            key: institution.fiscal_code.as_str(),
            institution: &institution.fiscal_code,
            payload: "{}",
            run_at: next_night(now),
        };
        enqueue(&mut tx, &job, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The next time the comparison begins.
fn next_night(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = italian_date(now);
    let at = instant_of_italian_time(today.and_time(COMPARED_AT));
    if at > now {
        at
    } else {
        instant_of_italian_time((today + Days::new(1)).and_time(COMPARED_AT))
    }
}

/// Feeds an institution's marked positions: some, then comes back for more.
pub(crate) async fn run_feed(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    let are_many = position_feed::pend_at_least(&mut snapshot, &job.institution, BULK_FROM).await?;
    drop(snapshot);
    let passed = if are_many {
        match bulk::send_files(services, job).await? {
            // Nothing of it can go in a file.
            Passed::Nothing => single::send_each(services, &job.institution).await?,
            passed => passed,
        }
    } else {
        single::send_each(services, &job.institution).await?
    };
    Ok(match passed {
        Passed::Nothing | Passed::All => Outcome::Done,
        Passed::Some => Outcome::Again(services.clock.now()),
        Passed::Stopped(stop) => stop.into(),
    })
}

/// Notes what was learnt of a position. What needed nothing leaves no trace but the mark's going.
async fn note(tx: &mut Tx, planned: &Planned, conclusion: &Conclusion) -> Result<(), StorageError> {
    if !matches!(planned.task, Task::Rest) {
        let institution = &planned.stored.position.institution;
        position_feed::record_fed(tx, institution, &conclusion.fed).await?;
    }
    if conclusion.clears_mark {
        position_feed::clear_mark(tx, planned.stored.id, planned.stored.version).await?;
    }
    Ok(())
}

/// How far a round came.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Passed {
    /// There was nothing it could do.
    Nothing,
    /// What there was is done.
    All,
    /// There is more.
    Some,
    /// It had to stop: the marks stay.
    Stopped(Stop),
}

impl Stop {
    fn of_reply(services: &Services, reply: &Reply) -> Self {
        Self {
            until: reply
                .retry_after
                .map(|seconds| services.clock.now() + Duration::seconds(i64::from(seconds))),
            why: reason_of(reply),
        }
    }
}

/// What an answer says, for people.
fn reason_of(reply: &Reply) -> String {
    format!("{}: {}", reply.status, Problem::of(reply))
}

fn about(institution: &CreditorFiscalCode) -> About {
    About {
        institution: Some(institution.to_string()),
        ..About::default()
    }
}

/// How an institution's feed stands.
#[derive(Debug, Clone)]
pub struct FeedStatus {
    /// Whose it is.
    pub institution: CreditorFiscalCode,
    /// Positions still to be told of.
    pub pending: u64,
    /// What the archives hold.
    pub held: Vec<FedCount>,
    /// Positions they refused, with the reason; the first ones.
    pub refused: Vec<Fed>,
}

impl FeedStatus {
    /// How many positions are held in a way.
    pub fn count(&self, held: Held) -> u64 {
        self.held
            .iter()
            .filter(|counted| counted.held == held)
            .map(|counted| counted.count)
            .sum()
    }
}

/// Says how the feed of each institution stands, and which jobs of it wait or were given up.
pub async fn feed_status(services: &Services) -> Result<(Vec<FeedStatus>, Vec<ListedJob>), Unavailable> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let mut snapshot = services.store.read().await?;
    let mut all = Vec::new();
    for institution in &entries.institutions {
        let institution = &institution.fiscal_code;
        all.push(FeedStatus {
            pending: position_feed::count_pending(&mut snapshot, institution).await?,
            held: position_feed::count_fed(&mut snapshot, institution).await?,
            refused: position_feed::list_refused(&mut snapshot, institution, LISTED_MAX).await?,
            institution: institution.clone(),
        });
    }
    let mut jobs = Vec::new();
    for kind in JobKind::FEED {
        for state in [JobState::Waiting, JobState::Dead] {
            jobs.extend(list_jobs(&mut snapshot, kind.as_str(), state, LISTED_MAX).await?);
        }
    }
    Ok((all, jobs))
}

/// Lets everything refused or given up be tried again, after somebody removed the reason. Returns how many positions.
pub async fn retry_refused(services: &Services) -> Result<u64, Unavailable> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let mut marked = 0;
    for institution in &entries.institutions {
        marked += position_feed::mark_refused(&mut tx, &institution.fiscal_code).await?;
    }
    for kind in JobKind::FEED {
        revive_jobs(&mut tx, kind.as_str(), now).await?;
    }
    tx.commit().await?;
    Ok(marked)
}
