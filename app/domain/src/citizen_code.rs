//! The citizen's reader: what a person types, pastes or scans as the code of a notice, and what to answer.
//!
//! Unlike the wire reader ([`NoticeNumber::parse`]) it looks at check digits, because here a wrong one is a typing
//! mistake. It never guesses in silence: what it had to change comes back as a [`Verdict::Correction`] for the person
//! to confirm. It runs at every keystroke in the browser and again on the server; the words for each refusal are the
//! pages' business.

mod shapes;
mod text;

use crate::data_matrix::DataMatrixError;
use crate::qr_code::QrPayloadError;
use crate::{Cents, CreditorFiscalCode, DataMatrix, Iuv, NoticeNumber, QrPayload};
use text::{Link, Mode, runs};

/// The longest text read, in characters: the longest honest one is a data matrix of 256 in a pasted message.
pub const LONGEST: usize = 2_000;

/// What a text turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A notice number that checks.
    NoticeNumber {
        /// The code.
        number: NoticeNumber,
        /// The institution, when the text named it (QR code, data matrix, 29 digits, link).
        institution: Option<CreditorFiscalCode>,
        /// What was due on the day of printing, when the text said so (QR code, data matrix).
        printed_amount: Option<Cents>,
    },
    /// A payment reference without the digits before it: 17 or 15 digits, or an `RF…` reference.
    Iuv(Iuv),
    /// A notice number that checks once letters are read as the digits they look like: to be confirmed.
    Correction {
        /// The code as it would be.
        number: NoticeNumber,
        /// What was changed, in order.
        changed: Vec<LookAlike>,
    },
    /// Not the code of a notice.
    Refused(Refusal),
}

/// A letter read as a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookAlike {
    /// Place in the code, from 1.
    pub place: u8,
    /// What was written.
    pub written: char,
    /// What it was taken for.
    pub digit: char,
}

/// Why a text is not the code of a notice: enough to say what to look for on the paper. Nothing secret or personal is
/// repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing was written.
    Empty,
    /// Over [`LONGEST`] characters.
    TooLong,
    /// There are words but no digits.
    NoDigits,
    /// Fewer than 18 digits, and nothing else known.
    TooFewDigits {
        /// How many.
        found: usize,
    },
    /// More than 18 digits, and nothing else known.
    TooManyDigits {
        /// How many.
        found: usize,
    },
    /// 18 digits with a mistake among them. Which would be right is not said: any digit may be the wrong one.
    WrongCheckDigits {
        /// As written.
        number: NoticeNumber,
    },
    /// 18 digits that begin with 4 to 9.
    UnknownFirstDigit {
        /// The first one.
        digit: char,
    },
    /// Letters among the digits that cannot be read as digits.
    LettersInside {
        /// The first of them.
        first: char,
        /// How many.
        found: usize,
    },
    /// Several different codes: one at a time.
    SeveralCodes,
    /// Eleven digits: the fiscal code of an institution or company, printed near the notice's own code.
    CreditorCode,
    /// The number of a payment card, never to be written here.
    CardNumber,
    /// A personal fiscal code.
    PersonalFiscalCode,
    /// The number of a bank account.
    Iban,
    /// The five characters that name the institution at the bank (CBILL).
    CbillCode,
    /// The number of a postal account or slip.
    PostalAccountNumber,
    /// The number of a file: a fine's report, a register entry, a tax bill.
    FileNumber,
    /// An `RF…` reference with a mistake in it.
    WrongReferenceCheckDigits,
    /// A QR code's text that is broken.
    UnreadableQr(QrPayloadError),
    /// A data matrix's text that is broken.
    UnreadableDataMatrix(DataMatrixError),
    /// A link that holds no code.
    LinkWithoutCode,
}

impl Refusal {
    /// A name that never changes, for addresses, logs and the command line.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::NoDigits => "no_digits",
            Self::TooFewDigits { .. } => "too_few_digits",
            Self::TooManyDigits { .. } => "too_many_digits",
            Self::WrongCheckDigits { .. } => "wrong_check_digits",
            Self::UnknownFirstDigit { .. } => "unknown_first_digit",
            Self::LettersInside { .. } => "letters_inside",
            Self::SeveralCodes => "several_codes",
            Self::CreditorCode => "creditor_code",
            Self::CardNumber => "card_number",
            Self::PersonalFiscalCode => "personal_fiscal_code",
            Self::Iban => "iban",
            Self::CbillCode => "cbill_code",
            Self::PostalAccountNumber => "postal_account_number",
            Self::FileNumber => "file_number",
            Self::WrongReferenceCheckDigits => "wrong_reference_check_digits",
            Self::UnreadableQr(_) => "unreadable_qr",
            Self::UnreadableDataMatrix(_) => "unreadable_data_matrix",
            Self::LinkWithoutCode => "link_without_code",
        }
    }
}

