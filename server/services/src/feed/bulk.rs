//! Marked positions sent in files, and what the archives did with each file.

use super::plan::{Conclusion, Planned, Task, conclude, plan};
use super::{Passed, about, note, reason_of};
use crate::directory::Entries;
use crate::hub::Answered;
use crate::jobs::{ATTEMPTS_MAX, JobKind, Outcome, Stop, hold_on};
use crate::{Services, Unavailable};
use chrono::Duration;
use domain::feed::{Archive, Held, Said, Step, said};
use domain::{BrokerId, CreditorFiscalCode};
use pagopa::debt_positions::{
    File, Position, Report, pack_keys, pack_positions, products, read_report, read_upload, report, upload,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use storage::Tx;
use storage::jobs::{ClaimedJob, NewJob, enqueue};
use storage::position_feed::{self, Fed};

/// Positions read before files are made of them: three files' worth, a few tens of megabytes.
const ROUND_MAX: usize = 15_000;
/// As many when the round before failed: whether the archive is back is learnt as well from one small file.
const ROUND_AFTER_FAILURE: usize = 500;
/// Rows read in one snapshot.
const READ_MAX: u32 = 500;
/// Rows written in one transaction, so that others need not wait long for the writer.
const CHUNK: usize = 500;
/// When the report of a file is asked for first, and again, if the archive does not say.
const REPORT_AFTER: Duration = Duration::seconds(15);

/// What the job of a file needs to know.
#[derive(Serialize, Deserialize)]
struct UploadJob {
    archive: Archive,
    broker: BrokerId,
}

/// What goes into files of one kind.
type Groups = BTreeMap<(Archive, Step), Vec<(Planned, Position)>>;

/// Sends the marked positions of an institution in files: as many as one round reads.
pub(super) async fn send_files(services: &Services, job: &ClaimedJob) -> Result<Passed, Unavailable> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let Some(institution) = entries.institution(&job.institution) else {
        return Ok(Passed::Nothing);
    };
    let most = if job.attempts == 0 {
        ROUND_MAX
    } else {
        ROUND_AFTER_FAILURE
    };
    let groups = collect(services, &entries, &job.institution, most).await?;
    let mut passed = Passed::Nothing;
    for ((archive, step), mut group) in groups {
        while !group.is_empty() {
            if !hold_on(services, job).await? {
                return Ok(Passed::Some);
            }
            let file = pack(step, &group);
            let rest = group.split_off(file.taken);
            let payload = UploadJob {
                archive,
                broker: institution.broker.clone(),
            };
            match send_file(services, &job.institution, &payload, step, group, file).await? {
                None => passed = Passed::Some,
                Some(stop) => return Ok(Passed::Stopped(stop)),
            }
            group = rest;
        }
    }
    Ok(passed)
}

fn pack(step: Step, group: &[(Planned, Position)]) -> File {
    match step {
        Step::Create | Step::Update => pack_positions(group.iter().map(|(_, position)| position)),
        Step::Delete => pack_keys(group.iter().map(|(planned, _)| planned.fed.iupd.as_str())),
    }
}

