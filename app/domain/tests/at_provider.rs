//! Debts begun at a provider's counter.
#![expect(clippy::unwrap_used, reason = "a test's own constants are right")]

use domain::at_provider::{
    AtProvider, AtProviderKind, BodyCode, CanoneUnicoData, CatalogueCode, CieData, CieReason,
    DAYS_TO_PAY_MAX, DemandError, InvalidOffer, Offer, ServiceData,
};
use domain::creditor::Contact;
use domain::service::Service;
use domain::{Cents, CreditorInstitution, NoticeNumber, Subject, SubjectKind};

const CITY: &str = "00856930102";

fn city() -> CreditorInstitution {
    CreditorInstitution {
        fiscal_code: CITY.parse().unwrap(),
        name: "Comune di Prova".to_owned(),
        broker: CITY.parse().unwrap(),
        station: "00856930102_01".parse().unwrap(),
        segregation_code: "12".parse().unwrap(),
        cbill_code: None,
        postal_iban: None,
        contact: Contact {
            telephone: "010 1010".to_owned(),
            email: "a@example.it".to_owned(),
            website: "https://example.it".to_owned(),
        },
    }
}

fn service(kind: AtProviderKind) -> Service {
    Service {
        institution: CITY.parse().unwrap(),
        code: "sportello".to_owned(),
        name_it: "Servizio allo sportello".to_owned(),
        name_en: "Service at the counter".to_owned(),
        category: "9/0101107TS/".parse().unwrap(),
        office_name: "Ufficio".to_owned(),
        active: true,
        feed: None,
        amounts_move: false,
        by_tariff: None,
        life_events: Vec::new(),
        account: None,
        todays_amount: None,
        at_provider: Some(AtProvider {
            service_id: "00007".parse().unwrap(),
            subject_id: "GE001".parse().unwrap(),
            kind,
            iban: "IT92P0617501400000000123456".parse().unwrap(),
            days_to_pay: 5,
        }),
    }
}

fn canone() -> Service {
    service(AtProviderKind::CanoneUnico {
        istat_code: "010025".to_owned(),
        cadastral_code: "D969".to_owned(),
    })
}

fn card() -> Service {
    service(AtProviderKind::Cie {
        amount: Cents::new(2221),
    })
}

fn canone_data() -> CanoneUnicoData {
    CanoneUnicoData {
        body: BodyCode::FiscalCode(CITY.parse().unwrap()),
        company_name: "Comune".to_owned(),
        debtor_code: "RSSMRA85T10A562S".to_owned(),
        debtor_name: "Mario\nRossi".to_owned(),
        debtor_email: Some("mario@example.it".to_owned()),
        amount: Cents::new(5_000),
    }
}

fn card_data() -> CieData {
    CieData {
        reason: CieReason::Stolen,
        municipality: CITY.parse().unwrap(),
        holder_code: "VRDLGU50A41D969T".to_owned(),
        holder_name: "Luigia Verdi".to_owned(),
    }
}

