use crate::support::{CITY, City, cities, code, position, receipt};
use chrono::Duration;
use domain::ReceiptId;
use domain::application::{Application, Grant, NumberRange, Scope};
use services::Services;
use services::applications::access::{AccessError, Admitted, Presented, admit};
use services::applications::manage::{
    ApplicationError, change_application, create_application, new_secret, revoke_secret, show_application,
};
use services::applications::token::{Exchange, ExchangeError, Issued, exchange};
use services::audit::{acts_on, all_acts_on};
use services::caller::Caller;
use services::idempotency::{Idempotency, IdempotencyError};
use services::program_receipts::{ReceiptsError, Sought, find_receipt, list_receipts};
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::institutions;

fn application(id: &str) -> Application {
    Application {
        id: id.to_owned(),
        institution: code(CITY),
        name: "Gestionale".to_owned(),
        grants: [Scope::ReadPositions, Scope::ReadReceipts]
            .map(|scope| Grant {
                scope,
                services: None,
            })
            .to_vec(),
        numbers: Vec::new(),
        requests_per_minute: 3,
        certificate: None,
        active: true,
    }
}

/// An application with a secret.
async fn registered(city: &City, application: &Application) -> String {
    create_application(&city.services, application).await.unwrap();
    new_secret(&city.services, &application.id, None)
        .await
        .unwrap()
        .text
}

fn asked<'a>(application: &'a str, secret: &'a str) -> Exchange<'a> {
    Exchange {
        application,
        secret,
        scopes: None,
        from: None,
        certificate: None,
    }
}

async fn token(services: &Services, application: &str, secret: &str) -> Result<Issued, ExchangeError> {
    exchange(services, asked(application, secret)).await
}

async fn enter(services: &Services, token: &str) -> Result<Admitted, AccessError> {
    let presented = Presented {
        token,
        from: None,
        certificate: None,
    };
    admit(services, presented).await
}

#[tokio::test]
async fn a_secret_is_exchanged_for_a_token_that_lets_its_application_in() {
    for city in cities().await {
        let secret = registered(&city, &application("tributi")).await;
        let issued = token(&city.services, "tributi", &secret).await.unwrap();
        assert_eq!(issued.lasts, Duration::minutes(15));
        assert_eq!(issued.scopes, [Scope::ReadPositions, Scope::ReadReceipts]);
        let admitted = enter(&city.services, &issued.token).await.unwrap();
        assert_eq!(admitted.caller.application(), &application("tributi"));
        assert_eq!(admitted.caller.institution(), &code(CITY));
        assert_eq!((admitted.left.times, admitted.left.seconds), (2, 60));
        assert!(!issued.token.contains(&secret));
    }
}

#[tokio::test]
async fn nobody_learns_why_a_secret_opens_nothing() {
    for city in cities().await {
        let services = &city.services;
        let right = registered(&city, &application("tributi")).await;
        let ends = services.clock.now() + Duration::hours(1);
        let passing = new_secret(services, "tributi", Some(ends)).await.unwrap();
        token(services, "tributi", &passing.text).await.unwrap();
        city.clock.advance(Duration::hours(1));
        let inactive = registered(&city, &application("mense")).await;
        change_application(services, "mense", |application| application.active = false)
            .await
            .unwrap();
        let mut told = BTreeSet::new();
        for (id, secret) in [
            ("nobody", right.as_str()),
            ("tributi", "wrong"),
            ("tributi", ""),
            ("tributi", &passing.text),
            ("mense", &inactive),
            ("mense", &right),
        ] {
            let refused = token(services, id, secret).await;
            assert!(matches!(refused, Err(ExchangeError::NotOpened)), "{id} {secret}");
            told.extend(refused.err().map(|error| error.to_string()));
        }
        assert_eq!(told.len(), 1);
        let (_, secrets) = show_application(services, "tributi").await.unwrap();
        revoke_secret(services, "tributi", secrets[0].id).await.unwrap();
        assert!(matches!(
            token(services, "tributi", &right).await,
            Err(ExchangeError::NotOpened)
        ));
    }
}

