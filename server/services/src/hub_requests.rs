//! What the hub asks about a notice before it is paid. Asking changes nothing: no lock, no state. Only where a management
//! program says what is due today, its answer is written down first.

use crate::directory::Entries;
use crate::todays_amount::{Today, Wanted, refresh};
use crate::{Services, Unavailable};
use chrono::NaiveDate;
use domain::at_provider::DemandError;
use domain::{
    CreditorInstitution, Notice, NoticeNumber, NoticeStanding, Subject, Transfer, service::Service,
};
use std::sync::Arc;
use storage::debt_positions::{self, PayableNotice};

/// The head of every request, as it came: any of it may be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressed {
    /// `idPA`
    pub institution: String,
    /// `idBrokerPA`
    pub broker: String,
    /// `idStation`
    pub station: String,
}

/// Why the hub is told no.
#[derive(Debug, thiserror::Error)]
pub enum HubRefusal {
    /// The institution is not served here, or the code's institution is another one.
    #[error("no such institution here")]
    UnknownInstitution,
    /// The broker is not the institution's.
    #[error("not the institution's broker")]
    WrongBroker,
    /// The station is not the institution's.
    #[error("not the institution's station")]
    WrongStation,
    /// No such notice, or not one the outside may know of.
    #[error("no such notice")]
    UnknownNotice,
    /// It is paid.
    #[error("the notice is paid")]
    Paid,
    /// It was cancelled or replaced.
    #[error("the notice was withdrawn")]
    Withdrawn,
    /// It can no longer be paid.
    #[error("the notice has expired")]
    Expired,
    /// Nothing is due on it today, says the program that knows.
    #[error("nothing is due on the notice today")]
    NothingDue,
    /// The program that says what is due gives no answer, and without one nothing can be paid.
    #[error("what is due today cannot be told now: try again later")]
    TryLater,
    /// The institution does not offer the service at providers.
    #[error("the institution does not offer this service at providers")]
    ServiceNotOffered,
    /// What the payer said at the provider makes no debt.
    #[error(transparent)]
    Demand(#[from] DemandError),
    /// The receipt was taken before, and the setting says to tell.
    #[error("the receipt was taken before")]
    DuplicateReceipt,
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<storage::StorageError> for HubRefusal {
    fn from(error: storage::StorageError) -> Self {
        Self::Unavailable(Unavailable(error))
    }
}

/// A notice that can be paid now.
#[derive(Debug, Clone)]
pub struct VerifiedNotice {
    /// The notice.
    pub notice: Notice,
    /// Its institution.
    pub institution: CreditorInstitution,
    /// Its service, unless it left the catalogue.
    pub service: Option<Service>,
}

/// A notice that can be paid now, with where its money goes.
#[derive(Debug, Clone)]
pub struct PaymentData {
    /// The notice.
    pub verified: VerifiedNotice,
    /// Who owes.
    pub debtor: Subject,
    /// The parts of the amount.
    pub transfers: Vec<Transfer>,
}

/// The notice the hub probes with, to see whether a station is alive. It never exists.
const PROBE: &str = "000000000000000000";

/// Says whether a notice can be paid, and how much (`paVerifyPaymentNotice`).
pub async fn verify_notice(
    services: &Services,
    addressed: &Addressed,
    code_institution: &str,
    number: &NoticeNumber,
) -> Result<VerifiedNotice, HubRefusal> {
    let asked = Asked::recognise(services, addressed, code_institution, number).await?;
    // One statement at most: the promptest answer of the whole platform is this one.
    let notice = services
        .lookup
        .find(&asked.institution.fiscal_code, number)
        .await?
        .ok_or(HubRefusal::UnknownNotice)?;
    if !asked.asks_program(services, &notice, Wanted::Verify).await? {
        return asked.verified(services, notice);
    }
    let of_today = services
        .lookup
        .find(&asked.institution.fiscal_code, number)
        .await?
        .ok_or(HubRefusal::UnknownNotice)?;
    asked.verified(services, of_today)
}

/// Says how much is due and where it goes (`paGetPayment`, `paGetPaymentV2`).
pub async fn prepare_payment(
    services: &Services,
    addressed: &Addressed,
    code_institution: &str,
    number: &NoticeNumber,
) -> Result<PaymentData, HubRefusal> {
    let asked = Asked::recognise(services, addressed, code_institution, number).await?;
    let mut payable = asked.payable(services, number).await?;
    if asked
        .asks_program(services, &payable.notice, Wanted::Payment)
        .await?
    {
        payable = asked.payable(services, number).await?;
    }
    Ok(PaymentData {
        verified: asked.verified(services, payable.notice)?,
        debtor: payable.debtor,
        transfers: payable.transfers,
    })
}

/// The institution a question is for, and the directory that knows its services.
struct Asked {
    institution: CreditorInstitution,
    entries: Arc<Entries>,
}

impl Asked {
    async fn recognise(
        services: &Services,
        addressed: &Addressed,
        code_institution: &str,
        number: &NoticeNumber,
    ) -> Result<Self, HubRefusal> {
        let entries = services
            .directory
            .entries(&services.store, &*services.clock)
            .await?;
        let institution = recognise(&entries, addressed, code_institution)?.clone();
        if number.as_str() == PROBE {
            return Err(HubRefusal::UnknownNotice);
        }
        Ok(Self { institution, entries })
    }

    async fn payable(&self, services: &Services, number: &NoticeNumber) -> Result<PayableNotice, HubRefusal> {
        let mut snapshot = services.store.read().await?;
        debt_positions::find_payable(&mut snapshot, &self.institution.fiscal_code, number)
            .await?
            .ok_or(HubRefusal::UnknownNotice)
    }

    /// Asks the program of the notice's service what is due, if it has one: whether the notice must be read again.
    async fn asks_program(
        &self,
        services: &Services,
        notice: &Notice,
        wanted: Wanted,
    ) -> Result<bool, HubRefusal> {
        let service = self
            .entries
            .service(&self.institution.fiscal_code, &notice.service);
        match refresh(services, service, notice, wanted).await? {
            None => Ok(false),
            Some(Today::Told { .. } | Today::LastKnown { .. }) => Ok(true),
            Some(Today::NothingDue { .. }) => Err(HubRefusal::NothingDue),
            Some(Today::TryLater) => Err(HubRefusal::TryLater),
        }
    }

    /// The notice with what is said beside it, if it can be paid today.
    fn verified(self, services: &Services, notice: Notice) -> Result<VerifiedNotice, HubRefusal> {
        judge(&notice, services.clock.today())?;
        let service = self
            .entries
            .service(&self.institution.fiscal_code, &notice.service)
            .cloned();
        Ok(VerifiedNotice {
            notice,
            institution: self.institution,
            service,
        })
    }
}

/// Says whether a receipt is addressed to an institution served here. Broker and institution must be ours; the station is
/// not looked at, because receipts still come through one that was replaced.
pub async fn recognise_recipient(services: &Services, addressed: &Addressed) -> Result<(), HubRefusal> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await
        .map_err(Unavailable)?;
    let served = &entries.institutions;
    match served
        .iter()
        .find(|i| i.fiscal_code.as_str() == addressed.institution)
    {
        Some(institution) if institution.broker.as_str() == addressed.broker => Ok(()),
        None if served.iter().any(|i| i.broker.as_str() == addressed.broker) => {
            Err(HubRefusal::UnknownInstitution)
        }
        Some(_) | None => Err(HubRefusal::WrongBroker),
    }
}

/// Who is addressed: broker, station and institution must be ours and belong together.
pub(crate) fn recognise<'a>(
    entries: &'a Entries,
    addressed: &Addressed,
    code_institution: &str,
) -> Result<&'a CreditorInstitution, HubRefusal> {
    let served = &entries.institutions;
    let Some(institution) = served
        .iter()
        .find(|i| i.fiscal_code.as_str() == addressed.institution)
    else {
        return Err(if !served.iter().any(|i| i.broker.as_str() == addressed.broker) {
            HubRefusal::WrongBroker
        } else if !served.iter().any(|i| i.station.as_str() == addressed.station) {
            HubRefusal::WrongStation
        } else {
            HubRefusal::UnknownInstitution
        });
    };
    if institution.broker.as_str() != addressed.broker {
        return Err(HubRefusal::WrongBroker);
    }
    if institution.station.as_str() != addressed.station {
        return Err(HubRefusal::WrongStation);
    }
    if code_institution != addressed.institution {
        return Err(HubRefusal::UnknownInstitution);
    }
    Ok(institution)
}

/// Whether a notice can be paid on a day, or why not.
pub(crate) fn judge(notice: &Notice, today: NaiveDate) -> Result<(), HubRefusal> {
    match notice.standing(today) {
        NoticeStanding::Payable { .. } => Ok(()),
        NoticeStanding::NotYetPayable { .. }
        | NoticeStanding::OtherOptionChosen
        | NoticeStanding::Unpublished => Err(HubRefusal::UnknownNotice),
        NoticeStanding::Paid { .. } => Err(HubRefusal::Paid),
        NoticeStanding::Cancelled | NoticeStanding::Replaced { .. } => Err(HubRefusal::Withdrawn),
        NoticeStanding::Expired => Err(HubRefusal::Expired),
    }
}
