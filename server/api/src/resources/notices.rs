//! Notices, by their number (NAV) or payment reference (IUV).

use crate::answers::{Always, OfOne};
use crate::extract::Path;
use crate::problem::{Code, ProblemBody};
use crate::{ApiState, Authenticated, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use domain::application::Scope;
use services::positions::{NoticeCode, NoticeDocumentError, NoticeOfPosition, find_notice, notice_pdf};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// When to come back for a document, in seconds.
const BUSY_SECONDS: u32 = 3;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(pdf))
}

/// Read a notice: where it stands, in plain words, its QR code, and a link to its document.
#[utoipa::path(
    get,
    operation_id = "read_notice",
    path = "/notices/{code}",
    tag = "Positions",
    security(("token" = ["positions:read"]), ("application" = ["positions:read"])),
    extensions(("x-it" = json!("Un avviso, per numero o per IUV: come sta, il QR e il collegamento al PDF."))),
    params(("code" = String, Path, description = "Its number, 18 digits, or its payment reference.", max_length = 35)),
    responses((status = 200, description = "The notice.", body = NoticeOfPosition), OfOne, Always)
)]
async fn read(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(code): Path<String>,
) -> Result<Json<NoticeOfPosition>, Problem> {
    let code = NoticeCode::parse(&code).ok_or(Code::NotFound)?;
    Ok(Json(
        find_notice(&state.services, &caller, Scope::ReadPositions, &code).await?,
    ))
}

/// Read the notice as a PDF document. It is noted who got it.
#[utoipa::path(
    get,
    operation_id = "read_notice_pdf",
    path = "/notices/{code}/pdf",
    tag = "Positions",
    security(("token" = ["positions:read"]), ("application" = ["positions:read"])),
    extensions(("x-it" = json!("L'avviso in PDF."))),
    params(("code" = String, Path, description = "Its number, 18 digits, or its payment reference.", max_length = 35)),
    responses(
        (status = 200, description = "The document.", content_type = "application/pdf", body = String),
        (status = 409, description = "It cannot be printed: `not_printable`.",
            content_type = "application/problem+json", body = ProblemBody),
        OfOne,
        Always
    )
)]
async fn pdf(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let code = NoticeCode::parse(&code).ok_or(Code::NotFound)?;
    let bytes = notice_pdf(&state.services, &caller, Scope::ReadPositions, &code).await?;
    let head = [
        (CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("inline; filename=\"avviso.pdf\""),
        ),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((head, bytes).into_response())
}

impl From<NoticeDocumentError> for Problem {
    fn from(error: NoticeDocumentError) -> Self {
        match error {
            NoticeDocumentError::Position(error) => error.into(),
            NoticeDocumentError::Refused(error) => Self::of(Code::NotPrintable).about(&error.to_string()),
            NoticeDocumentError::Busy(_) => Self::of(Code::Busy).retry_after(BUSY_SECONDS),
            NoticeDocumentError::Drawing => Code::Internal.into(),
        }
    }
}
