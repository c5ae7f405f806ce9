//! `lanterna case list`

use super::{Unusable, look, say};
use anyhow::{Result, bail};
use domain::CreditorFiscalCode;
use domain::money::NumberStyle;
use serde_json::json;
use services::Services;
use services::cases::list_open_cases;
use services::clock::italian_date;
use storage::cases::{OpenCase, PAGE_MAX};

/// Prints the open cases of one institution, or of all. Nothing personal: it goes to terminals and tickets.
pub(super) async fn list(database: &str, institution: Option<&str>, as_json: bool) -> Result<()> {
    let wanted = institution
        .map(|code| CreditorFiscalCode::parse(code).map_err(|error| Unusable(error.to_string())))
        .transpose()?;
    let services = look(database).await?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let served = entries.institutions.iter().map(|served| &served.fiscal_code);
    let chosen: Vec<&CreditorFiscalCode> = served
        .filter(|code| wanted.as_ref().is_none_or(|wanted| wanted == *code))
        .collect();
    if let (Some(wanted), []) = (&wanted, &chosen[..]) {
        bail!(Unusable(format!("no institution {wanted} in this archive")));
    }
    for code in chosen {
        list_of(&services, code, as_json).await?;
    }
    Ok(())
}

async fn list_of(services: &Services, institution: &CreditorFiscalCode, as_json: bool) -> Result<()> {
    let mut after = 0;
    loop {
        let page = list_open_cases(services, institution, after).await?;
        for open in &page {
            say(&if as_json { as_json_line(open) } else { line(open) });
        }
        match page.last() {
            Some(last) if page.len() == PAGE_MAX as usize => after = last.id,
            Some(_) | None => return Ok(()),
        }
    }
}

fn line(open: &OpenCase) -> String {
    let case = &open.case;
    format!(
        "{}  {}  {}  avviso {}  ricevuta {}  {} €\n    {} {}.",
        open.id,
        italian_date(open.opened_at),
        case.institution,
        case.notice_number,
        case.receipt_id,
        case.money.to_people(NumberStyle::Italian),
        case.kind.sentence(),
        case.kind.proposed_action()
    )
}

fn as_json_line(open: &OpenCase) -> String {
    let case = &open.case;
    json!({
        "id": open.id,
        "opened_at": open.opened_at,
        "institution": case.institution,
        "notice_number": case.notice_number,
        "receipt_id": case.receipt_id,
        "kind": case.kind.as_str(),
        "money_cents": case.money,
        "sentence": case.kind.sentence(),
        "proposed_action": case.kind.proposed_action(),
    })
    .to_string()
}
