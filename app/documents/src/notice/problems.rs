//! What makes a notice unlawful or unreadable, and what is only longer than the guidelines wish.

use super::{Notice, Payment, Payments, PostalSlip};
use crate::spelling::tidy;
use domain::{Cents, QrPayload};
use std::collections::HashSet;
use std::fmt;

/// The most instalments a position has.
pub const INSTALMENTS_MAX: usize = 99;
/// The largest amount a postal slip's code has room for.
pub const SLIP_AMOUNT_MAX: Cents = Cents::new(9_999_999_999);

/// A part of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The institution's name.
    InstitutionName,
    /// The office.
    Sector,
    /// How to ask.
    Info,
    /// The CBILL code.
    CbillCode,
    /// The institution's own counters.
    OwnCounters,
    /// The name of who owes.
    RecipientName,
    /// The code of who owes.
    RecipientCode,
    /// The address of who owes.
    Address,
    /// What it is for.
    Subject,
    /// An amount.
    Amount,
    /// A notice's code.
    Number,
    /// The instalments.
    Instalments,
    /// The holder of the postal account.
    AccountHolder,
    /// The authorisation to print slips.
    Authorisation,
    /// The position a notice is made from.
    Position,
}

impl Field {
    /// What it is called, in Italian and English.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::InstitutionName => ("denominazione dell’ente", "name of the institution"),
            Self::Sector => ("settore dell’ente", "sector of the institution"),
            Self::Info => ("informazioni dell’ente", "information on the institution"),
            Self::CbillCode => ("codice CBILL", "CBILL code"),
            Self::OwnCounters => ("sportelli dell’ente", "counters of the institution"),
            Self::RecipientName => ("nome del destinatario", "name of the recipient"),
            Self::RecipientCode => ("codice fiscale del destinatario", "tax code of the recipient"),
            Self::Address => ("indirizzo del destinatario", "address of the recipient"),
            Self::Subject => ("oggetto del pagamento", "subject of the payment"),
            Self::Amount => ("importo", "amount"),
            Self::Number => ("codice avviso", "notice code"),
            Self::Instalments => ("rate", "instalments"),
            Self::AccountHolder => ("intestatario del conto postale", "holder of the postal account"),
            Self::Authorisation => (
                "autorizzazione alla stampa del bollettino",
                "authorisation to print postal slips",
            ),
            Self::Position => ("posizione debitoria", "debt position"),
        }
    }
}

/// What a notice breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// It is needed and not there.
    Missing,
    /// An amount is at least a cent.
    NotPositive,
    /// An amount is at most so much.
    TooLarge {
        /// The most.
        most: Cents,
    },
    /// A text is too long to be printed legibly.
    TooLong {
        /// The most characters.
        most: usize,
    },
    /// It is not written as it must be.
    Form {
        /// How it is written.
        expected: &'static str,
    },
    /// Fewer than so many.
    TooFew {
        /// The fewest.
        least: usize,
    },
    /// More than so many.
    TooMany {
        /// The most.
        most: usize,
    },
    /// Two payments have one code.
    Repeated,
    /// Nothing of it can be paid any more.
    NothingToPay,
    /// It has no such code.
    Unknown,
}

impl Rule {
    /// The rule in words, in Italian and English.
    pub fn sentences(self) -> (String, String) {
        let both = |italian: &str, english: &str| (italian.to_owned(), english.to_owned());
        match self {
            Self::Missing => both("manca e non può mancare", "is missing and must not be"),
            Self::NotPositive => both("è di almeno un centesimo", "is at least one cent"),
            Self::TooLarge { most } => (
                format!("è al massimo {most} euro"),
                format!("is at most {most} euros"),
            ),
            Self::TooLong { most } => (
                format!("ha al massimo {most} caratteri, altrimenti non si legge sulla carta"),
                format!("has at most {most} characters, or it cannot be read on paper"),
            ),
            Self::Form { expected } => (format!("si scrive {expected}"), format!("is written {expected}")),
            Self::TooFew { least } => (format!("sono almeno {least}"), format!("are at least {least}")),
            Self::TooMany { most } => (format!("sono al massimo {most}"), format!("are at most {most}")),
            Self::Repeated => both(
                "è uno per ogni pagamento e qui si ripete",
                "is one for each payment and is repeated here",
            ),
            Self::NothingToPay => both("non ha nulla da pagare", "has nothing to pay"),
            Self::Unknown => both("non ha questo codice avviso", "has no such notice code"),
        }
    }

