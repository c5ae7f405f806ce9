//! The questions. Each has its place from the beginning; those that are not asked are hidden and not sent.

use super::{Sum, Written};
use crate::Language;
use crate::address::{Page, answer_field};
use crate::components::icon;
use crate::markup::{Markup, markup};
use crate::messages::fees::{self, Fees};
use crate::messages::layout::Layout;
use leptos::prelude::*;
use tariff::answers::AnswerProblem;
use tariff::evaluate::Question;
use tariff::model::{Input, InputKind};

/// Options up to here are shown all at once.
const RADIOS_MAX: usize = 6;
/// The field with the names of the questions that were shown.
const SEEN: &str = "viste";

/// The questions that were shown when the form was sent.
pub(super) fn seen(fields: &[(String, String)]) -> Vec<&str> {
    let found = fields.iter().find(|(name, _)| name == SEEN);
    found.map_or_else(Vec::new, |(_, names)| names.split(' ').collect())
}

/// Whether a problem is said: an answer that is missing only where its question was shown before.
pub(super) fn is_told(problem: AnswerProblem, was_seen: bool) -> bool {
    match problem {
        AnswerProblem::Missing => was_seen,
        AnswerProblem::Unknown
        | AnswerProblem::NotAsked
        | AnswerProblem::Type
        | AnswerProblem::Decimals
        | AnswerProblem::Min
        | AnswerProblem::Max
        | AnswerProblem::Option
        | AnswerProblem::Date => true,
    }
}

/// The identifier of a question's field.
pub(super) fn field_id(id: &str) -> String {
    answer_field(id)
}

/// The form. `seen` are the questions that were shown when it was sent.
pub(super) fn form(sum: &Sum, written: RwSignal<Written>, seen: &[&str]) -> AnyView {
    let language = sum.language;
    // Fields whose answer was finished: what is wrong with them is said; at a first key it would only disturb.
    let finished = RwSignal::new(written.with_untracked(|written| {
        let answered = written.iter().filter(|(_, text)| !text.trim().is_empty());
        let answered = answered.map(|(id, _)| id.as_str());
        answered
            .chain(seen.iter().copied())
            .map(answer_field)
            .collect::<Vec<_>>()
    }));
    let form = NodeRef::<leptos::html::Form>::new();
    let read = move || {
        if let Some(form) = form.get_untracked() {
            let now = read_form(&form);
            if written.with_untracked(|before| *before != now) {
                written.set(now);
            }
        }
    };
    // What was written before the browser took over counts too.
    Effect::new(move |_| {
        if form.get().is_some() {
            read();
        }
    });
    let changed = move |event: leptos::ev::Event| {
        use wasm_bindgen::JsCast;
        let field = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(name) = field.and_then(|field| field.get_attribute("name")) {
            finished.update(|finished| {
                if !finished.contains(&name) {
                    finished.push(name);
                }
            });
        }
        read();
    };
    let submitted = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        read();
        finished.update(|finished| finished.push(String::new()));
        let _ = request_animation_frame(show_result);
    };
    let version = {
        let sum = sum.clone();
        Memo::new(move |_| written.with(|written| sum.version(written).map(|tariff| tariff.digest.clone())))
    };
    let fields = {
        let sum = sum.clone();
        move || {
            let digest = version.get()?;
            let tariff = sum.versions.iter().find(|tariff| tariff.digest == digest)?;
            let questions: Vec<AnyView> = (0..tariff.inputs.len())
                .map(|place| question(&sum, &digest, place, written, finished))
                .collect();
            Some(questions)
        }
    };
    let seen = {
        let sum = sum.clone();
        move || {
            let written = written.get();
            let Some(tariff) = sum.version(&written) else {
                return String::new();
            };
            let questions = tariff.inputs.iter().zip(sum.interview(&written));
            let shown: Vec<&str> = questions
                .filter(|(_, question)| matches!(question, Question::Asked(_)))
                .map(|(input, _)| input.id.as_str())
                .collect();
            shown.join(" ")
        }
    };
    let action = Page::Calculator {
        service: sum.key.clone(),
        answers: Vec::new(),
    }
    .address(language);
    view! {
        <form method="post" action=action novalidate node_ref=form on:input=move |_| read() on:change=changed on:submit=submitted>
            <h2>{Fees::Questions.text(language)}</h2>
            {fields}
            <input type="hidden" name=SEEN value=seen/>
            <div class="actions">
                <button class="btn btn-outline-primary btn-lg" type="submit">{Fees::Submit.text(language)}</button>
            </div>
        </form>
    }
    .into_any()
}

