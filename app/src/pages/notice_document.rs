//! A notice to print, behind a link that ends by itself; and its offer on the notice's own page.

use super::note;
use crate::address::{DocumentLink, DocumentPage, NoticeKey, PRINT_ID, Page, notice_file};
use crate::api::documents::{Closed, DocumentView, NoticeDocument, ProveNotice};
use crate::api::receipts::ProofProblem;
use crate::components::document::{actions, article};
use crate::components::proof_field::{PROOF, proof_field};
use crate::components::{breadcrumb, error_summary, icon};
use crate::markup::{Markup, markup};
use crate::messages::cart::Cart;
use crate::messages::document::{self, Paper};
use crate::messages::notice::Notice;
use crate::site::{answer_with, name_page, use_language};
use leptos::server_fn::ServerFn;

/// What a link to a notice's document leads to.
pub(super) fn notice_document_page(key: &NoticeKey, link: &DocumentLink, document: NoticeDocument) -> Markup {
    match document {
        NoticeDocument::Shown(document) => shown(key, link, *document),
        NoticeDocument::Closed(why) => closed(key, &why),
    }
}

fn shown(key: &NoticeKey, link: &DocumentLink, document: DocumentView) -> Markup {
    let language = use_language();
    name_page(&document.title, false);
    let file = notice_file(key, link, language);
    let file = [file.as_str(), language.pick("&scarica=1", "&download=1")].concat();
    let actions = actions(&document, file, None);
    markup! {
        div class="container" {
            (breadcrumb(Notice::Crumb.text(language)))
            div class="row" {
                div class="col-12 col-lg-8" {
                    (actions)
                    (article(document.article))
                    p class="no-print" { (icon("locked")) " " (Paper::LinkNote.text(language)) }
                    (back(key))
                }
            }
        }
    }
}

fn back(key: &NoticeKey) -> Markup {
    let language = use_language();
    let notice = Page::Notice {
        key: key.clone(),
        printed: None,
    };
    markup! { p class="no-print" { a href=(notice.address(language)) { (Paper::ToNotice.text(language)) } } }
}

fn closed(key: &NoticeKey, why: &Closed) -> Markup {
    let language = use_language();
    let (title, text) = document::closed(why, language);
    answer_with(why.status());
    name_page(title, true);
    markup! {
        div class="container prose" {
            h1 tabindex="-1" { (title) }
            p class="lead" { (text) }
            (back(key))
        }
    }
}

/// Why the proof sent from a notice's page opened nothing, when it did not.
pub(super) fn problem() -> Option<ProofProblem> {
    ProofProblem::from_code(&note("problema", "problem")?)
}

/// The list of what to correct, for the top of the notice's page.
pub(super) fn summary(problem: ProofProblem) -> Markup {
    let language = use_language();
    answer_with(problem.status());
    let field = match problem {
        ProofProblem::Code | ProofProblem::Proof | ProofProblem::NotOpened => Some(PROOF),
        ProofProblem::TooMany | ProofProblem::Unavailable => None,
    };
    let words = document::problem(problem, language).to_owned();
    error_summary(Paper::ErrorTitle.text(language), vec![(field, words)])
}

/// The offer of a notice's document: to whoever has just made the notice, a link; to everybody else, the form of the proof.
pub(super) fn offer(key: &NoticeKey, problem: Option<ProofProblem>) -> Markup {
    let language = use_language();
    let text = move |message: Paper| message.text(language);
    let link = leptos_router::hooks::use_query_map();
    let link = leptos::prelude::WithUntracked::with_untracked(&link, DocumentLink::from_query);
    let offered = if let Some(link) = link {
        let document = Page::NoticeDocument {
            key: key.clone(),
            link,
        };
        markup! {
            p { (text(Paper::OfferMade)) }
            div class="actions" {
                a class="btn btn-outline-primary" href=(document.address(language)) { (text(Paper::Open)) }
            }
        }
    } else {
        form(key, problem)
    };
    markup! {
        section id=(PRINT_ID) class="no-print" aria-labelledby="avviso-da-stampare-titolo" {
            h2 id="avviso-da-stampare-titolo" { (text(Paper::OfferTitle)) }
            (offered)
        }
    }
}

fn form(key: &NoticeKey, problem: Option<ProofProblem>) -> Markup {
    let language = use_language();
    let text = move |message: Paper| message.text(language);
    let error = problem
        .filter(|problem| matches!(problem, ProofProblem::Proof | ProofProblem::NotOpened))
        .map(|problem| document::problem(problem, language));
    markup! {
        p { (text(Paper::OfferText)) }
        form method="post" action=(ProveNotice::PATH) novalidate="" {
            input type="hidden" name="institution" value=(key.institution.to_string());
            input type="hidden" name="number" value=(key.number.to_string());
            input type="hidden" name="language" value=(language.pick("italian", "english"));
            (proof_field(text(Paper::ProofHint), error))
            p {
                a rel="external" href=(DocumentPage::Privacy.path(language)) { (Cart::PrivacyLink.text(language)) }
                "."
            }
            div class="actions" {
                button class="btn btn-outline-primary" type="submit" { (text(Paper::Open)) }
            }
        }
    }
}
