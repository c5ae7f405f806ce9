//! Receipts and notices as files: the PDF, and what it says as JSON for the browser that draws it itself.
//!
//! A receipt is reached by its unguessable link or by a signed one; a notice, whose document names who owes, by a signed
//! link that a short proof leads to. Everything else is answered with a page that says what to do, never with a document.

mod words;

use super::AppState;
use app::address::{NoticeKey, PRINT_ID, Page};
use app::{ClientAddress, Language, PlainPage, plain_page};
use axum::extract::{OriginalUri, Path, RawQuery, State};
use axum::http::{Extensions, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use documents::Document;
use domain::{CreditorFiscalCode, NoticeNumber, ReceiptId};
use serde::Serialize;
use serde_json::json;
use services::documents::access::{
    Asked, NoticeInHand, ReachError, ReceiptInHand, Wanted, notice_by_link, receipt_by_link, receipt_by_token,
};
use services::documents::links::{LinkProblem, Signature};
use services::documents::prepare::Extent;
use services::documents::{Busy, Place, draw};
use std::net::{IpAddr, Ipv4Addr};
use storage::document_accesses::HandedOut;
use words::Word;

/// Seconds after which somebody who found no room should come back.
const RETRY_AFTER_SECONDS: u32 = 5;
/// The documents, in both languages of the portal.
pub(super) fn routes() -> Router<AppState> {
    let mut router = Router::new();
    for (notice, receipt, document) in [
        ("/avviso", "/ricevuta", "documento"),
        ("/en/notice", "/en/receipt", "document"),
    ] {
        for form in ["pdf", "json"] {
            let file = format!("{document}.{form}");
            router = router
                .route(
                    &format!("{notice}/{{institution}}/{{number}}/{file}"),
                    get(notice_document),
                )
                .route(&format!("{receipt}/{{token}}/{file}"), get(receipt_document))
                .route(
                    &format!("{receipt}/{{token}}/{{receipt}}/{file}"),
                    get(signed_receipt_document),
                );
        }
    }
    router
}

/// The address of a notice's document behind a signed link.
pub(crate) fn notice_address(
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
    signature: &Signature,
    language: Language,
) -> String {
    let path = language.pick("/avviso/", "/en/notice/");
    let file = language.pick("documento.pdf", "document.pdf");
    format!(
        "{path}{institution}/{number}/{file}{}",
        query_of(signature, language)
    )
}

/// The address of a receipt's document behind a signed link.
pub(crate) fn receipt_address(
    recipient: &CreditorFiscalCode,
    id: &ReceiptId,
    signature: &Signature,
    language: Language,
) -> String {
    let path = language.pick("/ricevuta/", "/en/receipt/");
    let file = language.pick("documento.pdf", "document.pdf");
    let id: String = url::form_urlencoded::byte_serialize(id.as_str().as_bytes()).collect();
    format!("{path}{recipient}/{id}/{file}{}", query_of(signature, language))
}

fn query_of(signature: &Signature, language: Language) -> String {
    let (expires, signed) = language.pick(("scade", "firma"), ("expires", "signature"));
    format!("?{expires}={}&{signed}={}", signature.expires, signature.text)
}

/// What an address asks for.
struct Request {
    language: Language,
    form: Form,
    wanted: Wanted,
    extent: Extent,
    is_download: bool,
    signature: Signature,
    from: IpAddr,
    /// Whether the document is wanted, and not only to know whether it is there (HEAD).
    is_wanted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Pdf,
    Json,
}

impl Request {
    fn read(method: &Method, uri: &Uri, query: &str, extensions: &Extensions) -> Self {
        let language = Language::of_path(uri.path());
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .take(16)
            .collect();
        let value = |italian: &str, english: &str| {
            let found = pairs.iter().find(|(key, _)| key == italian || key == english);
            found.map(|(_, value)| value.as_str())
        };
        let is_asked =
            |italian: &str, english: &str| value(italian, english).is_some_and(|value| value == "1");
        let tag = value("lingua", "language");
        let wanted = documents::Language::ALL
            .into_iter()
            .find(|language| Some(language.tag()) == tag);
        let wanted = wanted.or(language.pick(None, Some(documents::Language::En)));
        let form = if uri.path().rsplit('.').next() == Some("json") {
            Form::Json
        } else {
            Form::Pdf
        };
        Self {
            language,
            form,
            wanted: wanted.map_or(Wanted::Usual, Wanted::Also),
            extent: if is_asked("solo", "only") {
                Extent::Instalment
            } else {
                Extent::Position
            },
            is_download: is_asked("scarica", "download"),
            signature: Signature {
                expires: value("scade", "expires")
                    .and_then(|text| text.parse().ok())
                    .unwrap_or_default(),
                text: value("firma", "signature").unwrap_or_default().to_owned(),
            },
            from: address_of(extensions),
            is_wanted: method != Method::HEAD,
        }
    }

    fn is_original(query: &str) -> bool {
        url::form_urlencoded::parse(query.as_bytes())
            .any(|(key, value)| matches!(&*key, "originale" | "original") && value == "1")
    }

    fn asked(&self, original: bool) -> Asked {
        Asked {
            form: match self.form {
                Form::Json => HandedOut::Data,
                Form::Pdf if original => HandedOut::Original,
                Form::Pdf => HandedOut::Pdf,
            },
            languages: self.wanted,
            extent: self.extent,
            from: Some(self.from),
            is_handed_out: self.is_wanted,
        }
    }
}

fn address_of(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ClientAddress>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0)
}

