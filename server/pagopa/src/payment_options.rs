//! Payment options (`OdP`): what an institution answers when the hub asks which ways are open to pay a notice's debt.
//!
//! The interface file of the organisations (0.7.0) is followed; the technical manual's own file (1.0.0) names the
//! institution otherwise and asks for nothing more. Both say POST where the manual's text says GET: the answer is the
//! same. Amounts are cents. A day is written as its last second in Italy, with the offset.

use chrono::{DateTime, NaiveDate, NaiveTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::Europe::Rome;
use domain::open_options::{NothingOpen, OpenNotice, OpenOption, OpenStanding, OptionStanding};
use domain::{CreditorInstitution, OptionKind};
use serde::Serialize;

/// `Content-Type` of every answer.
pub const CONTENT_TYPE: &str = "application/json";

/// Name of the operation, in the message log.
pub const OPERATION: &str = "getPaymentOptionsByNoticeNumber";

/// `PaymentOptionsResponse`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    organization_fiscal_code: &'a str,
    company_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    office_name: Option<&'a str>,
    standin: bool,
    payment_options: Vec<Way<'a>>,
}

/// `PaymentOption`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Way<'a> {
    description: &'static str,
    number_of_installments: usize,
    amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<String>,
    status: &'static str,
    status_reason: &'static str,
    #[serde(rename = "allCCP")]
    all_postal: bool,
    installments: Vec<Part<'a>>,
}

/// `Installment`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    nav: &'a str,
    iuv: &'a str,
    amount: i64,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<String>,
    status: &'static str,
    status_reason: &'static str,
}

/// Writes the ways open to pay a debt. `office` is the name of the office it belongs to.
pub fn write_options(
    institution: &CreditorInstitution,
    office: Option<&str>,
    options: &[OpenOption],
) -> String {
    written(&Answer {
        organization_fiscal_code: institution.fiscal_code.as_str(),
        company_name: &institution.name,
        office_name: office,
        standin: false,
        payment_options: options.iter().map(way).collect(),
    })
}

fn way(option: &OpenOption) -> Way<'_> {
    let notices = || option.notices.iter().map(|open| &open.notice);
    let (status, status_reason) = match option.standing {
        OptionStanding::Begun => ("PO_PARTIALLY_PAID", "Alcune rate sono pagate"),
        OptionStanding::Untouched(OpenStanding::Payable) => ("PO_UNPAID", "Da pagare"),
        OptionStanding::Untouched(OpenStanding::Overdue) => ("PO_EXPIRED_UNPAID", "Scaduta, ancora pagabile"),
        OptionStanding::Untouched(OpenStanding::Expired) => {
            ("PO_EXPIRED_NOT_PAYABLE", "Scaduta, non più pagabile")
        }
    };
    Way {
        description: match option.kind {
            OptionKind::Whole => "Soluzione unica",
            OptionKind::InstalmentPlan => "Pagamento a rate",
            OptionKind::Reduced => "Importo ridotto",
        },
        number_of_installments: option.notices.len(),
        amount: option.amount().map_or(i64::MAX, domain::Cents::as_i64),
        due_date: notices().filter_map(|notice| notice.due_on).max().map(end_of),
        valid_from: notices()
            .filter_map(|notice| notice.valid_from)
            .max()
            .map(start_of),
        status,
        status_reason,
        all_postal: notices().all(|notice| notice.all_postal),
        installments: option.notices.iter().map(part).collect(),
    }
}

fn part(open: &OpenNotice) -> Part<'_> {
    let notice = &open.notice;
    let (status, status_reason) = match open.standing {
        OpenStanding::Payable => ("POI_UNPAID", "Da pagare"),
        OpenStanding::Overdue => ("POI_EXPIRED_UNPAID", "Scaduta, ancora pagabile"),
        OpenStanding::Expired => ("POI_EXPIRED_NOT_PAYABLE", "Scaduta, non più pagabile"),
    };
    Part {
        nav: notice.number.as_str(),
        iuv: notice.iuv.as_str(),
        amount: notice.amount.as_i64(),
        description: &notice.description,
        due_date: notice.due_on.map(end_of),
        valid_from: notice.valid_from.map(start_of),
        status,
        status_reason,
    }
}

