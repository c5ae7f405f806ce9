//! Whether the hub's products answer us: a question to each that changes nothing.

use crate::Services;
use crate::hub::HubError;
use crate::message_log::About;
use chrono::Duration;
use domain::{CreditorInstitution, ReceiptId};
use pagopa::gateway::{Call, Method, Product};
use pagopa::{debt_positions, flow_reports, receipts};

/// What nobody has: a question about it is answered that there is no such thing.
const NOBODYS: &str = "probe";

/// What a probe met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probed {
    /// HTTP status of the answer.
    pub status: u16,
    /// Whether it shows that the product works and takes our key: any answer but trouble of its own does, as what is
    /// asked about need not exist.
    pub works: bool,
}

/// Asks a product something in the name of an institution. A probe of [`Product::Receipts`] is one of the ten questions
/// an hour the hub allows.
pub async fn probe_product(
    services: &Services,
    product: Product,
    institution: &CreditorInstitution,
) -> Result<Probed, HubError> {
    let about = About {
        institution: Some(institution.fiscal_code.to_string()),
        ..About::default()
    };
    let call = question(services, product, institution);
    let reply = services.hub.call(product, &call, &about).await?.reply;
    Ok(Probed {
        status: reply.status,
        works: reply.status < 500 && reply.status != 403,
    })
}

fn question(services: &Services, product: Product, institution: &CreditorInstitution) -> Call {
    let code = &institution.fiscal_code;
    match product {
        // Carts can only be opened: what is asked here is not offered, which says that somebody is there.
        Product::Checkout => Call::new("probe", Method::GET, ["v2", "carts"]),
        Product::Aca | Product::Gpd => debt_positions::list(code, 0),
        Product::AcaBulk | Product::GpdBulk => debt_positions::report(&institution.broker, code, NOBODYS),
        Product::FlowReports => flow_reports::list_call(code, services.clock.now() - Duration::days(1), 1),
        Product::Receipts => {
            let id = ReceiptId::parse(NOBODYS).expect("a word is a receipt id");
            receipts::receipt_call(code, &id, None)
        }
    }
}
