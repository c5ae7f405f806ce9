//! What programs are told when something cannot be done: `application/problem+json` (RFC 9457), with a stable code, and
//! sentences in the language that was asked for.
//!
//! A [`Problem`] travels in the extensions of its answer and is written at the edge ([`render`]), where the language is known.

mod code;

pub use code::Code;

use crate::language::Language;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, HeaderValue, RETRY_AFTER, VARY};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::application::Scope;
use domain::draft::FieldError;
use serde::Serialize;
use services::Unavailable;
use services::caller::Forbidden;
use services::idempotency::IdempotencyError;
use services::rate_limit::TooMany;
use storage::StorageError;
use utoipa::ToSchema;

/// The media type of problems.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// When to come back to an archive that does not answer, in seconds.
pub(crate) const UNAVAILABLE_SECONDS: u32 = 5;

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    /// What it is about, in Italian and in English: part of the detail.
    about: Option<(String, String)>,
    /// What is wrong with the parts of the request.
    errors: Vec<FieldError>,
    /// When it is worth coming back, in seconds.
    retry_after: Option<u32>,
}

impl Problem {
    /// A problem.
    pub const fn of(code: Code) -> Self {
        Self {
            code,
            about: None,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// The same, said of something: a short text without personal data.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        self.about_in(what, what)
    }

    /// The same, said in both languages.
    #[must_use]
    pub fn about_in(self, italian: &str, english: &str) -> Self {
        let short = |text: &str| text.chars().take(200).collect();
        Self {
            about: Some((short(italian), short(english))),
            ..self
        }
    }

    /// The same, with when it is worth coming back.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// What is wrong with the parts of a request.
    pub fn in_fields(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::of(Code::Invalid)
        }
    }

    /// The stable code.
    pub const fn code(&self) -> Code {
        self.code
    }

    fn body(&self, language: Language) -> ProblemBody {
        let mut detail = self.code.detail(language).to_owned();
        if let Some((italian, english)) = &self.about {
            let about = match language {
                Language::Italian => italian,
                Language::English => english,
            };
            detail = format!("{detail} ({about})");
        }
        ProblemBody {
            r#type: self.code.uri(),
            title: self.code.title(language).to_owned(),
            status: self.code.status().as_u16(),
            code: self.code.as_str().to_owned(),
            detail,
            errors: self.errors.iter().map(Into::into).collect(),
        }
    }
}

/// A problem as it is written.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Address of what the code means.
    #[schema(example = "/api/v1/#error-invalid")]
    r#type: String,
    /// The code in words.
    #[schema(example = "La richiesta ha campi sbagliati")]
    title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// The stable code.
    #[schema(example = "invalid")]
    code: String,
    /// What happened and what to do.
    detail: String,
    /// What is wrong with the parts of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
}

/// What is wrong with a part of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The part.
    #[schema(example = "options[0].instalments[2].amount")]
    path: String,
    /// The stable code.
    #[schema(example = "amount")]
    code: &'static str,
    /// What to do, in Italian.
    it: String,
    /// What to do, in English.
    en: String,
}

impl From<&FieldError> for FieldProblem {
    fn from(error: &FieldError) -> Self {
        Self {
            path: error.path.clone(),
            code: error.problem.code(),
            it: error.problem.italian(),
            en: error.problem.english(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = self.code.challenge() {
            response.headers_mut().insert(
                axum::http::header::WWW_AUTHENTICATE,
                HeaderValue::from_static(challenge),
            );
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem of an answer in the language of its request. What the framework refused by itself is a problem too.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| {
        let is_written = response.headers().contains_key(CONTENT_TYPE)
            && !response.headers()[CONTENT_TYPE]
                .as_bytes()
                .starts_with(b"text/plain");
        let code = Code::of_status(response.status())?;
        (!is_written).then(|| Problem::of(code))
    });
    let Some(problem) = problem else {
        return response;
    };
    let body = problem.body(language);
    let text = serde_json::to_vec(&body).expect("texts and numbers can be written");
    let headers = response.headers_mut();
    headers.remove(axum::http::header::CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.append(VARY, HeaderValue::from_static("Accept-Language"));
    *response.body_mut() = Body::from(text);
    response
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::of(code)
    }
}

impl From<Vec<FieldError>> for Problem {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::in_fields(errors)
    }
}

impl From<Forbidden> for Problem {
    fn from(Forbidden { scope }: Forbidden) -> Self {
        Self::of(Code::Forbidden).about(Scope::as_str(scope))
    }
}

impl From<TooMany> for Problem {
    fn from(TooMany { seconds }: TooMany) -> Self {
        Self::of(Code::TooManyRequests).retry_after(seconds)
    }
}

impl From<IdempotencyError> for Problem {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::Reused => Self::of(Code::KeyReused),
            IdempotencyError::InProgress => Self::of(Code::InProgress).retry_after(1),
            IdempotencyError::Unavailable(error) => error.into(),
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(Unavailable(error): Unavailable) -> Self {
        error.into()
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "cannot answer a program");
        match error {
            StorageError::Inconsistent { .. } => Self::of(Code::Internal),
            StorageError::Conflict
            | StorageError::Duplicate { .. }
            | StorageError::Unknown { .. }
            | StorageError::UnsupportedUrl
            | StorageError::Missing { .. }
            | StorageError::Locked
            | StorageError::Full
            | StorageError::NotPermitted
            | StorageError::Damaged
            | StorageError::NotMigrated { .. }
            | StorageError::NewerVersion { .. }
            | StorageError::Unavailable(_)
            | StorageError::Driver(_) => Self::of(Code::Unavailable).retry_after(UNAVAILABLE_SECONDS),
        }
    }
}
