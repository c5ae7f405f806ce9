//! Positions in the archives' shape: against the published interfaces, there and back, in files.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{day, institution, spec, wire_text};
use domain::creditor::Contact;
use domain::feed::{Archive, ArchiveStatus, Step};
use domain::service::Service;
use domain::subject::Address;
use domain::transfer::Destination;
use domain::{
    Cents, CreditorInstitution, DebtPosition, DebtPositionStatus, Instalment, NoticeNumber, OptionKind,
    PaymentOption, Subject, SubjectKind, Transfer,
};
use pagopa::debt_positions::{
    File, JSON_BYTES_MAX, Position, create, delete, find, iupd, list, pack_keys, pack_positions, products,
    read_page, read_position, read_report, read_upload, report, update, upload,
};
use pagopa::gateway::{Body, Call, Product, Reply};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::Read as _;

fn city() -> CreditorInstitution {
    CreditorInstitution {
        fiscal_code: institution(),
        name: "Comune di Prova".to_owned(),
        broker: "15376371009".parse().unwrap(),
        station: "15376371009_01".parse().unwrap(),
        segregation_code: "47".parse().unwrap(),
        cbill_code: None,
        postal_iban: None,
        contact: Contact {
            telephone: "010".to_owned(),
            email: "a@example.it".to_owned(),
            website: "https://example.it".to_owned(),
        },
    }
}

fn service() -> Service {
    Service {
        institution: institution(),
        code: "tari".to_owned(),
        name_it: "Tassa sui rifiuti".to_owned(),
        name_en: "Waste tax".to_owned(),
        category: "9/0101101IM/".parse().unwrap(),
        office_name: "Ufficio tributi".to_owned(),
        active: true,
        at_provider: None,
        feed: None,
        amounts_move: false,
        by_tariff: None,
        life_events: Vec::new(),
        account: None,
        todays_amount: None,
    }
}

fn transfer(id: u8, cents: i64) -> Transfer {
    Transfer {
        id,
        amount: Cents::new(cents),
        beneficiary: institution(),
        beneficiary_name: "Comune di Prova".to_owned(),
        destination: Destination::Account {
            iban: "IT60X0542811101000000123456".parse().unwrap(),
            postal_iban: Some("IT45R0760103200000000001016".parse().unwrap()),
        },
        remittance_information: "TARI 2026".to_owned(),
        category: "9/0101101IM/".parse().unwrap(),
        metadata: vec![("TARI-TEFA-1".to_owned(), "D969|2026|3944".to_owned())],
    }
}

fn stamp(id: u8) -> Transfer {
    Transfer {
        destination: Destination::StampDuty {
            document_digest: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned(),
            province: "GE".to_owned(),
        },
        ..transfer(id, 1_600)
    }
}

fn notice(base: u64, transfers: Vec<Transfer>) -> Instalment {
    let notice_number = NoticeNumber::issue("47".parse().unwrap(), base).unwrap();
    Instalment {
        iuv: notice_number.iuv(),
        notice_number,
        amount: Cents::new(transfers.iter().map(|transfer| transfer.amount.as_i64()).sum()),
        due_on: Some(day("2026-12-16")),
        payable_until: None,
        description: "Tassa sui rifiuti 2026".to_owned(),
        transfers,
        payment: None,
    }
}

fn debt(options: Vec<(OptionKind, Vec<Instalment>)>) -> DebtPosition {
    DebtPosition {
        key: "TARI-2026-1".to_owned(),
        institution: institution(),
        service: "tari".to_owned(),
        debtor: Subject {
            kind: SubjectKind::Natural,
            code: "VRDNNA80A41D969X".to_owned(),
            full_name: "Anna Verdi d'Àvola".to_owned(),
            address: Address {
                street: Some("Via Roma".to_owned()),
                city: Some("Genova".to_owned()),
                country: Some("IT".to_owned()),
                ..Address::default()
            },
            email: Some("anna@example.it".to_owned()),
        },
        description: "Tassa sui rifiuti 2026".to_owned(),
        valid_from: None,
        status: DebtPositionStatus::Open { chosen: None },
        options: options
            .into_iter()
            .map(|(kind, instalments)| PaymentOption { kind, instalments })
            .collect(),
    }
}

