use crate::support::{CITY, code};
use domain::account::{Account, Credit};
use domain::service::{ByTariff, InvalidByTariff, Service};
use services::tariffs::{BookError, TariffBook, TariffFile, UnusableTariff};
use tariff::Tariff;

const CARD: &str = include_str!("tariffs/carta.toml");
const COPIES: &str = include_str!("tariffs/copie.toml");

fn compile(texts: &[&str], lock: Option<&str>) -> Result<TariffBook, BookError> {
    let files = texts.iter().zip(1..).map(|(text, place)| TariffFile {
        name: format!("tariffs/{place}.toml"),
        text: (*text).to_owned(),
    });
    TariffBook::compile(files.collect(), lock, Vec::new())
}

fn digest(text: &str) -> String {
    tariff::compile::digest(text)
}

fn versions(book: &TariffBook, id: &str) -> Vec<String> {
    book.versions(id)
        .iter()
        .map(|tariff| tariff.version.clone())
        .collect()
}

/// The card's file as a draft from December on.
fn draft() -> String {
    CARD.replace("2026-01-01", "2026-06-01")
        .replace("status = \"illustrative\"", "status = \"draft\"")
        .replace("today = 2026-03-10", "today = 2026-07-10")
}

/// A correction of the card's file.
fn correction() -> String {
    CARD.replace(
        "version = \"2026-01-01\"\nstatus",
        &format!(
            "version = \"2026-01-01.2\"\nreplaces = \"{}\"\nreason = \"a slip\"\nstatus",
            digest(CARD)
        ),
    )
    .replace(
        "expect = { version = \"2026-01-01\"",
        "expect = { version = \"2026-01-01.2\"",
    )
}

#[test]
fn a_book_holds_the_versions_that_count_and_finds_every_other_by_its_digest() {
    let (draft, correction) = (draft(), correction());
    let book = compile(&[CARD, COPIES, &draft, &correction], None).unwrap();
    assert_eq!(book.ids().collect::<Vec<_>>(), ["carta", "copie"]);
    assert_eq!(versions(&book, "carta"), ["2026-01-01.2"]);
    assert_eq!(versions(&book, "copie"), ["2026-01-01"]);
    assert_eq!(book.versions("none"), []);
    for text in [CARD, COPIES, &draft, &correction] {
        let digest = digest(text);
        assert_eq!(
            book.by_digest(&digest).map(|tariff| tariff.digest.clone()),
            Some(digest.clone())
        );
        assert_eq!(book.source(&digest), Some(text));
    }
    assert!(book.by_digest(&"0".repeat(64)).is_none());
}

#[test]
fn the_browser_gets_the_versions_that_count_packed() {
    let book = compile(&[CARD, &draft(), &correction()], None).unwrap();
    let unpacked: Vec<Tariff> = postcard::from_bytes(book.packed("carta").unwrap()).unwrap();
    assert_eq!(unpacked.iter().collect::<Vec<_>>(), book.evaluable("carta"));
    assert_eq!(book.packed("none"), None);
}

#[test]
fn a_tariff_of_drafts_alone_is_not_offered() {
    let book = compile(&[&draft()], None).unwrap();
    assert_eq!(book.ids().count(), 0);
    assert_eq!(book.packed("carta"), None);
}

#[test]
fn every_mistake_of_every_file_is_told_with_its_place() {
    let misspelt = CARD.replace("calendar", "kalendar");
    let negative = COPIES.replace("0.52€ * copie", "0.52€ * fogli");
    let error = compile(&[&misspelt, &negative], None).unwrap_err().to_string();
    assert!(error.contains("tariffs/1.toml:"), "{error}");
    assert!(
        error.contains("tariffs/2.toml:") && error.contains("fogli"),
        "{error}"
    );
}

