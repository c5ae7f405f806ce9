//! What is due and how it comes about: lines with rate, band, law and rounding, until when it holds, what changes it.

use super::{Sum, Written};
use crate::Language;
use crate::address::Page;
use crate::calendar::Day;
use crate::components::reactive::{copy_to_clipboard, live_line, scripted_button};
use crate::components::{Tone, alert};
use crate::markup::{Markup, markup};
use crate::messages::euro;
use crate::messages::fees::{self, Fees};
use crate::messages::layout::Layout;
use crate::site::use_site;
use domain::Cents;
use leptos::prelude::*;
use tariff::explain::{self, fill, number_for_people, value_for_people};
use tariff::model::{InputKind, Rule, Shape};
use tariff::outlook::{changes, holds};
use tariff::quote::QuoteLine;
use tariff::{NaiveDate, Number, Outcome, Quote, Tariff};

/// Identifier of the heading, where the focus goes after “work it out”.
pub(super) const TITLE: &str = "risultato";

fn day_in(language: Language) -> impl Fn(NaiveDate) -> String {
    move |day| Day::from(day).written(language)
}

/// The result, drawn again at each answer.
pub(super) fn section(sum: &Sum, written: RwSignal<Written>) -> Markup {
    let language = sum.language;
    let scripted = use_site().scripted;
    let said = {
        let sum = sum.clone();
        move || written.with(|written| in_brief(&sum.quote(written), language))
    };
    let body = {
        let sum = sum.clone();
        move || {
            let scripted = scripted.get();
            written.with(|written| result(&sum, written, scripted))
        }
    };
    let said = view! { <p class="visually-hidden" role="status">{said}</p> };
    markup! {
        section class="result" aria-labelledby=(TITLE) {
            h2 id=(TITLE) tabindex="-1" { (Fees::Result.text(language)) }
            (said.into_any())
            div { (body.into_any()) }
        }
    }
}

/// What is read aloud when the result changes.
fn in_brief(quote: &Quote<'_>, language: Language) -> String {
    match quote.outcome {
        Outcome::Due => [Fees::Total.text(language), ": ", &euro(quote.total, language)].concat(),
        Outcome::NotDue => Fees::NotDueTitle.text(language).to_owned(),
        Outcome::Exempt(_) => Fees::ExemptTitle.text(language).to_owned(),
        Outcome::Refused(_) => Fees::RefusedTitle.text(language).to_owned(),
        Outcome::Invalid { .. } | Outcome::NotInForce | Outcome::Unworkable { .. } => String::new(),
    }
}

fn result(sum: &Sum, written: &Written, scripted: bool) -> Markup {
    let language = sum.language;
    let text = move |message: Fees| message.text(language);
    let quote = sum.quote(written);
    let words = |words: &'static str| markup! { p { (words) } };
    match (&quote.outcome, quote.tariff) {
        (Outcome::Due, Some(tariff)) => due(sum, written, &quote, tariff),
        (Outcome::NotDue, Some(tariff)) => {
            let bound = tariff
                .not_due_below
                .and_then(Number::to_cents)
                .unwrap_or(Cents::ZERO);
            let body = markup! {
                h3 { (text(Fees::NotDueTitle)) }
                p { (fees::not_due(quote.total, bound, language)) }
            };
            markup! { (alert(Tone::Information, body)) (breakdown(&quote, tariff, language)) }
        }
        (Outcome::Exempt(rule), Some(tariff)) => {
            let rule = rule.and_then(|rule| tariff.exempts.get(usize::from(rule)));
            let reason = match rule {
                Some(rule) => because(&quote, tariff, rule, language),
                None => words(text(Fees::Zero)),
            };
            alert(
                Tone::Success,
                markup! { h3 { (text(Fees::ExemptTitle)) } (reason) },
            )
        }
        (Outcome::Refused(rule), Some(tariff)) => {
            let rule = tariff.requires.get(usize::from(*rule));
            let reason = rule.map(|rule| because(&quote, tariff, rule, language));
            alert(
                Tone::Warning,
                markup! { h3 { (text(Fees::RefusedTitle)) } (reason) },
            )
        }
        (Outcome::NotInForce, _) => alert(Tone::Warning, words(text(Fees::NotInForce))),
        (Outcome::Unworkable { fault, .. }, _) => {
            let code = [Layout::SupportCode.text(language), fault.code()].concat();
            alert(
                Tone::Danger,
                markup! { (words(text(Fees::Unworkable))) p class="support-code" { (code) } },
            )
        }
        (Outcome::Invalid { problem, .. }, _) => {
            let nothing_yet = written.iter().all(|(_, text)| text.trim().is_empty());
            words(text(match problem {
                tariff::answers::AnswerProblem::Missing if nothing_yet && scripted => Fees::Waiting,
                tariff::answers::AnswerProblem::Missing if nothing_yet => Fees::WaitingPlain,
                tariff::answers::AnswerProblem::Missing => Fees::More,
                _ => Fees::Wrong,
            }))
        }
        (Outcome::Due | Outcome::NotDue | Outcome::Exempt(_) | Outcome::Refused(_), None) => {
            Markup::default()
        }
    }
}