fn one() -> DebtPosition {
    debt(vec![(
        OptionKind::Whole,
        vec![notice(1, vec![transfer(1, 12_050)])],
    )])
}

fn with_plan() -> DebtPosition {
    debt(vec![
        (OptionKind::Whole, vec![notice(1, vec![transfer(1, 10_000)])]),
        (
            OptionKind::InstalmentPlan,
            vec![
                notice(2, vec![transfer(1, 5_000)]),
                notice(3, vec![transfer(1, 5_000)]),
            ],
        ),
    ])
}

fn sent(debt: &DebtPosition) -> Position {
    Position::new(debt, &city(), &service(), day("2026-11-23")).unwrap()
}

fn as_json(position: &Position) -> Value {
    serde_json::to_value(position).unwrap()
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply {
        status,
        location: None,
        retry_after: None,
        is_json: true,
        body: serde_json::to_vec(body).unwrap(),
    }
}

/// What the archive answers of a position it was sent.
fn as_listed(position: &Position) -> Value {
    let mut json = as_json(position);
    json["status"] = "VALID".into();
    json["insertedDate"] = "2026-11-23T12:00:00Z".into();
    let options = json["paymentOption"].as_array_mut().unwrap();
    options.reverse();
    for option in options {
        option["status"] = "PO_UNPAID".into();
        option["fee"] = 0.into();
        option["dueDate"] = option["dueDate"].as_str().unwrap().replace(".000Z", "").into();
        for transfer in option["transfer"].as_array_mut().unwrap() {
            transfer["status"] = "T_UNREPORTED".into();
        }
    }
    json
}

/// A validator of one of the schemas of a published interface.
fn schema(file: &str, name: &str) -> Option<jsonschema::Validator> {
    let text = std::fs::read_to_string(spec()?.join(file)).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    schema["$ref"] = format!("#/components/schemas/{name}").into();
    Some(jsonschema::validator_for(&schema).unwrap())
}

