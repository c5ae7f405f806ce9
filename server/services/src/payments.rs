//! A citizen's payment, from the cart to what became of it. None of it closes a debt: only a receipt does.

use crate::hub::HubError;
use crate::message_log::About;
use crate::notices::{NoticeDetails, bring_to_today, read_details};
use crate::rate_limit::{Limited, TooMany};
use crate::{Services, Unavailable};
use chrono::{DateTime, Utc};
use domain::cart::{Cart, CartItem, CartState, ReturnOutcome};
use domain::{Cents, CreditorFiscalCode, NoticeNumber, NoticeStanding};
use pagopa::checkout::{CartNotice, CartRequest, Edition, NotOpened, ReturnUrls, open_cart, redirect};
use pagopa::gateway::{CallError, Product};
use std::net::IpAddr;
use storage::{StorageError, carts};

/// Notices the hub takes in one cart.
pub const CART_MAX: usize = 5;

/// How carts are opened on the hub's payment page.
#[derive(Debug, Clone, Default)]
pub struct Checkout {
    /// Edition of the interface.
    pub edition: Edition,
    /// Hosts a citizen may be sent to; one with a leading point stands for every host of that domain.
    pub allowed_hosts: Vec<String>,
}

/// Why the hub opened no cart. Nothing was charged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenCartError {
    /// The hub does not answer, not in time, or has trouble of its own: the same cart may be opened later.
    #[error("the hub does not answer: {0}")]
    Unreachable(String),
    /// The hub asks to wait.
    #[error("the hub asks to slow down")]
    TooManyRequests,
    /// The hub refuses the cart: one of its notices cannot be paid there.
    #[error(transparent)]
    Refused(NotOpened),
    /// The hub's answer makes no sense.
    #[error(transparent)]
    Rubbish(NotOpened),
}

impl From<HubError> for OpenCartError {
    fn from(error: HubError) -> Self {
        match error {
            HubError::Call(CallError::OverLimit { .. }) => Self::TooManyRequests,
            HubError::NotConfigured(_)
            | HubError::NotLogged
            | HubError::Call(
                CallError::Unreachable
                | CallError::Timeout
                | CallError::LeftAlone { .. }
                | CallError::Unauthorised
                | CallError::TooLong
                | CallError::NotHttp,
            ) => Self::Unreachable(error.to_string()),
        }
    }
}

impl From<NotOpened> for OpenCartError {
    fn from(answer: NotOpened) -> Self {
        match answer {
            NotOpened::Refused { status: 500.., .. } => Self::Unreachable(answer.to_string()),
            NotOpened::Refused { .. } => Self::Refused(answer),
            NotOpened::Rubbish(_) => Self::Rubbish(answer),
        }
    }
}

/// A notice put in a cart: its institution and its number.
pub type CartKey = (CreditorFiscalCode, NoticeNumber);

/// Why a payment could not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginPaymentError {
    /// None, more than five, or one twice.
    #[error("a payment is of one to five different notices")]
    Count,
    /// One of them cannot be paid (any more): look at it again.
    #[error("notice {0} cannot be paid")]
    NotPayable(NoticeNumber),
    /// The e-mail address cannot be one.
    #[error("not an e-mail address")]
    Email,
    /// Too many payments from one address.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The hub did not open the cart. Nothing was charged.
    #[error(transparent)]
    Hub(#[from] OpenCartError),
    /// The archive did not answer. Nothing was charged.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for BeginPaymentError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(Unavailable(error))
    }
}

/// The notices of a cart as they stand now, in the order given; `None` for one that is not known.
pub async fn look_at_cart(
    services: &Services,
    keys: &[CartKey],
) -> Result<Vec<Option<NoticeDetails>>, Unavailable> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let mut snapshot = services.store.read().await?;
    let mut details = Vec::with_capacity(keys.len().min(CART_MAX));
    for (institution, number) in keys.iter().take(CART_MAX) {
        details.push(read_details(&mut snapshot, &entries, &*services.clock, institution, number).await?);
    }
    drop(snapshot);
    bring_to_today(services, &entries, details).await
}

/// Opens a cart at the hub and returns the address where the citizen pays.
///
/// Two transactions: the cart is kept before the hub is called, because the hub calls our own verify while we wait and
/// may send a receipt before it answers; the hand-off is kept after.
pub async fn begin_payment(
    services: &Services,
    keys: &[CartKey],
    email: Option<&str>,
    language: &str,
    from: IpAddr,
) -> Result<String, BeginPaymentError> {
    services
        .limits
        .count(Limited::PaymentFrom(from), services.clock.now())?;
    let repeated = keys
        .iter()
        .enumerate()
        .any(|(place, key)| keys[..place].contains(key));
    if keys.is_empty() || keys.len() > CART_MAX || repeated {
        return Err(BeginPaymentError::Count);
    }
    let email = email.map(str::trim).filter(|email| !email.is_empty());
    if email.is_some_and(|email| !domain::cart::is_email(email)) {
        return Err(BeginPaymentError::Email);
    }
    let mut notices = Vec::with_capacity(keys.len());
    for (details, (_, number)) in look_at_cart(services, keys).await?.into_iter().zip(keys) {
        match details {
            Some(details) if details.is_payable() => notices.push(details),
            _ => return Err(BeginPaymentError::NotPayable(number.clone())),
        }
    }

    let token = services.ids.token();
    let mut cart = Cart {
        token: token.clone(),
        language: language.to_owned(),
        email: email.map(str::to_owned),
        created_at: services.clock.now(),
        state: CartState::Prepared,
        items: notices
            .iter()
            .map(|details| CartItem {
                institution: details.notice.institution.clone(),
                notice_number: details.notice.number.clone(),
                amount: details.notice.amount,
            })
            .collect(),
    };
    let mut tx = services.store.begin().await?;
    carts::insert_cart(&mut tx, &cart).await?;
    tx.commit().await?;

    let checkout_url = open(services, &cart, &notices).await?;

    let handed_off = CartState::HandedOff {
        at: services.clock.now(),
        checkout_url: checkout_url.clone(),
    };
    let mut tx = services.store.begin().await?;
    carts::transition_cart_state(&mut tx, &token, &cart.state, &handed_off).await?;
    tx.commit().await?;
    cart.state = handed_off;
    Ok(checkout_url)
}

