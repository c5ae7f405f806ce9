//! The calls by file (`gpd-4-aca_massive_v2.json`, `gpd_massive_v2.json`): a ZIP is taken at once and read afterwards.

use super::body::{Body, Purpose};
use super::bundle::{MAX_ZIP_BYTES, read_iupds, read_positions};
use super::service::replaced;
use super::store::StoreError;
use super::{Archive, Feed};
use crate::hub::Hub;
use crate::problem::{bad_request, problem};
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::Rome;
use domain::CreditorFiscalCode;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The most files waiting to be read.
const MAX_PENDING: usize = 50;
/// How many positions are taken before others may look at the archive.
const STEP: usize = 500;
/// Room for the multipart frame around the ZIP.
pub(crate) const MAX_BODY_BYTES: usize = MAX_ZIP_BYTES + 64 * 1024;
/// How far back files can be listed, in days.
const LISTED_DAYS: u64 = 60;
/// The longest interval of one listing, in days.
const WINDOW_DAYS: i64 = 7;
/// Where the listing goes on.
const CONTINUATION: &str = "x-continuation-token";

pub(super) fn routes() -> Router<Arc<Hub>> {
    let base = "/brokers/{broker}/organizations/{institution}/debtpositions";
    Router::new()
        .route(&format!("{base}/file"), post(create).put(update).delete(delete))
        .route(&format!("{base}/file/{{id}}/status"), get(status))
        .route(&format!("{base}/file/{{id}}/report"), get(report))
        .route(&format!("{base}/files"), get(files))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

/// What a file asks.
#[derive(Clone, Copy)]
enum Action {
    Create,
    Update,
    Delete,
}

/// What a file holds.
enum Items {
    Create(Vec<Body>),
    Update(Vec<Body>),
    Delete(Vec<String>),
}

impl Items {
    fn read(action: Action, zip: &[u8]) -> Result<Self, String> {
        match action {
            Action::Create => read_positions(zip).map(Self::Create),
            Action::Update => read_positions(zip).map(Self::Update),
            Action::Delete => read_iupds(zip).map(Self::Delete),
        }
    }

    const fn len(&self) -> usize {
        match self {
            Self::Create(bodies) | Self::Update(bodies) => bodies.len(),
            Self::Delete(iupds) => iupds.len(),
        }
    }
}

type Place = Path<(String, CreditorFiscalCode)>;

async fn create(hub: State<Arc<Hub>>, feed: Extension<Feed>, place: Place, file: Multipart) -> Response {
    accept(hub, feed, place, file, Action::Create).await
}

async fn update(hub: State<Arc<Hub>>, feed: Extension<Feed>, place: Place, file: Multipart) -> Response {
    accept(hub, feed, place, file, Action::Update).await
}

async fn delete(hub: State<Arc<Hub>>, feed: Extension<Feed>, place: Place, file: Multipart) -> Response {
    accept(hub, feed, place, file, Action::Delete).await
}

async fn accept(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((broker, institution)): Place,
    multipart: Multipart,
    action: Action,
) -> Response {
    if broker != hub.config.broker {
        return forbidden(&broker);
    }
    if hub.archives.uploads(feed).pending() >= MAX_PENDING {
        return problem(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many requests",
            "too many files wait to be read",
        );
    }
    let zip = match file_of(multipart).await {
        Ok(zip) => zip,
        Err(reason) => return bad_request(&[reason]),
    };
    let reading = Arc::clone(&zip);
    let counted =
        tokio::task::spawn_blocking(move || Items::read(action, &reading).map(|items| items.len())).await;
    let submitted = match counted {
        Ok(Ok(submitted)) => submitted,
        Ok(Err(reason)) => return bad_request(&[reason]),
        Err(error) => return bad_request(&[error.to_string()]),
    };
    let id = hub
        .archives
        .uploads(feed)
        .begin(institution.clone(), submitted, hub.now());
    let status = format!(
        "{}/brokers/{broker}/organizations/{institution}/debtpositions/file/{id}/status",
        base(feed)
    );
    tokio::spawn(async move {
        let _turn = hub.archives.turn(feed).lock().await;
        let worker = Arc::clone(&hub);
        let work = move || process(&worker, feed, &institution, &id, action, &zip);
        if tokio::task::spawn_blocking(work).await.is_err() {
            tracing::error!("a bulk file could not be read to its end");
        }
    });
    let headers = [(header::LOCATION, status), (header::RETRY_AFTER, "1".to_owned())];
    (StatusCode::ACCEPTED, headers).into_response()
}

/// The part called `file`.
async fn file_of(mut multipart: Multipart) -> Result<Arc<[u8]>, String> {
    while let Some(part) = multipart.next_field().await.map_err(|error| error.body_text())? {
        if part.name() == Some("file") {
            let bytes = part.bytes().await.map_err(|error| error.body_text())?;
            return Ok(Arc::from(bytes.as_ref()));
        }
    }
    Err("the form has no part called file".to_owned())
}

/// Takes the positions of a file one by one.
fn process(hub: &Hub, feed: Feed, institution: &CreditorFiscalCode, id: &str, action: Action, zip: &[u8]) {
    let now = hub.now();
    match Items::read(action, zip) {
        Ok(Items::Create(bodies)) => take(hub, feed, id, bodies, |archive, body| {
            let iupd = body.iupd.clone();
            (iupd, create_one(archive, institution, feed, body, now))
        }),
        Ok(Items::Update(bodies)) => take(hub, feed, id, bodies, |archive, body| {
            let iupd = body.iupd.clone();
            (iupd, update_one(archive, institution, feed, body, now))
        }),
        Ok(Items::Delete(iupds)) => take(hub, feed, id, iupds, |archive, iupd| {
            let result = archive.remove(institution, &iupd, now).map(|()| 200);
            (iupd, result.map_err(|error| outcome_of(&error)))
        }),
        Err(reason) => tracing::error!(reason, "a bulk file was read when it came and cannot be read now"),
    }
    if let Some(upload) = hub.archives.uploads(feed).find_mut(id) {
        upload.ended_at = Some(hub.now());
    }
}

/// A status, or a status with its reason.
type Outcome = Result<u16, (u16, String)>;

fn take<T>(
    hub: &Hub,
    feed: Feed,
    id: &str,
    items: Vec<T>,
    one: impl Fn(&mut Archive, T) -> (String, Outcome),
) {
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        let outcomes: Vec<(String, Outcome)> = {
            let mut archive = hub.archives.positions(feed);
            items
                .by_ref()
                .take(STEP)
                .map(|item| one(&mut archive, item))
                .collect()
        };
        let mut uploads = hub.archives.uploads(feed);
        let Some(upload) = uploads.find_mut(id) else {
            return;
        };
        for (iupd, outcome) in outcomes {
            match outcome {
                Ok(status) => upload.answer(status, "done".to_owned(), &iupd),
                Err((status, reason)) => upload.answer(status, reason, &iupd),
            }
        }
    }
}

