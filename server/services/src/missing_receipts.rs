//! Receipts that a flow report names and the hub did not deliver: asked for by their reference, sparingly.
//!
//! The hub answers ten of these questions an hour. Each is written down before it is asked, in a transaction nobody else
//! can count in, so that several servers and a restart keep to it together. One receipt is asked for at most once a day
//! and five times in all.

use crate::hub::{Answered, HubError};
use crate::jobs::{JobKind, Outcome, Stop, all_for, hold_on, leave_for_all};
use crate::message_log::About;
use crate::receipts::{Taken, take_receipt};
use crate::{Services, Unavailable};
use chrono::{DateTime, Duration, Utc};
use domain::{CreditorFiscalCode, Iuv, ReceiptId};
use pagopa::Wrong;
use pagopa::gateway::{CallError, Problem, Product};
use pagopa::receipts::{read_receipt, receipt_call};
use sha2::{Digest, Sha256};
use storage::flow_reports::{MissingSince, list_missing_receipts};
use storage::jobs::ClaimedJob;
use storage::receipt_requests::{
    Asked, RequestOutcome, answer_request, lock_and_count_requests, record_request, withdraw_request,
};

/// Questions the hub answers in [`WINDOW`], whoever asks.
const REQUESTS_MAX: u64 = 10;
/// The time they are counted in.
const WINDOW: Duration = Duration::hours(1);
/// How long one receipt is not asked for again.
const PAUSE: Duration = Duration::days(1);
/// Times one receipt is asked for.
const TIMES_MAX: u8 = 5;
/// How long after a flow came its payments are still looked after.
const LOOKED_AFTER: Duration = Duration::days(15);

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// The receipt came and was taken like a delivered one.
    Taken(Taken),
    /// The hub has no such receipt.
    NotFound,
    /// It is here already: nothing was asked.
    Here,
}

/// Why a receipt cannot be asked for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// As many questions as the hub answers were asked in the last hour.
    #[error("the hub answers {REQUESTS_MAX} of these questions an hour: the next one at {until}")]
    HourFull {
        /// When there is room again.
        until: DateTime<Utc>,
    },
    /// It was asked for lately.
    #[error("it was asked for within a day: again at {until}")]
    AskedLately {
        /// When it may be asked for again.
        until: DateTime<Utc>,
    },
    /// It was asked for as often as makes sense.
    #[error("it was asked for {TIMES_MAX} times without success: ask pagoPA's support")]
    GivenUp,
}

/// Why no receipt came.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// Not now.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// The hub gave no answer.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The hub said no.
    #[error("the hub answers with status {status}: {problem}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Why.
        problem: Problem,
    },
    /// The answer makes no sense.
    #[error(transparent)]
    Unreadable(#[from] Wrong),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<storage::StorageError> for RecoverError {
    fn from(error: storage::StorageError) -> Self {
        Self::Unavailable(Unavailable(error))
    }
}

/// Asks the hub for a receipt of an institution and takes it as if it had been delivered. Two transactions and the
/// receipt's own: the question is counted before it is asked, and its outcome noted after.
pub async fn recover_receipt(
    services: &Services,
    institution: &CreditorFiscalCode,
    id: &ReceiptId,
    iuv: Option<&Iuv>,
) -> Result<Recovery, RecoverError> {
    if !services.hub.offers(Product::Receipts) {
        return Err(HubError::NotConfigured(Product::Receipts).into());
    }
    {
        let mut snapshot = services.store.glance().await?;
        if storage::receipts::find_receipt(&mut snapshot, institution, id)
            .await?
            .is_some()
        {
            return Ok(Recovery::Here);
        }
    }
    let ordinal = claim(services, institution, id, iuv).await?;
    let answer = ask(services, institution, id, iuv).await;
    let mut tx = services.store.begin().await?;
    match &answer {
        // The hub has heard nothing: the question does not count.
        Err(RecoverError::Hub(
            HubError::NotConfigured(_)
            | HubError::Call(
                CallError::Unreachable | CallError::LeftAlone { .. } | CallError::OverLimit { .. },
            ),
        )) => withdraw_request(&mut tx, institution, id, ordinal).await?,
        answer => answer_request(&mut tx, institution, id, ordinal, outcome(answer)).await?,
    }
    tx.commit().await?;
    answer
}

