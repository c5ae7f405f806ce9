//! The calls one by one (`/organizations/{cf}/debtpositions …`).

use super::Feed;
use super::body::{Body, Purpose};
use super::position::{Payment, Position, Stage, Status};
use super::store::StoreError;
use super::view;
use crate::hub::Hub;
use crate::problem::{bad_request, problem};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::{CreditorFiscalCode, NoticeNumber};
use serde::Deserialize;
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::sync::Arc;

/// The longest interval between two dates of a search, in days.
const MAX_DAYS: i64 = 30;
/// The most positions of a page.
const MAX_LIMIT: usize = 50;

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route(
            "/organizations/{institution}/debtpositions",
            get(list).post(create),
        )
        .route(
            "/organizations/{institution}/debtpositions/{iupd}",
            get(show).put(update).delete(delete),
        )
        .route(
            "/organizations/{institution}/debtpositions/{iupd}/publish",
            post(publish),
        )
        .route(
            "/organizations/{institution}/debtpositions/{iupd}/invalidate",
            post(invalidate),
        )
        .route(
            "/organizations/{institution}/paymentoptions/paids/{nav}",
            post(paid_elsewhere),
        )
}

#[derive(Deserialize)]
struct ToPublish {
    #[serde(default, rename = "toPublish")]
    to_publish: bool,
}

async fn create(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path(institution): Path<CreditorFiscalCode>,
    Query(query): Query<ToPublish>,
    body: Bytes,
) -> Response {
    let now = hub.now();
    let mut position = match read(&body, feed, Purpose::Create, now) {
        Ok(position) => position,
        Err(reasons) => return bad_request(&reasons),
    };
    if query.to_publish {
        position.publish(now);
    }
    match hub.archives.positions(feed).insert(&institution, &position) {
        Ok(()) => (StatusCode::CREATED, Json(view::model(&position, now))).into_response(),
        Err(error) => refused(&error),
    }
}

async fn update(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((institution, iupd)): Path<(CreditorFiscalCode, String)>,
    Query(query): Query<ToPublish>,
    body: Bytes,
) -> Response {
    let now = hub.now();
    let position = match read(&body, feed, Purpose::Update, now) {
        Ok(position) if position.iupd == iupd => position,
        Ok(position) => {
            return bad_request(&[format!("iupd {} is not the one of the address", position.iupd)]);
        }
        Err(reasons) => return bad_request(&reasons),
    };
    let replace = |before: Position| replaced(&before, position, query.to_publish, now);
    changed(
        hub.archives.positions(feed).change(&institution, &iupd, replace),
        now,
    )
}

/// A position in the place of another, published or a draft again as the call asks.
pub(super) fn replaced(
    before: &Position,
    after: Position,
    to_publish: bool,
    now: DateTime<Utc>,
) -> Result<Position, StoreError> {
    let status = before.status(now);
    if !status.can_be_updated() {
        return Err(StoreError::Status(status));
    }
    let mut after = Position {
        inserted_at: before.inserted_at,
        updated_at: now,
        published_at: before.published_at,
        ..after
    };
    if to_publish {
        after.publish(now);
    }
    Ok(after)
}

async fn publish(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((institution, iupd)): Path<(CreditorFiscalCode, String)>,
) -> Response {
    let now = hub.now();
    let publish = |mut position: Position| {
        let status = position.status(now);
        if !status.can_be_published() {
            return Err(StoreError::Status(status));
        }
        position.publish(now);
        position.updated_at = now;
        Ok(position)
    };
    changed(
        hub.archives.positions(feed).change(&institution, &iupd, publish),
        now,
    )
}

async fn invalidate(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((institution, iupd)): Path<(CreditorFiscalCode, String)>,
) -> Response {
    let now = hub.now();
    let invalidate = |mut position: Position| {
        let status = position.status(now);
        if !status.can_be_invalidated() {
            return Err(StoreError::Status(status));
        }
        position.stage = Stage::Invalid;
        position.updated_at = now;
        Ok(position)
    };
    changed(
        hub.archives
            .positions(feed)
            .change(&institution, &iupd, invalidate),
        now,
    )
}

