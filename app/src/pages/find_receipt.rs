//! The form that finds a receipt: code and a short proof.

use super::note;
use crate::address::{DocumentPage, Page};
use crate::api::receipts::{OpenReceipt, ProofProblem};
use crate::components::code_field::{FIELD, code_field};
use crate::components::proof_field::{PROOF, proof_field};
use crate::components::{breadcrumb, error_summary};
use crate::markup::{Markup, markup};
use crate::messages::cart::Cart;
use crate::messages::find_receipt::FindReceipt;
use crate::messages::receipt;
use crate::site::{answer_with, name_page, use_language};
use leptos::server_fn::ServerFn;

/// The form, or the list of links it led to when a notice has several receipts.
pub(super) fn find_receipt_page(code: String) -> Markup {
    let language = use_language();
    if let Some(tokens) = note("ricevute", "receipts") {
        return several(&tokens);
    }
    let text = move |message: FindReceipt| message.text(language);
    let problem = note("problema", "problem")
        .as_deref()
        .and_then(ProofProblem::from_code);
    if let Some(problem) = problem {
        answer_with(problem.status());
    }
    name_page(text(FindReceipt::Title), problem.is_some());
    let words = |problem| receipt::problem(problem, language).to_owned();
    let summary = problem.map(|problem| {
        let field = match problem {
            ProofProblem::Code | ProofProblem::NotOpened => Some(FIELD),
            ProofProblem::Proof => Some(PROOF),
            ProofProblem::TooMany | ProofProblem::Unavailable => None,
        };
        error_summary(text(FindReceipt::ErrorTitle), vec![(field, words(problem))])
    });
    let code = domain::citizen_code::progress(&code).grouped.unwrap_or(code);
    let code_error = problem
        .filter(|problem| *problem == ProofProblem::Code)
        .map(words);
    let proof_error = problem
        .filter(|problem| *problem == ProofProblem::Proof)
        .map(|problem| receipt::problem(problem, language));
    markup! {
        div class="container" {
            (breadcrumb(text(FindReceipt::Title)))
            div class="row" {
                div class="col-12 col-lg-8" {
                    h1 tabindex="-1" { (text(FindReceipt::Title)) }
                    (summary)
                    p class="lead" { (text(FindReceipt::Lead)) }
                    form method="post" action=(OpenReceipt::PATH) novalidate="" {
                        input type="hidden" name="language" value=(language.pick("italian", "english"));
                        (code_field("code", text(FindReceipt::CodeLabel), text(FindReceipt::CodeHint), code, code_error))
                        (proof_field(text(FindReceipt::ProofHint), proof_error))
                        p {
                            a rel="external" href=(DocumentPage::Privacy.path(language)) { (Cart::PrivacyLink.text(language)) }
                            "."
                        }
                        div class="actions" {
                            button class="btn btn-primary btn-lg" type="submit" { (text(FindReceipt::Submit)) }
                        }
                    }
                }
            }
        }
    }
}

fn several(tokens: &str) -> Markup {
    let language = use_language();
    let text = move |message: FindReceipt| message.text(language);
    name_page(text(FindReceipt::SeveralTitle), false);
    let row = |(place, token): (usize, &str)| {
        let label = [text(FindReceipt::One), " ", &(place + 1).to_string()].concat();
        markup! {
            li { div { a href=(Page::Receipt(token.to_owned()).address(language)) { (label) } } }
        }
    };
    let rows: Vec<Markup> = tokens
        .split(',')
        .filter(|token| !token.is_empty())
        .take(20)
        .enumerate()
        .map(row)
        .collect();
    markup! {
        div class="container prose" {
            h1 tabindex="-1" { (text(FindReceipt::SeveralTitle)) }
            p class="lead" { (text(FindReceipt::SeveralText)) }
            ul class="rows" { (rows) }
        }
    }
}
