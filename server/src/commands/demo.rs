//! `lanterna demo …`

use super::application::renewed_secret;
use super::{look, say};
use crate::config::DEFAULT_LISTEN;
use crate::demo::{APPLICATION, DemoCode, codes as codes_in, planned_codes};
use crate::demo_certificates;
use domain::NoticeNumber;
use services::clock::{Clock, SystemClock};
use std::path::Path;

/// Lists the demo city's notices as the archive holds them; without an archive, as a new one would.
pub(super) async fn codes(database: &str, json: bool) -> anyhow::Result<()> {
    let codes = match look(database).await {
        Ok(services) => {
            let codes = codes_in(&services).await?;
            if codes.is_empty() {
                planned_codes(services.clock.today())?
            } else {
                codes
            }
        }
        Err(_) => planned_codes(SystemClock.today())?,
    };
    if json {
        say(&serde_json::to_string_pretty(&codes)?);
    } else {
        for code in &codes {
            say(&line(code));
        }
    }
    Ok(())
}

/// Makes certificates to try mutual TLS with.
pub(super) fn certificates(folder: &Path) -> anyhow::Result<()> {
    demo_certificates::write(folder, SystemClock.today())?;
    say(&format!(
        "{}: {}",
        folder.display(),
        demo_certificates::FILES.join(", ")
    ));
    Ok(())
}

/// Gives the demo's program a new secret, and says how to come in with it.
pub(super) async fn application(database: &str) -> anyhow::Result<()> {
    let services = look(database).await?;
    let secret = renewed_secret(&services, APPLICATION).await?;
    say(&format!(
        "application  {APPLICATION}\nsecret       {secret}\n\n\
         curl -u {APPLICATION}:{secret} -d grant_type=client_credentials http://{DEFAULT_LISTEN}/api/v1/token"
    ));
    Ok(())
}

/// A notice on one line: code in groups of four, institution, state, what it shows.
pub(super) fn line(code: &DemoCode) -> String {
    let number =
        NoticeNumber::parse(&code.notice_number).map_or_else(|_| code.notice_number.clone(), |n| n.grouped());
    format!(
        "{number}  {}  {:<19}  {}",
        code.institution, code.state, code.about
    )
}
