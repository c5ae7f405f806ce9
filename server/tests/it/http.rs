//! What every answer carries, what is refused, and the addresses people are given.

use crate::support::messages::{MUNICIPALITY, number, verify};
use crate::support::portal::{Answer, Portal};
use crate::support::skipped;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

/// Receipts of the demo city are kept under counted references; this is the first.
const FIRST_RECEIPT: &str = "/ricevuta/00000000000000000000000000";
/// Whose notice that receipt paid.
const DEBTORS: [&str; 3] = ["Rossi", "Bianchi", "Verdi"];

fn page_of(institution: &str, number: &str) -> String {
    format!("/avviso/{institution}/{number}")
}

async fn form(portal: &Portal, address: &str, fields: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(address)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    portal
        .send(request.body(Body::from(fields.to_owned())).unwrap())
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_answer_carries_the_safety_headers() {
    let portal = Portal::start().await;
    let notice = portal.notice("payable").await;
    let page = page_of(&notice.institution, &notice.notice_number);
    let mut answers = vec![
        portal
            .tell(verify(MUNICIPALITY, &notice.notice_number).write())
            .await,
    ];
    for address in [
        "/",
        "/en",
        "/aiuto",
        &page,
        &format!("{page}/promemoria.ics"),
        "/avviso?codice=302000000000000000",
        "/paga/302000000000000000",
        FIRST_RECEIPT,
        "/nessuna-pagina",
        "/api/nothing",
        "/assets/nothing.js",
        "/health/live",
        "/health/ready",
        "/pagopa/paForNode",
    ] {
        answers.push(portal.open(address).await);
    }
    answers.push(
        form(
            &portal,
            "/api/payments/begin",
            "",
            &[("origin", "https://evil.example")],
        )
        .await,
    );
    for answer in answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{answer:?}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"),
            "{policy}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        assert_eq!(answer.header("set-cookie"), "", "the portal needs no cookie");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_runs_only_what_carries_its_own_nonce() {
    let portal = Portal::start().await;
    let nonce = |answer: &Answer| {
        let policy = answer.header("content-security-policy").to_owned();
        policy
            .split_once("'nonce-")
            .unwrap()
            .1
            .split_once('\'')
            .unwrap()
            .0
            .to_owned()
    };
    let (first, second) = (portal.open("/").await, portal.open("/").await);
    assert_ne!(nonce(&first), nonce(&second));
    let own = format!("nonce=\"{}\"", nonce(&first));
    for element in ["<script", "<style"] {
        for (place, _) in first.text().match_indices(element) {
            let tag = first.text()[place..].split('>').next().unwrap();
            assert!(tag.contains(&own) || tag.contains("application/ld+json"), "{tag}");
        }
    }
    assert!(!first.text().contains(" style=\"") && !first.text().contains(" onclick="));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_is_refused_and_our_own_is_not() {
    let portal = Portal::start().await;
    for address in ["/api/payments/begin", "/api/receipts/open", "/api/ratings"] {
        for headers in [
            &[("origin", "https://evil.example"), ("host", "127.0.0.1:3000")][..],
            &[("origin", "null"), ("host", "127.0.0.1:3000")],
            &[
                ("origin", "http://127.0.0.1:3000"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            let answer = form(&portal, address, "language=italian", headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{address} {headers:?}");
        }
        let answer = form(
            &portal,
            address,
            "language=italian",
            &[("origin", "http://127.0.0.1:3000")],
        )
        .await;
        assert_ne!(answer.status, StatusCode::FORBIDDEN, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_made_for_paper_and_messages_lead_to_the_notice() {
    let portal = Portal::start().await;
    let code = "312202600000001787";
    let page = page_of(MUNICIPALITY, code);
    for (link, next) in [
        (format!("/paga/{code}"), format!("/avviso?codice={code}")),
        (format!("/paga?codice={code}"), format!("/avviso?codice={code}")),
        (format!("/paga?code={code}"), format!("/avviso?codice={code}")),
        (
            format!("/paga?qr=PAGOPA%7C002%7C{code}%7C{MUNICIPALITY}%7C12050"),
            format!("/avviso?codice=PAGOPA%7C002%7C{code}%7C{MUNICIPALITY}%7C12050"),
        ),
    ] {
        let answer = portal.open(&link).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::SEE_OTHER, next.as_str()),
            "{link}"
        );
        let answer = portal.open(&next).await;
        assert!(answer.status.is_redirection(), "{next}: {}", answer.status);
        assert_eq!(answer.header("location"), page, "{next}");
    }
    assert_eq!(portal.open("/paga").await.header("location"), "/");
    assert_eq!(
        portal.open("/paga/a%26b%2F..").await.header("location"),
        "/avviso?codice=a%26b%2F.."
    );
    let english = Request::get(format!("/paga/{code}")).header(header::ACCEPT_LANGUAGE, "en-GB");
    let answer = portal.send(english.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("location"), format!("/en/notice?code={code}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_alone_says_what_is_owed_and_never_by_whom() {
    let portal = Portal::start().await;
    for code in server::demo::codes(&portal.services).await.unwrap() {
        let page = portal
            .open(&page_of(&code.institution, &code.notice_number))
            .await;
        let draft = code.state == "draft";
        assert_eq!(
            page.status == StatusCode::NOT_FOUND,
            draft,
            "{}: {}",
            code.about,
            page.status
        );
        for personal in
            DEBTORS
                .iter()
                .chain(&["RSSMRA85T10A562S", "BNCNNA99M71D969B", "Caruggi", "12345678903"])
        {
            assert!(!page.text().contains(personal), "{}: {personal}", code.about);
        }
    }
    let page = portal.open(&page_of(MUNICIPALITY, "312202600000001787")).await;
    let head = page.text().split_once("</head>").unwrap().0;
    assert!(
        head.contains("og:title") && head.contains("Comune di Genova"),
        "{head}"
    );
    assert!(head.contains("noindex"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_is_an_event_on_the_due_date_without_names() {
    let portal = Portal::start().await;
    let answer = portal
        .open(&format!(
            "{}/promemoria.ics",
            page_of(MUNICIPALITY, "312202600000001787")
        ))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"avviso-312202600000001787.ics\""
    );
    let text = answer.text();
    assert!(
        text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"),
        "{text}"
    );
    assert!(text.contains("DTSTART;VALUE=DATE:20261231\r\n"), "{text}");
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    assert!(DEBTORS.iter().all(|name| !text.contains(name)), "{text}");
    for state in ["paid", "cancelled", "expired", "draft"] {
        let notice = portal.notice(state).await;
        let address = format!(
            "{}/promemoria.ics",
            page_of(&notice.institution, &notice.notice_number)
        );
        assert_eq!(
            portal.open(&address).await.status,
            StatusCode::NOT_FOUND,
            "{state}"
        );
    }
    for address in [
        "/avviso/x/y/promemoria.ics",
        "/avviso/00856930102/302000000000000000/promemoria.ics",
    ] {
        assert_eq!(
            portal.open(address).await.status,
            StatusCode::NOT_FOUND,
            "{address}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_its_archive_lives_and_is_not_ready() {
    let portal = Portal::start().await;
    assert_eq!(portal.open("/health/live").await.text(), "live\n");
    let ready = portal.open("/health/ready").await;
    assert_eq!((ready.status, ready.text()), (StatusCode::OK, "ready\n"));
    portal.services.store.close().await;
    assert_eq!(portal.open("/health/live").await.status, StatusCode::OK);
    let ready = portal.open("/health/ready").await;
    assert_eq!(
        (ready.status, ready.text()),
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    );
    let page = portal.open(&page_of(MUNICIPALITY, "312202600000001787")).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("PORTALE-503"), "people can quote a code");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_may_look_up_sixty_codes_a_minute() {
    let portal = Portal::start().await;
    let code = format!("/avviso?codice={}", number(1));
    let look = async || portal.open(&code).await;
    for _ in 0..60 {
        assert_ne!(look().await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let answer = look().await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.text().contains("PORTALE-429"));
    // Nobody believes a stranger who says that he is somebody else.
    let pretended = Request::get(&code).header("x-forwarded-for", "192.0.2.9");
    let answer = portal.send(pretended.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(portal.open("/").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_opens_with_its_link_and_with_no_other() {
    let portal = Portal::start().await;
    let receipt = portal.open(FIRST_RECEIPT).await;
    assert_eq!(receipt.status, StatusCode::OK);
    assert_eq!(receipt.header("cache-control"), "no-store");
    assert!(receipt.text().contains("noindex"));
    for other in [
        "/ricevuta/0",
        "/ricevuta/zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "/ricevuta/%25",
        "/en/receipt/x",
    ] {
        assert_eq!(portal.open(other).await.status, StatusCode::NOT_FOUND, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_opens_a_receipt_and_five_wrong_ones_close_the_door() {
    let portal = Portal::start().await;
    let notice = number(2026000000107);
    let open = async |proof: &str| {
        let fields = format!("code={notice}&proof={proof}&language=italian");
        form(
            &portal,
            "/api/receipts/open",
            &fields,
            &[("origin", "http://127.0.0.1:3000")],
        )
        .await
    };
    let opened = open("d969b").await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    assert_eq!(
        portal.open(opened.header("location")).await.status,
        StatusCode::OK
    );
    for _ in 0..4 {
        let refused = open("X000X").await;
        assert_eq!(refused.status, StatusCode::SEE_OTHER);
        assert!(
            refused.header("location").contains("problema=not-opened"),
            "{}",
            refused.header("location")
        );
        assert!(
            !refused.header("location").contains("X000X"),
            "a proof is personal"
        );
    }
    let closed = open("D969B").await;
    assert!(
        closed.header("location").contains("problema=too-many"),
        "{}",
        closed.header("location")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_hub_is_silent_the_citizen_goes_back_to_the_summary() {
    let portal = Portal::start().await;
    let fields = format!("cart={MUNICIPALITY}-312202600000001787&email=&language=english");
    let answer = form(
        &portal,
        "/api/payments/begin",
        &fields,
        &[("origin", "http://127.0.0.1:3000")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let summary = answer.header("location");
    assert!(
        summary.starts_with("/en/cart?notice=00856930102-312202600000001787"),
        "{summary}"
    );
    assert!(summary.contains("problem=hub-silent"), "{summary}");
    let page = portal.open(summary).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_that_nobody_began_proves_nothing() {
    let portal = Portal::start().await;
    for how in ["ok", "cancel", "error", "waiting"] {
        let answer = portal.open(&format!("/rientro/nobodys/{how}")).await;
        assert_eq!(answer.header("location"), "/esito/nobodys");
    }
    assert_eq!(portal.open("/esito/nobodys").await.status, StatusCode::NOT_FOUND);
    assert_eq!(portal.open("/rientro/nobodys/paid").await.header("location"), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn bundled_files_stay_for_ever_and_come_compressed() {
    let portal = Portal::start().await;
    if portal.assets.urls.is_empty() {
        skipped("this binary was built without the portal's files (run `make site` first)");
        return;
    }
    let fetch = async |address: &str, coding: &str| {
        let request = Request::get(address).header(header::ACCEPT_ENCODING, coding);
        portal.send(request.body(Body::empty()).unwrap()).await
    };
    let (mut whole, mut compressed) = (0, 0);
    for (name, address) in &portal.assets.urls {
        if name == "robots.txt" {
            continue;
        }
        let plain = fetch(address, "identity").await;
        assert_eq!(plain.status, StatusCode::OK, "{address}");
        assert_eq!(
            plain.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(plain.header("vary"), "accept-encoding");
        assert_ne!(
            plain.header("content-type"),
            "application/octet-stream",
            "{address}"
        );
        for (accepted, coding) in [("gzip, br", "br"), ("gzip;q=1.0", "gzip")] {
            let small = fetch(address, accepted).await;
            if small.header("content-encoding").is_empty() {
                assert_eq!(small.body, plain.body, "{address}");
            } else {
                assert_eq!(small.header("content-encoding"), coding);
                whole += plain.body.len();
                compressed += small.body.len();
            }
        }
    }
    assert!(
        (1..whole).contains(&(2 * compressed)),
        "{compressed} of {whole} bytes"
    );
    for nothing in [
        "/assets/manifest.json",
        "/assets/..%2F..%2FCargo.toml",
        "/assets/",
        "/assets/main.css",
    ] {
        assert_eq!(
            fetch(nothing, "br").await.status,
            StatusCode::NOT_FOUND,
            "{nothing}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_and_unknown_addresses_are_told_by_their_status() {
    let portal = Portal::start().await;
    let send = async |method: Method, address: &str| {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header(header::ACCEPT, "text/html");
        portal.send(request.body(Body::empty()).unwrap()).await
    };
    for address in ["/", "/health/live", &page_of(MUNICIPALITY, "312202600000001787")] {
        let head = send(Method::HEAD, address).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0), "{address}");
        assert_eq!(
            send(Method::DELETE, address).await.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{address}"
        );
    }
    for (address, lang) in [
        ("/nessuna", "lang=\"it\""),
        ("/en/nothing", "lang=\"en\""),
        ("/avviso/1", "lang=\"it\""),
    ] {
        let page = send(Method::GET, address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        assert!(page.text().contains(lang), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_in_any_address_gets_an_answer() {
    let portal = Portal::start().await;
    let long = "9".repeat(3_000);
    for text in [
        "%00",
        "%FF%FE",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "%27%3B--",
        "%2e%2e%2f",
        "%E2%80%AE",
        &long,
    ] {
        for address in [
            "/avviso?codice=",
            "/paga/",
            "/ricevuta/",
            "/esito/",
            "/carrello?avviso=",
            "/rientro/x/",
        ] {
            let answer = portal.open(&format!("{address}{text}")).await;
            assert!(
                !answer.status.is_server_error(),
                "{address}{text}: {}",
                answer.status
            );
            assert!(
                !String::from_utf8_lossy(&answer.body).contains("<script>alert"),
                "{address}{text}"
            );
        }
    }
}
