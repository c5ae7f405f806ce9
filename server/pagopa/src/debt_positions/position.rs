//! A position in the archive's shape.

use chrono::{Days, NaiveDate, NaiveTime, TimeZone as _};
use chrono_tz::Europe::Rome;
use domain::service::Service;
use domain::transfer::Destination;
use domain::{
    BrokerId, CreditorInstitution, DebtPosition, Iban, Instalment, OptionKind, SubjectKind, Transfer,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Pairs of metadata a transfer may have in the archive, where the hub's own messages take 15.
const METADATA_MAX: usize = 10;
/// Characters of a key that is sent as it is.
const PLAIN_KEY_MAX: usize = 60;
/// Days from the day it is sent until a notice without a date is due.
const DUE_WITHIN: Days = Days::new(365);

/// A position as it is sent (`PaymentPositionModel`). `Debug` hides everything personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    iupd: String,
    r#type: char,
    pay_stand_in: bool,
    fiscal_code: String,
    full_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    street_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    civic_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    province: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    switch_to_expired: bool,
    company_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    office_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validity_date: Option<String>,
    payment_option: Vec<PaymentOption>,
}

/// A notice (`PaymentOptionModel`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentOption {
    #[serde(default)]
    nav: String,
    iuv: String,
    amount: i64,
    description: String,
    is_partial_payment: bool,
    due_date: String,
    #[serde(default)]
    transfer: Vec<ArchiveTransfer>,
    #[serde(default, rename = "paymentOptionMetadata")]
    metadata: Vec<Pair>,
}

/// A part of its amount (`TransferModel`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ArchiveTransfer {
    id_transfer: String,
    amount: i64,
    organization_fiscal_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    remittance_information: String,
    category: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iban: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    postal_iban: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stamp: Option<Stamp>,
    #[serde(default, rename = "transferMetadata")]
    metadata: Vec<Pair>,
}

/// A stamp duty (`Stamp`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stamp {
    hash_document: String,
    #[serde(rename = "stampType")]
    kind: String,
    provincial_residence: String,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Pair {
    key: String,
    value: String,
}

/// What tells one content from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// Of all that is sent.
    pub whole: [u8; 32],
    /// Of the part the archive shows in its list: notices, amounts, dates and accounts.
    pub listed: [u8; 32],
}

/// Why a position cannot be put in the archive's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Over ten pairs, or two of the same key.
    #[error(
        "a transfer has over {METADATA_MAX} pairs of metadata or twice the same key, which the archive does not take"
    )]
    Metadata,
}

/// Key of a position in the archive, unique within the institution (`iupd`): at most 72 characters, none of which an
/// address would have to escape.
pub fn iupd(broker: &BrokerId, key: &str) -> String {
    let plain = key.len() <= PLAIN_KEY_MAX
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if plain {
        format!("{broker}-{key}")
    } else {
        // A dot is in no plain key, so the two can never be alike.
        let digest = Sha256::digest(key.as_bytes());
        let half = digest[..16]
            .iter()
            .fold(0_u128, |half, byte| half << 8 | u128::from(*byte));
        format!("{broker}.{half:032x}")
    }
}

impl Position {
    /// The position as it is sent on `today`, the civil date in Italy.
    ///
    /// # Errors
    /// When it says something the shape has no room for.
    pub fn new(
        debt: &DebtPosition,
        institution: &CreditorInstitution,
        service: &Service,
        today: NaiveDate,
    ) -> Result<Self, Unfit> {
        let debtor = &debt.debtor;
        let address = &debtor.address;
        let notices: Vec<&Instalment> = debt.instalments().map(|(_, _, instalment)| instalment).collect();
        let plans = debt
            .options
            .iter()
            .filter(|option| option.kind == OptionKind::InstalmentPlan)
            .count();
        let has_stamp = notices
            .iter()
            .flat_map(|notice| &notice.transfers)
            .any(|transfer| matches!(transfer.destination, Destination::StampDuty { .. }));
        Ok(Self {
            iupd: iupd(&institution.broker, &debt.key),
            r#type: match debtor.kind {
                SubjectKind::Natural => 'F',
                SubjectKind::Legal => 'G',
            },
            pay_stand_in: !service.amounts_move && !has_stamp && plans < 2,
            fiscal_code: debtor.code.clone(),
            full_name: debtor.full_name.clone(),
            street_name: address.street.clone(),
            civic_number: address.number.clone(),
            postal_code: address.postal_code.clone(),
            city: address.city.clone(),
            province: address.province.clone(),
            country: address.country.clone().filter(|code| is_country(code)),
            email: debtor.email.clone(),
            // Only where no notice is payable after its due date does the archive know the last day.
            switch_to_expired: notices
                .iter()
                .all(|notice| notice.due_on.is_some() && notice.payable_until == notice.due_on),
            company_name: institution.name.clone(),
            office_name: Some(service.office_name.clone()).filter(|name| is_name(name)),
            validity_date: debt
                .valid_from
                .filter(|day| *day > today)
                .map(|day| timestamp(day, NaiveTime::MIN)),
            payment_option: debt
                .instalments()
                .map(|(_, option, notice)| PaymentOption::new(option.kind, notice, debt.valid_from, today))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Its key in the archive.
    pub fn iupd(&self) -> &str {
        &self.iupd
    }

    /// Whether it may be paid while the station does not answer.
    pub fn may_stand_in(&self) -> bool {
        self.pay_stand_in
    }

    /// What tells it from another.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint {
            whole: digest(self),
            listed: listed_digest(&self.payment_option),
        }
    }
}

