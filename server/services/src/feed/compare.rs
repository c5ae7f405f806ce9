//! The comparison of an archive with what it should hold: page by page, one bit of memory for each position.

use super::{about, is_fed, next_night, reason_of};
use crate::hub::HubError;
use crate::jobs::{Outcome, hold_on};
use crate::{Services, Unavailable};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use domain::feed::{Archive, ArchiveStatus, Held};
use pagopa::debt_positions::{self, BadAnswer, Listed, products, read_page};
use storage::jobs::ClaimedJob;
use storage::position_feed::{self, Fed};

/// Pages one comparison reads at most: five million positions.
const PAGES_MAX: u32 = 100_000;
/// Pages after which the job says that it is still at it.
const PAGES_HELD: u32 = 200;
/// Rows of ours read at once.
const CHUNK: u32 = 1_000;

/// Whether what differs is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// Yes: it is marked, and the feed sends it.
    Yes,
    /// No: it is counted.
    No,
}

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Positions the archive lists.
    pub listed: u64,
    /// Those of them that are as they should be.
    pub right: u64,
    /// Those that are there in another form or state.
    pub different: u64,
    /// Those that should have been taken out.
    pub to_remove: u64,
    /// Those nobody here knows: another system's, or of before a restored backup. They are left alone.
    pub unknown: u64,
    /// Those under way, refused or to be read anyway.
    pub under_way: u64,
    /// Positions that should be there and are not.
    pub missing: u64,
    /// Open positions, no part of them paid, the archive was never told of, though nothing said that it must be.
    pub unfed: u64,
}

impl Comparison {
    /// Whether the archive is as it should be.
    pub const fn agrees(&self) -> bool {
        self.different == 0 && self.to_remove == 0 && self.missing == 0 && self.unfed == 0
    }
}

/// Why a comparison came to no end. What it marked stays marked.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The hub gave no answer.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// It answered something else than a list.
    #[error("the archive answered {0}")]
    Refused(String),
    /// Its list cannot be read.
    #[error(transparent)]
    Bad(#[from] BadAnswer),
    /// Ours did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// Somebody else took the comparison over.
    #[error("another process compares by now")]
    TakenOver,
}

