//! The start: what can be tried, receipts, what was said, and faults to switch on.

use super::{Lang, Page, euros, mischief, psp};
use crate::hub::Hub;
use crate::journal::Exchange;
use crate::mischief::Mischief;
use crate::receipts::SentReceipt;
use axum::extract::{OriginalUri, Path, State};
use axum::response::Response;
use maud::{Markup, html};
use std::sync::Arc;

/// How many receipts and exchanges are shown.
const SHOWN: usize = 30;

/// `GET /`
pub(crate) async fn show(State(hub): State<Arc<Hub>>, lang: Lang) -> Response {
    let (mischief, is_standing_in, receipts, exchanges) = {
        let memory = hub.memory();
        let receipts: Vec<SentReceipt> = memory.receipts.iter().take(SHOWN).cloned().collect();
        let exchanges: Vec<Exchange> = memory.journal.iter().take(SHOWN).cloned().collect();
        (memory.mischief, memory.stand_in.is_some(), receipts, exchanges)
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
        @if mischief != Mischief::default() {
            p.note { a href="#faults" { (lang.say("Qualcosa è acceso: il nodo non si comporta bene.", "Something is switched on: the hub misbehaves.")) } }
        }
        @if is_standing_in {
            p.note { a href=(lang.link("/station")) { (lang.say("Il nodo risponde al posto della stazione.", "The hub answers in the station’s place.")) } }
        }
        h2 { (lang.say("Che cosa si può provare", "What can be tried")) }
        ul {
            li { a href=(hub.portal()) { (lang.say("Il sito dell’ente", "The institution’s site")) } ": " (lang.say("cerca un avviso e paga; arrivi al Checkout di prova.", "look up a notice and pay; you reach the trial Checkout.")) }
            li { a href=(lang.link("/psp")) { (lang.say("Lo sportello", "The counter")) } ": " (lang.say("paga un avviso presso un prestatore, in posta o con un’app.", "pay a notice at a provider, at the post office or with an app.")) }
            li { a href=(lang.link("/flows")) { (lang.say("Giorni e flussi", "Days and flows")) } ": " (lang.say("fai passare un giorno e pubblica i flussi di rendicontazione.", "let a day pass and publish the flow reports.")) }
            li { a href=(lang.link("/station")) { (lang.say("Prove sulla stazione", "Trials of the station")) } ": " (lang.say("sonda, opzioni di pagamento, avvisi su richiesta.", "probe, payment options, notices on demand.")) }
            li { a href=(lang.link("/program")) { (lang.say("Il programma dell’ufficio", "The office’s program")) } ": " (lang.say("dice quanto è dovuto oggi, riceve gli esiti.", "says what is due today, receives outcomes.")) }
        }
        h2 { (lang.say("Ricevute", "Receipts")) }
        @if receipts.is_empty() { p { (lang.say("Nessuna finora.", "None so far.")) } }
        ul.exchanges { @for sent in &receipts { li {
            (sent.receipt.notice_number.grouped()) ", " (euros(lang, sent.receipt.amount)) ": " (psp::delivery(lang, sent))
        } } }
        h2 { (lang.say("Ultimi scambi", "Last exchanges")) }
        @if exchanges.is_empty() { p { (lang.say("Nessuno finora.", "None so far.")) } }
        ul.exchanges { @for exchange in &exchanges { li { (line(lang, exchange)) } } }
        (mischief::form(lang, mischief))
        h2 { (lang.say("Limiti di chiamate", "Call limits")) }
        @if hub.config.has_limits { (limits(lang, &hub)) } @else { p { (lang.say("Spenti.", "Off.")) } }
    };
    Page::new(lang, title, "/").show(&main)
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

/// The calls counted, service by service.
fn limits(lang: Lang, hub: &Hub) -> Markup {
    let counters = hub.limits.view();
    html! {
        @if counters.is_empty() { p { (lang.say("Nessuna chiamata finora.", "No calls so far.")) } }
        @else {
            table {
                thead { tr {
                    th scope="col" { (lang.say("Servizio", "Service")) }
                    th scope="col" { (lang.say("Limite", "Limit")) }
                    th scope="col" { (lang.say("Accolte", "Taken")) }
                    th scope="col" { (lang.say("Rifiutate", "Refused")) }
                } }
                tbody { @for counter in &counters { tr {
                    td { (counter.product.as_str()) @if counter.is_read { " (GET)" } }
                    td { (counter.limit) " / " (counter.seconds) " s" }
                    td { (counter.taken) }
                    td { (counter.refused) }
                } } }
            }
        }
    }
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
