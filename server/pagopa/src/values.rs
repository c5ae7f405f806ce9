//! The simple types of the hub's schemas, read strictly. Numbers, dates and booleans may have white space around
//! them, texts and codes are taken as they are (`xsd:string` keeps white space).

use crate::Reason;
use crate::xml::{Element, leaf};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use domain::{Cents, CreditorFiscalCode, Iuv, NoticeNumber};

/// `stText…`: 1 to `max` characters.
pub(crate) fn text(element: &Element, name: &'static str, max: usize) -> Result<String, Reason> {
    let text = leaf(element)?;
    if text.is_empty() || text.chars().nth(max).is_some() {
        return Err(Reason::Value {
            element: name,
            rule: "is empty or too long",
        });
    }
    Ok(text.to_owned())
}

/// `stFiscalCodePA`.
pub(crate) fn fiscal_code(element: &Element, name: &'static str) -> Result<CreditorFiscalCode, Reason> {
    CreditorFiscalCode::parse(leaf(element)?).map_err(|_| Reason::Value {
        element: name,
        rule: "is not 11 digits",
    })
}

/// `stNoticeNumber`.
pub(crate) fn notice_number(element: &Element) -> Result<NoticeNumber, Reason> {
    NoticeNumber::parse(leaf(element)?).map_err(|_| Reason::Value {
        element: "noticeNumber",
        rule: "is not 18 digits",
    })
}

/// `creditorReferenceId`, printable ASCII as every issued reference is.
pub(crate) fn iuv(element: &Element) -> Result<Iuv, Reason> {
    Iuv::parse(leaf(element)?).map_err(|_| Reason::Value {
        element: "creditorReferenceId",
        rule: "is not 1 to 35 printable characters",
    })
}

/// `stAmount`.
pub(crate) fn amount(element: &Element, name: &'static str) -> Result<Cents, Reason> {
    Cents::from_wire(leaf(element)?.trim_ascii()).map_err(|_| Reason::Value {
        element: name,
        rule: "is not an amount with a point and two decimals up to 999999999.99",
    })
}

/// `stAmountNotZero`.
pub(crate) fn amount_not_zero(element: &Element, name: &'static str) -> Result<Cents, Reason> {
    match amount(element, name)? {
        Cents::ZERO => Err(Reason::Value {
            element: name,
            rule: "is zero",
        }),
        amount => Ok(amount),
    }
}

/// `xsd:boolean`.
pub(crate) fn boolean(element: &Element, name: &'static str) -> Result<bool, Reason> {
    match leaf(element)?.trim_ascii() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Reason::Value {
            element: name,
            rule: "is not true or false",
        }),
    }
}

/// `stIdTransfer`.
pub(crate) fn transfer_id(element: &Element) -> Result<u8, Reason> {
    index(element, "idTransfer")
}

/// A whole number from 1 to 5.
pub(crate) fn index(element: &Element, name: &'static str) -> Result<u8, Reason> {
    let wrong = Reason::Value {
        element: name,
        rule: "is not 1 to 5",
    };
    let digits = leaf(element)?.trim_ascii();
    let digits = digits.strip_prefix('+').unwrap_or(digits).trim_start_matches('0');
    match digits.as_bytes() {
        [digit @ b'1'..=b'5'] => Ok(digit - b'0'),
        _ => Err(wrong),
    }
}

/// `xsd:base64Binary`, white space anywhere in it: as one word.
pub(crate) fn base64(element: &Element, name: &'static str) -> Result<String, Reason> {
    let word: String = leaf(element)?
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .collect();
    if is_base64(&word) {
        Ok(word)
    } else {
        Err(Reason::Value {
            element: name,
            rule: "is not base64",
        })
    }
}

/// The bytes a word of base64 stands for.
pub(crate) fn from_base64(word: &str) -> Option<Vec<u8>> {
    STANDARD.decode(word).ok()
}

/// The word of base64 that stands for bytes.
pub(crate) fn to_base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// Base64 without white space (`xsd:base64Binary`).
pub(crate) fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

/// Two capital letters (`stNazioneProvincia`).
pub(crate) fn is_two_capitals(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'Z', b'A'..=b'Z'])
}

/// An address the schema accepts (`stEMail`): narrower than what mail allows.
pub(crate) fn is_email(text: &str) -> bool {
    let labelled =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let local = |local: &str| {
        !local.is_empty()
            && local
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'+' | b'-'))
    };
    text.len() <= 256
        && text
            .split_once('@')
            .is_some_and(|(name, host)| local(name) && host.split('.').all(labelled))
}

/// `xsd:date`: a zone suffix is legal and says nothing about a civil date.
pub(crate) fn date(element: &Element, name: &'static str) -> Result<NaiveDate, Reason> {
    let wrong = Reason::Value {
        element: name,
        rule: "is not a date",
    };
    let (day, zone) = leaf(element)?
        .trim_ascii()
        .split_at_checked(10)
        .ok_or(wrong.clone())?;
    match (read_day(day), zone, read_zone(zone)) {
        (Some(day), "", _) | (Some(day), _, Some(_)) => Ok(day),
        _ => Err(wrong),
    }
}

/// `xsd:dateTime` as Italian civil time: without a zone it is that already, with one it is converted.
pub(crate) fn date_time(element: &Element, name: &'static str) -> Result<NaiveDateTime, Reason> {
    read_date_time(leaf(element)?.trim_ascii()).ok_or(Reason::Value {
        element: name,
        rule: "is not a date and time",
    })
}

