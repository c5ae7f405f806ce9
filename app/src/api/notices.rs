//! Notices by their code.

use super::PortalError;
use super::json::Answer;
use crate::Language;
use crate::address::NoticeKey;
use crate::calendar::{Day, Moment};
use domain::{Cents, CreditorFiscalCode, Iuv, NoticeNumber, OptionKind};
use leptos::server;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

/// A notice in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSummary {
    /// The institution that issued it.
    pub institution: CreditorFiscalCode,
    /// Its name.
    pub institution_name: String,
    /// The notice's code.
    pub number: NoticeNumber,
    /// What it is for.
    pub subject: String,
    /// What is due.
    pub amount: Cents,
}

impl NoticeSummary {
    /// Which notice it is.
    pub fn key(&self) -> NoticeKey {
        NoticeKey {
            institution: self.institution.clone(),
            number: self.number.clone(),
        }
    }
}

/// What can be done with a notice today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It can be paid.
    Payable,
    /// It can be paid, after its due date.
    Overdue,
    /// It can be paid later.
    NotYetPayable {
        /// From this day.
        from: Day,
    },
    /// It is paid.
    Paid {
        /// Since this day.
        on: Day,
    },
    /// The debt is paid, or being paid, in another way.
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
    /// Nothing is due on it today.
    NothingDue,
    /// What is due today cannot be told now.
    AmountUnknown,
}

impl Standing {
    /// Whether it can be paid today.
    pub const fn is_payable(&self) -> bool {
        match self {
            Self::Payable | Self::Overdue => true,
            Self::NotYetPayable { .. }
            | Self::Paid { .. }
            | Self::OtherOptionChosen
            | Self::Cancelled
            | Self::Replaced { .. }
            | Self::Expired
            | Self::NothingDue
            | Self::AmountUnknown => false,
        }
    }
}

/// Where an amount comes from that is asked of the office's program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountSource {
    /// The program said it today.
    Asked(Moment),
    /// The program does not answer: it is what it said then, or what the notice was made with.
    LastKnown(Option<Moment>),
}

/// A notice of the same debt: an instalment or an alternative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiblingNotice {
    /// Its code.
    pub number: NoticeNumber,
    /// The way of paying it belongs to.
    pub kind: OptionKind,
    /// Place among its instalments, from 1.
    pub instalment: u8,
    /// How many instalments there are.
    pub instalment_count: u8,
    /// What is due.
    pub amount: Cents,
    /// By when.
    pub due_on: Option<Day>,
    /// Where it stands.
    pub standing: Standing,
}

/// Everything a notice's page shows. Nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePage {
    /// The notice itself, for lists.
    pub summary: NoticeSummary,
    /// Name of the service it is for.
    pub service: Option<String>,
    /// The office that answers for it.
    pub office: Option<String>,
    /// The institution's telephone.
    pub telephone: String,
    /// The institution's mailbox.
    pub email: String,
    /// By when it is due.
    pub due_on: Option<Day>,
    /// Last day it can be paid.
    pub payable_until: Option<Day>,
    /// Where it stands.
    pub standing: Standing,
    /// Where the amount comes from, when the office's program is asked for it.
    pub amount_source: Option<AmountSource>,
    /// The way of paying it belongs to.
    pub kind: OptionKind,
    /// Place among its instalments, from 1.
    pub instalment: u8,
    /// How many instalments there are.
    pub instalment_count: u8,
    /// The other notices of the same debt, this one included, when there are any.
    pub siblings: Vec<SiblingNotice>,
    /// Minutes since a payment of it was begun here that may still be going on.
    pub payment_begun_minutes: Option<u16>,
}

/// Finds the notices with this number. Several institutions may use the same one.
#[server(prefix = "/api", endpoint = "notices/by-number", input = GetUrl, output = Answer)]
pub async fn find_by_number(
    /// The number.
    number: NoticeNumber,
) -> Result<Vec<NoticeSummary>, PortalError> {
    let services = super::request::services()?;
    super::request::count_lookup(&services, number.as_str())?;
    let notices = services::notices::find_notices_by_number(&services, &number).await?;
    ssr::summaries(&services, notices).await
}

/// Finds the notices with this payment reference.
#[server(prefix = "/api", endpoint = "notices/by-reference", input = GetUrl, output = Answer)]
pub async fn find_by_reference(
    /// The reference.
    iuv: Iuv,
) -> Result<Vec<NoticeSummary>, PortalError> {
    let services = super::request::services()?;
    super::request::count_lookup(&services, iuv.as_str())?;
    let notices = services::notices::find_notices_by_iuv(&services, &iuv).await?;
    ssr::summaries(&services, notices).await
}

