//! A payment begun on our portal: up to five notices handed to the hub together.
//!
//! A cart never says that something is paid: only a receipt does. It remembers what was asked for, and how the
//! citizen's browser came back.

use crate::{Cents, CreditorFiscalCode, NoticeNumber};
use chrono::{DateTime, Utc};

/// Notices a citizen pays together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    /// Its unguessable reference, given by whoever creates it.
    pub token: String,
    /// Language of the pages it began on, two letters.
    pub language: String,
    /// Where the hub sends word of the payment, when given.
    pub email: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// How far it went.
    pub state: CartState,
    /// 1 to 5 notices, in the citizen's order.
    pub items: Vec<CartItem>,
}

/// A notice in a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartItem {
    /// The institution it belongs to.
    pub institution: CreditorFiscalCode,
    /// Its number.
    pub notice_number: NoticeNumber,
    /// What it asked when the payment began.
    pub amount: Cents,
}

/// How far a cart went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CartState {
    /// Kept here; the hub does not know it yet.
    Prepared,
    /// The hub opened it and the citizen was sent there.
    HandedOff {
        /// When.
        at: DateTime<Utc>,
        /// The address where the citizen pays.
        checkout_url: String,
    },
    /// The citizen's browser came back.
    Returned {
        /// What the hub said through the browser.
        outcome: ReturnOutcome,
        /// When.
        at: DateTime<Utc>,
    },
}

impl CartState {
    /// The name kept in storage.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::HandedOff { .. } => "handed_off",
            Self::Returned { .. } => "returned",
        }
    }
}

/// By which of the four addresses the browser came back. It chooses the words of a page, nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnOutcome {
    /// The hub says it was paid.
    Ok,
    /// The citizen gave up.
    Cancel,
    /// It went wrong.
    Error,
    /// The hub does not know yet.
    Waiting,
}

impl ReturnOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Cancel, Self::Error, Self::Waiting];

    /// The name kept in storage and in the address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Cancel => "cancel",
            Self::Error => "error",
            Self::Waiting => "waiting",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// Whether a text could be an e-mail address: something, one `@`, a host with a point; no spaces; at most 254
/// characters. Whether it is read by somebody only a message tells.
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else {
        return false;
    };
    let host_parts = || host.split('.');
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(|c| !c.is_whitespace() && !c.is_control())
        && host_parts().count() >= 2
        && host_parts().all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_host_with_a_point() {
        for right in [
            "anna.verdi@example.it",
            "a@b.it",
            "o'neil+tari@posta-certificata.example.it",
        ] {
            assert!(is_email(right), "{right}");
        }
        for wrong in [
            "",
            "anna",
            "@example.it",
            "anna@",
            "anna@example",
            "anna@.it",
            "a b@example.it",
            "a@b@c.it",
        ] {
            assert!(!is_email(wrong), "{wrong}");
        }
        let host = format!("a@{}.it", "b".repeat(249));
        assert!(is_email(&host));
        assert!(!is_email(&format!("a{host}")));
    }

    #[test]
    fn every_outcome_is_read_back() {
        for outcome in ReturnOutcome::ALL {
            assert_eq!(ReturnOutcome::parse(outcome.as_str()), Some(outcome));
        }
        assert_eq!(ReturnOutcome::parse("paid"), None);
    }
}