#[test]
fn every_shape_of_position_is_valid_for_both_archives() {
    let mut fine = debt(vec![
        (OptionKind::Reduced, vec![notice(4, vec![transfer(1, 3_000)])]),
        (
            OptionKind::Whole,
            vec![notice(5, vec![transfer(1, 4_300), stamp(2)])],
        ),
    ]);
    fine.valid_from = Some(day("2026-12-01"));
    fine.debtor.address.country = Some("Italia".to_owned());
    for file in ["aca/gpd-4-aca.json", "gpd/gpd.json"] {
        let Some(schema) = schema(file, "PaymentPositionModel") else {
            return;
        };
        for debt in [one(), with_plan(), fine.clone()] {
            let json = as_json(&sent(&debt));
            let errors: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{file}: {errors:?}\n{json:#}");
        }
    }
}

#[test]
fn the_double_of_a_list_used_here_is_one_the_interface_allows() {
    let Some(schema) = schema("aca/gpd-4-aca.json", "PaymentPositionsInfo") else {
        return;
    };
    let page = json!({
        "payment_position_list": [as_listed(&sent(&with_plan()))],
        "page_info": { "page": 0, "limit": 50, "items_found": 1, "total_pages": 1 },
    });
    let errors: Vec<String> = schema.iter_errors(&page).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn a_position_is_sent_with_everything_needed_to_pay_it() {
    let json = as_json(&sent(&one()));
    let number = one().options[0].instalments[0].notice_number.clone();
    assert_eq!(json["iupd"], "15376371009-TARI-2026-1");
    assert_eq!((&json["type"], &json["payStandIn"]), (&json!("F"), &json!(true)));
    let option = &json["paymentOption"][0];
    assert_eq!(option["nav"], number.as_str());
    assert_eq!(option["iuv"], number.iuv().as_str());
    assert_eq!(
        (&option["amount"], &option["isPartialPayment"]),
        (&json!(12_050), &json!(false))
    );
    // The end of the day in Italy, in winter.
    assert_eq!(option["dueDate"], "2026-12-16T22:59:59.000Z");
    assert_eq!(option["transfer"][0]["iban"], "IT60X0542811101000000123456");
    assert_eq!(option["transfer"][0]["postalIban"], "IT45R0760103200000000001016");
}

#[test]
fn instalments_are_partial_payments_and_whole_sums_are_not() {
    let json = as_json(&sent(&with_plan()));
    let partial: Vec<bool> = json["paymentOption"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["isPartialPayment"].as_bool().unwrap())
        .collect();
    assert_eq!(partial, [false, true, true]);
}

#[test]
fn stamp_duties_moving_amounts_and_two_plans_are_not_paid_while_the_station_is_silent() {
    assert!(sent(&with_plan()).may_stand_in());
    let stamped = debt(vec![(OptionKind::Whole, vec![notice(1, vec![stamp(1)])])]);
    assert!(!sent(&stamped).may_stand_in());
    let mut plans = with_plan();
    plans.options.push(PaymentOption {
        kind: OptionKind::InstalmentPlan,
        instalments: vec![notice(8, vec![transfer(1, 10_000)])],
    });
    assert!(!sent(&plans).may_stand_in());
    let moving = Service {
        amounts_move: true,
        ..service()
    };
    let position = Position::new(&one(), &city(), &moving, day("2026-11-23")).unwrap();
    assert!(!position.may_stand_in());
}

#[test]
fn an_overdue_notice_is_sent_with_a_day_to_come() {
    let due = |due_on, payable_until, today: &str| {
        let mut debt = one();
        debt.options[0].instalments[0].due_on = due_on;
        debt.options[0].instalments[0].payable_until = payable_until;
        let position = Position::new(&debt, &city(), &service(), day(today)).unwrap();
        as_json(&position)["paymentOption"][0]["dueDate"]
            .as_str()
            .unwrap()[..10]
            .to_owned()
    };
    let (date, last) = (Some(day("2026-12-16")), Some(day("2027-01-31")));
    assert_eq!(due(date, last, "2026-12-16"), "2026-12-16");
    assert_eq!(due(date, last, "2026-12-17"), "2027-01-31");
    assert_eq!(due(date, None, "2026-12-17"), "2027-12-17");
    assert_eq!(due(None, None, "2026-12-17"), "2027-12-17");
}

#[test]
fn a_position_expires_there_only_when_no_notice_outlives_its_due_date() {
    let expires = |debt: &DebtPosition| as_json(&sent(debt))["switchToExpired"].as_bool().unwrap();
    let mut debt = one();
    assert!(!expires(&debt));
    debt.options[0].instalments[0].payable_until = debt.options[0].instalments[0].due_on;
    assert!(expires(&debt));
    debt.options[0].instalments[0].payable_until = Some(day("2027-01-31"));
    assert!(!expires(&debt));
}

#[test]
fn a_first_day_to_come_is_said_and_one_that_has_come_is_not() {
    let mut debt = one();
    debt.valid_from = Some(day("2026-11-24"));
    assert_eq!(as_json(&sent(&debt))["validityDate"], "2026-11-23T23:00:00.000Z");
    debt.valid_from = Some(day("2026-11-23"));
    assert_eq!(as_json(&sent(&debt)).get("validityDate"), None);
}

#[test]
fn over_ten_pairs_or_two_of_a_key_are_refused_here() {
    let with = |metadata: Vec<(String, String)>| {
        let mut debt = one();
        debt.options[0].instalments[0].transfers[0].metadata = metadata;
        Position::new(&debt, &city(), &service(), day("2026-11-23")).is_ok()
    };
    let pairs = |count: usize| (0..count).map(|key| (key.to_string(), "v".to_owned())).collect();
    assert!(with(pairs(10)));
    assert!(!with(pairs(11)));
    assert!(!with(vec![
        ("k".to_owned(), "a".to_owned()),
        ("k".to_owned(), "b".to_owned())
    ]));
}

#[test]
fn keys_are_plain_bounded_and_never_alike() {
    let key = |key: &str| iupd(&city().broker, key);
    assert_eq!(key("TARI_2026-1"), "15376371009-TARI_2026-1");
    let odd = ["a/b", "a b", "à", "a.b", &"è".repeat(60)];
    for (place, one) in odd.iter().enumerate() {
        let text = key(one);
        assert!(
            text.len() <= 72 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'),
            "{text}"
        );
        assert!(odd[..place].iter().all(|other| key(other) != text));
    }
    assert!(key(&"k".repeat(60)).len() <= 72);
}

/// Verb, path and query.
fn line_of(call: &Call) -> String {
    let query: Vec<String> = call
        .query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!(
        "{} /{}{mark}{}",
        call.method,
        call.path.join("/"),
        query.join("&")
    )
}

#[test]
fn calls_go_where_the_interface_says() {
    let (code, position) = (institution(), sent(&one()));
    let key = position.iupd().to_owned();
    let base = "/organizations/00856930102/debtpositions";
    for (call, line) in [
        (create(&code, &position), format!("POST {base}?toPublish=true")),
        (
            update(&code, &position),
            format!("PUT {base}/{key}?toPublish=true"),
        ),
        (delete(&code, &key), format!("DELETE {base}/{key}")),
        (find(&code, &key), format!("GET {base}/{key}")),
        (
            list(&code, 3),
            format!("GET {base}?limit=50&page=3&orderby=INSERTED_DATE&ordering=ASC"),
        ),
        (
            report(&city().broker, &code, "f-1"),
            format!("GET /brokers/15376371009{base}/file/f-1/report"),
        ),
    ] {
        assert_eq!(line_of(&call), line);
    }
    let Some(spec) = spec() else { return };
    let published = |file: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(spec.join(file)).unwrap()).unwrap()
    };
    let broker = city().broker;
    let file = || pack_keys([key.as_str()]);
    let single: Vec<Call> = vec![
        create(&code, &position),
        update(&code, &position),
        delete(&code, &key),
        find(&code, &key),
        list(&code, 0),
    ];
    let bulk: Vec<Call> = Step::ALL
        .into_iter()
        .map(|step| upload(&broker, &code, step, file()))
        .chain([report(&broker, &code, "f")])
        .collect();
    for (files, calls) in [
        (["aca/gpd-4-aca.json", "gpd/gpd.json"], single),
        (["aca/gpd-4-aca_massive_v2.json", "gpd/gpd_massive_v2.json"], bulk),
    ] {
        for interface in files.map(published) {
            for call in &calls {
                let operation = interface["paths"]
                    .as_object()
                    .unwrap()
                    .iter()
                    .filter(|(path, _)| path_fits(path, &call.path))
                    .find_map(|(_, methods)| methods.get(call.method.as_str().to_lowercase()));
                assert_eq!(operation.unwrap()["operationId"], call.operation, "{call:?}");
            }
        }
    }
}

