//! `paGetPayment` and `paGetPaymentV2`: what is due, by whom, and where to credit it. Somebody is about to pay; nothing
//! is locked. The editions ask alike; the answers of the first know neither stamp duties nor names of beneficiaries.

use super::parts::{
    Head, read_metadata, read_qr_code, read_subject, write_metadata, write_qr_code, write_subject,
};
use super::{Answer, Edition, Operation, Refusal, answer, read_request, unexpected};
use crate::values;
use crate::writer::Writer;
use crate::xml::{Element, Fields, leaf};
use crate::{Reason, WireError, envelope};
use chrono::NaiveDate;
use domain::transfer::TransferCategory;
use domain::{Cents, CreditorFiscalCode, Iban, Iuv, NoticeNumber, Subject};

mod accounts;

pub use accounts::choose_accounts;

/// The operation of an edition.
const fn operation(edition: Edition) -> Operation {
    match edition {
        Edition::First => Operation::GetPayment,
        Edition::Second => Operation::GetPaymentV2,
    }
}

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// In which edition it is asked, and answered.
    pub edition: Edition,
    /// Who is addressed.
    pub head: Head,
    /// The institution on the notice; not always the one addressed.
    pub fiscal_code: CreditorFiscalCode,
    /// The notice.
    pub notice_number: NoticeNumber,
    /// What the payer was shown, when said.
    pub amount: Option<Cents>,
    /// Our reference of the cart, when the payment began in one.
    pub payment_note: Option<String>,
    /// Which accounts are wanted, when it matters.
    pub transfer_type: Option<TransferType>,
    /// The due date the payer was shown, when said.
    pub due_on: Option<NaiveDate>,
}

/// Which accounts the hub wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferType {
    /// Postal ones: the payer holds a postal slip.
    Postal,
    /// Ordinary ones, with the postal one mentioned beside.
    PagoPa,
}

impl TransferType {
    /// The official spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postal => "POSTAL",
            Self::PagoPa => "PAGOPA",
        }
    }
}

/// The answer.
pub type Response = Answer<Payment>;

/// What is to be paid. The amount is the sum of the transfers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The payment reference.
    pub iuv: Iuv,
    /// The due date. The schema demands one: for a notice without, the caller gives a plausible date.
    pub due_on: NaiveDate,
    /// What it is for, at most 140 characters.
    pub description: String,
    /// Name of the institution, at most 140 characters.
    pub company_name: String,
    /// Its office, at most 140 characters.
    pub office_name: Option<String>,
    /// Who owes.
    pub debtor: Subject,
    /// One to five parts, as `domain` checks for every position stored.
    pub transfers: Vec<PaymentTransfer>,
    /// Further pairs.
    pub metadata: Vec<(String, String)>,
}

impl Payment {
    /// What is due: the sum of the transfers.
    pub fn amount(&self) -> Cents {
        // A sum beyond 64 bits does not exist among positions; the hub would refuse the largest amount too.
        Cents::sum(self.transfers.iter().map(|transfer| transfer.amount)).unwrap_or(Cents::MAX_WIRE)
    }

    /// Whether an edition can say it: the first knows no stamp duties.
    pub fn fits(&self, edition: Edition) -> bool {
        edition == Edition::Second
            || self
                .transfers
                .iter()
                .all(|transfer| matches!(transfer.destination, PaymentDestination::Account(_)))
    }
}

/// A part of the payment with its account chosen (`ctTransferPAV2`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentTransfer {
    /// 1 to 5.
    pub id: u8,
    /// The part's amount.
    pub amount: Cents,
    /// The institution credited.
    pub beneficiary: CreditorFiscalCode,
    /// Its name: optional in the schema, demanded since version 3.5 of the manual; empty when read from the first
    /// edition, which has none.
    pub beneficiary_name: String,
    /// Where it goes.
    pub destination: PaymentDestination,
    /// Reason of the part, at most 140 characters.
    pub remittance_information: String,
    /// Taxonomy category.
    pub category: TransferCategory,
    /// Further pairs.
    pub metadata: Vec<(String, String)>,
}

/// Where a part goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentDestination {
    /// To an account.
    Account(Iban),
    /// A stamp duty bought for a document (`richiestaMarcaDaBollo`, type `01`).
    StampDuty {
        /// Digest of the document in base64, 4 to 72 characters.
        document_digest: String,
        /// Province of residence, two capital letters.
        province: String,
    },
}

impl Request {
    /// Reads a request of either edition.
    pub fn read(bytes: &[u8]) -> Result<Self, WireError> {
        match read_request(bytes)? {
            super::Request::GetPayment(request) => Ok(request),
            other => Err(unexpected(&other)),
        }
    }

    /// The operation it asks for.
    pub const fn operation(&self) -> Operation {
        operation(self.edition)
    }

