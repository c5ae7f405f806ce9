//! Working out a fee: what its page needs, and the form that makes a notice of it.
//!
//! The page works the fee out by itself, in the browser and on the server alike; what it sends back are answers, the
//! version it used and the total it showed. The server believes none of it: it works the fee out again.

use domain::CreditorFiscalCode;
use serde::{Deserialize, Serialize};
use tariff::Tariff;

/// What a calculator's page needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calculator {
    /// Whose service it is.
    pub institution: CreditorFiscalCode,
    /// The service.
    pub service: String,
    /// The institution's name.
    pub institution_name: String,
    /// The office that answers for it.
    pub office_name: String,
    /// The versions of its tariff that count, as the compiler packed them, in base64: see [`Calculator::versions`].
    pub packed: String,
    /// Today in Italy, `2026-11-25`.
    pub today: String,
    /// What makes two sendings of the form one.
    pub token: String,
    /// What is written in the form to begin with: the answers in the address, or in the form that was sent.
    pub written: Vec<(String, String)>,
    /// The form as it was sent, when this page is its answer.
    pub sent: Option<Sent>,
}

/// A form that was sent and is shown again, because it has no scripting or because something is to be corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its fields.
    pub fields: Vec<(String, String)>,
    /// Why it made no notice, when it should have.
    pub problem: Option<FeeProblem>,
}

/// Why no notice was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeProblem {
    /// The total is another one by now.
    Changed,
    /// The name is missing or too long.
    Name,
    /// The fiscal code is not right.
    Code,
    /// The e-mail address cannot be one.
    Email,
    /// There is nothing to pay.
    NotDue,
    /// More transfers than one notice can have.
    TooManyParts,
    /// The form is not one of ours, or too old.
    Old,
    /// Too many notices from one address.
    TooMany,
    /// Our archive does not answer.
    Unavailable,
}

impl FeeProblem {
    /// The status of a page that shows it.
    pub const fn status(self) -> u16 {
        match self {
            Self::Changed | Self::NotDue | Self::TooManyParts => 409,
            Self::Name | Self::Code | Self::Email | Self::Old => 422,
            Self::TooMany => 429,
            Self::Unavailable => 503,
        }
    }
}

impl Calculator {
    /// The versions of the tariff. Empty when they cannot be read, which the page says as it says that there are none.
    pub fn versions(&self) -> Vec<Tariff> {
        unpacked(&self.packed)
            .and_then(|bytes| postcard::from_bytes(&bytes).ok())
            .unwrap_or_default()
    }
}

