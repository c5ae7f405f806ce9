//! `lanterna hub flows` and `lanterna hub receipts`, as people and scripts run them.

use crate::support::engines;
use crate::support::program::{configuration, run};
use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse;
use domain::Cents;
use domain::flow_report::{FlowKey, FlowOutcome, FlowParty, FlowReport, FlowRow, FlowTotals};
use pagopa::flow_reports::write_xml;
use serde_json::Value;
use storage::testing::TestStore;

const CITY: &str = "00856930102";

fn flow(revision: u32) -> (FlowReport, Vec<FlowRow>) {
    let row = FlowRow {
        index: 1,
        iuv: "12202600000001787".to_owned(),
        iur: "0f1e2d3c".to_owned(),
        transfer_id: Some(1),
        amount: Cents::new(12_050),
        outcome: FlowOutcome::Executed,
        paid_on: "2026-11-20".parse().unwrap(),
    };
    let report = FlowReport {
        key: FlowKey {
            institution: CITY.parse().unwrap(),
            psp: "PSPXITR1XXX".to_owned(),
            id: "2026-11-21PSPXITR1XXX-0000001".parse().unwrap(),
            revision,
        },
        made_at: "2026-11-22T06:00:00".parse().unwrap(),
        regulation: "TRN-1".to_owned(),
        regulated_on: "2026-11-21".parse().unwrap(),
        bank: None,
        sender: FlowParty {
            code: "PSPXITR1XXX".to_owned(),
            name: None,
        },
        receiver: FlowParty {
            code: CITY.to_owned(),
            name: None,
        },
        declared: FlowTotals {
            count: 2,
            sum: Cents::new(12_050),
        },
        computed: None,
    };
    (report, vec![row])
}

