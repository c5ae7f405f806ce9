//! A double of a national archive: keeps what it is sent, refuses what the real one refuses.

use crate::support::kept_nowhere;
use pagopa::gateway::{Body, Call, Product, Reply};
use serde_json::{Value, json};
use services::hub::{Calling, HubError, HubGateway};
use services::message_log::About;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Positions on a page, whatever is asked: several pages are tried with few positions.
const PAGE: usize = 50;

#[derive(Default)]
pub(crate) struct ArchiveDouble {
    /// Positions by product and key.
    pub(crate) positions: Mutex<BTreeMap<(Product, String), Value>>,
    /// Reports by file, and how often they were asked for.
    files: Mutex<BTreeMap<String, (Value, u32)>>,
    /// Answers every call instead, while there is one.
    pub(crate) failure: Mutex<Option<Result<Reply, HubError>>>,
    /// Whether the settings leave it out.
    pub(crate) not_configured: AtomicBool,
    /// Name of every operation called.
    pub(crate) calls: Mutex<Vec<&'static str>>,
}

pub(crate) fn answer(status: u16, body: &Value) -> Reply {
    Reply {
        status,
        location: None,
        retry_after: None,
        is_json: true,
        body: serde_json::to_vec(body).unwrap(),
    }
}

/// A description the archive refuses.
pub(crate) const REFUSED: &str = "IBAN sconosciuto";

impl ArchiveDouble {
    pub(crate) fn count(&self, product: Product) -> usize {
        let positions = self.positions.lock().unwrap();
        positions.keys().filter(|(of, _)| *of == product).count()
    }

    /// The calls since the last time this was asked.
    pub(crate) fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    fn create(&self, product: Product, position: Value) -> (u16, &'static str) {
        let mut positions = self.positions.lock().unwrap();
        let key = (product, position["iupd"].as_str().unwrap().to_owned());
        if position["paymentOption"][0]["description"] == REFUSED {
            return (400, "the IBAN is not registered");
        }
        let notice = &position["paymentOption"][0]["nav"];
        let taken = |other: &Value| other["paymentOption"][0]["nav"] == *notice;
        if positions.contains_key(&key) || positions.values().any(taken) {
            return (409, "duplicate");
        }
        positions.insert(key, published(position));
        (201, "Created")
    }

    fn update(&self, product: Product, position: Value) -> (u16, &'static str) {
        let mut positions = self.positions.lock().unwrap();
        let key = (product, position["iupd"].as_str().unwrap().to_owned());
        match positions.get_mut(&key) {
            None => (404, "not found"),
            Some(held) if held["status"] == "PAID" => (409, "paid"),
            Some(held) => {
                *held = published(position);
                (200, "OK")
            }
        }
    }

    fn delete(&self, product: Product, iupd: &str) -> (u16, &'static str) {
        let mut positions = self.positions.lock().unwrap();
        let key = (product, iupd.to_owned());
        match positions.get(&key) {
            None => (404, "not found"),
            Some(held) if held["status"] == "PAID" => (409, "paid"),
            Some(_) => {
                positions.remove(&key);
                (200, "OK")
            }
        }
    }

    fn take_file(&self, product: Product, call: &Call) -> Reply {
        let product = match product {
            Product::AcaBulk => Product::Aca,
            _ => Product::Gpd,
        };
        let document = unzip(call);
        let mut responses = Vec::new();
        let mut say = |iupd: &str, (status, message): (u16, &str)| {
            responses.push(json!({ "statusCode": status, "statusMessage": message, "iupds": [iupd] }));
        };
        if let Some(positions) = document["paymentPositions"].as_array() {
            for position in positions {
                let iupd = position["iupd"].as_str().unwrap();
                say(
                    iupd,
                    match call.method.as_str() {
                        "POST" => self.create(product, position.clone()),
                        _ => self.update(product, position.clone()),
                    },
                );
            }
        }
        if let Some(iupds) = document["paymentPositionIUPDs"].as_array() {
            for iupd in iupds {
                let iupd = iupd.as_str().unwrap();
                say(iupd, self.delete(product, iupd));
            }
        }
        let count = responses.len();
        let mut files = self.files.lock().unwrap();
        let id = format!("file-{}", files.len());
        let report = json!({ "submittedItem": count, "processedItem": count, "responses": responses });
        files.insert(id.clone(), (report, 0));
        Reply {
            location: Some(format!(
                "brokers/x/organizations/y/debtpositions/file/{id}/status"
            )),
            ..answer(202, &Value::Null)
        }
    }

