//! The payment notice, as the national guidelines prescribe it (Il nuovo avviso di pagamento pagoPA, 3.5.1).

mod data;
mod document;
mod drawings;
mod languages;
mod modules;
mod page;
mod position;
mod problems;
mod rows;
mod slip;
mod texts;
mod words;

pub use document::{Noticed, document};
pub use position::{Printing, from_position, of_instalment, recipient};
pub use problems::{Field, INSTALMENTS_MAX, NoticeError, Rule, SLIP_AMOUNT_MAX, Warning};
pub use texts::Phrases;

use crate::Language;
use crate::file_name::FileName;
use crate::model::Drawing;
use crate::receipt::Person;
use chrono::{DateTime, NaiveDate, Utc};
use domain::data_matrix::PostalAccount;
use domain::{Cents, CreditorFiscalCode, NoticeNumber};
use serde::{Deserialize, Serialize};

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Who issues it.
    pub institution: Institution,
    /// Who owes.
    pub recipient: Recipient,
    /// What it is for, at most 90 characters.
    pub subject: String,
    /// What there is to pay.
    pub payments: Payments,
    /// The language it is in, and the second of a bilingual one.
    pub languages: Languages,
    /// When what it says was true.
    pub dated: DateTime<Utc>,
}

/// The institution that issues a notice, as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// Its fiscal code.
    pub fiscal_code: CreditorFiscalCode,
    /// Its name, at most 100 characters.
    pub name: String,
    /// The office, at most 50 characters.
    pub sector: Option<String>,
    /// How to ask, at most 100 characters.
    pub info: Option<String>,
    /// Its CBILL code: five capital letters or digits.
    pub cbill_code: Option<String>,
    /// Its coat of arms.
    pub logo: Option<Drawing>,
    /// Its postal slips, when it has a postal account.
    pub postal: Option<PostalSlip>,
    /// Payment works on its web site.
    pub takes_payment_on_site: bool,
    /// Payment works in its app.
    pub takes_payment_in_app: bool,
    /// What goes before the list of places: its own counters that take payment.
    pub own_counters: Option<String>,
}

/// What a postal slip says of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalSlip {
    /// The account credited.
    pub account: PostalAccount,
    /// In whose name it is, at most 50 characters.
    pub holder: String,
    /// The authorisation to print slips (`AUT. DB/… DEL dd/mm/yyyy`).
    pub authorisation: String,
}

/// Whom a notice is addressed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Name, at most 70 characters, and fiscal code.
    pub person: Person,
    /// Address in lines, at most 140 characters in all.
    pub address: Vec<String>,
    /// They live abroad, where other places to pay are named.
    #[serde(default)]
    pub abroad: bool,
}

/// What there is to pay, in the forms the guidelines know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payments {
    /// All at once.
    Whole(Payment),
    /// All at once or in instalments. Without `whole`, in instalments only.
    Instalments {
        /// All at once.
        whole: Option<Payment>,
        /// The instalments, two at least.
        parts: Vec<Payment>,
    },
    /// A traffic fine: a discounted amount within five days, a reduced one until the sixtieth.
    Fine {
        /// Within five days.
        discounted: Payment,
        /// From the sixth to the sixtieth.
        reduced: Payment,
    },
}

/// An amount to pay with one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The notice's code.
    pub number: NoticeNumber,
    /// What is due.
    pub amount: Cents,
    /// By when.
    pub due_on: Option<NaiveDate>,
}

/// The languages of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Languages {
    /// The first.
    pub first: Language,
    /// The second, of a bilingual notice.
    pub second: Option<Second>,
}

/// The second language of a bilingual notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Second {
    /// Which.
    pub language: Language,
    /// As large and dark as the first, as where two languages are equal by law; else smaller and grey.
    pub equal: bool,
}

impl Payments {
    /// Each payment, in the order they stand on paper.
    pub fn all(&self) -> impl Iterator<Item = &Payment> {
        let (first, more) = match self {
            Self::Whole(whole) => (Some(whole), [].as_slice()),
            Self::Instalments { whole, parts } => (whole.as_ref(), parts.as_slice()),
            Self::Fine { discounted, reduced } => (Some(discounted), std::slice::from_ref(reduced)),
        };
        first.into_iter().chain(more)
    }
}

/// The name a notice is saved under: `avviso-TARI-347164923022221054.pdf`, with the code of its first payment. `service` is
/// the service's code.
pub fn file_name(notice: &Notice, service: Option<&str>) -> Option<String> {
    name(notice, service, None)
}

/// The name of a notice among those of several institutions, whose codes may be equal.
pub fn file_name_among_institutions(notice: &Notice, service: Option<&str>) -> Option<String> {
    name(notice, service, Some(&notice.institution.fiscal_code))
}

/// `None` for a notice of nothing.
fn name(notice: &Notice, service: Option<&str>, institution: Option<&CreditorFiscalCode>) -> Option<String> {
    let payment = notice.payments.all().next()?;
    let file = FileName {
        kind: match notice.languages.first {
            Language::En => "notice",
            Language::It | Language::De | Language::Fr | Language::Sl => "avviso",
        },
        day: None,
        service,
        institution,
        number: &payment.number,
    };
    Some(file.pdf())
}