async fn show(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((institution, iupd)): Path<(CreditorFiscalCode, String)>,
) -> Response {
    let now = hub.now();
    let found = hub.archives.positions(feed).find(&institution, &iupd);
    found.map_or_else(
        || refused(&StoreError::Unknown),
        |position| Json(view::answer(&institution, &position, now)).into_response(),
    )
}

async fn delete(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((institution, iupd)): Path<(CreditorFiscalCode, String)>,
) -> Response {
    let now = hub.now();
    match hub.archives.positions(feed).remove(&institution, &iupd, now) {
        Ok(()) => Json("Debt position deleted").into_response(),
        Err(error) => refused(&error),
    }
}

/// `AlreadyPaidPaymentOptionModel`
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PaidBody {
    payment_date: Option<DateTime<Utc>>,
}

async fn paid_elsewhere(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((institution, nav)): Path<(CreditorFiscalCode, String)>,
    body: Bytes,
) -> Response {
    let now = hub.now();
    let paid: PaidBody = match serde_json::from_slice(&body) {
        Ok(paid) => paid,
        Err(error) => return bad_request(&[error.to_string()]),
    };
    let Ok(number) = NoticeNumber::parse(&nav) else {
        return refused(&StoreError::Unknown);
    };
    let mut archive = hub.archives.positions(feed);
    let Some(position) = archive.find_notice(&institution, &number) else {
        return refused(&StoreError::Unknown);
    };
    let status = position.status(now);
    let is_paid = position
        .notices
        .iter()
        .any(|notice| notice.number == number && notice.payment.is_some());
    if is_paid || !status.can_be_deleted() && status != Status::PartiallyPaid {
        return refused(&StoreError::Status(status));
    }
    if position.payable(&number, now).is_none() {
        let detail = format!("the position of {number} is {status:?}: nothing can be paid");
        return problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Payment option not payable",
            &detail,
        );
    }
    let payment = Payment {
        at: paid.payment_date.unwrap_or(now),
        receipt_id: None,
        flow: None,
    };
    archive.pay(&institution, &number, &payment);
    let after = archive.find(&institution, &position.iupd).unwrap_or(position);
    let notice = after.notices.iter().find(|notice| notice.number == number);
    notice.map_or_else(
        || refused(&StoreError::Unknown),
        |notice| Json(view::notice_answer(&institution, &after, notice)).into_response(),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    #[serde(default = "ten")]
    limit: usize,
    #[serde(default)]
    page: usize,
    due_date_from: Option<NaiveDate>,
    due_date_to: Option<NaiveDate>,
    payment_date_from: Option<NaiveDate>,
    payment_date_to: Option<NaiveDate>,
    payment_date_time_from: Option<DateTime<Utc>>,
    payment_date_time_to: Option<DateTime<Utc>>,
    status: Option<Status>,
    #[serde(default)]
    orderby: OrderBy,
    #[serde(default)]
    ordering: Ordered,
}

