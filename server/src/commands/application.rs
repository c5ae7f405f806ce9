//! `lanterna application …`

use super::{Unusable, complain, look, say, the_only_institution};
use crate::cli::{Application as Asked, ApplicationChange, ApplicationSecret};
use anyhow::{Context as _, Result};
use chrono::{Days, NaiveTime};
use domain::CreditorFiscalCode;
use domain::application::{Application, Grant, NumberRange, Scope};
use services::Services;
use services::applications::manage::{
    ApplicationError, all_applications, change_application, create_application, new_secret, revoke_secret,
    show_application,
};
use services::audit::all_acts_on;
use services::clock::{instant_of_italian_time, italian_time};
use storage::applications::Secret;
use storage::audit::{Actor, AuditEvent};

/// Does what is asked of applications.
pub(super) async fn run(asked: Asked) -> Result<()> {
    match asked {
        Asked::Create {
            id,
            institution,
            name,
            grants,
            numbers,
            requests,
            certificate,
            archive,
        } => {
            let services = look(&archive.database).await?;
            let institution = match institution {
                Some(code) => {
                    CreditorFiscalCode::parse(&code).map_err(|error| Unusable(error.to_string()))?
                }
                None => the_only_institution(&services).await?,
            };
            let application = Application {
                id,
                institution,
                name,
                grants: grants.grants,
                numbers,
                requests_per_minute: requests,
                certificate,
                active: true,
            };
            create_application(&services, &application).await.map_err(told)?;
            say(&line(&application));
            complain(&format!(
                "it comes in once it has a secret: lanterna application secret new {}",
                application.id
            ));
            Ok(())
        }
        Asked::List { json, archive } => {
            let services = look(&archive.database).await?;
            let applications = all_applications(&services).await?;
            if json {
                say(&serde_json::to_string_pretty(&applications)?);
            } else {
                for application in &applications {
                    say(&line(application));
                }
            }
            Ok(())
        }
        Asked::Show { id, archive } => {
            let services = look(&archive.database).await?;
            let (application, secrets) = show_application(&services, &id).await.map_err(told)?;
            show(&services, &application, &secrets);
            Ok(())
        }
        Asked::Grant {
            id,
            grants,
            remove,
            archive,
        } => {
            let services = look(&archive.database).await?;
            let change = |application: &mut Application| grant(application, grants.grants, &remove);
            let changed = change_application(&services, &id, change).await.map_err(told)?;
            say(&line(&changed));
            Ok(())
        }
        Asked::Change(change) => alter(change).await,
        Asked::Secret(of) => secret(of).await,
        Asked::Deactivate { id, archive } => set_active(&archive.database, &id, false).await,
        Asked::Activate { id, archive } => set_active(&archive.database, &id, true).await,
        Asked::Audit {
            id,
            subject,
            json,
            archive,
        } => audit(&archive.database, &id, subject.as_deref(), json).await,
    }
}

async fn secret(of: ApplicationSecret) -> Result<()> {
    match of {
        ApplicationSecret::New { id, until, archive } => {
            let services = look(&archive.database).await?;
            let expires_at = until.and_then(|day| day.checked_add_days(Days::new(1)));
            let expires_at = expires_at.map(|day| instant_of_italian_time(day.and_time(NaiveTime::MIN)));
            let secret = new_secret(&services, &id, expires_at).await.map_err(told)?;
            say(&secret.text);
            complain(&format!(
                "secret {} of application {id}: it is shown this once and kept nowhere",
                secret.id
            ));
        }
        ApplicationSecret::Revoke { id, secret, archive } => {
            let services = look(&archive.database).await?;
            revoke_secret(&services, &id, secret).await.map_err(told)?;
            say(&format!(
                "secret {secret} of application {id} lets nobody in any more, on every server within half a minute"
            ));
        }
    }
    Ok(())
}

async fn audit(database: &str, id: &str, subject: Option<&str>, json: bool) -> Result<()> {
    let services = look(database).await?;
    let (application, _) = show_application(&services, id).await.map_err(told)?;
    let events = all_acts_on(&services, &application.institution, subject.unwrap_or(id)).await?;
    let own = Actor::Application(id.to_owned());
    for event in events
        .iter()
        .filter(|event| subject.is_none() || event.actor == own)
    {
        say(&if json {
            as_json_line(event)
        } else {
            act_line(event)
        });
    }
    Ok(())
}

async fn set_active(database: &str, id: &str, active: bool) -> Result<()> {
    let services = look(database).await?;
    let change = |application: &mut Application| application.active = active;
    let changed = change_application(&services, id, change).await.map_err(told)?;
    say(&line(&changed));
    Ok(())
}

