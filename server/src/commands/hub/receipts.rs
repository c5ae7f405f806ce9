//! `lanterna hub receipts`

use super::{connected, institution, say};
use crate::cli::{Configured, Receipts};
use crate::commands::Unusable;
use anyhow::{Result, bail};
use domain::{Iuv, ReceiptId};
use services::missing_receipts::{Recovery, recover_receipt};
use services::receipts::Taken;

pub(super) async fn run(command: Receipts) -> Result<()> {
    match command {
        Receipts::Recover {
            institution,
            receipt,
            iuv,
            configured,
        } => recover(&institution, &receipt, iuv.as_deref(), &configured).await,
    }
}

async fn recover(code: &str, receipt: &str, iuv: Option<&str>, configured: &Configured) -> Result<()> {
    let institution = institution(code)?;
    let id = ReceiptId::parse(receipt).map_err(|error| Unusable(error.to_string()))?;
    let iuv = iuv
        .map(|iuv| Iuv::parse(iuv).map_err(|error| Unusable(error.to_string())))
        .transpose()?;
    let services = connected(configured).await?;
    match recover_receipt(&services, &institution, &id, iuv.as_ref()).await? {
        Recovery::Taken(Taken::New(effect)) => say(&format!("receipt {id} taken: {}", effect.as_str())),
        Recovery::Taken(Taken::Repeated | Taken::RepeatedDifferently) | Recovery::Here => {
            say(&format!("receipt {id} is here already"));
        }
        Recovery::NotFound => bail!("the hub has no receipt {id} of {institution}, or not yet"),
    }
    Ok(())
}
