//! What stands before the sections of a file, its acts and its beneficiaries.

use super::{NAME_LENGTH_MAX, check_name, rounding_of_lines};
use crate::calendar::Calendar;
use crate::compile::source::Section;
use crate::compile::taxonomy;
use crate::model::{Beneficiary, Law, Status};
use crate::number::{Number, Rounding};
use crate::text::Text;
use chrono::NaiveDate;

const LAWS_MAX: usize = 64;
const BENEFICIARIES_MAX: usize = 5;

pub(super) const TOP: [&str; 25] = [
    "schema",
    "id",
    "version",
    "status",
    "source",
    "title",
    "intro",
    "valid_from",
    "valid_to",
    "selected_by",
    "currency",
    "calendar",
    "replaces",
    "reason",
    "rounding",
    "total",
    "legal",
    "beneficiary",
    "input",
    "table",
    "step",
    "require",
    "exempt",
    "line",
    "example",
];

/// What stands before the sections.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) replaces: Option<String>,
    pub(super) status: Status,
    pub(super) source: String,
    pub(super) title: Text,
    pub(super) intro: Option<Text>,
    pub(super) valid_from: NaiveDate,
    pub(super) valid_to: Option<NaiveDate>,
    pub(super) selected_by: Option<String>,
    pub(super) calendar: Calendar,
    pub(super) line_rounding: Option<Rounding>,
    pub(super) not_due_below: Option<Number>,
}

pub(super) fn head(top: &Section<'_, '_>) -> Option<Head> {
    let source = top.source;
    if let Some(schema) = top.text("schema")
        && schema != "tariff/1"
    {
        source.wrong(
            top.place("schema"),
            format!("the schema \"{schema}\" is unknown"),
            "write schema = \"tariff/1\"",
        );
    }
    if let Some(currency) = top.text("currency")
        && currency != "EUR"
    {
        source.wrong(
            top.place("currency"),
            format!("the currency \"{currency}\" is unknown"),
            "write currency = \"EUR\"",
        );
    }
    let id = top.text("id");
    if let Some(id) = id
        && !is_dashed(id)
    {
        source.wrong(
            top.place("id"),
            format!("\"{id}\" is not an id"),
            "use small letters, digits and dashes, beginning with a letter",
        );
    }
    let valid_from = top.date("valid_from");
    let valid_to = top.date_if("valid_to");
    if let (Some(from), Some(to)) = (valid_from, valid_to)
        && to < from
    {
        source.wrong(
            top.place("valid_to"),
            "the last day is before the first",
            "`valid_to` is the last day in force, included",
        );
    }
    let version = top.text("version");
    let replaces = top.text_if("replaces");
    if let (Some(version), Some(from)) = (version, valid_from) {
        check_version(top, version, from, replaces.is_some());
    }
    if let Some(digest) = replaces {
        if digest.len() != 64
            || !digest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        {
            source.wrong(
                top.place("replaces"),
                "that is not the digest of a version",
                "copy the 64 digits from `tariffs.lock`",
            );
        }
        top.text("reason");
    }
    let selected_by = top.text("selected_by").filter(|name| *name != "today");
    let line_rounding = top.section_if("rounding", "[rounding]").and_then(|section| {
        section.refuse_others(&["line"]);
        rounding_of_lines(&section, "line")
    });
    let not_due_below = top.section_if("total", "[total]").and_then(|section| {
        section.refuse_others(&["not_due_below"]);
        let least = section.number_if("not_due_below")?;
        if least.is_negative() {
            source.wrong(
                section.place("not_due_below"),
                "the least amount is below zero",
                "write an amount, like \"12.00\"",
            );
        }
        Some(least)
    });
    Some(Head {
        status: top.one_of("status", &Status::ALL, Status::as_str)?,
        source: top.text("source")?.to_owned(),
        title: top.words("title")?,
        intro: top.words_if("intro"),
        calendar: top.one_of("calendar", &Calendar::ALL, Calendar::as_str)?,
        id: id?.to_owned(),
        version: version?.to_owned(),
        replaces: replaces.map(str::to_owned),
        valid_from: valid_from?,
        valid_to,
        selected_by: selected_by.map(str::to_owned),
        line_rounding,
        not_due_below,
    })
}

