//! A debt begun at a payment provider (`paDemandPaymentNotice`): the payer names a service, the station makes a notice.

use crate::hub::Hub;
use crate::station::{Call, Failure};
use domain::CreditorFiscalCode;
use domain::at_provider::ServiceData;
use pagopa::pa_for_node::Operation;
use pagopa::pa_for_node::demand_payment_notice::{Demanded, Request, Response};
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
    /// Asks the station for a notice. The service data are sent as they are, so that broken ones can be tried.
    pub(crate) async fn demand(&self, demand: &Demand) -> Result<Demanded, Failure> {
        let request = Request {
            head: self.head(&demand.institution),
            service_id: demand.service.clone(),
            subject_id: demand.subject.clone(),
            data: ServiceData::Other(demand.data.clone().into_bytes()),
        };
        let call = Call {
            operation: Operation::DemandPaymentNotice,
            about: format!("{} {}", demand.service, demand.subject),
            body: request.write(),
            timeout: self.config.answer_timeout,
            is_slow: false,
        };
        self.call(call, |bytes| Response::read(bytes, &request)).await
    }
}
