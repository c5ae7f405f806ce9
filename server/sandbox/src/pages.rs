//! Pages for people, in Italian and English: plain forms, one sheet, no script.

pub(crate) mod checkout;
pub(crate) mod flows;
pub(crate) mod home;
mod language;
pub(crate) mod mischief;
pub(crate) mod program;
pub(crate) mod psp;
pub(crate) mod station;

pub(crate) use language::Lang;

use axum::extract::OriginalUri;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Cents;
use domain::money::NumberStyle;
use maud::{DOCTYPE, Markup, html};

/// `GET /style.css`
pub(crate) async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, include_str!("pages/style.css")).into_response()
}

/// Whatever is not there.
pub(crate) async fn not_found(lang: Lang, OriginalUri(address): OriginalUri) -> Response {
    let title = lang.say("Pagina non trovata", "Page not found");
    let text = lang.say(
        "Nell’ambiente di prova non c’è nulla a questo indirizzo. Un carrello vive finché vive il programma.",
        "There is nothing at this address in the sandbox. A cart lives as long as the program does.",
    );
    let main = html! { h1 { (title) } p { (text) } p { a href=(lang.link("/")) { (lang.say("Torna all’inizio", "Back to the start")) } } };
    Page::new(lang, title, address.path())
        .status(StatusCode::NOT_FOUND)
        .show(&main)
}

/// A page around its content.
pub(crate) struct Page<'p> {
    lang: Lang,
    title: &'p str,
    path: &'p str,
    status: StatusCode,
    form_targets: String,
}

impl<'p> Page<'p> {
    /// A page whose other language is at `path`.
    pub(crate) const fn new(lang: Lang, title: &'p str, path: &'p str) -> Self {
        Self {
            lang,
            title,
            path,
            status: StatusCode::OK,
            form_targets: String::new(),
        }
    }

    pub(crate) const fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Origins where this page's forms may end up: browsers check redirects too.
    pub(crate) fn form_targets(mut self, origins: &[String]) -> Self {
        self.form_targets = origins.join(" ");
        self
    }

    pub(crate) fn show(self, main: &Markup) -> Response {
        let Self {
            lang,
            title,
            path,
            status,
            form_targets,
        } = self;
        let markup = html! {
            (DOCTYPE)
            html lang=(lang.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (title) " – " (lang.say("Ambiente di prova", "Sandbox")) }
                    link rel="icon" href="data:,";
                    link rel="stylesheet" href="/style.css";
                }
                body {
                    header {
                        p.trial { strong { (lang.say("Ambiente di prova: nessun denaro.", "Sandbox: no money moves.")) } " " (lang.say("Non è pagoPA.", "This is not pagoPA.")) }
                        nav aria-label=(lang.say("Lingua e inizio", "Language and start")) {
                            a href=(lang.link("/")) { (lang.say("Nodo di prova", "Sandbox hub")) }
                            @let other = lang.other();
                            a href=(other.link(path)) lang=(other.code()) hreflang=(other.code()) { (other.say("Italiano", "English")) }
                        }
                    }
                    main { (main) }
                }
            }
        };
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {form_targets}; \
             frame-ancestors 'none'; base-uri 'none'"
        );
        let headers = [
            (header::CONTENT_SECURITY_POLICY, policy.as_str()),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (status, headers, markup).into_response()
    }
}

/// An amount for people.
pub(crate) fn euros(lang: Lang, amount: Cents) -> String {
    match lang {
        Lang::Italian => format!("{} €", amount.to_people(NumberStyle::Italian)),
        Lang::English => format!("€{}", amount.to_people(NumberStyle::English)),
    }
}

/// Why the hub refused: its code, and every reason.
pub(crate) fn refusal(lang: Lang, code: &str, reasons: &[String]) -> Markup {
    html! {
        div.refusal {
            p { (lang.say("Codice del nodo", "Code of the hub")) ": " code { (code) } }
            @if !reasons.is_empty() {
                p { (lang.say("Motivi, per chi sviluppa:", "Reasons, for whoever develops:")) }
                ul { @for reason in reasons { li lang="en" { (reason) } } }
            }
        }
    }
}
