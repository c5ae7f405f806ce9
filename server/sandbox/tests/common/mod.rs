//! A small station and a sandbox in front of it, both on ports of their own.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test file uses its own part"
)]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::transfer::TransferCategory;
use domain::{Cents, CreditorFiscalCode, Iban, NoticeNumber, Receipt, Subject, SubjectKind};
use pagopa::pa_for_node::demand_payment_notice::{self, Demanded};
use pagopa::pa_for_node::get_payment::{self, Payment, PaymentDestination, PaymentTransfer};
use pagopa::pa_for_node::verify_payment_notice::Due;
use pagopa::pa_for_node::{Answer, Request, read_request, send_rt, verify_payment_notice};
use pagopa::{Fault, FaultCode};
use sandbox::{Mischief, SandboxConfig};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

pub(crate) const TARI: &str = "312202600000002502";
pub(crate) const MENSA: &str = "312202600000001787";
pub(crate) const STAMP: &str = "312202600000003310";
pub(crate) const UNKNOWN: &str = "000000000000000000";
pub(crate) const INSTITUTION: &str = "00856930102";

/// What the station saw, and how it misbehaves.
#[derive(Default)]
pub(crate) struct Station {
    pub(crate) verified: Vec<NoticeNumber>,
    pub(crate) asked: Vec<get_payment::Request>,
    pub(crate) receipts: Vec<Receipt>,
    /// Text replaced in each answer.
    pub(crate) spoil: Option<(&'static str, &'static str)>,
    /// Notice the payment of which is refused.
    pub(crate) refuses_to_pay: Option<&'static str>,
    /// How many receipts are answered with status 500 first.
    pub(crate) fails_receipts: u32,
    /// Receipts are answered with this code.
    pub(crate) refuses_receipts: Option<FaultCode>,
    /// Everything is answered with status 500.
    pub(crate) is_down: bool,
    /// The last receipt that could not be read, as it came.
    pub(crate) unreadable: Option<String>,
    /// The editions receipts came in.
    pub(crate) editions: Vec<pagopa::pa_for_node::Edition>,
    /// Replaces a text of the answer about payment options when it is asked with GET.
    pub(crate) spoil_options: Option<(&'static str, &'static str)>,
    /// The last demand.
    pub(crate) demanded: Option<demand_payment_notice::Request>,
}

/// A sandbox and its station.
pub(crate) struct City {
    pub(crate) sandbox: String,
    pub(crate) station: Arc<Mutex<Station>>,
    pub(crate) http: reqwest::Client,
}

impl City {
    pub(crate) async fn start() -> Self {
        Self::configured(|_| {}).await
    }

    /// A station and a sandbox with other settings.
    pub(crate) async fn configured(configure: impl FnOnce(&mut SandboxConfig)) -> Self {
        let station = Arc::new(Mutex::new(Station::default()));
        let router = Router::new()
            .route("/pagopa/paForNode", post(answer))
            .route(
                "/pagopa/odp/payment-options/organizations/{institution}/notices/{number}",
                post(options).get(options),
            )
            .with_state(Arc::clone(&station));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let station_url = format!("http://{}/pagopa/paForNode", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            station,
            ..Self::sandbox(station_url, configure).await
        }
    }

    /// A sandbox that holds every call against the published interfaces, where they are at hand.
    pub(crate) async fn published() -> Self {
        let folder = published_interfaces();
        Self::configured(|config| {
            config.openapi_folder = folder;
            config.has_limits = false;
        })
        .await
    }

    /// A sandbox in front of a station that is elsewhere.
    pub(crate) async fn in_front_of(station_url: String) -> Self {
        Self::sandbox(station_url, |_| {}).await
    }

