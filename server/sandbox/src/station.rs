//! Calls to the station under test, judged as the hub judges them.

use crate::clock;
use crate::hub::Hub;
use crate::journal::{Exchange, as_text};
use crate::mischief::ReceiptMischief;
use crate::odd_bodies::Drip;
use domain::{CreditorFiscalCode, NoticeNumber};
use pagopa::pa_for_node::get_payment::{self, Payment};
use pagopa::pa_for_node::verify_payment_notice::{self, Due};
use pagopa::pa_for_node::{Answer, Head, Operation, Refusal, send_rt};
use pagopa::{Fault, MAX_MESSAGE_BYTES, SOAP_CONTENT_TYPE};
use reqwest::Body;
use reqwest::header::CONTENT_TYPE;
use std::time::{Duration, Instant};

/// Why the station's answer is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A well-formed refusal.
    Ko(Fault),
    /// No connection.
    Unreachable,
    /// No answer in time.
    Late,
    /// An answer the hub refuses.
    Malformed(Vec<String>),
}

impl Failure {
    /// The code a payment provider sees.
    pub(crate) const fn hub_code(&self) -> &'static str {
        match self {
            Self::Ko(_) => "PPT_ERRORE_EMESSO_DA_PAA",
            Self::Unreachable => "PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE",
            Self::Late => "PPT_STAZIONE_INT_PA_TIMEOUT",
            Self::Malformed(_) => "PPT_STAZIONE_INT_PA_ERRORE_RESPONSE",
        }
    }

    /// The reasons, for the institution.
    pub(crate) fn reasons(&self) -> Vec<String> {
        match self {
            Self::Ko(fault) => {
                let description = fault.description.as_deref().unwrap_or("no description");
                vec![format!("{}: {description}", fault.code)]
            }
            Self::Unreachable | Self::Late => Vec::new(),
            Self::Malformed(reasons) => reasons.clone(),
        }
    }
}

impl Hub {
    /// Asks the station what is due for a notice.
    pub(crate) async fn ask_verify(
        &self,
        institution: &CreditorFiscalCode,
        notice_number: &NoticeNumber,
    ) -> Result<Due, Failure> {
        let request = verify_payment_notice::Request {
            head: self.head(institution),
            fiscal_code: institution.clone(),
            notice_number: notice_number.clone(),
        };
        let call = Call {
            operation: Operation::VerifyPaymentNotice,
            about: notice_number.to_string(),
            body: request.write(),
            timeout: self.config.answer_timeout,
            is_slow: false,
        };
        self.call(call, |bytes| {
            verify_payment_notice::Response::read(bytes, &request)
        })
        .await
    }

    /// Asks where to credit a notice.
    pub(crate) async fn get(&self, request: &get_payment::Request) -> Result<Payment, Failure> {
        let call = Call {
            operation: request.operation(),
            about: request.notice_number.to_string(),
            body: request.write(),
            timeout: self.config.answer_timeout,
            is_slow: false,
        };
        self.call(call, |bytes| get_payment::Response::read(bytes, request))
            .await
    }

    /// Delivers a receipt once.
    pub(crate) async fn send(
        &self,
        request: &send_rt::Request,
        mischief: ReceiptMischief,
    ) -> Result<(), Failure> {
        let mut body = request.write();
        match mischief {
            ReceiptMischief::NoHeader => body = body.replacen("<soapenv:Header/>", "", 1),
            ReceiptMischief::CutXml => body.truncate(body.floor_char_boundary(body.len() / 2)),
            ReceiptMischief::None
            | ReceiptMischief::OtherAmount
            | ReceiptMischief::OtherInstitution
            | ReceiptMischief::UnknownNotice
            | ReceiptMischief::SlowBytes
            | ReceiptMischief::OutOfOrder => {}
        }
        let call = Call {
            operation: request.operation(),
            about: request.receipt.notice_number.to_string(),
            body,
            timeout: self.config.receipt_timeout,
            is_slow: mischief == ReceiptMischief::SlowBytes,
        };
        self.call(call, |bytes| send_rt::Response::read(bytes, request.edition))
            .await
    }

    /// Who is addressed.
    pub(crate) fn head(&self, institution: &CreditorFiscalCode) -> Head {
        Head {
            institution: institution.to_string(),
            broker: self.config.broker.clone(),
            station: self.config.station.clone(),
        }
    }

    pub(crate) async fn call<T>(
        &self,
        call: Call,
        read: impl FnOnce(&[u8]) -> Result<Answer<T>, Vec<Refusal>>,
    ) -> Result<T, Failure> {
        let (at, started) = (clock::now(), Instant::now());
        let answered = tokio::time::timeout(call.timeout, self.exchange(&call))
            .await
            .unwrap_or(Err(Failure::Late));
        let (bytes, result) = match answered {
            Ok((200, bytes)) => {
                let result = match read(&bytes) {
                    Ok(Answer::Ok(data)) => Ok(data),
                    Ok(Answer::Ko(fault)) => Err(Failure::Ko(fault)),
                    Err(refusals) => Err(Failure::Malformed(
                        refusals.iter().map(Refusal::to_string).collect(),
                    )),
                };
                (bytes, result)
            }
            Ok((status, bytes)) => (
                bytes,
                Err(Failure::Malformed(vec![format!(
                    "HTTP status {status} instead of 200"
                )])),
            ),
            Err(failure) => (Vec::new(), Err(failure)),
        };
        self.record(Exchange {
            number: 0,
            at,
            operation: call.operation.as_str(),
            about: call.about,
            outcome: match &result {
                Ok(_) => "OK".to_owned(),
                Err(Failure::Ko(fault)) => fault.code.to_string(),
                Err(failure) => failure.hub_code().to_owned(),
            },
            reasons: result.as_ref().err().map(Failure::reasons).unwrap_or_default(),
            milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            request: call.body,
            response: as_text(&bytes),
        });
        result
    }

    /// Status and body of the station's answer.
    async fn exchange(&self, call: &Call) -> Result<(u16, Vec<u8>), Failure> {
        let body = if call.is_slow {
            Body::wrap(Drip::new(call.body.clone()))
        } else {
            Body::from(call.body.clone())
        };
        let mut response = self
            .http
            .post(self.station.clone())
            .header(CONTENT_TYPE, SOAP_CONTENT_TYPE)
            .header("SOAPAction", format!("\"{}\"", call.operation))
            .body(body)
            .send()
            .await
            .map_err(|_| Failure::Unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| Failure::Unreachable)? {
            body.extend_from_slice(&chunk);
            // One byte more than allowed is enough for the reader to say what is wrong.
            if body.len() > MAX_MESSAGE_BYTES {
                break;
            }
        }
        Ok((response.status().as_u16(), body))
    }
}

pub(crate) struct Call {
    pub(crate) operation: Operation,
    /// The notice it is about.
    pub(crate) about: String,
    pub(crate) body: String,
    pub(crate) timeout: Duration,
    /// The body comes a few bytes at a time.
    pub(crate) is_slow: bool,
}
