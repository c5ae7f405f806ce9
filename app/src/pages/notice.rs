//! The page of a notice: what is owed, where it stands, what can be done.

use super::missing::not_found_with;
use super::notice_document;
use crate::address::{CartNotices, NoticeKey, Page};
use crate::api::notices::{NoticePage as Data, SiblingNotice, Standing};
use crate::calendar::Day;
use crate::components::reactive::{copy_to_clipboard, live_line, print_page, scripted_button};
use crate::components::{Step, Tone, alert, breadcrumb, fact, fact_with_action, icon, steps};
use crate::markup::{Markup, markup};
use crate::messages::code::Search;
use crate::messages::euro;
use crate::messages::layout::Layout;
use crate::messages::notice::{self, Notice};
use crate::site::{name_page, use_site};
use domain::Cents;
use leptos::prelude::*;

/// The page of a notice.
pub(super) fn notice_page(notice: Option<&Data>, printed: Option<Cents>) -> Markup {
    let language = use_site().language;
    match notice {
        Some(data) => notice_view(data, printed),
        None => not_found_with(
            Search::NotFoundTitle.text(language),
            Search::NotFoundText.text(language),
            None,
        ),
    }
}

fn notice_view(data: &Data, printed: Option<Cents>) -> Markup {
    let site = use_site();
    let language = site.language;
    let text = move |message: Notice| message.text(language);
    let key = data.summary.key();
    let problem = notice_document::problem();
    // The name of the institution is all another site may show of a link to this page.
    name_page(
        &[
            language.pick("Avviso di pagamento – ", "Payment notice – "),
            &data.summary.institution_name,
        ]
        .concat(),
        problem.is_some(),
    );
    let status = RwSignal::new("");
    let payable = data.standing.is_payable();
    markup! {
        div class="container" {
            (breadcrumb(text(Notice::Crumb)))
            (payable.then(|| steps(Step::Notice)))
            div class="row" {
                div class="col-12 col-lg-8" {
                    (problem.map(notice_document::summary))
                    (card(data, &key, status))
                    (live_line(true, move || status.get()))
                    (begun(data, language))
                    (what_to_do(data, &key))
                    (amount_help(data, printed, language))
                    (other_ways(data, language))
                    (payable_later(&data.standing).then(|| keep(data, &key, status)))
                    (payable_later(&data.standing).then(|| notice_document::offer(&key, problem)))
                }
                div class="col-12 col-lg-4" { (contact(data, language)) }
            }
        }
    }
}

/// Institution, subject, amount, state, code.
fn card(data: &Data, key: &NoticeKey, status: RwSignal<&'static str>) -> Markup {
    let language = use_site().language;
    let text = move |message: Notice| message.text(language);
    let number = key.number.to_string();
    let copy = scripted_button(
        "btn btn-link btn-inline",
        "copy",
        Layout::Copy.text(language),
        text(Notice::CopyNumber),
        move || copy_to_clipboard(number.clone(), text(Notice::NumberCopied), status),
    );
    let code = markup! { span class="code" { (key.number.grouped()) } };
    let place = (data.instalment_count > 1)
        .then(|| markup! { p { (notice::instalment(data.instalment, data.instalment_count, language)) } });
    markup! {
        article class="notice-card" {
            div class="notice-head" {
                p class="eyebrow" { (data.summary.institution_name.clone()) }
                h1 tabindex="-1" { (data.summary.subject.clone()) }
                (place)
                (amount(data, language))
                p class=(notice::tag_class(&data.standing)) { (notice::tag(&data.standing, data.due_on, language)) }
            }
            div class="notice-body" {
                dl class="facts" {
                    (fact_with_action(text(Notice::Number), code, copy))
                    (data.due_on.map(|due| fact(text(Notice::Due), day_view(due, language))))
                    (data.payable_until.filter(|_| data.standing.is_payable()).map(|last| fact(text(Notice::LastDay), day_view(last, language))))
                    (data.service.clone().map(|service| fact(text(Notice::Service), service)))
                    (fact(text(Notice::Institution), [&data.summary.institution_name, " (", key.institution.as_str(), ")"].concat()))
                }
            }
        }
    }
}

