//! The summary just before the hand-off to pagoPA. Which notices are in it, the address says.

use super::home::bare_code_form;
use super::note;
use crate::Language;
use crate::address::{CartNotices, DocumentPage, NoticeKey, Page};
use crate::api::notices::NoticePage;
use crate::api::payments::{BeginPayment, PaymentProblem, begin_payment};
use crate::components::{Step, Tone, alert, breadcrumb, error_summary, fact, icon, steps};
use crate::markup::{Markup, markup};
use crate::messages::cart::{self, Cart};
use crate::messages::layout::Layout;
use crate::messages::{euro, notice};
use crate::site::{answer_with, focus_content, name_page, use_language};
use domain::Cents;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Identifier of the e-mail field.
const EMAIL: &str = "email";

/// The summary.
pub(super) fn cart_page(cart: &CartNotices, lines: &[Option<NoticePage>]) -> Markup {
    let language = use_language();
    let problem = note("problema", "problem")
        .as_deref()
        .and_then(PaymentProblem::from_code);
    let text = move |message: Cart| message.text(language);
    if cart.notices().is_empty() {
        name_page(text(Cart::EmptyTitle), false);
        return markup! {
            div class="container prose" {
                h1 tabindex="-1" { (text(Cart::EmptyTitle)) }
                p class="lead" { (text(Cart::EmptyText)) }
                (bare_code_form(String::new(), None, CartNotices::default(), text(Cart::AddSubmit), "btn btn-primary btn-lg"))
            }
        };
    }
    if let Some(problem) = problem {
        answer_with(problem.status());
    }
    name_page(text(Cart::Title), problem.is_some());
    let payable: Vec<Cents> = lines
        .iter()
        .flatten()
        .filter(|line| line.standing.is_payable())
        .map(|line| line.summary.amount)
        .collect();
    let all_payable = payable.len() == cart.notices().len();
    let total = Cents::sum(payable.iter().copied()).unwrap_or(Cents::MAX_WIRE);
    let rows: Vec<Markup> = cart
        .notices()
        .iter()
        .enumerate()
        .map(|(place, key)| {
            line_view(
                place,
                key,
                lines.get(place).and_then(Option::as_ref),
                cart,
                language,
            )
        })
        .collect();
    let problem = RwSignal::new(problem);
    let summary = move || {
        problem
            .get()
            .map(|problem| problem_summary(problem, language).into_any())
    };
    markup! {
        div class="container" {
            (breadcrumb(Layout::StepSummary.text(language)))
            (steps(Step::Summary))
            div class="row" {
                div class="col-12 col-lg-8" {
                    h1 tabindex="-1" { (text(Cart::Title)) }
                    (summary.into_any())
                    p class="lead" { (text(Cart::Lead)) }
                    (rows)
                    p class="total" {
                        span { (text(Cart::Total)) " (" (cart::count(payable.len(), language)) ")" }
                        span class="amount" { (euro(total, language)) }
                    }
                    (all_payable.then(|| payment_form(cart, total, problem)))
                    (add_form(cart, language))
                }
            }
        }
    }
}

fn problem_summary(problem: PaymentProblem, language: Language) -> Markup {
    let field = (problem == PaymentProblem::Email).then_some(EMAIL);
    let lines = vec![
        (field, cart::problem(problem, language).to_owned()),
        (None, Cart::NothingCharged.text(language).to_owned()),
        (
            None,
            [Layout::SupportCode.text(language), problem.code()].concat(),
        ),
    ];
    error_summary(Cart::ErrorTitle.text(language), lines)
}

/// One notice of the payment, with what keeps it from being paid.
fn line_view(
    place: usize,
    key: &NoticeKey,
    line: Option<&NoticePage>,
    cart: &CartNotices,
    language: Language,
) -> Markup {
    let text = move |message: Cart| message.text(language);
    let heading = ["avviso-", &place.to_string()].concat();
    let title = line.map_or_else(|| key.number.grouped(), |line| line.summary.subject.clone());
    let facts = line.map(|line| {
        markup! {
            (fact(text(Cart::Institution), line.summary.institution_name.clone()))
            (fact(text(Cart::Amount), markup! { span class="amount" { (euro(line.summary.amount, language)) } }))
        }
    });
    let problem = match line {
        None => Some(alert(Tone::Warning, markup! { p { (text(Cart::LineUnknown)) } })),
        Some(line) if !line.standing.is_payable() => {
            let tag = notice::tag(&line.standing, line.due_on, language);
            let body = markup! { p { strong { (tag) ". " } (text(Cart::LineProblem)) } };
            Some(alert(Tone::Warning, body.into_any()))
        }
        Some(_) => None,
    };
    let change = Page::Notice {
        key: key.clone(),
        printed: None,
    }
    .address(language);
    let remove = Page::Cart(cart.without(place)).address(language);
    markup! {
        article class="cart-line" aria-labelledby=(heading.clone()) {
            h2 id=(heading.clone()) { (title.clone()) }
            (problem)
            dl class="facts" {
                (facts)
                (fact(text(Cart::Number), markup! { span class="code" { (key.number.grouped()) } }))
            }
            p class="no-print" {
                a href=(change) {
                    (text(Cart::Change))
                    span class="visually-hidden" { " " (title.clone()) (text(Cart::ChangeHidden)) }
                }
                " · "
                a href=(remove) {
                    (text(Cart::Remove))
                    span class="visually-hidden" { " " (title) (text(Cart::RemoveHidden)) }
                }
            }
        }
    }
}

