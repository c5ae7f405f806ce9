//! A small city with a stopped clock and a hub that does as it is told.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::at_provider::{AtProvider, AtProviderKind};
use domain::debt_position::DebtPositionStatus;
use domain::receipt::{DuplicateReceipt, Psp, ReceiptDestination, ReceiptTransfer};
use domain::service::Service;
use domain::transfer::Destination;
use domain::{
    Cents, CreditorFiscalCode, CreditorInstitution, DebtPosition, Instalment, NoticeNumber, OptionKind,
    PaymentOption, Receipt, ReceiptId, Subject, SubjectKind, Transfer,
};
use pagopa::gateway::{Call, Product, Reply};
use services::Services;
use services::applications::Applications;
use services::clock::FrozenClock;
use services::directory::Directory;
use services::documents::Documents;
use services::documents::links::LinkKeys;
use services::hub::{Answered, Calling, HubError, HubGateway};
use services::hub_requests::Addressed;
use services::ids::RandomIds;
use services::imports::Imports;
use services::message_log::{About, MessageLog};
use services::notice_lookup::NoticeLookup;
use services::payments::Checkout;
use services::rate_limit::RateLimiter;
use services::receipts::{Taken, take_receipt};
use services::signing::SigningKeys;
use std::path::Path;
use std::sync::{Arc, Mutex};
use storage::messages::{Direction, MessageId, MessageKind, NewMessage};
use storage::testing::TestStore;
use storage::{Store, StoreOptions, debt_positions, institutions, service_catalogue};
use tempfile::TempDir;

pub(crate) const CITY: &str = "00856930102";
pub(crate) const MARIO: &str = "RSSMRA85T10A562S";

pub(crate) struct City {
    pub(crate) services: Services,
    pub(crate) clock: Arc<FrozenClock>,
    pub(crate) hub: Arc<ToldHub>,
    store: TestStore,
    /// Where volumes of notices are written.
    pub(crate) batches: TempDir,
}

pub(crate) const LINK_KEY: &str = "a key of links that is long enough";

pub(crate) fn documents(key: &str, previous: Option<&str>, batches: &Path) -> Documents {
    let keys = LinkKeys::new(key, previous).unwrap();
    Documents::new(keys, chrono::Duration::minutes(15), batches.to_owned())
}

/// Applications of servers that share one key.
fn applications() -> Applications {
    Applications::new(SigningKeys::new(LINK_KEY, None).unwrap())
}

/// Every engine at hand.
pub(crate) async fn cities() -> Vec<City> {
    let mut cities = vec![City::on(TestStore::sqlite().await).await];
    if let Some(store) = TestStore::postgres().await {
        cities.push(City::on(store).await);
    }
    cities
}

/// A hub that opens carts, or answers as told.
#[derive(Default)]
pub(crate) struct ToldHub {
    /// What is answered to every call, when it is not the redirect of a cart.
    pub(crate) answer: Mutex<Option<Result<Reply, HubError>>>,
    pub(crate) calls: Mutex<Vec<(Product, Call)>>,
}

impl ToldHub {
    /// The body of the last call.
    pub(crate) fn last_body(&self) -> serde_json::Value {
        let calls = self.calls.lock().unwrap();
        let (_, call) = calls.last().expect("the hub was called");
        serde_json::from_slice(call.bytes()).unwrap()
    }
}

/// An answer without words.
pub(crate) fn replied(status: u16, location: Option<&str>) -> Reply {
    Reply {
        status,
        location: location.map(str::to_owned),
        retry_after: None,
        is_json: false,
        body: Vec::new(),
    }
}

/// An answer of a hub that keeps no log.
pub(crate) fn kept_nowhere(reply: Reply) -> Answered {
    Answered {
        reply,
        message_id: MessageId([0; 16]),
    }
}

impl HubGateway for ToldHub {
    fn call<'a>(&'a self, product: Product, call: &'a Call, _: &'a About) -> Calling<'a> {
        self.calls.lock().unwrap().push((product, call.clone()));
        let redirect = replied(302, Some("https://checkout.example.it/c/1"));
        let answer = self.answer.lock().unwrap().clone();
        let answer = answer.unwrap_or(Ok(redirect)).map(kept_nowhere);
        Box::pin(std::future::ready(answer))
    }

    fn offers(&self, _: Product) -> bool {
        true
    }
}

/// The use cases over an archive, with files in a folder.
pub(crate) fn services_on(
    store: Store,
    clock: Arc<FrozenClock>,
    hub: Arc<ToldHub>,
    batches: &Path,
) -> Services {
    let (messages, _) = MessageLog::start(store.clone());
    Services {
        lookup: NoticeLookup::start(store.clone()),
        store,
        clock,
        ids: Arc::new(RandomIds),
        hub,
        checkout: Arc::new(Checkout {
            allowed_hosts: vec!["checkout.example.it".to_owned()],
            ..Checkout::default()
        }),
        messages,
        directory: Directory::default(),
        numbers: Arc::default(),
        imports: Arc::new(Imports {
            folder: batches.join("imports"),
            ..Imports::default()
        }),
        tariffs: Arc::default(),
        amounts: Arc::default(),
        limits: Arc::new(RateLimiter::default()),
        applications: applications(),
        documents: Arc::new(documents(LINK_KEY, None, batches)),
        outcomes: Arc::new(crate::outcomes::outcomes_calling(&[])),
        duplicate_receipt: DuplicateReceipt::default(),
        portal_url: Arc::from("https://servizi.example.it"),
    }
}