    /// Writes the request.
    pub fn write(&self) -> String {
        envelope::write(operation(self.edition).request_root(), |w| {
            self.head.write(w);
            write_qr_code(w, &self.fiscal_code, &self.notice_number);
            if let Some(amount) = self.amount {
                w.leaf("amount", &amount.to_wire());
            }
            w.optional_text("paymentNote", self.payment_note.as_deref(), 210);
            if let Some(transfer_type) = self.transfer_type {
                w.leaf("transferType", transfer_type.as_str());
            }
            if let Some(due_on) = self.due_on {
                w.leaf("dueDate", &due_on.to_string());
            }
        })
    }
}

pub(super) fn from_root(root: &Element, edition: Edition) -> Result<Request, Reason> {
    let mut fields = Fields::of(root)?;
    let head = Head::read(&mut fields)?;
    let (fiscal_code, notice_number) = read_qr_code(&mut fields)?;
    let amount = fields
        .optional("amount")
        .map(|element| values::amount(element, "amount"))
        .transpose()?;
    let payment_note = fields
        .optional("paymentNote")
        .map(|element| values::text(element, "paymentNote", 210))
        .transpose()?;
    let transfer_type = match fields.optional("transferType").map(leaf).transpose()? {
        None => None,
        Some("POSTAL") => Some(TransferType::Postal),
        Some("PAGOPA") => Some(TransferType::PagoPa),
        Some(_) => {
            return Err(Reason::Value {
                element: "transferType",
                rule: "is not POSTAL or PAGOPA",
            });
        }
    };
    let due_on = fields
        .optional("dueDate")
        .map(|element| values::date(element, "dueDate"))
        .transpose()?;
    fields.end()?;
    Ok(Request {
        edition,
        head,
        fiscal_code,
        notice_number,
        amount,
        payment_note,
        transfer_type,
        due_on,
    })
}

impl Response {
    /// Writes the answer in the edition of its question. What does not fit it ([`Payment::fits`]) is refused before.
    pub fn write(&self, edition: Edition) -> String {
        answer::write(operation(edition), self, |w, payment| {
            w.element("data", |w| {
                w.leaf("creditorReferenceId", payment.iuv.as_str());
                w.leaf("paymentAmount", &payment.amount().to_wire());
                w.leaf("dueDate", &payment.due_on.to_string());
                w.text("description", &payment.description, 140);
                w.text("companyName", &payment.company_name, 140);
                w.optional_text("officeName", payment.office_name.as_deref(), 140);
                write_subject(w, "debtor", &payment.debtor);
                w.element("transferList", |w| {
                    for transfer in &payment.transfers {
                        w.element("transfer", |w| write_transfer(w, transfer, edition));
                    }
                });
                write_metadata(w, &payment.metadata);
            });
        })
    }

    /// Reads the answer to `request` as the hub does, or lists why the hub refuses it.
    pub fn read(bytes: &[u8], request: &Request) -> Result<Self, Vec<Refusal>> {
        answer::read(operation(request.edition), bytes, |mut fields, refusals| {
            let data = fields
                .optional("data")
                .map(|data| read_payment(data, request.edition, refusals))
                .transpose()?;
            fields.end()?;
            match data {
                None => {
                    refusals.push(Refusal::Missing { element: "data" });
                    Ok(None)
                }
                Some(payment) => {
                    if payment
                        .as_ref()
                        .is_some_and(|payment| payment.iuv != request.notice_number.iuv())
                    {
                        refusals.push(Refusal::Reference);
                    }
                    Ok(payment)
                }
            }
        })
    }
}

fn write_transfer(w: &mut Writer, transfer: &PaymentTransfer, edition: Edition) {
    w.leaf("idTransfer", &transfer.id.to_string());
    w.leaf("transferAmount", &transfer.amount.to_wire());
    w.leaf("fiscalCodePA", transfer.beneficiary.as_str());
    if edition == Edition::Second {
        w.text("companyName", &transfer.beneficiary_name, 140);
    }
    match &transfer.destination {
        PaymentDestination::Account(iban) => w.leaf("IBAN", iban.as_str()),
        PaymentDestination::StampDuty {
            document_digest,
            province,
        } => w.element("richiestaMarcaDaBollo", |w| {
            w.leaf("hashDocumento", document_digest);
            w.leaf("tipoBollo", "01");
            w.leaf("provinciaResidenza", province);
        }),
    }
    w.text("remittanceInformation", &transfer.remittance_information, 140);
    w.leaf("transferCategory", transfer.category.as_str());
    write_metadata(w, &transfer.metadata);
}

