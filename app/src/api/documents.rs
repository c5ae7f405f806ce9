//! Receipts and notices as documents, for those entitled: what their pages show, and what the browser draws the PDF from.

use super::PortalError;
use super::json::Answer;
use super::receipts::ProofProblem;
use crate::Language;
use crate::address::DocumentLink;
use documents::html::Element;
use domain::{CreditorFiscalCode, NoticeNumber};
use leptos::server;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

/// A document as its page shows it. The browser is given the words it shows and nothing it would need to find them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentView {
    /// Its first heading, which names the page.
    pub title: String,
    /// What it says.
    pub article: Element,
    /// The name its file is saved by.
    pub file_name: String,
    /// What it is drawn from: a `documents::Printable` in postcard, in base64.
    pub printable: String,
}

/// What a link to a notice's document leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeDocument {
    /// The document.
    Shown(Box<DocumentView>),
    /// No document.
    Closed(Closed),
}

/// Why a link shows no document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// It is not a link of ours, or not a whole one.
    Forged,
    /// Its time is over.
    Expired,
    /// There is no such notice.
    NotFound,
    /// There is nothing to print, for this reason.
    Refused(String),
}

impl Closed {
    /// The status of a page that shows it.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Forged => 403,
            Self::NotFound => 404,
            Self::Refused(_) => 409,
            Self::Expired => 410,
        }
    }
}

/// Finds what a link to a notice's document shows.
#[server(prefix = "/api", endpoint = "documents/notice", input = GetUrl, output = Answer)]
pub async fn find_notice_document(
    /// The institution that issued the notice.
    institution: CreditorFiscalCode,
    /// Its number.
    number: NoticeNumber,
    /// What the link bears.
    link: DocumentLink,
    /// Language of the page.
    language: Language,
) -> Result<NoticeDocument, PortalError> {
    let services = super::request::services()?;
    let from = super::request::client_address();
    ssr::notice(&services, &institution, &number, link, language, from).await
}

/// Opens the document of a notice with a proof and leads to it; when it cannot, back to the notice with the reason.
#[server(prefix = "/api", endpoint = "documents/prove", output = Answer)]
pub async fn prove_notice(
    /// The institution that issued the notice.
    institution: CreditorFiscalCode,
    /// Its number.
    number: NoticeNumber,
    /// Last five characters of the debtor's fiscal code.
    #[server(default)]
    proof: String,
    /// Language of the pages.
    language: Language,
) -> Result<(), ProofProblem> {
    let services = super::request::services().map_err(|_| ProofProblem::Unavailable)?;
    let from = super::request::client_address();
    match ssr::prove(&services, &institution, &number, &proof, language, from).await {
        Ok(link) => {
            super::request::lead_form_to(&ssr::address(institution, number, link, language));
            Ok(())
        }
        Err(problem) => {
            super::request::lead_form_to(&ssr::back_to_notice(institution, number, problem, language));
            Err(problem)
        }
    }
}

#[cfg(feature = "ssr")]
pub(super) use ssr::{link_for_its_maker, receipt};

/// From the use cases' types to the page's.
#[cfg(feature = "ssr")]
mod ssr {
    use super::{Closed, DocumentView, NoticeDocument, ProofProblem};
    use crate::Language;
    use crate::address::{DocumentLink, NoticeKey, Page};
    use crate::api::PortalError;
    use base64::Engine as _;
    use documents::html::{Tag, view};
    use documents::{Document, Printable};
    use domain::{CreditorFiscalCode, NoticeNumber};
    use services::documents::access::{
        Asked, NoticeProofError, ReachError, Wanted, make_link, notice_by_link, notice_key, receipt_by_token,
    };
    use services::documents::links::{LinkProblem, Signature};
    use services::documents::prepare::Extent;
    use services::{Services, Unavailable};
    use std::net::IpAddr;
    use storage::document_accesses::HandedOut;

    /// What the page of a document asks for: its data, from which it is shown and drawn.
    const fn asked(language: Language, from: IpAddr) -> Asked {
        Asked {
            form: HandedOut::Data,
            languages: match language {
                Language::Italian => Wanted::Usual,
                Language::English => Wanted::Also(documents::Language::En),
            },
            extent: Extent::Position,
            from: Some(from),
            is_handed_out: true,
        }
    }

