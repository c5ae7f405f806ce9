//! Flow reports, and receipts read again.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{City, INSTITUTION, MENSA, TARI, pay_body, published_interfaces};
use sandbox::{FlowMischief, Mischief};
use serde_json::{Value, json};
use std::process::Command;

const FLOWS: &str = "/fdr-org/service/v1/organizations/00856930102/fdrs";
const RECEIPTS: &str = "/bizevents/service/v1/organizations/00856930102/receipts";

async fn pay(city: &City, number: &str) -> Value {
    city.json("/api/psp/pay", &pay_body(number))
        .await
        .json()
        .await
        .unwrap()
}

/// Lets a day pass after two payments; the flows made.
async fn day(city: &City, fault: FlowMischief) -> Vec<Value> {
    pay(city, TARI).await;
    pay(city, MENSA).await;
    let body = json!({ "days": 1, "flow": fault });
    let (status, advanced) = city.call("POST", "/api/clock/advance", Some(&body)).await;
    assert_eq!(status, 200, "{advanced}");
    advanced["flows"].as_array().unwrap().clone()
}

/// Head and lines of the last revision listed.
async fn read(city: &City) -> (Value, Vec<Value>) {
    let (status, list) = city.call("GET", FLOWS, None).await;
    assert_eq!((status, &list["count"]), (200, &json!(1)), "{list}");
    let flow = &list["data"][0];
    let text = |name: &str| flow[name].as_str().unwrap().to_owned();
    let address = format!(
        "{FLOWS}/{}/revisions/{}/psps/{}",
        text("fdr"),
        flow["revision"],
        text("pspId")
    );
    let (status, head) = city.call("GET", &address, None).await;
    assert_eq!(status, 200);
    let (status, payments) = city.call("GET", &format!("{address}/payments"), None).await;
    assert_eq!(status, 200);
    (head, payments["data"].as_array().unwrap().clone())
}

#[tokio::test]
async fn the_payments_of_a_day_that_ends_are_in_a_flow() {
    let city = City::published().await;
    let paid = pay(&city, TARI).await;
    assert_eq!(city.call("GET", FLOWS, None).await.1["count"], 0);
    city.call("POST", "/api/clock/advance", Some(&json!({ "days": 1 })))
        .await;
    let (head, lines) = read(&city).await;
    assert_eq!(head["receiver"]["organizationId"], INSTITUTION);
    assert_eq!(
        (&head["sumPayments"], &head["computedSumPayments"]),
        (&json!(206.0), &json!(206.0))
    );
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["iur"], paid["receipt_id"]);
    assert_eq!(
        (&lines[0]["payStatus"], &lines[0]["idTransfer"]),
        (&json!("EXECUTED"), &json!(1))
    );
    // A second day without payments makes none, and the first is listed for thirty.
    let (_, none) = city
        .call("POST", "/api/clock/advance", Some(&json!({ "days": 1 })))
        .await;
    assert_eq!(none["flows"], json!([]));
    assert_eq!(city.call("GET", FLOWS, None).await.1["count"], 1);
    city.call("POST", "/api/clock/advance", Some(&json!({ "days": 31 })))
        .await;
    assert_eq!(city.call("GET", FLOWS, None).await.1["count"], 0);
    city.assert_as_published().await;
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_in_the_interfaces_words() {
    let city = City::published().await;
    let missing = format!("{FLOWS}/2026-01-01X-1/revisions/1/psps/X");
    let (status, error) = city.call("GET", &missing, None).await;
    assert_eq!((status, &error["appErrorCode"]), (404, &json!("FDR-3001")));
    let wrong = FLOWS.replace(INSTITUTION, "nobody");
    let (status, error) = city.call("GET", &wrong, None).await;
    assert_eq!((status, &error["appErrorCode"]), (400, &json!("FDR-2008")));
    assert_eq!(city.call("GET", &format!("{FLOWS}?size=1001"), None).await.0, 400);
    for wrong in [json!({ "days": 0 }), json!({ "days": 367 }), json!({ "day": 1 })] {
        assert_eq!(city.call("POST", "/api/clock/advance", Some(&wrong)).await.0, 400);
    }
}

