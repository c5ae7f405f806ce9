//! The addresses an application has its outcomes sent to.

use super::outcomes::{Kind, Outcome, kept, shown};
use crate::answers::{Always, OfBody, OfOne, OfQuery};
use crate::extract::{Body, NoBody, Path, Query, Under};
use crate::page::{Page, after, limit};
use crate::{ApiState, Authenticated, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use services::outcomes::endpoints::{
    By, Replay, WithSecret, add_endpoint, disable, enable, endpoints_of, replay, reveal, rotate_secret,
    show_endpoint, test_endpoint, webhooks_of,
};
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use storage::outcomes::{Attempt, EndpointState, Webhook, WebhookCounts, WebhookState};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(read))
        .routes(routes!(rotate))
        .routes(routes!(switch_off))
        .routes(routes!(switch_on))
        .routes(routes!(test))
        .routes(routes!(webhooks))
        .routes(routes!(send_again))
}

/// An address outcomes are sent to.
#[derive(Serialize, ToSchema)]
struct Endpoint {
    /// Its id.
    id: String,
    /// The address.
    #[schema(example = "https://gestionale.example.it/esiti")]
    url: String,
    /// Which kinds are sent, of those in the feed; `null` for every one.
    kinds: Option<BTreeSet<Kind>>,
    /// Whether anything is sent.
    active: bool,
    /// Why nothing is.
    disabled_because: Option<String>,
    /// Requests in a row that failed.
    failures: u32,
    /// When the next request is made, while it keeps failing.
    resume_at: Option<DateTime<Utc>>,
    /// Until when the secret before signs too.
    previous_secret_until: Option<DateTime<Utc>>,
    /// Since when it is known.
    created_at: DateTime<Utc>,
    /// How much was sent; only when one endpoint is asked for.
    webhooks: Option<Counts>,
}

/// How many outcomes, by where they stand.
#[derive(Serialize, ToSchema)]
struct Counts {
    /// To be sent.
    waiting: u64,
    /// Taken by the receiver, of the last 90 days.
    delivered: u64,
    /// Given up.
    dead: u64,
}

impl Endpoint {
    fn of(endpoint: storage::outcomes::Endpoint, counts: Option<WebhookCounts>) -> Self {
        let (active, disabled_because) = match endpoint.state {
            EndpointState::Active => (true, None),
            EndpointState::Disabled { reason } => (false, Some(reason)),
        };
        Self {
            kinds: shown(&endpoint.kinds),
            id: endpoint.id,
            url: endpoint.url,
            active,
            disabled_because,
            failures: endpoint.failures,
            resume_at: endpoint.resume_at,
            previous_secret_until: endpoint.previous_until,
            created_at: endpoint.created_at,
            webhooks: counts.map(|counts| Counts {
                waiting: counts.waiting,
                delivered: counts.delivered,
                dead: counts.dead,
            }),
        }
    }
}

/// An endpoint to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewEndpoint {
    /// Its address: https, or http into a network the installation allows.
    #[schema(max_length = 500, example = "https://gestionale.example.it/esiti")]
    url: String,
    /// Which kinds are sent, of those in the feed; without, every one.
    #[schema(value_type = Option<Vec<Kind>>)]
    #[serde(default)]
    kinds: Option<BTreeSet<Kind>>,
}

/// An endpoint and its secret.
#[derive(Serialize, ToSchema)]
struct EndpointSecret {
    /// The endpoint's id.
    id: String,
    /// The secret that signs what is sent to it (Standard Webhooks 1.0). It is told now, and not again.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

fn told(state: &ApiState, of: WithSecret) -> Result<Json<EndpointSecret>, Problem> {
    let secret = reveal(&state.services, &of)?;
    Ok(Json(EndpointSecret {
        id: of.endpoint,
        secret,
    }))
}

/// List the endpoints, the oldest first.
#[utoipa::path(
    get,
    path = "/outcomes/endpoints",
    operation_id = "list_outcome_endpoints",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Gli indirizzi a cui si mandano gli esiti."))),
    responses((status = 200, description = "The endpoints.", body = Page<Endpoint>), Always)
)]
async fn list(State(state): State<ApiState>, caller: Authenticated) -> Result<Json<Page<Endpoint>>, Problem> {
    let found = endpoints_of(&state.services, By::Caller(&caller)).await?;
    Ok(Json(Page {
        items: found
            .into_iter()
            .map(|endpoint| Endpoint::of(endpoint, None))
            .collect(),
        next: None,
    }))
}

