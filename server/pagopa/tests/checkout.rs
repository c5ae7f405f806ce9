//! Carts: what is asked of Checkout, and what its answers mean.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use domain::{Cents, CreditorFiscalCode, NoticeNumber};
use pagopa::checkout::{CartNotice, CartRequest, Edition, NotOpened, ReturnUrls, open_cart, redirect};
use pagopa::gateway::{Problem, Reply};
use serde_json::{Value, json};

fn cart() -> CartRequest {
    CartRequest {
        email_notice: Some("a@example.it".into()),
        payment_notices: vec![CartNotice {
            notice_number: NoticeNumber::parse("312202600000002502").unwrap(),
            fiscal_code: CreditorFiscalCode::parse("00856930102").unwrap(),
            amount: Cents::new(19_950),
            company_name: "è".repeat(150),
            description: "TARI 2026".into(),
        }],
        return_urls: ReturnUrls {
            ok: "https://a.example.it/ok".into(),
            cancel: "https://a.example.it/cancel".into(),
            error: "https://a.example.it/error".into(),
            waiting: Some("https://a.example.it/waiting".into()),
        },
        id_cart: Some("token".into()),
        all_postal: Some(true),
    }
}

fn reply(status: u16, location: Option<&str>) -> Reply {
    Reply {
        status,
        location: location.map(str::to_owned),
        retry_after: None,
        is_json: false,
        body: Vec::new(),
    }
}

#[test]
fn a_cart_is_sent_as_each_edition_says() {
    let mut expected = json!({
        "emailNotice": "a@example.it",
        "paymentNotices": [{
            "noticeNumber": "312202600000002502",
            "fiscalCode": "00856930102",
            "amount": 19950,
            "companyName": "è".repeat(140),
            "description": "TARI 2026",
        }],
        "returnUrls": {
            "returnOkUrl": "https://a.example.it/ok",
            "returnCancelUrl": "https://a.example.it/cancel",
            "returnErrorUrl": "https://a.example.it/error",
            "returnWaitingUrl": "https://a.example.it/waiting",
        },
        "idCart": "token",
        "allCCP": true,
    });
    let second = open_cart(Edition::Second, cart());
    assert_eq!(second.path, ["v2", "carts"]);
    assert_eq!(serde_json::from_slice::<Value>(second.bytes()).unwrap(), expected);

    let first = open_cart(Edition::First, cart());
    assert_eq!(first.path, ["v1", "carts"]);
    expected["returnUrls"]
        .as_object_mut()
        .unwrap()
        .remove("returnWaitingUrl");
    assert_eq!(serde_json::from_slice::<Value>(first.bytes()).unwrap(), expected);
}

#[test]
fn a_citizen_is_sent_only_where_the_settings_allow() {
    let hosts = [".pagopa.it".to_owned(), "127.0.0.1".to_owned()];
    for allowed in [
        "https://api.platform.pagopa.it/ecommerce/checkout/v1/carts/1/redirect?clientId=CHECKOUT_CART",
        "https://pagopa.it/c/1",
        "http://127.0.0.1:9/c/1",
    ] {
        assert_eq!(
            redirect(&reply(302, Some(allowed)), &hosts).as_deref(),
            Ok(allowed)
        );
    }
    for elsewhere in [
        Some("https://pagopa.it.example.com/"),
        Some("https://notpagopa.it/"),
        Some("http://checkout.pagopa.it/"),
        Some("https://user@checkout.pagopa.it/"),
        Some("javascript:alert(1)"),
        Some("/c/1"),
        Some(""),
        None,
    ] {
        assert!(
            matches!(
                redirect(&reply(302, elsewhere), &hosts),
                Err(NotOpened::Rubbish(_))
            ),
            "{elsewhere:?}"
        );
    }
}

#[test]
fn refusals_are_told_from_answers_that_make_no_sense() {
    let refused = Reply {
        is_json: true,
        body: br#"{"title":"Bad\u0007 request","status":422,"detail":"no"}"#.to_vec(),
        ..reply(422, None)
    };
    let problem = Problem {
        title: Some("Bad request".into()),
        detail: Some("no".into()),
    };
    assert_eq!(
        redirect(&refused, &[]),
        Err(NotOpened::Refused { status: 422, problem })
    );
    let wordless = redirect(&reply(502, None), &[]).unwrap_err();
    assert_eq!(
        wordless.to_string(),
        "Checkout refuses the cart with status 502: no reason given"
    );
    for rubbish in [200, 204, 301, 307] {
        let there = reply(rubbish, Some("https://checkout.pagopa.it/"));
        assert!(matches!(
            redirect(&there, &[".pagopa.it".into()]),
            Err(NotOpened::Rubbish(_))
        ));
    }
}

#[test]
fn addresses_that_carry_secrets_are_not_printed() {
    for printed in [
        format!("{:?}", cart()),
        format!("{:?}", open_cart(Edition::Second, cart())),
    ] {
        assert!(
            !printed.contains("example.it") && !printed.contains("token"),
            "{printed}"
        );
    }
}
