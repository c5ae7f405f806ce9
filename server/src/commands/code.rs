//! `lanterna code`

use super::say;
use domain::NoticeNumber;
use domain::citizen_code::{Verdict, read};
use serde_json::json;

/// Prints the citizen's verdict as JSON, always with the same four keys. A refused text is an answer too: only a text that
/// was not read at all would be a failure.
pub(super) fn code(text: &str) -> anyhow::Result<()> {
    let (verdict, number, iuv, reason) = match read(text) {
        Verdict::NoticeNumber { number, .. } => ("notice_number", Some(number), None, None),
        Verdict::Correction { number, .. } => ("correction", Some(number), None, None),
        Verdict::Iuv(iuv) => ("iuv", None, Some(iuv), None),
        Verdict::Refused(refusal) => ("refused", None, None, Some(refusal.code())),
    };
    let iuv = iuv.or_else(|| number.as_ref().map(NoticeNumber::iuv));
    let answer = json!({ "verdict": verdict, "notice_number": number, "iuv": iuv, "reason": reason });
    say(&serde_json::to_string(&answer)?);
    Ok(())
}
