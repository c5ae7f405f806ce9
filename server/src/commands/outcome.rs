//! `lanterna outcome`

use super::{Unusable, look, say};
use crate::cli::{Configured, OneEndpoint, Outcome, OutcomeEndpoint};
use crate::config::Settings;
use anyhow::{Result, bail};
use domain::application::Application;
use domain::outcome::OutcomeKind;
use serde_json::{Value, json};
use services::Services;
use services::caller::Caller;
use services::outcomes::endpoints::{
    By, Replay, add_endpoint, disable, enable, endpoints_of, replay, reveal, rotate_secret, show_endpoint,
    test_endpoint, webhooks_of,
};
use services::outcomes::feed::{outcomes_of_position, read_feed};
use services::outcomes::{OutcomeError, daily, message_of};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;
use storage::applications::find_application;
use storage::outcomes::{EndpointState, ToldOutcome, WebhookState};

/// Given-up webhooks listed at once.
const DEAD_MAX: u32 = 500;

pub(super) async fn run(command: Outcome) -> Result<()> {
    match command {
        Outcome::List {
            application,
            after,
            limit,
            json,
            archive,
        } => list(&look(&archive.database).await?, &application, after, limit, json).await,
        Outcome::Show {
            position,
            application,
            archive,
        } => show(&look(&archive.database).await?, &application, &position).await,
        Outcome::Endpoints { application, archive } => {
            endpoints(&look(&archive.database).await?, &application).await
        }
        Outcome::Endpoint(command) => endpoint(command).await,
        Outcome::Dead {
            endpoint,
            after,
            archive,
        } => dead(&look(&archive.database).await?, &endpoint, after).await,
        Outcome::Replay {
            endpoint,
            from,
            to,
            archive,
        } => {
            let what = from.map_or(Replay::Dead, |from| Replay::Range {
                from,
                to: to.unwrap_or(from),
            });
            let services = look(&archive.database).await?;
            let application = application(&services, &endpoint.application).await?;
            let by = By::CommandLine(&application);
            let outcomes = replay(&services, by, &endpoint.id, what).await.map_err(told)?;
            say(&format!("{outcomes} outcomes are sent again"));
            Ok(())
        }
        Outcome::Daily {
            day,
            application: id,
            archive,
        } => {
            let services = look(&archive.database).await?;
            let caller = caller(&services, &id).await?;
            let text = daily::day_of(&services, &caller, day).await.map_err(told)?;
            // Whoever reads it may have gone away.
            let _ = std::io::stdout().write_all(&text);
            Ok(())
        }
    }
}

/// What was given cannot be used, or the archive does not answer.
fn told(error: OutcomeError) -> anyhow::Error {
    match error {
        OutcomeError::Unavailable(error) => error.into(),
        OutcomeError::NoKey | OutcomeError::ChangedMeanwhile => error.into(),
        OutcomeError::Forbidden(_)
        | OutcomeError::UnknownEndpoint(_)
        | OutcomeError::Target(_)
        | OutcomeError::TooManyEndpoints
        | OutcomeError::Disabled
        | OutcomeError::BeyondTheEnd { .. }
        | OutcomeError::DayNotClosed
        | OutcomeError::DayTooLarge
        | OutcomeError::Idempotency(_) => Unusable(error.to_string()).into(),
    }
}

async fn application(services: &Services, id: &str) -> Result<Application> {
    let mut snapshot = services.store.glance().await?;
    match find_application(&mut snapshot, id).await? {
        Some(application) => Ok(application),
        None => bail!(Unusable(format!(
            "there is no application {id}: `lanterna application list` shows all of them"
        ))),
    }
}

/// Reads as the application itself does.
async fn caller(services: &Services, id: &str) -> Result<Caller> {
    Ok(Caller::new(Arc::new(application(services, id).await?), None))
}

/// An archive, and what sends, as a configuration describes them.
async fn sending(configured: &Configured) -> Result<Services> {
    let settings = Settings::read(&configured.config)?;
    let database = configured.database.as_ref().unwrap_or(&settings.database);
    let mut services = look(database).await?;
    services.outcomes = Arc::new(settings.outcomes.open(database)?);
    Ok(services)
}

fn as_json(told: &ToldOutcome) -> Result<Value> {
    Ok(serde_json::to_value(message_of(told))?)
}

async fn list(services: &Services, id: &str, after: i64, limit: u32, json: bool) -> Result<()> {
    let caller = caller(services, id).await?;
    let page = read_feed(services, &caller, Some(after), limit)
        .await
        .map_err(told)?;
    for (number, outcome) in &page.outcomes {
        if json {
            say(&json!({ "number": number, "outcome": as_json(outcome)? }).to_string());
            continue;
        }
        let notices = outcome.content.notices().first();
        say(&format!(
            "{number:>8}  {}  {:<17} {}  {}",
            outcome.at.format("%Y-%m-%dT%H:%M:%SZ"),
            outcome.content.kind().as_str(),
            notices.map_or("-", |notice| notice.notice_number.as_str()),
            outcome.position.as_deref().unwrap_or("-"),
        ));
    }
    if !json {
        say(&format!(
            "{} of {}; acknowledged up to {}",
            page.last, page.feed.last_number, page.feed.acknowledged
        ));
    }
    Ok(())
}

