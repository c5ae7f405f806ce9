//! A citizen's payment, from the cart to what became of it. None of it closes a debt: only a receipt does.

use crate::hub::{HubCart, HubCartNotice, OpenCartError};
use crate::notices::{NoticeDetails, read_details};
use crate::rate_limit::{Limited, TooMany};
use crate::{Services, Unavailable};
use chrono::{DateTime, Utc};
use domain::cart::{Cart, CartItem, CartState, ReturnOutcome};
use domain::{Cents, CreditorFiscalCode, NoticeNumber, NoticeStanding};
use std::net::IpAddr;
use storage::{StorageError, carts};

/// Notices the hub takes in one cart.
pub const CART_MAX: usize = 5;

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
    Ok(details)
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
            Some(details) if matches!(details.standing, NoticeStanding::Payable { .. }) => {
                notices.push(details);
            }
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

    let back = |how: &str| format!("{}/rientro/{token}/{how}", services.portal_url);
    let checkout_url = services
        .hub
        .open_cart(&HubCart {
            token: token.clone(),
            email: cart.email.clone(),
            notices: notices.iter().map(hub_notice).collect(),
            return_ok: back("ok"),
            return_cancel: back("cancel"),
            return_error: back("error"),
            return_waiting: back("waiting"),
        })
        .await?;

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

fn hub_notice(details: &NoticeDetails) -> HubCartNotice {
    HubCartNotice {
        number: details.notice.number.clone(),
        institution: details.notice.institution.clone(),
        amount: details.notice.amount,
        company_name: details.institution.name.clone(),
        description: details.notice.description.clone(),
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
