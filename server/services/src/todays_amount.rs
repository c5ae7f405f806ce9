//! Today's amount: what a service's management program says is due on a notice, asked before anybody pays.
//!
//! The program is asked outside any transaction, at most once at a time for each notice, and not again while its answer
//! holds. Question and answer are in the message log before the answer is read. What `domain::todays_amount` makes of the
//! answer is written by compare-and-set, with its audit, so that `paGetPayment` finds what `paVerifyPaymentNotice` said.
//! A service without a program costs nothing.

mod programs;

pub use programs::AmountPrograms;

use crate::audit::Act;
use crate::message_log::About;
use crate::{Services, Unavailable};
use chrono::{DateTime, TimeDelta, Utc};
use domain::debt_position::DebtPositionStatus;
use domain::service::Service;
use domain::todays_amount::{
    AmountAnswer, AmountQuestion, AnswerRefused, AskedFor, Judgement, TodaysAmount, WhenDown, judge,
};
use domain::{CreditorFiscalCode, Notice, NoticeNumber, NoticeStanding};
use programs::{Heard, Kept};
use serde_json::json;
use storage::amount_answers::{RecordedAnswer, find_amount_answer, record_amount_answer};
use storage::audit::Actor;
use storage::debt_positions::{amend_position, find_position, transition_position};
use storage::messages::{Direction, MessageId, MessageKind, NewMessage};
use storage::{StorageError, Tx};
use webhooks::signature::{Unsigned, verify};
use webhooks::{Reply, Secret, SendError};

/// The longest answer taken.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// How often an answer is judged again because the position moved meanwhile.
const TRIES_MAX: usize = 5;
/// How long a payer who was told an amount may take to pay it: the life of the hub's payment token.
const TOLD_HOLDS_FOR: TimeDelta = TimeDelta::minutes(30);

/// Why the amount is wanted, which says how old an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The hub verifies the notice.
    Verify,
    /// The hub prepares a payment: what the payer was told holds.
    Payment,
    /// Somebody looks at the notice's page or puts it in a cart.
    Page,
    /// An employee asks for it: no earlier answer will do.
    Counter,
}

impl Wanted {
    fn is_asked_for(self, terms: &TodaysAmount) -> bool {
        match self {
            Self::Verify | Self::Payment => terms.asked_for.contains(&AskedFor::Hub),
            Self::Page => terms.asked_for.contains(&AskedFor::Page),
            Self::Counter => true,
        }
    }

    /// How long an answer holds.
    fn holds_for(self, terms: &TodaysAmount) -> TimeDelta {
        let kept = TimeDelta::seconds(i64::from(terms.kept_seconds));
        match self {
            Self::Verify | Self::Page => kept,
            Self::Payment => kept.max(TOLD_HOLDS_FOR),
            Self::Counter => TimeDelta::zero(),
        }
    }
}

/// What is known of a notice's amount today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Today {
    /// The archive holds what the program said.
    Told {
        /// When it was asked.
        asked_at: DateTime<Utc>,
    },
    /// The program gave no answer; the amount in the archive holds.
    LastKnown {
        /// When the program said it, if it ever did.
        told_at: Option<DateTime<Utc>>,
    },
    /// The program gave no answer, and without one nothing can be paid.
    TryLater,
    /// Nothing is due today.
    NothingDue {
        /// When it was asked.
        asked_at: DateTime<Utc>,
    },
}

/// Brings a notice to today's amount, if its service has a program that says it. Whoever calls reads the notice again
/// afterwards: the position may say something else. `None` when nobody is asked: then nothing changed.
pub async fn refresh(
    services: &Services,
    service: Option<&Service>,
    notice: &Notice,
    wanted: Wanted,
) -> Result<Option<Today>, Unavailable> {
    let terms = service.and_then(|service| service.todays_amount.as_ref());
    let Some(terms) = terms.filter(|terms| wanted.is_asked_for(terms) && may_change(services, notice)) else {
        return Ok(None);
    };
    let programs = &services.amounts;
    let began_at = services.clock.now();
    let holds_for = wanted.holds_for(terms);
    let key = (notice.institution.clone(), notice.number.clone());
    let still_holds = |kept: &Kept| kept.holds(holds_for, began_at);
    if let Some(kept) = programs.kept(&key).filter(still_holds) {
        return Ok(Some(today(kept, terms)));
    }
    let (turn, has_waited) = programs.turn(&key).await;
    // Whoever waited is answered by the question it waited for.
    let is_of_now = |kept: &Kept| still_holds(kept) || has_waited && kept.asked_at >= began_at;
    if let Some(kept) = programs.kept(&key).filter(is_of_now) {
        return Ok(Some(today(kept, terms)));
    }
    let mut snapshot = services.store.glance().await?;
    let last = find_amount_answer(&mut snapshot, &notice.institution, &notice.number).await?;
    drop(snapshot);
    if let Some(kept) = last.map(Kept::recorded).filter(still_holds) {
        programs.keep(key, kept);
        return Ok(Some(today(kept, terms)));
    }
    let asking = Asking {
        services: services.clone(),
        terms: terms.clone(),
        notice: notice.clone(),
        last,
    };
    // On its own: the answer is worth having even when whoever asked for it is gone.
    let asked = tokio::spawn(async move {
        let _turn = turn;
        asking.ask().await
    });
    let kept = match asked.await {
        Ok(kept) => kept?,
        Err(_) => Kept {
            asked_at: began_at,
            heard: Heard::Silence,
            last,
        },
    };
    Ok(Some(today(kept, terms)))
}

