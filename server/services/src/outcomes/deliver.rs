//! Sending what is in an application's feed to its endpoints.
//!
//! One worker at a time sends to an endpoint, some requests at once, never two of one subject: an
//! outcome waits for the earlier ones of its subject, and the other subjects go on. What fails is sent again after a while,
//! ten times in three days, then it is given up, stays where it can be seen, and no longer holds back what follows it.
//!
//! A receiver that is gone costs a request now and then, not one for each outcome: after some failures in a row only one is
//! sent, with a pause before the next. Once it is taken, everything that waits is sent at once.
//!
//! What was sent and is not noted, because the process died between, is sent again under the same id.

use super::{OutcomeError, concerns, message_of};
use crate::audit::Act;
use crate::jobs::{self, Outcome};
use crate::{Services, Unavailable};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use std::collections::VecDeque;
use storage::applications::find_application;
use storage::audit::Actor;
use storage::jobs::ClaimedJob;
use storage::outcomes::{
    Attempt, DueWebhook, Endpoint, EndpointState, bury_overdue, bury_webhook, disable_endpoint,
    find_endpoint_by_id, find_next_due, hurry_webhooks, list_due_webhooks, note_delivered, note_endpoint,
    put_off_webhook,
};
use storage::{StorageError, Tx};
use tokio::task::JoinSet;
use webhooks::{Answer, RetryAfter, Secret, SendError};

/// How long to wait after each failure of one outcome, in seconds: three days altogether.
pub const WAITS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// How long an outcome waits for a receiver that is gone: as long as all waits together, and half an
/// hour each time for its turn.
pub const GIVE_UP_AFTER: Duration = Duration::seconds(272_105 + 10 * 1_800);
/// Failures in a row after which an endpoint is asked one thing at a time.
const PROBED_FROM: u32 = 5;
/// The first pause between two such questions, and the longest.
const PROBE_PAUSE: (Duration, Duration) = (Duration::minutes(1), Duration::minutes(30));
/// The longest pause a receiver can ask for.
const ASKED_PAUSE_MAX: Duration = Duration::days(1);
/// Requests under way to one endpoint.
const AT_ONCE: usize = 16;
/// Outcomes read and noted together.
const CHUNK: u32 = 128;
/// Chunks of one job, before other endpoints get their turn.
const CHUNKS_MAX: usize = 20;
/// Outcomes one statement gives up.
const BURIED_MAX: u32 = 5_000;
/// When it is looked again at what waits only for its turn.
const LOOK_AGAIN: Duration = Duration::seconds(30);
/// When it is looked again whether an application that must not come may.
const INACTIVE_PAUSE: Duration = Duration::minutes(10);

/// Sends what is due to an endpoint.
pub(crate) async fn run_delivery(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    for _ in 0..CHUNKS_MAX {
        match deliver_some(services, &job.key).await? {
            Step::Sent => {}
            Step::Rest(at) => return Ok(Outcome::Again(at)),
            Step::Nothing => return Ok(Outcome::Done),
            Step::WithoutKey => {
                return Ok(Outcome::PutOff {
                    until: None,
                    why: OutcomeError::NoKey.to_string(),
                });
            }
        }
        if !jobs::hold_on(services, job).await? {
            break;
        }
    }
    Ok(Outcome::Again(services.clock.now()))
}

/// What came of looking at an endpoint once.
enum Step {
    /// Something was sent: there may be more.
    Sent,
    /// Nothing more before then.
    Rest(DateTime<Utc>),
    /// Nothing waits.
    Nothing,
    /// There is no key to sign with.
    WithoutKey,
}

async fn deliver_some(services: &Services, id: &str) -> Result<Step, Unavailable> {
    let now = services.clock.now();
    let mut snapshot = services.store.glance().await?;
    let endpoint = find_endpoint_by_id(&mut snapshot, id).await?;
    drop(snapshot);
    let Some(endpoint) = endpoint.filter(|endpoint| endpoint.state == EndpointState::Active) else {
        return Ok(Step::Nothing);
    };
    // One thing at a time, not everything gets all its attempts: what had its time is given up.
    if is_probed(endpoint.failures) {
        while bury(services, id, now).await? > 0 {}
    }
    let mut snapshot = services.store.read().await?;
    let application = find_application(&mut snapshot, &endpoint.application).await?;
    let Some(application) = application.filter(|application| application.active) else {
        return Ok(Step::Rest(now + INACTIVE_PAUSE));
    };
    if let Some(resume_at) = endpoint.resume_at.filter(|resume_at| *resume_at > now) {
        return Ok(Step::Rest(resume_at));
    }
    let limit = if is_probed(endpoint.failures) { 1 } else { CHUNK };
    let due = list_due_webhooks(&mut snapshot, id, now, limit).await?;
    let next = find_next_due(&mut snapshot, id).await?;
    drop(snapshot);
    if due.is_empty() {
        return Ok(match next {
            None => Step::Nothing,
            // What is due and was not found waits for an earlier one of its subject.
            Some(at) if at <= now => Step::Rest(now + LOOK_AGAIN),
            Some(at) => Step::Rest(at),
        });
    }
    let Some(secrets) = secrets(services, &endpoint, now) else {
        return Ok(Step::WithoutKey);
    };
    let (told, foreign): (Vec<_>, Vec<_>) = due
        .into_iter()
        .partition(|webhook| concerns(&application, webhook.told.service.as_deref()));
    let mut round = Round::new(endpoint.failures);
    round.send_all(services, &endpoint, &secrets, told).await;
    let mut tx = services.store.begin().await?;
    for webhook in foreign {
        let attempt = Attempt {
            at: now,
            ms: 0,
            status: None,
            error: Some("the application may no longer be told of this service".to_owned()),
        };
        bury_webhook(&mut tx, id, &webhook, &attempt, now + GIVE_UP_AFTER).await?;
    }
    round.note(&mut tx, services, &endpoint).await?;
    tx.commit().await?;
    Ok(Step::Sent)
}