fn outcome(answer: &Result<Recovery, RecoverError>) -> RequestOutcome {
    match answer {
        Ok(Recovery::Taken(_) | Recovery::Here) => RequestOutcome::Taken,
        Ok(Recovery::NotFound) => RequestOutcome::NotFound,
        Err(RecoverError::Unreadable(_)) => RequestOutcome::Unreadable,
        Err(
            RecoverError::Hub(_)
            | RecoverError::Refused { .. }
            | RecoverError::Unavailable(_)
            | RecoverError::NotNow(_),
        ) => RequestOutcome::NoAnswer,
    }
}

/// Counts a question that is about to be asked. Returns which it is of this receipt.
async fn claim(
    services: &Services,
    institution: &CreditorFiscalCode,
    id: &ReceiptId,
    iuv: Option<&Iuv>,
) -> Result<u8, RecoverError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let asked = lock_and_count_requests(&mut tx, now - WINDOW, institution, id).await?;
    let ordinal = may_ask(&asked, now)?;
    record_request(&mut tx, institution, id, ordinal, iuv.map(Iuv::as_str), now).await?;
    tx.commit().await?;
    Ok(ordinal)
}

/// Which question about this receipt may be asked now.
fn may_ask(asked: &Asked, now: DateTime<Utc>) -> Result<u8, NotNow> {
    if asked.lately >= REQUESTS_MAX {
        let until = asked.first_lately.unwrap_or(now) + WINDOW;
        return Err(NotNow::HourFull { until });
    }
    if let Some(last) = asked.of_this.last()
        && now - *last < PAUSE
    {
        return Err(NotNow::AskedLately { until: *last + PAUSE });
    }
    u8::try_from(asked.of_this.len() + 1)
        .ok()
        .filter(|ordinal| *ordinal <= TIMES_MAX)
        .ok_or(NotNow::GivenUp)
}

async fn ask(
    services: &Services,
    institution: &CreditorFiscalCode,
    id: &ReceiptId,
    iuv: Option<&Iuv>,
) -> Result<Recovery, RecoverError> {
    let about = About {
        institution: Some(institution.to_string()),
        iuv: iuv.map(Iuv::to_string),
        receipt_id: Some(id.to_string()),
        ..About::default()
    };
    let call = receipt_call(institution, id, iuv);
    let Answered { reply, message_id } = services.hub.call(Product::Receipts, &call, &about).await?;
    match reply.status {
        200 => {}
        404 => return Ok(Recovery::NotFound),
        status => {
            let problem = Problem::of(&reply);
            return Err(RecoverError::Refused { status, problem });
        }
    }
    let receipt = read_receipt(institution, &reply.body)?;
    if receipt.id != *id {
        return Err(Wrong::Field("receiptId").into());
    }
    // Taken exactly as a delivered one; its message is the hub's answer, which tells that it was asked for.
    let digest = Sha256::digest(&reply.body).into();
    let taken = take_receipt(services, message_id, &receipt, digest).await?;
    tracing::info!(receipt.id = %receipt.id, ?taken, "took a receipt that had not been delivered");
    Ok(Recovery::Taken(taken))
}

/// Leaves the job that asks for the missing receipts of every institution now, and then comes back every hour.
pub async fn schedule_search(services: &Services) -> Result<(), Unavailable> {
    leave_for_all(services, JobKind::ReceiptSearch, Product::Receipts).await
}

