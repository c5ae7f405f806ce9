//! Faults and delays, switched on by hand.

use super::{Lang, Page, flows};
use crate::hub::Hub;
use crate::mischief::{CartMischief, FlowMischief, GatewayMischief, Mischief, ReceiptMischief};
use crate::product::Product;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// Checkboxes are sent only when ticked.
#[derive(Deserialize)]
pub(crate) struct MischiefForm {
    cart: CartMischief,
    delay_ms: u64,
    receipt_delay_ms: u64,
    receipt_copies: u8,
    stand_in: Option<String>,
    pay_twice: Option<String>,
    lose_receipt: Option<String>,
    #[serde(default)]
    receipt: ReceiptMischief,
    #[serde(default)]
    flow: FlowMischief,
    #[serde(default)]
    gateway: GatewayMischief,
    /// Empty: every one.
    #[serde(default)]
    gateway_product: String,
}

/// `POST /mischief`
pub(crate) async fn set(State(hub): State<Arc<Hub>>, lang: Lang, Form(form): Form<MischiefForm>) -> Response {
    let MischiefForm {
        cart,
        delay_ms,
        receipt_delay_ms,
        receipt_copies,
        stand_in,
        pay_twice,
        lose_receipt,
        receipt,
        flow,
        gateway,
        gateway_product,
    } = form;
    let mischief = Mischief {
        cart,
        delay_ms,
        receipt_delay_ms,
        receipt_copies,
        stand_in: stand_in.is_some(),
        pay_twice: pay_twice.is_some(),
        lose_receipt: lose_receipt.is_some(),
        receipt,
        flow,
        gateway,
        gateway_product: Product::ALL
            .iter()
            .copied()
            .find(|product| product.as_str() == gateway_product),
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

/// The form that switches faults on.
pub(super) fn form(lang: Lang, mischief: Mischief) -> Markup {
    let number = |name: &str, label: &str, value: u64, max: u64, min: u64| {
        html! { div.field {
            label for=(name) { (label) }
            input type="number" id=(name) name=(name) min=(min) max=(max) value=(value) inputmode="numeric";
        } }
    };
    let tick = |name: &str, label: &str, on: bool| {
        html! { div.choice { input type="checkbox" id=(name) name=(name) checked[on]; label for=(name) { (label) } } }
    };
    let choice = |name: &str, label: &str, options: Vec<(&str, &str, bool)>| {
        html! { div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) { @for (value, words, selected) in options {
                option value=(value) selected[selected] { (words) }
            } }
        } }
    };
    let every = (
        "",
        lang.say("Tutti", "Every one"),
        mischief.gateway_product.is_none(),
    );
    let known = Product::ALL.iter();
    let known = known.map(|&product| {
        (
            product.as_str(),
            product.as_str(),
            Some(product) == mischief.gateway_product,
        )
    });
    let products = std::iter::once(every).chain(known).collect();
    html! {
        // Folded while there is peace: it is long, and what was said matters more.
        details #faults open[mischief != Mischief::default()] {
            summary { h2 { (lang.say("Guasti e ritardi", "Faults and delays")) } }
            form method="post" action=(lang.link("/mischief")) {
                div.field {
                    label for="cart" { (lang.say("Apertura di un carrello", "Opening a cart")) }
                    select #cart name="cart" { @for &kind in CartMischief::ALL {
                        option value=(kind.as_str()) selected[kind == mischief.cart] { (cart_label(lang, kind)) }
                    } }
                }
                (number("delay_ms", lang.say("Ritardo dei carrelli, in millisecondi (fino a 60000)", "Delay of carts, in milliseconds (up to 60000)"), mischief.delay_ms, 60_000, 0))
                (number("receipt_delay_ms", lang.say("Ritardo delle ricevute, in millisecondi (fino a 600000)", "Delay of receipts, in milliseconds (up to 600000)"), mischief.receipt_delay_ms, 600_000, 0))
                (number("receipt_copies", lang.say("Copie di ogni ricevuta (da 1 a 5)", "Copies of each receipt (1 to 5)"), u64::from(mischief.receipt_copies), 5, 1))
                (choice("receipt", lang.say("Messaggio di ogni ricevuta", "Message of each receipt"), ReceiptMischief::ALL.iter().map(|&kind| (kind.as_str(), receipt_label(lang, kind), kind == mischief.receipt)).collect()))
                (choice("flow", lang.say("Flussi di rendicontazione", "Flow reports"), FlowMischief::ALL.iter().map(|&kind| (kind.as_str(), flows::label(lang, kind), kind == mischief.flow)).collect()))
                (choice("gateway", lang.say("Porta dei servizi REST", "Gateway of the REST services"), GatewayMischief::ALL.iter().map(|&kind| (kind.as_str(), gateway_label(lang, kind), kind == mischief.gateway)).collect()))
                (choice("gateway_product", lang.say("Per quale servizio", "For which service"), products))
                (tick("lose_receipt", lang.say("Ricevute mai spedite", "Receipts never sent"), mischief.lose_receipt))
                (tick("stand_in", lang.say("Ricevute in stand-in", "Stand-in receipts"), mischief.stand_in))
                (tick("pay_twice", lang.say("Un avviso già pagato si può pagare ancora", "A paid notice can be paid again"), mischief.pay_twice))
                p { button.second type="submit" { (lang.say("Applica", "Apply")) } }
            }
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

const fn receipt_label(lang: Lang, kind: ReceiptMischief) -> &'static str {
    match kind {
        ReceiptMischief::None => lang.say("Regolare", "As it should"),
        ReceiptMischief::OtherAmount => lang.say("Un centesimo in più", "A cent more"),
        ReceiptMischief::OtherInstitution => lang.say("Per un altro ente", "For another institution"),
        ReceiptMischief::UnknownNotice => lang.say("Di un avviso mai emesso", "Of a notice never issued"),
        ReceiptMischief::NoHeader => lang.say("Senza intestazione SOAP", "Without the SOAP header"),
        ReceiptMischief::CutXml => lang.say("XML tagliato a metà", "XML cut in its middle"),
        ReceiptMischief::SlowBytes => lang.say("Pochi byte alla volta", "A few bytes at a time"),
        ReceiptMischief::OutOfOrder => {
            lang.say("La seconda prima della prima", "The second before the first")
        }
    }
}

const fn gateway_label(lang: Lang, kind: GatewayMischief) -> &'static str {
    match kind {
        GatewayMischief::None => lang.say("Regolare", "As it should"),
        GatewayMischief::Unreachable => lang.say("Irraggiungibile", "Unreachable"),
        GatewayMischief::ServerError => lang.say("Errore (500)", "Error (500)"),
        GatewayMischief::Slow => lang.say("Lenta (venti secondi)", "Slow (twenty seconds)"),
        GatewayMischief::KeyRefused => lang.say("Chiave rifiutata (401)", "Key refused (401)"),
        GatewayMischief::TooManyRequests => lang.say("Troppe richieste (429)", "Too many requests (429)"),
    }
}
