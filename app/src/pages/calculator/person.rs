//! Who owes the fee: asked after the total, sent with the form and never part of an address.

use super::{Sum, Written};
use crate::Language;
use crate::address::{DocumentPage, Page, answer_field};
use crate::api::fees::{FeeProblem, Sent};
use crate::components::icon;
use crate::markup::{Markup, markup};
use crate::messages::cart::Cart;
use crate::messages::euro;
use crate::messages::fees::{self, Fees};
use crate::messages::layout::Layout;
use leptos::prelude::*;
use tariff::{Outcome, Tariff};

/// What tells the form that makes a notice from the one that only works the fee out.
pub(crate) const MAKES_NOTICE: &str = "notice";

/// The field a problem is about.
pub(super) const fn field_of(problem: FeeProblem) -> Option<&'static str> {
    match problem {
        FeeProblem::Name => Some("name"),
        FeeProblem::Code => Some("code"),
        FeeProblem::Email => Some("email"),
        FeeProblem::Changed
        | FeeProblem::NotDue
        | FeeProblem::TooManyParts
        | FeeProblem::Old
        | FeeProblem::TooMany
        | FeeProblem::Unavailable => None,
    }
}

/// The form, once something is due. It keeps its place and what was written in it while the sum changes.
pub(super) fn section(sum: &Sum, written: RwSignal<Written>, sent: Option<&Sent>) -> AnyView {
    let language = sum.language;
    let text = move |message: Fees| message.text(language);
    let due = {
        let sum = sum.clone();
        Memo::new(move |_| {
            written.with(|written| {
                let quote = sum.quote(written);
                let digest = quote.tariff.map(|tariff| tariff.digest.clone())?;
                (quote.outcome == Outcome::Due).then_some((quote.total, digest))
            })
        })
    };
    let carried = {
        let sum = sum.clone();
        move || {
            due.get().map(|(total, digest)| {
                let answers = written.with(|written| {
                    sum.version(written).map(|tariff| carried(tariff, &sum, written))
                });
                let pair = |name: &'static str, value: String| markup! { input type="hidden" name=(name) value=(value); };
                let fixed = vec![
                    pair("act", MAKES_NOTICE.to_owned()),
                    pair("digest", digest),
                    pair("total", total.as_i64().to_string()),
                    pair("token", sum.token.to_string()),
                ];
                markup! { (fixed) (answers) }
            })
        }
    };
    let label = move || {
        due.get()
            .map(|(total, _)| [text(Fees::Make), &euro(total, language)].concat())
    };
    let action = Page::Calculator {
        service: sum.key.clone(),
        answers: Vec::new(),
    }
    .address(language);
    let fields = person_fields(sent, language);
    let hidden = move || due.get().is_none();
    let title = markup! { h2 { (text(Fees::PersonTitle)) } p { (text(Fees::PersonLead)) } };
    let privacy = markup! {
        p {
            (Cart::Privacy.text(language))
            a rel="external" href=(DocumentPage::Privacy.path(language)) { (Cart::PrivacyLink.text(language)) }
            "."
        }
    };
    view! {
        <section hidden=hidden>
            {title}
            <form method="post" action=action novalidate>
                {carried}
                {fields}
                {privacy}
                <div class="actions"><button class="btn btn-primary btn-lg" type="submit">{label}</button></div>
            </form>
        </section>
    }
    .into_any()
}

/// The answers, as hidden fields.
fn carried(tariff: &Tariff, sum: &Sum, written: &Written) -> Vec<Markup> {
    let questions = sum.interview(written);
    tariff
        .inputs
        .iter()
        .zip(questions)
        .filter(|(_, question)| matches!(question, tariff::evaluate::Question::Asked(_)))
        .filter_map(|(input, _)| {
            let (_, text) = written.iter().find(|(id, _)| *id == input.id)?;
            let text = text.clone();
            Some(markup! { input type="hidden" name=(answer_field(&input.id)) value=(text); })
        })
        .collect()
}

fn person_fields(sent: Option<&Sent>, language: Language) -> Markup {
    let text = move |message: Fees| message.text(language);
    let before = |name: &str| {
        let found = sent.and_then(|sent| sent.fields.iter().find(|(field, _)| field == name));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let problem = sent.and_then(|sent| sent.problem);
    let wrong = |name: &str| problem.filter(|problem| field_of(*problem) == Some(name));
    let is_legal = before("kind") == "legal";
    let kind = |id: &'static str, value: &'static str, label: Fees, checked: bool| {
        markup! {
            div class="form-check" {
                input type="radio" id=(id) name="kind" value=(value) checked=(checked);
                label for=(id) { (text(label)) }
            }
        }
    };
    let field = |name: &'static str,
                 kind: &'static str,
                 label: Fees,
                 hint: Option<Fees>,
                 autocomplete: &'static str| {
        let problem = wrong(name);
        let invalid = problem.is_some();
        let (help_id, error_id) = ([name, "-aiuto"].concat(), [name, "-errore"].concat());
        let described = [&help_id, " ", &error_id].concat();
        let message = problem.map(|problem| {
            let words = fees::problem(problem, language);
            markup! {
                p class="invalid-feedback" id=(error_id) {
                    (icon("error"))
                    span { span class="visually-hidden" { (Layout::ErrorPrefix.text(language)) } (words) }
                }
            }
        });
        let value = before(name);
        markup! {
            div class=(if invalid { "form-group is-invalid" } else { "form-group" }) {
                label for=(name) { (text(label)) }
                (hint.map(|hint| markup! { span class="form-text" id=(help_id) { (text(hint)) } }))
                (message)
                input class="form-control field-medium" id=(name) name=(name) type=(kind) autocomplete=(autocomplete) spellcheck="false" aria-describedby=(described) aria-invalid=(invalid.then_some("true")) value=(value);
            }
        }
    };
    markup! {
        fieldset class="form-group" {
            legend { (text(Fees::PersonKind)) }
            (kind("kind-natural", "natural", Fees::Natural, !is_legal))
            (kind("kind-legal", "legal", Fees::Legal, is_legal))
        }
        (field("name", "text", Fees::Name, None, "name"))
        (field("code", "text", Fees::Code, Some(Fees::CodeHint), "off"))
        (field("email", "email", Fees::Email, Some(Fees::EmailHint), "email"))
    }
}
