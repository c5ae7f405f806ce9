//! The hub's services, as its gateway tells them apart: each has its own key, limit and published interface.

use crate::choice::choice;
use std::time::Duration;

choice! {
    /// A service behind the hub's gateway.
    #[derive(Hash)]
    pub enum Product {
        /// Carts of the payment page, second edition.
        Checkout => "checkout",
        /// Carts of the payment page, first edition.
        CheckoutV1 => "checkout_v1",
        /// The archive that stands in for a station, one position at a time.
        Aca => "aca",
        /// The managed service, one position at a time.
        Gpd => "gpd",
        /// The archive, by file.
        AcaBulk => "aca_bulk",
        /// The managed service, by file.
        GpdBulk => "gpd_bulk",
        /// Flow reports.
        Flows => "flows",
        /// Receipts.
        Receipts => "receipts",
    }
}

impl Product {
    /// Whether it opens carts, which go into the journal by themselves.
    pub(crate) const fn opens_carts(self) -> bool {
        matches!(self, Self::Checkout | Self::CheckoutV1)
    }

    /// Where it is.
    pub(crate) const fn base(self) -> &'static str {
        match self {
            Self::Checkout => "/checkout/ec/v2",
            Self::CheckoutV1 => "/checkout/ec/v1",
            Self::Aca => "/aca/debt-positions-service/v1",
            Self::Gpd => "/gpd/debt-positions-service/v1",
            Self::AcaBulk => "/upload/aca/debt-positions-service/v2",
            Self::GpdBulk => "/upload/gpd/debt-positions-service/v2",
            Self::Flows => "/fdr-org/service/v1",
            Self::Receipts => "/bizevents/service/v1",
        }
    }

    /// Its published interface, below the folder of them all.
    pub(crate) const fn openapi_file(self) -> &'static str {
        match self {
            Self::Checkout => "checkout/checkout_v2.json",
            Self::CheckoutV1 => "checkout/checkout_v1.json",
            Self::Aca => "aca/gpd-4-aca.json",
            Self::Gpd => "gpd/gpd.json",
            Self::AcaBulk => "aca/gpd-4-aca_massive_v2.json",
            Self::GpdBulk => "gpd/gpd_massive_v2.json",
            Self::Flows => "fdr/fdr_organization.json",
            Self::Receipts => "receipts/biz_events.json",
        }
    }

    /// How many calls, and in how long.
    pub(crate) const fn limit(self, is_read: bool) -> (usize, Duration) {
        match self {
            Self::Checkout | Self::CheckoutV1 => (150, Duration::from_secs(10)),
            Self::Aca | Self::Gpd => (450, Duration::from_secs(10)),
            // A file's fate may be asked ten times a second, a file sent once.
            Self::AcaBulk | Self::GpdBulk if is_read => (10, Duration::from_secs(1)),
            Self::AcaBulk | Self::GpdBulk | Self::Flows => (1, Duration::from_secs(1)),
            Self::Receipts => (10, Duration::from_secs(3_600)),
        }
    }

    /// The largest body it takes, in bytes.
    pub(crate) const fn max_body(self) -> usize {
        match self {
            Self::Checkout | Self::CheckoutV1 | Self::Flows | Self::Receipts => 64 * 1024,
            Self::Aca | Self::Gpd => 1024 * 1024,
            Self::AcaBulk | Self::GpdBulk => crate::archive::MAX_BULK_BODY_BYTES,
        }
    }
}
