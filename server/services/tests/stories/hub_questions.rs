use crate::support::{addressed, cities, number, position, position_of, receipt};
use domain::{Cents, OptionKind};
use services::expiry::record_expired_positions;
use services::hub_requests::{Addressed, HubRefusal, prepare_payment, recognise_recipient, verify_notice};

/// The name of a refusal, which is what the hub's code depends on.
fn name(refusal: &HubRefusal) -> &'static str {
    match refusal {
        HubRefusal::UnknownInstitution => "institution",
        HubRefusal::WrongBroker => "broker",
        HubRefusal::WrongStation => "station",
        HubRefusal::UnknownNotice => "unknown",
        HubRefusal::Paid => "paid",
        HubRefusal::Withdrawn => "withdrawn",
        HubRefusal::Expired => "expired",
        HubRefusal::NothingDue => "nothing due",
        HubRefusal::TryLater => "later",
        HubRefusal::ServiceNotOffered => "service",
        HubRefusal::Demand(_) => "demand",
        HubRefusal::DuplicateReceipt => "duplicate",
        HubRefusal::Unavailable(_) => "unavailable",
    }
}

#[tokio::test]
async fn a_payable_notice_is_verified_any_number_of_times() {
    for city in cities().await {
        city.owes(&position(1)).await;
        for _ in 0..3 {
            let to = addressed();
            let verified = verify_notice(&city.services, &to, &to.institution, &number(1))
                .await
                .unwrap();
            assert_eq!(verified.notice.amount, Cents::new(12_050));
            let data = prepare_payment(&city.services, &to, &to.institution, &number(1))
                .await
                .unwrap();
            assert_eq!(data.transfers.len(), 1);
            assert_eq!(data.debtor, crate::support::mario());
        }
    }
}

#[tokio::test]
async fn a_message_addressed_wrongly_is_told_what_is_wrong() {
    for city in cities().await {
        city.owes(&position(1)).await;
        let to = addressed();
        let ask = async |to: Addressed, institution: &str| {
            verify_notice(&city.services, &to, institution, &number(1))
                .await
                .map_err(|refusal| name(&refusal))
        };
        let other = "80034810103".to_owned();
        let station = "x_01".to_owned();
        let wrong_broker = Addressed {
            broker: other.clone(),
            ..to.clone()
        };
        let wrong_station = Addressed {
            station,
            ..to.clone()
        };
        let wrong_institution = Addressed {
            institution: other.clone(),
            ..to.clone()
        };
        assert_eq!(ask(wrong_broker, &to.institution).await.unwrap_err(), "broker");
        assert_eq!(
            ask(wrong_station.clone(), &to.institution).await.unwrap_err(),
            "station"
        );
        assert_eq!(ask(wrong_institution, &other).await.unwrap_err(), "institution");
        assert_eq!(ask(to.clone(), &other).await.unwrap_err(), "institution");
        assert!(ask(to, crate::support::CITY).await.is_ok());
        // A receipt may still come through a station that was replaced.
        assert!(recognise_recipient(&city.services, &wrong_station).await.is_ok());
    }
}

#[tokio::test]
async fn the_hub_hears_why_a_notice_cannot_be_paid() {
    for city in cities().await {
        let plan = position_of(&[
            (OptionKind::Whole, &[10]),
            (OptionKind::InstalmentPlan, &[11, 12]),
        ]);
        city.owes(&plan).await;
        city.owes(&position(1)).await;
        city.deliver(&receipt("r1", 1)).await;
        city.deliver(&receipt("r11", 11)).await;
        let mut late = position(20);
        late.options[0].instalments[0].due_on = "2026-11-22".parse().ok();
        late.options[0].instalments[0].payable_until = "2026-11-22".parse().ok();
        city.owes(&late).await;
        let mut last_day = position(21);
        last_day.options[0].instalments[0].due_on = "2026-11-23".parse().ok();
        last_day.options[0].instalments[0].payable_until = "2026-11-23".parse().ok();
        city.owes(&last_day).await;
        let mut early = position(22);
        early.valid_from = "2026-11-24".parse().ok();
        city.owes(&early).await;
        let ask = async |base: u64| {
            let to = addressed();
            let verified = verify_notice(&city.services, &to, &to.institution, &number(base)).await;
            let prepared = prepare_payment(&city.services, &to, &to.institution, &number(base)).await;
            let verified = verified.map_or_else(|refusal| name(&refusal), |_| "payable");
            let prepared = prepared.map_or_else(|refusal| name(&refusal), |_| "payable");
            assert_eq!(verified, prepared, "both questions have one answer");
            verified
        };
        assert_eq!(ask(1).await, "paid");
        assert_eq!(ask(10).await, "unknown");
        assert_eq!(ask(11).await, "paid");
        assert_eq!(ask(12).await, "payable");
        assert_eq!(ask(20).await, "expired");
        assert_eq!(ask(21).await, "payable");
        assert_eq!(ask(22).await, "unknown");
        assert_eq!(ask(404).await, "unknown");

        // The fact is recorded by the sweep; what the hub hears stays the same.
        assert_eq!(record_expired_positions(&city.services).await.unwrap(), 1);
        assert_eq!(record_expired_positions(&city.services).await.unwrap(), 0);
        assert_eq!(ask(20).await, "expired");
        city.deliver(&receipt("r20", 20)).await;
        assert_eq!(ask(20).await, "paid");
    }
}

#[tokio::test]
async fn the_hubs_probe_is_answered_without_the_archive() {
    for city in cities().await {
        let to = addressed();
        // The directory is in memory from here on; nothing else may be needed.
        assert!(
            verify_notice(&city.services, &to, &to.institution, &number(1))
                .await
                .is_err()
        );
        city.services.store.close().await;
        let probe = "000000000000000000".parse().unwrap();
        let refusal = verify_notice(&city.services, &to, &to.institution, &probe)
            .await
            .unwrap_err();
        assert_eq!(name(&refusal), "unknown");
        let refusal = verify_notice(&city.services, &to, &to.institution, &number(1))
            .await
            .unwrap_err();
        assert_eq!(name(&refusal), "unavailable");
    }
}
