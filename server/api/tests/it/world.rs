//! Two institutions with the same services, and programs of each that come in by their secrets.

use crate::support::{CITY, NoHub, code, deliver, institution, outcomes};
use api::{ApiState, router};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use chrono::{DateTime, Utc};
use domain::account::{Account, Credit};
use domain::application::{Application, Grant, NumberRange, Scope};
use domain::receipt::DuplicateReceipt;
use domain::service::Service;
use domain::{NoticeNumber, Receipt};
use serde_json::{Value, json};
use services::Services;
use services::applications::Applications;
use services::applications::manage::{create_application, new_secret};
use services::clock::FrozenClock;
use services::directory::Directory;
use services::documents::Documents;
use services::documents::links::LinkKeys;
use services::ids::RandomIds;
use services::imports::Imports;
use services::message_log::MessageLog;
use services::notice_lookup::NoticeLookup;
use services::payments::Checkout;
use services::rate_limit::RateLimiter;
use services::signing::SigningKeys;
use services::tariffs::TariffBook;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::testing::TestStore;
use storage::{institutions, service_catalogue};
use tower::ServiceExt as _;

pub(crate) const TOWN: &str = "00000000018";
pub(crate) const MARIO: &str = "RSSMRA85T10A562S";
const KEY: &str = "a key of links that is long enough";

/// An installation with both institutions.
pub(crate) struct World {
    pub(crate) services: Services,
    pub(crate) store: TestStore,
    router: Router,
    _folder: tempfile::TempDir,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn etag(&self) -> &str {
        self.headers["etag"].to_str().unwrap()
    }

    /// The stable code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A request.
pub(crate) struct Ask<'a> {
    pub(crate) token: &'a str,
    pub(crate) method: Method,
    pub(crate) address: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<Value>,
}

/// Every engine at hand.
pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = vec![World::on(TestStore::sqlite().await).await];
    if let Some(store) = TestStore::postgres().await {
        worlds.push(World::on(store).await);
    }
    worlds
}

pub(crate) fn number(base: u64) -> NoticeNumber {
    NoticeNumber::issue("12".parse().unwrap(), base).unwrap()
}

impl World {
    async fn on(store: TestStore) -> Self {
        let clock = Arc::new(FrozenClock::at(
            "2026-11-23T09:00:00Z".parse::<DateTime<Utc>>().unwrap(),
        ));
        let (messages, _) = MessageLog::start((*store).clone());
        let accounts = [CITY, TOWN].map(|institution| Account {
            institution: code(institution),
            key: "conto".to_owned(),
            beneficiary: code(institution),
            credit: Credit::Iban {
                iban: "IT60X0542811101000000123456".parse().unwrap(),
                postal_iban: None,
            },
        });
        let folder = tempfile::tempdir().unwrap();
        let keys = LinkKeys::new(KEY, None).unwrap();
        let services = Services {
            lookup: NoticeLookup::start((*store).clone()),
            store: (*store).clone(),
            clock,
            ids: Arc::new(RandomIds),
            hub: Arc::new(NoHub),
            checkout: Arc::new(Checkout::default()),
            messages,
            directory: Directory::default(),
            numbers: Arc::default(),
            imports: Arc::new(Imports {
                folder: folder.path().join("imports"),
                ..Imports::default()
            }),
            amounts: Arc::default(),
            tariffs: Arc::new(TariffBook::compile(Vec::new(), None, accounts.to_vec()).unwrap()),
            limits: Arc::new(RateLimiter::default()),
            documents: Arc::new(Documents::new(
                keys,
                chrono::Duration::minutes(15),
                folder.path().to_owned(),
            )),
            applications: Applications::new(SigningKeys::new(KEY, None).unwrap()),
            outcomes: Arc::new(outcomes(None)),
            duplicate_receipt: DuplicateReceipt::default(),
            portal_url: Arc::from("https://servizi.example.it"),
        };
        let mut tx = store.begin().await.unwrap();
        for fiscal_code in [CITY, TOWN] {
            institutions::upsert_institution(&mut tx, &institution(fiscal_code))
                .await
                .unwrap();
            for name in ["mensa", "nido"] {
                service_catalogue::upsert_service(&mut tx, &service(fiscal_code, name))
                    .await
                    .unwrap();
            }
        }
        tx.commit().await.unwrap();
        Self {
            router: router(ApiState::new(services.clone())),
            services,
            store,
            _folder: folder,
        }
    }

