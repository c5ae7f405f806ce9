//! `paSendRT` and `paSendRTV2`: a receipt. It states a fact, so reading forgives what the manual itself misspells: `standIn` in
//! another case or out of its place.

use super::parts::{Head, read_metadata, read_subject, write_metadata, write_subject};
use super::{Answer, Edition, Operation, Refusal, answer, read_request, unexpected};
use crate::values;
use crate::writer::Writer;
use crate::xml::{Element, Fields, Space, leaf};
use crate::{Reason, WireError, envelope, stamp_duty};
use domain::receipt::{Psp, ReceiptDestination, ReceiptTransfer};
use domain::{Cents, CreditorFiscalCode, Receipt, ReceiptId};

/// The operation of an edition.
const fn operation(edition: Edition) -> Operation {
    match edition {
        Edition::First => Operation::SendRt,
        Edition::Second => Operation::SendRtV2,
    }
}

/// A receipt delivered. Bundle and commission data (`primaryCiIncurredFee`, `idBundle`, `idCiBundle`) stay in the
/// raw message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// In which edition it comes, and is acknowledged.
    pub edition: Edition,
    /// Who is addressed. The station may have been replaced since: no reason to lose a receipt.
    pub head: Head,
    /// The receipt.
    pub receipt: Receipt,
}

/// The acknowledgement. A well-formed `KO` ends the hub's attempts as an `OK` does.
pub type Response = Answer<()>;

impl Request {
    /// Reads a request of either edition.
    pub fn read(bytes: &[u8]) -> Result<Self, WireError> {
        match read_request(bytes)? {
            super::Request::SendRt(request) => Ok(*request),
            other => Err(unexpected(&other)),
        }
    }

    /// The operation it asks for.
    pub const fn operation(&self) -> Operation {
        operation(self.edition)
    }

    /// Writes the request. The receipt's own recipient is `idPA`, whatever the head says. What the first edition has no
    /// place for is left out of it, stamp duties excepted: they have no receipt there.
    pub fn write(&self) -> String {
        let receipt = &self.receipt;
        envelope::write(operation(self.edition).request_root(), |w| {
            Head {
                institution: receipt.recipient.to_string(),
                ..self.head.clone()
            }
            .write(w);
            w.element("receipt", |w| write_receipt(w, receipt, self.edition));
        })
    }
}

impl Response {
    /// Writes the acknowledgement, in the edition of the receipt.
    pub fn write(&self, edition: Edition) -> String {
        answer::write(operation(edition), self, |_, ()| ())
    }

    /// Reads an acknowledgement as the hub does, or lists why the hub refuses it and sends the receipt again.
    pub fn read(bytes: &[u8], edition: Edition) -> Result<Self, Vec<Refusal>> {
        answer::read(operation(edition), bytes, |fields, _| fields.end().map(Some))
    }
}

pub(super) fn from_root(root: &Element, edition: Edition) -> Result<Request, Reason> {
    let beside = read_stand_in(root)?;
    let mut fields = Fields::filtered(root, |child| !is_stand_in(child))?;
    let head = Head::read(&mut fields)?;
    let receipt = fields.required("receipt")?;
    fields.end()?;
    let recipient = CreditorFiscalCode::parse(&head.institution).map_err(|_| Reason::Institution)?;
    let mut receipt = read_receipt(receipt, recipient, edition)?;
    receipt.stand_in |= beside;
    Ok(Request {
        edition,
        head,
        receipt,
    })
}

/// Whether an element says `standIn` among its children.
fn read_stand_in(element: &Element) -> Result<bool, Reason> {
    let mut stand_in = false;
    for element in element.children.iter().filter(|child| is_stand_in(child)) {
        stand_in |= values::boolean(element, "standIn")?;
    }
    Ok(stand_in)
}

/// The manual's text and examples spell `standIn` without its capital.
fn is_stand_in(element: &Element) -> bool {
    element.is(Space::Unqualified, "standIn") || element.is(Space::Unqualified, "standin")
}

