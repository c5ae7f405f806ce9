//! A payment provider: pay a notice at a counter, with a postal slip, or in an app.

use super::{Lang, Page, euros, refusal};
use crate::hub::Hub;
use crate::payment::{Order, PayError, Way};
use crate::receipts::{Delivery, SentReceipt};
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::qr_code::QrPayload;
use domain::{CreditorFiscalCode, NoticeNumber, ReceiptId};
use maud::{Markup, html};
use pagopa::pa_for_node::Edition;
use pagopa::pa_for_node::get_payment::TransferType;
use pagopa::pa_for_node::verify_payment_notice::Due;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

const PATH: &str = "/psp";

/// What somebody typed or scanned.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    institution: String,
    #[serde(default)]
    channel: Channel,
    #[serde(default)]
    edition: Editions,
}

/// The editions of the question and of the receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Editions {
    #[default]
    Second,
    First,
    FirstThenSecond,
}

impl Editions {
    const ALL: [Self; 3] = [Self::Second, Self::First, Self::FirstThenSecond];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::First => "first",
            Self::FirstThenSecond => "first_then_second",
        }
    }

    const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Second => "paGetPaymentV2, paSendRTV2",
            Self::First => "paGetPayment, paSendRT",
            Self::FirstThenSecond => {
                lang.say("paGetPayment, poi paSendRTV2", "paGetPayment, then paSendRTV2")
            }
        }
    }

    const fn of_question(self) -> Edition {
        match self {
            Self::Second => Edition::Second,
            Self::First | Self::FirstThenSecond => Edition::First,
        }
    }

    const fn of_receipt(self) -> Edition {
        match self {
            Self::Second | Self::FirstThenSecond => Edition::Second,
            Self::First => Edition::First,
        }
    }
}

/// Where the payer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Channel {
    #[default]
    Counter,
    PostalSlip,
    App,
}

impl Channel {
    const ALL: [Self; 3] = [Self::Counter, Self::PostalSlip, Self::App];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::PostalSlip => "postal_slip",
            Self::App => "app",
        }
    }

    const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Counter => lang.say("Sportello, in contanti", "Counter, in cash"),
            Self::PostalSlip => lang.say(
                "Ufficio postale, con bollettino (POSTAL)",
                "Post office, with a slip (POSTAL)",
            ),
            Self::App => lang.say("App della banca (PAGOPA)", "Bank’s app (PAGOPA)"),
        }
    }

    const fn way(self) -> Way {
        match self {
            Self::Counter | Self::PostalSlip => Way::Counter,
            Self::App => Way::Account,
        }
    }

    const fn transfer_type(self) -> Option<TransferType> {
        match self {
            Self::Counter => None,
            Self::PostalSlip => Some(TransferType::Postal),
            Self::App => Some(TransferType::PagoPa),
        }
    }
}

/// What cannot be read of what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unreadable {
    Code,
    Institution,
}

impl Typed {
    /// The institution and the notice: from the text of a QR code, or from a code and a fiscal code.
    fn read(&self) -> Result<(CreditorFiscalCode, NoticeNumber), Unreadable> {
        if let Ok(payload) = QrPayload::parse(self.code.trim()) {
            return Ok((payload.institution().clone(), payload.notice_number().clone()));
        }
        let digits: String = self
            .code
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.'))
            .collect();
        let number = NoticeNumber::parse(&digits).map_err(|_| Unreadable::Code)?;
        let institution =
            CreditorFiscalCode::parse(self.institution.trim()).map_err(|_| Unreadable::Institution)?;
        Ok((institution, number))
    }
}

/// `GET /psp`
pub(crate) async fn show(State(hub): State<Arc<Hub>>, lang: Lang) -> Response {
    let typed = Typed {
        institution: hub.usual_institution().to_owned(),
        ..Typed::default()
    };
    form(lang, &typed, None)
}

/// `POST /psp/verify`
pub(crate) async fn verify(State(hub): State<Arc<Hub>>, lang: Lang, Form(typed): Form<Typed>) -> Response {
    let (institution, number) = match typed.read() {
        Ok(read) => read,
        Err(unreadable) => return form(lang, &typed, Some(unreadable)),
    };
    match hub.verify(&institution, &number).await {
        Ok(due) => due_page(lang, &due, &number, &typed),
        Err(failure) => refused(lang, &number, &PayError::Station(failure)),
    }
}

