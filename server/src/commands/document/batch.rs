//! `lanterna document batch …`

use super::{institution, languages, opened};
use crate::cli::{Batch, BatchAbout, BatchPlanned, Documents, Order};
use crate::commands::{Unusable, say};
use anyhow::Result;
use serde_json::json;
use services::Services;
use services::clock::italian_time;
use services::documents::batch::{
    BatchDetails, BatchError, BatchOrder, BatchPlan, begin_batch, cancel_batch, list_batches, resume_batch,
    show_batch,
};
use services::jobs::{JobKind, run_one};
use std::fmt::Write as _;
use storage::jobs::{JobState, list_jobs};
use storage::print_batches::{BatchState, PrintBatch};

/// Batches that are said how far they are while they are printed here.
const WAITING_MAX: u32 = 100;

pub(super) async fn run(command: Batch) -> Result<()> {
    match command {
        Batch::Start { planned, documents } => start(planned, &documents).await,
        Batch::Run { documents } => print(&opened(&documents).await?).await,
        Batch::List { json, documents } => list(&documents, json).await,
        Batch::Show(about) => show(&about).await,
        Batch::Cancel(about) => {
            let services = opened(&about.documents).await?;
            cancel_batch(&services, about.batch).await.map_err(told)?;
            say(&format!(
                "batch {} is stopped; what is printed stays",
                about.batch
            ));
            Ok(())
        }
        Batch::Resume(about) => {
            let services = opened(&about.documents).await?;
            resume_batch(&services, about.batch).await.map_err(told)?;
            say(&format!("batch {} goes on", about.batch));
            Ok(())
        }
    }
}

fn told(error: BatchError) -> anyhow::Error {
    match error {
        BatchError::NoInstitution(_)
        | BatchError::NoService { .. }
        | BatchError::VolumeNotices
        | BatchError::NotFound(_)
        | BatchError::Done(_) => Unusable(error.to_string()).into(),
        BatchError::Unavailable(_) => error.into(),
    }
}

async fn start(planned: BatchPlanned, documents: &Documents) -> Result<()> {
    let services = opened(documents).await?;
    let institution = institution(&services, documents.institution.as_deref()).await?;
    let plan = BatchPlan {
        service: planned.service,
        key_prefix: planned.key_prefix,
        due_from: planned.due_from,
        due_until: planned.due_until,
        created_from: planned.created_from,
        created_before: planned.created_before.unwrap_or_else(|| services.clock.now()),
        order: match planned.order {
            Order::Key => BatchOrder::Key,
            Order::PostalCode => BatchOrder::PostalCode,
        },
        languages: languages(planned.language, planned.second)?,
        volume_notices: planned.volume,
    };
    let id = begin_batch(&services, &institution, &plan).await.map_err(told)?;
    let details = show_batch(&services, id).await.map_err(told)?;
    say(&format!(
        "batch {id} begins, in {}\nthe server prints it; without one: lanterna document batch run",
        details.folder.display()
    ));
    Ok(())
}

/// Prints what is due, step by step, as the server does; a server that runs does its share.
async fn print(services: &Services) -> Result<()> {
    let worker = services.ids.token();
    while run_one(services, JobKind::PrintBatch, &worker).await? {
        for id in waiting(services).await? {
            let details = show_batch(services, id).await.map_err(told)?;
            if details.batch.state == BatchState::Running {
                say(&progress(&details.batch));
            }
        }
    }
    for id in waiting(services).await? {
        let details = show_batch(services, id).await.map_err(told)?;
        say(&held_up(&details));
    }
    Ok(())
}

async fn waiting(services: &Services) -> Result<Vec<i64>> {
    let mut snapshot = services.store.glance().await?;
    let jobs = list_jobs(
        &mut snapshot,
        JobKind::PrintBatch.as_str(),
        JobState::Waiting,
        WAITING_MAX,
    )
    .await?;
    Ok(jobs.iter().filter_map(|job| job.key.parse().ok()).collect())
}

async fn list(documents: &Documents, as_json: bool) -> Result<()> {
    let services = opened(documents).await?;
    let institution = institution(&services, documents.institution.as_deref()).await?;
    for batch in list_batches(&services, &institution).await? {
        say(&if as_json {
            as_json_line(&batch)
        } else {
            progress(&batch)
        });
    }
    Ok(())
}

async fn show(about: &BatchAbout) -> Result<()> {
    let services = opened(&about.documents).await?;
    let details = show_batch(&services, about.batch).await.map_err(told)?;
    say(&progress(&details.batch));
    say(&format!("  in {}", details.folder.display()));
    say(&format!("  plan {}", details.batch.plan));
    for volume in &details.volumes {
        let name = volume
            .file
            .as_ref()
            .map_or("(no notice)", |(name, _)| name.as_str());
        let digest = volume
            .file
            .as_ref()
            .map_or(String::new(), |(_, digest)| hex(digest));
        say(&format!(
            "  volume {}  {name}  {} pages  {} printed  {} refused  {} bytes  {digest}",
            volume.ordinal, volume.pages, volume.printed, volume.refused, volume.bytes
        ));
    }
    for line in &details.refused {
        say(&format!("  refused  {}", line.trim_end()));
    }
    if details.held_up.is_some() {
        say(&held_up(&details));
    }
    Ok(())
}

fn hex(digest: &[u8; 32]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn progress(batch: &PrintBatch) -> String {
    let state = match (batch.state, batch.is_chosen) {
        (BatchState::Running, false) => "choosing",
        (BatchState::Running, true) => "printing",
        (BatchState::Done | BatchState::Cancelled, _) => batch.state.as_str(),
    };
    format!(
        "batch {}  {}  {state}  {} of {} notices, {} refused, {} volumes, {} pages",
        batch.id,
        italian_time(batch.created_at).format("%Y-%m-%d %H:%M"),
        batch.printed + batch.refused,
        batch.chosen,
        batch.refused,
        batch.volumes,
        batch.pages
    )
}

fn held_up(details: &BatchDetails) -> String {
    let why = details
        .held_up
        .as_ref()
        .and_then(|job| job.last_error.as_deref())
        .unwrap_or("somebody else prints it");
    format!("  held up  batch {}: {why}", details.batch.id)
}

fn as_json_line(batch: &PrintBatch) -> String {
    json!({
        "batch": batch.id,
        "institution": batch.institution,
        "state": batch.state.as_str(),
        "is_chosen": batch.is_chosen,
        "chosen": batch.chosen,
        "printed": batch.printed,
        "refused": batch.refused,
        "pages": batch.pages,
        "volumes": batch.volumes,
        "created_at": batch.created_at,
        "ended_at": batch.ended_at,
    })
    .to_string()
}