/// The reason of a rule, and the law it stands on.
fn because(quote: &Quote<'_>, tariff: &Tariff, rule: &Rule, language: Language) -> Markup {
    let message = fill(quote, &rule.message, language.tongue(), &day_in(language));
    let laws = laws(tariff, &rule.laws, language);
    markup! { p { (message) } (laws.map(|laws| markup! { p class="form-text" { (laws) } })) }
}

fn laws(tariff: &Tariff, places: &[u16], language: Language) -> Option<String> {
    let quoted: Vec<&str> = places
        .iter()
        .filter_map(|place| tariff.laws.get(usize::from(*place)))
        .map(|law| law.text.in_tongue(language.tongue()))
        .collect();
    (!quoted.is_empty()).then(|| quoted.join("; "))
}

fn due(sum: &Sum, written: &Written, quote: &Quote<'_>, tariff: &Tariff) -> Markup {
    let language = sum.language;
    let answers = sum.answers(written);
    let outlook = holds(&sum.all(), &answers, sum.today).map(|holds| {
        let until = Day::from(holds.until).written(language);
        let then = match holds.then.outcome {
            Outcome::Due | Outcome::NotDue => Some(holds.then.total),
            Outcome::Exempt(_) => Some(Cents::ZERO),
            Outcome::Refused(_)
            | Outcome::Invalid { .. }
            | Outcome::NotInForce
            | Outcome::Unworkable { .. } => None,
        };
        markup! { p class="callout" { (fees::holds(&until, then, language)) } }
    });
    markup! {
        p class="amount amount-lg" { (euro(quote.total, language)) }
        (outlook)
        (breakdown(quote, tariff, language))
        (what_changes(sum, &answers, tariff, language))
        (share(sum, written, tariff))
    }
}

/// Lines, steps and shares.
fn breakdown(quote: &Quote<'_>, tariff: &Tariff, language: Language) -> Markup {
    let text = move |message: Fees| message.text(language);
    let rows: Vec<Markup> = quote
        .lines
        .iter()
        .map(|line| line_row(quote, tariff, line, language))
        .collect();
    markup! {
        table class="table" {
            caption { (text(Fees::LinesCaption)) }
            thead { tr { th scope="col" { (text(Fees::Item)) } th scope="col" class="amount" { (text(Fees::Amount)) } } }
            tbody { (rows) }
            tfoot { tr { th scope="row" { (text(Fees::Total)) } td class="amount" { (euro(quote.total, language)) } } }
        }
        (steps(quote, tariff, language))
        (shares(quote, tariff, language))
    }
}