#[tokio::test]
async fn a_token_ends_after_a_quarter_of_an_hour() {
    for city in cities().await {
        let secret = registered(&city, &application("tributi")).await;
        let issued = token(&city.services, "tributi", &secret).await.unwrap();
        city.clock.advance(Duration::minutes(15));
        assert!(enter(&city.services, &issued.token).await.is_ok());
        city.clock.advance(Duration::seconds(1));
        assert!(matches!(
            enter(&city.services, &issued.token).await,
            Err(AccessError::Expired)
        ));
        for text in ["", "a.b", &issued.token[1..], &format!("{}x", issued.token)] {
            let refused = enter(&city.services, text).await;
            assert!(matches!(refused, Err(AccessError::Invalid)), "{text}");
        }
    }
}

#[tokio::test]
async fn a_token_given_by_one_server_opens_another_and_whoever_is_turned_away_is_so_everywhere_in_half_a_minute()
 {
    for city in cities().await {
        let other = city.another_server().await;
        let early = registered(&city, &application("mense")).await;
        let early = token(&other, "mense", &early).await.unwrap();
        assert!(enter(&other, &early.token).await.is_ok());
        // The other server has read who may come; this one comes later.
        let secret = registered(&city, &application("tributi")).await;
        city.clock.advance(Duration::seconds(2));
        let issued = token(&city.services, "tributi", &secret).await.unwrap();
        assert!(enter(&other, &issued.token).await.is_ok());
        let (_, secrets) = show_application(&city.services, "tributi").await.unwrap();
        revoke_secret(&city.services, "tributi", secrets[0].id)
            .await
            .unwrap();
        change_application(&city.services, "mense", |application| application.active = false)
            .await
            .unwrap();
        assert!(matches!(
            enter(&city.services, &issued.token).await,
            Err(AccessError::Invalid)
        ));
        city.clock.advance(Duration::seconds(30));
        for token in [&issued.token, &early.token] {
            assert!(matches!(enter(&other, token).await, Err(AccessError::Invalid)));
        }
    }
}

#[tokio::test]
async fn a_token_is_narrowed_and_never_widened() {
    for city in cities().await {
        let secret = registered(&city, &application("tributi")).await;
        let scopes = [Scope::ReadReceipts];
        let narrow = Exchange {
            scopes: Some(&scopes),
            ..asked("tributi", &secret)
        };
        let issued = exchange(&city.services, narrow).await.unwrap();
        assert_eq!(issued.scopes, scopes);
        let admitted = enter(&city.services, &issued.token).await.unwrap();
        assert!(admitted.caller.services(Scope::ReadReceipts).is_ok());
        assert!(admitted.caller.services(Scope::ReadPositions).is_err());
        let scopes = [Scope::ReadReceipts, Scope::WritePositions];
        let wide = Exchange {
            scopes: Some(&scopes),
            ..asked("tributi", &secret)
        };
        assert!(matches!(
            exchange(&city.services, wide).await,
            Err(ExchangeError::NotGranted(Scope::WritePositions))
        ));
        // What is taken away meanwhile is taken away from tokens too.
        let all = token(&city.services, "tributi", &secret).await.unwrap();
        change_application(&city.services, "tributi", |application| {
            application.grants.remove(1);
        })
        .await
        .unwrap();
        let admitted = enter(&city.services, &all.token).await.unwrap();
        assert!(admitted.caller.services(Scope::ReadReceipts).is_err());
    }
}

#[tokio::test]
async fn two_secrets_open_at_a_time_and_one_replaces_the_other_without_a_pause() {
    for city in cities().await {
        let services = &city.services;
        let first = registered(&city, &application("tributi")).await;
        let second = new_secret(services, "tributi", None).await.unwrap();
        let third = new_secret(services, "tributi", None).await;
        assert!(matches!(third, Err(ApplicationError::TooManySecrets)));
        for secret in [&first, &second.text] {
            assert!(token(services, "tributi", secret).await.is_ok());
        }
        let (_, secrets) = show_application(services, "tributi").await.unwrap();
        revoke_secret(services, "tributi", secrets[0].id).await.unwrap();
        let again = revoke_secret(services, "tributi", secrets[0].id).await;
        assert!(matches!(again, Err(ApplicationError::UnknownSecret { .. })));
        assert!(new_secret(services, "tributi", None).await.is_ok());
        let over = new_secret(services, "tributi", Some(services.clock.now())).await;
        assert!(matches!(over, Err(ApplicationError::PastExpiry)));
    }
}