#[cfg(feature = "ssr")]
fn unpacked(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// The browser reads base64 by itself, each byte as a character.
#[cfg(not(feature = "ssr"))]
fn unpacked(text: &str) -> Option<Vec<u8>> {
    let binary = leptos::prelude::window().atob(text).ok()?;
    binary
        .chars()
        .map(|byte| u8::try_from(u32::from(byte)).ok())
        .collect()
}

#[cfg(feature = "ssr")]
pub(crate) use ssr::find_calculator;
#[cfg(feature = "ssr")]
pub use ssr::{SentForm, request_notice};

/// From the use cases' types to the page's, and from the form to the use case.
#[cfg(feature = "ssr")]
mod ssr {
    use super::{Calculator, FeeProblem, Sent};
    use crate::Language;
    use crate::address::{NoticeKey, Page, ServiceKey, answers_among};
    use crate::api::PortalError;
    use crate::pages::calculator::answers::{localised, read_answers, shareable};
    use axum::http::request::Parts;
    use base64::Engine as _;
    use domain::subject::SubjectField;
    use domain::{Cents, Subject, SubjectKind};
    use leptos::prelude::use_context;
    use services::Services;
    use services::fee_quotes::{FeeError, FeeField, FeeOutcome, FeeRequest};
    use services::rate_limit::Limited;
    use std::net::IpAddr;

    /// A form that was sent, on its way to the page that shows it again.
    #[derive(Debug, Clone)]
    pub struct SentForm {
        sent: Sent,
        /// The page, with the answers that an address may carry.
        page: Page,
    }

    impl SentForm {
        /// A form that was sent from the page of a service in a language.
        pub async fn new(services: &Services, service: ServiceKey, language: Language, sent: Sent) -> Self {
            let entries = services
                .directory
                .entries(&services.store, &*services.clock)
                .await
                .ok();
            let tariff = entries.as_ref().and_then(|entries| {
                let service = entries.service(&service.institution, &service.code)?;
                Some(service.by_tariff.as_ref()?.tariff.as_str())
            });
            let versions = tariff.map_or_else(Vec::new, |tariff| services.tariffs.evaluable(tariff));
            let today = services.clock.today();
            let answers = shareable(&versions, &answers_among(&sent.fields), today, language);
            let page = Page::Calculator { service, answers };
            Self { sent, page }
        }

        /// The page, with the answers that an address may carry.
        pub const fn page(&self) -> &Page {
            &self.page
        }
    }

    /// Finds the calculator of a service; `None` when there is none.
    pub(crate) async fn find_calculator(
        services: &Services,
        key: ServiceKey,
        in_address: Vec<(String, String)>,
    ) -> Result<Option<Calculator>, PortalError> {
        let entries = services
            .directory
            .entries(&services.store, &*services.clock)
            .await
            .map_err(services::Unavailable::from)?;
        let service = entries
            .service(&key.institution, &key.code)
            .filter(|service| service.active);
        let tariff = service.and_then(|service| Some(service.by_tariff.as_ref()?.tariff.as_str()));
        let packed = tariff.and_then(|tariff| services.tariffs.packed(tariff));
        let institution = entries.institution(&key.institution);
        let (Some(service), Some(tariff), Some(packed), Some(institution)) =
            (service, tariff, packed, institution)
        else {
            return Ok(None);
        };
        let parts = use_context::<Parts>();
        let sent = parts
            .as_ref()
            .and_then(|parts| parts.extensions.get::<SentForm>());
        let sent = sent.map(|form| form.sent.clone());
        let written = if let Some(sent) = &sent {
            answers_among(&sent.fields)
        } else {
            let path = parts.as_ref().map_or("/", |parts| parts.uri.path());
            let versions = services.tariffs.evaluable(tariff);
            localised(
                &versions,
                in_address,
                services.clock.today(),
                Language::of_path(path),
            )
        };
        Ok(Some(Calculator {
            institution_name: institution.name.clone(),
            office_name: service.office_name.clone(),
            packed: base64::engine::general_purpose::STANDARD.encode(packed),
            today: services.clock.today().to_string(),
            token: services.ids.token(),
            written,
            sent,
            institution: key.institution,
            service: key.code,
        }))
    }

    /// Makes a notice of a calculator's form and says where it is; or why not.
    pub async fn request_notice(
        services: &Services,
        key: &ServiceKey,
        fields: &[(String, String)],
        language: Language,
        from: IpAddr,
    ) -> Result<String, FeeProblem> {
        let field = |name: &str| {
            let found = fields.iter().find(|(field, _)| field == name);
            found.map(|(_, value)| value.trim()).unwrap_or_default()
        };
        let entries = services
            .directory
            .entries(&services.store, &*services.clock)
            .await;
        let entries = entries.map_err(|_| FeeProblem::Unavailable)?;
        let tariff = entries
            .service(&key.institution, &key.code)
            .and_then(|service| service.by_tariff.as_ref())
            .ok_or(FeeProblem::Old)?;
        let versions = services.tariffs.evaluable(&tariff.tariff);
        let today = services.clock.today();
        let answers = read_answers(&versions, &answers_among(fields), today, language);
        let expected_total = field("total")
            .parse()
            .map(Cents::new)
            .map_err(|_| FeeProblem::Old)?;
        let request = FeeRequest {
            institution: key.institution.clone(),
            service: key.code.clone(),
            answers,
            digest: field("digest").to_owned(),
            expected_total,
            debtor: debtor(&field),
            token: field("token").to_owned(),
        };
        let now = services.clock.now();
        services
            .limits
            .count(Limited::FeeNoticeFrom(from), now)
            .map_err(|_| FeeProblem::TooMany)?;
        match services::fee_quotes::request_notice(services, &request).await {
            Ok(FeeOutcome::Notice(number)) => {
                let key = NoticeKey {
                    institution: key.institution.clone(),
                    number,
                };
                // Whoever made it has just said who they are: its document opens for them without another proof.
                let link = crate::api::documents::link_for_its_maker(services, &key)
                    .await
                    .map_err(|_| FeeProblem::Unavailable)?;
                let notice = Page::Notice { key, printed: None }.address(language);
                Ok([notice, link.query(language)].concat())
            }
            Ok(FeeOutcome::Changed) => Err(FeeProblem::Changed),
            Err(error) => Err(problem(&error)),
        }
    }

    fn problem(error: &FeeError) -> FeeProblem {
        match error {
            FeeError::NotDue => FeeProblem::NotDue,
            FeeError::TooManyTransfers => FeeProblem::TooManyParts,
            FeeError::Unusable(FeeField::Debtor(SubjectField::Name)) => FeeProblem::Name,
            FeeError::Unusable(FeeField::Debtor(SubjectField::Email)) => FeeProblem::Email,
            FeeError::Unusable(FeeField::Debtor(SubjectField::Code | SubjectField::Address)) => {
                FeeProblem::Code
            }
            FeeError::UnknownService | FeeError::TokenUsed | FeeError::Unusable(FeeField::Token) => {
                FeeProblem::Old
            }
            FeeError::Unworkable(_) | FeeError::Unavailable(_) => {
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    "a fee notice cannot be made"
                );
                FeeProblem::Unavailable
            }
        }
    }

    /// Who owes, as they wrote it. Codes are often written with spaces.
    fn debtor<'a>(field: &impl Fn(&str) -> &'a str) -> Subject {
        let words = |name: &str| -> Vec<&'a str> { field(name).split_whitespace().collect() };
        Subject {
            kind: if field("kind") == "legal" {
                SubjectKind::Legal
            } else {
                SubjectKind::Natural
            },
            code: words("code").concat(),
            full_name: words("name").join(" "),
            address: domain::subject::Address::default(),
            email: Some(field("email").to_owned()),
        }
    }
}
