//! Notices printed many at a time, in volumes for a printing service with an index.
//!
//! A batch is a job in steps, each of which can be cut off at any moment and done again. First positions are chosen, a page
//! at a time, which fixes what is printed and in which order. Then each step draws a volume into a file and records it
//! with its digest, what became of each notice, and that it was handed out, in one transaction: a volume that was drawn and
//! not recorded is drawn again. At the end the index is written out of what was recorded.

use super::access::{access_of, notice_key, written};
use super::imprint::Imprint;
use super::index::HEAD;
use super::volume::{Chunk, UNFINISHED, VOLUME, create_private, draw_volume};
use crate::jobs::{JobKind, Outcome};
use crate::{Services, Unavailable};
use chrono::{DateTime, NaiveDate, Utc};
use documents::notice::Languages;
use domain::{CreditorFiscalCode, Subject};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use storage::document_accesses::{Access, HandedOut, Reached};
use storage::jobs::{ClaimedJob, JobState, ListedJob, NewJob, enqueue, list_jobs};
use storage::print_batches::{self, BatchState, Candidates, Item, PrintBatch, Volume};
use storage::{StorageError, Store, Tx, imprints};

/// Notices in a volume when nothing else is said.
pub const VOLUME_NOTICES_USUAL: u32 = 500;
/// Most notices in a volume: what a step draws while its job is held.
pub const VOLUME_NOTICES_MAX: u32 = 2_000;
/// Positions looked at in one step of choosing.
const CHOSEN_AT_ONCE_MAX: u32 = 2_000;
/// Lines of the index read at once.
const LINES_AT_ONCE_MAX: u32 = 2_000;
/// Batches listed at once.
pub const LISTED_MAX: u32 = 100;
/// Refused notices shown of a batch; the index has all.
const REFUSED_SHOWN_MAX: u32 = 50;
/// Name of the index.
const INDEX: &str = "indice.csv";

/// What a batch prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPlan {
    /// Positions of this service alone.
    pub service: Option<String>,
    /// Whose key begins so: what one import gave them.
    pub key_prefix: String,
    /// Something of which is due from this day on.
    pub due_from: Option<NaiveDate>,
    /// Something of which is due until this day.
    pub due_until: Option<NaiveDate>,
    /// Stored from this instant on.
    pub created_from: Option<DateTime<Utc>>,
    /// Stored before this instant: at the latest when the batch was asked for.
    pub created_before: DateTime<Utc>,
    /// In which order.
    pub order: BatchOrder,
    /// In which languages; when not said, the institution's usual ones.
    pub languages: Option<Languages>,
    /// Notices in a volume.
    pub volume_notices: u32,
}

/// The order of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchOrder {
    /// By key.
    Key,
    /// By postal code, then name: as it is mailed. Those without one come last.
    PostalCode,
}

impl BatchOrder {
    /// The place of a position: texts in the order of their bytes.
    fn place(self, key: &str, debtor: &Subject) -> String {
        match self {
            Self::Key => key.to_owned(),
            Self::PostalCode => {
                let code = debtor.address.postal_code.as_deref().map(str::trim);
                let code = code.filter(|code| !code.is_empty()).unwrap_or("~");
                // A character before every printable one keeps shorter names and codes before longer ones.
                [code, &debtor.full_name.to_uppercase(), key].join("\t")
            }
        }
    }
}

/// Why a batch cannot be begun, stopped or gone on with.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The institution is not served here.
    #[error("no institution {0} in this archive")]
    NoInstitution(CreditorFiscalCode),
    /// The institution has no such service.
    #[error("institution {institution} has no service {service}")]
    NoService {
        /// Whose.
        institution: CreditorFiscalCode,
        /// Which.
        service: String,
    },
    /// A volume has some notices, and not too many.
    #[error("a volume has 1 to {VOLUME_NOTICES_MAX} notices")]
    VolumeNotices,
    /// There is no such batch.
    #[error("there is no batch {0}")]
    NotFound(i64),
    /// It is over.
    #[error("batch {0} is done already")]
    Done(i64),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for BatchError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// A batch with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchDetails {
    /// The batch.
    pub batch: PrintBatch,
    /// What it prints.
    pub plan: BatchPlan,
    /// Where its files are.
    pub folder: PathBuf,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// The first lines of what was refused.
    pub refused: Vec<String>,
    /// What holds it up, when something does.
    pub held_up: Option<ListedJob>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    batch: i64,
}

