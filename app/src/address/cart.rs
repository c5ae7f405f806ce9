//! The notices of a payment to begin, as addresses carry them.

use domain::{CreditorFiscalCode, NoticeNumber};
use leptos_router::params::ParamsMap;

/// Most notices in one payment: what the hub takes in one cart.
pub const CART_MAX: usize = 5;

/// A notice by its institution and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeKey {
    /// The institution that issued it.
    pub institution: CreditorFiscalCode,
    /// Its number.
    pub number: NoticeNumber,
}

impl NoticeKey {
    /// Reads what [`NoticeKey::written`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (institution, number) = text.split_once('-')?;
        Some(Self {
            institution: CreditorFiscalCode::parse(institution).ok()?,
            number: NoticeNumber::parse(number).ok()?,
        })
    }

    /// `<institution>-<number>`, as carts carry it.
    pub fn written(&self) -> String {
        [self.institution.as_str(), self.number.as_str()].join("-")
    }
}

/// The notices of a payment to begin: at most [`CART_MAX`], each once, in the citizen's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CartNotices(Vec<NoticeKey>);

impl CartNotices {
    /// Reads a query: every `avviso` or `notice`. What is not a notice, is there twice or is too much is left out.
    pub fn from_query(query: &ParamsMap) -> Self {
        let mut cart = Self::default();
        for key in ["avviso", "notice"] {
            for text in query.get_all(key).unwrap_or_default() {
                if let Some(notice) = NoticeKey::parse(&text) {
                    cart.add(notice);
                }
            }
        }
        cart
    }

    /// Reads what [`CartNotices::written`] writes.
    pub fn parse(text: &str) -> Self {
        let mut cart = Self::default();
        for notice in text.split(',').filter_map(NoticeKey::parse) {
            cart.add(notice);
        }
        cart
    }

    /// `<institution>-<number>,…`, for a form.
    pub fn written(&self) -> String {
        self.0
            .iter()
            .map(NoticeKey::written)
            .collect::<Vec<_>>()
            .join(",")
    }

    /// Adds a notice at the end. Says whether it is in the cart now.
    pub fn add(&mut self, notice: NoticeKey) -> bool {
        if self.0.contains(&notice) {
            return true;
        }
        let room = !self.is_full();
        if room {
            self.0.push(notice);
        }
        room
    }

    /// The cart without the notice at this place.
    #[must_use]
    pub fn without(&self, place: usize) -> Self {
        let mut rest = self.clone();
        rest.0.remove(place);
        rest
    }

    /// The notices.
    pub fn notices(&self) -> &[NoticeKey] {
        &self.0
    }

    /// Whether no other notice fits.
    pub fn is_full(&self) -> bool {
        self.0.len() >= CART_MAX
    }
}
