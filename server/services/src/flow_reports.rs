//! Flow reports: collected from the hub, or taken from files. Whether their payments match receipts is another step.

use crate::hub::HubError;
use crate::jobs::{JobKind, Outcome, Stop, all_for, hold_on, leave_for_all, put_back, take_for_all};
use crate::message_log::{About, NotStored};
use crate::{Services, Unavailable};
use chrono::{DateTime, Duration, Utc};
use domain::flow_report::{FlowFinding, FlowKey, FlowReport, FlowRow, check_flow};
use domain::{CreditorFiscalCode, FlowId};
use pagopa::Wrong;
use pagopa::flow_reports::{
    LISTED_DAYS, MAX_ROWS, PAGE_SIZE, ReadFileError, head_call, list_call, read_head, read_list, read_rows,
    read_xml, rows_call,
};
use pagopa::gateway::{Call, Problem, Product};
use storage::flow_reports::{
    FlowRecorded, StoredFlow, announce_flows, find_flow, find_last_published, list_flow_rows,
    list_flows_to_fetch, list_revisions, record_flow,
};
use storage::jobs::ClaimedJob;
use storage::messages::{Direction, MessageKind, NewMessage};

/// How often flow reports are asked for: the hub publishes them through the night, and corrects them for days.
const COLLECTED_EVERY: Duration = Duration::hours(4);
/// How far back the list is asked again: the hub may publish a flow under an instant that has gone by.
const OVERLAP: Duration = Duration::days(1);
/// Pages of the list read at once.
const LIST_PAGES_MAX: u32 = 100;
/// Flows fetched at once, of one institution. What is left is fetched the next time.
const FLOWS_MAX: u32 = 2_000;
/// Pages of a flow after which the job says that it is still at it.
const PAGES_HELD: u32 = 100;
/// Flows listed.
const LISTED_MAX: u32 = 1_000;

/// What came of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collected {
    /// Flows the hub has that were not known.
    pub announced: u64,
    /// Flows that are here now.
    pub fetched: u32,
    /// Flows that could not be fetched; they are tried again the next time.
    pub failed: Vec<FailedFlow>,
}

/// A flow that could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedFlow {
    /// Which.
    pub key: FlowKey,
    /// Why, in a sentence.
    pub why: String,
}

/// Why a collection, or the fetching of one flow, stopped. What is here stays, and the next one goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The hub gave no answer.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The hub said no.
    #[error("the hub answers {operation} with status {status}: {problem}")]
    Refused {
        /// What was asked.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// Why.
        problem: Problem,
    },
    /// The answer makes no sense.
    #[error("{operation}: {wrong}")]
    Unreadable {
        /// What was asked.
        operation: &'static str,
        /// What is wrong with the answer.
        wrong: Wrong,
    },
    /// The flow is too long.
    #[error("the flow has more than {MAX_ROWS} payments")]
    TooLong,
    /// Somebody else collects: the hub counts the calls of all together.
    #[error("another process collects flow reports")]
    Busy,
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<storage::StorageError> for CollectError {
    fn from(error: storage::StorageError) -> Self {
        Self::Unavailable(Unavailable(error))
    }
}

/// Leaves the job that collects the flow reports of every institution now, and then comes back every four hours.
pub async fn schedule_collection(services: &Services) -> Result<(), Unavailable> {
    leave_for_all(services, JobKind::FlowCollection, Product::FlowReports).await
}

/// Collects the flow reports of every institution. What one of them cannot get does not keep the others from theirs; a hub
/// that does not answer ends it until it may.
pub(crate) async fn run_collection(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    let again = Outcome::Again(services.clock.now() + COLLECTED_EVERY);
    for institution in &all_for(services, Product::FlowReports).await? {
        match collect(services, institution, job).await {
            Ok(collected) => tell(institution, &collected),
            Err(CollectError::Hub(error)) => return Ok(Stop::of_error(services, error).into()),
            Err(CollectError::Unavailable(error)) => return Err(error),
            Err(CollectError::Busy) => break,
            Err(
                error @ (CollectError::Refused { .. }
                | CollectError::Unreadable { .. }
                | CollectError::TooLong),
            ) => tracing::error!(%institution, %error, "cannot collect flow reports"),
        }
    }
    Ok(again)
}

fn tell(institution: &CreditorFiscalCode, collected: &Collected) {
    let Collected {
        announced,
        fetched,
        failed,
    } = collected;
    if *announced > 0 || *fetched > 0 || !failed.is_empty() {
        tracing::info!(%institution, announced, fetched, failed = failed.len(), "collected flow reports");
    }
    for FailedFlow { key, why } in failed {
        tracing::warn!(flow = %key.id, psp = key.psp, revision = key.revision, why, "cannot fetch a flow report");
    }
}

/// Collects an institution's flow reports by hand: at once, unless somebody else collects.
pub async fn collect_flow_reports(
    services: &Services,
    institution: &CreditorFiscalCode,
) -> Result<Collected, CollectError> {
    if !services.hub.offers(Product::FlowReports) {
        return Err(HubError::NotConfigured(Product::FlowReports).into());
    }
    let job = take_for_all(services, JobKind::FlowCollection, Product::FlowReports)
        .await?
        .ok_or(CollectError::Busy)?;
    let collected = collect(services, institution, &job).await;
    put_back(services, &job).await?;
    collected
}

