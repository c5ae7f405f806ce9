//! What else the hub and the providers ask of a station: the probe, the options of a debtor, a notice made on demand.

use super::{Lang, Page, euros, refusal};
use crate::clock::italian_time;
use crate::demand::Demand;
use crate::hub::Hub;
use crate::payment_options::Judged;
use crate::station::Failure;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{CreditorFiscalCode, NoticeNumber};
use maud::{Markup, html};
use pagopa::pa_for_node::demand_payment_notice::Demanded;
use serde::Deserialize;
use std::sync::Arc;

const PATH: &str = "/station";

/// What stands in the form of a demand when the page opens: a canone unico of the demo city.
const SAMPLE_SERVICE: (&str, &str) = ("00047", "GE001");
/// Its data, as in its schema.
const SAMPLE_DATA: &str = "<pagamentoCup xmlns=\"http://PuntoAccessoPSP.spcoop.gov.it/Cup\">\n\
    <catastaleCode>D969</catastaleCode>\n<companyName>Comune</companyName>\n\
    <debtorFiscalCode>RSSMRA85T10A562S</debtorFiscalCode>\n<debtorFullName>Mario Rossi</debtorFullName>\n\
    <amount>50.00</amount>\n</pagamentoCup>";

/// What one of the forms sends. What another form has stays as when the page opens.
#[derive(Default, Deserialize)]
pub(crate) struct Typed {
    institution: Option<String>,
    code: Option<String>,
    service: Option<String>,
    subject: Option<String>,
    data: Option<String>,
}

impl Typed {
    fn institution(&self) -> Option<CreditorFiscalCode> {
        CreditorFiscalCode::parse(self.institution.as_deref()?.trim()).ok()
    }

    fn code(&self) -> Option<NoticeNumber> {
        let digits: String = self.code.as_deref()?.split_whitespace().collect();
        NoticeNumber::parse(&digits).ok()
    }
}

/// `GET /station`
pub(crate) async fn show(State(hub): State<Arc<Hub>>, lang: Lang) -> Response {
    page(&hub, lang, StatusCode::OK, &Typed::default(), &html! {})
}

/// `POST /station/probe`
pub(crate) async fn probe(State(hub): State<Arc<Hub>>, lang: Lang, Form(typed): Form<Typed>) -> Response {
    let Some(institution) = typed.institution() else {
        return wrong_code(&hub, lang, &typed);
    };
    hub.probe(&institution).await;
    page(&hub, lang, StatusCode::OK, &typed, &html! {})
}

/// `POST /station/options`
pub(crate) async fn options(State(hub): State<Arc<Hub>>, lang: Lang, Form(typed): Form<Typed>) -> Response {
    let (Some(institution), Some(number)) = (typed.institution(), typed.code()) else {
        return wrong_code(&hub, lang, &typed);
    };
    let judged = hub.payment_options(&institution, &number).await;
    page(&hub, lang, StatusCode::OK, &typed, &options_result(lang, &judged))
}

/// `POST /station/demand`
pub(crate) async fn demand(State(hub): State<Arc<Hub>>, lang: Lang, Form(typed): Form<Typed>) -> Response {
    let Some(institution) = typed.institution() else {
        return wrong_code(&hub, lang, &typed);
    };
    let trimmed = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
    let demand = Demand {
        institution,
        service: trimmed(&typed.service),
        subject: trimmed(&typed.subject),
        data: trimmed(&typed.data),
    };
    let mistakes = demand.mistakes();
    if !mistakes.is_empty() {
        let refusal = refusal(lang, "PPT_SINTASSI_EXTRAXSD", &mistakes);
        return page(&hub, lang, StatusCode::UNPROCESSABLE_ENTITY, &typed, &refusal);
    }
    let result = hub.demand(&demand).await;
    page(&hub, lang, StatusCode::OK, &typed, &demand_result(lang, &result))
}

fn wrong_code(hub: &Hub, lang: Lang, typed: &Typed) -> Response {
    let refusal = html! { div.refusal role="alert" { p { (lang.say(
        "Scrivi le 11 cifre del codice fiscale dell’ente e, dove serve, le 18 del codice avviso.",
        "Write the 11 digits of the institution’s fiscal code and, where needed, the 18 of the notice code.",
    )) } } };
    page(hub, lang, StatusCode::UNPROCESSABLE_ENTITY, typed, &refusal)
}

