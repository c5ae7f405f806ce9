//! Receipts: what was paid, as the hub says it.

use crate::answers::{Always, OfOne, OfQuery};
use crate::etag::tagged;
use crate::extract::{Path, Query};
use crate::page::{Page, after, limit};
use crate::problem::Code;
use crate::{ApiState, Authenticated, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use domain::receipt::ReceiptDestination;
use domain::{NoticeNumber, ReceiptId, Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use services::clock::instant_of_italian_time;
use services::program_receipts::{ReceiptsError, Sought, find_receipt, link_to_receipt, list_receipts};
use storage::receipts::ReceiptOfPosition;
use url::form_urlencoded::byte_serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(link))
}

/// A receipt (ricevuta telematica).
#[derive(Serialize, ToSchema)]
struct Receipt {
    /// Its id (IUR), which is the payment token too.
    id: String,
    /// The notice paid.
    #[schema(example = "312000000000000123")]
    notice_number: String,
    /// The payment reference.
    iuv: String,
    /// Fiscal code of the institution that issued the notice: one's own, or another that let one's own have a part.
    issuer: String,
    /// Key of the position it is of, when that is one's own.
    position: Option<String>,
    /// Code of its service.
    service: Option<String>,
    /// What it did: `applied`, or why it paid nothing (`paid_twice`, `cancelled`, `replaced`, `other_option_chosen`,
    /// `unpublished`, `unknown`, `as_beneficiary`).
    effect: &'static str,
    /// What was paid to the institutions, in cents.
    amount: i64,
    /// The provider's fee, in cents.
    fee: Option<i64>,
    /// Reason of the payment.
    description: String,
    /// Who owed.
    debtor: Person,
    /// Who paid, when said.
    payer: Option<Person>,
    /// When the debtor was freed.
    paid_at: Option<DateTime<Utc>>,
    /// When the provider applied the payment.
    applied_on: Option<NaiveDate>,
    /// When the money is credited.
    transferred_on: Option<NaiveDate>,
    /// When the receipt came.
    received_at: DateTime<Utc>,
    /// The payment provider.
    provider: Provider,
    /// How it was paid, in the hub's word.
    payment_method: Option<String>,
    /// The parts credited; of another institution's notice, one's own.
    transfers: Vec<Transfer>,
}

/// Who owed or paid.
#[derive(Serialize, ToSchema)]
struct Person {
    /// `natural` or `legal`.
    kind: &'static str,
    /// Fiscal code or VAT number.
    code: String,
    /// Full name.
    full_name: String,
}

/// A payment provider.
#[derive(Serialize, ToSchema)]
struct Provider {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

/// A part of what was paid.
#[derive(Serialize, ToSchema)]
struct Transfer {
    /// 1 to 5.
    id: u8,
    /// How much, in cents.
    amount: i64,
    /// Fiscal code of the institution credited.
    beneficiary: String,
    /// Taxonomy category.
    category: String,
    /// What it is for.
    remittance_information: String,
    /// SHA-256 of the document a stamp duty was bought for, in base64.
    stamp_of: Option<String>,
}

/// A link to a document.
#[derive(Serialize, ToSchema)]
struct DocumentLink {
    /// Its address, for whoever is entitled to the document.
    url: String,
    /// When it stops opening it.
    expires_at: DateTime<Utc>,
}

/// Which receipts are looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filters {
    /// Of this notice, 18 digits: all of them at once, at most a hundred.
    #[param(value_type = Option<String>, pattern = "^[0-9]{18}$")]
    notice_number: Option<NoticeNumber>,
    /// Of positions of this service.
    service: Option<String>,
    /// Received from this instant on.
    from: Option<DateTime<Utc>>,
    /// Received before this instant.
    before: Option<DateTime<Utc>>,
    /// What the page before said in `next`.
    #[param(pattern = "^[A-Za-z0-9_-]{1,1000}$")]
    cursor: Option<String>,
    /// How many at most: 1 to 500, usually 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// List receipts, the newest first.
#[utoipa::path(
    get,
    path = "/receipts",
    operation_id = "list_receipts",
    tag = "Receipts",
    security(("token" = ["receipts:read"]), ("application" = ["receipts:read"])),
    extensions(("x-it" = json!("Le ricevute, dalla più recente."))),
    params(Filters),
    responses((status = 200, description = "A page of receipts.", body = Page<Receipt>), OfQuery, Always)
)]
async fn list(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(filters): Query<Filters>,
) -> Result<Json<Page<Receipt>>, Problem> {
    let sought = Sought {
        notice: filters.notice_number,
        service: filters.service,
        from: filters.from,
        before: filters.before,
    };
    let most = limit(filters.limit)?;
    let from = after(filters.cursor.as_deref())?;
    let of_notice = sought.notice.is_some();
    let found = list_receipts(&state.services, &caller, &sought, from, most.saturating_add(1)).await?;
    let page = if of_notice {
        Page {
            items: found,
            next: None,
        }
    } else {
        Page::cut(found, most, |last| (last.stored.received_at, last.row))
    };
    Ok(Json(page.map(Receipt::from)))
}