async fn alter(change: ApplicationChange) -> Result<()> {
    let services = look(&change.archive.database).await?;
    let alter = |application: &mut Application| {
        if let Some(name) = change.name {
            application.name = name;
        }
        if change.no_numbers || !change.numbers.is_empty() {
            application.numbers = change.numbers;
        }
        if let Some(requests) = change.requests {
            application.requests_per_minute = requests;
        }
        if change.no_certificate || change.certificate.is_some() {
            application.certificate = change.certificate;
        }
    };
    let changed = change_application(&services, &change.id, alter)
        .await
        .map_err(told)?;
    say(&line(&changed));
    Ok(())
}

/// Puts grants in the place of those of the same scope, and takes some away.
fn grant(application: &mut Application, given: Vec<Grant>, removed: &[Scope]) {
    application.grants.retain(|grant| {
        !removed.contains(&grant.scope) && given.iter().all(|other| other.scope != grant.scope)
    });
    application.grants.extend(given);
    application.grants.sort_by_key(|grant| grant.scope);
}

/// What was given cannot be used, or the archive did not answer.
fn told(error: ApplicationError) -> anyhow::Error {
    match error {
        ApplicationError::Unavailable(error) => error.into(),
        ApplicationError::Invalid(_)
        | ApplicationError::Unknown(_)
        | ApplicationError::Taken(_)
        | ApplicationError::UnknownInstitution(_)
        | ApplicationError::UnknownService(_)
        | ApplicationError::RangeTaken(_)
        | ApplicationError::TooManySecrets
        | ApplicationError::UnknownSecret { .. }
        | ApplicationError::PastExpiry => Unusable(error.to_string()).into(),
    }
}

fn line(application: &Application) -> String {
    format!(
        "{:<24}  {}  {:<9}  {}  {}",
        application.id,
        application.institution,
        if application.active { "active" } else { "inactive" },
        application.name,
        grants(application)
    )
}

fn grants(application: &Application) -> String {
    let grants = application.grants.iter().map(|grant| match &grant.services {
        None => grant.scope.as_str().to_owned(),
        Some(services) => {
            let services: Vec<&str> = services.iter().map(String::as_str).collect();
            format!("{}={}", grant.scope.as_str(), services.join(","))
        }
    });
    grants.collect::<Vec<_>>().join(" ")
}

fn show(services: &Services, application: &Application, secrets: &[Secret]) {
    say(&line(application));
    for NumberRange {
        segregation,
        from,
        to,
    } in &application.numbers
    {
        say(&format!("  numbers      {segregation}:{from}-{to}"));
    }
    say(&format!(
        "  requests     {} in a minute",
        application.requests_per_minute
    ));
    if let Some(certificate) = &application.certificate {
        say(&format!("  certificate  {certificate}"));
    }
    let now = services.clock.now();
    let moment = |at| italian_time(at).format("%Y-%m-%d %H:%M").to_string();
    for secret in secrets {
        let state = match (secret.revoked_at, secret.expires_at) {
            (Some(at), _) => format!("revoked {}", moment(at)),
            (None, Some(end)) if !secret.opens(now) => format!("over since {}", moment(end)),
            (None, Some(end)) => format!("opens until {}", moment(end)),
            (None, None) => "opens".to_owned(),
        };
        let used = secret
            .last_used_at
            .map_or_else(|| "never used".to_owned(), |at| format!("used {}", moment(at)));
        say(&format!(
            "  secret {:<5} made {}, {state}, {used}",
            secret.id,
            moment(secret.created_at)
        ));
    }
}

fn act_line(event: &AuditEvent) -> String {
    format!(
        "{}  {:<24}  {:<28}  {}  {}",
        italian_time(event.at).format("%Y-%m-%d %H:%M:%S"),
        event.actor.id().unwrap_or(event.actor.kind()),
        event.action,
        event.subject,
        event.detail
    )
}

fn as_json_line(event: &AuditEvent) -> String {
    let detail: serde_json::Value = serde_json::from_str(&event.detail).unwrap_or_default();
    serde_json::json!({
        "at": event.at,
        "institution": event.institution,
        "actor": event.actor.kind(),
        "application": event.actor.id(),
        "action": event.action,
        "subject": event.subject,
        "detail": detail,
        "network": event.network,
    })
    .to_string()
}

/// Gives an application a secret, taking back the oldest one when it has as many as it may.
pub(super) async fn renewed_secret(services: &Services, id: &str) -> Result<String> {
    let now = services.clock.now();
    let (_, secrets) = show_application(services, id)
        .await
        .map_err(told)
        .context("serve the demo city first: lanterna serve --demo")?;
    let open: Vec<&Secret> = secrets.iter().filter(|secret| secret.opens(now)).collect();
    if let [oldest, _, ..] = open[..] {
        revoke_secret(services, id, oldest.id).await.map_err(told)?;
    }
    Ok(new_secret(services, id, None).await.map_err(told)?.text)
}