/// Reads what a person wrote. Total: every text has a verdict.
pub fn read(text: &str) -> Verdict {
    if text.chars().take(LONGEST + 1).count() > LONGEST {
        return Verdict::Refused(Refusal::TooLong);
    }
    let plain = text::plain(text);
    let plain = plain.trim();
    if plain.is_empty() {
        return Verdict::Refused(Refusal::Empty);
    }
    if let Some(verdict) = qr_code(plain).or_else(|| data_matrix(plain)) {
        return verdict;
    }
    if let Some(link) = Link::find(plain) {
        return in_link(&link)
            .or_else(|| whole_code(plain))
            .or_else(|| shapes::with_look_alikes(&link.tail))
            .unwrap_or(Verdict::Refused(Refusal::LinkWithoutCode));
    }
    if let Some(verdict) = shapes::reference_or_account_alone(plain) {
        return verdict;
    }
    let whole = whole_code(plain);
    if let Some(verdict @ Verdict::NoticeNumber { .. }) = whole {
        return verdict;
    }
    shapes::among_numbers(plain)
        .or(whole)
        .or_else(|| shapes::reference_account_or_person(plain))
        .or_else(|| shapes::with_look_alikes(plain))
        .unwrap_or_else(|| shapes::incomplete(plain))
}

/// How far a code being typed has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How many digits are there.
    pub digits: usize,
    /// The digits in groups of four, while there is nothing but digits and what people put between them; `None` for
    /// anything else (a link, letters), which a field must leave as it was written.
    pub grouped: Option<String>,
    /// A whole code is there, right or wrong: nothing is left to type.
    pub complete: bool,
}

/// How far a code being typed has come, for the live field.
pub fn progress(text: &str) -> Progress {
    if text.chars().take(LONGEST + 1).count() > LONGEST {
        return Progress {
            digits: 0,
            grouped: None,
            complete: false,
        };
    }
    let plain = text::plain(text);
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    let only_digits = digits.len() <= NoticeNumber::DIGITS
        && plain
            .chars()
            .all(|c| c.is_ascii_digit() || text::separates_groups(c));
    let complete = digits.len() == NoticeNumber::DIGITS && only_digits
        || matches!(read(text), Verdict::NoticeNumber { .. });
    Progress {
        digits: digits.len(),
        grouped: only_digits.then(|| crate::groups_of_four(&digits)),
        complete,
    }
}

/// A notice number, once its first digit and check digits are seen to be right.
fn checked(
    number: NoticeNumber,
    institution: Option<CreditorFiscalCode>,
    printed_amount: Option<Cents>,
) -> Verdict {
    if number.has_right_check_digits() {
        Verdict::NoticeNumber {
            number,
            institution,
            printed_amount,
        }
    } else if number.aux_digit().is_some() {
        Verdict::Refused(Refusal::WrongCheckDigits { number })
    } else {
        let digit = number.as_str().chars().next().unwrap_or_default();
        Verdict::Refused(Refusal::UnknownFirstDigit { digit })
    }
}

