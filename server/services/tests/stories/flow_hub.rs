//! A hub that has flow reports and receipts, keeps calls in the message log as the real one does, and fails as told.

use crate::support::City;
use domain::flow_report::{FlowReport, FlowRow};
use domain::{Cents, Receipt};
use pagopa::gateway::{Call, CallError, Product, Reply};
use serde_json::{Value, json};
use services::Services;
use services::hub::{Answered, Calling, HubError, HubGateway};
use services::message_log::About;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use storage::messages::{Direction, MessageId, MessageKind, NewMessage};
use tokio::sync::Notify;

/// Payments of a page, few so that flows have several.
const PAGE: usize = 2;

#[derive(Default)]
struct Told {
    flows: Vec<(FlowReport, Vec<FlowRow>, String)>,
    receipts: Vec<Value>,
    calls: Vec<Call>,
    /// Calls that are still answered before the hub goes silent.
    answers_left: Option<usize>,
    /// Answers to every call, instead of the right one.
    instead: Option<Reply>,
    /// What the next call waits for before it is answered.
    held: Option<Arc<Notify>>,
}

pub(crate) struct FlowHub {
    told: Mutex<Told>,
    services: Services,
}

impl FlowHub {
    /// Takes the place of a city's hub.
    pub(crate) fn of(city: &mut City) -> Arc<Self> {
        let hub = Arc::new(Self {
            told: Mutex::default(),
            services: city.services.clone(),
        });
        city.services.hub = hub.clone();
        hub
    }

    /// Publishes a flow; a higher revision takes the place of a lower one.
    pub(crate) fn publish(&self, report: &FlowReport, rows: &[FlowRow], at: &str) {
        let flows = &mut self.told.lock().unwrap().flows;
        flows.retain(|(other, _, _)| (&other.key.id, &other.key.psp) != (&report.key.id, &report.key.psp));
        flows.push((report.clone(), rows.to_vec(), at.to_owned()));
    }

    pub(crate) fn has_receipt(&self, receipt: &Receipt) {
        self.told.lock().unwrap().receipts.push(receipt_json(receipt));
    }

    pub(crate) fn goes_silent_after(&self, answers: Option<usize>) {
        self.told.lock().unwrap().answers_left = answers;
    }

    pub(crate) fn answers(&self, instead: Option<(u16, &str)>) {
        self.told.lock().unwrap().instead = instead.map(|(status, body)| reply(status, body));
    }

    /// The next call waits until it is let go.
    pub(crate) fn holds_the_next_call(&self) -> Arc<Notify> {
        let held = Arc::new(Notify::new());
        self.told.lock().unwrap().held = Some(held.clone());
        held
    }

    /// Waits until that call is made.
    pub(crate) async fn is_called(&self) {
        while self.told.lock().unwrap().held.is_some() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Answers every call with the first receipt it has.
    pub(crate) fn repeats_its_first_receipt(&self) {
        let mut told = self.told.lock().unwrap();
        let body = told.receipts[0].to_string();
        told.instead = Some(reply(200, &body));
    }

    /// The operations called since the last time this was asked.
    pub(crate) fn called(&self) -> Vec<&'static str> {
        let calls = std::mem::take(&mut self.told.lock().unwrap().calls);
        calls.into_iter().map(|call| call.operation).collect()
    }

    /// The last call.
    pub(crate) fn last_call(&self) -> Call {
        self.told.lock().unwrap().calls.last().unwrap().clone()
    }

