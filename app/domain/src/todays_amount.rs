//! What a management program says is due today, and what that makes of a debt position.
//!
//! Amounts move after a notice is out: interest after the due date, costs of notification, a payment at a counter. The
//! hub asks for the amount at each verification (technical manual, best practices: "the institution must recompute the
//! amount on each call"), and so may the notice's page. What the program answers becomes an amendment of the position: the
//! notices keep their numbers, only amounts and days change.

use crate::debt_position::{DebtPositionEvent, InvalidPosition, PositionContent, TransitionError};
use crate::{Cents, DebtPosition, Instalment, NoticeNumber};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// The longest an answer may be kept: a day.
pub const KEPT_SECONDS_MAX: u32 = 86_400;
/// Parts of an amount an answer may give.
const PARTS_MAX: usize = 5;

/// How a service's program is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TodaysAmount {
    /// Address of the program.
    pub url: String,
    /// Name of the key questions are signed with, in the server's configuration.
    pub key: String,
    /// Who the program is asked for. The counter may always ask.
    pub asked_for: Vec<AskedFor>,
    /// What holds when the program gives no answer.
    pub when_down: WhenDown,
    /// How long an answer holds.
    #[serde(default = "kept_seconds_usual")]
    pub kept_seconds: u32,
    /// Whether answers must be signed too, with the same key.
    #[serde(default)]
    pub signed_answers: bool,
}

fn kept_seconds_usual() -> u32 {
    600
}

/// Who wants to know what is due today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedFor {
    /// The hub, before a payment.
    Hub,
    /// Whoever looks at the notice's page.
    Page,
}

/// What holds when the program gives no answer that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenDown {
    /// The amount known here.
    LastKnown,
    /// Nothing can be paid: whoever asks is told to try later.
    TryLater,
}

/// Why a program cannot be asked as the catalogue says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTodaysAmount {
    /// Nobody asks.
    #[error("asked_for names hub, page or both, each once")]
    AskedFor,
    /// Not kept at all, or for too long.
    #[error("kept_seconds is between 1 and {KEPT_SECONDS_MAX}")]
    Kept,
    /// The hub could pay another amount while the station does not answer.
    #[error(
        "a service whose amount is asked for has amounts_move = true: the hub must not pay it without asking"
    )]
    StandIn,
}

impl TodaysAmount {
    /// Checks what its types cannot. `amounts_move` is the service's.
    pub fn check(&self, amounts_move: bool) -> Result<(), InvalidTodaysAmount> {
        let is_named_once = match self.asked_for.as_slice() {
            [] => false,
            [first, rest @ ..] => rest.len() < 2 && !rest.contains(first),
        };
        if !is_named_once {
            return Err(InvalidTodaysAmount::AskedFor);
        }
        if !(1..=KEPT_SECONDS_MAX).contains(&self.kept_seconds) {
            return Err(InvalidTodaysAmount::Kept);
        }
        if !amounts_move {
            return Err(InvalidTodaysAmount::StandIn);
        }
        Ok(())
    }
}

/// What the program is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountQuestion {
    /// Fiscal code of the institution.
    pub institution: String,
    /// Code of the service.
    pub service: String,
    /// The program's own key of the position.
    pub key: String,
    /// The notice.
    pub notice_number: String,
    /// Its payment reference.
    pub iuv: String,
    /// The amount known here, in cents.
    pub amount: Cents,
    /// The day the amount is asked for, in Italy.
    pub date: NaiveDate,
}

/// What the program answers: an amount, that nothing is due today, or that the debt is no more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "AnswerFields")]
pub enum AmountAnswer {
    /// This is due.
    Due(AmountDue),
    /// Nothing is due on the notice today. It may be due again another day.
    NothingDue,
    /// The debt is no more.
    Withdrawn,
}

/// An amount that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountDue {
    /// All of it.
    pub amount: Cents,
    /// How it is split, by the number of each transfer. Needed where the notice has several.
    pub transfers: Vec<AmountPart>,
    /// Another due date.
    pub due_on: Option<NaiveDate>,
    /// Another last day.
    pub payable_until: Option<NaiveDate>,
}

/// A part of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountPart {
    /// The transfer's number, from 1.
    pub id: u8,
    /// Its part, in cents.
    pub amount: Cents,
}

/// The fields of an answer, as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerFields {
    amount: Option<Cents>,
    #[serde(default)]
    transfers: Vec<AmountPart>,
    due_on: Option<NaiveDate>,
    payable_until: Option<NaiveDate>,
    #[serde(default)]
    nothing_due: bool,
    #[serde(default)]
    withdrawn: bool,
}