/// Whether an answer could change the position: it is open and nothing of it is paid.
fn may_change(services: &Services, notice: &Notice) -> bool {
    let is_payable = matches!(
        notice.standing(services.clock.today()),
        NoticeStanding::Payable { .. }
    );
    is_payable && notice.position_status == DebtPositionStatus::Open { chosen: None }
}

fn today(kept: Kept, terms: &TodaysAmount) -> Today {
    let asked_at = kept.asked_at;
    match (kept.heard, terms.when_down, kept.last) {
        (Heard::Due, _, _) => Today::Told { asked_at },
        (Heard::NothingDue, _, _) => Today::NothingDue { asked_at },
        (Heard::Silence, WhenDown::TryLater, _) => Today::TryLater,
        // The last that was known is that nothing is due.
        (Heard::Silence, WhenDown::LastKnown, Some(last)) if !last.is_due => Today::NothingDue {
            asked_at: last.asked_at,
        },
        (Heard::Silence, WhenDown::LastKnown, last) => Today::LastKnown {
            told_at: last.map(|last| last.asked_at),
        },
    }
}

/// Why a program's answer tells nothing.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("the configuration has no key {0:?} in programs.keys")]
    NoKey(String),
    #[error("the program failed again and again and is left alone for a while")]
    LeftAlone,
    #[error("too many questions are under way")]
    TooMany,
    #[error("the message log did not take the question or its answer")]
    NotLogged,
    #[error(transparent)]
    Send(#[from] SendError),
    #[error("the program answered with status {0}")]
    Status(u16),
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    #[error("the answer bears the signature of another question")]
    OtherQuestion,
    #[error("the answer is not what it must be: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Refused(#[from] AnswerRefused),
    #[error("the position moved again and again")]
    Busy,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for NoAnswer {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(Unavailable(error))
    }
}

/// One question to one program.
struct Asking {
    services: Services,
    terms: TodaysAmount,
    notice: Notice,
    last: Option<RecordedAnswer>,
}

impl Asking {
    /// Asks, and keeps what was heard, silence too: a storm of questions must not wait for a program that is down.
    async fn ask(&self) -> Result<Kept, Unavailable> {
        let asked_at = self.services.clock.now();
        let heard = match self.hear(asked_at).await {
            Ok(heard) => heard,
            Err(NoAnswer::Unavailable(error)) => return Err(error),
            Err(error) => {
                tracing::warn!(
                    %error,
                    institution = %self.notice.institution,
                    service = self.notice.service,
                    notice.number = %self.notice.number,
                    "the management program did not say today's amount"
                );
                Heard::Silence
            }
        };
        let kept = Kept {
            asked_at,
            heard,
            last: self.last,
        };
        let key = (self.notice.institution.clone(), self.notice.number.clone());
        self.services.amounts.keep(key, kept);
        Ok(kept)
    }

    async fn hear(&self, asked_at: DateTime<Utc>) -> Result<Heard, NoAnswer> {
        let services = &self.services;
        let programs = &services.amounts;
        let (sender, secrets) = programs
            .sender(&self.terms.key)
            .ok_or_else(|| NoAnswer::NoKey(self.terms.key.clone()))?;
        let _place = programs.place().ok_or(NoAnswer::TooMany)?;
        if !programs.admits(&self.terms.url) {
            return Err(NoAnswer::LeftAlone);
        }
        let id = format!("msg_{}", services.ids.token());
        let question = self.question();
        let request_id = self.log(None, &id, None, question.clone()).await?;
        let url = &self.terms.url;
        let answer = sender
            .ask(url, secrets, &id, asked_at, question, ANSWER_BYTES_MAX)
            .await;
        let failed = match &answer {
            Ok(reply) => reply.status >= 500,
            Err(_) => true,
        };
        programs.told(url, failed);
        let (outcome, body) = match &answer {
            Ok(reply) => (reply.status.to_string(), reply.body.clone()),
            Err(error) => ("none".to_owned(), error.to_string().into_bytes()),
        };
        self.log(Some(request_id), &id, Some(outcome), body).await?;
        let answer = self.read(&answer?, &id, secrets)?;
        self.settle(&answer, asked_at).await
    }

