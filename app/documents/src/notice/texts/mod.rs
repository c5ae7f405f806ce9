//! The fixed texts of the notice, word for word as the national guidelines have them in five languages (the locales of the
//! guidelines' templates). Apostrophes, published in two forms, are all the typographic one. `<strong>` and `<br />` stand in them as
//! published; [`marked`] makes runs of them.

mod de;
mod en;
mod fr;
mod it;
mod sl;

use crate::Language;
use crate::model::{Run, Text};

/// The fixed texts in one language.
#[derive(Debug)]
pub struct Phrases {
    /// What it is, in the header.
    pub title: &'static str,
    /// Heading of amount and due date.
    pub amount_and_date_heading: &'static str,
    /// Heading of the amount where there is no due date.
    pub amount_heading: &'static str,
    /// Before the amount.
    pub amount: &'static str,
    /// Before the due date.
    pub due_by: &'static str,
    /// That it can be paid in instalments; `{{number}}` is how many.
    pub in_instalments: &'static str,
    /// That amounts and dates stand beside each instalment.
    pub see_instalments: &'static str,
    /// That the amount may change.
    pub amount_may_change: &'static str,
    /// Before a fine's discounted amount.
    pub discounted_amount: &'static str,
    /// Before a fine's reduced amount.
    pub reduced_amount: &'static str,
    /// Until when the discounted amount is right, in short.
    pub discounted_until: &'static str,
    /// Until when the reduced amount is right, in short.
    pub reduced_until: &'static str,
    /// Until when the discounted amount is right.
    pub discounted_until_extended: &'static str,
    /// Until when the reduced amount is right.
    pub reduced_until_extended: &'static str,
    /// Heading of the payment of the discounted amount.
    pub discounted_payment: &'static str,
    /// Heading of the payment of the reduced amount.
    pub reduced_payment: &'static str,
    /// How deadlines are counted.
    pub deadlines_question: &'static str,
    /// The answer.
    pub deadlines_answer: &'static str,
    /// What happens when a fine is not collected.
    pub unclaimed_question: &'static str,
    /// The answer.
    pub unclaimed_answer: &'static str,
    /// That the right amount is to be chosen.
    pub choose_amount: &'static str,
    /// Heading of the places to pay.
    pub where_heading: &'static str,
    /// Heading of places on the territory.
    pub locally_heading: &'static str,
    /// Places on the territory; `{{customLocation}}` is the institution's own.
    pub locally: &'static str,
    /// Heading of places on the net.
    pub online_heading: &'static str,
    /// Places on the net.
    pub online: &'static str,
    /// The same, with the institution's site.
    pub online_or_site: &'static str,
    /// The same, with its app.
    pub online_or_app: &'static str,
    /// The same, with both.
    pub online_or_site_or_app: &'static str,
    /// For who lives abroad: heading of places on the territory.
    pub abroad_locally_heading: &'static str,
    /// For who lives abroad: places on the territory.
    pub abroad_locally: &'static str,
    /// For who lives abroad: heading of places on the net.
    pub abroad_online_heading: &'static str,
    /// For who lives abroad: places on the net.
    pub abroad_online: &'static str,
    /// The same, with the institution's site.
    pub abroad_online_or_site: &'static str,
    /// The same, with its app.
    pub abroad_online_or_app: &'static str,
    /// The same, with both.
    pub abroad_online_or_site_or_app: &'static str,
    /// Heading of the data to pay with.
    pub data_heading: &'static str,
    /// Name of an instalment; `{{number}}` is its place.
    pub instalment: &'static str,
    /// Before the institution's name.
    pub payee: &'static str,
    /// Before the name of who owes.
    pub recipient: &'static str,
    /// Before what it is for.
    pub subject: &'static str,
    /// Before the CBILL code.
    pub cbill_code: &'static str,
    /// Before the institution's fiscal code.
    pub payee_code: &'static str,
    /// Before the notice's code.
    pub number: &'static str,
    /// All at once, before the due date.
    pub whole_by: &'static str,
    /// All at once, where there is no due date.
    pub whole: &'static str,
    /// What the QR code is for, data beside it.
    pub scan_or_data_beside: &'static str,
    /// What the QR code is for, data above it.
    pub scan_or_data_above: &'static str,
    /// Heading of the postal slip.
    pub slip_heading: &'static str,
    /// Where a postal slip can be paid.
    pub slip_where: &'static str,
    /// Before the account's number.
    pub slip_account: &'static str,
    /// Before the account's holder.
    pub slip_holder: &'static str,
    /// Before the name of who owes.
    pub slip_recipient: &'static str,
    /// Before what it is for.
    pub slip_subject: &'static str,
    /// Before the notice's code.
    pub slip_number: &'static str,
    /// Before the slip's type.
    pub slip_type: &'static str,
    /// Before the institution's fiscal code.
    pub slip_payee_code: &'static str,
}

