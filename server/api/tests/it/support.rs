//! Two institutions with a program each, a stopped clock and a hub that answers nobody.

use api::{ApiState, ClientAddress, ClientCertificate, router};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use domain::account::{Account, Credit};
use domain::application::{Application, Grant, Scope};
use domain::creditor::Contact;
use domain::receipt::{DuplicateReceipt, Psp, ReceiptDestination, ReceiptTransfer};
use domain::service::{ByTariff, Service};
use domain::{
    Cents, CreditorFiscalCode, CreditorInstitution, NoticeNumber, Receipt, ReceiptId, Subject, SubjectKind,
};
use pagopa::gateway::{Call, Product};
use serde_json::Value;
use services::Services;
use services::applications::Applications;
use services::applications::manage::{create_application, new_secret};
use services::clock::FrozenClock;
use services::directory::Directory;
use services::documents::Documents;
use services::documents::links::LinkKeys;
use services::hub::{Calling, HubError, HubGateway};
use services::ids::RandomIds;
use services::imports::Imports;
use services::message_log::{About, MessageLog};
use services::notice_lookup::NoticeLookup;
use services::outcomes::Outcomes;
use services::rate_limit::RateLimiter;
use services::receipts::take_receipt;
use services::tariffs::{TariffBook, TariffFile};
use std::net::IpAddr;
use std::sync::Arc;
use storage::messages::{Direction, MessageKind, NewMessage};
use storage::testing::TestStore;
use storage::{institutions, service_catalogue};
use tempfile::TempDir;
use tower::ServiceExt;
use webhooks::{Reach, Sender, SenderSettings};

pub(crate) const CITY: &str = "00856930102";
pub(crate) const NEIGHBOUR: &str = "03001847015";
const TARIFF: &str = include_str!("../../../services/tests/stories/tariffs/carta.toml");

pub(crate) struct City {
    pub(crate) services: Services,
    pub(crate) clock: Arc<FrozenClock>,
    router: Router,
    _store: TestStore,
    _folder: TempDir,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What was asked for: method and path.
    pub(crate) asked: (Method, String),
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Status and code of a problem, whose shape is checked.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        let code = body["code"].as_str().unwrap();
        assert_eq!(body["type"], format!("/api/v1/#error-{code}"));
        for text in ["title", "detail"] {
            assert_ne!(body[text].as_str().unwrap(), "");
        }
        (self.status.as_u16(), code.to_owned())
    }
}

/// A hub nobody calls.
pub(crate) struct NoHub;

impl HubGateway for NoHub {
    fn call<'a>(&'a self, product: Product, _: &'a Call, _: &'a About) -> Calling<'a> {
        Box::pin(std::future::ready(Err(HubError::NotConfigured(product))))
    }

    fn offers(&self, _: Product) -> bool {
        false
    }
}

pub(crate) fn code(text: &str) -> CreditorFiscalCode {
    text.parse().unwrap()
}

pub(crate) fn application(id: &str, institution: &str) -> Application {
    let grants = Scope::ALL.map(|scope| Grant {
        scope,
        services: None,
    });
    Application {
        id: id.to_owned(),
        institution: code(institution),
        name: "Gestionale".to_owned(),
        grants: grants.to_vec(),
        numbers: Vec::new(),
        requests_per_minute: 1_000,
        certificate: None,
        active: true,
    }
}

/// What sends webhooks, to this machine too.
pub(crate) fn outcomes(key: Option<&str>) -> Outcomes {
    // Another test may have chosen the same provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = SenderSettings {
        reach: Reach {
            allowed: vec!["127.0.0.0/8".parse().unwrap()],
        },
        ..SenderSettings::default()
    };
    Outcomes::new(Sender::new(settings).unwrap(), key, None).unwrap()
}

impl City {
    pub(crate) async fn start() -> Self {
        Box::pin(Self::built()).await
    }