/// What is due, and where that comes from; nothing when it cannot be told.
fn amount(data: &Data, language: crate::Language) -> Option<Markup> {
    if data.standing == Standing::AmountUnknown {
        return None;
    }
    let source = data
        .amount_source
        .filter(|_| data.standing.is_payable())
        .map(|source| markup! { p { (notice::amount_source(source, language)) } });
    Some(markup! { p class="amount amount-lg" { (euro(data.summary.amount, language)) } (source) })
}

fn day_view(day: Day, language: crate::Language) -> Markup {
    markup! { time datetime=(day.iso()) { (day.written_with_weekday(language)) } }
}

/// A payment already begun: a warning, never a lock.
fn begun(data: &Data, language: crate::Language) -> Option<Markup> {
    let minutes = data.payment_begun_minutes?;
    let body = markup! {
        h2 { (Notice::BegunTitle.text(language)) }
        p { (notice::begun(minutes, language)) }
    };
    Some(alert(Tone::Warning, body.into_any()))
}

/// What the state means, and the one thing to do about it.
fn what_to_do(data: &Data, key: &NoticeKey) -> Markup {
    let language = use_site().language;
    let text = move |message: Notice| message.text(language);
    let explanation =
        notice::explanation(&data.standing, language).map(|words| markup! { p class="callout" { (words) } });
    let cart = || {
        let mut cart = CartNotices::default();
        cart.add(key.clone());
        Page::Cart(cart).address(language)
    };
    let primary = |address: String, label: &'static str| {
        markup! { a class="btn btn-primary btn-lg" href=(address) { (label) } }
    };
    let actions = match &data.standing {
        Standing::Payable | Standing::Overdue => markup! {
            (primary(cart(), text(Notice::Pay)))
            a class="btn btn-outline-primary btn-lg" href=([&cart(), "#aggiungi"].concat()) {
                (text(Notice::AddToOthers))
            }
        },
        Standing::Paid { .. } => primary(
            Page::FindReceipt {
                code: key.number.to_string(),
            }
            .address(language),
            text(Notice::ReceiptLink),
        ),
        Standing::Replaced { by } => {
            let key = NoticeKey {
                institution: key.institution.clone(),
                number: by.clone(),
            };
            primary(
                Page::Notice { key, printed: None }.address(language),
                text(Notice::SuccessorLink),
            )
        }
        // The page itself, asked for again.
        Standing::AmountUnknown => primary(
            Page::Notice {
                key: key.clone(),
                printed: None,
            }
            .address(language),
            text(Notice::AskAgain),
        ),
        Standing::NotYetPayable { .. }
        | Standing::OtherOptionChosen
        | Standing::Cancelled
        | Standing::Expired
        | Standing::NothingDue => Markup::default(),
    };
    markup! { (explanation) div class="actions" { (actions) } }
}

/// Why today's amount may differ from the printed one; open when it does.
fn amount_help(data: &Data, printed: Option<Cents>, language: crate::Language) -> Option<Markup> {
    if !data.standing.is_payable() {
        return None;
    }
    let differs = printed.filter(|printed| *printed != data.summary.amount).map(
        |printed| markup! { p { strong { (notice::printed(printed, data.summary.amount, language)) } } },
    );
    let open = differs.is_some();
    Some(markup! {
        details open=(open) {
            summary { (Notice::DifferentTitle.text(language)) }
            div { (differs) p { (Notice::DifferentText.text(language)) } }
        }
    })
}

