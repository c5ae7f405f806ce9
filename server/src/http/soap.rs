//! The hub's endpoint (`paForNode`).
//!
//! Every message is stored before it is read. A question that cannot be answered gets a fault; a receipt that cannot be
//! kept gets no polite answer at all, because a well-formed KO would end the hub's attempts and lose it (technical
//! manual, delivery of receipts).

use super::AppState;
use super::arrival::{Arrived, BODY_TIME_MAX, Cut, arrive};
use super::maintenance::answer_stopped;
use crate::hub_messages::{answered, digest, received, received_in_part};
use app::ClientAddress;
use axum::Extension;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Days;
use domain::at_provider::DemandError;
use pagopa::envelope::{SoapFaultCode, write_soap_fault};
use pagopa::pa_for_node::demand_payment_notice::Demanded;
use pagopa::pa_for_node::get_payment::{Payment, choose_accounts};
use pagopa::pa_for_node::verify_payment_notice::Due;
use pagopa::pa_for_node::{
    Answer, Head, Operation, Request, demand_payment_notice, get_payment, read_request, send_rt,
    verify_payment_notice, write_refusal,
};
use pagopa::{Fault, FaultCode, Reason, SOAP_CONTENT_TYPE, WireError};
use services::Services;
use services::at_provider::demand_notice;
use services::hub_requests::{Addressed, HubRefusal, VerifiedNotice, prepare_payment, verify_notice};
use services::message_log::{About, NotStored};
use services::receipts::{Taken, receive_receipt};
use std::sync::Arc;
use storage::messages::MessageId;

/// `POST /pagopa/paForNode`
pub(super) async fn answer(
    State(state): State<Arc<AppState>>,
    Extension(ClientAddress(peer)): Extension<ClientAddress>,
    request: HttpRequest,
) -> Response {
    let Arrived { body, cut } = arrive(request.into_body(), BODY_TIME_MAX).await;
    if let Some(cut) = cut {
        return not_whole(state.services.clone(), peer.to_string(), body, cut).await;
    }
    if let Some(answer) = answer_stopped(&state, &peer.to_string(), &body) {
        return answer;
    }
    let services = &state.services;
    let Ok(message) = received(services, peer.to_string(), &body).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Some(reply) = reply(services, message, &body).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    tracing::info!(
        operation = reply.operation.map_or("unknown", Operation::as_str),
        institution = reply.about.institution.as_deref(),
        notice.number = reply.about.notice_number.as_deref(),
        receipt.id = reply.about.receipt_id.as_deref(),
        outcome = reply.outcome,
        "answered the hub"
    );
    answered(
        services,
        message,
        peer.to_string(),
        reply.operation,
        reply.about,
        reply.outcome,
        &reply.body,
    )
    .await;
    xml(reply.status, reply.body)
}

/// The hub's endpoint on a listener that is not the hub's.
pub(super) async fn not_here() -> (StatusCode, &'static str) {
    tracing::info!("refused a message at the hub's endpoint on the public listener");
    (
        StatusCode::FORBIDDEN,
        "the hub's endpoint is on a listener of its own\n",
    )
}

/// Answers a message that did not arrive whole, and keeps what did arrive.
async fn not_whole(services: Services, peer: String, body: Vec<u8>, cut: Cut) -> Response {
    tracing::warn!(%peer, bytes = body.len(), reason = cut.as_str(), "a hub message could not be received whole");
    // On its own, because the connection may be gone, and with it whoever waits here.
    let kept = tokio::spawn(async move {
        let message = received_in_part(&services, peer.clone(), &body, cut.as_str()).await?;
        let text = "the message is longer than 1 MiB or did not arrive whole in time";
        let fault = write_soap_fault(SoapFaultCode::Client, text);
        answered(
            &services,
            message,
            peer,
            None,
            About::default(),
            cut.as_str(),
            &fault,
        )
        .await;
        Ok::<_, NotStored>(fault)
    });
    match kept.await {
        Ok(Ok(fault)) => xml(cut.status(), fault),
        Ok(Err(NotStored)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn xml(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, SOAP_CONTENT_TYPE)], body).into_response()
}

/// What is said to the hub and what is noted of it.
struct Reply {
    operation: Option<Operation>,
    about: About,
    outcome: &'static str,
    status: StatusCode,
    body: String,
}

/// Reads a stored message and answers it; `None` when the hub must get no valid answer, so that it tries again.
async fn reply(services: &Services, message: MessageId, body: &[u8]) -> Option<Reply> {
    match read_request(body) {
        Ok(Request::VerifyPaymentNotice(request)) => Some(verify(services, &request).await),
        Ok(Request::GetPayment(request)) => Some(get(services, &request).await),
        Ok(Request::SendRt(request)) => receive(services, message, body, &request).await,
        Ok(Request::DemandPaymentNotice(request)) => Some(demand(services, &request).await),
        Err(error) => Some(unreadable(services, &error).await),
    }
}

