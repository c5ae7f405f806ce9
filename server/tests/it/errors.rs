//! The page of errors is written from the enums that are answered, so that none is missing.

use crate::support::approved;
use app::api::PortalError;
use app::api::payments::PaymentProblem;
use app::api::receipts::ProofProblem;
use domain::Cents;
use domain::at_provider::DemandError;
use domain::citizen_code::{Refusal, Verdict, read};
use domain::draft::Problem as Part;
use domain::iban::ParseIbanError;
use domain::open_options::NothingOpen;
use domain::receipt::ReceiptEffect;
use pagopa::FaultCode;
use pagopa::payment_options::OptionsRefusal;
use services::hub_requests::HubRefusal;
use std::fmt::Write;
use storage::StorageError;

#[test]
fn the_documented_errors_are_those_of_the_code() {
    approved("docs/errors.md", &document());
}

fn document() -> String {
    format!(
        "# Errors\n\n\
         What people and programs are told when something cannot be done, what it means, and what to do. Generated from\n\
         the code by `server/tests/it/errors.rs`; rewrite it with `UPDATE_DOCS=1 cargo test --release -p server`.\n\n\
         ## To the hub\n\n\
         Refusals travel with HTTP status 200, outcome `KO` and one of these codes. A message whose operation cannot be\n\
         told gets a SOAP fault. When a message cannot be stored the answer is HTTP 500 without content, so that the hub\n\
         delivers it again: nothing is lost and nothing is to be done beside mending the archive.\n\n{}\n\
         ### When it asks for payment options\n\n\
         The answer has an HTTP status and one of these codes in `appErrorCode`.\n\n{}\n\
         ## Receipts that paid nothing\n\n\
         Every receipt is answered `OK` and kept. Those that could not pay their notice wait for the office, each as a\n\
         case (`lanterna case list`).\n\n{}\n\
         ## To citizens\n\n\
         Pages say a sentence and a code that can be quoted.\n\n{}\n\
         ### When a payment does not begin\n\n\
         Nothing is charged in any of these cases. The name is in the page's address.\n\n{}\n\
         ### When a proof opens no receipt\n\n{}\n\
         ### When a text is not the code of a notice\n\n\
         The names are those of `lanterna code`; the pages say each in words, with what to look for on the paper.\n\n{}\n\
         ## To programs\n\n\
         Answers of `/api/v1` that could not be given are `application/problem+json` with one of these codes\n\
         ([how programs connect](api.md)); requests for a token are refused as RFC 6749 says.\n\n{}\n\
         ### When a part of a request is wrong\n\n\
         The code `invalid` comes with what is wrong with each part, and files say the same of each row.\n\n{}\n\
         ## To operators\n\n\
         Commands print these sentences and end with status 1; the server writes them to its log.\n\n{}",
        faults(),
        options(),
        receipts(),
        portal(),
        payments(),
        proofs(),
        refusals(),
        programs(),
        parts(),
        storage()
    )
}

fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        writeln!(text, "| {} |", row.join(" | ")).unwrap();
    }
    text
}

fn faults() -> String {
    table(
        &["Code", "Text on the wire", "Cause", "What to do"],
        FaultCode::ALL.map(|code| {
            let (cause, remedy) = fault(code);
            let from = sentences(code);
            let cause = if from.is_empty() {
                cause.to_owned()
            } else {
                format!("{cause} (“{}”)", from.join("”, “"))
            };
            vec![
                format!("`{code}`"),
                code.text().to_owned(),
                cause,
                remedy.to_owned(),
            ]
        }),
    )
}

/// The sentences with which refusals reach the hub under a code.
fn sentences(code: FaultCode) -> Vec<String> {
    [
        HubRefusal::UnknownInstitution,
        HubRefusal::WrongBroker,
        HubRefusal::WrongStation,
        HubRefusal::UnknownNotice,
        HubRefusal::Paid,
        HubRefusal::Withdrawn,
        HubRefusal::Expired,
        HubRefusal::NothingDue,
        HubRefusal::TryLater,
        HubRefusal::ServiceNotOffered,
        HubRefusal::Demand(DemandError::OtherService),
        HubRefusal::Demand(DemandError::OtherInstitution),
        HubRefusal::Demand(DemandError::NoAmount),
        HubRefusal::DuplicateReceipt,
        HubRefusal::from(StorageError::Locked),
    ]
    .into_iter()
    .filter(|refusal| server::http::fault_code(refusal) == code)
    .map(|refusal| refusal.to_string())
    .collect()
}

