//! The notice number (NAV): 18 digits printed on every notice.
//!
//! Auxiliary digit, then the layout it announces; check digits are the sixteen digits before them modulo 93
//! (attuative specifications of payment identifiers, section 2.1).

use crate::{Iuv, SegregationCode, text_newtype};
use serde::{Deserialize, Serialize};

/// Eighteen digits. The check digits may be wrong: the hub's own probe and many published examples carry wrong
/// ones, so an incoming number is only refused for its shape. [`NoticeNumber::has_right_check_digits`] tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NoticeNumber(String);

/// A text that is not eighteen digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a notice number has 18 digits")]
pub struct ParseNoticeNumberError;

/// The layout the first digit announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuxDigit {
    /// `0`: application code, base of 13, check digits; the IUV has 15 digits.
    Zero,
    /// `1`: base of 17 without check digits.
    One,
    /// `2`: base of 15, check digits.
    Two,
    /// `3`: segregation code, base of 13, check digits. The only one for new notices.
    Three,
}

impl NoticeNumber {
    /// Number of digits.
    pub const DIGITS: usize = 18;

    /// The first base that this installation gives out by itself. Those below are for numbers that come from outside,
    /// so that the two never meet: a number of the same segregation code made elsewhere keeps below it.
    pub const OWN_BASES_FROM: u64 = 9_000_000_000_000;

    /// Reads exactly eighteen ASCII digits, whatever their check digits (the wire reader).
    pub fn parse(text: &str) -> Result<Self, ParseNoticeNumberError> {
        if text.len() == Self::DIGITS && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseNoticeNumberError)
        }
    }

    /// A new number with auxiliary digit 3: segregation code, base below 10^13, check digits worked out.
    /// `None` when the base is too large.
    pub fn issue(segregation: SegregationCode, base: u64) -> Option<Self> {
        if base >= 10_u64.pow(13) {
            return None;
        }
        let head = format!("3{segregation}{base:013}");
        let check = check_digits(&head);
        Some(Self(format!("{head}{check:02}")))
    }

    /// The layout, `None` for a first digit that announces none (4 to 9).
    pub fn aux_digit(&self) -> Option<AuxDigit> {
        match self.0.as_bytes()[0] {
            b'0' => Some(AuxDigit::Zero),
            b'1' => Some(AuxDigit::One),
            b'2' => Some(AuxDigit::Two),
            b'3' => Some(AuxDigit::Three),
            _ => None,
        }
    }

    /// The number with auxiliary digit 3, the only one issued today, that holds this payment reference. `None` when the
    /// reference is not seventeen digits.
    pub fn holding(iuv: &Iuv) -> Option<Self> {
        Self::parse(&format!("3{iuv}")).ok()
    }

    /// The payment reference inside the number: the last 15 digits with auxiliary digit 0, else the last 17.
    pub fn iuv(&self) -> Iuv {
        let from = if self.aux_digit() == Some(AuxDigit::Zero) {
            3
        } else {
            1
        };
        Iuv::inside(&self.0[from..])
    }

    /// Whether the last two digits are the first sixteen modulo 93. Auxiliary digit 1 has none to check.
    pub fn has_right_check_digits(&self) -> bool {
        match self.aux_digit() {
            Some(AuxDigit::One) => true,
            Some(AuxDigit::Zero | AuxDigit::Two | AuxDigit::Three) => {
                digits_value(&self.0[16..]) == u64::from(check_digits(&self.0[..16]))
            }
            None => false,
        }
    }

    /// The segregation code, with auxiliary digit 3.
    pub fn segregation_code(&self) -> Option<SegregationCode> {
        (self.aux_digit() == Some(AuxDigit::Three))
            .then(|| self.0[1..3].parse().ok())
            .flatten()
    }

    /// In groups of four, as printed: `3471 6492 3022 2210 54`.
    pub fn grouped(&self) -> String {
        crate::groups_of_four(&self.0)
    }
}

/// The sixteen digits before the check digits, modulo 93.
fn check_digits(sixteen: &str) -> u8 {
    u8::try_from(digits_value(sixteen) % 93).expect("a remainder of 93 fits")
}

fn digits_value(digits: &str) -> u64 {
    digits.bytes().fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
}

text_newtype!(NoticeNumber, ParseNoticeNumberError);

#[cfg(test)]
mod tests {
    use super::*;
    use AuxDigit::{One, Three, Two, Zero};
    use proptest::prelude::*;

    /// Number, layout, payment reference.
    const RIGHT: [(&str, AuxDigit, &str); 24] = [
        ("001000000000000141", Zero, "000000000000141"),
        ("001340000013900808", Zero, "340000013900808"),
        ("002160020399398578", Zero, "160020399398578"),
        ("099999999999999900", Zero, "999999999999900"),
        ("000000000000000000", Zero, "000000000000000"),
        ("112345678901234567", One, "12345678901234567"),
        ("200000000000000103", Two, "00000000000000103"),
        ("212345678901234544", Two, "12345678901234544"),
        ("299999999999999902", Two, "99999999999999902"),
        ("301000000000000144", Three, "01000000000000144"),
        ("347164923022221054", Three, "47164923022221054"),
        ("302032002700000251", Three, "02032002700000251"),
        ("348175498304559315", Three, "48175498304559315"),
        ("322201151398574181", Three, "22201151398574181"),
        ("300715700000000032", Three, "00715700000000032"),
        ("382202100000000101", Three, "82202100000000101"),
        ("301239600003547815", Three, "01239600003547815"),
        ("349999999999999949", Three, "49999999999999949"),
        ("300000000000000003", Three, "00000000000000003"),
        ("300000000000006265", Three, "00000000000006265"),
        ("300000000000006366", Three, "00000000000006366"),
        ("312202600000001787", Three, "12202600000001787"),
        ("312202600000002502", Three, "12202600000002502"),
        ("312202600000003310", Three, "12202600000003310"),
    ];

