//! Outcomes out: facts, feed, webhooks and days, with a real receiver on this machine.

mod receiver;
mod sending;
mod volume;

use crate::support::{
    CITY, City, MARIO, cities, code, number, position, position_of, receipt, record_message,
};
use chrono::Duration;
use domain::application::{Application, Grant, Scope};
use domain::debt_position::DebtPositionEvent;
use domain::flow_report::{FlowKey, FlowOutcome, FlowParty, FlowReport, FlowRow, FlowTotals};
use domain::outcome::{OutcomeContent, OutcomeKind};
use domain::receipt::ReceiptEffect;
use domain::{Cents, DebtPosition, OptionKind, Receipt};
pub(crate) use receiver::outcomes_calling;
use services::Services;
use services::caller::Caller;
use services::jobs::{JobKind, drain};
use services::outcomes::feed::{acknowledge_feed, choose_feed, read_feed};
use services::outcomes::views::record_views;
use services::outcomes::{OutcomeError, daily, fan_out};
use services::receipts::{Taken, take_receipt};
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::applications::insert_application;
use storage::debt_positions;
use storage::flow_reports::record_flow;
use storage::messages::{Direction, MessageKind, NewMessage};
use storage::outcomes::ToldOutcome;

/// Every engine at hand, with an application that is told of everything.
async fn programs() -> Vec<(City, Caller)> {
    let mut programs = Vec::new();
    for mut city in cities().await {
        city.services.outcomes = Arc::new(outcomes_calling(&[]));
        let caller = application(&city.services, "anagrafe", None).await;
        programs.push((city, caller));
    }
    programs
}