    fn reply(&self, product: Product, call: &Call) -> Reply {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        let said = |(status, message): (u16, &str)| answer(status, &json!({ "title": message }));
        match (call.method.as_str(), path.as_slice()) {
            ("POST", ["organizations", _, "debtpositions"]) => said(self.create(product, body(call))),
            ("PUT", ["organizations", _, "debtpositions", _]) => said(self.update(product, body(call))),
            ("DELETE", ["organizations", _, "debtpositions", iupd]) => said(self.delete(product, iupd)),
            ("GET", ["organizations", _, "debtpositions", iupd]) => {
                let positions = self.positions.lock().unwrap();
                match positions.get(&(product, (*iupd).to_owned())) {
                    Some(position) => answer(200, position),
                    None => said((404, "not found")),
                }
            }
            ("GET", ["organizations", _, "debtpositions"]) => self.page(product, call),
            (_, ["brokers", _, "organizations", _, "debtpositions", "file"]) => self.take_file(product, call),
            (
                "GET",
                [
                    "brokers",
                    _,
                    "organizations",
                    _,
                    "debtpositions",
                    "file",
                    id,
                    "report",
                ],
            ) => {
                let mut files = self.files.lock().unwrap();
                let (report, asked) = files.get_mut(*id).unwrap();
                *asked += 1;
                if *asked == 1 {
                    said((425, "too early"))
                } else {
                    answer(200, report)
                }
            }
            _ => panic!("no such operation: {call:?}"),
        }
    }

    fn page(&self, product: Product, call: &Call) -> Reply {
        let positions = self.positions.lock().unwrap();
        let all: Vec<&Value> = positions
            .iter()
            .filter(|((of, _), _)| *of == product)
            .map(|(_, position)| position)
            .collect();
        let (_, number) = call.query.iter().find(|(name, _)| *name == "page").unwrap();
        let number: usize = number.parse().unwrap();
        let list: Vec<&&Value> = all.iter().skip(number * PAGE).take(PAGE).collect();
        answer(
            200,
            &json!({
                "payment_position_list": list,
                "page_info": {
                    "page": number, "limit": PAGE, "items_found": all.len(),
                    "total_pages": all.len().div_ceil(PAGE),
                },
            }),
        )
    }
}

fn published(mut position: Value) -> Value {
    position["status"] = "VALID".into();
    position
}

fn body(call: &Call) -> Value {
    serde_json::from_slice(call.bytes()).unwrap()
}

pub(crate) fn unzip(call: &Call) -> Value {
    let Body::File { content, .. } = &call.body else {
        panic!("not a file");
    };
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(content)).unwrap();
    let mut text = String::new();
    zip.by_index(0).unwrap().read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

impl HubGateway for ArchiveDouble {
    fn call<'a>(&'a self, product: Product, call: &'a Call, _: &'a About) -> Calling<'a> {
        self.calls.lock().unwrap().push(call.operation);
        let failure = self.failure.lock().unwrap().clone();
        Box::pin(std::future::ready(
            failure
                .unwrap_or_else(|| Ok(self.reply(product, call)))
                .map(kept_nowhere),
        ))
    }

    fn offers(&self, _: Product) -> bool {
        !self.not_configured.load(Ordering::Relaxed)
    }
}