/// Whether the parts of a path are those of a published one.
fn path_fits(published: &str, parts: &[String]) -> bool {
    let wanted: Vec<&str> = published.trim_start_matches('/').split('/').collect();
    wanted.len() == parts.len()
        && wanted
            .iter()
            .zip(parts)
            .all(|(want, part)| want.starts_with('{') || want == part)
}

#[test]
fn each_archive_has_its_two_products() {
    assert_eq!(products(Archive::Aca), [Product::Aca, Product::AcaBulk]);
    assert_eq!(products(Archive::Gpd), [Product::Gpd, Product::GpdBulk]);
}

#[test]
fn what_the_archive_lists_of_a_position_is_recognised_and_a_cent_more_is_not() {
    let position = sent(&with_plan());
    let print = position.fingerprint().listed;
    let listed = read_position(&reply(200, &as_listed(&position))).unwrap();
    assert_eq!(
        (listed.iupd.as_str(), listed.status),
        (position.iupd(), ArchiveStatus::Valid)
    );
    assert_eq!(listed.digest, print);
    let mut other = as_listed(&position);
    other["paymentOption"][0]["amount"] = 5_001.into();
    assert_ne!(read_position(&reply(200, &other)).unwrap().digest, print);
}

#[test]
fn a_page_says_how_many_there_are() {
    let page = read_page(&reply(
        200,
        &json!({
            "payment_position_list": [as_listed(&sent(&one()))],
            "page_info": { "page": 0, "limit": 50, "items_found": 51, "total_pages": 2 },
        }),
    ))
    .unwrap();
    assert_eq!((page.positions.len(), page.pages, page.found), (1, 2, 51));
    assert!(read_page(&reply(200, &json!({ "payment_position_list": [] }))).is_err());
}

