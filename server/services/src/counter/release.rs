//! A notice released at the counter, in one call.

use crate::Services;
use crate::caller::Caller;
use crate::idempotency::Idempotency;
use crate::positions::{Change, Done, Expect, NoticeOfPosition, PositionError, change_position};
use chrono::NaiveDate;
use domain::application::Scope;
use domain::draft::{FieldError, InstalmentDraft, OptionDraft, PositionDraft, Problem, TransferDraft};
use domain::{Cents, OptionKind, Subject};
use serde::{Deserialize, Serialize};

/// What is released: a debt of one notice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Release {
    /// The program's own key, under which the same again is the same notice. Without, one is made up, and the request's
    /// `Idempotency-Key` keeps a repetition from being another notice.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 60))]
    #[serde(default)]
    pub key: Option<String>,
    /// Code of the service.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 40))]
    pub service: String,
    /// Who owes.
    pub debtor: Subject,
    /// What it is for; the service's name when nothing is said.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 140))]
    #[serde(default)]
    pub description: Option<String>,
    /// What is due, in cents.
    #[cfg_attr(feature = "schema", schema(value_type = i64, minimum = 1, maximum = 99_999_999_999_i64))]
    pub amount: Cents,
    /// The due date.
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
    /// Last day it can be paid.
    #[serde(default)]
    pub payable_until: Option<NaiveDate>,
    /// How the amount is split; without, all of it goes to the service's account.
    #[cfg_attr(feature = "schema", schema(max_items = 5))]
    #[serde(default)]
    pub transfers: Vec<TransferDraft>,
}

/// A released notice: number, payment reference, QR code and document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Released {
    /// Whether it is new: not when the same was released before.
    pub is_new: bool,
    /// The notice.
    #[serde(flatten)]
    pub released: NoticeOfPosition,
}

/// Releases a notice. The same under the same key is the notice of before, whatever became of it.
pub async fn release(
    services: &Services,
    caller: &Caller,
    wanted: &Release,
    under: Option<&Idempotency>,
) -> Result<Released, PositionError> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let described = || {
        entries
            .service(caller.institution(), &wanted.service)
            .map_or_else(String::new, |service| service.name_it.clone())
    };
    let draft = PositionDraft {
        key: wanted
            .key
            .clone()
            .unwrap_or_else(|| format!("counter-{}", services.ids.token())),
        service: wanted.service.clone(),
        debtor: wanted.debtor.clone(),
        description: wanted.description.clone().unwrap_or_else(described),
        valid_from: None,
        draft: false,
        options: vec![OptionDraft {
            kind: OptionKind::Whole,
            instalments: vec![InstalmentDraft {
                notice_number: None,
                iuv: None,
                amount: wanted.amount,
                due_on: wanted.due_on,
                payable_until: wanted.payable_until,
                description: None,
                transfers: wanted.transfers.clone(),
            }],
        }],
    };
    let change = Change::Put {
        draft: &draft,
        expect: Expect::Unsaid,
    };
    let answer = change_position(services, caller, Scope::UseCounter, &change, under)
        .await
        .map_err(|error| match error {
            // A counter changes nothing that is there.
            PositionError::ConditionNeeded => PositionError::Invalid(vec![FieldError {
                path: "key".to_owned(),
                problem: Problem::Taken,
            }]),
            other => other,
        })?;
    let position = answer.position;
    let number = position
        .options
        .first()
        .and_then(|option| option.instalments.first())
        .map(|notice| notice.notice_number.clone())
        .ok_or(PositionError::NotFound)?;
    let released = position
        .notice(caller.institution().as_str(), &number)
        .ok_or(PositionError::NotFound)?;
    Ok(Released {
        is_new: answer.done == Done::Created,
        released,
    })
}
