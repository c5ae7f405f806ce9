use crate::support::{CITY, City, addressed, cities, code, mario, receipt};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::account::{Account, Credit};
use domain::receipt::{ReceiptDestination, ReceiptTransfer};
use domain::service::{ByTariff, Service};
use domain::subject::SubjectField;
use domain::transfer::Destination;
use domain::{Cents, DebtPositionStatus, NoticeNumber, Receipt, Subject, SubjectKind};
use services::Services;
use services::clock::Clock;
use services::expiry::record_expired_positions;
use services::fee_quotes::{
    FeeError, FeeField, FeeOutcome, FeeRequest, KeptQuote, RecomputeError, Unworkable, find_quote, recompute,
    request_notice, stamp_digest,
};
use services::hub_requests::{HubRefusal, PaymentData, prepare_payment, verify_notice};
use services::tariffs::{TariffBook, TariffFile, UnusableTariff};
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::{debt_positions, position_feed, service_catalogue};
use tariff::{Answer, Answers};

const CARD: &str = include_str!("tariffs/carta.toml");
const COPIES: &str = include_str!("tariffs/copie.toml");

/// The card from December on: dearer.
fn dearer_card() -> String {
    CARD.replace("2026-01-01", "2026-12-01")
        .replace("valid_to = 2026-11-30\n", "")
        .replace("5.42", "6.42")
        .replace("22.21", "23.21")
        .replace("today = 2026-03-10", "today = 2026-12-10")
}

fn account(key: &str, credit: Credit) -> Account {
    Account {
        institution: code(CITY),
        key: key.to_owned(),
        beneficiary: code(CITY),
        credit,
    }
}

fn ordinary() -> Account {
    let credit = Credit::Iban {
        iban: "IT60X0542811101000000123456".parse().unwrap(),
        postal_iban: None,
    };
    account("DEMOGRAFICI", credit)
}

fn stamps(amount: &str) -> Account {
    let credit = Credit::Stamp {
        amount: Cents::from_wire(amount).unwrap(),
        province: "GE".to_owned(),
    };
    account("EBOLLO", credit)
}

fn book(accounts: Vec<Account>) -> Arc<TariffBook> {
    let file = |name: &str, text: String| TariffFile {
        name: name.to_owned(),
        text,
    };
    let files = vec![
        file("carta/2026-01-01.toml", CARD.to_owned()),
        file("carta/2026-12-01.toml", dearer_card()),
        file("copie/2026-01-01.toml", COPIES.to_owned()),
    ];
    match TariffBook::compile(files, None, accounts) {
        Ok(book) => Arc::new(book),
        Err(error) => panic!("{error}"),
    }
}