#[tokio::test]
async fn an_application_with_a_certificate_comes_with_that_one_only() {
    for city in cities().await {
        let services = &city.services;
        let bound = Application {
            certificate: Some("07".repeat(32)),
            ..application("tributi")
        };
        let secret = registered(&city, &bound).await;
        let without = token(services, "tributi", &secret).await;
        assert!(
            matches!(&without, Err(ExchangeError::WithoutCertificate { application }) if application == "tributi")
        );
        assert!(matches!(
            token(services, "tributi", "wrong").await,
            Err(ExchangeError::NotOpened)
        ));
        let with = |certificate| Exchange {
            certificate: Some(certificate),
            ..asked("tributi", &secret)
        };
        assert!(matches!(
            exchange(services, with([8; 32])).await,
            Err(ExchangeError::NotOpened)
        ));
        let issued = exchange(services, with([7; 32])).await.unwrap();
        let come = async |certificate| {
            let presented = Presented {
                token: &issued.token,
                from: None,
                certificate,
            };
            admit(services, presented).await
        };
        assert!(come(Some([7; 32])).await.is_ok());
        assert!(matches!(come(None).await, Err(AccessError::WithoutCertificate)));
        assert!(matches!(come(Some([8; 32])).await, Err(AccessError::Invalid)));
        // Another certificate from now on: tokens of the one before are worth nothing.
        change_application(services, "tributi", |application| {
            application.certificate = Some("08".repeat(32));
        })
        .await
        .unwrap();
        assert!(matches!(come(Some([8; 32])).await, Err(AccessError::Invalid)));
    }
}

#[tokio::test]
async fn an_application_makes_so_many_requests_in_a_minute() {
    for city in cities().await {
        let secret = registered(&city, &application("tributi")).await;
        let issued = token(&city.services, "tributi", &secret).await.unwrap();
        for left in [2, 1, 0] {
            let admitted = enter(&city.services, &issued.token).await.unwrap();
            assert_eq!(admitted.left.times, left);
        }
        let refused = enter(&city.services, &issued.token).await;
        assert!(matches!(refused, Err(AccessError::TooMany(wait)) if wait.seconds == 60));
        city.clock.advance(Duration::minutes(1));
        assert!(enter(&city.services, &issued.token).await.is_ok());
    }
}

