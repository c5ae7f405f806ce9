//! The sentences in English.

use super::Problem;
use std::borrow::Cow;

pub(super) fn sentence(problem: &Problem) -> Cow<'static, str> {
    match problem {
        Problem::Required => "It is missing: say it.".into(),
        Problem::Text { most } => {
            format!("1 to {most} printable characters: shorten the text or remove control characters.").into()
        }
        Problem::Unreadable {
            expected: (_, english),
        } => format!("It cannot be read: {english} is needed.").into(),
        Problem::Unknown => "Unknown field: check its name or remove it.".into(),
        Problem::UnknownService => {
            "The institution has no such service: check the code in the list of services.".into()
        }
        Problem::InactiveService => "The service is no longer offered: choose another one.".into(),
        Problem::ForbiddenService => {
            "The application may not use this service: ask whoever runs the installation for it.".into()
        }
        Problem::FiscalCode => {
            "Not a valid fiscal code: check its characters and the check character (ANONIMO for a person \
             who has none)."
                .into()
        }
        Problem::Email => "Not an e-mail address: correct or remove it.".into(),
        Problem::Address => {
            "The address is too long, or the country is not two capital letters (IT): correct or remove \
             it."
            .into()
        }
        Problem::PersonalData => {
            "The text holds the debtor's fiscal code, and whoever has the notice sees it: remove it.".into()
        }
        Problem::Amount => "The amount must be between 0.01 and 999999999.99 euros.".into(),
        Problem::Sum { sum, amount } => {
            format!("The parts sum to {sum} euros and the amount is {amount}: correct either.").into()
        }
        Problem::Count { least, most } => format!("There must be {least} to {most} of them.").into(),
        Problem::NoticeNumber => {
            "The 18 digits of a notice number that begins with 3 are needed (17 for a payment reference)."
                .into()
        }
        Problem::CheckDigits => {
            "The last two digits are wrong: they are the remainder of the first sixteen divided by 93.".into()
        }
        Problem::ForeignNumber => {
            "The number is outside the ranges given to the application: use one of its own, or none to be \
             given one."
                .into()
        }
        Problem::NumberAndReference => {
            "Notice number and payment reference contradict each other: say only one.".into()
        }
        Problem::Repeated => "It is there twice: each notice has a number of its own.".into(),
        Problem::Taken => "Another position has it already: use another one.".into(),
        Problem::Iban(error) => {
            let mut sentence = error.to_string();
            if let Some(first) = sentence.get_mut(0..1) {
                first.make_ascii_uppercase();
            }
            (sentence + ".").into()
        }
        Problem::ForeignAccount => {
            "The account is not registered for this beneficiary: use a registered one, or have it \
             registered."
                .into()
        }
        Problem::UnknownAccount => {
            "The institution has no account with this key: check the list of accounts.".into()
        }
        Problem::NoAccount => "The service has no account of its own: name the account to credit.".into(),
        Problem::SeveralDestinations => "Name one destination only: account, IBAN or stamp duty.".into(),
        Problem::Beneficiary => {
            "The 11 digits of the beneficiary's fiscal code are needed, and its name where it is not \
             served here."
                .into()
        }
        Problem::Category => "Not a taxonomy category: a code like 9/0101101IM/ is needed.".into(),
        Problem::Stamp => {
            "The SHA-256 of the document in base64 (44 characters) and the province in two capital letters \
             are needed."
                .into()
        }
        Problem::Past { today } => format!(
            "The day is over (today is {today}): say a day to come, or the last day on which it \
             can still be paid."
        )
        .into(),
        Problem::FarAway => "The date is too far away to be right: check the year.".into(),
        Problem::Order { after } => format!("It comes before {after}: correct one of the two dates.").into(),
        Problem::Structure => {
            "Notices that are out are neither added nor taken away: replace the position with a new one."
                .into()
        }
    }
}
