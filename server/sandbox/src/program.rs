//! An office's management program, so that programs' side can be tried too: it says what is due on the day it is asked,
//! and takes the outcomes it is told. What the institution signs is checked, and what the program answers is signed, with
//! [`PROGRAM_KEY`].

use crate::clock;
use crate::hub::Hub;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, Utc};
use domain::Cents;
use domain::todays_amount::AmountQuestion;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use webhooks::Secret;
use webhooks::signature::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signatures, verify};

/// The key of the sandbox's program. Everybody knows it: nothing real is signed with it.
pub const PROGRAM_KEY: &str = "whsec_bGFudGVybmEgcHJvdmEgbGFudGVybmEgcHJvdmE=";

/// Late interest for each day of the month, in cents.
const INTEREST_OF_A_DAY: i64 = 3;
/// How long the program takes when it is slow: longer than it is waited for.
const SLOW: Duration = Duration::from_secs(2);
/// Outcomes and questions remembered of each other.
pub(crate) const REMEMBERED: usize = 100;

/// A question the program answered.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) question: AmountQuestion,
    pub(crate) answer: String,
}

/// An outcome the program was told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) at: DateTime<Utc>,
    /// Its id, as the message says.
    pub(crate) id: String,
    /// Whether it was signed with the sandbox's key, or why it is not believed.
    pub(crate) signature: Result<(), String>,
    pub(crate) body: String,
}

/// How the program behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Manners {
    /// It says what is due.
    #[default]
    Answers,
    /// It has trouble of its own.
    Fails,
    /// It answers too late.
    Slow,
    /// It says that nothing is due.
    NothingDue,
    /// It says that the debt is no more.
    Withdraws,
    /// What it says makes no sense.
    Rambles,
}

impl Manners {
    pub(crate) const ALL: [Self; 6] = [
        Self::Answers,
        Self::Fails,
        Self::Slow,
        Self::NothingDue,
        Self::Withdraws,
        Self::Rambles,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Fails => "fails",
            Self::Slow => "slow",
            Self::NothingDue => "nothing_due",
            Self::Withdraws => "withdraws",
            Self::Rambles => "rambles",
        }
    }
}

fn key() -> [Secret; 1] {
    [Secret::parse(PROGRAM_KEY).expect("the sandbox's key is one")]
}

/// `POST /program/amount`: what is due today.
pub(crate) async fn amount(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    let refused = |reason: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": reason }))).into_response();
    let id = match verify(&key(), &headers, &body, clock::now()) {
        Ok(id) => id.to_owned(),
        Err(error) => return refused(&error.to_string()),
    };
    let question: AmountQuestion = match serde_json::from_slice(&body) {
        Ok(question) => question,
        Err(error) => return refused(&error.to_string()),
    };
    let manners = hub.memory().manners;
    if manners == Manners::Slow {
        tokio::time::sleep(SLOW).await;
    }
    let Some(answer) = answer(manners, &question) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let answer = answer.to_string();
    hub.memory().asked.push(Asked {
        question,
        answer: answer.clone(),
    });
    let timestamp = clock::now().timestamp();
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/json".to_owned()),
        (ID_HEADER, id.clone()),
        (TIMESTAMP_HEADER, timestamp.to_string()),
        (
            SIGNATURE_HEADER,
            signatures(&key(), &id, timestamp, answer.as_bytes()),
        ),
    ];
    (headers, answer).into_response()
}

fn answer(manners: Manners, question: &AmountQuestion) -> Option<Value> {
    match manners {
        Manners::Answers | Manners::Slow => Some(json!({ "amount": due(question) })),
        Manners::NothingDue => Some(json!({ "nothing_due": true })),
        Manners::Withdraws => Some(json!({ "withdrawn": true })),
        Manners::Rambles => Some(json!({ "amount": -1 })),
        Manners::Fails => None,
    }
}

/// The whole euros of what is known, and interest for each day of the month: the same for everybody who asks on a day,
/// whatever was asked before.
fn due(question: &AmountQuestion) -> Cents {
    let euros = (question.amount.as_i64() / 100).max(1) * 100;
    Cents::new(euros + i64::from(question.date.day()) * INTEREST_OF_A_DAY)
}

/// `POST /program/outcomes`: takes what the program is told.
pub(crate) async fn outcomes(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let at = clock::now();
    let signature = verify(&key(), &headers, &body, at)
        .map(drop)
        .map_err(|error| error.to_string());
    let id = headers
        .get(ID_HEADER)
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();
    hub.memory().told.push(Told {
        at,
        id: id.to_owned(),
        signature,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(cents: i64, date: &str) -> Cents {
        due(&AmountQuestion {
            institution: "00856930102".to_owned(),
            service: "idrico".to_owned(),
            key: "1".to_owned(),
            notice_number: String::new(),
            iuv: String::new(),
            amount: Cents::new(cents),
            date: date.parse().unwrap(),
        })
    }

    #[test]
    fn interest_grows_with_the_day_and_never_on_itself() {
        assert_eq!(asked(12_000, "2026-11-01"), Cents::new(12_003));
        assert_eq!(asked(12_003, "2026-11-26"), Cents::new(12_078));
        assert_eq!(asked(12_078, "2026-11-26"), Cents::new(12_078));
        assert_eq!(asked(12_093, "2026-12-31"), Cents::new(12_093));
        assert_eq!(asked(50, "2026-11-10"), Cents::new(130));
    }
}