fn create_one(
    archive: &mut Archive,
    institution: &CreditorFiscalCode,
    feed: Feed,
    body: Body,
    now: DateTime<Utc>,
) -> Outcome {
    let mut position = body
        .check(feed, Purpose::Create, now)
        .map_err(|reasons| (400, reasons.join("; ")))?;
    position.publish(now);
    archive
        .insert(institution, &position)
        .map(|()| 201)
        .map_err(|error| outcome_of(&error))
}

fn update_one(
    archive: &mut Archive,
    institution: &CreditorFiscalCode,
    feed: Feed,
    body: Body,
    now: DateTime<Utc>,
) -> Outcome {
    let position = body
        .check(feed, Purpose::Update, now)
        .map_err(|reasons| (400, reasons.join("; ")))?;
    let iupd = position.iupd.clone();
    archive
        .change(institution, &iupd, |before| {
            replaced(&before, position, true, now)
        })
        .map(|_| 200)
        .map_err(|error| outcome_of(&error))
}

fn outcome_of(error: &StoreError) -> (u16, String) {
    match error {
        StoreError::Unknown => (404, "there is no such debt position".to_owned()),
        // The key is not in the words: answers alike are counted together.
        StoreError::Taken(_) => (409, "another debt position has its iupd or its iuv".to_owned()),
        StoreError::Status(status) => (409, format!("the debt position is {status:?}")),
        StoreError::Full => (500, "the archive is full".to_owned()),
    }
}

