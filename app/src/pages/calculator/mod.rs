//! The calculator of a fee: questions that appear as they are needed, the total and how it comes about, and the form
//! that makes a notice of it.
//!
//! The server draws the page with the answers in the address or in the form that was sent, and everything works so.
//! Where scripting runs, the same code works the fee out at every key.

pub(crate) mod answers;
mod person;
mod questions;
mod result;

use crate::Language;
use crate::address::{Page, ServiceKey};
use crate::api::fees::{Calculator, Sent};
use crate::components::{breadcrumb, error_summary};
use crate::markup::{Markup, markup};
use crate::messages::fees::{self, Fees};
use crate::site::{answer_with, name_page, use_site};
use answers::{read_answers, shareable, version_for};
use leptos::prelude::*;
use std::sync::Arc;
use tariff::evaluate::{Question, interview, quote};
use tariff::{Answers, NaiveDate, Quote, Tariff};

/// What a calculator works with. Cloning is cheap.
#[derive(Clone)]
struct Sum {
    key: ServiceKey,
    versions: Arc<Vec<Tariff>>,
    today: NaiveDate,
    language: Language,
    token: Arc<str>,
}

/// What is written in the form: the text beside each question's name.
type Written = Vec<(String, String)>;

impl Sum {
    fn all(&self) -> Vec<&Tariff> {
        self.versions.iter().collect()
    }

    fn version(&self, written: &Written) -> Option<&Tariff> {
        version_for(&self.all(), written, self.today)
    }

    fn answers(&self, written: &Written) -> Answers {
        read_answers(&self.all(), written, self.today, self.language)
    }

    fn quote(&self, written: &Written) -> Quote<'_> {
        quote(&self.all(), &self.answers(written), self.today)
    }

    /// The address of the page in a language with these answers; without those that say something personal.
    fn address(&self, written: &Written, language: Language) -> String {
        Page::Calculator {
            service: self.key.clone(),
            answers: shareable(&self.all(), written, self.today, self.language),
        }
        .address(language)
    }

    /// Where each question of the version stands.
    fn interview(&self, written: &Written) -> Vec<Question> {
        self.version(written)
            .map(|tariff| interview(tariff, &self.answers(written), self.today))
            .unwrap_or_default()
    }
}

/// Identifier of the element the browser takes over, and the attribute with what it needs for it.
pub(crate) const ID: &str = "calcolo";
#[cfg(feature = "hydrate")]
const DATA: &str = "data-calcolo";

/// The page at the address shown now, on the server.
#[cfg(feature = "ssr")]
pub(crate) fn page() -> AnyView {
    use crate::components::problem_page;
    use leptos_router::hooks::use_location;
    let location = use_location();
    let at = location
        .pathname
        .with_untracked(|path| location.query.with_untracked(|query| Page::at(path, query)));
    view! {
        <Suspense>
            {Suspend::new(async move {
                let Some(Page::Calculator { service, answers }) = at else {
                    return unknown().into_any();
                };
                let services = expect_context::<services::Services>();
                match crate::api::fees::find_calculator(&services, service, answers).await {
                    Ok(data) => element(data),
                    Err(error) => problem_page(error).into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// The element the browser takes over, with what is inside it.
#[cfg(feature = "ssr")]
fn element(data: Option<Calculator>) -> AnyView {
    let drawn = data.as_ref().and_then(drawn);
    match (data.and_then(|data| serde_json::to_string(&data).ok()), drawn) {
        (Some(text), Some(drawn)) => markup! { div id=(ID) data-calcolo=(text) { (drawn) } }.into_any(),
        (None, _) | (_, None) => unknown().into_any(),
    }
}

#[cfg(feature = "ssr")]
fn unknown() -> Markup {
    let (title, text) = fees::unknown(use_site().language);
    super::missing::not_found_with(title, text, None)
}

/// The page as the browser takes it over.
#[cfg(feature = "hydrate")]
pub(crate) fn taken_over() -> AnyView {
    let site = crate::site::Site::find();
    provide_context(site.clone());
    crate::components::frame::show_scripted_controls(&site);
    let data = document()
        .get_element_by_id(ID)
        .and_then(|element| element.get_attribute(DATA));
    data.and_then(|data| serde_json::from_str::<Calculator>(&data).ok())
        .and_then(|data| drawn(&data))
        .unwrap_or_default()
        .into_any()
}

/// What is inside the element, on the server and in the browser alike; nothing when the tariff cannot be read.
fn drawn(data: &Calculator) -> Option<Markup> {
    let sum = Sum {
        key: ServiceKey {
            institution: data.institution.clone(),
            code: data.service.clone(),
        },
        versions: Arc::new(data.versions()),
        today: tariff::answers::read_date(&data.today).ok()?,
        language: use_site().language,
        token: Arc::from(data.token.as_str()),
    };
    let tariff = sum.version(&data.written)?.clone();
    Some(content(data, &sum, &tariff))
}

fn content(data: &Calculator, sum: &Sum, tariff: &Tariff) -> Markup {
    let language = sum.language;
    let written = data.written.clone();
    let title = tariff.title.in_tongue(language.tongue()).to_owned();
    let sent = data.sent.as_ref();
    let wrong = sent
        .map(|sent| to_correct(sent, sum, tariff, &written))
        .unwrap_or_default();
    if let Some(problem) = sent.and_then(|sent| sent.problem) {
        answer_with(problem.status());
    } else if !wrong.is_empty() {
        answer_with(422);
    }
    name_page(&title, !wrong.is_empty());
    let summary = (!wrong.is_empty()).then(|| error_summary(Fees::ErrorTitle.text(language), wrong));
    let written = RwSignal::new(written);
    let intro = tariff
        .intro
        .as_ref()
        .map(|intro| markup! { p class="lead" { (intro.in_tongue(language.tongue()).to_owned()) } });
    let seen = sent.map(|sent| questions::seen(&sent.fields)).unwrap_or_default();
    let questions = questions::form(sum, written, &seen);
    #[cfg(not(feature = "ssr"))]
    {
        let sum = sum.clone();
        crate::components::frame::point_language_switch(move |language| {
            written.with(|written| sum.address(written, language))
        });
    }
    markup! {
        div class="container" {
            (breadcrumb(Fees::Crumb.text(language)))
            div class="row" {
                div class="col-12 col-lg-8" {
                    p class="eyebrow" { (data.institution_name.clone()) }
                    h1 tabindex="-1" { (title) }
                    (summary)
                    (intro)
                    (questions)
                    (result::section(sum, written))
                    (person::section(sum, written, sent))
                }
                div class="col-12 col-lg-4" {
                    (result::about(sum, written, &data.office_name))
                }
            }
        }
    }
}

/// What to correct in a form that was sent: answers, or who owes.
fn to_correct(sent: &Sent, sum: &Sum, tariff: &Tariff, written: &Written) -> Vec<(Option<String>, String)> {
    let language = sum.language;
    let mut lines = Vec::new();
    if let Some(problem) = sent.problem {
        lines.push((
            person::field_of(problem).map(str::to_owned),
            fees::problem(problem, language).to_owned(),
        ));
        return lines;
    }
    let seen = questions::seen(&sent.fields);
    for (input, question) in tariff.inputs.iter().zip(sum.interview(written)) {
        if let Question::Asked(Some(problem)) = question
            && questions::is_told(problem, seen.contains(&input.id.as_str()))
        {
            let label = input.label.in_tongue(language.tongue());
            let words = fees::answer_problem(input, problem, language);
            lines.push((
                Some(questions::field_id(&input.id)),
                [label, ": ", &words].concat(),
            ));
        }
    }
    lines
}
