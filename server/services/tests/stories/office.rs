//! An institution with accounts and services, and a program of it: where stories of positions and of the counter begin.

use crate::support::{CITY, City, cities, code, mario, receipt};
use chrono::{DateTime, Utc};
use domain::account::{Account, Credit};
use domain::application::{Application, Grant, NumberRange, Scope};
use domain::draft::{InstalmentDraft, OptionDraft, PositionDraft};
use domain::service::Service;
use domain::{Cents, CreditorInstitution, NoticeNumber, OptionKind, Receipt};
use services::Services;
use services::caller::Caller;
use services::counter::{Asking, DebtKey};
use services::positions::{Expect, PositionAnswer, PositionError, put_position};
use services::tariffs::TariffBook;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::applications::insert_application;
use storage::{institutions, service_catalogue};

pub(crate) const TOWN: &str = "00000000018";

/// A city with accounts, a service "nido", and a town that has the same.
pub(crate) struct Office {
    pub(crate) city: City,
    pub(crate) services: Services,
    pub(crate) caller: Caller,
}

pub(crate) async fn offices() -> Vec<Office> {
    let mut offices = Vec::new();
    for city in cities().await {
        let accounts = [CITY, TOWN].map(|institution| Account {
            institution: code(institution),
            key: "conto".to_owned(),
            beneficiary: code(institution),
            credit: Credit::Iban {
                iban: "IT60X0542811101000000123456".parse().unwrap(),
                postal_iban: None,
            },
        });
        let book = TariffBook::compile(Vec::new(), None, accounts.to_vec()).unwrap();
        let services = Services {
            tariffs: Arc::new(book),
            ..city.services.clone()
        };
        let mut tx = services.store.begin().await.unwrap();
        let own = institutions::list_institutions(&mut tx).await.unwrap().remove(0);
        let town = CreditorInstitution {
            fiscal_code: code(TOWN),
            ..own
        };
        institutions::upsert_institution(&mut tx, &town).await.unwrap();
        for institution in [CITY, TOWN] {
            for name in ["mensa", "nido"] {
                let service = Service {
                    institution: code(institution),
                    code: name.to_owned(),
                    account: Some("conto".to_owned()),
                    ..crate::support::service()
                };
                service_catalogue::upsert_service(&mut tx, &service)
                    .await
                    .unwrap();
            }
        }
        let caller = caller(CITY, "tributi", None);
        insert_application(&mut tx, caller.application(), services.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        services.directory.refresh();
        offices.push(Office {
            city,
            services,
            caller,
        });
    }
    offices
}

/// An application that may do everything for these services, or for all.
pub(crate) fn caller(institution: &str, id: &str, services: Option<&[&str]>) -> Caller {
    let services: Option<BTreeSet<String>> =
        services.map(|codes| codes.iter().map(|code| (*code).to_owned()).collect());
    let application = Application {
        id: id.to_owned(),
        institution: code(institution),
        name: "Tributi".to_owned(),
        grants: Scope::ALL
            .map(|scope| Grant {
                scope,
                services: services.clone(),
            })
            .to_vec(),
        numbers: vec![NumberRange {
            segregation: "12".parse().unwrap(),
            from: 100,
            to: 199,
        }],
        requests_per_minute: 100,
        certificate: None,
        active: true,
    };
    Caller::new(Arc::new(application), "192.0.2.7".parse().ok())
}

/// A debt of 120.50 euro for the nursery, due in a month.
pub(crate) fn draft(key: &str) -> PositionDraft {
    PositionDraft {
        key: key.to_owned(),
        service: "nido".to_owned(),
        debtor: mario(),
        description: "Nido, novembre".to_owned(),
        valid_from: None,
        draft: false,
        options: vec![OptionDraft {
            kind: OptionKind::Whole,
            instalments: vec![InstalmentDraft {
                notice_number: None,
                iuv: None,
                amount: Cents::new(12_050),
                due_on: "2026-12-23".parse().ok(),
                payable_until: None,
                description: None,
                transfers: Vec::new(),
            }],
        }],
    }
}

/// The same debt at another amount.
pub(crate) fn dearer(key: &str) -> PositionDraft {
    let mut draft = draft(key);
    draft.options[0].instalments[0].amount = Cents::new(13_000);
    draft
}

impl Office {
    pub(crate) async fn put(
        &self,
        draft: &PositionDraft,
        expect: Expect,
    ) -> Result<PositionAnswer, PositionError> {
        put_position(&self.services, &self.caller, draft, expect, None).await
    }

    pub(crate) async fn pay(&self, answer: &PositionAnswer, receipt_id: &str) {
        let notice_number = number_of(answer);
        let paid = Receipt {
            iuv: notice_number.iuv(),
            notice_number,
            ..receipt(receipt_id, 1)
        };
        self.city.deliver(&paid).await;
    }

    pub(crate) fn wait_until(&self, instant: &str) {
        let instant: DateTime<Utc> = instant.parse().unwrap();
        self.city.clock.advance(instant - self.services.clock.now());
    }

    pub(crate) fn asking(by: DebtKey) -> Asking {
        Asking {
            person: None,
            by,
            service: None,
            update: false,
        }
    }
}

pub(crate) fn number_of(answer: &PositionAnswer) -> NoticeNumber {
    answer.position.options[0].instalments[0]
        .notice_number
        .parse()
        .unwrap()
}