/// Reads what the form holds now.
fn read_form(form: &web_sys::HtmlFormElement) -> Written {
    use wasm_bindgen::JsCast;
    let elements = form.elements();
    let mut fields = Vec::new();
    for place in 0..elements.length() {
        let Some(element) = elements.item(place) else {
            continue;
        };
        let (name, value) = if let Some(input) = element.dyn_ref::<web_sys::HtmlInputElement>() {
            if input.type_() == "radio" && !input.checked() {
                continue;
            }
            (input.name(), input.value())
        } else if let Some(select) = element.dyn_ref::<web_sys::HtmlSelectElement>() {
            (select.name(), select.value())
        } else {
            continue;
        };
        fields.push((name, value));
    }
    crate::address::answers_among(&fields)
}

/// After “work it out” the result takes the focus.
fn show_result() {
    #[cfg(not(feature = "ssr"))]
    {
        use wasm_bindgen::JsCast;
        let found = document().get_element_by_id(super::result::TITLE);
        if let Some(title) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = title.focus();
        }
    }
}

/// One question, hidden while it is not asked.
fn question(
    sum: &Sum,
    digest: &str,
    place: usize,
    written: RwSignal<Written>,
    finished: RwSignal<Vec<String>>,
) -> AnyView {
    let language = sum.language;
    let Some(input) = sum
        .versions
        .iter()
        .find(|tariff| tariff.digest == digest)
        .and_then(|tariff| tariff.inputs.get(place))
        .cloned()
    else {
        return ().into_any();
    };
    let state = {
        let sum = sum.clone();
        Memo::new(move |_| written.with(|written| sum.interview(written).get(place).copied()))
    };
    let hidden = move || !matches!(state.get(), Some(Question::Asked(_)));
    let name = answer_field(&input.id);
    let problem = {
        let name = name.clone();
        Memo::new(move |_| match state.get() {
            // All of them are finished once the form was sent.
            Some(Question::Asked(Some(problem))) => finished
                .with(|finished| finished.iter().any(|field| *field == name || field.is_empty()))
                .then_some(problem),
            Some(Question::Asked(None) | Question::Skipped | Question::Later) | None => None,
        })
    };
    let initial = written.with_untracked(|written| {
        let found = written.iter().find(|(id, _)| *id == input.id);
        found.map(|(_, text)| text.clone()).unwrap_or_default()
    });
    let class = move || {
        if problem.get().is_some() {
            "form-group is-invalid"
        } else {
            "form-group"
        }
    };
    let message = {
        let input = input.clone();
        let id = [&name, "-errore"].concat();
        move || {
            problem.get().map(|problem| {
                error(
                    id.clone(),
                    fees::answer_problem(&input, problem, language),
                    language,
                )
                .into_any()
            })
        }
    };
    let body = match &input.kind {
        InputKind::Number(_) | InputKind::Money(_) | InputKind::Date => {
            text_field(&input, &name, initial, message.into_any(), problem, language)
        }
        InputKind::Boolean => {
            let options = [("true", Fees::Yes), ("false", Fees::No)]
                .map(|(value, label)| (value.to_owned(), label.text(language).to_owned()));
            radios(
                &input,
                &name,
                options.into(),
                &initial,
                message.into_any(),
                language,
            )
        }
        InputKind::Choice(options) => {
            let words = sum
                .versions
                .iter()
                .find(|tariff| tariff.digest == digest)
                .map(|tariff| &tariff.words);
            let options: Vec<(String, String)> = options
                .iter()
                .filter_map(|option| {
                    let word = words?.get(usize::from(option.word))?.clone();
                    Some((word, option.label.in_tongue(language.tongue()).to_owned()))
                })
                .collect();
            if options.len() <= RADIOS_MAX {
                radios(&input, &name, options, &initial, message.into_any(), language)
            } else {
                select(&input, &name, options, &initial, message.into_any(), language)
            }
        }
    };
    view! { <fieldset class=class hidden=hidden disabled=hidden>{body}</fieldset> }.into_any()
}

