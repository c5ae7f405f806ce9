//! Flow reports come whole, once, and go on where they stopped.

use crate::flow_hub::FlowHub;
use crate::support::{CITY, City, cities, code};
use chrono::Duration;
use domain::Cents;
use domain::flow_report::{FlowFinding, FlowKey, FlowOutcome, FlowParty, FlowReport, FlowRow, FlowTotals};
use pagopa::flow_reports::write_xml;
use services::Services;
use services::flow_reports::{
    CollectError, ImportError, WasHere, collect_flow_reports, find_flow_payments, find_flow_revisions,
    import_flow_report, list_flow_reports, schedule_collection,
};
use services::jobs::{JobKind, drain};
use storage::flow_reports::FlowState;

pub(crate) fn row(place: u32, iur: &str, outcome: FlowOutcome) -> FlowRow {
    FlowRow {
        index: place,
        iuv: format!("12202600000{place:06}"),
        iur: iur.to_owned(),
        transfer_id: Some(1),
        amount: Cents::new(12_050),
        outcome,
        paid_on: "2026-11-20".parse().unwrap(),
    }
}

/// Five payments: three pages of the tests' hub.
fn rows() -> Vec<FlowRow> {
    (1..=5)
        .map(|place| row(place, &format!("iur-{place}"), FlowOutcome::Executed))
        .collect()
}

pub(crate) fn report(flow: u32, revision: u32, rows: &[FlowRow]) -> FlowReport {
    FlowReport {
        key: FlowKey {
            institution: code(CITY),
            psp: "PSPXITR1XXX".to_owned(),
            id: format!("2026-11-21PSPXITR1XXX-{flow:07}").parse().unwrap(),
            revision,
        },
        made_at: "2026-11-22T05:00:00".parse().unwrap(),
        regulation: "TRN-1".to_owned(),
        regulated_on: "2026-11-21".parse().unwrap(),
        bank: None,
        sender: FlowParty {
            code: "PSPXITR1XXX".to_owned(),
            name: Some("Banca di prova".to_owned()),
        },
        receiver: FlowParty {
            code: CITY.to_owned(),
            name: None,
        },
        declared: FlowTotals {
            count: rows.len() as u64,
            sum: Cents::sum(rows.iter().map(|row| row.amount)).unwrap(),
        },
        computed: None,
    }
}

/// Collects, and says how many flows were announced, fetched and failed.
async fn collect(city: &City) -> Result<(u64, u32, usize), CollectError> {
    let collected = collect_flow_reports(&city.services, &code(CITY)).await?;
    Ok((collected.announced, collected.fetched, collected.failed.len()))
}