#[tokio::test]
async fn secrets_are_not_tried_without_end() {
    for city in cities().await {
        let mut last = Ok(());
        for _ in 0..121 {
            last = token(&city.services, "tributi", "guess").await.map(drop);
        }
        assert!(matches!(last, Err(ExchangeError::TooMany(_))));
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    for city in cities().await {
        let services = &city.services;
        let range = |from, to| NumberRange {
            segregation: "12".parse().unwrap(),
            from,
            to,
        };
        let numbering = Application {
            numbers: vec![range(1, 100)],
            ..application("tributi")
        };
        create_application(services, &numbering).await.unwrap();
        let refused =
            async |application: Application| create_application(services, &application).await.unwrap_err();
        assert!(matches!(
            refused(application("tributi")).await,
            ApplicationError::Taken(_)
        ));
        let overlapping = Application {
            numbers: vec![range(100, 200)],
            ..application("mense")
        };
        assert!(matches!(refused(overlapping).await, ApplicationError::RangeTaken(id) if id == "tributi"));
        let unknown = Application {
            grants: vec![Grant {
                scope: Scope::Quote,
                services: Some(BTreeSet::from(["none".to_owned()])),
            }],
            ..application("mense")
        };
        assert!(matches!(refused(unknown).await, ApplicationError::UnknownService(code) if code == "none"));
        let elsewhere = Application {
            institution: code("00856930103"),
            ..application("mense")
        };
        assert!(matches!(
            refused(elsewhere).await,
            ApplicationError::UnknownInstitution(_)
        ));
        let nameless = Application {
            name: String::new(),
            ..application("mense")
        };
        assert!(matches!(refused(nameless).await, ApplicationError::Invalid(_)));
        let nobody = change_application(services, "nobody", |_| ()).await;
        assert!(matches!(nobody, Err(ApplicationError::Unknown(_))));
        // Its institution stays whatever is asked.
        let kept = change_application(services, "tributi", |application| {
            application.institution = code("00856930103");
            application.name = "Altro".to_owned();
        });
        assert_eq!(kept.await.unwrap().institution, code(CITY));
    }
}

#[tokio::test]
async fn every_act_is_audited_and_no_secret_with_it() {
    for city in cities().await {
        let services = &city.services;
        let secret = registered(&city, &application("tributi")).await;
        let (_, secrets) = show_application(services, "tributi").await.unwrap();
        revoke_secret(services, "tributi", secrets[0].id).await.unwrap();
        change_application(services, "tributi", |application| {
            application.requests_per_minute = 9;
        })
        .await
        .unwrap();
        change_application(services, "tributi", |_| ()).await.unwrap();
        for active in [false, true] {
            change_application(services, "tributi", |application| application.active = active)
                .await
                .unwrap();
        }
        let events = all_acts_on(services, &code(CITY), "tributi").await.unwrap();
        let actions: Vec<&str> = events.iter().rev().map(|event| event.action.as_str()).collect();
        assert_eq!(
            actions,
            [
                "application.created",
                "application.secret_made",
                "application.secret_revoked",
                "application.changed",
                "application.deactivated",
                "application.activated"
            ]
        );
        assert!(events.iter().all(|event| !event.detail.contains(&secret)));
        let narrow = Application {
            grants: vec![Grant {
                scope: Scope::ReadPositions,
                services: Some(BTreeSet::from(["mensa".to_owned()])),
            }],
            ..application("mense")
        };
        let sees = async |application: Application| {
            let caller = Caller::new(Arc::new(application), None);
            acts_on(services, &caller, "tributi").await.unwrap().len()
        };
        assert_eq!(sees(application("tributi")).await, 6);
        assert_eq!(sees(narrow).await, 0);
        let foreign = Application {
            institution: code("00856930103"),
            ..application("tributi")
        };
        assert_eq!(sees(foreign).await, 0);
    }
}

#[tokio::test]
async fn the_use_of_a_secret_is_noted_once_a_minute() {
    for city in cities().await {
        let services = &city.services;
        let secret = registered(&city, &application("tributi")).await;
        let noted = async || {
            let (_, secrets) = show_application(services, "tributi").await.unwrap();
            secrets[0].last_used_at
        };
        let first = services.clock.now();
        token(services, "tributi", &secret).await.unwrap();
        for _ in 0..500 {
            if noted().await.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(noted().await, Some(first));
        city.clock.advance(Duration::seconds(59));
        token(services, "tributi", &secret).await.unwrap();
        assert_eq!(noted().await, Some(first));
    }
}

/// Does something under a key: draws a token.
async fn done_under(
    services: &Services,
    caller: &Caller,
    idempotency: &Idempotency,
) -> Result<String, IdempotencyError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    if let Some(answer) = idempotency.begin(&mut tx, caller, now).await? {
        return Ok(answer);
    }
    let answer = services.ids.token();
    idempotency.end(&mut tx, caller, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

#[tokio::test]
async fn what_is_asked_under_a_key_is_done_once() {
    for city in cities().await {
        let services = &city.services;
        for id in ["tributi", "mense"] {
            create_application(services, &application(id)).await.unwrap();
        }
        let caller = Caller::new(Arc::new(application("tributi")), None);
        let key = Idempotency::new("k", [1; 32]).unwrap();
        assert_eq!(key.answered::<String>(services, &caller).await.unwrap(), None);
        let first = done_under(services, &caller, &key).await.unwrap();
        assert_eq!(done_under(services, &caller, &key).await.unwrap(), first);
        assert_eq!(
            key.answered(services, &caller).await.unwrap(),
            Some(first.clone())
        );
        let other = Idempotency::new("k", [2; 32]).unwrap();
        assert!(matches!(
            done_under(services, &caller, &other).await,
            Err(IdempotencyError::Reused)
        ));
        assert!(matches!(
            other.answered::<String>(services, &caller).await,
            Err(IdempotencyError::Reused)
        ));
        let somebody_else = Caller::new(Arc::new(application("mense")), None);
        assert_ne!(done_under(services, &somebody_else, &other).await.unwrap(), first);
        for text in ["", " ", "a b", "è", &"k".repeat(256)] {
            assert!(Idempotency::new(text, [1; 32]).is_err(), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_ask_the_same_at_once_all_get_one_answer() {
    for city in cities().await {
        create_application(&city.services, &application("tributi"))
            .await
            .unwrap();
        let caller = Caller::new(Arc::new(application("tributi")), None);
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (services, caller) = (city.services.clone(), caller.clone());
                tokio::spawn(async move {
                    let key = Idempotency::new("k", [1; 32]).unwrap();
                    done_under(&services, &caller, &key).await.unwrap()
                })
            })
            .collect();
        let mut answers = BTreeSet::new();
        for task in tasks {
            answers.insert(task.await.unwrap());
        }
        assert_eq!(answers.len(), 1);
    }
}

#[tokio::test]
async fn receipts_are_shown_to_the_programs_of_their_institution_and_service() {
    for city in cities().await {
        let services = &city.services;
        let mut tx = services.store.begin().await.unwrap();
        let neighbour = institutions::find_institution(&mut tx, &code(CITY))
            .await
            .unwrap()
            .unwrap();
        let neighbour = domain::CreditorInstitution {
            fiscal_code: code("00856930103"),
            ..neighbour
        };
        institutions::upsert_institution(&mut tx, &neighbour)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        city.owes(&position(1)).await;
        city.deliver(&receipt("r1", 1)).await;
        city.deliver(&receipt("r2", 2)).await;
        let granted = |services: Option<&str>| Application {
            grants: vec![Grant {
                scope: Scope::ReadReceipts,
                services: services.map(|code| BTreeSet::from([code.to_owned()])),
            }],
            ..application("tributi")
        };
        let seen = async |application: Application, sought: Sought| {
            let caller = Caller::new(Arc::new(application), None);
            let mut one = Vec::new();
            for id in ["r1", "r2"] {
                let id = ReceiptId::parse(id).unwrap();
                one.push(find_receipt(services, &caller, &id).await.unwrap().is_some());
            }
            let page = list_receipts(services, &caller, &sought, None, 9).await.unwrap();
            (page.len(), one)
        };
        let all = Sought::default;
        assert_eq!(seen(granted(None), all()).await, (2, vec![true, true]));
        assert_eq!(seen(granted(Some("mensa")), all()).await, (1, vec![true, false]));
        assert_eq!(seen(granted(Some("cie")), all()).await, (0, vec![false, false]));
        let foreign = Application {
            institution: code("00856930103"),
            ..granted(None)
        };
        assert_eq!(seen(foreign, all()).await, (0, vec![false, false]));
        let of_notice = Sought {
            notice: Some(crate::support::number(2)),
            ..Sought::default()
        };
        assert_eq!(seen(granted(None), of_notice.clone()).await.0, 1);
        assert_eq!(seen(granted(Some("mensa")), of_notice).await.0, 0);
        let caller = Caller::new(Arc::new(granted(Some("mensa"))), None);
        let other_service = Sought {
            service: Some("cie".to_owned()),
            ..Sought::default()
        };
        let refused = list_receipts(services, &caller, &other_service, None, 9).await;
        assert!(matches!(refused, Err(ReceiptsError::Forbidden(_))));
    }
}
