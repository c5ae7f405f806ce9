//! Money in the JSON of the services that write it in euros.

use domain::Cents;
use serde_json::Number;

/// An amount as a decimal number of euros: two decimals survive a double up to the largest amount of the hub.
pub(crate) fn decimal(amount: Cents) -> Option<Number> {
    amount.to_wire().parse().ok().and_then(Number::from_f64)
}
