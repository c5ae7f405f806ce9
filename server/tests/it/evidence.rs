//! The log of messages, as those who run the service look into it.

use crate::support::engines;
use crate::support::messages::{MUNICIPALITY, delivery, number, receipt, verify};
use crate::support::portal::Portal;
use crate::support::program::run;
use domain::Cents;
use serde_json::Value;
use std::io::Read as _;

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_is_listed_and_packed_with_everything_that_was_said() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let notice = number(2026000000121);
        let place = portal.messages_begun();
        let question = verify(MUNICIPALITY, notice.as_str()).write();
        let paid = delivery(&receipt("kept", &notice, Cents::new(7420)));
        let said = [
            portal.tell(question.clone()).await,
            portal.tell(paid.clone()).await,
        ];
        portal.message(place + 3).await;
        let database = portal.database();
        let institution = ["--institution", MUNICIPALITY, "--database", &database];

        let listed = run(&[
            &["hub", "messages", "--notice", notice.as_str()][..],
            &institution,
        ]
        .concat());
        assert_eq!(listed.code, Some(0), "{listed:?}");
        assert_eq!(listed.out.lines().count(), 5, "{listed:?}");
        assert!(listed.out.contains("paVerifyPaymentNotice"), "{listed:?}");
        let iuv = notice.iuv();
        for (option, value, messages) in [("--iuv", iuv.as_str(), 4), ("--receipt", "kept", 2)] {
            let listed = run(&[&["hub", "messages", option, value, "--json"][..], &institution].concat());
            let events: Vec<Value> = listed
                .out
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            assert_eq!(events.len(), messages, "{option}: {listed:?}");
            let last = events.last().unwrap();
            assert_eq!(last["type"], "paSendRTV2");
            assert_eq!(last["subtype"], "RESP");
            assert_eq!(last["requester"], "nodo");
            assert_eq!(last["psp"], "PSPXITR1XXX");
            assert_eq!(last["body"], said[1].text());
        }

        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("prova.zip");
        let pack = [
            &[
                "hub",
                "evidence",
                "--notice",
                notice.as_str(),
                "--out",
                out.to_str().unwrap(),
            ][..],
            &institution,
        ]
        .concat();
        let packed = run(&pack);
        assert_eq!((packed.code, packed.err.as_str()), (Some(0), ""), "{packed:?}");
        let mut zip = zip::ZipArchive::new(std::fs::File::open(&out).unwrap()).unwrap();
        let mut text = |name: &str| {
            let mut text = String::new();
            zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(text("0001-paVerifyPaymentNotice-request.xml"), question);
        assert_eq!(text("0002-paVerifyPaymentNotice-response.xml"), said[0].text());
        assert_eq!(text("0003-paSendRTV2-request.xml"), paid);
        assert_eq!(text("0004-paSendRTV2-response.xml"), said[1].text());
        let index = text("index.csv");
        assert_eq!(index.lines().count(), 5, "{index}");
        assert!(index.contains(r#""paSendRTV2";"RESP""#), "{index}");
        let page = text("index.html");
        assert!(page.contains(r#"<html lang="it">"#), "{page}");
        assert!(
            page.contains(r#"<a href="0003-paSendRTV2-request.xml">"#),
            "{page}"
        );
        assert!(text("LEGGIMI.txt").contains(notice.as_str()));

        let again = run(&pack);
        assert_eq!(again.code, Some(2), "{again:?}");
        assert!(again.err.contains("is there already"), "{again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_spoken_of_makes_no_evidence() {
    let portal = Portal::start().await;
    let database = portal.database();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("prova.zip");
    let pack = |option: &str, value: &str, institution: &str| {
        run(&[
            "hub",
            "evidence",
            option,
            value,
            "--institution",
            institution,
            "--database",
            &database,
            "--out",
            out.to_str().unwrap(),
        ])
    };
    let unknown = pack("--receipt", "never", MUNICIPALITY);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown.err.contains("no message about receipt never"),
        "{unknown:?}"
    );
    assert!(!out.exists(), "half an evidence is none");
    let wrong = pack("--notice", "123", MUNICIPALITY);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    let several = run(&["hub", "messages", "--receipt", "never", "--database", &database]);
    assert_eq!(several.code, Some(2), "{several:?}");
    assert!(several.err.contains("--institution"), "{several:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_is_in_italian_time() {
    // The clock of the portal stands at eleven in Italy.
    let portal = Portal::start().await;
    let place = portal.messages_begun();
    let notice = number(2026000000017);
    portal.tell(verify(MUNICIPALITY, notice.as_str()).write()).await;
    portal.message(place + 1).await;
    let database = portal.database();
    let lines = |from: &str, until: &str| {
        let listed = run(&[
            "hub",
            "messages",
            "--json",
            "--notice",
            notice.as_str(),
            "--institution",
            MUNICIPALITY,
            "--from",
            from,
            "--until",
            until,
            "--database",
            &database,
        ]);
        assert_eq!(listed.code, Some(0), "{listed:?}");
        listed.out.lines().count()
    };
    assert_eq!(lines("2026-11-23T11:00", "2026-11-23T11:01"), 2);
    assert_eq!(lines("2026-11-23T10:00", "2026-11-23T11:00"), 0);
    assert_eq!(lines("2026-11-23", "2026-11-24"), 2);
    let wrong = run(&["hub", "messages", "--receipt", "x", "--from", "ieri"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}
