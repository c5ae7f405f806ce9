//! What can be wrong with a part of a draft: a stable code, and a sentence that says what to do, in both languages.

mod english;
mod italian;

use crate::Cents;
use crate::iban::ParseIbanError;
use chrono::NaiveDate;
use std::fmt;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The part, as in `options[0].instalments[2].amount`; of a file, the name of its column.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is empty.
    Required,
    /// A text is too long, or has characters no printer takes.
    Text {
        /// The most characters it may have.
        most: usize,
    },
    /// It cannot be read as what it should be.
    Unreadable {
        /// What it should be, as in `a date like 2026-12-31`, in Italian and in English.
        expected: (&'static str, &'static str),
    },
    /// No such part is known: it was misspelled, or belongs elsewhere.
    Unknown,
    /// The institution has no such service.
    UnknownService,
    /// The service is no longer offered.
    InactiveService,
    /// The application may not do this for the service.
    ForbiddenService,
    /// Not a fiscal code, or its check character is wrong.
    FiscalCode,
    /// Not an e-mail address.
    Email,
    /// A part of the address is too long, or the country is not two capital letters.
    Address,
    /// The debtor's fiscal code is in a text that others see.
    PersonalData,
    /// Not between 0.01 and 999,999,999.99.
    Amount,
    /// The parts do not sum to the amount.
    Sum {
        /// Their sum.
        sum: Cents,
        /// The amount.
        amount: Cents,
    },
    /// Too few or too many of them.
    Count {
        /// The fewest.
        least: usize,
        /// The most.
        most: usize,
    },
    /// A notice number or payment reference of another shape than those of today.
    NoticeNumber,
    /// Its check digits are wrong.
    CheckDigits,
    /// It is outside the ranges the application may number in.
    ForeignNumber,
    /// The notice number and the payment reference contradict each other.
    NumberAndReference,
    /// It is there twice.
    Repeated,
    /// Another position has it already.
    Taken,
    /// Not an Italian IBAN.
    Iban(ParseIbanError),
    /// The account is not registered here for whoever it should pay.
    ForeignAccount,
    /// The institution has no account with this key.
    UnknownAccount,
    /// The service has no account of its own: the draft must name one.
    NoAccount,
    /// More than one of account, IBAN and stamp is named.
    SeveralDestinations,
    /// Not the fiscal code of an institution.
    Beneficiary,
    /// Not a taxonomy category.
    Category,
    /// Not a SHA-256 in base64 of 44 characters, or not a province of two capital letters.
    Stamp,
    /// The day is over.
    Past {
        /// Today.
        today: NaiveDate,
    },
    /// The day is so far away that it must be a mistake.
    FarAway,
    /// It comes before what it must follow.
    Order {
        /// The other part.
        after: &'static str,
    },
    /// The number of options or instalments is not that of the notices already out: replace the position instead.
    Structure,
}

impl Problem {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Text { .. } => "text",
            Self::Unreadable { .. } => "unreadable",
            Self::Unknown => "unknown_field",
            Self::UnknownService => "unknown_service",
            Self::InactiveService => "inactive_service",
            Self::ForbiddenService => "forbidden_service",
            Self::FiscalCode => "fiscal_code",
            Self::Email => "email",
            Self::Address => "address",
            Self::PersonalData => "personal_data",
            Self::Amount => "amount",
            Self::Sum { .. } => "sum",
            Self::Count { .. } => "count",
            Self::NoticeNumber => "notice_number",
            Self::CheckDigits => "check_digits",
            Self::ForeignNumber => "foreign_number",
            Self::NumberAndReference => "number_and_reference",
            Self::Repeated => "repeated",
            Self::Taken => "taken",
            Self::Iban(_) => "iban",
            Self::ForeignAccount => "foreign_account",
            Self::UnknownAccount => "unknown_account",
            Self::NoAccount => "no_account",
            Self::SeveralDestinations => "several_destinations",
            Self::Beneficiary => "beneficiary",
            Self::Category => "category",
            Self::Stamp => "stamp",
            Self::Past { .. } => "past",
            Self::FarAway => "far_away",
            Self::Order { .. } => "order",
            Self::Structure => "structure",
        }
    }

    /// The sentence in Italian.
    pub fn italian(&self) -> String {
        italian::sentence(self).into_owned()
    }

    /// The sentence in English.
    pub fn english(&self) -> String {
        english::sentence(self).into_owned()
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem.english())
    }
}