async fn status(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((_broker, institution, id)): Path<(String, CreditorFiscalCode, String)>,
) -> Response {
    let uploads = hub.archives.uploads(feed);
    uploads
        .find(&institution, &id)
        .map_or_else(no_such_file, |upload| Json(upload.status()).into_response())
}

async fn report(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((_broker, institution, id)): Path<(String, CreditorFiscalCode, String)>,
) -> Response {
    let uploads = hub.archives.uploads(feed);
    let Some(upload) = uploads.find(&institution, &id) else {
        return no_such_file();
    };
    upload.report().map_or_else(
        || problem(StatusCode::TOO_EARLY, "Too early", "the file is still being read"),
        |report| Json(report).into_response(),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    #[serde(default = "hundred")]
    size: usize,
}

const fn hundred() -> usize {
    100
}

async fn files(
    State(hub): State<Arc<Hub>>,
    Extension(feed): Extension<Feed>,
    Path((broker, institution)): Place,
    Query(listing): Query<Listing>,
    headers: HeaderMap,
) -> Response {
    if broker != hub.config.broker {
        return forbidden(&broker);
    }
    let today = hub.now().with_timezone(&Rome).date_naive();
    let to = listing.to.unwrap_or(today);
    let from = listing
        .from
        .or_else(|| to.checked_sub_days(Days::new(WINDOW_DAYS.unsigned_abs())))
        .unwrap_or(to);
    if from < today.checked_sub_days(Days::new(LISTED_DAYS)).unwrap_or(from) {
        let detail = format!("files are listed {LISTED_DAYS} days back");
        return problem(StatusCode::GONE, "Gone", &detail);
    }
    let skip = match headers
        .get(CONTINUATION)
        .map(|token| token.to_str().unwrap_or_default().parse())
    {
        None => 0_usize,
        Some(Ok(skip)) => skip,
        Some(Err(_)) => return bad_request(&[format!("{CONTINUATION} is not one given before")]),
    };
    if !(0..=WINDOW_DAYS).contains(&(to - from).num_days()) || !(100..=500).contains(&listing.size) {
        return bad_request(&[format!(
            "from and to are at most {WINDOW_DAYS} days apart; size is 100 to 500"
        )]);
    }
    let (start, end) = (midnight(from), midnight(to.succ_opt().unwrap_or(to)));
    let uploads = hub.archives.uploads(feed);
    let mut found = uploads.between(&institution, start, end).skip(skip);
    let ids: Vec<String> = found
        .by_ref()
        .take(listing.size)
        .map(|upload| upload.id.clone())
        .collect();
    let more = found.next().is_some();
    let body = Json(json!({ "fileIds": ids, "size": ids.len(), "hasMore": more }));
    if more {
        ([(CONTINUATION, (skip + ids.len()).to_string())], body).into_response()
    } else {
        body.into_response()
    }
}

/// The first instant of an Italian day.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let start = day.and_time(NaiveTime::MIN);
    Rome.from_local_datetime(&start)
        .earliest()
        .map_or(start.and_utc(), |instant| instant.to_utc())
}

const fn base(feed: Feed) -> &'static str {
    match feed {
        Feed::Aca => "/upload/aca/debt-positions-service/v2",
        Feed::Gpd => "/upload/gpd/debt-positions-service/v2",
    }
}

fn no_such_file() -> Response {
    problem(StatusCode::NOT_FOUND, "Not found", "there is no such file")
}

fn forbidden(broker: &str) -> Response {
    let detail = format!("{broker} is not the broker of this sandbox");
    problem(StatusCode::FORBIDDEN, "Forbidden", &detail)
}
