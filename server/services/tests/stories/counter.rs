use crate::office::{Office, dearer, draft, number_of, offices};
use crate::support::{CITY, MARIO, mario};
use domain::Cents;
use domain::application::Scope;
use domain::draft::PositionDraft;
use services::counter::{DebtKey, Release, release, summarise, verify};
use services::idempotency::Idempotency;
use services::positions::{Expect, NoticeCode, PositionError, notice_pdf};
use std::sync::Arc;

fn wanted(key: Option<&str>) -> Release {
    Release {
        key: key.map(str::to_owned),
        service: "nido".to_owned(),
        debtor: mario(),
        description: None,
        amount: Cents::new(5_000),
        due_on: "2026-12-01".parse().ok(),
        payable_until: None,
        transfers: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counter_releases_a_notice_in_one_call_and_the_same_once() {
    for office in offices().await {
        let (services, caller) = (&office.services, &office.caller);
        let released = release(services, caller, &wanted(Some("C-1")), None)
            .await
            .unwrap();
        assert!(released.is_new);
        let notice = &released.released.notice;
        assert_eq!(notice.notice_number.len(), 18);
        assert_eq!(notice.iuv, notice.notice_number[1..]);
        assert_eq!(
            notice.qr_code,
            format!("PAGOPA|002|{}|{CITY}|5000", notice.notice_number)
        );
        assert_eq!(notice.description, "Mensa", "the service's name");
        assert!(notice.pdf.as_ref().unwrap().contains("/documento.pdf?scade="));
        let again = release(services, caller, &wanted(Some("C-1")), None)
            .await
            .unwrap();
        assert!(!again.is_new);
        assert_eq!(again.released.notice.notice_number, notice.notice_number);
        let other = Release {
            amount: Cents::new(1),
            ..wanted(Some("C-1"))
        };
        let outcome = release(services, caller, &other, None).await;
        assert!(
            matches!(&outcome, Err(PositionError::Invalid(errors)) if errors[0].path == "key"),
            "{outcome:?}"
        );
        let under = Idempotency::new("k", [1; 32]).unwrap();
        let first = release(services, caller, &wanted(None), Some(&under))
            .await
            .unwrap();
        let second = release(services, caller, &wanted(None), Some(&under))
            .await
            .unwrap();
        assert_eq!(first, second);
        assert_ne!(first.released.notice.notice_number, notice.notice_number);
        let number = NoticeCode::parse(&notice.notice_number).unwrap();
        let pdf = notice_pdf(services, caller, Scope::UseCounter, &number)
            .await
            .unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counter_says_in_plain_words_how_a_payment_stands() {
    for office in offices().await {
        let (services, caller) = (&office.services, &office.caller);
        let made = office.put(&draft("N-1"), Expect::Unsaid).await.unwrap();
        let state = async |by: DebtKey| {
            let mut asking = Office::asking(by);
            asking.person = Some(MARIO.to_lowercase());
            let mut verified = verify(services, caller, &asking, false).await.unwrap();
            assert_eq!(verified.len(), 1);
            verified.remove(0)
        };
        let waiting = state(DebtKey::Key("N-1".to_owned())).await;
        assert_eq!((&*waiting.state.code, waiting.receipts.len()), ("to_pay", 0));
        office.pay(&made, "r-1").await;
        for by in [
            DebtKey::Key("N-1".to_owned()),
            DebtKey::Notice(NoticeCode::Number(number_of(&made))),
            DebtKey::Person,
        ] {
            let paid = state(by).await;
            assert_eq!(paid.state.code, "paid");
            assert_eq!(paid.receipts[0].psp, "Banca di prova");
            assert_eq!(paid.history.last().unwrap().what, "receipt_received");
        }
        office.pay(&made, "r-2").await;
        let twice = state(DebtKey::Person).await;
        assert_eq!((&*twice.state.code, twice.receipts.len()), ("paid_twice", 2));
        let mut asking = Office::asking(DebtKey::Key("N-1".to_owned()));
        let positive = verify(services, caller, &asking, true).await.unwrap();
        assert_eq!(positive[0].receipts.len(), 1);
        asking.person = Some("VRDNNA80A41D969X".to_owned());
        let of_another = verify(services, caller, &asking, true).await;
        assert!(matches!(of_another, Err(PositionError::NotFound)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_debts_are_added_up_service_by_service() {
    for office in offices().await {
        let (services, caller) = (&office.services, &office.caller);
        let paid = office.put(&draft("N-1"), Expect::Unsaid).await.unwrap();
        office.put(&dearer("N-2"), Expect::Unsaid).await.unwrap();
        let meals = PositionDraft {
            service: "mensa".to_owned(),
            ..draft("N-3")
        };
        office.put(&meals, Expect::Unsaid).await.unwrap();
        office.pay(&paid, "r-1").await;
        office.wait_until("2026-12-24T09:00:00Z");
        let days = |from: &str, to: &str| (from.parse().unwrap(), to.parse().unwrap());
        let all = summarise(services, caller, MARIO, days("2026-12-23", "2026-12-23"), false)
            .await
            .unwrap();
        let told: Vec<_> = all
            .services
            .iter()
            .map(|one| {
                (
                    &*one.service,
                    one.debts,
                    one.unpaid,
                    one.overdue,
                    one.left.as_i64(),
                    one.paid.as_i64(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [("mensa", 1, 1, 1, 12_050, 0), ("nido", 2, 1, 1, 13_000, 12_050)]
        );
        let unpaid = summarise(services, caller, MARIO, days("2026-12-23", "2026-12-23"), true)
            .await
            .unwrap();
        assert_eq!(unpaid.services[1].debts, 1);
        let before = summarise(services, caller, MARIO, days("2026-12-01", "2026-12-22"), false)
            .await
            .unwrap();
        assert_eq!(before.services, []);
        assert!(!before.is_partial);
    }
}

/// `cargo test --release -p services --test stories measure_the_counter -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: it takes a minute"]
async fn measure_the_counter() {
    const A_SECOND: u32 = 50;
    const SECONDS: u32 = 20;
    for office in offices().await {
        let office = Arc::new(office);
        let mut ticks = tokio::time::interval(std::time::Duration::from_secs(1) / A_SECOND);
        let mut calls = Vec::new();
        for n in 0..A_SECOND * SECONDS {
            ticks.tick().await;
            let office = Arc::clone(&office);
            calls.push(tokio::spawn(async move {
                let wanted = wanted(Some(&format!("C-{n}")));
                let begun = tokio::time::Instant::now();
                release(&office.services, &office.caller, &wanted, None)
                    .await
                    .unwrap();
                begun.elapsed()
            }));
        }
        let mut took = Vec::new();
        for call in calls {
            took.push(call.await.unwrap());
        }
        took.sort();
        let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
        eprintln!(
            "{}: {A_SECOND} a second for {SECONDS} s: p50 {:?}, p99 {:?}, longest {:?}",
            office.services.store.engine_name(),
            at(50),
            at(99),
            at(100)
        );
    }
}