/// Begins a batch: from now on whoever does jobs prints it. Returns its number.
pub async fn begin_batch(
    services: &Services,
    institution: &CreditorFiscalCode,
    plan: &BatchPlan,
) -> Result<i64, BatchError> {
    if !(1..=VOLUME_NOTICES_MAX).contains(&plan.volume_notices) {
        return Err(BatchError::VolumeNotices);
    }
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    if entries.institution(institution).is_none() {
        return Err(BatchError::NoInstitution(institution.clone()));
    }
    if let Some(service) = &plan.service
        && entries.service(institution, service).is_none()
    {
        return Err(BatchError::NoService {
            institution: institution.clone(),
            service: service.clone(),
        });
    }
    let now = services.clock.now();
    let plan = BatchPlan {
        created_before: plan.created_before.min(now),
        ..plan.clone()
    };
    let plan = json(&plan);
    let mut tx = services.store.begin().await?;
    let id = print_batches::insert_batch(&mut tx, institution, &plan, now).await?;
    leave_job(&mut tx, institution, id, now).await?;
    tx.commit().await?;
    Ok(id)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our own plain types have text keys and no failing serialiser")
}

async fn leave_job(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    batch: i64,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let payload = json(&Payload { batch });
    let job = NewJob {
        kind: JobKind::PrintBatch.as_str(),
        key: &batch.to_string(),
        institution,
        payload: &payload,
        run_at: now,
    };
    enqueue(tx, &job, now).await
}

/// Stops a batch. What is recorded stays, and it can be gone on with.
pub async fn cancel_batch(services: &Services, id: i64) -> Result<(), BatchError> {
    let mut tx = services.store.begin().await?;
    let batch = print_batches::find_batch(&mut tx, id).await?;
    match batch.ok_or(BatchError::NotFound(id))?.state {
        BatchState::Cancelled => Ok(()),
        BatchState::Done => Err(BatchError::Done(id)),
        BatchState::Running => {
            print_batches::end_batch(&mut tx, id, BatchState::Cancelled, services.clock.now()).await?;
            Ok(tx.commit().await?)
        }
    }
}

/// Goes on with a batch that was stopped or given up, from where it was.
pub async fn resume_batch(services: &Services, id: i64) -> Result<(), BatchError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let batch = print_batches::find_batch(&mut tx, id).await?;
    let batch = batch.ok_or(BatchError::NotFound(id))?;
    match batch.state {
        BatchState::Done => return Err(BatchError::Done(id)),
        BatchState::Cancelled => print_batches::resume_batch(&mut tx, id).await?,
        BatchState::Running => {}
    }
    leave_job(&mut tx, &batch.institution, id, now).await?;
    Ok(tx.commit().await?)
}

/// The batches of an institution, the newest first, at most [`LISTED_MAX`].
pub async fn list_batches(
    services: &Services,
    institution: &CreditorFiscalCode,
) -> Result<Vec<PrintBatch>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    Ok(print_batches::list_batches(&mut snapshot, institution, LISTED_MAX).await?)
}

/// A batch with its volumes, what was refused and what holds it up.
pub async fn show_batch(services: &Services, id: i64) -> Result<BatchDetails, BatchError> {
    let mut snapshot = services.store.read().await?;
    let batch = print_batches::find_batch(&mut snapshot, id).await?;
    let batch = batch.ok_or(BatchError::NotFound(id))?;
    let mut held_up = None;
    for state in [JobState::Waiting, JobState::Dead] {
        let jobs = list_jobs(&mut snapshot, JobKind::PrintBatch.as_str(), state, 1_000).await?;
        let of_batch = jobs.into_iter().find(|job| job.key == id.to_string());
        held_up = held_up.or(of_batch.filter(|job| job.last_error.is_some()));
    }
    Ok(BatchDetails {
        plan: batch.read_plan()?,
        folder: folder_of(services, &batch),
        volumes: print_batches::list_volumes(&mut snapshot, id).await?,
        refused: print_batches::list_refused_lines(&mut snapshot, id, REFUSED_SHOWN_MAX).await?,
        held_up: held_up.filter(|_| batch.state == BatchState::Running),
        batch,
    })
}

