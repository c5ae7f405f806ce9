//! A day of a city with its hub: the program people install and the sandbox hub, each a process, tell each other
//! everything they have to.

use crate::support::city::{City, Doors, INSTITUTIONS, notice};
use crate::support::messages::{MUNICIPALITY, canone_unico, identity_card, number};
use crate::support::{engines, hub_interface};
use domain::at_provider::ServiceData;
use pagopa::pa_for_node::demand_payment_notice::write_service_data;
use reqwest::Method;
use serde_json::{Value, json};
use storage::testing::TestStore;

/// Notices of a single amount, one position each.
const SCHOOL_MEALS: [u64; 3] = [2026000000121, 2026000000122, 2026000000123];

/// Feeds the archives, pays and withdraws, and compares what they hold.
async fn feed_the_archives(city: &City) {
    let [paid, withdrawn, _] = SCHOOL_MEALS;
    let fed = city.hub(&["feed", "run"]);
    assert_eq!((fed.code, fed.err.as_str()), (Some(0), ""), "{fed:?}");
    for institution in INSTITUTIONS {
        let status = format!("{institution}: 0 to tell; ");
        assert!(fed.out.contains(&status), "{fed:?}");
    }
    assert!(!fed.out.contains("waits"), "{fed:?}");
    // Not even the position with a stamp duty, which this archive does not take.
    assert!(!fed.out.contains("refused"), "{fed:?}");
    compared(city);
    for base in SCHOOL_MEALS {
        assert_eq!(city.held(&notice(base)).await.as_deref(), Some("VALID"));
    }

    city.pay(&notice(paid)).await;
    assert!(city.comes_to(&notice(paid), "paid").await);
    city.cancel(&number(withdrawn)).await;
    let again = city.hub(&["feed", "run"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    compared(city);
    assert_eq!(city.held(&notice(paid)).await.as_deref(), Some("PAID"));
    let gone = city.held(&notice(withdrawn)).await;
    assert!(
        gone.as_deref().is_none_or(|status| status == "INVALID"),
        "{gone:?}"
    );
}

/// The archives hold what they should.
fn compared(city: &City) {
    let compared = city.hub(&["feed", "compare", "--dry-run"]);
    assert_eq!(
        (compared.code, compared.err.as_str()),
        (Some(0), ""),
        "{compared:?}"
    );
    assert_eq!(compared.out.lines().count(), INSTITUTIONS.len(), "{compared:?}");
    for line in compared.out.lines() {
        assert!(
            line.contains("0 different, 0 to remove") && line.ends_with("0 missing, 0 never told"),
            "{line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_for_stand_in_holds_every_open_position_and_follows_what_becomes_of_it() {
    for store in engines().await {
        let city = City::served(store).await;
        Box::pin(feed_the_archives(&city)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_while_the_server_is_stopped_is_told_when_it_is_back() {
    let mut city = City::served(TestStore::sqlite().await).await;
    let number = notice(SCHOOL_MEALS[0]);
    assert_eq!(city.hub(&["feed", "run"]).code, Some(0));
    city.stop();

    let receipt = city.pay(&number).await;
    assert_eq!(receipt["stand_in"], true, "{receipt:#}");
    assert_eq!(receipt["delivery"], "waiting", "{receipt:#}");
    let since = city.get("/api/stand-in").await;
    assert_eq!(
        since["stand_in"]["reason"], "PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE",
        "{since:#}"
    );
    assert_eq!(city.position(&number)["state"], "payable");

    city.serve();
    assert!(
        city.comes_to(&number, "paid").await,
        "{:#}",
        city.get("/api/receipts").await
    );
    let position = city.position(&number);
    assert_eq!(
        position["receipts"][0]["receipt_id"], receipt["receipt_id"],
        "{position:#}"
    );
    assert_eq!(position["receipts"].as_array().unwrap().len(), 1, "{position:#}");
    let told = city.look(&[
        "hub",
        "messages",
        "--receipt",
        receipt["receipt_id"].as_str().unwrap(),
        "--institution",
        MUNICIPALITY,
        "--json",
    ]);
    assert!(told.out.contains("<standIn>true</standIn>"), "{told:?}");

    let body = json!({ "institution": MUNICIPALITY });
    let probe = city.post("/api/stand-in/probe", body).await;
    assert_eq!(probe["is_good"], true, "{probe:#}");
    assert_eq!(city.get("/api/stand-in").await["stand_in"], Value::Null);
}

/// Collects the flow reports of the municipality and lists them, the last first. How many came now is not said: the server
/// may have collected them just before.
fn collect(city: &City) -> Vec<Value> {
    let collected = city.hub(&["flows", "collect", "--institution", MUNICIPALITY]);
    assert_eq!(collected.code, Some(0), "{collected:?}");
    assert!(collected.out.ends_with(" fetched, 0 failed\n"), "{collected:?}");
    let listed = city.look(&["hub", "flows", "list", "--institution", MUNICIPALITY, "--json"]);
    serde_json::from_str(&listed.out).unwrap()
}

/// A day of payments, its flow, and the corrected one.
async fn collect_the_flow_of_a_day(city: &City) {
    let receipts = [
        city.pay(&notice(SCHOOL_MEALS[0])).await,
        city.pay(&notice(SCHOOL_MEALS[1])).await,
    ];
    let wrong = json!({ "days": 1, "flow": "wrong_total" });
    let made = city.post("/api/clock/advance", wrong).await;
    assert_eq!(made["flows"].as_array().unwrap().len(), 1, "{made:#}");
    let first = collect(city);
    assert_eq!(first[0]["payments"], 2, "{first:#?}");
    let findings = first[0]["findings"].to_string();
    assert!(findings.contains("the head declares"), "{findings}");

    let id = made["flows"][0]["id"].as_str().unwrap();
    city.post(&format!("/api/flows/{id}/revise"), json!({ "flow": "none" }))
        .await;
    let both = collect(city);
    assert_eq!(both.len(), 2, "{both:#?}");
    assert_eq!(
        (&both[0]["revision"], &both[0]["findings"]),
        (&json!(2), &json!([])),
        "{both:#?}"
    );
    assert_eq!(both[0]["amount_cents"], 7_420 + 11_200);
    assert_eq!(collect(city), both, "a second time nothing comes");

    let shown = city.look(&["hub", "flows", "show", id, "--institution", MUNICIPALITY]);
    for receipt in receipts {
        assert!(
            shown.out.contains(receipt["receipt_id"].as_str().unwrap()),
            "{shown:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_payments_of_a_day_come_in_a_flow_and_what_is_wrong_with_it_is_found() {
    for store in engines().await {
        let city = City::served(store).await;
        Box::pin(collect_the_flow_of_a_day(&city)).await;
    }
}

/// Loses the receipts of two payments, and asks for one of them.
async fn recover_a_receipt(city: &City) -> [Value; 2] {
    city.post("/api/mischief", json!({ "lose_receipt": true })).await;
    let receipts = [
        city.pay(&notice(SCHOOL_MEALS[0])).await,
        city.pay(&notice(SCHOOL_MEALS[1])).await,
    ];
    city.post("/api/mischief", json!({})).await;
    assert_eq!(receipts[0]["delivery"], "lost");
    assert_eq!(city.position(&notice(SCHOOL_MEALS[0]))["state"], "payable");
    let receipt = receipts[0]["receipt_id"].as_str().unwrap();
    let recover = || {
        city.hub(&[
            "receipts",
            "recover",
            "--institution",
            MUNICIPALITY,
            "--receipt",
            receipt,
        ])
    };
    let recovered = recover();
    assert_eq!(recovered.code, Some(0), "{recovered:?}");
    assert_eq!(recovered.out, format!("receipt {receipt} taken: applied\n"));
    assert_eq!(city.position(&notice(SCHOOL_MEALS[0]))["state"], "paid");
    assert_eq!(recover().out, format!("receipt {receipt} is here already\n"));
    receipts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_the_hub_never_delivered_is_asked_for_by_hand_and_by_itself_once_a_flow_names_it() {
    let mut city = City::served(TestStore::sqlite().await).await;
    let receipts = Box::pin(recover_a_receipt(&city)).await;
    city.post("/api/clock/advance", json!({ "days": 1 })).await;
    collect(&city);
    assert_eq!(city.position(&notice(SCHOOL_MEALS[1]))["state"], "payable");
    city.stop();
    // It asks when it starts, and then every hour.
    city.serve();
    assert!(city.comes_to(&notice(SCHOOL_MEALS[1]), "paid").await);
    let position = city.position(&notice(SCHOOL_MEALS[1]));
    assert_eq!(
        position["receipts"][0]["receipt_id"], receipts[1]["receipt_id"],
        "{position:#}"
    );
}

/// Asks for the options of notices in every state, as a provider does.
async fn show_the_options(city: &City) {
    for (base, status) in [
        // One amount; a sum shared with another body; a plan; a fine with two amounts; a plan begun; paid.
        (2026000000017, 200),
        (2026000000025, 200),
        (2026000000101, 200),
        (2026000000105, 200),
        (2026000000117, 200),
    ] {
        let body = json!({ "notice_number": notice(base), "institution": MUNICIPALITY });
        let judged = city.post("/api/payment-options", body).await;
        assert_eq!(
            (&judged["status"], &judged["reasons"]),
            (&json!(status), &json!([])),
            "{base} {judged:#}"
        );
    }
    for (institution, base) in [(MUNICIPALITY, 1), ("01199250158", 2026000000017)] {
        let body = json!({ "notice_number": notice(base), "institution": institution });
        let judged = city.post("/api/payment-options", body).await;
        assert_eq!(judged["reasons"], json!([]), "{judged:#}");
        assert_ne!(judged["status"], 200, "{judged:#}");
    }
}

/// Has notices made at a provider, and pays them.
async fn pay_on_demand(city: &City) {
    for (service, data, cents) in [
        ("00047", ServiceData::CanoneUnico(canone_unico(5_000)), 5_000),
        ("00099", ServiceData::Cie(identity_card()), 2_221),
    ] {
        let body = json!({
            "institution": MUNICIPALITY,
            "service": service,
            "subject": "GE001",
            "data": String::from_utf8(write_service_data(&data)).unwrap(),
        });
        let made = city.post("/api/psp/demand", body).await;
        assert_eq!(made["amount_cents"], cents, "{made:#}");
        let number = made["notice_number"].as_str().unwrap();
        let asked = json!({ "notice_number": number, "institution": MUNICIPALITY });
        let due = city.post("/api/psp/verify", asked).await;
        assert_eq!(due["amount_cents"], cents, "{due:#}");
        let receipt = city.pay(number).await;
        assert_eq!(receipt["delivery"], "delivered", "{receipt:#}");
        assert_eq!(city.position(number)["state"], "paid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_shows_every_way_to_pay_a_debt() {
    let city = City::served(TestStore::sqlite().await).await;
    Box::pin(show_the_options(&city)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_asked_for_at_a_provider_is_paid_there() {
    for store in engines().await {
        let city = City::served(store).await;
        Box::pin(pay_on_demand(&city)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_says_who_answers_and_whose_key_is_wrong() {
    let keys = ["--key", "primary-key", "--key", "secondary-key"];
    let mut city = City::with(TestStore::sqlite().await, &keys).await;
    city.serve();
    let (first, second) = (city.file("first.key"), city.file("second.key"));
    std::fs::write(&first, "primary-key\n").unwrap();
    std::fs::write(&second, "secondary-key\n").unwrap();
    city.configure(|text| {
        let products = [
            "checkout",
            "aca",
            "aca_bulk",
            "gpd",
            "gpd_bulk",
            "flow_reports",
            "receipts",
        ];
        let keys = products.map(|product| format!("{product}.key_files = [{first:?}, {second:?}]\n"));
        format!("{text}{}", keys.concat())
    });
    let station = city.address("/pagopa/paForNode");
    let probe = || city.hub(&["probe", "--receipts", "--station-url", &station]);

    let said = probe();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert_eq!(said.out.lines().count(), 8 * INSTITUTIONS.len(), "{said:?}");
    assert!(said.out.lines().all(|line| line.contains(" answers")), "{said:?}");

    // pagoPA changes the first key: the second one serves meanwhile.
    std::fs::write(&first, "an-old-key\n").unwrap();
    let said = probe();
    assert_eq!(said.code, Some(0), "{said:?}");

    std::fs::write(&second, "an-old-key-too\n").unwrap();
    let said = probe();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("checkout"), "{said:?}");
    assert_eq!(
        said.out.lines().filter(|line| line.contains("key")).count(),
        7 * INSTITUTIONS.len(),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_about_a_payment_is_found_and_packed() {
    let city = City::served(TestStore::sqlite().await).await;
    assert_eq!(city.hub(&["feed", "run"]).code, Some(0));
    let number = notice(SCHOOL_MEALS[0]);
    let asked = json!({ "notice_number": number, "institution": MUNICIPALITY });
    city.post("/api/psp/verify", asked).await;
    city.pay(&number).await;
    let institution = ["--notice", &number, "--institution", MUNICIPALITY];
    let listed = city.look(&[&["hub", "messages"][..], &institution].concat());
    for operation in ["paVerifyPaymentNotice", "paGetPaymentV2", "paSendRTV2"] {
        let messages = listed.out.lines().filter(|line| line.contains(operation)).count();
        assert_eq!(messages, 2, "{operation}: {listed:?}");
    }
    let out = city.file("prova.zip");
    let pack = ["--out", out.to_str().unwrap()];
    let packed = city.look(&[&["hub", "evidence"][..], &institution, &pack].concat());
    assert_eq!((packed.code, packed.err.as_str()), (Some(0), ""), "{packed:?}");
    let zip = zip::ZipArchive::new(std::fs::File::open(&out).unwrap()).unwrap();
    for operation in ["paVerifyPaymentNotice", "paGetPaymentV2", "paSendRTV2"] {
        for kind in ["request", "response"] {
            let end = format!("{operation}-{kind}.xml");
            assert!(
                zip.file_names().any(|name| name.unwrap().ends_with(&end)),
                "{end}"
            );
        }
    }
}

/// Begins a payment on the portal. Tells the address of the hub's payment page.
async fn begin_payment(city: &City, number: &str) -> String {
    let fields = format!("cart={MUNICIPALITY}-{number}&email=&language=italian");
    let begun = city.fill(&city.address("/api/payments/begin"), &fields).await;
    let location = begun.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.contains("/checkout/c/"), "{location}");
    location
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_uses_the_first_edition_of_checkout_opens_carts_there() {
    let mut city = City::with(TestStore::sqlite().await, &[]).await;
    city.configure(|text| text.replace("[hub]\n", "[hub]\ncheckout_edition = \"v1\"\n"));
    city.serve();
    let number = notice(SCHOOL_MEALS[0]);
    let page = Box::pin(begin_payment(&city, &number)).await;
    let journal = city.get("/api/journal").await;
    let cart = journal.as_array().unwrap().iter();
    let carts: Vec<&Value> = cart
        .filter(|exchange| exchange["operation"] == "postCarts")
        .collect();
    assert_eq!(carts.len(), 1);
    assert!(
        !carts[0].to_string().contains("returnWaitingUrl"),
        "{:#}",
        carts[0]
    );
    let paid = city
        .fill(&page, "email=a%40example.it&way=card&outcome=paid")
        .await;
    let back = paid.headers()["location"].to_str().unwrap();
    assert!(back.starts_with(&city.address("/rientro/")), "{back}");
    assert!(city.comes_to(&number, "paid").await);
    assert_eq!(city.open(back).await.status(), 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_goes_from_end_to_end_over_mutual_tls() {
    let mut city = Box::pin(City::behind(Doors::MutualTls, TestStore::sqlite().await, &[])).await;
    city.serve();
    let number = notice(SCHOOL_MEALS[0]);
    let page = Box::pin(begin_payment(&city, &number)).await;
    let paid = city
        .fill(&page, "email=a%40example.it&way=card&outcome=paid")
        .await;
    assert_eq!(paid.status(), 303);
    assert!(city.comes_to(&number, "paid").await);
    let receipts = city.get("/api/receipts").await;
    assert_eq!(receipts[0]["delivery"], "delivered", "{receipts:#}");
    let probe = city
        .post("/api/stand-in/probe", json!({ "institution": MUNICIPALITY }))
        .await;
    assert_eq!(probe["is_good"], true, "{probe:#}");
    // In the clear nobody is the hub.
    let station = city.address("/pagopa/paForNode");
    let said = city.hub(&["probe", "--station-url", &station]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let status = city.ask(Method::GET, "/api/limits", None).await.0;
    assert_eq!(status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_said_differs_from_the_published_interfaces() {
    let Some(folder) = hub_interface() else { return };
    let options = ["--openapi-dir", folder.to_str().unwrap()];
    let mut city = City::with(TestStore::sqlite().await, &options).await;
    city.serve();
    Box::pin(feed_the_archives(&city)).await;
    assert_eq!(city.complaints().await, [""; 0]);
    Box::pin(pay_on_demand(&city)).await;
    Box::pin(show_the_options(&city)).await;
    city.post("/api/clock/advance", json!({ "days": 1 })).await;
    collect(&city);
    let number = notice(SCHOOL_MEALS[2]);
    let page = Box::pin(begin_payment(&city, &number)).await;
    assert_eq!(
        city.fill(&page, "email=a%40example.it&way=card&outcome=paid")
            .await
            .status(),
        303
    );
    city.post("/api/mischief", json!({ "lose_receipt": true })).await;
    let lost = city.pay(&notice(2026000000124)).await;
    let recovered = city.hub(&[
        "receipts",
        "recover",
        "--institution",
        MUNICIPALITY,
        "--receipt",
        lost["receipt_id"].as_str().unwrap(),
        "--iuv",
        number_of(&lost).iuv().as_str(),
    ]);
    assert_eq!(recovered.code, Some(0), "{recovered:?}");
    let complaints = city.complaints().await;
    assert_eq!(complaints, [""; 0]);
}

fn number_of(receipt: &Value) -> domain::NoticeNumber {
    receipt["notice_number"].as_str().unwrap().parse().unwrap()
}
