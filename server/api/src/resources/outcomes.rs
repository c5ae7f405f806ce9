//! The feed of outcomes: asked for by number, acknowledged, chosen, and by civil day.

use super::positions::key_in;
use crate::answers::{Always, OfBody, OfOne, OfQuery};
use crate::extract::{Body, Path, Query};
use crate::page::{LIMIT_USUAL, limit};
use crate::problem::Code;
use crate::{ApiState, Authenticated, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use domain::outcome::OutcomeKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use services::outcomes::daily::{day_of, file_name};
use services::outcomes::feed::{acknowledge_feed, choose_feed, outcomes_of_position, read_feed, show_feed};
use services::outcomes::{OutcomeError, message_of};
use std::collections::BTreeSet;
use storage::outcomes::{Feed, Kinds, ToldOutcome};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(acknowledge))
        .routes(routes!(choice, choose))
        .routes(routes!(daily))
        .routes(routes!(of_position))
}

/// A kind of outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Somebody looked at the notice at a payment provider, for the first time on that day.
    NoticeViewed,
    /// A notice was paid.
    Paid,
    /// A debt that was paid already was paid again.
    PaidTwice,
    /// Money came for no debt that waits for it.
    PaidUnmatched,
    /// The hub delivered other contents for a receipt.
    ReceiptCorrected,
    /// The institution withdrew the debt.
    Cancelled,
    /// The institution replaced the debt with another notice.
    Replaced,
    /// The last day of its last payable notice went by.
    Expired,
    /// A payment provider reported the payment in a flow.
    Reported,
    /// The treasurer credited the money.
    Credited,
}

impl From<Kind> for OutcomeKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::NoticeViewed => Self::NoticeViewed,
            Kind::Paid => Self::Paid,
            Kind::PaidTwice => Self::PaidTwice,
            Kind::PaidUnmatched => Self::PaidUnmatched,
            Kind::ReceiptCorrected => Self::ReceiptCorrected,
            Kind::Cancelled => Self::Cancelled,
            Kind::Replaced => Self::Replaced,
            Kind::Expired => Self::Expired,
            Kind::Reported => Self::Reported,
            Kind::Credited => Self::Credited,
        }
    }
}

impl From<OutcomeKind> for Kind {
    fn from(kind: OutcomeKind) -> Self {
        match kind {
            OutcomeKind::NoticeViewed => Self::NoticeViewed,
            OutcomeKind::Paid => Self::Paid,
            OutcomeKind::PaidTwice => Self::PaidTwice,
            OutcomeKind::PaidUnmatched => Self::PaidUnmatched,
            OutcomeKind::ReceiptCorrected => Self::ReceiptCorrected,
            OutcomeKind::Cancelled => Self::Cancelled,
            OutcomeKind::Replaced => Self::Replaced,
            OutcomeKind::Expired => Self::Expired,
            OutcomeKind::Reported => Self::Reported,
            OutcomeKind::Credited => Self::Credited,
        }
    }
}

/// Chosen kinds, as they are kept.
pub(super) fn kept(kinds: Option<BTreeSet<Kind>>) -> Kinds {
    kinds.map(|kinds| kinds.into_iter().map(Into::into).collect())
}

/// Chosen kinds, as they are shown.
pub(super) fn shown(kinds: &Kinds) -> Option<BTreeSet<Kind>> {
    kinds
        .as_ref()
        .map(|kinds| kinds.iter().map(|kind| (*kind).into()).collect())
}

/// An outcome: the same object that a webhook carries.
#[derive(Serialize, ToSchema)]
pub(super) struct Outcome {
    /// Its id: the same however often and by whatever way it is told.
    #[schema(example = "3v9c0m2k7d1x8n5q4t6w0z2a9e")]
    id: String,
    /// What happened.
    r#type: Kind,
    /// What is said of it.
    #[schema(value_type = OutcomeData)]
    data: Value,
    /// When it was recorded.
    timestamp: DateTime<Utc>,
    /// Fiscal code of the institution.
    #[schema(example = "00856930102")]
    institution: String,
    /// Code of the debt's service; absent for money of which no debt is known.
    service: Option<String>,
    /// Key of the debt, as the program gave it.
    position: Option<String>,
}

