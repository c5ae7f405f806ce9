//! Receipts, for those entitled: by an unguessable link, or by code and a short proof.

use super::PortalError;
use super::json::{Answer, JsonText};
use crate::Language;
use crate::calendar::{Day, Moment};
use domain::receipt::ReceiptEffect;
use domain::{Cents, CreditorFiscalCode, Iuv, NoticeNumber};
use leptos::server;
use leptos::server_fn::codec::GetUrl;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Someone named on a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// Fiscal code; `None` for one who stayed anonymous.
    pub code: Option<String>,
}

/// A part of the amount. No account numbers: they are no business of the payer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferLine {
    /// Its part of the amount.
    pub amount: Cents,
    /// Fiscal code of the institution credited.
    pub beneficiary: CreditorFiscalCode,
    /// Its name, when said.
    pub beneficiary_name: Option<String>,
    /// Reason of the part.
    pub reason: String,
    /// It bought a stamp duty.
    pub is_stamp_duty: bool,
}

/// Everything a receipt's page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptPage {
    /// The unique payment number (IUR).
    pub receipt_id: String,
    /// Fiscal code of the institution.
    pub institution: CreditorFiscalCode,
    /// Its name.
    pub institution_name: String,
    /// Its office.
    pub office: Option<String>,
    /// The notice's code.
    pub number: NoticeNumber,
    /// The payment reference.
    pub iuv: Iuv,
    /// What was paid to the institutions.
    pub amount: Cents,
    /// The provider's fee, apart from the amount.
    pub fee: Option<Cents>,
    /// What it was for.
    pub subject: String,
    /// Who owed.
    pub debtor: Person,
    /// Who paid, when said.
    pub payer: Option<Person>,
    /// How the amount was shared out.
    pub transfers: Vec<TransferLine>,
    /// The payment provider.
    pub provider: String,
    /// Its fiscal code or VAT number.
    pub provider_code: Option<String>,
    /// Where it was paid, in the hub's words.
    pub channel: String,
    /// How it was paid, in the hub's word.
    pub method: Option<String>,
    /// When it was paid: what frees the debtor.
    pub paid_at: Option<Moment>,
    /// When the provider applied it.
    pub applied_on: Option<Day>,
    /// When the money reaches the institution.
    pub transferred_on: Option<Day>,
    /// It was paid while the hub answered in the institution's place.
    pub stand_in: bool,
    /// What it did: anything but [`ReceiptEffect::Applied`] needs the office.
    pub effect: ReceiptEffect,
}

/// Why a proof opened no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofProblem {
    /// The code is not the code of a notice.
    Code,
    /// No proof was given.
    Proof,
    /// No receipt is opened by code and proof together. Which of the two is wrong is not said.
    NotOpened,
    /// Too many attempts.
    TooMany,
    /// The archive does not answer.
    Unavailable,
}

impl ProofProblem {
    /// Every problem.
    pub const ALL: [Self; 5] = [
        Self::Code,
        Self::Proof,
        Self::NotOpened,
        Self::TooMany,
        Self::Unavailable,
    ];

    /// Its name in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Proof => "proof",
            Self::NotOpened => "not-opened",
            Self::TooMany => "too-many",
            Self::Unavailable => "unavailable",
        }
    }

    /// The problem with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.code() == code)
    }

    /// The status of a page that shows it.
    pub const fn status(self) -> u16 {
        match self {
            Self::Code | Self::Proof | Self::NotOpened => 422,
            Self::TooMany => 429,
            Self::Unavailable => 503,
        }
    }
}