fn fault(code: FaultCode) -> (&'static str, &'static str) {
    const NOTHING: &str = "Nothing: the provider tells the payer";
    match code {
        FaultCode::Syntax => (
            "the message breaks the schema; the description names the element",
            "If it repeats, report it to pagoPA with the message from the log",
        ),
        FaultCode::ServiceDataSyntax => (
            "the data with which a payer asks for a notice at a provider break the schema of their service",
            "If it repeats, report it to pagoPA with the message from the log",
        ),
        FaultCode::WrongInstitution => (
            "the institution addressed is not served here, or is not the notice's",
            "Compare `institutions.toml` with the BackOffice",
        ),
        FaultCode::WrongBroker => (
            "the broker is not the institution's",
            "Compare `broker` in `institutions.toml` with the BackOffice",
        ),
        FaultCode::WrongStation => (
            "the station is not the institution's; receipts are taken all the same",
            "Compare `station` in `institutions.toml` with the BackOffice",
        ),
        FaultCode::UnknownPayment => (
            "no such notice, or it is a draft, not payable yet, or closed by another option; also the hub's probe of eighteen zeros",
            "`lanterna position show NOTICE` says which",
        ),
        FaultCode::AlreadyPaid => ("a receipt paid the notice", NOTHING),
        FaultCode::PaymentInProgress => (
            "a payment is going on out of the hub's sight; not sent: asking locks nothing",
            "–",
        ),
        FaultCode::Expired => ("the last payable day is over", NOTHING),
        FaultCode::Cancelled => (
            "the notice was cancelled or replaced, or nothing is due on it today",
            NOTHING,
        ),
        FaultCode::DuplicateReceipt => (
            "the receipt is here already; sent only where `hub.duplicate_receipt` is `ko`, otherwise the answer is `OK`",
            "Nothing: both answers end the hub's attempts",
        ),
        FaultCode::Semantic => (
            "a receipt with outcome `KO`: nothing was paid; or a payer asks for a notice that cannot be made",
            "For a service asked for at providers, compare `at_provider` in `services.toml` with the hub's catalogue",
        ),
        FaultCode::SystemError => (
            "the archive did not answer, or neither did the program that says what is due today",
            "Look into the log and at `/health/ready`; for the program, at [today's amount](todays-amount.md)",
        ),
    }
}

fn options() -> String {
    table(
        &["Code", "Status", "Message", "What to do"],
        OptionsRefusal::ALL.map(|refusal| {
            let remedy = match refusal {
                OptionsRefusal::Syntax => "If it repeats, report it to pagoPA with the message from the log",
                OptionsRefusal::UnknownInstitution => "Compare `institutions.toml` with the BackOffice",
                OptionsRefusal::NothingOpen(NothingOpen::Unknown) => {
                    "`lanterna position show NOTICE` says whether it is a draft or not payable yet"
                }
                OptionsRefusal::NothingOpen(
                    NothingOpen::Paid | NothingOpen::Withdrawn | NothingOpen::Expired,
                ) => "Nothing: the provider tells the payer",
                OptionsRefusal::SystemError => "Look into the log and at `/health/ready`",
            };
            vec![
                format!("`{}`", refusal.code()),
                refusal.status().to_string(),
                refusal.message().to_owned(),
                remedy.to_owned(),
            ]
        }),
    )
}

fn receipts() -> String {
    table(
        &["Effect", "What happened", "What to do"],
        ReceiptEffect::ALL.into_iter().filter_map(|effect| {
            let (what, remedy) = match effect {
                ReceiptEffect::Applied => return None,
                ReceiptEffect::PaidTwice => ("another receipt had paid the notice", "Give the money back"),
                ReceiptEffect::Cancelled => (
                    "the notice had been cancelled",
                    "Give the money back, or allocate it by hand",
                ),
                ReceiptEffect::Replaced => (
                    "the notice had been replaced",
                    "Count it for the notice that replaced it, or give it back",
                ),
                ReceiptEffect::OtherOptionChosen => (
                    "another option of the same debt had been chosen",
                    "Give the difference back",
                ),
                ReceiptEffect::Unpublished => (
                    "the notice was still a draft",
                    "Publish it or give the money back",
                ),
                ReceiptEffect::Unknown => (
                    "no such notice here",
                    "Find who issued it: a lost import, or another system of the institution",
                ),
                ReceiptEffect::AsBeneficiary => (
                    "another institution's notice that credits us too",
                    "Nothing: it is our copy",
                ),
            };
            Some(vec![
                format!("`{}`", effect.as_str()),
                what.to_owned(),
                remedy.to_owned(),
            ])
        }),
    )
}

