//! Where an application has its outcomes sent: said by itself, or for it by whoever runs the installation. Every act is
//! audited in its transaction.

use super::OutcomeError;
use super::deliver::{self, GIVE_UP_AFTER};
use crate::Services;
use crate::audit::Act;
use crate::caller::{Caller, Forbidden};
use crate::idempotency::Idempotency;
use crate::jobs::JobKind;
use chrono::{DateTime, Duration, Utc};
use domain::application::{Application, Scope};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::audit::Actor;
use storage::jobs::{NewJob, enqueue};
use storage::outcomes::{
    Attempt, Endpoint, EndpointState, Kinds, Webhook, WebhookCounts, WebhookState, count_webhooks,
    disable_endpoint, enable_endpoint, ensure_feed, find_endpoint, insert_endpoint, list_endpoints,
    list_webhooks, replay_dead, replay_range, rotate_endpoint,
};
use storage::{StorageError, Tx};

/// Endpoints of one application something is sent to.
pub const ENDPOINTS_MAX: usize = 5;
/// How long the secret before signs too.
pub const PREVIOUS_LASTS: Duration = Duration::hours(24);
/// Outcomes of one transaction of a replay.
const REPLAYED_AT_ONCE: u32 = 2_000;
/// Outcomes of one replay: what is left is asked for again.
const REPLAYED_MAX: u64 = 1_000_000;

/// Who acts for an application.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// Itself.
    Caller(&'a Caller),
    /// Whoever runs the installation.
    CommandLine(&'a Application),
}

impl<'a> By<'a> {
    fn application(self) -> &'a Application {
        match self {
            Self::Caller(caller) => caller.application(),
            Self::CommandLine(application) => application,
        }
    }

    fn may(self) -> Result<&'a Application, Forbidden> {
        let application = self.application();
        match application.granted(Scope::ReadOutcomes) {
            Some(_) => Ok(application),
            None => Err(Forbidden {
                scope: Scope::ReadOutcomes,
            }),
        }
    }

    fn act<'s>(self, action: &'static str, subject: &'s str) -> Act<'s>
    where
        'a: 's,
    {
        match self {
            Self::Caller(caller) => caller.act(action, subject),
            Self::CommandLine(application) => Act {
                institution: &application.institution,
                actor: Actor::CommandLine,
                from: None,
                action,
                subject,
                detail: serde_json::Value::Null,
            },
        }
    }
}

/// An endpoint, and which of its secrets signs what is sent to it: [`reveal`] derives the secret, which is kept nowhere, nor
/// with an answer that is kept for its key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithSecret {
    /// The endpoint's id.
    pub endpoint: String,
    /// Number the secret is derived from.
    pub generation: u32,
}

