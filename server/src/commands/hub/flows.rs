//! `lanterna hub flows`

use super::{connected, institution, say};
use crate::cli::{Configured, Flows};
use crate::commands::{Unusable, look};
use anyhow::{Context, Result, bail};
use domain::flow_report::{FlowFinding, FlowRow};
use domain::{CreditorFiscalCode, FlowId};
use pagopa::flow_reports::MAX_FILE_BYTES;
use serde_json::{Value, json};
use services::Services;
use services::flow_reports::{
    CollectError, Collected, FailedFlow, ImportError, WasHere, collect_flow_reports, find_flow_payments,
    find_flow_revisions, import_flow_report, list_flow_reports,
};
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};
use storage::flow_reports::{FlowState, StoredFlow};

/// How long another process is let collect before this is left to it: it has the same flows to fetch.
const WAIT_MAX: Duration = Duration::from_mins(2);
/// How often it is looked whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) async fn run(command: Flows) -> Result<()> {
    match command {
        Flows::Collect {
            institution,
            configured,
        } => collect(institution.as_deref(), &configured).await,
        Flows::List {
            institution,
            json,
            archive,
        } => list(&look(&archive.database).await?, &institution, json).await,
        Flows::Show {
            flow,
            institution,
            revision,
            archive,
        } => show(&look(&archive.database).await?, &institution, &flow, revision).await,
        Flows::Import {
            file,
            revision,
            archive,
        } => import(&archive.database, &file, revision).await,
    }
}

async fn collect(only: Option<&str>, configured: &Configured) -> Result<()> {
    let only = only.map(institution).transpose()?;
    let services = connected(configured).await?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let served = entries.institutions.iter().map(|served| &served.fiscal_code);
    let wanted: Vec<_> = served
        .filter(|code| only.as_ref().is_none_or(|only| only == *code))
        .collect();
    if wanted.is_empty() {
        bail!(Unusable(
            "no such institution is served by this archive".to_owned()
        ));
    }
    let mut failed = 0;
    for institution in wanted {
        let collected = collect_in_turn(&services, institution)
            .await
            .with_context(|| format!("institution {institution}"))?;
        failed += collected.failed.len();
        say(&format!(
            "{institution}: {} announced, {} fetched, {} failed",
            collected.announced,
            collected.fetched,
            collected.failed.len()
        ));
        for FailedFlow { key, why } in collected.failed {
            say(&format!(
                "  {} of {}, revision {}: {why}",
                key.id, key.psp, key.revision
            ));
        }
    }
    if failed > 0 {
        bail!("{failed} flow reports could not be fetched; they are tried again the next time");
    }
    Ok(())
}

/// Collects, once whoever collects now is done.
async fn collect_in_turn(
    services: &Services,
    institution: &CreditorFiscalCode,
) -> Result<Collected, CollectError> {
    let begun = Instant::now();
    loop {
        match collect_flow_reports(services, institution).await {
            Err(CollectError::Busy) if begun.elapsed() < WAIT_MAX => tokio::time::sleep(LOOK_EVERY).await,
            collected => return collected,
        }
    }
}

async fn list(services: &Services, code: &str, as_json: bool) -> Result<()> {
    let flows = list_flow_reports(services, &institution(code)?).await?;
    if as_json {
        say(&serde_json::to_string_pretty(
            &flows.iter().map(head).collect::<Vec<_>>(),
        )?);
        return Ok(());
    }
    for flow in &flows {
        say(&line(flow));
    }
    Ok(())
}

fn line(flow: &StoredFlow) -> String {
    let key = &flow.key;
    let name = format!("{:<35}  {:<35}  {:>3}", key.id.as_str(), key.psp, key.revision);
    match &flow.state {
        FlowState::Announced => format!("{name}  announced"),
        FlowState::Fetched { report, findings, .. } => format!(
            "{name}  {}  {:>6} payments  {:>15} euro{}",
            report.regulated_on,
            report.declared.count,
            report.declared.sum.to_wire(),
            if findings.is_empty() {
                String::new()
            } else {
                format!("  {} findings", findings.len())
            },
        ),
    }
}

