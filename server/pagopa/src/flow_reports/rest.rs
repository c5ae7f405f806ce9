//! The REST form: three questions, each answered page by page.

use super::{PAGE_SIZE, TEXT_MAX, outcome_of};
use crate::amount::cents_of;
use crate::gateway::Call;
use crate::json::{Wrong, read};
use crate::values::read_day;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Europe::Rome;
use domain::flow_report::{FlowKey, FlowOutcome, FlowParty, FlowReport, FlowRow, FlowTotals};
use domain::{CreditorFiscalCode, FlowId};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Asks for a page of the flows published for an institution after an instant, which is at most
/// [`LISTED_DAYS`](super::LISTED_DAYS) ago.
/// Pages count from 1.
pub fn list_call(institution: &CreditorFiscalCode, after: DateTime<Utc>, page: u32) -> Call {
    Call::get(
        "getAllPublishedFlows",
        ["organizations", institution.as_str(), "fdrs"],
    )
    .with(
        "publishedGt",
        format_args!("{}T{}Z", after.date_naive(), after.time()),
    )
    .with("page", page)
    .with("size", PAGE_SIZE)
}

/// Asks for the head of a flow.
pub fn head_call(key: &FlowKey) -> Call {
    Call::get("getSinglePublishedFlow", place(key, &key.revision.to_string()))
}

/// Asks for a page of a flow's payments. Pages count from 1.
pub fn rows_call(key: &FlowKey, page: u32) -> Call {
    let revision = key.revision.to_string();
    let mut call = Call::get("getPaymentsFromPublishedFlow", place(key, &revision));
    call.path.push("payments".to_owned());
    call.with("page", page).with("size", PAGE_SIZE)
}

fn place<'k>(key: &'k FlowKey, revision: &'k str) -> [&'k str; 8] {
    [
        "organizations",
        key.institution.as_str(),
        "fdrs",
        key.id.as_str(),
        "revisions",
        revision,
        "psps",
        &key.psp,
    ]
}

/// A page of the list of flows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowPage {
    /// The flows in it.
    pub flows: Vec<AnnouncedFlow>,
    /// Entries that cannot be read and are left out, so that one does not hide the others.
    pub unreadable: usize,
    /// How many pages the list has, as the hub says.
    pub pages: u32,
}

/// A flow the hub has for an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedFlow {
    /// Which flow.
    pub key: FlowKey,
    /// When this revision was published.
    pub published_at: DateTime<Utc>,
}

/// A page of a flow's payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPage {
    /// The payments in it.
    pub rows: Vec<FlowRow>,
    /// How many pages the flow has, as the hub says.
    pub pages: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    metadata: Metadata,
    #[serde(default = "Vec::new")]
    data: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    tot_page: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    fdr: String,
    psp_id: String,
    revision: u32,
    published: String,
}

/// Reads the answer to [`list_call`].
pub fn read_list(institution: &CreditorFiscalCode, body: &[u8]) -> Result<FlowPage, Wrong> {
    let page: Page<Box<RawValue>> = read(body)?;
    let flows: Vec<AnnouncedFlow> = page
        .data
        .iter()
        .filter_map(|entry| announced(institution, entry))
        .collect();
    Ok(FlowPage {
        unreadable: page.data.len() - flows.len(),
        flows,
        pages: page.metadata.tot_page,
    })
}