/// `POST /psp/pay`
pub(crate) async fn pay(State(hub): State<Arc<Hub>>, lang: Lang, Form(typed): Form<Typed>) -> Response {
    let (institution, notice_number) = match typed.read() {
        Ok(read) => read,
        Err(unreadable) => return form(lang, &typed, Some(unreadable)),
    };
    let order = Order {
        institution,
        notice_number: notice_number.clone(),
        amount: None,
        payment_note: None,
        transfer_type: typed.channel.transfer_type(),
        email: None,
        way: typed.channel.way(),
        edition: typed.edition.of_question(),
        receipt_edition: typed.edition.of_receipt(),
    };
    let receipt = match hub.activate(order).await {
        Ok(activation) => activation.confirm(),
        Err(error) => return refused(lang, &notice_number, &error),
    };
    let id = receipt.id.clone();
    let delay_ms = hub.mischief().receipt_delay_ms;
    let first_attempt = hub.deliver(
        receipt,
        typed.edition.of_receipt(),
        Duration::from_millis(delay_ms),
    );
    if delay_ms == 0 {
        // The sender lives as long as the delivery: an error would mean there is nothing to wait for.
        let _tried = first_attempt.await;
    }
    let sent = hub.memory().receipts.find(|sent| sent.receipt.id == id).cloned();
    paid(lang, &notice_number, &id, sent.as_ref())
}

fn form(lang: Lang, typed: &Typed, unreadable: Option<Unreadable>) -> Response {
    let title = lang.say("Paga un avviso allo sportello", "Pay a notice at the counter");
    let code_error = lang.say(
        "Scrivi le 18 cifre del codice avviso, o il testo del QR",
        "Write the notice code’s 18 digits, or the text of the QR",
    );
    let institution_error = lang.say(
        "Scrivi le 11 cifre del codice fiscale dell’ente",
        "Write the 11 digits of the institution’s fiscal code",
    );
    let wrong = |field| (unreadable == Some(field)).then_some("true");
    let main = html! {
        @if let Some(unreadable) = unreadable {
            div.refusal role="alert" {
                h2 { (lang.say("C’è un errore", "There is a problem")) }
                p { @match unreadable {
                    Unreadable::Code => { a href="#code" { (code_error) } }
                    Unreadable::Institution => { a href="#institution" { (institution_error) } }
                } }
            }
        }
        h1 { (title) }
        p { (lang.say("Un prestatore di servizi di pagamento di prova: verifica l’avviso con l’ente, poi lo paga.", "A trial payment provider: it verifies the notice with the institution, then pays it.")) }
        form method="post" action=(lang.link("/psp/verify")) novalidate {
            div.field {
                label for="code" { (lang.say("Codice avviso, o testo del QR", "Notice code, or text of the QR")) }
                @if unreadable == Some(Unreadable::Code) { span.error #code-error { (code_error) } }
                input #code type="text" name="code" inputmode="text" autocomplete="off" required value=(typed.code)
                    aria-invalid=[wrong(Unreadable::Code)] aria-describedby=[wrong(Unreadable::Code).map(|_| "code-error")];
            }
            div.field {
                label for="institution" { (lang.say("Codice fiscale dell’ente (non serve con il QR)", "Institution’s fiscal code (not needed with the QR)")) }
                @if unreadable == Some(Unreadable::Institution) { span.error #institution-error { (institution_error) } }
                input #institution type="text" name="institution" inputmode="numeric" autocomplete="off" value=(typed.institution)
                    aria-invalid=[wrong(Unreadable::Institution)] aria-describedby=[wrong(Unreadable::Institution).map(|_| "institution-error")];
            }
            fieldset {
                legend { (lang.say("Dove paghi", "Where you pay")) }
                @for channel in Channel::ALL {
                    div.choice {
                        input type="radio" id=(channel.as_str()) name="channel" value=(channel.as_str()) checked[channel == typed.channel];
                        label for=(channel.as_str()) { (channel.label(lang)) }
                    }
                }
            }
            div.field {
                label for="edition" { (lang.say("Messaggi verso la stazione", "Messages to the station")) }
                select #edition name="edition" { @for edition in Editions::ALL {
                    option value=(edition.as_str()) selected[edition == typed.edition] { (edition.label(lang)) }
                } }
            }
            button type="submit" { (lang.say("Verifica", "Verify")) }
        }
    };
    let status = if unreadable.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Page::new(lang, title, PATH).status(status).show(&main)
}