impl std::fmt::Debug for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Position")
            .field("iupd", &self.iupd)
            .field("notices", &self.payment_option.len())
            .finish_non_exhaustive()
    }
}

impl PaymentOption {
    fn new(
        kind: OptionKind,
        notice: &Instalment,
        valid_from: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Self, Unfit> {
        Ok(Self {
            nav: notice.notice_number.to_string(),
            iuv: notice.iuv.to_string(),
            amount: notice.amount.as_i64(),
            description: notice.description.clone(),
            is_partial_payment: match kind {
                OptionKind::InstalmentPlan => true,
                OptionKind::Whole | OptionKind::Reduced => false,
            },
            due_date: timestamp(due_date(notice, valid_from, today), END_OF_DAY),
            transfer: notice
                .transfers
                .iter()
                .map(ArchiveTransfer::new)
                .collect::<Result<_, _>>()?,
            metadata: Vec::new(),
        })
    }
}

impl ArchiveTransfer {
    fn new(transfer: &Transfer) -> Result<Self, Unfit> {
        let mut keys = HashSet::new();
        if transfer.metadata.len() > METADATA_MAX
            || !transfer.metadata.iter().all(|(key, _)| keys.insert(key))
        {
            return Err(Unfit::Metadata);
        }
        let (iban, postal_iban, stamp) = match &transfer.destination {
            Destination::Account { iban, postal_iban } => (
                Some(iban.to_string()),
                postal_iban.as_ref().map(Iban::to_string),
                None,
            ),
            Destination::StampDuty {
                document_digest,
                province,
            } => {
                let stamp = Stamp {
                    hash_document: document_digest.clone(),
                    // The only type there is: ordinary stamp duty.
                    kind: "01".to_owned(),
                    provincial_residence: province.clone(),
                };
                (None, None, Some(stamp))
            }
        };
        Ok(Self {
            id_transfer: transfer.id.to_string(),
            amount: transfer.amount.as_i64(),
            organization_fiscal_code: transfer.beneficiary.to_string(),
            company_name: Some(transfer.beneficiary_name.clone()),
            remittance_information: transfer.remittance_information.clone(),
            category: transfer.category.to_string(),
            iban,
            postal_iban,
            stamp,
            metadata: transfer
                .metadata
                .iter()
                .map(|(key, value)| Pair {
                    key: key.clone(),
                    value: value.clone(),
                })
                .collect(),
        })
    }
}

/// The end of a day: a notice due today is not overdue.
const END_OF_DAY: NaiveTime = NaiveTime::from_hms_opt(23, 59, 59).expect("a time of day");

/// The due date shown: the true one, unless it is past or before the first day.
fn due_date(notice: &Instalment, valid_from: Option<NaiveDate>, today: NaiveDate) -> NaiveDate {
    let first = valid_from.map_or(today, |day| day.max(today));
    [notice.due_on, notice.payable_until]
        .into_iter()
        .flatten()
        .find(|day| *day >= first)
        .or(first.checked_add_days(DUE_WITHIN))
        .unwrap_or(first)
}

/// An Italian time of day as the archive writes instants. Whole seconds: there are no thousandths to say.
fn timestamp(day: NaiveDate, time: NaiveTime) -> String {
    let local = day.and_time(time);
    // Midnight and its eve exist on every day of the Italian calendar.
    let instant = Rome
        .from_local_datetime(&local)
        .earliest()
        .map_or(local, |instant| instant.naive_utc());
    format!("{}T{}.000Z", instant.date(), instant.time())
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_name(name: &str) -> bool {
    (1..=140).contains(&name.chars().count())
}

/// Digest of what a list shows, whatever the order, the spelling of instants and what the archive adds.
pub(super) fn listed_digest(options: &[PaymentOption]) -> [u8; 32] {
    let mut options = options.to_vec();
    for option in &mut options {
        // The day alone: the archive may leave out the offset or the thousandths.
        option.due_date = option.due_date.chars().take(10).collect();
        option.metadata.clear();
        option.transfer.sort();
        for transfer in &mut option.transfer {
            transfer.company_name = None;
            for account in [&mut transfer.iban, &mut transfer.postal_iban] {
                *account = account.take().filter(|account| !account.is_empty());
            }
            transfer.metadata.sort();
        }
    }
    options.sort();
    digest(&options)
}

fn digest(value: &impl Serialize) -> [u8; 32] {
    let bytes = serde_json::to_vec(value).expect("these types have text keys and no failing serialiser");
    Sha256::digest(bytes).into()
}
