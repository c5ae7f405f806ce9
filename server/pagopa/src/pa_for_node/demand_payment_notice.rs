//! `paDemandPaymentNotice`: somebody at a payment provider wants to pay without a notice. The answer is a notice, with
//! everything that verifying it would tell.

use super::parts::{Head, read_qr_code, write_qr_code};
use super::verify_payment_notice::{Due, read_due, write_due};
use super::{Answer, Operation, Refusal, answer, read_request, unexpected};
use crate::values::{self, from_base64, to_base64};
use crate::xml::{Element, Fields};
use crate::{Reason, WireError, envelope};
use domain::NoticeNumber;
use domain::at_provider::ServiceData;

mod service_data;

pub use service_data::{read_service_data, write_service_data};

const OPERATION: Operation = Operation::DemandPaymentNotice;

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who is addressed.
    pub head: Head,
    /// The service in the hub's catalogue, five characters.
    pub service_id: String,
    /// The institution's offer of it, five characters.
    pub subject_id: String,
    /// What the payer said.
    pub data: ServiceData,
}

/// The answer.
pub type Response = Answer<Demanded>;

/// The notice made, and what is due for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demanded {
    /// The notice.
    pub notice_number: NoticeNumber,
    /// What is due.
    pub due: Due,
}

impl Request {
    /// Reads a request. Service data that break their schema are told apart from a message that breaks its own.
    pub fn read(bytes: &[u8]) -> Result<Self, WireError> {
        match read_request(bytes)? {
            super::Request::DemandPaymentNotice(request) => Ok(*request),
            other => Err(unexpected(&other)),
        }
    }

    /// Writes the request.
    pub fn write(&self) -> String {
        envelope::write(OPERATION.request_root(), |w| {
            self.head.write(w);
            w.text("idServizio", &self.service_id, 5);
            w.text("idSoggettoServizio", &self.subject_id, 5);
            w.leaf(
                "datiSpecificiServizioRequest",
                &to_base64(write_service_data(&self.data)),
            );
        })
    }
}

pub(super) fn from_root(root: &Element) -> Result<Request, Reason> {
    let mut fields = Fields::of(root)?;
    let head = Head::read(&mut fields)?;
    let service_id = read_code(&mut fields, "idServizio")?;
    let subject_id = read_code(&mut fields, "idSoggettoServizio")?;
    let name = "datiSpecificiServizioRequest";
    let data = values::base64(fields.required(name)?, name)?;
    fields.end()?;
    let data = from_base64(&data).ok_or(Reason::Value {
        element: name,
        rule: "is not base64",
    })?;
    let data = read_service_data(&data).map_err(|reason| Reason::ServiceData(Box::new(reason)))?;
    Ok(Request {
        head,
        service_id,
        subject_id,
        data,
    })
}

/// `stIdentificativoServizio`, `stIdentificativoSoggettoServizio`.
fn read_code(fields: &mut Fields<'_>, name: &'static str) -> Result<String, Reason> {
    let code = values::text(fields.required(name)?, name, 5)?;
    if code.chars().count() == 5 {
        Ok(code)
    } else {
        Err(Reason::Value {
            element: name,
            rule: "is not 5 characters",
        })
    }
}

impl Response {
    /// Writes the answer.
    pub fn write(&self) -> String {
        answer::write(OPERATION, self, |w, demanded| {
            write_qr_code(w, &demanded.due.institution, &demanded.notice_number);
            write_due(w, &demanded.due);
        })
    }

    /// Reads the answer to `request` as the hub does, or lists why the hub refuses it.
    pub fn read(bytes: &[u8], request: &Request) -> Result<Self, Vec<Refusal>> {
        answer::read(OPERATION, bytes, |mut fields, refusals| {
            let code = if fields.comes("qrCode") {
                Some(read_qr_code(&mut fields)?)
            } else {
                refusals.push(Refusal::Missing { element: "qrCode" });
                None
            };
            let due = read_due(fields, refusals)?;
            let asked = request.head.institution.as_str();
            let other = |found: &str| found != asked;
            if code
                .as_ref()
                .is_some_and(|(institution, _)| other(institution.as_str()))
                || due.as_ref().is_some_and(|due| other(due.institution.as_str()))
            {
                refusals.push(Refusal::OtherInstitution);
            }
            Ok(code
                .zip(due)
                .map(|((_, notice_number), due)| Demanded { notice_number, due }))
        })
    }
}
