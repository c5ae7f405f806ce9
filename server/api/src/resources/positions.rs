//! Debt positions, under the keys of the programs they come from.

use crate::answers::{Always, OfChange, OfOne, OfQuery};
use crate::etag::{EntityTag, IfMatch, IfNoneMatch};
use crate::extract::{Body, NoBody, Path, Query, Under};
use crate::page::{Page, after};
use crate::problem::Code;
use crate::{ApiState, Authenticated, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use domain::application::Scope;
use domain::debt_position::TransitionError;
use domain::draft::{FieldError, PositionDraft, Problem as FieldTrouble};
use serde::Deserialize;
use services::positions::{
    Done, Expect, HistoryEntry, LIMIT_MAX, PositionAnswer, PositionError, PositionView, Sought,
    cancel_position, find_position, list_positions, position_history, publish_position, put_position,
    replace_position, status_named,
};
use storage::debt_positions::Place;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Positions on a page when nothing else is said.
const LIMIT_USUAL: u32 = 50;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read, put))
        .routes(routes!(history))
        .routes(routes!(publish))
        .routes(routes!(cancel))
        .routes(routes!(replace))
}

/// Which positions are looked for. Everything said must hold.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filters {
    /// Of this service.
    service: Option<String>,
    /// Standing here: `draft`, `open`, `paid`, `cancelled`, `replaced` or `expired`.
    #[param(pattern = "^(draft|open|paid|cancelled|replaced|expired)$")]
    status: Option<String>,
    /// Owed by whoever has this fiscal code.
    #[param(max_length = 16)]
    debtor: Option<String>,
    /// That came or changed at this instant or later.
    changed_since: Option<DateTime<Utc>>,
    /// With a notice due on this day or later.
    due_from: Option<NaiveDate>,
    /// With a notice due on this day or before.
    due_to: Option<NaiveDate>,
    /// Whose key begins so.
    #[param(max_length = 60)]
    key_prefix: Option<String>,
    /// What the page before said in `next`.
    #[param(pattern = "^[A-Za-z0-9_-]{1,1000}$")]
    cursor: Option<String>,
    /// How many at most: 1 to 200, usually 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

impl Filters {
    fn sought(self) -> Result<Sought, Problem> {
        let wrong = |what: &str| Problem::of(Code::MalformedQuery).about(what);
        let status = match self.status.as_deref() {
            Some(text) => Some(status_named(text).ok_or_else(|| wrong("status"))?),
            None => None,
        };
        let due_between = match (self.due_from, self.due_to) {
            (None, None) => None,
            (from, to) => Some((
                from.unwrap_or(FIRST_DAY).max(FIRST_DAY),
                to.unwrap_or(LAST_DAY).min(LAST_DAY),
            )),
        };
        let is_short =
            |text: &Option<String>, most| text.as_deref().is_none_or(|text| text.chars().count() <= most);
        if !is_short(&self.debtor, 16) {
            return Err(wrong("debtor"));
        }
        if !is_short(&self.key_prefix, 60) {
            return Err(wrong("key_prefix"));
        }
        if self
            .changed_since
            .is_some_and(|at| !(FIRST_DAY..=LAST_DAY).contains(&at.date_naive()))
        {
            return Err(Problem::of(Code::RefusedQuery).about("changed_since"));
        }
        Ok(Sought {
            service: self.service,
            status,
            debtor_code: self.debtor,
            changed_since: self.changed_since,
            due_between,
            key_prefix: self.key_prefix.filter(|prefix| !prefix.is_empty()),
        })
    }
}

/// Before every due date.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day of the calendar");
/// After every due date.
const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2999, 12, 31).expect("a day of the calendar");

/// List positions, with all a screen needs of each.
///
/// By key; with `service` or `status`, service by service as they came; with `changed_since`, the longest unchanged first;
/// with a due date, by due date; with `debtor`, as they came.
#[utoipa::path(
    get,
    operation_id = "list_positions",
    path = "/positions",
    tag = "Positions",
    security(("token" = ["positions:read"]), ("application" = ["positions:read"])),
    extensions(("x-it" = json!("Le posizioni, con quello che serve a una videata."))),
    params(Filters),
    responses((status = 200, description = "A page of positions.", body = Page<PositionView>), OfQuery, Always)
)]
async fn list(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(filters): Query<Filters>,
) -> Result<Json<Page<PositionView>>, Problem> {
    let most = match filters.limit {
        None => LIMIT_USUAL,
        Some(limit) if (1..=LIMIT_MAX).contains(&limit) => limit,
        Some(_) => return Err(Problem::of(Code::MalformedQuery).about("limit: 1–200")),
    };
    let from: Option<Place> = after(filters.cursor.as_deref())?;
    let found = list_positions(
        &state.services,
        &caller,
        Scope::ReadPositions,
        filters.sought()?,
        from.as_ref(),
        most.saturating_add(1),
    )
    .await?;
    let page = Page::cut(found, most, |(place, _)| place.clone());
    Ok(Json(page.map(|(_, position)| position)))
}