fn options_result(lang: Lang, judged: &Judged) -> Markup {
    html! {
        div.note role="status" {
            h2 { (lang.say("Risposta sulle opzioni di pagamento", "Answer about the payment options")) }
            p { (lang.say("Stato HTTP", "HTTP status")) ": " (judged.status) }
            @if judged.reasons.is_empty() { p { (lang.say("Un prestatore la userebbe.", "A provider would use it.")) } }
            ul { @for reason in &judged.reasons { li lang="en" { (reason) } } }
            @if let Some(answer) = &judged.answer { pre { code { (format!("{answer:#}")) } } }
        }
    }
}

fn demand_result(lang: Lang, result: &Result<Demanded, Failure>) -> Markup {
    match result {
        Ok(made) => html! {
            div.note role="status" {
                h2 { (lang.say("Avviso emesso", "Notice issued")) }
                dl {
                    dt { (lang.say("Codice avviso", "Notice code")) } dd { (made.notice_number.grouped()) }
                    dt { (lang.say("Ente", "Institution")) } dd { (made.due.company_name) " (" (made.due.institution) ")" }
                    dt { (lang.say("Oggetto", "For")) } dd { (made.due.description) }
                    dt { (lang.say("Importo", "Amount")) } dd { (euros(lang, made.due.amount)) }
                }
                p { a href=(lang.link("/psp")) { (lang.say("Pagalo allo sportello", "Pay it at the counter")) } }
            }
        },
        Err(failure) => refusal(lang, failure.hub_code(), &failure.reasons()),
    }
}

fn page(hub: &Hub, lang: Lang, status: StatusCode, typed: &Typed, result: &Markup) -> Response {
    let title = lang.say("Prove sulla stazione", "Trials of the station");
    let (stand_in, probe) = {
        let memory = hub.memory();
        (memory.stand_in.clone(), memory.last_probe.clone())
    };
    let text = |id: &str, name: &str, label: &str, value: &str| {
        html! { div.field {
            label for=(id) { (label) }
            input type="text" id=(id) name=(name) value=(value) autocomplete="off" required;
        } }
    };
    let institution = |id: &str| {
        let label = lang.say("Codice fiscale dell’ente", "Institution’s fiscal code");
        let value = typed.institution.as_deref().unwrap_or(hub.usual_institution());
        text(id, "institution", label, value)
    };
    let (service, subject) = SAMPLE_SERVICE;
    let main = html! {
        h1 { (title) }
        (result)
        h2 { (lang.say("Stand-in e sonda", "Stand-in and probe")) }
        @match &stand_in {
            Some(stand_in) => p.note {
                (lang.say("Il nodo risponde al posto della stazione dal", "The hub has answered in the station’s place since"))
                " " (italian_time(stand_in.since).format("%Y-%m-%d %H:%M:%S")) ": " code { (stand_in.reason) }
            }
            None => p { (lang.say("Il nodo interroga la stazione.", "The hub asks the station.")) }
        }
        @if let Some(probe) = &probe {
            p {
                (lang.say("Ultima sonda", "Last probe")) ": " code { (probe.answer) } " – "
                @if probe.is_good { (lang.say("giusta", "right")) } @else { strong.error { (lang.say("sbagliata", "wrong")) } }
            }
            ul { @for reason in &probe.reasons { li lang="en" { (reason) } } }
        }
        form method="post" action=(lang.link("/station/probe")) {
            (institution("probe-institution"))
            button.second type="submit" { (lang.say("Sonda con diciotto zeri", "Probe with eighteen zeros")) }
        }
        h2 { (lang.say("Opzioni di pagamento", "Payment options")) }
        p { code { (hub.options_base) } }
        form method="post" action=(lang.link("/station/options")) {
            (institution("options-institution"))
            (text("options-code", "code", lang.say("Codice avviso", "Notice code"), typed.code.as_deref().unwrap_or_default()))
            button.second type="submit" { (lang.say("Chiedi le opzioni", "Ask for the options")) }
        }
        h2 { (lang.say("Avviso su richiesta (paDemandPaymentNotice)", "Notice on demand (paDemandPaymentNotice)")) }
        form method="post" action=(lang.link("/station/demand")) {
            (institution("demand-institution"))
            (text("service", "service", lang.say("Servizio (5 caratteri)", "Service (5 characters)"), typed.service.as_deref().unwrap_or(service)))
            (text("subject", "subject", lang.say("Soggetto del servizio (5 caratteri)", "Service’s subject (5 characters)"), typed.subject.as_deref().unwrap_or(subject)))
            div.field {
                label for="data" { (lang.say("Dati del servizio, in XML", "Service data, as XML")) }
                textarea #data name="data" rows="8" spellcheck="false" { (typed.data.as_deref().unwrap_or(SAMPLE_DATA)) }
            }
            button.second type="submit" { (lang.say("Chiedi un avviso", "Ask for a notice")) }
        }
    };
    Page::new(lang, title, PATH).status(status).show(&main)
}
