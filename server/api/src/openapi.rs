//! The document: what the code serves, as `OpenAPI` 3.1.

use crate::etag::EntityTag;
use crate::language::Language;
use crate::{pages, resources};
use axum::body::Bytes;
use axum::http::HeaderValue;
use domain::application::Scope;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme,
};
use utoipa::openapi::{ComponentsBuilder, ContactBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;

/// Where everything is.
pub(crate) const BASE: &str = "/api/v1";

/// The document.
pub fn document() -> OpenApi {
    let scopes = Scope::ALL.map(|scope| (scope.as_str(), described(scope)));
    let flow = Flow::ClientCredentials(ClientCredentials::new("/api/v1/token", Scopes::from_iter(scopes)));
    let about = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Lanterna")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Debts of a municipality in, outcomes of their payments out. Amounts are whole cents of euro, days \
                     are civil days in Italy, instants are in UTC.",
                ))
                .license(Some(License::new("EUPL-1.2")))
                .contact(Some(ContactBuilder::new().name(Some("Lanterna")).build())),
        )
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme("application", SecurityScheme::OAuth2(OAuth2::new([flow])))
                .security_scheme(
                    "token",
                    SecurityScheme::Http(
                        HttpBuilder::new()
                            .scheme(HttpAuthScheme::Bearer)
                            .description(Some("A token of `POST /token`, which lasts 15 minutes."))
                            .build(),
                    ),
                )
                .build(),
        ))
        .build();
    let routes = resources::open()
        .merge(resources::protected())
        .merge(resources::uploads());
    exact(
        OpenApiRouter::with_openapi(about)
            .nest(BASE, routes)
            .into_openapi(),
    )
}

/// What no derive says: a parameter that is not given is left out and never null, and a file is any bytes.
fn exact(mut document: OpenApi) -> OpenApi {
    let operations = document.paths.paths.values_mut().flat_map(|path| {
        [&mut path.get, &mut path.put, &mut path.post]
            .into_iter()
            .flatten()
    });
    for operation in operations {
        for parameter in operation.parameters.iter_mut().flatten() {
            if let Some(schema) = &mut parameter.schema {
                never_null(schema);
            }
        }
        for (kind, content) in operation
            .request_body
            .iter_mut()
            .flat_map(|body| &mut body.content)
        {
            if !matches!(&**kind, "application/json" | "application/x-www-form-urlencoded") {
                content.schema = None;
            }
        }
    }
    document
}

fn never_null(schema: &mut RefOr<Schema>) {
    let is_null = |one: &RefOr<Schema>| matches!(one, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null));
    match schema {
        RefOr::T(Schema::Object(object)) => {
            if let SchemaType::Array(types) = &mut object.schema_type {
                types.retain(|one| *one != Type::Null);
                if let [only] = &types[..] {
                    object.schema_type = SchemaType::Type(only.clone());
                }
            }
        }
        RefOr::T(Schema::OneOf(several)) => {
            several.items.retain(|one| !is_null(one));
            if let [only] = &several.items[..] {
                *schema = only.clone();
            }
        }
        RefOr::T(_) | RefOr::Ref(_) => {}
    }
}

const fn described(scope: Scope) -> &'static str {
    match scope {
        Scope::ReadPositions => "Reading positions and notices.",
        Scope::WritePositions => "Creating, changing, replacing and cancelling positions.",
        Scope::ReadReceipts => "Reading receipts.",
        Scope::ReadOutcomes => "Reading outcomes, acknowledging them, and saying where they are sent.",
        Scope::LoadFiles => "Loading files.",
        Scope::UseCounter => "Releasing, reprinting and verifying notices at the counter.",
        Scope::Quote => "Working fees out by tariff.",
    }
}

/// The document as it is served: by itself, and as a page in each language.
pub(crate) struct Served {
    pub(crate) text: Bytes,
    pub(crate) tag: EntityTag,
    italian: Page,
    english: Page,
}

/// A page of the document.
pub(crate) struct Page {
    pub(crate) text: Bytes,
    pub(crate) tag: EntityTag,
    /// What the page may load: its own style, and nothing else.
    pub(crate) policy: HeaderValue,
}

impl Served {
    pub(crate) fn new() -> Self {
        let text = document().to_json().expect("the document can be written");
        let read: Value = serde_json::from_str(&text).expect("what was written can be read");
        let page = |language| {
            let text = pages::write(&read, language);
            Page {
                tag: EntityTag::of_bytes(text.as_bytes()),
                policy: pages::policy(),
                text: text.into(),
            }
        };
        Self {
            italian: page(Language::Italian),
            english: page(Language::English),
            tag: EntityTag::of_bytes(text.as_bytes()),
            text: text.into(),
        }
    }

    pub(crate) const fn page(&self, language: Language) -> &Page {
        match language {
            Language::Italian => &self.italian,
            Language::English => &self.english,
        }
    }
}
