//! The 256 characters inside the data matrix of a notice's postal slip (notice guidelines, postal payment slip page):
//! the slip's code line at fixed places, then institution, debtor and subject.

use crate::{Cents, CreditorFiscalCode, Iban, NoticeNumber};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the data matrix of a postal slip says.
#[derive(Clone, PartialEq, Eq)]
pub struct DataMatrix {
    /// The notice's code.
    pub notice_number: NoticeNumber,
    /// The postal account credited.
    pub account: PostalAccount,
    /// What was due when it was printed, at most 99 999 999.99.
    pub amount: Cents,
    /// The institution.
    pub institution: CreditorFiscalCode,
    /// Fiscal code of the debtor; cut at 16 characters when printed.
    pub debtor_code: String,
    /// Name of the debtor; cut at 40 characters when printed.
    pub debtor_name: String,
    /// What the notice is for; cut at 110 characters when printed.
    pub subject: String,
}

/// Number of a postal account, 12 digits with the zeros in front.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PostalAccount(String);

/// A text that is no number of a postal account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a postal account has 1 to 12 digits")]
pub struct ParsePostalAccountError;

/// Why a text is not the content of such a data matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DataMatrixError {
    /// It does not begin with `codfase=NBPA;`.
    #[error("it does not begin with codfase=NBPA;")]
    Prefix,
    /// The fifty characters of the code line are not where they should be.
    #[error("the code line of the postal slip is broken")]
    CodeLine,
    /// The institution's code is not where it should be.
    #[error("the institution's code is missing")]
    Institution,
    /// The amount is negative or over 99 999 999.99.
    #[error("the amount of a postal slip is at most 99999999.99")]
    Amount,
}

const PREFIX: &str = "codfase=NBPA;";
const LENGTH: usize = 256;

impl PostalAccount {
    /// Reads an account of 1 to 12 digits, as printed on the slip.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| Self(format!("{text:0>12}")))
    }

    /// The account of a postal IBAN: its last twelve characters. `None` for another bank's.
    pub fn of_iban(iban: &Iban) -> Option<Self> {
        if iban.is_postal() {
            Self::parse(iban.account())
        } else {
            None
        }
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PostalAccount {
    type Error = ParsePostalAccountError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(ParsePostalAccountError)
    }
}

impl From<PostalAccount> for String {
    fn from(account: PostalAccount) -> Self {
        account.0
    }
}

impl DataMatrix {
    /// Prints the 256 characters: capitals without accents, padded or cut to their places.
    pub fn print(&self) -> Result<String, DataMatrixError> {
        let cents = self.amount.as_i64();
        if !(0..10_000_000_000).contains(&cents) {
            return Err(DataMatrixError::Amount);
        }
        let mut text = format!(
            "{PREFIX}18{}12{}10{cents:010}38961P1{}",
            self.notice_number, self.account.0, self.institution
        );
        push_field(&mut text, &self.debtor_code, 16);
        push_field(&mut text, &self.debtor_name, 40);
        push_field(&mut text, &self.subject, 110);
        push_field(&mut text, "", 12);
        text.push('A');
        Ok(text)
    }

    /// Reads the content of a data matrix. Lenient after the institution's code: slips whose tail is short or not
    /// padded circulate, and only code line and institution are needed to pay. The tail is kept when all 256
    /// characters are there, else left empty.
    pub fn parse(text: &str) -> Result<Self, DataMatrixError> {
        use DataMatrixError as E;
        if !text
            .get(..PREFIX.len())
            .is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX))
        {
            return Err(E::Prefix);
        }
        let field = |from: usize, length: usize| text.get(from..from + length).unwrap_or_default();
        if [field(13, 2), field(33, 2), field(47, 2), field(59, 4)] != ["18", "12", "10", "3896"] {
            return Err(E::CodeLine);
        }
        let notice_number = NoticeNumber::parse(field(15, 18)).map_err(|_| E::CodeLine)?;
        let account = PostalAccount::parse(field(35, 12)).ok_or(E::CodeLine)?;
        let amount = field(49, 10);
        if amount.is_empty() || !amount.bytes().all(|b| b.is_ascii_digit()) {
            return Err(E::CodeLine);
        }
        let cents = amount.bytes().fold(0, |sum, b| sum * 10 + i64::from(b - b'0'));
        let institution = CreditorFiscalCode::parse(field(66, 11)).map_err(|_| E::Institution)?;
        let whole = text.len() == LENGTH && text.is_ascii();
        let tail = |from, length| {
            if whole {
                field(from, length).trim_end().to_owned()
            } else {
                String::new()
            }
        };
        Ok(Self {
            notice_number,
            account,
            amount: Cents::new(cents),
            institution,
            debtor_code: tail(77, 16),
            debtor_name: tail(93, 40),
            subject: tail(133, 110),
        })
    }
}

