//! Where the money of tariffs goes. Tariff files name accounts by a key, and an installation says here which account
//! that is: a change of bank touches no tariff.

use crate::{Cents, CreditorFiscalCode, Iban, is_text};
use serde::Deserialize;

/// An account that the tariffs of an institution may name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Account {
    /// The institution whose tariffs may name it.
    pub institution: CreditorFiscalCode,
    /// Its name in tariff files, 1 to 60 printable characters.
    pub key: String,
    /// The institution the money goes to.
    pub beneficiary: CreditorFiscalCode,
    /// How it gets there.
    pub credit: Credit,
}

/// How money gets to the beneficiary of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credit {
    /// To an account, and to a postal one when the payer holds a postal slip.
    Iban {
        /// The ordinary account.
        iban: Iban,
        /// The postal account, when there is one.
        postal_iban: Option<Iban>,
    },
    /// By buying stamp duties, each of the same amount.
    Stamp {
        /// What one costs.
        amount: Cents,
        /// Province of residence of the office that asks for it, two capital letters.
        province: String,
    },
}

/// Why an account cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("account {key} of institution {institution}: {reason}")]
pub struct InvalidAccount {
    /// Its key, as written.
    pub key: String,
    /// Its institution, as written.
    pub institution: String,
    /// What is wrong.
    pub reason: String,
}

/// An account as it is written. Its parts are read only once its key is known, so that an error can name it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    institution: String,
    key: String,
    beneficiary: String,
    iban: Option<String>,
    postal_iban: Option<String>,
    stamp: Option<WrittenStamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStamp {
    amount: String,
    province: String,
}

impl TryFrom<Written> for Account {
    type Error = InvalidAccount;
    fn try_from(written: Written) -> Result<Self, InvalidAccount> {
        let wrong = |reason: String| InvalidAccount {
            key: written.key.clone(),
            institution: written.institution.clone(),
            reason,
        };
        let code = |field: &str, text: &str| {
            CreditorFiscalCode::parse(text)
                .ok()
                .filter(CreditorFiscalCode::has_right_check_digit)
                .ok_or_else(|| {
                    wrong(format!(
                        "{field} is not the fiscal code of an institution, 11 digits"
                    ))
                })
        };
        let account =
            |field: &str, text: &str| Iban::parse(text).map_err(|error| wrong(format!("{field}: {error}")));
        if !is_text(&written.key, 60) {
            return Err(wrong("the key has 1 to 60 printable characters".to_owned()));
        }
        let credit = match (&written.iban, &written.stamp) {
            (Some(iban), None) => Credit::Iban {
                iban: account("iban", iban)?,
                postal_iban: match &written.postal_iban {
                    Some(text) => {
                        let iban = account("postal_iban", text)?;
                        if !iban.is_postal() {
                            let reason = "postal_iban is not a postal account (its bank code must be 07601)";
                            return Err(wrong(reason.to_owned()));
                        }
                        Some(iban)
                    }
                    None => None,
                },
            },
            (None, Some(stamp)) if written.postal_iban.is_none() => Credit::Stamp {
                amount: Cents::from_wire(&stamp.amount)
                    .ok()
                    .filter(|amount| *amount > Cents::ZERO)
                    .ok_or_else(|| wrong("stamp.amount is an amount like \"16.00\"".to_owned()))?,
                province: Some(&stamp.province)
                    .filter(|text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()))
                    .cloned()
                    .ok_or_else(|| wrong("stamp.province has two capital letters, like \"GE\"".to_owned()))?,
            },
            _ => {
                let reason = "it has either an `iban`, with a `postal_iban` if there is one, or a `stamp`";
                return Err(wrong(reason.to_owned()));
            }
        };
        Ok(Self {
            institution: code("institution", &written.institution)?,
            beneficiary: code("beneficiary", &written.beneficiary)?,
            credit,
            key: written.key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(account: Value) -> Result<Account, String> {
        serde_json::from_value(account).map_err(|error| error.to_string())
    }

    fn ordinary() -> Value {
        json!({
            "institution": "00856930102",
            "key": "TEFA",
            "beneficiary": "80007350103",
            "iban": "IT92P0617501400000000123456",
        })
    }

    fn stamp(amount: &str, province: &str) -> Value {
        json!({
            "institution": "00856930102",
            "key": "EBOLLO",
            "beneficiary": "00856930102",
            "stamp": { "amount": amount, "province": province },
        })
    }

    #[test]
    fn money_goes_to_an_account_or_buys_stamps() {
        let account = read(ordinary()).unwrap();
        assert_eq!(account.beneficiary.as_str(), "80007350103");
        assert!(matches!(
            account.credit,
            Credit::Iban {
                postal_iban: None,
                ..
            }
        ));
        let mut with_postal = ordinary();
        with_postal["postal_iban"] = "IT63J0760101400000012345678".into();
        let account = read(with_postal).unwrap();
        assert!(matches!(
            account.credit,
            Credit::Iban {
                postal_iban: Some(_),
                ..
            }
        ));
        let account = read(stamp("16.00", "GE")).unwrap();
        let amount = Cents::new(1600);
        let province = "GE".to_owned();
        assert_eq!(account.credit, Credit::Stamp { amount, province });
    }

    #[test]
    fn an_account_that_cannot_be_used_is_named_with_what_is_wrong() {
        let with = |field: &str, value: Value| {
            let mut account = ordinary();
            account[field] = value;
            read(account).unwrap_err()
        };
        for (error, says) in [
            (with("iban", "IT92".into()), "iban: an Italian IBAN has 27"),
            (with("iban", Value::Null), "either an `iban`"),
            (
                with("stamp", json!({ "amount": "16.00", "province": "GE" })),
                "either an `iban`",
            ),
            (
                with("postal_iban", "IT92P0617501400000000123456".into()),
                "not a postal account",
            ),
            (
                with("beneficiary", "80007350104".into()),
                "beneficiary is not the fiscal code",
            ),
            (
                with("institution", "1".into()),
                "institution is not the fiscal code",
            ),
        ] {
            assert!(error.contains("account TEFA of institution"), "{error}");
            assert!(error.contains(says), "{error}");
        }
        for (amount, province, says) in [
            ("0.00", "GE", "stamp.amount"),
            ("16", "GE", "stamp.amount"),
            ("16.00", "Ge", "stamp.province"),
            ("16.00", "GEN", "stamp.province"),
        ] {
            let error = read(stamp(amount, province)).unwrap_err();
            assert!(
                error.contains("account EBOLLO") && error.contains(says),
                "{error}"
            );
        }
        assert!(with("key", "".into()).contains("1 to 60 printable"));
        assert!(with("bic", "X".into()).contains("unknown field"));
    }
}