/// `ctPaymentPA`, `ctPaymentPAV2`.
fn read_payment(
    data: &Element,
    edition: Edition,
    refusals: &mut Vec<Refusal>,
) -> Result<Option<Payment>, Reason> {
    let mut fields = Fields::of(data)?;
    let iuv = values::iuv(fields.required("creditorReferenceId")?)?;
    let amount = values::amount_not_zero(fields.required("paymentAmount")?, "paymentAmount")?;
    let due_on = values::date(fields.required("dueDate")?, "dueDate")?;
    if let Some(element) = fields.optional("retentionDate") {
        values::date_time(element, "retentionDate")?;
    }
    if let Some(element) = fields.optional("lastPayment") {
        values::boolean(element, "lastPayment")?;
    }
    let description = values::text(fields.required("description")?, "description", 140)?;
    let company_name = match edition {
        Edition::First => fields.optional("companyName"),
        Edition::Second => Some(fields.required("companyName")?),
    }
    .map_or(Ok(String::new()), |element| {
        values::text(element, "companyName", 140)
    })?;
    let office_name = fields
        .optional("officeName")
        .map(|element| values::text(element, "officeName", 140))
        .transpose()?;
    let debtor = read_subject(fields.required("debtor")?)?;
    let mut list = Fields::of(fields.required("transferList")?)?;
    let metadata = read_metadata(&mut fields)?;
    fields.end()?;

    let mut sum = Cents::ZERO;
    let mut transfers: Vec<PaymentTransfer> = Vec::new();
    let mut seen = [false; 6];
    let mut complete = true;
    let mut count = 0;
    let mut next = Some(list.required("transfer")?);
    while let Some(element) = next {
        count += 1;
        if count > 5 {
            return Err(Reason::Value {
                element: "transferList",
                rule: "has more than 5 transfers",
            });
        }
        let (id, part, transfer) = read_transfer(element, edition, refusals)?;
        if std::mem::replace(&mut seen[usize::from(id)], true) {
            refusals.push(Refusal::TransferTwice { id });
        }
        sum = sum.checked_add(part).unwrap_or(Cents::MAX_WIRE);
        complete &= transfer.is_some();
        transfers.extend(transfer);
        next = list.optional("transfer");
    }
    list.end()?;
    if sum != amount {
        refusals.push(Refusal::Sum { sum, amount });
    }
    let payment = Payment {
        iuv,
        due_on,
        description,
        company_name,
        office_name,
        debtor,
        transfers,
        metadata,
    };
    Ok(complete.then_some(payment))
}

/// `ctTransferPA`, `ctTransferPAV2`: its number and amount, and the whole of it unless the hub refuses it.
fn read_transfer(
    element: &Element,
    edition: Edition,
    refusals: &mut Vec<Refusal>,
) -> Result<(u8, Cents, Option<PaymentTransfer>), Reason> {
    let mut fields = Fields::of(element)?;
    let id = values::transfer_id(fields.required("idTransfer")?)?;
    let amount = values::amount_not_zero(fields.required("transferAmount")?, "transferAmount")?;
    let beneficiary = values::fiscal_code(fields.required("fiscalCodePA")?, "fiscalCodePA")?;
    let (beneficiary_name, stamp) = match edition {
        Edition::First => (Some(String::new()), None),
        Edition::Second => {
            let name = fields
                .optional("companyName")
                .map(|element| values::text(element, "companyName", 140))
                .transpose()?;
            if name.is_none() {
                refusals.push(Refusal::Missing {
                    element: "companyName of a transfer",
                });
            }
            (name, fields.optional("richiestaMarcaDaBollo"))
        }
    };
    let destination = if let Some(stamp) = stamp {
        Some(read_stamp(stamp)?)
    } else {
        let iban = values::text(fields.required("IBAN")?, "IBAN", 35)?;
        let iban = Iban::parse(&iban).map_err(|error| refusals.push(Refusal::Iban { transfer: id, error }));
        iban.ok().map(PaymentDestination::Account)
    };
    let remittance_information = values::text(
        fields.required("remittanceInformation")?,
        "remittanceInformation",
        140,
    )?;
    let category = values::text(fields.required("transferCategory")?, "transferCategory", 140)?;
    let category = TransferCategory::parse(&category).ok();
    if category.is_none() {
        refusals.push(Refusal::Category { transfer: id });
    }
    let metadata = read_metadata(&mut fields)?;
    fields.end()?;
    let transfer = match (beneficiary_name, destination, category) {
        (Some(beneficiary_name), Some(destination), Some(category)) => Some(PaymentTransfer {
            id,
            amount,
            beneficiary,
            beneficiary_name,
            destination,
            remittance_information,
            category,
            metadata,
        }),
        _ => None,
    };
    Ok((id, amount, transfer))
}

/// `ctRichiestaMarcaDaBollo`.
fn read_stamp(element: &Element) -> Result<PaymentDestination, Reason> {
    let mut fields = Fields::of(element)?;
    let document_digest = leaf(fields.required("hashDocumento")?)?.trim_ascii();
    if !(4..=72).contains(&document_digest.len()) || !values::is_base64(document_digest) {
        return Err(Reason::Value {
            element: "hashDocumento",
            rule: "is not base64 of 4 to 72 characters",
        });
    }
    if leaf(fields.required("tipoBollo")?)? != "01" {
        return Err(Reason::Value {
            element: "tipoBollo",
            rule: "is not 01",
        });
    }
    let province = leaf(fields.required("provinciaResidenza")?)?;
    if !values::is_two_capitals(province) {
        return Err(Reason::Value {
            element: "provinciaResidenza",
            rule: "is not two capital letters",
        });
    }
    fields.end()?;
    Ok(PaymentDestination::StampDuty {
        document_digest: document_digest.to_owned(),
        province: province.to_owned(),
    })
}
