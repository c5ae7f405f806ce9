//! The payment page: what is paid, the e-mail address, card or account, and how it shall end.

use super::{Lang, Page, euros, refusal};
use crate::cart::{Cart, is_email};
use crate::hub::Hub;
use crate::payment::{Activation, Order, PayError, Way};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::NoticeNumber;
use maud::{Markup, html};
use pagopa::pa_for_node::Edition;
use pagopa::pa_for_node::get_payment::TransferType;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// What the payer sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    email: String,
    #[serde(default = "card")]
    way: Way,
    outcome: Outcome,
    /// As typed: an emptied field is no reason to stop.
    #[serde(default)]
    delay_seconds: String,
}

const fn card() -> Way {
    Way::Card
}

/// How it shall end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// Paid; the receipt comes before the browser returns.
    Paid,
    /// The provider does not authorise it.
    Refused,
    /// The payer gives up.
    Abandoned,
    /// Paid, and the browser never returns.
    PaidNoReturn,
    /// The outcome comes late: the browser returns to wait, the receipt follows.
    Late,
}

impl Outcome {
    const CHOICES: [Self; 4] = [Self::Paid, Self::Refused, Self::PaidNoReturn, Self::Late];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
            Self::PaidNoReturn => "paid_no_return",
            Self::Late => "late",
        }
    }

    const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Paid => lang.say(
                "Riesce: ricevuta, poi ritorno al sito",
                "It succeeds: receipt, then back to the site",
            ),
            Self::Refused => lang.say("È rifiutato dalla banca", "The bank refuses it"),
            Self::Abandoned => lang.say("Rinuncio", "I give up"),
            Self::PaidNoReturn => lang.say(
                "Riesce, ma il browser non torna mai al sito",
                "It succeeds, but the browser never returns to the site",
            ),
            Self::Late => lang.say(
                "L’esito arriva tardi: ritorno in attesa, la ricevuta segue",
                "The outcome is late: back to wait, the receipt follows",
            ),
        }
    }
}

/// `GET /checkout/c/{cart}`
pub(crate) async fn show(State(hub): State<Arc<Hub>>, lang: Lang, Path(id): Path<String>) -> Response {
    match find(&hub, &id) {
        None => unknown(lang, &id),
        Some(cart) if cart.concluded => concluded(lang, &cart),
        Some(cart) => form(lang, &cart, None),
    }
}

/// `POST /checkout/c/{cart}`
pub(crate) async fn pay(
    State(hub): State<Arc<Hub>>,
    lang: Lang,
    Path(id): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(cart) = find(&hub, &id) else {
        return unknown(lang, &id);
    };
    if cart.concluded {
        return concluded(lang, &cart);
    }
    if choice.outcome == Outcome::Abandoned {
        return conclude(&hub, &cart, &cart.returns.cancel);
    }
    let email = choice.email.trim();
    if !is_email(email) {
        return form(lang, &cart, Some(email));
    }
    let activations = match activate(&hub, &cart, email, choice.way).await {
        Ok(activations) => activations,
        Err((notice_number, error)) => return refused(lang, &cart, &notice_number, &error),
    };
    if choice.outcome == Outcome::Refused {
        return conclude(&hub, &cart, &cart.returns.error);
    }
    let late = choice.outcome == Outcome::Late;
    let delay_ms = if late {
        choice
            .delay_seconds
            .trim()
            .parse()
            .map_or(10, |seconds: u64| seconds.min(600))
            * 1_000
    } else {
        hub.mischief().receipt_delay_ms
    };
    let deliveries: Vec<_> = activations
        .into_iter()
        .map(|activation| {
            hub.deliver(
                activation.confirm(),
                Edition::Second,
                Duration::from_millis(delay_ms),
            )
        })
        .collect();
    if delay_ms == 0 {
        for first_attempt in deliveries {
            // The sender lives as long as the delivery: an error would mean there is nothing to wait for.
            let _tried = first_attempt.await;
        }
    }
    let back = if late {
        &cart.returns.waiting
    } else {
        &cart.returns.ok
    };
    let answer = conclude(&hub, &cart, back);
    if choice.outcome == Outcome::PaidNoReturn {
        stranded(lang, &cart)
    } else {
        answer
    }
}

