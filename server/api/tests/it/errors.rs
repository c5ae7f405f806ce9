//! Every documented error, provoked. One that nothing provokes does not compile.

use crate::support::{Answer, CITY, City, application, asked, form_request, service, with_certificate};
use crate::world::{Ask, MARIO, draft, number, worlds};
use api::problem::Code;
use axum::body::{Body, Bytes};
use axum::http::{Method, Request};
use chrono::{DateTime, Duration, Utc};
use domain::application::{Application, Grant, NumberRange, Scope};
use domain::draft::Problem as Part;
use domain::service::Service;
use http_body::Frame;
use serde_json::{Value, json};
use services::documents::DRAWN_AT_ONCE_MAX;
use services::expiry::record_expired_positions;
use services::ids::IdSource;
use services::imports::Imports;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use storage::idempotent_requests::{begin_request, find_request};
use storage::messages::MessageId;
use storage::outcomes::{OutcomeDay, ensure_feed, insert_outcome_day};
use storage::service_catalogue::upsert_service;
use tokio::sync::Notify;

const PROGRAM: &str = "tributi";
const QUOTE: &str = "/services/carta/quote";
const ENDPOINTS: &str = "/outcomes/endpoints";

#[tokio::test]
async fn every_code_is_answered_to_what_it_is_documented_for() {
    let document = serde_json::to_value(api::document()).unwrap();
    for code in Code::ALL {
        let mut program = Program::of(City::start().await, &Scope::ALL, None).await;
        let answer = Box::pin(program.provoke(*code)).await;
        let told = (code.status().as_u16(), code.as_str().to_owned());
        assert_eq!(answer.problem(), told, "{code:?}");
        let (_, what_to_do) = code.english();
        for header in ["Retry-After", "Allow"] {
            assert!(
                !what_to_do.contains(header) || !answer.header(header).is_empty(),
                "{code:?} names {header}: {answer:?}"
            );
        }
        let is_of_no_operation = matches!(code, Code::UnknownAddress | Code::OtherMethod);
        if !is_of_no_operation {
            let described = described(&document, &answer);
            assert!(
                described.contains(&format!("`{}`", code.as_str())),
                "{code:?}: {described:?} is said of {:?}",
                answer.asked
            );
        }
    }
}

/// What the document says of such an answer to such a request.
fn described<'d>(document: &'d Value, answer: &Answer) -> &'d str {
    let (method, path) = &answer.asked;
    let fits = |template: &str| {
        let mut parts = template.split('/').zip(path.split('/'));
        template.split('/').count() == path.split('/').count()
            && parts.all(|(own, asked)| own.starts_with('{') || own == asked)
    };
    let operations = document["paths"].as_object().unwrap().iter();
    let operation = operations
        .filter(|(template, _)| fits(template))
        .find_map(|(_, item)| item.get(method.as_str().to_lowercase()));
    let responses = operation.map(|operation| &operation["responses"]);
    let response = responses.and_then(|responses| responses.get(answer.status.as_str()));
    response
        .and_then(|response| response["description"].as_str())
        .unwrap_or_default()
}

#[tokio::test]
async fn every_wrong_part_is_told_by_its_code_alone() {
    let city = City::start().await;
    let closed = Service {
        active: false,
        ..service(CITY, "chiuso")
    };
    let mut tx = city.services.store.begin().await.unwrap();
    upsert_service(&mut tx, &closed).await.unwrap();
    tx.commit().await.unwrap();
    let program = Program::of(city, &[Scope::WritePositions], Some(&["chiuso", "mensa"])).await;
    program.owe(OLD).await;
    let provocations = wrong_parts();
    let codes: BTreeSet<&str> = provocations.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes.len(), provocations.len(), "each has its own");
    for (code, spoil) in provocations {
        let mut wrong = debt("NEW");
        spoil(&mut wrong);
        let is_change = wrong["key"] == OLD;
        let answer = program.put(&wrong, if is_change { ANYHOW } else { &[] }).await;
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{code}");
        let errors = answer.json()["errors"].clone();
        let told: Vec<&Value> = errors
            .as_array()
            .unwrap()
            .iter()
            .map(|error| &error["code"])
            .collect();
        assert_eq!(told, [code], "{errors}");
    }
}

