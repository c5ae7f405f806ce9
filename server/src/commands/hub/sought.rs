//! Which messages a command is about, and going through them.

use super::super::{Unusable, look, the_only_institution};
use crate::cli::Sought;
use anyhow::Result;
use domain::{CreditorFiscalCode, Iuv, NoticeNumber, ReceiptId};
use services::Services;
use services::message_log::search;
use storage::messages::{MessageId, MessageSearch, MessageSubject, NewMessage};

/// A search that goes from page to page.
pub(super) struct Found {
    services: Services,
    pub(super) search: MessageSearch,
    after: Option<MessageId>,
    over: bool,
}

impl Found {
    /// Opens the archive for what was asked.
    pub(super) async fn open(sought: &Sought) -> Result<Self> {
        let subject = subject(sought)?;
        let given = sought
            .institution
            .as_deref()
            .map(CreditorFiscalCode::parse)
            .transpose()
            .map_err(|error| Unusable(error.to_string()))?;
        let services = look(&sought.archive.database).await?;
        let institution = match given {
            Some(institution) => institution,
            None => the_only_institution(&services).await?,
        };
        Ok(Self {
            services,
            search: MessageSearch {
                institution,
                subject,
                from: sought.from,
                until: sought.until,
            },
            after: None,
            over: false,
        })
    }

    /// The next messages; none when there are no more.
    pub(super) async fn page(&mut self) -> Result<Vec<NewMessage>> {
        if self.over {
            return Ok(Vec::new());
        }
        let page = search(&self.services, &self.search, self.after).await?;
        self.over = page.next.is_none();
        self.after = page.next;
        Ok(page.messages)
    }

    /// What was looked for, for people.
    pub(super) fn describe(&self) -> String {
        match &self.search.subject {
            MessageSubject::Notice(number) => format!("notice {number}"),
            MessageSubject::Iuv(iuv) => format!("payment reference {iuv}"),
            MessageSubject::Receipt(id) => format!("receipt {id}"),
        }
    }

    /// The moment of the command.
    pub(super) fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.services.clock.now()
    }
}

fn subject(sought: &Sought) -> Result<MessageSubject, Unusable> {
    let wanted = &sought.subject;
    let digits = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    if let Some(number) = &wanted.notice {
        return NoticeNumber::parse(&digits(number))
            .map(MessageSubject::Notice)
            .map_err(|error| Unusable(error.to_string()));
    }
    if let Some(iuv) = &wanted.iuv {
        return Iuv::parse(iuv)
            .map(MessageSubject::Iuv)
            .map_err(|error| Unusable(error.to_string()));
    }
    ReceiptId::parse(wanted.receipt.as_deref().unwrap_or_default())
        .map(MessageSubject::Receipt)
        .map_err(|error| Unusable(error.to_string()))
}
