//! What is due today is asked of the management program, and what it says holds for everybody.

use crate::support::*;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::Duration;
use domain::debt_position::DebtPositionStatus;
use domain::service::Service;
use domain::todays_amount::{AmountQuestion, AskedFor, TodaysAmount, WhenDown};
use domain::{Cents, DebtPosition};
use services::Services;
use services::hub_requests::{HubRefusal, PaymentData, VerifiedNotice, prepare_payment, verify_notice};
use services::message_log::search;
use services::notices::{NoticeDetails, find_notice_details};
use services::payments::{BeginPaymentError, begin_payment};
use services::todays_amount::{AmountPrograms, Today, Wanted, refresh};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use storage::audit::{Actor, list_audit_of_subject};
use storage::messages::{MessageSearch, MessageSubject};
use storage::{cases, debt_positions, service_catalogue};
use tokio::net::TcpListener;
use webhooks::signature::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signatures, verify};
use webhooks::{Network, Reach, Secret};

const BASE: u64 = 700;

fn key(of: u8) -> Secret {
    Secret::derived(b"a key of tests", "program", of.into())
}

/// How the program behaves.
#[derive(Clone)]
enum Manners {
    Says(String),
    SaysSignedBy(String, Secret),
    SaysOfAnother(String),
    Status(StatusCode),
    Slow,
    Redirects,
}

fn says(answer: &str) -> Manners {
    Manners::Says(answer.to_owned())
}

/// A management program.
struct Program {
    manners: Mutex<Manners>,
    asked: AtomicUsize,
    questions: Mutex<Vec<AmountQuestion>>,
    url: String,
}

impl Program {
    async fn start(manners: Manners) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let program = Arc::new(Self {
            manners: Mutex::new(manners),
            asked: AtomicUsize::new(0),
            questions: Mutex::default(),
            url: format!("http://{}/amount", listener.local_addr().unwrap()),
        });
        let routes = Router::new()
            .route("/amount", post(answer))
            .with_state(program.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        program
    }

    fn behaves(&self, manners: Manners) {
        *self.manners.lock().unwrap() = manners;
    }