#[tokio::test]
async fn a_file_there_is_no_place_for_is_asked_for_again_later() {
    let mut program = Program::of(City::start().await, &[Scope::LoadFiles], None).await;
    let taken = tempfile::NamedTempFile::new().unwrap();
    program.city.change(|services| {
        services.imports = Arc::new(Imports {
            folder: taken.path().to_owned(),
            ..Imports::default()
        });
    });
    let answer = program.load(DEBTS).await;
    assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
    assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
}

/// On SQLite, which has one writer, nobody can tell that it is the same request that is under way.
#[tokio::test]
async fn a_request_that_another_server_is_at_is_under_way() {
    for world in worlds().await {
        if world.store.has_one_writer() {
            continue;
        }
        let token = world.token(CITY, PROGRAM, None).await;
        let mut elsewhere = world.store.begin().await.unwrap();
        let now = world.services.clock.now();
        begin_request(&mut elsewhere, PROGRAM, "one", &[0; 32], now)
            .await
            .unwrap();
        let answer = world
            .ask(Ask {
                token: &token,
                method: Method::PUT,
                address: "/positions/A",
                headers: &[("idempotency-key", "one")],
                body: Some(draft("A")),
            })
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (Code::InProgress.status(), "in_progress"),
            "{answer:?}"
        );
        assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
    }
}

/// A program of the city that was let in.
struct Program {
    city: City,
    token: String,
}

impl Program {
    /// One that may do this, for these services or for all.
    async fn of(city: City, scopes: &[Scope], services: Option<&[&str]>) -> Self {
        let services: Option<BTreeSet<String>> =
            services.map(|codes| codes.iter().map(ToString::to_string).collect());
        let grants = scopes.iter().map(|scope| Grant {
            scope: *scope,
            services: services.clone(),
        });
        let token = city
            .let_in(&Application {
                grants: grants.collect(),
                numbers: vec![NumberRange {
                    segregation: "12".parse().unwrap(),
                    from: 100,
                    to: 199,
                }],
                ..application(PROGRAM, CITY)
            })
            .await;
        Self { city, token }
    }