/// Reads marked positions and keeps those a file can carry, `most` or a few more. The marks of those that need nothing go at once.
async fn collect(
    services: &Services,
    entries: &Entries,
    institution: &CreditorFiscalCode,
    most: usize,
) -> Result<Groups, Unavailable> {
    let today = services.clock.today();
    let mut groups = Groups::new();
    let (mut after, mut kept) = (0, 0);
    while kept < most {
        let mut snapshot = services.store.read().await?;
        let ids = position_feed::list_pending(&mut snapshot, institution, after, READ_MAX).await?;
        let Some(last) = ids.last() else { break };
        after = *last;
        let mut resting = Vec::new();
        for id in ids {
            let pending = position_feed::find_pending(&mut snapshot, id).await?;
            let Some(planned) = pending.and_then(|pending| plan(services, entries, pending, today)) else {
                continue;
            };
            match &planned.task {
                Task::Rest | Task::LeaveOut => resting.push(planned),
                // One by one: see `single`.
                Task::Wait | Task::Read(_) | Task::Unfit(_) => {}
                Task::Take(step, position) => {
                    let [_, bulk] = products(planned.fed.archive);
                    if services.hub.offers(bulk) {
                        kept += 1;
                        let (step, position) = (*step, (**position).clone());
                        groups
                            .entry((planned.fed.archive, step))
                            .or_default()
                            .push((planned, position));
                    }
                }
            }
        }
        drop(snapshot);
        if !resting.is_empty() {
            let mut tx = services.store.begin().await?;
            for planned in &resting {
                note(&mut tx, planned, &planned.at_rest()).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(groups)
}

/// Sends one file and notes which positions went with it. When it is sent and that is lost, they are sent again, and
/// the archive says that it has them.
async fn send_file(
    services: &Services,
    institution: &CreditorFiscalCode,
    payload: &UploadJob,
    step: Step,
    group: Vec<(Planned, Position)>,
    file: File,
) -> Result<Option<Stop>, Unavailable> {
    let [_, product] = products(payload.archive);
    let (positions, json_bytes, zip_bytes) = (group.len(), file.json_bytes, file.zip.len());
    let call = upload(&payload.broker, institution, step, file);
    let reply = match services.hub.call(product, &call, &about(institution)).await {
        Ok(Answered { reply, .. }) if reply.status == 202 => reply,
        Ok(Answered { reply, .. }) => return Ok(Some(Stop::of_reply(services, &reply))),
        Err(error) => return Ok(Some(Stop::of_error(services, error))),
    };
    let id = match read_upload(&reply) {
        Ok(id) => id,
        Err(bad) => {
            return Ok(Some(Stop {
                until: None,
                why: bad.to_string(),
            }));
        }
    };
    tracing::info!(
        institution = %institution, archive = payload.archive.as_str(), step = step.as_str(), file = id, positions,
        json_bytes, zip_bytes, "sent a file of positions"
    );
    let now = services.clock.now();
    let wait = reply
        .retry_after
        .map_or(REPORT_AFTER, |seconds| Duration::seconds(i64::from(seconds)));
    for chunk in group.chunks(CHUNK) {
        let mut tx = services.store.begin().await?;
        let job = NewJob {
            kind: JobKind::FeedUpload.as_str(),
            key: &id,
            institution,
            payload: &serde_json::to_string(payload).expect("two codes have a JSON form"),
            run_at: now + wait,
        };
        enqueue(&mut tx, &job, now).await?;
        for (planned, position) in chunk {
            let fed = Fed {
                held: Held::Uploading,
                upload: Some((id.clone(), step)),
                ..planned.sent(position.fingerprint(), now)
            };
            position_feed::record_fed(&mut tx, institution, &fed).await?;
            position_feed::clear_mark(&mut tx, planned.stored.id, planned.stored.version).await?;
        }
        tx.commit().await?;
    }
    Ok(None)
}

/// Learns what an archive did with a file. Rows it did not do are taken up one by one.
pub(crate) async fn run_upload(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    let payload: UploadJob = job.read_payload()?;
    let [_, product] = products(payload.archive);
    let call = report(&payload.broker, &job.institution, &job.key);
    let now = services.clock.now();
    let reply = match services.hub.call(product, &call, &about(&job.institution)).await {
        Ok(answered) => answered.reply,
        Err(error) => return Ok(Stop::of_error(services, error).into()),
    };
    let not_ready = || {
        let wait = reply
            .retry_after
            .map_or(REPORT_AFTER, |seconds| Duration::seconds(i64::from(seconds)));
        Ok(Outcome::Again(now + wait))
    };
    match reply.status {
        425 => not_ready(),
        200 => match read_report(&reply) {
            Ok(report) if report.processed < report.submitted => not_ready(),
            Ok(report) => {
                take_report(services, job, &report).await?;
                Ok(Outcome::Done)
            }
            Err(bad) => give_up_by_and_by(services, job, bad.to_string()).await,
        },
        401 | 403 | 429 | 500..=599 => Ok(Stop::of_reply(services, &reply).into()),
        _ => give_up_by_and_by(services, job, reason_of(&reply)).await,
    }
}

/// A file nothing can be learnt of for long: its positions are read one by one.
async fn give_up_by_and_by(
    services: &Services,
    job: &ClaimedJob,
    why: String,
) -> Result<Outcome, Unavailable> {
    if job.attempts + 1 >= ATTEMPTS_MAX {
        let mut tx = services.store.begin().await?;
        position_feed::give_upload_up(&mut tx, &job.key, &why).await?;
        tx.commit().await?;
    }
    Ok(Outcome::Failed(why))
}

/// Records what a report says. Done twice it is the same: what is recorded no longer belongs to the file.
async fn take_report(services: &Services, job: &ClaimedJob, report: &Report) -> Result<(), Unavailable> {
    let mut troubled: HashMap<&str, (u16, &str)> = HashMap::new();
    for outcome in report
        .outcomes
        .iter()
        .filter(|outcome| !(200..300).contains(&outcome.status))
    {
        for iupd in &outcome.iupds {
            troubled.insert(iupd, (outcome.status, &outcome.reason));
        }
    }
    let iupds: Vec<&&str> = troubled.keys().collect();
    for chunk in iupds.chunks(CHUNK) {
        let mut tx = services.store.begin().await?;
        for iupd in chunk {
            let (status, reason) = troubled[**iupd];
            take_row(&mut tx, job, iupd, status, reason).await?;
        }
        tx.commit().await?;
    }
    let mut tx = services.store.begin().await?;
    let done = position_feed::end_upload(&mut tx, &job.key).await?;
    tx.commit().await?;
    tracing::info!(
        institution = %job.institution, file = job.key, done, not_done = troubled.len(),
        "an archive worked through a file of positions"
    );
    Ok(())
}

/// Records what was said of one position of a file.
async fn take_row(
    tx: &mut Tx,
    job: &ClaimedJob,
    iupd: &str,
    status: u16,
    reason: &str,
) -> Result<(), Unavailable> {
    let Some(fed) = position_feed::find_fed(tx, &job.institution, iupd).await? else {
        return Ok(());
    };
    let Some((_, step)) = fed.upload.clone().filter(|(file, _)| *file == job.key) else {
        return Ok(());
    };
    let what = match said(step, status) {
        // Whether it was done is to be read.
        Said::Unclear => Said::Differs(Held::Unsure),
        what => what,
    };
    let Conclusion { fed, clears_mark } = conclude(fed, Held::Unsure, what, || format!("{status}: {reason}"));
    position_feed::record_fed(tx, &job.institution, &fed).await?;
    if !clears_mark {
        position_feed::set_mark(tx, fed.position_id).await?;
    }
    Ok(())
}
