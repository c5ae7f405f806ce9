//! The counter: release a notice, print it again, say how a payment stands, by whatever the citizen has.
//!
//! `debts`, `notices` and `receipts` take the same keys and are about one debt, or about a person's; `people` adds a person's
//! debts up.

use crate::answers::{Always, OfBody, OfOne, OfQuery};
use crate::extract::{Body, Path, Query, Under};
use crate::page::Page;
use crate::problem::Code;
use crate::{ApiState, Authenticated, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use domain::application::Scope;
use domain::service::Service;
use serde::{Deserialize, Serialize};
use services::counter::{
    Asking, Debt, DebtKey, PersonSummary, Release, Released, TakenReceipt, Verification, find_debts, release,
    services_at, summarise, verify,
};
use services::positions::{NoticeCode, NoticeOfPosition, notice_pdf};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Documents drawn for one question, at most.
const DOCUMENTS_MAX: usize = 4;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(services_list))
        .routes(routes!(service))
        .routes(routes!(reprint, release_notice))
        .routes(routes!(debts))
        .routes(routes!(receipts))
        .routes(routes!(verification))
        .routes(routes!(summary))
}

/// What a debt is asked for by: `key` or `notice`, alone or with the person it must be of; or `person` alone.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Keys {
    /// Fiscal code of who owes.
    #[param(pattern = "^[0-9A-Za-z]{7,16}$")]
    person: Option<String>,
    /// The key of the office's program.
    #[param(min_length = 1, max_length = 60)]
    key: Option<String>,
    /// A notice's number or payment reference.
    #[param(min_length = 1, max_length = 35)]
    notice: Option<String>,
    /// Code of the service, when only its debts are asked for.
    service: Option<String>,
    /// Whether the program is asked what is due today (`attualizza`).
    #[serde(default)]
    update: bool,
    /// Of notices: whether their documents come too, at most four (`pdf`).
    #[serde(default)]
    pdf: bool,
    /// Of receipts: whether only those that paid something come.
    #[serde(default)]
    only_positive: bool,
}

impl Keys {
    fn asking(&self) -> Result<Asking, Problem> {
        let by = match (&self.key, &self.notice, &self.person) {
            (Some(key), None, _) => DebtKey::Key(super::positions::key_in(key.clone())?),
            (None, Some(code), _) => DebtKey::Notice(NoticeCode::parse(code.trim()).ok_or(Code::NotFound)?),
            (None, None, Some(_)) => DebtKey::Person,
            (Some(_), Some(_), _) | (None, None, None) => {
                return Err(Problem::of(Code::RefusedQuery).about("key | notice | person"));
            }
        };
        Ok(Asking {
            person: self.person.as_deref().map(person_in).transpose()?,
            by,
            service: self.service.clone(),
            update: self.update,
        })
    }
}

/// A fiscal code as it stands in an address.
fn person_in(text: &str) -> Result<String, Problem> {
    let is_code = (7..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_code {
        Ok(text.to_owned())
    } else {
        Err(Problem::of(Code::MalformedQuery).about("person"))
    }
}

/// A service whose notices are released at the counter.
#[derive(Serialize, ToSchema)]
struct CounterService {
    /// Its code.
    code: String,
    /// Its name in Italian.
    name_it: String,
    /// Its name in English.
    name_en: String,
    /// Taxonomy category.
    category: String,
    /// The office that answers for it.
    office: String,
    /// Whether new notices can be released.
    active: bool,
}

impl From<&Service> for CounterService {
    fn from(service: &Service) -> Self {
        Self {
            code: service.code.clone(),
            name_it: service.name_it.clone(),
            name_en: service.name_en.clone(),
            category: service.category.to_string(),
            office: service.office_name.clone(),
            active: service.active,
        }
    }
}

/// List the services of the counter.
#[utoipa::path(
    get,
    operation_id = "list_counter_services",
    path = "/counter/services",
    tag = "Counter",
    security(("token" = ["counter:use"]), ("application" = ["counter:use"])),
    extensions(("x-it" = json!("I servizi (tipi di entrata) dello sportello."))),
    responses((status = 200, description = "The services, by code.", body = Page<CounterService>), Always)
)]
async fn services_list(
    State(state): State<ApiState>,
    caller: Authenticated,
) -> Result<Json<Page<CounterService>>, Problem> {
    let services = &state.services;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let items = services_at(&caller, &entries)?
        .into_iter()
        .map(Into::into)
        .collect();
    Ok(Json(Page { items, next: None }))
}

