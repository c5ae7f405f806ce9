//! The hub as this platform calls it: every exchange in the message log before it is read.

use crate::config::{ProductSettings, Settings};
use anyhow::{Context, Result};
use pagopa::gateway::{Call, Gateway, GatewaySettings, Kept, Product};
use services::clock::Clock;
use services::hub::{Answered, Calling, HubError, HubGateway};
use services::ids::IdSource;
use services::message_log::{About, MessageLog};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use storage::messages::{Direction, MessageId, MessageKind, NewMessage};

/// The longest answer taken: a page of a thousand rows is a few hundred kilobytes.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The products of the gateway the settings describe.
pub struct LoggedHub {
    products: BTreeMap<Product, Gateway>,
    messages: MessageLog,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl LoggedHub {
    /// A client for each product the settings name.
    pub fn new(
        settings: &Settings,
        messages: MessageLog,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self> {
        // Another part of the process may have chosen the same provider already: then there is nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let products = settings
            .hub
            .products
            .iter()
            .map(|(product, of)| Ok((*product, gateway(*product, of, settings.hub.timeout_seconds)?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            products,
            messages,
            clock,
            ids,
        })
    }

    async fn exchange(&self, product: Product, call: &Call, about: &About) -> Result<Answered, HubError> {
        let gateway = self
            .products
            .get(&product)
            .ok_or(HubError::NotConfigured(product))?;
        let message = |kind, request_id: Option<MessageId>, outcome, body| {
            let at = self.clock.now();
            about.clone().of(NewMessage {
                peer: gateway.line(call),
                outcome,
                request_id,
                component: Some(product.as_str().to_owned()),
                duration_ms: request_id
                    .and_then(MessageId::at)
                    .map(|begun| (at - begun).num_milliseconds()),
                ..NewMessage::new(
                    self.ids.message_id(at),
                    at,
                    Direction::Outbound,
                    kind,
                    call.operation,
                    body,
                )
            })
        };
        let request = message(MessageKind::Request, None, None, call.bytes().to_vec());
        let request_id = request.id;
        self.messages
            .record(request)
            .await
            .map_err(|_| HubError::NotLogged)?;
        let answer = gateway.call(call).await;
        let (outcome, body) = match &answer {
            // A redirect says everything in its address.
            Ok(reply) if reply.body.is_empty() => (
                reply.status.to_string(),
                reply.location.clone().unwrap_or_default().into_bytes(),
            ),
            Ok(reply) => (reply.status.to_string(), kept(call.kept, &reply.body)),
            Err(error) => ("none".to_owned(), error.to_string().into_bytes()),
        };
        tracing::info!(
            product = product.as_str(),
            operation = call.operation,
            institution = about.institution,
            notice.number = about.notice_number,
            receipt.id = about.receipt_id,
            outcome,
            "called the hub"
        );
        let response = message(MessageKind::Response, Some(request_id), Some(outcome), body);
        let message_id = response.id;
        // What an answer says is acted on: it must be safe first. When it cannot be kept the call counts as unanswered.
        self.messages
            .record(response)
            .await
            .map_err(|_| HubError::NotLogged)?;
        Ok(Answered {
            reply: answer?,
            message_id,
        })
    }
}

/// What the log keeps of an answer.
fn kept(kept: Kept, body: &[u8]) -> Vec<u8> {
    match kept {
        Kept::Whole => body.to_vec(),
        Kept::Digest => {
            let mut digest = String::with_capacity(64);
            for byte in Sha256::digest(body) {
                let _ = write!(digest, "{byte:02x}");
            }
            format!("{} bytes, SHA-256 {digest}", body.len()).into_bytes()
        }
    }
}

impl HubGateway for LoggedHub {
    fn call<'a>(&'a self, product: Product, call: &'a Call, about: &'a About) -> Calling<'a> {
        Box::pin(self.exchange(product, call, about))
    }

    fn offers(&self, product: Product) -> bool {
        self.products.contains_key(&product)
    }
}

fn gateway(product: Product, settings: &ProductSettings, timeout_seconds: u64) -> Result<Gateway> {
    let made = Gateway::new(GatewaySettings {
        base_url: settings.url.clone(),
        keys: settings.keys(product)?,
        connect_timeout: Duration::from_secs(5),
        timeout: Duration::from_secs(timeout_seconds),
        answer_bytes_max: ANSWER_BYTES_MAX,
        pace: product.pace(),
        patience: product.patience(),
    });
    made.with_context(|| format!("hub.products.{}", product.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_that_repeats_ours_is_kept_as_its_digest() {
        assert_eq!(kept(Kept::Whole, b"abc"), b"abc");
        let digest = "3 bytes, SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(kept(Kept::Digest, b"abc"), digest.as_bytes());
    }
}
