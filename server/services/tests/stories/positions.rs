use crate::support::{CITY, City, MARIO, cities, code, mario, receipt};
use chrono::{DateTime, Utc};
use domain::account::{Account, Credit};
use domain::application::{Application, Grant, NumberRange, Scope};
use domain::debt_position::TransitionError;
use domain::draft::{InstalmentDraft, OptionDraft, PositionDraft, Problem};
use domain::service::Service;
use domain::{Cents, CreditorInstitution, NoticeNumber, OptionKind, Receipt};
use services::Services;
use services::caller::Caller;
use services::counter::{Asking, DebtKey, Release, find_debts, release, summarise, verify};
use services::idempotency::{Idempotency, IdempotencyError};
use services::positions::{
    Done, Expect, NoticeCode, PositionAnswer, PositionError, Sought, cancel_position, find_notice,
    find_position, list_positions, notice_pdf, position_history, publish_position, put_position,
    replace_position,
};
use services::tariffs::TariffBook;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::applications::insert_application;
use storage::{institutions, service_catalogue};

const TOWN: &str = "00000000018";

/// A city with accounts, a service "nido", and a town that has the same.
pub(crate) struct Office {
    pub(crate) city: City,
    pub(crate) services: Services,
    pub(crate) caller: Caller,
}

pub(crate) async fn offices() -> Vec<Office> {
    let mut offices = Vec::new();
    for city in cities().await {
        let accounts = [CITY, TOWN].map(|institution| Account {
            institution: code(institution),
            key: "conto".to_owned(),
            beneficiary: code(institution),
            credit: Credit::Iban {
                iban: "IT60X0542811101000000123456".parse().unwrap(),
                postal_iban: None,
            },
        });
        let book = TariffBook::compile(Vec::new(), None, accounts.to_vec()).unwrap();
        let services = Services {
            tariffs: Arc::new(book),
            ..city.services.clone()
        };
        let mut tx = services.store.begin().await.unwrap();
        let own = institutions::list_institutions(&mut tx).await.unwrap().remove(0);
        let town = CreditorInstitution {
            fiscal_code: code(TOWN),
            ..own
        };
        institutions::upsert_institution(&mut tx, &town).await.unwrap();
        for institution in [CITY, TOWN] {
            for name in ["mensa", "nido"] {
                let service = Service {
                    institution: code(institution),
                    code: name.to_owned(),
                    account: Some("conto".to_owned()),
                    ..crate::support::service()
                };
                service_catalogue::upsert_service(&mut tx, &service)
                    .await
                    .unwrap();
            }
        }
        let caller = caller(CITY, "tributi", None);
        insert_application(&mut tx, caller.application(), services.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        services.directory.refresh();
        offices.push(Office {
            city,
            services,
            caller,
        });
    }
    offices
}

/// An application that may do everything for these services, or for all.
fn caller(institution: &str, id: &str, services: Option<&[&str]>) -> Caller {
    let services: Option<BTreeSet<String>> =
        services.map(|codes| codes.iter().map(|code| (*code).to_owned()).collect());
    let application = Application {
        id: id.to_owned(),
        institution: code(institution),
        name: "Tributi".to_owned(),
        grants: Scope::ALL
            .map(|scope| Grant {
                scope,
                services: services.clone(),
            })
            .to_vec(),
        numbers: vec![NumberRange {
            segregation: "12".parse().unwrap(),
            from: 100,
            to: 199,
        }],
        requests_per_minute: 100,
        certificate: None,
        active: true,
    };
    Caller::new(Arc::new(application), "192.0.2.7".parse().ok())
}

/// A debt of 120.50 euro for the nursery, due in a month.
fn draft(key: &str) -> PositionDraft {
    PositionDraft {
        key: key.to_owned(),
        service: "nido".to_owned(),
        debtor: mario(),
        description: "Nido, novembre".to_owned(),
        valid_from: None,
        draft: false,
        options: vec![OptionDraft {
            kind: OptionKind::Whole,
            instalments: vec![InstalmentDraft {
                notice_number: None,
                iuv: None,
                amount: Cents::new(12_050),
                due_on: "2026-12-23".parse().ok(),
                payable_until: None,
                description: None,
                transfers: Vec::new(),
            }],
        }],
    }
}

/// The same debt at another amount.
fn dearer(key: &str) -> PositionDraft {
    let mut draft = draft(key);
    draft.options[0].instalments[0].amount = Cents::new(13_000);
    draft
}

impl Office {
    async fn put(&self, draft: &PositionDraft, expect: Expect) -> Result<PositionAnswer, PositionError> {
        put_position(&self.services, &self.caller, draft, expect, None).await
    }

    async fn pay(&self, answer: &PositionAnswer, receipt_id: &str) {
        let notice_number = number_of(answer);
        let paid = Receipt {
            iuv: notice_number.iuv(),
            notice_number,
            ..receipt(receipt_id, 1)
        };
        self.city.deliver(&paid).await;
    }

    fn wait_until(&self, instant: &str) {
        let instant: DateTime<Utc> = instant.parse().unwrap();
        self.city.clock.advance(instant - self.services.clock.now());
    }

    fn asking(by: DebtKey) -> Asking {
        Asking {
            person: None,
            by,
            service: None,
            update: false,
        }
    }
}

fn number_of(answer: &PositionAnswer) -> NoticeNumber {
    answer.position.options[0].instalments[0]
        .notice_number
        .parse()
        .unwrap()
}

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
