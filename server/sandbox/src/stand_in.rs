//! Standing in for a station that does not answer, from the copy in the archive, and the probe that ends it.
//!
//! The real hub decides by shares of traffic over half an hour; here one failed call about a notice that can be paid
//! from the copy is enough.

use crate::archive::{Credit, Feed, Position};
use crate::hub::Hub;
use crate::station::Failure;
use chrono::{DateTime, Utc};
use chrono_tz::Europe::Rome;
use domain::subject::Address;
use domain::transfer::TransferCategory;
use domain::{CreditorFiscalCode, Iban, NoticeNumber, Subject, SubjectKind};
use pagopa::FaultCode;
use pagopa::pa_for_node::get_payment::{Payment, PaymentDestination, PaymentTransfer};
use pagopa::pa_for_node::verify_payment_notice::Due;
use serde::Serialize;

/// The number of the probe: no institution issues it.
const PROBE: &str = "000000000000000000";

/// Since when the hub answers in the station's place.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StandIn {
    pub(crate) since: DateTime<Utc>,
    /// What the station did.
    pub(crate) reason: &'static str,
}

/// What the station answered to a probe.
#[derive(Debug, Clone, Serialize)]
pub struct Probe {
    /// When it was asked.
    pub at: DateTime<Utc>,
    /// `PAA_PAGAMENTO_SCONOSCIUTO`: the station works.
    pub is_good: bool,
    /// What it said, or what the hub calls its silence.
    pub answer: String,
    /// Why that is wrong.
    pub reasons: Vec<String>,
}

impl Hub {
    /// Asks the station what is due, or the copy while the station does not answer.
    pub(crate) async fn verify(
        &self,
        institution: &CreditorFiscalCode,
        notice_number: &NoticeNumber,
    ) -> Result<Due, Failure> {
        if let Some(position) = self.while_standing_in(institution, notice_number) {
            return due(institution, &position, notice_number).ok_or(Failure::Unreachable);
        }
        let failure = match self.ask_verify(institution, notice_number).await {
            Ok(due) => return Ok(due),
            Err(failure) => failure,
        };
        let copy = self.stand_in_for(institution, notice_number, &failure);
        copy.and_then(|position| due(institution, &position, notice_number))
            .ok_or(failure)
    }

    /// The copy of a notice, when the hub stands in already.
    pub(crate) fn while_standing_in(
        &self,
        institution: &CreditorFiscalCode,
        notice_number: &NoticeNumber,
    ) -> Option<Position> {
        let is_standing_in = self.memory().stand_in.is_some();
        if is_standing_in {
            self.copy_of(institution, notice_number)
        } else {
            None
        }
    }

    /// The copy of a notice after a failure that makes the hub stand in: it does so from now on.
    pub(crate) fn stand_in_for(
        &self,
        institution: &CreditorFiscalCode,
        notice_number: &NoticeNumber,
        failure: &Failure,
    ) -> Option<Position> {
        match failure {
            Failure::Ko(_) => return None,
            Failure::Unreachable | Failure::Late | Failure::Malformed(_) => {}
        }
        let position = self.copy_of(institution, notice_number)?;
        let since = self.now();
        let reason = failure.hub_code();
        self.memory().stand_in.get_or_insert(StandIn { since, reason });
        Some(position)
    }

    fn copy_of(&self, institution: &CreditorFiscalCode, notice_number: &NoticeNumber) -> Option<Position> {
        let now = self.now();
        let position = self
            .archives
            .positions(Feed::Aca)
            .find_notice(institution, notice_number)?;
        let can_be_paid = position.pay_stand_in && position.payable(notice_number, now).is_some();
        can_be_paid.then_some(position)
    }

