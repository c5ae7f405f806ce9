use crate::support::{CITY, City, application};
use api::document;
use api::problem::Code;
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

fn described() -> Value {
    serde_json::from_str(&document().to_json().unwrap()).unwrap()
}

/// Every operation: method, path, what the document says of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, of)| (method.clone(), path.clone(), of.clone()))
    });
    operations.collect()
}

#[test]
fn every_operation_says_what_it_does_in_both_languages_and_who_may_ask() {
    let document = described();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ids = std::collections::BTreeSet::new();
    for (method, path, of) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(path.starts_with("/api/v1/"), "{name}");
        assert!(!of["summary"].as_str().unwrap_or_default().is_empty(), "{name}");
        assert!(!of["x-it"].as_str().unwrap_or_default().is_empty(), "{name}");
        assert!(of["tags"][0].is_string(), "{name}");
        assert!(of["security"].is_array(), "{name}");
        assert!(
            ids.insert(of["operationId"].as_str().unwrap().to_owned()),
            "{name}: {}",
            of["operationId"]
        );
        let is_open = of["security"][0]
            .as_object()
            .is_some_and(serde_json::Map::is_empty);
        if !is_open {
            for status in ["400", "401", "403", "429", "500", "503"] {
                assert!(of["responses"][status].is_object(), "{name} {status}");
            }
        }
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn walk<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    found.push(reference);
                }
                members.values().for_each(|value| walk(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let document = described();
    let mut found = Vec::new();
    walk(&document, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn what_is_not_open_asks_for_a_token() {
    let city = City::start().await;
    for (method, path, of) in operations(&described()) {
        let is_open = of["security"][0]
            .as_object()
            .is_some_and(serde_json::Map::is_empty);
        let path = path.replace(['{', '}'], "");
        let request = Request::builder()
            .method(method.to_uppercase().as_str())
            .uri(&path);
        let answer = city.send(request.body(Body::empty()).unwrap()).await;
        if is_open {
            assert_ne!(answer.status, 404, "{method} {path}");
        } else {
            assert_eq!(answer.problem(), (401, "no_token".to_owned()), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn answers_are_as_the_document_says() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    city.paid(CITY, "r1", 1).await;
    services::outcomes::fan_out::schedule(&city.services)
        .await
        .unwrap();
    let fan_out = [services::jobs::JobKind::OutcomeFanOut];
    services::jobs::drain(&city.services, &fan_out, "test", 10)
        .await
        .unwrap();
    let document = described();
    let check = |path: &str, template: &str, status: u16, body: &Value| {
        let content = &document["paths"][format!("/api/v1{template}")]["get"]["responses"]
            [status.to_string()]["content"];
        let (_, media) = content.as_object().unwrap().iter().next().unwrap();
        let schema = serde_json::json!({ "components": document["components"], "allOf": [media["schema"]] });
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(body)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{path}: {wrong:?}");
    };
    for (path, template) in [
        ("/institution", "/institution"),
        ("/services", "/services"),
        ("/accounts", "/accounts"),
        ("/taxonomy", "/taxonomy"),
        ("/receipts", "/receipts"),
        ("/receipts/r1", "/receipts/{id}"),
        ("/receipts/none", "/receipts/{id}"),
        ("/receipts?limit=0", "/receipts"),
        ("/receipts/r1/document", "/receipts/{id}/document"),
        ("/audit?subject=tributi", "/audit"),
        ("/outcomes?after=0", "/outcomes"),
        ("/outcomes/choice", "/outcomes/choice"),
        ("/outcomes/endpoints", "/outcomes/endpoints"),
        ("/outcomes/endpoints/none", "/outcomes/endpoints/{id}"),
    ] {
        let answer = city.get(path, &token).await;
        check(path, template, answer.status.as_u16(), &answer.json());
    }
}

#[tokio::test]
async fn the_page_is_made_of_the_document_and_asks_nobody_else() {
    let city = City::start().await;
    let page = async |query: &str| {
        let request = Request::get(format!("/api/v1/{query}"))
            .body(Body::empty())
            .unwrap();
        let answer = city.send(request).await;
        assert_eq!(answer.status, 200);
        let policy = answer.header("content-security-policy").to_owned();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        String::from_utf8(answer.body.to_vec()).unwrap()
    };
    let (italian, english) = (page("").await, page("?lang=en").await);
    assert!(italian.contains("<html lang=\"it\">") && english.contains("<html lang=\"en\">"));
    let document = described();
    for text in [&italian, &english] {
        assert!(!text.contains("<script") && !text.contains("src="));
        for (method, path, of) in operations(&document) {
            assert!(text.contains(&path), "{method} {path}");
            assert!(of["summary"].is_string());
        }
        for code in Code::ALL {
            assert!(
                text.contains(&format!("id=\"error-{}\"", code.as_str())),
                "{code:?}"
            );
        }
        // Every link within the page leads somewhere, and no id is there twice.
        let ids: Vec<&str> = text
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len());
        for target in text
            .split("href=\"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(unique.contains(target), "{target}");
        }
    }
    assert!(italian.contains("Le ricevute, dalla più recente."));
}