/// `xsd:dateTime`: see [`date_time`].
pub(crate) fn read_date_time(text: &str) -> Option<NaiveDateTime> {
    let (day, rest) = text.split_at_checked(10)?;
    let day = read_day(day)?;
    let (clock, rest) = rest.strip_prefix('T')?.split_at_checked(8)?;
    let fraction = rest.strip_prefix('.').map_or("", |rest| {
        &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()]
    });
    if rest.starts_with('.') && fraction.is_empty() {
        return None;
    }
    let zone = if fraction.is_empty() {
        rest
    } else {
        &rest[1 + fraction.len()..]
    };
    let digits: Vec<u32> = match clock.as_bytes() {
        [_, _, b':', _, _, b':', _, _] => clock.split(':').map(read_digits).collect::<Option<_>>()?,
        _ => return None,
    };
    let nanoseconds = read_digits(&format!("{:0<9}", fraction.get(..9).unwrap_or(fraction)))?;
    let midnight = digits == [24, 0, 0] && fraction.bytes().all(|b| b == b'0');
    let moment = if midnight {
        day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN)
    } else {
        day.and_time(NaiveTime::from_hms_nano_opt(
            digits[0],
            digits[1],
            digits[2],
            nanoseconds,
        )?)
    };
    if zone.is_empty() {
        return Some(moment);
    }
    let instant: DateTime<FixedOffset> = moment.and_local_timezone(read_zone(zone)?).single()?;
    Some(instant.with_timezone(&chrono_tz::Europe::Rome).naive_local())
}

pub(crate) fn read_day(text: &str) -> Option<NaiveDate> {
    match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => {
            let year = i32::try_from(read_digits(&text[..4])?)
                .ok()
                .filter(|year| *year > 0)?;
            NaiveDate::from_ymd_opt(year, read_digits(&text[5..7])?, read_digits(&text[8..])?)
        }
        _ => None,
    }
}

fn read_zone(text: &str) -> Option<FixedOffset> {
    if text == "Z" {
        return FixedOffset::east_opt(0);
    }
    let (sign, rest) = match text.as_bytes() {
        [b'+', _, _, b':', _, _] => (1, text.get(1..)?),
        [b'-', _, _, b':', _, _] => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = (read_digits(&rest[..2])?, read_digits(&rest[3..])?);
    if minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    FixedOffset::east_opt(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
}

fn read_digits(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        None
    } else {
        text.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    fn element(text: &str) -> Element {
        xml::read(&format!("<x>{text}</x>"), |_, _| ()).unwrap()
    }

    #[test]
    fn a_date_is_read_with_and_without_a_zone() {
        let day = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
        for text in [
            "2026-12-31",
            "2026-12-31Z",
            "2026-12-31+01:00",
            "2026-12-31-14:00",
            " 2026-12-31\n",
        ] {
            assert_eq!(date(&element(text), "x"), Ok(day), "{text}");
        }
        for text in [
            "",
            "2026-13-01",
            "2026-02-29",
            "31/12/2026",
            "2026-12-31T00:00:00",
            "2026-12-31+1",
            "2026-12-31+14:01",
            "2026-12-31+99:99",
            "0000-01-01",
            "è026-12-31",
            "2026-1-31",
            "+026-12-31",
        ] {
            assert!(date(&element(text), "x").is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_italian_and_with_one_is_converted() {
        let shown = |text: &str| date_time(&element(text), "x").map(|time| time.to_string());
        for (text, expected) in [
            ("2026-11-20T10:15:30", "2026-11-20 10:15:30"),
            ("2026-11-20T10:15:30.5", "2026-11-20 10:15:30.500"),
            (
                "2026-11-20T10:15:30.1234567891234",
                "2026-11-20 10:15:30.123456789",
            ),
            ("2026-11-20T23:30:00Z", "2026-11-21 00:30:00"),
            ("2026-07-20T10:15:30.250Z", "2026-07-20 12:15:30.250"),
            ("2026-07-20T10:15:30+02:00", "2026-07-20 10:15:30"),
            ("2026-12-31T24:00:00", "2027-01-01 00:00:00"),
        ] {
            assert_eq!(shown(text), Ok(expected.to_owned()), "{text}");
        }
        for text in [
            "2026-11-20",
            "2026-11-20T10:15",
            "2026-11-20T25:00:00",
            "2026-11-20T24:00:01",
            "2026-11-20T10:15:30.",
            "2026-11-20T10:15:30.Z",
            "2026-11-20T10:15:30x",
            "2026-11-20 10:15:30",
            "2026-11-20T10:15:3è",
        ] {
            assert!(shown(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_amount_that_must_not_be_zero_is_not() {
        assert_eq!(amount_not_zero(&element(" 0.01 "), "x"), Ok(Cents::new(1)));
        assert!(amount_not_zero(&element("0.00"), "x").is_err());
        assert_eq!(amount(&element("0.00"), "x"), Ok(Cents::ZERO));
    }

    #[test]
    fn the_schemas_idea_of_an_address_is_narrow() {
        for good in ["a@b", "mario.rossi+tari@posta.comune.example.it", "A_1-2@x-y.it"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a@b..c",
            "a b@c",
            "è@b.it",
            "o'neil@b.it",
            &format!("{}@b.it", "a".repeat(252)),
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn texts_are_counted_in_characters() {
        assert!(text(&element(&"è".repeat(140)), "x", 140).is_ok());
        assert!(text(&element(&"è".repeat(141)), "x", 140).is_err());
        assert!(text(&element(""), "x", 140).is_err());
    }

    #[test]
    fn a_transfer_is_numbered_one_to_five() {
        assert_eq!(transfer_id(&element(" 5 ")), Ok(5));
        assert_eq!(transfer_id(&element("+01")), Ok(1));
        for wrong in ["0", "6", "", "1.0", "-1", "12"] {
            assert!(transfer_id(&element(wrong)).is_err(), "{wrong}");
        }
    }
}
