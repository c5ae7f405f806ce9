//! What a draft says of money: amounts, how they are parted, and where they go.

use crate::support::{
    DIGEST, ELSEWHERE, Known, OWN, OWN_IBAN, POSTAL_IBAN, PROVINCE, PROVINCE_IBAN, checked, code, draft,
    iban, only_error, part, parted, position,
};
use domain::Cents;
use domain::draft::{FieldError, PositionDraft, Problem, StampDraft, TransferDraft};
use domain::iban::ParseIbanError;
use domain::transfer::Destination;

#[test]
fn an_amount_is_between_a_cent_and_the_hubs_maximum() {
    let amount = |cents| {
        let mut draft = draft();
        draft.options[0].instalments[0].amount = Cents::new(cents);
        checked(&draft).map(|_| ())
    };
    for right in [1, 99_999_999_999] {
        assert_eq!(amount(right), Ok(()));
    }
    for wrong in [0, -1, 100_000_000_000] {
        let error = FieldError {
            path: "options[0].instalments[0].amount".to_owned(),
            problem: Problem::Amount,
        };
        assert_eq!(amount(wrong), Err(vec![error]), "{wrong}");
    }
}

#[test]
fn the_parts_of_an_amount_sum_to_it() {
    use Problem as P;
    let error = |transfers| only_error(Known::Offered, &parted(transfers));
    let path = "options[0].instalments[0]";
    assert!(checked(&parted(vec![part(12000), part(50)])).is_ok());
    let sum = P::Sum {
        sum: Cents::new(12049),
        amount: Cents::new(12050),
    };
    assert_eq!(
        error(vec![part(12000), part(49)]),
        (format!("{path}.amount"), sum)
    );
    assert_eq!(
        error(vec![part(12050), part(0)]),
        (format!("{path}.transfers[1].amount"), P::Amount)
    );
    assert_eq!(
        error(vec![part(1); 6]),
        (format!("{path}.transfers"), P::Count { least: 1, most: 5 })
    );
}

#[test]
fn money_goes_to_registered_accounts_only() {
    use Problem as P;
    let to = |change: &dyn Fn(&mut TransferDraft)| {
        let mut transfer = part(12050);
        change(&mut transfer);
        parted(vec![transfer])
    };
    let text = |text: &str| Some(text.to_owned());
    let on = |field: &str| format!("options[0].instalments[0].transfers[0].{field}");
    let credited = |draft: &PositionDraft| {
        let position = position(draft);
        let transfer = &position.options[0].instalments[0].transfers[0];
        (transfer.beneficiary.clone(), transfer.destination.clone())
    };
    let account = |text: &str| Destination::Account {
        iban: iban(text),
        postal_iban: None,
    };
    let own = to(&|t| t.iban = text("it60 x054 2811 1010 0000 0123 456"));
    assert_eq!(credited(&own), (code(OWN), account(OWN_IBAN)));
    let postal = to(&|t| t.iban = text(POSTAL_IBAN));
    assert_eq!(credited(&postal), (code(OWN), account(POSTAL_IBAN)));
    let province = to(&|t| {
        t.account = text("TEFA");
        t.beneficiary_name = text("Provincia");
    });
    assert_eq!(credited(&province), (code(PROVINCE), account(PROVINCE_IBAN)));
    let province = to(&|t| {
        t.iban = text(PROVINCE_IBAN);
        t.beneficiary = text(PROVINCE);
        t.beneficiary_name = text("Provincia");
    });
    assert_eq!(credited(&province), (code(PROVINCE), account(PROVINCE_IBAN)));

    let error = |change: &dyn Fn(&mut TransferDraft)| only_error(Known::Offered, &to(change));
    // Somebody else's account, passed for one's own.
    assert_eq!(
        error(&|t| t.iban = text(PROVINCE_IBAN)),
        (on("iban"), P::ForeignAccount)
    );
    assert_eq!(
        error(&|t| {
            t.iban = text(OWN_IBAN);
            t.beneficiary = text(ELSEWHERE);
            t.beneficiary_name = text("Altrove");
        }),
        (on("iban"), P::ForeignAccount)
    );
    for (iban, reason) in [
        ("IT60", ParseIbanError::Shape),
        ("IT61X0542811101000000123456", ParseIbanError::CheckDigits),
    ] {
        assert_eq!(error(&|t| t.iban = text(iban)), (on("iban"), P::Iban(reason)));
    }
    assert_eq!(
        error(&|t| t.account = text("nowhere")),
        (on("account"), P::UnknownAccount)
    );
    assert_eq!(
        error(&|t| t.account = text("bollo")),
        (on("account"), P::UnknownAccount)
    );
    assert_eq!(
        error(&|t| {
            t.account = text("own");
            t.iban = text(OWN_IBAN);
        }),
        (
            "options[0].instalments[0].transfers[0]".to_owned(),
            P::SeveralDestinations
        )
    );
    assert_eq!(
        error(&|t| t.beneficiary = text("1")),
        (on("beneficiary"), P::Beneficiary)
    );
    assert_eq!(
        error(&|t| t.account = text("TEFA")),
        (on("beneficiary_name"), P::Beneficiary)
    );
    assert_eq!(
        error(&|t| t.category = text("tari")),
        (on("category"), P::Category)
    );
    let long = "à".repeat(141);
    assert_eq!(
        error(&|t| t.remittance_information = text(&long)),
        (on("remittance_information"), P::Text { most: 140 })
    );
    assert_eq!(
        error(&|t| t.metadata = [("a".to_owned(), String::new())].into()),
        (on("metadata"), P::Text { most: 140 })
    );
    assert_eq!(
        error(&|t| t.metadata = (0..16).map(|n| (n.to_string(), "x".to_owned())).collect()),
        (on("metadata"), P::Count { least: 0, most: 15 })
    );
}

#[test]
fn without_an_account_of_the_service_the_draft_names_one() {
    let mut single = draft();
    single.options.truncate(1);
    let (path, problem) = only_error(Known::WithoutAccount, &single);
    assert_eq!(
        (path.as_str(), problem),
        ("options[0].instalments[0].account", Problem::NoAccount)
    );
}

#[test]
fn a_stamp_duty_is_bought_for_a_document() {
    let stamped = |digest: &str, province: &str| {
        parted(vec![TransferDraft {
            stamp: Some(StampDraft {
                document_digest: digest.to_owned(),
                province: province.to_owned(),
            }),
            ..part(12050)
        }])
    };
    let position = position(&stamped(DIGEST, "GE"));
    assert!(matches!(
        &position.options[0].instalments[0].transfers[0].destination,
        Destination::StampDuty { province, .. } if province == "GE"
    ));
    for (digest, province) in [
        (DIGEST, "Ge"),
        (DIGEST, "GEN"),
        (&DIGEST[..43], "GE"),
        ("ààààààààààààààààààààà=", "GE"),
    ] {
        let error = only_error(Known::Offered, &stamped(digest, province));
        assert_eq!(
            error,
            (
                "options[0].instalments[0].transfers[0].stamp".to_owned(),
                Problem::Stamp
            ),
            "{digest} {province}"
        );
    }
}