    fn shown(
        document: &Document,
        file_name: String,
        printable: &Printable,
    ) -> Result<DocumentView, PortalError> {
        let article = view(document);
        let printable = postcard::to_stdvec(printable).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a document cannot be packed"
            );
            PortalError::Unavailable
        })?;
        Ok(DocumentView {
            title: article
                .find(Tag::H1)
                .map(documents::html::Element::text)
                .unwrap_or_default(),
            article,
            file_name,
            printable: base64::engine::general_purpose::STANDARD.encode(printable),
        })
    }

    /// The receipt with this link.
    pub(in crate::api) async fn receipt(
        services: &Services,
        token: &str,
        language: Language,
        from: IpAddr,
    ) -> Result<Option<DocumentView>, PortalError> {
        let in_hand = match receipt_by_token(services, token, asked(language, from)).await {
            Ok(in_hand) => in_hand,
            Err(ReachError::Unavailable(error)) => return Err(error.into()),
            Err(
                ReachError::NotFound
                | ReachError::Link(_)
                | ReachError::Refused(_)
                | ReachError::OriginalGone,
            ) => return Ok(None),
        };
        let (receipt, language) = (in_hand.receipt, in_hand.language);
        let document = documents::receipt::document(&receipt, language, None);
        let name = documents::receipt::file_name(&receipt, language);
        shown(&document, name, &Printable::Receipt(Box::new(receipt), language)).map(Some)
    }

    /// What a link to a notice's document shows.
    pub(super) async fn notice(
        services: &Services,
        institution: &CreditorFiscalCode,
        number: &NoticeNumber,
        link: DocumentLink,
        language: Language,
        from: IpAddr,
    ) -> Result<NoticeDocument, PortalError> {
        let signature = Signature {
            expires: link.expires,
            text: link.signature,
        };
        let asked = asked(language, from);
        let closed = |why| Ok(NoticeDocument::Closed(why));
        let in_hand = match notice_by_link(services, institution, number, &signature, asked).await {
            Ok(in_hand) => in_hand,
            Err(ReachError::Link(LinkProblem::Forged)) => return closed(Closed::Forged),
            Err(ReachError::Link(LinkProblem::Expired)) => return closed(Closed::Expired),
            Err(ReachError::NotFound | ReachError::OriginalGone) => return closed(Closed::NotFound),
            Err(ReachError::Refused(error)) => return closed(refused(&error, language)),
            Err(ReachError::Unavailable(error)) => return Err(error.into()),
        };
        let document = match documents::notice::document(&in_hand.notice) {
            Ok(noticed) => noticed.document,
            Err(error) => return closed(refused(&error, language)),
        };
        let name = documents::notice::file_name(&in_hand.notice, Some(&in_hand.service));
        let printable = Printable::Notice(Box::new(in_hand.notice));
        let view = shown(
            &document,
            name.unwrap_or_else(|| "avviso.pdf".to_owned()),
            &printable,
        )?;
        Ok(NoticeDocument::Shown(Box::new(view)))
    }

    fn refused(error: &documents::notice::NoticeError, language: Language) -> Closed {
        Closed::Refused(match language {
            Language::Italian => error.italian(),
            Language::English => error.to_string(),
        })
    }

    pub(super) async fn prove(
        services: &Services,
        institution: &CreditorFiscalCode,
        number: &NoticeNumber,
        proof: &str,
        language: Language,
        from: IpAddr,
    ) -> Result<DocumentLink, ProofProblem> {
        if proof.trim().is_empty() {
            return Err(ProofProblem::Proof);
        }
        let language = language.pick(documents::Language::It, documents::Language::En);
        services::documents::access::prove_notice(services, institution, number, proof, language, from)
            .await
            .map(link)
            .map_err(|error| match error {
                NoticeProofError::NotOpened => ProofProblem::NotOpened,
                NoticeProofError::TooMany(_) => ProofProblem::TooMany,
                NoticeProofError::Unavailable(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "notices cannot be read");
                    ProofProblem::Unavailable
                }
            })
    }

    fn link(signature: Signature) -> DocumentLink {
        DocumentLink {
            expires: signature.expires,
            signature: signature.text,
        }
    }

    /// A link to the document of a notice for whoever has just made it, with data of their own.
    pub(in crate::api) async fn link_for_its_maker(
        services: &Services,
        key: &NoticeKey,
    ) -> Result<DocumentLink, Unavailable> {
        let document = notice_key(&key.institution, &key.number);
        match make_link(services, &document, services.documents.link_lasts).await {
            Ok(signature) => Ok(link(signature)),
            Err(ReachError::Unavailable(error)) => Err(error),
            // It was made a moment ago.
            Err(
                ReachError::NotFound
                | ReachError::Link(_)
                | ReachError::Refused(_)
                | ReachError::OriginalGone,
            ) => Ok(DocumentLink::default()),
        }
    }

    pub(super) fn address(
        institution: CreditorFiscalCode,
        number: NoticeNumber,
        link: DocumentLink,
        language: Language,
    ) -> String {
        let key = NoticeKey { institution, number };
        Page::NoticeDocument { key, link }.address(language)
    }

    /// The notice with the form in it; the proof is personal and never enters an address.
    pub(super) fn back_to_notice(
        institution: CreditorFiscalCode,
        number: NoticeNumber,
        problem: ProofProblem,
        language: Language,
    ) -> String {
        let key = NoticeKey { institution, number };
        let notice = Page::Notice { key, printed: None }.address(language);
        let name = language.pick("problema", "problem");
        format!("{notice}?{name}={}", problem.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_without_a_document_says_that_all_is_well() {
        let refused = Closed::Refused(String::new());
        for closed in [Closed::Forged, Closed::Expired, Closed::NotFound, refused] {
            assert!((400..500).contains(&closed.status()), "{closed:?}");
        }
    }
}