/// A version is its first day; one that corrects another has a number behind: `2026-01-01.2`.
fn check_version(top: &Section<'_, '_>, version: &str, from: NaiveDate, corrects: bool) {
    let rest = version.strip_prefix(&from.to_string());
    let fits = match rest {
        Some("") => true,
        Some(rest) => {
            corrects
                && rest.strip_prefix('.').is_some_and(|count| {
                    !count.is_empty() && count.len() <= 3 && count.bytes().all(|byte| byte.is_ascii_digit())
                })
        }
        None => false,
    };
    if !fits {
        top.source.wrong(
            top.place("version"),
            format!("the version \"{version}\" is not the first day"),
            format!("write version = \"{from}\"; one that corrects another has a number behind, \"{from}.2\", and `replaces`"),
        );
    }
}

pub(super) fn is_dashed(id: &str) -> bool {
    id.len() <= NAME_LENGTH_MAX
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

pub(super) fn laws(top: &Section<'_, '_>) -> Vec<Law> {
    let mut laws: Vec<Law> = Vec::new();
    for section in top.sections("legal", "[[legal]]", LAWS_MAX) {
        section.refuse_others(&["id", "text", "url", "note"]);
        let Some(id) = section.text("id") else { continue };
        if laws.iter().any(|law| law.id == id) {
            section.source.wrong(
                section.place("id"),
                format!("there are two laws `{id}`"),
                "give each its own id",
            );
        }
        let url = section.text_if("url");
        if let Some(url) = url
            && !url.starts_with("https://")
        {
            section.source.wrong(
                section.place("url"),
                "the address does not begin with https://",
                "write the whole address",
            );
        }
        let Some(text) = section.quoted("text") else {
            continue;
        };
        let note = section.find("note").and_then(|_| section.quoted("note"));
        laws.push(Law {
            id: id.to_owned(),
            text,
            url: url.map(str::to_owned),
            note,
        });
    }
    laws
}

pub(super) fn beneficiaries(
    top: &Section<'_, '_>,
    from: NaiveDate,
    to: Option<NaiveDate>,
) -> Vec<Beneficiary> {
    let mut beneficiaries: Vec<Beneficiary> = Vec::new();
    for section in top.sections("beneficiary", "[[beneficiary]]", BENEFICIARIES_MAX) {
        section.refuse_others(&["id", "name", "taxonomy", "account", "transfer"]);
        let id = section.text("id");
        if let Some(id) = id {
            check_name(&section, id);
            if beneficiaries.iter().any(|other| other.id == id) {
                section.source.wrong(
                    section.place("id"),
                    format!("there are two beneficiaries `{id}`"),
                    "give each its own id",
                );
            }
        }
        let taxonomy = section.text("taxonomy");
        if let Some(code) = taxonomy
            && let Err((what, how)) = taxonomy::check(code, from, to)
        {
            section.source.wrong(section.place("taxonomy"), what, how);
        }
        let (name, account) = (section.words("name"), section.text("account"));
        let transfer = section.boolean_if("transfer").unwrap_or(true);
        if let (Some(id), Some(name), Some(taxonomy), Some(account)) = (id, name, taxonomy, account) {
            beneficiaries.push(Beneficiary {
                id: id.to_owned(),
                name,
                taxonomy: taxonomy.to_owned(),
                account: account.to_owned(),
                transfer,
            });
        }
    }
    if top.find("beneficiary").is_none() {
        top.wrong("nobody gets the money", "add a [[beneficiary]]");
    } else if !beneficiaries.is_empty() && !beneficiaries.iter().any(|one| one.transfer) {
        top.source.wrong(
            top.place("beneficiary"),
            "no beneficiary has a transfer",
            "leave `transfer = false` only to shares that another beneficiary collects",
        );
    }
    beneficiaries
}
