//! Every route of the served document, walked by a program of another institution and by one without a grant for the
//! service: it finds no data, cannot tell what is somebody else's from what is nowhere, and writes nothing.
//!
//! A route with a part, a parameter or a body the walk cannot fill fails it: say below what it is filled with.

use crate::support::CITY;
use crate::world::{Answer, Ask, MARIO, TOWN, World, draft, number, worlds};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use storage::testing::contents;

/// What stands in everything of the city that nobody else may see.
const SECRET: &str = "SEGRETO";

/// A person only the city knows.
const DEBTOR: &str = "VRDNNA80A41D969M";

/// Whose things a walk asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The city's.
    Theirs,
    /// Things that are nowhere.
    Nobodys,
}

/// What a part of an address or a parameter is filled with, by its name.
fn fill(name: &str, whose: Whose) -> Option<String> {
    let pick = |theirs: &str, nobodys: &str| match whose {
        Whose::Theirs => theirs.to_owned(),
        Whose::Nobodys => nobodys.to_owned(),
    };
    Some(match name {
        "key" | "subject" | "key_prefix" => pick("CITY-1", "NONE-1"),
        "code" | "notice" | "notice_number" => pick(number(150).as_str(), number(151).as_str()),
        "id" => pick("receipt-city", "receipt-none"),
        "debtor" | "person" => pick(DEBTOR, "BNCLRA80A41D969H"),
        "service" => "nido".to_owned(),
        "status" => "open".to_owned(),
        "changed_since" | "due_from" | "from" => "2026-01-01".to_owned(),
        "due_to" | "to" => "2026-12-31".to_owned(),
        "before" => "2027-01-01".to_owned(),
        "limit" => "50".to_owned(),
        "update" | "pdf" | "only_positive" | "only_unpaid" | "apply" => "true".to_owned(),
        "file_name" => "debts.csv".to_owned(),
        "date" => "2026-11-22".to_owned(),
        "after" => "0".to_owned(),
        "state" => "dead".to_owned(),
        "If-Match" => "*".to_owned(),
        "Idempotency-Key" => pick("walk-1", "walk-2"),
        _ => return None,
    })
}

/// Parameters left out: they contradict others, or are made by the interface itself.
const LEFT_OUT: [&str; 2] = ["cursor", "If-None-Match"];

/// The body of an operation.
fn body(operation: &str, whose: Whose) -> Option<Value> {
    let key = fill("key", whose)?;
    Some(match operation {
        "put /api/v1/positions/{key}" => draft(&key),
        "post /api/v1/positions/{key}/replace" => draft("WALK-2"),
        "post /api/v1/counter/notices" => json!({
            "key": key,
            "service": "nido",
            "debtor": { "kind": "natural", "code": MARIO, "full_name": "Mario Rossi" },
            "amount": 5000,
        }),
        "post /api/v1/services/{service}/quote" => json!({ "answers": {} }),
        "post /api/v1/imports" => debts(&key),
        "post /api/v1/outcomes/acknowledge" => json!({ "up_to": 1 }),
        "put /api/v1/outcomes/choice" => json!({ "kinds": ["paid"] }),
        "post /api/v1/outcomes/endpoints" => json!({ "url": "https://example.it/outcomes" }),
        "post /api/v1/outcomes/endpoints/{id}/replay" => json!({}),
        _ => return None,
    })
}

/// A file of one debt under this key.
fn debts(key: &str) -> Value {
    json!(format!(
        "key,service,debtor_kind,debtor_code,debtor_name,description,amount\n\
         {key},nido,natural,{MARIO},Mario Rossi,Nido,50.00\n"
    ))
}

/// Operations that make something of the walker's own under the key it comes with: what is new is its own, and that the city
/// has something under the same key is no difference.
const MAKES_ITS_OWN: [&str; 5] = [
    "put /api/v1/positions/{key}",
    "post /api/v1/counter/notices",
    "post /api/v1/imports",
    "put /api/v1/outcomes/choice",
    "post /api/v1/outcomes/endpoints",
];

/// Those of them that are about no service: what a file holds is looked at row by row, later.
const ABOUT_NO_SERVICE: [&str; 2] = ["post /api/v1/imports", "put /api/v1/outcomes/choice"];

/// Operations nobody walks: they ask for no token.
const OPEN: [&str; 3] = ["get /api/v1/", "get /api/v1/openapi.json", "post /api/v1/token"];

struct Step {
    operation: String,
    method: Method,
    address: String,
    headers: Vec<(String, String)>,
    body: Option<Value>,
}

