//! The debt position, its payment options and instalments, and the states it goes through.
//!
//! Verifying a notice or fetching it for payment changes nothing here: the hub keeps concurrent attempts apart, and
//! only a receipt closes a debt (technical manual, best practices for creditor institutions).

use crate::receipt::ReceiptEffect;
use crate::transfer::{TransfersError, check_transfers};
use crate::{Cents, CreditorFiscalCode, Iuv, NoticeNumber, ReceiptId, Subject, Transfer, is_text};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Place of a payment option in its position, from 0.
pub type OptionIndex = u8;

/// What somebody owes an institution, with every way offered to pay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebtPosition {
    /// Key given by whoever created it; unique within the institution, 1 to 60 printable characters.
    pub key: String,
    /// The institution it belongs to.
    pub institution: CreditorFiscalCode,
    /// Code of the service it belongs to.
    pub service: String,
    /// Who owes.
    pub debtor: Subject,
    /// What it is for, at most 140 characters, nothing personal.
    pub description: String,
    /// First day it can be paid, when not at once.
    pub valid_from: Option<NaiveDate>,
    /// Where it stands.
    pub status: DebtPositionStatus,
    /// The ways to pay it, in the order shown.
    pub options: Vec<PaymentOption>,
}

/// Where a position stands. What each state needs to be true is inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DebtPositionStatus {
    /// Being prepared: nobody outside sees it.
    Draft,
    /// Can be paid. `chosen` is the option some instalment of which is paid; the others are closed.
    Open {
        /// The option begun, if any.
        chosen: Option<OptionIndex>,
    },
    /// Paid whole.
    Paid {
        /// The option paid.
        chosen: OptionIndex,
        /// When the payment that completed it was made.
        at: DateTime<Utc>,
    },
    /// Withdrawn by the institution.
    Cancelled {
        /// When.
        at: DateTime<Utc>,
    },
    /// Superseded by another notice.
    Replaced {
        /// The notice to pay instead.
        by: NoticeNumber,
        /// When.
        at: DateTime<Utc>,
    },
    /// No longer payable because its time is over.
    Expired {
        /// When.
        at: DateTime<Utc>,
    },
}

impl DebtPositionStatus {
    /// The name kept in storage and shown in diagrams.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open { .. } => "open",
            Self::Paid { .. } => "paid",
            Self::Cancelled { .. } => "cancelled",
            Self::Replaced { .. } => "replaced",
            Self::Expired { .. } => "expired",
        }
    }
}

/// One way to pay a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentOption {
    /// What kind of way it is.
    pub kind: OptionKind,
    /// Its notices: one, or one for each instalment.
    pub instalments: Vec<Instalment>,
}

/// Kinds of payment option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OptionKind {
    /// Everything at once.
    Whole,
    /// In instalments.
    InstalmentPlan,
    /// A smaller amount until a date, as for traffic fines.
    Reduced,
}

impl OptionKind {
    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::InstalmentPlan => "instalment_plan",
            Self::Reduced => "reduced",
        }
    }
}

/// One notice: an amount to pay with one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    /// Its code.
    pub notice_number: NoticeNumber,
    /// Its payment reference.
    pub iuv: Iuv,
    /// What is due.
    pub amount: Cents,
    /// The due date shown to citizens.
    pub due_on: Option<NaiveDate>,
    /// Last day it can be paid; `None` when it stays payable after its due date.
    pub payable_until: Option<NaiveDate>,
    /// What it is for, at most 140 characters, nothing personal.
    pub description: String,
    /// How the amount is split, 1 to 5 parts.
    pub transfers: Vec<Transfer>,
    /// The receipt that paid it.
    pub payment: Option<InstalmentPayment>,
}

/// That an instalment is paid, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalmentPayment {
    /// The receipt.
    pub receipt_id: ReceiptId,
    /// When the payment was made.
    pub at: DateTime<Utc>,
}

/// What an institution may change of a position while nothing of it is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionContent {
    /// Who owes.
    pub debtor: Subject,
    /// What it is for.
    pub description: String,
    /// First day it can be paid, when not at once.
    pub valid_from: Option<NaiveDate>,
    /// The ways to pay it: of the same kinds, with as many instalments under the same numbers.
    pub options: Vec<PaymentOption>,
}