/// A notice behind a signed link.
async fn notice_document(
    State(state): State<AppState>,
    Path((institution, number)): Path<(String, String)>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
    extensions: Extensions,
) -> Response {
    let request = Request::read(&method, &uri, &query.unwrap_or_default(), &extensions);
    let Some(key) = key_of(&institution, &number) else {
        return problem(&state, &request, None, Problem::NotFound);
    };
    let place = match room(&state, request.form).await {
        Ok(place) => place,
        Err(Busy) => return problem(&state, &request, Some(&key), Problem::Busy),
    };
    let asked = request.asked(false);
    let (institution, number) = (&key.institution, &key.number);
    let in_hand = notice_by_link(&state.services, institution, number, &request.signature, asked).await;
    match in_hand {
        Ok(in_hand) => match place {
            None => data(&in_hand.notice),
            Some(place) => match documents::notice::document(&in_hand.notice) {
                Ok(noticed) => {
                    let name = name_of(&in_hand);
                    pdf(&state, &request, place, noticed.document, &name).await
                }
                Err(error) => problem(&state, &request, Some(&key), ReachError::Refused(error).into()),
            },
        },
        Err(error) => problem(&state, &request, Some(&key), error.into()),
    }
}

/// The name a notice is saved under.
pub(crate) fn name_of(in_hand: &NoticeInHand) -> String {
    documents::notice::file_name(&in_hand.notice, Some(&in_hand.service))
        .unwrap_or_else(|| "avviso.pdf".to_owned())
}

/// A receipt by its own link.
async fn receipt_document(
    State(state): State<AppState>,
    Path(token): Path<String>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
    extensions: Extensions,
) -> Response {
    let query = query.unwrap_or_default();
    let request = Request::read(&method, &uri, &query, &extensions);
    let place = match room(&state, request.form).await {
        Ok(place) => place,
        Err(Busy) => return problem(&state, &request, None, Problem::Busy),
    };
    let asked = request.asked(Request::is_original(&query));
    let in_hand = receipt_by_token(&state.services, &token, asked).await;
    receipt(&state, &request, place, in_hand).await
}

/// A receipt behind a signed link.
async fn signed_receipt_document(
    State(state): State<AppState>,
    Path((institution, receipt_id)): Path<(String, String)>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
    extensions: Extensions,
) -> Response {
    let query = query.unwrap_or_default();
    let request = Request::read(&method, &uri, &query, &extensions);
    let (Ok(institution), Ok(id)) = (
        CreditorFiscalCode::parse(&institution),
        ReceiptId::parse(&receipt_id),
    ) else {
        return problem(&state, &request, None, Problem::NotFound);
    };
    let place = match room(&state, request.form).await {
        Ok(place) => place,
        Err(Busy) => return problem(&state, &request, None, Problem::Busy),
    };
    let asked = request.asked(Request::is_original(&query));
    let in_hand = receipt_by_link(&state.services, &institution, &id, &request.signature, asked).await;
    receipt(&state, &request, place, in_hand).await
}

async fn receipt(
    state: &AppState,
    request: &Request,
    place: Option<Place>,
    in_hand: Result<ReceiptInHand, ReachError>,
) -> Response {
    let in_hand = match in_hand {
        Ok(in_hand) => in_hand,
        Err(error) => return problem(state, request, None, error.into()),
    };
    match place {
        None => data(&in_hand.receipt),
        Some(place) => {
            let name = documents::receipt::file_name(&in_hand.receipt, in_hand.language);
            let document = documents::receipt::document(&in_hand.receipt, in_hand.language, in_hand.original);
            pdf(state, request, place, document, &name).await
        }
    }
}

/// Room to draw, where something is to be drawn.
async fn room(state: &AppState, form: Form) -> Result<Option<Place>, Busy> {
    match form {
        Form::Pdf => state.services.documents.place().await.map(Some),
        Form::Json => Ok(None),
    }
}

/// What every document's answer carries: it is one person's.
const PRIVATE: (HeaderName, HeaderValue) = (
    header::CACHE_CONTROL,
    HeaderValue::from_static("private, no-store"),
);