/// Where the files of a batch are.
fn folder_of(services: &Services, batch: &PrintBatch) -> PathBuf {
    let name = format!("{}-{:06}", batch.institution, batch.id);
    services.documents.batches.join(name)
}

/// Does the next step of a batch.
pub(crate) async fn run_batch(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    let Payload { batch: id } = job.read_payload()?;
    let Some(batch) = print_batches::find_batch(&mut services.store.glance().await?, id).await? else {
        return Ok(Outcome::Hopeless(format!("there is no batch {id}")));
    };
    let plan: BatchPlan = batch.read_plan()?;
    let step = match (batch.state, batch.is_chosen) {
        (BatchState::Done | BatchState::Cancelled, _) => return Ok(Outcome::Done),
        (BatchState::Running, false) => choose(services, &batch, &plan).await,
        (BatchState::Running, true) => print_next(services, &batch, &plan).await,
    };
    Ok(match step {
        Ok(Step::Last) => Outcome::Done,
        // Somebody else did this step, or stopped the batch: the next look tells.
        Ok(Step::More) | Err(StepError::Storage(StorageError::Conflict)) => {
            Outcome::Again(services.clock.now())
        }
        Err(StepError::Storage(error)) => return Err(error.into()),
        Err(StepError::File(error)) => Outcome::PutOff {
            until: None,
            why: format!(
                "cannot write in {}: {error}",
                folder_of(services, &batch).display()
            ),
        },
        Err(StepError::NoInstitution) => {
            Outcome::Hopeless(format!("institution {} is not served here", batch.institution))
        }
    })
}

enum Step {
    More,
    Last,
}

enum StepError {
    Storage(StorageError),
    File(io::Error),
    NoInstitution,
}

impl From<StorageError> for StepError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<io::Error> for StepError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

async fn choose(services: &Services, batch: &PrintBatch, plan: &BatchPlan) -> Result<Step, StepError> {
    let sought = Candidates {
        institution: &batch.institution,
        service: plan.service.as_deref(),
        key_prefix: &plan.key_prefix,
        due_from: plan.due_from,
        due_until: plan.due_until,
        created_from: plan.created_from,
        created_before: plan.created_before,
    };
    let mut tx = services.store.begin().await?;
    let page = print_batches::list_candidates(&mut tx, sought, &batch.looked_at, CHOSEN_AT_ONCE_MAX).await?;
    let is_last = page.len() < CHOSEN_AT_ONCE_MAX as usize;
    let looked_at = page
        .last()
        .map_or(batch.looked_at.clone(), |candidate| candidate.key.clone());
    let items: Vec<Item> = page
        .into_iter()
        .map(|candidate| Item {
            place: plan.order.place(&candidate.key, &candidate.debtor),
            position_id: candidate.position_id,
        })
        .collect();
    print_batches::record_chosen(&mut tx, batch, &items, &looked_at, is_last).await?;
    tx.commit().await?;
    Ok(Step::More)
}

/// Draws the next volume, or ends the batch when there is none left.
async fn print_next(services: &Services, batch: &PrintBatch, plan: &BatchPlan) -> Result<Step, StepError> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let institution = entries
        .institution(&batch.institution)
        .ok_or(StepError::NoInstitution)?
        .clone();
    let mut snapshot = services.store.read().await?;
    let items = print_batches::list_items_left(&mut snapshot, batch.id, plan.volume_notices).await?;
    let imprint: Imprint = imprints::find_imprint(&mut snapshot, &batch.institution)
        .await?
        .unwrap_or_default();
    drop(snapshot);
    if items.is_empty() {
        return end(services, batch).await;
    }
    let languages = plan
        .languages
        .unwrap_or_else(|| super::access::Wanted::Usual.of_notice(&imprint));
    let now = services.clock.now();
    let chunk = Chunk {
        folder: folder_of(services, batch),
        batch: batch.id,
        ordinal: batch.volumes + 1,
        institution,
        entries,
        imprint,
        languages,
        items,
        worker: services.ids.token(),
        now,
        today: services.clock.today(),
    };
    let drawn = blocking(move || draw_volume(&chunk)).await?;
    let accesses: Vec<Access> = drawn
        .printed
        .iter()
        .map(|number| Access {
            reached: Reached::Batch,
            form: Some(HandedOut::Pdf),
            language: written(languages),
            ..access_of(&notice_key(&batch.institution, number), now)
        })
        .collect();
    let mut tx = services.store.begin().await?;
    print_batches::record_volume(&mut tx, batch.id, &drawn.volume, &drawn.items, &accesses).await?;
    tx.commit().await?;
    Ok(Step::More)
}