/// Read a position.
#[utoipa::path(
    get,
    operation_id = "read_position",
    path = "/positions/{key}",
    tag = "Positions",
    security(("token" = ["positions:read"]), ("application" = ["positions:read"])),
    extensions(("x-it" = json!("Una posizione, per chiave del gestionale."))),
    params(("key" = String, Path, description = "The program's key.", min_length = 1, max_length = 60)),
    responses(
        (status = 200, description = "The position.", body = PositionView,
            headers(("ETag" = String, description = "Its version, for `If-Match`."))),
        OfOne,
        Always
    )
)]
async fn read(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let position = find_position(&state.services, &caller, Scope::ReadPositions, &key_in(key)?).await?;
    Ok(answer(StatusCode::OK, position))
}

/// Create a position, or change what it says.
///
/// The same content again changes nothing. To change a position, `If-Match` says the version that was read, or `*` for
/// whatever is there; `If-None-Match: *` creates only. Its notices keep their numbers: when there are to be more, or fewer,
/// the position is replaced.
#[utoipa::path(
    put,
    operation_id = "put_position",
    path = "/positions/{key}",
    tag = "Positions",
    security(("token" = ["positions:write"]), ("application" = ["positions:write"])),
    extensions(("x-it" = json!("Crea una posizione, o cambia quello che dice."))),
    params(
        ("key" = String, Path, description = "The program's key, as in the body.", min_length = 1, max_length = 60),
        IfMatch,
        IfNoneMatch,
        Under
    ),
    request_body = PositionDraft,
    responses(
        (status = 200, description = "The position, changed or as it was.", body = PositionView),
        (status = 201, description = "The new position.", body = PositionView),
        OfChange,
        Always
    )
)]
async fn put(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Body<PositionDraft>,
) -> Result<Response, Problem> {
    let expect = expect(&headers)?;
    let draft = body.content;
    if draft.key.trim() != key_in(key)?.trim() {
        return Err(Problem::in_fields(vec![FieldError {
            path: "key".to_owned(),
            problem: FieldTrouble::Unreadable {
                expected: (
                    "la stessa chiave dell'indirizzo",
                    "the same key as in the address",
                ),
            },
        }]));
    }
    let changed = put_position(
        &state.services,
        &caller,
        &draft,
        expect,
        body.idempotency.as_ref(),
    )
    .await?;
    Ok(changed_answer(changed))
}

/// Read what happened to a position, and who did it.
#[utoipa::path(
    get,
    operation_id = "read_position_history",
    path = "/positions/{key}/history",
    tag = "Positions",
    security(("token" = ["positions:read"]), ("application" = ["positions:read"])),
    extensions(("x-it" = json!("Che cosa è successo a una posizione, e chi l'ha fatto."))),
    params(("key" = String, Path, description = "The program's key.", min_length = 1, max_length = 60)),
    responses(
        (status = 200, description = "All of it, the oldest first.", body = Page<HistoryEntry>),
        OfOne,
        Always
    )
)]
async fn history(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(key): Path<String>,
) -> Result<Json<Page<HistoryEntry>>, Problem> {
    let items = position_history(&state.services, &caller, Scope::ReadPositions, &key_in(key)?).await?;
    Ok(Json(Page { items, next: None }))
}

/// Publish a draft: from now on it can be paid.
#[utoipa::path(
    post,
    operation_id = "publish_position",
    path = "/positions/{key}/publish",
    tag = "Positions",
    security(("token" = ["positions:write"]), ("application" = ["positions:write"])),
    extensions(("x-it" = json!("Pubblica una posizione in preparazione: da ora si può pagare."))),
    params(
        ("key" = String, Path, description = "The program's key.", min_length = 1, max_length = 60),
        IfMatch,
        Under
    ),
    responses(
        (status = 200, description = "The position, published.", body = PositionView),
        OfChange,
        Always
    )
)]
async fn publish(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: NoBody,
) -> Result<Response, Problem> {
    let (key, expect, under) = (key_in(key)?, expect(&headers)?, body.idempotency);
    let changed = publish_position(&state.services, &caller, &key, expect, under.as_ref()).await?;
    Ok(changed_answer(changed))
}

/// Withdraw a position: it cannot be paid any more.
#[utoipa::path(
    post,
    operation_id = "cancel_position",
    path = "/positions/{key}/cancel",
    tag = "Positions",
    security(("token" = ["positions:write"]), ("application" = ["positions:write"])),
    extensions(("x-it" = json!("Annulla una posizione: non si può più pagare."))),
    params(
        ("key" = String, Path, description = "The program's key.", min_length = 1, max_length = 60),
        IfMatch,
        Under
    ),
    responses(
        (status = 200, description = "The position, withdrawn.", body = PositionView),
        OfChange,
        Always
    )
)]
async fn cancel(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: NoBody,
) -> Result<Response, Problem> {
    let (key, expect, under) = (key_in(key)?, expect(&headers)?, body.idempotency);
    let changed = cancel_position(&state.services, &caller, &key, expect, under.as_ref()).await?;
    Ok(changed_answer(changed))
}