/// An answer that says nothing, or two things at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an answer says one thing: an amount, nothing_due or withdrawn")]
struct AmbiguousAnswer;

impl TryFrom<AnswerFields> for AmountAnswer {
    type Error = AmbiguousAnswer;

    fn try_from(fields: AnswerFields) -> Result<Self, AmbiguousAnswer> {
        let says_how =
            !fields.transfers.is_empty() || fields.due_on.is_some() || fields.payable_until.is_some();
        match (fields.amount, fields.nothing_due, fields.withdrawn) {
            (Some(amount), false, false) => Ok(Self::Due(AmountDue {
                amount,
                transfers: fields.transfers,
                due_on: fields.due_on,
                payable_until: fields.payable_until,
            })),
            (None, true, false) if !says_how => Ok(Self::NothingDue),
            (None, false, true) if !says_how => Ok(Self::Withdrawn),
            (_, _, _) => Err(AmbiguousAnswer),
        }
    }
}

/// What an answer makes of a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing changes: what is due is what is known.
    Unchanged,
    /// The position says something else from now on.
    Changed {
        /// What happens to it.
        event: Box<DebtPositionEvent>,
        /// The position after it.
        after: Box<DebtPosition>,
    },
    /// The notice is not to be paid today.
    NothingDue,
}

/// Why an answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefused {
    /// The notice is not one of the position's.
    #[error("the notice is not one of the position's")]
    ForeignNotice,
    /// The position cannot change any more.
    #[error("the position cannot change: {0}")]
    State(#[from] TransitionError),
    /// The parts of an amount in several transfers are not all there, each once.
    #[error("the notice has {0} transfers: the answer gives the amount of each, by its number")]
    Parts(usize),
    /// It could no longer be paid today.
    #[error("the last payable day is over")]
    Over,
    /// The hub or the law does not allow it.
    #[error(transparent)]
    Position(#[from] InvalidPosition),
}

/// Decides what the program's answer about one notice makes of its position at `now`, which is `today` in Italy.
pub fn judge(
    position: &DebtPosition,
    number: &NoticeNumber,
    answer: &AmountAnswer,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Judgement, AnswerRefused> {
    let event = match answer {
        AmountAnswer::NothingDue => return Ok(Judgement::NothingDue),
        AmountAnswer::Withdrawn => DebtPositionEvent::Cancelled { at: now },
        AmountAnswer::Due(due) => {
            let to = amended(position, number, due, today)?;
            let from = position.content();
            if from == to {
                return Ok(Judgement::Unchanged);
            }
            DebtPositionEvent::Amended {
                from: Box::new(from),
                to: Box::new(to),
                at: now,
            }
        }
    };
    let after = position.apply(&event)?;
    after.check()?;
    Ok(Judgement::Changed {
        event: Box::new(event),
        after: Box::new(after),
    })
}

/// What the position says when this is due on the notice.
fn amended(
    position: &DebtPosition,
    number: &NoticeNumber,
    due: &AmountDue,
    today: NaiveDate,
) -> Result<PositionContent, AnswerRefused> {
    if due.payable_until.is_some_and(|last| last < today) {
        return Err(AnswerRefused::Over);
    }
    let mut content = position.content();
    let instalment = content
        .options
        .iter_mut()
        .flat_map(|option| &mut option.instalments)
        .find(|instalment| instalment.notice_number == *number)
        .ok_or(AnswerRefused::ForeignNotice)?;
    share(instalment, due)?;
    instalment.amount = due.amount;
    instalment.due_on = due.due_on.or(instalment.due_on);
    instalment.payable_until = due.payable_until.or(instalment.payable_until);
    Ok(content)
}

/// Gives each transfer its part. Who gives none of several would leave to us what is whose.
fn share(instalment: &mut Instalment, due: &AmountDue) -> Result<(), AnswerRefused> {
    let is_unchanged = due.transfers.is_empty() && due.amount == instalment.amount;
    if is_unchanged {
        return Ok(());
    }
    let count = instalment.transfers.len();
    let whole = [AmountPart {
        id: 1,
        amount: due.amount,
    }];
    let parts = match (count, due.transfers.as_slice()) {
        (1, []) => &whole,
        (_, parts) => parts,
    };
    if parts.len() != count || parts.len() > PARTS_MAX {
        return Err(AnswerRefused::Parts(count));
    }
    for transfer in &mut instalment.transfers {
        let mut own = parts.iter().filter(|part| part.id == transfer.id);
        let (Some(part), None) = (own.next(), own.next()) else {
            return Err(AnswerRefused::Parts(count));
        };
        transfer.amount = part.amount;
    }
    Ok(())
}
