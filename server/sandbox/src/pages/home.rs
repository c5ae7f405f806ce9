//! The start: what can be tried, faults to switch on, receipts, and what was said.

use super::{Lang, Page, euros, psp};
use crate::hub::Hub;
use crate::journal::Exchange;
use crate::mischief::{CartMischief, Mischief};
use crate::receipts::SentReceipt;
use axum::Form;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// How many receipts and exchanges are shown.
const SHOWN: usize = 30;

/// `GET /`
pub(crate) async fn show(State(hub): State<Arc<Hub>>, lang: Lang) -> Response {
    let (mischief, receipts, exchanges) = {
        let memory = hub.memory();
        let receipts: Vec<SentReceipt> = memory.receipts.iter().take(SHOWN).cloned().collect();
        let exchanges: Vec<Exchange> = memory.journal.iter().take(SHOWN).cloned().collect();
        (memory.mischief, receipts, exchanges)
    };
    let title = lang.say("Nodo di prova", "Sandbox hub");
    let main = html! {
        h1 { (title) }
        p { (lang.say(
            "Fa la parte del Nodo dei Pagamenti davanti a una stazione: apre carrelli, paga avvisi, consegna ricevute, e rifiuta ciò che il nodo vero rifiuterebbe.",
            "It plays the national payment hub in front of a station: it opens carts, pays notices, delivers receipts, and refuses what the real hub would refuse.",
        )) }
        dl {
            dt { (lang.say("Stazione", "Station")) } dd { code { (hub.config.station) } }
            dt { (lang.say("Intermediario", "Broker")) } dd { code { (hub.config.broker) } }
            dt { (lang.say("Indirizzo", "Address")) } dd { code { (hub.station) } }
        }
        h2 { (lang.say("Che cosa si può provare", "What can be tried")) }
        ul {
            li { a href=(hub.portal()) { (lang.say("Il sito dell’ente", "The institution’s site")) } ": " (lang.say("cerca un avviso e paga; arrivi al Checkout di prova.", "look up a notice and pay; you reach the trial Checkout.")) }
            li { a href=(lang.link("/psp")) { (lang.say("Lo sportello", "The counter")) } ": " (lang.say("paga un avviso presso un prestatore, in posta o con un’app.", "pay a notice at a provider, at the post office or with an app.")) }
        }
        (mischief_form(lang, mischief))
        h2 { (lang.say("Ricevute", "Receipts")) }
        @if receipts.is_empty() { p { (lang.say("Nessuna finora.", "None so far.")) } }
        ul.exchanges { @for sent in &receipts { li {
            (sent.receipt.notice_number.grouped()) ", " (euros(lang, sent.receipt.amount)) ": " (psp::delivery(lang, sent))
        } } }
        h2 { (lang.say("Ultimi scambi", "Last exchanges")) }
        @if exchanges.is_empty() { p { (lang.say("Nessuno finora.", "None so far.")) } }
        ul.exchanges { @for exchange in &exchanges { li { (line(lang, exchange)) } } }
    };
    Page::new(lang, title, "/").show(&main)
}

/// Checkboxes are sent only when ticked.
#[derive(Deserialize)]
pub(crate) struct MischiefForm {
    cart: CartMischief,
    delay_ms: u64,
    receipt_delay_ms: u64,
    receipt_copies: u8,
    stand_in: Option<String>,
    pay_twice: Option<String>,
}

/// `POST /mischief`
pub(crate) async fn set_mischief(
    State(hub): State<Arc<Hub>>,
    lang: Lang,
    Form(form): Form<MischiefForm>,
) -> Response {
    let MischiefForm {
        cart,
        delay_ms,
        receipt_delay_ms,
        receipt_copies,
        stand_in,
        pay_twice,
    } = form;
    let mischief = Mischief {
        cart,
        delay_ms,
        receipt_delay_ms,
        receipt_copies,
        stand_in: stand_in.is_some(),
        pay_twice: pay_twice.is_some(),
    };
    if !mischief.is_within_limits() {
        let title = lang.say("Numeri fuori dai limiti", "Numbers beyond their limits");
        let main = html! { h1 { (title) } p { a href=(lang.link("/")) { (lang.say("Torna e correggi", "Go back and mend")) } } };
        return Page::new(lang, title, "/")
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .show(&main);
    }
    hub.memory().mischief = mischief;
    Redirect::to(&lang.link("/")).into_response()
}

