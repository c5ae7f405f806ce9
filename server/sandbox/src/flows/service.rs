//! Flow reports as an institution reads them (`fdr_organization.json` 1.2.4), and what tests do with them.

use super::{Flow, Line};
use crate::hub::Hub;
use crate::mischief::FlowMischief;
use crate::money;
use crate::problem::problem;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Days, NaiveTime, Utc};
use domain::CreditorFiscalCode;
use domain::receipt::Psp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The most flows or payments of a page.
const MAX_SIZE: usize = 1_000;
/// How far back flows are listed when nothing says so, in days.
const LISTED_DAYS: u64 = 30;
/// The most days that pass at once.
const MAX_DAYS: u64 = 366;

pub(crate) fn routes() -> Router<Arc<Hub>> {
    let flow = "/organizations/{institution}/fdrs/{fdr}/revisions/{revision}/psps/{psp}";
    Router::new()
        .route("/organizations/{institution}/fdrs", get(list))
        .route(flow, get(head))
        .route(&format!("{flow}/payments"), get(payments))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Search {
    flow_date: Option<DateTime<Utc>>,
    published_gt: Option<DateTime<Utc>>,
    psp_id: Option<String>,
    #[serde(default = "one")]
    page: usize,
    #[serde(default = "thousand")]
    size: usize,
}

const fn one() -> usize {
    1
}

const fn thousand() -> usize {
    MAX_SIZE
}

async fn list(
    State(hub): State<Arc<Hub>>,
    Path(institution): Path<String>,
    search: Result<Query<Search>, QueryRejection>,
) -> Response {
    let search = match search {
        Ok(Query(search)) => search,
        Err(rejection) => return refused(StatusCode::BAD_REQUEST, "FDR-1001", &rejection.body_text()),
    };
    let Ok(institution) = CreditorFiscalCode::parse(&institution) else {
        let reason = format!("Creditor institution with ID [{institution}] is invalid or unknown.");
        return refused(StatusCode::BAD_REQUEST, "FDR-2008", &reason);
    };
    let today = hub.now().date_naive();
    let start = today.checked_sub_days(Days::new(LISTED_DAYS)).unwrap_or(today);
    let start = start.and_time(NaiveTime::MIN).and_utc();
    let published_after = search.published_gt.unwrap_or(start);
    let dated_from = search.flow_date.unwrap_or(start);
    let flows: Vec<Value> = {
        let memory = hub.memory();
        let is_last = |flow: &Flow| {
            let last = memory
                .flows
                .iter()
                .filter(|other| other.id == flow.id)
                .map(|other| other.revision)
                .max();
            last == Some(flow.revision)
        };
        let mut flows: Vec<&Flow> = memory
            .flows
            .iter()
            .filter(|flow| flow.institution == institution)
            .filter(|flow| search.psp_id.as_ref().is_none_or(|psp| flow.psp.id == *psp))
            .filter(|flow| flow.published_at > published_after && flow.published_at >= dated_from)
            .filter(|flow| is_last(flow))
            .collect();
        flows.reverse();
        flows.into_iter().map(listed).collect()
    };
    paged(flows, search.page, search.size)
}

fn listed(flow: &Flow) -> Value {
    json!({
        "fdr": flow.id,
        "pspId": flow.psp.id,
        "revision": flow.revision,
        "published": flow.published_at,
        "flowDate": flow.published_at,
    })
}

type Place = Path<(String, String, u32, String)>;

async fn head(State(hub): State<Arc<Hub>>, place: Place) -> Response {
    let Some(flow) = find(&hub, &place) else {
        return no_such_flow(&place);
    };
    let Psp {
        id,
        name,
        channel,
        fiscal_code,
        ..
    } = &flow.psp;
    Json(json!({
        "status": "PUBLISHED",
        "revision": flow.revision,
        "created": flow.published_at,
        "updated": flow.published_at,
        "published": flow.published_at,
        "fdr": flow.id,
        "fdrDate": flow.published_at,
        "regulation": flow.regulation,
        "regulationDate": flow.regulated_on,
        "bicCodePouringBank": id,
        "sender": {
            "type": "BIC_CODE",
            "id": id,
            "pspId": id,
            "pspName": name,
            "pspBrokerId": fiscal_code.as_deref().unwrap_or(id),
            "channelId": channel,
        },
        "receiver": {
            "id": flow.institution,
            "organizationId": flow.institution,
            "organizationName": flow.institution_name,
        },
        "computedTotPayments": flow.lines.len(),
        "computedSumPayments": money::decimal(flow.computed_total()),
        "totPayments": flow.lines.len(),
        "sumPayments": money::decimal(flow.total),
    }))
    .into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paging {
    #[serde(default = "one")]
    page: usize,
    #[serde(default = "thousand")]
    size: usize,
}

async fn payments(
    State(hub): State<Arc<Hub>>,
    place: Place,
    paging: Result<Query<Paging>, QueryRejection>,
) -> Response {
    let paging = match paging {
        Ok(Query(paging)) => paging,
        Err(rejection) => return refused(StatusCode::BAD_REQUEST, "FDR-1001", &rejection.body_text()),
    };
    let Some(flow) = find(&hub, &place) else {
        return no_such_flow(&place);
    };
    let lines = flow
        .lines
        .iter()
        .zip(1..)
        .map(|(line, index)| payment(line, index))
        .collect();
    paged(lines, paging.page, paging.size)
}

fn payment(line: &Line, index: u32) -> Value {
    json!({
        "index": index,
        "iuv": line.iuv,
        "iur": line.iur,
        "idTransfer": line.transfer,
        "pay": money::decimal(line.amount),
        "payStatus": line.outcome.as_str(),
        "payDate": line.paid_at,
    })
}

fn find(hub: &Hub, Path((institution, fdr, revision, psp)): &Place) -> Option<Flow> {
    let memory = hub.memory();
    let found = memory.flows.find(|flow| {
        flow.institution.as_str() == institution
            && flow.id == *fdr
            && flow.revision == *revision
            && flow.psp.id == *psp
    });
    found.cloned()
}

fn paged(items: Vec<Value>, page: usize, size: usize) -> Response {
    if page == 0 || !(1..=MAX_SIZE).contains(&size) {
        return refused(
            StatusCode::BAD_REQUEST,
            "FDR-1001",
            "page starts at 1, size is 1 to 1000",
        );
    }
    let pages = items.len().div_ceil(size).max(1);
    let data: Vec<Value> = items
        .into_iter()
        .skip((page - 1).saturating_mul(size))
        .take(size)
        .collect();
    Json(json!({
        "metadata": { "pageSize": size, "pageNumber": page, "totPage": pages },
        "count": data.len(),
        "data": data,
    }))
    .into_response()
}

fn no_such_flow(Path((_, fdr, revision, _)): &Place) -> Response {
    let reason = format!("Flow with ID [{fdr}], revision {revision}, is not found.");
    refused(StatusCode::NOT_FOUND, "FDR-3001", &reason)
}

/// `ErrorResponse`
fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({
        "errorId": crate::clock::random_id(),
        "httpStatusCode": status.as_u16(),
        "httpStatusDescription": status.canonical_reason(),
        "appErrorCode": code,
        "errors": [{ "message": message }],
    });
    (status, Json(body)).into_response()
}

/// How many days pass, and how the flows of those that end are told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    days: u64,
    flow: Option<FlowMischief>,
}

