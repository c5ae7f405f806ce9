//! Paying a notice: the station says where to credit, the hub keeps concurrent attempts apart, the receipt follows.

use crate::archive::{self, Feed};
use crate::clock;
use crate::hub::{Hold, Hub};
use crate::stand_in;
use crate::station::Failure;
use chrono::{Days, NaiveDateTime};
use domain::receipt::{Psp, ReceiptDestination, ReceiptTransfer};
use domain::{Cents, CreditorFiscalCode, NoticeNumber, Receipt, ReceiptId, Subject};
use pagopa::pa_for_node::Edition;
use pagopa::pa_for_node::get_payment::{self, Payment, PaymentDestination, PaymentTransfer, TransferType};
use pagopa::stamp_duty::StampDuty;
use serde::{Deserialize, Serialize};

/// Somebody wants to pay a notice.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) institution: CreditorFiscalCode,
    pub(crate) notice_number: NoticeNumber,
    /// What the payer was shown.
    pub(crate) amount: Option<Cents>,
    /// `idCart` of the cart it comes from.
    pub(crate) payment_note: Option<String>,
    pub(crate) transfer_type: Option<TransferType>,
    pub(crate) email: Option<String>,
    pub(crate) way: Way,
    /// The edition of the question to the station.
    pub(crate) edition: Edition,
    /// The edition of the receipt that follows.
    pub(crate) receipt_edition: Edition,
}

/// How it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// By card on Checkout.
    Card,
    /// From an account on Checkout.
    Account,
    /// In cash at a provider's counter.
    Counter,
}

impl Way {
    /// The provider's fee.
    pub(crate) const fn fee(self) -> Cents {
        match self {
            Self::Card => Cents::new(130),
            Self::Account => Cents::new(85),
            Self::Counter => Cents::new(200),
        }
    }

    const fn method(self) -> &'static str {
        match self {
            Self::Card => "creditCard",
            Self::Account => "bankAccount",
            Self::Counter => "cash",
        }
    }

    fn psp(self) -> Psp {
        let (name, channel_description) = match self {
            Self::Card | Self::Account => ("Banca della Lanterna (prova)", "web"),
            Self::Counter => ("Sportello della Lanterna (prova)", "sportello"),
        };
        Psp {
            id: "LANTITGG".to_owned(),
            name: name.to_owned(),
            fiscal_code: Some("99999999990".to_owned()),
            vat_number: Some("99999999990".to_owned()),
            channel: "99999999990_01".to_owned(),
            channel_description: channel_description.to_owned(),
        }
    }
}

/// Why it cannot be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PayError {
    /// Somebody is paying it right now.
    InProgress,
    /// The hub saw it paid.
    Paid,
    /// Stamp duties are sold only on Checkout.
    StampAtCounter,
    /// The station does not answer well.
    Station(Failure),
}

impl PayError {
    /// The code a payment provider sees.
    pub(crate) const fn hub_code(&self) -> &'static str {
        match self {
            Self::InProgress => "PPT_PAGAMENTO_IN_CORSO",
            Self::Paid => "PPT_PAGAMENTO_DUPLICATO",
            Self::StampAtCounter => "PPT_SEMANTICA",
            Self::Station(failure) => failure.hub_code(),
        }
    }

    /// The reasons, for the institution.
    pub(crate) fn reasons(&self) -> Vec<String> {
        match self {
            Self::InProgress | Self::Paid | Self::StampAtCounter => Vec::new(),
            Self::Station(failure) => failure.reasons(),
        }
    }
}

/// A notice held for one payer. Given up when dropped, unless it was paid.
#[derive(Debug)]
pub(crate) struct Activation<'h> {
    order: Order,
    payment: Payment,
    /// The station did not answer: the copy did.
    is_stand_in: bool,
    held: Held<'h>,
}

#[derive(Debug)]
struct Held<'h> {
    hub: &'h Hub,
    hold: Hold,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // Once paid, the entry is another one and stays.
        self.hub.memory().holds.remove(|hold| *hold == self.hold);
    }
}

