//! A payment, from the summary to what became of it.

use super::PortalError;
use super::json::{Answer, JsonText};
use super::notices::{NoticePage, NoticeSummary};
use crate::Language;
use crate::calendar::Moment;
use domain::Cents;
use leptos::server;
use leptos::server_fn::codec::GetUrl;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why a payment did not begin. Nothing was charged in any of these cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentProblem {
    /// No notice, or too many.
    Count,
    /// One of the notices cannot be paid any more.
    NotPayable,
    /// The e-mail address cannot be one.
    Email,
    /// Too many payments from one address.
    TooMany,
    /// pagoPA does not answer, or asks to wait.
    HubSilent,
    /// pagoPA does not take the notices.
    HubRefused,
    /// pagoPA's answer makes no sense.
    HubRubbish,
    /// Our archive does not answer.
    Unavailable,
    /// The browser cannot reach the server.
    Offline,
}

impl PaymentProblem {
    /// Every problem.
    pub const ALL: [Self; 9] = [
        Self::Count,
        Self::NotPayable,
        Self::Email,
        Self::TooMany,
        Self::HubSilent,
        Self::HubRefused,
        Self::HubRubbish,
        Self::Unavailable,
        Self::Offline,
    ];

    /// Its name in addresses; also the code people can quote.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::NotPayable => "not-payable",
            Self::Email => "email",
            Self::TooMany => "too-many",
            Self::HubSilent => "hub-silent",
            Self::HubRefused => "hub-refused",
            Self::HubRubbish => "hub-rubbish",
            Self::Unavailable => "unavailable",
            Self::Offline => "offline",
        }
    }

    /// The problem with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.code() == code)
    }

    /// The status of a page that shows it.
    pub const fn status(self) -> u16 {
        match self {
            Self::Count | Self::Email => 422,
            Self::NotPayable => 409,
            Self::TooMany => 429,
            Self::HubSilent | Self::Unavailable | Self::Offline => 503,
            Self::HubRefused | Self::HubRubbish => 502,
        }
    }
}

impl FromServerFnError for PaymentProblem {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match PortalError::from_server_fn_error(error) {
            PortalError::TooManyRequests { .. } => Self::TooMany,
            PortalError::Offline => Self::Offline,
            PortalError::Unavailable | PortalError::Malformed => Self::Unavailable,
        }
    }

    fn status_code(&self) -> http::StatusCode {
        http::StatusCode::from_u16(self.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// How the browser came back from pagoPA. It proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CameBack {
    /// It did not, yet.
    NotYet,
    /// As after a payment.
    Ok,
    /// The citizen gave up.
    Cancelled,
    /// It went wrong.
    Failed,
    /// pagoPA does not know yet.
    Waiting,
}

/// A notice of a payment as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeLine {
    /// The notice, unless it is gone.
    pub notice: Option<NoticeSummary>,
    /// What was asked when the payment began.
    pub amount: Cents,
    /// When it was paid, and the reference of its receipt when this very payment produced it.
    pub paid: Option<(Moment, Option<String>)>,
}

/// What became of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomePage {
    /// Its notices.
    pub lines: Vec<OutcomeLine>,
    /// How the browser came back.
    pub came_back: CameBack,
    /// pagoPA may still be working on it.
    pub may_be_going_on: bool,
}

/// What the outcome page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every receipt is here.
    Paid,
    /// Some receipts are here.
    PartlyPaid,
    /// None is, and one may come.
    Waiting,
    /// The citizen gave up.
    Cancelled,
    /// It went wrong.
    Failed,
    /// None is here and none is expected any more.
    NeverConfirmed,
}

