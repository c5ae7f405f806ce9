//! The pages: marked as a trial, in two languages, without anything inline.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{City, INSTITUTION, TARI, UNKNOWN};

#[tokio::test]
async fn every_page_is_marked_as_a_trial_in_the_language_asked() {
    let city = City::start().await;
    let cart = city.cart(&[TARI]).await;
    for path in [
        "/",
        "/psp",
        "/flows",
        "/program",
        "/station",
        "/exchanges/1",
        &cart,
        "/checkout/c/00",
        "/nowhere",
    ] {
        for (lang, mark) in [
            ("it", "Ambiente di prova: nessun denaro."),
            ("en", "Sandbox: no money moves."),
        ] {
            let answer = city.get(&format!("{path}?lang={lang}")).await;
            let policy = answer.headers()["content-security-policy"]
                .to_str()
                .unwrap()
                .to_owned();
            assert!(
                policy.starts_with("default-src 'none'; style-src 'self';"),
                "{policy}"
            );
            assert!(!policy.contains("unsafe"));
            let page = answer.text().await.unwrap();
            assert!(
                page.contains(&format!("<html lang=\"{lang}\">")) && page.contains(mark),
                "{path} {lang}"
            );
            assert!(
                !page.contains("<script") && !page.contains(" style=") && !page.contains("<style"),
                "{path}"
            );
            assert_eq!(page.matches("<h1>").count(), 1, "{path}");
        }
    }
    let english = city
        .http
        .get(format!("{}/psp", city.sandbox))
        .header("accept-language", "en-GB,it;q=0.5");
    assert!(
        english
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("<html lang=\"en\">")
    );
}

#[tokio::test]
async fn the_payment_page_lets_its_form_end_at_the_institutions_site_only() {
    let city = City::start().await;
    let cart = city.cart(&[TARI]).await;
    let policy = city.get(&cart).await.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("form-action 'self' https://portal.example.it;"),
        "{policy}"
    );
}

#[tokio::test]
async fn a_notice_is_paid_at_the_counter_in_two_steps() {
    let city = City::start().await;
    let fields = format!("code=3122+0260+0000+0025+02&institution={INSTITUTION}&channel=postal_slip");
    let due = city.form("/psp/verify", &fields).await.text().await.unwrap();
    assert!(
        due.contains("Comune di prova") && due.contains("206,00 €"),
        "{due}"
    );
    let paid = city.form("/psp/pay", &fields).await.text().await.unwrap();
    assert!(
        paid.contains("Pagato per prova") && paid.contains("confermata (1 tentativo)"),
        "{paid}"
    );
    let again = city.form("/psp/pay?lang=en", &fields).await;
    assert_eq!(again.status(), 422);
    assert!(again.text().await.unwrap().contains("PPT_PAGAMENTO_DUPLICATO"));
}

#[tokio::test]
async fn the_text_of_a_qr_code_is_enough_and_other_texts_are_explained() {
    let city = City::start().await;
    let qr = format!("code=PAGOPA%7C002%7C{TARI}%7C{INSTITUTION}%7C20600");
    assert_eq!(city.form("/psp/verify", &qr).await.status(), 200);
    for (fields, id) in [
        (
            "code=31220260000000250&institution=00856930102".to_owned(),
            "code-error",
        ),
        ("code=".to_owned(), "code-error"),
        (format!("code={TARI}"), "institution-error"),
        (format!("code={TARI}&institution=C_D969"), "institution-error"),
    ] {
        let answer = city.form("/psp/verify", &fields).await;
        assert_eq!(answer.status(), 422);
        assert!(
            answer.text().await.unwrap().contains(&format!("id=\"{id}\"")),
            "{fields}"
        );
    }
    let unknown = city
        .form(
            "/psp/verify",
            &format!("code={UNKNOWN}&institution={INSTITUTION}"),
        )
        .await;
    assert!(
        unknown
            .text()
            .await
            .unwrap()
            .contains("PAA_PAGAMENTO_SCONOSCIUTO")
    );
}

#[tokio::test]
async fn faults_are_switched_on_by_form_and_exchanges_are_shown() {
    let city = City::start().await;
    assert!(city.page("/").await.contains("<details id=\"faults\">"));
    let fields = "cart=server_error&delay_ms=0&receipt_delay_ms=0&receipt_copies=2&stand_in=on";
    assert_eq!(
        city.form("/mischief?lang=en", fields).await.headers()["location"],
        "/?lang=en"
    );
    let home = city.page("/?lang=en").await;
    assert!(home.contains("<details id=\"faults\" open>"), "{home}");
    assert!(home.contains("the hub misbehaves") && home.contains("value=\"server_error\" selected"));
    let beyond = fields.replace("copies=2", "copies=6");
    assert_eq!(city.form("/mischief", &beyond).await.status(), 422);

    assert_eq!(
        city.json("/checkout/ec/v2/carts", &common::cart(&[TARI]))
            .await
            .status(),
        500
    );
    let home = city.page("/").await;
    assert!(
        home.contains("postCarts") && home.contains("mischief: server_error"),
        "{home}"
    );
    let exchange = city.page("/exchanges/1").await;
    assert!(exchange.contains("paymentNotices") && exchange.contains("500"));
    assert_eq!(city.get("/exchanges/2").await.status(), 404);
    assert_eq!(
        city.get("/style.css").await.headers()["content-type"],
        "text/css; charset=utf-8"
    );
}

#[tokio::test]
async fn forms_begin_with_the_institution_that_is_its_own_broker_and_keep_what_was_typed() {
    let city = City::start().await;
    let filled = format!("name=\"institution\" value=\"{INSTITUTION}\"");
    assert_eq!(city.page("/station").await.matches(&filled).count(), 3);
    assert!(
        city.page("/psp")
            .await
            .contains(&format!("value=\"{INSTITUTION}\""))
    );
    let fields = "institution=1234&service=00001&subject=XY&data=%3Ca%2F%3E";
    let page = city.form("/station/demand", fields).await.text().await.unwrap();
    for kept in [
        "value=\"1234\"",
        "value=\"00001\"",
        "value=\"XY\"",
        "&lt;a/&gt;</textarea>",
    ] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
}
