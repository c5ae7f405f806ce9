use crate::office::{Office, TOWN, caller, dearer, draft, number_of, offices};
use crate::support::{CITY, MARIO, receipt};
use domain::application::Scope;
use domain::debt_position::TransitionError;
use domain::draft::{OptionDraft, PositionDraft, Problem};
use domain::{Cents, NoticeNumber, OptionKind, Receipt};
use services::counter::{Asking, DebtKey, find_debts, summarise};
use services::idempotency::{Idempotency, IdempotencyError};
use services::positions::{
    Done, Expect, NoticeCode, PositionAnswer, PositionError, Sought, cancel_position, find_notice,
    find_position, list_positions, notice_pdf, position_history, publish_position, put_position,
    replace_position,
};
use std::collections::BTreeSet;
use std::sync::Arc;

fn refusal(outcome: Result<PositionAnswer, PositionError>) -> TransitionError {
    match outcome {
        Err(PositionError::Refused(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn field(outcome: Result<PositionAnswer, PositionError>) -> (String, Problem) {
    match outcome {
        Err(PositionError::Invalid(mut errors)) => {
            let error = errors.remove(0);
            (error.path, error.problem)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_made_once_and_changed_under_the_version_that_was_read() {
    for office in offices().await {
        let made = office.put(&draft("N-1"), Expect::Absent).await.unwrap();
        assert_eq!((made.done, made.position.version), (Done::Created, 0));
        let again = office.put(&draft("N-1"), Expect::Unsaid).await.unwrap();
        assert_eq!(again.done, Done::Unchanged);
        assert_eq!(again.position, made.position);

        let otherwise = dearer("N-1");
        let outcome = |expect| office.put(&otherwise, expect);
        assert!(matches!(
            outcome(Expect::Unsaid).await,
            Err(PositionError::ConditionNeeded)
        ));
        assert!(matches!(
            outcome(Expect::Absent).await,
            Err(PositionError::ConditionFailed)
        ));
        assert!(matches!(
            outcome(Expect::Version(7)).await,
            Err(PositionError::ConditionFailed)
        ));
        assert!(matches!(
            office.put(&draft("N-2"), Expect::Version(0)).await,
            Err(PositionError::ConditionFailed)
        ));
        let changed = outcome(Expect::Version(0)).await.unwrap();
        assert_eq!((changed.done, changed.position.version), (Done::Changed, 1));
        assert_eq!(
            number_of(&changed),
            number_of(&made),
            "the notice keeps its number"
        );
        assert_eq!(changed.position.left, Cents::new(13_000));
        let found = find_position(&office.services, &office.caller, Scope::ReadPositions, "N-1")
            .await
            .unwrap();
        assert_eq!(found, changed.position);

        let mut longer = dearer("N-1");
        longer.options.push(OptionDraft {
            kind: OptionKind::InstalmentPlan,
            instalments: longer.options[0].instalments.clone(),
        });
        assert_eq!(
            field(office.put(&longer, Expect::Present).await),
            ("options".to_owned(), Problem::Structure)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_once_is_not_refused_for_having_grown_old() {
    for office in offices().await {
        let mut until = draft("N-1");
        until.options[0].instalments[0].payable_until = "2026-12-31".parse().ok();
        let made = office.put(&until, Expect::Unsaid).await.unwrap();
        office.pay(&made, "r-1").await;
        office.wait_until("2027-03-01T09:00:00Z");
        let again = office.put(&until, Expect::Unsaid).await.unwrap();
        assert_eq!((again.done, &*again.position.status), (Done::Unchanged, "paid"));
        assert_eq!(again.position.paid, Cents::new(12_050));
        until.options[0].instalments[0].amount = Cents::new(1);
        let (path, problem) = field(office.put(&until, Expect::Present).await);
        assert_eq!(path, "options[0].instalments[0].payable_until");
        assert!(matches!(problem, Problem::Past { .. }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_is_neither_changed_nor_withdrawn_nor_replaced() {
    for office in offices().await {
        let made = office.put(&draft("N-1"), Expect::Unsaid).await.unwrap();
        office.pay(&made, "r-1").await;
        let (services, caller) = (&office.services, &office.caller);
        assert_eq!(
            refusal(office.put(&dearer("N-1"), Expect::Present).await),
            TransitionError::AlreadyPaid
        );
        let cancelled = cancel_position(services, caller, "N-1", Expect::Unsaid, None).await;
        assert_eq!(refusal(cancelled), TransitionError::AlreadyPaid);
        let replaced = replace_position(services, caller, "N-1", &draft("N-2"), Expect::Unsaid, None).await;
        assert_eq!(refusal(replaced), TransitionError::AlreadyPaid);
        let found = find_position(services, caller, Scope::ReadPositions, "N-2").await;
        assert!(matches!(found, Err(PositionError::NotFound)), "nothing was made");
        let paid = find_position(services, caller, Scope::ReadPositions, "N-1")
            .await
            .unwrap();
        let payment = paid.options[0].instalments[0].payment.clone().unwrap();
        assert_eq!(payment.psp.as_deref(), Some("Banca di prova"));
        assert!(
            payment
                .receipt
                .unwrap()
                .starts_with("https://servizi.example.it/ricevuta/")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_published_and_a_position_withdrawn_as_often_as_is_asked() {
    for office in offices().await {
        let (services, caller) = (&office.services, &office.caller);
        let mut hidden = draft("N-1");
        hidden.draft = true;
        let made = office.put(&hidden, Expect::Unsaid).await.unwrap();
        assert_eq!(made.position.status, "draft");
        assert_eq!(made.position.options[0].instalments[0].pdf, None);
        for done in [Done::Changed, Done::Unchanged] {
            let published = publish_position(services, caller, "N-1", Expect::Unsaid, None)
                .await
                .unwrap();
            assert_eq!((published.done, &*published.position.status), (done, "open"));
        }
        assert_eq!(
            refusal(
                office
                    .put(
                        &PositionDraft {
                            draft: true,
                            ..dearer("N-1")
                        },
                        Expect::Present
                    )
                    .await
            ),
            TransitionError::AlreadyPublished
        );
        let stale = cancel_position(services, caller, "N-1", Expect::Version(0), None).await;
        assert!(matches!(stale, Err(PositionError::ConditionFailed)));
        for done in [Done::Changed, Done::Unchanged] {
            let cancelled = cancel_position(services, caller, "N-1", Expect::Unsaid, None)
                .await
                .unwrap();
            assert_eq!((cancelled.done, &*cancelled.position.status), (done, "cancelled"));
        }
        assert_eq!(
            refusal(office.put(&draft("N-1"), Expect::Unsaid).await),
            TransitionError::Cancelled
        );
        // What is said of a draft can be changed and published at once.
        office
            .put(
                &PositionDraft {
                    draft: true,
                    ..draft("N-2")
                },
                Expect::Unsaid,
            )
            .await
            .unwrap();
        let published = office.put(&dearer("N-2"), Expect::Version(0)).await.unwrap();
        assert_eq!(
            (published.position.version, &*published.position.status),
            (2, "open")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_leads_from_the_old_notice_to_the_new_one() {
    for office in offices().await {
        let (services, caller) = (&office.services, &office.caller);
        let old = office.put(&draft("N-1"), Expect::Unsaid).await.unwrap();
        let replace = async |key: &str, by: &PositionDraft| {
            replace_position(services, caller, key, by, Expect::Unsaid, None).await
        };
        assert_eq!(field(replace("N-1", &draft("N-1")).await).1, Problem::Taken);
        let hidden = PositionDraft {
            draft: true,
            ..draft("N-2")
        };
        assert_eq!(
            refusal(replace("N-1", &hidden).await),
            TransitionError::Unpublished
        );
        let new = replace("N-1", &dearer("N-2")).await.unwrap();
        assert_eq!((new.done, &*new.position.key), (Done::Created, "N-2"));
        let again = replace("N-1", &dearer("N-2")).await.unwrap();
        assert_eq!(
            (again.done, number_of(&again)),
            (Done::Unchanged, number_of(&new))
        );
        assert_eq!(
            refusal(replace("N-1", &draft("N-3")).await),
            TransitionError::Replaced
        );
        replace("N-2", &dearer("N-3")).await.unwrap();
        let code = NoticeCode::Iuv(number_of(&old).iuv());
        let notice = find_notice(services, caller, Scope::ReadPositions, &code)
            .await
            .unwrap();
        assert_eq!(notice.successor, Some(number_of(&new).to_string()));
        assert_eq!(notice.notice.state.code, "replaced");
        for by in [DebtKey::Notice(code), DebtKey::Key("N-1".to_owned())] {
            let debts = find_debts(services, caller, &Office::asking(by)).await.unwrap();
            assert_eq!(debts.len(), 1);
            assert_eq!(debts[0].position.key, "N-3");
            assert_eq!(debts[0].replaces, ["N-1", "N-2"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_numbers_within_its_range_and_nobody_else_has_its_number() {
    for office in offices().await {
        let numbered = |key: &str, base: u64| {
            let mut draft = draft(key);
            let number = NoticeNumber::issue("12".parse().unwrap(), base).unwrap();
            draft.options[0].instalments[0].notice_number = Some(number.to_string());
            draft
        };
        let made = office.put(&numbered("N-1", 100), Expect::Unsaid).await.unwrap();
        assert_eq!(number_of(&made).as_str()[3..16].parse(), Ok(100));
        let path = "options[0].instalments[0].notice_number".to_owned();
        assert_eq!(
            field(office.put(&numbered("N-2", 100), Expect::Unsaid).await),
            (path.clone(), Problem::Taken)
        );
        assert_eq!(
            field(office.put(&numbered("N-2", 200), Expect::Unsaid).await),
            (path, Problem::ForeignNumber)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_never_share_a_number_and_make_one_position_of_one_key() {
    for office in offices().await {
        let office = Arc::new(office);
        let work = (0..48).map(|n| {
            let office = Arc::clone(&office);
            tokio::spawn(async move {
                let key = format!("N-{}", n / 2);
                office.put(&draft(&key), Expect::Unsaid).await.unwrap()
            })
        });
        let (mut created, mut numbers) = (0, BTreeSet::new());
        for one in work.collect::<Vec<_>>() {
            let answer = one.await.unwrap();
            created += u32::from(answer.done == Done::Created);
            numbers.insert(number_of(&answer));
        }
        assert_eq!((created, numbers.len()), (24, 24));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_a_grant_for_a_service_neither_sees_nor_touches_its_positions() {
    for office in offices().await {
        let services = &office.services;
        let made = office.put(&draft("N-1"), Expect::Unsaid).await.unwrap();
        let number = NoticeCode::Number(number_of(&made));
        let before = find_position(services, &office.caller, Scope::ReadPositions, "N-1")
            .await
            .unwrap();
        for stranger in [
            caller(CITY, "mense", Some(&["mensa"])),
            caller(TOWN, "paese", None),
        ] {
            let not_found = |outcome: Result<PositionAnswer, PositionError>| {
                assert!(matches!(outcome, Err(PositionError::NotFound)), "{outcome:?}");
            };
            let read = find_position(services, &stranger, Scope::ReadPositions, "N-1").await;
            assert!(matches!(read, Err(PositionError::NotFound)));
            let read = find_notice(services, &stranger, Scope::ReadPositions, &number).await;
            assert!(matches!(read, Err(PositionError::NotFound)));
            let read = position_history(services, &stranger, Scope::ReadPositions, "N-1").await;
            assert!(matches!(read, Err(PositionError::NotFound)));
            assert!(
                notice_pdf(services, &stranger, Scope::ReadPositions, &number)
                    .await
                    .is_err()
            );
            not_found(cancel_position(services, &stranger, "N-1", Expect::Present, None).await);
            not_found(publish_position(services, &stranger, "N-1", Expect::Present, None).await);
            let by = PositionDraft {
                service: "mensa".to_owned(),
                ..draft("N-9")
            };
            not_found(replace_position(services, &stranger, "N-1", &by, Expect::Present, None).await);
            let everything = list_positions(
                services,
                &stranger,
                Scope::ReadPositions,
                Sought::default(),
                None,
                200,
            );
            assert_eq!(
                everything.await.unwrap(),
                [] as [(storage::debt_positions::Place, services::positions::PositionView); 0]
            );
            let mut asking = Office::asking(DebtKey::Person);
            asking.person = Some(MARIO.to_owned());
            for by in [
                DebtKey::Key("N-1".to_owned()),
                DebtKey::Notice(number.clone()),
                DebtKey::Person,
            ] {
                let asking = Asking { by, ..asking.clone() };
                let debts = find_debts(services, &stranger, &asking).await;
                assert!(matches!(debts, Err(PositionError::NotFound)), "{asking:?}");
            }
            let days = ("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
            let summary = summarise(services, &stranger, MARIO, days, false).await.unwrap();
            assert_eq!(summary.services, []);
        }
        let forbidden = put_position(
            services,
            &caller(CITY, "mense", Some(&["mensa"])),
            &draft("N-5"),
            Expect::Unsaid,
            None,
        )
        .await;
        assert_eq!(
            field(forbidden),
            ("service".to_owned(), Problem::ForbiddenService)
        );
        let after = find_position(services, &office.caller, Scope::ReadPositions, "N-1")
            .await
            .unwrap();
        assert_eq!(after, before, "nothing was written");
        // The same key in another institution is another position.
        let theirs = put_position(
            services,
            &caller(TOWN, "paese", None),
            &draft("N-1"),
            Expect::Absent,
            None,
        )
        .await
        .unwrap();
        assert_eq!(theirs.done, Done::Created);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_key_a_change_is_made_once_and_another_is_refused() {
    for office in offices().await {
        let (services, caller) = (&office.services, &office.caller);
        let under = |digest: u8| Idempotency::new("k-1", [digest; 32]).unwrap();
        let put = async |draft: &PositionDraft, digest: u8| {
            put_position(services, caller, draft, Expect::Unsaid, Some(&under(digest))).await
        };
        let made = put(&draft("N-1"), 1).await.unwrap();
        office.put(&dearer("N-1"), Expect::Present).await.unwrap();
        assert_eq!(put(&draft("N-1"), 1).await.unwrap(), made, "as it was answered");
        assert!(matches!(
            put(&dearer("N-2"), 2).await,
            Err(PositionError::Idempotency(IdempotencyError::Reused))
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_says_what_happened_and_who_did_it() {
    for office in offices().await {
        let (services, caller) = (&office.services, &office.caller);
        let made = office.put(&draft("N-1"), Expect::Unsaid).await.unwrap();
        office.city.clock.advance(chrono::Duration::minutes(1));
        office.put(&dearer("N-1"), Expect::Present).await.unwrap();
        office.city.clock.advance(chrono::Duration::minutes(1));
        let paid = Receipt {
            amount: Cents::new(13_000),
            ..receipt("r-1", 1)
        };
        let notice_number = number_of(&made);
        office
            .city
            .deliver(&Receipt {
                iuv: notice_number.iuv(),
                notice_number,
                ..paid
            })
            .await;
        let history = position_history(services, caller, Scope::ReadPositions, "N-1")
            .await
            .unwrap();
        let told: Vec<_> = history
            .iter()
            .map(|entry| (entry.what.as_str(), entry.version, entry.by.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("created", 0, Some("tributi")),
                ("amended", 1, Some("tributi")),
                ("receipt_received", 2, None)
            ]
        );
        assert_eq!(history[2].receipt_id.as_deref(), Some("r-1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_what_is_looked_for_and_go_on() {
    for office in offices().await {
        let (services, caller) = (&office.services, &office.caller);
        for n in 1..=5 {
            let service = if n % 2 == 0 { "mensa" } else { "nido" };
            let draft = PositionDraft {
                service: service.to_owned(),
                ..draft(&format!("N-{n}"))
            };
            office.put(&draft, Expect::Unsaid).await.unwrap();
        }
        cancel_position(services, caller, "N-3", Expect::Unsaid, None)
            .await
            .unwrap();
        let keys = async |sought: Sought| {
            let (mut keys, mut after) = (Vec::new(), None);
            loop {
                let page = list_positions(
                    services,
                    caller,
                    Scope::ReadPositions,
                    sought.clone(),
                    after.as_ref(),
                    2,
                )
                .await
                .unwrap();
                let Some((place, _)) = page.last() else {
                    return keys;
                };
                after = Some(place.clone());
                keys.extend(page.into_iter().map(|(_, position)| position.key));
            }
        };
        assert_eq!(keys(Sought::default()).await, ["N-1", "N-2", "N-3", "N-4", "N-5"]);
        let of_service = Sought {
            service: Some("nido".to_owned()),
            ..Sought::default()
        };
        assert_eq!(keys(of_service).await, ["N-1", "N-3", "N-5"]);
        let cancelled = Sought {
            status: Some("cancelled"),
            ..Sought::default()
        };
        assert_eq!(keys(cancelled.clone()).await, ["N-3"]);
        let mario = Sought {
            debtor_code: Some(MARIO.to_lowercase()),
            ..Sought::default()
        };
        assert_eq!(keys(mario.clone()).await.len(), 5);
        let page = list_positions(services, caller, Scope::ReadPositions, mario, None, 1)
            .await
            .unwrap();
        let elsewhere = list_positions(
            services,
            caller,
            Scope::ReadPositions,
            cancelled,
            Some(&page[0].0),
            1,
        )
        .await;
        assert!(matches!(elsewhere, Err(PositionError::OtherList)));
    }
}