/// What is said of an outcome. Which parts are there depends on its type.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what the domain writes")]
struct OutcomeData {
    /// The notice, 18 digits.
    notice_number: Option<String>,
    /// Its payment reference.
    iuv: Option<String>,
    /// What is due (`notice_viewed`), was paid, reported or credited, in cents.
    amount: Option<i64>,
    /// Of `cancelled`, `replaced` and `expired`: the notices of the debt.
    notices: Option<Vec<OutcomeNotice>>,
    /// Of `replaced`: the notice to pay instead.
    replaced_by: Option<String>,
    /// The receipt's id (IUR).
    receipt_id: Option<String>,
    /// The payment provider, where the receipt says it.
    provider: Option<OutcomeProvider>,
    /// Its code, where no more is known of it.
    provider_id: Option<String>,
    /// When it was paid: Italian time as the hub writes it, without offset.
    #[schema(example = "2026-11-23T09:59:00")]
    paid_at_local: Option<String>,
    /// Of `paid`: whether the whole debt is paid by it.
    position_paid: Option<bool>,
    /// Of `paid_twice` and `paid_unmatched`: what the receipt found.
    reason: Option<String>,
    /// Of `receipt_corrected`: what the first receipt said was paid, in cents.
    first_amount: Option<i64>,
    /// Of `notice_viewed`: when.
    viewed_at: Option<DateTime<Utc>>,
    /// Of `notice_viewed`: the Italian day.
    day: Option<NaiveDate>,
    /// Of `reported` and `credited`: the flow (IUF).
    flow_id: Option<String>,
    /// Of `reported`: how the flow calls the payment.
    outcome: Option<String>,
    /// Of `reported`: the day it was paid.
    paid_on: Option<NaiveDate>,
    /// Of `reported`: the transfer that carries the money (TRN).
    transfer: Option<String>,
    /// Of `reported`: the day of that transfer.
    transferred_on: Option<NaiveDate>,
    /// Of `credited`: the treasurer's number of the credit.
    credit: Option<String>,
    /// Of `credited`: its day.
    credited_on: Option<NaiveDate>,
}

/// A notice of a debt.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what the domain writes")]
struct OutcomeNotice {
    /// Its number, 18 digits.
    notice_number: String,
    /// Its payment reference.
    iuv: String,
    /// What is due, in cents.
    amount: i64,
}

/// A payment provider.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what the domain writes")]
struct OutcomeProvider {
    /// Its code on the hub.
    id: String,
    /// Its name.
    name: String,
}

impl From<&ToldOutcome> for Outcome {
    fn from(told: &ToldOutcome) -> Self {
        let message = message_of(told);
        let content = serde_json::to_value(message.content).unwrap_or_default();
        Self {
            id: message.id.to_owned(),
            r#type: told.content.kind().into(),
            data: content.get("data").cloned().unwrap_or_default(),
            timestamp: message.timestamp,
            institution: message.institution.to_owned(),
            service: told.service.clone(),
            position: told.position.clone(),
        }
    }
}

/// An outcome of the feed.
#[derive(Serialize, ToSchema)]
struct Numbered {
    /// Its number in the feed.
    #[schema(minimum = 1)]
    number: i64,
    #[serde(flatten)]
    outcome: Outcome,
}

/// A part of the feed.
#[derive(Serialize, ToSchema)]
struct OutcomePage {
    /// The outcomes, by number.
    items: Vec<Numbered>,
    /// What to go on after: the last number looked at.
    last: i64,
    /// Whether there are more after it.
    more: bool,
    /// Up to where the application acknowledged.
    acknowledged: i64,
}

/// Where in the feed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Within {
    /// After this number; without, after what was acknowledged.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// How many at most: 1 to 500, usually 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// Read the feed of outcomes after a number.
///
/// Numbers grow by one, in the order in which outcomes can be seen: whoever goes on after `last` misses nothing. An outcome
/// is told at least once; its `id` says whether it was told before.
#[utoipa::path(
    get,
    path = "/outcomes",
    operation_id = "list_outcomes",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Gli esiti dopo un numero."))),
    params(Within),
    responses((status = 200, description = "A part of the feed.", body = OutcomePage), OfQuery, Always)
)]
async fn list(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(from): Query<Within>,
) -> Result<Json<OutcomePage>, Problem> {
    if from.after.is_some_and(|after| after < 0) {
        return Err(Problem::of(Code::MalformedQuery).about("after"));
    }
    let most = limit(from.limit.or(Some(LIMIT_USUAL)))?;
    let page = read_feed(&state.services, &caller, from.after, most).await?;
    Ok(Json(OutcomePage {
        items: page
            .outcomes
            .iter()
            .map(|(number, told)| Numbered {
                number: *number,
                outcome: told.into(),
            })
            .collect(),
        last: page.last,
        more: page.more,
        acknowledged: page.feed.acknowledged,
    }))
}

/// Up to where a program has its outcomes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledgement {
    /// The last number it has.
    up_to: u64,
}

/// Up to where the application acknowledged.
#[derive(Serialize, ToSchema)]
struct Acknowledged {
    /// The highest number it ever said.
    up_to: i64,
}

/// Say up to where the outcomes are taken.
///
/// Said again, or of a lower number, it changes nothing. What is acknowledged can be asked for again for 90 days; what is not,
/// for 24 months.
#[utoipa::path(
    post,
    path = "/outcomes/acknowledge",
    operation_id = "acknowledge_outcomes",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Conferma gli esiti presi fino a un numero."))),
    request_body = Acknowledgement,
    responses((status = 200, description = "Up to where.", body = Acknowledged), OfBody, Always)
)]
async fn acknowledge(
    State(state): State<ApiState>,
    caller: Authenticated,
    body: Body<Acknowledgement>,
) -> Result<Json<Acknowledged>, Problem> {
    let up_to = i64::try_from(body.content.up_to).unwrap_or(i64::MAX);
    let up_to = acknowledge_feed(&state.services, &caller, up_to).await?;
    Ok(Json(Acknowledged { up_to }))
}

