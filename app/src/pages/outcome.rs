//! What became of a payment. Only a receipt makes it say "paid".

use super::missing::not_found_with;
use super::{PageResource, note};
use crate::Language;
use crate::address::{CartNotices, Page};
use crate::api::payments::{OutcomeLine, OutcomePage as Data, Verdict};
use crate::components::rating::rating;
use crate::components::reactive::live_line;
use crate::components::{fact, icon};
use crate::markup::{Markup, markup};
use crate::messages::euro;
use crate::messages::outcome::{self, Outcome};
use crate::site::{name_page, use_language};
use domain::Cents;
use leptos::prelude::*;

/// Seconds between one look and the next while the confirmation is awaited: eight minutes in all.
#[cfg(not(feature = "ssr"))]
const PAUSES: [u64; 20] = [
    2, 2, 3, 3, 5, 5, 8, 8, 13, 13, 20, 20, 30, 30, 30, 30, 60, 60, 60, 60,
];
/// Seconds between one look and the next without scripting.
const PLAIN_REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"8\">";

/// Looks at a payment again and again while its confirmation is awaited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    /// The data to ask for again.
    pub(super) data: PageResource,
    /// How many times it was asked for again. A timer that finds another count than its own was overtaken.
    pub(super) looks: RwSignal<usize>,
}

impl Watch {
    /// Looks now.
    fn look(self) {
        self.looks.update(|looks| *looks += 1);
        self.data.refetch();
    }

    /// Looks after a pause that grows, until the pauses are over or the citizen leaves the page.
    #[cfg(not(feature = "ssr"))]
    fn look_later(self) {
        let count = self.looks.get_untracked();
        let Some(pause) = PAUSES.get(count) else { return };
        let address = crate::site::here();
        let look = move || {
            if self.looks.try_get_untracked() == Some(count) && crate::site::here() == address {
                self.look();
            }
        };
        let _ = set_timeout(look, std::time::Duration::from_secs(*pause));
    }
}

/// The page of a payment's outcome.
pub(super) fn outcome_page(token: &str, outcome: Option<Data>, watch: Watch) -> Markup {
    let language = use_language();
    let Some(outcome) = outcome else {
        return not_found_with(
            Outcome::UnknownTitle.text(language),
            Outcome::UnknownText.text(language),
            None,
        );
    };
    #[cfg(not(feature = "ssr"))]
    if outcome.verdict() == Verdict::Waiting {
        watch.look_later();
    }
    outcome_view(&outcome, token, note("rating", "rating").as_deref(), watch)
}

fn outcome_view(data: &Data, token: &str, rated: Option<&str>, watch: Watch) -> Markup {
    let language = use_language();
    let text = move |message: Outcome| message.text(language);
    let verdict = data.verdict();
    name_page(outcome::title(verdict, language), false);
    let lines: Vec<Markup> = data.lines.iter().map(|line| line_view(line, language)).collect();
    let refresh = (verdict == Verdict::Waiting).then(|| {
        markup! {
            (view! { <noscript inner_html=PLAIN_REFRESH></noscript> }.into_any())
            (live_line(false, move || waiting_words(watch.looks.get(), language)))
        }
    });
    markup! {
        div class="container" {
            div class="row" {
                div class="col-12 col-lg-8" {
                    div aria-live="polite" { (heading(verdict, data, language)) }
                    (refresh)
                    (lines)
                    h2 { (text(Outcome::NextTitle)) }
                    p class="prose" { (outcome::next(verdict, language)) }
                    (actions(verdict, data, token, watch, language))
                    (rating(token, rated))
                }
            }
        }
    }
}

fn waiting_words(looks: usize, language: Language) -> &'static str {
    #[cfg(not(feature = "ssr"))]
    if looks >= PAUSES.len() {
        return Outcome::Slow.text(language);
    }
    // Said once in a while, not at every look: it would interrupt who listens to the page.
    match looks {
        0..4 => "",
        _ => Outcome::Updated.text(language),
    }
}