fn error(id: String, words: String, language: Language) -> Markup {
    markup! {
        p class="invalid-feedback" id=(id) {
            (icon("error"))
            span { span class="visually-hidden" { (Layout::ErrorPrefix.text(language)) } (words) }
        }
    }
}

/// The question with its unit, where it has one.
fn label_of(input: &Input, language: Language) -> String {
    let label = input.label.in_tongue(language.tongue());
    match &input.unit {
        Some(unit) => [label, " (", unit.in_tongue(language.tongue()), ")"].concat(),
        None => label.to_owned(),
    }
}

fn help_of(input: &Input, language: Language) -> Option<String> {
    let usual = match &input.kind {
        InputKind::Date => Some(Fees::DateHint),
        InputKind::Money(_) => Some(Fees::AmountHint),
        InputKind::Number(_) | InputKind::Boolean | InputKind::Choice(_) => None,
    };
    let help = input
        .help
        .as_ref()
        .map(|help| help.in_tongue(language.tongue()).to_owned());
    let usual = usual.map(|usual| [usual.text(language), "."].concat());
    match (help, usual) {
        (Some(help), Some(usual)) => Some([&help, " ", &usual].concat()),
        (help, usual) => help.or(usual),
    }
}

/// What stands before the field: the question, where to find its answer, and what is wrong with it.
fn head(input: &Input, name: &str, question: Markup, message: AnyView, language: Language) -> Markup {
    let help = help_of(input, language);
    markup! {
        (question)
        (help.map(|help| markup! { span class="form-text" id=(help_id(name)) { (help) } }))
        (message)
    }
}

/// The question as the label of its one field.
fn label(input: &Input, name: &str, language: Language) -> Markup {
    markup! { label for=(name.to_owned()) { (label_of(input, language)) } }
}

fn help_id(name: &str) -> String {
    [name, "-aiuto"].concat()
}

/// What is read aloud with a field: its help and what is wrong.
fn described(name: &str) -> String {
    [&help_id(name), " ", name, "-errore"].concat()
}

fn text_field(
    input: &Input,
    name: &str,
    initial: String,
    message: AnyView,
    problem: Memo<Option<AnswerProblem>>,
    language: Language,
) -> Markup {
    let mode = match &input.kind {
        InputKind::Number(range) if range.decimals == 0 => "numeric",
        InputKind::Number(_) | InputKind::Money(_) => "decimal",
        InputKind::Date | InputKind::Boolean | InputKind::Choice(_) => "text",
    };
    let field = view! {
        <input
            class="form-control field-short" id=name.to_owned() name=name.to_owned() type="text" inputmode=mode autocomplete="off"
            spellcheck="false" aria-describedby=described(name) aria-invalid=move || problem.get().is_some().then_some("true") value=initial
        />
    };
    markup! {
        (head(input, name, label(input, name, language), message, language))
        (field.into_any())
    }
}

fn radios(
    input: &Input,
    name: &str,
    options: Vec<(String, String)>,
    initial: &str,
    message: AnyView,
    language: Language,
) -> Markup {
    let question = markup! { legend { (label_of(input, language)) } };
    let options: Vec<Markup> = options
        .into_iter()
        .enumerate()
        .map(|(place, (value, label))| {
            // The first has the identifier an error leads to.
            let id = if place == 0 {
                name.to_owned()
            } else {
                [name, "-", &place.to_string()].concat()
            };
            let checked = value == initial;
            markup! {
                div class="form-check" {
                    input type="radio" id=(id.clone()) name=(name.to_owned()) value=(value) checked=(checked);
                    label for=(id) { (label) }
                }
            }
        })
        .collect();
    markup! {
        (head(input, name, question, message, language))
        (options)
    }
}

fn select(
    input: &Input,
    name: &str,
    options: Vec<(String, String)>,
    initial: &str,
    message: AnyView,
    language: Language,
) -> Markup {
    let options: Vec<Markup> = options
        .into_iter()
        .map(|(value, label)| {
            let selected = value == initial;
            markup! { option value=(value) selected=(selected) { (label) } }
        })
        .collect();
    markup! {
        (head(input, name, label(input, name, language), message, language))
        select class="form-select field-medium" id=(name.to_owned()) name=(name.to_owned()) aria-describedby=(described(name)) {
            option value="" { (Fees::Choose.text(language)) }
            (options)
        }
    }
}
