//! Where the citizen is: the path of pages and the steps of a payment.

use crate::address::Page;
use crate::markup::{Markup, markup};
use crate::messages::layout::Layout;
use crate::site::use_language;

/// A step of the payment on this portal. The third, the payment, is at pagoPA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The notice.
    Notice,
    /// The summary. `back` leads to the notice.
    Summary,
}

/// The steps of a payment; done ones say so.
pub(crate) fn steps(now: Step) -> Markup {
    let language = use_language();
    let text = |message: Layout| message.text(language);
    let first = match now {
        Step::Notice => markup! { li class="active" aria-current="step" { (text(Layout::StepNotice)) } },
        Step::Summary => markup! {
            li class="confirmed" {
                span class="visually-hidden" { (text(Layout::StepDone)) }
                (text(Layout::StepNotice))
            }
        },
    };
    let second = match now {
        Step::Notice => markup! { li { (text(Layout::StepSummary)) } },
        Step::Summary => markup! { li class="active" aria-current="step" { (text(Layout::StepSummary)) } },
    };
    markup! {
        div class="steppers" {
            ol aria-label=(text(Layout::StepsLabel)) { (first) (second) li { (text(Layout::StepPayment)) } }
        }
    }
}

/// Home, then this page.
pub(crate) fn breadcrumb(here: &'static str) -> Markup {
    let language = use_language();
    markup! {
        nav aria-label=(Layout::Breadcrumb.text(language)) {
            ol class="breadcrumb" {
                li class="breadcrumb-item" {
                    a href=(Page::Home.address(language)) { (Layout::BackHome.text(language)) }
                }
                li class="breadcrumb-item" aria-current="page" { (here) }
            }
        }
    }
}
