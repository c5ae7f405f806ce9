//! Faults and delays that can be switched on, to see how an institution bears them.

use serde::{Deserialize, Serialize};

/// What goes wrong from now on. Members left out are as in peace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mischief {
    /// What happens to a cart being opened.
    pub cart: CartMischief,
    /// Milliseconds before a cart is answered, at most 60000.
    pub delay_ms: u64,
    /// Milliseconds between a payment and its receipt, at most 600000.
    pub receipt_delay_ms: u64,
    /// How many times each receipt is delivered, 1 to 5.
    pub receipt_copies: u8,
    /// Receipts say that the hub answered in the institution's place.
    pub stand_in: bool,
    /// A notice paid already can be paid again, as when two providers do not see each other.
    pub pay_twice: bool,
}

impl Default for Mischief {
    fn default() -> Self {
        Self {
            cart: CartMischief::None,
            delay_ms: 0,
            receipt_delay_ms: 0,
            receipt_copies: 1,
            stand_in: false,
            pay_twice: false,
        }
    }
}

impl Mischief {
    /// Whether the numbers are within their limits.
    pub(crate) const fn is_within_limits(&self) -> bool {
        self.delay_ms <= 60_000 && self.receipt_delay_ms <= 600_000 && matches!(self.receipt_copies, 1..=5)
    }
}

/// What happens to a cart being opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CartMischief {
    /// Nothing: it is opened.
    #[default]
    None,
    /// Status 422, as when a notice does not verify; the station is not asked.
    Refused,
    /// Status 401: the subscription key is not accepted.
    Unauthorised,
    /// Status 429: too many calls.
    TooManyRequests,
    /// Status 500 with a problem.
    ServerError,
    /// Status 503 with a page of the gateway.
    Unavailable,
    /// No answer for a minute.
    Silent,
    /// A redirect without an address.
    NoLocation,
    /// A redirect to another site.
    ForeignLocation,
    /// Status 200 with a page.
    Rubbish,
}

impl CartMischief {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::Refused,
        Self::Unauthorised,
        Self::TooManyRequests,
        Self::ServerError,
        Self::Unavailable,
        Self::Silent,
        Self::NoLocation,
        Self::ForeignLocation,
        Self::Rubbish,
    ];

    /// The name in JSON and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Refused => "refused",
            Self::Unauthorised => "unauthorised",
            Self::TooManyRequests => "too_many_requests",
            Self::ServerError => "server_error",
            Self::Unavailable => "unavailable",
            Self::Silent => "silent",
            Self::NoLocation => "no_location",
            Self::ForeignLocation => "foreign_location",
            Self::Rubbish => "rubbish",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_one_name_everywhere() {
        for kind in CartMischief::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn the_limits_hold_on_both_sides() {
        let peace = Mischief::default();
        assert!(peace.is_within_limits());
        assert!(
            Mischief {
                delay_ms: 60_000,
                receipt_delay_ms: 600_000,
                receipt_copies: 5,
                ..peace
            }
            .is_within_limits()
        );
        assert!(
            !Mischief {
                delay_ms: 60_001,
                ..peace
            }
            .is_within_limits()
        );
        assert!(
            !Mischief {
                receipt_delay_ms: 600_001,
                ..peace
            }
            .is_within_limits()
        );
        assert!(
            !Mischief {
                receipt_copies: 6,
                ..peace
            }
            .is_within_limits()
        );
        assert!(
            !Mischief {
                receipt_copies: 0,
                ..peace
            }
            .is_within_limits()
        );
    }
}