fn data(says: &impl Serialize) -> Response {
    ([PRIVATE], Json(says)).into_response()
}

async fn pdf(state: &AppState, request: &Request, place: Place, document: Document, name: &str) -> Response {
    match draw(place, document).await {
        Ok(bytes) => {
            let how = if request.is_download {
                "attachment"
            } else {
                "inline"
            };
            let headers = [
                PRIVATE,
                (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
                (
                    header::CONTENT_DISPOSITION,
                    // Names of documents are letters, digits and hyphens of ASCII.
                    HeaderValue::try_from(format!("{how}; filename=\"{name}\""))
                        .unwrap_or(HeaderValue::from_static("attachment")),
                ),
            ];
            (headers, bytes).into_response()
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                name,
                "cannot draw a document"
            );
            problem(state, request, None, Problem::NotDrawn)
        }
    }
}

fn key_of(institution: &str, number: &str) -> Option<NoticeKey> {
    Some(NoticeKey {
        institution: CreditorFiscalCode::parse(institution).ok()?,
        number: NoticeNumber::parse(number).ok()?,
    })
}

fn back_to_notice(key: &NoticeKey, language: Language) -> (String, String) {
    let page = Page::Notice {
        key: key.clone(),
        printed: None,
    };
    (page.address(language), Word::ToNotice.text(language).to_owned())
}

/// Why there is no document.
#[derive(Clone, Copy)]
enum Problem {
    NotFound,
    Forged,
    Expired,
    Refused(documents::notice::NoticeError),
    OriginalGone,
    Busy,
    NotDrawn,
    Unavailable,
}

impl From<ReachError> for Problem {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::Link(LinkProblem::Forged) => Self::Forged,
            ReachError::Link(LinkProblem::Expired) => Self::Expired,
            ReachError::NotFound => Self::NotFound,
            ReachError::Refused(error) => Self::Refused(error),
            ReachError::OriginalGone => Self::OriginalGone,
            ReachError::Unavailable(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "documents cannot be read"
                );
                Self::Unavailable
            }
        }
    }
}

impl Problem {
    const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Expired | Self::OriginalGone => StatusCode::GONE,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::NotDrawn => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Its name for programs.
    const fn code(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forged => "forged",
            Self::Expired => "expired",
            Self::Refused(_) => "refused",
            Self::OriginalGone => "original_gone",
            Self::Busy => "busy",
            Self::NotDrawn => "not_drawn",
            Self::Unavailable => "unavailable",
        }
    }

    const fn words(self) -> (Word, Word) {
        match self {
            Self::NotFound => (Word::NotFoundTitle, Word::NotFoundText),
            Self::Forged => (Word::ForgedTitle, Word::ForgedText),
            Self::Expired => (Word::ExpiredTitle, Word::ExpiredText),
            Self::Refused(_) => (Word::RefusedTitle, Word::RefusedText),
            Self::OriginalGone => (Word::OriginalGoneTitle, Word::OriginalGoneText),
            Self::Busy => (Word::BusyTitle, Word::BusyText),
            Self::NotDrawn => (Word::NotDrawnTitle, Word::NotDrawnText),
            Self::Unavailable => (Word::UnavailableTitle, Word::UnavailableText),
        }
    }
}

/// The answer where there is no document: a page, or a word for a program.
fn problem(state: &AppState, request: &Request, notice: Option<&NoticeKey>, problem: Problem) -> Response {
    let language = request.language;
    let status = problem.status();
    let mut response = if request.form == Form::Json {
        (status, Json(json!({ "problem": problem.code() }))).into_response()
    } else {
        let (title, text) = problem.words();
        let mut text = text.text(language).to_owned();
        if let Problem::Refused(error) = &problem {
            let reason = language.pick::<fn(&documents::notice::NoticeError) -> String>(
                documents::notice::NoticeError::italian,
                ToString::to_string,
            );
            text = format!("{text} {}.", reason(error));
        }
        let page = PlainPage {
            status,
            title: title.text(language).to_owned(),
            text,
            way_on: match (notice, &problem) {
                // Another proof makes another link.
                (Some(key), Problem::Expired | Problem::Forged) => (
                    [&back_to_notice(key, language).0, "#", PRINT_ID].concat(),
                    Word::Again.text(language).to_owned(),
                ),
                (Some(key), _) => back_to_notice(key, language),
                (None, _) => {
                    let form = Page::FindReceipt { code: String::new() };
                    (form.address(language), Word::ToReceipts.text(language).to_owned())
                }
            },
        };
        plain_page(&page, &state.portal, &state.assets, language)
    };
    let headers = response.headers_mut();
    headers.insert(PRIVATE.0, PRIVATE.1);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    }
    response
}