/// Adds an application of the city that reads outcomes of some services, or of all.
async fn application(services: &Services, id: &str, of: Option<&[&str]>) -> Caller {
    let application = Application {
        id: id.to_owned(),
        institution: code(CITY),
        name: "Gestionale di prova".to_owned(),
        grants: vec![Grant {
            scope: Scope::ReadOutcomes,
            services: of.map(|of| of.iter().map(ToString::to_string).collect()),
        }],
        numbers: Vec::new(),
        requests_per_minute: 1_000,
        certificate: None,
        active: true,
    };
    let mut tx = services.store.begin().await.unwrap();
    insert_application(&mut tx, &application, services.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    Caller::new(Arc::new(application), None)
}

/// Puts every fact into the feeds.
async fn fan_out_all(services: &Services) {
    fan_out::schedule(services).await.unwrap();
    drain(services, &[JobKind::OutcomeFanOut], "fan-out", 100)
        .await
        .unwrap();
}

/// Everything in the application's feed.
async fn feed_of(services: &Services, caller: &Caller) -> Vec<(i64, ToldOutcome)> {
    fan_out_all(services).await;
    read_feed(services, caller, Some(0), 500).await.unwrap().outcomes
}

fn kinds(outcomes: &[(i64, ToldOutcome)]) -> Vec<OutcomeKind> {
    outcomes.iter().map(|(_, told)| told.content.kind()).collect()
}

async fn happens(city: &City, position: &DebtPosition, event: DebtPositionEvent) {
    let services = &city.services;
    let mut tx = services.store.begin().await.unwrap();
    let before = debt_positions::find_position(&mut tx, &position.institution, &position.key)
        .await
        .unwrap()
        .unwrap();
    let after = before.position.apply(&event).unwrap();
    debt_positions::transition_position(&mut tx, &before, &after, &event, services.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_payment_is_told_with_its_receipt_and_without_a_name() {
    for (city, caller) in programs().await {
        let position = position_of(&[(OptionKind::InstalmentPlan, &[1, 2])]);
        city.owes(&position).await;
        city.deliver(&receipt("iur-1", 1)).await;
        city.deliver(&receipt("iur-2", 2)).await;
        let told = feed_of(&city.services, &caller).await;
        assert_eq!(kinds(&told), [OutcomeKind::Paid, OutcomeKind::Paid]);
        let paid = |place: usize| match &told[place].1.content {
            OutcomeContent::Paid {
                payment,
                position_paid,
            } => (payment.clone(), *position_paid),
            other => panic!("{other:?}"),
        };
        let (first, first_completes) = paid(0);
        assert_eq!(first.notice.notice_number, number(1));
        assert_eq!(first.notice.amount, Cents::new(12_050));
        assert_eq!(first.provider.unwrap().id, "PSPXITR1XXX");
        assert!(!first_completes);
        assert!(paid(1).1);
        assert_eq!(told[0].1.position.as_deref(), Some("key-1"));
        assert_eq!(told[0].1.service.as_deref(), Some("mensa"));
        let said = serde_json::to_string(&services::outcomes::message_of(&told[0].1)).unwrap();
        assert!(!said.contains("Mario") && !said.contains(MARIO), "{said}");
    }
}

#[tokio::test]
async fn money_that_nothing_waits_for_is_told_by_what_it_found() {
    for (city, caller) in programs().await {
        let (paid, withdrawn) = (position(1), position(2));
        city.owes(&paid).await;
        city.owes(&withdrawn).await;
        let at = city.services.clock.now();
        happens(&city, &withdrawn, DebtPositionEvent::Cancelled { at }).await;
        city.deliver(&receipt("iur-1", 1)).await;
        city.deliver(&receipt("iur-2", 1)).await;
        city.deliver(&receipt("iur-3", 2)).await;
        city.deliver(&receipt("iur-4", 99)).await;
        let told = feed_of(&city.services, &caller).await;
        let found: Vec<_> = told
            .iter()
            .filter_map(|(_, told)| match &told.content {
                OutcomeContent::PaidTwice { reason, .. } | OutcomeContent::PaidUnmatched { reason, .. } => {
                    Some((told.content.kind(), *reason, told.position.clone()))
                }
                _ => None,
            })
            .collect();
        assert_eq!(
            found,
            [
                (
                    OutcomeKind::PaidTwice,
                    ReceiptEffect::PaidTwice,
                    Some("key-1".to_owned())
                ),
                (
                    OutcomeKind::PaidUnmatched,
                    ReceiptEffect::Cancelled,
                    Some("key-2".to_owned())
                ),
                (OutcomeKind::PaidUnmatched, ReceiptEffect::Unknown, None),
            ]
        );
        assert_eq!(told[0].1.content.kind(), OutcomeKind::Cancelled);
    }
}

#[tokio::test]
async fn a_receipt_that_comes_again_with_other_contents_is_told_once() {
    for (city, caller) in programs().await {
        city.owes(&position(1)).await;
        let first = receipt("iur-1", 1);
        city.deliver(&first).await;
        let other = Receipt {
            amount: Cents::new(12_000),
            ..first.clone()
        };
        for _ in 0..2 {
            let id = record_message(&city.services, b"other").await;
            let taken = take_receipt(&city.services, id, &other, [9; 32]).await.unwrap();
            assert_eq!(taken, Taken::RepeatedDifferently);
        }
        city.deliver(&first).await;
        let told = feed_of(&city.services, &caller).await;
        assert_eq!(kinds(&told), [OutcomeKind::Paid, OutcomeKind::ReceiptCorrected]);
        let OutcomeContent::ReceiptCorrected {
            payment,
            first_amount,
        } = &told[1].1.content
        else {
            panic!("{told:?}");
        };
        assert_eq!(
            (payment.notice.amount, *first_amount),
            (Cents::new(12_000), Cents::new(12_050))
        );
    }
}

#[tokio::test]
async fn what_is_withdrawn_replaced_or_over_is_told_whoever_does_it() {
    for (city, caller) in programs().await {
        let at = city.services.clock.now();
        for (base, event) in [
            (1, DebtPositionEvent::Cancelled { at }),
            (2, DebtPositionEvent::Replaced { by: number(9), at }),
            (3, DebtPositionEvent::Expired { at }),
        ] {
            let position = position(base);
            city.owes(&position).await;
            happens(&city, &position, event).await;
        }
        let told = feed_of(&city.services, &caller).await;
        assert_eq!(
            kinds(&told),
            [
                OutcomeKind::Cancelled,
                OutcomeKind::Replaced,
                OutcomeKind::Expired
            ]
        );
        assert_eq!(told[1].1.content.notices()[0].notice_number, number(2));
    }
}

fn flow(rows: &[FlowRow], revision: u32) -> FlowReport {
    let totals = FlowTotals {
        count: rows.len() as u64,
        sum: Cents::sum(rows.iter().map(|row| row.amount)).unwrap(),
    };
    FlowReport {
        key: FlowKey {
            institution: code(CITY),
            psp: "PSPXITR1XXX".to_owned(),
            id: "2026-11-24PSPXITR1XXX-0001".parse().unwrap(),
            revision,
        },
        made_at: "2026-11-24T08:00:00".parse().unwrap(),
        regulation: "TRN1".to_owned(),
        regulated_on: "2026-11-24".parse().unwrap(),
        bank: None,
        sender: FlowParty {
            code: "PSPXITR1XXX".to_owned(),
            name: None,
        },
        receiver: FlowParty {
            code: CITY.to_owned(),
            name: None,
        },
        declared: totals,
        computed: None,
    }
}

#[tokio::test]
async fn a_payment_in_a_flow_is_told_once_with_its_parts_added_up() {
    for (city, caller) in programs().await {
        city.owes(&position(1)).await;
        let row = |index: u32, iur: &str, iuv: String, amount: i64| FlowRow {
            index,
            iuv,
            iur: iur.to_owned(),
            transfer_id: None,
            amount: Cents::new(amount),
            outcome: FlowOutcome::Executed,
            paid_on: "2026-11-23".parse().unwrap(),
        };
        let iuv = number(1).iuv().to_string();
        let rows = [
            row(1, "iur-1", iuv.clone(), 10_000),
            row(2, "iur-1", iuv, 2_050),
            row(3, "iur-9", "strange reference".to_owned(), 700),
        ];
        for revision in [1, 2] {
            let mut tx = city.services.store.begin().await.unwrap();
            let now = city.services.clock.now();
            record_flow(&mut tx, &flow(&rows, revision), &rows, &[], now)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
        let told = feed_of(&city.services, &caller).await;
        let said: Vec<_> = told
            .iter()
            .map(|(_, told)| match &told.content {
                OutcomeContent::Reported(reported) => (
                    reported.amount.as_i64(),
                    reported.notice_number.clone(),
                    told.position.clone(),
                ),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            said,
            [
                (12_050, Some(number(1)), Some("key-1".to_owned())),
                (700, None, None),
            ]
        );
    }
}

#[tokio::test]
async fn a_notice_looked_at_often_is_told_once_a_day_and_only_when_it_was_shown() {
    for (city, caller) in programs().await {
        city.owes(&position(1)).await;
        let services = &city.services;
        record_views(services).await.unwrap();
        city.clock.advance(Duration::minutes(5));
        let look = async |operation: &str, outcome: &str| {
            let at = services.clock.now();
            let id = services.ids.message_id(at);
            let answer = NewMessage {
                institution: Some(CITY.to_owned()),
                notice_number: Some(number(1).to_string()),
                psp: Some("PSPXITR1XXX".to_owned()),
                outcome: Some(outcome.to_owned()),
                ..NewMessage::new(
                    id,
                    at,
                    Direction::Outbound,
                    MessageKind::Response,
                    operation,
                    Vec::new(),
                )
            };
            services.messages.record(answer).await.unwrap();
        };
        look("paVerifyPaymentNotice", "PAA_PAGAMENTO_DUPLICATO").await;
        look("paSendRTV2", "OK").await;
        for _ in 0..3 {
            look("paVerifyPaymentNotice", "OK").await;
            look("paGetPaymentV2", "OK").await;
        }
        // What has just come may not be the last of its moment: it is left for later.
        assert_eq!(record_views(services).await.unwrap(), 0);
        city.clock.advance(Duration::minutes(2));
        assert_eq!(record_views(services).await.unwrap(), 6);
        assert_eq!(record_views(services).await.unwrap(), 0);
        city.clock.advance(Duration::days(1));
        look("paVerifyPaymentNotice", "OK").await;
        city.clock.advance(Duration::minutes(2));
        record_views(services).await.unwrap();
        let told = feed_of(services, &caller).await;
        let days: Vec<String> = told
            .iter()
            .map(|(_, told)| match &told.content {
                OutcomeContent::NoticeViewed(view) => view.day.to_string(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(days, ["2026-11-23", "2026-11-24"]);
    }
}

#[tokio::test]
async fn a_feed_has_numbers_without_a_gap_and_only_what_its_application_may_see() {
    for (city, all) in programs().await {
        let services = &city.services;
        let other = application(services, "altro", Some(&["cie"])).await;
        let mine = application(services, "mensa", Some(&["mensa"])).await;
        let paid: BTreeSet<OutcomeKind> = [OutcomeKind::Paid].into();
        choose_feed(services, &mine, &Some(paid), false).await.unwrap();
        for base in 1..=5 {
            city.owes(&position(base)).await;
            city.deliver(&receipt(&format!("iur-{base}"), base)).await;
            city.deliver(&receipt(&format!("again-{base}"), base)).await;
        }
        let told = feed_of(services, &all).await;
        let numbers: Vec<i64> = told.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
        assert_eq!(kinds(&feed_of(services, &mine).await), [OutcomeKind::Paid; 5]);
        assert_eq!(feed_of(services, &other).await, []);
        // Of nobody's service: for those alone who may see every one.
        city.deliver(&receipt("iur-99", 99)).await;
        assert_eq!(feed_of(services, &all).await.len(), 11);
        assert_eq!(feed_of(services, &mine).await.len(), 5);
        let ids: BTreeSet<_> = told.iter().map(|(_, told)| &told.event_id).collect();
        assert_eq!(ids.len(), 10);
    }
}

#[tokio::test]
async fn two_servers_that_fan_out_at_once_number_everything_once() {
    for (city, caller) in programs().await {
        let other = city.another_server().await;
        for base in 1..=60 {
            city.owes(&position(base)).await;
            city.deliver(&receipt(&format!("iur-{base}"), base)).await;
        }
        let one = tokio::spawn({
            let services = city.services.clone();
            async move { fan_out_all(&services).await }
        });
        fan_out_all(&other).await;
        one.await.unwrap();
        let told = feed_of(&city.services, &caller).await;
        let numbers: Vec<i64> = told.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_is_acknowledged_stays_so_and_is_never_beyond_the_end() {
    for (city, caller) in programs().await {
        let services = &city.services;
        for base in 1..=3 {
            city.owes(&position(base)).await;
            city.deliver(&receipt(&format!("iur-{base}"), base)).await;
        }
        fan_out_all(services).await;
        let page = read_feed(services, &caller, None, 2).await.unwrap();
        assert_eq!((page.outcomes.len(), page.last, page.more), (2, 2, true));
        for up_to in [2, 2, 1, 0, -5] {
            assert_eq!(acknowledge_feed(services, &caller, up_to).await.unwrap(), 2);
        }
        let page = read_feed(services, &caller, None, 500).await.unwrap();
        assert_eq!((page.outcomes.len(), page.last, page.more), (1, 3, false));
        // What was acknowledged can be asked for again.
        assert_eq!(
            read_feed(services, &caller, Some(0), 500)
                .await
                .unwrap()
                .outcomes
                .len(),
            3
        );
        assert!(matches!(
            acknowledge_feed(services, &caller, 4).await,
            Err(OutcomeError::BeyondTheEnd { last: 3 })
        ));
    }
}

#[tokio::test]
async fn what_was_acknowledged_long_ago_leaves_and_the_rest_stays() {
    for (city, caller) in programs().await {
        let services = &city.services;
        for base in 1..=4 {
            city.owes(&position(base)).await;
            city.deliver(&receipt(&format!("iur-{base}"), base)).await;
        }
        fan_out_all(services).await;
        acknowledge_feed(services, &caller, 2).await.unwrap();
        city.clock.advance(Duration::days(60));
        acknowledge_feed(services, &caller, 3).await.unwrap();
        city.clock.advance(Duration::days(31));
        while services::outcomes::clean(services, 1).await.unwrap() > 0 {}
        let left = |page: Vec<(i64, ToldOutcome)>| page.iter().map(|(number, _)| *number).collect::<Vec<_>>();
        assert_eq!(left(feed_of(services, &caller).await), [3, 4]);
        assert_eq!(
            read_feed(services, &caller, None, 1)
                .await
                .unwrap()
                .feed
                .acknowledged,
            3
        );
        city.clock.advance(Duration::days(750));
        while services::outcomes::clean(services, 1).await.unwrap() > 0 {}
        assert_eq!(feed_of(services, &caller).await, []);
    }
}

#[tokio::test]
async fn each_outcome_is_in_one_day_and_its_file_is_whole() {
    for (mut city, caller) in programs().await {
        let folder = tempfile::tempdir().unwrap();
        let mut outcomes = outcomes_calling(&[]);
        outcomes.folder = Some(folder.path().to_owned());
        city.services.outcomes = Arc::new(outcomes);
        let services = &city.services;
        choose_feed(services, &caller, &None, true).await.unwrap();
        // 23:59:30 in Italy, then half past midnight.
        city.clock
            .advance(Duration::minutes(13 * 60 + 59) + Duration::seconds(30));
        for base in 1..=2 {
            let owed = DebtPosition {
                key: format!("=1+{base}"),
                ..position(base)
            };
            city.owes(&owed).await;
            city.deliver(&receipt(&format!("iur-{base}"), base)).await;
        }
        let close = async || {
            fan_out_all(services).await;
            daily::schedule(services).await.unwrap();
            drain(services, &[JobKind::OutcomeDays], "days", 10)
                .await
                .unwrap();
        };
        assert!(matches!(
            daily::day_of(services, &caller, "2026-11-23".parse().unwrap()).await,
            Err(OutcomeError::DayNotClosed)
        ));
        city.clock.advance(Duration::minutes(31));
        city.owes(&position(3)).await;
        city.deliver(&receipt("iur-3", 3)).await;
        close().await;
        close().await;
        let file = folder.path().join("anagrafe/esiti-2026-11-23.csv");
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(
            lines[1].starts_with("1;") && lines[1].contains(";paid;") && lines[1].contains(";120.50;iur-1;")
        );
        assert!(lines[1].contains(";'=1+1;"), "{}", lines[1]);
        let digest =
            std::fs::read_to_string(folder.path().join("anagrafe/esiti-2026-11-23.csv.sha256")).unwrap();
        let expected =
            services::digest::hexadecimal(&<sha2::Sha256 as sha2::Digest>::digest(text.as_bytes()));
        assert_eq!(digest, format!("{expected}  esiti-2026-11-23.csv\n"));
        let asked = daily::day_of(services, &caller, "2026-11-23".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(asked, text.as_bytes());
        // Whoever takes the file may delete it.
        std::fs::remove_file(&file).unwrap();
        city.clock.advance(Duration::days(2));
        close().await;
        assert!(!file.exists());
        let next = daily::day_of(services, &caller, "2026-11-24".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(String::from_utf8(next).unwrap().lines().count(), 2);
        let empty = daily::day_of(services, &caller, "2026-11-25".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(String::from_utf8(empty).unwrap().lines().count(), 1);
        let left = std::fs::read_dir(folder.path().join("anagrafe")).unwrap();
        assert!(
            left.flatten()
                .all(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        );
    }
}