/// Adds an endpoint. Asked again under the same key, the answer is the same.
///
/// # Errors
/// When the address must not be called, or the application has as many as it may.
pub async fn add_endpoint(
    services: &Services,
    by: By<'_>,
    url: &str,
    kinds: Kinds,
    idempotency: Option<&Idempotency>,
) -> Result<WithSecret, OutcomeError> {
    let application = by.may()?;
    if let (Some(key), By::Caller(caller)) = (idempotency, by)
        && let Some(before) = key.answered(services, caller).await?
    {
        return Ok(before);
    }
    let target = services.outcomes.sender.check(url).await?;
    let now = services.clock.now();
    let endpoint = Endpoint {
        id: services.ids.token(),
        application: application.id.clone(),
        institution: application.institution.clone(),
        url: target.to_string(),
        kinds,
        state: EndpointState::Active,
        generation: 1,
        previous_until: None,
        failures: 0,
        resume_at: None,
        created_at: now,
    };
    if services.outcomes.secret(&endpoint.id, 1).is_none() {
        return Err(OutcomeError::NoKey);
    }
    let mut tx = services.store.begin().await?;
    if let (Some(key), By::Caller(caller)) = (idempotency, by)
        && let Some(before) = key.begin(&mut tx, caller, now).await?
    {
        return Ok(before);
    }
    ensure_feed(&mut tx, &application.id, now).await?;
    let active = list_endpoints(&mut tx, &application.id).await?;
    let active = active.iter().filter(|other| other.state == EndpointState::Active);
    if active.count() >= ENDPOINTS_MAX {
        return Err(OutcomeError::TooManyEndpoints);
    }
    insert_endpoint(&mut tx, &endpoint).await?;
    by.act("outcome_endpoint.added", &endpoint.id)
        .with(json!({ "application": application.id, "url": endpoint.url }))
        .note(&mut tx, now)
        .await?;
    let answer = WithSecret {
        endpoint: endpoint.id.clone(),
        generation: 1,
    };
    if let (Some(key), By::Caller(caller)) = (idempotency, by) {
        key.end(&mut tx, caller, &answer).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

/// The secret of an answer, as whoever receives needs it.
///
/// # Errors
/// Without a key.
pub fn reveal(services: &Services, of: &WithSecret) -> Result<String, OutcomeError> {
    let secret = services.outcomes.secret(&of.endpoint, of.generation);
    secret.map(|secret| secret.reveal()).ok_or(OutcomeError::NoKey)
}

/// An endpoint, with how much of its outcomes is sent.
pub async fn show_endpoint(
    services: &Services,
    by: By<'_>,
    id: &str,
) -> Result<(Endpoint, WebhookCounts), OutcomeError> {
    let application = by.may()?;
    let mut snapshot = services.store.read().await?;
    let endpoint = find_endpoint(&mut snapshot, &application.id, id)
        .await?
        .ok_or_else(|| OutcomeError::UnknownEndpoint(id.to_owned()))?;
    let counts = count_webhooks(&mut snapshot, id).await?;
    Ok((endpoint, counts))
}

/// The endpoints of an application, the oldest first.
pub async fn endpoints_of(services: &Services, by: By<'_>) -> Result<Vec<Endpoint>, OutcomeError> {
    let application = by.may()?;
    let mut snapshot = services.store.glance().await?;
    Ok(list_endpoints(&mut snapshot, &application.id).await?)
}

/// What was sent, is to be sent or was given up, after a number, at most `limit`.
pub async fn webhooks_of(
    services: &Services,
    by: By<'_>,
    id: &str,
    state: WebhookState,
    after: i64,
    limit: u32,
) -> Result<Vec<Webhook>, OutcomeError> {
    let (endpoint, _) = show_endpoint(services, by, id).await?;
    let mut snapshot = services.store.glance().await?;
    Ok(list_webhooks(&mut snapshot, &endpoint.id, state, after, limit).await?)
}

async fn held(tx: &mut Tx, by: By<'_>, id: &str) -> Result<Endpoint, OutcomeError> {
    find_endpoint(tx, &by.may()?.id, id)
        .await?
        .ok_or_else(|| OutcomeError::UnknownEndpoint(id.to_owned()))
}

/// Gives an endpoint a new secret. For a day what is sent bears the signatures of both.
pub async fn rotate_secret(services: &Services, by: By<'_>, id: &str) -> Result<WithSecret, OutcomeError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let endpoint = held(&mut tx, by, id).await?;
    let generation = endpoint.generation + 1;
    rotate_endpoint(&mut tx, &endpoint, now + PREVIOUS_LASTS).await?;
    by.act("outcome_endpoint.rotated", id)
        .with(json!({ "generation": generation }))
        .note(&mut tx, now)
        .await?;
    tx.commit().await?;
    Ok(WithSecret {
        endpoint: id.to_owned(),
        generation,
    })
}

/// Sends nothing more to an endpoint. The feed goes on.
pub async fn disable(services: &Services, by: By<'_>, id: &str, reason: &str) -> Result<(), OutcomeError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    held(&mut tx, by, id).await?;
    disable_endpoint(&mut tx, id, reason).await?;
    by.act("outcome_endpoint.disabled", id)
        .with(json!({ "reason": reason }))
        .note(&mut tx, now)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Sends to an endpoint again, and what waited for it. What went into the feed meanwhile is sent by [`replay`].
pub async fn enable(services: &Services, by: By<'_>, id: &str) -> Result<(), OutcomeError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let endpoint = held(&mut tx, by, id).await?;
    enable_endpoint(&mut tx, id).await?;
    leave_delivery(&mut tx, &endpoint, now).await?;
    by.act("outcome_endpoint.enabled", id).note(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn leave_delivery(tx: &mut Tx, endpoint: &Endpoint, now: DateTime<Utc>) -> Result<(), StorageError> {
    let job = NewJob {
        kind: JobKind::OutcomeDelivery.as_str(),
        key: &endpoint.id,
        institution: &endpoint.institution,
        payload: "{}",
        run_at: now,
    };
    enqueue(tx, &job, now).await
}

/// Sends one message that means nothing, at once, to try an endpoint: `{"type": "ping", …}`. It is sent to a disabled one too.
pub async fn test_endpoint(services: &Services, by: By<'_>, id: &str) -> Result<Attempt, OutcomeError> {
    let (endpoint, _) = show_endpoint(services, by, id).await?;
    let at = services.clock.now();
    let secrets = deliver::secrets(services, &endpoint, at).ok_or(OutcomeError::NoKey)?;
    let message_id = services.ids.token();
    let body = json!({
        "id": message_id,
        "type": "ping",
        "timestamp": at,
        "institution": endpoint.institution,
        "data": {},
    });
    let sender = &services.outcomes.sender;
    let answer = sender
        .send(
            &endpoint.url,
            &secrets,
            &message_id,
            at,
            body.to_string().into_bytes(),
        )
        .await;
    Ok(deliver::attempt(at, services.clock.now(), &answer))
}

/// What is to be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Everything that was given up.
    Dead,
    /// The outcomes of the feed from a number to another, both included: taken or not, sent before or not.
    Range {
        /// The first number.
        from: i64,
        /// The last number.
        to: i64,
    },
}

/// Sends outcomes to an endpoint again, in the order of the feed. In transactions of a few thousand each: what is cut off is
/// asked for again. Returns how many will be sent.
pub async fn replay(services: &Services, by: By<'_>, id: &str, what: Replay) -> Result<u64, OutcomeError> {
    let mut replayed = 0;
    let mut from = match what {
        Replay::Dead => 0,
        Replay::Range { from, .. } => from.max(1),
    };
    loop {
        let now = services.clock.now();
        let mut tx = services.store.begin().await?;
        let endpoint = held(&mut tx, by, id).await?;
        if endpoint.state != EndpointState::Active {
            return Err(OutcomeError::Disabled);
        }
        let give_up_at = now + GIVE_UP_AFTER;
        let (some, is_last) = match what {
            Replay::Dead => {
                let some = replay_dead(&mut tx, id, now, give_up_at, REPLAYED_AT_ONCE).await?;
                (some, some < u64::from(REPLAYED_AT_ONCE))
            }
            Replay::Range { to, .. } => {
                let feed = storage::outcomes::find_feed(&mut tx, &endpoint.application).await?;
                let to = to.min(feed.map_or(0, |feed| feed.last_number));
                let end = to.min(from.saturating_add(i64::from(REPLAYED_AT_ONCE) - 1));
                let some = replay_range(&mut tx, id, (from, end), now, give_up_at).await?;
                from = end.saturating_add(1);
                (some, end >= to)
            }
        };
        replayed += some;
        leave_delivery(&mut tx, &endpoint, now).await?;
        let is_done = is_last || replayed >= REPLAYED_MAX;
        if is_done {
            by.act("outcome_endpoint.replayed", id)
                .with(json!({ "outcomes": replayed }))
                .note(&mut tx, now)
                .await?;
        }
        tx.commit().await?;
        if is_done {
            return Ok(replayed);
        }
    }
}
