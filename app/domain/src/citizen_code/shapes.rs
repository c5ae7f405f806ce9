//! What a text without a whole notice number is: a reference, somebody else's code, a slip of the pen.

use super::text::{Mode, runs, separates_groups};
use super::{LookAlike, Refusal, Verdict};
use crate::creditor::passes_luhn;
use crate::fiscal_code::ParsePersonalFiscalCodeError;
use crate::iban::check_digits_97;
use crate::rf_reference::ParseRfReferenceError;
use crate::{Iuv, NoticeNumber, PersonalFiscalCode, RfReference};

/// The longest of the codes below, an IBAN.
const LONGEST_SHAPE: usize = 34;

/// A text that is, from its first digits on, nothing but an `RF…` reference or an IBAN: in groups, a German account
/// would look like a notice number with two letters before it.
pub(super) fn reference_or_account_alone(plain: &str) -> Option<Verdict> {
    let words = words(plain);
    let from = words
        .iter()
        .position(|word| word.bytes().any(|b| b.is_ascii_digit()))?;
    shape_of(&words[from..].concat())
}

fn words(plain: &str) -> Vec<&str> {
    plain
        .split(|c| separates_groups(c) || matches!(c, ':' | ',' | ';' | '(' | ')'))
        .filter(|word| !word.is_empty())
        .collect()
}

/// An `RF…` reference, an IBAN or a personal fiscal code, alone or after a label, in one piece or in groups.
pub(super) fn reference_account_or_person(plain: &str) -> Option<Verdict> {
    let words = words(plain);
    (0..words.len()).find_map(|from| {
        let mut whole = String::new();
        for word in &words[from..] {
            if whole.len() + word.len() > LONGEST_SHAPE {
                break;
            }
            whole.push_str(word);
        }
        shape_of(&whole).or_else(|| shape_of(words[from]))
    })
}

fn shape_of(text: &str) -> Option<Verdict> {
    if !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let text = text.to_ascii_uppercase();
    match RfReference::parse(&text) {
        Ok(reference) => return Some(Verdict::Iuv(reference.iuv())),
        Err(ParseRfReferenceError::CheckDigits) => {
            return Some(Verdict::Refused(Refusal::WrongReferenceCheckDigits));
        }
        Err(ParseRfReferenceError::Shape) => {}
    }
    if is_iban(text.as_bytes()) {
        return Some(Verdict::Refused(Refusal::Iban));
    }
    let person = PersonalFiscalCode::parse(&text);
    (person != Err(ParsePersonalFiscalCodeError::Shape))
        .then_some(Verdict::Refused(Refusal::PersonalFiscalCode))
}

/// Any country's account that checks, and what has the form of an Italian one even with a mistake.
fn is_iban(text: &[u8]) -> bool {
    match text {
        [
            a @ b'A'..=b'Z',
            b @ b'A'..=b'Z',
            tens @ b'0'..=b'9',
            units @ b'0'..=b'9',
            body @ ..,
        ] => {
            let italian = [*a, *b] == *b"IT" && body.len() == 23;
            let checks = || check_digits_97([*a, *b], body) == (tens - b'0') * 10 + (units - b'0');
            italian || ((11..=30).contains(&body.len()) && checks())
        }
        _ => false,
    }
}

/// A notice number among other numbers of the same row, like a date or an amount: whole groups, at most five, the only
/// ones that check.
pub(super) fn among_numbers(plain: &str) -> Option<Verdict> {
    let (number, _) = only_code(plain, 5, |c| c.is_ascii_digit())?;
    Some(Verdict::NoticeNumber {
        number,
        institution: None,
        printed_amount: None,
    })
}

/// Eighteen characters some of which are letters that look like digits, right once they are read so.
pub(super) fn with_look_alikes(plain: &str) -> Option<Verdict> {
    let (number, changed) = only_code(plain, NoticeNumber::DIGITS, |c| digit_of(c).is_some())?;
    (1..=9)
        .contains(&changed.len())
        .then_some(Verdict::Correction { number, changed })
}

/// The only code that whole words of a row make, and that checks.
fn only_code(
    plain: &str,
    most_words: usize,
    part: fn(char) -> bool,
) -> Option<(NoticeNumber, Vec<LookAlike>)> {
    let mut found: Option<(NoticeNumber, Vec<LookAlike>)> = None;
    for row in rows(plain, |word| word.chars().all(part)) {
        for from in 0..row.len() {
            let words = &row[from..row.len().min(from + most_words)];
            match (&found, code_of(words)) {
                (_, None) => {}
                (None, code) => found = code,
                (Some((first, _)), Some((other, _))) if *first == other => {}
                (Some(_), Some(_)) => return None,
            }
        }
    }
    found
}

/// The code made by the first words that are exactly eighteen characters long, if it checks.
fn code_of(words: &[&str]) -> Option<(NoticeNumber, Vec<LookAlike>)> {
    let mut written: Vec<char> = Vec::with_capacity(NoticeNumber::DIGITS);
    for word in words {
        written.extend(word.chars());
        if written.len() >= NoticeNumber::DIGITS {
            break;
        }
    }
    let digits: String = written.iter().filter_map(|&c| digit_of(c)).collect();
    let number = NoticeNumber::parse(&digits).ok()?;
    let changed = written
        .into_iter()
        .zip(1_u8..)
        .filter_map(|(written, place)| {
            let digit = digit_of(written).filter(|digit| *digit != written)?;
            Some(LookAlike {
                place,
                written,
                digit,
            })
        })
        .collect();
    // First digit 1 announces no check digits, so nothing would tell a right guess from a wrong one.
    (number.has_right_check_digits() && !digits.starts_with('1')).then_some((number, changed))
}

