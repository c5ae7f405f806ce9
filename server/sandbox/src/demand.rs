//! A debt begun at a payment provider (`paDemandPaymentNotice`): the payer names a service, the station makes a notice.
//!
//! The answer is what verify answers, with the notice in front: it is read as such.

use crate::hub::Hub;
use crate::station::{Call, Failure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{CreditorFiscalCode, NoticeNumber};
use pagopa::pa_for_node::Operation;
use pagopa::pa_for_node::verify_payment_notice::{self, Due};
use serde::Deserialize;

/// The largest service data, in bytes.
const MAX_DATA_BYTES: usize = 64 * 1024;

/// What somebody asks for at a provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demand {
    pub(crate) institution: CreditorFiscalCode,
    /// `idServizio`
    pub(crate) service: String,
    /// `idSoggettoServizio`
    pub(crate) subject: String,
    /// XML of the service's own schema.
    pub(crate) data: String,
}

/// The notice made, and what is due for it.
#[derive(Debug, Clone)]
pub(crate) struct Demanded {
    pub(crate) notice_number: NoticeNumber,
    pub(crate) due: Due,
}

impl Demand {
    /// What a hub would not send.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        for (name, code) in [("service", &self.service), ("subject", &self.subject)] {
            if code.len() != 5 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                reasons.push(format!("{name} has five letters or digits"));
            }
        }
        if self.data.is_empty() || self.data.len() > MAX_DATA_BYTES {
            reasons.push(format!("data has 1 to {MAX_DATA_BYTES} bytes"));
        }
        reasons
    }
}

impl Hub {
    /// Asks the station for a notice.
    pub(crate) async fn demand(&self, demand: &Demand) -> Result<Demanded, Failure> {
        let head = self.head(&demand.institution);
        let call = Call {
            operation: Operation::DemandPaymentNotice,
            about: format!("{} {}", demand.service, demand.subject),
            body: write(demand, &head.broker, &head.station),
            timeout: self.config.answer_timeout,
            is_slow: false,
        };
        let mut made = None;
        let due = self
            .call(call, |bytes| {
                let text = String::from_utf8_lossy(bytes);
                let (number, as_verify) = split(&text);
                let request = verify_payment_notice::Request {
                    head: head.clone(),
                    fiscal_code: demand.institution.clone(),
                    notice_number: number
                        .clone()
                        .unwrap_or_else(|| NoticeNumber::parse(NO_NOTICE).expect("digits")),
                };
                made = number;
                verify_payment_notice::Response::read(as_verify.as_bytes(), &request)
            })
            .await?;
        match made {
            Some(notice_number) => Ok(Demanded { notice_number, due }),
            None => Err(Failure::Malformed(vec![
                "qrCode with a noticeNumber is missing".to_owned(),
            ])),
        }
    }
}

/// Stands where no notice is.
const NO_NOTICE: &str = "000000000000000000";

fn write(demand: &Demand, broker: &str, station: &str) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:paf=\"http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd\"><soapenv:Header/><soapenv:Body>\
         <paf:paDemandPaymentNoticeRequest><idPA>{institution}</idPA><idBrokerPA>{broker}</idBrokerPA>\
         <idStation>{station}</idStation><idServizio>{service}</idServizio>\
         <idSoggettoServizio>{subject}</idSoggettoServizio>\
         <datiSpecificiServizioRequest>{data}</datiSpecificiServizioRequest>\
         </paf:paDemandPaymentNoticeRequest></soapenv:Body></soapenv:Envelope>",
        institution = demand.institution,
        broker = escaped(broker),
        station = escaped(station),
        service = escaped(&demand.service),
        subject = escaped(&demand.subject),
        data = STANDARD.encode(&demand.data),
    )
}

/// The notice, and the rest of the answer under verify's name.
fn split(text: &str) -> (Option<NoticeNumber>, String) {
    let renamed = text.replace(
        Operation::DemandPaymentNotice.response_root(),
        Operation::VerifyPaymentNotice.response_root(),
    );
    let Some((before, rest)) = renamed.split_once("<qrCode>") else {
        return (None, renamed);
    };
    let Some((code, after)) = rest.split_once("</qrCode>") else {
        return (None, renamed);
    };
    let number = code
        .split_once("<noticeNumber>")
        .and_then(|(_, rest)| rest.split_once("</noticeNumber>"))
        .and_then(|(digits, _)| NoticeNumber::parse(digits.trim()).ok());
    (number, format!("{before}{after}"))
}
