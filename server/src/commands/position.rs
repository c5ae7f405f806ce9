//! `lanterna position show`

use super::{Unusable, look, say};
use crate::demo::state_name;
use anyhow::{Result, bail};
use domain::{CreditorFiscalCode, Notice, NoticeNumber};
use serde_json::json;
use storage::{debt_positions, receipts};

/// Prints the position a notice belongs to. Nothing personal: it goes to terminals and tickets.
pub(super) async fn show(database: &str, notice: &str, institution: Option<&str>) -> Result<()> {
    let digits: String = notice.chars().filter(|c| !c.is_whitespace()).collect();
    let number = NoticeNumber::parse(&digits).map_err(|error| Unusable(error.to_string()))?;
    let wanted = institution
        .map(|code| CreditorFiscalCode::parse(code).map_err(|error| Unusable(error.to_string())))
        .transpose()?;
    let services = look(database).await?;
    let today = services.clock.today();
    let mut snapshot = services.store.read().await?;
    let found: Vec<Notice> = debt_positions::find_notices_by_number(&mut snapshot, &number)
        .await?
        .into_iter()
        .filter(|notice| wanted.as_ref().is_none_or(|wanted| notice.institution == *wanted))
        .collect();
    let notice = match found.as_slice() {
        [] => bail!(Unusable(format!("no notice {number} in this archive"))),
        [notice] => notice,
        several => {
            let codes: Vec<&str> = several.iter().map(|notice| notice.institution.as_str()).collect();
            bail!(Unusable(format!(
                "several institutions issued {number}: choose with --institution ({})",
                codes.join(", ")
            )))
        }
    };
    let Some(stored) =
        debt_positions::find_position_by_notice(&mut snapshot, &notice.institution, &number).await?
    else {
        bail!("notice {number} has no position: the archive is damaged");
    };
    let siblings =
        debt_positions::list_notices_of_position(&mut snapshot, &notice.institution, &notice.position_key)
            .await?;
    let received = receipts::list_receipts_of_notice(&mut snapshot, &notice.institution, &number).await?;
    let position = &stored.position;
    say(&serde_json::to_string_pretty(&json!({
        "key": position.key,
        "institution": position.institution,
        "service": position.service,
        "description": position.description,
        "status": position.status,
        "valid_from": position.valid_from,
        "notice_number": number,
        "iuv": notice.iuv,
        "amount_cents": notice.amount,
        "due_on": notice.due_on,
        "payable_until": notice.payable_until,
        "state": state_name(&notice.standing(today)),
        "notices": siblings.iter().map(|sibling| json!({
            "notice_number": sibling.number,
            "option": sibling.option,
            "kind": sibling.option_kind,
            "instalment": sibling.instalment,
            "amount_cents": sibling.amount,
            "due_on": sibling.due_on,
            "state": state_name(&sibling.standing(today)),
            "receipt_id": sibling.payment.as_ref().map(|payment| &payment.receipt_id),
        })).collect::<Vec<_>>(),
        "receipts": received.iter().map(|stored| json!({
            "receipt_id": stored.receipt.id,
            "amount_cents": stored.receipt.amount,
            "effect": stored.effect,
            "received_at": stored.received_at,
        })).collect::<Vec<_>>(),
    }))?);
    Ok(())
}