    /// The token of an application of an institution that may do everything, for these services or for all.
    pub(crate) async fn token(&self, institution: &str, id: &str, services: Option<&[&str]>) -> String {
        let services: Option<BTreeSet<String>> =
            services.map(|codes| codes.iter().map(|code| (*code).to_owned()).collect());
        let application = Application {
            id: id.to_owned(),
            institution: code(institution),
            name: id.to_owned(),
            grants: Scope::ALL
                .map(|scope| Grant {
                    scope,
                    services: services.clone(),
                })
                .to_vec(),
            numbers: if services.is_none() {
                vec![NumberRange {
                    segregation: "12".parse().unwrap(),
                    from: 100,
                    to: 199,
                }]
            } else {
                Vec::new()
            },
            requests_per_minute: 100_000,
            certificate: None,
            active: true,
        };
        create_application(&self.services, &application).await.unwrap();
        let secret = new_secret(&self.services, id, None).await.unwrap();
        let form = format!(
            "grant_type=client_credentials&client_id={id}&client_secret={}",
            secret.text
        );
        let request = Request::post("/api/v1/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        let answer = self.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Delivers a receipt of the city as the hub does, paid by somebody of this name.
    pub(crate) async fn paid(&self, id: &str, base: u64, name: &str) {
        let receipt: Receipt = serde_json::from_value(json!({
            "id": id,
            "recipient": CITY,
            "issuer": CITY,
            "notice_number": number(base).as_str(),
            "iuv": number(base).iuv().as_str(),
            "amount": 12050,
            "description": name,
            "company_name": name,
            "office_name": null,
            "debtor": { "kind": "natural", "code": "VRDNNA80A41D969M", "full_name": name },
            "payer": null,
            "transfers": [],
            "psp": {
                "id": "PSPXITR1XXX", "name": "Banca", "fiscal_code": null, "vat_number": null,
                "channel": "1_01", "channel_description": "app",
            },
            "payment_method": null,
            "payment_note": null,
            "fee": null,
            "paid_at": "2026-11-23T09:59:00",
            "applied_on": null,
            "transferred_on": null,
            "stand_in": false,
            "metadata": [],
        }))
        .unwrap();
        deliver(&self.services, &receipt).await;
    }

    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Answer {
        let mut request = Request::builder()
            .method(ask.method)
            .uri(format!("/api/v1{}", ask.address))
            .header("authorization", format!("Bearer {}", ask.token))
            .header("accept-language", "en");
        for (name, value) in ask.headers {
            request = request.header(*name, *value);
        }
        let body = match ask.body {
            // A text is a file.
            Some(serde_json::Value::String(file)) => {
                request = request.header("content-type", "text/csv");
                Body::from(file)
            }
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

fn service(institution: &str, name: &str) -> Service {
    serde_json::from_value(json!({
        "institution": institution,
        "code": name,
        "name_it": "Mensa",
        "name_en": "School meals",
        "category": "9/0107101TS/",
        "office_name": "Ufficio",
        "active": true,
        "account": "conto",
    }))
    .unwrap()
}

/// A debt of 120.50 euro for the nursery.
pub(crate) fn draft(key: &str) -> Value {
    json!({
        "key": key,
        "service": "nido",
        "debtor": { "kind": "natural", "code": MARIO, "full_name": "Mario Rossi" },
        "description": "Nido, novembre",
        "options": [{ "kind": "whole", "instalments": [{ "amount": 12050, "due_on": "2026-12-23" }] }],
    })
}
