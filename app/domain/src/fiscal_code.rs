//! The personal fiscal code (codice fiscale) of natural persons, 16 characters, with omocodia.
//!
//! Only for what a person types about themselves: a code found in a receipt is kept as it is, because official
//! examples and real data carry wrong check letters.

use std::fmt;
use std::str::FromStr;

/// A personal fiscal code with a right check letter, in capitals. Personal data: `Debug` hides it and there is no
/// `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonalFiscalCode(String);

/// Why a text is not a personal fiscal code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParsePersonalFiscalCodeError {
    /// Letters and digits are not where they should be, or they are not sixteen.
    #[error("a personal fiscal code has 16 characters, like RSSMRA85T10A562S")]
    Shape,
    /// The ninth letter names no month.
    #[error("the ninth letter of the fiscal code names no month")]
    Month,
    /// The day is not 1 to 31, or 41 to 71 for women.
    #[error("the day of birth in the fiscal code is not 01 to 31 or 41 to 71")]
    Day,
    /// The last letter does not fit the others.
    #[error("the last letter of the fiscal code does not fit: one character was mistyped or swapped")]
    CheckLetter,
}

/// The places, from 0, that hold digits, or letters in their stead when two people would share a code.
const NUMERIC_PLACES: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];

impl PersonalFiscalCode {
    /// Reads a code in capital or small letters, without spaces.
    pub fn parse(text: &str) -> Result<Self, ParsePersonalFiscalCodeError> {
        use ParsePersonalFiscalCodeError as E;
        let code = text.to_ascii_uppercase();
        let bytes = code.as_bytes();
        let shaped = bytes.len() == 16
            && bytes.iter().enumerate().all(|(place, &byte)| {
                if NUMERIC_PLACES.contains(&place) {
                    omocodia_digit(byte).is_some()
                } else {
                    byte.is_ascii_uppercase()
                }
            });
        if !shaped {
            return Err(E::Shape);
        }
        if !b"ABCDEHLMPRST".contains(&bytes[8]) {
            return Err(E::Month);
        }
        let day = omocodia_digit(bytes[9])
            .zip(omocodia_digit(bytes[10]))
            .map(|(tens, units)| tens * 10 + units);
        if !matches!(day, Some(1..=31 | 41..=71)) {
            return Err(E::Day);
        }
        if check_letter(&bytes[..15]) != bytes[15] {
            return Err(E::CheckLetter);
        }
        Ok(Self(code))
    }

    /// The code in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonalFiscalCode {
    type Err = ParsePersonalFiscalCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Debug for PersonalFiscalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalFiscalCode(..)")
    }
}

/// The digit a numeric place stands for: itself, or the letter the tax office put in its stead.
fn omocodia_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'L'..=b'N' => Some(byte - b'L'),
        b'P'..=b'V' => Some(byte - b'P' + 3),
        _ => None,
    }
}

/// The check letter of the Italian schemes: odd places through the table, even places at face value, modulo 26.
/// Used by personal fiscal codes and by the CIN of an IBAN. Takes capital letters and digits only.
pub(crate) fn check_letter(text: &[u8]) -> u8 {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
    ];
    let sum: u32 = text
        .iter()
        .enumerate()
        .map(|(place, byte)| {
            let value = if byte.is_ascii_digit() {
                byte - b'0'
            } else {
                byte - b'A'
            };
            if place % 2 == 0 {
                ODD[usize::from(value)]
            } else {
                u32::from(value)
            }
        })
        .sum();
    b'A' + u8::try_from(sum % 26).expect("a remainder of 26 fits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParsePersonalFiscalCodeError as E;
    use proptest::prelude::*;

    #[test]
    fn real_shapes_are_read_whatever_the_case() {
        for code in [
            "RSSMRA85T10A562S",
            "RSSMRA60D20F205C",
            "JHNDOE00A01F205N",
            "BSCMTT83A12L719R",
            "MRRNSR75R05H501S",
            "VRDLGU50A41D969T",
            "BNCNNA99M71D969B",
            "XXXFDO90A01Z404I",
            "RCCMRZ88A52C409A",
            "BLLMRC91M04H501C",
        ] {
            assert_eq!(
                PersonalFiscalCode::parse(code).map(|c| c.as_str().to_owned()),
                Ok(code.to_owned())
            );
            assert!(
                code.to_ascii_lowercase().parse::<PersonalFiscalCode>().is_ok(),
                "{code}"
            );
        }
    }

    #[test]
    fn letters_in_the_stead_of_digits_are_read() {
        for code in [
            "RSSMRA85T10A56NH",
            "RSSMRA85T10A5SNT",
            "RSSMRA85T10ARSNO",
            "RSSMRA85T1LARSNR",
            "RSSMRA85TMLARSNC",
            "RSSMRA8RTMLARSNO",
            "RSSMRAURTMLARSNL",
        ] {
            assert!(PersonalFiscalCode::parse(code).is_ok(), "{code}");
        }
    }

    #[test]
    fn a_wrong_check_letter_is_told_from_a_wrong_shape_month_or_day() {
        for wrong in [
            "MRRNSR75R05H501I",
            "RSSMRA85T10A562T",
            "RSSMRA85T10A56NS",
            "RSSMRA60D20F205R",
        ] {
            assert_eq!(PersonalFiscalCode::parse(wrong), Err(E::CheckLetter), "{wrong}");
        }
        for shapeless in [
            "",
            "RSSMRA85T10A562",
            "RSSMRA85T10A562SS",
            "RSSMRA85T10A5625",
            "RSSMRAO5T10A562S",
            "RSSMRÀ85T10A562S",
        ] {
            assert_eq!(PersonalFiscalCode::parse(shapeless), Err(E::Shape), "{shapeless}");
        }
        assert_eq!(PersonalFiscalCode::parse("RSSMRA85F10A562S"), Err(E::Month));
        for (day, right) in [
            ("00", false),
            ("01", true),
            ("31", true),
            ("32", false),
            ("40", false),
            ("41", true),
            ("71", true),
            ("72", false),
        ] {
            let code = with_check_letter(&format!("RSSMRA85T{day}A562"));
            assert_eq!(
                PersonalFiscalCode::parse(&code),
                if right {
                    Ok(PersonalFiscalCode(code.clone()))
                } else {
                    Err(E::Day)
                }
            );
        }
    }

    #[test]
    fn printing_for_developers_hides_the_person() {
        let code = PersonalFiscalCode::parse("RSSMRA85T10A562S").unwrap();
        assert_eq!(format!("{code:?}"), "PersonalFiscalCode(..)");
    }

    fn with_check_letter(fifteen: &str) -> String {
        format!("{fifteen}{}", char::from(check_letter(fifteen.as_bytes())))
    }

    proptest! {
        #[test]
        fn any_subset_of_the_digits_may_be_letters(subset in 0_u8..128) {
            let mut code = *b"RSSMRA85T10A562";
            for (bit, place) in NUMERIC_PLACES.into_iter().enumerate() {
                if subset >> bit & 1 == 1 {
                    code[place] = b"LMNPQRSTUV"[usize::from(code[place] - b'0')];
                }
            }
            let code = with_check_letter(std::str::from_utf8(&code).unwrap());
            prop_assert!(PersonalFiscalCode::parse(&code).is_ok(), "{}", code);
        }

        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = PersonalFiscalCode::parse(&text);
        }
    }
}
