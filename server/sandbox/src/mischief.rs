//! Faults and delays that can be switched on, to see how an institution bears them.

use crate::choice::choice;
use crate::product::Product;
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
    /// Receipts are kept and never sent: only the receipts service tells them.
    pub lose_receipt: bool,
    /// What is wrong with each receipt sent.
    pub receipt: ReceiptMischief,
    /// How the flows of the days that end are told.
    pub flow: FlowMischief,
    /// What the gateway in front of the hub's services does.
    pub gateway: GatewayMischief,
    /// The service it happens to; left out, every one.
    pub gateway_product: Option<Product>,
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
            lose_receipt: false,
            receipt: ReceiptMischief::None,
            flow: FlowMischief::None,
            gateway: GatewayMischief::None,
            gateway_product: None,
        }
    }
}

impl Mischief {
    /// Whether the numbers are within their limits.
    pub(crate) const fn is_within_limits(&self) -> bool {
        self.delay_ms <= 60_000 && self.receipt_delay_ms <= 600_000 && matches!(self.receipt_copies, 1..=5)
    }
}

choice! {
    /// What happens to a cart being opened.
    #[derive(Default)]
    pub enum CartMischief {
        /// Nothing: it is opened.
        #[default]
        None => "none",
        /// Status 422, as when a notice does not verify; the station is not asked.
        Refused => "refused",
        /// Status 401: the subscription key is not accepted.
        Unauthorised => "unauthorised",
        /// Status 429: too many calls.
        TooManyRequests => "too_many_requests",
        /// Status 500 with a problem.
        ServerError => "server_error",
        /// Status 503 with a page of the gateway.
        Unavailable => "unavailable",
        /// No answer for a minute.
        Silent => "silent",
        /// A redirect without an address.
        NoLocation => "no_location",
        /// A redirect to another site.
        ForeignLocation => "foreign_location",
        /// Status 200 with a page.
        Rubbish => "rubbish",
    }
}

choice! {
    /// What is wrong with each receipt sent.
    #[derive(Default)]
    pub enum ReceiptMischief {
        /// Nothing.
        #[default]
        None => "none",
        /// The amount is one cent more, in its first part too.
        OtherAmount => "other_amount",
        /// It is for an institution the station does not serve.
        OtherInstitution => "other_institution",
        /// Its notice was never issued.
        UnknownNotice => "unknown_notice",
        /// The envelope has no header. The station must take it.
        NoHeader => "no_header",
        /// The message ends in its middle. The station must not take it.
        CutXml => "cut_xml",
        /// The message comes a few bytes at a time, within the hub's patience.
        SlowBytes => "slow_bytes",
        /// Of two receipts the second goes first: the first waits for it.
        OutOfOrder => "out_of_order",
    }
}

choice! {
    /// How a flow is told.
    #[derive(Default)]
    pub enum FlowMischief {
        /// As it is.
        #[default]
        None => "none",
        /// Its first line is left out.
        MissingLine => "missing_line",
        /// Its first line has code 9: paid without a request.
        Code9 => "code_9",
        /// Its first line has code 8: stand-in, without a request.
        Code8 => "code_8",
        /// Its first line has code 4: paid in stand-in.
        Code4 => "code_4",
        /// Its first line has code 3: revoked.
        Code3 => "code_3",
        /// Its total is one cent more than its lines.
        WrongTotal => "wrong_total",
        /// Its first line is one cent less.
        OtherAmount => "other_amount",
        /// It has one more line that belongs to nobody.
        UnknownLine => "unknown_line",
        /// A first revision lacks a line, or a cent; a second one is right.
        TwoRevisions => "two_revisions",
    }
}

choice! {
    /// What the gateway in front of the hub's services does.
    #[derive(Default)]
    pub enum GatewayMischief {
        /// It lets calls through.
        #[default]
        None => "none",
        /// The connection ends without an answer.
        Unreachable => "unreachable",
        /// Status 500.
        ServerError => "server_error",
        /// An answer after twenty seconds.
        Slow => "slow",
        /// Status 401, whatever the key.
        KeyRefused => "key_refused",
        /// Status 429, with a time to wait.
        TooManyRequests => "too_many_requests",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_one_name_everywhere() {
        for &kind in CartMischief::ALL {
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