/// Finds everything a notice's page shows, `None` when no such notice is known.
#[server(prefix = "/api", endpoint = "notices/details", input = GetUrl, output = Answer)]
pub async fn find_details(
    /// The institution that issued it.
    institution: CreditorFiscalCode,
    /// Its number.
    number: NoticeNumber,
    /// Language of the names.
    language: Language,
) -> Result<Option<NoticePage>, PortalError> {
    let services = super::request::services()?;
    super::request::count_lookup(&services, number.as_str())?;
    let details = services::notices::find_notice_details(&services, &institution, &number).await?;
    Ok(details.and_then(|details| ssr::page(details, language, services.clock.now())))
}

/// From the use cases' types to the page's.
#[cfg(feature = "ssr")]
pub(super) mod ssr {
    use super::{AmountSource, NoticePage, NoticeSummary, SiblingNotice, Standing};
    use crate::Language;
    use crate::api::PortalError;
    use chrono::{DateTime, Utc};
    use domain::{Notice, NoticeStanding};
    use services::notices::NoticeDetails;
    use services::todays_amount::Today;
    use services::{Services, Unavailable};

    pub(super) async fn summaries(
        services: &Services,
        notices: Vec<Notice>,
    ) -> Result<Vec<NoticeSummary>, PortalError> {
        let entries = services
            .directory
            .entries(&services.store, &*services.clock)
            .await
            .map_err(Unavailable::from)?;
        let named = |notice: Notice| {
            let name = entries.institution(&notice.institution)?.name.clone();
            Some(summary(notice, name))
        };
        Ok(notices.into_iter().filter_map(named).collect())
    }

    fn summary(notice: Notice, institution_name: String) -> NoticeSummary {
        NoticeSummary {
            institution: notice.institution,
            institution_name,
            number: notice.number,
            subject: notice.description,
            amount: notice.amount,
        }
    }

    /// The page of a notice; `None` for one nobody outside may know of.
    pub(in crate::api) fn page(
        details: NoticeDetails,
        language: Language,
        now: DateTime<Utc>,
    ) -> Option<NoticePage> {
        let siblings = match details.siblings.len() {
            0 | 1 => Vec::new(),
            _ => details
                .siblings
                .into_iter()
                .filter_map(|(notice, standing)| sibling(notice, standing))
                .collect(),
        };
        let office = details
            .service
            .as_ref()
            .map(|service| service.office_name.clone());
        Some(NoticePage {
            service: details.service.map(|service| match language {
                Language::Italian => service.name_it,
                Language::English => service.name_en,
            }),
            office,
            telephone: details.institution.contact.telephone,
            email: details.institution.contact.email,
            due_on: details.notice.due_on.map(Into::into),
            payable_until: details.notice.payable_until.map(Into::into),
            standing: match details.today {
                Some(Today::TryLater) => Standing::AmountUnknown,
                Some(Today::NothingDue { .. }) => Standing::NothingDue,
                Some(Today::Told { .. } | Today::LastKnown { .. }) | None => standing(details.standing)?,
            },
            amount_source: details.today.and_then(amount_source),
            kind: details.notice.option_kind,
            instalment: details.notice.instalment,
            instalment_count: details.notice.instalment_count,
            siblings,
            payment_begun_minutes: details
                .payment_open_since
                .map(|since| u16::try_from((now - since).num_minutes()).unwrap_or_default()),
            summary: summary(details.notice, details.institution.name),
        })
    }

    fn amount_source(today: Today) -> Option<AmountSource> {
        match today {
            Today::Told { asked_at } => Some(AmountSource::Asked(asked_at.into())),
            Today::LastKnown { told_at } => Some(AmountSource::LastKnown(told_at.map(Into::into))),
            Today::TryLater | Today::NothingDue { .. } => None,
        }
    }

    fn sibling(notice: Notice, stands: NoticeStanding) -> Option<SiblingNotice> {
        Some(SiblingNotice {
            number: notice.number,
            kind: notice.option_kind,
            instalment: notice.instalment,
            instalment_count: notice.instalment_count,
            amount: notice.amount,
            due_on: notice.due_on.map(Into::into),
            standing: standing(stands)?,
        })
    }

    fn standing(standing: NoticeStanding) -> Option<Standing> {
        Some(match standing {
            NoticeStanding::Payable { overdue: false } => Standing::Payable,
            NoticeStanding::Payable { overdue: true } => Standing::Overdue,
            NoticeStanding::NotYetPayable { from } => Standing::NotYetPayable { from: from.into() },
            NoticeStanding::Paid { at } => Standing::Paid {
                on: services::clock::italian_date(at).into(),
            },
            NoticeStanding::OtherOptionChosen => Standing::OtherOptionChosen,
            NoticeStanding::Cancelled => Standing::Cancelled,
            NoticeStanding::Replaced { by } => Standing::Replaced { by },
            NoticeStanding::Expired => Standing::Expired,
            NoticeStanding::Unpublished => return None,
        })
    }
}