    /// What is answered with a code.
    #[expect(
        clippy::too_many_lines,
        reason = "code by code, so that each can be read alone"
    )]
    async fn provoke(&mut self, code: Code) -> Answer {
        match code {
            Code::NoToken => {
                let request = Request::get("/api/v1/institution");
                self.city.send(request.body(Body::empty()).unwrap()).await
            }
            Code::InvalidToken => self.city.get("/institution", "x").await,
            Code::ExpiredToken => {
                self.city.clock.advance(Duration::minutes(16));
                self.get("/institution").await
            }
            Code::CertificateNeeded => self.come_without_certificate().await,
            Code::Forbidden => {
                let mut narrow = application("ricevute", CITY);
                narrow.grants.retain(|grant| grant.scope == Scope::ReadReceipts);
                let token = self.city.let_in(&narrow).await;
                self.city.get("/outcomes", &token).await
            }
            Code::TooManyRequests => {
                let mut slow = application("lento", CITY);
                slow.requests_per_minute = 1;
                let token = self.city.let_in(&slow).await;
                self.city.get("/services", &token).await;
                self.city.get("/services", &token).await
            }
            Code::UnknownAddress => self.get("/nothing").await,
            Code::UnknownService => self.post("/services/mensa/quote", "{\"answers\": {}}").await,
            Code::NotFound => self.get("/positions/none").await,
            Code::OtherMethod => {
                let request = asked(Method::DELETE, "/receipts", &self.token);
                self.city.send(request.body(Body::empty()).unwrap()).await
            }
            Code::MalformedPath => self.get("/receipts/%FF").await,
            Code::MalformedQuery => self.get("/receipts?limit=0").await,
            Code::RefusedQuery => self.get("/counter/debts").await,
            Code::MalformedBody => self.post(QUOTE, "{").await,
            Code::BodyTooLarge => self.post(QUOTE, "x".repeat(api::BODY_BYTES_MAX + 1)).await,
            Code::OtherContentType => {
                let request = asked(Method::POST, QUOTE, &self.token).header("content-type", "text/plain");
                self.city.send(request.body(Body::from("{}")).unwrap()).await
            }
            Code::Invalid => self.post(QUOTE, "{}").await,
            Code::AlreadyPaid => {
                self.owe("A").await;
                self.city.paid(CITY, "r1", FIRST).await;
                self.post("/positions/A/cancel", "").await
            }
            Code::PartlyPaid => {
                let mut plan = numbered("A");
                plan["options"][0]["kind"] = json!("instalment_plan");
                add_instalment(&mut plan, notice(&mut debt("A")).clone());
                self.made(&plan).await;
                self.city.paid(CITY, "r1", FIRST).await;
                self.post("/positions/A/cancel", "").await
            }
            Code::Cancelled => {
                self.owe("A").await;
                self.post("/positions/A/cancel", "").await;
                self.put(&dearer("A"), ANYHOW).await
            }
            Code::Replaced => {
                self.owe("A").await;
                self.post("/positions/A/replace", debt("B").to_string()).await;
                self.post("/positions/A/cancel", "").await
            }
            Code::Unpublished => {
                self.made(&hidden("A")).await;
                self.post("/positions/A/replace", debt("B").to_string()).await
            }
            Code::AlreadyPublished => {
                self.made(&dearer("A")).await;
                self.put(&hidden("A"), ANYHOW).await
            }
            Code::Expired => {
                let mut short = debt("A");
                notice(&mut short)["payable_until"] = json!("2026-12-31");
                self.made(&short).await;
                self.city.clock.advance(Duration::days(60));
                record_expired_positions(&self.city.services).await.unwrap();
                // The token of last year has ended.
                self.token = self.city.let_in_again(PROGRAM).await;
                self.post("/positions/A/publish", "").await
            }
            Code::ConditionNeeded => {
                self.owe("A").await;
                self.put(&dearer("A"), &[]).await
            }
            Code::ConditionFailed => self.put(&debt("A"), &[("if-match", "\"v9\"")]).await,
            Code::MalformedCondition => self.put(&debt("A"), &[("if-match", "v9")]).await,
            Code::NotPrintable => {
                self.owe("A").await;
                self.post("/positions/A/cancel", "").await;
                self.get(&document()).await
            }
            Code::Busy => {
                let documents = Arc::clone(&self.city.services.documents);
                let mut places = Vec::with_capacity(DRAWN_AT_ONCE_MAX);
                for _ in 0..DRAWN_AT_ONCE_MAX {
                    places.push(documents.place().await.unwrap());
                }
                self.get(&document()).await
            }
            Code::FileRefused => self.load("%PDF-1.7").await,
            Code::FileTooLarge => {
                self.city.change(|services| {
                    services.imports = Arc::new(Imports {
                        file_bytes_max: 10,
                        ..Imports::clone(&services.imports)
                    });
                });
                self.load(DEBTS).await
            }
            Code::ImportState => {
                let import = self.load(DEBTS).await.json()["id"].clone();
                self.post(&format!("/imports/{import}/resume"), "").await
            }
            Code::MalformedKey => self.put(&debt("A"), &[("idempotency-key", "a b")]).await,
            Code::KeyReused => {
                self.put(&debt("A"), &[("idempotency-key", "one")]).await;
                self.put(&debt("B"), &[("idempotency-key", "one")]).await
            }
            Code::InProgress => self.ask_for_what_is_under_way().await,
            Code::AddressRefused => self.add_endpoint("https://10.0.0.1/").await,
            Code::TooManyEndpoints => {
                for _ in 0..5 {
                    self.add_endpoint(OWN_ADDRESS).await;
                }
                self.add_endpoint(OWN_ADDRESS).await
            }
            Code::EndpointDisabled => {
                let endpoint = self.add_endpoint(OWN_ADDRESS).await.json();
                let endpoint = format!("{ENDPOINTS}/{}", endpoint["id"].as_str().unwrap());
                self.post(&format!("{endpoint}/disable"), "").await;
                self.post(&format!("{endpoint}/replay"), "{}").await
            }
            Code::WebhooksOff => {
                self.city.without_key_of_webhooks();
                self.add_endpoint(OWN_ADDRESS).await
            }
            Code::BeyondTheEnd => self.post("/outcomes/acknowledge", "{\"up_to\": 1}").await,
            Code::DayTooLarge => {
                let day = OutcomeDay {
                    day: "2026-11-22".parse().unwrap(),
                    after_number: 0,
                    last_number: 100_001,
                    made_at: self.city.services.clock.now(),
                };
                let mut tx = self.city.services.store.begin().await.unwrap();
                ensure_feed(&mut tx, PROGRAM, day.made_at).await.unwrap();
                insert_outcome_day(&mut tx, PROGRAM, &day).await.unwrap();
                tx.commit().await.unwrap();
                self.get("/outcomes/daily/2026-11-22").await
            }
            Code::Internal => {
                self.city.change(|services| services.ids = Arc::new(NoIds));
                self.load(DEBTS).await
            }
            Code::Unavailable => {
                self.city.services.store.close().await;
                self.get("/positions/A").await
            }
            Code::TookTooLong => self.send_a_body_without_end().await,
        }
    }

    async fn come_without_certificate(&self) -> Answer {
        let mut bound = application("vincolato", CITY);
        bound.certificate = Some("07".repeat(32));
        let secret = self.city.registered(&bound).await;
        let form = format!("grant_type=client_credentials&client_id=vincolato&client_secret={secret}");
        let answer = self
            .city
            .send(with_certificate(form_request(form), [7; 32]))
            .await;
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        self.city.get("/institution", &token).await
    }

    /// Asks for the same under another key, which somebody took who has no answer yet.
    async fn ask_for_what_is_under_way(&self) -> Answer {
        self.put(&debt("A"), &[("idempotency-key", "done")]).await;
        let mut tx = self.city.services.store.begin().await.unwrap();
        let done = find_request(&mut tx, PROGRAM, "done").await.unwrap().unwrap();
        let now = self.city.services.clock.now();
        begin_request(&mut tx, PROGRAM, "begun", &done.digest, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.put(&debt("A"), &[("idempotency-key", "begun")]).await
    }

    /// Sends a request whose end never comes; once its program is let in, time goes by at once.
    async fn send_a_body_without_end(&self) -> Answer {
        let waited_for = Arc::new(Notify::new());
        let body = Body::new(Endless(Arc::clone(&waited_for)));
        let sending = self.post(QUOTE, body);
        let passing = async {
            waited_for.notified().await;
            tokio::time::pause();
            tokio::time::advance(std::time::Duration::from_secs(31)).await;
        };
        let (answer, ()) = tokio::join!(sending, passing);
        tokio::time::resume();
        answer
    }

    async fn get(&self, path: &str) -> Answer {
        self.city.get(path, &self.token).await
    }

    async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.city.post(path, &self.token, body).await
    }

    /// Says what is owed under the key that stands in it.
    async fn put(&self, draft: &Value, headers: &[(&str, &str)]) -> Answer {
        let path = format!("/positions/{}", draft["key"].as_str().unwrap());
        let mut request = asked(Method::PUT, &path, &self.token).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Body::from(draft.to_string());
        self.city.send(request.body(body).unwrap()).await
    }

    async fn made(&self, draft: &Value) {
        let answer = self.put(draft, &[]).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// From now on there is a debt under a key, whose notice has the first number of the program's own.
    async fn owe(&self, key: &str) {
        self.made(&numbered(key)).await;
    }

    async fn load(&self, file: &'static str) -> Answer {
        let request = asked(Method::POST, "/imports", &self.token).header("content-type", "text/csv");
        self.city.send(request.body(Body::from(file)).unwrap()).await
    }

    async fn add_endpoint(&self, url: &str) -> Answer {
        self.post(ENDPOINTS, json!({ "url": url }).to_string()).await
    }
}