    async fn built() -> Self {
        let store = TestStore::sqlite().await;
        let clock = Arc::new(FrozenClock::at("2026-11-23T09:00:00Z".parse().unwrap()));
        let (messages, _) = MessageLog::start((*store).clone());
        let folder = tempfile::tempdir().unwrap();
        let keys = LinkKeys::new("a key of links that is long enough", None).unwrap();
        let services = Services {
            lookup: NoticeLookup::start((*store).clone()),
            store: (*store).clone(),
            clock: clock.clone(),
            ids: Arc::new(RandomIds),
            hub: Arc::new(NoHub),
            checkout: Arc::default(),
            messages,
            directory: Directory::default(),
            numbers: Arc::default(),
            imports: Arc::new(Imports {
                folder: folder.path().join("imports"),
                ..Imports::default()
            }),
            tariffs: Arc::new(tariffs()),
            amounts: Arc::default(),
            limits: Arc::new(RateLimiter::default()),
            applications: Applications::new(keys.signing().clone()),
            documents: Arc::new(Documents::new(
                keys,
                chrono::Duration::minutes(15),
                folder.path().to_owned(),
            )),
            outcomes: Arc::new(outcomes(Some("a key of webhooks that is long enough"))),
            duplicate_receipt: DuplicateReceipt::default(),
            portal_url: Arc::from("https://servizi.example.it"),
        };
        let mut tx = store.begin().await.unwrap();
        for institution in [CITY, NEIGHBOUR] {
            institutions::upsert_institution(&mut tx, &self::institution(institution))
                .await
                .unwrap();
            for service in ["carta", "mensa"] {
                service_catalogue::upsert_service(&mut tx, &self::service(institution, service))
                    .await
                    .unwrap();
            }
        }
        tx.commit().await.unwrap();
        let router = router(ApiState::new(services.clone()));
        Self {
            services,
            clock,
            router,
            _store: store,
            _folder: folder,
        }
    }

    /// The same city with no key to sign webhooks with.
    pub(crate) fn without_key_of_webhooks(&mut self) {
        self.change(|services| services.outcomes = Arc::new(outcomes(None)));
    }