/// The steps of a walk, in the order of the document.
fn steps(document: &Value, whose: Whose) -> Vec<Step> {
    let mut steps = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, described) in item.as_object().unwrap() {
            let operation = format!("{method} {path}");
            if OPEN.contains(&operation.as_str()) {
                continue;
            }
            let mut address = path.strip_prefix("/api/v1").unwrap().to_owned();
            let (mut queries, mut headers) = (Vec::new(), Vec::new());
            for parameter in described["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                if LEFT_OUT.contains(&name) {
                    continue;
                }
                // A debt is asked for by one key.
                if name == "key" && parameter["in"] == "query" {
                    continue;
                }
                let instant = parameter["schema"].to_string().contains("date-time");
                // Imports are numbered: the city's is the first.
                let is_number = name == "id" && parameter["schema"]["type"] == "integer";
                let value = match fill(name, whose) {
                    Some(_) if is_number && whose == Whose::Theirs => "1".to_owned(),
                    Some(_) if is_number => "999".to_owned(),
                    Some(day) if instant && day.len() == 10 => day + "T00:00:00Z",
                    Some(value) => value,
                    None => panic!("{operation}: the walk cannot fill {name}"),
                };
                match parameter["in"].as_str().unwrap() {
                    "path" => address = address.replace(&format!("{{{name}}}"), &value),
                    "query" => queries.push(format!("{name}={value}")),
                    "header" => headers.push((name.to_lowercase(), value)),
                    other => panic!("{operation}: a parameter in {other}"),
                }
            }
            assert!(!address.contains('{'), "{operation}: a part is not described");
            if !queries.is_empty() {
                address = format!("{address}?{}", queries.join("&"));
            }
            let body = described.get("requestBody").map(|_| {
                body(&operation, whose).unwrap_or_else(|| panic!("{operation}: the walk has no body for it"))
            });
            steps.push(Step {
                method: method.to_uppercase().parse().unwrap(),
                operation,
                address,
                headers,
                body,
            });
        }
    }
    // What makes something of the walker's own comes last: until then nothing under those keys is its own.
    steps.sort_by_key(|step| MAKES_ITS_OWN.contains(&&*step.operation));
    steps
}

async fn walk(world: &World, token: &str, step: &Step) -> Answer {
    let headers: Vec<(&str, &str)> = step
        .headers
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    // A walker that makes something says that it means to.
    let headers: Vec<(&str, &str)> = headers
        .into_iter()
        .filter(|(name, _)| *name != "if-match" || !MAKES_ITS_OWN.contains(&&*step.operation))
        .collect();
    world
        .ask(Ask {
            token,
            method: step.method.clone(),
            address: &step.address,
            headers: &headers,
            body: step.body.clone(),
        })
        .await
}

/// The text of an answer without what differs between two questions for two things: what was asked for.
fn bare(answer: &Answer, whose: Whose) -> String {
    let mut text = answer.text.clone();
    for name in ["key", "code", "id", "debtor"] {
        text = text.replace(&fill(name, whose).unwrap(), name);
    }
    text
}

/// What the city has: positions under keys and numbers, a person, a receipt, and what was done.
async fn with_secrets(world: &World) {
    let city = world.token(CITY, "city", None).await;
    for (key, base) in [("CITY-1", 150), ("SHARED-1", 160)] {
        let mut secret = draft(key);
        secret["description"] = json!(SECRET);
        secret["debtor"] = json!({ "kind": "natural", "code": DEBTOR, "full_name": SECRET });
        secret["options"][0]["instalments"][0]["notice_number"] = json!(number(base).as_str());
        let made = world
            .ask(Ask {
                token: &city,
                method: Method::PUT,
                address: &format!("/positions/{key}"),
                headers: &[],
                body: Some(secret),
            })
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    }
    world.paid("receipt-city", 160, SECRET).await;
    let loaded = world
        .ask(Ask {
            token: &city,
            method: Method::POST,
            address: &format!("/imports?file_name={SECRET}.csv"),
            headers: &[],
            body: Some(debts("CITY-2")),
        })
        .await;
    assert!(loaded.status.is_success(), "{loaded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_another_institution_anything_or_lets_it_write() {
    let document: Value = serde_json::to_value(api::document()).unwrap();
    for world in worlds().await {
        with_secrets(&world).await;
        let town = world.token(TOWN, "town", None).await;
        let before = contents(&world.store, CITY).await;
        let theirs = steps(&document, Whose::Theirs);
        let nobodys = steps(&document, Whose::Nobodys);
        assert!(theirs.len() > 20, "the document has {} operations", theirs.len());
        for (their, nobody) in theirs.iter().zip(&nobodys) {
            let found = walk(&world, &town, their).await;
            let nothing = walk(&world, &town, nobody).await;
            assert!(!found.text.contains(SECRET), "{}: {found:?}", their.operation);
            assert_ne!(
                found.status,
                StatusCode::INTERNAL_SERVER_ERROR,
                "{}: {found:?}",
                their.operation
            );
            assert_eq!(
                found.status, nothing.status,
                "{}: {found:?} and {nothing:?}",
                their.operation
            );
            if !MAKES_ITS_OWN.contains(&&*their.operation) {
                assert_eq!(
                    bare(&found, Whose::Theirs),
                    bare(&nothing, Whose::Nobodys),
                    "{}",
                    their.operation
                );
            }
        }
        assert_eq!(
            contents(&world.store, CITY).await,
            before,
            "nothing of the city was written"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_a_program_anything_of_a_service_it_has_no_grant_for() {
    let document: Value = serde_json::to_value(api::document()).unwrap();
    for world in worlds().await {
        with_secrets(&world).await;
        let meals = world.token(CITY, "meals", Some(&["mensa"])).await;
        for step in &steps(&document, Whose::Theirs) {
            let found = walk(&world, &meals, step).await;
            assert!(!found.text.contains(SECRET), "{}: {found:?}", step.operation);
            let is_write = step.method != Method::GET;
            assert!(
                !(is_write && found.status.is_success()) || ABOUT_NO_SERVICE.contains(&&*step.operation),
                "{}: {found:?}",
                step.operation
            );
        }
    }
}