    /// Where the rule stands.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Missing | Self::NotPositive | Self::TooLong { .. } | Self::Repeated => {
                "Il nuovo avviso di pagamento pagoPA 3.5.1"
            }
            Self::TooLarge { .. } => {
                "Il nuovo avviso di pagamento pagoPA 3.5.1, QR code e bollettino postale"
            }
            Self::Form { .. } => "Il nuovo avviso di pagamento pagoPA 3.5.1, dati per il pagamento",
            Self::TooFew { .. } | Self::TooMany { .. } => "Il nuovo avviso di pagamento pagoPA 3.5.1, rate",
            Self::NothingToPay | Self::Unknown => "SANP, posizione debitoria",
        }
    }
}

/// Why data cannot make a lawful notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeError {
    /// What is wrong.
    pub field: Field,
    /// What it breaks.
    pub rule: Rule,
}

impl NoticeError {
    /// What is wrong and where the rule stands, in Italian.
    pub fn italian(&self) -> String {
        let (field, rule) = (self.field.names().0, self.rule.sentences().0);
        format!("{field}: {rule} ({})", self.rule.source())
    }
}

impl fmt::Display for NoticeError {
    /// What is wrong and where the rule stands, in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, rule) = (self.field.names().1, self.rule.sentences().1);
        write!(f, "{field}: {rule} ({})", self.rule.source())
    }
}

impl std::error::Error for NoticeError {}

/// What the guidelines wish otherwise and is printed whole all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// A text is longer than the guidelines wish: it is printed smaller.
    Long {
        /// Which.
        field: Field,
        /// The most characters they wish.
        limit: usize,
        /// The characters it has.
        length: usize,
    },
    /// It is not written as the guidelines have it.
    Form {
        /// What.
        field: Field,
        /// How they write it.
        expected: &'static str,
    },
    /// An amount some readers of the QR code refuse.
    Large {
        /// The largest all of them take.
        most: Cents,
    },
}

impl Warning {
    /// What is told, in Italian and English.
    pub fn sentences(self) -> (String, String) {
        match self {
            Self::Long { field, limit, length } => {
                let (italian, english) = field.names();
                (
                    format!(
                        "{italian}: ha {length} caratteri, le linee guida ne chiedono al massimo {limit}"
                    ),
                    format!("{english}: has {length} characters, the guidelines ask for at most {limit}"),
                )
            }
            Self::Form { field, expected } => {
                let (italian, english) = field.names();
                (
                    format!("{italian}: le linee guida la scrivono {expected}"),
                    format!("{english}: the guidelines write it {expected}"),
                )
            }
            Self::Large { most } => (
                format!("importo: oltre {most} euro alcune app non leggono il codice QR"),
                format!("amount: over {most} euros some apps do not read the QR code"),
            ),
        }
    }
}

/// How long a text may be.
struct Lengths {
    field: Field,
    /// What the guidelines wish.
    wished: usize,
    /// What still fits in the smallest type.
    most: usize,
}

const fn lengths(field: Field, wished: usize, most: usize) -> Lengths {
    Lengths { field, wished, most }
}

const INSTITUTION_NAME: Lengths = lengths(Field::InstitutionName, 100, 140);
const SECTOR: Lengths = lengths(Field::Sector, 50, 70);
const INFO: Lengths = lengths(Field::Info, 100, 120);
const OWN_COUNTERS: Lengths = lengths(Field::OwnCounters, 60, 100);
const RECIPIENT_NAME: Lengths = lengths(Field::RecipientName, 70, 140);
const RECIPIENT_CODE: Lengths = lengths(Field::RecipientCode, 16, 16);
const ADDRESS: Lengths = lengths(Field::Address, 140, 200);
const SUBJECT: Lengths = lengths(Field::Subject, 90, 140);
const HOLDER: Lengths = lengths(Field::AccountHolder, 50, 100);
const AUTHORISATION: Lengths = lengths(Field::Authorisation, 60, 60);
/// Lines an address has room for.
const ADDRESS_LINES_MAX: usize = 5;
const AUTHORISATION_FORM: &str = "AUT. DB/xxxx/xxx xxxxx DEL gg/mm/aaaa";