/// Read a receipt by its id (IUR).
#[utoipa::path(
    get,
    path = "/receipts/{id}",
    operation_id = "read_receipt",
    tag = "Receipts",
    security(("token" = ["receipts:read"]), ("application" = ["receipts:read"])),
    extensions(("x-it" = json!("Una ricevuta, per identificativo (IUR)."))),
    params(("id" = String, Path, description = "Its id.", max_length = 140)),
    responses(
        (status = 200, description = "The receipt.", body = Receipt),
        (status = 304, description = "It is as it was."),
        OfOne,
        Always
    )
)]
async fn read(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = ReceiptId::parse(&id).map_err(|_| Code::NotFound)?;
    let found = find_receipt(&state.services, &caller, &id).await?;
    tagged(&headers, None, &Receipt::from(found.ok_or(Code::NotFound)?))
}

/// Make a link to the receipt as a PDF document, that ends by itself.
///
/// Whoever opens the link is noted, as for every document.
#[utoipa::path(
    get,
    path = "/receipts/{id}/document",
    operation_id = "link_receipt_document",
    tag = "Receipts",
    security(("token" = ["receipts:read"]), ("application" = ["receipts:read"])),
    extensions(("x-it" = json!("Un collegamento alla ricevuta in PDF, a scadenza."))),
    params(("id" = String, Path, description = "The receipt's id.", max_length = 140)),
    responses((status = 200, description = "The link.", body = DocumentLink), OfOne, Always)
)]
async fn link(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<String>,
) -> Result<Json<DocumentLink>, Problem> {
    let id = ReceiptId::parse(&id).map_err(|_| Code::NotFound)?;
    let (signature, expires_at) = link_to_receipt(&state.services, &caller, &id)
        .await?
        .ok_or(Code::NotFound)?;
    let portal = &state.services.portal_url;
    let recipient = caller.institution();
    let id: String = byte_serialize(id.as_str().as_bytes()).collect();
    Ok(Json(DocumentLink {
        url: format!(
            "{portal}/ricevuta/{recipient}/{id}/documento.pdf?scade={}&firma={}",
            signature.expires, signature.text
        ),
        expires_at,
    }))
}

impl From<ReceiptOfPosition> for Receipt {
    fn from(found: ReceiptOfPosition) -> Self {
        let receipt = &found.stored.receipt;
        Self {
            id: receipt.id.to_string(),
            notice_number: receipt.notice_number.to_string(),
            iuv: receipt.iuv.to_string(),
            issuer: receipt.issuer.to_string(),
            position: found.position_key,
            service: found.service,
            effect: found.stored.effect.as_str(),
            amount: receipt.amount.as_i64(),
            fee: receipt.fee.map(domain::Cents::as_i64),
            description: receipt.description.clone(),
            debtor: Person::from(&receipt.debtor),
            payer: receipt.payer.as_ref().map(Person::from),
            paid_at: receipt.paid_at.map(instant_of_italian_time),
            applied_on: receipt.applied_on,
            transferred_on: receipt.transferred_on,
            received_at: found.stored.received_at,
            provider: Provider {
                id: receipt.psp.id.clone(),
                name: receipt.psp.name.clone(),
            },
            payment_method: receipt.payment_method.clone(),
            transfers: receipt
                .shown_transfers()
                .map(|transfer| Transfer {
                    id: transfer.id,
                    amount: transfer.amount.as_i64(),
                    beneficiary: transfer.beneficiary.to_string(),
                    category: transfer.category.clone(),
                    remittance_information: transfer.remittance_information.clone(),
                    stamp_of: match &transfer.destination {
                        ReceiptDestination::Account(_) => None,
                        ReceiptDestination::StampDuty { document_digest, .. } => document_digest.clone(),
                    },
                })
                .collect(),
        }
    }
}

impl From<&Subject> for Person {
    fn from(subject: &Subject) -> Self {
        Self {
            kind: match subject.kind {
                SubjectKind::Natural => "natural",
                SubjectKind::Legal => "legal",
            },
            code: subject.code.clone(),
            full_name: subject.full_name.clone(),
        }
    }
}

impl From<ReceiptsError> for Problem {
    fn from(error: ReceiptsError) -> Self {
        match error {
            ReceiptsError::Forbidden(error) => error.into(),
            ReceiptsError::Unavailable(error) => error.into(),
        }
    }
}