/// Says what is wrong with a message: in the answer of its operation when that could be told, else in a SOAP fault.
async fn unreadable(services: &Services, error: &WireError) -> Reply {
    tracing::warn!(
        operation = error.operation.map_or("unknown", Operation::as_str),
        reason = %error,
        "cannot read a hub message"
    );
    if let Some(operation) = error.operation {
        let code = error.fault_code();
        let fault = Fault {
            code,
            id: own_id(services).await,
            description: Some(error.to_string()),
        };
        Reply {
            operation: Some(operation),
            about: About::default(),
            outcome: code.as_str(),
            status: StatusCode::OK,
            body: write_refusal(operation, &fault),
        }
    } else {
        let code = match error.reason {
            Reason::SoapVersion => SoapFaultCode::VersionMismatch,
            _ => SoapFaultCode::Client,
        };
        // SOAP 1.1 over HTTP sends its faults with this status (section 6.2).
        Reply {
            operation: None,
            about: About::default(),
            outcome: "SOAP fault",
            status: StatusCode::INTERNAL_SERVER_ERROR,
            body: write_soap_fault(code, &error.to_string()),
        }
    }
}

async fn verify(services: &Services, request: &verify_payment_notice::Request) -> Reply {
    let about = About {
        institution: Some(request.head.institution.clone()),
        notice_number: Some(request.notice_number.to_string()),
        station: Some(request.head.station.clone()),
        ..About::default()
    };
    let addressed = addressed(&request.head);
    let verified = verify_notice(
        services,
        &addressed,
        request.fiscal_code.as_str(),
        &request.notice_number,
    )
    .await;
    let answer = match verified {
        Ok(verified) => Answer::Ok(due(verified)),
        Err(refusal) => Answer::Ko(fault(&refusal, &request.head)),
    };
    let outcome = outcome(&answer);
    Reply {
        operation: Some(Operation::VerifyPaymentNotice),
        about,
        outcome,
        status: StatusCode::OK,
        body: verify_payment_notice::Response::write(&answer),
    }
}

fn due(verified: VerifiedNotice) -> Due {
    Due {
        amount: verified.notice.amount,
        due_on: verified.notice.due_on,
        detail: verified.service.as_ref().map(|service| service.name_it.clone()),
        all_postal: verified.notice.all_postal,
        description: verified.notice.description,
        institution: verified.institution.fiscal_code,
        company_name: verified.institution.name,
        office_name: verified.service.map(|service| service.office_name),
    }
}

async fn demand(services: &Services, request: &demand_payment_notice::Request) -> Reply {
    let demanded = demand_notice(
        services,
        &addressed(&request.head),
        &request.service_id,
        &request.subject_id,
        &request.data,
    )
    .await;
    let notice = demanded.as_ref().ok().map(|verified| &verified.notice);
    let about = About {
        institution: Some(request.head.institution.clone()),
        notice_number: notice.map(|notice| notice.number.to_string()),
        iuv: notice.map(|notice| notice.iuv.to_string()),
        ..About::default()
    };
    let answer = match demanded {
        Ok(verified) => Answer::Ok(Demanded {
            notice_number: verified.notice.number.clone(),
            due: due(verified),
        }),
        Err(refusal) => Answer::Ko(fault(&refusal, &request.head)),
    };
    let outcome = outcome(&answer);
    Reply {
        operation: Some(Operation::DemandPaymentNotice),
        about,
        outcome,
        status: StatusCode::OK,
        body: demand_payment_notice::Response::write(&answer),
    }
}

async fn get(services: &Services, request: &get_payment::Request) -> Reply {
    let about = About {
        institution: Some(request.head.institution.clone()),
        notice_number: Some(request.notice_number.to_string()),
        iuv: Some(request.notice_number.iuv().to_string()),
        station: Some(request.head.station.clone()),
        ..About::default()
    };
    let addressed = addressed(&request.head);
    let prepared = prepare_payment(
        services,
        &addressed,
        request.fiscal_code.as_str(),
        &request.notice_number,
    )
    .await;
    let answer = match prepared {
        Ok(data) => {
            let today = services.clock.today();
            let payment = Payment {
                iuv: data.verified.notice.iuv,
                // The message must carry a date even for a notice without one: a year from now is plausible to
                // providers, which hide absurd dates.
                due_on: data
                    .verified
                    .notice
                    .due_on
                    .or(today.checked_add_days(Days::new(365)))
                    .unwrap_or(today),
                description: data.verified.notice.description,
                company_name: data.verified.institution.name,
                office_name: data.verified.service.map(|service| service.office_name),
                debtor: data.debtor,
                transfers: choose_accounts(&data.transfers, request.transfer_type),
                metadata: Vec::new(),
            };
            if payment.fits(request.edition) {
                Answer::Ok(payment)
            } else {
                Answer::Ko(Fault {
                    code: FaultCode::Semantic,
                    id: request.head.institution.clone(),
                    description: Some("a stamp duty is paid through paGetPaymentV2 only".to_owned()),
                })
            }
        }
        Err(refusal) => Answer::Ko(fault(&refusal, &request.head)),
    };
    let outcome = outcome(&answer);
    Reply {
        operation: Some(request.operation()),
        about,
        outcome,
        status: StatusCode::OK,
        body: get_payment::Response::write(&answer, request.edition),
    }
}

