//! The rates of a service as a readable page: every version, its tables, and what changed from one to the next.

use crate::Language;
use crate::address::{Page, ServiceKey};
use crate::calendar::Day;
use crate::messages::fees::{self, Fees};
use crate::messages::layout::Layout;
use crate::site::{Site, answer_with, name_page};
use domain::CreditorFiscalCode;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use services::Services;
use tariff::Tariff;
use tariff::diff::{Change, Difference};
use tariff::rates::{Cell, Part, sheet};

/// The page at the address shown now.
pub(super) fn page() -> AnyView {
    let language = Site::find().language;
    let params = use_params_map().get_untracked();
    let institution = params
        .get("institution")
        .and_then(|code| CreditorFiscalCode::parse(&code).ok());
    let key = institution
        .zip(params.get("service"))
        .map(|(institution, code)| ServiceKey { institution, code });
    view! {
        <Suspense>
            {Suspend::new(async move {
                let found = match key.clone() {
                    Some(key) => find(&key).await,
                    None => None,
                };
                match key.zip(found) {
                    Some((key, (name, versions))) => drawn(&key, &name, &versions, language),
                    None => unknown(language),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// The institution's name and the versions that count, the newest first.
async fn find(key: &ServiceKey) -> Option<(String, Vec<Tariff>)> {
    let services = use_context::<Services>()?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await
        .ok()?;
    let service = entries
        .service(&key.institution, &key.code)
        .filter(|service| service.active)?;
    let tariff = service.by_tariff.as_ref()?;
    let mut versions: Vec<Tariff> = services
        .tariffs
        .versions(&tariff.tariff)
        .iter()
        .map(|version| Tariff::clone(version))
        .collect();
    versions.sort_by_key(|version| std::cmp::Reverse(version.valid_from));
    let institution = entries.institution(&key.institution)?.name.clone();
    (!versions.is_empty()).then_some((institution, versions))
}

fn unknown(language: Language) -> AnyView {
    answer_with(404);
    let (title, text) = fees::unknown(language);
    name_page(title, false);
    view! { <div class="container prose"><h1>{title}</h1><p class="lead">{text}</p></div> }.into_any()
}

fn drawn(key: &ServiceKey, institution: &str, versions: &[Tariff], language: Language) -> AnyView {
    let tongue = language.tongue();
    let name = versions
        .first()
        .map(|tariff| tariff.title.in_tongue(tongue))
        .unwrap_or_default();
    let title = [language.pick("Tariffe: ", "Rates: "), name].concat();
    name_page(&title, false);
    let calculator = Page::Calculator {
        service: key.clone(),
        answers: Vec::new(),
    }
    .address(language);
    let parts: Vec<AnyView> = versions
        .iter()
        .enumerate()
        .map(|(place, version)| {
            let before = versions.get(place + 1);
            one_version(version, before, language)
        })
        .collect();
    view! {
        <div class="container">
            <nav aria-label=Layout::Breadcrumb.text(language)>
                <ol class="breadcrumb">
                    <li class="breadcrumb-item"><a href=Page::Home.address(language)>{Layout::BackHome.text(language)}</a></li>
                    <li class="breadcrumb-item"><a href=calculator.clone()>{Fees::Crumb.text(language)}</a></li>
                    <li class="breadcrumb-item" aria-current="page">{title.clone()}</li>
                </ol>
            </nav>
            <p class="eyebrow">{institution.to_owned()}</p>
            <h1>{title}</h1>
            {parts}
            <p><a href=calculator>{language.pick("Torna al calcolo", "Back to the sum")}</a></p>
        </div>
    }
    .into_any()
}

fn one_version(version: &Tariff, before: Option<&Tariff>, language: Language) -> AnyView {
    let tongue = language.tongue();
    let written = |day| Day::from(day).written(language);
    let to = version
        .valid_to
        .map(|to| [Fees::ValidTo.text(language), &written(to)].concat());
    let title = [
        Fees::ValidFrom.text(language),
        &written(version.valid_from),
        &to.unwrap_or_default(),
    ]
    .concat();
    let sheet = sheet(version, tongue, &written);
    let facts: Vec<_> = sheet
        .facts
        .into_iter()
        .map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
        .collect();
    let parts: Vec<AnyView> = sheet.parts.into_iter().map(part).collect();
    let figures =
        fees::status(version.status, language).map(|words| view! { <p><strong>{words}</strong></p> });
    let differences = before.map(|before| {
        let changes = tariff::diff::changes(before, version, tongue, &written);
        let rows: Vec<AnyView> = changes.into_iter().map(|change| difference(change, language)).collect();
        let heads = language.pick(
            ["Che cosa è cambiato", "Voce", "Prima", "Adesso"],
            ["What changed", "Item", "Before", "Now"],
        );
        let [title, item, then, now] = heads;
        (!rows.is_empty()).then(|| {
            view! {
                <details>
                    <summary>{title}</summary>
                    <div>
                        <table class="table">
                            <caption class="visually-hidden">{title}</caption>
                            <thead><tr><th scope="col">{item}</th><th scope="col">{then}</th><th scope="col">{now}</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                </details>
            }
        })
    });
    view! { <section><h2>{title}</h2>{figures}<dl class="facts">{facts}</dl>{differences}{parts}</section> }
        .into_any()
}

/// A row: what it is, what it said, what it says.
fn difference(difference: Difference, language: Language) -> AnyView {
    let place = difference.part.heading(language.tongue());
    let (aspect, before, after) = match difference.change {
        Change::Added(after) => (String::new(), "–".to_owned(), after),
        Change::Removed(before) => (String::new(), before, "–".to_owned()),
        Change::Changed {
            aspect,
            before,
            after,
        } => (aspect, before, after),
    };
    let or_dash = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let (then, now) = language.pick(("Prima", "Adesso"), ("Before", "Now"));
    view! {
        <tr>
            <th scope="row" class="fw-normal"><div>{place}": "{difference.item}<span class="form-text">{aspect}</span></div></th>
            <td data-label=then>{or_dash(before)}</td>
            <td data-label=now>{or_dash(after)}</td>
        </tr>
    }
    .into_any()
}

fn part(part: Part) -> AnyView {
    let labels: Vec<String> = part.columns.iter().map(|column| column.heading.clone()).collect();
    let numeric: Vec<bool> = part.columns.iter().map(|column| column.numeric).collect();
    let class = |place: usize| {
        numeric
            .get(place)
            .is_some_and(|numeric| *numeric)
            .then_some("amount")
    };
    let head: Vec<_> = labels
        .iter()
        .enumerate()
        .map(|(place, heading)| view! { <th scope="col" class=class(place)>{heading.clone()}</th> })
        .collect();
    let cell = |place: usize, cell: Cell| {
        let text = match cell.url {
            Some(url) => view! { <a href=url>{cell.text}</a> }.into_any(),
            None => cell.text.into_any(),
        };
        if place == 0 {
            view! { <th scope="row" class="fw-normal">{text}</th> }.into_any()
        } else {
            let label = labels.get(place).cloned().unwrap_or_default();
            view! { <td class=class(place) data-label=label>{text}</td> }.into_any()
        }
    };
    let rows: Vec<_> = part
        .rows
        .into_iter()
        .map(|row| {
            let cells: Vec<AnyView> = row
                .into_iter()
                .enumerate()
                .map(|(place, one)| cell(place, one))
                .collect();
            view! { <tr>{cells}</tr> }
        })
        .collect();
    let note = part.note.map(|note| view! { <p>{note}</p> });
    view! {
        <h3>{part.heading.clone()}</h3>
        {note}
        <table class="table">
            <caption class="visually-hidden">{part.heading}</caption>
            <thead><tr>{head}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
