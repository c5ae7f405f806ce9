//! Webhooks: what is sent, to whom, in which order, and what becomes of what is not taken.

use super::receiver::{
    Does, OK, Received, Receiver, VERIFY, leading_to, outcomes_calling, outcomes_with, settings,
};
use super::{application, fan_out_all};
use crate::support::{City, cities, position, position_of, receipt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use domain::OptionKind;
use services::Services;
use services::caller::Caller;
use services::jobs::{JobKind, drain, run_one};
use services::outcomes::OutcomeError;
use services::outcomes::endpoints::{
    By, Replay, WithSecret, add_endpoint, disable, enable, replay, reveal, rotate_secret, show_endpoint,
    test_endpoint, webhooks_of,
};
use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration as StdDuration, Instant};
use storage::outcomes::{EndpointState, Webhook, WebhookState};
use tokio_rustls::TlsAcceptor;
use webhooks::{Reach, SenderSettings, TargetError};

const HERE: &str = "127.0.0.0/8";

/// Every engine at hand, with an application and its endpoint at a receiver.
struct Sending {
    city: City,
    caller: Caller,
    endpoint: WithSecret,
}

async fn sending_to(receiver: &Receiver) -> Vec<Sending> {
    let mut all = Vec::new();
    for mut city in cities().await {
        city.services.outcomes = Arc::new(outcomes_calling(&[HERE]));
        let caller = application(&city.services, "anagrafe", None).await;
        let by = By::Caller(&caller);
        let endpoint = add_endpoint(&city.services, by, &receiver.url(), None, None)
            .await
            .unwrap();
        all.push(Sending {
            city,
            caller,
            endpoint,
        });
    }
    all
}

impl Sending {
    fn services(&self) -> &Services {
        &self.city.services
    }

    fn by(&self) -> By<'_> {
        By::Caller(&self.caller)
    }

    /// Payments of the notices from one base to another, each of its own position, put into the feed.
    async fn pay(&self, from: u64, to: u64) {
        for base in from..=to {
            self.city.owes(&position(base)).await;
            self.city.deliver(&receipt(&format!("iur-{base}"), base)).await;
        }
        fan_out_all(self.services()).await;
    }

    /// Sends what is due now.
    async fn send(&self) {
        drain(self.services(), &[JobKind::OutcomeDelivery], "sender", 20)
            .await
            .unwrap();
    }

    /// Lets so much time pass in steps, sending at each.
    async fn wait(&self, steps: i32, step: Duration) {
        for _ in 0..steps {
            self.city.clock.advance(step);
            self.send().await;
        }
    }

    async fn counts(&self) -> (u64, u64, u64) {
        let (_, counts) = show_endpoint(self.services(), self.by(), &self.endpoint.endpoint)
            .await
            .unwrap();
        (counts.waiting, counts.delivered, counts.dead)
    }

    async fn those(&self, state: WebhookState) -> Vec<Webhook> {
        webhooks_of(self.services(), self.by(), &self.endpoint.endpoint, state, 0, 500)
            .await
            .unwrap()
    }
}

/// Verifies a request with a program that shares nothing with ours. `None` where there is no Python.
fn python_believes(received: &Received, secret: &str) -> Option<bool> {
    let given = serde_json::json!({
        "secret": secret,
        "id": received.id(),
        "timestamp": received.headers["webhook-timestamp"],
        "body": STANDARD.encode(&received.body),
        "signatures": received.headers["webhook-signature"],
    });
    let child = Command::new("python3")
        .args(["-c", VERIFY])
        .stdin(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        let _ = writeln!(std::io::stderr(), "SKIPPED: python3 is not installed");
        return None;
    };
    let mut input = child.stdin.take().unwrap();
    input.write_all(given.to_string().as_bytes()).unwrap();
    drop(input);
    Some(child.wait().unwrap().success())
}

