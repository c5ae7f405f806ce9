use crate::support::CITY;
use crate::world::{Answer, Ask, MARIO, World, draft, worlds};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

struct Program {
    world: World,
    token: String,
}

async fn programs() -> Vec<Program> {
    let mut programs = Vec::new();
    for world in worlds().await {
        let token = world.token(CITY, "tributi", None).await;
        programs.push(Program { world, token });
    }
    programs
}

impl Program {
    async fn ask(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        self.world
            .ask(Ask {
                token: &self.token,
                method,
                address,
                headers,
                body,
            })
            .await
    }

    async fn put(&self, key: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        self.ask(Method::PUT, &format!("/positions/{key}"), headers, Some(body))
            .await
    }

    async fn get(&self, address: &str) -> Answer {
        self.ask(Method::GET, address, &[], None).await
    }

    async fn post(&self, address: &str) -> Answer {
        self.ask(Method::POST, address, &[], None).await
    }
}

fn dearer(key: &str) -> Value {
    let mut draft = draft(key);
    draft["options"][0]["instalments"][0]["amount"] = json!(13_000);
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_goes_from_created_to_replaced_under_its_versions() {
    for program in programs().await {
        let made = program
            .put("N%2F1", &[("if-none-match", "*")], draft("N/1"))
            .await;
        assert_eq!(
            (made.status, made.etag()),
            (StatusCode::CREATED, "\"v0\""),
            "{made:?}"
        );
        let again = program.put("N%2F1", &[], draft("N/1")).await;
        assert_eq!((again.status, again.json()), (StatusCode::OK, made.json()));
        let read = program.get("/positions/N%2F1").await;
        assert_eq!((read.status, read.json()), (StatusCode::OK, made.json()));
        for (headers, status, code) in [
            (&[][..], 428, "precondition_required"),
            (&[("if-match", "\"v9\"")][..], 412, "precondition_failed"),
            (&[("if-none-match", "*")][..], 412, "precondition_failed"),
            (&[("if-match", "v0")][..], 400, "malformed_condition"),
            (
                &[("if-match", ""), ("if-none-match", "*")][..],
                400,
                "malformed_condition",
            ),
            (
                &[("if-match", "*"), ("if-none-match", "*")][..],
                412,
                "precondition_failed",
            ),
        ] {
            let refused = program.put("N%2F1", headers, dearer("N/1")).await;
            assert_eq!((refused.status.as_u16(), &*refused.code()), (status, code));
        }
        let changed = program
            .put("N%2F1", &[("if-match", "\"v0\"")], dearer("N/1"))
            .await;
        assert_eq!((changed.status, changed.etag()), (StatusCode::OK, "\"v1\""));
        let by = program
            .ask(Method::POST, "/positions/N%2F1/replace", &[], Some(draft("N/2")))
            .await;
        assert_eq!(by.status, StatusCode::CREATED, "{by:?}");
        let old = program.get("/positions/N%2F1").await.json();
        let new = by.json()["options"][0]["instalments"][0]["notice_number"].clone();
        assert_eq!((&old["status"], &old["successor"]), (&json!("replaced"), &new));
        for _ in 0..2 {
            let cancelled = program.post("/positions/N%2F2/cancel").await;
            assert_eq!(
                (cancelled.status, &cancelled.json()["status"]),
                (StatusCode::OK, &json!("cancelled"))
            );
        }
        let history = program.get("/positions/N%2F1/history").await.json();
        let told: Vec<_> = history["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["what"])
            .collect();
        assert_eq!(told, ["created", "amended", "replaced"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_a_position_has_its_status_and_code() {
    for program in programs().await {
        let mut hidden = draft("H-1");
        hidden["draft"] = json!(true);
        program.put("H-1", &[], hidden.clone()).await;
        program.put("C-1", &[], draft("C-1")).await;
        program.post("/positions/C-1/cancel").await;
        program.put("R-1", &[], draft("R-1")).await;
        let by = Some(draft("R-2"));
        program.ask(Method::POST, "/positions/R-1/replace", &[], by).await;
        hidden["key"] = json!("R-2");
        hidden["description"] = json!("Altro");
        let any = &[("if-match", "*")][..];
        let answers = [
            (program.get("/positions/none").await, 404, "not_found"),
            (program.post("/positions/none/cancel").await, 404, "not_found"),
            (program.put("C-1", any, dearer("C-1")).await, 409, "cancelled"),
            (program.post("/positions/R-1/cancel").await, 409, "replaced"),
            (program.put("R-2", any, hidden).await, 409, "already_published"),
            (
                program
                    .ask(Method::POST, "/positions/H-1/replace", &[], Some(draft("H-2")))
                    .await,
                409,
                "unpublished",
            ),
            (program.put("X-1", &[], draft("X-2")).await, 422, "invalid"),
            (
                program.get("/positions?status=lost").await,
                400,
                "malformed_query",
            ),
            (program.get("/positions?limit=201").await, 400, "malformed_query"),
            (program.get("/positions?cursor=AAAA").await, 422, "refused_query"),
            (program.get("/positions?sort=key").await, 400, "malformed_query"),
            (program.get("/notices/123").await, 404, "not_found"),
            (program.get("/counter/debts").await, 422, "refused_query"),
        ];
        for (answer, status, code) in answers {
            assert_eq!(
                (answer.status.as_u16(), &*answer.code()),
                (status, code),
                "{answer:?}"
            );
        }
        let mut wrong = draft("W-1");
        wrong["options"][0]["instalments"][0]["amount"] = json!(0);
        wrong["debtor"]["code"] = json!("RSSMRA85T10A562T");
        let errors = program.put("W-1", &[], wrong).await.json()["errors"].clone();
        let told: Vec<_> = errors
            .as_array()
            .unwrap()
            .iter()
            .map(|error| (error["path"].as_str().unwrap(), error["code"].as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("debtor.code", "fiscal_code"),
                ("options[0].instalments[0].amount", "amount")
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_with_its_cursor() {
    for program in programs().await {
        for n in 1..=3 {
            program
                .put(&format!("L-{n}"), &[], draft(&format!("L-{n}")))
                .await;
        }
        let first = program.get("/positions?limit=2&service=nido").await.json();
        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        let next = first["next"].as_str().unwrap();
        let second = program
            .get(&format!("/positions?limit=2&service=nido&cursor={next}"))
            .await
            .json();
        assert_eq!(second["items"][0]["key"], json!("L-3"));
        assert_eq!(second.get("next"), None);
        let of_another = program.get(&format!("/positions?cursor={next}")).await;
        assert_eq!(of_another.code(), "refused_query");
        let due = program
            .get("/positions?due_from=2026-12-23&due_to=2026-12-23&changed_since=2026-11-23T00:00:00Z")
            .await;
        assert_eq!(due.json()["items"].as_array().unwrap().len(), 3, "{due:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counter_releases_prints_again_and_verifies() {
    for program in programs().await {
        let wanted = json!({
            "service": "nido",
            "debtor": { "kind": "natural", "code": MARIO, "full_name": "Mario Rossi" },
            "amount": 5000,
        });
        let release = async |key: &str, body: &Value| {
            let headers = [("idempotency-key", key)];
            program
                .ask(Method::POST, "/counter/notices", &headers, Some(body.clone()))
                .await
        };
        let released = release("k-1", &wanted).await;
        assert_eq!(released.status, StatusCode::CREATED, "{released:?}");
        assert_eq!(release("k-1", &wanted).await.json(), released.json());
        let mut other = wanted.clone();
        other["amount"] = json!(6000);
        assert_eq!(release("k-1", &other).await.code(), "idempotency_key_reused");
        let number = released.json()["notice"]["notice_number"]
            .as_str()
            .unwrap()
            .to_owned();
        let notice = program.get(&format!("/notices/{}", &number[1..])).await.json();
        assert_eq!(notice["notice"]["notice_number"], json!(number));
        let pdf = program.get(&format!("/notices/{number}/pdf")).await;
        assert_eq!(
            (pdf.status, pdf.headers["content-type"].to_str().unwrap()),
            (StatusCode::OK, "application/pdf"),
            "{}",
            pdf.text
        );
        assert!(pdf.text.starts_with("%PDF-"));
        let again = program
            .get(&format!("/counter/notices?person={MARIO}&pdf=true"))
            .await
            .json();
        assert_eq!(again["items"].as_array().unwrap().len(), 1);
        assert!(
            again["documents"][0]["pdf"]
                .as_str()
                .unwrap()
                .starts_with("JVBERi0")
        );
        let verified = program
            .get(&format!("/counter/verification?notice={number}"))
            .await
            .json();
        assert_eq!(verified["items"][0]["state"]["code"], json!("to_pay"));
        let summary = program
            .get(&format!(
                "/counter/people/summary?person={MARIO}&from=2026-11-01&to=2026-11-30"
            ))
            .await
            .json();
        assert_eq!(summary["services"][0]["left"], json!(5000));
        assert_eq!(
            program.get("/counter/services/nido").await.json()["code"],
            json!("nido")
        );
    }
}
