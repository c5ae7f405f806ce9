//! The hub's messages on their way into and out of the archive: stored before they are read, answered, stored again.

use anyhow::{Result, bail};
use domain::Receipt;
use pagopa::pa_for_node::{Edition, Head, Operation, Request, send_rt};
use services::Services;
use services::message_log::{About, NotStored};
use services::receipts::{Taken, take_receipt};
use sha2::{Digest, Sha256};
use storage::messages::{Direction, MessageId, MessageKind, NewMessage};

/// Name under which a message is kept before anybody knows what it asks.
const UNREAD: &str = "paForNode";

/// Stores a message that just came from the hub. Once this returns it is safe to read it.
pub(crate) async fn received(services: &Services, peer: String, body: &[u8]) -> Result<MessageId, NotStored> {
    received_as(services, UNREAD, peer, body).await
}

/// As [`received`], for a message whose address says what it asks.
pub(crate) async fn received_as(
    services: &Services,
    operation: &str,
    peer: String,
    body: &[u8],
) -> Result<MessageId, NotStored> {
    let request = inbound(services, MessageKind::Request, operation, body);
    store_request(services, NewMessage { peer, ..request }).await
}

/// Stores what came of a message that did not come whole, marked with why.
pub(crate) async fn received_in_part(
    services: &Services,
    peer: String,
    body: &[u8],
    why: &str,
) -> Result<MessageId, NotStored> {
    let outcome = Some(why.to_owned());
    let request = inbound(services, MessageKind::Request, UNREAD, body);
    store_request(
        services,
        NewMessage {
            peer,
            outcome,
            ..request
        },
    )
    .await
}

async fn store_request(services: &Services, request: NewMessage) -> Result<MessageId, NotStored> {
    let id = request.id;
    services.messages.record(request).await?;
    Ok(id)
}

/// A message of now, on a connection the hub opened.
fn inbound(services: &Services, kind: MessageKind, operation: &str, body: &[u8]) -> NewMessage {
    let at = services.clock.now();
    let id = services.ids.message_id(at);
    NewMessage::new(id, at, Direction::Inbound, kind, operation, body.to_vec())
}

/// Notes a message that is answered without waiting for the archive, which may be at rest, and the answer.
pub(crate) fn note_refused(
    services: &Services,
    peer: &str,
    request: &Request,
    body: &[u8],
    outcome: &str,
    answer: &str,
) {
    let operation = request.operation().as_str();
    let note = |kind, request_id, body: &[u8]| NewMessage {
        institution: Some(request.head().institution.clone()),
        station: Some(request.head().station.clone()),
        peer: peer.to_owned(),
        outcome: Some(outcome.to_owned()),
        request_id,
        ..inbound(services, kind, operation, body)
    };
    let asked = note(MessageKind::Request, None, body);
    let said = note(MessageKind::Response, Some(asked.id), answer.as_bytes());
    services.messages.record_if_there_is_room(asked);
    services.messages.record_if_there_is_room(said);
}

/// Stores our answer to a message, with what the message was about.
pub(crate) async fn answered(
    services: &Services,
    request_id: MessageId,
    peer: String,
    operation: Option<Operation>,
    about: About,
    outcome: &str,
    body: &str,
) {
    let operation = operation.map_or(UNREAD, Operation::as_str);
    answered_as(services, request_id, peer, operation, about, outcome, body).await;
}

/// As [`answered`], for a message whose address says what it asks.
pub(crate) async fn answered_as(
    services: &Services,
    request_id: MessageId,
    peer: String,
    operation: &str,
    about: About,
    outcome: &str,
    body: &str,
) {
    let answer = inbound(services, MessageKind::Response, operation, body.as_bytes());
    services
        .messages
        .record_later(
            about.of(NewMessage {
                peer,
                outcome: Some(outcome.to_owned()),
                request_id: Some(request_id),
                duration_ms: request_id
                    .at()
                    .map(|begun| (answer.at - begun).num_milliseconds()),
                ..answer
            }),
        )
        .await;
}

/// Digest by which a repeated receipt is told from a different one with the same id.
pub(crate) fn digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// Delivers a receipt as the hub would, for the demo city: written, stored, read, applied.
pub(crate) async fn deliver(services: &Services, receipt: &Receipt) -> Result<()> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let Some(institution) = entries.institution(&receipt.recipient) else {
        bail!(
            "receipt {} is for an institution that is not served here",
            receipt.id
        );
    };
    let head = Head {
        institution: institution.fiscal_code.to_string(),
        broker: institution.broker.to_string(),
        station: institution.station.to_string(),
    };
    let message = send_rt::Request {
        edition: Edition::Second,
        head,
        receipt: receipt.clone(),
    }
    .write();
    let id = received(services, "demo".to_owned(), message.as_bytes()).await?;
    let read = send_rt::Request::read(message.as_bytes())?;
    match take_receipt(services, id, &read.receipt, digest(message.as_bytes())).await? {
        Taken::New(_) | Taken::Repeated => Ok(()),
        Taken::RepeatedDifferently => bail!("receipt {} is there already with other content", receipt.id),
    }
}