/// Collects an institution's flow reports: notes what the hub lists since the last one known, at most
/// [`LISTED_DAYS`] back, then fetches what is not here, the oldest first. One transaction notes the whole list, so that a
/// list that breaks off is asked again whole; one more for each flow. A flow that cannot be read or that the hub refuses
/// does not stop the others; a hub that does not answer stops all.
async fn collect(
    services: &Services,
    institution: &CreditorFiscalCode,
    job: &ClaimedJob,
) -> Result<Collected, CollectError> {
    hold(services, job).await?;
    let mut collected = Collected {
        announced: announce(services, institution).await?,
        ..Collected::default()
    };
    let missing = {
        let mut snapshot = services.store.glance().await?;
        list_flows_to_fetch(&mut snapshot, institution, FLOWS_MAX).await?
    };
    for key in missing {
        hold(services, job).await?;
        match fetch(services, &key, job).await {
            Ok(()) => collected.fetched += 1,
            Err(
                error @ (CollectError::Refused { .. }
                | CollectError::Unreadable { .. }
                | CollectError::TooLong),
            ) => {
                let why = error.to_string();
                collected.failed.push(FailedFlow { key, why });
            }
            Err(error @ (CollectError::Hub(_) | CollectError::Unavailable(_) | CollectError::Busy)) => {
                return Err(error);
            }
        }
    }
    Ok(collected)
}

/// Says that the collection goes on, unless somebody else took it over.
async fn hold(services: &Services, job: &ClaimedJob) -> Result<(), CollectError> {
    if hold_on(services, job).await? {
        Ok(())
    } else {
        Err(CollectError::Busy)
    }
}

async fn announce(services: &Services, institution: &CreditorFiscalCode) -> Result<u64, CollectError> {
    let now = services.clock.now();
    let last = {
        let mut snapshot = services.store.glance().await?;
        find_last_published(&mut snapshot, institution).await?
    };
    let after = list_after(now, last);
    let mut flows = Vec::new();
    let mut pages = 1;
    let mut page = 1;
    while page <= pages && page <= LIST_PAGES_MAX {
        let call = list_call(institution, after, page);
        let body = ask(services, institution, &call).await?;
        let read = read_list(institution, &body).map_err(unreadable(&call))?;
        if read.unreadable > 0 {
            tracing::warn!(%institution, entries = read.unreadable, "the list of flow reports has entries that cannot be read");
        }
        flows.extend(read.flows.into_iter().map(|flow| (flow.key, flow.published_at)));
        pages = read.pages;
        page += 1;
    }
    let mut tx = services.store.begin().await?;
    let new = announce_flows(&mut tx, &flows, now).await?;
    tx.commit().await?;
    Ok(new)
}

/// Since when to list: a little before the last flow known, within what the hub lists.
fn list_after(now: DateTime<Utc>, last: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let earliest = now - Duration::days(LISTED_DAYS.into());
    last.map_or(earliest, |last| (last.min(now) - OVERLAP).max(earliest))
}

async fn fetch(services: &Services, key: &FlowKey, job: &ClaimedJob) -> Result<(), CollectError> {
    let call = head_call(key);
    let body = ask(services, &key.institution, &call).await?;
    let report = read_head(key, &body).map_err(unreadable(&call))?;
    let rows = fetch_rows(services, key, job).await?;
    let findings = keep(services, &report, &rows).await?.1;
    for finding in findings {
        tracing::warn!(flow = %key.id, psp = key.psp, revision = key.revision, %finding, "a flow report does not agree with itself");
    }
    Ok(())
}

async fn fetch_rows(
    services: &Services,
    key: &FlowKey,
    job: &ClaimedJob,
) -> Result<Vec<FlowRow>, CollectError> {
    let mut rows: Vec<FlowRow> = Vec::new();
    let mut pages = 1;
    let mut page = 1_u32;
    while page <= pages {
        if page.is_multiple_of(PAGES_HELD) {
            hold(services, job).await?;
        }
        let call = rows_call(key, page);
        let body = ask(services, &key.institution, &call).await?;
        let before = u32::try_from(rows.len()).map_err(|_| CollectError::TooLong)?;
        let read = read_rows(&body, before).map_err(unreadable(&call))?;
        rows.extend(read.rows);
        pages = read.pages;
        if rows.len() > MAX_ROWS || pages > pages_max() {
            return Err(CollectError::TooLong);
        }
        page += 1;
    }
    Ok(rows)
}

/// Pages of the longest flow.
fn pages_max() -> u32 {
    u32::try_from(MAX_ROWS).unwrap_or(u32::MAX).div_ceil(PAGE_SIZE)
}