    async fn sandbox(station_url: String, configure: impl FnOnce(&mut SandboxConfig)) -> Self {
        let mut config = SandboxConfig::new(station_url, INSTITUTION.into(), format!("{INSTITUTION}_01"));
        config.retry_pause = Duration::from_millis(20);
        config.answer_timeout = Duration::from_millis(500);
        configure(&mut config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sandbox = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sandbox::serve(listener, config, std::future::pending()));
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            sandbox,
            station: Arc::default(),
            http,
        }
    }

    pub(crate) fn station(&self) -> std::sync::MutexGuard<'_, Station> {
        self.station.lock().unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.http
            .get(format!("{}{path}", self.sandbox))
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        self.get(path).await.text().await.unwrap()
    }

    pub(crate) async fn form(&self, path: &str, fields: &str) -> reqwest::Response {
        let request = self.http.post(format!("{}{path}", self.sandbox));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(fields.to_owned()).send().await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str, body: &Value) -> reqwest::Response {
        self.http
            .post(format!("{}{path}", self.sandbox))
            .json(body)
            .send()
            .await
            .unwrap()
    }

    /// A call with a JSON body: its status and what was answered.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.sandbox));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// Every difference from the published interfaces told in the journal, for calls that went well.
    pub(crate) async fn assert_as_published(&self) {
        for exchange in self.journal().await {
            let status: u16 = exchange["outcome"].as_str().unwrap().parse().unwrap_or(0);
            let told = exchange["reasons"].to_string();
            assert!(
                !told.contains("published interface") && status != 200,
                "{exchange:#}"
            );
        }
    }

    pub(crate) async fn mischief(&self, mischief: Mischief) {
        let answer = self
            .json("/api/mischief", &serde_json::to_value(mischief).unwrap())
            .await;
        assert_eq!(answer.status(), 200);
    }

    /// Opens a cart and tells the path of its page.
    pub(crate) async fn cart(&self, notices: &[&str]) -> String {
        let answer = self.json("/checkout/ec/v2/carts", &cart(notices)).await;
        assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap());
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        location.strip_prefix(&self.sandbox).unwrap().to_owned()
    }

    pub(crate) async fn receipts(&self) -> Vec<Value> {
        serde_json::from_str(&self.page("/api/receipts").await).unwrap()
    }

    pub(crate) async fn journal(&self) -> Vec<Value> {
        serde_json::from_str(&self.page("/api/journal").await).unwrap()
    }
}

/// Waits until something becomes true.
pub(crate) async fn eventually(what: &str, mut is: impl AsyncFnMut() -> bool) {
    for _ in 0..300 {
        if is().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never happened: {what}");
}

pub(crate) fn cart(notices: &[&str]) -> Value {
    let notices: Vec<Value> = notices
        .iter()
        .map(|number| {
            json!({ "noticeNumber": number, "fiscalCode": INSTITUTION, "amount": 20_600, "companyName": "Comune", "description": "TARI" })
        })
        .collect();
    json!({
        "emailNotice": "a@example.it",
        "paymentNotices": notices,
        "returnUrls": {
            "returnOkUrl": "https://portal.example.it/ok/1",
            "returnCancelUrl": "https://portal.example.it/cancel/1",
            "returnErrorUrl": "https://portal.example.it/error/1",
            "returnWaitingUrl": "https://portal.example.it/waiting/1",
        },
        "idCart": "cart-42",
    })
}

pub(crate) fn pay_body(notice_number: &str) -> Value {
    json!({ "notice_number": notice_number, "institution": INSTITUTION })
}

/// The folder of the published interfaces, or a word that it is not there.
pub(crate) fn published_interfaces() -> Option<PathBuf> {
    let spec = std::env::var_os("LANTERNA_SPEC_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/spec"),
        PathBuf::from,
    );
    let folder = Some(spec.join("pagopa")).filter(|folder| folder.is_dir());
    if folder.is_none() {
        let line = "SKIPPED against the published interfaces: set LANTERNA_SPEC_DIR to check\n";
        std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
    }
    folder
}

/// The 17-digit reference of a notice.
pub(crate) fn iuv(number: u64) -> String {
    format!("{number:017}")
}

/// A position of one notice, as an institution sends it.
pub(crate) fn position(iupd: &str, number: u64) -> Value {
    json!({
        "iupd": iupd,
        "type": "F",
        "fiscalCode": "RSSMRA85T10A562S",
        "fullName": "Mario Rossi",
        "switchToExpired": false,
        "companyName": "Comune di prova",
        "paymentOption": [{
            "nav": format!("3{}", iuv(number)),
            "iuv": iuv(number),
            "amount": 12_050,
            "description": "TARI 2026",
            "isPartialPayment": false,
            "dueDate": "2099-12-31T22:59:59Z",
            "transfer": [{
                "idTransfer": "1",
                "amount": 12_050,
                "organizationFiscalCode": INSTITUTION,
                "remittanceInformation": "TARI 2026",
                "category": "9/0101101IM/",
                "iban": "IT92P0617501400000000123456",
                "transferMetadata": [],
            }],
            "paymentOptionMetadata": [],
        }],
    })
}