/// The text of a QR code, in any case, with anything before it and after a blank. Scanners that type like a keyboard
/// write another character for the bar, the same everywhere, so whatever stands around the version is taken for it.
fn qr_code(plain: &str) -> Option<Verdict> {
    let upper = plain.to_ascii_uppercase();
    let (bar, fields) = upper.match_indices("PAGOPA").find_map(|(at, prefix)| {
        let mut after = upper[at + prefix.len()..].chars();
        let bar = after.next().filter(|c| !c.is_ascii_alphanumeric())?;
        let fields = after.as_str();
        (bar == '|'
            || fields
                .strip_prefix("002")
                .is_some_and(|rest| rest.starts_with(bar)))
        .then_some((bar, fields))
    })?;
    let mut payload = String::from("PAGOPA");
    for (place, field) in fields.splitn(4, bar).enumerate() {
        payload.push('|');
        // What follows the amount after a blank, or in a link, is not the code's.
        let end = if place == 3 {
            field.trim_start().find([' ', '\n', '&', '#'])
        } else {
            None
        };
        let field = field.trim_start();
        payload.extend(
            field[..end.unwrap_or(field.len())]
                .chars()
                .filter(|c| !matches!(c, ' ' | '\n')),
        );
    }
    Some(match QrPayload::parse(&payload) {
        Ok(payload) => checked(
            payload.notice_number().clone(),
            Some(payload.institution().clone()),
            Some(payload.amount()),
        ),
        Err(error) => Verdict::Refused(Refusal::UnreadableQr(error)),
    })
}

/// The text of a postal data matrix, in any case, with anything before it.
fn data_matrix(plain: &str) -> Option<Verdict> {
    let upper = plain.to_ascii_uppercase();
    let from = upper.find("CODFASE=")?;
    Some(match DataMatrix::parse(&upper[from..]) {
        Ok(slip) => checked(slip.notice_number, Some(slip.institution), Some(slip.amount)),
        Err(error) => Verdict::Refused(Refusal::UnreadableDataMatrix(error)),
    })
}

/// The code inside a link: its whole QR text, its 18 or 29 digits, or else the payment reference.
fn in_link(link: &Link) -> Option<Verdict> {
    if let Some(verdict) = qr_code(&link.tail) {
        return Some(verdict);
    }
    let runs = runs(&link.tail, Mode::Link);
    let verdict = one_of(&runs).or_else(|| {
        let reference = runs.iter().find(|run| matches!(run.len(), 15 | 17))?;
        Some(shapes::judge(reference))
    })?;
    let mut codes = runs.iter().filter_map(|run| CreditorFiscalCode::parse(run).ok());
    match verdict {
        Verdict::NoticeNumber {
            number,
            institution: None,
            printed_amount,
        } => {
            let institution = codes.find(CreditorFiscalCode::has_right_check_digit);
            Some(Verdict::NoticeNumber {
                number,
                institution,
                printed_amount,
            })
        }
        other => Some(other),
    }
}

/// The only 18 or 29 digits of a text, whatever surrounds them. Lines are read apart first, since a date or an amount
/// may follow on the next, then together, since a code can be broken over two.
fn whole_code(plain: &str) -> Option<Verdict> {
    let joined = Mode::over_lines(plain);
    [Mode::Lines, joined]
        .into_iter()
        .find_map(|mode| one_of(&runs(plain, mode)))
}

/// The code among runs of digits: the only one of a code's length, or the only one that checks.
fn one_of(runs: &[String]) -> Option<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for verdict in runs.iter().filter_map(|run| of_length(run)) {
        if !verdicts.contains(&verdict) {
            verdicts.push(verdict);
        }
    }
    if verdicts.len() > 1
        && verdicts
            .iter()
            .any(|verdict| matches!(verdict, Verdict::NoticeNumber { .. }))
    {
        verdicts.retain(|verdict| matches!(verdict, Verdict::NoticeNumber { .. }));
    }
    match verdicts.len() {
        0 => None,
        1 => verdicts.pop(),
        _ => Some(Verdict::Refused(Refusal::SeveralCodes)),
    }
}

fn of_length(digits: &str) -> Option<Verdict> {
    match digits.len() {
        18 => Some(checked(NoticeNumber::parse(digits).ok()?, None, None)),
        29 => {
            let read = |institution: &str, number: &str| {
                Some((
                    CreditorFiscalCode::parse(institution).ok()?,
                    NoticeNumber::parse(number).ok()?,
                ))
            };
            // The national checkout puts the institution first. People also copy it after; there both must check,
            // or a date and an amount would pass for an institution.
            let first = read(&digits[..11], &digits[11..])?;
            let last = read(&digits[18..], &digits[..18])?;
            let right = |(institution, number): &(CreditorFiscalCode, NoticeNumber)| {
                institution.has_right_check_digit() && number.has_right_check_digits()
            };
            let (institution, number) = if right(&last) && !right(&first) {
                last
            } else {
                first
            };
            Some(checked(number, Some(institution), None))
        }
        _ => None,
    }
}
