//! What is due today, from the office's program to the hub and the page: the server and the sandbox over HTTP.

use crate::support::city::http_client;
use crate::support::messages::{MUNICIPALITY, get, number, verify};
use crate::support::portal::{Answer, Portal};
use chrono::Datelike;
use domain::Cents;
use domain::todays_amount::WhenDown;
use sandbox::SandboxConfig;
use server::catalogue::Catalogue;
use services::clock::{Clock, SystemClock};
use std::net::SocketAddr;
use storage::service_catalogue;
use storage::testing::TestStore;
use tokio::net::TcpListener;

/// The demo city's notice whose amount is asked for.
const WATER: u64 = 2026000000150;

/// A portal of today beside a sandbox that plays the office's program.
async fn beside_its_program() -> (Portal, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sandbox = listener.local_addr().unwrap();
    let station = "http://127.0.0.1:1/pagopa/paForNode".to_owned();
    let config = SandboxConfig::new(station, MUNICIPALITY.to_owned(), format!("{MUNICIPALITY}_01"));
    tokio::spawn(sandbox::serve(listener, config, std::future::pending()));
    let portal = Box::pin(Portal::of_today(TestStore::sqlite().await)).await;
    let catalogue = Catalogue::demo_beside(&sandbox.to_string()).unwrap();
    catalogue.store(&portal.services).await.unwrap();
    (portal, sandbox)
}

/// What the sandbox's program says of 120.00 euro today.
fn of_today() -> Cents {
    Cents::new(12_000 + 3 * i64::from(SystemClock.today().day()))
}

async fn behaves(sandbox: SocketAddr, manners: &str) {
    let form = http_client()
        .post(format!("http://{sandbox}/program/manners"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("manners={manners}"));
    assert_eq!(form.send().await.unwrap().status(), 303);
}

async fn verified(portal: &Portal) -> Answer {
    portal
        .tell(verify(MUNICIPALITY, number(WATER).as_str()).write())
        .await
}

async fn page(portal: &Portal, language: &str) -> String {
    let path = if language == "en" { "/en/notice" } else { "/avviso" };
    let address = format!("{path}/{MUNICIPALITY}/{}", number(WATER));
    let answer = portal.open(&address).await;
    assert_eq!(answer.status, 200, "{address}");
    answer.text().to_owned()
}

/// Has the service ask at every question, and keep to this rule when the program is silent.
async fn agree(portal: &Portal, when_down: WhenDown) {
    let institution = MUNICIPALITY.parse().unwrap();
    let mut tx = portal.services.store.begin().await.unwrap();
    let mut service = service_catalogue::find_service(&mut tx, &institution, "idrico")
        .await
        .unwrap()
        .unwrap();
    let terms = service.todays_amount.as_mut().unwrap();
    (terms.when_down, terms.kept_seconds) = (when_down, 1);
    service_catalogue::upsert_service(&mut tx, &service)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    portal.services.directory.refresh();
}

#[tokio::test(flavor = "multi_thread")]
async fn hub_and_page_are_told_what_the_offices_program_says() {
    let (portal, _) = beside_its_program().await;
    let wire = format!("<amount>{}</amount>", of_today().to_wire());
    let answer = verified(&portal).await;
    assert_eq!(answer.outcome(), "OK");
    assert!(answer.text().contains(&wire), "{}", answer.text());
    let paid = portal
        .tell(get(MUNICIPALITY, number(WATER).as_str(), None).write())
        .await;
    let amount = format!("<paymentAmount>{}</paymentAmount>", of_today().to_wire());
    assert!(paid.text().contains(&amount), "{}", paid.text());
    let italian = page(&portal, "it").await;
    let euros = of_today().to_people(domain::money::NumberStyle::Italian);
    assert!(
        italian.contains("Importo di oggi, chiesto all’ufficio: ") && italian.contains(&euros),
        "{italian}"
    );
    assert!(
        page(&portal, "en")
            .await
            .contains("Today’s amount, asked of the office: ")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_fails_leaves_the_last_amount_or_asks_to_try_later() {
    let (portal, sandbox) = beside_its_program().await;
    behaves(sandbox, "fails").await;
    agree(&portal, WhenDown::LastKnown).await;
    let answer = verified(&portal).await;
    assert!(
        answer.text().contains("<amount>120.00</amount>"),
        "{}",
        answer.text()
    );
    assert!(
        page(&portal, "it")
            .await
            .contains("è l’importo con cui l’avviso è stato emesso")
    );

    agree(&portal, WhenDown::TryLater).await;
    assert_eq!(verified(&portal).await.outcome(), "PAA_SYSTEM_ERROR");
    let paid = portal
        .tell(get(MUNICIPALITY, number(WATER).as_str(), None).write())
        .await;
    assert_eq!(paid.outcome(), "PAA_SYSTEM_ERROR");
    let italian = page(&portal, "it").await;
    assert!(
        italian.contains("L’importo di oggi non si sa ancora") && italian.contains("Riprova"),
        "{italian}"
    );
    assert!(
        !italian.contains("Paga ora") && !italian.contains("120,00"),
        "{italian}"
    );
    let english = page(&portal, "en").await;
    assert!(
        english.contains("Today’s amount is not known yet") && !english.contains("Pay now"),
        "{english}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_due_today_is_said_and_cannot_be_paid() {
    let (portal, sandbox) = beside_its_program().await;
    behaves(sandbox, "nothing_due").await;
    assert_eq!(verified(&portal).await.outcome(), "PAA_PAGAMENTO_ANNULLATO");
    assert!(
        page(&portal, "it")
            .await
            .contains("Oggi non c’è niente da pagare")
    );
    assert!(page(&portal, "en").await.contains("Nothing to pay today"));
}