    fn answer(&self, call: &Call) -> Result<Reply, HubError> {
        let mut told = self.told.lock().unwrap();
        told.calls.push(call.clone());
        if let Some(left) = &mut told.answers_left {
            *left = left.checked_sub(1).ok_or(CallError::Timeout)?;
        }
        if let Some(reply) = &told.instead {
            return Ok(reply.clone());
        }
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        let page: usize = query(call, "page").map_or(1, |page| page.parse().unwrap());
        Ok(match path[..] {
            ["organizations", _, "fdrs"] => {
                let after = query(call, "publishedGt").unwrap();
                let listed: Vec<Value> = told
                    .flows
                    .iter()
                    .filter(|(_, _, at)| at.as_str() > after)
                    .map(|(report, _, at)| {
                        let key = &report.key;
                        json!({"fdr": key.id, "pspId": key.psp, "revision": key.revision, "published": at})
                    })
                    .collect();
                paged(&listed, page)
            }
            [
                "organizations",
                _,
                "fdrs",
                id,
                "revisions",
                revision,
                "psps",
                psp,
                ref rest @ ..,
            ] => {
                let wanted = |report: &FlowReport| {
                    (
                        report.key.id.as_str(),
                        report.key.revision.to_string().as_str(),
                        report.key.psp.as_str(),
                    ) == (id, revision, psp)
                };
                match told.flows.iter().find(|(report, _, _)| wanted(report)) {
                    None => reply(404, r#"{"appErrorCode":"FDR-3001"}"#),
                    Some((report, _, _)) if rest.is_empty() => reply(200, &head_json(report)),
                    Some((_, rows, _)) => paged(&rows.iter().map(row_json).collect::<Vec<_>>(), page),
                }
            }
            ["organizations", _, "receipts", id, ..] => {
                match told.receipts.iter().find(|receipt| receipt["receiptId"] == id) {
                    Some(receipt) => reply(200, &receipt.to_string()),
                    None => reply(404, r#"{"title":"Not Found","status":404}"#),
                }
            }
            _ => panic!("no such call: {path:?}"),
        })
    }

    async fn keep(&self, kind: MessageKind, call: &Call, about: &About, body: Vec<u8>) -> MessageId {
        let at = self.services.clock.now();
        let id = self.services.ids.message_id(at);
        let message = NewMessage::new(id, at, Direction::Outbound, kind, call.operation, body);
        let message = about.clone().of(message);
        self.services.messages.record(message).await.unwrap();
        id
    }
}

impl HubGateway for FlowHub {
    fn call<'a>(&'a self, _: Product, call: &'a Call, about: &'a About) -> Calling<'a> {
        Box::pin(async move {
            self.keep(MessageKind::Request, call, about, Vec::new()).await;
            let held = self.told.lock().unwrap().held.take();
            if let Some(held) = held {
                held.notified().await;
            }
            let reply = self.answer(call)?;
            let body = reply.body.clone();
            let message_id = self.keep(MessageKind::Response, call, about, body).await;
            Ok(Answered { reply, message_id })
        })
    }

    fn offers(&self, _: Product) -> bool {
        true
    }
}

fn query<'c>(call: &'c Call, name: &str) -> Option<&'c str> {
    let pair = call.query.iter().find(|(of, _)| *of == name)?;
    Some(&pair.1)
}

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        location: None,
        retry_after: None,
        is_json: true,
        body: body.as_bytes().to_vec(),
    }
}

fn paged(all: &[Value], page: usize) -> Reply {
    let data: Vec<&Value> = all.iter().skip((page - 1) * PAGE).take(PAGE).collect();
    let metadata = json!({"pageSize": PAGE, "pageNumber": page, "totPage": all.len().div_ceil(PAGE)});
    reply(
        200,
        &json!({"metadata": metadata, "count": data.len(), "data": data}).to_string(),
    )
}

/// A number with its decimals as the hub writes them, which no floating-point number made.
fn number(amount: Cents) -> Value {
    serde_json::from_str(&amount.to_wire()).unwrap()
}

fn head_json(report: &FlowReport) -> String {
    json!({
        "fdr": report.key.id,
        "fdrDate": format!("{}T{}Z", report.made_at.date(), report.made_at.time()),
        "regulation": report.regulation,
        "regulationDate": report.regulated_on,
        "sender": {"id": report.sender.code, "pspName": report.sender.name},
        "receiver": {"organizationId": report.receiver.code},
        "totPayments": report.declared.count,
        "sumPayments": number(report.declared.sum),
    })
    .to_string()
}

fn row_json(row: &FlowRow) -> Value {
    json!({
        "index": 100 + row.index,
        "iuv": row.iuv,
        "iur": row.iur,
        "idTransfer": row.transfer_id,
        "pay": number(row.amount),
        "payStatus": row.outcome.word(),
        "payDate": format!("{}T00:00:00Z", row.paid_on),
    })
}

fn receipt_json(receipt: &Receipt) -> Value {
    let debtor = &receipt.debtor;
    json!({
        "receiptId": receipt.id,
        "noticeNumber": receipt.notice_number,
        "fiscalCode": receipt.issuer,
        "outcome": "OK",
        "creditorReferenceId": receipt.iuv,
        "paymentAmount": number(receipt.amount),
        "description": receipt.description,
        "companyName": receipt.company_name,
        "debtor": {
            "entityUniqueIdentifierType": "F",
            "entityUniqueIdentifierValue": debtor.code,
            "fullName": debtor.full_name,
        },
        "transferList": receipt.transfers.iter().map(|transfer| json!({
            "idTransfer": transfer.id,
            "transferAmount": number(transfer.amount),
            "fiscalCodePA": transfer.beneficiary,
            "iban": "IT60X0542811101000000123456",
            "remittanceInformation": transfer.remittance_information,
            "transferCategory": transfer.category,
        })).collect::<Vec<_>>(),
        "idPSP": receipt.psp.id,
        "pspCompanyName": receipt.psp.name,
        "idChannel": receipt.psp.channel,
        "channelDescription": receipt.psp.channel_description,
        "paymentDateTimeFormatted": receipt.paid_at.map(|at| format!("{}T{}", at.date(), at.time())),
    })
}