/// Holds every notice of the cart, or none.
async fn activate<'h>(
    hub: &'h Hub,
    cart: &Cart,
    email: &str,
    way: Way,
) -> Result<Vec<Activation<'h>>, (NoticeNumber, PayError)> {
    let mut activations = Vec::new();
    for line in &cart.lines {
        let order = Order {
            institution: line.institution.clone(),
            notice_number: line.notice_number.clone(),
            amount: Some(line.amount),
            payment_note: cart.reference.clone(),
            transfer_type: Some(if cart.all_postal {
                TransferType::Postal
            } else {
                TransferType::PagoPa
            }),
            email: Some(email.to_owned()),
            way,
            edition: Edition::Second,
            receipt_edition: Edition::Second,
        };
        activations.push(
            hub.activate(order)
                .await
                .map_err(|error| (line.notice_number.clone(), error))?,
        );
    }
    Ok(activations)
}

fn find(hub: &Hub, id: &str) -> Option<Cart> {
    hub.memory().carts.find(|cart| cart.id == id).cloned()
}

/// Marks the cart as used and sends the browser back.
fn conclude(hub: &Hub, cart: &Cart, back: &reqwest::Url) -> Response {
    if let Some(cart) = hub.memory().carts.find_mut(|other| other.id == cart.id) {
        cart.concluded = true;
    }
    Redirect::to(back.as_str()).into_response()
}

fn path(cart: &Cart) -> String {
    format!("/checkout/c/{}", cart.id)
}

/// Where the form may end up: the origins of the return addresses.
fn targets(cart: &Cart) -> Vec<String> {
    let returns = &cart.returns;
    let mut origins: Vec<String> = [&returns.ok, &returns.cancel, &returns.error, &returns.waiting]
        .map(|url| url.origin().ascii_serialization())
        .into();
    origins.dedup();
    origins
}