fn programs() -> String {
    table(
        &["Code", "Status", "Meaning", "What to do"],
        api::problem::Code::ALL.iter().map(|code| {
            let (title, detail) = code.english();
            vec![
                format!("`{}`", code.as_str()),
                code.status().as_u16().to_string(),
                title.to_owned(),
                detail.to_owned(),
            ]
        }),
    )
}

/// What can be wrong with a part, once for each.
fn parts() -> String {
    let day = "2026-11-23".parse().unwrap();
    let cents = Cents::new(1_000);
    let all = [
        Part::Required,
        Part::Text { most: 140 },
        Part::Unreadable {
            expected: ("una data", "a date"),
        },
        Part::Unknown,
        Part::UnknownService,
        Part::InactiveService,
        Part::ForbiddenService,
        Part::FiscalCode,
        Part::Email,
        Part::Address,
        Part::PersonalData,
        Part::Amount,
        Part::Sum {
            sum: cents,
            amount: cents,
        },
        Part::Count { least: 1, most: 5 },
        Part::NoticeNumber,
        Part::CheckDigits,
        Part::ForeignNumber,
        Part::NumberAndReference,
        Part::Repeated,
        Part::Taken,
        Part::Iban(ParseIbanError::CheckDigits),
        Part::ForeignAccount,
        Part::UnknownAccount,
        Part::NoAccount,
        Part::SeveralDestinations,
        Part::Beneficiary,
        Part::Category,
        Part::Stamp,
        Part::Past { today: day },
        Part::FarAway,
        Part::Order { after: "due_on" },
        Part::Structure,
    ];
    table(
        &["Code", "What to do"],
        all.iter()
            .map(|part| vec![format!("`{}`", part.code()), part.english()]),
    )
}

fn portal() -> String {
    let all = [
        PortalError::TooManyRequests { seconds: 60 },
        PortalError::Unavailable,
        PortalError::Offline,
        PortalError::Malformed,
    ];
    table(
        &["Code", "Status", "Cause", "What to do"],
        all.map(|error| {
            let (cause, remedy) = match error {
                PortalError::TooManyRequests { .. } => (
                    "too many look-ups from one address in a minute",
                    "Wait; behind a proxy, see that `trusted_proxies` names it, or all citizens count as one",
                ),
                PortalError::Unavailable => (
                    "the archive does not answer",
                    "Look into the log and at `/health/ready`",
                ),
                PortalError::Offline => (
                    "the browser cannot reach the server",
                    "The citizen tries again when on line",
                ),
                PortalError::Malformed => (
                    "a page of an older version, or not a page of ours",
                    "The citizen loads the page again",
                ),
            };
            vec![
                format!("`{}`", error.code()),
                error.status().to_string(),
                cause.to_owned(),
                remedy.to_owned(),
            ]
        }),
    )
}

fn payments() -> String {
    table(
        &["Name", "Status", "Cause", "What to do"],
        PaymentProblem::ALL.map(|problem| {
            let (cause, remedy) = match problem {
                PaymentProblem::Count => (
                    "no notice in the cart, or more than five",
                    "The citizen changes the cart",
                ),
                PaymentProblem::NotPayable => (
                    "a notice of the cart can no longer be paid",
                    "The summary says which",
                ),
                PaymentProblem::Email => (
                    "the e-mail address cannot be one",
                    "The citizen corrects it or leaves it out",
                ),
                PaymentProblem::TooMany => ("too many payments begun from one address", "Wait a minute"),
                PaymentProblem::HubSilent => (
                    "Checkout does not answer, asks to wait, or refuses our key",
                    "Try again; if it lasts, see the log for the status",
                ),
                PaymentProblem::HubRefused => (
                    "Checkout does not take the notices",
                    "See the log for the status, and the message log for what it verified",
                ),
                PaymentProblem::HubRubbish => (
                    "Checkout's answer makes no sense or leads elsewhere",
                    "See the log; compare `checkout_hosts`",
                ),
                PaymentProblem::Unavailable => (
                    "the archive does not answer",
                    "Look into the log and at `/health/ready`",
                ),
                PaymentProblem::Offline => (
                    "the browser cannot reach the server",
                    "The citizen tries again when on line",
                ),
            };
            vec![
                format!("`{}`", problem.code()),
                problem.status().to_string(),
                cause.to_owned(),
                remedy.to_owned(),
            ]
        }),
    )
}

