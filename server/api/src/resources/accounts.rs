//! The accounts positions may name, by key. Their numbers are not told: whoever could read them could write them elsewhere.

use crate::answers::Always;
use crate::etag::tagged;
use crate::page::Page;
use crate::{ApiState, Authenticated, Problem};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::Iban;
use domain::account::Credit;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// An account.
#[derive(Serialize, ToSchema)]
struct Account {
    /// Its key, as positions name it.
    #[schema(example = "TRIBUTI")]
    key: String,
    /// Fiscal code of the institution the money goes to.
    #[schema(example = "00856930102")]
    beneficiary: String,
    /// Its name, where it is served here.
    beneficiary_name: Option<String>,
    /// Its IBAN, all but country and last digits hidden; absent for stamp duties.
    #[schema(example = "IT*********************3456")]
    iban: Option<String>,
    /// Whether there is a postal account too.
    postal: bool,
    /// The stamp duty bought with it.
    stamp: Option<Stamp>,
}

/// A stamp duty.
#[derive(Serialize, ToSchema)]
struct Stamp {
    /// What one costs, in cents.
    #[schema(example = 1600)]
    amount: i64,
    /// Province of the office that asks for it.
    #[schema(example = "GE")]
    province: String,
}

/// List the accounts the institution's positions may name.
#[utoipa::path(
    get,
    path = "/accounts",
    operation_id = "list_accounts",
    tag = "Institution",
    security(("token" = []), ("application" = [])),
    extensions(("x-it" = json!("I conti che le posizioni dell'ente possono indicare."))),
    responses(
        (status = 200, description = "The accounts, by key.", body = Page<Account>),
        (status = 304, description = "They are as they were."),
        Always
    )
)]
async fn list(
    State(state): State<ApiState>,
    caller: Authenticated,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let services = &state.services;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let accounts = services.tariffs.accounts(caller.institution());
    let shown = Page {
        items: accounts
            .map(|account| {
                let (iban, postal, stamp) = match &account.credit {
                    Credit::Iban { iban, postal_iban } => (Some(masked(iban)), postal_iban.is_some(), None),
                    Credit::Stamp { amount, province } => {
                        let stamp = Stamp {
                            amount: amount.as_i64(),
                            province: province.clone(),
                        };
                        (None, false, Some(stamp))
                    }
                };
                Account {
                    key: account.key.clone(),
                    beneficiary: account.beneficiary.to_string(),
                    beneficiary_name: entries
                        .institution(&account.beneficiary)
                        .map(|served| served.name.clone()),
                    iban,
                    postal,
                    stamp,
                }
            })
            .collect(),
        next: None,
    };
    tagged(&headers, None, &shown)
}

fn masked(iban: &Iban) -> String {
    let text = iban.as_str();
    let shown = |place: usize| place < 2 || place + 4 >= text.len();
    text.char_indices()
        .map(|(place, letter)| if shown(place) { letter } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_iban_country_and_end_are_shown() {
        let iban = "IT60X0542811101000000123456".parse().unwrap();
        assert_eq!(masked(&iban), "IT*********************3456");
    }
}
