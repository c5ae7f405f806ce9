//! Fees worked out by tariff, with how they come about.

use crate::answers::{Always, OfBody, OfOne};
use crate::extract::{Body, Path};
use crate::problem::Code;
use crate::{ApiState, Authenticated, Problem};
use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::draft::{FieldError, Problem as FieldTrouble};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use services::program_quotes::{QuoteError, quoted_service};
use std::collections::BTreeMap;
use tariff::evaluate::quote;
use tariff::explain::fill;
use tariff::formula::in_words;
use tariff::outlook::holds;
use tariff::{Answer, Answers, Outcome, Text, Tongue};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Answers at most: more questions than any tariff has.
const ANSWERS_MAX: usize = 200;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(work_out))
}

/// What a fee is worked out from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteRequest {
    /// The answers, by the name of their question: texts as people write them (`"12,30"`), whole numbers, or true and false.
    #[schema(value_type = Object, example = json!({"superficie": "80", "occupanti": 3}))]
    answers: BTreeMap<String, Value>,
    /// The day it is worked out for; today when not said.
    #[serde(default)]
    today: Option<NaiveDate>,
}

/// A fee, or why there is none.
#[derive(Serialize, ToSchema)]
struct QuoteAnswer {
    /// Code of the service.
    service: String,
    /// Id of the tariff.
    tariff: String,
    /// Its version; absent when none was in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// SHA-256 of the version's text, in hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    /// The day it was worked out for.
    today: NaiveDate,
    /// The verdict: `due`, `not_due`, `exempt`, `refused`, `invalid`, `not_in_force` or `unworkable`.
    #[schema(example = "due")]
    status: &'static str,
    /// Code of the rule or of what is wrong with an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The question the code is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is due, in cents.
    #[schema(example = 2221)]
    total: i64,
    /// How it comes about.
    lines: Vec<QuoteLine>,
    /// What each beneficiary gets.
    split: Vec<Part>,
    /// The last day on which this total holds; absent when nothing changes it within 400 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    holds_until: Option<NaiveDate>,
}

/// A line of a fee.
#[derive(Serialize, ToSchema)]
struct QuoteLine {
    /// Its name within the tariff.
    id: String,
    /// How much, in cents.
    amount: i64,
    /// What is paid.
    label: Words,
    /// How the amount came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Words>,
    /// The formula in words.
    formula: Words,
    /// The laws it stands on.
    laws: Vec<Words>,
}

/// What a beneficiary gets.
#[derive(Serialize, ToSchema)]
struct Part {
    /// Its name within the tariff.
    beneficiary: String,
    /// How much, in cents.
    amount: i64,
}

/// A text in both languages.
#[derive(Serialize, ToSchema)]
struct Words {
    /// In Italian.
    it: String,
    /// In English.
    en: String,
}

impl Words {
    fn of(write: impl Fn(Tongue) -> String) -> Self {
        Self {
            it: write(Tongue::Italian),
            en: write(Tongue::English),
        }
    }

    fn text(text: &Text) -> Self {
        Self::of(|tongue| text.in_tongue(tongue).to_owned())
    }
}

