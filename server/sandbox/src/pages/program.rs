//! The office's program: how it answers, what it was asked, what it was told.

use super::{Lang, Page, euros};
use crate::hub::Hub;
use crate::program::{Asked, Manners, PROGRAM_KEY, Told};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

const PATH: &str = "/program";
/// How many questions and outcomes are shown of each.
const SHOWN: usize = 30;

/// `GET /program`
pub(crate) async fn show(State(hub): State<Arc<Hub>>, lang: Lang) -> Response {
    let (manners, asked, told) = {
        let memory = hub.memory();
        let asked: Vec<Asked> = memory.asked.iter().take(SHOWN).cloned().collect();
        let told: Vec<Told> = memory.told.iter().take(SHOWN).cloned().collect();
        (memory.manners, asked, told)
    };
    let title = lang.say("Il programma dell’ufficio", "The office’s program");
    let main = html! {
        h1 { (title) }
        p { (lang.say(
            "Fa la parte del gestionale di un ufficio: dice quanto è dovuto oggi (gli euro interi dell’importo noto, e tre centesimi di interessi per ogni giorno del mese) e riceve gli esiti.",
            "It plays an office’s management program: it says what is due today (the whole euros of the amount known, and three cents of interest for each day of the month) and receives outcomes.",
        )) }
        dl {
            dt { (lang.say("Importo di oggi", "Today’s amount")) } dd { code { "POST /program/amount" } }
            dt { (lang.say("Esiti", "Outcomes")) } dd { code { "POST /program/outcomes" } }
            dt { (lang.say("Chiave di firma", "Signing key")) } dd { code { (PROGRAM_KEY) } }
        }
        form method="post" action=(lang.link("/program/manners")) {
            div.field {
                label for="manners" { (lang.say("Come si comporta", "How it behaves")) }
                select #manners name="manners" { @for kind in Manners::ALL {
                    option value=(kind.as_str()) selected[kind == manners] { (label(lang, kind)) }
                } }
            }
            button type="submit" { (lang.say("Cambia", "Change")) }
        }
        h2 { (lang.say("Che cosa gli è stato chiesto", "What it was asked")) }
        @if asked.is_empty() { p { (lang.say("Niente finora.", "Nothing so far.")) } }
        ul.exchanges { @for asked in &asked { li { (question(lang, asked)) } } }
        h2 { (lang.say("Gli esiti che ha ricevuto", "The outcomes it was told")) }
        @if told.is_empty() { p { (lang.say("Nessuno finora.", "None so far.")) } }
        ul.exchanges { @for told in &told { li { (outcome(lang, told)) } } }
    };
    Page::new(lang, title, PATH).show(&main)
}

fn question(lang: Lang, asked: &Asked) -> Markup {
    let question = &asked.question;
    html! {
        (question.service) " " code { (question.key) } ", " (question.notice_number) ": "
        (lang.say("noto", "known")) " " (euros(lang, question.amount)) ", " (lang.say("risposta", "answer")) " "
        code { (asked.answer) }
    }
}

fn outcome(lang: Lang, told: &Told) -> Markup {
    html! {
        time datetime=(told.at.to_rfc3339()) { (told.at.format("%H:%M:%S")) " UTC" } " " code { (told.id) } " "
        @match &told.signature {
            Ok(()) => { (lang.say("firma giusta", "signature right")) }
            Err(reason) => { strong.error lang="en" { (reason) } }
        }
        pre { code { (told.body) } }
    }
}

#[derive(Deserialize)]
pub(crate) struct MannersForm {
    manners: Manners,
}

/// `POST /program/manners`
pub(crate) async fn set(State(hub): State<Arc<Hub>>, lang: Lang, Form(form): Form<MannersForm>) -> Response {
    hub.memory().manners = form.manners;
    Redirect::to(&lang.link(PATH)).into_response()
}

const fn label(lang: Lang, manners: Manners) -> &'static str {
    match manners {
        Manners::Answers => lang.say("Dice l’importo di oggi", "Says today’s amount"),
        Manners::Fails => lang.say("Non funziona", "Does not work"),
        Manners::Slow => lang.say("Risponde troppo tardi", "Answers too late"),
        Manners::NothingDue => lang.say("Oggi non è dovuto niente", "Nothing is due today"),
        Manners::Withdraws => lang.say("Il debito non c’è più", "The debt is no more"),
        Manners::Rambles => lang.say("Risponde senza senso", "Answers without sense"),
    }
}