fn due_page(lang: Lang, due: &Due, number: &NoticeNumber, typed: &Typed) -> Response {
    let channel = typed.channel;
    let title = lang.say("L’avviso si può pagare", "The notice can be paid");
    let main = html! {
        h1 { (title) }
        dl {
            dt { (lang.say("Ente", "Institution")) } dd { (due.company_name) }
            @if let Some(office) = &due.office_name { dt { (lang.say("Ufficio", "Office")) } dd { (office) } }
            dt { (lang.say("Oggetto", "For")) } dd { (due.description) }
            dt { (lang.say("Codice avviso", "Notice code")) } dd { (number.grouped()) }
            @if let Some(due_on) = due.due_on { dt { (lang.say("Scadenza", "Due date")) } dd { (due_on) } }
            dt { (lang.say("Importo", "Amount")) } dd { (euros(lang, due.amount)) }
            dt { (lang.say("Commissione", "Fee")) } dd { (euros(lang, channel.way().fee())) }
        }
        form method="post" action=(lang.link("/psp/pay")) {
            input type="hidden" name="code" value=(number);
            input type="hidden" name="institution" value=(due.institution);
            input type="hidden" name="channel" value=(channel.as_str());
            input type="hidden" name="edition" value=(typed.edition.as_str());
            button type="submit" { (lang.say("Paga per prova", "Pay as a trial")) " " (euros(lang, due.amount)) }
        }
    };
    Page::new(lang, title, PATH).show(&main)
}

fn refused(lang: Lang, number: &NoticeNumber, error: &PayError) -> Response {
    let title = lang.say("Non si può pagare", "It cannot be paid");
    let main = html! {
        h1 { (title) }
        p { (lang.say("Avviso", "Notice")) " " (number.grouped()) "." }
        (refusal(lang, error.hub_code(), &error.reasons()))
        p { a href=(lang.link(PATH)) { (lang.say("Un altro avviso", "Another notice")) } }
    };
    Page::new(lang, title, PATH)
        .status(StatusCode::UNPROCESSABLE_ENTITY)
        .show(&main)
}

fn paid(lang: Lang, number: &NoticeNumber, id: &ReceiptId, sent: Option<&SentReceipt>) -> Response {
    let title = lang.say("Pagato per prova", "Paid as a trial");
    let main = html! {
        h1 { (title) }
        dl {
            dt { (lang.say("Codice avviso", "Notice code")) } dd { (number.grouped()) }
            dt { (lang.say("Ricevuta", "Receipt")) } dd { code { (id) } }
            @if let Some(sent) = sent {
                dt { (lang.say("Importo", "Amount")) } dd { (euros(lang, sent.receipt.amount)) }
                dt { (lang.say("Consegna all’ente", "Delivery to the institution")) } dd { (delivery(lang, sent)) }
            }
        }
        p { a href=(lang.link(PATH)) { (lang.say("Un altro avviso", "Another notice")) } }
        p { a href=(lang.link("/")) { (lang.say("Che cosa si sono detti", "What was said")) } }
    };
    Page::new(lang, title, PATH).show(&main)
}

/// Where a receipt's delivery stands, in words.
pub(super) fn delivery(lang: Lang, sent: &SentReceipt) -> Markup {
    let words = match sent.delivery {
        Delivery::Waiting => lang.say("in attesa di conferma", "waiting to be acknowledged"),
        Delivery::Delivered => lang.say("confermata", "acknowledged"),
        Delivery::Refused => lang.say("rifiutata dall’ente", "refused by the institution"),
        Delivery::GivenUp => lang.say("mai confermata", "never acknowledged"),
        Delivery::Lost => lang.say("mai spedita", "never sent"),
    };
    html! {
        (words) " (" (sent.attempts) " " (lang.say(if sent.attempts == 1 { "tentativo" } else { "tentativi" }, if sent.attempts == 1 { "attempt" } else { "attempts" })) ")"
        @for reason in &sent.reasons { br; span lang="en" { (reason) } }
    }
}