#[tokio::test]
async fn an_outcome_is_sent_once_and_signed_as_the_specification_says() {
    let receiver = Receiver::that(OK).await;
    for sending in sending_to(&receiver).await {
        let before = receiver.count();
        sending.pay(1, 1).await;
        sending.send().await;
        sending.wait(3, Duration::hours(1)).await;
        let arrived = receiver.received().split_off(before);
        assert_eq!(arrived.len(), 1);
        let secret = reveal(sending.services(), &sending.endpoint).unwrap();
        assert_ne!(python_believes(&arrived[0], &secret), Some(false));
        let other = reveal(
            sending.services(),
            &WithSecret {
                generation: 9,
                ..sending.endpoint.clone()
            },
        )
        .unwrap();
        assert_ne!(python_believes(&arrived[0], &other), Some(true));
        let said = arrived[0].json();
        assert_eq!(said["type"], "paid");
        assert_eq!(said["id"], arrived[0].id());
        assert_eq!(said["data"]["receipt_id"], "iur-1");
        assert_eq!(said["data"]["amount"], 12_050);
        assert_eq!(sending.counts().await, (0, 1, 0));
    }
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_for_a_day() {
    let receiver = Receiver::that(OK).await;
    for sending in sending_to(&receiver).await {
        let services = sending.services();
        let old = reveal(services, &sending.endpoint).unwrap();
        let rotated = rotate_secret(services, sending.by(), &sending.endpoint.endpoint)
            .await
            .unwrap();
        let new = reveal(services, &rotated).unwrap();
        assert_ne!(old, new);
        sending.pay(1, 1).await;
        sending.send().await;
        let last = receiver.received().pop().unwrap();
        assert_ne!(python_believes(&last, &old), Some(false));
        assert_ne!(python_believes(&last, &new), Some(false));
        sending.city.clock.advance(Duration::hours(25));
        sending.pay(2, 2).await;
        sending.send().await;
        let last = receiver.received().pop().unwrap();
        assert_ne!(python_believes(&last, &old), Some(true));
        assert_ne!(python_believes(&last, &new), Some(false));
    }
}

#[tokio::test]
async fn a_receiver_down_for_a_week_costs_few_requests_and_loses_nothing() {
    let receiver = Receiver::that(Does::Answers("500 Internal Server Error")).await;
    for sending in sending_to(&receiver).await {
        receiver.now(Does::Answers("500 Internal Server Error"));
        let before = receiver.count();
        sending.pay(1, 40).await;
        sending.send().await;
        sending.wait(7 * 24 * 2, Duration::minutes(30)).await;
        assert_eq!(sending.counts().await, (0, 0, 40));
        let requests = receiver.count() - before;
        assert!(requests < 250, "{requests} requests in a week");
        let dead = sending.those(WebhookState::Dead).await;
        assert!(
            dead.iter()
                .any(|webhook| { webhook.last.as_ref().is_some_and(|last| last.status == Some(500)) })
        );
        receiver.now(OK);
        let before = receiver.count();
        let replayed = replay(
            sending.services(),
            sending.by(),
            &sending.endpoint.endpoint,
            Replay::Dead,
        )
        .await;
        assert_eq!(replayed.unwrap(), 40);
        sending.wait(4, Duration::minutes(30)).await;
        assert_eq!(sending.counts().await, (0, 40, 0));
        let ids: HashSet<String> = receiver.received()[before..]
            .iter()
            .map(|one| one.id().to_owned())
            .collect();
        assert_eq!(ids.len(), 40);
    }
}

#[tokio::test]
async fn a_receiver_that_comes_back_gets_all_that_waits_at_once() {
    let receiver = Receiver::that(Does::HangsUp).await;
    for sending in sending_to(&receiver).await {
        receiver.now(Does::HangsUp);
        sending.pay(1, 60).await;
        sending.send().await;
        sending.wait(20, Duration::hours(1)).await;
        assert_eq!(sending.counts().await, (60, 0, 0));
        receiver.now(OK);
        sending.wait(1, Duration::minutes(31)).await;
        assert_eq!(sending.counts().await, (0, 60, 0));
    }
}

#[tokio::test]
async fn a_receiver_that_flaps_gets_everything_in_the_order_of_each_position() {
    let receiver = Receiver::deciding(|place, _| match place % 6 {
        0 => Does::Answers("503 Service Unavailable"),
        3 => Does::HangsUp,
        _ => OK,
    })
    .await;
    for sending in sending_to(&receiver).await {
        let before = receiver.count();
        for base in (1..=30).step_by(3) {
            let plan = position_of(&[(OptionKind::InstalmentPlan, &[base, base + 1, base + 2])]);
            sending.city.owes(&plan).await;
            for one in base..base + 3 {
                sending.city.deliver(&receipt(&format!("iur-{one}"), one)).await;
            }
        }
        fan_out_all(sending.services()).await;
        sending.wait(60, Duration::hours(1)).await;
        assert_eq!(sending.counts().await, (0, 30, 0));
        assert_in_order(&receiver.received()[before..]);
    }
}

/// The first coming of each outcome is in the order of its position: instalments were paid by their number.
pub(super) fn assert_in_order(received: &[Received]) {
    let mut seen: HashSet<String> = HashSet::new();
    let mut order: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in received {
        if seen.insert(one.id().to_owned()) {
            let notice = one.json()["data"]["notice_number"].as_str().unwrap().to_owned();
            order.entry(one.position()).or_default().push(notice);
        }
    }
    for (position, notices) in order {
        assert!(notices.is_sorted(), "{position}: {notices:?}");
    }
}

#[tokio::test]
async fn what_is_refused_holds_back_its_own_position_alone_until_it_is_given_up() {
    let receiver = Receiver::deciding(|_, one| {
        if one.json()["data"]["receipt_id"] == "iur-1" {
            Does::Answers("400 Bad Request")
        } else {
            OK
        }
    })
    .await;
    for sending in sending_to(&receiver).await {
        let plan = position_of(&[(OptionKind::InstalmentPlan, &[1, 2])]);
        sending.city.owes(&plan).await;
        for base in [1, 2] {
            sending.city.deliver(&receipt(&format!("iur-{base}"), base)).await;
        }
        sending.pay(3, 6).await;
        sending.send().await;
        assert_eq!(sending.counts().await, (2, 4, 0));
        let waiting = sending.those(WebhookState::Waiting).await;
        assert_eq!((waiting[0].attempts, waiting[1].attempts), (1, 0));
        sending.wait(80, Duration::hours(1)).await;
        assert_eq!(sending.counts().await, (0, 5, 1));
        let dead = sending.those(WebhookState::Dead).await;
        assert_eq!(dead[0].attempts, 10);
    }
}

#[tokio::test]
async fn a_receiver_that_wants_nothing_more_is_left_alone_and_its_feed_goes_on() {
    let receiver = Receiver::that(Does::Answers("410 Gone")).await;
    for sending in sending_to(&receiver).await {
        receiver.now(Does::Answers("410 Gone"));
        let id = &sending.endpoint.endpoint;
        sending.pay(1, 1).await;
        sending.send().await;
        let before = receiver.count();
        sending.pay(2, 3).await;
        sending.wait(3, Duration::hours(1)).await;
        assert_eq!(receiver.count(), before);
        let (endpoint, _) = show_endpoint(sending.services(), sending.by(), id).await.unwrap();
        assert!(matches!(endpoint.state, EndpointState::Disabled { reason } if reason.contains("410")));
        assert_eq!(super::feed_of(sending.services(), &sending.caller).await.len(), 3);
        assert!(matches!(
            replay(sending.services(), sending.by(), id, Replay::Dead).await,
            Err(OutcomeError::Disabled)
        ));
        receiver.now(OK);
        enable(sending.services(), sending.by(), id).await.unwrap();
        let range = Replay::Range { from: 1, to: 99 };
        assert_eq!(
            replay(sending.services(), sending.by(), id, range).await.unwrap(),
            2
        );
        sending.send().await;
        assert_eq!(sending.counts().await, (0, 3, 0));
        disable(sending.services(), sending.by(), id, "enough")
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_receiver_that_asks_for_patience_gets_it() {
    let receiver = Receiver::that(OK).await;
    for sending in sending_to(&receiver).await {
        receiver.now(Does::Answers("429 Too Many Requests\r\nretry-after: 7200"));
        let before = receiver.count();
        sending.pay(1, 40).await;
        sending.send().await;
        assert!(receiver.count() - before <= 16, "no more than were under way");
        let asked = receiver.count();
        sending.wait(11, Duration::minutes(10)).await;
        assert_eq!(receiver.count(), asked);
        receiver.now(OK);
        sending.wait(2, Duration::minutes(10)).await;
        assert_eq!(sending.counts().await, (0, 40, 0));
    }
}

#[tokio::test]
async fn a_slow_a_redirecting_and_a_boundless_receiver_do_no_harm() {
    let elsewhere = Receiver::that(OK).await;
    let location: &'static str =
        Box::leak(format!("302 Found\r\nlocation: {}", elsewhere.url()).into_boxed_str());
    for (does, is_taken, said) in [
        (Does::Sleeps, false, "no answer in time"),
        (Does::Answers(location), false, "redirects are not followed"),
        (Does::TalksForEver, true, ""),
        (Does::SendsMuch, true, ""),
    ] {
        let receiver = Receiver::that(does.clone()).await;
        for sending in sending_to(&receiver).await {
            sending.pay(1, 1).await;
            let begun = Instant::now();
            sending.send().await;
            assert!(begun.elapsed() < StdDuration::from_secs(4), "{does:?}");
            let state = if is_taken {
                WebhookState::Delivered
            } else {
                WebhookState::Waiting
            };
            let webhooks = sending.those(state).await;
            assert_eq!(webhooks.len(), 1, "{does:?}");
            let last = webhooks[0].last.clone().unwrap();
            assert_eq!(last.error.unwrap_or_default(), said, "{does:?}");
        }
    }
    assert_eq!(elsewhere.count(), 0);
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_not_believed_and_one_of_a_named_authority_is() {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let (pem, key) = (certified.cert.pem(), certified.signing_key.serialize_der());
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key.try_into().unwrap())
        .unwrap();
    let receiver = Receiver::encrypted(TlsAcceptor::from(Arc::new(config))).await;
    for authorities in [Vec::new(), vec![pem.into_bytes()]] {
        let is_believed = !authorities.is_empty();
        for mut city in cities().await {
            city.services.outcomes = Arc::new(outcomes_with(SenderSettings {
                reach: Reach {
                    allowed: vec![HERE.parse().unwrap()],
                },
                authorities: authorities.clone(),
                ..settings()
            }));
            let caller = application(&city.services, "anagrafe", None).await;
            let by = By::Caller(&caller);
            let url = format!("https://{}/esiti", receiver.address);
            let added = add_endpoint(&city.services, by, &url, None, None).await.unwrap();
            let attempt = test_endpoint(&city.services, by, &added.endpoint).await.unwrap();
            if is_believed {
                assert_eq!((attempt.status, attempt.error), (Some(204), None));
            } else {
                assert!(attempt.error.unwrap().contains("certificate"));
            }
        }
    }
}

#[tokio::test]
async fn an_address_of_our_own_networks_is_refused_when_saved() {
    for mut city in cities().await {
        let lookup = leading_to(&["10.0.0.7"]);
        city.services.outcomes = Arc::new(outcomes_with(SenderSettings {
            lookup: Some(lookup),
            ..settings()
        }));
        let caller = application(&city.services, "anagrafe", None).await;
        for (url, error) in [
            ("https://127.0.0.1/", TargetError::Network),
            ("https://169.254.169.254/", TargetError::Network),
            ("https://gestionale.example.it/", TargetError::Network),
            ("http://gestionale.example.it/", TargetError::Plain),
            ("https://user:x@example.it/", TargetError::User),
        ] {
            let added = add_endpoint(&city.services, By::Caller(&caller), url, None, None).await;
            match added {
                Err(OutcomeError::Target(found)) => assert_eq!(found, error, "{url}"),
                other => panic!("{url}: {}", other.is_ok()),
            }
        }
    }
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_after_it_was_saved_is_not_followed() {
    let receiver = Receiver::that(OK).await;
    for mut city in cities().await {
        // Public when it is saved, this machine when it is called.
        let lookup = leading_to(&["203.0.114.7", "127.0.0.1"]);
        city.services.outcomes = Arc::new(outcomes_with(SenderSettings {
            lookup: Some(lookup),
            ..settings()
        }));
        let caller = application(&city.services, "anagrafe", None).await;
        let by = By::Caller(&caller);
        let url = format!("https://gestionale.example.it:{}/", receiver.address.port());
        let added = add_endpoint(&city.services, by, &url, None, None).await.unwrap();
        let attempt = test_endpoint(&city.services, by, &added.endpoint).await.unwrap();
        assert_eq!(attempt.status, None);
        assert!(attempt.error.unwrap().contains("may not be called"));
    }
    assert_eq!(receiver.count(), 0);
}

#[tokio::test]
async fn what_was_sent_by_a_process_that_died_is_sent_again_under_the_same_id() {
    let receiver = Receiver::that(OK).await;
    for sending in sending_to(&receiver).await {
        let before = receiver.count();
        receiver.now(Does::Sleeps);
        sending.pay(1, 1).await;
        let services = sending.services().clone();
        let dying = tokio::spawn(async move {
            run_one(&services, JobKind::OutcomeDelivery, "dying")
                .await
                .unwrap();
        });
        while receiver.count() == before {
            tokio::time::sleep(StdDuration::from_millis(5)).await;
        }
        dying.abort();
        assert!(dying.await.unwrap_err().is_cancelled());
        receiver.now(OK);
        // Nobody else takes it up before the one that held it must be gone.
        sending.send().await;
        assert_eq!(receiver.count(), before + 1);
        sending.wait(1, Duration::minutes(11)).await;
        let arrived = receiver.received().split_off(before);
        assert_eq!(arrived.len(), 2);
        assert_eq!(arrived[0].id(), arrived[1].id());
        assert_eq!(arrived[0].body, arrived[1].body);
        assert_eq!(sending.counts().await, (0, 1, 0));
    }
}

#[tokio::test]
async fn an_application_has_a_few_endpoints_and_never_sees_anothers() {
    let receiver = Receiver::that(OK).await;
    for sending in sending_to(&receiver).await {
        let services = sending.services();
        let other = application(services, "altro", None).await;
        let id = &sending.endpoint.endpoint;
        assert!(matches!(
            show_endpoint(services, By::Caller(&other), id).await,
            Err(OutcomeError::UnknownEndpoint(_))
        ));
        assert!(matches!(
            rotate_secret(services, By::Caller(&other), id).await,
            Err(OutcomeError::UnknownEndpoint(_))
        ));
        assert!(matches!(
            replay(services, By::Caller(&other), id, Replay::Dead).await,
            Err(OutcomeError::UnknownEndpoint(_))
        ));
        for _ in 1..5 {
            add_endpoint(services, sending.by(), &receiver.url(), None, None)
                .await
                .unwrap();
        }
        assert!(matches!(
            add_endpoint(services, sending.by(), &receiver.url(), None, None).await,
            Err(OutcomeError::TooManyEndpoints)
        ));
    }
}