/// Writes the index, clears away what belongs to no recorded volume, and ends the batch.
async fn end(services: &Services, batch: &PrintBatch) -> Result<Step, StepError> {
    let folder = folder_of(services, batch);
    if batch.volumes > 0 {
        write_index(&services.store, batch, &folder, &services.ids.token()).await?;
        let mut snapshot = services.store.glance().await?;
        let volumes = print_batches::list_volumes(&mut snapshot, batch.id).await?;
        drop(snapshot);
        let kept: HashSet<String> = volumes
            .into_iter()
            .filter_map(|volume| volume.file)
            .map(|(name, _)| name)
            .collect();
        let cleared = folder.clone();
        blocking(move || clear(&cleared, &kept)).await?;
    }
    let mut tx = services.store.begin().await?;
    print_batches::end_batch(&mut tx, batch.id, BatchState::Done, services.clock.now()).await?;
    tx.commit().await?;
    Ok(Step::Last)
}

async fn write_index(
    store: &Store,
    batch: &PrintBatch,
    folder: &Path,
    worker: &str,
) -> Result<(), StepError> {
    let unfinished = folder.join(format!("{UNFINISHED}{worker}"));
    let mut file = BufWriter::new(create_private(&unfinished)?);
    file.write_all(HEAD.as_bytes())?;
    let mut after = None;
    loop {
        let mut snapshot = store.glance().await?;
        let page =
            print_batches::list_lines(&mut snapshot, batch.id, after.as_ref(), LINES_AT_ONCE_MAX).await?;
        drop(snapshot);
        for (_, line) in &page {
            file.write_all(line.as_bytes())?;
        }
        match page.into_iter().next_back() {
            Some((item, _)) => after = Some(item),
            None => break,
        }
    }
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    let (folder, index) = (folder.to_owned(), folder.join(INDEX));
    blocking(move || {
        file.sync_all()?;
        std::fs::rename(&unfinished, &index)?;
        File::open(&folder)?.sync_all()
    })
    .await?;
    Ok(())
}

/// Deletes what was begun or drawn and never recorded.
fn clear(folder: &Path, kept: &HashSet<String>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_ours = name.starts_with(UNFINISHED) || name.starts_with(VOLUME);
        if is_ours && !kept.contains(name) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Does what takes a processor or a disk for long away from the threads that answer.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SubjectKind;
    use domain::subject::Address;

    fn debtor(name: &str, postal_code: Option<&str>) -> Subject {
        Subject {
            kind: SubjectKind::Natural,
            code: "RSSMRA85T10A562S".to_owned(),
            full_name: name.to_owned(),
            address: Address {
                postal_code: postal_code.map(str::to_owned),
                ..Address::default()
            },
            email: None,
        }
    }

    #[test]
    fn what_is_mailed_goes_by_postal_code_then_name_and_those_without_one_last() {
        let order = [
            debtor("Bianchi Ugo", Some("16121")),
            debtor("rossi ada", Some("16121")),
            debtor("ROSSI ADAMO", Some("16121")),
            debtor("Alba Rita", Some("20121")),
            debtor("Abba Ivo", None),
            debtor("Zeno Ugo", Some(" ")),
        ];
        let mut places: Vec<String> = order
            .iter()
            .map(|debtor| BatchOrder::PostalCode.place("key", debtor))
            .collect();
        let sorted = {
            let mut sorted = places.clone();
            sorted.sort();
            sorted
        };
        assert_eq!(places, sorted);
        places.dedup();
        assert_eq!(places.len(), order.len());
    }
}