/// Read a service of the counter.
#[utoipa::path(
    get,
    operation_id = "read_counter_service",
    path = "/counter/services/{code}",
    tag = "Counter",
    security(("token" = ["counter:use"]), ("application" = ["counter:use"])),
    extensions(("x-it" = json!("Un servizio (tipo di entrata) dello sportello."))),
    params(("code" = String, Path, description = "Its code.", max_length = 40)),
    responses((status = 200, description = "The service.", body = CounterService), OfOne, Always)
)]
async fn service(
    State(state): State<ApiState>,
    caller: Authenticated,
    Path(code): Path<String>,
) -> Result<Json<CounterService>, Problem> {
    let services = &state.services;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let found = services_at(&caller, &entries)?
        .into_iter()
        .find(|service| service.code == code);
    Ok(Json(found.ok_or(Code::NotFound)?.into()))
}

/// Release a notice: number, payment reference, QR code and document in one call.
///
/// The same under the same `key`, or under the same `Idempotency-Key`, is the same notice.
#[utoipa::path(
    post,
    operation_id = "release_at_counter",
    path = "/counter/notices",
    tag = "Counter",
    security(("token" = ["counter:use"]), ("application" = ["counter:use"])),
    extensions(("x-it" = json!("Rilascia un avviso: numero, IUV, QR e PDF in una chiamata."))),
    params(Under),
    request_body = Release,
    responses(
        (status = 200, description = "The notice of before.", body = Released),
        (status = 201, description = "The new notice.", body = Released),
        OfBody,
        Always
    )
)]
async fn release_notice(
    State(state): State<ApiState>,
    caller: Authenticated,
    body: Body<Release>,
) -> Result<Response, Problem> {
    let released = release(&state.services, &caller, &body.content, body.idempotency.as_ref()).await?;
    let status = if released.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(released)).into_response())
}

/// Notices found again, with their documents when those were asked for.
#[derive(Serialize, ToSchema)]
struct Reprint {
    /// The notices: those left to be paid, in the order of their debts.
    items: Vec<NoticeOfPosition>,
    /// Their documents.
    documents: Vec<Printed>,
}

/// The document of a notice.
#[derive(Serialize, ToSchema)]
struct Printed {
    /// The notice.
    notice_number: String,
    /// The PDF, in base64.
    pdf: String,
}

/// Find notices again, to print them: by the program's key, by number or payment reference, by person.
#[utoipa::path(
    get,
    operation_id = "reprint_at_counter",
    path = "/counter/notices",
    tag = "Counter",
    security(("token" = ["counter:use"]), ("application" = ["counter:use"])),
    extensions(("x-it" = json!("Ristampa: gli avvisi per chiave, numero, IUV o persona."))),
    params(Keys),
    responses((status = 200, description = "The notices left to be paid.", body = Reprint), OfOne, OfQuery, Always)
)]
async fn reprint(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(keys): Query<Keys>,
) -> Result<Json<Reprint>, Problem> {
    let debts = find_debts(&state.services, &caller, &keys.asking()?).await?;
    let institution = caller.institution().as_str();
    let mut items = Vec::new();
    for debt in &debts {
        let position = &debt.position;
        let payable = position
            .options
            .iter()
            .flat_map(|option| &option.instalments)
            .filter(|notice| matches!(&*notice.state.code, "payable" | "not_yet_payable"));
        items.extend(payable.filter_map(|notice| position.notice(institution, &notice.notice_number)));
    }
    let mut documents = Vec::new();
    if keys.pdf {
        // A document is of a whole position: its first notice stands for it.
        let mut seen = std::collections::BTreeSet::new();
        let first = items
            .iter()
            .filter(|item| seen.insert(item.position_key.clone()))
            .take(DOCUMENTS_MAX);
        for item in first {
            let number = item.notice.notice_number.clone();
            let code = NoticeCode::parse(&number).ok_or(Code::Internal)?;
            let bytes = notice_pdf(&state.services, &caller, Scope::UseCounter, &code).await?;
            documents.push(Printed {
                notice_number: number,
                pdf: STANDARD.encode(bytes),
            });
        }
    }
    Ok(Json(Reprint { items, documents }))
}