async fn options(
    State(station): State<Arc<Mutex<Station>>>,
    method: axum::http::Method,
    axum::extract::Path((institution, number)): axum::extract::Path<(String, String)>,
) -> Response {
    let number = NoticeNumber::parse(&number).unwrap();
    let instalment = json!({
        "nav": number, "iuv": number.iuv(), "amount": 20_600, "description": "TARI", "dueDate": "2026-12-31T22:59:59Z",
        "status": "POI_UNPAID",
    });
    let answer = json!({
        "organizationFiscalCode": institution, "companyName": "Comune di prova", "standin": false,
        "paymentOptions": [{
            "description": "Intero", "numberOfInstallments": 1, "amount": 20_600, "status": "PO_UNPAID", "allCCP": false,
            "installments": [instalment],
        }],
    });
    let mut written = answer.to_string();
    if let Some((from, to)) = station.lock().unwrap().spoil_options
        && method == axum::http::Method::GET
    {
        written = written.replace(from, to);
    }
    ([("content-type", "application/json")], written).into_response()
}

async fn answer(State(station): State<Arc<Mutex<Station>>>, body: Bytes) -> Response {
    let mut station = station.lock().unwrap();
    if station.is_down {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let Ok(request) = read_request(&body) else {
        station.unreadable = Some(String::from_utf8_lossy(&body).into_owned());
        return StatusCode::BAD_REQUEST.into_response();
    };
    let written = match request {
        Request::VerifyPaymentNotice(request) => {
            station.verified.push(request.notice_number.clone());
            let answer: verify_payment_notice::Response = if request.notice_number.as_str() == UNKNOWN {
                Answer::Ko(fault(FaultCode::UnknownPayment))
            } else {
                Answer::Ok(due())
            };
            answer.write()
        }
        Request::GetPayment(request) => {
            let refused = station.refuses_to_pay == Some(request.notice_number.as_str());
            let answer: get_payment::Response = if refused {
                Answer::Ko(fault(FaultCode::Expired))
            } else {
                Answer::Ok(payment(&request.notice_number))
            };
            let written = answer.write(request.edition);
            station.asked.push(request);
            written
        }
        Request::SendRt(request) => {
            if station.fails_receipts > 0 {
                station.fails_receipts -= 1;
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            station.receipts.push(request.receipt);
            station.editions.push(request.edition);
            let answer: send_rt::Response = match station.refuses_receipts {
                Some(code) => Answer::Ko(fault(code)),
                None => Answer::Ok(()),
            };
            answer.write(request.edition)
        }
        Request::DemandPaymentNotice(request) => {
            station.demanded = Some(*request);
            let notice_number = NoticeNumber::parse(TARI).unwrap();
            let answer: demand_payment_notice::Response = Answer::Ok(Demanded {
                notice_number,
                due: due(),
            });
            answer.write()
        }
    };
    let written = match station.spoil {
        Some((from, to)) => written.replace(from, to),
        None => written,
    };
    ([("content-type", pagopa::SOAP_CONTENT_TYPE)], written).into_response()
}

fn fault(code: FaultCode) -> Fault {
    Fault {
        code,
        id: INSTITUTION.into(),
        description: None,
    }
}

fn due() -> Due {
    Due {
        amount: Cents::new(20_600),
        due_on: None,
        detail: None,
        all_postal: false,
        description: "TARI <2026> & altro".into(),
        institution: CreditorFiscalCode::parse(INSTITUTION).unwrap(),
        company_name: "Comune di prova".into(),
        office_name: None,
    }
}

fn payment(notice_number: &NoticeNumber) -> Payment {
    let destination = if notice_number.as_str() == STAMP {
        PaymentDestination::StampDuty {
            document_digest: "JtST9dN+2S++MicVNPKmAFx9GoYvb7Iq8gl2xB8CIKo=".into(),
            province: "GE".into(),
        }
    } else {
        PaymentDestination::Account(Iban::parse("IT92P0617501400000000123456").unwrap())
    };
    Payment {
        iuv: notice_number.iuv(),
        due_on: "2026-12-31".parse().unwrap(),
        description: "TARI 2026".into(),
        company_name: "Comune di prova".into(),
        office_name: None,
        debtor: Subject {
            kind: SubjectKind::Natural,
            code: "RSSMRA85T10A562S".into(),
            full_name: "Mario Rossi".into(),
            address: domain::subject::Address::default(),
            email: None,
        },
        transfers: vec![PaymentTransfer {
            id: 1,
            amount: Cents::new(20_600),
            beneficiary: CreditorFiscalCode::parse(INSTITUTION).unwrap(),
            beneficiary_name: "Comune di prova".into(),
            destination,
            remittance_information: "TARI 2026".into(),
            category: TransferCategory::parse("9/0101101IM/").unwrap(),
            metadata: vec![],
        }],
        metadata: vec![],
    }
}