impl OutcomePage {
    /// What to say. Only receipts make it paid, and they win over how the browser came back.
    pub fn verdict(&self) -> Verdict {
        let paid = self.lines.iter().filter(|line| line.paid.is_some()).count();
        if paid > 0 && paid == self.lines.len() {
            return Verdict::Paid;
        }
        if paid > 0 {
            return Verdict::PartlyPaid;
        }
        match self.came_back {
            CameBack::Cancelled => Verdict::Cancelled,
            CameBack::Failed => Verdict::Failed,
            CameBack::NotYet | CameBack::Ok | CameBack::Waiting if self.may_be_going_on => Verdict::Waiting,
            CameBack::NotYet | CameBack::Ok | CameBack::Waiting => Verdict::NeverConfirmed,
        }
    }
}

/// Looks at the notices of a cart as they stand now, in its order; `None` for one that is not known.
#[server(prefix = "/api", endpoint = "cart", input = GetUrl, output = Answer)]
pub async fn look_at_cart(
    /// The notices, as [`crate::address::CartNotices::written`] writes them.
    cart: String,
    /// Language of the names.
    language: Language,
) -> Result<Vec<Option<NoticePage>>, PortalError> {
    let services = super::request::services()?;
    let keys = ssr::keys(&cart);
    for (_, number) in &keys {
        super::request::count_lookup(&services, number.as_str())?;
    }
    let cart = services::payments::look_at_cart(&services, &keys).await?;
    let now = services.clock.now();
    Ok(cart
        .into_iter()
        .map(|details| super::notices::ssr::page(details?, language, now))
        .collect())
}

/// Begins a payment and leads to pagoPA; when it cannot, back to the summary with the reason.
#[server(prefix = "/api", endpoint = "payments/begin", output = Answer)]
pub async fn begin_payment(
    /// The notices, as [`crate::address::CartNotices::written`] writes them.
    cart: String,
    /// Where pagoPA sends word of the payment; may be empty.
    #[server(default)]
    email: String,
    /// Language of the pages.
    language: Language,
) -> Result<(), PaymentProblem> {
    let services = super::request::services().map_err(|_| PaymentProblem::Unavailable)?;
    let from = super::request::client_address();
    let keys = ssr::keys(&cart);
    match services::payments::begin_payment(&services, &keys, Some(&email), language.tag(), from).await {
        Ok(checkout_url) => {
            super::request::lead_to(&checkout_url);
            Ok(())
        }
        Err(error) => Err(ssr::back_to_summary(&error, &cart, language)),
    }
}

/// Finds what became of a payment; `None` when there is no such payment.
#[server(prefix = "/api", endpoint = "payments/outcome", input = GetUrl, output = Answer)]
pub async fn find_outcome(
    /// The payment's unguessable reference.
    token: String,
) -> Result<Option<OutcomePage>, PortalError> {
    let services = super::request::services()?;
    let outcome = services::payments::find_outcome(&services, &token).await?;
    Ok(outcome.map(ssr::outcome))
}

/// From the use cases' types to the page's.
#[cfg(feature = "ssr")]
mod ssr {
    use super::{CameBack, OutcomeLine, OutcomePage, PaymentProblem};
    use crate::Language;
    use crate::address::{CartNotices, Page};
    use crate::api::notices::NoticeSummary;
    use domain::cart::{CartState, ReturnOutcome};
    use services::payments::{BeginPaymentError, CartKey, OpenCartError, Outcome, OutcomeItem};

    pub(super) fn keys(cart: &str) -> Vec<CartKey> {
        CartNotices::parse(cart)
            .notices()
            .iter()
            .map(|key| (key.institution.clone(), key.number.clone()))
            .collect()
    }