fn head(flow: &StoredFlow) -> Value {
    let (fetched_at, report, findings) = match &flow.state {
        FlowState::Announced => (None, None, None),
        FlowState::Fetched { at, report, findings } => (Some(at), Some(report), Some(sentences(findings))),
    };
    json!({
        "flow": flow.key.id,
        "psp": flow.key.psp,
        "revision": flow.key.revision,
        "institution": flow.key.institution,
        "state": flow.state.as_str(),
        "published_at": flow.published_at,
        "fetched_at": fetched_at,
        "made_at": report.map(|report| report.made_at),
        "regulation": report.map(|report| &report.regulation),
        "regulated_on": report.map(|report| report.regulated_on),
        "payments": report.map(|report| report.declared.count),
        "amount_cents": report.map(|report| report.declared.sum),
        "findings": findings,
    })
}

fn sentences(findings: &[FlowFinding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

async fn show(services: &Services, code: &str, flow: &str, revision: Option<u32>) -> Result<()> {
    let id = FlowId::parse(flow).map_err(|error| Unusable(error.to_string()))?;
    let known = find_flow_revisions(services, &institution(code)?, &id).await?;
    let here = |flow: &&StoredFlow| matches!(flow.state, FlowState::Fetched { .. });
    let mut wanted = known
        .iter()
        .filter(|flow| revision.is_none_or(|revision| flow.key.revision == revision));
    let Some(found) = wanted.clone().find(here).or_else(|| wanted.next()) else {
        bail!(Unusable(format!("no flow report {id} of {code} in this archive")));
    };
    let rows = find_flow_payments(services, &found.key)
        .await?
        .unwrap_or_default();
    let mut shown = head(found);
    shown["rows"] = rows.iter().map(payment).collect();
    say(&serde_json::to_string_pretty(&shown)?);
    Ok(())
}

fn payment(row: &FlowRow) -> Value {
    json!({
        "place": row.index,
        "iuv": row.iuv,
        "iur": row.iur,
        "transfer": row.transfer_id,
        "amount_cents": row.amount,
        "outcome": row.outcome,
        "paid_on": row.paid_on,
    })
}

async fn import(database: &str, path: &Path, revision: u32) -> Result<()> {
    let file = read(path)?;
    let services = look(database).await?;
    // The log keeps where it came from, not whose folders it lay in.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let imported = import_flow_report(&services, &file, &name, revision)
        .await
        .map_err(|error| match error {
            ImportError::Unreadable(_) | ImportError::Stranger(_) => {
                anyhow::Error::new(Unusable(format!("{}: {error}", path.display())))
            }
            ImportError::NotStored(_) | ImportError::Unavailable(_) => error.into(),
        })?;
    let key = &imported.report.key;
    say(&format!(
        "{} of {}, revision {}: {} payments, {} euro{}",
        key.id,
        key.psp,
        key.revision,
        imported.payments,
        imported.report.declared.sum,
        match imported.was_here {
            WasHere::No | WasHere::Different => "",
            WasHere::Same => "; it was here already",
        }
    ));
    for finding in sentences(&imported.findings) {
        say(&format!("  {finding}"));
    }
    if imported.was_here == WasHere::Different {
        bail!(
            "this revision is here with other payments, which stay: if the file is a later one, say --revision"
        );
    }
    Ok(())
}

/// A whole file, of at most what is read anyway.
fn read(path: &Path) -> Result<Vec<u8>> {
    let cannot_read = || format!("cannot read {}", path.display());
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .with_context(cannot_read)?
        .take(u64::try_from(MAX_FILE_BYTES)? + 1)
        .read_to_end(&mut bytes)
        .with_context(cannot_read)?;
    Ok(bytes)
}