#[test]
fn two_versions_in_force_together_and_a_wrong_example_are_told() {
    let twice = CARD.replace("invented", "invented again");
    let error = compile(&[CARD, &twice], None).unwrap_err().to_string();
    assert!(error.contains("in force from 2026-01-01"), "{error}");
    let wrong = CARD.replace("total = \"22.21\"", "total = \"22.22\"");
    let error = compile(&[&wrong], None).unwrap_err().to_string();
    assert!(error.contains("example \"una carta\""), "{error}");
}

#[test]
fn a_published_version_that_changed_or_is_gone_is_told() {
    let lock = format!("carta 2026-01-01 {}\n", digest(CARD));
    assert!(compile(&[CARD, COPIES], Some(&lock)).is_ok());
    let changed = CARD.replace("5.42", "5.43").replace("22.21", "22.22");
    let error = compile(&[&changed], Some(&lock)).unwrap_err().to_string();
    assert!(error.contains("is published and must not change"), "{error}");
    let error = compile(&[COPIES], Some(&lock)).unwrap_err().to_string();
    assert!(error.contains("its file is gone"), "{error}");
    let error = compile(&[COPIES], Some("no lock\n")).unwrap_err().to_string();
    assert!(error.contains("line 1 of tariffs.lock"), "{error}");
}

fn account(key: &str, beneficiary: &str) -> Account {
    Account {
        institution: code(CITY),
        key: key.to_owned(),
        beneficiary: code(beneficiary),
        credit: Credit::Iban {
            iban: "IT60X0542811101000000123456".parse().unwrap(),
            postal_iban: None,
        },
    }
}

fn service(tariff: &str, days_to_pay: u16) -> Service {
    Service {
        by_tariff: Some(ByTariff {
            tariff: tariff.to_owned(),
            days_to_pay,
        }),
        ..crate::support::service()
    }
}

fn with_accounts(accounts: Vec<Account>) -> TariffBook {
    let files = [CARD, COPIES, &draft().replace("id = \"carta\"", "id = \"bozza\"")];
    let files = files.into_iter().zip(1..).map(|(text, place)| TariffFile {
        name: format!("tariffs/{place}.toml"),
        text: text.to_owned(),
    });
    TariffBook::compile(files.collect(), None, accounts).unwrap()
}

#[test]
fn a_service_is_paid_by_a_tariff_that_is_there_into_accounts_that_are_there() {
    let book = with_accounts(vec![account("DEMOGRAFICI", CITY)]);
    assert_eq!(book.check_service(&crate::support::service()), Ok(()));
    assert_eq!(book.check_service(&service("carta", 30)), Ok(()));
    assert_eq!(
        book.check_service(&service("carta", 0)),
        Err(UnusableTariff::Days(InvalidByTariff))
    );
    assert_eq!(
        book.check_service(&service("none", 30)),
        Err(UnusableTariff::Unknown("none".to_owned()))
    );
    assert_eq!(
        book.check_service(&service("bozza", 30)),
        Err(UnusableTariff::OnlyDrafts("bozza".to_owned()))
    );
    let missing = book.check_service(&service("copie", 30)).unwrap_err().to_string();
    assert!(
        missing.contains("beneficiary entrate is paid to account EBOLLO") && missing.contains(CITY),
        "{missing}"
    );
}

#[test]
fn the_accounts_of_one_institution_are_not_anothers() {
    let book = with_accounts(vec![account("DEMOGRAFICI", CITY)]);
    let elsewhere = Service {
        institution: code("03001847015"),
        ..service("carta", 30)
    };
    assert!(matches!(
        book.check_service(&elsewhere),
        Err(UnusableTariff::NoAccount { .. })
    ));
}

#[test]
fn what_is_passed_on_needs_an_account_of_the_institution_itself() {
    let book = with_accounts(vec![account("DEMOGRAFICI", "80007350103")]);
    assert!(matches!(
        book.check_service(&service("carta", 30)),
        Err(UnusableTariff::NothingToTravelWith { .. })
    ));
}