/// Whether the notice can be printed lawfully, and what is to be told of it all the same.
///
/// # Errors
/// The first field that breaks a rule.
pub(super) fn check(notice: &Notice) -> Result<Vec<Warning>, NoticeError> {
    let mut warnings = Vec::new();
    let institution = &notice.institution;
    needed(&notice.subject, &SUBJECT, &mut warnings)?;
    needed(&institution.name, &INSTITUTION_NAME, &mut warnings)?;
    for (text, lengths) in [
        (&institution.sector, &SECTOR),
        (&institution.info, &INFO),
        (&institution.own_counters, &OWN_COUNTERS),
        (&notice.recipient.person.code, &RECIPIENT_CODE),
    ] {
        fits(text.as_deref().unwrap_or_default(), lengths, &mut warnings)?;
    }
    if institution
        .cbill_code
        .as_deref()
        .is_some_and(|code| !is_cbill(code))
    {
        let expected = "con 5 lettere maiuscole o cifre (5 capital letters or digits)";
        return Err(refused(Field::CbillCode, Rule::Form { expected }));
    }
    needed(&notice.recipient.person.name, &RECIPIENT_NAME, &mut warnings)?;
    let address = &notice.recipient.address;
    if address.len() > ADDRESS_LINES_MAX {
        let most = ADDRESS_LINES_MAX;
        return Err(refused(Field::Address, Rule::TooMany { most }));
    }
    fits(&address.join(" "), &ADDRESS, &mut warnings)?;
    if let Some(postal) = &institution.postal {
        check_slip(postal, &mut warnings)?;
    }
    check_payments(notice, &mut warnings)?;
    Ok(warnings)
}

fn check_slip(postal: &PostalSlip, warnings: &mut Vec<Warning>) -> Result<(), NoticeError> {
    needed(&postal.holder, &HOLDER, warnings)?;
    needed(&postal.authorisation, &AUTHORISATION, warnings)?;
    if !is_authorisation(&tidy(&postal.authorisation)) {
        warnings.push(Warning::Form {
            field: Field::Authorisation,
            expected: AUTHORISATION_FORM,
        });
    }
    Ok(())
}

fn check_payments(notice: &Notice, warnings: &mut Vec<Warning>) -> Result<(), NoticeError> {
    if let Payments::Instalments { parts, .. } = &notice.payments {
        if parts.len() < 2 {
            return Err(refused(Field::Instalments, Rule::TooFew { least: 2 }));
        }
        if parts.len() > INSTALMENTS_MAX {
            let most = INSTALMENTS_MAX;
            return Err(refused(Field::Instalments, Rule::TooMany { most }));
        }
    }
    let payments: Vec<&Payment> = notice.payments.all().collect();
    let most = if notice.institution.postal.is_some() {
        SLIP_AMOUNT_MAX
    } else {
        Cents::MAX_WIRE
    };
    let mut numbers = HashSet::new();
    for payment in &payments {
        if payment.amount <= Cents::ZERO {
            return Err(refused(Field::Amount, Rule::NotPositive));
        }
        let (number, institution) = (payment.number.clone(), notice.institution.fiscal_code.clone());
        if payment.amount > most || QrPayload::new(number, institution, payment.amount).is_err() {
            return Err(refused(Field::Amount, Rule::TooLarge { most }));
        }
        if !numbers.insert(payment.number.as_str()) {
            return Err(refused(Field::Number, Rule::Repeated));
        }
    }
    if payments.iter().any(|payment| payment.amount > SLIP_AMOUNT_MAX) {
        let most = SLIP_AMOUNT_MAX;
        warnings.push(Warning::Large { most });
    }
    Ok(())
}

fn needed(text: &str, lengths: &Lengths, warnings: &mut Vec<Warning>) -> Result<(), NoticeError> {
    if tidy(text).is_empty() {
        return Err(refused(lengths.field, Rule::Missing));
    }
    fits(text, lengths, warnings)
}

fn fits(text: &str, lengths: &Lengths, warnings: &mut Vec<Warning>) -> Result<(), NoticeError> {
    let Lengths { field, wished, most } = *lengths;
    let length = tidy(text).chars().count();
    if length > most {
        return Err(refused(field, Rule::TooLong { most }));
    }
    if length > wished {
        let limit = wished;
        warnings.push(Warning::Long { field, limit, length });
    }
    Ok(())
}

const fn refused(field: Field, rule: Rule) -> NoticeError {
    NoticeError { field, rule }
}

fn is_cbill(code: &str) -> bool {
    code.len() == 5 && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Whether it begins and ends as `AUT. DB/… DEL dd/mm/yyyy`.
fn is_authorisation(text: &str) -> bool {
    let date = text
        .strip_prefix("AUT. ")
        .and_then(|rest| rest.rsplit_once(" DEL "))
        .map(|(_, date)| date);
    date.is_some_and(|date| {
        date.len() == 10
            && date.bytes().enumerate().all(|(place, b)| match place {
                2 | 5 => b == b'/',
                _ => b.is_ascii_digit(),
            })
    })
}