/// `POST /api/clock/advance`
pub(crate) async fn advance(State(hub): State<Arc<Hub>>, body: Bytes) -> Response {
    let advance: Advance = match serde_json::from_slice(&body) {
        Ok(advance) => advance,
        Err(error) => return crate::problem::bad_request(&[error.to_string()]),
    };
    if !(1..=MAX_DAYS).contains(&advance.days) {
        return crate::problem::bad_request(&[format!("days is 1 to {MAX_DAYS}")]);
    }
    let fault = advance.flow.unwrap_or(hub.mischief().flow);
    let flows = hub.advance(advance.days, fault);
    Json(json!({ "now": hub.now(), "flows": flows.iter().map(told).collect::<Vec<_>>() })).into_response()
}

/// `GET /api/flows`, newest first
pub(crate) async fn all(State(hub): State<Arc<Hub>>) -> Json<Vec<Value>> {
    Json(hub.memory().flows.iter().map(told).collect())
}

fn told(flow: &Flow) -> Value {
    json!({
        "id": flow.id,
        "revision": flow.revision,
        "psp": flow.psp.id,
        "institution": flow.institution,
        "regulation": flow.regulation,
        "regulated_on": flow.regulated_on,
        "lines": flow.lines.len(),
        "total_cents": flow.total,
        "computed_cents": flow.computed_total(),
    })
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Revise {
    flow: Option<FlowMischief>,
}

/// `POST /api/flows/{id}/revise`
pub(crate) async fn revise(State(hub): State<Arc<Hub>>, Path(id): Path<String>, body: Bytes) -> Response {
    let revise: Revise = match serde_json::from_slice(if body.is_empty() { b"{}" } else { &body }) {
        Ok(revise) => revise,
        Err(error) => return crate::problem::bad_request(&[error.to_string()]),
    };
    hub.revise(&id, revise.flow.unwrap_or(hub.mischief().flow))
        .map_or_else(
            || {
                problem(
                    StatusCode::NOT_FOUND,
                    "Not found",
                    "there is no such flow, or no line of it would be left",
                )
            },
            |flow| Json(told(&flow)).into_response(),
        )
}

/// `GET /api/flows/{id}.xml`: its last revision
pub(crate) async fn xml(State(hub): State<Arc<Hub>>, Path(file): Path<String>) -> Response {
    let id = file.strip_suffix(".xml").unwrap_or(&file);
    let found = hub.memory().flows.find(|flow| flow.id == id).cloned();
    found.map_or_else(
        || problem(StatusCode::NOT_FOUND, "Not found", "there is no such flow"),
        |flow| {
            (
                [(header::CONTENT_TYPE, "application/xml")],
                super::xml::write(&flow),
            )
                .into_response()
        },
    )
}