/// Checks a flow and keeps it.
async fn keep(
    services: &Services,
    report: &FlowReport,
    rows: &[FlowRow],
) -> Result<(FlowRecorded, Vec<FlowFinding>), Unavailable> {
    let findings = check_flow(report, rows);
    let mut tx = services.store.begin().await?;
    let recorded = record_flow(&mut tx, report, rows, &findings, services.clock.now()).await?;
    tx.commit().await?;
    Ok((recorded, findings))
}

async fn ask(
    services: &Services,
    institution: &CreditorFiscalCode,
    call: &Call,
) -> Result<Vec<u8>, CollectError> {
    let about = About {
        institution: Some(institution.to_string()),
        ..About::default()
    };
    let reply = services.hub.call(Product::FlowReports, call, &about).await?.reply;
    if reply.status == 200 {
        Ok(reply.body)
    } else {
        Err(CollectError::Refused {
            operation: call.operation,
            status: reply.status,
            problem: Problem::of(&reply),
        })
    }
}

fn unreadable(call: &Call) -> impl FnOnce(Wrong) -> CollectError {
    let operation = call.operation;
    move |wrong| CollectError::Unreadable { operation, wrong }
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFlow {
    /// Its head.
    pub report: FlowReport,
    /// How many payments it has.
    pub payments: usize,
    /// What does not agree in it.
    pub findings: Vec<FlowFinding>,
    /// Whether it was here.
    pub was_here: WasHere,
}

/// Whether a flow was here before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WasHere {
    /// It was not.
    No,
    /// It was, with the same payments.
    Same,
    /// It was, and says something else. The first stays.
    Different,
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadFileError),
    /// It is for somebody else.
    #[error("the flow is for institution {0}, which is not served here")]
    Stranger(CreditorFiscalCode),
    /// It could not be kept as it came, and was not read.
    #[error(transparent)]
    NotStored(#[from] NotStored),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Takes a flow report from a file, which may have come by any way: keeps it as it is in the message log, then keeps what
/// it says under the `revision` the caller knows. One transaction after the file itself is safe.
pub async fn import_flow_report(
    services: &Services,
    file: &[u8],
    name: &str,
    revision: u32,
) -> Result<ImportedFlow, ImportError> {
    // A file nobody can read is nobody's message; one that can be is kept before it has any effect.
    let (report, rows) = read_xml(file, revision)?;
    let institution = report.key.institution.clone();
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await
        .map_err(Unavailable)?;
    if entries.institution(&institution).is_none() {
        return Err(ImportError::Stranger(institution));
    }
    let at = services.clock.now();
    services
        .messages
        .record(NewMessage {
            institution: Some(institution.to_string()),
            peer: name.to_owned(),
            ..NewMessage::new(
                services.ids.message_id(at),
                at,
                Direction::Inbound,
                MessageKind::Request,
                "FlussoRiversamento",
                file.to_vec(),
            )
        })
        .await?;
    let (recorded, findings) = keep(services, &report, &rows).await?;
    let was_here = match recorded {
        FlowRecorded::New => WasHere::No,
        FlowRecorded::Repeated if kept_rows(services, &report.key).await? == rows => WasHere::Same,
        FlowRecorded::Repeated => WasHere::Different,
    };
    Ok(ImportedFlow {
        payments: rows.len(),
        report,
        findings,
        was_here,
    })
}

async fn kept_rows(services: &Services, key: &FlowKey) -> Result<Vec<FlowRow>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    Ok(list_flow_rows(&mut snapshot, key, 0, u32::MAX).await?)
}

/// The flow reports of an institution, the last first.
pub async fn list_flow_reports(
    services: &Services,
    institution: &CreditorFiscalCode,
) -> Result<Vec<StoredFlow>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    Ok(storage::flow_reports::list_flows(&mut snapshot, institution, LISTED_MAX).await?)
}

/// The revisions of a flow that are known, of any provider, the highest first.
pub async fn find_flow_revisions(
    services: &Services,
    institution: &CreditorFiscalCode,
    id: &FlowId,
) -> Result<Vec<StoredFlow>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    Ok(list_revisions(&mut snapshot, institution, id).await?)
}

/// The payments of one revision of a flow, or `None` when it is not known.
pub async fn find_flow_payments(
    services: &Services,
    key: &FlowKey,
) -> Result<Option<Vec<FlowRow>>, Unavailable> {
    let mut snapshot = services.store.read().await?;
    if find_flow(&mut snapshot, key).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(list_flow_rows(&mut snapshot, key, 0, u32::MAX).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_begins_a_day_before_the_last_flow_and_at_most_thirty_days_back() {
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = instant("2026-11-30T12:00:00Z");
        for (last, expected) in [
            (None, "2026-10-31T12:00:00Z"),
            (Some("2026-11-29T03:00:00Z"), "2026-11-28T03:00:00Z"),
            (Some("2026-09-01T00:00:00Z"), "2026-10-31T12:00:00Z"),
            // A clock ahead of ours must not hide what comes meanwhile.
            (Some("2027-01-01T00:00:00Z"), "2026-11-29T12:00:00Z"),
        ] {
            assert_eq!(list_after(now, last.map(instant)), instant(expected));
        }
        assert_eq!(pages_max(), 500);
    }
}