fn line_row(quote: &Quote<'_>, tariff: &Tariff, line: &QuoteLine, language: Language) -> Markup {
    let Some(of) = tariff.lines.get(usize::from(line.line)) else {
        return Markup::default();
    };
    let tongue = language.tongue();
    let label = fill(quote, &of.label, tongue, &day_in(language));
    let mut notes: Vec<String> = of
        .explain
        .iter()
        .map(|template| fill(quote, template, tongue, &day_in(language)))
        .collect();
    notes.extend(explain::rows(
        quote,
        tariff.line_slot(usize::from(line.line)),
        tongue,
    ));
    if Number::from_cents(line.amount) != line.exact {
        let exact = number_for_people(shortened(line.exact), Shape::Money, tongue);
        notes.push([Fees::Rounded.text(language), &exact].concat());
    }
    notes.extend(laws(tariff, &of.laws, language));
    let notes: Vec<Markup> = notes
        .into_iter()
        .map(|note| markup! { span class="form-text" { (note) } })
        .collect();
    markup! {
        tr {
            th scope="row" class="fw-normal" { div { (label) (notes) } }
            td class="amount" data-label=(Fees::Amount.text(language)) { (euro(line.amount, language)) }
        }
    }
}

/// Enough decimals to see which way it was rounded.
fn shortened(exact: Number) -> Number {
    let step = Number::from_parts(1, 6).unwrap_or(Number::ONE);
    let cut = tariff::number::Rounding {
        step,
        mode: tariff::number::Mode::Down,
    };
    exact.rounded(cut).unwrap_or(exact)
}

fn steps(quote: &Quote<'_>, tariff: &Tariff, language: Language) -> Option<Markup> {
    let tongue = language.tongue();
    let rows: Vec<Markup> = tariff
        .steps
        .iter()
        .enumerate()
        .filter_map(|(place, step)| {
            let slot = tariff.step_slot(place);
            let value = (*quote.values.get(usize::from(slot))?)?;
            let mut written = value_for_people(tariff, value, step.shape, tongue, &day_in(language));
            let unit = step.unit.as_ref().map(|unit| unit.in_tongue(tongue));
            if let Some(unit) = unit {
                written.push('\u{a0}');
                written.push_str(unit);
            }
            let notes: Vec<Markup> = explain::rows(quote, slot, tongue)
                .into_iter()
                .map(|note| markup! { span class="form-text" { (note) } })
                .collect();
            let label = step.label.in_tongue(tongue).to_owned();
            Some(markup! { div { dt { (label) (notes) } dd { (written) } } })
        })
        .collect();
    (!rows.is_empty()).then(|| {
        markup! { details { summary { (Fees::StepsTitle.text(language)) } div { dl class="facts" { (rows) } } } }
    })
}

fn shares(quote: &Quote<'_>, tariff: &Tariff, language: Language) -> Option<Markup> {
    let rows: Vec<Markup> = quote
        .split
        .iter()
        .filter_map(|(place, share)| {
            let name = &tariff.beneficiaries.get(usize::from(*place))?.name;
            let name = name.in_tongue(language.tongue()).to_owned();
            Some(markup! { div { dt { (name) } dd { (euro(*share, language)) } } })
        })
        .collect();
    (rows.len() > 1).then(|| {
        markup! { details { summary { (Fees::SplitTitle.text(language)) } div { dl class="facts" { (rows) } } } }
    })
}

