//! The bare echo: the server's own listener and layers, a handler that reads a SOAP message and answers fixed bytes. It
//! logs nothing and asks no archive. What it reaches is what this machine could give at most.

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use domain::CreditorFiscalCode;
use pagopa::SOAP_CONTENT_TYPE;
use pagopa::pa_for_node::verify_payment_notice::Due;
use pagopa::pa_for_node::{Answer, read_request};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Serves until killed.
pub(crate) async fn run(listen: SocketAddr) -> Result<()> {
    let answer = Bytes::from(
        Answer::Ok(Due {
            amount: crate::messages::AMOUNT,
            due_on: "2026-12-31".parse().ok(),
            detail: Some("Refezione scolastica".to_owned()),
            all_postal: false,
            description: "Servizio mensa".to_owned(),
            institution: CreditorFiscalCode::parse(crate::messages::INSTITUTION)?,
            company_name: "Comune di Genova".to_owned(),
            office_name: Some("Ufficio ristorazione".to_owned()),
        })
        .write(),
    );
    let echo = move |message: Bytes| {
        let answer = answer.clone();
        async move {
            match read_request(&message) {
                Ok(_) => ([(CONTENT_TYPE, SOAP_CONTENT_TYPE)], answer).into_response(),
                Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
            }
        }
    };
    let router = Router::new().route("/pagopa/paForNode", post(echo));
    let router =
        server::http::guarded(router, Arc::default()).layer(DefaultBodyLimit::max(pagopa::MAX_MESSAGE_BYTES));
    let listener = TcpListener::bind(listen).await?;
    println!("echo on http://{}", listener.local_addr()?);
    server::serve(listener, router, Arc::default(), std::future::pending()).await;
    Ok(())
}
