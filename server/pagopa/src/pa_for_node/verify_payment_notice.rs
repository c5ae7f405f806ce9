//! `paVerifyPaymentNotice`: what is due for a notice. Changes nothing.

use super::parts::{Head, read_qr_code, write_qr_code};
use super::{Answer, Operation, Refusal, answer, read_request, unexpected};
use crate::values;
use crate::writer::Writer;
use crate::xml::{Element, Fields, leaf};
use crate::{Reason, WireError, envelope};
use chrono::NaiveDate;
use domain::{Cents, CreditorFiscalCode, NoticeNumber};

const OPERATION: Operation = Operation::VerifyPaymentNotice;

/// The question. Eighteen zeros as a notice number are the hub's probe: an unknown notice like others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who is addressed.
    pub head: Head,
    /// The institution on the notice; not always the one addressed.
    pub fiscal_code: CreditorFiscalCode,
    /// The notice.
    pub notice_number: NoticeNumber,
}

/// The answer.
pub type Response = Answer<Due>;

/// What is due for a notice. The schema lets most of it out, the hub refuses an answer without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// What is due now, more than zero.
    pub amount: Cents,
    /// Until when, when there is a due date.
    pub due_on: Option<NaiveDate>,
    /// What this amount is for, at most 140 characters.
    pub detail: Option<String>,
    /// Every account of credit is postal (`allCCP`).
    pub all_postal: bool,
    /// What the debt is for, at most 140 characters.
    pub description: String,
    /// The institution.
    pub institution: CreditorFiscalCode,
    /// Its name, at most 140 characters.
    pub company_name: String,
    /// Its office, at most 140 characters.
    pub office_name: Option<String>,
}

impl Request {
    /// Reads a request.
    pub fn read(bytes: &[u8]) -> Result<Self, WireError> {
        match read_request(bytes)? {
            super::Request::VerifyPaymentNotice(request) => Ok(request),
            other => Err(unexpected(&other)),
        }
    }

    /// Writes the request.
    pub fn write(&self) -> String {
        envelope::write(OPERATION.request_root(), |w| {
            self.head.write(w);
            write_qr_code(w, &self.fiscal_code, &self.notice_number);
        })
    }
}

pub(super) fn from_root(root: &Element) -> Result<Request, Reason> {
    let mut fields = Fields::of(root)?;
    let head = Head::read(&mut fields)?;
    let (fiscal_code, notice_number) = read_qr_code(&mut fields)?;
    fields.end()?;
    Ok(Request {
        head,
        fiscal_code,
        notice_number,
    })
}

impl Response {
    /// Writes the answer.
    pub fn write(&self) -> String {
        answer::write(OPERATION, self, write_due)
    }

    /// Reads the answer to `request` as the hub does, or lists why the hub refuses it.
    pub fn read(bytes: &[u8], request: &Request) -> Result<Self, Vec<Refusal>> {
        answer::read(OPERATION, bytes, |fields, refusals| {
            let due = read_due(fields, refusals)?;
            if due
                .as_ref()
                .is_some_and(|due| due.institution != request.fiscal_code)
            {
                refusals.push(Refusal::OtherInstitution);
            }
            Ok(due)
        })
    }
}

pub(super) fn write_due(w: &mut Writer, due: &Due) {
    w.element("paymentList", |w| {
        w.element("paymentOptionDescription", |w| {
            w.leaf("amount", &due.amount.to_wire());
            w.leaf("options", "EQ");
            if let Some(due_on) = due.due_on {
                w.leaf("dueDate", &due_on.to_string());
            }
            w.optional_text("detailDescription", due.detail.as_deref(), 140);
            w.leaf("allCCP", if due.all_postal { "true" } else { "false" });
        });
    });
    w.text("paymentDescription", &due.description, 140);
    w.leaf("fiscalCodePA", due.institution.as_str());
    w.text("companyName", &due.company_name, 140);
    w.optional_text("officeName", due.office_name.as_deref(), 140);
}

pub(super) fn read_due(mut fields: Fields<'_>, refusals: &mut Vec<Refusal>) -> Result<Option<Due>, Reason> {
    let option = fields
        .optional("paymentList")
        .map(|list| read_option(list, refusals))
        .transpose()?;
    let mut text = |name| {
        fields
            .optional(name)
            .map(|element| values::text(element, name, 140))
            .transpose()
    };
    let description = text("paymentDescription")?;
    let institution = fields
        .optional("fiscalCodePA")
        .map(|element| values::fiscal_code(element, "fiscalCodePA"))
        .transpose()?;
    let mut text = |name| {
        fields
            .optional(name)
            .map(|element| values::text(element, name, 140))
            .transpose()
    };
    let company_name = text("companyName")?;
    let office_name = text("officeName")?;
    fields.end()?;
    for (element, missing) in [
        ("paymentList", option.is_none()),
        ("paymentDescription", description.is_none()),
        ("fiscalCodePA", institution.is_none()),
        ("companyName", company_name.is_none()),
    ] {
        if missing {
            refusals.push(Refusal::Missing { element });
        }
    }
    let (Some(option), Some(description), Some(institution), Some(company_name)) =
        (option, description, institution, company_name)
    else {
        return Ok(None);
    };
    let PaymentOption {
        amount,
        due_on,
        detail,
        all_postal,
    } = option;
    Ok(Some(Due {
        amount,
        due_on,
        detail,
        all_postal,
        description,
        institution,
        company_name,
        office_name,
    }))
}

struct PaymentOption {
    amount: Cents,
    due_on: Option<NaiveDate>,
    detail: Option<String>,
    all_postal: bool,
}

/// `paymentList` with its one `paymentOptionDescription`.
fn read_option(list: &Element, refusals: &mut Vec<Refusal>) -> Result<PaymentOption, Reason> {
    let mut options = Fields::of(list)?;
    let mut fields = Fields::of(options.required("paymentOptionDescription")?)?;
    options.end()?;
    let amount = values::amount_not_zero(fields.required("amount")?, "amount")?;
    match leaf(fields.required("options")?)? {
        "EQ" => {}
        "LS" | "GT" | "ANY" => refusals.push(Refusal::Options),
        _ => {
            return Err(Reason::Value {
                element: "options",
                rule: "is not EQ, LS, GT or ANY",
            });
        }
    }
    let due_on = fields
        .optional("dueDate")
        .map(|element| values::date(element, "dueDate"))
        .transpose()?;
    let detail = fields
        .optional("detailDescription")
        .map(|element| values::text(element, "detailDescription", 140))
        .transpose()?;
    let all_postal = values::boolean(fields.required("allCCP")?, "allCCP")?;
    fields.end()?;
    Ok(PaymentOption {
        amount,
        due_on,
        detail,
        all_postal,
    })
}
