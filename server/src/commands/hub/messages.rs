//! `lanterna hub messages`

use super::super::say;
use super::event;
use super::sought::Found;
use crate::cli::Messages;
use anyhow::Result;
use services::clock::italian_time;
use storage::messages::{Direction, MessageKind, NewMessage};

/// Prints the messages, oldest first: a line each for people, or everything as JSON lines.
pub(in super::super) async fn messages(arguments: Messages) -> Result<()> {
    let mut found = Found::open(&arguments.sought).await?;
    let mut count = 0;
    loop {
        let page = found.page().await?;
        if page.is_empty() {
            break;
        }
        count += page.len();
        for message in &page {
            if arguments.json {
                say(&event::json(message).to_string());
            } else {
                say(&line(message));
            }
        }
    }
    if !arguments.json {
        say(&format!(
            "{count} messages about {} of {}",
            found.describe(),
            found.search.institution
        ));
    }
    Ok(())
}

/// A message on one line. Nothing personal: it goes to terminals and tickets.
fn line(message: &NewMessage) -> String {
    let direction = match message.direction {
        Direction::Inbound => "in ",
        Direction::Outbound => "out",
    };
    let kind = match message.kind {
        MessageKind::Request => "REQ ",
        MessageKind::Response => "RESP",
    };
    let duration = message
        .duration_ms
        .map(|milliseconds| format!("  {milliseconds} ms"))
        .unwrap_or_default();
    format!(
        "{}  {direction}  {kind}  {:<24}  {:>8} bytes  {}{duration}",
        italian_time(message.at).format("%Y-%m-%d %H:%M:%S%.3f"),
        message.operation,
        message.body.len(),
        message.outcome.as_deref().unwrap_or("-"),
    )
}