/// Something that happens to a position. Each one is kept in its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DebtPositionEvent {
    /// The institution made it payable.
    Published,
    /// The hub delivered a receipt for one of its notices.
    ReceiptReceived {
        /// The notice paid.
        notice_number: NoticeNumber,
        /// The receipt.
        receipt_id: ReceiptId,
        /// When the payment was made.
        at: DateTime<Utc>,
    },
    /// The institution changed what it says. Its notices keep their numbers.
    Amended {
        /// What it said before.
        from: Box<PositionContent>,
        /// What it says now.
        to: Box<PositionContent>,
        /// When.
        at: DateTime<Utc>,
    },
    /// The institution withdrew it.
    Cancelled {
        /// When.
        at: DateTime<Utc>,
    },
    /// The institution replaced it with another notice.
    Replaced {
        /// The notice to pay instead.
        by: NoticeNumber,
        /// When.
        at: DateTime<Utc>,
    },
    /// The last day of its last payable notice went by.
    Expired {
        /// When.
        at: DateTime<Utc>,
    },
}

impl DebtPositionEvent {
    /// The name kept in the history.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::ReceiptReceived { .. } => "receipt_received",
            Self::Amended { .. } => "amended",
            Self::Cancelled { .. } => "cancelled",
            Self::Replaced { .. } => "replaced",
            Self::Expired { .. } => "expired",
        }
    }
}

/// Why an event cannot happen to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// The notice is not one of the position's.
    #[error("the notice does not belong to this position")]
    ForeignNotice,
    /// The notice, or the whole position, is paid.
    #[error("it is already paid")]
    AlreadyPaid,
    /// Part of it is paid, so it can no longer be withdrawn, replaced or expire.
    #[error("part of it is already paid")]
    PartlyPaid,
    /// Another payment option was chosen.
    #[error("another payment option was chosen")]
    OtherOptionChosen,
    /// It was cancelled.
    #[error("it was cancelled")]
    Cancelled,
    /// It was replaced.
    #[error("it was replaced by another notice")]
    Replaced,
    /// It is a draft.
    #[error("it is not published yet")]
    Unpublished,
    /// It is published already.
    #[error("it is already published")]
    AlreadyPublished,
    /// It has expired.
    #[error("it has expired")]
    Expired,
}

impl From<TransitionError> for ReceiptEffect {
    /// What a receipt that cannot be applied means for whoever must look at it.
    fn from(error: TransitionError) -> Self {
        match error {
            TransitionError::ForeignNotice => Self::Unknown,
            // Only the first of these four ever answers a receipt; the others refuse the institution's own acts.
            TransitionError::AlreadyPaid
            | TransitionError::PartlyPaid
            | TransitionError::AlreadyPublished
            | TransitionError::Expired => Self::PaidTwice,
            TransitionError::OtherOptionChosen => Self::OtherOptionChosen,
            TransitionError::Cancelled => Self::Cancelled,
            TransitionError::Replaced => Self::Replaced,
            TransitionError::Unpublished => Self::Unpublished,
        }
    }
}