impl fmt::Debug for DataMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataMatrix")
            .field("notice_number", &self.notice_number)
            .finish_non_exhaustive()
    }
}

/// Adds `value` in capitals without accents, cut or padded to `length` characters.
fn push_field(text: &mut String, value: &str, length: usize) {
    let end = text.len() + length;
    text.extend(value.chars().flat_map(ascii_capitals).take(length));
    while text.len() < end {
        text.push(' ');
    }
}

/// The capital letter, or two, that stands for a character; nothing for what has no likeness in ASCII.
fn ascii_capitals(character: char) -> impl Iterator<Item = char> {
    /// From À (U+00C0) to ſ (U+017F); a blank has no single letter.
    const LATIN: &[u8; 192] = b"AAAAAA CEEEEIIIIDNOOOOO OUUUUY  AAAAAA CEEEEIIIIDNOOOOO OUUUUY Y\
        AAAAAACCCCCCCCDDDDEEEEEEEEEEGGGGGGGGHHHHIIIIIIIIII  JJKKKLLLLLLL\
        LLLNNNNNNNNNOOOOOO  RRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";
    let letters: [Option<char>; 2] = match character {
        ' '..='~' => [Some(character.to_ascii_uppercase()), None],
        'Æ' | 'æ' => [Some('A'), Some('E')],
        'Œ' | 'œ' => [Some('O'), Some('E')],
        'Ĳ' | 'ĳ' => [Some('I'), Some('J')],
        'ß' | 'ẞ' => [Some('S'), Some('S')],
        'Þ' | 'þ' => [Some('T'), Some('H')],
        'À'..='ſ' => {
            let letter = LATIN
                .get(character as usize - 0xC0)
                .copied()
                .filter(|letter| *letter != b' ');
            [letter.map(char::from), None]
        }
        'Ș' | 'ș' => [Some('S'), None],
        'Ț' | 'ț' => [Some('T'), None],
        '‘' | '’' | 'ʼ' | '´' => [Some('\''), None],
        '“' | '”' | '«' | '»' => [Some('"'), None],
        '‐'..='―' => [Some('-'), None],
        '\t' | '\n' | '\r' | '\u{a0}' => [Some(' '), None],
        _ => [None, None],
    };
    letters.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use DataMatrixError as E;
    use proptest::prelude::*;

    fn school_meals() -> DataMatrix {
        DataMatrix {
            notice_number: NoticeNumber::parse("312202600000001787").unwrap(),
            account: PostalAccount::parse("12345678").unwrap(),
            amount: Cents::new(12050),
            institution: CreditorFiscalCode::parse("00856930102").unwrap(),
            debtor_code: "RSSMRA85T10A562S".to_owned(),
            debtor_name: "Niccolò D'Angiò".to_owned(),
            subject: "Refezione scolastica, ottobre 2026".to_owned(),
        }
    }

    #[test]
    fn the_known_slip_is_printed_character_by_character() {
        let expected = format!(
            "codfase=NBPA;183122026000000017871200001234567810000001205038961P100856930102RSSMRA85T10A562S\
             {:40}{:110}{:12}A",
            "NICCOLO D'ANGIO", "REFEZIONE SCOLASTICA, OTTOBRE 2026", ""
        );
        let printed = school_meals().print().unwrap();
        assert_eq!(printed, expected);
        assert_eq!(printed.len(), 256);
        let read = DataMatrix::parse(&printed).unwrap();
        assert_eq!(read.debtor_name, "NICCOLO D'ANGIO");
        assert_eq!(
            (read.notice_number, read.amount),
            (school_meals().notice_number, Cents::new(12050))
        );
    }

    #[test]
    fn texts_too_long_are_cut_at_their_place() {
        let slip = DataMatrix {
            debtor_name: "à".repeat(41),
            subject: "x".repeat(111),
            ..school_meals()
        };
        let printed = slip.print().unwrap();
        assert_eq!(printed.len(), 256);
        assert_eq!(&printed[93..133], "A".repeat(40));
        assert_eq!(&printed[133..244], format!("{} ", "X".repeat(110)));
    }

    #[test]
    fn letters_lose_their_accents_and_what_has_no_likeness_goes() {
        let plain: String = "Çağrı Żółć Škoda Bșț Æbleß D’Àngelo – “œuf” \u{65}\u{301} 漢字 ſ"
            .chars()
            .flat_map(ascii_capitals)
            .collect();
        assert_eq!(plain, "CAGRI ZOLC SKODA BST AEBLESS D'ANGELO - \"OEUF\" E  S");
    }

    #[test]
    fn a_short_or_unpadded_tail_does_not_stop_the_reading() {
        let printed = school_meals().print().unwrap();
        for shape in [
            &printed[..255],
            &printed[..145],
            &printed[..77],
            printed.trim_end_matches('A').trim_end(),
        ] {
            let read = DataMatrix::parse(shape).unwrap();
            assert_eq!(read.notice_number, school_meals().notice_number);
            assert_eq!(read.account.as_str(), "000012345678");
            assert_eq!(read.debtor_name, "", "an incomplete tail is not trusted");
        }
    }

    #[test]
    fn a_broken_code_line_is_refused() {
        let printed = school_meals().print().unwrap();
        assert_eq!(DataMatrix::parse(""), Err(E::Prefix));
        assert_eq!(DataMatrix::parse(&printed[1..]), Err(E::Prefix));
        assert_eq!(DataMatrix::parse("codfase=NBPA;"), Err(E::CodeLine));
        for place in [13, 20, 33, 40, 47, 55, 59, 62] {
            let mut broken = printed.clone();
            broken.replace_range(place..=place, "?");
            assert_eq!(DataMatrix::parse(&broken), Err(E::CodeLine), "{place}");
        }
        assert_eq!(DataMatrix::parse(&printed[..76]), Err(E::Institution));
        assert_eq!(
            DataMatrix::parse(&printed.replacen('0', "é", 1)),
            Err(E::CodeLine)
        );
    }

    #[test]
    fn ten_digits_of_cents_fit_and_eleven_do_not() {
        let print = |cents| {
            DataMatrix {
                amount: Cents::new(cents),
                ..school_meals()
            }
            .print()
        };
        assert!(print(0).is_ok());
        assert_eq!(print(9_999_999_999).unwrap().len(), 256);
        assert_eq!(print(10_000_000_000), Err(E::Amount));
        assert_eq!(print(-1), Err(E::Amount));
    }

    #[test]
    fn the_account_comes_from_a_postal_iban_only() {
        let account = |iban| PostalAccount::of_iban(&Iban::parse(iban).unwrap()).map(|account| account.0);
        assert_eq!(
            account("IT63J0760101400000012345678").as_deref(),
            Some("000012345678")
        );
        assert_eq!(account("IT60X0542811101000000123456"), None);
        for wrong in ["", "1234567890123", "12 34", "A"] {
            assert_eq!(PostalAccount::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn printing_for_developers_hides_the_debtor() {
        assert!(!format!("{:?}", school_meals()).contains("Niccol"));
    }

    proptest! {
        #[test]
        fn printing_then_reading_is_identity(
            (number, account, institution) in ("[0-9]{18}", "[0-9]{1,12}", "[0-9]{11}"),
            cents in 0_i64..10_000_000_000,
            (debtor_code, debtor_name, subject) in ("[A-Z0-9]{0,16}", "[!-`]([ -`]{0,38}[!-`])?", "[!-`]([ -`]{0,108}[!-`])?"),
        ) {
            let slip = DataMatrix {
                notice_number: NoticeNumber::parse(&number).unwrap(),
                account: PostalAccount::parse(&account).unwrap(),
                amount: Cents::new(cents),
                institution: CreditorFiscalCode::parse(&institution).unwrap(),
                debtor_code,
                debtor_name,
                subject,
            };
            prop_assert_eq!(DataMatrix::parse(&slip.print().unwrap()), Ok(slip));
        }

        #[test]
        fn whatever_the_texts_the_slip_has_256_plain_characters(debtor_name in ".*", subject in ".*") {
            let printed = DataMatrix { debtor_name, subject, ..school_meals() }.print().unwrap();
            prop_assert!(printed.len() == 256 && printed.bytes().all(|b| (b' '..=b'~').contains(&b)));
        }

        #[test]
        fn any_text_is_answered(text in "(codfase=NBPA;)?(18)?.*") {
            let _ = DataMatrix::parse(&text);
        }
    }
}