    /// Names the reason, and answers a plain form with the summary that says it.
    pub(super) fn back_to_summary(
        error: &BeginPaymentError,
        cart: &str,
        language: Language,
    ) -> PaymentProblem {
        let problem = match error {
            BeginPaymentError::Count => PaymentProblem::Count,
            BeginPaymentError::NotPayable(_) => PaymentProblem::NotPayable,
            BeginPaymentError::Email => PaymentProblem::Email,
            BeginPaymentError::TooMany(_) => PaymentProblem::TooMany,
            BeginPaymentError::Hub(OpenCartError::Unreachable(_) | OpenCartError::TooManyRequests) => {
                PaymentProblem::HubSilent
            }
            BeginPaymentError::Hub(OpenCartError::Refused(_)) => PaymentProblem::HubRefused,
            BeginPaymentError::Hub(OpenCartError::Rubbish(_)) => PaymentProblem::HubRubbish,
            BeginPaymentError::Unavailable(_) => PaymentProblem::Unavailable,
        };
        if problem.status() >= 500 {
            tracing::error!(error = error as &dyn std::error::Error, "a payment cannot begin");
        }
        let cart = CartNotices::parse(cart);
        let separator = if cart.notices().is_empty() { '?' } else { '&' };
        let address = Page::Cart(cart).address(language);
        let name = language.pick("problema", "problem");
        crate::api::request::lead_form_to(&format!("{address}{separator}{name}={}", problem.code()));
        problem
    }

    pub(super) fn outcome(outcome: Outcome) -> OutcomePage {
        OutcomePage {
            came_back: match outcome.cart.state {
                CartState::Prepared | CartState::HandedOff { .. } => CameBack::NotYet,
                CartState::Returned {
                    outcome: ReturnOutcome::Ok,
                    ..
                } => CameBack::Ok,
                CartState::Returned {
                    outcome: ReturnOutcome::Cancel,
                    ..
                } => CameBack::Cancelled,
                CartState::Returned {
                    outcome: ReturnOutcome::Error,
                    ..
                } => CameBack::Failed,
                CartState::Returned {
                    outcome: ReturnOutcome::Waiting,
                    ..
                } => CameBack::Waiting,
            },
            may_be_going_on: outcome.may_be_going_on,
            lines: outcome.items.into_iter().map(line).collect(),
        }
    }

    fn line(item: OutcomeItem) -> OutcomeLine {
        OutcomeLine {
            notice: item.details.map(|details| NoticeSummary {
                institution: details.notice.institution,
                institution_name: details.institution.name,
                number: details.notice.number,
                subject: details.notice.description,
                amount: details.notice.amount,
            }),
            amount: item.amount,
            paid: item.paid.map(|(at, receipt)| (at.into(), receipt)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Day;

    fn outcome(paid: &[bool], came_back: CameBack, may_be_going_on: bool) -> Verdict {
        let line = |paid: &bool| OutcomeLine {
            notice: None,
            amount: Cents::new(100),
            paid: paid.then_some((Moment(Day(2026, 11, 23), 10, 42), None)),
        };
        OutcomePage {
            lines: paid.iter().map(line).collect(),
            came_back,
            may_be_going_on,
        }
        .verdict()
    }

    #[test]
    fn nothing_is_paid_before_its_receipt_whatever_the_browser_says() {
        assert_eq!(outcome(&[false], CameBack::Ok, true), Verdict::Waiting);
        assert_eq!(outcome(&[false], CameBack::Ok, false), Verdict::NeverConfirmed);
        assert_eq!(outcome(&[], CameBack::Ok, true), Verdict::Waiting);
    }

    #[test]
    fn a_receipt_wins_over_a_browser_that_came_back_as_cancelled_or_not_at_all() {
        for came_back in [
            CameBack::NotYet,
            CameBack::Cancelled,
            CameBack::Failed,
            CameBack::Waiting,
        ] {
            assert_eq!(outcome(&[true], came_back, false), Verdict::Paid);
            assert_eq!(outcome(&[true, false], came_back, false), Verdict::PartlyPaid);
        }
    }

    #[test]
    fn giving_up_and_failing_are_told_apart() {
        assert_eq!(outcome(&[false], CameBack::Cancelled, true), Verdict::Cancelled);
        assert_eq!(outcome(&[false], CameBack::Failed, true), Verdict::Failed);
    }

    #[test]
    fn every_problem_is_read_back_from_its_code() {
        for problem in PaymentProblem::ALL {
            assert_eq!(PaymentProblem::from_code(problem.code()), Some(problem));
            assert!((400..600).contains(&problem.status()));
        }
        assert_eq!(PaymentProblem::from_code("paid"), None);
    }
}
