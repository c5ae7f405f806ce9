//! The document as a page people read: no script, one style of its own, nothing asked of anybody else.
//!
//! Everything comes from the document itself and from the codes of problems. What an operation does is said in Italian where it
//! says so itself (`x-it`); names and texts of parts are those of the document, in English.

use crate::language::Language;
use crate::problem::Code;
use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const STYLE: &str = include_str!("pages.css");
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What the page may load: its own style.
pub(crate) fn policy() -> HeaderValue {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("a policy of letters and digits")
}

/// Writes the page.
pub(crate) fn write(document: &Value, language: Language) -> String {
    let pick = |italian: &'static str, english: &'static str| match language {
        Language::Italian => italian,
        Language::English => english,
    };
    let page = Page { document, language };
    let title = pick("Interfaccia per i programmi", "Interface for programs");
    let (other, other_name, other_tag) = match language {
        Language::Italian => ("?lang=en", "English", "en"),
        Language::English => ("?lang=it", "Italiano", "it"),
    };
    let markup = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Lanterna" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { (pick("Vai al contenuto", "Skip to the content")) }
                header {
                    p { a href=(other) lang=(other_tag) hreflang=(other_tag) { (other_name) } }
                    h1 { (title) }
                    p {
                        (pick(
                            "I programmi degli uffici caricano i debiti, rilasciano avvisi, leggono ricevute ed esiti. Gli importi \
                             sono centesimi di euro interi, i giorni sono quelli civili italiani, gli istanti sono in UTC.",
                            "Programs of offices load debts, release notices, read receipts and outcomes. Amounts are whole cents of \
                             euro, days are civil days in Italy, instants are in UTC.",
                        ))
                    }
                    p {
                        (pick("Versione ", "Version ")) (text(&document["info"]["version"])) ". "
                        a href="openapi.json" { (pick("Documento OpenAPI 3.1", "OpenAPI 3.1 document")) }
                    }
                }
                main id="content" {
                    (page.contents())
                    (page.getting_in())
                    @for (tag, operations) in page.by_tag() {
                        h2 id=(anchor("tag", tag)) { (page.name_of_tag(tag)) }
                        @for operation in operations { (page.operation(&operation)) }
                    }
                    (page.errors())
                    (page.schemas())
                }
            }
        }
    };
    markup.into_string()
}

/// An operation, with where it is.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    of: &'a Value,
}

struct Page<'a> {
    document: &'a Value,
    language: Language,
}

