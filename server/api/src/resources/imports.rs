//! Bulk loads: files of debts, how far each is, and what became of its rows.

use crate::answers::{Always, OfBody, OfOne, OfQuery};
use crate::etag::tagged;
use crate::extract::{Path, Query};
use crate::page::{Page, after, limit};
use crate::problem::{Code, UNAVAILABLE_SECONDS};
use crate::{ApiState, Authenticated, Problem};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use http_body::Frame;
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use services::digest::hexadecimal;
use services::imports::{
    Applied, Checked, ImportError, LISTED_MAX, ReceiveError, Receiving, Wish, change_import, list_imports,
    outcome_of, show_import,
};
use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use storage::audit::Actor;
use storage::imports::Import as Kept;
use tokio::sync::mpsc::{Receiver, channel};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(outcome))
        .routes(routes!(apply))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
}

/// What takes as long as its file does to come.
pub(crate) fn uploads() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(upload))
}

/// A file of debts, and how far it is.
#[derive(Serialize, ToSchema)]
struct Import {
    /// Its number.
    id: i64,
    /// The application it is loaded for.
    application: String,
    /// Its name as it came.
    file_name: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    sha256: String,
    /// Its length in bytes.
    bytes: u64,
    /// What it is: `lanterna`, `json_lines`, `govpay`, `unified_platform`.
    format: String,
    /// Where it stands: `received`, `checking`, `checked`, `applying`, `paused`, `done`, `cancelled`, `failed`.
    state: &'static str,
    /// Whether it is applied as soon as it is checked.
    apply: bool,
    /// What the check found: the preview.
    checked: CheckedView,
    /// What was done so far.
    applied: AppliedView,
    /// How much of the file is applied, in bytes.
    applied_bytes: u64,
    /// Why it failed.
    failure: Option<String>,
    /// When the file came.
    created_at: DateTime<Utc>,
    /// When it was over.
    ended_at: Option<DateTime<Utc>>,
}

/// What a check found.
#[derive(Serialize, ToSchema)]
struct CheckedView {
    /// Bytes looked through so far.
    bytes: u64,
    /// Rows, the header and empty ones included.
    rows: u64,
    /// Debts: rows of one position are one.
    debts: u64,
    /// Those in which nothing is wrong.
    right: u64,
    /// Those in which something is.
    wrong: u64,
    /// Debts whose key came before in the file.
    repeated: u64,
    /// How many there are of each operation.
    operations: BTreeMap<String, u64>,
    /// Columns of the file that are not used.
    ignored_columns: Vec<String>,
    /// The first hundred errors; the outcome has all.
    errors: Vec<RowProblem>,
}

/// An error of a row.
#[derive(Serialize, ToSchema)]
struct RowProblem {
    /// The row, from 1, the header included.
    row: u64,
    /// The column; empty when it is the whole row.
    column: String,
    /// The stable code.
    code: String,
    /// What to do, in Italian.
    it: String,
    /// What to do, in English.
    en: String,
}

/// What was done, debt by debt.
#[derive(Serialize, ToSchema)]
struct AppliedView {
    /// Positions made.
    inserted: u64,
    /// Positions changed.
    updated: u64,
    /// Positions that were so already.
    unchanged: u64,
    /// Positions withdrawn.
    cancelled: u64,
    /// Positions that took another's place.
    replaced: u64,
    /// Debts nothing was done of.
    refused: u64,
}

/// How a file is to be taken.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Sending {
    /// Its name, for people; of a form, that of the file when this is left out.
    #[param(max_length = 200)]
    file_name: Option<String>,
    /// Whether to apply it as soon as it is checked; otherwise it waits for `apply`.
    #[serde(default)]
    apply: bool,
}

/// Which imports are looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Paging {
    /// What the page before said in `next`.
    #[param(pattern = "^[A-Za-z0-9_-]{1,1000}$")]
    cursor: Option<String>,
    /// How many at most: 1 to 500, usually 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// Send a file of debts: our CSV, JSON Lines, the CSV of `GovPay` or of the Piattaforma Unitaria 2.0, as it is or in a form.