fn proofs() -> String {
    table(
        &["Name", "Status", "Cause"],
        ProofProblem::ALL.map(|problem| {
            let cause = match problem {
                ProofProblem::Code => "the code is not the code of a notice",
                ProofProblem::Proof => "no proof was given",
                ProofProblem::NotOpened => {
                    "no receipt is opened by code and proof together; which is wrong is not said"
                }
                ProofProblem::TooMany => "too many attempts from one address, or on one notice",
                ProofProblem::Unavailable => "the archive does not answer",
            };
            vec![
                format!("`{}`", problem.code()),
                problem.status().to_string(),
                cause.to_owned(),
            ]
        }),
    )
}

/// A text for each refusal of the citizen's reader; [`name_of`] knows them all.
const REFUSED: [&str; 20] = [
    "",
    "TOO LONG",
    "avviso",
    "3020 1234",
    "3020 0000 0000 0000 0001 234",
    "302000000000000001",
    "902000000000000001",
    "3020ABCD0000000000X",
    "312202600000001787, 312202600000002502",
    "00856930102",
    "4111 1111 1111 1111",
    "RSSMRA85T10A562S",
    "IT60X0542811101000000123456",
    "AB1C2",
    "conto corrente postale 12345678",
    "Verbale V/4471/2026",
    "RF19539007547034",
    "PAGOPA|003|312202600000001787|00856930102|12050",
    "codfase=NBPA;18",
    "https://example.it/avvisi",
];

fn refusals() -> String {
    let long = "1".repeat(domain::citizen_code::LONGEST + 1);
    table(
        &["Name", "What was written"],
        REFUSED.map(|text| {
            let text = if text == "TOO LONG" { long.as_str() } else { text };
            let Verdict::Refused(refusal) = read(text) else {
                panic!("{text} is not refused")
            };
            vec![format!("`{}`", refusal.code()), name_of(&refusal).to_owned()]
        }),
    )
}

fn name_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Empty => "nothing",
        Refusal::TooLong => "over 2,000 characters",
        Refusal::NoDigits => "words without digits",
        Refusal::TooFewDigits { .. } => "fewer than 18 digits",
        Refusal::TooManyDigits { .. } => "more than 18 digits",
        Refusal::WrongCheckDigits { .. } => "18 digits with a mistake among them",
        Refusal::UnknownFirstDigit { .. } => "18 digits that begin with 4 to 9",
        Refusal::LettersInside { .. } => "letters that cannot be read as digits",
        Refusal::SeveralCodes => "several codes at once",
        Refusal::CreditorCode => "the fiscal code of an institution",
        Refusal::CardNumber => "the number of a payment card, never to be written here",
        Refusal::PersonalFiscalCode => "a personal fiscal code",
        Refusal::Iban => "the number of a bank account",
        Refusal::CbillCode => "the CBILL code",
        Refusal::PostalAccountNumber => "the number of a postal account or slip",
        Refusal::FileNumber => "the number of a file or report",
        Refusal::WrongReferenceCheckDigits => "an `RF` reference with a mistake in it",
        Refusal::UnreadableQr(_) => "the text of a QR code that is broken",
        Refusal::UnreadableDataMatrix(_) => "the text of a data matrix that is broken",
        Refusal::LinkWithoutCode => "a link without a code",
    }
}

fn storage() -> String {
    let all = [
        StorageError::Missing {
            place: "PATH".to_owned(),
        },
        StorageError::UnsupportedUrl,
        StorageError::NotMigrated { found: 1, known: 2 },
        StorageError::NewerVersion { found: 2, known: 1 },
        StorageError::Locked,
        StorageError::Full,
        StorageError::NotPermitted,
        StorageError::Damaged,
        StorageError::Inconsistent {
            table: "TABLE",
            column: "COLUMN",
            key: "KEY".to_owned(),
        },
    ];
    table(
        &["Sentence", "Then"],
        all.map(|error| {
            let then = match &error {
                StorageError::Locked | StorageError::Full => {
                    "messages of the hub are refused without an answer and come again"
                }
                StorageError::Inconsistent { .. } => "the row was changed by hand: restore it",
                _ => "the server does not start",
            };
            vec![error.to_string(), then.to_owned()]
        }),
    )
}
