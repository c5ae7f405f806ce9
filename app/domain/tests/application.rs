//! What applications may do, and which numbers are theirs.
#![expect(clippy::unwrap_used, reason = "a test's own constants are right")]

use domain::NoticeNumber;
use domain::application::{Application, Grant, InvalidApplication, NumberRange, Scope};
use serde_json::json;

/// An application that reads every position, writes those of two services, and numbers notices from 100 to 199.
fn application() -> Application {
    serde_json::from_value(json!({
        "id": "tributi",
        "institution": "00856930102",
        "name": "Tributi",
        "grants": [
            { "scope": "positions:read" },
            { "scope": "positions:write", "services": ["imu", "tari"] },
        ],
        "numbers": [{ "segregation": "12", "from": 100, "to": 199 }],
        "requests_per_minute": 60,
        "active": true,
    }))
    .unwrap()
}

#[test]
fn a_grant_is_for_its_scope_and_its_services() {
    let application = application();
    assert!(application.may(Scope::ReadPositions, "anything"));
    assert!(application.may(Scope::WritePositions, "tari"));
    assert!(!application.may(Scope::WritePositions, "cosap"));
    assert!(!application.may(Scope::UseCounter, "tari"));
    assert_eq!(application.granted(Scope::ReadPositions), Some(None));
    assert_eq!(application.granted(Scope::UseCounter), None);
    let services = application.granted(Scope::WritePositions).unwrap().unwrap();
    assert_eq!(services.iter().collect::<Vec<_>>(), ["imu", "tari"]);
}

#[test]
fn a_scope_is_written_by_its_name() {
    for scope in Scope::ALL {
        assert_eq!(serde_json::to_value(scope).unwrap(), json!(scope.as_str()));
        assert_eq!(Scope::parse(scope.as_str()), Some(scope));
    }
    assert_eq!(Scope::parse("positions"), None);
}

#[test]
fn a_range_holds_its_ends_of_its_own_segregation_code_only() {
    let range = application().numbers[0];
    let number = |code: &str, base| NoticeNumber::issue(code.parse().unwrap(), base).unwrap();
    for (base, is_held) in [(99, false), (100, true), (199, true), (200, false)] {
        assert_eq!(range.holds(&number("12", base)), is_held, "{base}");
    }
    assert!(!range.holds(&number("13", 150)));
    let without_segregation = NoticeNumber::parse("001120000000001505").unwrap();
    assert!(!range.holds(&without_segregation));
}

#[test]
fn a_sound_application_is_kept_and_each_fault_is_named() {
    use InvalidApplication as E;
    assert_eq!(application().check(), Ok(()));
    let check = |change: &dyn Fn(&mut Application)| {
        let mut application = application();
        change(&mut application);
        application.check()
    };
    for right in ["abc", "a-1", &"a".repeat(40)] {
        assert_eq!(check(&|a| right.clone_into(&mut a.id)), Ok(()));
    }
    for wrong in ["ab", "Tributi", "a_b", &"a".repeat(41)] {
        assert_eq!(check(&|a| wrong.clone_into(&mut a.id)), Err(E::Id), "{wrong}");
    }
    assert_eq!(check(&|a| a.name = "à".repeat(70)), Ok(()));
    assert_eq!(check(&|a| a.name = "à".repeat(71)), Err(E::Name));
    assert_eq!(check(&|a| a.name.clear()), Err(E::Name));
    assert_eq!(check(&|a| a.grants.clear()), Err(E::NoGrant));
    let twice = Grant {
        scope: Scope::ReadPositions,
        services: None,
    };
    assert_eq!(
        check(&|a| a.grants.push(twice.clone())),
        Err(E::RepeatedGrant(Scope::ReadPositions))
    );
    let range = |from, to| {
        check(&|a| {
            a.numbers = vec![NumberRange {
                segregation: "12".parse().unwrap(),
                from,
                to,
            }];
        })
    };
    assert_eq!(range(5, 5), Ok(()));
    assert_eq!(range(0, NoticeNumber::OWN_BASES_FROM - 1), Ok(()));
    assert_eq!(range(6, 5), Err(E::Range));
    assert_eq!(range(0, NoticeNumber::OWN_BASES_FROM), Err(E::Range));
    for (requests, outcome) in [
        (0, Err(E::Requests)),
        (1, Ok(())),
        (100_000, Ok(())),
        (100_001, Err(E::Requests)),
    ] {
        assert_eq!(
            check(&|a| a.requests_per_minute = requests),
            outcome,
            "{requests}"
        );
    }
    assert_eq!(check(&|a| a.certificate = Some("0a".repeat(32))), Ok(()));
    for wrong in ["0A".repeat(32), "0a".repeat(31)] {
        assert_eq!(
            check(&|a| a.certificate = Some(wrong.clone())),
            Err(E::Certificate)
        );
    }
}