/// The form; with a wrong e-mail address, what is wrong with it.
fn form(lang: Lang, cart: &Cart, wrong_email: Option<&str>) -> Response {
    let email = wrong_email.or(cart.email.as_deref()).unwrap_or_default();
    let title = lang.say("Paga con Checkout di prova", "Pay with the trial Checkout");
    let error = lang.say(
        "Scrivi un indirizzo e-mail, come nome@esempio.it",
        "Write an e-mail address, like name@example.com",
    );
    let action = lang.link(&path(cart));
    let main = html! {
        @if wrong_email.is_some() {
            div.refusal role="alert" { h2 { (lang.say("C’è un errore", "There is a problem")) } p { a href="#email" { (error) } } }
        }
        h1 { (title) }
        (lines(lang, cart))
        form method="post" action=(action) novalidate {
            div.field {
                label for="email" { (lang.say("E-mail per la conferma", "E-mail for the confirmation")) }
                @if wrong_email.is_some() { span.error #email-error { (error) } }
                input #email type="email" name="email" autocomplete="email" required value=(email)
                    aria-invalid=[wrong_email.map(|_| "true")] aria-describedby=[wrong_email.map(|_| "email-error")];
            }
            fieldset {
                legend { (lang.say("Come paghi", "How you pay")) }
                @for (way, label) in [
                    (Way::Card, lang.say("Carta di prova", "Trial card")),
                    (Way::Account, lang.say("Conto di prova", "Trial account")),
                ] {
                    @let value = if way == Way::Card { "card" } else { "account" };
                    div.choice {
                        input type="radio" id={ "way-" (value) } name="way" value=(value) checked[way == Way::Card];
                        label for={ "way-" (value) } { (label) " (" (lang.say("commissione", "fee")) " " (euros(lang, way.fee())) ")" }
                    }
                }
            }
            fieldset {
                legend { (lang.say("Come deve finire", "How it shall end")) }
                @for outcome in Outcome::CHOICES {
                    div.choice {
                        input type="radio" id=(outcome.as_str()) name="outcome" value=(outcome.as_str()) checked[outcome == Outcome::Paid];
                        label for=(outcome.as_str()) { (outcome.label(lang)) }
                    }
                }
                div.field {
                    label for="delay" { (lang.say("Secondi di ritardo della ricevuta, se l’esito arriva tardi", "Seconds until the receipt, if the outcome is late")) }
                    input #delay type="number" name="delay_seconds" min="0" max="600" value="10" inputmode="numeric";
                }
            }
            button type="submit" { (lang.say("Paga per prova", "Pay as a trial")) " " (euros(lang, cart.total())) }
        }
        form method="post" action=(action) {
            input type="hidden" name="outcome" value="abandoned";
            p { button.second type="submit" { (lang.say("Rinuncia e torna al sito", "Give up and go back to the site")) } }
        }
    };
    let status = if wrong_email.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Page::new(lang, title, &path(cart))
        .status(status)
        .form_targets(&targets(cart))
        .show(&main)
}

/// What is in the cart.
fn lines(lang: Lang, cart: &Cart) -> Markup {
    html! {
        @for line in &cart.lines {
            dl {
                dt { (lang.say("Ente", "Institution")) } dd { (line.company_name) }
                dt { (lang.say("Oggetto", "For")) } dd { (line.description) }
                dt { (lang.say("Codice avviso", "Notice code")) } dd { (line.notice_number.grouped()) }
                dt { (lang.say("Importo", "Amount")) } dd { (euros(lang, line.amount)) }
            }
        }
        p.total { (lang.say("Totale", "Total")) ": " (euros(lang, cart.total())) }
    }
}

fn refused(lang: Lang, cart: &Cart, notice_number: &NoticeNumber, error: &PayError) -> Response {
    let title = lang.say("Il nodo non può procedere", "The hub cannot go on");
    let main = html! {
        h1 { (title) }
        p { (lang.say("Avviso", "Notice")) " " (notice_number.grouped()) ": " (lang.say("non è stato pagato nulla.", "nothing was paid.")) }
        (refusal(lang, error.hub_code(), &error.reasons()))
        p { a href=(cart.returns.error) { (lang.say("Torna al sito dell’ente", "Back to the institution’s site")) } }
        p { a href=(lang.link(&path(cart))) { (lang.say("Riprova", "Try again")) } }
    };
    Page::new(lang, title, &path(cart))
        .status(StatusCode::UNPROCESSABLE_ENTITY)
        .show(&main)
}

fn concluded(lang: Lang, cart: &Cart) -> Response {
    let title = lang.say("Carrello già concluso", "This cart is concluded");
    let text = lang.say(
        "È stato pagato, rifiutato o abbandonato. Per riprovare, ricomincia dal sito dell’ente.",
        "It was paid, refused or given up. To try again, start from the institution’s site.",
    );
    Page::new(lang, title, &path(cart)).show(&html! { h1 { (title) } p { (text) } })
}

fn stranded(lang: Lang, cart: &Cart) -> Response {
    let title = lang.say(
        "Pagato, e il browser resta qui",
        "Paid, and the browser stays here",
    );
    let text = lang.say(
        "Chiudi questa pagina, come chi spegne il telefono prima di tornare al sito: la ricevuta arriva lo stesso.",
        "Close this page, as somebody whose phone dies before the site is back: the receipt comes all the same.",
    );
    Page::new(lang, title, &path(cart)).show(&html! { h1 { (title) } p { (text) } })
}

fn unknown(lang: Lang, id: &str) -> Response {
    let title = lang.say("Carrello non trovato", "No such cart");
    let text = lang.say(
        "I carrelli di prova si perdono quando il programma si riavvia.",
        "Trial carts are lost when the program starts again.",
    );
    let path = format!("/checkout/c/{id}");
    let path = if id.bytes().all(|b| b.is_ascii_hexdigit()) {
        path.as_str()
    } else {
        "/"
    };
    Page::new(lang, title, path)
        .status(StatusCode::NOT_FOUND)
        .show(&html! { h1 { (title) } p { (text) } })
}