/// `GET /exchanges/{number}`
pub(crate) async fn exchange(
    State(hub): State<Arc<Hub>>,
    lang: Lang,
    Path(number): Path<u64>,
    address: OriginalUri,
) -> Response {
    let Some(exchange) = hub
        .memory()
        .journal
        .find(|exchange| exchange.number == number)
        .cloned()
    else {
        return super::not_found(lang, address).await;
    };
    let title = format!("{} {number}", lang.say("Scambio", "Exchange"));
    let main = html! {
        h1 { (title) }
        p { (line(lang, &exchange)) }
        h2 { (lang.say("Richiesta", "Request")) }
        pre { code { (exchange.request) } }
        h2 { (lang.say("Risposta", "Response")) }
        pre { code { (exchange.response) } }
    };
    Page::new(lang, &title, address.path()).show(&main)
}

fn line(lang: Lang, exchange: &Exchange) -> Markup {
    html! {
        a href=(lang.link(&format!("/exchanges/{}", exchange.number))) { (exchange.number) ". " (exchange.operation) }
        " " (exchange.about) " "
        @if exchange.is_ok() { (exchange.outcome) } @else { strong.error { (exchange.outcome) } }
        " (" (exchange.milliseconds) " ms)"
        @if !exchange.reasons.is_empty() { ul { @for reason in &exchange.reasons { li lang="en" { (reason) } } } }
    }
}

fn mischief_form(lang: Lang, mischief: Mischief) -> Markup {
    let number = |name: &str, label: &str, value: u64, max: u64, min: u64| {
        html! { div.field {
            label for=(name) { (label) }
            input type="number" id=(name) name=(name) min=(min) max=(max) value=(value) inputmode="numeric";
        } }
    };
    let tick = |name: &str, label: &str, on: bool| {
        html! { div.choice { input type="checkbox" id=(name) name=(name) checked[on]; label for=(name) { (label) } } }
    };
    html! {
        h2 { (lang.say("Guasti e ritardi", "Faults and delays")) }
        @if mischief != Mischief::default() {
            p.note { (lang.say("Qualcosa è acceso: il nodo non si comporta bene.", "Something is switched on: the hub misbehaves.")) }
        }
        form method="post" action=(lang.link("/mischief")) {
            div.field {
                label for="cart" { (lang.say("Apertura di un carrello", "Opening a cart")) }
                select #cart name="cart" { @for kind in CartMischief::ALL {
                    option value=(kind.as_str()) selected[kind == mischief.cart] { (cart_label(lang, kind)) }
                } }
            }
            (number("delay_ms", lang.say("Ritardo dei carrelli, in millisecondi (fino a 60000)", "Delay of carts, in milliseconds (up to 60000)"), mischief.delay_ms, 60_000, 0))
            (number("receipt_delay_ms", lang.say("Ritardo delle ricevute, in millisecondi (fino a 600000)", "Delay of receipts, in milliseconds (up to 600000)"), mischief.receipt_delay_ms, 600_000, 0))
            (number("receipt_copies", lang.say("Copie di ogni ricevuta (da 1 a 5)", "Copies of each receipt (1 to 5)"), u64::from(mischief.receipt_copies), 5, 1))
            (tick("stand_in", lang.say("Ricevute in stand-in", "Stand-in receipts"), mischief.stand_in))
            (tick("pay_twice", lang.say("Un avviso già pagato si può pagare ancora", "A paid notice can be paid again"), mischief.pay_twice))
            p { button.second type="submit" { (lang.say("Applica", "Apply")) } }
        }
    }
}

const fn cart_label(lang: Lang, kind: CartMischief) -> &'static str {
    match kind {
        CartMischief::None => lang.say("Regolare", "As it should"),
        CartMischief::Refused => lang.say("Rifiutato (422)", "Refused (422)"),
        CartMischief::Unauthorised => lang.say("Chiave non accettata (401)", "Key not accepted (401)"),
        CartMischief::TooManyRequests => lang.say("Troppe richieste (429)", "Too many requests (429)"),
        CartMischief::ServerError => lang.say("Errore del nodo (500)", "Error of the hub (500)"),
        CartMischief::Unavailable => lang.say("Nodo fermo (503)", "Hub down (503)"),
        CartMischief::Silent => lang.say("Nessuna risposta per un minuto", "No answer for a minute"),
        CartMischief::NoLocation => lang.say("Rinvio senza indirizzo", "Redirect without an address"),
        CartMischief::ForeignLocation => lang.say("Rinvio a un altro sito", "Redirect to another site"),
        CartMischief::Rubbish => lang.say("Risposta senza senso", "An answer that makes no sense"),
    }
}