impl From<storage::StorageError> for CompareError {
    fn from(error: storage::StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Compares what the archives list of an institution with what they should hold. One transaction for each page that
/// differs: a comparison that breaks off has mended what it saw.
pub async fn compare(
    services: &Services,
    institution: &CreditorFiscalCode,
    mend: Mend,
) -> Result<Comparison, CompareError> {
    compare_holding(services, institution, mend, None).await
}

/// The nightly comparison of an institution.
pub(crate) async fn run_compare(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    let again = Outcome::Again(next_night(services.clock.now()));
    if !is_fed(services) {
        return Ok(again);
    }
    match compare_holding(services, &job.institution, Mend::Yes, Some(job)).await {
        Ok(found) => {
            tracing::info!(institution = %job.institution, ?found, "compared the archives with what they should hold");
            Ok(again)
        }
        Err(CompareError::Unavailable(error)) => Err(error),
        Err(error) => Ok(Outcome::PutOff {
            until: None,
            why: error.to_string(),
        }),
    }
}

async fn compare_holding(
    services: &Services,
    institution: &CreditorFiscalCode,
    mend: Mend,
    job: Option<&ClaimedJob>,
) -> Result<Comparison, CompareError> {
    let mut found = Comparison::default();
    for archive in Archive::ALL {
        if services.hub.offers(products(archive)[0]) {
            let begun = services.clock.now();
            let seen = compare_list(services, institution, archive, mend, job, &mut found).await?;
            compare_rest(services, institution, archive, mend, begun, &seen, &mut found).await?;
        }
    }
    match mend {
        Mend::Yes => {
            let mut tx = services.store.begin().await?;
            found.unfed = position_feed::mark_unfed(&mut tx, institution).await?;
            tx.commit().await?;
        }
        Mend::No => {
            let mut snapshot = services.store.glance().await?;
            found.unfed = position_feed::count_unfed(&mut snapshot, institution).await?;
        }
    }
    Ok(found)
}

/// One bit for each row.
#[derive(Default)]
struct Rows(Vec<u64>);

impl Rows {
    fn place(row: i64) -> (usize, u64) {
        let row = row.unsigned_abs();
        (usize::try_from(row / 64).unwrap_or(usize::MAX), 1 << (row % 64))
    }

    fn insert(&mut self, row: i64) {
        let (word, bit) = Self::place(row);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= bit;
    }

    fn contains(&self, row: i64) -> bool {
        let (word, bit) = Self::place(row);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }
}

/// Goes through what the archive lists. Returns the rows it has of ours.
async fn compare_list(
    services: &Services,
    institution: &CreditorFiscalCode,
    archive: Archive,
    mend: Mend,
    job: Option<&ClaimedJob>,
    found: &mut Comparison,
) -> Result<Rows, CompareError> {
    let [product, _] = products(archive);
    let mut seen = Rows::default();
    for number in 0..PAGES_MAX {
        if let Some(job) = job
            && number % PAGES_HELD == PAGES_HELD - 1
            && !hold_on(services, job).await?
        {
            return Err(CompareError::TakenOver);
        }
        let call = debt_positions::list(institution, number);
        let reply = services
            .hub
            .call(product, &call, &about(institution))
            .await?
            .reply;
        if reply.status != 200 {
            return Err(CompareError::Refused(reason_of(&reply)));
        }
        let page = read_page(&reply)?;
        let mut wrong = Vec::new();
        let mut snapshot = services.store.read().await?;
        for listed in &page.positions {
            found.listed += 1;
            let fed = position_feed::find_fed(&mut snapshot, institution, &listed.iupd).await?;
            let Some(fed) = fed.filter(|fed| fed.archive == archive) else {
                found.unknown += 1;
                continue;
            };
            seen.insert(fed.position_id);
            match judge(&fed, listed) {
                Verdict::Right => found.right += 1,
                Verdict::UnderWay => found.under_way += 1,
                Verdict::Different => {
                    found.different += 1;
                    wrong.push(fed);
                }
                Verdict::ToRemove => {
                    found.to_remove += 1;
                    wrong.push(fed);
                }
            }
        }
        drop(snapshot);
        mark(services, institution, mend, &wrong, Held::Unsure).await?;
        if number + 1 >= page.pages || page.positions.is_empty() {
            break;
        }
    }
    Ok(seen)
}

/// Goes through what the archive should list and did not.
async fn compare_rest(
    services: &Services,
    institution: &CreditorFiscalCode,
    archive: Archive,
    mend: Mend,
    begun: DateTime<Utc>,
    seen: &Rows,
    found: &mut Comparison,
) -> Result<(), CompareError> {
    let mut after = 0;
    loop {
        let mut snapshot = services.store.glance().await?;
        let fed = position_feed::list_fed(&mut snapshot, institution, after, CHUNK).await?;
        drop(snapshot);
        let Some(last) = fed.last() else { return Ok(()) };
        after = last.position_id;
        let missing: Vec<Fed> = fed
            .into_iter()
            .filter(|fed| {
                // What was sent while the list was read may be behind the page it would be on.
                fed.archive == archive
                    && fed.held == Held::Payable
                    && fed.sent_at < begun
                    && !seen.contains(fed.position_id)
            })
            .collect();
        found.missing += missing.len() as u64;
        mark(services, institution, mend, &missing, Held::Withdrawn).await?;
    }
}

enum Verdict {
    Right,
    Different,
    ToRemove,
    UnderWay,
}

/// Whether a position is there as it was sent.
#[expect(
    clippy::match_same_arms,
    reason = "case by case, so that each row can be read alone"
)]
fn judge(fed: &Fed, listed: &Listed) -> Verdict {
    use ArchiveStatus as A;
    match (fed.held, listed.status) {
        (Held::Uploading | Held::Unsure | Held::Refused, _) => Verdict::UnderWay,
        // The hub told it of a payment.
        (_, A::PartiallyPaid | A::Paid | A::Reported) => Verdict::Right,
        (Held::Payable, A::Draft | A::Published | A::Valid) if fed.listed == listed.digest => Verdict::Right,
        (Held::Payable, A::Draft | A::Published | A::Valid | A::Expired | A::Invalid) => Verdict::Different,
        (Held::Withdrawn, A::Invalid) => Verdict::Right,
        (Held::Withdrawn, A::Draft | A::Published | A::Valid | A::Expired) => Verdict::ToRemove,
        (Held::Paid, A::Draft | A::Published | A::Valid | A::Expired | A::Invalid) => Verdict::Different,
    }
}

/// Lets the feed take these positions up again, from what the archive was found to hold.
async fn mark(
    services: &Services,
    institution: &CreditorFiscalCode,
    mend: Mend,
    wrong: &[Fed],
    held: Held,
) -> Result<(), CompareError> {
    if mend == Mend::No || wrong.is_empty() {
        return Ok(());
    }
    let mut tx = services.store.begin().await?;
    for fed in wrong {
        let fed = Fed {
            held,
            reason: Some("the comparison found something else".to_owned()),
            ..fed.clone()
        };
        position_feed::record_fed(&mut tx, institution, &fed).await?;
        position_feed::set_mark(&mut tx, fed.position_id).await?;
    }
    tx.commit().await?;
    Ok(())
}
