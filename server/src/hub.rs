//! The hub as this platform calls it: Checkout, with every exchange in the message log.

use crate::config::Settings;
use anyhow::{Context, Result};
use domain::Cents;
use pagopa::checkout::{
    self, CartNotice, CartRequest, CheckoutClient, CheckoutSettings, ReturnUrls, SubscriptionKey,
};
use services::clock::Clock;
use services::hub::{HubCart, OpenCartError, PaymentHub};
use services::ids::IdSource;
use services::message_log::MessageLog;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use storage::messages::{Direction, MessageId, MessageKind, NewMessage};

/// Opens carts on Checkout.
pub struct CheckoutHub {
    client: CheckoutClient,
    messages: MessageLog,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    peer: String,
}

impl CheckoutHub {
    /// The client the settings describe.
    pub fn new(
        settings: &Settings,
        messages: MessageLog,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self> {
        // Another part of the process may have chosen the same provider already: then there is nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = CheckoutClient::new(CheckoutSettings {
            base_url: settings.hub.checkout_url.clone(),
            key: settings.checkout_key()?.map(SubscriptionKey::new),
            allowed_hosts: settings.hub.checkout_hosts.clone(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(settings.hub.timeout_seconds),
        })
        .context("hub settings")?;
        Ok(Self {
            client,
            messages,
            clock,
            ids,
            peer: settings.hub.checkout_url.clone(),
        })
    }

    fn message(
        &self,
        kind: MessageKind,
        request_id: Option<MessageId>,
        outcome: Option<String>,
        body: String,
    ) -> NewMessage {
        let at = self.clock.now();
        NewMessage {
            id: self.ids.message_id(at),
            at,
            direction: Direction::Outbound,
            kind,
            operation: "postCarts".to_owned(),
            institution: None,
            notice_number: None,
            iuv: None,
            receipt_id: None,
            peer: self.peer.clone(),
            outcome,
            request_id,
            body: body.into_bytes(),
        }
    }

    async fn open(&self, cart: &HubCart) -> Result<String, OpenCartError> {
        let request = CartRequest {
            email_notice: cart.email.clone(),
            payment_notices: cart.notices.iter().map(notice).collect(),
            return_urls: ReturnUrls {
                ok: cart.return_ok.clone(),
                cancel: cart.return_cancel.clone(),
                error: cart.return_error.clone(),
                waiting: cart.return_waiting.clone(),
            },
            id_cart: Some(cart.token.clone()),
            all_postal: None,
        };
        let body = serde_json::to_string(&request)
            .map_err(|_| OpenCartError::Rubbish("the cart has no JSON form"))?;
        let sent = self.message(MessageKind::Request, None, None, body);
        let request_id = sent.id;
        self.messages
            .record(sent)
            .await
            .map_err(|_| OpenCartError::Unreachable)?;
        let answer = self.client.open_cart(&request).await;
        let said = match &answer {
            Ok(address) => address.clone(),
            Err(error) => error.to_string(),
        };
        let outcome = if answer.is_ok() { "OK" } else { "KO" };
        self.messages
            .record_later(self.message(
                MessageKind::Response,
                Some(request_id),
                Some(outcome.to_owned()),
                said,
            ))
            .await;
        answer.map_err(|error| {
            let total = Cents::sum(cart.notices.iter().map(|notice| notice.amount));
            tracing::warn!(%error, notices = cart.notices.len(), total = ?total, "Checkout did not open a cart");
            meaning(&error)
        })
    }
}

fn notice(notice: &services::hub::HubCartNotice) -> CartNotice {
    CartNotice {
        notice_number: notice.number.clone(),
        fiscal_code: notice.institution.clone(),
        amount: notice.amount,
        company_name: notice.company_name.clone(),
        description: notice.description.clone(),
    }
}

impl PaymentHub for CheckoutHub {
    fn open_cart<'a>(
        &'a self,
        cart: &'a HubCart,
    ) -> Pin<Box<dyn Future<Output = Result<String, OpenCartError>> + Send + 'a>> {
        Box::pin(self.open(cart))
    }
}

/// What Checkout's troubles mean to a use case.
fn meaning(error: &checkout::OpenCartError) -> OpenCartError {
    use checkout::OpenCartError as E;
    match error {
        // Trouble of the hub's own, or of our key: the same cart may be opened later.
        E::Refused { status: 500.., .. } | E::Unreachable | E::Timeout | E::Unauthorised => {
            OpenCartError::Unreachable
        }
        E::Refused { status, .. } => OpenCartError::Refused { status: *status },
        E::TooManyRequests { .. } => OpenCartError::TooManyRequests,
        E::Rubbish(why) => OpenCartError::Rubbish(why),
    }
}