/// Add an endpoint: an address outcomes are sent to from now on.
#[utoipa::path(
    post,
    path = "/outcomes/endpoints",
    operation_id = "add_outcome_endpoint",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Aggiunge un indirizzo a cui mandare gli esiti."))),
    params(Under),
    request_body = NewEndpoint,
    responses((status = 201, description = "The endpoint and its secret.", body = EndpointSecret), OfBody, Always)
)]
async fn add(
    State(state): State<ApiState>,
    caller: Authenticated,
    body: Body<NewEndpoint>,
) -> Result<(StatusCode, Json<EndpointSecret>), Problem> {
    let NewEndpoint { url, kinds } = body.content;
    let key = body.idempotency.as_ref();
    let added = add_endpoint(&state.services, By::Caller(&caller), &url, kept(kinds), key).await?;
    Ok((StatusCode::CREATED, told(&state, added)?))
}

/// Read an endpoint, with how much was sent to it.
#[utoipa::path(
    get,
    path = "/outcomes/endpoints/{id}",
    operation_id = "read_outcome_endpoint",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Un indirizzo a cui si mandano gli esiti."))),
    params(("id" = String, Path, description = "Its id.", max_length = 40)),
    responses((status = 200, description = "The endpoint.", body = Endpoint), OfOne, Always)
)]
async fn read(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<String>,
) -> Result<Json<Endpoint>, Problem> {
    let (endpoint, counts) = show_endpoint(&state.services, By::Caller(&caller), &id).await?;
    Ok(Json(Endpoint::of(endpoint, Some(counts))))
}

/// Give an endpoint a new secret. For a day what is sent bears the signatures of both.
#[utoipa::path(
    post,
    path = "/outcomes/endpoints/{id}/rotate",
    operation_id = "rotate_outcome_endpoint",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Dà all'indirizzo un segreto nuovo."))),
    params(("id" = String, Path, description = "Its id.", max_length = 40)),
    responses((status = 200, description = "The new secret.", body = EndpointSecret), OfOne, OfBody, Always)
)]
async fn rotate(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<Json<EndpointSecret>, Problem> {
    let rotated = rotate_secret(&state.services, By::Caller(&caller), &id).await?;
    told(&state, rotated)
}

/// Send nothing more to an endpoint. The feed goes on.
#[utoipa::path(
    post,
    path = "/outcomes/endpoints/{id}/disable",
    operation_id = "disable_outcome_endpoint",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Non manda più nulla all'indirizzo."))),
    params(("id" = String, Path, description = "Its id.", max_length = 40)),
    responses((status = 204, description = "Nothing is sent."), OfOne, OfBody, Always)
)]
async fn switch_off(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    let reason = "the application asked for it";
    disable(&state.services, By::Caller(&caller), &id, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send to an endpoint again. What went into the feed meanwhile is sent by a replay.
#[utoipa::path(
    post,
    path = "/outcomes/endpoints/{id}/enable",
    operation_id = "enable_outcome_endpoint",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Manda di nuovo gli esiti all'indirizzo."))),
    params(("id" = String, Path, description = "Its id.", max_length = 40)),
    responses((status = 204, description = "It is sent to."), OfOne, OfBody, Always)
)]
async fn switch_on(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    enable(&state.services, By::Caller(&caller), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How sending went.
#[derive(Serialize, ToSchema)]
struct Sent {
    /// When it was sent.
    at: DateTime<Utc>,
    /// How long the answer took, in milliseconds.
    milliseconds: i64,
    /// The status of the answer; absent when there was none.
    status: Option<u16>,
    /// What was wrong.
    error: Option<String>,
}

impl From<Attempt> for Sent {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at,
            milliseconds: attempt.ms,
            status: attempt.status,
            error: attempt.error,
        }
    }
}

/// Send a message that means nothing, at once: `{"type": "ping", …}`, signed like every other.
#[utoipa::path(
    post,
    path = "/outcomes/endpoints/{id}/test",
    operation_id = "test_outcome_endpoint",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Manda subito un messaggio di prova."))),
    params(("id" = String, Path, description = "Its id.", max_length = 40)),
    responses((status = 200, description = "How it went.", body = Sent), OfOne, OfBody, Always)
)]
async fn test(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<Json<Sent>, Problem> {
    let attempt = test_endpoint(&state.services, By::Caller(&caller), &id).await?;
    Ok(Json(attempt.into()))
}

/// Where a webhook stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// To be sent.
    Waiting,
    /// Taken by the receiver.
    Delivered,
    /// Given up.
    Dead,
}

