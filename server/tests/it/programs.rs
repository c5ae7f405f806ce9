//! Programs: registered from the command line, let in by the server.

use crate::support::messages::MUNICIPALITY;
use crate::support::portal::Portal;
use crate::support::program::{Said, run};
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

/// Runs a command about applications on a portal's database.
fn application(portal: &Portal, arguments: &[&str]) -> Said {
    let database = portal.database();
    let mut all = vec!["application"];
    all.extend(arguments);
    all.extend(["--database", &database]);
    run(&all)
}

async fn token(portal: &Portal, id: &str, secret: &str) -> (u16, Value) {
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let request = Request::post("/api/v1/token")
        .header("content-type", "application/x-www-form-urlencoded")
        // A page of another site could send this; it would have to know the secret.
        .header("origin", "https://elsewhere.example");
    let answer = portal.send(request.body(Body::from(form)).unwrap()).await;
    (
        answer.status.as_u16(),
        serde_json::from_slice(&answer.body).unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::too_many_lines,
    reason = "one story, from the first command to the last"
)]
async fn a_program_is_registered_let_in_and_turned_away_from_the_command_line() {
    let portal = Box::pin(Portal::start()).await;
    let create = |id: &str, more: &[&str]| {
        let mut arguments = vec!["create", id, "--institution", MUNICIPALITY, "--name", "Tributi"];
        arguments.extend(more);
        application(&portal, &arguments)
    };
    let made = create(
        "tributi",
        &[
            "--grant",
            "receipts:read",
            "--grant",
            "quotes:read=tari",
            "--numbers",
            "12:1-99",
        ],
    );
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.out.contains("receipts:read quotes:read=tari"), "{made:?}");
    for (id, more, told) in [
        (
            "tributi",
            &["--grant", "receipts:read"][..],
            "there is an application tributi already",
        ),
        ("X", &["--grant", "receipts:read"], "3 to 40 small letters"),
        ("altro", &[], "at least one scope"),
        ("altro", &["--grant", "quotes:read=none"], "has no service none"),
        ("altro", &["--grant", "all"], "not a scope"),
        (
            "altro",
            &["--grant", "quotes:read", "--numbers", "12:50-60"],
            "application tributi numbers notices",
        ),
        (
            "altro",
            &["--grant", "quotes:read", "--certificate", "ab"],
            "64 hexadecimal digits",
        ),
    ] {
        let said = create(id, more);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(told), "{said:?}");
    }

    let secret = application(&portal, &["secret", "new", "tributi"]);
    let text = secret.out.trim().to_owned();
    assert!(text.starts_with("lanterna_") && text.len() == 61, "{secret:?}");
    let (status, given) = token(&portal, "tributi", &text).await;
    assert_eq!(status, 200, "{given}");
    let bearer = format!("Bearer {}", given["access_token"].as_str().unwrap());
    let ask = async || {
        let request = Request::get("/api/v1/institution").header("authorization", &bearer);
        portal.send(request.body(Body::empty()).unwrap()).await
    };
    let answer = ask().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(answer.header("access-control-allow-origin"), "");

    let shown = application(&portal, &["show", "tributi"]);
    assert!(
        shown.out.contains("numbers      12:1-99") && !shown.out.contains(&text),
        "{shown:?}"
    );
    let number = shown
        .out
        .lines()
        .find_map(|line| line.trim().strip_prefix("secret "))
        .unwrap();
    let number = number.split_whitespace().next().unwrap();
    let granted = application(
        &portal,
        &[
            "grant",
            "tributi",
            "--grant",
            "positions:read",
            "--remove",
            "receipts:read",
        ],
    );
    assert!(
        granted.out.contains("positions:read quotes:read=tari"),
        "{granted:?}"
    );
    let revoked = application(&portal, &["secret", "revoke", "tributi", number]);
    assert_eq!(revoked.code, Some(0), "{revoked:?}");
    let again = application(&portal, &["secret", "revoke", "tributi", number]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert_eq!(token(&portal, "tributi", &text).await.0, 401);
    let off = application(&portal, &["deactivate", "tributi"]);
    assert!(off.out.contains("inactive"), "{off:?}");
    portal.services.applications.refresh();
    assert_eq!(ask().await.status, 401);
    let audit = application(&portal, &["audit", "tributi", "--json"]);
    let actions: Vec<String> = audit
        .out
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["action"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        actions,
        [
            "application.deactivated",
            "application.secret_revoked",
            "application.changed",
            "application.secret_made",
            "application.created"
        ]
    );
    let listed = application(&portal, &["list", "--json"]);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    assert_eq!(application(&portal, &["show", "nobody"]).code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_can_try_the_demos_program() {
    let portal = Box::pin(Portal::start()).await;
    let mut last = String::new();
    for _ in 0..3 {
        let said = run(&["demo", "application", "--database", &portal.database()]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let secret = said
            .out
            .lines()
            .find_map(|line| line.strip_prefix("secret "))
            .unwrap();
        last = secret.trim().to_owned();
    }
    let (status, given) = token(&portal, "demo", &last).await;
    assert_eq!(status, 200, "{given}");
    assert!(given["scope"].as_str().unwrap().contains("positions:write"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_of_programs_is_no_page_of_the_portal() {
    let portal = Box::pin(Portal::start()).await;
    for path in ["/api", "/api/", "/api/v1/none", "/api/v2"] {
        let answer = portal.open(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
    }
    let page = portal.open("/api/v1/").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-security-policy")
            .contains("style-src 'sha256-")
    );
    let document = portal.open("/api/v1/openapi.json").await;
    let document: Value = serde_json::from_slice(&document.body).unwrap();
    assert!(document["paths"]["/api/v1/receipts"].is_object());
}