fn with_offer<T>(service: &Service, then: impl FnOnce(Offer<'_>) -> T) -> T {
    then(Offer {
        institution: &city(),
        service,
        terms: service.at_provider.as_ref().unwrap(),
    })
}

#[test]
fn the_payer_says_how_much_canone_is_due_and_the_catalogue_what_a_card_costs() {
    let debt = with_offer(&canone(), |offer| {
        offer.debt(&ServiceData::CanoneUnico(canone_data()))
    })
    .unwrap();
    assert_eq!(
        (debt.amount, debt.description.as_str()),
        (Cents::new(5_000), "Servizio allo sportello")
    );
    assert_eq!(debt.debtor.full_name, "Mario Rossi", "on one line");
    let debt = with_offer(&card(), |offer| offer.debt(&ServiceData::Cie(card_data()))).unwrap();
    assert_eq!(
        (debt.amount, debt.description.as_str()),
        (Cents::new(2221), "Servizio allo sportello: furto")
    );
}

#[test]
fn the_body_may_be_named_by_any_of_its_codes_and_by_no_other() {
    let told = |body| {
        let data = CanoneUnicoData {
            body,
            ..canone_data()
        };
        with_offer(&canone(), |offer| {
            offer.debt(&ServiceData::CanoneUnico(data)).map(drop)
        })
    };
    assert_eq!(told(BodyCode::Istat("010025".to_owned())), Ok(()));
    assert_eq!(told(BodyCode::Cadastral("D969".to_owned())), Ok(()));
    for other in [
        BodyCode::FiscalCode("80034810103".parse().unwrap()),
        BodyCode::Istat("010026".to_owned()),
        BodyCode::Istat(String::new()),
        BodyCode::Cadastral("H501".to_owned()),
    ] {
        assert_eq!(told(other), Err(DemandError::OtherInstitution));
    }
    let elsewhere = CieData {
        municipality: "80034810103".parse().unwrap(),
        ..card_data()
    };
    assert_eq!(
        with_offer(&card(), |offer| offer
            .debt(&ServiceData::Cie(elsewhere))
            .map(drop)),
        Err(DemandError::OtherInstitution)
    );
}

#[test]
fn nothing_to_pay_and_another_services_data_make_no_debt() {
    let nothing = CanoneUnicoData {
        amount: Cents::ZERO,
        ..canone_data()
    };
    for (service, data, error) in [
        (canone(), ServiceData::CanoneUnico(nothing), DemandError::NoAmount),
        (canone(), ServiceData::Cie(card_data()), DemandError::OtherService),
        (
            card(),
            ServiceData::CanoneUnico(canone_data()),
            DemandError::OtherService,
        ),
        (card(), ServiceData::Other(Vec::new()), DemandError::OtherService),
    ] {
        assert_eq!(
            with_offer(&service, |offer| offer.debt(&data).map(drop)),
            Err(error)
        );
    }
}

#[test]
fn a_code_the_hub_cannot_carry_becomes_anonymous() {
    for (code, written, kind) in [
        ("RSSMRA85T10A562S", "RSSMRA85T10A562S", SubjectKind::Natural),
        ("12345678903", "12345678903", SubjectKind::Legal),
        ("12345678901234567", Subject::ANONYMOUS, SubjectKind::Natural),
        ("X", Subject::ANONYMOUS, SubjectKind::Natural),
        ("AB CD", Subject::ANONYMOUS, SubjectKind::Natural),
    ] {
        let data = CanoneUnicoData {
            debtor_code: code.to_owned(),
            ..canone_data()
        };
        let debt = with_offer(&canone(), |offer| offer.debt(&ServiceData::CanoneUnico(data))).unwrap();
        assert_eq!((debt.debtor.code.as_str(), debt.debtor.kind), (written, kind));
    }
}

#[test]
fn the_notice_can_be_paid_for_the_days_of_the_offer() {
    let today = "2026-11-23".parse().unwrap();
    let number = NoticeNumber::issue("12".parse().unwrap(), NoticeNumber::OWN_BASES_FROM).unwrap();
    let position = with_offer(&card(), |offer| {
        let debt = offer.debt(&ServiceData::Cie(card_data())).unwrap();
        offer.position(debt, "key".to_owned(), number, today)
    })
    .unwrap();
    let (_, _, instalment) = position.instalments().next().unwrap();
    assert_eq!(instalment.payable_until, "2026-11-28".parse().ok());
    assert_eq!(instalment.transfers[0].amount, Cents::new(2221));
    assert_eq!(position.check(), Ok(()));
}

#[test]
fn an_offer_that_cannot_be_kept_is_refused() {
    let checked = |change: &dyn Fn(&mut AtProvider)| {
        let mut terms = card().at_provider.unwrap();
        change(&mut terms);
        terms.check()
    };
    assert_eq!(checked(&|_| ()), Ok(()));
    assert_eq!(checked(&|terms| terms.days_to_pay = DAYS_TO_PAY_MAX), Ok(()));
    assert_eq!(
        checked(&|terms| terms.days_to_pay = DAYS_TO_PAY_MAX + 1),
        Err(InvalidOffer::Days)
    );
    for amount in [0, -1, 100_000_000_000] {
        assert_eq!(
            checked(&|terms| terms.kind = AtProviderKind::Cie {
                amount: Cents::new(amount)
            }),
            Err(InvalidOffer::Amount)
        );
    }
    for (istat_code, cadastral_code) in [("", "D969"), ("0100255", "D969"), ("010025", "D96")] {
        assert_eq!(
            checked(&|terms| terms.kind = AtProviderKind::CanoneUnico {
                istat_code: istat_code.to_owned(),
                cadastral_code: cadastral_code.to_owned(),
            }),
            Err(InvalidOffer::BodyCodes)
        );
    }
    for wrong in ["0007", "000007", "00 07", "0000\u{e9}"] {
        assert!(CatalogueCode::parse(wrong).is_err(), "{wrong}");
    }
}