fn announced(institution: &CreditorFiscalCode, entry: &RawValue) -> Option<AnnouncedFlow> {
    let listed: Listed = serde_json::from_str(entry.get()).ok()?;
    Some(AnnouncedFlow {
        key: FlowKey {
            institution: institution.clone(),
            psp: short(listed.psp_id)?,
            id: FlowId::parse(&listed.fdr).ok()?,
            revision: listed.revision,
        },
        published_at: instant(&listed.published)?,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    fdr_date: String,
    regulation: String,
    regulation_date: String,
    bic_code_pouring_bank: Option<String>,
    sender: Sender,
    receiver: Receiver,
    tot_payments: u64,
    sum_payments: Box<RawValue>,
    computed_tot_payments: Option<u64>,
    computed_sum_payments: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sender {
    id: String,
    psp_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receiver {
    organization_id: String,
    organization_name: Option<String>,
}

/// Reads the answer to [`head_call`].
pub fn read_head(key: &FlowKey, body: &[u8]) -> Result<FlowReport, Wrong> {
    let head: Head = read(body)?;
    let computed = match (head.computed_tot_payments, head.computed_sum_payments) {
        (Some(count), Some(sum)) => cents_of(&sum).map(|sum| FlowTotals { count, sum }),
        (Some(_), None) | (None, _) => None,
    };
    Ok(FlowReport {
        key: key.clone(),
        made_at: italian(&head.fdr_date).ok_or(Wrong::Field("fdrDate"))?,
        regulation: short(head.regulation).ok_or(Wrong::Field("regulation"))?,
        regulated_on: day(&head.regulation_date).ok_or(Wrong::Field("regulationDate"))?,
        bank: head.bic_code_pouring_bank.and_then(short),
        sender: FlowParty {
            code: short(head.sender.id).ok_or(Wrong::Field("sender"))?,
            name: head.sender.psp_name,
        },
        receiver: FlowParty {
            code: short(head.receiver.organization_id).ok_or(Wrong::Field("receiver"))?,
            name: head.receiver.organization_name,
        },
        declared: FlowTotals {
            count: head.tot_payments,
            sum: cents_of(&head.sum_payments).ok_or(Wrong::Field("sumPayments"))?,
        },
        computed,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    iuv: String,
    iur: String,
    id_transfer: Option<u8>,
    pay: Box<RawValue>,
    pay_status: String,
    pay_date: String,
}

/// Reads the answer to [`rows_call`], whose payments come after `before` others: the hub's own numbers have gaps where a
/// provider took one out. One payment that cannot be read refuses the page: a flow is kept whole.
pub fn read_rows(body: &[u8], before: u32) -> Result<RowPage, Wrong> {
    let page: Page<Payment> = read(body)?;
    Ok(RowPage {
        pages: page.metadata.tot_page,
        rows: page
            .data
            .into_iter()
            .zip(before + 1..)
            .map(|(payment, index)| row(payment, index))
            .collect::<Result<_, _>>()?,
    })
}

fn row(payment: Payment, index: u32) -> Result<FlowRow, Wrong> {
    if payment.id_transfer.is_some_and(|id| !(1..=5).contains(&id)) {
        return Err(Wrong::Field("idTransfer"));
    }
    Ok(FlowRow {
        index,
        iuv: short(payment.iuv).ok_or(Wrong::Field("iuv"))?,
        iur: short(payment.iur).ok_or(Wrong::Field("iur"))?,
        transfer_id: payment.id_transfer,
        amount: cents_of(&payment.pay).ok_or(Wrong::Field("pay"))?,
        outcome: outcome_of(&payment.pay_status, FlowOutcome::word).ok_or(Wrong::Field("payStatus"))?,
        // The hub keeps the business day and adds an hour that says nothing.
        paid_on: day(&payment.pay_date).ok_or(Wrong::Field("payDate"))?,
    })
}

/// 1 to 35 characters.
fn short(text: String) -> Option<String> {
    (!text.is_empty() && text.chars().nth(TEXT_MAX).is_none()).then_some(text)
}

/// The civil day a date, or a date and time, begins with.
fn day(text: &str) -> Option<NaiveDate> {
    read_day(text.get(..10)?)
}

/// An instant; without a zone it is UTC, as all of this interface.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => Some(instant.to_utc()),
        Err(_) => text.parse::<NaiveDateTime>().ok().map(|moment| moment.and_utc()),
    }
}

fn italian(text: &str) -> Option<NaiveDateTime> {
    Some(instant(text)?.with_timezone(&Rome).naive_local())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Cents;

    fn city() -> CreditorFiscalCode {
        "00856930102".parse().unwrap()
    }

    fn key() -> FlowKey {
        FlowKey {
            institution: city(),
            psp: "PSPXITR1XXX".to_owned(),
            id: "2026-11-21PSPXITR1XXX-0000001".parse().unwrap(),
            revision: 2,
        }
    }

    const HEAD: &str = r#"{"status":"PUBLISHED","revision":2,"fdr":"2026-11-21PSPXITR1XXX-0000001",
        "fdrDate":"2026-11-22T23:30:00Z","regulation":"TRN","regulationDate":"2026-11-21",
        "sender":{"type":"BIC_CODE","id":"PSPXITR1XXX","pspName":"Banca di prova"},
        "receiver":{"id":"00856930102","organizationId":"00856930102"},
        "computedTotPayments":3,"computedSumPayments":355.5,"totPayments":3,"sumPayments":1.25E7}"#;

    /// A call as it goes out, before escaping.
    fn line(call: &Call) -> String {
        let pairs: Vec<String> = call
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{} /{}?{}", call.method, call.path.join("/"), pairs.join("&"))
    }

    #[test]
    fn each_question_is_asked_as_the_interface_says() {
        let flow =
            "/organizations/00856930102/fdrs/2026-11-21PSPXITR1XXX-0000001/revisions/2/psps/PSPXITR1XXX";
        let after = "2026-11-20T10:00:00.5Z".parse().unwrap();
        assert_eq!(
            line(&list_call(&city(), after, 2)),
            "GET /organizations/00856930102/fdrs?publishedGt=2026-11-20T10:00:00.500Z&page=2&size=1000"
        );
        assert_eq!(line(&head_call(&key())), format!("GET {flow}?"));
        assert_eq!(
            line(&rows_call(&key(), 3)),
            format!("GET {flow}/payments?page=3&size=1000")
        );
    }

    #[test]
    fn an_entry_that_cannot_be_read_does_not_hide_the_others() {
        let body = br#"{"metadata":{"pageSize":1000,"pageNumber":1,"totPage":4},"count":3,"data":[
            {"fdr":"2026/1","pspId":"P","revision":1,"published":"2026-11-22T05:10:00Z"},
            {"fdr":"2026-1","pspId":"P","revision":7,"published":"2026-11-22T05:10:00.123456Z","flowDate":null},
            7]}"#;
        let page = read_list(&city(), body).unwrap();
        assert_eq!((page.unreadable, page.pages), (2, 4));
        assert_eq!(page.flows.len(), 1);
        assert_eq!(page.flows[0].key.revision, 7);
        assert_eq!(
            page.flows[0].published_at,
            "2026-11-22T05:10:00.123456Z".parse::<DateTime<Utc>>().unwrap()
        );
        assert_eq!(read_list(&city(), b"{}"), Err(Wrong::Shape));
        assert_eq!(read_list(&city(), b"<html>"), Err(Wrong::Shape));
    }

    #[test]
    fn a_head_is_read_with_its_instants_in_italian_time_and_its_amounts_exact() {
        let head = read_head(&key(), HEAD.as_bytes()).unwrap();
        assert_eq!(head.made_at.to_string(), "2026-11-23 00:30:00");
        assert_eq!(head.declared.sum, Cents::new(1_250_000_000));
        assert_eq!(
            head.computed,
            Some(FlowTotals {
                count: 3,
                sum: Cents::new(35_550)
            })
        );
        assert_eq!(
            head.receiver,
            FlowParty {
                code: "00856930102".to_owned(),
                name: None
            }
        );
        for (from, to, field) in [
            ("\"TRN\"", "\"\"", "regulation"),
            ("2026-11-21\",", "21/11/2026\",", "regulationDate"),
            ("2026-11-22T23:30:00Z", "yesterday", "fdrDate"),
            ("1.25E7", "0.001", "sumPayments"),
        ] {
            let broken = HEAD.replacen(from, to, 2);
            assert_eq!(
                read_head(&key(), broken.as_bytes()),
                Err(Wrong::Field(field)),
                "{broken}"
            );
        }
    }

    #[test]
    fn a_payment_is_read_or_its_field_is_named() {
        let page = |row: &str| format!(r#"{{"metadata":{{"totPage":1}},"data":[{row}]}}"#);
        let good = r#"{"index":1,"iuv":"12202600000001787","iur":"0f1e","idTransfer":5,"pay":8.29,
            "payStatus":"STAND_IN_NO_RPT","payDate":"2026-11-20T23:59:59Z"}"#;
        let row = read_rows(page(good).as_bytes(), 7).unwrap().rows.remove(0);
        assert_eq!((row.index, row.amount), (8, Cents::new(829)));
        assert_eq!(row.outcome, FlowOutcome::StandInNoRpt);
        assert_eq!(row.paid_on, "2026-11-20".parse::<NaiveDate>().unwrap());
        assert_eq!(row.transfer_id, Some(5));
        for (from, to, field) in [
            (":5,", ":6,", "idTransfer"),
            ("8.29", "8.291", "pay"),
            ("STAND_IN_NO_RPT", "PAID", "payStatus"),
            ("2026-11-20", "2026-11-31", "payDate"),
            ("0f1e", "", "iur"),
        ] {
            let broken = page(&good.replace(from, to));
            assert_eq!(
                read_rows(broken.as_bytes(), 0),
                Err(Wrong::Field(field)),
                "{broken}"
            );
        }
    }
}