impl FromServerFnError for ProofProblem {
    type Encoder = JsonText;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Unavailable
    }

    fn status_code(&self) -> http::StatusCode {
        http::StatusCode::from_u16(self.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Finds a receipt by its unguessable link; `None` when there is no such receipt.
#[server(prefix = "/api", endpoint = "receipts/by-link", input = GetUrl, output = Answer)]
pub async fn find_receipt(
    /// The receipt's unguessable reference.
    token: String,
) -> Result<Option<ReceiptPage>, PortalError> {
    let services = super::request::services()?;
    let receipt = services::receipts::find_receipt_by_token(&services, &token).await?;
    Ok(receipt.map(ssr::page))
}

/// Opens the receipt of a notice with a proof and leads to it; when it cannot, back to the form with the reason.
#[server(prefix = "/api", endpoint = "receipts/open", output = Answer)]
pub async fn open_receipt(
    /// The notice's code, as a person writes it.
    #[server(default)]
    code: String,
    /// Last five characters of the payer's or debtor's fiscal code, or the receipt id.
    #[server(default)]
    proof: String,
    /// Language of the pages.
    language: Language,
) -> Result<(), ProofProblem> {
    let services = super::request::services().map_err(|_| ProofProblem::Unavailable)?;
    match ssr::open(&services, &code, &proof, super::request::client_address()).await {
        Ok(tokens) => {
            super::request::lead_form_to(&ssr::address_of(&tokens, language));
            Ok(())
        }
        Err(problem) => {
            super::request::lead_form_to(&ssr::back_to_form(problem, &code, language));
            Err(problem)
        }
    }
}

/// From the use cases' types to the page's.
#[cfg(feature = "ssr")]
mod ssr {
    use super::{Person, ProofProblem, ReceiptPage, TransferLine};
    use crate::Language;
    use crate::address::{Page, encoded};
    use domain::citizen_code::{self, Verdict};
    use domain::receipt::{ReceiptDestination, ReceiptTransfer};
    use domain::{NoticeNumber, Subject};
    use services::Services;
    use services::receipts::{ProofError, prove_receipt};
    use std::net::IpAddr;
    use storage::receipts::StoredReceipt;

    pub(super) async fn open(
        services: &Services,
        code: &str,
        proof: &str,
        from: IpAddr,
    ) -> Result<Vec<String>, ProofProblem> {
        let number = number_in(code).ok_or(ProofProblem::Code)?;
        if proof.trim().is_empty() {
            return Err(ProofProblem::Proof);
        }
        prove_receipt(services, &number, proof, from)
            .await
            .map_err(|error| match error {
                ProofError::NotOpened => ProofProblem::NotOpened,
                ProofError::TooMany(_) => ProofProblem::TooMany,
                ProofError::Unavailable(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "receipts cannot be read"
                    );
                    ProofProblem::Unavailable
                }
            })
    }

    /// Letters that look like digits are taken as digits here: a wrong guess opens nothing.
    fn number_in(code: &str) -> Option<NoticeNumber> {
        match citizen_code::read(code) {
            Verdict::NoticeNumber { number, .. } | Verdict::Correction { number, .. } => Some(number),
            Verdict::Iuv(_) | Verdict::Refused(_) => None,
        }
    }

    /// The receipt, or the list when one notice has several.
    pub(super) fn address_of(tokens: &[String], language: Language) -> String {
        if let [token] = tokens {
            return Page::Receipt(token.clone()).address(language);
        }
        let form = Page::FindReceipt { code: String::new() }.address(language);
        let name = language.pick("ricevute", "receipts");
        format!("{form}?{name}={}", tokens.join(","))
    }

    /// The form with the code still in it; the proof is personal and never enters an address.
    pub(super) fn back_to_form(problem: ProofProblem, code: &str, language: Language) -> String {
        let form = Page::FindReceipt { code: String::new() }.address(language);
        let code: String = code.chars().take(60).collect();
        format!(
            "{form}?{}={}&{}={}",
            language.pick("codice", "code"),
            encoded(&code),
            language.pick("problema", "problem"),
            problem.code()
        )
    }

    pub(super) fn page(stored: StoredReceipt) -> ReceiptPage {
        let receipt = stored.receipt;
        let transfers = receipt.shown_transfers().map(transfer).collect();
        ReceiptPage {
            receipt_id: receipt.id.into(),
            institution: receipt.issuer,
            institution_name: receipt.company_name,
            office: receipt.office_name,
            number: receipt.notice_number,
            iuv: receipt.iuv,
            amount: receipt.amount,
            fee: receipt.fee,
            subject: receipt.description,
            debtor: person(receipt.debtor),
            payer: receipt.payer.map(person),
            transfers,
            provider: receipt.psp.name,
            provider_code: receipt.psp.fiscal_code.or(receipt.psp.vat_number),
            channel: receipt.psp.channel_description,
            method: receipt.payment_method,
            paid_at: receipt.paid_at.map(Into::into),
            applied_on: receipt.applied_on.map(Into::into),
            transferred_on: receipt.transferred_on.map(Into::into),
            stand_in: receipt.stand_in,
            effect: stored.effect,
        }
    }

    fn person(subject: Subject) -> Person {
        let code = (subject.code != Subject::ANONYMOUS).then_some(subject.code);
        Person {
            name: subject.full_name,
            code,
        }
    }

    fn transfer(transfer: &ReceiptTransfer) -> TransferLine {
        TransferLine {
            amount: transfer.amount,
            beneficiary: transfer.beneficiary.clone(),
            beneficiary_name: transfer.beneficiary_name.clone(),
            reason: transfer.remittance_information.clone(),
            is_stamp_duty: matches!(transfer.destination, ReceiptDestination::StampDuty { .. }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_read_back_from_its_code() {
        for problem in ProofProblem::ALL {
            assert_eq!(ProofProblem::from_code(problem.code()), Some(problem));
        }
        assert_eq!(ProofProblem::from_code(""), None);
    }
}