///
/// The same file twice is one import: the second time it is answered with 200.
#[utoipa::path(
    post,
    operation_id = "load_file",
    path = "/imports",
    tag = "Imports",
    security(("token" = ["imports:write"]), ("application" = ["imports:write"])),
    extensions(("x-it" = json!("Manda un file di debiti: CSV nostro, JSON Lines, CSV di GovPay o della Piattaforma Unitaria 2.0."))),
    params(Sending),
    request_body(content(
        (String = "text/csv"),
        (String = "application/x-ndjson"),
        (String = "application/octet-stream"),
    )),
    responses(
        (status = 201, description = "The file is here, and is being checked.", body = Import),
        (status = 200, description = "The same file was here already.", body = Import),
        OfBody,
        Always
    )
)]
async fn upload(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(sending): Query<Sending>,
    request: Request,
) -> Result<Response, Problem> {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let mut receiving = Receiving::begin(&state.services, &caller).await?;
    let mut name = sending.file_name;
    match kind.as_str() {
        "text/csv" | "application/x-ndjson" | "application/ndjson" | "application/octet-stream" | "" => {
            let mut body = request.into_body();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|_| Code::MalformedBody)?;
                if let Ok(bytes) = frame.into_data() {
                    receiving.take(&bytes).await?;
                }
            }
        }
        "multipart/form-data" => {
            let form = Multipart::from_request(request, &()).await;
            let mut form = form.map_err(|_| Code::MalformedBody)?;
            let mut files = 0;
            while let Some(mut field) = form.next_field().await.map_err(|_| Code::MalformedBody)? {
                files += 1;
                if files > 1 {
                    return Err(Problem::of(Code::MalformedBody).about("one file in a form"));
                }
                name = name.or_else(|| field.file_name().map(str::to_owned));
                while let Some(bytes) = field.chunk().await.map_err(|_| Code::MalformedBody)? {
                    receiving.take(&bytes).await?;
                }
            }
        }
        _ => {
            return Err(Problem::of(Code::OtherContentType)
                .about("text/csv, application/x-ndjson, multipart/form-data"));
        }
    }
    let name = name.unwrap_or_else(|| "file".to_owned());
    let actor = Actor::Application(caller.application().id.clone());
    let received = receiving
        .keep(&state.services, &caller, actor, &name, sending.apply)
        .await?;
    let status = if received.is_known {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(Import::try_from(received.import)?)).into_response())
}

/// List the imports, the newest first.
#[utoipa::path(
    get,
    operation_id = "list_imports",
    path = "/imports",
    tag = "Imports",
    security(("token" = ["imports:write"]), ("application" = ["imports:write"])),
    extensions(("x-it" = json!("I caricamenti, dal più recente."))),
    params(Paging),
    responses((status = 200, description = "A page of imports.", body = Page<Import>), OfQuery, Always)
)]
async fn list(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Import>>, Problem> {
    let most = limit(paging.limit)?.min(LISTED_MAX - 1);
    let before: Option<i64> = after(paging.cursor.as_deref())?;
    let found = list_imports(&state.services, &caller, before, most + 1).await?;
    let page = Page::cut(found, most, |last| last.id);
    let next = page.next;
    let items = page
        .items
        .into_iter()
        .map(Import::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Json(Page { items, next }))
}

/// Read an import: how far it is, what its check found, the first errors.
#[utoipa::path(
    get,
    operation_id = "read_import",
    path = "/imports/{id}",
    tag = "Imports",
    security(("token" = ["imports:write"]), ("application" = ["imports:write"])),
    extensions(("x-it" = json!("Un caricamento: a che punto è, che cosa ha trovato il controllo, i primi errori."))),
    params(("id" = i64, Path, description = "Its number.")),
    responses(
        (status = 200, description = "The import.", body = Import),
        (status = 304, description = "It is as it was."),
        OfOne,
        Always
    )
)]
async fn read(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let import = show_import(&state.services, &caller, id).await?;
    tagged(&headers, None, &Import::try_from(import)?)
}

/// Read the outcome: a CSV file with a line for each row, of what was done so far.
#[utoipa::path(
    get,
    operation_id = "read_import_outcome",
    path = "/imports/{id}/outcome",
    tag = "Imports",
    security(("token" = ["imports:write"]), ("application" = ["imports:write"])),
    extensions(("x-it" = json!("L'esito: un CSV con una riga per ogni riga del file, di quanto fatto finora."))),
    params(("id" = i64, Path, description = "Its number.")),
    responses((status = 200, description = "The file.", body = String, content_type = "text/csv"), OfOne, Always)
)]
async fn outcome(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let mut file = outcome_of(&state.services, &caller, id).await?;
    let (pieces, written) = channel(2);
    tokio::spawn(async move {
        loop {
            let piece = match file.next().await {
                Ok(Some(piece)) => Ok(Bytes::from(piece)),
                Ok(None) => break,
                // The body ends before its time: whoever reads it knows that it is not whole.
                Err(error) => Err(io::Error::other(error.to_string())),
            };
            let is_over = piece.is_err();
            if pieces.send(piece).await.is_err() || is_over {
                break;
            }
        }
    });
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"outcome-{id}.csv\""),
        ),
    ];
    Ok((headers, Body::new(Pieces(written))).into_response())
}

