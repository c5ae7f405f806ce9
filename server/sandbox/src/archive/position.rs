//! A position as it is kept. Its state is derived from what happened to it and from the clock, never stored.

use chrono::serde::{ts_seconds, ts_seconds_option};
use chrono::{DateTime, Utc};
use domain::{Cents, NoticeNumber};
use serde::{Deserialize, Serialize};

/// A debt with the notices that pay it. Packed as it is written here: the order of members is the format in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) iupd: String,
    pub(crate) debtor: Debtor,
    pub(crate) pay_stand_in: bool,
    pub(crate) switch_to_expired: bool,
    pub(crate) company_name: String,
    pub(crate) office_name: Option<String>,
    #[serde(with = "ts_seconds_option")]
    pub(crate) valid_from: Option<DateTime<Utc>>,
    pub(crate) stage: Stage,
    #[serde(with = "ts_seconds")]
    pub(crate) inserted_at: DateTime<Utc>,
    #[serde(with = "ts_seconds")]
    pub(crate) updated_at: DateTime<Utc>,
    #[serde(with = "ts_seconds_option")]
    pub(crate) published_at: Option<DateTime<Utc>>,
    pub(crate) notices: Vec<Notice>,
}

/// Who owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Debtor {
    /// `G` instead of `F`.
    pub(crate) legal_person: bool,
    pub(crate) code: String,
    pub(crate) full_name: String,
    pub(crate) street: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) province: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
}

/// One way of paying (`paymentOption` of the first edition): one notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) number: NoticeNumber,
    pub(crate) iuv: String,
    pub(crate) amount: Cents,
    pub(crate) description: String,
    /// An instalment: paying it leaves the others due.
    pub(crate) is_partial: bool,
    #[serde(with = "ts_seconds")]
    pub(crate) due: DateTime<Utc>,
    #[serde(with = "ts_seconds_option")]
    pub(crate) retention: Option<DateTime<Utc>>,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) transfers: Vec<Transfer>,
    pub(crate) payment: Option<Payment>,
}

/// A part of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transfer {
    /// 1 to 5.
    pub(crate) id: u8,
    pub(crate) amount: Cents,
    /// Left out: the position's own institution.
    pub(crate) organization: Option<String>,
    pub(crate) company_name: Option<String>,
    pub(crate) remittance_information: String,
    pub(crate) category: String,
    pub(crate) credit: Credit,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) is_reported: bool,
}

/// Where a part goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Credit {
    /// To an account, and to another for payments at the post office.
    Account { iban: String, postal: Option<String> },
    /// It buys a stamp duty.
    Stamp {
        digest: String,
        kind: String,
        province: String,
    },
}

/// How a notice was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payment {
    #[serde(with = "ts_seconds")]
    pub(crate) at: DateTime<Utc>,
    /// Left out: the institution said it was paid elsewhere.
    pub(crate) receipt_id: Option<String>,
    pub(crate) flow: Option<String>,
}

/// What the institution did with a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    Draft,
    Published,
    Invalid,
}

/// The state of a position, in the interface's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Draft,
    Published,
    Valid,
    Invalid,
    Expired,
    PartiallyPaid,
    Paid,
    Reported,
}

impl Status {
    /// `PUT` is accepted.
    pub(crate) const fn can_be_updated(self) -> bool {
        match self {
            Self::Draft | Self::Published | Self::Valid | Self::Expired => true,
            Self::Invalid | Self::PartiallyPaid | Self::Paid | Self::Reported => false,
        }
    }

    /// `DELETE` is accepted: nothing was paid.
    pub(crate) const fn can_be_deleted(self) -> bool {
        match self {
            Self::Draft | Self::Published | Self::Valid | Self::Invalid | Self::Expired => true,
            Self::PartiallyPaid | Self::Paid | Self::Reported => false,
        }
    }

    /// `publish` is accepted.
    pub(crate) const fn can_be_published(self) -> bool {
        match self {
            Self::Draft => true,
            Self::Published
            | Self::Valid
            | Self::Invalid
            | Self::Expired
            | Self::PartiallyPaid
            | Self::Paid
            | Self::Reported => false,
        }
    }

    /// `invalidate` is accepted.
    pub(crate) const fn can_be_invalidated(self) -> bool {
        match self {
            Self::Published | Self::Valid => true,
            Self::Draft
            | Self::Invalid
            | Self::Expired
            | Self::PartiallyPaid
            | Self::Paid
            | Self::Reported => false,
        }
    }

    /// Somebody may pay it.
    pub(crate) const fn is_payable(self) -> bool {
        match self {
            Self::Valid | Self::PartiallyPaid => true,
            Self::Draft | Self::Published | Self::Invalid | Self::Expired | Self::Paid | Self::Reported => {
                false
            }
        }
    }
}

impl Position {
    /// The state at an instant.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> Status {
        if self.stage == Stage::Invalid {
            return Status::Invalid;
        }
        let is_paid = |notice: &&Notice| notice.payment.is_some();
        let mut instalments = self.notices.iter().filter(|notice| notice.is_partial).peekable();
        let all_instalments = instalments.peek().is_some() && instalments.all(|notice| is_paid(&notice));
        let whole = self
            .notices
            .iter()
            .any(|notice| !notice.is_partial && notice.payment.is_some());
        if whole || all_instalments {
            let mut paid = self.notices.iter().filter(is_paid);
            return if paid.all(Notice::is_reported) {
                Status::Reported
            } else {
                Status::Paid
            };
        }
        if self.notices.iter().any(|notice| notice.payment.is_some()) {
            return Status::PartiallyPaid;
        }
        match self.stage {
            Stage::Invalid => Status::Invalid,
            Stage::Draft => Status::Draft,
            Stage::Published if self.valid_from.is_some_and(|from| from > now) => Status::Published,
            Stage::Published if self.switch_to_expired && self.last_due().is_some_and(|due| due < now) => {
                Status::Expired
            }
            Stage::Published => Status::Valid,
        }
    }

    /// The institution publishes it: payable from `valid_from`, or at once.
    pub(crate) fn publish(&mut self, now: DateTime<Utc>) {
        self.stage = Stage::Published;
        self.published_at = Some(now);
        self.valid_from.get_or_insert(now);
    }

    /// The notice of that number, when it may be paid: the position is payable, the notice is not paid, and no
    /// instalment excludes it.
    pub(crate) fn payable(&self, number: &NoticeNumber, now: DateTime<Utc>) -> Option<&Notice> {
        let status = self.status(now);
        self.notices.iter().find(|notice| {
            notice.number == *number
                && notice.payment.is_none()
                && status.is_payable()
                && (notice.is_partial || status != Status::PartiallyPaid)
        })
    }

    /// When the last notice was paid.
    pub(crate) fn paid_at(&self) -> Option<DateTime<Utc>> {
        self.notices
            .iter()
            .filter_map(|notice| notice.payment.as_ref())
            .map(|payment| payment.at)
            .max()
    }

    fn last_due(&self) -> Option<DateTime<Utc>> {
        self.notices.iter().map(|notice| notice.due).max()
    }
}

impl Notice {
    /// Every part was in a flow.
    pub(crate) fn is_reported(&self) -> bool {
        self.transfers.iter().all(|transfer| transfer.is_reported)
    }

    /// Some parts were in a flow.
    pub(crate) fn is_partly_reported(&self) -> bool {
        self.transfers.iter().any(|transfer| transfer.is_reported)
    }
}