#[test]
fn a_file_is_followed_under_the_number_in_its_address() {
    let at = |location: &str| {
        read_upload(&Reply {
            location: Some(location.to_owned()),
            ..reply(202, &Value::Null)
        })
        .ok()
    };
    let path = "brokers/15376371009/organizations/00856930102/debtpositions/file";
    assert_eq!(at(&format!("{path}/ab-1/status")), Some("ab-1".to_owned()));
    assert_eq!(
        at(&format!("https://api.example.it/{path}/ab-1?x=1")),
        Some("ab-1".to_owned())
    );
    for wrong in [
        String::new(),
        path.to_owned(),
        format!("{path}/"),
        format!("{path}/{}", "a".repeat(201)),
    ] {
        assert_eq!(at(&wrong), None, "{wrong}");
    }
}

#[test]
fn a_report_names_what_was_not_done() {
    let report = read_report(&reply(
        200,
        &json!({
            "fileId": "f", "processedItem": 3, "submittedItem": 3,
            "responses": [
                { "statusCode": 201, "statusMessage": "Created", "iupds": ["a", "b"] },
                { "statusCode": 400, "statusMessage": "bad\u{0} iban", "iupds": ["c"] },
            ],
        }),
    ))
    .unwrap();
    assert_eq!((report.submitted, report.processed), (3, 3));
    assert_eq!(report.outcomes[1].status, 400);
    assert_eq!(report.outcomes[1].reason, "bad iban");
    assert_eq!(report.outcomes[1].iupds, ["c"]);
}

fn unzip(file: &File) -> Value {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&file.zip)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut text = String::new();
    archive.by_index(0).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text.len(), file.json_bytes);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_file_holds_one_document_with_the_positions_as_they_are_sent_alone() {
    let positions = [sent(&one()), sent(&with_plan())];
    let file = pack_positions(&positions);
    assert_eq!(file.taken, 2);
    assert_eq!(
        unzip(&file),
        json!({ "paymentPositions": [as_json(&positions[0]), as_json(&positions[1])] })
    );
    assert_eq!(
        unzip(&pack_keys(["a", "b"])),
        json!({ "paymentPositionIUPDs": ["a", "b"] })
    );
}

#[test]
fn a_file_is_filled_to_the_archives_limit_and_not_over() {
    let position = sent(&one());
    let bytes = serde_json::to_vec(&position).unwrap().len();
    let fits = (JSON_BYTES_MAX - r#"{"paymentPositions":[]}"#.len() + 1) / (bytes + 1);
    let file = pack_positions(std::iter::repeat_n(&position, fits + 10));
    assert_eq!(file.taken, fits);
    assert!(file.json_bytes <= JSON_BYTES_MAX && file.json_bytes > JSON_BYTES_MAX - bytes - 1);
    assert_eq!(pack_keys(std::iter::repeat_n("k", 100_001)).taken, 100_000);
}

#[test]
fn a_file_travels_as_a_form_with_one_zip() {
    let call = upload(
        &city().broker,
        &institution(),
        Step::Create,
        pack_positions(&[sent(&one())]),
    );
    let Body::File {
        media_type, content, ..
    } = &call.body
    else {
        panic!("not a file");
    };
    assert_eq!(
        (*media_type, &content[..4]),
        ("application/zip", &b"PK\x03\x04"[..])
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_the_texts_a_position_is_read_back_as_it_was_sent(
        description in wire_text(140), name in wire_text(70), reason in wire_text(140), key in wire_text(60),
        cents in 1..=99_999_999_999_i64,
    ) {
        let mut debt = one();
        debt.key = key;
        debt.debtor.full_name = name;
        let notice = &mut debt.options[0].instalments[0];
        notice.description = description;
        notice.amount = Cents::new(cents);
        notice.transfers[0].amount = Cents::new(cents);
        notice.transfers[0].remittance_information = reason;
        let position = sent(&debt);
        let back: Position = serde_json::from_value(as_json(&position)).unwrap();
        prop_assert_eq!(&back, &position);
        let listed = read_position(&reply(200, &as_listed(&position))).unwrap();
        prop_assert_eq!(listed.digest, position.fingerprint().listed);
        prop_assert_eq!(listed.iupd, position.iupd());
    }

    #[test]
    fn nothing_an_archive_answers_makes_a_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let reply = Reply { body, ..reply(200, &Value::Null) };
        let _ = (read_page(&reply), read_position(&reply), read_report(&reply), read_upload(&reply));
    }
}