#[tokio::test]
async fn each_fault_of_a_flow_can_be_provoked() {
    for (fault, lines, statuses, sum, computed) in [
        (FlowMischief::None, 2, "EXECUTED", 412.0, 412.0),
        (FlowMischief::MissingLine, 1, "EXECUTED", 206.0, 206.0),
        (FlowMischief::Code9, 2, "NO_RPT", 412.0, 412.0),
        (FlowMischief::Code8, 2, "STAND_IN_NO_RPT", 412.0, 412.0),
        (FlowMischief::Code4, 2, "STAND_IN", 412.0, 412.0),
        (FlowMischief::Code3, 2, "REVOKED", 412.0, 412.0),
        (FlowMischief::WrongTotal, 2, "EXECUTED", 412.01, 412.0),
        (FlowMischief::OtherAmount, 2, "EXECUTED", 411.99, 411.99),
        (FlowMischief::UnknownLine, 3, "EXECUTED", 422.0, 422.0),
        (FlowMischief::TwoRevisions, 2, "EXECUTED", 412.0, 412.0),
    ] {
        let city = City::configured(|config| config.has_limits = false).await;
        let made = day(&city, fault).await;
        assert_eq!(
            made.len(),
            if fault == FlowMischief::TwoRevisions { 2 } else { 1 },
            "{fault:?}"
        );
        let (head, told) = read(&city).await;
        assert_eq!(told.len(), lines, "{fault:?}");
        assert_eq!(told[0]["payStatus"], statuses, "{fault:?}");
        assert_eq!(
            (&head["sumPayments"], &head["computedSumPayments"]),
            (&json!(sum), &json!(computed)),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_flow_can_be_published_again_and_the_list_tells_its_last_revision() {
    let city = City::configured(|config| config.has_limits = false).await;
    let made = day(&city, FlowMischief::OtherAmount).await;
    let id = made[0]["id"].as_str().unwrap();
    let (status, revised) = city.call("POST", &format!("/api/flows/{id}/revise"), None).await;
    assert_eq!((status, &revised["revision"]), (200, &json!(2)));
    let (head, _) = read(&city).await;
    assert_eq!(
        (&head["revision"], &head["sumPayments"]),
        (&json!(2), &json!(412.0))
    );
    let first = format!("{FLOWS}/{id}/revisions/1/psps/LANTITGG");
    assert_eq!(
        city.call("GET", &first, None).await.1["sumPayments"],
        json!(411.99)
    );
    assert_eq!(city.call("POST", "/api/flows/nothing/revise", None).await.0, 404);
}

#[tokio::test]
async fn the_xml_of_a_flow_is_valid() {
    let city = City::start().await;
    let made = day(&city, FlowMischief::Code8).await;
    let xml = city
        .page(&format!("/api/flows/{}.xml", made[0]["id"].as_str().unwrap()))
        .await;
    assert!(
        xml.contains("<p:importoTotalePagamenti>412.00</p:importoTotalePagamenti>"),
        "{xml}"
    );
    let Some(folder) = published_interfaces() else {
        return;
    };
    let file = std::env::temp_dir().join(format!("flow-{}.xml", std::process::id()));
    std::fs::write(&file, &xml).unwrap();
    let mut command = Command::new("xmllint");
    command
        .args(["--noout", "--nonet", "--schema"])
        .arg(folder.join("fdr/FlussoRiversamento_1_0_5.xsd"))
        .arg(&file);
    let Ok(output) = command.output() else {
        std::io::Write::write_all(
            &mut std::io::stderr(),
            b"SKIPPED: install xmllint to validate flows\n",
        )
        .unwrap();
        return;
    };
    std::fs::remove_file(&file).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn a_receipt_never_sent_is_told_to_whoever_asks() {
    let city = City::published().await;
    city.mischief(Mischief {
        lose_receipt: true,
        ..Mischief::default()
    })
    .await;
    let paid = pay(&city, TARI).await;
    assert_eq!(
        (&paid["delivery"], &paid["attempts"]),
        (&json!("lost"), &json!(0))
    );
    assert_eq!(city.station().receipts.len(), 0);
    let iur = paid["receipt_id"].as_str().unwrap();
    let iuv = &TARI[1..];
    for address in [
        format!("{RECEIPTS}/{iur}"),
        format!("{RECEIPTS}/{iur}/paymentoptions/{iuv}"),
    ] {
        let (status, receipt) = city.call("GET", &address, None).await;
        assert_eq!((status, &receipt["receiptId"]), (200, &paid["receipt_id"]));
        assert_eq!(receipt["paymentAmount"], json!(206.0));
        assert_eq!(receipt["transferList"][0]["iban"], "IT92P0617501400000000123456");
    }
    assert_eq!(
        city.call("GET", &format!("{RECEIPTS}/{iur}/paymentoptions/1"), None)
            .await
            .0,
        404
    );
    let stranger = RECEIPTS.replace(INSTITUTION, "77777777777");
    assert_eq!(city.call("GET", &format!("{stranger}/{iur}"), None).await.0, 404);
    // It can still be sent by hand.
    let (_, sent) = city
        .call("POST", &format!("/api/receipts/{iur}/again"), None)
        .await;
    assert_eq!(sent["delivery"], "delivered");
    city.assert_as_published().await;
}
