//! What each page needs from the server, asked for in one place.

use crate::Language;
use crate::address::Page;
use crate::api::PortalError;
use crate::api::catalogue::{ServiceSummary, list_services};
use crate::api::documents::{DocumentView, NoticeDocument, find_notice_document};
use crate::api::notices::{NoticePage, NoticeSummary, find_by_number, find_by_reference, find_details};
use crate::api::payments::{OutcomePage, find_outcome, look_at_cart};
use crate::api::receipts::find_receipt;
use domain::citizen_code::{Verdict, read};
use serde::{Deserialize, Serialize};

/// The data of a page: one type for all of them, so that the browser carries the machinery around it once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum PageData {
    /// Nothing to ask for.
    None,
    /// The services.
    Services(Vec<ServiceSummary>),
    /// The notices with a code.
    Found(Vec<NoticeSummary>),
    /// A notice.
    Notice(Option<Box<NoticePage>>),
    /// The notices of a payment, in its order.
    Cart(Vec<Option<NoticePage>>),
    /// What became of a payment.
    Outcome(Option<OutcomePage>),
    /// A receipt.
    Receipt(Option<Box<DocumentView>>),
    /// A notice to print.
    NoticeDocument(NoticeDocument),
}

/// Asks for the data of a page.
pub(super) async fn load(page: Option<Page>, language: Language) -> Result<PageData, PortalError> {
    Ok(match page {
        None
        | Some(Page::FindReceipt { .. } | Page::Document(_) | Page::Rates(_) | Page::Calculator { .. }) => {
            PageData::None
        }
        Some(Page::Services(_)) => PageData::Services(list_services(language).await?),
        // The form works without the list.
        Some(Page::Home) => PageData::Services(list_services(language).await.unwrap_or_default()),
        Some(Page::Search { text, .. }) => PageData::Found(find(&text).await?),
        Some(Page::Notice { key, .. }) => PageData::Notice(
            find_details(key.institution, key.number, language)
                .await?
                .map(Box::new),
        ),
        Some(Page::NoticeDocument { key, link }) => {
            PageData::NoticeDocument(find_notice_document(key.institution, key.number, link, language).await?)
        }
        Some(Page::Cart(cart)) if cart.notices().is_empty() => PageData::Cart(Vec::new()),
        Some(Page::Cart(cart)) => PageData::Cart(look_at_cart(cart.written(), language).await?),
        Some(Page::Outcome(token)) => PageData::Outcome(find_outcome(token).await?),
        Some(Page::Receipt(token)) => PageData::Receipt(find_receipt(token, language).await?.map(Box::new)),
    })
}

/// Asks the archive, when the text can be a code at all. The browser judges the text by itself.
async fn find(text: &str) -> Result<Vec<NoticeSummary>, PortalError> {
    match read(text) {
        Verdict::NoticeNumber {
            number, institution, ..
        } => {
            let mut notices = find_by_number(number).await?;
            if let Some(institution) = institution {
                notices.retain(|notice| notice.institution == institution);
            }
            Ok(notices)
        }
        Verdict::Iuv(iuv) => find_by_reference(iuv).await,
        Verdict::Correction { .. } | Verdict::Refused(_) => Ok(Vec::new()),
    }
}