async fn receive(
    services: &Services,
    message: MessageId,
    body: &[u8],
    request: &send_rt::Request,
) -> Option<Reply> {
    let receipt = &request.receipt;
    let about = About {
        institution: Some(request.head.institution.clone()),
        notice_number: Some(receipt.notice_number.to_string()),
        iuv: Some(receipt.iuv.to_string()),
        receipt_id: Some(receipt.id.to_string()),
        station: Some(request.head.station.clone()),
        psp: Some(receipt.psp.id.clone()),
        channel: Some(receipt.psp.channel.clone()),
        payment_type: receipt.payment_method.clone(),
        // The number of a receipt is the token of its payment.
        context_code: Some(receipt.id.to_string()),
    };
    let to = addressed(&request.head);
    let answer = match receive_receipt(services, &to, message, receipt, digest(body)).await {
        Ok(Taken::New(effect)) => {
            tracing::info!(receipt.id = %receipt.id, effect = effect.as_str(), "took a receipt");
            Answer::Ok(())
        }
        Ok(Taken::Repeated) => Answer::Ok(()),
        Ok(Taken::RepeatedDifferently) => {
            tracing::warn!(receipt.id = %receipt.id, "a receipt came again with other content; the first stays");
            Answer::Ok(())
        }
        Err(HubRefusal::Unavailable(error)) => {
            tracing::error!(receipt.id = %receipt.id, error = ?error, "cannot take a receipt");
            return None;
        }
        Err(refusal) => Answer::Ko(fault(&refusal, &request.head)),
    };
    let outcome = outcome(&answer);
    Some(Reply {
        operation: Some(request.operation()),
        about,
        outcome,
        status: StatusCode::OK,
        body: send_rt::Response::write(&answer, request.edition),
    })
}

fn addressed(head: &Head) -> Addressed {
    Addressed {
        institution: head.institution.clone(),
        broker: head.broker.clone(),
        station: head.station.clone(),
    }
}

fn outcome<T>(answer: &Answer<T>) -> &'static str {
    match answer {
        Answer::Ok(_) => "OK",
        Answer::Ko(fault) => fault.code.as_str(),
    }
}

/// The fault for a refusal, raised by the institution the hub addressed.
fn fault(refusal: &HubRefusal, head: &Head) -> Fault {
    if let HubRefusal::Unavailable(error) = refusal {
        tracing::error!(error = ?error, "cannot answer the hub");
    }
    Fault {
        code: fault_code(refusal),
        id: head.institution.clone(),
        description: Some(refusal.to_string()),
    }
}

/// The hub's code for each refusal: total, so that a new refusal must choose one.
pub fn fault_code(refusal: &HubRefusal) -> FaultCode {
    match refusal {
        HubRefusal::UnknownInstitution => FaultCode::WrongInstitution,
        HubRefusal::WrongBroker => FaultCode::WrongBroker,
        HubRefusal::WrongStation => FaultCode::WrongStation,
        HubRefusal::UnknownNotice => FaultCode::UnknownPayment,
        HubRefusal::Paid => FaultCode::AlreadyPaid,
        HubRefusal::Withdrawn | HubRefusal::NothingDue => FaultCode::Cancelled,
        HubRefusal::Expired => FaultCode::Expired,
        HubRefusal::Demand(DemandError::OtherService) => FaultCode::ServiceDataSyntax,
        HubRefusal::Demand(
            DemandError::OtherInstitution | DemandError::NoAmount | DemandError::Position(_),
        )
        | HubRefusal::ServiceNotOffered => FaultCode::Semantic,
        HubRefusal::DuplicateReceipt => FaultCode::DuplicateReceipt,
        HubRefusal::TryLater | HubRefusal::Unavailable(_) => FaultCode::SystemError,
    }
}

/// Who raises a fault when the message could not be read: the broker all institutions here share, or nobody's zeros.
async fn own_id(services: &Services) -> String {
    match services
        .directory
        .entries(&services.store, &*services.clock)
        .await
    {
        Ok(entries) => entries
            .institutions
            .first()
            .map(|institution| institution.broker.to_string()),
        Err(_) => None,
    }
    .unwrap_or_else(|| "00000000000".to_owned())
}