/// Asks for the missing receipts of every institution, as far as the hub allows now. A hub that does not answer ends it
/// until it may.
pub(crate) async fn run_search(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    let again = Outcome::Again(services.clock.now() + WINDOW);
    for institution in &all_for(services, Product::Receipts).await? {
        if !hold_on(services, job).await? {
            break;
        }
        match recover_missing_receipts(services, institution).await {
            Ok(recovered) if recovered == Recovered::default() => {}
            Ok(Recovered {
                taken,
                not_found,
                failed,
            }) => tracing::info!(%institution, taken, not_found, failed, "asked for missing receipts"),
            Err(RecoverError::Hub(error)) => return Ok(Stop::of_error(services, error).into()),
            Err(RecoverError::Unavailable(error)) => return Err(error),
            Err(
                error
                @ (RecoverError::NotNow(_) | RecoverError::Refused { .. } | RecoverError::Unreadable(_)),
            ) => tracing::error!(%institution, %error, "cannot ask for missing receipts"),
        }
    }
    Ok(again)
}

/// What came of looking after an institution's missing receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Receipts that came.
    pub taken: u32,
    /// Receipts the hub does not have, or not yet.
    pub not_found: u32,
    /// Receipts that could not be asked for, or whose answer makes no sense.
    pub failed: u32,
}

/// Asks for the receipts that the flows of an institution name and that are not here, as far as the hub allows now. A hub
/// that does not answer ends it.
pub async fn recover_missing_receipts(
    services: &Services,
    institution: &CreditorFiscalCode,
) -> Result<Recovered, RecoverError> {
    let now = services.clock.now();
    let since = MissingSince {
        fetched_at: now - LOOKED_AFTER,
        asked_before: now - PAUSE,
        times_max: TIMES_MAX,
    };
    let missing = {
        let mut snapshot = services.store.glance().await?;
        let limit = u32::try_from(REQUESTS_MAX).unwrap_or(u32::MAX);
        list_missing_receipts(&mut snapshot, institution, since, limit).await?
    };
    let mut recovered = Recovered::default();
    for receipt in missing {
        let iuv = Iuv::parse(&receipt.iuv).ok();
        match recover_receipt(services, institution, &receipt.id, iuv.as_ref()).await {
            Ok(Recovery::Taken(_)) => recovered.taken += 1,
            Ok(Recovery::NotFound) => recovered.not_found += 1,
            // It came meanwhile, or another server asked for it.
            Ok(Recovery::Here) | Err(RecoverError::NotNow(NotNow::AskedLately { .. } | NotNow::GivenUp)) => {}
            Err(RecoverError::NotNow(NotNow::HourFull { .. })) => break,
            Err(error @ (RecoverError::Refused { .. } | RecoverError::Unreadable(_))) => {
                tracing::warn!(%error, receipt.id = %receipt.id, "cannot recover a receipt");
                recovered.failed += 1;
            }
            Err(error @ (RecoverError::Hub(_) | RecoverError::Unavailable(_))) => return Err(error),
        }
    }
    Ok(recovered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_receipt_is_asked_for_once_a_day_and_five_times_in_all() {
        let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let asked = |hours_ago: &[i64]| Asked {
            lately: 0,
            first_lately: None,
            of_this: hours_ago
                .iter()
                .map(|hours| now - Duration::hours(*hours))
                .collect(),
        };
        assert_eq!(may_ask(&asked(&[]), now), Ok(1));
        assert_eq!(may_ask(&asked(&[24]), now), Ok(2));
        assert_eq!(
            may_ask(&asked(&[48, 23]), now),
            Err(NotNow::AskedLately {
                until: now + Duration::hours(1)
            })
        );
        assert_eq!(may_ask(&asked(&[120, 96, 72, 48]), now), Ok(5));
        assert_eq!(
            may_ask(&asked(&[144, 120, 96, 72, 48]), now),
            Err(NotNow::GivenUp)
        );
    }

    #[test]
    fn the_eleventh_question_of_an_hour_waits_for_the_first_to_leave_it() {
        let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let asked = |lately| Asked {
            lately,
            first_lately: Some(now - Duration::minutes(50)),
            of_this: Vec::new(),
        };
        assert_eq!(may_ask(&asked(9), now), Ok(1));
        let until = now + Duration::minutes(10);
        assert_eq!(may_ask(&asked(10), now), Err(NotNow::HourFull { until }));
    }
}