const DEBTS: &str = "key;service;amount\nA;mensa;1\n";
const OWN_ADDRESS: &str = "http://127.0.0.1:9999/";
/// A change of whatever is there.
const ANYHOW: &[(&str, &str)] = &[("if-match", "*")];
/// The first number of the program's own.
const FIRST: u64 = 100;

/// A debt of 120.50 euro for meals.
fn debt(key: &str) -> Value {
    json!({
        "key": key,
        "service": "mensa",
        "debtor": { "kind": "natural", "code": MARIO, "full_name": "Mario Rossi" },
        "description": "Mensa, ottobre",
        "options": [{ "kind": "whole", "instalments": [{
            "amount": 12050,
            "due_on": "2026-12-23",
            "transfers": [{ "amount": 12050, "account": "DEMOGRAFICI" }],
        }] }],
    })
}

fn numbered(key: &str) -> Value {
    let mut draft = debt(key);
    notice(&mut draft)["notice_number"] = json!(number(FIRST).as_str());
    draft
}

fn dearer(key: &str) -> Value {
    let mut draft = debt(key);
    notice(&mut draft)["amount"] = json!(13_000);
    part(&mut draft)["amount"] = json!(13_000);
    draft
}

fn hidden(key: &str) -> Value {
    let mut draft = debt(key);
    draft["draft"] = json!(true);
    draft
}