async fn with_city(store: &TestStore) {
    let mut tx = store.begin().await.unwrap();
    let city = domain::CreditorInstitution {
        fiscal_code: CITY.parse().unwrap(),
        name: "Comune di Prova".to_owned(),
        broker: CITY.parse().unwrap(),
        station: format!("{CITY}_01").parse().unwrap(),
        segregation_code: "12".parse().unwrap(),
        cbill_code: None,
        postal_iban: None,
        contact: domain::creditor::Contact {
            telephone: "010 1010".to_owned(),
            email: "pagamenti@example.it".to_owned(),
            website: "https://example.it".to_owned(),
        },
    };
    storage::institutions::upsert_institution(&mut tx, &city)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_is_imported_from_a_file_listed_and_shown() {
    for store in engines().await {
        with_city(&store).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("flow.xml");
        let path = file.to_str().unwrap();
        let (report, rows) = flow(1);
        std::fs::write(&file, write_xml(&report, &rows)).unwrap();
        let database = ["--database", store.url()];
        let hub = |arguments: &[&str]| run(&[&["hub", "flows"], arguments, &database].concat());

        let said = hub(&["import", path]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert_eq!(
            said.out,
            "2026-11-21PSPXITR1XXX-0000001 of PSPXITR1XXX, revision 1: 1 payments, 120.50 euro\n  \
             the head declares 2 payments and there are 1\n"
        );
        assert!(hub(&["import", path]).out.contains("; it was here already"));
        let (report, mut rows) = flow(1);
        rows[0].iur = "other".to_owned();
        std::fs::write(&file, write_xml(&report, &rows)).unwrap();
        let said = hub(&["import", path]);
        assert_eq!(said.code, Some(1));
        assert!(said.err.contains("say --revision"), "{said:?}");
        assert_eq!(hub(&["import", path, "--revision", "2"]).code, Some(0));

        let list = hub(&["list", "--institution", CITY, "--json"]);
        let list: Value = serde_json::from_str(&list.out).unwrap();
        assert_eq!(list.as_array().unwrap().len(), 2);
        assert_eq!(list[0]["revision"], 2);
        assert_eq!(list[0]["state"], "fetched");
        assert_eq!(list[0]["amount_cents"], 12_050);
        assert_eq!(list[0]["findings"].as_array().unwrap().len(), 1);
        let lines = hub(&["list", "--institution", CITY]).out;
        assert_eq!(lines.lines().count(), 2);
        assert!(lines.contains("120.50 euro  1 findings"), "{lines}");

        let name = report.key.id.as_str();
        let show = |more: &[&str]| -> Value {
            let said = hub(&[&["show", name, "--institution", CITY], more].concat());
            serde_json::from_str(&said.out).unwrap()
        };
        assert_eq!(show(&[])["rows"][0]["iur"], "other");
        assert_eq!(show(&["--revision", "1"])["rows"][0]["iur"], "0f1e2d3c");
        let said = hub(&["show", "2026-none", "--institution", CITY]);
        assert_eq!(said.code, Some(2));
        assert!(said.err.contains("no flow report 2026-none"), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_or_asked_for_is_told_with_what_to_do() {
    let store = TestStore::sqlite().await;
    with_city(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.xml");
    let path = file.to_str().unwrap();
    let import = || run(&["hub", "flows", "import", path, "--database", store.url()]);

    assert!(import().err.contains("cannot read"), "no file");
    std::fs::write(&file, "<a/>").unwrap();
    let said = import();
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("is not a flow report"), "{said:?}");
    let (report, rows) = flow(1);
    std::fs::write(&file, write_xml(&report, &rows).replace(CITY, "01199250158")).unwrap();
    let said = import();
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.contains("01199250158, which is not served here"),
        "{said:?}"
    );

    let configuration = configuration(folder.path(), store.url());
    let config = configuration.to_str().unwrap();
    let said = run(&["hub", "flows", "collect", "--config", config]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("[hub.products.flow_reports]"), "{said:?}");
    let said = run(&[
        "hub",
        "flows",
        "collect",
        "--institution",
        "01199250158",
        "--config",
        config,
    ]);
    assert_eq!(said.code, Some(2));
    let recover = |receipt: &str| {
        run(&[
            "hub",
            "receipts",
            "recover",
            "--institution",
            CITY,
            "--receipt",
            receipt,
            "--config",
            config,
        ])
    };
    let said = recover("0f1e2d3c");
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("[hub.products.receipts]"), "{said:?}");
    assert_eq!(recover("two words").code, Some(2));
}

/// A hub with one flow of one payment, and the receipt of that payment.
async fn answer(address: Uri) -> impl IntoResponse {
    const FLOW: &str =
        "/fdr/organizations/00856930102/fdrs/2026-11-21PSPXITR1XXX-0000001/revisions/1/psps/PSPXITR1XXX";
    let body = match address.path() {
        "/fdr/organizations/00856930102/fdrs" => {
            r#"{"metadata":{"totPage":1},"count":1,"data":[{"fdr":"2026-11-21PSPXITR1XXX-0000001",
                "pspId":"PSPXITR1XXX","revision":1,"published":"2026-11-22T05:10:00Z"}]}"#
        }
        path if path == FLOW => {
            r#"{"fdrDate":"2026-11-22T05:00:00Z","regulation":"TRN-1","regulationDate":"2026-11-21",
                "sender":{"id":"PSPXITR1XXX"},"receiver":{"organizationId":"00856930102"},
                "computedTotPayments":1,"computedSumPayments":120.5,"totPayments":1,"sumPayments":120.5}"#
        }
        path if path.strip_prefix(FLOW) == Some("/payments") => {
            r#"{"metadata":{"totPage":1},"data":[{"index":1,"iuv":"12202600000001787","iur":"0f1e2d3c","idTransfer":1,
                "pay":120.5,"payStatus":"EXECUTED","payDate":"2026-11-20T10:15:30Z"}]}"#
        }
        "/receipts/organizations/00856930102/receipts/0f1e2d3c/paymentoptions/12202600000001787" => {
            r#"{"receiptId":"0f1e2d3c","noticeNumber":"312202600000001787","fiscalCode":"00856930102","outcome":"OK",
                "creditorReferenceId":"12202600000001787","paymentAmount":120.5,"description":"TARI",
                "companyName":"Comune di Prova","debtor":{"entityUniqueIdentifierType":"F",
                "entityUniqueIdentifierValue":"RSSMRA85T10A562S","fullName":"Mario Rossi"},"transferList":[
                {"idTransfer":1,"transferAmount":120.5,"fiscalCodePA":"00856930102","iban":"IT60X0542811101000000123456",
                "mbdAttachment":null,"remittanceInformation":"TARI","transferCategory":"9/0101101IM/"}],
                "idPSP":"PSPXITR1XXX","pspCompanyName":"Banca di prova","idChannel":"99999999990_01"}"#
        }
        _ => {
            return (
                StatusCode::NOT_FOUND,
                [(header::CONTENT_TYPE, "application/json")],
                "{}",
            );
        }
    };
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], body)
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_and_receipts_are_asked_of_the_hub() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hub = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    for store in engines().await {
        with_city(&store).await;
        let folder = tempfile::tempdir().unwrap();
        let file = configuration(folder.path(), store.url());
        let text = std::fs::read_to_string(&file).unwrap();
        let products =
            format!("flow_reports.url = \"http://{hub}/fdr\"\nreceipts.url = \"http://{hub}/receipts\"\n");
        std::fs::write(&file, text + &products).unwrap();
        let config = file.to_str().unwrap();

        let collect = || run(&["hub", "flows", "collect", "--config", config]).out;
        assert_eq!(collect(), "00856930102: 1 announced, 1 fetched, 0 failed\n");
        assert_eq!(collect(), "00856930102: 0 announced, 0 fetched, 0 failed\n");
        let list = run(&[
            "hub",
            "flows",
            "list",
            "--institution",
            CITY,
            "--database",
            store.url(),
        ]);
        assert!(
            list.out
                .contains("2026-11-21       1 payments           120.50 euro\n"),
            "{list:?}"
        );

        let recover = |receipt: &str, iuv: &str| {
            run(&[
                "hub",
                "receipts",
                "recover",
                "--institution",
                CITY,
                "--receipt",
                receipt,
                "--iuv",
                iuv,
                "--config",
                config,
            ])
        };
        assert_eq!(
            recover("0f1e2d3c", "12202600000001787").out,
            "receipt 0f1e2d3c taken: unknown\n"
        );
        assert_eq!(
            recover("0f1e2d3c", "12202600000001787").out,
            "receipt 0f1e2d3c is here already\n"
        );
        let said = recover("other", "12202600000001787");
        assert_eq!(said.code, Some(1));
        assert!(said.err.contains("the hub has no receipt other"), "{said:?}");
        let said = recover("other", "12202600000001787");
        assert!(said.err.contains("it was asked for within a day"), "{said:?}");

        let mut snapshot = store.glance().await.unwrap();
        let id = "0f1e2d3c".parse().unwrap();
        let kept = storage::receipts::find_receipt(&mut snapshot, &CITY.parse().unwrap(), &id)
            .await
            .unwrap()
            .unwrap();
        let message = storage::messages::find_message(&mut snapshot, kept.message_id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(message.operation, "getOrganizationReceiptIuvIur");
        assert!(message.body.starts_with(b"{\"receiptId\""));
    }
    serving.abort();
}
