//! A position as it arrives (`PaymentPositionModel`), and every reason to refuse it.
//!
//! Members the interface does not know are refused: they are spelling mistakes. Those it calls read-only are allowed
//! and mean nothing.

use super::Feed;
use super::position::{Credit, Debtor, Notice, Position, Stage, Transfer};
use chrono::{DateTime, Utc};
use domain::transfer::TransferCategory;
use domain::{Cents, CreditorFiscalCode, Iban, NoticeNumber};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The most notices of a position.
const MAX_NOTICES: usize = 100;
/// The most parts of a notice.
const MAX_TRANSFERS: usize = 5;
/// The most pairs beside a notice or a part.
const MAX_METADATA: usize = 10;
/// The longest text without a limit of its own, in characters.
const MAX_TEXT: usize = 255;

/// What is done with the position that arrives: the rules for dates differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Update,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Body {
    pub(super) iupd: String,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default = "yes")]
    pay_stand_in: bool,
    fiscal_code: String,
    full_name: String,
    street_name: Option<String>,
    civic_number: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    province: Option<String>,
    region: Option<String>,
    country: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    switch_to_expired: bool,
    company_name: String,
    office_name: Option<String>,
    validity_date: Option<DateTime<Utc>>,
    #[serde(default)]
    payment_option: Vec<OptionBody>,
    #[serde(rename = "paymentDate")]
    _payment_date: Option<IgnoredAny>,
    #[serde(rename = "status")]
    _status: Option<IgnoredAny>,
}