impl DebtPosition {
    /// The position after `event`, or why the event cannot happen. Decides everything; stores nothing.
    #[expect(
        clippy::match_same_arms,
        reason = "state by state, so that each row can be read alone"
    )]
    pub fn apply(&self, event: &DebtPositionEvent) -> Result<DebtPosition, TransitionError> {
        use {DebtPositionEvent as E, DebtPositionStatus as S};
        if let E::ReceiptReceived { notice_number, .. } = event {
            self.place_of(notice_number)
                .ok_or(TransitionError::ForeignNotice)?;
        }
        let status = match (&self.status, event) {
            (S::Draft, E::Amended { to, .. }) => return Ok(self.saying(to, S::Draft)),
            (S::Draft, E::Published) => S::Open { chosen: None },
            (S::Draft, E::Cancelled { at }) => S::Cancelled { at: *at },
            (S::Draft, E::ReceiptReceived { .. } | E::Replaced { .. } | E::Expired { .. }) => {
                return Err(TransitionError::Unpublished);
            }

            (
                S::Open { chosen },
                E::ReceiptReceived {
                    notice_number,
                    receipt_id,
                    at,
                },
            ) => {
                return self.pay(*chosen, notice_number, receipt_id, *at);
            }
            (S::Open { chosen: None }, E::Amended { to, .. }) => {
                return Ok(self.saying(to, S::Open { chosen: None }));
            }
            (S::Open { chosen: None }, E::Cancelled { at }) => S::Cancelled { at: *at },
            (S::Open { chosen: None }, E::Replaced { by, at }) => S::Replaced {
                by: by.clone(),
                at: *at,
            },
            (S::Open { chosen: None }, E::Expired { at }) => S::Expired { at: *at },
            (
                S::Open { chosen: Some(_) },
                E::Amended { .. } | E::Cancelled { .. } | E::Replaced { .. } | E::Expired { .. },
            ) => return Err(TransitionError::PartlyPaid),
            (S::Open { .. }, E::Published) => return Err(TransitionError::AlreadyPublished),

            // Money reported after the last day still pays: the debtor was in time at the provider, or the
            // institution settles the difference by other means. A receipt is never refused.
            (
                S::Expired { .. },
                E::ReceiptReceived {
                    notice_number,
                    receipt_id,
                    at,
                },
            ) => {
                return self.pay(None, notice_number, receipt_id, *at);
            }
            // What is amended can be paid until a day to come: it is payable again.
            (S::Expired { .. }, E::Amended { to, .. }) => {
                return Ok(self.saying(to, S::Open { chosen: None }));
            }
            (S::Expired { .. }, E::Cancelled { at }) => S::Cancelled { at: *at },
            (S::Expired { .. }, E::Replaced { by, at }) => S::Replaced {
                by: by.clone(),
                at: *at,
            },
            (S::Expired { .. }, E::Published | E::Expired { .. }) => return Err(TransitionError::Expired),

            (S::Paid { chosen, .. }, E::ReceiptReceived { notice_number, .. }) => {
                let (option, _) = self
                    .place_of(notice_number)
                    .ok_or(TransitionError::ForeignNotice)?;
                return Err(if option == *chosen {
                    TransitionError::AlreadyPaid
                } else {
                    TransitionError::OtherOptionChosen
                });
            }
            (
                S::Paid { .. },
                E::Published
                | E::Amended { .. }
                | E::Cancelled { .. }
                | E::Replaced { .. }
                | E::Expired { .. },
            ) => return Err(TransitionError::AlreadyPaid),

            (
                S::Cancelled { .. },
                E::Published
                | E::ReceiptReceived { .. }
                | E::Amended { .. }
                | E::Cancelled { .. }
                | E::Replaced { .. }
                | E::Expired { .. },
            ) => return Err(TransitionError::Cancelled),

            (
                S::Replaced { .. },
                E::Published
                | E::ReceiptReceived { .. }
                | E::Amended { .. }
                | E::Cancelled { .. }
                | E::Replaced { .. }
                | E::Expired { .. },
            ) => return Err(TransitionError::Replaced),
        };
        Ok(DebtPosition {
            status,
            ..self.clone()
        })
    }

    /// The position with other contents, standing elsewhere.
    fn saying(&self, content: &PositionContent, status: DebtPositionStatus) -> DebtPosition {
        let PositionContent {
            debtor,
            description,
            valid_from,
            options,
        } = content.clone();
        DebtPosition {
            debtor,
            description,
            valid_from,
            status,
            options,
            ..self.clone()
        }
    }

    /// What an amendment may change.
    pub fn content(&self) -> PositionContent {
        PositionContent {
            debtor: self.debtor.clone(),
            description: self.description.clone(),
            valid_from: self.valid_from,
            options: self.options.clone(),
        }
    }

    fn pay(
        &self,
        chosen: Option<OptionIndex>,
        notice_number: &NoticeNumber,
        receipt_id: &ReceiptId,
        at: DateTime<Utc>,
    ) -> Result<DebtPosition, TransitionError> {
        let (option, instalment) = self
            .place_of(notice_number)
            .ok_or(TransitionError::ForeignNotice)?;
        if chosen.is_some_and(|chosen| chosen != option) {
            return Err(TransitionError::OtherOptionChosen);
        }
        let mut position = self.clone();
        let instalments = &mut position.options[usize::from(option)].instalments;
        if instalments[instalment].payment.is_some() {
            return Err(TransitionError::AlreadyPaid);
        }
        instalments[instalment].payment = Some(InstalmentPayment {
            receipt_id: receipt_id.clone(),
            at,
        });
        position.status = if instalments.iter().all(|instalment| instalment.payment.is_some()) {
            DebtPositionStatus::Paid { chosen: option, at }
        } else {
            DebtPositionStatus::Open { chosen: Some(option) }
        };
        Ok(position)
    }

    fn place_of(&self, notice_number: &NoticeNumber) -> Option<(OptionIndex, usize)> {
        self.options.iter().zip(0_u8..).find_map(|(option, index)| {
            let place = option
                .instalments
                .iter()
                .position(|i| i.notice_number == *notice_number)?;
            Some((index, place))
        })
    }

    /// The notice to pay instead, when it was replaced.
    pub const fn successor(&self) -> Option<&NoticeNumber> {
        match &self.status {
            DebtPositionStatus::Replaced { by, .. } => Some(by),
            DebtPositionStatus::Draft
            | DebtPositionStatus::Open { .. }
            | DebtPositionStatus::Paid { .. }
            | DebtPositionStatus::Cancelled { .. }
            | DebtPositionStatus::Expired { .. } => None,
        }
    }

    /// Every notice of the position with its option's place.
    pub fn instalments(&self) -> impl Iterator<Item = (OptionIndex, &PaymentOption, &Instalment)> {
        self.options
            .iter()
            .zip(0_u8..)
            .flat_map(|(option, index)| option.instalments.iter().map(move |i| (index, option, i)))
    }

    /// Checks what the hub and the law ask of every position before it is stored.
    pub fn check(&self) -> Result<(), InvalidPosition> {
        for (field, text, most) in [
            ("key", &self.key, 60),
            ("description", &self.description, 140),
            ("debtor's code", &self.debtor.code, 16),
            ("debtor's name", &self.debtor.full_name, 70),
        ] {
            if !is_text(text, most) {
                return Err(InvalidPosition::Text { field, most });
            }
        }
        if self.options.is_empty() || self.options.len() > 20 {
            return Err(InvalidPosition::Options);
        }
        let mut numbers = HashSet::new();
        for option in &self.options {
            let most = if option.kind == OptionKind::InstalmentPlan {
                99
            } else {
                1
            };
            if option.instalments.is_empty() || option.instalments.len() > most {
                return Err(InvalidPosition::Instalments);
            }
            for instalment in &option.instalments {
                instalment.check()?;
                if !numbers.insert(&instalment.notice_number) {
                    return Err(InvalidPosition::RepeatedNotice(instalment.notice_number.clone()));
                }
            }
        }
        Ok(())
    }
}

