//! A notice as citizen and hub see it: one instalment with what decides whether it can be paid.

use crate::debt_position::{DebtPositionStatus, InstalmentPayment, OptionIndex, OptionKind};
use crate::{Cents, CreditorFiscalCode, Iuv, NoticeNumber};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

/// One instalment with the facts of its position that matter from outside. Nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The institution it belongs to.
    pub institution: CreditorFiscalCode,
    /// Its code.
    pub number: NoticeNumber,
    /// Its payment reference.
    pub iuv: Iuv,
    /// Key of its position.
    pub position_key: String,
    /// Code of its service.
    pub service: String,
    /// Where its position stands.
    pub position_status: DebtPositionStatus,
    /// The payment option it belongs to.
    pub option: OptionIndex,
    /// The kind of that option.
    pub option_kind: OptionKind,
    /// Place among the option's instalments, from 1.
    pub instalment: u8,
    /// How many instalments the option has.
    pub instalment_count: u8,
    /// What is due.
    pub amount: Cents,
    /// The due date shown to citizens.
    pub due_on: Option<NaiveDate>,
    /// Last day it can be paid.
    pub payable_until: Option<NaiveDate>,
    /// First day it can be paid.
    pub valid_from: Option<NaiveDate>,
    /// What it is for.
    pub description: String,
    /// Every account of credit is postal.
    pub all_postal: bool,
    /// The receipt that paid it.
    pub payment: Option<InstalmentPayment>,
}

/// What can be done with a notice on a day, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeStanding {
    /// It can be paid.
    Payable {
        /// Its due date has gone by.
        overdue: bool,
    },
    /// It can be paid later.
    NotYetPayable {
        /// The first day.
        from: NaiveDate,
    },
    /// It is paid.
    Paid {
        /// When the payment was made.
        at: DateTime<Utc>,
    },
    /// The debt is being paid, or is paid, with another option.
    OtherOptionChosen,
    /// The institution withdrew it.
    Cancelled,
    /// Another notice took its place.
    Replaced {
        /// That notice.
        by: NoticeNumber,
    },
    /// It can no longer be paid.
    Expired,
    /// Nobody outside may know of it yet.
    Unpublished,
}

impl NoticeStanding {
    /// The name shown in diagrams and by the command line.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Payable { .. } => "payable",
            Self::NotYetPayable { .. } => "not_yet_payable",
            Self::Paid { .. } => "paid",
            Self::OtherOptionChosen => "other_option_chosen",
            Self::Cancelled => "cancelled",
            Self::Replaced { .. } => "replaced",
            Self::Expired => "expired",
            Self::Unpublished => "unpublished",
        }
    }

    /// What an employee says of it in Italian.
    pub fn italian(&self) -> String {
        match self {
            Self::Payable { overdue: false } => "Si può pagare.".to_owned(),
            Self::Payable { overdue: true } => "È scaduto, ma si può ancora pagare.".to_owned(),
            Self::NotYetPayable { from } => {
                let (day, month, year) = (from.day(), from.month(), from.year());
                format!("Si potrà pagare dal {day:02}/{month:02}/{year}.")
            }
            Self::Paid { .. } => "È stato pagato.".to_owned(),
            Self::OtherOptionChosen => "Il debito è pagato, o si sta pagando, in un altro modo.".to_owned(),
            Self::Cancelled => "È stato annullato dall'ente: non va pagato.".to_owned(),
            Self::Replaced { by } => {
                format!("È stato sostituito: va pagato l'avviso {}.", by.grouped())
            }
            Self::Expired => "Non si può più pagare: il termine è passato.".to_owned(),
            Self::Unpublished => "È in preparazione: nessuno lo vede ancora.".to_owned(),
        }
    }

    /// What an employee says of it in English.
    pub fn english(&self) -> String {
        match self {
            Self::Payable { overdue: false } => "It can be paid.".to_owned(),
            Self::Payable { overdue: true } => "It is overdue and can still be paid.".to_owned(),
            Self::NotYetPayable { from } => format!("It can be paid from {from}."),
            Self::Paid { .. } => "It is paid.".to_owned(),
            Self::OtherOptionChosen => "The debt is paid, or is being paid, in another way.".to_owned(),
            Self::Cancelled => "The institution withdrew it: it must not be paid.".to_owned(),
            Self::Replaced { by } => format!("It was replaced: notice {} is to be paid.", by.grouped()),
            Self::Expired => "It can no longer be paid: its time is over.".to_owned(),
            Self::Unpublished => "It is being prepared: nobody sees it yet.".to_owned(),
        }
    }
}

impl Notice {
    /// Where the notice stands on `today` (a civil date in Italy). The order is the hub's: unknown, paid, cancelled,
    /// expired.
    pub fn standing(&self, today: NaiveDate) -> NoticeStanding {
        use {DebtPositionStatus as S, NoticeStanding as N};
        if let Some(payment) = &self.payment {
            return N::Paid { at: payment.at };
        }
        match &self.position_status {
            S::Draft => N::Unpublished,
            S::Paid { chosen, at } if *chosen == self.option => N::Paid { at: *at },
            S::Paid { .. } => N::OtherOptionChosen,
            S::Open { chosen: Some(chosen) } if *chosen != self.option => N::OtherOptionChosen,
            S::Cancelled { .. } => N::Cancelled,
            S::Replaced { by, .. } => N::Replaced { by: by.clone() },
            S::Expired { .. } => N::Expired,
            S::Open { .. } if self.payable_until.is_some_and(|last| last < today) => N::Expired,
            S::Open { .. } => match self.valid_from {
                Some(from) if from > today => N::NotYetPayable { from },
                Some(_) | None => N::Payable {
                    overdue: self.due_on.is_some_and(|due_on| due_on < today),
                },
            },
        }
    }
}