async fn open(services: &Services, cart: &Cart, notices: &[NoticeDetails]) -> Result<String, OpenCartError> {
    let back = |how: &str| format!("{}/rientro/{}/{how}", services.portal_url, cart.token);
    let request = CartRequest {
        email_notice: cart.email.clone(),
        payment_notices: notices.iter().map(cart_notice).collect(),
        return_urls: ReturnUrls {
            ok: back("ok"),
            cancel: back("cancel"),
            error: back("error"),
            waiting: Some(back("waiting")),
        },
        id_cart: Some(cart.token.clone()),
        // The hub then asks for postal accounts, which every notice must have.
        all_postal: notices
            .iter()
            .all(|details| details.notice.all_postal)
            .then_some(true),
    };
    let checkout = &services.checkout;
    let call = open_cart(checkout.edition, request);
    let opened = match services.hub.call(Product::Checkout, &call, &about(cart)).await {
        Ok(answered) => redirect(&answered.reply, &checkout.allowed_hosts).map_err(OpenCartError::from),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = &opened {
        tracing::warn!(%error, notices = notices.len(), "the hub did not open a cart");
    }
    opened
}

fn cart_notice(details: &NoticeDetails) -> CartNotice {
    CartNotice {
        notice_number: details.notice.number.clone(),
        fiscal_code: details.notice.institution.clone(),
        amount: details.notice.amount,
        company_name: details.institution.name.clone(),
        description: details.notice.description.clone(),
    }
}

/// A cart of one notice is found in the log under that notice, any other under its reference.
fn about(cart: &Cart) -> About {
    let context_code = Some(cart.token.clone());
    match cart.items.as_slice() {
        [item] => About {
            institution: Some(item.institution.to_string()),
            notice_number: Some(item.notice_number.to_string()),
            iuv: Some(item.notice_number.iuv().to_string()),
            context_code,
            ..About::default()
        },
        _ => About {
            context_code,
            ..About::default()
        },
    }
}

/// Notes how the browser came back from the hub. It proves nothing; it chooses the words of the outcome page.
/// `None` when there is no such cart.
pub async fn record_return(
    services: &Services,
    token: &str,
    outcome: ReturnOutcome,
) -> Result<Option<Cart>, Unavailable> {
    let mut tx = services.store.begin().await?;
    let Some(mut cart) = carts::find_cart(&mut tx, token).await? else {
        return Ok(None);
    };
    let returned = CartState::Returned {
        outcome,
        at: services.clock.now(),
    };
    match carts::transition_cart_state(&mut tx, token, &cart.state, &returned).await {
        Ok(()) => {
            tx.commit().await?;
            cart.state = returned;
        }
        // The same browser came back twice at once: the other note stands.
        Err(StorageError::Conflict) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Some(cart))
}

/// What became of a payment.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The cart, with how the browser came back.
    pub cart: Cart,
    /// Its notices as they stand now.
    pub items: Vec<OutcomeItem>,
    /// The hub may still be working on it.
    pub may_be_going_on: bool,
}

/// A notice of a payment as it stands now.
#[derive(Debug, Clone)]
pub struct OutcomeItem {
    /// The notice; `None` if it is gone from the archive.
    pub details: Option<NoticeDetails>,
    /// What was asked when the payment began.
    pub amount: Cents,
    /// When it was paid, and the link to its receipt if this very payment produced it.
    pub paid: Option<(DateTime<Utc>, Option<String>)>,
}

/// Finds what became of a payment by its unguessable reference.
pub async fn find_outcome(services: &Services, token: &str) -> Result<Option<Outcome>, Unavailable> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let mut snapshot = services.store.read().await?;
    let Some(cart) = carts::find_cart(&mut snapshot, token).await? else {
        return Ok(None);
    };
    let mut items = Vec::with_capacity(cart.items.len());
    for item in &cart.items {
        let details = read_details(
            &mut snapshot,
            &entries,
            &*services.clock,
            &item.institution,
            &item.notice_number,
        )
        .await?;
        let receipts =
            storage::receipts::list_receipts_of_notice(&mut snapshot, &item.institution, &item.notice_number)
                .await?;
        let own = receipts
            .into_iter()
            .find(|stored| stored.receipt.payment_note.as_deref() == Some(token));
        let standing = details.as_ref().map(|details| &details.standing);
        let paid = match (own, standing) {
            (Some(stored), Some(NoticeStanding::Paid { at })) => Some((*at, Some(stored.access_token))),
            (Some(stored), _) => Some((stored.received_at, Some(stored.access_token))),
            (None, Some(NoticeStanding::Paid { at })) => Some((*at, None)),
            (None, _) => None,
        };
        items.push(OutcomeItem {
            details,
            amount: item.amount,
            paid,
        });
    }
    let began_at = match &cart.state {
        CartState::Prepared => cart.created_at,
        CartState::HandedOff { at, .. } | CartState::Returned { at, .. } => *at,
    };
    let may_be_going_on = services.clock.now() - began_at < crate::notices::PAYMENT_OPEN_FOR;
    Ok(Some(Outcome {
        cart,
        items,
        may_be_going_on,
    }))
}