async fn bury(services: &Services, endpoint: &str, now: DateTime<Utc>) -> Result<usize, Unavailable> {
    let mut tx = services.store.begin().await?;
    let buried = bury_overdue(&mut tx, endpoint, now, BURIED_MAX, now + GIVE_UP_AFTER).await?;
    tx.commit().await?;
    if buried > 0 {
        tracing::warn!(endpoint, buried, "gave webhooks up");
    }
    Ok(buried)
}

/// The secrets that sign for an endpoint: its own, and for a while the one before.
pub(super) fn secrets(services: &Services, endpoint: &Endpoint, now: DateTime<Utc>) -> Option<Vec<Secret>> {
    let mut generations = vec![endpoint.generation];
    if endpoint.previous_until.is_some_and(|until| now < until) && endpoint.generation > 1 {
        generations.push(endpoint.generation - 1);
    }
    generations
        .into_iter()
        .map(|generation| services.outcomes.secret(&endpoint.id, generation))
        .collect()
}

const fn is_probed(failures: u32) -> bool {
    failures >= PROBED_FROM
}

/// How long an endpoint is left alone after so many failures in a row; not at all after few.
fn probe_pause(failures: u32) -> Option<Duration> {
    let doublings = failures.checked_sub(PROBED_FROM)?.min(16);
    let (first, longest) = PROBE_PAUSE;
    Some((first * (1 << doublings)).min(longest))
}

/// What came of one request.
enum Verdict {
    /// The receiver took it.
    Taken,
    /// The receiver wants nothing more, ever.
    Gone,
    /// It did not.
    Failed {
        /// When the receiver wants to be asked again.
        not_before: Option<DateTime<Utc>>,
    },
}

/// Requests sent to an endpoint together.
struct Round {
    /// Failures in a row, up to now.
    failures: u32,
    /// Whether something was taken.
    is_alive: bool,
    /// When the receiver wants to be asked again.
    not_before: Option<DateTime<Utc>>,
    /// Whether it wants nothing more.
    is_gone: bool,
    done: Vec<(DueWebhook, Attempt, Verdict)>,
}

impl Round {
    fn new(failures: u32) -> Self {
        Self {
            failures,
            is_alive: false,
            not_before: None,
            is_gone: false,
            done: Vec::new(),
        }
    }

    /// Sends what is due, some at once, as long as the endpoint seems to be there. What is not sent stays as it is.
    async fn send_all(
        &mut self,
        services: &Services,
        endpoint: &Endpoint,
        secrets: &[Secret],
        due: Vec<DueWebhook>,
    ) {
        let was_probed = is_probed(self.failures);
        let mut waiting = VecDeque::from(due);
        let mut under_way = JoinSet::new();
        loop {
            let goes_on =
                !self.is_gone && self.not_before.is_none() && (was_probed || !is_probed(self.failures));
            while goes_on && under_way.len() < AT_ONCE {
                let Some(webhook) = waiting.pop_front() else { break };
                under_way.spawn(send(
                    services.clone(),
                    endpoint.url.clone(),
                    secrets.to_vec(),
                    webhook,
                ));
            }
            match under_way.join_next().await {
                None => break,
                Some(Ok(sent)) => self.take(sent),
                // A request that broke down is as if it had not been made.
                Some(Err(error)) => tracing::error!(%error, "a webhook could not be sent"),
            }
        }
    }

    fn take(&mut self, (webhook, attempt, verdict): (DueWebhook, Attempt, Verdict)) {
        match verdict {
            Verdict::Taken => {
                self.failures = 0;
                self.is_alive = true;
            }
            Verdict::Gone => self.is_gone = true,
            Verdict::Failed { not_before } => {
                self.failures = self.failures.saturating_add(1);
                self.not_before = self.not_before.max(not_before);
            }
        }
        self.done.push((webhook, attempt, verdict));
    }