/// Why no options are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionsRefusal {
    /// The question is not of the interface's form.
    Syntax,
    /// The institution is not served here.
    UnknownInstitution,
    /// There is no way to pay the debt.
    NothingOpen(NothingOpen),
    /// The archive did not answer.
    SystemError,
}

impl OptionsRefusal {
    /// Every refusal.
    pub const ALL: [Self; 7] = [
        Self::Syntax,
        Self::UnknownInstitution,
        Self::NothingOpen(NothingOpen::Unknown),
        Self::NothingOpen(NothingOpen::Paid),
        Self::NothingOpen(NothingOpen::Withdrawn),
        Self::NothingOpen(NothingOpen::Expired),
        Self::SystemError,
    ];

    /// HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Syntax | Self::UnknownInstitution => 400,
            Self::NothingOpen(NothingOpen::Unknown) => 404,
            Self::NothingOpen(NothingOpen::Paid) => 409,
            Self::NothingOpen(NothingOpen::Withdrawn | NothingOpen::Expired) => 422,
            Self::SystemError => 500,
        }
    }

    /// `appErrorCode`
    pub const fn code(self) -> &'static str {
        match self {
            Self::Syntax => "ODP-101",
            Self::SystemError => "ODP-103",
            Self::UnknownInstitution => "ODP-104",
            Self::NothingOpen(NothingOpen::Unknown) => "ODP-107",
            Self::NothingOpen(NothingOpen::Paid) => "ODP-108",
            Self::NothingOpen(NothingOpen::Expired) => "ODP-110",
            Self::NothingOpen(NothingOpen::Withdrawn) => "ODP-111",
        }
    }

    /// `errorMessage`: the code the same refusal has over SOAP, and why.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Syntax => "PAA_SINTASSI the institution has 11 digits and the notice 18",
            Self::SystemError => "PAA_SYSTEM_ERROR the archive did not answer",
            Self::UnknownInstitution => "PAA_ID_DOMINIO_ERRATO no such institution here",
            Self::NothingOpen(NothingOpen::Unknown) => "PAA_PAGAMENTO_SCONOSCIUTO no such notice",
            Self::NothingOpen(NothingOpen::Paid) => "PAA_PAGAMENTO_DUPLICATO the debt is paid",
            Self::NothingOpen(NothingOpen::Expired) => "PAA_PAGAMENTO_SCADUTO the debt can no longer be paid",
            Self::NothingOpen(NothingOpen::Withdrawn) => "PAA_PAGAMENTO_ANNULLATO the debt was withdrawn",
        }
    }

    const fn status_text(self) -> &'static str {
        match self.status() {
            400 => "Bad Request",
            404 => "Not Found",
            409 => "Conflict",
            422 => "Unprocessable Entity",
            _ => "Internal Server Error",
        }
    }

    /// Writes the answer that says no (`ErrorResponse`).
    pub fn write(self, now: DateTime<Utc>) -> String {
        written(&ErrorAnswer {
            http_status_code: self.status(),
            http_status_description: self.status_text(),
            error_message: self.message(),
            app_error_code: self.code(),
            timestamp: now.timestamp(),
            date_time: format!("{}T{}Z", now.date_naive(), now.time()),
        })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorAnswer {
    http_status_code: u16,
    http_status_description: &'static str,
    error_message: &'static str,
    app_error_code: &'static str,
    timestamp: i64,
    date_time: String,
}

fn written(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).expect("texts and whole numbers have a JSON form")
}

/// The first moment of a day in Italy.
fn start_of(day: NaiveDate) -> String {
    offset_time(day, NaiveTime::MIN)
}

/// The last second of a day in Italy.
fn end_of(day: NaiveDate) -> String {
    offset_time(day, NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN))
}

/// The offset is the one of that moment: clocks change between two and three in the morning, so that neither end of a day
/// is ever missing or double.
fn offset_time(day: NaiveDate, time: NaiveTime) -> String {
    let local = day.and_time(time);
    let moment = Rome
        .from_local_datetime(&local)
        .earliest()
        .unwrap_or_else(|| Rome.from_utc_datetime(&local));
    format!("{day}T{time}{}", moment.offset().fix())
}
