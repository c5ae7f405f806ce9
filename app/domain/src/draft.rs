//! What a management program says of a debt, before it is a debt position.
//!
//! Every way in ends here (the REST interface, the counter, files of whatever columns), so that the same mistake gets the
//! same code and the same sentence everywhere. [`check`] reports everything that is wrong at once, each with its place.
//!
//! The types are the shape other programs write: in JSON unknown fields are refused, amounts are whole cents.

mod check;
mod problem;

pub use check::{AccountBook, CheckedDraft, Rules, check};
pub use problem::{FieldError, Problem};

use crate::{Cents, OptionKind, Subject};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A debt as a management program states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PositionDraft {
    /// The program's own key for it, unique within the institution: 1 to 60 printable characters.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 60))]
    pub key: String,
    /// Code of the service.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 40))]
    pub service: String,
    /// Who owes.
    pub debtor: Subject,
    /// What it is for: at most 140 characters, nothing personal.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 140))]
    pub description: String,
    /// First day it can be paid, when not at once.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// Whether it is only being prepared: nobody outside sees it until it is published.
    #[serde(default)]
    pub draft: bool,
    /// The ways to pay it, in the order shown: 1 to 20.
    #[cfg_attr(feature = "schema", schema(min_items = 1, max_items = 20))]
    pub options: Vec<OptionDraft>,
}

/// One way to pay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OptionDraft {
    /// What kind of way it is.
    pub kind: OptionKind,
    /// Its notices: one, or up to 99 of an instalment plan.
    #[cfg_attr(feature = "schema", schema(min_items = 1, max_items = 99))]
    pub instalments: Vec<InstalmentDraft>,
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InstalmentDraft {
    /// Its code, when the program numbers its notices itself, in a range of its own. Otherwise one is issued.
    #[cfg_attr(feature = "schema", schema(pattern = "^3[0-9]{17}$"))]
    #[serde(default)]
    pub notice_number: Option<String>,
    /// The same by its payment reference.
    #[cfg_attr(feature = "schema", schema(pattern = "^[0-9]{17}$"))]
    #[serde(default)]
    pub iuv: Option<String>,
    /// What is due.
    #[cfg_attr(feature = "schema", schema(value_type = i64, minimum = 1, maximum = 99_999_999_999_i64))]
    pub amount: Cents,
    /// The due date shown to citizens.
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
    /// Last day it can be paid; without, it stays payable after its due date.
    #[serde(default)]
    pub payable_until: Option<NaiveDate>,
    /// What it is for, when that is not the position's description.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 140))]
    #[serde(default)]
    pub description: Option<String>,
    /// How the amount is split, up to five parts; without, all of it goes to the service's account.
    #[cfg_attr(feature = "schema", schema(max_items = 5))]
    #[serde(default)]
    pub transfers: Vec<TransferDraft>,
}

/// One part of an amount. It names an account by its key or by its IBAN, or buys a stamp duty; with none of the three it
/// goes to the service's account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TransferDraft {
    /// How much.
    #[cfg_attr(feature = "schema", schema(value_type = i64, minimum = 1, maximum = 99_999_999_999_i64))]
    pub amount: Cents,
    /// Fiscal code of the institution it goes to, when not one's own.
    #[cfg_attr(feature = "schema", schema(pattern = "^[0-9]{11}$"))]
    #[serde(default)]
    pub beneficiary: Option<String>,
    /// Name of that institution, needed where it is not served here.
    #[serde(default)]
    pub beneficiary_name: Option<String>,
    /// Key of one of the institution's accounts.
    #[serde(default)]
    pub account: Option<String>,
    /// An account of the beneficiary, registered here.
    #[serde(default)]
    pub iban: Option<String>,
    /// The stamp duty it buys.
    #[serde(default)]
    pub stamp: Option<StampDraft>,
    /// What it is for, when that is not the notice's description.
    #[serde(default)]
    pub remittance_information: Option<String>,
    /// Taxonomy category, when not the service's.
    #[cfg_attr(feature = "schema", schema(pattern = "^[6-9]/[0-9]{7}(IM|TS|SP|SA|AP)/$"))]
    #[serde(default)]
    pub category: Option<String>,
    /// What else travels with it, at most 15 pairs.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// A stamp duty to buy for a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StampDraft {
    /// SHA-256 of the document, in base64.
    #[cfg_attr(feature = "schema", schema(pattern = "^[A-Za-z0-9+/]{43}=$"))]
    pub document_digest: String,
    /// Province of residence of whoever asks for it, two capital letters.
    #[cfg_attr(feature = "schema", schema(pattern = "^[A-Z]{2}$"))]
    pub province: String,
}