/// `ctReceipt`, `ctReceiptV2`.
fn read_receipt(
    element: &Element,
    recipient: CreditorFiscalCode,
    edition: Edition,
) -> Result<Receipt, Reason> {
    let stand_in = read_stand_in(element)?;
    let mut fields = Fields::filtered(element, |child| !is_stand_in(child))?;
    let id = ReceiptId::parse(leaf(fields.required("receiptId")?)?).map_err(|_| Reason::Value {
        element: "receiptId",
        rule: "is not 1 to 140 printable characters",
    })?;
    let notice_number = values::notice_number(fields.required("noticeNumber")?)?;
    let issuer = values::fiscal_code(fields.required("fiscalCode")?, "fiscalCode")?;
    match leaf(fields.required("outcome")?)? {
        "OK" => {}
        "KO" => return Err(Reason::NotPaid),
        _ => {
            return Err(Reason::Value {
                element: "outcome",
                rule: "is not OK or KO",
            });
        }
    }
    let iuv = values::iuv(fields.required("creditorReferenceId")?)?;
    let amount = values::amount(fields.required("paymentAmount")?, "paymentAmount")?;
    let description = values::text(fields.required("description")?, "description", 140)?;
    let company_name = values::text(fields.required("companyName")?, "companyName", 140)?;
    let office_name = optional_text(&mut fields, "officeName", 140)?;
    let debtor = read_subject(fields.required("debtor")?)?;
    let transfers = read_transfers(fields.required("transferList")?, edition)?;
    let psp_id = values::text(fields.required("idPSP")?, "idPSP", 35)?;
    let psp_fiscal_code = optional_text(&mut fields, "pspFiscalCode", 70)?;
    let psp_vat_number = optional_text(&mut fields, "pspPartitaIVA", 20)?;
    let psp = Psp {
        id: psp_id,
        fiscal_code: psp_fiscal_code,
        vat_number: psp_vat_number,
        name: values::text(fields.required("PSPCompanyName")?, "PSPCompanyName", 70)?,
        channel: values::text(fields.required("idChannel")?, "idChannel", 35)?,
        channel_description: values::text(fields.required("channelDescription")?, "channelDescription", 35)?,
    };
    let payer = fields.optional("payer").map(read_subject).transpose()?;
    let payment_method = optional_text(&mut fields, "paymentMethod", 35)?;
    let payment_note = match edition {
        Edition::First => None,
        Edition::Second => optional_text(&mut fields, "paymentNote", 210)?,
    };
    let fee = optional_amount(&mut fields, "fee")?;
    if edition == Edition::Second {
        optional_amount(&mut fields, "primaryCiIncurredFee")?;
        optional_text(&mut fields, "idBundle", 70)?;
        optional_text(&mut fields, "idCiBundle", 70)?;
    }
    let paid_at = fields
        .optional("paymentDateTime")
        .map(|element| values::date_time(element, "paymentDateTime"))
        .transpose()?;
    let mut date = |name| {
        fields
            .optional(name)
            .map(|element| values::date(element, name))
            .transpose()
    };
    let applied_on = date("applicationDate")?;
    let transferred_on = date("transferDate")?;
    let metadata = read_metadata(&mut fields)?;
    fields.end()?;
    Ok(Receipt {
        id,
        recipient,
        issuer,
        notice_number,
        iuv,
        amount,
        description,
        company_name,
        office_name,
        debtor,
        payer,
        transfers,
        psp,
        payment_method,
        payment_note,
        fee,
        paid_at,
        applied_on,
        transferred_on,
        stand_in,
        metadata,
    })
}

fn optional_text(fields: &mut Fields<'_>, name: &'static str, max: usize) -> Result<Option<String>, Reason> {
    fields
        .optional(name)
        .map(|element| values::text(element, name, max))
        .transpose()
}

fn optional_amount(fields: &mut Fields<'_>, name: &'static str) -> Result<Option<Cents>, Reason> {
    fields
        .optional(name)
        .map(|element| values::amount(element, name))
        .transpose()
}

fn read_transfers(list: &Element, edition: Edition) -> Result<Vec<ReceiptTransfer>, Reason> {
    let mut fields = Fields::of(list)?;
    let mut transfers = vec![read_transfer(fields.required("transfer")?, edition)?];
    while let Some(element) = fields.optional("transfer") {
        if transfers.len() == 5 {
            return Err(Reason::Value {
                element: "transferList",
                rule: "has more than 5 transfers",
            });
        }
        transfers.push(read_transfer(element, edition)?);
    }
    fields.end()?;
    Ok(transfers)
}