fn notice(draft: &mut Value) -> &mut Value {
    &mut draft["options"][0]["instalments"][0]
}

fn part(draft: &mut Value) -> &mut Value {
    &mut notice(draft)["transfers"][0]
}

fn add_instalment(draft: &mut Value, instalment: Value) {
    let instalments = draft["options"][0]["instalments"].as_array_mut();
    instalments.unwrap().push(instalment);
}

fn document() -> String {
    format!("/notices/{}/pdf", number(FIRST))
}

/// Spoils a right draft.
type Spoil = fn(&mut Value);

/// The key of the debt that is there already, under the first number.
const OLD: &str = "OLD";

macro_rules! every_part {
    ($($problem:pat_param, $code:literal => $spoil:expr;)+) => {{
        // A new problem does not compile until something provokes it.
        let _: fn(&Part) = |problem| match problem { $($problem)|+ => () };
        vec![$(($code, $spoil)),+]
    }};
}

/// What provokes each problem of a part, the program being allowed school meals and a service that has closed.
fn wrong_parts() -> Vec<(&'static str, Spoil)> {
    every_part! {
        Part::Required, "required" => |draft| draft["description"] = json!("");
        Part::Text { .. }, "text" => |draft| draft["description"] = json!("x".repeat(141));
        Part::Unreadable { .. }, "unreadable" => |draft| notice(draft)["amount"] = json!("12,50");
        Part::Unknown, "unknown_field" => |draft| draft["kye"] = json!("A");
        Part::UnknownService, "unknown_service" => |draft| draft["service"] = json!("none");
        Part::InactiveService, "inactive_service" => |draft| draft["service"] = json!("chiuso");
        Part::ForbiddenService, "forbidden_service" => |draft| draft["service"] = json!("carta");
        Part::FiscalCode, "fiscal_code" => |draft| draft["debtor"]["code"] = json!("RSSMRA85T10A562T");
        Part::Email, "email" => |draft| draft["debtor"]["email"] = json!("mario");
        Part::Address, "address" => |draft| draft["debtor"]["address"] = json!({ "country": "Italia" });
        Part::PersonalData, "personal_data" => |draft| draft["description"] = json!(format!("Mensa di {MARIO}"));
        Part::Amount, "amount" => |draft| {
            notice(draft)["amount"] = json!(0);
            part(draft)["amount"] = json!(0);
        };
        Part::Sum { .. }, "sum" => |draft| part(draft)["amount"] = json!(12049);
        Part::Count { .. }, "count" => |draft| draft["options"] = json!([]);
        Part::NoticeNumber, "notice_number" => |draft| notice(draft)["notice_number"] = json!("1");
        Part::CheckDigits, "check_digits" => |draft| {
            let right = number(FIRST + 1);
            notice(draft)["notice_number"] = json!(format!("{}00", &right.as_str()[..16]));
        };
        Part::ForeignNumber, "foreign_number" => |draft| {
            notice(draft)["notice_number"] = json!(number(200).as_str());
        };
        Part::NumberAndReference, "number_and_reference" => |draft| {
            notice(draft)["notice_number"] = json!(number(FIRST + 1).as_str());
            notice(draft)["iuv"] = json!(number(FIRST + 2).iuv().as_str());
        };
        Part::Repeated, "repeated" => |draft| {
            notice(draft)["notice_number"] = json!(number(FIRST + 1).as_str());
            draft["options"][0]["kind"] = json!("instalment_plan");
            let same = notice(draft).clone();
            add_instalment(draft, same);
        };
        Part::Taken, "taken" => |draft| notice(draft)["notice_number"] = json!(number(FIRST).as_str());
        Part::Iban(_), "iban" => |draft| {
            *part(draft) = json!({ "amount": 12050, "iban": "IT61X0542811101000000123456" });
        };
        Part::ForeignAccount, "foreign_account" => |draft| {
            *part(draft) = json!({ "amount": 12050, "iban": "IT92P0617501400000000123456" });
        };
        Part::UnknownAccount, "unknown_account" => |draft| part(draft)["account"] = json!("NONE");
        Part::NoAccount, "no_account" => |draft| notice(draft)["transfers"] = json!([]);
        Part::SeveralDestinations, "several_destinations" => |draft| {
            part(draft)["iban"] = json!("IT60X0542811101000000123456");
        };
        Part::Beneficiary, "beneficiary" => |draft| part(draft)["beneficiary"] = json!("1");
        Part::Category, "category" => |draft| part(draft)["category"] = json!("mensa");
        Part::Stamp, "stamp" => |draft| {
            let stamp = json!({ "document_digest": "", "province": "GE" });
            *part(draft) = json!({ "amount": 12050, "stamp": stamp });
        };
        Part::Past { .. }, "past" => |draft| notice(draft)["due_on"] = json!("2026-11-22");
        Part::FarAway, "far_away" => |draft| notice(draft)["due_on"] = json!("2126-12-23");
        Part::Order { .. }, "order" => |draft| notice(draft)["payable_until"] = json!("2026-12-22");
        Part::Structure, "structure" => |draft| {
            draft["key"] = json!(OLD);
            let again = draft["options"][0].clone();
            draft["options"].as_array_mut().unwrap().push(again);
        };
    }
}

/// A body that says when it is waited for, and never comes.
struct Endless(Arc<Notify>);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.notify_one();
        Poll::Pending
    }
}

/// A source of identifiers that fails whoever needs one.
struct NoIds;

impl IdSource for NoIds {
    fn token(&self) -> String {
        panic!("there is no identifier left")
    }

    fn message_id(&self, _: DateTime<Utc>) -> MessageId {
        panic!("there is no identifier left")
    }
}