#[derive(Clone, Copy, Deserialize)]
enum Kind {
    F,
    G,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OptionBody {
    nav: Option<String>,
    iuv: String,
    amount: i64,
    description: String,
    is_partial_payment: bool,
    due_date: DateTime<Utc>,
    retention_date: Option<DateTime<Utc>>,
    #[serde(default)]
    transfer: Vec<TransferBody>,
    payment_option_metadata: Vec<MetadataBody>,
    #[serde(rename = "fee")]
    _fee: Option<IgnoredAny>,
    #[serde(rename = "notificationFee")]
    _notification_fee: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TransferBody {
    id_transfer: String,
    amount: i64,
    organization_fiscal_code: Option<String>,
    remittance_information: String,
    category: String,
    iban: Option<String>,
    postal_iban: Option<String>,
    stamp: Option<StampBody>,
    company_name: Option<String>,
    transfer_metadata: Vec<MetadataBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StampBody {
    hash_document: String,
    stamp_type: String,
    provincial_residence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MetadataBody {
    key: String,
    value: String,
}

const fn yes() -> bool {
    true
}

impl Body {
    /// The position it describes, still a draft.
    pub(super) fn check(
        self,
        feed: Feed,
        purpose: Purpose,
        now: DateTime<Utc>,
    ) -> Result<Position, Vec<String>> {
        let mut reasons = Reasons::default();
        reasons.text("iupd", &self.iupd, 1, MAX_TEXT);
        reasons.text("fiscalCode", &self.fiscal_code, 1, MAX_TEXT);
        reasons.text("fullName", &self.full_name, 1, MAX_TEXT);
        reasons.text("companyName", &self.company_name, 1, 140);
        for (name, text, most) in [
            ("officeName", &self.office_name, 140),
            ("streetName", &self.street_name, MAX_TEXT),
            ("civicNumber", &self.civic_number, MAX_TEXT),
            ("postalCode", &self.postal_code, MAX_TEXT),
            ("city", &self.city, MAX_TEXT),
            ("province", &self.province, MAX_TEXT),
            ("region", &self.region, MAX_TEXT),
            ("email", &self.email, MAX_TEXT),
            ("phone", &self.phone, MAX_TEXT),
        ] {
            if let Some(text) = text {
                reasons.text(name, text, 0, most);
            }
        }
        if self
            .country
            .as_deref()
            .is_some_and(|country| !is_two_capitals(country))
        {
            reasons.add("country has two capital letters");
        }
        if !(1..=MAX_NOTICES).contains(&self.payment_option.len()) {
            reasons.add(format!("paymentOption has 1 to {MAX_NOTICES} items"));
        }
        let notices: Vec<Notice> = self
            .payment_option
            .into_iter()
            .take(MAX_NOTICES)
            .filter_map(|option| option.check(feed, purpose, self.validity_date, now, &mut reasons))
            .collect();
        for (place, notice) in notices.iter().enumerate() {
            if notices[..place]
                .iter()
                .any(|other| other.number == notice.number || other.iuv == notice.iuv)
            {
                reasons.add(format!("nav {} or its iuv comes twice", notice.number));
            }
        }
        reasons.or(Position {
            iupd: self.iupd,
            debtor: Debtor {
                legal_person: matches!(self.kind, Kind::G),
                code: self.fiscal_code,
                full_name: self.full_name,
                street: self.street_name,
                number: self.civic_number,
                postal_code: self.postal_code,
                city: self.city,
                province: self.province,
                region: self.region,
                country: self.country,
                email: self.email,
                phone: self.phone,
            },
            pay_stand_in: self.pay_stand_in,
            switch_to_expired: self.switch_to_expired,
            company_name: self.company_name,
            office_name: self.office_name,
            valid_from: self.validity_date,
            stage: Stage::Draft,
            inserted_at: now,
            updated_at: now,
            published_at: None,
            notices,
        })
    }
}

impl OptionBody {
    fn check(
        self,
        feed: Feed,
        purpose: Purpose,
        valid_from: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        reasons: &mut Reasons,
    ) -> Option<Notice> {
        reasons.text("iuv", &self.iuv, 1, 35);
        reasons.text("description", &self.description, 1, 140);
        reasons.amount(self.amount);
        let earliest = valid_from.filter(|_| purpose == Purpose::Create).unwrap_or(now);
        let earliest = earliest.max(valid_from.unwrap_or(earliest));
        if self.due_date < earliest {
            reasons.add(format!(
                "dueDate {} is before {earliest}: it cannot be before validityDate, nor in the past without one or in an update",
                self.due_date
            ));
        }
        if self
            .retention_date
            .is_some_and(|retention| retention < self.due_date)
        {
            reasons.add("retentionDate is not before dueDate");
        }
        if !(1..=MAX_TRANSFERS).contains(&self.transfer.len()) {
            reasons.add(format!("transfer has 1 to {MAX_TRANSFERS} items"));
        }
        let transfers: Vec<Transfer> = self
            .transfer
            .into_iter()
            .take(MAX_TRANSFERS)
            .filter_map(|transfer| transfer.check(feed, reasons))
            .collect();
        for (place, transfer) in transfers.iter().enumerate() {
            if transfers[..place].iter().any(|other| other.id == transfer.id) {
                reasons.add(format!("idTransfer {} comes twice", transfer.id));
            }
        }
        let total = Cents::sum(transfers.iter().map(|transfer| transfer.amount));
        if total != Some(Cents::new(self.amount)) {
            reasons.add(format!(
                "the transfers of iuv {} do not sum to its amount {}",
                self.iuv, self.amount
            ));
        }
        let metadata = reasons.metadata("paymentOptionMetadata", self.payment_option_metadata);
        let nav = self.nav.unwrap_or_else(|| format!("3{}", self.iuv));
        let Ok(number) = NoticeNumber::parse(&nav) else {
            reasons.add("nav has 18 digits; without it, iuv has 17");
            return None;
        };
        if number.iuv().as_str() != self.iuv {
            reasons.add(format!(
                "iuv {} is not the one of nav {nav}, {}",
                self.iuv,
                number.iuv()
            ));
        }
        Some(Notice {
            number,
            iuv: self.iuv,
            amount: Cents::new(self.amount),
            description: self.description,
            is_partial: self.is_partial_payment,
            due: self.due_date,
            retention: self.retention_date,
            metadata,
            transfers,
            payment: None,
        })
    }
}

impl TransferBody {
    fn check(self, feed: Feed, reasons: &mut Reasons) -> Option<Transfer> {
        reasons.amount(self.amount);
        reasons.text("remittanceInformation", &self.remittance_information, 1, 140);
        if let Some(name) = &self.company_name {
            reasons.text("companyName", name, 0, 140);
        }
        if let Some(code) = &self.organization_fiscal_code
            && CreditorFiscalCode::parse(code).is_err()
        {
            reasons.add("organizationFiscalCode has 11 digits");
        }
        if TransferCategory::parse(&self.category).is_err() {
            reasons.add(format!(
                "category {:?} is not of the taxonomy, such as 9/0101101IM/",
                self.category
            ));
        }
        let metadata = reasons.metadata("transferMetadata", self.transfer_metadata);
        let &[digit @ b'1'..=b'5'] = self.id_transfer.as_bytes() else {
            reasons.add("idTransfer is 1 to 5");
            return None;
        };
        let postal = self.postal_iban.filter(|iban| !iban.is_empty());
        let credit = match (self.iban, self.stamp, postal) {
            (Some(iban), None, postal) => {
                for iban in [Some(&iban), postal.as_ref()].into_iter().flatten() {
                    if Iban::parse(iban).is_err() {
                        reasons.add(format!("IBAN {iban} is not one of an Italian account"));
                    }
                }
                Credit::Account { iban, postal }
            }
            (None, Some(stamp), None) => {
                if feed == Feed::Aca {
                    reasons.add("a stamp duty is not paid in stand-in: iban is mandatory here");
                }
                reasons.text("hashDocument", &stamp.hash_document, 1, 72);
                reasons.text("stampType", &stamp.stamp_type, 2, 2);
                if !is_two_capitals(&stamp.provincial_residence) {
                    reasons.add("provincialResidence has two capital letters");
                }
                Credit::Stamp {
                    digest: stamp.hash_document,
                    kind: stamp.stamp_type,
                    province: stamp.provincial_residence,
                }
            }
            (Some(_), Some(_), _) | (None, Some(_), Some(_)) | (None, None, _) => {
                reasons.add("iban or stamp, one of them; postalIban only beside iban");
                return None;
            }
        };
        Some(Transfer {
            id: digit - b'0',
            amount: Cents::new(self.amount),
            organization: self.organization_fiscal_code,
            company_name: self.company_name,
            remittance_information: self.remittance_information,
            category: self.category,
            credit,
            metadata,
            is_reported: false,
        })
    }
}

fn is_two_capitals(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// What is wrong, all of it.
#[derive(Default)]
struct Reasons(Vec<String>);

impl Reasons {
    fn add(&mut self, reason: impl Into<String>) {
        self.0.push(reason.into());
    }

    fn text(&mut self, name: &str, text: &str, least: usize, most: usize) {
        if !(least..=most).contains(&text.chars().count()) || (least > 0 && text.trim().is_empty()) {
            self.add(format!("{name} has {least} to {most} characters"));
        }
    }

    fn amount(&mut self, amount: i64) {
        if !(1..=Cents::MAX_WIRE.as_i64()).contains(&amount) {
            self.add(format!("amount is 1 to {}", Cents::MAX_WIRE.as_i64()));
        }
    }

    fn metadata(&mut self, name: &str, pairs: Vec<MetadataBody>) -> Vec<(String, String)> {
        if pairs.len() > MAX_METADATA {
            self.add(format!("{name} has at most {MAX_METADATA} items"));
        }
        for (place, pair) in pairs.iter().enumerate() {
            self.text("key", &pair.key, 1, 140);
            self.text("value", &pair.value, 0, 140);
            if pairs[..place].iter().any(|other| other.key == pair.key) {
                self.add(format!("{name} has key {:?} twice", pair.key));
            }
        }
        pairs.into_iter().map(|pair| (pair.key, pair.value)).collect()
    }

    fn or<T>(self, value: T) -> Result<T, Vec<String>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}