    fn times_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State(program): State<Arc<Program>>, headers: HeaderMap, body: Bytes) -> Response {
    program.asked.fetch_add(1, Ordering::SeqCst);
    let sent = headers[TIMESTAMP_HEADER].to_str().unwrap().parse().unwrap();
    let at = chrono::DateTime::from_timestamp(sent, 0).unwrap();
    let id = verify(&[key(1)], &headers, &body, at)
        .expect("every question is signed")
        .to_owned();
    program
        .questions
        .lock()
        .unwrap()
        .push(serde_json::from_slice(&body).unwrap());
    let manners = program.manners.lock().unwrap().clone();
    let signed = |text: String, id: &str, by: Secret| {
        let mut headers = HeaderMap::new();
        headers.insert(ID_HEADER, id.parse().unwrap());
        headers.insert(TIMESTAMP_HEADER, sent.to_string().parse().unwrap());
        let signature = signatures(&[by], id, sent, text.as_bytes());
        headers.insert(SIGNATURE_HEADER, signature.parse().unwrap());
        (headers, text).into_response()
    };
    match manners {
        Manners::Says(text) => signed(text, &id, key(1)),
        Manners::SaysSignedBy(text, by) => signed(text, &id, by),
        Manners::SaysOfAnother(text) => signed(text, "msg_another", key(1)),
        Manners::Status(status) => (status, r#"{"amount":1}"#).into_response(),
        Manners::Slow => {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            signed(r#"{"amount":1}"#.to_owned(), &id, key(1))
        }
        Manners::Redirects => (
            StatusCode::TEMPORARY_REDIRECT,
            [(header::LOCATION, program.url.clone())],
        )
            .into_response(),
    }
}

/// A city one of whose services asks a program.
struct Asking {
    city: City,
    services: Services,
    terms: TodaysAmount,
}

fn programs(networks: &[&str]) -> Arc<AmountPrograms> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let allowed: Vec<Network> = networks.iter().map(|network| network.parse().unwrap()).collect();
    let secrets = BTreeMap::from([("acque".to_owned(), vec![key(1)])]);
    Arc::new(AmountPrograms::new(Reach { allowed }, Vec::new(), secrets).unwrap())
}

impl Asking {
    async fn on(city: City, url: &str, when_down: WhenDown) -> Self {
        let services = Services {
            amounts: programs(&["127.0.0.0/8"]),
            ..city.services.clone()
        };
        let terms = TodaysAmount {
            url: url.to_owned(),
            key: "acque".to_owned(),
            asked_for: vec![AskedFor::Hub, AskedFor::Page],
            when_down,
            kept_seconds: 600,
            signed_answers: false,
        };
        let asking = Self {
            city,
            services,
            terms,
        };
        asking.agree(&asking.terms).await;
        asking.city.owes(&Asking::debt()).await;
        asking
    }

    /// Changes how the program is asked.
    async fn agree(&self, terms: &TodaysAmount) {
        let service = Service {
            code: "acqua".to_owned(),
            amounts_move: true,
            todays_amount: Some(terms.clone()),
            ..service()
        };
        let mut tx = self.services.store.begin().await.unwrap();
        service_catalogue::upsert_service(&mut tx, &service)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.services.directory.refresh();
    }

    fn debt() -> DebtPosition {
        DebtPosition {
            service: "acqua".to_owned(),
            ..position(BASE)
        }
    }

    async fn verify(&self) -> Result<VerifiedNotice, HubRefusal> {
        verify_notice(&self.services, &addressed(), CITY, &number(BASE)).await
    }

    async fn get(&self) -> Result<PaymentData, HubRefusal> {
        prepare_payment(&self.services, &addressed(), CITY, &number(BASE)).await
    }

    async fn page(&self) -> NoticeDetails {
        find_notice_details(&self.services, &code(CITY), &number(BASE))
            .await
            .unwrap()
            .unwrap()
    }

    /// What verify says is due, in cents.
    async fn due(&self) -> i64 {
        self.verify().await.unwrap().notice.amount.as_i64()
    }
}

async fn asking(program: &Program, when_down: WhenDown) -> Vec<Asking> {
    let mut all = Vec::new();
    for city in cities().await {
        all.push(Asking::on(city, &program.url, when_down).await);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_is_told_what_the_program_says_and_pays_just_that() {
    let program = Program::start(says(r#"{"amount":12345,"due_on":"2026-12-01"}"#)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        let verified = asking.verify().await.unwrap().notice;
        assert_eq!(verified.amount, Cents::new(12_345));
        assert_eq!(verified.due_on, "2026-12-01".parse().ok());
        let asked = program.questions.lock().unwrap().pop().unwrap();
        assert_eq!(
            (
                asked.institution.as_str(),
                asked.service.as_str(),
                asked.key.as_str(),
                asked.amount
            ),
            (CITY, "acqua", "key-700", Cents::new(12_050))
        );
        assert_eq!(asked.notice_number, number(BASE).to_string());
        assert_eq!(asked.date.to_string(), "2026-11-23");

        let before = program.times_asked();
        program.behaves(says(r#"{"amount":99999}"#));
        let payment = asking.get().await.unwrap();
        assert_eq!(payment.verified.notice.amount, Cents::new(12_345));
        assert_eq!(payment.transfers[0].amount, Cents::new(12_345));
        assert_eq!(program.times_asked(), before, "what was told holds");
        program.behaves(says(r#"{"amount":12345,"due_on":"2026-12-01"}"#));

        let mut snapshot = asking.services.store.read().await.unwrap();
        let audit = list_audit_of_subject(&mut snapshot, &code(CITY), "key-700", 10)
            .await
            .unwrap();
        assert_eq!(audit.len(), 1);
        assert_eq!(
            (&audit[0].actor, audit[0].action.as_str()),
            (&Actor::System, "position.amended")
        );
        let stored = debt_positions::find_position(&mut snapshot, &code(CITY), "key-700")
            .await
            .unwrap()
            .unwrap();
        let events = debt_positions::list_position_events(&mut snapshot, stored.id)
            .await
            .unwrap();
        assert_eq!(events.last().unwrap().event.as_str(), "amended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_the_amount_of_today_opens_no_case() {
    let program = Program::start(says(r#"{"amount":12345}"#)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        assert_eq!(asking.due().await, 12_345);
        let mut receipt = receipt("today", BASE);
        receipt.amount = Cents::new(12_345);
        receipt.transfers[0].amount = Cents::new(12_345);
        asking.city.deliver(&receipt).await;
        assert!(matches!(
            asking.city.status_of(&Asking::debt()).await,
            DebtPositionStatus::Paid { .. }
        ));
        let mut snapshot = asking.services.store.read().await.unwrap();
        let opened = cases::list_open_cases(&mut snapshot, &code(CITY), 0, 10)
            .await
            .unwrap();
        assert!(opened.is_empty(), "{opened:?}");
        let asked = program.times_asked();
        assert!(matches!(asking.verify().await, Err(HubRefusal::Paid)));
        assert_eq!(
            program.times_asked(),
            asked,
            "nobody asks what a paid notice costs"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn question_and_answer_are_in_the_message_log() {
    let program = Program::start(says(r#"{"amount":12345}"#)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        asking.verify().await.unwrap();
        let wanted = MessageSearch {
            institution: code(CITY),
            subject: MessageSubject::Notice(number(BASE)),
            from: None,
            until: None,
        };
        let page = search(&asking.services, &wanted, None).await.unwrap();
        let said: Vec<_> = page
            .messages
            .iter()
            .map(|message| {
                (
                    message.operation.as_str(),
                    message.outcome.as_deref(),
                    message.body.as_slice(),
                )
            })
            .collect();
        assert_eq!(said.len(), 2);
        // Both were kept at the same moment of a clock that stands still.
        assert!(said.iter().all(|(operation, _, _)| *operation == "todaysAmount"));
        assert!(said.contains(&("todaysAmount", Some("200"), br#"{"amount":12345}"#.as_slice())));
        assert!(
            page.messages
                .iter()
                .any(|message| message.peer.starts_with("POST http://127.0.0.1:"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_questions_about_one_notice_asks_the_program_once() {
    let program = Program::start(says(r#"{"amount":12345}"#)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        let before = program.times_asked();
        let mut storm = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let services = asking.services.clone();
            storm.spawn(async move {
                let verified = verify_notice(&services, &addressed(), CITY, &number(BASE)).await;
                verified.unwrap().notice.amount
            });
        }
        let told = storm.join_all().await;
        assert!(
            told.iter().all(|amount| *amount == Cents::new(12_345)),
            "{told:?}"
        );
        assert_eq!(program.times_asked(), before + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_holds_to_the_second_and_for_every_server() {
    let program = Program::start(says(r#"{"amount":12345}"#)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        assert_eq!(asking.due().await, 12_345);
        let before = program.times_asked();
        program.behaves(says(r#"{"amount":12346}"#));
        asking.city.clock.advance(Duration::seconds(599));
        assert_eq!(asking.due().await, 12_345);
        let other = Services {
            amounts: programs(&["127.0.0.0/8"]),
            ..asking.city.another_server().await
        };
        let there = verify_notice(&other, &addressed(), CITY, &number(BASE))
            .await
            .unwrap();
        assert_eq!(there.notice.amount, Cents::new(12_345));
        assert_eq!(program.times_asked(), before);
        asking.city.clock.advance(Duration::seconds(1));
        let payment = asking.get().await.unwrap();
        assert_eq!(
            payment.verified.notice.amount,
            Cents::new(12_345),
            "a payer was told so ten minutes ago"
        );
        assert_eq!(asking.due().await, 12_346);
        assert_eq!(program.times_asked(), before + 1);
        program.behaves(says(r#"{"amount":12345}"#));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_is_told_what_is_due_this_very_moment() {
    let program = Program::start(says(r#"{"amount":12345}"#)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        assert_eq!(asking.due().await, 12_345);
        program.behaves(says(r#"{"amount":12346}"#));
        let notice = asking.verify().await.unwrap();
        let today = refresh(
            &asking.services,
            notice.service.as_ref(),
            &notice.notice,
            Wanted::Counter,
        )
        .await;
        assert!(matches!(today, Ok(Some(Today::Told { .. }))));
        assert_eq!(asking.due().await, 12_346);
        program.behaves(says(r#"{"amount":12345}"#));
    }
}

/// Every way a program can fail to say what is due.
fn failures() -> Vec<Manners> {
    let mut failures: Vec<Manners> = [
        "",
        "12345",
        "{",
        r#"{"amount":"123.45"}"#,
        r#"{"amount":123.45}"#,
        r#"{"amount":12345,"more":1}"#,
        r#"{"amount":0}"#,
        r#"{"amount":-1}"#,
        r#"{"amount":100000000000}"#,
        r#"{"amount":12345,"transfers":[{"id":1,"amount":12344}]}"#,
        r#"{"amount":12345,"transfers":[{"id":2,"amount":12345}]}"#,
        r#"{"amount":12345,"payable_until":"2026-11-22"}"#,
    ]
    .into_iter()
    .map(says)
    .collect();
    failures.push(says(&format!(r#"{{"amount":12345{}}}"#, " ".repeat(16 * 1024))));
    failures.push(Manners::Status(StatusCode::INTERNAL_SERVER_ERROR));
    failures.push(Manners::Status(StatusCode::NOT_FOUND));
    failures.push(Manners::Status(StatusCode::ACCEPTED));
    failures.push(Manners::Redirects);
    failures
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_program_says_nothing_that_can_be_used_the_last_amount_known_holds() {
    let program = Program::start(says("")).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        for manners in failures() {
            program.behaves(manners);
            assert_eq!(asking.due().await, 12_050);
            assert_eq!(
                asking.page().await.today,
                Some(Today::LastKnown { told_at: None })
            );
            // Longer than silence is believed, and than a program that failed is left alone.
            asking.city.clock.advance(Duration::seconds(11));
        }
        program.behaves(says(r#"{"amount":12345}"#));
        assert_eq!(asking.due().await, 12_345);
        let told_at = services::clock::Clock::now(&*asking.city.clock);
        program.behaves(says("{"));
        asking.city.clock.advance(Duration::seconds(600));
        assert_eq!(asking.due().await, 12_345);
        let known = Today::LastKnown {
            told_at: Some(told_at),
        };
        assert_eq!(asking.page().await.today, Some(known));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_rule_is_to_try_later_nothing_is_paid_without_an_answer() {
    let program = Program::start(says("{")).await;
    for asking in asking(&program, WhenDown::TryLater).await {
        assert!(matches!(asking.verify().await, Err(HubRefusal::TryLater)));
        assert!(matches!(asking.get().await, Err(HubRefusal::TryLater)));
        let page = asking.page().await;
        assert_eq!((page.today, page.is_payable()), (Some(Today::TryLater), false));
        let cart = [(code(CITY), number(BASE))];
        let here = [127, 0, 0, 1].into();
        let begun = begin_payment(&asking.services, &cart, None, "it", here).await;
        assert!(
            matches!(begun, Err(BeginPaymentError::NotPayable(_))),
            "{begun:?}"
        );

        program.behaves(says(r#"{"amount":12345}"#));
        asking.city.clock.advance(Duration::seconds(11));
        assert_eq!(asking.due().await, 12_345);
        assert!(asking.page().await.is_payable());
        begin_payment(&asking.services, &cart, None, "it", here)
            .await
            .unwrap();
        let cart = asking.city.hub.last_body();
        assert_eq!(cart["paymentNotices"][0]["amount"], 12_345);
        program.behaves(says("{"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_down_or_slow_costs_its_time_once() {
    let program = Program::start(Manners::Slow).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        let begun = Instant::now();
        assert_eq!(asking.due().await, 12_050);
        let waited = begun.elapsed();
        assert!((1_400..2_000).contains(&waited.as_millis()), "{waited:?}");
        let begun = Instant::now();
        for _ in 0..20 {
            assert_eq!(asking.due().await, 12_050);
        }
        assert!(begun.elapsed().as_millis() < 1_000);
    }
    let nobody = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let down = Asking::on(
        cities().await.remove(0),
        &format!("http://{nobody}/"),
        WhenDown::LastKnown,
    )
    .await;
    for _ in 0..20 {
        assert_eq!(down.due().await, 12_050);
        down.city.clock.advance(Duration::seconds(11));
    }
    let logged = down.messages().await;
    assert_eq!(
        logged, 10,
        "after five failures it is left alone: five questions, five notes of silence"
    );
}

impl Asking {
    /// How many messages there are about the notice.
    async fn messages(&self) -> usize {
        let wanted = MessageSearch {
            institution: code(CITY),
            subject: MessageSubject::Notice(number(BASE)),
            from: None,
            until: None,
        };
        search(&self.services, &wanted, None)
            .await
            .unwrap()
            .messages
            .len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_on_a_private_address_or_without_a_key_is_never_called() {
    let program = Program::start(says(r#"{"amount":12345}"#)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        let outside = Services {
            amounts: programs(&["10.0.0.0/8"]),
            ..asking.services.clone()
        };
        let verified = verify_notice(&outside, &addressed(), CITY, &number(BASE))
            .await
            .unwrap();
        assert_eq!(verified.notice.amount, Cents::new(12_050));
        let keyless = Services {
            amounts: Arc::default(),
            ..asking.services.clone()
        };
        let verified = verify_notice(&keyless, &addressed(), CITY, &number(BASE))
            .await
            .unwrap();
        assert_eq!(verified.notice.amount, Cents::new(12_050));
    }
    assert_eq!(program.times_asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_answers_are_signed_no_other_is_believed() {
    let amount = r#"{"amount":12345}"#;
    let program = Program::start(says(amount)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        asking
            .agree(&TodaysAmount {
                signed_answers: true,
                ..asking.terms.clone()
            })
            .await;
        for manners in [
            Manners::SaysSignedBy(amount.to_owned(), key(2)),
            Manners::SaysOfAnother(amount.to_owned()),
        ] {
            program.behaves(manners);
            assert_eq!(asking.due().await, 12_050);
            asking.city.clock.advance(Duration::seconds(11));
        }
        program.behaves(says(amount));
        assert_eq!(asking.due().await, 12_345);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_debt_that_is_no_more_is_cancelled_and_one_not_due_today_waits() {
    let program = Program::start(says(r#"{"nothing_due":true}"#)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        program.behaves(says(r#"{"nothing_due":true}"#));
        assert!(matches!(asking.verify().await, Err(HubRefusal::NothingDue)));
        let page = asking.page().await;
        assert!(matches!(page.today, Some(Today::NothingDue { .. })) && !page.is_payable());
        let open = DebtPositionStatus::Open { chosen: None };
        assert_eq!(asking.city.status_of(&Asking::debt()).await, open);

        // Silence does not make it due again.
        program.behaves(says("{"));
        asking.city.clock.advance(Duration::seconds(600));
        assert!(matches!(asking.verify().await, Err(HubRefusal::NothingDue)));

        program.behaves(says(r#"{"withdrawn":true}"#));
        asking.city.clock.advance(Duration::seconds(600));
        assert!(matches!(asking.verify().await, Err(HubRefusal::Withdrawn)));
        assert!(matches!(
            asking.city.status_of(&Asking::debt()).await,
            DebtPositionStatus::Cancelled { .. }
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_agreed_to_ask_does_not_ask() {
    let program = Program::start(says(r#"{"amount":12345}"#)).await;
    for asking in asking(&program, WhenDown::LastKnown).await {
        let before = program.times_asked();
        let only = |asked_for| TodaysAmount {
            asked_for: vec![asked_for],
            ..asking.terms.clone()
        };
        asking.agree(&only(AskedFor::Page)).await;
        assert_eq!(asking.due().await, 12_050);
        asking.agree(&only(AskedFor::Hub)).await;
        assert_eq!(asking.page().await.today, None);
        assert_eq!(program.times_asked(), before);
        asking.agree(&only(AskedFor::Page)).await;
        let page = asking.page().await;
        assert_eq!(page.notice.amount, Cents::new(12_345));
        let asked_at = services::clock::Clock::now(&*asking.city.clock);
        assert_eq!(page.today, Some(Today::Told { asked_at }));
    }
}