/// The last form on this portal. Where scripting runs it is sent without leaving the page, so that nothing typed is
/// lost when pagoPA does not answer.
fn payment_form(cart: &CartNotices, total: Cents, problem: RwSignal<Option<PaymentProblem>>) -> AnyView {
    let language = use_language();
    let text = move |message: Cart| message.text(language);
    let email = NodeRef::<leptos::html::Input>::new();
    let busy = RwSignal::new(false);
    let written = cart.written();
    let pay = {
        let cart = written.clone();
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            if busy.get_untracked() {
                return;
            }
            let address = email
                .get_untracked()
                .map(|email| email.value())
                .unwrap_or_default();
            let address = address.trim().to_owned();
            let show = move |found: PaymentProblem| {
                problem.set(Some(found));
                busy.set(false);
                let _ = request_animation_frame(focus_content);
            };
            if !address.is_empty() && !domain::cart::is_email(&address) {
                return show(PaymentProblem::Email);
            }
            busy.set(true);
            let cart = cart.clone();
            leptos::task::spawn_local(async move {
                // On success the answer itself leads to pagoPA, and the button stays busy until the page is gone.
                if let Err(found) = begin_payment(cart, address, language).await {
                    show(found);
                }
            });
        }
    };
    // Coming back with the browser's button may show this page as it was left.
    #[cfg(not(feature = "ssr"))]
    {
        let shown = window_event_listener(leptos::ev::pageshow, move |_| busy.set(false));
        on_cleanup(move || shown.remove());
    }
    let invalid = move || problem.get() == Some(PaymentProblem::Email);
    let pay_label = notice::pay_amount(total, language);
    let group = move || {
        if invalid() {
            "form-group is-invalid"
        } else {
            "form-group"
        }
    };
    let message = move || invalid().then(|| email_error(language).into_any());
    let field = view! {
        <div class=group>
            <label for=EMAIL>{text(Cart::EmailLabel)}</label>
            <span class="form-text" id="email-aiuto">{text(Cart::EmailHint)}</span>
            {message}
            <input
                class="form-control field-medium" id=EMAIL name="email" type="email" autocomplete="email" spellcheck="false"
                aria-describedby="email-aiuto email-errore" aria-invalid=move || invalid().then_some("true") node_ref=email
            />
        </div>
    };
    let button = view! {
        <button class="btn btn-primary btn-lg" type="submit" aria-busy=move || busy.get().then_some("true")>
            {move || if busy.get() { text(Cart::Going).to_owned() } else { pay_label.clone() }}
        </button>
    };
    let content = markup! {
        input type="hidden" name="cart" value=(written);
        input type="hidden" name="language" value=(language.pick("italian", "english"));
        (field.into_any())
        p {
            (text(Cart::Privacy))
            a rel="external" href=(DocumentPage::Privacy.path(language)) { (text(Cart::PrivacyLink)) }
            "."
        }
        p class="callout" { (text(Cart::Fee)) }
        div class="actions" { (button.into_any()) }
        details {
            summary { (text(Cart::WhatIsPagopa)) }
            div { p { (text(Cart::WhatIsPagopaText)) } }
        }
    };
    view! { <form method="post" action=BeginPayment::PATH novalidate on:submit=pay>{content}</form> }
        .into_any()
}

fn email_error(language: Language) -> Markup {
    markup! {
        p class="invalid-feedback" id="email-errore" {
            (icon("error"))
            span {
                span class="visually-hidden" { (Layout::ErrorPrefix.text(language)) }
                (cart::problem(PaymentProblem::Email, language))
            }
        }
    }
}

/// Another notice for the same payment.
fn add_form(cart: &CartNotices, language: Language) -> Markup {
    if cart.is_full() {
        return markup! { p class="callout" id="aggiungi" { (Cart::Full.text(language)) } };
    }
    markup! {
        section class="no-print" id="aggiungi" aria-labelledby="aggiungi-titolo" {
            h2 id="aggiungi-titolo" { (Cart::AddTitle.text(language)) }
            p { (Cart::AddHint.text(language)) }
            (bare_code_form(String::new(), None, cart.clone(), Cart::AddSubmit.text(language), "btn btn-outline-primary"))
        }
    }
}