async fn payments(city: &City, report: &FlowReport) -> Option<Vec<FlowRow>> {
    find_flow_payments(&city.services, &report.key).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_are_collected_whole_and_asked_for_once() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        let (first, second) = (report(1, 1, &rows()), report(2, 1, &rows()[..1]));
        hub.publish(&first, &rows(), "2026-11-22T05:10:00Z");
        hub.publish(&second, &rows()[..1], "2026-11-22T05:20:00Z");
        hub.publish(&report(3, 1, &rows()[..2]), &rows()[..2], "2026-11-22T05:30:00Z");
        assert_eq!(collect(&city).await.unwrap(), (3, 3, 0));
        let operations = hub.called();
        let count = |name| operations.iter().filter(|called| **called == name).count();
        assert_eq!(count("getAllPublishedFlows"), 2);
        assert_eq!(count("getSinglePublishedFlow"), 3);
        assert_eq!(count("getPaymentsFromPublishedFlow"), 3 + 1 + 1);
        assert_eq!(payments(&city, &first).await, Some(rows()));
        assert_eq!(payments(&city, &second).await, Some(rows()[..1].to_vec()));

        assert_eq!(collect(&city).await.unwrap(), (0, 0, 0));
        assert_eq!(hub.called(), ["getAllPublishedFlows"; 2]);
        let listed = list_flow_reports(&city.services, &code(CITY)).await.unwrap();
        assert_eq!(listed.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_breaks_off_anywhere_goes_on_from_there() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        let head = report(1, 1, &rows());
        hub.publish(&head, &rows(), "2026-11-22T05:10:00Z");
        // The list, the head, three pages: the hub goes silent before each of them.
        for answers in 0..5 {
            hub.goes_silent_after(Some(answers));
            assert!(
                matches!(collect(&city).await, Err(CollectError::Hub(_))),
                "{answers}"
            );
            assert_eq!(payments(&city, &head).await.unwrap_or_default(), []);
        }
        hub.goes_silent_after(None);
        assert_eq!(collect(&city).await.unwrap(), (0, 1, 0));
        assert_eq!(payments(&city, &head).await, Some(rows()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_breaks_off_hides_no_flow() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        // The newest comes on the first page, the oldest on the second.
        for (flow, at) in [
            (1, "2026-11-22T05:10:00Z"),
            (2, "2026-11-20T05:10:00Z"),
            (3, "2026-11-01T05:10:00Z"),
        ] {
            hub.publish(&report(flow, 1, &rows()), &rows(), at);
        }
        hub.goes_silent_after(Some(1));
        assert!(collect(&city).await.is_err());
        hub.goes_silent_after(None);
        assert_eq!(collect(&city).await.unwrap(), (3, 3, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_higher_revision_is_kept_beside_the_lower_one() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        let first = report(1, 1, &rows());
        let second = report(1, 2, &rows()[..4]);
        hub.publish(&first, &rows(), "2026-11-22T05:10:00Z");
        collect(&city).await.unwrap();
        hub.publish(&second, &rows()[..4], "2026-11-22T09:10:00Z");
        assert_eq!(collect(&city).await.unwrap(), (1, 1, 0));
        assert_eq!(payments(&city, &first).await.unwrap().len(), 5);
        assert_eq!(payments(&city, &second).await.unwrap().len(), 4);
        let known = find_flow_revisions(&city.services, &code(CITY), &first.key.id)
            .await
            .unwrap();
        assert_eq!(
            known.iter().map(|flow| flow.key.revision).collect::<Vec<_>>(),
            [2, 1]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_does_not_agree_with_itself_is_kept_with_its_findings() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        let wrong = FlowReport {
            declared: FlowTotals {
                count: 6,
                sum: Cents::new(60_250),
            },
            ..report(1, 1, &rows())
        };
        hub.publish(&wrong, &rows(), "2026-11-22T05:10:00Z");
        assert_eq!(collect(&city).await.unwrap(), (1, 1, 0));
        let listed = list_flow_reports(&city.services, &code(CITY)).await.unwrap();
        let FlowState::Fetched { findings, .. } = &listed[0].state else {
            panic!("it is here")
        };
        assert_eq!(
            findings,
            &[FlowFinding::Count {
                declared: 6,
                found: 5
            }]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_cannot_be_read_does_not_stop_the_others_and_is_tried_again() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        let broken = FlowReport {
            regulation: String::new(),
            ..report(1, 1, &rows())
        };
        hub.publish(&broken, &rows(), "2026-11-22T05:10:00Z");
        hub.publish(&report(2, 1, &rows()), &rows(), "2026-11-22T05:20:00Z");
        let collected = collect_flow_reports(&city.services, &code(CITY)).await.unwrap();
        assert_eq!((collected.announced, collected.fetched), (2, 1));
        let [failed] = &collected.failed[..] else {
            panic!("one flow cannot be read")
        };
        assert_eq!(failed.key, broken.key);
        assert_eq!(
            failed.why,
            "getSinglePublishedFlow: the answer's regulation cannot be read"
        );
        hub.publish(&report(1, 1, &rows()), &rows(), "2026-11-22T05:10:00Z");
        assert_eq!(collect(&city).await.unwrap(), (0, 1, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_refuses_the_list_is_quoted() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        hub.answers(Some((400, r#"{"title":"Bad Request","detail":"FDR-2009"}"#)));
        let error = collect(&city).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the hub answers getAllPublishedFlows with status 400: Bad Request: FDR-2009"
        );
        hub.answers(Some((200, "<html>")));
        assert!(matches!(
            collect(&city).await,
            Err(CollectError::Unreadable { .. })
        ));
    }
}

async fn work(services: &Services, worker: &str) -> usize {
    drain(services, &[JobKind::FlowCollection], worker, 10)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_one_collects_and_then_nobody_for_four_hours() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        let head = report(1, 1, &rows());
        hub.publish(&head, &rows(), "2026-11-22T05:10:00Z");
        let (one, two) = (city.services.clone(), city.another_server().await);
        for server in [&one, &two] {
            schedule_collection(server).await.unwrap();
        }
        let first_call = hub.holds_the_next_call();
        let collecting = tokio::spawn(async move { work(&one, "one").await });
        hub.is_called().await;
        assert_eq!(work(&two, "two").await, 0);
        let by_hand = collect_flow_reports(&two, &code(CITY)).await;
        assert!(matches!(by_hand, Err(CollectError::Busy)), "{by_hand:?}");
        first_call.notify_one();
        assert_eq!(collecting.await.unwrap(), 1);
        assert_eq!(payments(&city, &head).await, Some(rows()));
        assert_eq!(hub.called().len(), 1 + 1 + 3, "the list, the head, three pages");

        city.clock.advance(Duration::hours(4) - Duration::seconds(1));
        assert_eq!(work(&two, "two").await, 0);
        city.clock.advance(Duration::seconds(1));
        assert_eq!(work(&two, "two").await, 1);
        assert_eq!(hub.called(), ["getAllPublishedFlows"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_is_taken_over_from_a_server_that_is_gone_which_stops_when_it_comes_back() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        let head = report(1, 1, &rows());
        hub.publish(&head, &rows(), "2026-11-22T05:10:00Z");
        schedule_collection(&city.services).await.unwrap();
        let (one, two) = (city.services.clone(), city.another_server().await);
        let first_call = hub.holds_the_next_call();
        let gone = tokio::spawn(async move { work(&one, "one").await });
        hub.is_called().await;
        city.clock.advance(Duration::minutes(10));
        assert_eq!(work(&two, "two").await, 1);
        assert_eq!(payments(&city, &head).await, Some(rows()));
        assert_eq!(hub.called().len(), 1 + 1 + 3);
        first_call.notify_one();
        gone.await.unwrap();
        assert_eq!(
            hub.called(),
            ["getAllPublishedFlows"],
            "its answer, and nothing more"
        );
        city.clock.advance(Duration::hours(3));
        assert_eq!(work(&two, "two").await, 0, "it hurried nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn collecting_by_hand_leaves_the_next_collection_when_it_was_to_be() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        schedule_collection(&city.services).await.unwrap();
        assert_eq!(work(&city.services, "one").await, 1);
        city.clock.advance(Duration::hours(2));
        hub.publish(&report(1, 1, &rows()), &rows(), "2026-11-22T05:10:00Z");
        assert_eq!(collect(&city).await.unwrap(), (1, 1, 0));
        city.clock.advance(Duration::hours(2) - Duration::seconds(1));
        assert_eq!(work(&city.services, "one").await, 0);
        city.clock.advance(Duration::seconds(1));
        assert_eq!(work(&city.services, "one").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_once_and_a_different_one_under_its_name_is_told() {
    for city in cities().await {
        let file = write_xml(&report(1, 1, &rows()), &rows());
        let import = async |file: &str, revision| {
            import_flow_report(&city.services, file.as_bytes(), "flow.xml", revision).await
        };
        let imported = import(&file, 1).await.unwrap();
        assert_eq!((imported.payments, imported.was_here), (5, WasHere::No));
        assert_eq!(imported.findings, []);
        assert_eq!(payments(&city, &imported.report).await, Some(rows()));
        assert_eq!(import(&file, 1).await.unwrap().was_here, WasHere::Same);
        let other = file.replace("iur-5", "iur-6");
        assert_eq!(import(&other, 1).await.unwrap().was_here, WasHere::Different);
        assert_eq!(payments(&city, &imported.report).await, Some(rows()));
        assert_eq!(import(&other, 2).await.unwrap().was_here, WasHere::No);

        let stranger = file.replace(CITY, "01199250158");
        assert!(matches!(
            import(&stranger, 1).await,
            Err(ImportError::Stranger(_))
        ));
        assert!(matches!(import("<a/>", 1).await, Err(ImportError::Unreadable(_))));
    }
}