/// Find debts: one by a key of its own, or a person's, of one service or of all.
///
/// A debt that was replaced leads to the one in its place.
#[utoipa::path(
    get,
    operation_id = "list_counter_debts",
    path = "/counter/debts",
    tag = "Counter",
    security(("token" = ["counter:use"]), ("application" = ["counter:use"])),
    extensions(("x-it" = json!("I debiti, per chiave, avviso, IUV o persona; con update l'importo di oggi."))),
    params(Keys),
    responses((status = 200, description = "The debts.", body = Page<Debt>), OfOne, OfQuery, Always)
)]
async fn debts(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(keys): Query<Keys>,
) -> Result<Json<Page<Debt>>, Problem> {
    let items = find_debts(&state.services, &caller, &keys.asking()?).await?;
    Ok(Json(Page { items, next: None }))
}

/// Find the receipts of debts.
#[utoipa::path(
    get,
    operation_id = "list_counter_receipts",
    path = "/counter/receipts",
    tag = "Counter",
    security(("token" = ["counter:use"]), ("application" = ["counter:use"])),
    extensions(("x-it" = json!("Le ricevute dei debiti, con only_positive solo gli esiti positivi."))),
    params(Keys),
    responses((status = 200, description = "The receipts.", body = Page<TakenReceipt>), OfOne, OfQuery, Always)
)]
async fn receipts(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(keys): Query<Keys>,
) -> Result<Json<Page<TakenReceipt>>, Problem> {
    let verified = verify(&state.services, &caller, &keys.asking()?, keys.only_positive).await?;
    let items = verified
        .into_iter()
        .flat_map(|verification| verification.receipts)
        .collect();
    Ok(Json(Page { items, next: None }))
}

/// Say how a citizen's payment stands, in plain words, with all that is known of it.
#[utoipa::path(
    get,
    operation_id = "verify_at_counter",
    path = "/counter/verification",
    tag = "Counter",
    security(("token" = ["counter:use"]), ("application" = ["counter:use"])),
    extensions(("x-it" = json!("Come sta un pagamento, in parole semplici, con tutta la sua storia."))),
    params(Keys),
    responses((status = 200, description = "The debts, each with its story.", body = Page<Verification>), OfOne, OfQuery, Always)
)]
async fn verification(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(keys): Query<Keys>,
) -> Result<Json<Page<Verification>>, Problem> {
    let items = verify(&state.services, &caller, &keys.asking()?, keys.only_positive).await?;
    Ok(Json(Page { items, next: None }))
}

/// Whose debts are added up, and of which days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Summed {
    /// Fiscal code of who owes.
    #[param(pattern = "^[0-9A-Za-z]{7,16}$")]
    person: String,
    /// First day: due dates, or days of coming of debts that have none.
    from: NaiveDate,
    /// Last day.
    to: NaiveDate,
    /// Whether only what is still to be paid counts.
    #[serde(default)]
    only_unpaid: bool,
}

/// Add up what a person owes and paid, service by service.
#[utoipa::path(
    get,
    operation_id = "summarise_person",
    path = "/counter/people/summary",
    tag = "Counter",
    security(("token" = ["counter:use"]), ("application" = ["counter:use"])),
    extensions(("x-it" = json!("Quanto deve e ha pagato una persona, servizio per servizio."))),
    params(Summed),
    responses((status = 200, description = "The sums.", body = PersonSummary), OfQuery, Always)
)]
async fn summary(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(asked): Query<Summed>,
) -> Result<Json<PersonSummary>, Problem> {
    let person = person_in(&asked.person)?;
    let days = (asked.from, asked.to);
    Ok(Json(
        summarise(&state.services, &caller, &person, days, asked.only_unpaid).await?,
    ))
}