/// `ctTransferPA`, `ctTransferPAReceiptV2`.
fn read_transfer(element: &Element, edition: Edition) -> Result<ReceiptTransfer, Reason> {
    let mut fields = Fields::of(element)?;
    let id = values::transfer_id(fields.required("idTransfer")?)?;
    let amount = values::amount_not_zero(fields.required("transferAmount")?, "transferAmount")?;
    let beneficiary = values::fiscal_code(fields.required("fiscalCodePA")?, "fiscalCodePA")?;
    let (beneficiary_name, stamp) = match edition {
        Edition::First => (None, None),
        Edition::Second => (
            optional_text(&mut fields, "companyName", 140)?,
            fields.optional("MBDAttachment"),
        ),
    };
    let destination = if let Some(stamp) = stamp {
        stamp_duty::bought(values::base64(stamp, "MBDAttachment")?)
    } else {
        ReceiptDestination::Account(values::text(fields.required("IBAN")?, "IBAN", 35)?)
    };
    let remittance_information = values::text(
        fields.required("remittanceInformation")?,
        "remittanceInformation",
        140,
    )?;
    let category = values::text(fields.required("transferCategory")?, "transferCategory", 140)?;
    let metadata = read_metadata(&mut fields)?;
    fields.end()?;
    Ok(ReceiptTransfer {
        id,
        amount,
        beneficiary,
        beneficiary_name,
        destination,
        remittance_information,
        category,
        metadata,
    })
}

fn write_receipt(w: &mut Writer, receipt: &Receipt, edition: Edition) {
    w.leaf("receiptId", receipt.id.as_str());
    w.leaf("noticeNumber", receipt.notice_number.as_str());
    w.leaf("fiscalCode", receipt.issuer.as_str());
    w.leaf("outcome", "OK");
    w.leaf("creditorReferenceId", receipt.iuv.as_str());
    w.leaf("paymentAmount", &receipt.amount.to_wire());
    w.text("description", &receipt.description, 140);
    w.text("companyName", &receipt.company_name, 140);
    w.optional_text("officeName", receipt.office_name.as_deref(), 140);
    write_subject(w, "debtor", &receipt.debtor);
    w.element("transferList", |w| {
        for transfer in &receipt.transfers {
            w.element("transfer", |w| write_transfer(w, transfer, edition));
        }
    });
    let psp = &receipt.psp;
    w.text("idPSP", &psp.id, 35);
    w.optional_text("pspFiscalCode", psp.fiscal_code.as_deref(), 70);
    w.optional_text("pspPartitaIVA", psp.vat_number.as_deref(), 20);
    w.text("PSPCompanyName", &psp.name, 70);
    w.text("idChannel", &psp.channel, 35);
    w.text("channelDescription", &psp.channel_description, 35);
    if let Some(payer) = &receipt.payer {
        write_subject(w, "payer", payer);
    }
    w.optional_text("paymentMethod", receipt.payment_method.as_deref(), 35);
    if edition == Edition::Second {
        w.optional_text("paymentNote", receipt.payment_note.as_deref(), 210);
    }
    if let Some(fee) = receipt.fee {
        w.leaf("fee", &fee.to_wire());
    }
    if let Some(paid_at) = receipt.paid_at {
        w.leaf(
            "paymentDateTime",
            &format!("{}T{}", paid_at.date(), paid_at.time()),
        );
    }
    if let Some(applied_on) = receipt.applied_on {
        w.leaf("applicationDate", &applied_on.to_string());
    }
    if let Some(transferred_on) = receipt.transferred_on {
        w.leaf("transferDate", &transferred_on.to_string());
    }
    write_metadata(w, &receipt.metadata);
    w.leaf("standIn", if receipt.stand_in { "true" } else { "false" });
}

fn write_transfer(w: &mut Writer, transfer: &ReceiptTransfer, edition: Edition) {
    w.leaf("idTransfer", &transfer.id.to_string());
    w.leaf("transferAmount", &transfer.amount.to_wire());
    w.leaf("fiscalCodePA", transfer.beneficiary.as_str());
    if edition == Edition::Second {
        w.optional_text("companyName", transfer.beneficiary_name.as_deref(), 140);
    }
    match &transfer.destination {
        ReceiptDestination::Account(iban) => w.text("IBAN", iban, 35),
        ReceiptDestination::StampDuty { attachment, .. } => w.leaf("MBDAttachment", attachment),
    }
    w.text("remittanceInformation", &transfer.remittance_information, 140);
    w.text("transferCategory", &transfer.category, 140);
    write_metadata(w, &transfer.metadata);
}