/// Cities that offer cards and copies, and know no other tariffs.
async fn offering() -> Vec<City> {
    let mut cities = cities().await;
    for city in &mut cities {
        city.services.tariffs = book(vec![ordinary(), stamps("16.00")]);
        let mut tx = city.services.store.begin().await.unwrap();
        let entries = city
            .services
            .directory
            .entries(&city.services.store, &*city.clock)
            .await
            .unwrap();
        let service = entries.service(&code(CITY), "mensa").unwrap();
        for (code, tariff, active) in [
            ("carta", "carta", true),
            ("copie", "copie", true),
            ("vecchio", "carta", false),
        ] {
            let service = Service {
                code: code.to_owned(),
                by_tariff: Some(ByTariff {
                    tariff: tariff.to_owned(),
                    days_to_pay: 30,
                }),
                active,
                ..service.clone()
            };
            service_catalogue::upsert_service(&mut tx, &service)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        city.services.directory.refresh();
    }
    cities
}

fn answers(of: &[(&str, &str)]) -> Answers {
    of.iter()
        .map(|(id, text)| (*id, Answer::Text((*text).to_owned())))
        .collect()
}

/// What a page asks for after it worked the fee out with the server's version of today.
fn shown(city: &City, service: &str, of: &[(&str, &str)], token: u32) -> FeeRequest {
    let answers = answers(of);
    let versions = city.services.tariffs.evaluable(service);
    let quote = tariff::evaluate::quote(&versions, &answers, city.clock.today());
    FeeRequest {
        institution: code(CITY),
        service: service.to_owned(),
        digest: quote
            .tariff
            .map(|tariff| tariff.digest.clone())
            .unwrap_or_default(),
        expected_total: quote.total,
        answers,
        debtor: mario(),
        token: format!("{token:0>26}"),
    }
}

fn card(city: &City, token: u32) -> FeeRequest {
    shown(city, "carta", &[("carte", "1"), ("urgente", "false")], token)
}

fn copies(city: &City, purpose: &str, count: &str, token: u32) -> FeeRequest {
    shown(city, "copie", &[("uso", purpose), ("copie", count)], token)
}

async fn noticed(services: &Services, request: &FeeRequest) -> NoticeNumber {
    match request_notice(services, request).await {
        Ok(FeeOutcome::Notice(number)) => number,
        other => panic!("{other:?}"),
    }
}

async fn payment_of(city: &City, number: &NoticeNumber) -> Result<PaymentData, HubRefusal> {
    let to = addressed();
    prepare_payment(&city.services, &to, &to.institution, number).await
}

async fn kept(services: &Services, number: &NoticeNumber) -> KeptQuote {
    find_quote(services, &code(CITY), number).await.unwrap().unwrap()
}

/// How many positions of the city were made.
async fn positions_made(city: &City) -> u64 {
    let mut snapshot = city.services.store.glance().await.unwrap();
    position_feed::count_pending(&mut snapshot, &code(CITY))
        .await
        .unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_fee_as_it_was_shown_becomes_a_notice_that_the_hub_verifies_and_a_receipt_pays() {
    for city in offering().await {
        let number = noticed(&city.services, &card(&city, 1)).await;
        assert!(number.has_right_check_digits());
        let to = addressed();
        let verified = verify_notice(&city.services, &to, &to.institution, &number)
            .await
            .unwrap();
        assert_eq!(verified.notice.amount, Cents::new(2_221));
        assert_eq!(verified.notice.description, "Carta d'identità");

        let payment = payment_of(&city, &number).await.unwrap();
        assert_eq!(payment.debtor, mario());
        let [transfer] = &payment.transfers[..] else {
            panic!(
                "the State's share travels with the municipality's: {:?}",
                payment.transfers
            );
        };
        assert_eq!(transfer.amount, Cents::new(2_221));
        assert_eq!(transfer.beneficiary_name, "Comune di Prova");
        assert_eq!(transfer.remittance_information, "Carta d'identità");

        let paid = Receipt {
            notice_number: number.clone(),
            iuv: number.iuv(),
            amount: Cents::new(2_221),
            transfers: vec![ReceiptTransfer {
                amount: Cents::new(2_221),
                ..receipt("r1", 1).transfers[0].clone()
            }],
            ..receipt("r1", 1)
        };
        city.deliver(&paid).await;
        let again = payment_of(&city, &number).await;
        assert!(matches!(again, Err(HubRefusal::Paid)), "{again:?}");
        assert_eq!(kept(&city.services, &number).await.quote.notice_number, number);
    }
}

#[tokio::test]
async fn the_same_form_sent_again_is_the_same_notice_whatever_the_rates_are_by_then() {
    for city in offering().await {
        let request = card(&city, 1);
        let number = noticed(&city.services, &request).await;
        assert_eq!(noticed(&city.services, &request).await, number);
        // A form without script sends texts where a script sends numbers, in whichever order, and a code as it was typed.
        let mut debtor = mario();
        debtor.code = debtor.code.to_ascii_lowercase();
        let otherwise = FeeRequest {
            answers: [("urgente", Answer::Boolean(false)), ("carte", Answer::Whole(1))]
                .into_iter()
                .collect(),
            debtor,
            ..request.clone()
        };
        assert_eq!(noticed(&city.services, &otherwise).await, number);
        city.clock.advance(Duration::days(30));
        assert_eq!(noticed(&city.services, &request).await, number);
        let another = noticed(&city.services, &card(&city, 2)).await;
        assert_ne!(another, number);
        assert_eq!(positions_made(&city).await, 2);
    }
}

#[tokio::test]
async fn of_many_equal_forms_at_once_on_two_servers_one_notice_is_made() {
    for city in offering().await {
        let servers = [city.services.clone(), city.another_server().await];
        let request = card(&city, 1);
        let mut tasks = tokio::task::JoinSet::new();
        for place in 0..16 {
            let (services, request) = (servers[place % 2].clone(), request.clone());
            tasks.spawn(async move { noticed(&services, &request).await });
        }
        let numbers: BTreeSet<_> = tasks.join_all().await.into_iter().collect();
        assert_eq!(numbers.len(), 1);
        assert_eq!(positions_made(&city).await, 1);
    }
}

#[tokio::test]
async fn another_form_under_the_same_token_is_refused() {
    for city in offering().await {
        let request = card(&city, 1);
        noticed(&city.services, &request).await;
        let anna = Subject {
            full_name: "Anna Rossi".to_owned(),
            ..mario()
        };
        for other in [
            shown(&city, "carta", &[("carte", "2"), ("urgente", "false")], 1),
            copies(&city, "semplice", "9", 1),
            FeeRequest {
                debtor: anna,
                ..request.clone()
            },
            FeeRequest {
                expected_total: Cents::new(2_222),
                ..request.clone()
            },
            FeeRequest {
                digest: "0".repeat(64),
                ..request.clone()
            },
        ] {
            let refused = request_notice(&city.services, &other).await;
            assert!(matches!(refused, Err(FeeError::TokenUsed)), "{refused:?}");
        }
        assert_eq!(positions_made(&city).await, 1);
    }
}

#[tokio::test]
async fn a_price_that_changed_at_midnight_is_shown_again_before_anything_is_made() {
    for city in offering().await {
        // 23:59 of 30 November in Italy.
        let until: DateTime<Utc> = "2026-11-30T22:59:00Z".parse().unwrap();
        city.clock.advance(until - city.clock.now());
        let page = card(&city, 1);
        assert_eq!(page.expected_total, Cents::new(2_221));
        city.clock.advance(Duration::minutes(2));
        let outcome = request_notice(&city.services, &page).await.unwrap();
        assert_eq!(outcome, FeeOutcome::Changed);
        assert_eq!(positions_made(&city).await, 0);
        let confirmed = card(&city, 1);
        assert_eq!(confirmed.expected_total, Cents::new(2_321));
        let number = noticed(&city.services, &confirmed).await;
        let payment = payment_of(&city, &number).await.unwrap();
        assert_eq!(payment.verified.notice.amount, Cents::new(2_321));
    }
}

#[tokio::test]
async fn what_a_page_says_of_price_and_version_is_not_believed() {
    for city in offering().await {
        for request in [
            FeeRequest {
                expected_total: Cents::new(1),
                ..card(&city, 1)
            },
            FeeRequest {
                digest: "0".repeat(64),
                ..card(&city, 1)
            },
        ] {
            let outcome = request_notice(&city.services, &request).await.unwrap();
            assert_eq!(outcome, FeeOutcome::Changed);
        }
        assert_eq!(positions_made(&city).await, 0);
    }
}

#[tokio::test]
async fn where_nothing_is_due_no_notice_is_made() {
    for city in offering().await {
        for request in [
            // Exempt by law, by the sum, too little to be asked for, refused, and answers that cannot be used.
            copies(&city, "adozione", "1", 1),
            shown(&city, "carta", &[("carte", "0"), ("urgente", "false")], 1),
            copies(&city, "semplice", "3", 1),
            shown(&city, "carta", &[("carte", "10"), ("urgente", "false")], 1),
            copies(&city, "generico", "21", 1),
            copies(&city, "altro", "1", 1),
            shown(&city, "carta", &[("carte", "1")], 1),
        ] {
            let outcome = request_notice(&city.services, &request).await;
            assert!(matches!(outcome, Err(FeeError::NotDue)), "{outcome:?}");
        }
        let enough = noticed(&city.services, &copies(&city, "semplice", "4", 1)).await;
        assert_eq!(
            payment_of(&city, &enough).await.unwrap().verified.notice.amount,
            Cents::new(208)
        );
    }
}

#[tokio::test]
async fn five_transfers_make_a_notice_and_a_sixth_is_refused() {
    for city in offering().await {
        let number = noticed(&city.services, &copies(&city, "generico", "4", 1)).await;
        let payment = payment_of(&city, &number).await.unwrap();
        assert_eq!(payment.transfers.len(), 5);
        // The fingerprint that is sent, and that the receipt must bear, is that of the request which is kept.
        let digest = stamp_digest(&kept(&city.services, &number).await.quote);
        assert_eq!(digest.len(), 44);
        for stamp in &payment.transfers[..4] {
            assert_eq!(stamp.amount, Cents::new(1_600));
            let expected = Destination::StampDuty {
                document_digest: digest.clone(),
                province: "GE".to_owned(),
            };
            assert_eq!(stamp.destination, expected);
        }
        assert_eq!(payment.transfers[4].amount, Cents::new(208));
        let other = noticed(&city.services, &copies(&city, "generico", "4", 2)).await;
        assert_ne!(stamp_digest(&kept(&city.services, &other).await.quote), digest);

        let refused = request_notice(&city.services, &copies(&city, "generico", "5", 3)).await;
        assert!(matches!(refused, Err(FeeError::TooManyTransfers)), "{refused:?}");
        assert_eq!(positions_made(&city).await, 2);
    }
}

#[tokio::test]
async fn accounts_that_do_not_fit_the_rates_make_no_notice_and_say_what_to_mend() {
    for mut city in offering().await {
        city.services.tariffs = book(vec![ordinary(), stamps("14.62")]);
        let refused = request_notice(&city.services, &copies(&city, "generico", "1", 1)).await;
        match refused {
            Err(FeeError::Unworkable(Unworkable::Debt(error))) => assert_eq!(
                error.to_string(),
                "the share of account EBOLLO, 16.00, is not a whole number of stamps of 14.62"
            ),
            other => panic!("{other:?}"),
        }
        city.services.tariffs = book(vec![ordinary()]);
        let refused = request_notice(&city.services, &copies(&city, "generico", "1", 1)).await;
        assert!(
            matches!(
                refused,
                Err(FeeError::Unworkable(Unworkable::Accounts(
                    UnusableTariff::NoAccount { .. }
                )))
            ),
            "{refused:?}"
        );
        assert_eq!(positions_made(&city).await, 0);
    }
}

#[tokio::test]
async fn a_notice_never_outlives_its_price_and_expires_by_itself() {
    for city in offering().await {
        let card_number = noticed(&city.services, &card(&city, 1)).await;
        let copies_number = noticed(&city.services, &copies(&city, "generico", "1", 2)).await;
        for (number, last_day) in [(&card_number, "2026-11-30"), (&copies_number, "2026-12-23")] {
            let notice = payment_of(&city, number).await.unwrap().verified.notice;
            assert_eq!(notice.due_on, Some(day(last_day)));
            assert_eq!(notice.payable_until, Some(day(last_day)));
        }
        // Noon of 30 November, then of 1 December.
        city.clock.advance(Duration::days(7));
        assert_eq!(record_expired_positions(&city.services).await.unwrap(), 0);
        assert!(payment_of(&city, &card_number).await.is_ok());
        city.clock.advance(Duration::days(1));
        let expired = payment_of(&city, &card_number).await;
        assert!(matches!(expired, Err(HubRefusal::Expired)), "{expired:?}");
        assert_eq!(record_expired_positions(&city.services).await.unwrap(), 1);
        let mut snapshot = city.services.store.glance().await.unwrap();
        let position =
            debt_positions::find_position_by_notice(&mut snapshot, &code(CITY), &card_number).await;
        let status = position.unwrap().unwrap().position.status;
        assert!(matches!(status, DebtPositionStatus::Expired { .. }), "{status:?}");
    }
}

#[tokio::test]
async fn a_quote_is_worked_out_again_from_the_archive_alone() {
    for city in offering().await {
        let number = noticed(&city.services, &copies(&city, "generico", "2", 1)).await;
        // Years later, on a server that has other tariffs.
        let mut later = city.another_server().await;
        later.tariffs = Arc::default();
        city.clock.advance(Duration::days(3_650));
        let KeptQuote { quote, source } = kept(&later, &number).await;
        assert_eq!(source, COPIES);
        assert_eq!(quote.inputs, r#"{"copie":"2","uso":"generico"}"#);
        assert_eq!(quote.evaluator, tariff::VERSION);
        let again = recompute(&quote, &source).unwrap();
        assert_eq!(again.result, quote.result);
        assert!(again.agrees);
        let result: serde_json::Value = serde_json::from_str(&quote.result).unwrap();
        assert_eq!(result["total"], "33.04");

        let mut touched = quote.clone();
        touched.result = touched.result.replace("33.04", "33.05");
        assert!(!recompute(&touched, &source).unwrap().agrees);
        let other = recompute(&quote, CARD);
        assert_eq!(other, Err(RecomputeError::OtherSource));
    }
}

#[tokio::test]
async fn what_is_not_offered_makes_no_notice() {
    for city in offering().await {
        for request in [
            FeeRequest {
                service: "vecchio".to_owned(),
                ..card(&city, 1)
            },
            FeeRequest {
                service: "mensa".to_owned(),
                ..card(&city, 1)
            },
            FeeRequest {
                service: "none".to_owned(),
                ..card(&city, 1)
            },
            FeeRequest {
                institution: code("80034810103"),
                ..card(&city, 1)
            },
        ] {
            let refused = request_notice(&city.services, &request).await;
            assert!(matches!(refused, Err(FeeError::UnknownService)), "{refused:?}");
        }
        let without = Services {
            tariffs: Arc::default(),
            ..city.services.clone()
        };
        let refused = request_notice(&without, &card(&city, 1)).await;
        assert!(matches!(refused, Err(FeeError::UnknownService)), "{refused:?}");
        let nothing = find_quote(&city.services, &code(CITY), &crate::support::number(1)).await;
        assert!(nothing.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_token_or_a_debtor_that_cannot_be_used_is_named() {
    for city in offering().await {
        let field = async |request: FeeRequest| match request_notice(&city.services, &request).await {
            Err(FeeError::Unusable(field)) => field,
            other => panic!("{other:?}"),
        };
        for token in ["", "short", "a-token-with-other-characters", &"a".repeat(65)] {
            let request = FeeRequest {
                token: token.to_owned(),
                ..card(&city, 1)
            };
            assert_eq!(field(request).await, FeeField::Token, "{token}");
        }
        for (debtor, part) in [
            (
                Subject {
                    code: "RSSMRA85T10A562T".to_owned(),
                    ..mario()
                },
                SubjectField::Code,
            ),
            (
                Subject {
                    kind: SubjectKind::Legal,
                    ..mario()
                },
                SubjectField::Code,
            ),
            (
                Subject {
                    full_name: " ".to_owned(),
                    ..mario()
                },
                SubjectField::Name,
            ),
            (
                Subject {
                    email: Some("mario".to_owned()),
                    ..mario()
                },
                SubjectField::Email,
            ),
        ] {
            let request = FeeRequest {
                debtor,
                ..card(&city, 1)
            };
            assert_eq!(field(request).await, FeeField::Debtor(part));
        }
        assert_eq!(positions_made(&city).await, 0);
    }
}

#[tokio::test]
async fn a_receipt_with_a_stamp_for_the_request_opens_no_case_and_one_for_another_document_does() {
    for city in offering().await {
        let mut kinds = Vec::new();
        for (token, of_the_request) in [(1, true), (2, false)] {
            let number = noticed(&city.services, &copies(&city, "generico", "1", token)).await;
            let transfers = payment_of(&city, &number).await.unwrap().transfers;
            let fee = receipt("r", 1).transfers[0].clone();
            let paid = Receipt {
                notice_number: number.clone(),
                iuv: number.iuv(),
                amount: Cents::new(1_652),
                transfers: transfers
                    .iter()
                    .map(|transfer| ReceiptTransfer {
                        id: transfer.id,
                        amount: transfer.amount,
                        destination: match &transfer.destination {
                            Destination::Account { iban, .. } => {
                                ReceiptDestination::Account(iban.to_string())
                            }
                            Destination::StampDuty { document_digest, .. } => ReceiptDestination::StampDuty {
                                attachment: "PG1hcmNhLz4=".to_owned(),
                                document_digest: Some(if of_the_request {
                                    document_digest.clone()
                                } else {
                                    "0".repeat(44)
                                }),
                            },
                        },
                        ..fee.clone()
                    })
                    .collect(),
                ..receipt(&format!("r{token}"), 1)
            };
            city.deliver(&paid).await;
            let mut snapshot = city.services.store.glance().await.unwrap();
            kinds.push(
                storage::cases::list_open_cases(&mut snapshot, &code(CITY), 0, 10)
                    .await
                    .unwrap()
                    .len(),
            );
        }
        assert_eq!(kinds, [0, 1]);
    }
}