    #[test]
    fn a_number_of_today_is_found_by_its_reference() {
        for (text, aux, iuv) in RIGHT {
            let found = NoticeNumber::holding(&Iuv::parse(iuv).unwrap());
            match aux {
                Three => assert_eq!(found.unwrap().as_str(), text),
                Zero => assert_eq!(found, None),
                One | Two => assert_ne!(found.unwrap().as_str(), text),
            }
        }
    }

    #[test]
    fn known_numbers_are_read_with_their_layout_and_reference() {
        for (text, aux, iuv) in RIGHT {
            let number = NoticeNumber::parse(text).unwrap();
            assert_eq!(number.aux_digit(), Some(aux), "{text}");
            assert_eq!(number.iuv().as_str(), iuv);
            assert!(number.has_right_check_digits(), "{text}");
        }
    }

    #[test]
    fn published_numbers_with_wrong_check_digits_are_read_all_the_same() {
        for (text, right) in [
            ("311111111112222222", "47"),
            ("302012387654312384", "86"),
            ("399000012345678900", "90"),
            ("216002039939851178", "92"),
            ("355160020399398578", "62"),
        ] {
            assert!(
                !NoticeNumber::parse(text).unwrap().has_right_check_digits(),
                "{text}"
            );
            assert!(
                NoticeNumber::parse(&format!("{}{right}", &text[..16]))
                    .unwrap()
                    .has_right_check_digits()
            );
        }
    }

    #[test]
    fn only_eighteen_plain_digits_are_a_number() {
        for wrong in [
            "",
            "34716492302222105",
            "3471649230222210540",
            "3471 6492 3022 2210",
            "34716492302222105O",
            "３４７１６４",
        ] {
            assert_eq!(NoticeNumber::parse(wrong), Err(ParseNoticeNumberError), "{wrong}");
        }
    }

    #[test]
    fn a_first_digit_over_three_announces_no_layout() {
        let number = NoticeNumber::parse("400000000000000000").unwrap();
        assert_eq!(number.aux_digit(), None);
        assert!(!number.has_right_check_digits());
        assert_eq!(number.segregation_code(), None);
    }

    #[test]
    fn people_see_groups_of_four() {
        assert_eq!(
            NoticeNumber::parse("347164923022221054").unwrap().grouped(),
            "3471 6492 3022 2210 54"
        );
    }

    #[test]
    fn the_base_of_a_new_number_has_thirteen_digits() {
        let code = "49".parse().unwrap();
        let last = NoticeNumber::issue(code, 9_999_999_999_999).unwrap();
        assert_eq!(last.as_str(), "349999999999999949");
        assert_eq!(last.segregation_code(), Some(code));
        assert_eq!(NoticeNumber::issue(code, 10_000_000_000_000), None);
    }

    fn issued() -> impl Strategy<Value = NoticeNumber> {
        (0_u8..100, 0_u64..10_000_000_000_000).prop_map(|(code, base)| {
            NoticeNumber::issue(format!("{code:02}").parse().unwrap(), base).unwrap()
        })
    }

    /// The number after a change, read again; `None` when it lost its check digits (first digit 1).
    fn still_right(bytes: &[u8]) -> Option<bool> {
        let changed = NoticeNumber::parse(std::str::from_utf8(bytes).unwrap()).unwrap();
        (changed.aux_digit() != Some(One)).then(|| changed.has_right_check_digits())
    }

    proptest! {
        #[test]
        fn an_issued_number_reads_back_and_is_right(number in issued()) {
            prop_assert!(number.has_right_check_digits());
            prop_assert_eq!(NoticeNumber::parse(number.as_str()), Ok(number.clone()));
            let typed_back = number.grouped().replace(' ', "");
            prop_assert_eq!(NoticeNumber::parse(&typed_back), Ok(number));
        }

        /// 10 and 93 have no common factor, so no single digit can change without changing the remainder.
        #[test]
        fn every_single_wrong_digit_is_caught(number in issued(), place in 0_usize..18, add in 1_u8..10) {
            let mut bytes = number.as_str().as_bytes().to_vec();
            bytes[place] = (bytes[place] - b'0' + add) % 10 + b'0';
            prop_assert!(still_right(&bytes) != Some(true));
        }

        /// Within the sixteen, swapping neighbours moves the number by 9 times their difference; across the border
        /// with the check digits, head and check part by 11 times it: neither is ever a multiple of 93.
        #[test]
        fn every_swap_of_two_different_neighbours_is_caught(number in issued(), place in 0_usize..17) {
            let mut bytes = number.as_str().as_bytes().to_vec();
            bytes.swap(place, place + 1);
            let unchanged = bytes == number.as_str().as_bytes();
            prop_assert!(unchanged || still_right(&bytes) != Some(true));
        }
    }
}