    /// Asks about the notice nobody issues: a good answer ends the stand-in.
    pub(crate) async fn probe(&self, institution: &CreditorFiscalCode) -> Probe {
        let number = NoticeNumber::parse(PROBE).expect("eighteen digits");
        let result = self.ask_verify(institution, &number).await;
        let is_good = matches!(&result, Err(Failure::Ko(fault)) if fault.code == FaultCode::UnknownPayment);
        let probe = Probe {
            at: self.now(),
            is_good,
            answer: match &result {
                Ok(_) => "OK".to_owned(),
                Err(Failure::Ko(fault)) => fault.code.to_string(),
                Err(failure) => failure.hub_code().to_owned(),
            },
            reasons: match &result {
                Ok(_) => vec!["the probe's notice does not exist: it cannot be due".to_owned()],
                Err(_) if is_good => Vec::new(),
                Err(failure) => failure.reasons(),
            },
        };
        let mut memory = self.memory();
        memory.last_probe = Some(probe.clone());
        if is_good {
            memory.stand_in = None;
        }
        probe
    }
}

fn due(institution: &CreditorFiscalCode, position: &Position, number: &NoticeNumber) -> Option<Due> {
    let notice = position.notices.iter().find(|notice| notice.number == *number)?;
    let is_postal = |credit: &Credit| match credit {
        Credit::Account { iban, postal } => {
            postal.is_some() || Iban::parse(iban).is_ok_and(|iban| iban.is_postal())
        }
        Credit::Stamp { .. } => false,
    };
    Some(Due {
        amount: notice.amount,
        due_on: Some(notice.due.with_timezone(&Rome).date_naive()),
        detail: None,
        all_postal: notice
            .transfers
            .iter()
            .all(|transfer| is_postal(&transfer.credit)),
        description: notice.description.clone(),
        institution: institution.clone(),
        company_name: position.company_name.clone(),
        office_name: position.office_name.clone(),
    })
}

/// Where to credit a notice, as the copy says.
pub(crate) fn payment(
    institution: &CreditorFiscalCode,
    position: &Position,
    number: &NoticeNumber,
) -> Option<Payment> {
    let notice = position.notices.iter().find(|notice| notice.number == *number)?;
    let transfers: Option<Vec<PaymentTransfer>> = notice
        .transfers
        .iter()
        .map(|transfer| {
            let code = transfer.organization.as_deref().unwrap_or(institution.as_str());
            let name = transfer.company_name.as_ref().unwrap_or(&position.company_name);
            Some(PaymentTransfer {
                id: transfer.id,
                amount: transfer.amount,
                beneficiary: CreditorFiscalCode::parse(code).ok()?,
                beneficiary_name: name.clone(),
                destination: match &transfer.credit {
                    Credit::Account { iban, postal: _ } => {
                        PaymentDestination::Account(Iban::parse(iban).ok()?)
                    }
                    Credit::Stamp {
                        digest,
                        kind: _,
                        province,
                    } => PaymentDestination::StampDuty {
                        document_digest: digest.clone(),
                        province: province.clone(),
                    },
                },
                remittance_information: transfer.remittance_information.clone(),
                category: TransferCategory::parse(&transfer.category).ok()?,
                metadata: transfer.metadata.clone(),
            })
        })
        .collect();
    let debtor = &position.debtor;
    Some(Payment {
        iuv: number.iuv(),
        due_on: notice.due.with_timezone(&Rome).date_naive(),
        description: notice.description.clone(),
        company_name: position.company_name.clone(),
        office_name: position.office_name.clone(),
        debtor: Subject {
            kind: if debtor.legal_person {
                SubjectKind::Legal
            } else {
                SubjectKind::Natural
            },
            code: debtor.code.clone(),
            full_name: debtor.full_name.clone(),
            address: Address {
                street: debtor.street.clone(),
                number: debtor.number.clone(),
                postal_code: debtor.postal_code.clone(),
                city: debtor.city.clone(),
                province: debtor.province.clone(),
                country: debtor.country.clone(),
            },
            email: debtor.email.clone(),
        },
        transfers: transfers?,
        metadata: notice.metadata.clone(),
    })
}