impl Instalment {
    fn check(&self) -> Result<(), InvalidPosition> {
        if !is_text(&self.description, 140) {
            return Err(InvalidPosition::Text {
                field: "description",
                most: 140,
            });
        }
        if self.iuv != self.notice_number.iuv() {
            return Err(InvalidPosition::Iuv(self.notice_number.clone()));
        }
        if self.amount <= Cents::ZERO || self.amount > Cents::MAX_WIRE {
            return Err(InvalidPosition::Amount(self.amount));
        }
        if let (Some(due_on), Some(until)) = (self.due_on, self.payable_until)
            && until < due_on
        {
            return Err(InvalidPosition::PayableUntil);
        }
        Ok(check_transfers(self.amount, &self.transfers)?)
    }
}

/// A debt that is paid whole, with one notice, until a day: what becomes a position on demand.
#[derive(Debug, Clone)]
pub struct SingleNotice<'a> {
    /// The institution.
    pub institution: &'a CreditorFiscalCode,
    /// Code of its service.
    pub service: &'a str,
    /// Key of the position.
    pub key: String,
    /// Who owes.
    pub debtor: Subject,
    /// What it is for.
    pub description: String,
    /// The notice's code.
    pub number: NoticeNumber,
    /// How the amount is split; their sum is due.
    pub transfers: Vec<Transfer>,
    /// The day it is due, and the last it can be paid.
    pub last_day: Option<NaiveDate>,
}

impl SingleNotice<'_> {
    /// The open position, checked.
    pub fn position(self) -> Result<DebtPosition, InvalidPosition> {
        let amounts = self.transfers.iter().map(|transfer| transfer.amount);
        let instalment = Instalment {
            iuv: self.number.iuv(),
            notice_number: self.number,
            amount: Cents::sum(amounts).ok_or(TransfersError::Amount)?,
            due_on: self.last_day,
            payable_until: self.last_day,
            description: self.description.clone(),
            transfers: self.transfers,
            payment: None,
        };
        let position = DebtPosition {
            key: self.key,
            institution: self.institution.clone(),
            service: self.service.to_owned(),
            debtor: self.debtor,
            description: self.description,
            valid_from: None,
            status: DebtPositionStatus::Open { chosen: None },
            options: vec![PaymentOption {
                kind: OptionKind::Whole,
                instalments: vec![instalment],
            }],
        };
        position.check()?;
        Ok(position)
    }
}

/// Why a position cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPosition {
    /// A text is empty, too long or not printable.
    #[error("the {field} has 1 to {most} printable characters")]
    Text {
        /// Which.
        field: &'static str,
        /// The most it may have.
        most: usize,
    },
    /// None, or more than twenty.
    #[error("a position has 1 to 20 payment options")]
    Options,
    /// An option without instalments, with over 99, or a whole sum in several.
    #[error("an option has 1 to 99 instalments; a whole or reduced amount has one")]
    Instalments,
    /// Two instalments share a code.
    #[error("notice {0} is there twice")]
    RepeatedNotice(NoticeNumber),
    /// The payment reference is not the one inside the notice number.
    #[error("the payment reference of notice {0} is not the one inside its number")]
    Iuv(NoticeNumber),
    /// Zero, negative or over the hub's maximum.
    #[error("an amount is between 0.01 and 999999999.99, not {0}")]
    Amount(Cents),
    /// It stops being payable before it is due.
    #[error("the last payable day is before the due date")]
    PayableUntil,
    /// The transfers do not fit.
    #[error(transparent)]
    Transfers(#[from] TransfersError),
}