impl Hub {
    /// Holds a notice and asks the station where to credit it.
    pub(crate) async fn activate(&self, order: Order) -> Result<Activation<'_>, PayError> {
        let held = self.hold(&order)?;
        let (payment, is_stand_in) = self.ask_payment(&order).await.map_err(PayError::Station)?;
        let has_stamp = payment
            .transfers
            .iter()
            .any(|transfer| matches!(transfer.destination, PaymentDestination::StampDuty { .. }));
        let is_sold = order.way != Way::Counter && order.receipt_edition == Edition::Second;
        if has_stamp && !is_sold {
            return Err(PayError::StampAtCounter);
        }
        Ok(Activation {
            order,
            payment,
            is_stand_in,
            held,
        })
    }

    /// Where to credit: from the station, or from the copy while it does not answer.
    async fn ask_payment(&self, order: &Order) -> Result<(Payment, bool), Failure> {
        let (institution, number) = (&order.institution, &order.notice_number);
        let from_copy =
            |position| stand_in::payment(institution, &position, number).map(|payment| (payment, true));
        if let Some(payment) = self.while_standing_in(institution, number).and_then(from_copy) {
            return Ok(payment);
        }
        let request = get_payment::Request {
            edition: order.edition,
            head: self.head(institution),
            fiscal_code: institution.clone(),
            notice_number: number.clone(),
            amount: order.amount,
            payment_note: order.payment_note.clone(),
            transfer_type: order.transfer_type,
            due_on: None,
        };
        match self.get(&request).await {
            Ok(payment) => Ok((payment, false)),
            Err(failure) => {
                let copy = self.stand_in_for(institution, number, &failure);
                copy.and_then(from_copy).ok_or(failure)
            }
        }
    }

    fn hold(&self, order: &Order) -> Result<Held<'_>, PayError> {
        let hold = Hold {
            institution: order.institution.clone(),
            notice_number: order.notice_number.clone(),
            paid: false,
        };
        let mut memory = self.memory();
        let other = memory
            .holds
            .find(|other| other.institution == hold.institution && other.notice_number == hold.notice_number);
        match other {
            Some(other) if !other.paid => return Err(PayError::InProgress),
            Some(_) if !memory.mischief.pay_twice => return Err(PayError::Paid),
            Some(_) | None => {}
        }
        memory.holds.push(hold.clone());
        Ok(Held { hub: self, hold })
    }
}

impl Activation<'_> {
    /// The edition its receipt is sent in.
    pub(crate) const fn receipt_edition(&self) -> Edition {
        self.order.receipt_edition
    }

    /// The payment is made: its receipt, still to be delivered.
    pub(crate) fn confirm(self) -> Receipt {
        let Self {
            order,
            payment,
            is_stand_in,
            held,
        } = self;
        let hub = held.hub;
        hub.memory().holds.push(Hold {
            paid: true,
            ..held.hold.clone()
        });
        let now = hub.now();
        let paid_at = clock::italian_time(now);
        let today = paid_at.date();
        let psp = order.way.psp();
        let id = ReceiptId::parse(&clock::random_id()).expect("hexadecimal digits are a receipt id");
        let in_archive = archive::Payment {
            at: now,
            receipt_id: Some(id.to_string()),
            flow: None,
        };
        for feed in [Feed::Aca, Feed::Gpd] {
            let mut archive = hub.archives.positions(feed);
            archive.pay(&order.institution, &order.notice_number, &in_archive);
        }
        Receipt {
            id,
            recipient: order.institution.clone(),
            issuer: order.institution,
            notice_number: order.notice_number,
            iuv: payment.iuv.clone(),
            amount: payment.amount(),
            description: payment.description,
            company_name: payment.company_name,
            office_name: payment.office_name,
            payer: Some(Subject {
                email: order.email.or(payment.debtor.email.clone()),
                ..payment.debtor.clone()
            }),
            debtor: payment.debtor,
            transfers: payment
                .transfers
                .into_iter()
                .map(|transfer| receipt_transfer(transfer, &psp, paid_at))
                .collect(),
            psp,
            payment_method: Some(order.way.method().to_owned()),
            payment_note: order.payment_note,
            fee: Some(order.way.fee()),
            paid_at: Some(paid_at),
            applied_on: Some(today),
            transferred_on: today.checked_add_days(Days::new(1)),
            stand_in: is_stand_in || hub.mischief().stand_in,
            metadata: payment.metadata,
        }
    }
}

fn receipt_transfer(transfer: PaymentTransfer, psp: &Psp, paid_at: NaiveDateTime) -> ReceiptTransfer {
    ReceiptTransfer {
        id: transfer.id,
        amount: transfer.amount,
        beneficiary: transfer.beneficiary,
        beneficiary_name: Some(transfer.beneficiary_name),
        destination: match transfer.destination {
            PaymentDestination::Account(iban) => ReceiptDestination::Account(iban.to_string()),
            // The stamp of a trial: its signature signs nothing.
            PaymentDestination::StampDuty { document_digest, .. } => ReceiptDestination::StampDuty {
                attachment: StampDuty {
                    psp_code: psp.fiscal_code.clone().unwrap_or_else(|| psp.id.clone()),
                    psp_name: psp.name.clone(),
                    id: format!("{:0>14}", transfer.id),
                    bought_at: paid_at,
                    amount: transfer.amount,
                    document_digest: document_digest.clone(),
                }
                .write_unsigned(),
                document_digest: Some(document_digest),
            },
        },
        remittance_information: transfer.remittance_information,
        category: transfer.category.to_string(),
        metadata: transfer.metadata,
    }
}
