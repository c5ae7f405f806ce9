//! The text inside the QR code of a notice: `PAGOPA|002|<notice number>|<institution>|<cents>` (notice guidelines,
//! QR code page).

use crate::{Cents, CreditorFiscalCode, NoticeNumber};
use std::fmt;
use std::str::FromStr;

/// What a notice's QR code says. The amount is what was due on the day of printing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrPayload {
    notice_number: NoticeNumber,
    institution: CreditorFiscalCode,
    amount: Cents,
}

/// Why a text is not the payload of a notice's QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrPayloadError {
    /// It does not begin with `PAGOPA|`.
    #[error("it does not begin with PAGOPA|")]
    Prefix,
    /// Its version is not 002.
    #[error("its version is not 002")]
    Version,
    /// It has not five fields.
    #[error("it has not five fields")]
    Fields,
    /// The third field is not eighteen digits.
    #[error("its notice number has not 18 digits")]
    NoticeNumber,
    /// The fourth field is not eleven digits.
    #[error("its institution code has not 11 digits")]
    Institution,
    /// The fifth field is not 1 to 11 digits, or the amount cannot be printed.
    #[error("its amount is not 1 to 11 digits of cents")]
    Amount,
}

impl QrPayload {
    /// A payload to print, for an amount from nothing to [`Cents::MAX_WIRE`]. Some readers take no more than
    /// 99 999 999.99.
    pub fn new(
        notice_number: NoticeNumber,
        institution: CreditorFiscalCode,
        amount: Cents,
    ) -> Result<Self, QrPayloadError> {
        if amount < Cents::ZERO || amount > Cents::MAX_WIRE {
            return Err(QrPayloadError::Amount);
        }
        Ok(Self {
            notice_number,
            institution,
            amount,
        })
    }

    /// Reads a payload. Lenient where printed notices differ: one digit of cents and leading zeros are taken, and
    /// check digits are not looked at.
    pub fn parse(text: &str) -> Result<Self, QrPayloadError> {
        use QrPayloadError as E;
        let mut fields = text.strip_prefix("PAGOPA|").ok_or(E::Prefix)?.split('|');
        let mut field = || fields.next().ok_or(E::Fields);
        if field()? != "002" {
            return Err(E::Version);
        }
        let notice_number = NoticeNumber::parse(field()?).map_err(|_| E::NoticeNumber)?;
        let institution = CreditorFiscalCode::parse(field()?).map_err(|_| E::Institution)?;
        let amount = field()?;
        if fields.next().is_some() {
            return Err(E::Fields);
        }
        if !(1..=11).contains(&amount.len()) || !amount.bytes().all(|b| b.is_ascii_digit()) {
            return Err(E::Amount);
        }
        let amount = Cents::new(amount.bytes().fold(0, |sum, b| sum * 10 + i64::from(b - b'0')));
        Ok(Self {
            notice_number,
            institution,
            amount,
        })
    }

    /// The notice's code.
    pub fn notice_number(&self) -> &NoticeNumber {
        &self.notice_number
    }

    /// The institution it belongs to.
    pub fn institution(&self) -> &CreditorFiscalCode {
        &self.institution
    }

    /// What was due when it was printed.
    pub fn amount(&self) -> Cents {
        self.amount
    }
}

/// Prints the payload: at least two digits of cents.
impl fmt::Display for QrPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PAGOPA|002|{}|{}|{:02}",
            self.notice_number,
            self.institution,
            self.amount.as_i64()
        )
    }
}

impl FromStr for QrPayload {
    type Err = QrPayloadError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use QrPayloadError as E;
    use proptest::prelude::*;

    #[test]
    fn known_payloads_are_read_and_printed_again() {
        for (text, number, cents) in [
            (
                "PAGOPA|002|312202600000001787|00856930102|12050",
                "312202600000001787",
                12050,
            ),
            (
                "PAGOPA|002|347164923022221054|00856930102|77759",
                "347164923022221054",
                77759,
            ),
            (
                "PAGOPA|002|349999999999999949|00856930102|99999999999",
                "349999999999999949",
                99_999_999_999,
            ),
            (
                "PAGOPA|002|001000000000000141|00856930102|01",
                "001000000000000141",
                1,
            ),
        ] {
            let payload = QrPayload::parse(text).unwrap();
            assert_eq!(payload.notice_number().as_str(), number);
            assert_eq!(payload.institution().as_str(), "00856930102");
            assert_eq!(payload.amount(), Cents::new(cents));
            assert_eq!(payload.to_string(), text);
        }
    }

    #[test]
    fn one_digit_of_cents_and_leading_zeros_are_taken() {
        for amount in ["1", "01", "00000000001"] {
            let text = format!("PAGOPA|002|001000000000000141|00856930102|{amount}");
            assert_eq!(
                QrPayload::parse(&text).map(|payload| payload.amount()),
                Ok(Cents::new(1))
            );
        }
    }

    #[test]
    fn each_malformed_field_is_named() {
        for (wrong, error) in [
            ("", E::Prefix),
            ("pagopa|002|312202600000001787|00856930102|12050", E::Prefix),
            ("PAGOPA|003|312202600000001787|00856930102|12050", E::Version),
            ("PAGOPA|002", E::Fields),
            ("PAGOPA|002|312202600000001787|00856930102", E::Fields),
            ("PAGOPA|002|312202600000001787|00856930102|12050|", E::Fields),
            ("PAGOPA|002|31220260000000178|00856930102|12050", E::NoticeNumber),
            ("PAGOPA|002|312202600000001787|008569301020|12050", E::Institution),
            ("PAGOPA|002|312202600000001787|00856930102|120,50", E::Amount),
            ("PAGOPA|002|312202600000001787|00856930102|", E::Amount),
            ("PAGOPA|002|312202600000001787|00856930102|-1", E::Amount),
            (
                "PAGOPA|002|312202600000001787|00856930102|123456789012",
                E::Amount,
            ),
        ] {
            assert_eq!(QrPayload::parse(wrong), Err(error), "{wrong}");
        }
    }

    #[test]
    fn an_amount_that_cannot_be_printed_is_refused_and_the_largest_is_not() {
        let new = |cents| {
            let number = NoticeNumber::parse("312202600000001787").unwrap();
            QrPayload::new(
                number,
                CreditorFiscalCode::parse("00856930102").unwrap(),
                Cents::new(cents),
            )
        };
        assert!(new(0).is_ok());
        assert_eq!(new(99_999_999_999).unwrap().to_string().len(), 53);
        assert_eq!(new(100_000_000_000), Err(E::Amount));
        assert_eq!(new(-1), Err(E::Amount));
    }

    proptest! {
        #[test]
        fn printing_then_reading_is_identity(number in "[0-9]{18}", code in "[0-9]{11}", cents in 0_i64..=99_999_999_999) {
            let payload = QrPayload::new(
                NoticeNumber::parse(&number).unwrap(),
                CreditorFiscalCode::parse(&code).unwrap(),
                Cents::new(cents),
            ).unwrap();
            prop_assert_eq!(QrPayload::parse(&payload.to_string()), Ok(payload));
        }

        #[test]
        fn any_text_is_answered(text in "(PAGOPA)?\\|?(002)?.*") {
            let _ = QrPayload::parse(&text);
        }
    }
}