fn what_changes(sum: &Sum, answers: &tariff::Answers, tariff: &Tariff, language: Language) -> Option<Markup> {
    let rows: Vec<Markup> = changes(&sum.all(), answers, sum.today)
        .into_iter()
        .filter_map(|change| {
            let input = tariff.inputs.get(usize::from(change.input))?;
            let tongue = language.tongue();
            let shape = match &input.kind {
                InputKind::Choice(_) => Shape::Choice(Some(change.input)),
                InputKind::Number(_) | InputKind::Money(_) | InputKind::Boolean | InputKind::Date => {
                    fees::shape(input)
                }
            };
            let value = value_for_people(tariff, change.value, shape, tongue, &day_in(language));
            let total = match change.outcome {
                Outcome::Exempt(_) | Outcome::NotDue => Fees::Nothing.text(language).to_owned(),
                Outcome::Due
                | Outcome::Refused(_)
                | Outcome::Invalid { .. }
                | Outcome::NotInForce
                | Outcome::Unworkable { .. } => euro(change.total, language),
            };
            let label = input.label.in_tongue(tongue);
            Some(markup! { div { dt { (label.to_owned()) ": " strong { (value) } } dd { (total) } } })
        })
        .collect();
    (!rows.is_empty()).then(|| {
        markup! { details { summary { (Fees::ChangesTitle.text(language)) } div { dl class="facts" { (rows) } } } }
    })
}

/// A link that opens this sum again.
fn share(sum: &Sum, written: &Written, tariff: &Tariff) -> Markup {
    let language = sum.language;
    let text = move |message: Fees| message.text(language);
    let address = sum.address(written, language);
    let words = if tariff.inputs.iter().any(|input| input.personal) {
        Fees::SharePersonal
    } else {
        Fees::ShareText
    };
    let status = RwSignal::new("");
    let copied = address.clone();
    let copy = scripted_button(
        "btn btn-link btn-inline",
        "copy",
        text(Fees::CopyLink),
        "",
        move || copy_to_clipboard(whole_address(&copied), text(Fees::LinkCopied), status),
    );
    markup! {
        details {
            summary { (text(Fees::ShareTitle)) }
            div {
                p { (text(words)) }
                p { a rel="external" href=(address.clone()) { (address) } }
                (copy)
                (live_line(false, move || status.get()))
            }
        }
    }
}

/// With the site before it, as one sends it to others.
fn whole_address(address: &str) -> String {
    let origin = window().location().origin().unwrap_or_default();
    [&origin, address].concat()
}

/// Version, acts and office, beside the sum.
pub(super) fn about(sum: &Sum, written: RwSignal<Written>, office: &str) -> Markup {
    let office = office.to_owned();
    let sum = sum.clone();
    let body = move || {
        let digest = written.with(|written| sum.version(written).map(|tariff| tariff.digest.clone()));
        let tariff = sum
            .versions
            .iter()
            .find(|tariff| Some(&tariff.digest) == digest.as_ref());
        tariff.map(|tariff| version(&sum, tariff, &office))
    };
    markup! { div { (body.into_any()) } }
}

fn version(sum: &Sum, tariff: &Tariff, office: &str) -> Markup {
    let language = sum.language;
    let text = move |message: Fees| message.text(language);
    let from = Day::from(tariff.valid_from).written(language);
    let to = tariff
        .valid_to
        .map(|to| [text(Fees::ValidTo), &Day::from(to).written(language)].concat());
    let acts: Vec<Markup> = tariff
        .laws
        .iter()
        .map(|law| {
            let words = law.text.in_tongue(language.tongue()).to_owned();
            let link = law.url.clone();
            let plain = link.is_none().then(|| words.clone());
            let link = link.map(|url| markup! { a href=(url) rel="external" { (words) } });
            markup! { li { (link) (plain) } }
        })
        .collect();
    let figures =
        fees::status(tariff.status, language).map(|words| alert(Tone::Warning, markup! { p { (words) } }));
    let rates = Page::Rates(sum.key.clone()).address(language);
    markup! {
        h2 { (text(Fees::VersionTitle)) }
        (figures)
        p { (text(Fees::ValidFrom)) (from) (to) "." }
        p { a rel="external" href=(rates) { (text(Fees::RatesLink)) } }
        p { (language.pick("Ufficio: ", "Office: ")) (office.to_owned()) }
        (if acts.is_empty() { None } else { Some(markup! { h3 { (text(Fees::LawsTitle)) } ul { (acts) } }) })
    }
}