/// Instalments and alternatives, by way of paying.
fn other_ways(data: &Data, language: crate::Language) -> Option<Markup> {
    if data.siblings.is_empty() {
        return None;
    }
    let mut ways: Vec<(domain::OptionKind, Vec<Markup>)> = Vec::new();
    for sibling in &data.siblings {
        let row = sibling_row(sibling, data, language);
        // Notices come by option; a new option begins where the count of instalments starts again.
        match ways.last_mut() {
            Some((kind, rows)) if *kind == sibling.kind && sibling.instalment > 1 => rows.push(row),
            _ => ways.push((sibling.kind, vec![row])),
        }
    }
    let alternatives = ways.len() > 1;
    let title = if alternatives {
        Notice::OptionsTitle
    } else {
        Notice::InstalmentsTitle
    };
    let lists: Vec<Markup> = ways
        .into_iter()
        .map(|(kind, rows)| {
            let heading = alternatives.then(|| markup! { h3 { (notice::option(kind, language)) } });
            markup! { (heading) ul class="rows" { (rows) } }
        })
        .collect();
    let lead = (alternatives && data.standing.is_payable())
        .then(|| markup! { p { (Notice::OptionsText.text(language)) } });
    Some(markup! { h2 { (title.text(language)) } (lead) (lists) })
}

fn sibling_row(sibling: &SiblingNotice, data: &Data, language: crate::Language) -> Markup {
    let name = if sibling.instalment_count > 1 {
        notice::instalment(sibling.instalment, sibling.instalment_count, language)
    } else {
        notice::option(sibling.kind, language).to_owned()
    };
    let name = if sibling.number == data.summary.number {
        markup! { strong aria-current="page" { (name) " (" (Notice::ThisOne.text(language)) ")" } }
    } else {
        let key = NoticeKey {
            institution: data.summary.institution.clone(),
            number: sibling.number.clone(),
        };
        markup! { a href=(Page::Notice { key, printed: None }.address(language)) { (name) } }
    };
    markup! {
        li {
            div {
                (name)
                p {
                    span class=(notice::tag_class(&sibling.standing)) {
                        (notice::tag(&sibling.standing, sibling.due_on, language))
                    }
                }
            }
            span class="amount" { (euro(sibling.amount, language)) }
        }
    }
}

const fn payable_later(standing: &Standing) -> bool {
    standing.is_payable() || matches!(standing, Standing::NotYetPayable { .. })
}

/// Calendar file, link, paper.
fn keep(data: &Data, key: &NoticeKey, status: RwSignal<&'static str>) -> Markup {
    let language = use_site().language;
    let text = move |message: Notice| message.text(language);
    let calendar = data.due_on.map(|_| {
        let file = [
            "/avviso/",
            key.institution.as_str(),
            "/",
            key.number.as_str(),
            "/promemoria.ics",
        ]
        .concat();
        markup! {
            a class="btn btn-outline-primary" rel="external" href=(file) download="" {
                (icon("calendar"))
                (text(Notice::KeepCalendar))
            }
        }
    });
    let number = key.number.to_string();
    let copy_link = move || {
        let link = [
            &window().location().origin().unwrap_or_default(),
            "/paga/",
            &number,
        ]
        .concat();
        copy_to_clipboard(link, text(Notice::LinkCopied), status);
    };
    markup! {
        h2 { (text(Notice::KeepTitle)) }
        div class="actions" {
            (calendar)
            (scripted_button("btn btn-outline-primary", "link", text(Notice::KeepLink), "", copy_link))
            (scripted_button("btn btn-outline-primary", "print", text(Notice::KeepPrint), "", print_page))
        }
    }
}

fn contact(data: &Data, language: crate::Language) -> Markup {
    let telephone = ["tel:", &data.telephone.replace(' ', "")].concat();
    let email = ["mailto:", &data.email].concat();
    markup! {
        aside class="callout" aria-labelledby="contatti" {
            h2 id="contatti" { (Notice::ContactTitle.text(language)) }
            p { (Notice::ContactText.text(language)) }
            p {
                (data.office.clone())
                (data.office.is_some().then(|| markup! { br; }))
                a href=(telephone) { (data.telephone.clone()) }
                br;
                a href=(email) { (data.email.clone()) }
            }
            p { (Notice::PrivacyNote.text(language)) }
        }
    }
}