const fn ten() -> usize {
    10
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum OrderBy {
    #[default]
    InsertedDate,
    Iupd,
    Status,
    CompanyName,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Ordered {
    Asc,
    #[default]
    Desc,
}

/// From an instant to another, both within.
type Interval = (DateTime<Utc>, DateTime<Utc>);

/// What a search asks of a position.
struct Filter {
    due: Option<Interval>,
    paid: Option<Interval>,
    status: Option<Status>,
}

impl Filter {
    const fn is_empty(&self) -> bool {
        self.due.is_none() && self.paid.is_none() && self.status.is_none()
    }

    fn accepts(&self, position: &Position, now: DateTime<Utc>) -> bool {
        let within = |range: Option<Interval>, at: Option<DateTime<Utc>>| {
            range.is_none_or(|(from, to)| at.is_some_and(|at| (from..=to).contains(&at)))
        };
        let due = self.due.is_none()
            || position
                .notices
                .iter()
                .any(|notice| within(self.due, Some(notice.due)));
        due && within(self.paid, position.paid_at())
            && self.status.is_none_or(|status| position.status(now) == status)
    }
}

impl Search {
    fn filter(&self) -> Result<Filter, Vec<String>> {
        let start = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
        let end = |day: NaiveDate| start(day.checked_add_days(Days::new(1)).unwrap_or(day));
        let due = range(
            "due_date",
            self.due_date_from.map(start),
            self.due_date_to.map(end),
        )?;
        let by_day = range(
            "payment_date",
            self.payment_date_from.map(start),
            self.payment_date_to.map(end),
        )?;
        let by_time = range(
            "payment_date_time",
            self.payment_date_time_from,
            self.payment_date_time_to,
        )?;
        let given = [due, by_day, by_time].iter().flatten().count();
        if given > 1 {
            return Err(vec![
                "due_date, payment_date and payment_date_time exclude each other".to_owned(),
            ]);
        }
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            return Err(vec![format!("limit is 1 to {MAX_LIMIT}")]);
        }
        Ok(Filter {
            due,
            paid: by_day.or(by_time),
            status: self.status,
        })
    }
}

/// An interval of which one end may be left out, at most [`MAX_DAYS`] long (and the day the end adds).
fn range(
    name: &str,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> Result<Option<Interval>, Vec<String>> {
    let most = chrono::TimeDelta::days(MAX_DAYS);
    let (from, to) = match (from, to) {
        (None, None) => return Ok(None),
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, from + most),
        (None, Some(to)) => (to - most, to),
    };
    if from > to || to - from > most + chrono::TimeDelta::days(1) {
        return Err(vec![format!(
            "{name} runs from a day to a later one within {MAX_DAYS} days"
        )]);
    }
    Ok(Some((from, to)))
}

async fn list(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path(institution): Path<CreditorFiscalCode>,
    Query(search): Query<Search>,
) -> Response {
    let filter = match search.filter() {
        Ok(filter) => filter,
        Err(reasons) => return bad_request(&reasons),
    };
    let now = hub.now();
    let skip = search.page.saturating_mul(search.limit);
    let archive = hub.archives.positions(feed);
    let (page, found) = if filter.is_empty() && search.orderby == OrderBy::InsertedDate {
        archive.page(&institution, search.ordering == Ordered::Desc, skip, search.limit)
    } else {
        let mut all: Vec<Position> = archive
            .iter(&institution)
            .filter(|position| filter.accepts(position, now))
            .collect();
        all.sort_by(|a, b| compare(search.orderby, a, b, now));
        if search.ordering == Ordered::Desc {
            all.reverse();
        }
        let found = all.len();
        (all.into_iter().skip(skip).take(search.limit).collect(), found)
    };
    drop(archive);
    let positions: Vec<Value> = page
        .iter()
        .map(|position| view::answer(&institution, position, now))
        .collect();
    Json(json!({
        "payment_position_list": positions,
        "page_info": {
            "page": search.page,
            "limit": search.limit,
            "items_found": positions.len(),
            "total_pages": found.div_ceil(search.limit),
        },
    }))
    .into_response()
}

/// By the member asked for; positions that agree keep the order they came in.
fn compare(by: OrderBy, a: &Position, b: &Position, now: DateTime<Utc>) -> Ordering {
    match by {
        OrderBy::InsertedDate => Ordering::Equal,
        OrderBy::Iupd => a.iupd.cmp(&b.iupd),
        OrderBy::Status => a.status(now).cmp(&b.status(now)),
        OrderBy::CompanyName => a.company_name.cmp(&b.company_name),
    }
}

fn read(body: &[u8], feed: Feed, purpose: Purpose, now: DateTime<Utc>) -> Result<Position, Vec<String>> {
    let body: Body = serde_json::from_slice(body).map_err(|error| vec![error.to_string()])?;
    body.check(feed, purpose, now)
}

fn changed(result: Result<Position, StoreError>, now: DateTime<Utc>) -> Response {
    match result {
        Ok(position) => Json(view::model(&position, now)).into_response(),
        Err(error) => refused(&error),
    }
}

fn refused(error: &StoreError) -> Response {
    match error {
        StoreError::Unknown => problem(
            StatusCode::NOT_FOUND,
            "Not found",
            "there is no such debt position",
        ),
        StoreError::Taken(what) => problem(
            StatusCode::CONFLICT,
            "Already exists",
            &format!("another debt position has {what}"),
        ),
        StoreError::Status(status) => problem(
            StatusCode::CONFLICT,
            "Not allowed now",
            &format!("the debt position is {status:?}"),
        ),
        StoreError::Full => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Archive full",
            "the sandbox keeps two million positions",
        ),
    }
}