/// What an application takes.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Choice {
    /// Which kinds go into its feed; `null` for every one.
    #[schema(value_type = Option<Vec<Kind>>)]
    kinds: Option<BTreeSet<Kind>>,
    /// Whether a file is written for it every day.
    #[serde(default)]
    daily_file: bool,
}

impl From<Feed> for Choice {
    fn from(feed: Feed) -> Self {
        Self {
            kinds: shown(&feed.kinds),
            daily_file: feed.daily_file,
        }
    }
}

/// Read which kinds of outcome the application takes.
#[utoipa::path(
    get,
    path = "/outcomes/choice",
    operation_id = "read_outcome_choice",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Quali esiti riceve l'applicazione."))),
    responses((status = 200, description = "What it takes.", body = Choice), Always)
)]
async fn choice(State(state): State<ApiState>, caller: Authenticated) -> Result<Json<Choice>, Problem> {
    Ok(Json(show_feed(&state.services, &caller).await?.into()))
}

/// Choose which kinds of outcome the application takes from now on.
#[utoipa::path(
    put,
    path = "/outcomes/choice",
    operation_id = "choose_outcomes",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Sceglie quali esiti riceve l'applicazione da ora in poi."))),
    request_body = Choice,
    responses((status = 200, description = "What it takes.", body = Choice), OfBody, Always)
)]
async fn choose(
    State(state): State<ApiState>,
    caller: Authenticated,
    body: Body<Choice>,
) -> Result<Json<Choice>, Problem> {
    let kinds = kept(body.content.kinds);
    let feed = choose_feed(&state.services, &caller, &kinds, body.content.daily_file).await?;
    Ok(Json(feed.into()))
}

/// Read the outcomes of a civil day as its file has them.
///
/// Italian days, each closed a quarter of an hour after its end. Every outcome is in one day. Columns are separated by
/// semicolons; cells that a spreadsheet would take for a formula begin with an apostrophe.
#[utoipa::path(
    get,
    path = "/outcomes/daily/{date}",
    operation_id = "read_outcomes_of_day",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Gli esiti di un giorno, in CSV."))),
    params(("date" = String, Path, description = "The Italian day, as 2026-11-25.", format = Date)),
    responses(
        (status = 200, description = "The day's file.", content_type = "text/csv", body = String),
        OfOne,
        OfBody,
        Always
    )
)]
async fn daily(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(date): Path<NaiveDate>,
) -> Result<Response, Problem> {
    let text = day_of(&state.services, &caller, date).await?;
    let head = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", file_name(date)),
        ),
    ];
    Ok((head, text).into_response())
}

/// Outcomes of a position.
#[derive(Serialize, ToSchema)]
struct Outcomes {
    /// The newest first.
    items: Vec<Outcome>,
}

/// Read what was recorded of a position, the newest first.
#[utoipa::path(
    get,
    path = "/outcomes/positions/{key}",
    operation_id = "list_outcomes_of_position",
    tag = "Outcomes",
    security(("token" = ["outcomes:read"]), ("application" = ["outcomes:read"])),
    extensions(("x-it" = json!("Gli esiti di una posizione."))),
    params(("key" = String, Path, description = "Its key.", max_length = 60)),
    responses((status = 200, description = "Its outcomes; none for one that is not there.", body = Outcomes), OfOne, Always)
)]
async fn of_position(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(key): Path<String>,
) -> Result<Json<Outcomes>, Problem> {
    let told = outcomes_of_position(&state.services, &caller, &key_in(key)?).await?;
    Ok(Json(Outcomes {
        items: told.iter().map(Into::into).collect(),
    }))
}

impl From<OutcomeError> for Problem {
    fn from(error: OutcomeError) -> Self {
        match error {
            OutcomeError::Forbidden(error) => error.into(),
            OutcomeError::UnknownEndpoint(_) | OutcomeError::DayNotClosed => Code::NotFound.into(),
            OutcomeError::Target(error) => Self::of(Code::AddressRefused).about(&error.to_string()),
            OutcomeError::TooManyEndpoints => Code::TooManyEndpoints.into(),
            OutcomeError::Disabled => Code::EndpointDisabled.into(),
            OutcomeError::NoKey => Code::WebhooksOff.into(),
            OutcomeError::BeyondTheEnd { last } => Self::of(Code::BeyondTheEnd).about(&last.to_string()),
            OutcomeError::DayTooLarge => Code::DayTooLarge.into(),
            OutcomeError::ChangedMeanwhile => Code::InProgress.into(),
            OutcomeError::Idempotency(error) => error.into(),
            OutcomeError::Unavailable(error) => error.into(),
        }
    }
}