/// The digit itself, or the digit a letter is written for.
fn digit_of(character: char) -> Option<char> {
    match character {
        '0'..='9' => Some(character),
        'O' | 'o' | 'Q' | 'D' => Some('0'),
        'I' | 'i' | 'l' | 'L' => Some('1'),
        'Z' | 'z' => Some('2'),
        'A' => Some('4'),
        'S' | 's' => Some('5'),
        'G' | 'b' => Some('6'),
        'T' => Some('7'),
        'B' => Some('8'),
        'g' | 'q' => Some('9'),
        _ => None,
    }
}

/// Rows of neighbouring words that are `part` of a code, with only group separators between them.
fn rows(plain: &str, part: impl Fn(&str) -> bool) -> Vec<Vec<&str>> {
    let mut rows = vec![Vec::new()];
    for piece in plain.split(|c: char| !c.is_ascii_alphanumeric() && !separates_groups(c)) {
        for word in piece.split(separates_groups).filter(|word| !word.is_empty()) {
            if part(word) {
                rows.last_mut().expect("there is always a row").push(word);
            } else {
                rows.push(Vec::new());
            }
        }
        rows.push(Vec::new());
    }
    rows.retain(|row| !row.is_empty());
    rows
}

/// Why a text without any whole code is refused, or the payment reference it is.
pub(super) fn incomplete(plain: &str) -> Verdict {
    let words = Words::of(plain);
    if words.cbill {
        return Verdict::Refused(Refusal::CbillCode);
    }
    if let Some(refusal) = letters_inside(plain) {
        return Verdict::Refused(refusal);
    }
    let runs = runs(plain, Mode::over_lines(plain));
    let Some(longest) = runs.iter().max_by_key(|run| run.len()) else {
        let digits = plain.bytes().any(|b| b.is_ascii_digit());
        return Verdict::Refused(if digits {
            Refusal::FileNumber
        } else {
            Refusal::NoDigits
        });
    };
    match longest.len() {
        4..=12 if words.postal => Verdict::Refused(Refusal::PostalAccountNumber),
        2..=14 if words.file => Verdict::Refused(Refusal::FileNumber),
        _ => judge(longest),
    }
}

/// What a number of any length but 18 and 29 is.
pub(super) fn judge(digits: &str) -> Verdict {
    if is_card(digits.as_bytes()) {
        return Verdict::Refused(Refusal::CardNumber);
    }
    Verdict::Refused(match digits.len() {
        15 | 17 => match Iuv::parse(digits) {
            Ok(iuv) => return Verdict::Iuv(iuv),
            Err(_) => Refusal::TooFewDigits { found: digits.len() },
        },
        11 => Refusal::CreditorCode,
        // A notice begins with 0 to 3, so a short number that does not is no beginning of one.
        4..=10 if digits.as_bytes()[0] > b'3' => Refusal::FileNumber,
        found if found < NoticeNumber::DIGITS => Refusal::TooFewDigits { found },
        found => Refusal::TooManyDigits { found },
    })
}

/// Whether digits are a payment card's: length and beginning of a circuit that issues cards, right last digit
/// (ISO/IEC 7812). Beginnings of notices are left out wherever a card could not have that length.
fn is_card(digits: &[u8]) -> bool {
    let issued = matches!(
        (digits.len(), digits),
        (13 | 16 | 19, [b'4', ..])
            | (13 | 14 | 16 | 19, [b'5' | b'6', ..])
            | (14, [b'3', b'0' | b'6' | b'8' | b'9', ..])
            | (15, [b'3', b'4' | b'7', ..])
            | (16, [b'3', b'5', ..] | [b'2', b'2'..=b'7', ..])
    );
    issued && passes_luhn(digits)
}

/// Letters in what is about as long as a notice number and mostly digits.
fn letters_inside(plain: &str) -> Option<Refusal> {
    rows(plain, |word| word.bytes().any(|b| b.is_ascii_digit()))
        .into_iter()
        .find_map(|row| {
            let characters = || row.iter().flat_map(|word| word.chars());
            let first = characters().find(char::is_ascii_alphabetic)?;
            let found = characters().filter(char::is_ascii_alphabetic).count();
            ((16..=20).contains(&characters().count()) && found <= 8)
                .then_some(Refusal::LettersInside { first, found })
        })
}

/// What the words around a number say it is.
struct Words {
    cbill: bool,
    postal: bool,
    file: bool,
}

impl Words {
    fn of(plain: &str) -> Self {
        let lower = plain.to_ascii_lowercase();
        let mut words = Self {
            cbill: false,
            postal: lower.contains("c/c"),
            file: false,
        };
        let mut labelled = false;
        for word in lower
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
        {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            let code = word.len() == 5 && (labelled || (1..5).contains(&digits));
            words.cbill |= code && (labelled || word.len() == plain.len());
            labelled = (labelled && digits == 0 && word.len() != 5) || matches!(word, "cbill" | "sia");
            words.postal |= matches!(word, "ccp" | "conto" | "bollettino" | "postale");
            words.file |= digits > 0 && digits < word.len() && word.len() < 12;
            words.file |= [
                "verbal", "prot", "fascicol", "pratica", "cartella", "ruolo", "targa", "repert", "report",
                "file",
            ]
            .iter()
            .any(|label| word.starts_with(label));
        }
        words
    }
}