impl From<Standing> for WebhookState {
    fn from(state: Standing) -> Self {
        match state {
            Standing::Waiting => Self::Waiting,
            Standing::Delivered => Self::Delivered,
            Standing::Dead => Self::Dead,
        }
    }
}

/// Which webhooks.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filters {
    /// Where they stand; usually `dead`.
    #[param(inline)]
    state: Option<Standing>,
    /// What the page before said in `next`.
    #[param(pattern = "^[A-Za-z0-9_-]{1,1000}$")]
    cursor: Option<String>,
    /// How many at most: 1 to 500, usually 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// An outcome sent, or to be sent, to an endpoint.
#[derive(Serialize, ToSchema)]
struct SentOutcome {
    /// Its number in the feed.
    number: i64,
    /// How often it was sent.
    attempts: u32,
    /// When it can be sent again, while it waits.
    due_at: DateTime<Utc>,
    /// How it went last.
    last: Option<Sent>,
    /// The outcome.
    outcome: Outcome,
}

impl From<Webhook> for SentOutcome {
    fn from(webhook: Webhook) -> Self {
        Self {
            number: webhook.number,
            attempts: webhook.attempts,
            due_at: webhook.due_at,
            outcome: (&webhook.told).into(),
            last: webhook.last.map(Into::into),
        }
    }
}

/// List what was given up, waits, or was taken, by number.
#[utoipa::path(
    get,
    path = "/outcomes/endpoints/{id}/webhooks",
    operation_id = "list_webhooks",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Gli esiti mandati, da mandare o non consegnati."))),
    params(("id" = String, Path, description = "Its id.", max_length = 40), Filters),
    responses((status = 200, description = "A page of them.", body = Page<SentOutcome>), OfOne, OfQuery, Always)
)]
async fn webhooks(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<String>,
    Query(filters): Query<Filters>,
) -> Result<Json<Page<SentOutcome>>, Problem> {
    let most = limit(filters.limit)?;
    let from = after(filters.cursor.as_deref())?.unwrap_or(0);
    let which = filters.state.map_or(WebhookState::Dead, Into::into);
    let by = By::Caller(&caller);
    let found = webhooks_of(&state.services, by, &id, which, from, most.saturating_add(1)).await?;
    let page = Page::cut(found, most, |last| last.number);
    Ok(Json(page.map(SentOutcome::from)))
}

/// What is to be sent again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplayRequest {
    /// The first number; without it and `to`, everything that was given up.
    #[schema(value_type = Option<u32>, minimum = 1)]
    from: Option<NonZeroU32>,
    /// The last number; without, the same as `from`.
    #[schema(value_type = Option<u32>, minimum = 1)]
    to: Option<NonZeroU32>,
}

/// How much will be sent again.
#[derive(Serialize, ToSchema)]
struct Replayed {
    /// How many outcomes.
    outcomes: u64,
}

/// Send outcomes again: one, a range of the feed, or everything that was given up. In the order of the feed.
#[utoipa::path(
    post,
    path = "/outcomes/endpoints/{id}/replay",
    operation_id = "replay_webhooks",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Manda di nuovo degli esiti."))),
    params(("id" = String, Path, description = "Its id.", max_length = 40)),
    request_body = ReplayRequest,
    responses((status = 200, description = "How many.", body = Replayed), OfOne, OfBody, Always)
)]
async fn send_again(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<String>,
    body: Body<ReplayRequest>,
) -> Result<Json<Replayed>, Problem> {
    let number = |number: Option<NonZeroU32>| number.map(|number| i64::from(number.get()));
    let what = match (number(body.content.from), number(body.content.to)) {
        (None, None) => Replay::Dead,
        (Some(from), to) => Replay::Range {
            from,
            to: to.unwrap_or(from),
        },
        (None, Some(to)) => Replay::Range { from: 1, to },
    };
    let outcomes = replay(&state.services, By::Caller(&caller), &id, what).await?;
    Ok(Json(Replayed { outcomes }))
}