fn heading(verdict: Verdict, data: &Data, language: Language) -> Markup {
    let (class, name) = match verdict {
        Verdict::Paid => ("outcome outcome-paid", "check-circle"),
        Verdict::PartlyPaid | Verdict::Waiting => ("outcome outcome-waiting", "clock"),
        Verdict::Failed | Verdict::NeverConfirmed => ("outcome outcome-failed", "error"),
        Verdict::Cancelled => ("outcome outcome-cancelled", "close-circle"),
    };
    let total = Cents::sum(data.lines.iter().map(|line| line.amount)).unwrap_or(Cents::MAX_WIRE);
    let amount = (verdict == Verdict::Paid)
        .then(|| markup! { p { strong class="amount" { (euro(total, language)) } } });
    markup! {
        section class=(class) {
            (icon(name))
            h1 tabindex="-1" { (outcome::title(verdict, language)) }
            (amount)
            p { (outcome::lead(verdict, language)) }
        }
    }
}

fn line_view(line: &OutcomeLine, language: Language) -> Markup {
    let text = move |message: Outcome| message.text(language);
    let notice = match &line.notice {
        Some(notice) => markup! {
            (fact(text(Outcome::Subject), notice.subject.clone()))
            (fact(text(Outcome::Institution), notice.institution_name.clone()))
            (fact(text(Outcome::Number), markup! { span class="code" { (notice.number.grouped()) } }))
        },
        None => fact(text(Outcome::Subject), text(Outcome::UnknownNotice)),
    };
    let state = match &line.paid {
        Some((at, _)) => fact(
            text(Outcome::PaidAt),
            markup! { time datetime=(at.iso()) { (at.written(language)) } },
        ),
        None => fact(text(Outcome::State), text(Outcome::NotPaid)),
    };
    let subject = line.notice.as_ref().map(|notice| notice.subject.clone());
    let hidden = subject.map(|subject| markup! { span class="visually-hidden" { ": " (subject) } });
    let receipt = match (&line.paid, &line.notice) {
        (Some((_, Some(token))), _) => Some((
            Page::Receipt(token.clone()).address(language),
            text(Outcome::OpenReceipt),
        )),
        (Some((_, None)), Some(notice)) => {
            let code = notice.number.to_string();
            Some((
                Page::FindReceipt { code }.address(language),
                text(Outcome::FindReceipt),
            ))
        }
        (Some((_, None)) | None, _) => None,
    };
    let receipt = receipt.map(|(address, label)| {
        markup! {
            div class="actions" { a class="btn btn-primary" href=(address) { (icon("file")) (label) (hidden) } }
        }
    });
    markup! {
        dl class="facts" {
            (notice)
            (fact(text(Outcome::Amount), markup! { span class="amount" { (euro(line.amount, language)) } }))
            (state)
        }
        (receipt)
    }
}

/// What can be done now.
fn actions(verdict: Verdict, data: &Data, token: &str, watch: Watch, language: Language) -> Markup {
    let text = move |message: Outcome| message.text(language);
    let mut unpaid = CartNotices::default();
    for notice in data
        .lines
        .iter()
        .filter(|line| line.paid.is_none())
        .filter_map(|line| line.notice.as_ref())
    {
        unpaid.add(notice.key());
    }
    let again = || {
        let address = Page::Cart(unpaid.clone()).address(language);
        markup! { a class="btn btn-primary" href=(address) { (text(Outcome::BackToSummary)) } }
    };
    let first = match verdict {
        Verdict::Cancelled | Verdict::Failed if !unpaid.notices().is_empty() => again(),
        Verdict::Waiting | Verdict::PartlyPaid => {
            let here = Page::Outcome(token.to_owned()).address(language);
            let look = move |event: leptos::ev::MouseEvent| {
                event.prevent_default();
                watch.look();
            };
            let link = view! {
                <a class="btn btn-outline-primary" rel="external" href=here on:click=look>{icon("refresh")}{text(Outcome::Refresh)}</a>
            };
            markup! { (link.into_any()) }
        }
        Verdict::NeverConfirmed | Verdict::Cancelled | Verdict::Failed => match unpaid.notices() {
            [key, ..] => {
                let address = Page::Notice {
                    key: key.clone(),
                    printed: None,
                }
                .address(language);
                markup! { a class="btn btn-outline-primary" href=(address) { (text(Outcome::SeeNotice)) } }
            }
            [] => Markup::default(),
        },
        Verdict::Paid => Markup::default(),
    };
    markup! {
        div class="actions" {
            (first)
            a class="btn btn-link" href=(Page::Home.address(language)) { (text(Outcome::PayAnother)) }
        }
    }
}