impl Phrases {
    /// The texts in a language.
    pub const fn of(language: Language) -> &'static Self {
        match language {
            Language::It => &it::PHRASES,
            Language::En => &en::PHRASES,
            Language::De => &de::PHRASES,
            Language::Fr => &fr::PHRASES,
            Language::Sl => &sl::PHRASES,
        }
    }
}

/// One of the texts.
pub(super) type Phrase = fn(&Phrases) -> &'static str;

/// A text as published, its `<strong>` parts made strong runs; a `<br />` is a blank, as lines are broken by their width.
pub(super) fn marked(text: &str) -> Text {
    let mut runs = Vec::new();
    let text = text.replace("<br />", "");
    for (place, part) in text.split("<strong>").enumerate() {
        let (strong, plain) = match part.split_once("</strong>") {
            Some((strong, plain)) if place > 0 => (strong, plain),
            Some(_) | None => ("", part),
        };
        if !strong.is_empty() {
            runs.push(Run::strong(strong));
        }
        if !plain.is_empty() {
            runs.push(Run::plain(plain));
        }
    }
    Text(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::io::Write as _;
    use std::path::{Path, PathBuf};

    /// Each text with its place in the published locales.
    #[expect(clippy::too_many_lines, reason = "a line for each text")]
    fn keyed(phrases: &Phrases) -> [(&'static str, &'static str); 57] {
        [
            ("heading.title", phrases.title),
            (
                "paymentInfo.title.withExpiryDate",
                phrases.amount_and_date_heading,
            ),
            ("paymentInfo.title.withoutExpiryDate", phrases.amount_heading),
            ("paymentInfo.amount.default", phrases.amount),
            ("paymentInfo.expiryDate.default", phrases.due_by),
            ("paymentInfo.instalments.default", phrases.in_instalments),
            ("paymentInfo.instalments.many", phrases.see_instalments),
            ("paymentInfo.legal", phrases.amount_may_change),
            ("infraction.amount.discounted", phrases.discounted_amount),
            ("infraction.amount.reduced", phrases.reduced_amount),
            (
                "infraction.expiryDate.default.discounted",
                phrases.discounted_until,
            ),
            ("infraction.expiryDate.default.reduced", phrases.reduced_until),
            (
                "infraction.expiryDate.extended.discounted",
                phrases.discounted_until_extended,
            ),
            (
                "infraction.expiryDate.extended.reduced",
                phrases.reduced_until_extended,
            ),
            (
                "infraction.expiryDate.withAmount.discounted",
                phrases.discounted_payment,
            ),
            (
                "infraction.expiryDate.withAmount.reduced",
                phrases.reduced_payment,
            ),
            (
                "infraction.disclaimer.expiry.question",
                phrases.deadlines_question,
            ),
            ("infraction.disclaimer.expiry.answer", phrases.deadlines_answer),
            (
                "infraction.disclaimer.unclaimed.question",
                phrases.unclaimed_question,
            ),
            ("infraction.disclaimer.unclaimed.answer", phrases.unclaimed_answer),
            ("infraction.disclaimer.chooseAmount", phrases.choose_amount),
            ("whereToPay.title", phrases.where_heading),
            ("whereToPay.italy.physical.title", phrases.locally_heading),
            ("whereToPay.italy.physical.description", phrases.locally),
            ("whereToPay.italy.online.title", phrases.online_heading),
            ("whereToPay.italy.online.description.default", phrases.online),
            (
                "whereToPay.italy.online.description.websiteOnly",
                phrases.online_or_site,
            ),
            (
                "whereToPay.italy.online.description.appOnly",
                phrases.online_or_app,
            ),
            (
                "whereToPay.italy.online.description.websiteAndApp",
                phrases.online_or_site_or_app,
            ),
            ("whereToPay.abroad.physical.title", phrases.abroad_locally_heading),
            ("whereToPay.abroad.physical.description", phrases.abroad_locally),
            ("whereToPay.abroad.online.title", phrases.abroad_online_heading),
            (
                "whereToPay.abroad.online.description.default",
                phrases.abroad_online,
            ),
            (
                "whereToPay.abroad.online.description.websiteOnly",
                phrases.abroad_online_or_site,
            ),
            (
                "whereToPay.abroad.online.description.appOnly",
                phrases.abroad_online_or_app,
            ),
            (
                "whereToPay.abroad.online.description.websiteAndApp",
                phrases.abroad_online_or_site_or_app,
            ),
            ("paymentData.title", phrases.data_heading),
            ("paymentData.instalmentNumber", phrases.instalment),
            ("paymentData.payee", phrases.payee),
            ("paymentData.recipient", phrases.recipient),
            ("paymentData.description", phrases.subject),
            ("paymentData.cbillCode", phrases.cbill_code),
            ("paymentData.payeeTaxCode", phrases.payee_code),
            ("paymentData.refNumber", phrases.number),
            ("paymentData.type.withExpiryDate", phrases.whole_by),
            ("paymentData.type.withoutExpiryDate", phrases.whole),
            (
                "paymentData.instructions.qrCode.singlePayment",
                phrases.scan_or_data_beside,
            ),
            (
                "paymentData.instructions.qrCode.instalments",
                phrases.scan_or_data_above,
            ),
            ("postePayingInSlip.title", phrases.slip_heading),
            ("postePayingInSlip.description", phrases.slip_where),
            ("postePayingInSlip.accountNumber", phrases.slip_account),
            ("postePayingInSlip.owner", phrases.slip_holder),
            ("postePayingInSlip.recipient", phrases.slip_recipient),
            ("postePayingInSlip.paymentDescription", phrases.slip_subject),
            ("postePayingInSlip.refNumber", phrases.slip_number),
            ("postePayingInSlip.type", phrases.slip_type),
            ("postePayingInSlip.payeeTaxCode", phrases.slip_payee_code),
        ]
    }

    fn leaves(value: &Value) -> usize {
        match value {
            Value::Object(object) => object.values().map(leaves).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => 1,
        }
    }

    #[test]
    fn every_text_is_the_published_one_word_for_word() {
        let spec = std::env::var_os("LANTERNA_SPEC_DIR").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/spec"),
            PathBuf::from,
        );
        let path = spec.join("pagopa/notice/i18next.json");
        if !path.exists() {
            let line = format!(
                "SKIPPED: {} is not there; set LANTERNA_SPEC_DIR\n",
                path.display()
            );
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            return;
        }
        let published: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for language in Language::ALL {
            let texts = &published[language.tag()]["translation"];
            assert_eq!(leaves(texts), 57, "{language:?}");
            for (key, ours) in keyed(Phrases::of(language)) {
                let pointer = format!("/{}", key.replace('.', "/"));
                let theirs = texts.pointer(&pointer).and_then(Value::as_str);
                let theirs = theirs.map(|text| text.replace('\'', "’"));
                assert_eq!(Some(ours), theirs.as_deref(), "{language:?} {key}");
            }
        }
    }

    #[test]
    fn strong_parts_become_runs_and_no_mark_is_left() {
        let text = marked("<strong>entro 5 giorni</strong><br /> dalla notifica");
        assert_eq!(
            text,
            Text(vec![Run::strong("entro 5 giorni"), Run::plain(" dalla notifica")])
        );
        assert_eq!(marked("Vai su <strong>x</strong> e").words(), "Vai su x e");
        for language in Language::ALL {
            for (key, phrase) in keyed(Phrases::of(language)) {
                let words = marked(phrase).words();
                assert!(
                    !words.contains('<') && !words.contains("  "),
                    "{language:?} {key}"
                );
            }
        }
    }
}
