//! Every statement is declared in a `statements!` list, so that a test can prepare all of them on both engines.

/// A statement as the tests see it.
#[cfg(feature = "testing")]
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// Name of its constant.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

/// Declares constants of SQL and lists them in `STATEMENTS`. The name of one that only one engine understands ends in
/// `_ON_POSTGRES` or `_ON_SQLITE`.
macro_rules! statements {
    ($($(#[$attribute:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$attribute])* const $name: &str = $sql;)+
        #[cfg(feature = "testing")]
        pub(crate) const STATEMENTS: &[crate::statements::Statement] =
            &[$(crate::statements::Statement { name: stringify!($name), sql: $name },)+];
    };
}
pub(crate) use statements;

/// Every statement.
#[cfg(feature = "testing")]
pub fn all() -> impl Iterator<Item = Statement> {
    [
        crate::amount_answers::STATEMENTS,
        crate::applications::STATEMENTS,
        crate::audit::STATEMENTS,
        crate::carts::STATEMENTS,
        crate::cases::STATEMENTS,
        crate::debt_positions::amendments::STATEMENTS,
        crate::debt_positions::many::STATEMENTS,
        crate::debt_positions::notices::STATEMENTS,
        crate::debt_positions::positions::STATEMENTS,
        crate::debt_positions::search::STATEMENTS,
        crate::debt_positions::transfers::STATEMENTS,
        crate::document_accesses::STATEMENTS,
        crate::engine::STATEMENTS,
        crate::fee_quotes::STATEMENTS,
        crate::flow_reports::STATEMENTS,
        crate::idempotent_requests::STATEMENTS,
        crate::imports::STATEMENTS,
        crate::imprints::STATEMENTS,
        crate::institutions::STATEMENTS,
        crate::jobs::STATEMENTS,
        crate::messages::STATEMENTS,
        crate::notice_numbers::STATEMENTS,
        crate::position_feed::STATEMENTS,
        crate::print_batches::STATEMENTS,
        crate::ratings::STATEMENTS,
        crate::receipt_requests::STATEMENTS,
        crate::receipts::STATEMENTS,
        crate::schema::STATEMENTS,
        crate::service_catalogue::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
    .chain(crate::outcomes::statements())
}