impl<'a> Page<'a> {
    fn pick(&self, italian: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::Italian => italian,
            Language::English => english,
        }
    }

    /// The language texts of the document are in, where the page's is another.
    fn foreign(&self) -> Option<&'static str> {
        match self.language {
            Language::Italian => Some("en"),
            Language::English => None,
        }
    }

    fn by_tag(&self) -> BTreeMap<&'a str, Vec<Operation<'a>>> {
        let mut tags: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
        for (path, item) in members(&self.document["paths"]) {
            for method in METHODS {
                let of = &item[method];
                if of.is_object() {
                    tags.entry(text(&of["tags"][0]))
                        .or_default()
                        .push(Operation { method, path, of });
                }
            }
        }
        tags
    }

    fn name_of_tag(&self, tag: &'a str) -> &'a str {
        match (self.language, tag) {
            (Language::Italian, "Audit") => "Registro degli atti",
            (Language::Italian, "Description") => "Descrizione",
            (Language::Italian, "Getting in") => "Entrare",
            (Language::Italian, "Institution") => "Ente",
            (Language::Italian, "Quotes") => "Calcolo degli importi",
            (Language::Italian, "Receipts") => "Ricevute",
            (Language::Italian, "Positions") => "Posizioni debitorie",
            (Language::Italian, "Notices") => "Avvisi",
            (Language::Italian, "Counter") => "Sportello",
            (Language::Italian, "Imports") => "Caricamento di file",
            (Language::Italian, "Outcomes") => "Esiti",
            _ => tag,
        }
    }

    /// What an operation does, in the page's language where it says so.
    fn summary(&self, of: &'a Value) -> (&'a str, Option<&'static str>) {
        match (self.language, of["x-it"].as_str()) {
            (Language::Italian, Some(italian)) => (italian, None),
            (Language::Italian, None) => (text(&of["summary"]), Some("en")),
            (Language::English, _) => (text(&of["summary"]), None),
        }
    }

    fn contents(&self) -> Markup {
        html! {
            nav aria-label=(self.pick("Contenuto della pagina", "Contents of the page")) {
                ul {
                    li { a href="#getting-in" { (self.pick("Cominciare", "To begin")) } }
                    @for (tag, operations) in self.by_tag() {
                        li {
                            a href={ "#" (anchor("tag", tag)) } { (self.name_of_tag(tag)) }
                            ul {
                                @for operation in operations {
                                    li {
                                        a href={ "#" (operation.anchor()) } {
                                            code { (operation.method.to_uppercase()) " " (operation.path) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                    li { a href="#errors" { (self.pick("Errori", "Errors")) } }
                    li { a href="#schemas" { (self.pick("Strutture", "Structures")) } }
                }
            }
        }
    }

    fn getting_in(&self) -> Markup {
        html! {
            h2 id="getting-in" { (self.pick("Cominciare", "To begin")) }
            p {
                (self.pick(
                    "Chi gestisce l'installazione registra l'applicazione e le dà un segreto. Il segreto si scambia con un token che \
                     vale 15 minuti e accompagna ogni richiesta.",
                    "Whoever runs the installation registers the application and gives it a secret. The secret is exchanged for a token \
                     that lasts 15 minutes and comes with every request.",
                ))
            }
            pre tabindex="0" {
                "curl -u ID:SECRET -d grant_type=client_credentials https://…/api/v1/token\n"
                "curl -H 'Authorization: Bearer TOKEN' https://…/api/v1/institution"
            }
        }
    }

    fn operation(&self, operation: &Operation<'a>) -> Markup {
        let of = operation.of;
        let (summary, summary_lang) = self.summary(of);
        let scopes = scopes(of);
        let foreign = self.foreign();
        html! {
            section aria-labelledby=(operation.anchor()) {
                h3 id=(operation.anchor()) {
                    code { span.method { (operation.method.to_uppercase()) } " " (operation.path) }
                }
                p lang=[summary_lang] { strong { (summary) } }
                @if let Some(description) = of["description"].as_str() {
                    @for paragraph in description.split("\n\n") { p lang=[foreign] { (in_code(paragraph)) } }
                }
                @if let Some(scopes) = scopes {
                    p {
                        @if scopes.is_empty() {
                            (self.pick("Serve un token.", "A token is needed."))
                        } @else {
                            (self.pick("Serve un token con: ", "A token is needed with: "))
                            @for scope in scopes { code { (scope) } " " }
                        }
                    }
                }
                (self.parameters(&of["parameters"]))
                @if of["requestBody"].is_object() {
                    h4 { (self.pick("Corpo della richiesta", "Body of the request")) }
                    (self.content(&of["requestBody"]["content"]))
                }
                h4 { (self.pick("Risposte", "Answers")) }
                div.wide tabindex="0" role="region" aria-label={ (self.pick("Risposte", "Answers")) " " (operation.path) } {
                    table {
                        thead { tr {
                            th scope="col" { (self.pick("Stato", "Status")) }
                            th scope="col" { (self.pick("Significato", "Meaning")) }
                        } }
                        tbody {
                            @for (status, answer) in members(&of["responses"]) {
                                tr {
                                    th scope="row" { code { (status) } }
                                    td {
                                        p lang=[foreign] { (in_code(text(&answer["description"]))) }
                                        (self.content(&answer["content"]))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn parameters(&self, parameters: &'a Value) -> Markup {
        let parameters = parameters.as_array().map_or(&[][..], Vec::as_slice);
        html! {
            @if !parameters.is_empty() {
                h4 { (self.pick("Parametri", "Parameters")) }
                ul {
                    @for parameter in parameters {
                        li {
                            code { (text(&parameter["name"])) }
                            " (" (self.place(text(&parameter["in"])))
                            @if parameter["required"] == true { ", " (self.pick("obbligatorio", "required")) }
                            "): " (self.kind(&parameter["schema"])) " "
                            span lang=[self.foreign()] { (in_code(text(&parameter["description"]))) }
                        }
                    }
                }
            }
        }
    }

    fn place<'t>(&self, place: &'t str) -> &'t str {
        match (self.language, place) {
            (Language::Italian, "path") => "nell'indirizzo",
            (Language::Italian, "query") => "dopo il punto interrogativo",
            (Language::Italian, "header") => "intestazione",
            (Language::English, "path") => "in the address",
            (Language::English, "query") => "after the question mark",
            _ => place,
        }
    }

    fn content(&self, content: &'a Value) -> Markup {
        html! {
            @for (kind, media) in members(content) {
                p { code { (kind) } ": " (self.kind(&media["schema"])) }
            }
        }
    }

    /// What a schema is, in a few words, with a link to what it names.
    fn kind(&self, schema: &'a Value) -> Markup {
        if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
            return html! { a href={ "#" (anchor("schema", name)) } { code { (name) } } };
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            if let Some(parts) = schema[key].as_array() {
                let parts = parts.iter().filter(|part| part["type"] != "null");
                return html! { @for (place, part) in parts.enumerate() {
                    @if place > 0 { " / " }
                    (self.kind(part))
                } };
            }
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds
                .iter()
                .filter_map(Value::as_str)
                .filter(|kind| *kind != "null")
                .collect(),
            _ => Vec::new(),
        };
        html! {
            code { (kinds.join(", ")) }
            @if let Some(format) = schema["format"].as_str() { " " code { (format) } }
            @if schema["items"].is_object() { " " (self.pick("di", "of")) " " (self.kind(&schema["items"])) }
            @if let Some(words) = schema["enum"].as_array() {
                ": " @for word in words { code { (text(word)) } " " }
            }
            @if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
                " " span.soft { (self.pick("per esempio ", "such as ")) code { (example.to_string()) } }
            }
        }
    }

    fn errors(&self) -> Markup {
        html! {
            h2 id="errors" { (self.pick("Errori", "Errors")) }
            p {
                (self.pick(
                    "Ogni errore è application/problem+json (RFC 9457) con un codice che non cambia, nella lingua di Accept-Language.",
                    "Every error is application/problem+json (RFC 9457) with a code that does not change, in the language of \
                     Accept-Language.",
                ))
            }
            dl {
                @for code in Code::ALL {
                    dt id={ "error-" (code.as_str()) } {
                        code { (code.as_str()) } " (" (code.status().as_u16()) "): " strong { (code.title(self.language)) }
                    }
                    dd { (code.detail(self.language)) }
                }
            }
        }
    }

    fn schemas(&self) -> Markup {
        html! {
            h2 id="schemas" { (self.pick("Strutture", "Structures")) }
            @for (name, schema) in members(&self.document["components"]["schemas"]) {
                section.schema aria-labelledby=(anchor("schema", name)) {
                    h3 id=(anchor("schema", name)) { code { (name) } }
                    p lang=[self.foreign()] { (in_code(text(&schema["description"]))) }
                    @if schema["properties"].is_object() {
                        ul {
                            @for (property, of) in members(&schema["properties"]) {
                                li {
                                    code { (property) }
                                    @if is_required(schema, property) { " (" (self.pick("sempre", "always")) ")" }
                                    ": " (self.kind(of)) " "
                                    span lang=[self.foreign()] { (in_code(text(&of["description"]))) }
                                }
                            }
                        }
                    } @else {
                        p { (self.kind(schema)) }
                    }
                }
            }
        }
    }
}

impl Operation<'_> {
    fn anchor(&self) -> String {
        anchor(self.method, self.path)
    }
}

/// The scopes of an operation; `None` for one anybody may ask for.
fn scopes(of: &Value) -> Option<Vec<&str>> {
    let first = of["security"].as_array()?.first()?.as_object()?;
    let scopes = first.values().next()?.as_array()?;
    Some(scopes.iter().filter_map(Value::as_str).collect())
}

fn is_required(schema: &Value, property: &str) -> bool {
    let required = schema["required"].as_array();
    required.is_some_and(|required| required.iter().any(|name| name == property))
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members: Option<&Map<String, Value>> = value.as_object();
    members
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// An id made of letters, digits and dashes.
fn anchor(kind: &str, name: &str) -> String {
    let name: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    format!("{kind}-{}", name.trim_matches('-'))
}

/// Words between backquotes as code.
fn in_code(words: &str) -> Markup {
    html! {
        @for (place, part) in words.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