impl City {
    pub(crate) async fn on(store: TestStore) -> Self {
        let clock = Arc::new(FrozenClock::at("2026-11-23T09:00:00Z".parse().unwrap()));
        let hub = Arc::new(ToldHub::default());
        let batches = tempfile::tempdir().unwrap();
        let services = services_on((*store).clone(), clock.clone(), hub.clone(), batches.path());
        let mut tx = store.begin().await.unwrap();
        institutions::upsert_institution(&mut tx, &institution())
            .await
            .unwrap();
        let canone = AtProviderKind::CanoneUnico {
            istat_code: "010025".to_owned(),
            cadastral_code: "D969".to_owned(),
        };
        let amount = Cents::new(2221);
        let card = AtProviderKind::Cie { amount };
        for service in [
            service(),
            counter_service("canone-unico", "CANON", canone),
            counter_service("cie", "CARTA", card.clone()),
            Service {
                active: false,
                ..counter_service("chiuso", "CHIUS", card)
            },
        ] {
            service_catalogue::upsert_service(&mut tx, &service)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        Self {
            services,
            clock,
            hub,
            store,
            batches,
        }
    }

    /// The address of its archive.
    pub(crate) fn url(&self) -> &str {
        self.store.url()
    }

    /// A second server on the same archive, with connections and memory of its own.
    pub(crate) async fn another_server(&self) -> Services {
        let store = Store::connect(self.store.url(), StoreOptions::default())
            .await
            .unwrap();
        let (messages, _) = MessageLog::start(store.clone());
        Services {
            lookup: NoticeLookup::start(store.clone()),
            store,
            messages,
            directory: Directory::default(),
            numbers: Arc::default(),
            amounts: Arc::default(),
            limits: Arc::new(RateLimiter::default()),
            applications: applications(),
            ..self.services.clone()
        }
    }

    pub(crate) async fn owes(&self, position: &DebtPosition) {
        let mut tx = self.services.store.begin().await.unwrap();
        debt_positions::insert_position(&mut tx, position, self.services.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn status_of(&self, position: &DebtPosition) -> DebtPositionStatus {
        let mut snapshot = self.services.store.read().await.unwrap();
        let stored = debt_positions::find_position(&mut snapshot, &position.institution, &position.key)
            .await
            .unwrap();
        stored.unwrap().position.status
    }

    /// Delivers a receipt as the hub's endpoint does: stored, then taken.
    pub(crate) async fn deliver(&self, receipt: &Receipt) -> Taken {
        let id = record_message(&self.services, b"raw").await;
        let mut digest = [0; 32];
        digest[0] = u8::try_from(receipt.amount.as_i64() % 251).unwrap();
        take_receipt(&self.services, id, receipt, digest).await.unwrap()
    }
}

/// Stores a message of the hub, as its endpoint does before it reads it.
pub(crate) async fn record_message(services: &Services, body: &[u8]) -> MessageId {
    let at = services.clock.now();
    let id = services.ids.message_id(at);
    let kind = MessageKind::Request;
    let message = NewMessage::new(id, at, Direction::Inbound, kind, "paSendRTV2", body.to_vec());
    services.messages.record(message).await.unwrap();
    id
}

pub(crate) fn addressed() -> Addressed {
    Addressed {
        institution: CITY.to_owned(),
        broker: CITY.to_owned(),
        station: format!("{CITY}_01"),
    }
}

pub(crate) fn code(text: &str) -> CreditorFiscalCode {
    text.parse().unwrap()
}

pub(crate) fn number(base: u64) -> NoticeNumber {
    NoticeNumber::issue("12".parse().unwrap(), base).unwrap()
}

fn institution() -> CreditorInstitution {
    CreditorInstitution {
        fiscal_code: code(CITY),
        name: "Comune di Prova".to_owned(),
        broker: CITY.parse().unwrap(),
        station: format!("{CITY}_01").parse().unwrap(),
        segregation_code: "12".parse().unwrap(),
        cbill_code: None,
        postal_iban: None,
        contact: domain::creditor::Contact {
            telephone: "010 1010".to_owned(),
            email: "pagamenti@example.it".to_owned(),
            website: "https://example.it".to_owned(),
        },
    }
}

pub(crate) fn service() -> Service {
    Service {
        institution: code(CITY),
        code: "mensa".to_owned(),
        name_it: "Mensa".to_owned(),
        name_en: "School meals".to_owned(),
        category: "9/0107101TS/".parse().unwrap(),
        office_name: "Ufficio mense".to_owned(),
        active: true,
        at_provider: None,
        feed: None,
        amounts_move: false,
        by_tariff: None,
        life_events: Vec::new(),
        account: None,
        todays_amount: None,
    }
}

/// A service payable at providers' counters.
pub(crate) fn counter_service(code: &str, subject_id: &str, kind: AtProviderKind) -> Service {
    Service {
        code: code.to_owned(),
        name_it: format!("Servizio {code}"),
        at_provider: Some(AtProvider {
            service_id: "00007".parse().unwrap(),
            subject_id: subject_id.parse().unwrap(),
            kind,
            iban: "IT60X0542811101000000123456".parse().unwrap(),
            days_to_pay: 5,
        }),
        ..service()
    }
}

pub(crate) fn mario() -> Subject {
    Subject {
        kind: SubjectKind::Natural,
        code: MARIO.to_owned(),
        full_name: "Mario Rossi".to_owned(),
        address: domain::subject::Address::default(),
        email: None,
    }
}

/// An open position of one notice, 120.50 euro, due in a month.
pub(crate) fn position(base: u64) -> DebtPosition {
    position_of(&[(OptionKind::Whole, &[base])])
}

/// An open position of several options, each with notices of 120.50 euro.
pub(crate) fn position_of(options: &[(OptionKind, &[u64])]) -> DebtPosition {
    DebtPosition {
        key: format!("key-{}", options[0].1[0]),
        institution: code(CITY),
        service: "mensa".to_owned(),
        debtor: mario(),
        description: "Mensa, ottobre".to_owned(),
        valid_from: None,
        status: DebtPositionStatus::Open { chosen: None },
        options: options
            .iter()
            .map(|(kind, bases)| PaymentOption {
                kind: *kind,
                instalments: bases.iter().map(|base| instalment(*base)).collect(),
            })
            .collect(),
    }
}

/// The same position with every account postal.
pub(crate) fn postal(mut position: DebtPosition) -> DebtPosition {
    let instalments = position
        .options
        .iter_mut()
        .flat_map(|option| &mut option.instalments);
    for transfer in instalments.flat_map(|instalment| &mut instalment.transfers) {
        transfer.destination = Destination::Account {
            iban: "IT63J0760101400000012345678".parse().unwrap(),
            postal_iban: None,
        };
    }
    position
}

fn instalment(base: u64) -> Instalment {
    let notice_number = number(base);
    let today: NaiveDate = "2026-11-23".parse().unwrap();
    Instalment {
        iuv: notice_number.iuv(),
        notice_number,
        amount: Cents::new(12_050),
        due_on: today.checked_add_days(Days::new(30)),
        payable_until: None,
        description: "Mensa, ottobre".to_owned(),
        transfers: vec![Transfer {
            id: 1,
            amount: Cents::new(12_050),
            beneficiary: code(CITY),
            beneficiary_name: "Comune di Prova".to_owned(),
            destination: Destination::Account {
                iban: "IT60X0542811101000000123456".parse().unwrap(),
                postal_iban: None,
            },
            remittance_information: "Mensa".to_owned(),
            category: "9/0107101TS/".parse().unwrap(),
            metadata: Vec::new(),
        }],
        payment: None,
    }
}

/// A receipt of a notice of [`position`].
pub(crate) fn receipt(id: &str, base: u64) -> Receipt {
    let notice_number = number(base);
    Receipt {
        id: ReceiptId::parse(id).unwrap(),
        recipient: code(CITY),
        issuer: code(CITY),
        iuv: notice_number.iuv(),
        notice_number,
        amount: Cents::new(12_050),
        description: "Mensa, ottobre".to_owned(),
        company_name: "Comune di Prova".to_owned(),
        office_name: None,
        debtor: mario(),
        payer: None,
        transfers: vec![ReceiptTransfer {
            id: 1,
            amount: Cents::new(12_050),
            beneficiary: code(CITY),
            beneficiary_name: None,
            destination: ReceiptDestination::Account("IT60X0542811101000000123456".to_owned()),
            remittance_information: "Mensa".to_owned(),
            category: "9/0107101TS/".to_owned(),
            metadata: Vec::new(),
        }],
        psp: Psp {
            id: "PSPXITR1XXX".to_owned(),
            name: "Banca di prova".to_owned(),
            fiscal_code: None,
            vat_number: None,
            channel: "99999999990_01".to_owned(),
            channel_description: "app".to_owned(),
        },
        payment_method: None,
        payment_note: None,
        fee: None,
        paid_at: "2026-11-23T09:59:00".parse().ok(),
        applied_on: None,
        transferred_on: None,
        stand_in: false,
        metadata: Vec::new(),
    }
}

/// The instant of the receipts of [`receipt`]: 09:59 in Italy, winter.
pub(crate) fn paid_at() -> DateTime<Utc> {
    "2026-11-23T08:59:00Z".parse().unwrap()
}