    /// Notes how it went.
    async fn note(&self, tx: &mut Tx, services: &Services, endpoint: &Endpoint) -> Result<(), StorageError> {
        let now = services.clock.now();
        let give_up_at = now + GIVE_UP_AFTER;
        for (webhook, attempt, verdict) in &self.done {
            match verdict {
                Verdict::Taken => note_delivered(tx, &endpoint.id, webhook, attempt, give_up_at).await?,
                // It is not the outcome's fault: it waits for somebody to enable the endpoint.
                Verdict::Gone => put_off_webhook(tx, &endpoint.id, webhook, attempt, now).await?,
                Verdict::Failed { not_before } => match next_try(webhook, now, *not_before) {
                    Some(at) => put_off_webhook(tx, &endpoint.id, webhook, attempt, at).await?,
                    None => bury_webhook(tx, &endpoint.id, webhook, attempt, give_up_at).await?,
                },
            }
        }
        if self.is_gone {
            return disable(tx, endpoint, now).await;
        }
        let resume_at = probe_pause(self.failures)
            .map(|pause| now + pause)
            .max(self.not_before);
        if self.is_alive && is_probed(endpoint.failures) {
            hurry_webhooks(tx, &endpoint.id, now).await?;
        }
        if self.failures != endpoint.failures || resume_at != endpoint.resume_at {
            note_endpoint(tx, &endpoint.id, self.failures, resume_at).await?;
        }
        Ok(())
    }
}

/// When an outcome that failed once more is tried again; `None` when never.
fn next_try(
    webhook: &DueWebhook,
    now: DateTime<Utc>,
    not_before: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let wait = WAITS.get(usize::try_from(webhook.attempts).ok()?)?;
    Some((now + Duration::seconds(*wait)).max(not_before.unwrap_or(now)))
}

/// Sends nothing more to an endpoint that wants nothing more. The feed goes on.
async fn disable(tx: &mut Tx, endpoint: &Endpoint, now: DateTime<Utc>) -> Result<(), StorageError> {
    let reason = "the receiver answered 410 Gone";
    tracing::warn!(endpoint = endpoint.id, reason, "disabled an endpoint");
    disable_endpoint(tx, &endpoint.id, reason).await?;
    let act = Act {
        institution: &endpoint.institution,
        actor: Actor::System,
        from: None,
        action: "outcome_endpoint.disabled",
        subject: &endpoint.id,
        detail: json!({ "application": endpoint.application, "reason": reason }),
    };
    act.note(tx, now).await
}

async fn send(
    services: Services,
    url: String,
    secrets: Vec<Secret>,
    webhook: DueWebhook,
) -> (DueWebhook, Attempt, Verdict) {
    let message = message_of(&webhook.told);
    let at = services.clock.now();
    let (id, body) = (message.id, message.bytes());
    let answer = services.outcomes.sender.send(&url, &secrets, id, at, body).await;
    let ended = services.clock.now();
    let attempt = attempt(at, ended, &answer);
    let verdict = verdict(&answer, ended);
    (webhook, attempt, verdict)
}

/// A request and its answer, as they are kept.
pub(super) fn attempt(
    at: DateTime<Utc>,
    ended: DateTime<Utc>,
    answer: &Result<Answer, SendError>,
) -> Attempt {
    let (status, error) = match answer {
        Ok(answer) if answer.is_success() => (Some(answer.status), None),
        Ok(answer) if matches!(answer.status, 300..=399) => {
            (Some(answer.status), Some("redirects are not followed".to_owned()))
        }
        Ok(answer) => (Some(answer.status), Some(answer.excerpt.clone())),
        Err(error) => (None, Some(error.to_string())),
    };
    Attempt {
        at,
        ms: (ended - at).num_milliseconds().max(0),
        status,
        error,
    }
}

fn verdict(answer: &Result<Answer, SendError>, now: DateTime<Utc>) -> Verdict {
    match answer {
        Ok(answer) if answer.is_success() => Verdict::Taken,
        Ok(answer) if answer.status == 410 => Verdict::Gone,
        Ok(answer) if matches!(answer.status, 429 | 503) => Verdict::Failed {
            not_before: answer.retry_after.map(|asked| {
                let at = match asked {
                    RetryAfter::Seconds(seconds) => now + Duration::seconds(seconds.into()),
                    RetryAfter::At(at) => at,
                };
                at.min(now + ASKED_PAUSE_MAX)
            }),
        },
        Ok(_) | Err(_) => Verdict::Failed { not_before: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_of_an_outcome_make_three_days() {
        let together: i64 = WAITS.iter().sum();
        assert_eq!(GIVE_UP_AFTER, Duration::seconds(together) + PROBE_PAUSE.1 * 10);
        assert_eq!(Duration::seconds(together).num_days(), 3);
    }

    #[test]
    fn an_endpoint_that_keeps_failing_is_asked_less_and_less_often() {
        assert_eq!(probe_pause(PROBED_FROM - 1), None);
        assert_eq!(probe_pause(PROBED_FROM), Some(Duration::minutes(1)));
        assert_eq!(probe_pause(PROBED_FROM + 1), Some(Duration::minutes(2)));
        assert_eq!(probe_pause(u32::MAX), Some(Duration::minutes(30)));
    }
}
