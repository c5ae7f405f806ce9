//! The first page: the form for a code, and below it what one may want to know.

use crate::address::{CartNotices, DocumentPage, Page, Sought};
use crate::api::catalogue::ServiceSummary;
use crate::components::code_field::usual_code_field;
use crate::components::scanner::scanner;
use crate::markup::{Markup, markup};
use crate::messages::home::Home;
use crate::site::{name_page, use_site};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The first page.
pub(super) fn home_page(services: Vec<ServiceSummary>) -> Markup {
    let site = use_site();
    let language = site.language;
    let text = move |message: Home| message.text(language);
    name_page(text(Home::Title), false);
    markup! {
        (code_form(text(Home::Title), None, String::new(), None, CartNotices::default()))
        div class="container" {
            h2 { (text(Home::HowTitle)) }
            ol class="numbered" {
                li { h3 { (text(Home::How1)) } p { (text(Home::How1Text)) } }
                li { h3 { (text(Home::How2)) } p { (text(Home::How2Text)) } }
                li { h3 { (text(Home::How3)) } p { (text(Home::How3Text)) } }
            }
            (service_list(services, text(Home::ServicesTitle)))
            p { a href=(Page::Services(Sought::default()).address(language)) { (text(Home::AllServices)) } }
            h2 { (text(Home::MoreTitle)) }
            ul class="tiles" {
                li {
                    a href=(Page::FindReceipt { code: String::new() }.address(language)) { (text(Home::MoreReceipt)) }
                    p { (text(Home::MoreReceiptText)) }
                }
                li {
                    a rel="external" href=(DocumentPage::Help.path(language)) { (text(Home::MoreHelp)) }
                    p { (text(Home::MoreHelpText)) }
                }
            }
        }
    }
}

/// What is paid here, by institution. Nothing when the archive does not answer: the form still works.
fn service_list(services: Vec<ServiceSummary>, title: &'static str) -> Markup {
    if services.is_empty() {
        return Markup::default();
    }
    let mut institutions: Vec<(String, Vec<String>)> = Vec::new();
    for service in services {
        match institutions
            .iter_mut()
            .find(|(institution, _)| *institution == service.institution)
        {
            Some((_, names)) => names.push(service.name),
            None => institutions.push((service.institution, vec![service.name])),
        }
    }
    let row = |(institution, names): (String, Vec<String>)| {
        markup! { div { dt { (institution) } dd class="fw-normal" { (names.join(" · ")) } } }
    };
    let rows: Vec<Markup> = institutions.into_iter().map(row).collect();
    markup! { h2 { (title) } dl class="facts" { (rows) } }
}

/// The form for a code under its heading. `summary` comes before it when what was written cannot be used.
pub(super) fn code_form(
    title: &'static str,
    summary: Option<Markup>,
    value: String,
    error: Option<String>,
    cart: CartNotices,
) -> Markup {
    let site = use_site();
    let language = site.language;
    let text = move |message: Home| message.text(language);
    let is_first = summary.is_none();
    markup! {
        section class="task" {
            div class="container" {
                div class="task-form" {
                    h1 tabindex="-1" { (title) }
                    (summary)
                    (is_first.then(|| markup! { p class="lead" { (text(Home::Lead)) } }))
                    (bare_code_form(value, error, cart, text(Home::Submit), "btn btn-primary btn-lg"))
                    p {
                        (text(Home::NoNotice)) " "
                        a href=(Page::Services(Sought::default()).address(language)) { (text(Home::NoNoticeLink)) }
                    }
                    details {
                        summary { (text(Home::Where)) }
                        div {
                            p { (text(Home::WhereText)) }
                            img class="picture" loading="lazy" width="352" height="250" src=(site.picture.to_string()) alt=(text(Home::WherePicture));
                            p { (text(Home::WhereElse)) }
                        }
                    }
                }
                img class="picture d-none d-lg-block" loading="lazy" width="352" height="250" src=(site.picture.to_string()) alt="";
            }
        }
    }
}

/// Field and button. After hydration the browser goes to the result by itself; before, or without scripting, the form
/// is an ordinary one.
pub(super) fn bare_code_form(
    value: String,
    error: Option<String>,
    cart: CartNotices,
    submit: &'static str,
    submit_class: &'static str,
) -> AnyView {
    let language = use_site().language;
    let kept: Vec<Markup> = cart
        .notices()
        .iter()
        .map(|notice| {
            let name = language.pick("avviso", "notice");
            markup! { input type="hidden" name=(name) value=(notice.written()); }
        })
        .collect();
    let action = language.pick("/avviso", "/en/notice");
    let navigate = use_navigate();
    let go = Callback::new(move |text: String| {
        let address = Page::Search {
            text,
            cart: cart.clone(),
        }
        .address(language);
        navigate(&address, NavigateOptions::default());
    });
    let scanner = scanner(go);
    let submitted = move |event: leptos::ev::SubmitEvent| {
        use wasm_bindgen::JsCast;
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
        let field = form.and_then(|form| form.query_selector("#codice").ok().flatten());
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            event.prevent_default();
            go.run(field.value());
        }
    };
    let content = markup! {
        (kept)
        (usual_code_field(value, error))
        div class="actions" {
            button class=(submit_class) type="submit" { (submit) }
            (scanner.button)
        }
        (scanner.panel)
    };
    view! { <form method="get" action=action novalidate on:submit=submitted>{content}</form> }.into_any()
}
