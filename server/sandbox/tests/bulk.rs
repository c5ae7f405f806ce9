//! Positions by file.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{City, INSTITUTION, eventually, position};
use serde_json::{Value, json};
use std::io::Write;
use zip::write::SimpleFileOptions;

const BASE: &str =
    "/upload/aca/debt-positions-service/v2/brokers/00856930102/organizations/00856930102/debtpositions";
const ONE_BY_ONE: &str = "/aca/debt-positions-service/v1/organizations/00856930102/debtpositions";

fn zipped(json: &Value) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("positions.json", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(json.to_string().as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

async fn upload(city: &City, method: &str, base: &str, zip: &[u8]) -> reqwest::Response {
    let mut body = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"p.zip\"\r\n\
                     content-type: application/zip\r\n\r\n"
        .to_vec();
    body.extend_from_slice(zip);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    city.http
        .request(method, format!("{}{base}/file", city.sandbox))
        .header("content-type", "multipart/form-data; boundary=x")
        .body(body)
        .send()
        .await
        .unwrap()
}

/// Sends a file and waits for its report: the word of its end, and the report.
async fn sent(city: &City, method: &str, file: &Value) -> (String, Value) {
    let answer = upload(city, method, BASE, &zipped(file)).await;
    assert_eq!(answer.status(), 202, "{}", answer.text().await.unwrap());
    assert_eq!(answer.headers()["retry-after"], "1");
    let status = answer.headers()["location"].to_str().unwrap().to_owned();
    let mut word = String::new();
    eventually("the end of a file", async || {
        let (_, told) = city.call("GET", &status, None).await;
        told["operationStatus"].as_str().unwrap().clone_into(&mut word);
        word != "IN_PROGRESS"
    })
    .await;
    let (code, report) = city
        .call("GET", &status.replace("/status", "/report"), None)
        .await;
    assert_eq!(code, 200);
    (word, report)
}

fn file(positions: &[Value]) -> Value {
    json!({ "paymentPositions": positions })
}

#[tokio::test]
async fn files_create_change_and_delete_and_tell_what_became_of_each_position() {
    let city = City::published().await;
    let (word, report) = sent(&city, "POST", &file(&[position("P1", 1), position("P2", 2)])).await;
    assert_eq!(word, "COMPLETED");
    assert_eq!(
        (&report["submittedItem"], &report["processedItem"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        report["responses"],
        json!([{ "statusCode": 201, "statusMessage": "done", "iupds": ["P1", "P2"] }])
    );
    let (_, shown) = city.call("GET", &format!("{ONE_BY_ONE}/P1"), None).await;
    assert_eq!(shown["status"], "VALID");

    let (word, report) = sent(&city, "POST", &file(&[position("P1", 1), position("P3", 3)])).await;
    assert_eq!(word, "COMPLETED_WITH_WARNINGS");
    assert_eq!(report["responses"][1]["statusCode"], 409);
    assert_eq!(report["responses"][1]["iupds"], json!(["P1"]));

    let (word, _) = sent(&city, "PUT", &file(&[position("P9", 9)])).await;
    assert_eq!(word, "COMPLETED_UNSUCCESSFULLY");
    let (word, _) = sent(&city, "PUT", &file(&[position("P1", 11)])).await;
    assert_eq!(word, "COMPLETED");
    let (word, _) = sent(
        &city,
        "DELETE",
        &json!({ "paymentPositionIUPDs": ["P1", "P2", "P3"] }),
    )
    .await;
    assert_eq!(word, "COMPLETED");
    let (_, list) = city.call("GET", ONE_BY_ONE, None).await;
    assert_eq!(list["payment_position_list"], json!([]));
    let (_, files) = city.call("GET", &format!("{BASE}/files"), None).await;
    assert_eq!((&files["size"], &files["hasMore"]), (&json!(5), &json!(false)));
    city.assert_as_published().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused_at_once() {
    let city = City::configured(|config| config.has_limits = false).await;
    let mut two = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["a.json", "b.json"] {
        two.start_file(name, SimpleFileOptions::default()).unwrap();
    }
    let two = two.finish().unwrap().into_inner();
    for (zip, told) in [
        (b"not a zip".to_vec(), "not a ZIP"),
        (two, "one JSON file"),
        (zipped(&json!({ "positions": [] })), "unknown field"),
        (zipped(&file(&[])), "1 to 100000 positions"),
        (vec![0; 5 * 1024 * 1024 + 1], "at most 5242880 bytes"),
    ] {
        let answer = upload(&city, "POST", BASE, &zip).await;
        assert_eq!(answer.status(), 400);
        let text = answer.text().await.unwrap();
        assert!(text.contains(told), "{told}: {text}");
    }
    let iupds: Vec<String> = (0..100_001).map(|number| format!("P{number}")).collect();
    let answer = upload(
        &city,
        "DELETE",
        BASE,
        &zipped(&json!({ "paymentPositionIUPDs": iupds })),
    )
    .await;
    assert_eq!(answer.status(), 400);
    let other = BASE.replace("brokers/00856930102", "brokers/77777777777");
    assert_eq!(
        upload(&city, "POST", &other, &zipped(&file(&[position("P1", 1)])))
            .await
            .status(),
        403
    );
    assert_eq!(
        city.call("GET", &format!("{BASE}/file/nothing/status"), None)
            .await
            .0,
        404
    );
    assert_eq!(
        city.call(
            "GET",
            &format!("{BASE}/files?from=2020-01-01&to=2020-01-02"),
            None
        )
        .await
        .0,
        410
    );
    assert_eq!(
        city.call("GET", &format!("{BASE}/files?size=99"), None).await.0,
        400
    );
}

#[tokio::test]
async fn the_report_of_a_file_being_read_is_too_early() {
    let city = City::configured(|config| config.has_limits = false).await;
    let positions: Vec<Value> = (1..=20_000)
        .map(|number| position(&format!("P{number}"), number))
        .collect();
    let answer = upload(&city, "POST", BASE, &zipped(&file(&positions))).await;
    let status = answer.headers()["location"].to_str().unwrap().to_owned();
    let (code, _) = city
        .call("GET", &status.replace("/status", "/report"), None)
        .await;
    assert_eq!(code, 425);
    eventually("twenty thousand positions", async || {
        city.call("GET", &status, None).await.1["operationStatus"] == "COMPLETED"
    })
    .await;
}

/// `cargo test --release -p sandbox --test bulk -- --ignored --nocapture` prints time and memory.
#[tokio::test]
#[ignore = "takes a minute: a measurement"]
async fn a_million_positions_are_taken_by_file() {
    let city = City::configured(|config| config.has_limits = false).await;
    let started = std::time::Instant::now();
    for part in 0..25_u64 {
        let numbers = part * 40_000..(part + 1) * 40_000;
        let positions: Vec<Value> = numbers
            .map(|number| position(&format!("IUPD-{number:030}"), number + 1))
            .collect();
        let (word, _) = sent(&city, "POST", &file(&positions)).await;
        assert_eq!(word, "COMPLETED");
    }
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines: Vec<&str> = memory
        .lines()
        .filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"))
        .collect();
    let said = format!(
        "a million positions in {:?}; {}\n",
        started.elapsed(),
        lines.join(" ")
    );
    std::io::stderr().write_all(said.as_bytes()).unwrap();
    let (_, list) = city
        .call("GET", &format!("{ONE_BY_ONE}?limit=50&page=19999"), None)
        .await;
    assert_eq!(list["page_info"]["total_pages"], 20_000);
    assert_eq!(
        list["payment_position_list"][49]["organizationFiscalCode"],
        INSTITUTION
    );
}