    fn question(&self) -> Vec<u8> {
        let notice = &self.notice;
        let question = AmountQuestion {
            institution: notice.institution.to_string(),
            service: notice.service.clone(),
            key: notice.position_key.clone(),
            notice_number: notice.number.to_string(),
            iuv: notice.iuv.to_string(),
            amount: notice.amount,
            date: self.services.clock.today(),
        };
        serde_json::to_vec(&question).expect("texts and numbers have no failing serialiser")
    }

    /// Keeps a message of the exchange before anybody reads it.
    async fn log(
        &self,
        request_id: Option<MessageId>,
        id: &str,
        outcome: Option<String>,
        body: Vec<u8>,
    ) -> Result<MessageId, NoAnswer> {
        let services = &self.services;
        let at = services.clock.now();
        let about = About {
            institution: Some(self.notice.institution.to_string()),
            notice_number: Some(self.notice.number.to_string()),
            iuv: Some(self.notice.iuv.to_string()),
            context_code: Some(id.to_owned()),
            ..About::default()
        };
        let kind = match request_id {
            None => MessageKind::Request,
            Some(_) => MessageKind::Response,
        };
        let message = about.of(NewMessage {
            peer: format!("POST {}", self.terms.url),
            outcome,
            request_id,
            component: Some("management_program".to_owned()),
            duration_ms: request_id
                .and_then(MessageId::at)
                .map(|begun| (at - begun).num_milliseconds()),
            ..NewMessage::new(
                services.ids.message_id(at),
                at,
                Direction::Outbound,
                kind,
                "todaysAmount",
                body,
            )
        });
        let message_id = message.id;
        services
            .messages
            .record(message)
            .await
            .map_err(|_| NoAnswer::NotLogged)?;
        Ok(message_id)
    }

    fn read(&self, reply: &Reply, id: &str, secrets: &[Secret]) -> Result<AmountAnswer, NoAnswer> {
        if reply.status != 200 {
            return Err(NoAnswer::Status(reply.status));
        }
        if self.terms.signed_answers {
            let signed = verify(secrets, &reply.headers, &reply.body, self.services.clock.now())?;
            if signed != id {
                return Err(NoAnswer::OtherQuestion);
            }
        }
        Ok(serde_json::from_slice(&reply.body)?)
    }

    /// Writes what the answer makes of the position. It is judged again when the position moved meanwhile.
    async fn settle(&self, answer: &AmountAnswer, asked_at: DateTime<Utc>) -> Result<Heard, NoAnswer> {
        for _ in 0..TRIES_MAX {
            let mut tx = self.services.store.begin().await?;
            match self.settle_in(&mut tx, answer, asked_at).await {
                Ok(heard) => {
                    tx.commit().await?;
                    return Ok(heard);
                }
                Err(NoAnswer::Unavailable(Unavailable(StorageError::Conflict))) => {}
                Err(error) => return Err(error),
            }
        }
        Err(NoAnswer::Busy)
    }

    async fn settle_in(
        &self,
        tx: &mut Tx,
        answer: &AmountAnswer,
        asked_at: DateTime<Utc>,
    ) -> Result<Heard, NoAnswer> {
        let (institution, number) = (&self.notice.institution, &self.notice.number);
        let now = self.services.clock.now();
        let stored = find_position(tx, institution, &self.notice.position_key)
            .await?
            .ok_or(AnswerRefused::ForeignNotice)?;
        let judgement = judge(&stored.position, number, answer, self.services.clock.today(), now)?;
        let heard = match &judgement {
            Judgement::Unchanged | Judgement::Changed { .. } => Heard::Due,
            Judgement::NothingDue => Heard::NothingDue,
        };
        if let Judgement::Changed { event, after } = judgement {
            let action = match after.status {
                DebtPositionStatus::Cancelled { .. } => {
                    transition_position(tx, &stored, &after, &event, now).await?;
                    "position.cancelled"
                }
                DebtPositionStatus::Draft
                | DebtPositionStatus::Open { .. }
                | DebtPositionStatus::Paid { .. }
                | DebtPositionStatus::Replaced { .. }
                | DebtPositionStatus::Expired { .. } => {
                    amend_position(tx, &stored, &after, &event, now).await?;
                    "position.amended"
                }
            };
            let act = Act {
                institution,
                actor: Actor::System,
                from: None,
                action,
                subject: &self.notice.position_key,
                detail: json!({
                    "because": "todays_amount",
                    "service": self.notice.service,
                    "notice_number": number.as_str(),
                    "amount": due_on(answer),
                }),
            };
            act.note(tx, now).await?;
        }
        let is_due = heard == Heard::Due;
        record_amount_answer(tx, institution, number, RecordedAnswer { asked_at, is_due }).await?;
        Ok(heard)
    }
}

/// What an answer says is due, in cents.
fn due_on(answer: &AmountAnswer) -> i64 {
    match answer {
        AmountAnswer::Due(due) => due.amount.as_i64(),
        AmountAnswer::NothingDue | AmountAnswer::Withdrawn => 0,
    }
}

/// The notice a program is asked about.
type NoticeKey = (CreditorFiscalCode, NoticeNumber);
