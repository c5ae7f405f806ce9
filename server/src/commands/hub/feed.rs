//! `lanterna hub feed`

use super::{connected, institution, say};
use crate::cli::{Configured, HubFeed};
use crate::commands::look;
use anyhow::{Result, bail, ensure};
use chrono::Duration;
use domain::feed::Held;
use pagopa::gateway::Product;
use services::Services;
use services::feed::{FeedStatus, Mend, compare, feed_status, retry_refused, schedule};
use services::jobs::{JobKind, drain};
use storage::jobs::ListedJob;

/// Jobs done between two looks at what is left.
const JOBS_MAX: usize = 20;
/// Longest wait for a job that waits for the archive: a report, a limit. What waits longer is left to the server.
const WAIT_MAX: Duration = Duration::minutes(2);
/// Shortest wait: what is due and was not done is in a server's hands.
const WAIT_MIN: Duration = Duration::milliseconds(200);

pub(super) async fn run(command: HubFeed) -> Result<()> {
    match command {
        HubFeed::Run { configured } => Box::pin(feed(&configured)).await,
        HubFeed::Status { archive } => status(&look(&archive.database).await?).await,
        HubFeed::Compare {
            institution,
            dry_run,
            configured,
        } => compare_all(&configured, institution.as_deref(), dry_run).await,
        HubFeed::Retry { archive } => {
            let marked = retry_refused(&look(&archive.database).await?).await?;
            say(&format!("{marked} refused positions are tried again"));
            Ok(())
        }
    }
}

/// An archive is configured, or there is nobody to tell.
async fn reachable(configured: &Configured) -> Result<Services> {
    let services = connected(configured).await?;
    ensure!(
        services.hub.offers(Product::Aca) || services.hub.offers(Product::Gpd),
        "no archive is configured: add [hub.products.aca] or [hub.products.gpd]"
    );
    Ok(services)
}

async fn feed(configured: &Configured) -> Result<()> {
    let services = reachable(configured).await?;
    let worker = services.ids.token();
    loop {
        schedule(&services).await?;
        if drain(&services, &JobKind::FEED, &worker, JOBS_MAX).await? > 0 {
            continue;
        }
        let (_, jobs) = feed_status(&services).await?;
        let now = services.clock.now();
        // The comparison of the night waits too: it is not what was asked for.
        let soon = jobs
            .iter()
            .filter(|job| job.last_error.is_none() && job.run_at - now <= WAIT_MAX)
            .map(|job| job.run_at)
            .min();
        match soon {
            Some(at) => tokio::time::sleep((at - now).max(WAIT_MIN).to_std().unwrap_or_default()).await,
            None => break,
        }
    }
    status(&services).await
}

async fn status(services: &Services) -> Result<()> {
    let (institutions, jobs) = feed_status(services).await?;
    for of in &institutions {
        say_status(of);
    }
    for job in jobs.iter().filter(|job| job.last_error.is_some()) {
        say_job(job);
    }
    Ok(())
}

fn say_status(of: &FeedStatus) {
    let counts: Vec<String> = Held::ALL
        .into_iter()
        .filter(|held| of.count(*held) > 0)
        .map(|held| format!("{} {}", of.count(held), held.as_str()))
        .collect();
    let counts = if counts.is_empty() {
        "nothing sent yet".to_owned()
    } else {
        counts.join(", ")
    };
    say(&format!("{}: {} to tell; {counts}", of.institution, of.pending));
    for fed in &of.refused {
        let reason = fed.reason.as_deref().unwrap_or("no reason given");
        say(&format!(
            "  refused {} {}: {reason}",
            fed.archive.as_str(),
            fed.iupd
        ));
    }
}

fn say_job(job: &ListedJob) {
    let reason = job.last_error.as_deref().unwrap_or_default();
    say(&format!(
        "  waits {}: tried {} times, next at {}: {reason}",
        job.key, job.attempts, job.run_at
    ));
}

async fn compare_all(configured: &Configured, only: Option<&str>, dry_run: bool) -> Result<()> {
    let only = only.map(institution).transpose()?;
    let services = reachable(configured).await?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let mend = if dry_run { Mend::No } else { Mend::Yes };
    let mut agree = true;
    for institution in entries
        .institutions
        .iter()
        .map(|institution| &institution.fiscal_code)
        .filter(|code| only.as_ref().is_none_or(|only| only == *code))
    {
        let found = compare(&services, institution, mend).await?;
        say(&format!(
            "{institution}: {} listed: {} right, {} different, {} to remove, {} under way, {} unknown here; \
             {} missing, {} never told",
            found.listed,
            found.right,
            found.different,
            found.to_remove,
            found.under_way,
            found.unknown,
            found.missing,
            found.unfed
        ));
        agree &= found.agrees();
    }
    if dry_run && !agree {
        bail!("the archives are not as they should be: without --dry-run what differs is mended");
    }
    Ok(())
}