    /// The same city, installed otherwise.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Services)) {
        change(&mut self.services);
        self.router = router(ApiState::new(self.services.clone()));
    }

    /// The secret of a new application.
    pub(crate) async fn registered(&self, application: &Application) -> String {
        create_application(&self.services, application).await.unwrap();
        new_secret(&self.services, &application.id, None)
            .await
            .unwrap()
            .text
    }

    /// A token of a new application.
    pub(crate) async fn let_in(&self, application: &Application) -> String {
        let secret = self.registered(application).await;
        let answer = self.token(&application.id, &secret).await;
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Another token of an application that is here, by a new secret.
    pub(crate) async fn let_in_again(&self, id: &str) -> String {
        let secret = new_secret(&self.services, id, None).await.unwrap().text;
        let answer = self.token(id, &secret).await;
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn token(&self, id: &str, secret: &str) -> Answer {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        self.send(form_request(form)).await
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        let address: IpAddr = "192.0.2.7".parse().unwrap();
        request.extensions_mut().insert(ClientAddress(address));
        let asked = (request.method().clone(), request.uri().path().to_owned());
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        Answer {
            asked,
            status: head.status,
            headers: head.headers,
            body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(asked(Method::GET, path, token).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn get_with(&self, path: &str, token: &str, name: &str, value: &str) -> Answer {
        let request = asked(Method::GET, path, token).header(name, value);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: impl Into<Body>) -> Answer {
        let request = asked(Method::POST, path, token).header("content-type", "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Delivers a receipt as the hub does.
    pub(crate) async fn paid(&self, institution: &str, id: &str, base: u64) {
        deliver(&self.services, &receipt(institution, id, base)).await;
    }
}

/// Delivers a receipt as the hub does.
pub(crate) async fn deliver(services: &Services, receipt: &Receipt) {
    let at = services.clock.now();
    let message = services.ids.message_id(at);
    let kind = MessageKind::Request;
    let raw = NewMessage::new(
        message,
        at,
        Direction::Inbound,
        kind,
        "paSendRTV2",
        b"raw".to_vec(),
    );
    services.messages.record(raw).await.unwrap();
    take_receipt(services, message, receipt, [0; 32]).await.unwrap();
}

pub(crate) fn form_request(form: String) -> Request<Body> {
    Request::post("/api/v1/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap()
}

pub(crate) fn asked(method: Method, path: &str, token: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {token}"))
}

/// The same request, on a connection with a certificate.
pub(crate) fn with_certificate(mut request: Request<Body>, digest: [u8; 32]) -> Request<Body> {
    request.extensions_mut().insert(ClientCertificate(digest));
    request
}

pub(crate) fn institution(fiscal_code: &str) -> CreditorInstitution {
    CreditorInstitution {
        fiscal_code: code(fiscal_code),
        name: format!("Ente {fiscal_code}"),
        broker: CITY.parse().unwrap(),
        station: format!("{CITY}_01").parse().unwrap(),
        segregation_code: "12".parse().unwrap(),
        cbill_code: None,
        postal_iban: None,
        contact: Contact {
            telephone: "010 1010".to_owned(),
            email: "pagamenti@example.it".to_owned(),
            website: "https://example.it".to_owned(),
        },
    }
}

pub(crate) fn service(institution: &str, code: &str) -> Service {
    Service {
        institution: self::code(institution),
        code: code.to_owned(),
        name_it: format!("Servizio {code}"),
        name_en: format!("Service {code}"),
        category: "9/0107101TS/".parse().unwrap(),
        office_name: "Ufficio".to_owned(),
        active: true,
        at_provider: None,
        feed: None,
        amounts_move: false,
        by_tariff: (code == "carta").then(|| ByTariff {
            tariff: "carta".to_owned(),
            days_to_pay: 30,
        }),
        life_events: Vec::new(),
        account: None,
        todays_amount: None,
    }
}

fn tariffs() -> TariffBook {
    let file = TariffFile {
        name: "carta/2026-01-01.toml".to_owned(),
        text: TARIFF.to_owned(),
    };
    let iban = |key: &str| Account {
        institution: code(CITY),
        key: key.to_owned(),
        beneficiary: code(CITY),
        credit: Credit::Iban {
            iban: "IT60X0542811101000000123456".parse().unwrap(),
            postal_iban: None,
        },
    };
    let stamp = Account {
        credit: Credit::Stamp {
            amount: Cents::new(1_600),
            province: "GE".to_owned(),
        },
        ..iban("EBOLLO")
    };
    match TariffBook::compile(vec![file], None, vec![iban("DEMOGRAFICI"), stamp]) {
        Ok(book) => book,
        Err(error) => panic!("{error}"),
    }
}

fn receipt(institution: &str, id: &str, base: u64) -> Receipt {
    let notice_number = NoticeNumber::issue("12".parse().unwrap(), base).unwrap();
    let mario = Subject {
        kind: SubjectKind::Natural,
        code: "RSSMRA85T10A562S".to_owned(),
        full_name: "Mario Rossi".to_owned(),
        address: domain::subject::Address::default(),
        email: None,
    };
    Receipt {
        id: ReceiptId::parse(id).unwrap(),
        recipient: code(institution),
        issuer: code(institution),
        iuv: notice_number.iuv(),
        notice_number,
        amount: Cents::new(12_050),
        description: "Mensa, ottobre".to_owned(),
        company_name: "Ente".to_owned(),
        office_name: None,
        debtor: mario,
        payer: None,
        transfers: vec![ReceiptTransfer {
            id: 1,
            amount: Cents::new(12_050),
            beneficiary: code(institution),
            beneficiary_name: None,
            destination: ReceiptDestination::Account("IT60X0542811101000000123456".to_owned()),
            remittance_information: "Mensa".to_owned(),
            category: "9/0107101TS/".to_owned(),
            metadata: Vec::new(),
        }],
        psp: Psp {
            id: "PSPXITR1XXX".to_owned(),
            name: "Banca di prova".to_owned(),
            fiscal_code: None,
            vat_number: None,
            channel: "99999999990_01".to_owned(),
            channel_description: "app".to_owned(),
        },
        payment_method: None,
        payment_note: None,
        fee: None,
        paid_at: "2026-11-23T09:59:00".parse().ok(),
        applied_on: None,
        transferred_on: None,
        stand_in: false,
        metadata: Vec::new(),
    }
}
