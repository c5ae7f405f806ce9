//! What a typed code leads to: a notice, a choice, a correction to confirm, or the reason why not.

use super::home::code_form;
use crate::address::{CartNotices, Page};
use crate::api::notices::NoticeSummary;
use crate::components::code_field::FIELD;
use crate::components::{Tone, alert, breadcrumb, error_summary};
use crate::markup::{Markup, markup};
use crate::messages::code::{self, Search};
use crate::messages::euro;
use crate::messages::home::Home;
use crate::messages::layout::Layout;
use crate::site::{answer_with, name_page, use_language};
use domain::citizen_code::{LookAlike, Refusal, Verdict, read};
use domain::{Cents, NoticeNumber};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;

/// Longest text kept in the field again.
const KEPT_MAX: usize = 300;

/// The page a code leads to.
pub(super) fn search_page(notices: Vec<NoticeSummary>, text: String, cart: CartNotices) -> Markup {
    match (read(&text), &notices[..]) {
        (Verdict::Refused(refusal), _) => refused(&refusal, text, cart),
        (Verdict::Correction { number, changed }, _) => correction(&number, &changed, text, cart),
        (Verdict::Iuv(_), []) => {
            // More often than not it is a notice code with a digit missing.
            let digits = text.chars().filter(char::is_ascii_digit).count();
            not_found(code::reference_not_found(digits, use_language()), text, cart)
        }
        (Verdict::NoticeNumber { .. }, []) => {
            not_found(Search::NotFoundText.text(use_language()).to_owned(), text, cart)
        }
        (Verdict::NoticeNumber { printed_amount, .. }, [only]) => found(only, printed_amount, cart),
        (Verdict::NoticeNumber { .. }, _) => choice(Search::SeveralText, notices, &cart),
        (Verdict::Iuv(_), _) => choice(Search::ReferenceText, notices, &cart),
    }
}

/// Straight to the notice; or into the payment it was looked for.
fn found(notice: &NoticeSummary, printed: Option<Cents>, cart: CartNotices) -> Markup {
    let address = address_of(notice, printed, cart, use_language());
    let redirect =
        view! { <Redirect path=address options=NavigateOptions { replace: true, ..Default::default() }/> };
    markup! { div { (redirect.into_any()) } }
}

fn address_of(
    notice: &NoticeSummary,
    printed: Option<Cents>,
    mut cart: CartNotices,
    language: crate::Language,
) -> String {
    if cart.notices().is_empty() {
        return Page::Notice {
            key: notice.key(),
            printed: printed.filter(|amount| *amount != notice.amount),
        }
        .address(language);
    }
    cart.add(notice.key());
    Page::Cart(cart).address(language)
}

fn refused(refusal: &Refusal, text: String, cart: CartNotices) -> Markup {
    let language = use_language();
    answer_with(422);
    name_page(Home::Title.text(language), true);
    let reason = code::refusal(refusal, language);
    let lines = vec![
        (Some(FIELD), reason.clone()),
        (None, code::advice(refusal, language).to_owned()),
    ];
    let summary = error_summary(Search::ErrorTitle.text(language), lines);
    // The number of a card does not stay on the page.
    let value = if *refusal == Refusal::CardNumber {
        String::new()
    } else {
        kept(text)
    };
    code_form(
        Home::Title.text(language),
        Some(summary),
        value,
        Some(reason),
        cart,
    )
}

fn correction(number: &NoticeNumber, changed: &[LookAlike], text: String, cart: CartNotices) -> Markup {
    let language = use_language();
    let words = move |message: Search| message.text(language);
    name_page(words(Search::CorrectionTitle), false);
    let confirmed = Page::Search {
        text: number.to_string(),
        cart: cart.clone(),
    }
    .address(language);
    let body = markup! {
        p { span class="code" { (number.grouped()) } }
        p { (code::correction(changed, language)) }
        div class="actions" {
            a class="btn btn-outline-primary" href=(confirmed) { (words(Search::CorrectionConfirm)) }
            a class="btn btn-link" rel="external" href="#codice" { (words(Search::CorrectionRefuse)) }
        }
    };
    let summary = alert(Tone::Information, body.into_any());
    code_form(
        words(Search::CorrectionTitle),
        Some(summary),
        kept(text),
        None,
        cart,
    )
}

fn not_found(reason: String, text: String, cart: CartNotices) -> Markup {
    let language = use_language();
    let words = move |message: Search| message.text(language);
    answer_with(404);
    name_page(words(Search::NotFoundTitle), true);
    let body = markup! {
        p { (reason) " " (words(Search::NotFoundWhy)) }
        ul {
            li { (words(Search::NotFoundOther)) }
            li { (words(Search::NotFoundNew)) }
            li { (words(Search::NotFoundTypo)) }
        }
        p {
            a href="https://checkout.pagopa.it/" {
                (words(Search::NotFoundCheckout))
                span class="visually-hidden" { (Layout::ExternalSite.text(language)) }
            }
        }
    };
    let summary = alert(Tone::Warning, body.into_any());
    code_form(
        words(Search::NotFoundTitle),
        Some(summary),
        kept(text),
        None,
        cart,
    )
}

fn choice(why: Search, notices: Vec<NoticeSummary>, cart: &CartNotices) -> Markup {
    let language = use_language();
    name_page(Search::SeveralTitle.text(language), false);
    let row = |notice: NoticeSummary| {
        let address = address_of(&notice, None, cart.clone(), language);
        let amount = euro(notice.amount, language);
        markup! {
            li {
                div { a href=(address) { (notice.institution_name) } p { (notice.subject) } }
                span class="amount" { (amount) }
            }
        }
    };
    let rows: Vec<Markup> = notices.into_iter().map(row).collect();
    markup! {
        div class="container" {
            (breadcrumb(crate::messages::notice::Notice::Crumb.text(language)))
            div class="row" {
                div class="col-12 col-lg-8" {
                    h1 tabindex="-1" { (Search::SeveralTitle.text(language)) }
                    p class="lead" { (why.text(language)) }
                    ul class="rows" { (rows) }
                    p { a href=(Page::Home.address(language)) { (Search::TryAnother.text(language)) } }
                }
            }
        }
    }
}

/// What was written, for the field, short enough for a page.
fn kept(text: String) -> String {
    match text.char_indices().nth(KEPT_MAX) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}
