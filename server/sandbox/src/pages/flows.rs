//! The calendar and the flows.

use super::{Lang, Page, euros};
use crate::flows::Flow;
use crate::hub::Hub;
use crate::mischief::FlowMischief;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

const PATH: &str = "/flows";
/// How many flows are shown.
const SHOWN: usize = 50;

/// `GET /flows`
pub(crate) async fn show(State(hub): State<Arc<Hub>>, lang: Lang) -> Response {
    let today = hub.now().with_timezone(&chrono_tz::Europe::Rome).date_naive();
    let (flows, waiting, fault) = {
        let memory = hub.memory();
        let flows: Vec<Flow> = memory.flows.iter().take(SHOWN).cloned().collect();
        let waiting = memory.receipts.iter().filter(|sent| !sent.reported).count();
        (flows, waiting, memory.mischief.flow)
    };
    let title = lang.say("Giorni e flussi", "Days and flows");
    let main = html! {
        h1 { (title) }
        p { (lang.say(
            "Quando un giorno finisce, i pagamenti di quel giorno finiscono in un flusso per prestatore, ente e conto.",
            "When a day ends, its payments are told in a flow for each provider, institution and account.",
        )) }
        dl {
            dt { (lang.say("Oggi, qui", "Today, here")) } dd { (today) }
            dt { (lang.say("Pagamenti non ancora in un flusso", "Payments not in a flow yet")) } dd { (waiting) }
        }
        form method="post" action=(lang.link("/flows/advance")) {
            div.field {
                label for="flow" { (lang.say("Come raccontarli", "How to tell them")) }
                select #flow name="flow" { @for &kind in FlowMischief::ALL {
                    option value=(kind.as_str()) selected[kind == fault] { (label(lang, kind)) }
                } }
            }
            button type="submit" { (lang.say("Passa a domani", "Move to tomorrow")) }
        }
        h2 { (lang.say("Flussi", "Flows")) }
        @if flows.is_empty() { p { (lang.say("Nessuno finora.", "None so far.")) } }
        ul.exchanges { @for flow in &flows { li { (line(lang, flow)) } } }
    };
    Page::new(lang, title, PATH).show(&main)
}

fn line(lang: Lang, flow: &Flow) -> Markup {
    html! {
        a href=(format!("/api/flows/{}.xml", flow.id)) { (flow.id) } ", "
        (lang.say("revisione", "revision")) " " (flow.revision) ", " (flow.institution) ": "
        (flow.lines.len()) " " (if flow.lines.len() == 1 { lang.say("riga", "line") } else { lang.say("righe", "lines") }) ", " (euros(lang, flow.total))
        @if flow.total != flow.computed_total() {
            " (" (lang.say("le righe fanno", "the lines sum to")) " " (euros(lang, flow.computed_total())) ")"
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct AdvanceForm {
    flow: FlowMischief,
}

/// `POST /flows/advance`
pub(crate) async fn advance(
    State(hub): State<Arc<Hub>>,
    lang: Lang,
    Form(form): Form<AdvanceForm>,
) -> Response {
    hub.advance(1, form.flow);
    Redirect::to(&lang.link(PATH)).into_response()
}

/// A kind of flow, in words.
pub(super) const fn label(lang: Lang, kind: FlowMischief) -> &'static str {
    match kind {
        FlowMischief::None => lang.say("Come sono", "As they are"),
        FlowMischief::MissingLine => lang.say("Senza la prima riga", "Without the first line"),
        FlowMischief::Code9 => lang.say("Prima riga con codice 9", "First line with code 9"),
        FlowMischief::Code8 => lang.say("Prima riga con codice 8", "First line with code 8"),
        FlowMischief::Code4 => lang.say(
            "Prima riga con codice 4 (stand-in)",
            "First line with code 4 (stand-in)",
        ),
        FlowMischief::Code3 => lang.say(
            "Prima riga con codice 3 (revocata)",
            "First line with code 3 (revoked)",
        ),
        FlowMischief::WrongTotal => lang.say("Totale sbagliato di un centesimo", "Total wrong by a cent"),
        FlowMischief::OtherAmount => {
            lang.say("Prima riga con un centesimo in meno", "First line a cent less")
        }
        FlowMischief::UnknownLine => lang.say("Una riga che nessuno conosce", "A line nobody knows"),
        FlowMischief::TwoRevisions => lang.say(
            "Due revisioni, la prima incompleta",
            "Two revisions, the first incomplete",
        ),
    }
}