/// A body written piece by piece, no faster than it is read.
struct Pieces(Receiver<io::Result<Bytes>>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = self.0.poll_recv(context);
        piece.map(|piece| piece.map(|bytes| bytes.map(Frame::data)))
    }
}

macro_rules! wish {
    ($name:ident, $id:literal, $path:literal, $wish:expr, $en:literal, $it:literal) => {
        #[doc = $en]
        #[utoipa::path(
                    post,
                    operation_id = $id,
                    path = $path,
                    tag = "Imports",
                    security(("token" = ["imports:write"]), ("application" = ["imports:write"])),
                    extensions(("x-it" = json!($it))),
                    params(("id" = i64, Path, description = "Its number.")),
                    responses(
                        (status = 200, description = "The import as it is now.", body = Import),
                        (status = 409, description = "It stands where that cannot be done: `import_state`.",
                         body = crate::problem::ProblemBody, content_type = "application/problem+json"),
                        OfOne,
                        Always
                    )
                )]
        async fn $name(
            State(state): State<ApiState>,
            caller: Authenticated,
            Path(id): Path<i64>,
        ) -> Result<Json<Import>, Problem> {
            let actor = Actor::Application(caller.application().id.clone());
            let import = change_import(&state.services, &caller, actor, id, $wish).await?;
            Ok(Json(Import::try_from(import)?))
        }
    };
}

wish!(
    apply,
    "apply_import",
    "/imports/{id}/apply",
    Wish::Apply,
    "Apply an import, now or as soon as it is checked.",
    "Applica un caricamento, subito o appena controllato."
);
wish!(
    pause,
    "pause_import",
    "/imports/{id}/pause",
    Wish::Pause,
    "Stop an import for a while.",
    "Sospende un caricamento."
);
wish!(
    resume,
    "resume_import",
    "/imports/{id}/resume",
    Wish::Resume,
    "Go on with an import that was stopped for a while.",
    "Riprende un caricamento sospeso."
);
wish!(
    cancel,
    "cancel_import",
    "/imports/{id}/cancel",
    Wish::Cancel,
    "Stop an import for good. What was applied stays.",
    "Annulla un caricamento. Quanto già applicato resta."
);

impl TryFrom<Kept> for Import {
    type Error = Problem;

    fn try_from(kept: Kept) -> Result<Self, Problem> {
        let checked: Checked = kept.read_checked()?;
        let applied: Applied = kept.read_applied()?;
        Ok(Self {
            id: kept.id,
            sha256: hexadecimal(&kept.digest),
            bytes: kept.bytes,
            state: kept.state.as_str(),
            apply: kept.is_unattended,
            checked: checked.into(),
            applied: applied.into(),
            applied_bytes: kept.place_byte,
            application: kept.application,
            file_name: kept.file_name,
            format: kept.format,
            failure: kept.failure,
            created_at: kept.created_at,
            ended_at: kept.ended_at,
        })
    }
}

impl From<Checked> for CheckedView {
    fn from(checked: Checked) -> Self {
        Self {
            bytes: checked.bytes,
            rows: checked.rows,
            debts: checked.debts,
            right: checked.right,
            wrong: checked.wrong,
            repeated: checked.repeated,
            operations: checked.operations,
            ignored_columns: checked.ignored_columns,
            errors: checked
                .findings
                .into_iter()
                .map(|finding| RowProblem {
                    row: finding.row,
                    column: finding.column,
                    code: finding.code,
                    it: finding.it,
                    en: finding.en,
                })
                .collect(),
        }
    }
}

impl From<Applied> for AppliedView {
    fn from(applied: Applied) -> Self {
        Self {
            inserted: applied.inserted,
            updated: applied.updated,
            unchanged: applied.unchanged,
            cancelled: applied.cancelled,
            replaced: applied.replaced,
            refused: applied.refused,
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NotFound => Code::NotFound.into(),
            ImportError::NotNow(state) => Self::of(Code::ImportState).about(state.as_str()),
            ImportError::Forbidden(error) => error.into(),
            ImportError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ReceiveError> for Problem {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Refused(refused) => {
                let told = |sentence: &str| format!("{}: {sentence}", refused.code());
                Self::of(Code::FileRefused).about_in(&told(&refused.italian()), &told(&refused.english()))
            }
            ReceiveError::TooLarge(most) => Self::of(Code::FileTooLarge).about(&format!("{most} bytes")),
            ReceiveError::Forbidden(error) => error.into(),
            ReceiveError::File(error) => {
                tracing::error!(%error, "a file of debts cannot be kept");
                Self::of(Code::Unavailable).retry_after(UNAVAILABLE_SECONDS)
            }
            ReceiveError::Unavailable(error) => error.into(),
        }
    }
}
