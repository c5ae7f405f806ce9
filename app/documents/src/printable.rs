//! What a server hands to whoever draws: a program in the browser, a printing service.

use crate::notice::NoticeError;
use crate::{Document, Language, notice, receipt};
use serde::{Deserialize, Serialize};

/// The data of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Printable {
    /// A receipt, in this language.
    Receipt(Box<receipt::Receipt>, Language),
    /// A notice.
    Notice(Box<notice::Notice>),
}

impl Printable {
    /// The document.
    ///
    /// # Errors
    /// The data make no lawful notice.
    pub fn document(&self) -> Result<Document, NoticeError> {
        match self {
            Self::Receipt(receipt, language) => Ok(receipt::document(receipt, *language, None)),
            Self::Notice(notice) => Ok(notice::document(notice)?.document),
        }
    }
}
