//! Receipts, for those entitled: by an unguessable link, or by code and a short proof.

use super::PortalError;
use super::documents::DocumentView;
use super::json::{Answer, JsonText};
use crate::Language;
use leptos::server;
use leptos::server_fn::codec::GetUrl;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

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
    /// Language of the page.
    language: Language,
) -> Result<Option<DocumentView>, PortalError> {
    let services = super::request::services()?;
    let from = super::request::client_address();
    super::documents::receipt(&services, &token, language, from).await
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
    use super::ProofProblem;
    use crate::Language;
    use crate::address::{Page, encoded};
    use domain::NoticeNumber;
    use domain::citizen_code::{self, Verdict};
    use services::Services;
    use services::receipts::{ProofError, prove_receipt};
    use std::net::IpAddr;

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