/// Work a fee out by the service's tariff.
///
/// Nothing is kept. An answer that cannot be used is a verdict (`invalid`, with the question in `field`), not an error.
#[utoipa::path(
    post,
    path = "/services/{service}/quote",
    operation_id = "quote_fee",
    tag = "Quotes",
    security(("token" = ["quotes:read"]), ("application" = ["quotes:read"])),
    extensions(("x-it" = json!("Calcola un importo con la tariffa del servizio."))),
    params(("service" = String, Path, description = "Code of the service.", max_length = 40)),
    request_body = QuoteRequest,
    responses(
        (status = 200, description = "The fee, or why there is none.", body = QuoteAnswer),
        OfOne,
        OfBody,
        Always
    )
)]
async fn work_out(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(code): Path<String>,
    body: Body<QuoteRequest>,
) -> Result<Json<QuoteAnswer>, Problem> {
    let (service, tariff) = quoted_service(&state.services, &caller, &code).await?;
    let answers = answers(&body.content.answers)?;
    let versions = state.services.tariffs.evaluable(&tariff);
    let today = body.content.today.unwrap_or_else(|| state.services.clock.today());
    let quote = quote(&versions, &answers, today);
    let day = |day: NaiveDate| day.format("%d/%m/%Y").to_string();
    let is_worked_out = matches!(quote.outcome, Outcome::Due | Outcome::NotDue | Outcome::Exempt(_));
    let lines = quote.tariff.map_or_else(Vec::new, |tariff| {
        let lines = quote.lines.iter().filter_map(|line| {
            let of = tariff.lines.get(usize::from(line.line))?;
            Some(QuoteLine {
                id: of.id.clone(),
                amount: line.amount.as_i64(),
                label: Words::of(|tongue| fill(&quote, &of.label, tongue, &day)),
                explanation: of
                    .explain
                    .as_ref()
                    .map(|explain| Words::of(|tongue| fill(&quote, explain, tongue, &day))),
                formula: Words::of(|tongue| in_words(tariff, &of.value, tongue)),
                laws: of
                    .laws
                    .iter()
                    .filter_map(|law| tariff.laws.get(usize::from(*law)))
                    .map(|law| Words::text(&law.text))
                    .collect(),
            })
        });
        lines.collect()
    });
    let split = quote.split.iter().filter_map(|(beneficiary, amount)| {
        let beneficiary = quote.tariff?.beneficiaries.get(usize::from(*beneficiary))?;
        Some(Part {
            beneficiary: beneficiary.id.clone(),
            amount: amount.as_i64(),
        })
    });
    Ok(Json(QuoteAnswer {
        service: service.code,
        tariff,
        version: quote.tariff.map(|tariff| tariff.version.clone()),
        digest: quote.tariff.map(|tariff| tariff.digest.clone()),
        today,
        status: quote.outcome.status(),
        code: quote.code().map(str::to_owned),
        field: quote.field().map(str::to_owned),
        total: quote.total.as_i64(),
        split: split.collect(),
        holds_until: if is_worked_out {
            holds(&versions, &answers, today).map(|holds| holds.until)
        } else {
            None
        },
        lines,
    }))
}

/// The answers as the evaluator takes them.
fn answers(given: &BTreeMap<String, Value>) -> Result<Answers, Problem> {
    if given.len() > ANSWERS_MAX {
        return Err(Problem::in_fields(vec![FieldError {
            path: "answers".to_owned(),
            problem: FieldTrouble::Count {
                least: 0,
                most: ANSWERS_MAX,
            },
        }]));
    }
    let mut answers = Vec::with_capacity(given.len());
    let mut errors = Vec::new();
    for (name, value) in given {
        let answer = match value {
            Value::String(text) => Some(Answer::Text(text.clone())),
            Value::Bool(truth) => Some(Answer::Boolean(*truth)),
            Value::Number(number) => number.as_i64().map(Answer::Whole),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        match answer {
            Some(answer) => answers.push((name.as_str(), answer)),
            None => errors.push(FieldError {
                path: format!("answers.{name}"),
                problem: FieldTrouble::Unreadable {
                    expected: (
                        "un testo, un numero intero, true o false (i decimali vanno scritti come testo)",
                        "a text, a whole number, true or false (decimals are written as a text)",
                    ),
                },
            }),
        }
    }
    if errors.is_empty() {
        Ok(answers.into_iter().collect())
    } else {
        Err(errors.into())
    }
}

impl From<QuoteError> for Problem {
    fn from(error: QuoteError) -> Self {
        match error {
            QuoteError::UnknownService => Code::UnknownService.into(),
            QuoteError::Forbidden(error) => error.into(),
            QuoteError::Unavailable(error) => error.into(),
        }
    }
}