async fn show(services: &Services, id: &str, position: &str) -> Result<()> {
    let caller = caller(services, id).await?;
    for outcome in outcomes_of_position(services, &caller, position)
        .await
        .map_err(told)?
    {
        say(&as_json(&outcome)?.to_string());
    }
    Ok(())
}

async fn endpoints(services: &Services, id: &str) -> Result<()> {
    let application = application(services, id).await?;
    let by = By::CommandLine(&application);
    for endpoint in endpoints_of(services, by).await.map_err(told)? {
        let (endpoint, counts) = show_endpoint(services, by, &endpoint.id).await.map_err(told)?;
        let state = match &endpoint.state {
            EndpointState::Active => match endpoint.resume_at {
                Some(at) if endpoint.failures > 0 => format!(
                    "failed {} times in a row, asked again at {}",
                    endpoint.failures,
                    at.format("%Y-%m-%dT%H:%M:%SZ")
                ),
                Some(_) | None => "active".to_owned(),
            },
            EndpointState::Disabled { reason } => format!("disabled: {reason}"),
        };
        say(&format!(
            "{}  {}\n  {state}; {} waiting, {} delivered, {} given up",
            endpoint.id, endpoint.url, counts.waiting, counts.delivered, counts.dead
        ));
    }
    Ok(())
}

async fn endpoint(command: OutcomeEndpoint) -> Result<()> {
    match command {
        OutcomeEndpoint::Add {
            application: id,
            url,
            kinds,
            configured,
        } => {
            let kinds = chosen(&kinds)?;
            let services = sending(&configured).await?;
            let application = application(&services, &id).await?;
            let by = By::CommandLine(&application);
            let added = add_endpoint(&services, by, &url, kinds, None)
                .await
                .map_err(told)?;
            let secret = reveal(&services, &added).map_err(told)?;
            say(&format!("endpoint {}\nsecret   {secret}", added.endpoint));
        }
        OutcomeEndpoint::Rotate { endpoint, configured } => {
            let services = sending(&configured).await?;
            let application = application(&services, &endpoint.application).await?;
            let by = By::CommandLine(&application);
            let rotated = rotate_secret(&services, by, &endpoint.id).await.map_err(told)?;
            let secret = reveal(&services, &rotated).map_err(told)?;
            say(&format!(
                "secret   {secret}\nThe one before signs too for 24 hours."
            ));
        }
        OutcomeEndpoint::Disable { endpoint, archive } => {
            let services = look(&archive.database).await?;
            let application = application(&services, &endpoint.application).await?;
            let by = By::CommandLine(&application);
            let reason = "whoever runs the installation asked for it";
            disable(&services, by, &endpoint.id, reason).await.map_err(told)?;
            say("nothing more is sent there; the feed goes on");
        }
        OutcomeEndpoint::Enable { endpoint, archive } => {
            let services = look(&archive.database).await?;
            let application = application(&services, &endpoint.application).await?;
            let by = By::CommandLine(&application);
            enable(&services, by, &endpoint.id).await.map_err(told)?;
            say("it is sent to again; what came meanwhile: lanterna outcome replay --from … --to …");
        }
        OutcomeEndpoint::Test { endpoint, configured } => {
            let services = sending(&configured).await?;
            let application = application(&services, &endpoint.application).await?;
            let by = By::CommandLine(&application);
            let attempt = test_endpoint(&services, by, &endpoint.id).await.map_err(told)?;
            let status = attempt
                .status
                .map_or("no answer".to_owned(), |status| format!("HTTP {status}"));
            say(&format!("{status} in {} ms", attempt.ms));
            if let Some(error) = attempt.error {
                bail!("the endpoint did not take it: {error}");
            }
        }
    }
    Ok(())
}

fn chosen(kinds: &[String]) -> Result<Option<BTreeSet<OutcomeKind>>, Unusable> {
    if kinds.is_empty() {
        return Ok(None);
    }
    kinds
        .iter()
        .map(|text| {
            OutcomeKind::parse(text).ok_or_else(|| {
                let all: Vec<&str> = OutcomeKind::ALL.iter().map(|kind| kind.as_str()).collect();
                Unusable(format!("{text} is no kind of outcome: {}", all.join(", ")))
            })
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

async fn dead(services: &Services, endpoint: &OneEndpoint, after: i64) -> Result<()> {
    let application = application(services, &endpoint.application).await?;
    let by = By::CommandLine(&application);
    let found = webhooks_of(services, by, &endpoint.id, WebhookState::Dead, after, DEAD_MAX)
        .await
        .map_err(told)?;
    for webhook in found {
        let last = webhook.last.map_or("never sent".to_owned(), |last| {
            format!(
                "{} {} {}",
                last.at.format("%Y-%m-%dT%H:%M:%SZ"),
                last.status.map_or("-".to_owned(), |status| status.to_string()),
                last.error.unwrap_or_default()
            )
        });
        say(&format!(
            "{:>8}  {:<17} {}  {} attempts, last {last}",
            webhook.number,
            webhook.told.content.kind().as_str(),
            webhook.told.position.as_deref().unwrap_or("-"),
            webhook.attempts,
        ));
    }
    Ok(())
}