/// Replace a position with a new one.
///
/// Both happen, or neither. Whoever comes with a notice of the old one is sent to the first of the new one.
#[utoipa::path(
    post,
    operation_id = "replace_position",
    path = "/positions/{key}/replace",
    tag = "Positions",
    security(("token" = ["positions:write"]), ("application" = ["positions:write"])),
    extensions(("x-it" = json!("Sostituisce una posizione con una nuova."))),
    params(
        ("key" = String, Path, description = "The key of the old one.", min_length = 1, max_length = 60),
        IfMatch,
        Under
    ),
    request_body = PositionDraft,
    responses(
        (status = 200, description = "The new position, which was there already.", body = PositionView),
        (status = 201, description = "The new position.", body = PositionView),
        OfChange,
        Always
    )
)]
async fn replace(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Body<PositionDraft>,
) -> Result<Response, Problem> {
    let (key, expect) = (key_in(key)?, expect(&headers)?);
    let changed = replace_position(
        &state.services,
        &caller,
        &key,
        &body.content,
        expect,
        body.idempotency.as_ref(),
    )
    .await?;
    Ok(changed_answer(changed))
}

/// A key as it stands in an address. What no key can be is nobody's.
pub(super) fn key_in(text: String) -> Result<String, Problem> {
    let is_key = text.chars().count() <= 60 && !text.chars().any(char::is_control);
    if is_key {
        Ok(text)
    } else {
        Err(Code::NotFound.into())
    }
}

/// What a program thinks is there.
fn expect(headers: &HeaderMap) -> Result<Expect, Problem> {
    let one = |name| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => value.to_str().map(Some).map_err(|_| Code::MalformedCondition),
            (Some(_), Some(_)) => Err(Code::MalformedCondition),
        }
    };
    match (one(IF_MATCH)?.map(str::trim), one(IF_NONE_MATCH)?.map(str::trim)) {
        (None, None) => Ok(Expect::Unsaid),
        (Some("*"), None) => Ok(Expect::Present),
        (Some(tag), None) => EntityTag::version(tag)
            .map(Expect::Version)
            .ok_or(Code::MalformedCondition.into()),
        (None, Some("*")) => Ok(Expect::Absent),
        // What must be there and must not be: never so.
        (Some(tag), Some("*")) if tag == "*" || EntityTag::version(tag).is_some() => {
            Err(Code::ConditionFailed.into())
        }
        (None | Some(_), Some(_)) => Err(Code::MalformedCondition.into()),
    }
}

fn changed_answer(changed: PositionAnswer) -> Response {
    let status = match changed.done {
        Done::Created => StatusCode::CREATED,
        Done::Changed | Done::Unchanged => StatusCode::OK,
    };
    answer(status, changed.position)
}

/// A position with its version as entity tag. What stands in it changes with the day too, so it always comes whole.
fn answer(status: StatusCode, position: PositionView) -> Response {
    let tag = EntityTag::of_version(position.version);
    (status, [(ETAG, tag.value())], Json(position)).into_response()
}

impl From<PositionError> for Problem {
    fn from(error: PositionError) -> Self {
        match error {
            PositionError::Invalid(errors) => errors.into(),
            PositionError::Forbidden(error) => error.into(),
            PositionError::NotFound => Code::NotFound.into(),
            PositionError::Refused(error) => match error {
                TransitionError::AlreadyPaid => Code::AlreadyPaid.into(),
                TransitionError::PartlyPaid => Code::PartlyPaid.into(),
                TransitionError::Cancelled => Code::Cancelled.into(),
                TransitionError::Replaced => Code::Replaced.into(),
                TransitionError::Unpublished => Code::Unpublished.into(),
                TransitionError::AlreadyPublished => Code::AlreadyPublished.into(),
                TransitionError::Expired => Code::Expired.into(),
                // What only a receipt can meet.
                TransitionError::ForeignNotice | TransitionError::OtherOptionChosen => Code::Internal.into(),
            },
            PositionError::ConditionNeeded => Code::ConditionNeeded.into(),
            PositionError::ConditionFailed => Code::ConditionFailed.into(),
            PositionError::OtherList => Self::of(Code::RefusedQuery).about("cursor"),
            PositionError::Again => Self::of(Code::Unavailable).retry_after(1),
            PositionError::Idempotency(error) => error.into(),
            PositionError::Unavailable(error) => error.into(),
        }
    }
}
